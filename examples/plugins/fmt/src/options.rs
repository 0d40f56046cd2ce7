//! The options that a manifest can give.

use packbox_sdk::serde_json::Value;
use serde::de::{Deserialize, Deserializer, Error};

use crate::Language;

/// How to lay out a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Blanks for each level, from 1 to 8.
    #[serde(deserialize_with = "between::<_, 1, 8>")]
    pub indent_width: u8,
    /// How long lines should be at most, in columns, from 20 to 250.
    #[serde(deserialize_with = "between::<_, 20, 250>")]
    pub line_width: u8,
    /// The language, where the path does not say it or says another one.
    pub language: Option<Language>,
}

impl Default for Options {
    fn default() -> Self {
        Self { indent_width: 2, line_width: 100, language: None }
    }
}

fn between<'de, D: Deserializer<'de>, const MIN: u8, const MAX: u8>(deserializer: D) -> Result<u8, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let number = value.as_u64().and_then(|number| u8::try_from(number).ok());
    number
        .filter(|number| (MIN..=MAX).contains(number))
        .ok_or_else(|| D::Error::custom(format!("it must be a whole number from {MIN} to {MAX}, not {value}")))
}
