//! What to tell a user about a variable, and how to give it.

use serde_json::Value;

use super::declared::environment_name;
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind};
use crate::pack::{Variable, instead};
use crate::show;
use crate::text::nearest;
use crate::values::{Problem, VariableKind};

/// The rule of the engine for what is not defined.
const UNDEFINED: &str = "template/undefined-variable";
/// How a secret is given beside the environment, where a pack is named.
const IN_FILE: &str = "give it in an answers file";
/// And where a saved plan is.
const AT_TERMINAL: &str = "run this at a terminal, which asks for it";

/// A variable has no value.
pub(super) fn missing(variable: &Variable, place: Span) -> Diagnostic {
    let message = format!("`{}` has no value", variable.name);
    Diagnostic::error("variables/missing", message).at(place).help(advice(variable))
}

/// A variable has a value that does not do; `source` says who gave it.
pub(super) fn invalid(variable: &Variable, problem: &Problem, source: &str, place: Option<Span>) -> Diagnostic {
    let message = format!("`{}` {problem} ({source})", variable.name);
    let mut finding = Diagnostic::error("variables/invalid", message).help(advice(variable));
    finding.span = place;
    finding
}

/// Whether an expression failed at something undefined.
#[must_use]
pub fn is_undefined(error: &Error) -> bool {
    error.body().findings.iter().any(|finding| finding.rule == UNDEFINED)
}

/// Says of an expression that failed at something undefined which name nobody declares, where it reads one and the engine
/// does not say that it was another one. `others` are the names that it reads and
/// that are not `declared`.
pub fn undeclared<'n>(error: &Error, others: &[String], declared: impl Iterator<Item = &'n str>) -> Option<Diagnostic> {
    let finding = error.body().findings.iter().find(|finding| finding.rule == UNDEFINED)?;
    let is_named = |name: &&String| finding.message.contains(&show::quoted(name));
    let nothing_named = || others.first().filter(|_| !finding.message.contains('`'));
    let name = others.iter().find(is_named).or_else(nothing_named)?;
    // Any name is near one of a letter or two.
    let declared: Vec<&str> = declared.collect();
    let near = nearest(name, declared.iter().copied()).filter(|_| name.chars().count() > 2);
    let other_tool = instead(name, |name| declared.contains(&name));
    let help = match near {
        _ if other_tool.is_some() => other_tool.unwrap_or_default(),
        Some(near) => format!("did you mean {}?", show::quoted(near)),
        None => {
            format!("declare it under `[variables]`, or write {} if it is a text", show::quoted(&format!("'{name}'")))
        }
    };
    let message = format!("{} is not a variable of the pack", show::quoted(name));
    Some(Diagnostic { message, help: Some(help), ..finding.clone() })
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

/// Wraps everything that is wrong with what the user gave.
pub(super) fn wrap(findings: Vec<Diagnostic>) -> Error {
    let count = |rule: &str| findings.iter().filter(|finding| finding.rule == rule).count();
    let mut parts = Vec::new();
    for (rule, what) in
        [("variables/missing", "missing"), ("variables/invalid", "invalid"), ("variables/unknown", "unknown")]
    {
        match count(rule) {
            0 => {}
            1 => parts.push(format!("1 variable is {what}")),
            several => parts.push(format!("{several} variables are {what}")),
        }
    }
    Error::new(ErrorKind::Variables, parts.join(", ")).with_findings(findings)
}

/// The question, what is expected, and how to give it.
fn advice(variable: &Variable) -> String {
    let example = example_text(variable);
    let expectation = variable.expectation();
    let mut advice = match &variable.prompt {
        Some(prompt) => format!("{}: {expectation}", crate::text::printable_line(prompt)),
        None => expectation,
    };
    if let (Some(example), true) = (&example, variable.example.is_some()) {
        advice = format!("{advice}, for instance {}", show::quoted(example));
    }
    let environment = environment_name(&variable.name);
    if variable.is_secret() {
        // A command line can be read by everybody on the machine.
        return format!("{advice}\nset `{environment}`, or {IN_FILE}");
    }
    format!("{advice}\ngive it with {}", flags(variable, example.as_deref()))
}

/// The flags that give a variable; for a list, both ways to give two items.
fn flags(variable: &Variable, example: Option<&str>) -> String {
    let flag = |text: &str| {
        let assignment = format!("{}={text}", variable.name);
        format!("--var {}", shell_word(&crate::text::printable_line(&assignment)))
    };
    let VariableKind::List { items, .. } = &variable.kind else {
        return format!("`{}`", flag(example.unwrap_or("VALUE")));
    };
    let is_several = |value: &&Value| value.as_array().is_some_and(|items| (2..=3).contains(&items.len()));
    let given = [&variable.example, &variable.default].into_iter().flatten().find(is_several);
    let list = given.cloned().unwrap_or_else(|| items.two());
    let each = list.as_array().map(Vec::as_slice).unwrap_or_default().iter().map(|item| {
        let alone = Value::from(vec![item.clone()]);
        flag(&variable.kind.as_text(&alone))
    });
    format!("`{}`, or `{}`", each.collect::<Vec<_>>().join(" "), flag(&list.to_string()))
}

/// A value as it could stand on a command line.
fn example_text(variable: &Variable) -> Option<String> {
    let value = variable.example.as_ref().or(variable.default.as_ref());
    match (value, &variable.kind) {
        (Some(value), kind) => Some(kind.as_text(value)),
        (None, VariableKind::Choice { choices }) => choices.first().map(|choice| choice.value.clone()),
        (None, VariableKind::Boolean) => Some("true".to_owned()),
        (None, VariableKind::Integer { min, max }) => min.or(*max).map(|number| number.to_string()),
        (None, _) => None,
    }
}

/// Quotes a word for a POSIX shell where it needs it.
fn shell_word(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "_-=./:,@%+".contains(character);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
