//! The options that a manifest can give.

use serde::Deserialize;

use crate::names;

/// The options, checked.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Whether to derive serde's traits.
    pub serde: bool,
    /// The name of the type that the whole schema becomes; otherwise its title or its file's name.
    pub root: Option<TypeName>,
}

/// The name of a Rust type.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TypeName(String);

impl TypeName {
    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TypeName {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        if names::type_name(&name).as_deref() == Some(&name) {
            Ok(Self(name))
        } else {
            Err("it must be the name of a Rust type, like `Service`")
        }
    }
}
