//! What to tell a user about a variable, and how to give it.

use serde_json::{Map, Value};

use super::declared::{Declared, environment_name};
use super::scope::Imported;
use crate::advice::said;
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind};
use crate::pack::{Expression, Variable, instead};
use crate::show;
use crate::text::nearest;
use crate::values::{Problem, VariableKind};

/// The rule of the engine for what is not defined.
pub(super) const UNDEFINED: &str = "template/undefined-variable";
/// A variable without a value.
const MISSING: &str = "variables/missing";
/// A value that somebody gave and that does not do.
pub(super) const INVALID: &str = "variables/invalid";
/// A value that the pack computes and that does not do.
const COMPUTED: &str = "variables/computed";
/// A value of another pack's variable that does not do.
const IMPORTED: &str = "variables/import";
/// A name that is none of the pack's variables.
pub(super) const UNKNOWN: &str = "variables/unknown";
/// The longest line of a file that is suggested, in bytes.
const MOST_WRITTEN: usize = 200;
/// How a secret is given beside the environment, where a pack is named.
const IN_FILE: &str = "give it in an answers file";
/// And where a saved plan is.
const AT_TERMINAL: &str = "run this in a terminal to be asked for it";

/// A variable has no value.
pub(super) fn missing(variable: &Variable, place: Span) -> Diagnostic {
    let message = format!("`{}` has no value", variable.name);
    Diagnostic::error(MISSING, message).at(place).help(advice(variable))
}

/// A variable has a value that does not do; `source` says who gave it, `written` is the value where it stands in a file.
pub(super) fn invalid(
    variable: &Variable,
    problem: &Problem,
    source: &str,
    (place, written): (Option<Span>, Option<&Value>),
) -> Diagnostic {
    let message = format!("`{}` {problem} ({source})", variable.name);
    let meant = problem.meant();
    let help = match written {
        None => format!("{}\n{}", asked(variable, variable.expectation()), way(variable, meant)),
        Some(value) => advice_in_file(variable, value, meant),
    };
    let mut finding = Diagnostic::error(INVALID, message).help(help);
    finding.span = place;
    finding
}

/// What the pack computes for a variable is no value of it.
pub(super) fn wrongly_computed(variable: &Variable, problem: &Problem, place: Span) -> Diagnostic {
    let message = format!("`{}` {problem} (computed by the pack)", variable.name);
    let help =
        format!("{}: correct the expression\nuntil that is done, {}", variable.kind.nature(), way(variable, None));
    Diagnostic::error(COMPUTED, message).at(place).help(help)
}

/// The value that a variable takes from another pack does not do.
pub(super) fn wrongly_imported(variable: &Variable, imported: &Imported, problem: &Problem, place: Span) -> Diagnostic {
    let from = &imported.from;
    let message = format!("`{}` {problem} (the value of `{from}`)", variable.name);
    let help = format!("{}\ngive `{from}` a value that both packs take", asked(variable, variable.expectation()));
    let mut finding = Diagnostic::error(IMPORTED, message).at(place).help(help);
    finding.related.push(imported.declared.clone());
    finding
}

/// A condition is neither true nor false.
pub(super) fn no_condition(variable: &Variable, value: &Value, place: Span) -> Diagnostic {
    // What it is says enough, and its value could be made from a secret.
    let kind = match value {
        Value::Null => "nothing",
        Value::String(_) => "a text",
        Value::Number(_) => "a number",
        Value::Array(_) => "a list",
        Value::Object(_) | Value::Bool(_) => "a table",
    };
    let message = format!("`when` of `{}` must be true or false, but is {kind}", variable.name);
    Diagnostic::error("variables/condition", message)
        .at(place)
        .help("compare it with something, for instance `when = \"database != 'none'\"`")
}

/// A name that was given a value is none of the pack's variables.
pub(super) fn unknown_here(declared: &Declared<'_>, name: &str, place: Option<Span>) -> Diagnostic {
    if declared.queries.contains_key(name) {
        let message = format!("{} is a query of the pack, and no variable", show::quoted(name));
        let help = "its answer is what the pack's graph has; give statements of yours with `--graph FILE`";
        let mut finding = Diagnostic::error(UNKNOWN, message).help(help);
        finding.span = place;
        return finding;
    }
    unknown(["the pack has no variable", "it has", "its"], name, declared.names(), place)
}

/// A name that was given a value is no variable; what is said of who has none comes first.
pub(super) fn unknown<'n>(
    [no_variable, has, its]: [&str; 3],
    name: &str,
    names: impl Iterator<Item = &'n str> + Clone,
    place: Option<Span>,
) -> Diagnostic {
    let message = format!("{no_variable} {}", show::quoted(name));
    let help = match nearest(name, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.clone().next().is_none() => format!("{has} no variables at all"),
        None => format!("{its} variables are {}", names.take(20).collect::<Vec<_>>().join(", ")),
    };
    let mut finding = Diagnostic::error(UNKNOWN, message).help(help);
    finding.span = place;
    finding
}

/// An error of an expression, as what is wrong with its variable.
pub(super) fn of_error(error: &Error) -> Diagnostic {
    let body = error.body();
    if let Some(first) = body.findings.first() {
        return first.clone();
    }
    let mut finding = Diagnostic::error(body.rule.unwrap_or("manifest/expression"), body.detail.clone());
    finding.span.clone_from(&body.location);
    finding.help.clone_from(&body.hint);
    finding
}

/// Whether a finding says what is wrong with what was given for a variable, at this place of a file.
pub(super) fn is_about(finding: &Diagnostic, variable: &Variable, place: Option<&Span>) -> bool {
    let starts_alike = |span: &Span| place.is_some_and(|place| place.path == span.path && place.start == span.start);
    finding.rule == INVALID
        && (finding.message.starts_with(&format!("`{}` ", variable.name))
            || finding.span.as_ref().is_some_and(starts_alike))
}

/// Whether an expression failed at something undefined.
#[must_use]
pub fn is_undefined(error: &Error) -> bool {
    error.body().findings.iter().any(|finding| finding.rule == UNDEFINED)
}

/// Keeps the kind of an error and drops what it says, which could repeat a secret that the expression read.
pub(super) fn silenced(error: &Error, expression: &Expression<'_>) -> Error {
    let detail = format!("the expression {} failed", show::quoted(expression.text));
    Error::new(error.kind(), detail)
        .at(expression.span())
        .hint("what went wrong is not shown, because the expression reads a secret")
}

/// Says of an expression that failed at something undefined which name nobody declares, where it reads one and the engine
/// does not say that it was another one. `others` are the names that it reads and
/// that are not `declared`; `list` is what `for_each` goes through, each as `item`.
pub fn undeclared<'n>(
    error: &Error,
    others: &[String],
    declared: impl Iterator<Item = &'n str>,
    list: Option<&str>,
) -> Option<Diagnostic> {
    let finding = error.body().findings.iter().find(|finding| finding.rule == UNDEFINED)?;
    let is_named = |name: &&String| finding.message.contains(&show::quoted(name));
    let nothing_named = || others.first().filter(|_| !finding.message.contains('`'));
    let name = others.iter().find(is_named).or_else(nothing_named)?;
    // Any name is near one of a letter or two.
    let declared: Vec<&str> = declared.chain(list.map(|_| "item")).collect();
    let near = nearest(name, declared.iter().copied()).filter(|_| name.chars().count() > 2);
    let other_tool = instead(name, |name| declared.contains(&name));
    let help = match near {
        _ if other_tool.is_some() => other_tool.unwrap_or_default(),
        _ if list.is_some_and(|list| is_one_of(name, list)) => {
            format!("write `item`, which is each item of {} in turn", show::quoted(list.unwrap_or_default()))
        }
        Some(near) => format!("did you mean {}?", show::quoted(near)),
        None => {
            format!("declare it under `[variables]`, or write {} if it is a text", show::quoted(&format!("'{name}'")))
        }
    };
    let message = format!("{} is not a variable of the pack", show::quoted(name));
    Some(Diagnostic { message, help: Some(help), ..finding.clone() })
}

/// Whether a name is what one would call an item of a list of that name.
pub(super) fn is_one_of(name: &str, list: &str) -> bool {
    let stem = name.strip_suffix('y').map(|stem| format!("{stem}ies"));
    [format!("{name}s"), format!("{name}es"), format!("{name}_list")].contains(&list.to_owned())
        || stem.is_some_and(|plural| plural == list)
}

/// Gives the advice that holds for a saved plan: secrets are asked for, and no file answers.
#[must_use]
pub fn of_saved_plan(error: Error) -> Error {
    let mut findings = error.body().findings.clone();
    for help in findings.iter_mut().filter_map(|finding| finding.help.as_mut()) {
        *help = help.replace(IN_FILE, AT_TERMINAL);
    }
    error.with_findings(findings)
}

/// What is wrong with the values of a saved plan, which were checked when it was made: somebody wrote others. `is_secret` says of
/// which variables a plan has no value, `is_query` which names are those of queries.
#[must_use]
pub fn mistakes_in_plan(
    variables: &[Variable],
    values: &Map<String, Value>,
    is_secret: &dyn Fn(&str) -> bool,
    is_query: &dyn Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let named = |name: &str| variables.iter().any(|variable| variable.name.as_str() == name);
    let unknown = values.keys().filter(|name| !named(name) && !is_query(name)).map(|name| {
        let finding = Diagnostic::error(UNKNOWN, format!("the pack has no variable {}", show::quoted(name)));
        match nearest(name, variables.iter().map(|variable| variable.name.as_str())) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding,
        }
    });
    let wrong = variables.iter().filter_map(|variable| {
        let (name, value) = (variable.name.as_str(), values.get(variable.name.as_str()));
        let told = |rule, message| Some(Diagnostic::error(rule, message).help(asked(variable, variable.expectation())));
        match value {
            None => told(MISSING, format!("`{name}` has no value")),
            Some(Value::Null) if is_secret(name) || variable.when.is_some() => None,
            Some(_) if is_secret(name) => {
                told(INVALID, format!("`{name}` is a secret, and a plan has no value of one"))
            }
            Some(value) => {
                let problem = variable.check(value).err()?;
                told(INVALID, format!("`{name}` {problem} (from the plan)"))
            }
        }
    });
    unknown.chain(wrong).collect()
}

/// Wraps everything that is wrong: with the pack where it computes what is no value, else with what the user gave.
#[must_use]
pub fn refused(findings: Vec<Diagnostic>) -> Error {
    let count = |rule: &str| findings.iter().filter(|finding| finding.rule == rule).count();
    let kind = if count(COMPUTED) > 0 { ErrorKind::Manifest } else { ErrorKind::Variables };
    let mut parts = Vec::new();
    for (rule, what) in [
        (MISSING, "missing"),
        (INVALID, "invalid"),
        (UNKNOWN, "unknown"),
        (COMPUTED, "computed wrongly"),
        (IMPORTED, "taken from a pack that allows other values"),
    ] {
        match count(rule) {
            0 => {}
            1 => parts.push(format!("1 variable is {what}")),
            several => parts.push(format!("{several} variables are {what}")),
        }
    }
    Error::new(kind, parts.join(", ")).with_findings(findings)
}

/// The question, what is expected, and how to give it.
fn advice(variable: &Variable) -> String {
    format!("{}\n{}", asked(variable, variable.expectation()), way(variable, None))
}

/// The question, and what is expected.
fn asked(variable: &Variable, expectation: String) -> String {
    let asked = match &variable.prompt {
        Some(prompt) => format!("{}: {expectation}", crate::text::printable_line(prompt)),
        None => expectation,
    };
    match example_text(variable).filter(|_| variable.example.is_some()) {
        Some(example) => format!("{asked}, for instance {}", show::quoted(&example)),
        None => asked,
    }
}

/// How to give a variable; `meant` is the value that somebody probably meant.
fn way(variable: &Variable, meant: Option<&str>) -> String {
    if said(false, true) {
        return "give it with `Inputs::with`".to_owned();
    }
    if variable.is_secret() {
        // A command line can be read by everybody on the machine.
        return format!("set `{}`, or {IN_FILE}", environment_name(&variable.name));
    }
    let example = meant.map(str::to_owned).or_else(|| example_text(variable));
    format!("give it with {}", flags(variable, example.as_deref()))
}

/// What is expected, and how to write it where the value stands: in TOML.
fn advice_in_file(variable: &Variable, given: &Value, meant: Option<&str>) -> String {
    let expectation = match &variable.prompt {
        Some(prompt) => format!("{}: {}", crate::text::printable_line(prompt), variable.kind.nature()),
        None => variable.kind.nature(),
    };
    let line = |value: &Value| {
        let line = format!("{} = {}", variable.name, toml::Value::try_from(value).ok()?);
        // What would have to be cut or replaced is of no use to anybody.
        let is_whole = line.len() <= MOST_WRITTEN && crate::text::printable_line(&line) == line;
        is_whole.then(|| format!("`{line}`"))
    };
    let is_text = matches!(
        variable.kind,
        VariableKind::String { .. } | VariableKind::Secret | VariableKind::Choice { .. } | VariableKind::Graph
    );
    let meant = meant.and_then(|meant| line(&Value::from(meant)));
    let how = match given {
        _ if meant.is_some() => meant.map(|line| format!("write {line}")),
        _ if is_text && !given.is_string() => Some(format!("put text in quotes: `{} = \"…\"`", variable.name)),
        _ if variable.is_secret() => None,
        Value::String(text) => {
            let quotes = if matches!(variable.kind, VariableKind::List { .. }) { "" } else { ", without quotes" };
            let meant = variable.parse_text(text).ok().filter(|meant| meant != given);
            meant.as_ref().and_then(line).map(|line| format!("write {line}{quotes}"))
        }
        _ => as_list(variable, given).as_ref().and_then(line).map(|line| format!("write {line}")),
    };
    let how = how.or_else(|| {
        let line = line(&example(variable)?)?;
        Some(format!("for instance {line}"))
    });
    how.map_or_else(|| expectation.clone(), |how| format!("{expectation}\n{how}"))
}

/// The list that somebody meant who wrote one item without brackets, or items as texts that are none.
fn as_list(variable: &Variable, given: &Value) -> Option<Value> {
    let VariableKind::List { .. } = &variable.kind else { return None };
    let items = match given {
        Value::Array(items) => items.iter().map(|item| read_item(variable, item)).collect::<Option<Vec<_>>>()?,
        item => vec![item.clone()],
    };
    let list = Value::from(items);
    variable.check(&list).is_ok().then_some(list)
}

/// An item, read by the type of its list where it is a text.
fn read_item(variable: &Variable, item: &Value) -> Option<Value> {
    let Value::String(text) = item else { return Some(item.clone()) };
    match variable.kind.parse_text(text).ok()? {
        Value::Array(items) => <[Value; 1]>::try_from(items).ok().map(|[item]| item),
        _ => None,
    }
}

/// The flags that give a variable; for a list, both ways to give two items.
fn flags(variable: &Variable, example: Option<&str>) -> String {
    let flag = |text: &str| {
        let assignment = format!("{}={text}", variable.name);
        format!("--var {}", shell_word(&crate::text::printable_line(&assignment)))
    };
    let VariableKind::List { .. } = &variable.kind else {
        return format!("`{}`", flag(&example.map_or_else(|| "VALUE".to_owned(), show::brief)));
    };
    let list = example_list(variable);
    let list = if list.to_string().len() > MOST_WRITTEN { show::outline(&list) } else { list };
    let each = list.as_array().map(Vec::as_slice).unwrap_or_default().iter().map(|item| {
        let alone = Value::from(vec![item.clone()]);
        flag(&variable.kind.as_text(&alone))
    });
    format!("`{}`, or `{}`", each.collect::<Vec<_>>().join(" "), flag(&list.to_string()))
}

/// A list of several items: one of the pack's, or any.
fn example_list(variable: &Variable) -> Value {
    let is_several = |value: &&Value| value.as_array().is_some_and(|items| (2..=3).contains(&items.len()));
    let given = [&variable.example, &variable.default].into_iter().flatten().find(is_several);
    match (given, &variable.kind) {
        (Some(list), _) => list.clone(),
        (None, VariableKind::List { items, .. }) => items.two(),
        (None, _) => Value::Null,
    }
}

/// A value that could be given.
fn example(variable: &Variable) -> Option<Value> {
    let value = variable.example.as_ref().or(variable.default.as_ref());
    match (value, &variable.kind) {
        (_, VariableKind::List { .. }) => Some(example_list(variable)),
        (Some(value), _) => Some(value.clone()),
        (None, VariableKind::Choice { choices }) => choices.first().map(|choice| Value::from(choice.value.clone())),
        (None, VariableKind::Boolean) => Some(Value::from(true)),
        (None, VariableKind::Integer { min, max }) => min.or(*max).map(Value::from),
        (None, _) => None,
    }
}

/// A value as it could stand on a command line.
fn example_text(variable: &Variable) -> Option<String> {
    let list = variable.example.as_ref().or(variable.default.as_ref());
    let value = if matches!(variable.kind, VariableKind::List { .. }) { list.cloned() } else { example(variable) };
    value.map(|value| variable.kind.as_text(&value))
}

/// Quotes a word for a POSIX shell where it needs it.
fn shell_word(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "_-=./:,@%+".contains(character);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
