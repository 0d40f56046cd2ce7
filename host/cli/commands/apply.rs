//! `apply`: from a saved plan to a directory.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::cli::args::{self, Rendering, Variables, Writing};
use crate::cli::command::{Exit, ended};
use crate::cli::packs::pinned;
use crate::cli::session::{Session, read_bytes, shown};
use crate::cli::writing::writer::{Timings, Writer, unwritten, with_budget};
use crate::cli::{command, completers};
use crate::diagnostic::Span;
use crate::error::{Error, ErrorKind, Result};
use crate::facade::{Inputs, arranged};
use crate::generate::Apart;
use crate::limits::UserLimits;
use crate::pack::{ARCHIVE_EXTENSION, MANIFEST_NAME, Pack, pack_beside};
use crate::plan::{self, ComposedPlan, Existing, LARGEST_PLAN, PlannedFolder};

/// Generate exactly what a saved plan says, or refuse.
#[derive(Debug, Args)]
pub struct Apply {
    /// The saved plan; `-` reads standard input.
    #[arg(value_hint = ValueHint::FilePath)]
    pub plan: PathBuf,
    /// The folder to generate into.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: PathBuf,
    /// The pack, if it is not the one that the plan names.
    #[arg(long, value_name = "PACK", add = completers::packs_here())]
    pub pack: Option<PathBuf>,
    /// Secrets, which are never saved in a plan: `NAME=VALUE`.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub vars: Vec<String>,
    /// Never ask, even on a terminal.
    #[arg(long)]
    pub no_input: bool,
    /// How files are written.
    #[command(flatten)]
    pub writing: Writing,
    /// How templates are rendered.
    #[command(flatten)]
    pub rendering: Rendering,
}

impl command::Command for Apply {
    const NAME: &'static str = "apply";
    const EXAMPLES: &'static [&'static str] = &["packbox apply shop.plan --output planned"];
    command::documents!(Generated<'static>, DryRun<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(apply(session, self))
    }
}

/// Generates what a saved plan says.
///
/// # Errors
/// `Integrity` where the pack is not the one that the plan was made for; those of every stage.
pub fn apply(session: &Session, arguments: &Apply) -> Result<u8> {
    apply_plan(session, arguments).map_err(unwritten)
}

fn apply_plan(session: &Session, arguments: &Apply) -> Result<u8> {
    let mut timings = Timings::start();
    let limits = UserLimits::parse(&arguments.rendering.engine.limits)?;
    let plan = read_plan(session, &arguments.plan)?;
    let writing = writing(arguments.writing, plan.folder.as_ref())?;
    plan.settings.as_ref().map_or(Ok(()), pinned::check)?;
    let packs = packs_of(session, arguments, &plan, &limits)?;
    let set = arranged(&plan, packs, &Span::file(shown(&arguments.plan)))?;
    set.packs().iter().try_for_each(|pack| Apart::of(pack, &arguments.output).map(drop))?;
    timings.stage(|spent| &mut spent.load_ms);
    let packbox = ManuallyDrop::new(session.packbox(&arguments.rendering, limits, set.packs(), None)?);
    // What is no secret is refused once the pack is known to be that of the plan.
    let secrets =
        Variables { vars: arguments.vars.clone(), answers: None, graphs: Vec::new(), no_input: arguments.no_input };
    let sources = session.sources(&secrets)?;
    let run = packbox.begin(&Inputs::new());
    let rendered = || {
        let prepared = packbox.prepare(&run, set)?;
        timings.stage(|spent| &mut spent.prepare_ms);
        let job = session.asking(sources, arguments.no_input, |inputs| prepared.reload(&plan, inputs));
        let job = job.map_err(|error| match (error.kind(), error.location()) {
            (ErrorKind::Usage, None) => error.at(Span::file(shown(&arguments.plan))),
            _ => error,
        })?;
        for job in job.inner().jobs() {
            session.tell_short_secrets(&job.values);
        }
        Writer { session, command: "apply", folder: &arguments.output, timings }.finish(
            &packbox,
            job,
            writing,
            arguments.rendering.isolation,
        )
    };
    rendered().map_err(|error| with_budget(&run, error))
}

/// How files are written: as the plan says, where it is for a folder.
fn writing(typed: Writing, folder: Option<&PlannedFolder>) -> Result<Writing> {
    let Some(folder) = folder else { return Ok(typed) };
    let on_existing = match folder.on_existing {
        Existing::Fail => args::OnExisting::Fail,
        Existing::Skip => args::OnExisting::Skip,
        Existing::Overwrite => args::OnExisting::Overwrite,
        Existing::Merge => args::OnExisting::Merge,
    };
    let is_other = typed.on_existing != args::OnExisting::Fail && typed.on_existing != on_existing;
    if is_other || (typed.prune && !folder.prune) {
        let prune = if folder.prune { "with" } else { "without" };
        let detail = format!(
            "the plan was made for a folder, with `--on-existing {}` and {prune} `--prune`",
            folder.on_existing.name()
        );
        return Err(
            Error::new(ErrorKind::Usage, detail).hint("leave these options out: the plan has them; or make a new plan")
        );
    }
    Ok(Writing { on_existing, prune: folder.prune, ..typed })
}

/// Loads the packs of a plan.
fn packs_of(session: &Session, arguments: &Apply, plan: &ComposedPlan, limits: &UserLimits) -> Result<Vec<Pack>> {
    let is_one = plan.packs.len() == 1;
    if arguments.pack.is_some() && !is_one {
        return Err(Error::new(ErrorKind::Usage, "`--pack` is for plans of one pack, and this one is for several")
            .hint("put the packs where the plan says, or make a new plan"));
    }
    let load = |plan: &plan::Plan| {
        let path = arguments.pack.as_deref().unwrap_or(Path::new(&plan.pack.path));
        let pack = session.pack(path, &limits.pack).map_err(|error| match error.kind() {
            _ if is_one => moved(error, arguments, path),
            ErrorKind::NotFound if path.is_absolute() => error.hint(format!(
                "the plan was made for the pack `{}` there: put it back, or make a new plan",
                plan.pack.name
            )),
            _ => error,
        })?;
        session.tell_withdrawn(path);
        let name = &pack.manifest.pack.name.value;
        if *name == plan.pack.name {
            return Ok(pack);
        }
        let detail = format!("the pack at `{}` is `{name}`, and not `{}`", shown(path), plan.pack.name);
        Err(Error::new(ErrorKind::Integrity, detail).hint("look at what changed, and make a new plan"))
    };
    plan.packs.iter().map(load).collect()
}

/// Says how to name a pack that is no longer where the plan was made.
fn moved(error: Error, arguments: &Apply, folder: &Path) -> Error {
    if arguments.pack.is_some() || !folder.is_absolute() || error.kind() != ErrorKind::NotFound {
        return error;
    }
    let near = pack_beside(folder).map_or_else(|| "PACK".to_owned(), |near| shown(&near));
    error.hint(format!("the plan was made for a pack there; say where it is now with `--pack {near}`"))
}

/// Reads a saved plan; what is a pack instead, or may be the name of one, is told.
fn read_plan(session: &Session, path: &Path) -> Result<ComposedPlan> {
    let name = shown(path);
    let instead = |pack: &str| {
        format!(
            "`apply` takes a plan that `packbox plan {pack} --save FILE` wrote; `packbox generate {pack}` takes a pack"
        )
    };
    let not_a_plan = |what: &str, pack: &str| {
        Error::new(ErrorKind::Usage, format!("`{name}` is {what}, not a saved plan")).hint(instead(pack))
    };
    let is_archive = path.extension().is_some_and(|extension| extension == ARCHIVE_EXTENSION);
    if path.join(MANIFEST_NAME).is_file() || (path.is_file() && (is_archive || path.ends_with(MANIFEST_NAME))) {
        return Err(not_a_plan("a pack", &name));
    }
    if path.is_dir() {
        return Err(not_a_plan("a folder", "PACK"));
    }
    let bytes = read_bytes(path, LARGEST_PLAN, "plan", &session.interrupt).map_err(|error| match error.kind() {
        ErrorKind::NotFound => error.hint(instead("PACK")),
        _ => error,
    })?;
    plan::parse(&bytes).map_err(|error| error.at(Span::file(name)))
}
