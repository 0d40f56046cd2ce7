//! `generate`: from a pack to a directory.

use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueHint};

use crate::cli::args::{Rendering, Variables, Writing};
use crate::cli::command::{Exit, ended};
use crate::cli::kept_answers::KeptAnswers;
use crate::cli::plugin_tools::{save_failure, secret_names};
use crate::cli::session::Session;
use crate::cli::writing::run::{Run, Timings, unwritten, with_budget};
use crate::cli::{command, completers, progress};
use crate::engine::Recorder;
use crate::error::Result;
use crate::generate::{Apart, Job};
use crate::limits::UserLimits;
use crate::measure::Placeholders;
use crate::plan::plugins_in_use;
use crate::plugins::Toolbox;

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
    let pack = session.pack(&arguments.pack, &limits.pack)?;
    session.tell_withdrawn(&arguments.pack);
    pack.check_host(&crate::version())?;
    pack.check_dependencies()?;
    let apart = Apart::of(&pack, &arguments.output)?;
    let sources = session.sources(&arguments.variables)?;
    timings.stage(|spent| &mut spent.load_ms);
    // The process ends with the command: giving back the pool's address space would only take time.
    let engine = ManuallyDrop::new(session.engine(&arguments.rendering, &limits, &pack, recorder)?);
    *placeholders = secret_names(&pack);
    let run = engine.run();
    let rendered = || {
        progress::stage("making plugins ready");
        let toolbox = Toolbox::prepare(&run, &pack, &plugins_in_use(&pack))?;
        timings.stage(|spent| &mut spent.prepare_ms);
        progress::stage("finding values and files");
        let values = session.values((&pack).into(), &toolbox, &sources, arguments.variables.no_input)?;
        timings.stage(|spent| &mut spent.variables_ms);
        let answers = KeptAnswers::of(&values);
        let written = || {
            let job = Job::prepare(&pack, &toolbox, values)?;
            timings.stage(|spent| &mut spent.plan_ms);
            let names = job.values.secrets.iter().map(ToString::to_string);
            *placeholders = Placeholders::new(names, job.secrets.values().iter().cloned());
            Run { session, command: "generate", folder: &arguments.output, apart, timings }.finish(
                &job,
                arguments.writing,
                arguments.rendering.isolation,
            )
        };
        written().inspect_err(|_| answers.keep(session, pack.manifest.pack.name.value.as_str()))
    };
    rendered().map_err(|error| with_budget(&run, error))
}
