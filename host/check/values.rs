//! Values to try a pack with where nobody gives any: defaults, examples, and the simplest that a type allows.
//!
//! Always true here: whatever is made up satisfies the variable's own constraints, or is not used.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::compose::variables::Sources;
use crate::pack::{Manifest, Variable};
use crate::values::{ItemKind, VariableKind};

/// What a secret is tried with: no real secret looks like it.
const SECRET: &str = "sample-secret-of-packbox";

/// Adds values to `sources` for all variables that would be missing. Returns those for which none is known.
pub fn fill<'m>(manifest: &'m Manifest, sources: &mut Sources) -> Vec<&'m Variable> {
    let flags = sources.flags.iter().map(|(name, _)| name.as_str());
    let given: BTreeSet<&str> = flags.collect();
    let (mut unknown, mut made) = (Vec::new(), Vec::new());
    for variable in &manifest.variables {
        let name = variable.name.as_str();
        if given.contains(name) || variable.default.is_some() || variable.compute.is_some() || variable.when.is_some() {
            continue;
        }
        match sample(variable) {
            Some(Value::String(text)) => made.push((name.to_owned(), text)),
            Some(value) => made.push((name.to_owned(), value.to_string())),
            None => unknown.push(variable),
        }
    }
    sources.flags.extend(made);
    unknown
}

fn sample(variable: &Variable) -> Option<Value> {
    if let Some(example) = &variable.example {
        return Some(example.clone());
    }
    candidates(&variable.kind).into_iter().find(|value| variable.check(value).is_ok())
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
    }
}
