//! `Settings` and what belongs to it. Generated: change the schema, not this file.

/// An object, `Settings`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// The property `self`.
    pub self_: Option<String>,
    /// The property `fn`.
    pub r#fn: Option<bool>,
    /// The property `2fa`.
    pub field_2fa: Option<bool>,
    /// The property `HTTPProxy`.
    pub http_proxy: Option<String>,
    /// The property `log-level`.
    pub log_level: Option<SettingsLogLevel>,
    /// The property `$id2`.
    pub id2: Option<()>,
}

/// One of several strings, `SettingsLogLevel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettingsLogLevel {
    /// ``.
    Empty,
    /// `self`.
    Self_,
    /// `2xx`.
    Value2xx,
    /// `read only`.
    ReadOnly,
    /// `a"b\c`.
    ABC,
}

impl SettingsLogLevel {
    /// Returns the string as it stands in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "",
            Self::Self_ => "self",
            Self::Value2xx => "2xx",
            Self::ReadOnly => "read only",
            Self::ABC => "a\"b\\c",
        }
    }

    /// Finds the value that a string of JSON means.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "" => Some(Self::Empty),
            "self" => Some(Self::Self_),
            "2xx" => Some(Self::Value2xx),
            "read only" => Some(Self::ReadOnly),
            "a\"b\\c" => Some(Self::ABC),
            _ => None,
        }
    }
}
