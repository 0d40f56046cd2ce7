//! Secrets replaced in what a call is given, so that it can be saved.
//!
//! Always true here: afterwards no value of a secret variable stands in the input, nor any text of one within other
//! texts. Names of variables stay.

use serde_json::{Map, Value};

use crate::engine::{CallFile, Input, Part, PartMut};
use crate::secrets::Secrets;

/// What is to be replaced.
#[derive(Debug, Clone, Default)]
pub struct Placeholders {
    names: Vec<String>,
    values: Vec<String>,
}

impl Placeholders {
    /// Replaces the variables of these names, and these values wherever they stand.
    #[must_use]
    pub fn new(names: impl IntoIterator<Item = String>, values: impl IntoIterator<Item = String>) -> Self {
        Self { names: names.into_iter().collect(), values: values.into_iter().collect() }
    }

    /// Whether there is nothing to replace.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.values.is_empty()
    }

    /// Replaces secrets by `secret-1`, `secret-2` and so on; numbers of secret variables become 0, truth values false.
    /// Returns whether anything changed.
    pub fn apply(&self, input: &mut Input) -> bool {
        if self.is_empty() {
            return false;
        }
        let before = input.clone();
        let mut values = self.values.clone();
        for (_, part) in input.parts() {
            let Part::Variables(context) = part else { continue };
            let Ok(Value::Object(variables)) = serde_json::from_slice(context) else { continue };
            for name in &self.names {
                if let Some(value) = variables.get(name) {
                    texts(value, &mut values);
                }
            }
        }
        values.retain(|value| !value.is_empty());
        // Longer ones first, so that one within another leaves nothing of itself.
        values.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        values.dedup();
        let replace = Replace { values: &values };
        for (_, part) in input.parts_mut() {
            match part {
                PartMut::Variables(context) => self.context(context, &replace),
                PartMut::Json(json) => replace.json(json),
                PartMut::Maybe(bytes) => bytes.iter_mut().for_each(|bytes| replace.bytes(bytes)),
                PartMut::Text(text) => *text = replace.text(text),
                PartMut::Mode(_) => {}
                PartMut::File(file) => replace.file(file),
                PartMut::Files(files) => files.iter_mut().for_each(|file| replace.file(file)),
            }
        }
        *input != before
    }

    /// Replaces the values of secret variables as a whole, and what of them stands elsewhere.
    fn context(&self, context: &mut Vec<u8>, replace: &Replace<'_>) {
        let Ok(Value::Object(variables)) = serde_json::from_slice(context) else {
            replace.bytes(context);
            return;
        };
        let replaced: Map<String, Value> = variables
            .into_iter()
            .map(|(name, value)| {
                let secret = self.names.contains(&name);
                (name, if secret { blank(value, replace) } else { replace.value(value) })
            })
            .collect();
        *context = serde_json::to_vec(&replaced).unwrap_or_default();
        replace.bytes(context);
    }
}

/// All texts in a value, names of fields included.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                found.push(name.clone());
                texts(value, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A value of the same shape that says nothing.
fn blank(value: Value, replace: &Replace<'_>) -> Value {
    match value {
        Value::Bool(_) => Value::Bool(false),
        Value::Number(_) => Value::from(0),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| blank(item, replace)).collect()),
        Value::Object(fields) => Value::Object(
            fields.into_iter().map(|(name, value)| (replace.text(&name), blank(value, replace))).collect(),
        ),
        other => replace.value(other),
    }
}

struct Replace<'a> {
    values: &'a [String],
}

impl Replace<'_> {
    fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (number, value) in self.values.iter().enumerate() {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), &format!("secret-{}", number + 1));
            }
        }
        text
    }

    fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.value(item)).collect()),
            Value::Object(fields) => {
                Value::Object(fields.into_iter().map(|(name, value)| (self.text(&name), self.value(value))).collect())
            }
            other => other,
        }
    }

    /// JSON, where texts may be escaped; other bytes as they are.
    fn json(&self, bytes: &mut Vec<u8>) {
        if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
            let replaced = self.value(value.clone());
            if replaced != value {
                *bytes = serde_json::to_vec(&replaced).unwrap_or_default();
            }
        } else {
            self.bytes(bytes);
        }
    }

    fn bytes(&self, bytes: &mut Vec<u8>) {
        for (number, value) in self.values.iter().enumerate() {
            let finder = memchr::memmem::Finder::new(value.as_bytes());
            if finder.find(bytes).is_none() {
                continue;
            }
            let placeholder = format!("secret-{}", number + 1);
            let mut replaced = Vec::with_capacity(bytes.len());
            let mut rest = 0;
            for at in finder.find_iter(bytes) {
                if at >= rest {
                    replaced.extend_from_slice(&bytes[rest..at]);
                    replaced.extend_from_slice(placeholder.as_bytes());
                    rest = at + value.len();
                }
            }
            replaced.extend_from_slice(&bytes[rest..]);
            *bytes = replaced;
        }
    }

    fn file(&self, file: &mut CallFile) {
        file.path = self.text(&file.path);
        self.bytes(&mut file.contents);
    }
}

impl From<&Secrets> for Placeholders {
    fn from(secrets: &Secrets) -> Self {
        Self::new([], secrets.values().iter().cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(context: &str, template: &str) -> Input {
        Input::Render {
            context: context.into(),
            partials: Vec::new(),
            template: CallFile { path: "t".into(), contents: template.into() },
            locals: br#"{"item":"x\u0068unter2"}"#.to_vec(),
            options: b"{}".to_vec(),
        }
    }

    #[test]
    fn no_secret_is_left_in_any_form() {
        let mut input = input(
            r#"{"token":"hunter2","pin":4711,"url":"https://u:hunter2@h","esc":"\u0068unter2","list":["hunter22"],"name":"n"}"#,
            "a hunter2 b",
        );
        let placeholders = Placeholders::new(["token".to_owned(), "pin".to_owned()], []);
        assert!(placeholders.apply(&mut input));
        let told = format!("{input:?}");
        let Input::Render { context, template, locals, .. } = &input else { panic!("{told}") };
        for bytes in [context, &template.contents, locals] {
            let text = String::from_utf8_lossy(bytes);
            assert!(!text.contains("hunter2") && !text.contains("4711"), "{text}");
        }
        let variables: Value = serde_json::from_slice(context).expect("JSON");
        assert_eq!(variables["token"], "secret-1");
        assert_eq!(variables["pin"], 0);
        assert_eq!(variables["url"], "https://u:secret-1@h");
        assert_eq!(variables["name"], "n");
    }

    #[test]
    fn where_there_is_no_secret_nothing_changes() {
        let mut one = input(r#"{"a": 1}"#, "t");
        let before = one.clone();
        assert!(!Placeholders::default().apply(&mut one));
        assert_eq!(one, before);
    }
}
