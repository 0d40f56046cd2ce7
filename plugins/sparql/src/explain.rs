//! How an answer came about, as JSON.

use serde_json::{Value, json};
use spareval::QueryExplanation;

/// The steps of a query with how many rows each gave: `name`, `rows`, `children`. Times are left out, as there is no clock, and
/// so are keys of an order, in place of which the name of the step that sorts has what they are made of.
#[must_use]
pub fn steps(explanation: &QueryExplanation) -> Vec<u8> {
    let mut written = Vec::new();
    let told = match explanation.write_in_json(&mut written) {
        Ok(()) => serde_json::from_slice::<Value>(&written).unwrap_or(Value::Null),
        Err(_) => Value::Null,
    };
    step(&told["plan"], &mut Vec::new()).to_string().into_bytes()
}

/// A step, and those below it; `keys` are names of keys with what they are made of, as far as they were met.
fn step(told: &Value, keys: &mut Vec<(String, String)>) -> Value {
    let children = told["children"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut children: Vec<Value> = children.iter().map(|child| step(child, keys)).collect();
    let mut name = told["name"].as_str().unwrap_or_default().to_owned();
    let key = name.strip_prefix("Extend(<order key>(").and_then(|rest| rest.strip_suffix(')')?.rsplit_once(") -> "));
    if let Some((made_of, key)) = key
        && children.len() == 1
    {
        keys.push((key.to_owned(), made_of.to_owned()));
        return children.remove(0);
    }
    if name.starts_with("Sort(") {
        for (key, made_of) in keys.iter() {
            name = name.replace(&format!("({key})"), &format!("({made_of})"));
        }
    }
    json!({ "name": name, "rows": told["number of results"], "children": children })
}
