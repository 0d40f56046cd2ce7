//! The command line: arguments to settings to the library, and its answers to text or JSON.
//!
//! Always true here: this is the only module that prints; standard output carries results only, everything else goes to
//! standard error.

mod answered;
mod args;
mod checking;
mod command;
mod commands;
mod compile;
mod completers;
mod completion;
mod documents;
mod environment;
mod explained;
mod fold;
mod help;
mod hooks;
mod json;
mod kept_answers;
mod library;
mod line;
mod markdown;
mod other_words;
mod output;
mod packs;
mod page;
mod plugin_tools;
mod progress;
mod prompt;
mod recording;
mod report;
mod review;
mod sandbox;
mod saved;
mod session;
mod signals;
mod stream;
mod telling;
mod writing;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::FromArgMatches as _;
use clap::error::{ContextKind, ContextValue, ErrorKind as ClapErrorKind};
use clap::parser::ValueSource;

pub use args::Format;
use command::{Exit, Known};
use environment::Environment;
pub use help::examples;
pub use hooks::Hooks;
use line::Cli;
use output::Output;
pub use report::{Detail, Look, render as render_report};
use session::Session;

use crate::advice::this_is_the_command_line;
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
    this_is_the_command_line();
    let environment = Environment::read();
    if let Some(answered) = completion::answer(arguments, &environment) {
        return answered.map_or_else(|_| ErrorKind::Usage.exit_code(), |()| 0);
    }
    if let Some(compiled) = compile::answer(arguments) {
        return compiled.unwrap_or_else(|error| usage(error, arguments, &environment));
    }
    let (cli, is_format_typed) = match parse(arguments) {
        Ok(parsed) => parsed,
        Err(error) => return usage(advised(error, arguments), arguments, &environment),
    };
    trace(cli.global.verbose, &environment);
    let detail = if cli.global.verbose > 0 { Detail::Full } else { Detail::Usual };
    let output = Output::new(cli.global.format, &environment).with_detail(detail);
    let output = if is_format_typed { output.asked_for() } else { output };
    let command = cli.command.chosen();
    let name = command.known().name;
    if let Err(error) = offered(command.known(), cli.global.format) {
        return output.error(name, &error);
    }
    progress::start(&environment, cli.global.verbose > 0, &format!("packbox {name}"));
    let session = match Session::start(environment, output, hooks.clone(), help::command) {
        Ok(session) => session,
        Err(error) => return output.error(name, &error),
    };
    let result = command.run(&session);
    progress::end();
    match result {
        Ok(Exit(code)) => code,
        Err(error) => output.error(name, &crate::error::Error::from_any(error)),
    }
}

/// Parses a command line, and tells whether it names a format: without the help of all commands, which is most of what there is to set up, where none of it is shown.
fn parse(arguments: &[OsString]) -> Result<(Cli, bool), clap::Error> {
    let parsed = |command: clap::Command| {
        let matches = command.try_get_matches_from(arguments)?;
        let is_format_typed = matches.value_source("format") == Some(ValueSource::CommandLine);
        Cli::from_arg_matches(&matches).map(|cli| (cli, is_format_typed))
    };
    match help::command_of(arguments).map(parsed) {
        Some(Ok(cli)) => Ok(cli),
        Some(Err(error)) if error.kind() == ClapErrorKind::DisplayVersion && arguments.len() == 2 => Err(error),
        // What is wrong is told by the whole command line.
        _ => parsed(help::command()),
    }
}

/// Refuses a format that a command does not offer.
fn offered(command: Known, format: Format) -> crate::error::Result<()> {
    if command.formats.contains(&format) {
        return Ok(());
    }
    let names: Vec<&str> = command.formats.iter().map(|format| format.name()).collect();
    let detail = format!("`{}` does not offer the format `{}`", command.name, format.name());
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

/// Suggests a command where `help` was asked about one that is not there: clap does so everywhere else.
fn suggest_command(error: &mut clap::Error) {
    let has_advice =
        [ContextKind::SuggestedSubcommand, ContextKind::Suggested].iter().any(|kind| error.get(*kind).is_some());
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidSubcommand) else { return };
    if error.kind() != ClapErrorKind::InvalidSubcommand || has_advice {
        return;
    }
    let command = help::command();
    let names = command.get_subcommands().filter(|command| !command.is_hide_set()).map(clap::Command::get_name);
    if let Some(near) = crate::text::nearest(typed, names) {
        let near = ContextValue::Strings(vec![near.to_owned()]);
        error.insert(ContextKind::SuggestedSubcommand, near);
    }
}

/// Reports what clap says: help and versions are no errors.
fn usage(mut error: clap::Error, arguments: &[OsString], environment: &Environment) -> u8 {
    suggest_command(&mut error);
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
