//! What is varied: variables that somebody may be asked for, with the values that they are tried with.
//!
//! Always true here: each value is one that the variable allows.

use serde_json::{Value, json};

use super::reads::{Reads, Set, Subject};
use crate::compose::variables::Sources;
use crate::pack::{Manifest, Variable};
use crate::values::{ItemKind, VariableKind};

/// Values beside the first that a variable is tried with where its type has no end of them.
const MOST_FOUND: usize = 8;

/// A variable that is varied.
#[derive(Debug)]
pub struct Factor {
    /// Its position in the declaration.
    pub variable: usize,
    /// The values; of a type with few of them all, the one that the variable has by itself first.
    pub values: Vec<Value>,
    /// Whether each value is to be taken; else they are only ways to make conditions true and false.
    pub is_finite: bool,
}

/// Finds what is varied. `fixed` are variables that nobody is asked for.
pub fn find(manifest: &Manifest, fixed: &Set, samples: &Sources, reads: &Reads<'_>) -> Vec<Factor> {
    let varied = manifest.variables.iter().enumerate().filter(|(index, variable)| {
        !fixed.contains(index) && !variable.is_secret() && (variable.compute.is_none() || variable.prompt.is_some())
    });
    let factor = |(index, variable): (usize, &Variable)| {
        let own = variable.default.as_ref().or_else(|| samples.samples.get(variable.name.as_str()));
        let (values, is_finite) = match &variable.kind {
            VariableKind::Boolean => (vec![json!(true), json!(false)], true),
            VariableKind::Choice { choices } => (choices.iter().map(|choice| json!(choice.value)).collect(), true),
            _ => (found(variable, index, own, reads), false),
        };
        let mut values: Vec<Value> = values;
        if let (true, Some(own)) = (is_finite, own)
            && let Some(place) = values.iter().position(|value| value == own)
        {
            values[..=place].rotate_right(1);
        }
        (!values.is_empty()).then_some(Factor { variable: index, values, is_finite })
    };
    varied.filter_map(factor).collect()
}

/// Values that expressions compare a variable with, and an item for a list that has none.
fn found(variable: &Variable, index: usize, own: Option<&Value>, reads: &Reads<'_>) -> Vec<Value> {
    let texts = reads.expressions.iter().filter(|(_, reads)| reads.contains(&index)).map(|(text, _)| *text);
    let literals: Vec<Literal<'_>> = texts.flat_map(literals).collect();
    let words = literals.iter().filter_map(|literal| match literal {
        Literal::Text(text) => Some(*text),
        Literal::Number(_) => None,
    });
    let numbers = literals.iter().filter_map(|literal| match literal {
        Literal::Number(number) => Some(*number),
        Literal::Text(_) => None,
    });
    let around = numbers.flat_map(|number| [Some(number), number.checked_add(1), number.checked_sub(1)]).flatten();
    let mut values: Vec<Value> = match &variable.kind {
        VariableKind::String { .. } => words.map(Value::from).collect(),
        VariableKind::Integer { min, max } => around.chain(*min).chain(*max).map(Value::from).collect(),
        VariableKind::Number { .. } => around.map(Value::from).collect(),
        VariableKind::List { items, .. } => {
            let is_looped = reads
                .conditions
                .iter()
                .any(|condition| matches!(condition.subject, Subject::List(_)) && condition.reads.contains(&index));
            let of_words = words.filter(|_| *items == ItemKind::String).map(|word| json!([word]));
            // What a table is made of nobody knows.
            let made_up = (*items != ItemKind::Table).then(|| super::super::values::made_up(variable)).flatten();
            let filled = variable.example.clone().or(made_up).filter(|_| is_looped && own == Some(&json!([])));
            of_words
                .chain(filled)
                .chain(reads.expressions.iter().any(|(_, reads)| reads.contains(&index)).then(|| json!([])))
                .collect()
        }
        _ => Vec::new(),
    };
    let mut kept: Vec<Value> = Vec::new();
    for value in values.drain(..) {
        if kept.len() < MOST_FOUND && Some(&value) != own && !kept.contains(&value) && variable.check(&value).is_ok() {
            kept.push(value);
        }
    }
    kept
}

/// A constant in an expression.
enum Literal<'a> {
    Text(&'a str),
    Number(i64),
}

/// The constants in an expression, as far as they can be seen without parsing it: what is wrong is only a value in vain.
fn literals(text: &str) -> Vec<Literal<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut within_word = false;
    while let Some(first) = rest.chars().next() {
        let mut length = first.len_utf8();
        if first == '\'' || first == '"' {
            let Some(end) = rest[1..].find(first) else { break };
            found.push(Literal::Text(&rest[1..=end]));
            length = end + 2;
        } else if first.is_ascii_digit() && !within_word {
            length = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
            found.extend(rest[..length].parse().ok().map(Literal::Number));
        }
        within_word = first.is_alphanumeric() || first == '_';
        rest = &rest[length..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_seen() {
        let shown = |text| {
            let shown = |literal: &Literal<'_>| match literal {
                Literal::Text(text) => (*text).to_owned(),
                Literal::Number(number) => number.to_string(),
            };
            literals(text).iter().map(shown).collect::<Vec<_>>()
        };
        assert_eq!(shown("'docker' in tools and v2 == \"é\" or count >= 10"), ["docker", "é", "10"]);
        assert_eq!(shown("a == 'open"), Vec::<String>::new());
        assert_eq!(shown("99999999999999999999 + ''"), [""]);
    }
}
