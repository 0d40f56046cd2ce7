//! Words that other tools have for packbox's commands, and what to type instead.
//!
//! Options of one command that are tried with another, too.
//!
//! Always true here: no word is a command of packbox, and what is to be typed is one; a test looks at both.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

const NEW_OR_GENERATE: &str =
    "`packbox new NAME` makes a pack, and `packbox generate PACK --output DIR` a project from one";
const GENERATE: &str = "`packbox generate PACK --output DIR` makes a project from a pack";
const INSTALL: &str =
    "`packbox install NAME` installs a pack, and `packbox registry add NAME LOCATION` adds a registry";
const UNINSTALL: &str = "`packbox uninstall NAME` removes a pack, and `packbox registry remove NAME` a registry";
const UPDATE: &str = "`packbox update` updates installed packs; `packbox generate PACK --output DIR` again, with the same \
     folder, brings a project up to date";
const CREATE_REGISTRY: &str = "`packbox registry add NAME FOLDER --create` makes one";

/// Words that come after `packbox`.
const COMMANDS: &[(&[&str], &str)] = &[
    (&["init", "create", "scaffold", "start"], NEW_OR_GENERATE),
    (&["copy", "render", "make", "gen", "bake", "run", "use", "expand", "template"], GENERATE),
    (&["add", "get", "fetch", "pull", "download"], INSTALL),
    (&["remove", "rm", "delete", "del"], UNINSTALL),
    (&["upgrade", "up", "recopy", "refresh", "outdated"], UPDATE),
    (&["ls", "packs", "templates"], "`packbox list` lists packs; `packbox list --installed`, those that are here"),
    (&["find"], "`packbox search WORDS` finds packs"),
    (
        &["describe", "view", "inspect"],
        "`packbox show PACK` says what it is for, and `packbox info PACK` what is known of it",
    ),
    (&["tree", "why"], "`packbox deps PACK` shows what it needs, and why"),
    (&["push", "release", "upload"], "`packbox publish FOLDER` publishes a pack"),
    (&["unpublish", "withdraw"], "`packbox yank NAME@VERSION` withdraws a release"),
    (&["pack", "package", "archive", "zip"], "`packbox export PACK` writes a pack as an archive"),
    (&["test", "verify"], "`packbox validate PACK` checks a pack thoroughly; `packbox plugin test`, a plugin"),
    (&["diff"], "`packbox generate PACK --output DIR --dry-run` shows what would change"),
    (&["lock"], "`packbox install NAME --lock` writes `packbox.lock`"),
    (&["sync"], "`packbox registry sync` reads what is new in registries"),
    (&["build", "compile"], "a pack needs no building; `packbox plugin build` builds a plugin"),
    (&["prune", "gc", "cache"], "`packbox clean` removes what is not needed any more"),
    (
        &["login", "logout"],
        "credentials are those of `docker login`; `packbox registry add NAME oci://HOST/REPOSITORY` \
        adds a registry",
    ),
    (&["version"], "`packbox --version` prints it"),
];

/// Words that come after `packbox registry`.
const OF_REGISTRY: &[(&[&str], &str)] = &[
    (&["create", "init", "new"], CREATE_REGISTRY),
    (&["rm", "delete", "del", "forget"], "`packbox registry remove NAME` forgets one"),
    (&["ls", "show"], "`packbox registry list` lists them"),
    (&["update", "refresh", "fetch", "pull"], "`packbox registry sync` reads what is new in them"),
];

/// Words that come after `packbox plugin`.
const OF_PLUGIN: &[(&[&str], &str)] = &[
    (&["create", "init", "scaffold", "add"], "`packbox plugin new NAME --lang LANG --kind KIND` makes one"),
    (&["compile", "make"], "`packbox plugin build` builds it"),
    (&["check", "verify", "validate"], "`packbox plugin test` runs its cases"),
    (&["call", "exec", "render"], "`packbox plugin run` calls it once"),
    (&["show", "info", "describe"], "`packbox plugin inspect` shows what a component imports and exports"),
    (&["measure"], "`packbox plugin bench` measures it"),
];

/// What `plan` is to `--dry-run`.
const WRITES_NOTHING: &str = "a plan writes nothing: `packbox plan PACK --output DIR` shows what would change there";
/// Options that a command does not have and another one does.
const OPTIONS: &[(&str, &[&str], &str)] = &[
    ("plan", &["--dry-run"], WRITES_NOTHING),
    ("generate", &["--save"], "`packbox plan PACK --save FILE` saves a plan; `generate` writes the files"),
    ("generate", &["--plan"], "`packbox apply FILE --output DIR` takes a saved plan"),
    ("apply", &["--answers"], "a plan has its values: give answers to `packbox plan`"),
    ("apply", &["--save"], "`packbox plan PACK --save FILE` saves a plan"),
    (
        "install",
        &["--output", "-o"],
        "packs are installed for you; `packbox generate PACK --output DIR` writes to a folder",
    ),
];

/// Commands that take one thing, and with `--output` where to write.
const WITH_OUTPUT: &[&str] = &["generate", "apply", "new", "export"];
/// What is said of a second thing that they are given.
const FOLDER: &str = "where to write is given with `--output`, as in `packbox generate PACK --output DIR`";

/// Where an option that a command lacks is.
fn option_advice(command: &str, option: &str) -> Option<&'static str> {
    let found = OPTIONS.iter().find(|(of, options, _)| *of == command && options.contains(&option));
    found.map(|(_, _, advice)| *advice)
}

/// Puts where an option is that the command lacks into an error, in place of what is merely spelled alike; and returns it.
fn advise_option(error: &mut clap::Error, arguments: &[OsString]) -> Option<&'static str> {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return None };
    let option = option.split('=').next().unwrap_or(option);
    let words = arguments.iter().skip(1).filter_map(|argument| argument.to_str());
    let command = words.clone().find(|word| !word.starts_with('-'))?;
    let mut words = words;
    let has_output = words.any(|word| word.starts_with("--output") || word.starts_with("-o"));
    let advice = match option_advice(command, option) {
        None if !option.starts_with('-') && !has_output && WITH_OUTPUT.contains(&command) => Some(FOLDER),
        advice => advice,
    }?;
    error.remove(ContextKind::SuggestedArg);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(advice)]));
    Some(advice)
}

/// What to type instead of a word that is no command, where another tool has it.
fn advice(above: &str, word: &str) -> Option<&'static str> {
    let words = match above {
        "registry" => OF_REGISTRY,
        "plugin" => OF_PLUGIN,
        _ => COMMANDS,
    };
    words.iter().find(|(words, _)| words.contains(&word)).map(|(_, advice)| *advice)
}

/// Puts what to type instead into an error about a word that is no command, or an option of another one, in place of what is merely spelled alike; and
/// returns it.
pub fn advise(error: &mut clap::Error, arguments: &[OsString]) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::InvalidSubcommand => {}
        ErrorKind::UnknownArgument => return advise_option(error, arguments),
        _ => return None,
    }
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    let before = arguments.iter().map_while(|argument| argument.to_str().filter(|argument| argument != word));
    let above = before.filter(|argument| ["registry", "plugin"].contains(argument)).last();
    let advice = advice(above.unwrap_or_default(), word)?;
    error.remove(ContextKind::SuggestedSubcommand);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(advice)]));
    Some(advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_those_of_other_commands() {
        let whole = super::super::help::command();
        for (of, options, advice) in OPTIONS {
            let command = whole.find_subcommand(of).expect(of);
            for option in *options {
                let is_own = |one: &clap::Arg| {
                    one.get_long().is_some_and(|long| option.strip_prefix("--") == Some(long))
                        || one.get_short().is_some_and(|short| *option == format!("-{short}"))
                };
                assert!(!command.get_arguments().any(is_own), "{of} {option}");
            }
            assert!(advice.contains("packbox ") && !advice.ends_with('.'), "{advice}");
        }
    }

    #[test]
    fn other_words_are_no_commands_and_lead_to_commands() {
        let whole = super::super::help::command();
        for (above, words) in [("", COMMANDS), ("registry", OF_REGISTRY), ("plugin", OF_PLUGIN)] {
            let command = whole.find_subcommand(above).unwrap_or(&whole);
            for (others, advice) in words {
                for word in *others {
                    assert!(command.find_subcommand(word).is_none(), "{above} {word}");
                }
                for named in advice.split('`').skip(1).step_by(2).filter_map(|named| named.strip_prefix("packbox ")) {
                    let mut words = named.split(' ');
                    let first = words.next().unwrap();
                    let found = whole.find_subcommand(first);
                    assert!(found.is_some() || first.starts_with("--"), "{named}");
                    if let Some(group) = found.filter(|group| group.has_subcommands()) {
                        assert!(words.next().is_some_and(|word| group.find_subcommand(word).is_some()), "{named}");
                    }
                }
            }
        }
    }
}
