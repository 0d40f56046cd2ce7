//! The options that a manifest may give for a template: all of them switches, each off by default.

use serde_json::Value;

use crate::bindings::packbox::plugin::types::Failure;
use crate::{diagnose, hints};

/// Reads a job's options. `names` are the switches of the engine, sorted; the answer says which of them are on, in the
/// same order. An unknown name or a value of another type is a failure.
pub fn switches<const N: usize>(json: &[u8], names: [&str; N]) -> Result<[bool; N], Failure> {
    let mut on = [false; N];
    if json == b"{}" {
        return Ok(on);
    }
    let table: serde_json::Map<String, Value> = serde_json::from_slice(json)
        .map_err(|error| diagnose::invalid_option(format!("the options cannot be read: {error}"), None))?;
    for (name, value) in &table {
        let Some(position) = names.iter().position(|known| known == name) else {
            let help = match hints::nearest(name, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None if N == 0 => "this engine has no options".to_owned(),
                None => format!("the options are {}", hints::list(names)),
            };
            return Err(diagnose::invalid_option(format!("unknown option `{name}`"), Some(help)));
        };
        match value {
            Value::Bool(value) => on[position] = *value,
            _ => return Err(diagnose::invalid_option(format!("the option `{name}` is not a boolean"), None)),
        }
    }
    Ok(on)
}
