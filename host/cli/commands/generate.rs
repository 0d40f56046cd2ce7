//! `generate`: from a pack to a directory.

use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueHint};

use crate::cli::args::{Rendering, Variables, Writing};
use crate::cli::command::{Exit, ended};
use crate::cli::kept_answers::KeptAnswers;
use crate::cli::plugin_tools::{save_failure, secret_names};
use crate::cli::saved::{self, Sort};
use crate::cli::session::Session;
use crate::cli::writing::writer::{Timings, Writer, unwritten, with_budget};
use crate::cli::{command, completers, progress};
use crate::engine::Recorder;
use crate::error::Result;
use crate::facade::{Inputs, Pack};
use crate::generate::Apart;
use crate::limits::UserLimits;
use crate::measure::Placeholders;

/// Generate a project from a pack.
#[derive(Debug, Args)]
pub struct Generate {
    /// The pack: a folder with a `pack.toml`, or a `.pack` archive, or the name of an installed one.
    #[arg(add = completers::packs_here())]
    pub pack: PathBuf,
    /// The folder to generate into.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: PathBuf,
    /// Values for the pack's variables.
    #[command(flatten)]
    pub variables: Variables,
    /// How files are written.
    #[command(flatten)]
    pub writing: Writing,
    /// How templates are rendered.
    #[command(flatten)]
    pub rendering: Rendering,
    /// Save the first failing plugin call as one file that anyone can replay, without secrets.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Rendering")]
    pub record: Option<PathBuf>,
}

impl command::Command for Generate {
    const NAME: &'static str = "generate";
    const EXAMPLES: &'static [&'static str] = &[
        "packbox generate shop --output demo",
        "packbox generate shop --output demo --var slug=atelier --prune --dry-run",
        "packbox generate shop --output demo --on-existing skip --prune",
    ];
    command::documents!(Generated<'static>, DryRun<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(generate(session, self))
    }
}

/// Generates a project from a pack.
///
/// # Errors
/// Those of every stage; nothing is written then.
pub fn generate(session: &Session, arguments: &Generate) -> Result<u8> {
    let Some(path) = &arguments.record else {
        return generate_with(session, arguments, None, &mut Placeholders::default()).map_err(unwritten);
    };
    saved::check(Some(path), Sort::Record)?;
    let recorder = Arc::new(Recorder::default());
    let mut placeholders = Placeholders::default();
    let result = generate_with(session, arguments, Some(&recorder), &mut placeholders).map_err(unwritten);
    save_failure(session, path, &recorder, &placeholders);
    result
}

/// Generates, and keeps the first failed call and what must not be saved of it.
fn generate_with(
    session: &Session,
    arguments: &Generate,
    recorder: Option<&Arc<Recorder>>,
    placeholders: &mut Placeholders,
) -> Result<u8> {
    let mut timings = Timings::start();
    let limits = UserLimits::parse(&arguments.rendering.engine.limits)?;
    let pack = Pack(session.pack(&arguments.pack, &limits.pack)?);
    session.tell_withdrawn(&arguments.pack);
    pack.check_usable()?;
    Apart::of(&pack.0, &arguments.output)?;
    let sources = session.sources(&arguments.variables)?;
    timings.stage(|spent| &mut spent.load_ms);
    // The process ends with the command: giving back the pool's address space would only take time.
    let packbox = ManuallyDrop::new(session.packbox(&arguments.rendering, limits, &pack.0, recorder)?);
    *placeholders = secret_names(&pack.0);
    let run = packbox.begin(&Inputs::new());
    let rendered = || {
        progress::stage("making plugins ready");
        let prepared = packbox.prepare(&run, &pack)?;
        timings.stage(|spent| &mut spent.prepare_ms);
        progress::stage("finding values and files");
        let valued = session.asking(sources, arguments.variables.no_input, |inputs| prepared.values(inputs))?;
        session.tell_short_secrets(valued.values());
        timings.stage(|spent| &mut spent.variables_ms);
        let answers = KeptAnswers::of(valued.values());
        let written = || {
            let job = valued.plan()?;
            timings.stage(|spent| &mut spent.plan_ms);
            let (names, secrets) = (&job.inner().values.secrets, &job.inner().secrets);
            *placeholders = Placeholders::new(names.iter().map(ToString::to_string), secrets.values().iter().cloned());
            Writer { session, command: "generate", folder: &arguments.output, timings }.finish(
                &packbox,
                job,
                arguments.writing,
                arguments.rendering.isolation,
            )
        };
        written().inspect_err(|_| answers.keep(session, pack.name()))
    };
    rendered().map_err(|error| with_budget(&run, error))
}
