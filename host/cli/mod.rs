//! The command line: arguments to settings to the library, and its answers to text or JSON.
//!
//! Always true here: this is the only module that prints; standard output carries results only, everything else goes to
//! standard error.

mod args;
mod author_args;
mod commands;
mod completers;
mod completion;
mod documents;
mod engine_args;
mod environment;
mod figure_args;
mod fold;
mod help;
mod hooks;
mod json;
mod kept_answers;
mod library;
mod markdown;
mod other_words;
mod output;
mod page;
mod plugin_args;
mod progress;
mod prompt;
mod recording;
mod report;
mod session;
mod signals;
mod stream;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::FromArgMatches as _;
use clap::error::{ContextKind, ContextValue, ErrorKind as ClapErrorKind};

use args::Command;
pub use args::{Cli, Format};
use environment::Environment;
pub use help::EXAMPLES;
pub use hooks::Hooks;
use output::Output;
pub use report::{Detail, Look, render as render_report};
use session::Session;

use crate::engine::{ChildOptions, Probe, Profile, run_child};
use crate::error::{Error, ErrorKind};

/// Runs the command line of this process.
#[must_use]
pub fn main(hooks: &Hooks) -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    ExitCode::from(run(&arguments, hooks))
}

/// Runs a command line and returns the exit code.
#[must_use]
pub fn run(arguments: &[OsString], hooks: &Hooks) -> u8 {
    let environment = Environment::read();
    if let Some(answered) = completion::answer(arguments, &environment) {
        return answered.map_or_else(|_| ErrorKind::Usage.exit_code(), |()| 0);
    }
    let parsed = help::command().try_get_matches_from(arguments);
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return usage(advised(error, arguments), arguments, &environment),
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
    trace(cli.global.verbose, &environment);
    let detail = if cli.global.verbose > 0 { Detail::Full } else { Detail::Usual };
    let output = Output::new(cli.global.format, &environment).with_detail(detail);
    if let Err(error) = offered(&cli.command, cli.global.format) {
        return output.error(cli.command.name(), &error);
    }
    progress::start(&environment, cli.global.verbose > 0, &format!("packbox {}", cli.command.name()));
    let session = match Session::start(environment, output, hooks.clone()) {
        Ok(session) => session,
        Err(error) => return output.error(cli.command.name(), &error),
    };
    let name = cli.command.name();
    let done = |result: crate::error::Result<()>| result.map(|()| 0);
    let result = match cli.command {
        Command::Generate(arguments) => commands::generate(&session, &arguments),
        Command::Plan(arguments) => done(commands::plan(&session, &arguments)),
        Command::Apply(arguments) => commands::apply(&session, &arguments),
        Command::New(arguments) => done(commands::new(&session, &arguments)),
        Command::Plugin(args::Plugin::New(arguments)) => done(commands::plugin_new(&session, &arguments)),
        Command::Plugin(args::Plugin::Build(arguments)) => done(commands::plugin_build(&session, &arguments)),
        Command::Plugin(args::Plugin::Test(arguments)) => commands::plugin_test(&session, &arguments),
        Command::Plugin(args::Plugin::Run(arguments)) => commands::plugin_run(&session, &arguments),
        Command::Plugin(args::Plugin::Bench(arguments)) => commands::plugin_bench(&session, &arguments),
        Command::Plugin(args::Plugin::Profile(arguments)) => done(commands::plugin_profile(&session, &arguments)),
        Command::Plugin(args::Plugin::Inspect { file }) => done(commands::inspect(&session, &file)),
        Command::Doctor(arguments) => commands::doctor(&session, &arguments),
        Command::Completions { shell } => done(commands::completions(&session, shell)),
        Command::Man => done(commands::man(&session)),
        Command::Schema { name } => done(commands::schema(&session, &name)),
        Command::Precompile { folder } => done(commands::precompile(&session, &folder)),
        Command::Check(arguments) => commands::check(&session, &arguments),
        Command::Lint(arguments) => commands::lint(&session, &arguments),
        Command::Validate(arguments) => commands::validate(&session, &arguments),
        Command::Bench(arguments) => commands::bench(&session, &arguments),
        Command::Profile(arguments) => done(commands::profile(&session, &arguments)),
        Command::Compat(arguments) => commands::compat(&session, &arguments),
        Command::Score(arguments) => commands::score(&session, &arguments),
        Command::List(arguments) => done(commands::list(&session, &arguments)),
        Command::Search(arguments) => done(commands::search(&session, &arguments)),
        Command::Show(arguments) => done(commands::show(&session, &arguments)),
        Command::Info(arguments) => done(commands::info(&session, &arguments)),
        Command::Deps(arguments) => done(commands::deps(&session, &arguments)),
        Command::Install(arguments) => done(commands::install(&session, &arguments)),
        Command::Uninstall(arguments) => done(commands::uninstall(&session, &arguments)),
        Command::Update(arguments) => done(commands::update(&session, &arguments)),
        Command::Clean(arguments) => done(commands::clean(&session, &arguments)),
        Command::Publish(arguments) => done(commands::publish(&session, &arguments)),
        Command::Yank(arguments) => done(commands::yank(&session, &arguments)),
        Command::Export(arguments) => done(commands::export(&session, &arguments)),
        Command::Import(arguments) => done(commands::import(&session, &arguments)),
        Command::Vendor(arguments) => done(commands::vendor(&session, &arguments)),
        Command::Registry(arguments) => done(commands::registry(&session, &arguments)),
        Command::CompileComponent(_) => Ok(0),
    };
    progress::end();
    match result {
        Ok(exit) => exit,
        Err(error) => output.error(name, &error),
    }
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Self::Generate(_) => "generate",
            Self::Check(_) => "check",
            Self::Lint(_) => "lint",
            Self::Validate(_) => "validate",
            Self::Bench(_) => "bench",
            Self::Profile(_) => "profile",
            Self::Compat(_) => "compat",
            Self::Score(_) => "score",
            Self::Plan(_) => "plan",
            Self::Apply(_) => "apply",
            Self::New(_) => "new",
            Self::Plugin(args::Plugin::New(_)) => "plugin new",
            Self::Plugin(args::Plugin::Build(_)) => "plugin build",
            Self::Plugin(args::Plugin::Test(_)) => "plugin test",
            Self::Plugin(args::Plugin::Run(_)) => "plugin run",
            Self::Plugin(args::Plugin::Bench(_)) => "plugin bench",
            Self::Plugin(args::Plugin::Profile(_)) => "plugin profile",
            Self::Plugin(args::Plugin::Inspect { .. }) => "plugin inspect",
            Self::List(_) => "list",
            Self::Search(_) => "search",
            Self::Show(_) => "show",
            Self::Info(_) => "info",
            Self::Deps(_) => "deps",
            Self::Install(_) => "install",
            Self::Uninstall(_) => "uninstall",
            Self::Update(_) => "update",
            Self::Clean(_) => "clean",
            Self::Publish(_) => "publish",
            Self::Yank(_) => "yank",
            Self::Export(_) => "export",
            Self::Import(_) => "import",
            Self::Vendor(_) => "vendor",
            Self::Registry(args::Registry::Add { .. }) => "registry add",
            Self::Registry(args::Registry::Remove { .. }) => "registry remove",
            Self::Registry(args::Registry::List) => "registry list",
            Self::Registry(args::Registry::Sync { .. }) => "registry sync",
            Self::Doctor(_) => "doctor",
            Self::Completions { .. } => "completions",
            Self::Man => "man",
            Self::Schema { .. } => "schema",
            Self::Precompile { .. } => "precompile",
            Self::CompileComponent(_) => crate::engine::COMPILE_COMMAND,
        }
    }

    /// The formats that the command can print its results in.
    fn formats(&self) -> &'static [Format] {
        match self {
            Self::Check(_) | Self::Lint(_) | Self::Validate(_) | Self::Compat(_) => Format::OF_REPORTS,
            Self::Bench(_) => Format::OF_FIGURES,
            Self::Generate(_)
            | Self::Profile(_)
            | Self::Score(_)
            | Self::Doctor(_)
            | Self::Plan(_)
            | Self::Apply(_)
            | Self::New(_)
            | Self::Plugin(_)
            | Self::List(_)
            | Self::Search(_)
            | Self::Show(_)
            | Self::Info(_)
            | Self::Deps(_)
            | Self::Install(_)
            | Self::Uninstall(_)
            | Self::Update(_)
            | Self::Clean(_)
            | Self::Publish(_)
            | Self::Yank(_)
            | Self::Export(_)
            | Self::Import(_)
            | Self::Vendor(_)
            | Self::Registry(_)
            | Self::Completions { .. }
            | Self::Man
            | Self::Schema { .. }
            | Self::Precompile { .. }
            | Self::CompileComponent(_) => Format::OF_RESULTS,
        }
    }
}

/// Refuses a format that a command does not offer.
fn offered(command: &Command, format: Format) -> crate::error::Result<()> {
    let formats = command.formats();
    if formats.contains(&format) {
        return Ok(());
    }
    let names: Vec<&str> = formats.iter().map(|format| format.name()).collect();
    let detail = format!("`{}` does not offer the format `{}`", command.name(), format.name());
    Err(Error::new(ErrorKind::Usage, detail).hint(format!("it offers {}", names.join(", "))))
}

/// Says of an argument that nothing takes how a variable of that name is given, where the command takes any.
fn advised(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let is_near_another = error.get(ContextKind::SuggestedArg).is_some();
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else { return error };
    if error.kind() != ClapErrorKind::UnknownArgument {
        return error;
    }
    let how = match argument.strip_prefix("--") {
        None => library::how_given(argument),
        Some(name) if !is_near_another => library::how_given(&format!("{}=", name.replace('-', "_"))),
        Some(_) => None,
    };
    let command = help::command();
    let called = arguments.iter().skip(1).find_map(|word| command.find_subcommand(word));
    let takes_values = called.is_some_and(|command| command.get_arguments().any(|one| one.get_long() == Some("var")));
    if let (Some(how), true) = (how, takes_values) {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![how.into()]));
    }
    error
}

/// Reports what clap says: help and versions are no errors.
fn usage(mut error: clap::Error, arguments: &[OsString], environment: &Environment) -> u8 {
    let advice = other_words::advise(&mut error, arguments);
    let help = matches!(error.kind(), ClapErrorKind::DisplayHelp | ClapErrorKind::DisplayVersion);
    let wants_json = arguments.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
        || arguments.iter().any(|argument| argument == "--format=json");
    if wants_json && !help {
        let text = error.render().to_string();
        let message = text.split("\n\nUsage").next().unwrap_or(&text).trim_start_matches("error: ");
        // What to type instead is the hint.
        let message = advice.and_then(|_| message.split("\n\n").next()).unwrap_or(message);
        let detail = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let error = Error::new(ErrorKind::Usage, detail).hint(advice.unwrap_or("run `packbox --help`"));
        return Output::plain(Format::Json).error("", &error);
    }
    if help {
        // A closed pipe is a quiet end.
        let _ = error.print();
        return 0;
    }
    let output = Output::new(Format::Human, environment);
    let text = error.render();
    let text = if output.colors_stderr() { text.ansi().to_string() } else { text.to_string() };
    output.say(text.trim_end_matches('\n'));
    ErrorKind::Usage.exit_code()
}

/// Shows tracing spans and events on standard error, where somebody asked for them.
fn trace(verbose: u8, environment: &Environment) {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::fmt::format::FmtSpan;
    use tracing_subscriber::prelude::*;
    let packbox = |level| Targets::new().with_target("packbox", level);
    let asked = environment.get("PACKBOX_LOG").and_then(|filter| filter.to_str());
    let filter = match (asked, verbose) {
        (Some(filter), _) => filter.parse().unwrap_or_else(|error| {
            let told =
                format!("packbox: `PACKBOX_LOG` is not a valid filter ({error}); write, for instance, `packbox=debug`");
            Output::new(Format::Human, environment).say(&crate::text::printable_line(&told));
            packbox(LevelFilter::DEBUG)
        }),
        (None, 0) => return,
        (None, 1) => packbox(LevelFilter::INFO),
        (None, _) => packbox(LevelFilter::DEBUG),
    };
    let shown = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        // Once is for people; how long each stage took is for whoever asks twice.
        .with_span_events(if verbose == 1 && asked.is_none() { FmtSpan::NONE } else { FmtSpan::CLOSE })
        .with_ansi(Output::new(Format::Human, environment).colors_stderr());
    let _ = tracing_subscriber::registry().with(shown.with_filter(filter)).try_init();
}
