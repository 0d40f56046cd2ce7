//! The command line: arguments to settings to the library, and its answers to text or JSON.
//!
//! Always true here: this is the only module that prints; standard output carries results only, everything else goes to
//! standard error.

mod args;
mod commands;
mod output;
mod page;
mod prompt;
mod session;
mod settings;
mod signals;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use clap::error::ErrorKind as ClapErrorKind;

pub use args::Cli;
use args::{Command, Format};
use output::Output;
use session::Session;
use settings::Environment;

use crate::engine::{ChildOptions, Probe, Profile, run_child};
use crate::error::{Error, ErrorKind};
use crate::generate::commit::StepObserver;

/// What a program that embeds the command line can hook into it.
#[derive(Clone, Default)]
pub struct Hooks {
    /// Told before and after each step of a commit; tests kill the process there.
    pub observer: Option<Arc<dyn StepObserver + Send + Sync>>,
    /// The binary that compiles components that came with a pack; this one if none.
    pub compiler: Option<std::path::PathBuf>,
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Hooks").field("observed", &self.observer.is_some()).finish_non_exhaustive()
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn main(hooks: &Hooks) -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    ExitCode::from(run(&arguments, hooks))
}

/// Runs a command line and returns the exit code.
#[must_use]
pub fn run(arguments: &[OsString], hooks: &Hooks) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, arguments),
    };
    if let Command::CompileComponent(options) = &cli.command {
        let profile = if options.profile == Profile::Measure.name() { Profile::Measure } else { Profile::Run };
        let probe = match options.probe.as_deref().map(Probe::named) {
            Some(None) => return ErrorKind::Usage.exit_code(),
            Some(probe) => probe,
            None => None,
        };
        return run_child(ChildOptions { profile, memory: options.memory, seconds: options.seconds, probe });
    }
    let environment = Environment::read();
    trace(cli.global.verbose, &environment);
    let output = Output::new(cli.global.format, &environment);
    let session = match Session::start(environment, output, hooks.clone()) {
        Ok(session) => session,
        Err(error) => return output.error(cli.command.name(), &error),
    };
    let name = cli.command.name();
    let result = match cli.command {
        Command::Generate(arguments) => commands::generate(&session, &arguments),
        Command::Plan(arguments) => commands::plan(&session, &arguments),
        Command::Apply(arguments) => commands::apply(&session, &arguments),
        Command::New(arguments) => commands::new(&session, &arguments),
        Command::Plugin(args::Plugin::Inspect { file }) => commands::inspect(&session, &file),
        Command::Doctor(arguments) => match commands::doctor(&session, &arguments) {
            Ok(exit) => return exit,
            Err(error) => Err(error),
        },
        Command::Completions { shell } => commands::completions(&session, shell),
        Command::Man => commands::man(&session),
        Command::Precompile { folder } => commands::precompile(&session, &folder),
        Command::CompileComponent(_) => Ok(()),
    };
    match result {
        Ok(()) => 0,
        Err(error) => output.error(name, &error),
    }
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Self::Generate(_) => "generate",
            Self::Plan(_) => "plan",
            Self::Apply(_) => "apply",
            Self::New(_) => "new",
            Self::Plugin(args::Plugin::Inspect { .. }) => "plugin inspect",
            Self::Doctor(_) => "doctor",
            Self::Completions { .. } => "completions",
            Self::Man => "man",
            Self::Precompile { .. } => "precompile",
            Self::CompileComponent(_) => crate::engine::COMPILE_COMMAND,
        }
    }
}

/// Reports what clap says: help and versions are no errors.
fn usage(error: &clap::Error, arguments: &[OsString]) -> u8 {
    let help = matches!(error.kind(), ClapErrorKind::DisplayHelp | ClapErrorKind::DisplayVersion);
    let wants_json = arguments.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
        || arguments.iter().any(|argument| argument == "--format=json");
    if wants_json && !help {
        let text = error.render().to_string();
        let message = text.split("\n\nUsage").next().unwrap_or(&text).trim_start_matches("error: ");
        let detail = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let error = Error::new(ErrorKind::Usage, detail).hint("run `packbox --help`");
        return Output::plain(Format::Json).error("", &error);
    }
    // A closed pipe is a quiet end.
    let _ = error.print();
    if help { 0 } else { ErrorKind::Usage.exit_code() }
}

/// Shows tracing spans and events on standard error, where somebody asked for them.
fn trace(verbose: u8, environment: &Environment) {
    use tracing_subscriber::EnvFilter;
    use tracing_subscriber::fmt::format::FmtSpan;
    let asked = environment.get("PACKBOX_LOG").and_then(|filter| filter.to_str());
    let filter = match (asked, verbose) {
        (Some(filter), _) => EnvFilter::new(filter),
        (None, 0) => return,
        (None, 1) => EnvFilter::new("packbox=info"),
        (None, _) => EnvFilter::new("packbox=debug"),
    };
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(Output::new(Format::Human, environment).colors_stderr())
        .try_init();
}
