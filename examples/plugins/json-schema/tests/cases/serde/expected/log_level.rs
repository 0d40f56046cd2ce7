//! `LogLevel` and what belongs to it. Generated: change the schema, not this file.

/// One of several strings, `LogLevel`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
pub enum LogLevel {
    /// `debug`.
    #[serde(rename = "debug")]
    Debug,
    /// `info`.
    #[default]
    #[serde(rename = "info")]
    Info,
    /// `warn`.
    #[serde(rename = "warn")]
    Warn,
    /// `error`.
    #[serde(rename = "error")]
    Error,
}

impl LogLevel {
    /// Returns the string as it stands in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// Finds the value that a string of JSON means.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "debug" => Some(Self::Debug),
            "info" => Some(Self::Info),
            "warn" => Some(Self::Warn),
            "error" => Some(Self::Error),
            _ => None,
        }
    }
}
