//! Names and paths that a pack declares, each as one strict type.
//!
//! Always true here: a value of these types has passed its check, whichever way it was made; reading one from a
//! lockfile, a cache or a plan checks it again. They are cheap to clone.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::query::is_iri;

/// The name of the manifest.
pub const MANIFEST_NAME: &str = "pack.toml";

/// The longest path within a pack, in bytes.
pub const MAX_PATH_BYTES: usize = 1024;

/// Names that mean something else within an expression, or are bound by packbox itself.
const RESERVED_VARIABLES: &[&str] = &[
    "and",
    "elif",
    "else",
    "endfor",
    "endif",
    "false",
    "for",
    "if",
    "in",
    "is",
    "item",
    "loop",
    "none",
    "not",
    "null",
    "or",
    "self",
    "super",
    "true",
    "undefined",
];

/// A text is not a valid name or path; says what would be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidName(String);

macro_rules! strict_text {
    ($(#[$documentation:meta])* $name:ident, $check:path) => {
        $(#[$documentation])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks a text. Errors say what a valid one looks like.
            pub fn new(text: &str) -> Result<Self, InvalidName> {
                $check(text)?;
                Ok(Self(Arc::from(text)))
            }

            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.as_ref().to_owned()
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{:?}", &*self.0)
            }
        }
    };
}

strict_text! {
    /// The name of a pack: 1 to 64 of `a-z`, `0-9` and `-`, and the first is not a `-`.
    PackName, check_dashed
}

strict_text! {
    /// The name of a plugin within a pack: 1 to 64 of `a-z`, `0-9` and `-`, and the first is not a `-`.
    PluginName, check_dashed
}

strict_text! {
    /// The name of a merger's policy: 1 to 64 of `a-z`, `0-9` and `-`, and the first is not a `-`.
    PolicyName, check_dashed
}

strict_text! {
    /// The name of a variable: 1 to 64 of `a-z`, `0-9` and `_`, the first is not a digit, and it is none of the words
    /// that mean something in an expression (`not`, `true`, `item`, …).
    VariableName, check_variable
}

strict_text! {
    /// The name of a query; the same rules as for a variable, because both stand in `for_each`.
    QueryName, check_variable
}

strict_text! {
    /// The name of a variable in a query, without `?`: 1 to 64 of `a-z`, `A-Z`, `0-9` and `_`.
    ParameterName, check_parameter
}

strict_text! {
    /// The name of a prefix, without `:`: empty, or 1 to 64 of letters, digits, `-` and `_`, and the first is a letter.
    PrefixName, check_prefix
}

strict_text! {
    /// An absolute IRI of at most 2,048 bytes, for instance `https://example.org/shop#`.
    Iri, check_iri
}

strict_text! {
    /// A path within a pack: relative, `/` separated, without empty, `.` or `..` components, `\`, NUL or other control
    /// characters, and at most 1,024 bytes long.
    PackPath, check_path
}

impl PackPath {
    /// Returns the last component.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// Returns what stands behind the last `.` of the last component; none for `name` and `.name`.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.file_name().rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension)
    }

    /// Returns the path relative to a folder; none where it is not below that folder.
    #[must_use]
    pub fn below(&self, folder: &str) -> Option<&str> {
        self.0.strip_prefix(folder)?.strip_prefix('/')
    }
}

fn check_dashed(text: &str) -> Result<(), InvalidName> {
    let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=64).contains(&text.len()) && text.bytes().all(valid) && !text.starts_with('-') {
        Ok(())
    } else {
        Err(InvalidName("must be 1 to 64 of a-z, 0-9 and -, beginning with a letter or a digit".to_owned()))
    }
}

fn check_variable(text: &str) -> Result<(), InvalidName> {
    let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let starts_well = !text.starts_with(|character: char| character.is_ascii_digit());
    if !((1..=64).contains(&text.len()) && text.bytes().all(valid) && starts_well) {
        return Err(InvalidName("must be 1 to 64 of a-z, 0-9 and _, beginning with a letter or _".to_owned()));
    }
    if RESERVED_VARIABLES.contains(&text) {
        return Err(InvalidName(format!("must not be `{text}`, which has a meaning of its own in expressions")));
    }
    Ok(())
}

fn check_parameter(text: &str) -> Result<(), InvalidName> {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if (1..=64).contains(&text.len()) && text.bytes().all(valid) {
        Ok(())
    } else {
        Err(InvalidName("must be 1 to 64 of a-z, A-Z, 0-9 and _, without the `?`".to_owned()))
    }
}

fn check_prefix(text: &str) -> Result<(), InvalidName> {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let starts_well = text.is_empty() || text.starts_with(|first: char| first.is_ascii_alphabetic());
    if text.len() <= 64 && text.bytes().all(valid) && starts_well {
        Ok(())
    } else {
        let what = "must be empty, or at most 64 of letters, digits, - and _, beginning with a letter, without the `:`";
        Err(InvalidName(what.to_owned()))
    }
}

fn check_iri(text: &str) -> Result<(), InvalidName> {
    let invalid = |detail: &str| Err(InvalidName(detail.to_owned()));
    if text.len() > 2048 {
        return invalid("must be at most 2,048 bytes long");
    }
    let is_scheme = |scheme: &str| !scheme.is_empty() && is_iri(&format!("{scheme}:"));
    if !text.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme)) {
        return invalid("must be an absolute IRI, for instance `https://example.org/shop#`");
    }
    if !is_iri(text) {
        return invalid("must be an IRI, without spaces and without any of `<>\"{}|\\^` and backticks");
    }
    Ok(())
}

fn check_path(text: &str) -> Result<(), InvalidName> {
    let invalid = |detail: &str| Err(InvalidName(detail.to_owned()));
    if text.is_empty() {
        return invalid("must not be empty");
    }
    if text.len() > MAX_PATH_BYTES {
        return invalid("must be at most 1,024 bytes long");
    }
    if text.starts_with('/') {
        return invalid("must be relative, without a `/` at its beginning");
    }
    if text.contains('\\') {
        return invalid("must be separated by `/`, without `\\`");
    }
    if text.chars().any(char::is_control) {
        return invalid("must not hold control characters");
    }
    for component in text.split('/') {
        match component {
            "" => return invalid("must not have empty components (`//`, or a `/` at the end)"),
            "." | ".." => return invalid("must not have `.` or `..` components"),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pack_names_are_strict() {
        for valid in ["a", "rust-service", "0x", &"a".repeat(64)] {
            assert!(PackName::new(valid).is_ok(), "{valid}");
            assert!(PluginName::new(valid).is_ok(), "{valid}");
        }
        for invalid in ["", "-a", "A", "a_b", "a/b", "..", "ä", "a\0", &"a".repeat(65)] {
            assert!(PackName::new(invalid).is_err(), "{invalid}");
            assert!(PluginName::new(invalid).is_err(), "{invalid}");
        }
    }

    #[test]
    fn variable_names_are_no_words_of_the_expression_language() {
        for valid in ["a", "_a", "crate_name", "items", "a1"] {
            assert!(VariableName::new(valid).is_ok(), "{valid}");
        }
        for invalid in ["", "1a", "A", "a-b", "item", "loop", "true", "none", "not", "in", "if", "é"] {
            assert!(VariableName::new(invalid).is_err(), "{invalid}");
        }
    }

    #[test]
    fn iris_are_absolute_and_end_nowhere_else() {
        for valid in ["https://example.org/a#", "urn:x:y", "https://example.org/ä", "a:"] {
            assert!(Iri::new(valid).is_ok(), "{valid}");
        }
        for invalid in ["", "a", "/a", ":a", "1a:b", "https://e/ x", "https://e/>", "https://e/\u{85}", "a:\"b"] {
            assert!(Iri::new(invalid).is_err(), "{invalid:?}");
        }
        for valid in ["", "a", "rdf-s", "B2"] {
            assert!(PrefixName::new(valid).is_ok(), "{valid}");
        }
        for invalid in ["a:", "1", "_", "a b", "é"] {
            assert!(PrefixName::new(invalid).is_err(), "{invalid}");
        }
        assert!(ParameterName::new("leastPort_1").is_ok());
        assert!(["", "?least", "a-b", "é"].into_iter().all(|name| ParameterName::new(name).is_err()));
    }

    #[test]
    fn paths_stay_below_the_pack() {
        for valid in ["a", "a/b.c", ".hidden", "a b", "{{ name }}/x", "...", "é"] {
            assert!(PackPath::new(valid).is_ok(), "{valid}");
        }
        for invalid in ["", "/a", "a/", "a//b", "./a", "a/..", "..", "a\\b", "a\0b", "a\nb", &"a".repeat(1025)] {
            assert!(PackPath::new(invalid).is_err(), "{invalid:?}");
        }
    }

    #[test]
    fn deserializing_checks_again() {
        assert!(serde_json::from_str::<PackName>("\"ok\"").is_ok());
        assert!(serde_json::from_str::<PackName>("\"../x\"").is_err());
        assert!(serde_json::from_str::<VariableName>("\"item\"").is_err());
        assert!(serde_json::from_str::<PackPath>("\"../x\"").is_err());
        assert_eq!(serde_json::to_string(&PackPath::new("a/b").unwrap()).unwrap(), "\"a/b\"");
    }

    #[test]
    fn paths_know_their_parts() {
        let path = PackPath::new("templates/src/main.rs.jinja").unwrap();
        assert_eq!(path.file_name(), "main.rs.jinja");
        assert_eq!(path.extension(), Some("jinja"));
        assert_eq!(path.below("templates"), Some("src/main.rs.jinja"));
        assert_eq!(path.below("temp"), None);
        assert_eq!(PackPath::new("a/.gitignore").unwrap().extension(), None);
    }
}
