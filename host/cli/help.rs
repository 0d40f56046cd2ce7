//! What `--help` shows beside what each argument says: groups of commands, the formats that a command has, and examples.
//!
//! Always true here: every command that is shown stands in one group, and has examples, which a case runs as they stand.

use std::ffi::OsStr;
use std::fmt::Write as _;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{CommandFactory as _, ValueEnum as _};

use super::args::{Cli, Format};
use super::fold;

/// The commands in groups, each with what it is for.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "Use packs",
        &["generate", "plan", "apply", "list", "search", "show", "info", "deps", "install", "uninstall", "update"],
    ),
    ("Write packs and plugins", &["new", "plugin", "profile", "schema", "export", "publish", "yank"]),
    ("Check packs", &["check", "lint", "validate", "compat", "score", "bench"]),
    ("Registries", &["registry", "import", "vendor"]),
    ("This machine", &["doctor", "clean", "completions", "man", "help"]),
];

/// The commands that report findings, and so have formats for them.
const REPORTING: &[&str] = &["check", "lint", "validate", "compat"];

/// Help is no wider than this: longer lines are hard to read.
const WIDEST: usize = 100;

/// Examples of commands, in an order in which all of them work one after the other in an empty folder.
pub const EXAMPLES: &[(&str, &[&str])] = &[
    ("new", &["packbox new shop", "packbox new site --output packs/site"]),
    (
        "generate",
        &[
            "packbox generate shop --output demo",
            "packbox generate shop --output demo --var slug=atelier --prune --dry-run",
            "packbox generate shop --output demo --on-existing skip --prune",
        ],
    ),
    ("plan", &["packbox plan shop", "packbox plan shop --no-input --save shop.plan"]),
    ("apply", &["packbox apply shop.plan --output planned"]),
    ("check", &["packbox check shop"]),
    ("lint", &["packbox lint shop packs/site", "packbox lint --explain templates/undefined-variable"]),
    ("validate", &["packbox validate shop", "packbox validate shop --format junit > report.xml"]),
    ("compat", &["packbox compat shop packs/site"]),
    ("score", &["packbox score shop --at-least 40"]),
    ("bench", &["packbox bench shop --samples 10 --save costs.json", "packbox bench shop --baseline costs.json"]),
    ("profile", &["packbox profile shop --runs 3", "packbox profile shop --time 1s --flame shop.svg"]),
    ("registry", &["packbox registry add local packs/registry --create", "packbox registry list"]),
    ("registry add", &["packbox registry add spare packs/spare --create"]),
    ("registry list", &["packbox registry list"]),
    ("registry sync", &["packbox registry sync local"]),
    ("registry remove", &["packbox registry remove spare"]),
    ("publish", &["packbox publish shop --to local"]),
    ("list", &["packbox list", "packbox list --sort updated --limit 10", "packbox list --format json"]),
    ("search", &["packbox search shop"]),
    ("show", &["packbox show local/shop"]),
    ("info", &["packbox info local/shop"]),
    ("deps", &["packbox deps local/shop"]),
    ("install", &["packbox install local/shop", "packbox install local/shop --lock"]),
    ("update", &["packbox update --dry-run"]),
    ("vendor", &["packbox vendor packs/vendored"]),
    ("uninstall", &["packbox uninstall shop"]),
    ("export", &["packbox export ./shop"]),
    ("import", &["packbox import shop-0.1.0.pack"]),
    ("yank", &["packbox yank shop@0.1.0 --from local"]),
    ("plugin", &["packbox plugin new settings --lang c --kind renderer"]),
    ("plugin new", &["packbox plugin new links --lang python --kind validator"]),
    ("plugin build", &["packbox plugin build settings"]),
    ("plugin test", &["packbox plugin test settings"]),
    ("plugin run", &["packbox plugin run settings --template settings/cases/settings/app.env"]),
    ("plugin bench", &["packbox plugin bench settings --save bench.json --samples 10"]),
    ("plugin profile", &["packbox plugin profile settings --time 1s -o profile.svg"]),
    ("plugin inspect", &["packbox plugin inspect settings"]),
    ("doctor", &["packbox doctor", "packbox doctor --store"]),
    ("clean", &["packbox clean --dry-run"]),
    ("completions", &["packbox completions bash > packbox.bash"]),
    ("man", &["packbox man > packbox.1"]),
    ("schema", &["packbox schema pack > pack.schema.json"]),
];

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
    let names: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let command =
        names.iter().fold(command, |command, name| command.mut_subcommand(name, |inner| dressed(inner, name, columns)));
    command.help_template(template)
}

/// A command with its formats and its examples; so are those below it.
fn dressed(command: clap::Command, path: &str, columns: Option<usize>) -> clap::Command {
    let below: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    let command = below.iter().fold(command, |command, name| {
        command.mut_subcommand(name, |inner| dressed(inner, &format!("{path} {name}"), columns))
    });
    let reports = REPORTING.contains(&path);
    let formats = match path {
        "bench" => Format::OF_FIGURES,
        _ if reports => Format::OF_REPORTS,
        _ => Format::OF_RESULTS,
    };
    let format = clap::Arg::new("format")
        .long("format")
        .global(true)
        .value_name("FORMAT")
        .help("How results are printed")
        .default_value(Format::Human.name())
        .value_parser(Offered(formats));
    let command = command.arg(format);
    let Some((_, examples)) = EXAMPLES.iter().find(|(name, _)| *name == path) else { return command };
    let lines: Vec<String> = examples.iter().map(|example| format!("  {example}")).collect();
    command.after_help(format!("Examples:\n{}", fold::page(&lines.join("\n"), columns)))
}

/// The commands, group by group, a line for each.
fn groups(command: &clap::Command, columns: usize) -> String {
    let about = |name: &str| {
        let known = command.get_subcommands().find(|command| command.get_name() == name);
        let about = known.and_then(clap::Command::get_about).map(ToString::to_string);
        about.unwrap_or_else(|| "Print this message, or the help of a command".to_owned())
    };
    let mut text = String::new();
    for (group, names) in GROUPS {
        let _ = writeln!(text, "{group}:");
        for name in *names {
            let line = format!("  {name:<11}  {}", about(name));
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
        EnumValueParser::<Format>::new().parse_ref(command, argument, value)
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
    fn every_command_has_examples_and_one_group() {
        let command = command();
        let with_examples: BTreeSet<String> = EXAMPLES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(paths(&command, ""), with_examples);
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        grouped.sort_unstable();
        let mut shown: Vec<&str> =
            command.get_subcommands().filter(|below| !below.is_hide_set()).map(clap::Command::get_name).collect();
        shown.push("help");
        shown.sort_unstable();
        assert_eq!(grouped, shown);
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
