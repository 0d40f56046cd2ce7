//! What `--help` shows beside what each argument says: groups of commands, the formats that a command has, and examples.
//!
//! Always true here: every command that is shown has examples, which a case runs as they stand.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;

use clap::builder::{EnumValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args as _, CommandFactory as _, ValueEnum as _};

use super::args::Format;
use super::command::Known;
use super::commands::Commands;
use super::fold;
use super::line::{Cli, Global};

/// Help is no wider than this: longer lines are hard to read.
const WIDEST: usize = 100;

/// The examples of all commands, each with the command that it is of.
#[must_use]
pub fn examples() -> Vec<(&'static str, &'static [&'static str])> {
    all().iter().map(|known| (known.name, known.examples)).collect()
}

/// All commands and groups of commands: a group stands before what is in it.
pub fn all() -> Vec<Known> {
    let top = Commands::KNOWN.iter().flat_map(|(_, commands)| *commands);
    top.flat_map(|known| std::iter::once(known).chain(known.below)).copied().collect()
}

/// The command line as it is parsed and shown.
pub fn command() -> clap::Command {
    // Where no terminal is, lines are as long as they are, and a program that shows them folds them.
    let columns = fold::columns(&std::io::stdout()).map(|columns| columns.min(WIDEST));
    let command = Cli::command().term_width(columns.unwrap_or(0));
    let groups = groups(&command, columns.unwrap_or(fold::USUAL));
    let template = format!(
        "{{before-help}}{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}\
                            Options:\n{{options}}{{after-help}}"
    );
    let known = Commands::KNOWN.iter().flat_map(|(_, commands)| *commands);
    let command = known
        .fold(command, |command, known| command.mut_subcommand(known.word(), |inner| dressed(inner, *known, columns)));
    command.help_template(template)
}

/// The command line with the one command that arguments begin with, or with none where they only ask for the version: whatever it
/// takes, [`command`] takes in the same way. None where neither is so.
pub fn command_of(arguments: &[OsString]) -> Option<clap::Command> {
    let word = arguments.get(1)?.to_str()?;
    let command = Global::augment_args(clap::Command::new("packbox").version(env!("CARGO_PKG_VERSION")));
    if matches!(arguments, [_, one] if one == "--version" || one == "-V") {
        return Some(command);
    }
    let mut known = Commands::KNOWN.iter().flat_map(|(_, commands)| *commands);
    let known = known.find(|known| known.word() == word)?;
    Some(command.propagate_version(true).subcommand_required(true).subcommand(plain(*known)))
}

/// A command with its formats, as are those below it.
fn plain(known: Known) -> clap::Command {
    let command = (known.arguments)(clap::Command::new(known.word()));
    let below = known.below.iter();
    below
        .fold(command, |command, below| command.mut_subcommand(below.word(), |inner| inner.arg(format_of(*below))))
        .arg(format_of(known))
}

/// The option for the format, with those that a command has.
fn format_of(known: Known) -> clap::Arg {
    clap::Arg::new("format")
        .long("format")
        .global(true)
        .value_name("FORMAT")
        .help("How results are printed")
        .default_value(Format::Human.name())
        .value_parser(Offered(known.formats))
}

/// A command with its formats and its examples; so are those below it.
fn dressed(command: clap::Command, known: Known, columns: Option<usize>) -> clap::Command {
    let command = known
        .below
        .iter()
        .fold(command, |command, below| command.mut_subcommand(below.word(), |inner| dressed(inner, *below, columns)));
    let command = command.arg(format_of(known));
    if known.examples.is_empty() {
        return command;
    }
    let lines: Vec<String> = known.examples.iter().map(|example| format!("  {example}")).collect();
    command.after_help(format!("Examples:\n{}", fold::page(&lines.join("\n"), columns)))
}

/// The commands, group by group, a line for each.
fn groups(command: &clap::Command, columns: usize) -> String {
    let shown = |known: &Known| {
        let command = command.find_subcommand(known.word()).filter(|command| !command.is_hide_set())?;
        Some((known.word(), command.get_about().map(ToString::to_string).unwrap_or_default()))
    };
    let mut text = String::new();
    for (number, (group, commands)) in Commands::KNOWN.iter().enumerate() {
        let _ = writeln!(text, "{group}:");
        let is_last = number + 1 == Commands::KNOWN.len();
        let help = is_last.then(|| ("help", "Print this message, or the help of a command".to_owned()));
        for (name, about) in commands.iter().filter_map(shown).chain(help) {
            let line = format!("  {name:<11}  {about}");
            let _ = writeln!(text, "{}", fold::page(&line, Some(columns)));
        }
        text.push('\n');
    }
    text
}

/// Reads every format, and shows those that a command has: what it has not is told in its own words.
#[derive(Debug, Clone, Copy)]
struct Offered(&'static [Format]);

impl TypedValueParser for Offered {
    type Value = Format;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Format, clap::Error> {
        EnumValueParser::<Format>::new().parse_ref(command, argument, value).map_err(|error| {
            let offered = PossibleValuesParser::new(self.0.iter().filter_map(Format::to_possible_value));
            offered.parse_ref(command, argument, value).err().unwrap_or(error)
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().filter_map(Format::to_possible_value)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The paths of all commands that are shown.
    fn paths(command: &clap::Command, above: &str) -> BTreeSet<String> {
        let shown = command.get_subcommands().filter(|below| !below.is_hide_set());
        shown
            .flat_map(|below| {
                let path = format!("{above} {}", below.get_name()).trim_start().to_owned();
                let mut found = paths(below, &path);
                found.insert(path);
                found
            })
            .collect()
    }

    #[test]
    fn every_command_that_is_shown_has_examples() {
        let with_examples = all().into_iter().filter(|known| !known.examples.is_empty());
        assert_eq!(paths(&command(), ""), with_examples.map(|known| known.name.to_owned()).collect());
    }

    /// What can be typed for a command and for those below it, `help` aside.
    fn takes(command: &clap::Command, above: &str, taken: &mut BTreeSet<String>) {
        let path = format!("{above} {}", command.get_name());
        taken.extend(command.get_arguments().filter(|argument| argument.get_id() != "help").map(|argument| {
            let (values, action) = (argument.get_num_args(), argument.get_action());
            let names = (argument.get_long(), argument.get_short(), argument.get_all_aliases(), argument.get_index());
            let is_needed = (argument.is_required_set(), argument.get_default_values().to_vec());
            format!("{path}: {} {names:?} {values:?} {action:?} {is_needed:?}", argument.get_id())
        }));
        let below = command.get_subcommands().filter(|below| below.get_name() != "help");
        below.for_each(|below| takes(below, &path, taken));
    }

    #[test]
    fn a_command_alone_takes_what_it_takes_among_all() {
        let mut whole = command();
        whole.build();
        for known in Commands::KNOWN.iter().flat_map(|(_, commands)| *commands) {
            let mut alone = command_of(&["packbox", known.word()].map(OsString::from)).unwrap();
            alone.build();
            let (mut expected, mut taken) = (BTreeSet::new(), BTreeSet::new());
            takes(whole.find_subcommand(known.word()).unwrap(), "", &mut expected);
            takes(alone.find_subcommand(known.word()).unwrap(), "", &mut taken);
            assert_eq!(taken, expected, "{}", known.name);
            assert!(taken.len() > 2, "{taken:?}");
        }
        assert!(command_of(&["packbox", "-v", "list"].map(OsString::from)).is_none());
        assert!(command_of(&["packbox".into()]).is_none());
    }

    #[test]
    fn a_command_shows_the_formats_that_it_has() {
        for (path, has) in [("generate", false), ("validate", true), ("score", false)] {
            let mut command = command();
            command.build();
            let help = command.find_subcommand_mut(path).unwrap().render_long_help().to_string();
            assert_eq!(help.contains("junit"), has, "{path}: {help}");
            assert!(help.contains("json") && help.contains("Examples:"), "{help}");
        }
    }
}
