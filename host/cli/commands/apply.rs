//! `apply`: from a saved plan to a directory.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::cli::args::{Rendering, Variables, Writing};
use crate::cli::command::{Exit, ended};
use crate::cli::session::{Session, read_bytes, shown};
use crate::cli::writing::writer::{Timings, Writer, unwritten, with_budget};
use crate::cli::{command, completers};
use crate::diagnostic::Span;
use crate::error::{Error, ErrorKind, Result};
use crate::facade::{Inputs, Pack};
use crate::generate::Apart;
use crate::limits::UserLimits;
use crate::pack::{ARCHIVE_EXTENSION, MANIFEST_NAME, pack_beside};
use crate::plan::{LARGEST_PLAN, Plan, parse};

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
    let folder = arguments.pack.clone().unwrap_or_else(|| plan.pack.path.clone().into());
    let pack = Pack(session.pack(&folder, &limits.pack).map_err(|error| moved(error, arguments, &folder))?);
    session.tell_withdrawn(&folder);
    Apart::of(&pack.0, &arguments.output)?;
    timings.stage(|spent| &mut spent.load_ms);
    let packbox = ManuallyDrop::new(session.packbox(&arguments.rendering, limits, &pack.0, None)?);
    // What is no secret is refused once the pack is known to be that of the plan.
    let secrets = Variables { vars: arguments.vars.clone(), answers: None, no_input: arguments.no_input };
    let sources = session.sources(&secrets)?;
    let run = packbox.begin(&Inputs::new());
    let rendered = || {
        let prepared = packbox.prepare(&run, &pack)?;
        timings.stage(|spent| &mut spent.prepare_ms);
        let job = session.asking(sources, arguments.no_input, |inputs| prepared.reload(plan, inputs))?;
        session.tell_short_secrets(&job.inner().values);
        Writer { session, command: "apply", folder: &arguments.output, timings }.finish(
            &packbox,
            job,
            arguments.writing,
            arguments.rendering.isolation,
        )
    };
    rendered().map_err(|error| with_budget(&run, error))
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
fn read_plan(session: &Session, path: &Path) -> Result<Plan> {
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
    parse(&bytes).map_err(|error| error.at(Span::file(name)))
}
