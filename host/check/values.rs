//! Values to try a pack with where nobody gives any: examples, and the simplest that a type allows.
//!
//! Always true here: whatever is made up satisfies the variable's own constraints, or is not used.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::matching;
use crate::compose::variables::Sources;
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::{Error, ErrorKind};
use crate::pack::{Manifest, Variable};
use crate::values::{ItemKind, VariableKind};

/// What a secret is tried with: no real secret looks like it.
const SECRET: &str = "sample-secret-of-packbox";

/// Adds answers to `sources` for all variables that may be asked for, have no value of their own, and are not among those
/// that the user gave a value to. Returns those for which none is known.
pub fn fill<'m>(manifest: &'m Manifest, given: &BTreeSet<String>, sources: &mut Sources) -> Vec<&'m Variable> {
    let mut unknown = Vec::new();
    let is_open =
        |one: &&Variable| one.default.is_none() && one.compute.is_none() && !given.contains(one.name.as_str());
    for variable in manifest.variables.iter().filter(is_open) {
        match sample(variable) {
            Some(value) => {
                sources.samples.insert(variable.name.to_string(), value);
            }
            None => unknown.push(variable),
        }
    }
    unknown
}

/// Whether nothing is wrong but that variables have no value: those for which [`fill`] knew none.
pub fn is_missing_only(error: &Error) -> bool {
    let findings = &error.body().findings;
    error.kind() == ErrorKind::Variables && findings.iter().all(|finding| finding.rule == "variables/missing")
}

/// What gates say of the values that a pack is tried with: they may be right to refuse what was made up.
pub fn refused(error: &Error) -> impl Iterator<Item = Diagnostic> {
    let findings = error.body().findings.iter().filter(|finding| finding.severity == Severity::Error);
    findings.map(|finding| {
        let message = format!("{}: nothing was rendered", finding.message);
        let help = "the pack was tried with its examples and defaults: give a variable of type `graph` an `example` that the \
                    gates let through, or put statements into the `files` of `[ontology]`";
        Diagnostic { severity: Severity::Warning, message, help: Some(help.to_owned()), ..finding.clone() }
    })
}

fn sample(variable: &Variable) -> Option<Value> {
    variable.example.clone().or_else(|| made_up(variable))
}

/// The simplest value that a variable's type allows, where one is found.
pub fn made_up(variable: &Variable) -> Option<Value> {
    let fits = |value: &Value| variable.check(value).is_ok();
    candidates(&variable.kind).into_iter().find(fits).or_else(|| match &variable.kind {
        VariableKind::String { pattern: Some(pattern), min_length, .. } => {
            let least = usize::try_from(min_length.unwrap_or(0)).unwrap_or(usize::MAX);
            matching::texts(pattern.as_str(), least).map(Value::from).find(fits)
        }
        _ => None,
    })
}

fn candidates(kind: &VariableKind) -> Vec<Value> {
    match kind {
        VariableKind::String { min_length, .. } => {
            let length = usize::try_from(min_length.unwrap_or(0).min(4096)).unwrap_or(0);
            let mut texts = vec!["example".to_owned(), "Example".to_owned(), "0.1.0".to_owned(), "1".to_owned()];
            texts.push("a".repeat(length));
            texts.into_iter().map(Value::from).collect()
        }
        VariableKind::Integer { min, max } => [Some(1), *min, *max].into_iter().flatten().map(Value::from).collect(),
        VariableKind::Number { min, max } => [Some(1.0), *min, *max].into_iter().flatten().map(Value::from).collect(),
        VariableKind::Boolean => vec![json!(true)],
        VariableKind::Choice { choices } => choices.iter().take(1).map(|choice| json!(choice.value)).collect(),
        VariableKind::List { items, min_items, .. } => {
            let count = usize::try_from(min_items.unwrap_or(1).clamp(1, 1000)).unwrap_or(1);
            let item = |index: usize| match items {
                ItemKind::String => json!(format!("example{}", index + 1)),
                ItemKind::Integer => json!(index + 1),
                #[expect(clippy::cast_precision_loss, reason = "at most a thousand")]
                ItemKind::Number => json!(index as f64 + 0.5),
                ItemKind::Boolean => json!(index.is_multiple_of(2)),
                ItemKind::Table => json!({ "name": format!("example{}", index + 1) }),
            };
            let plain: Vec<Value> = (0..count).map(item).collect();
            vec![Value::Array(plain), json!([])]
        }
        VariableKind::Secret => vec![json!(SECRET)],
        // No file: there are the statements of the pack.
        VariableKind::Graph => vec![json!("")],
    }
}
