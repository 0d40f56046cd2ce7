//! What a question says, wherever it is asked.
//!
//! Always true here: nothing is said of a secret's value.

use serde_json::Value;

use crate::compose::variables::{Answered, Question};
use crate::pack::Variable;
use crate::show::gist;
use crate::text::{printable, printable_line, shortened};
use crate::values::VariableKind;

/// What stands for a value that may not be shown.
const HIDDEN: &str = "********";

/// The longest text of one line, in bytes; a screen cuts it further.
const LONGEST: usize = 1000;

/// The longest list of tables that is written out, in characters: what fits on a line with its question.
const LONGEST_TABLES: usize = 60;

/// The longest question, in bytes.
const LONGEST_TITLE: usize = 200;

/// The longest help, in bytes.
const LONGEST_HELP: usize = 4000;

/// What is asked, and which question of how many it is.
pub fn title(question: &Question<'_>) -> String {
    let title = match question.pack {
        Some(pack) => format!("{}: {}", printable_line(pack), asked(question.variable)),
        None => asked(question.variable),
    };
    match (question.least, question.most) {
        (_, 1) => title,
        (least, most) if least == most => format!("{title} ({} of {most})", question.number),
        (_, most) => format!("{title} ({} of at most {most})", question.number),
    }
}

/// What is expected; an example is one of the things that could be, and never taken by itself.
pub fn expectation(question: &Question<'_>) -> String {
    let variable = question.variable;
    let expected = match &variable.kind {
        // The choices are shown, and that any text will do needs no words.
        VariableKind::Choice { .. }
        | VariableKind::Boolean
        | VariableKind::String { pattern: None, min_length: None, max_length: None, .. } => String::new(),
        _ => variable.expectation(),
    };
    match &variable.example {
        Some(example) if !question.is_secret => {
            let example = shown(variable, example, false);
            let comma = if expected.is_empty() { "" } else { ", " };
            format!("{expected}{comma}for instance {example}")
        }
        _ => expected,
    }
}

/// What the pack's author says about it.
pub fn help(question: &Question<'_>) -> Option<String> {
    let help = printable(question.variable.help.as_deref()?);
    Some(shortened(help.trim().to_owned(), LONGEST_HELP)).filter(|help| !help.is_empty())
}

fn asked(variable: &Variable) -> String {
    shortened(printable_line(variable.question()), LONGEST_TITLE)
}

/// What is wrong with what was answered before, or with what the pack computed.
pub fn problem(question: &Question<'_>) -> Option<String> {
    let problem = question.problem?;
    Some(match question.draft {
        Some(_) => problem.to_string(),
        None => format!("what the pack computed can't be used: it {problem}"),
    })
}

/// What is taken where nothing is typed.
pub fn suggestion(question: &Question<'_>) -> Option<String> {
    let suggestion = question.suggestion?;
    if question.is_secret {
        return Some("what the pack computed".to_owned());
    }
    Some(shown(question.variable, suggestion, false))
}

/// A value as it is shown, on one line.
pub fn shown(variable: &Variable, value: &Value, is_secret: bool) -> String {
    if is_secret {
        return HIDDEN.to_owned();
    }
    match (&variable.kind, value) {
        (_, Value::String(text)) if text.is_empty() => "an empty text".to_owned(),
        (VariableKind::List { .. }, Value::Array(items)) if items.is_empty() => "an empty list".to_owned(),
        (VariableKind::Boolean, value) => if value == &Value::Bool(true) { "yes" } else { "no" }.to_owned(),
        (VariableKind::Choice { choices }, Value::String(value)) => {
            let choice = choices.iter().find(|choice| choice.value == *value);
            choice.map_or_else(|| printable_line(value), |choice| label(&choice.value, choice.label.as_deref()))
        }
        (kind, value) => {
            gist(value, LONGEST_TABLES).unwrap_or_else(|| printable_line(&shortened(kind.as_text(value), LONGEST)))
        }
    }
}

/// What the values that can be chosen are called, with the values.
pub fn choices(kind: &VariableKind) -> Option<Vec<(String, Value)>> {
    match kind {
        VariableKind::Boolean => Some(vec![("yes".to_owned(), true.into()), ("no".to_owned(), false.into())]),
        VariableKind::Choice { choices } => {
            let named = choices
                .iter()
                .map(|choice| (label(&choice.value, choice.label.as_deref()), Value::from(choice.value.as_str())));
            Some(named.collect())
        }
        _ => None,
    }
}

/// What else a choice is found by, beside what it is called: what would be read as it elsewhere.
pub fn others(kind: &VariableKind) -> &'static [&'static [&'static str]] {
    match kind {
        VariableKind::Boolean => &[&["true", "on", "1"], &["false", "off", "0"]],
        _ => &[],
    }
}

fn label(value: &str, label: Option<&str>) -> String {
    let label = match label {
        Some(label) if label != value => printable_line(&format!("{label} ({value})")),
        _ => printable_line(value),
    };
    shortened(label, LONGEST)
}

/// What an answer is the answer to.
pub fn name(variable: &Variable) -> String {
    asked(variable).trim_end_matches([':', ' ']).to_owned()
}

/// What stands between a name and the answer: a mark that ends the name will do.
pub fn separator(name: &str) -> &'static str {
    if name.ends_with(['?', '!', '？', '！', '：']) { " " } else { ": " }
}

/// An answer in a list of them.
pub fn answered(answered: &Answered<'_>) -> String {
    let name = name(answered.variable);
    let shown = shown(answered.variable, answered.value, answered.is_secret);
    format!("{name}{}{shown}", separator(&name))
}
