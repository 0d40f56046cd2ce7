//! The options that a manifest can give.

use crate::diagnostic::Diagnostic;
use crate::json::{self, Value};
use crate::names;

const KNOWN: &str = "the options are `serde` (a boolean) and `root` (a type name)";

/// The options, checked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Whether to derive serde's traits.
    pub(crate) serde: bool,
    /// The name of the type that the whole schema becomes; otherwise its title or its file's name.
    pub(crate) root: Option<String>,
}

impl Options {
    /// Reads a JSON object. Unknown options are errors.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Vec<Diagnostic>> {
        let error = |message: String| vec![Diagnostic::error("json-schema/option", message).help(KNOWN)];
        let text = std::str::from_utf8(bytes).map_err(|_| error("the options are not UTF-8".to_owned()))?;
        let node = json::parse(text).map_err(|cause| error(format!("the options are not JSON: {}", cause.message)))?;
        if !matches!(node.value, Value::Object(_)) {
            return Err(error(format!("the options must be an object, not {}", node.kind())));
        }
        let mut options = Self::default();
        for member in node.members() {
            match (member.key.as_str(), &member.node.value) {
                ("serde", Value::Bool(serde)) => options.serde = *serde,
                ("root", Value::Text(name)) if names::type_name(name).as_deref() == Some(name) => {
                    options.root = Some(name.clone());
                }
                ("serde", _) => {
                    return Err(error(format!("the option `serde` must be a boolean, not {}", member.node.kind())));
                }
                ("root", _) => {
                    return Err(error("the option `root` must be the name of a Rust type, like `Service`".to_owned()));
                }
                (other, _) => return Err(error(format!("unknown option `{other}`"))),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_checked() {
        assert_eq!(Options::parse(b"{}").unwrap(), Options::default());
        let options = Options::parse(br#"{"serde": true, "root": "Service"}"#).unwrap();
        assert_eq!(options, Options { serde: true, root: Some("Service".to_owned()) });
        for invalid in
            [r#"{"sered": true}"#, r#"{"serde": 1}"#, r#"{"root": "a b"}"#, r#"{"root": "Vec"}"#, "[]", "{", "\u{1}"]
        {
            assert_eq!(Options::parse(invalid.as_bytes()).unwrap_err()[0].help.as_deref(), Some(KNOWN), "{invalid}");
        }
    }
}
