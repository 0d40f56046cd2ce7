//! `Mode` and what belongs to it. Generated: change the schema, not this file.

/// One of several strings, `Mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Mode {
    /// `slow`.
    #[default]
    Slow,
    /// `fast`.
    Fast,
}

impl Mode {
    /// Returns the string as it stands in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Fast => "fast",
        }
    }

    /// Finds the value that a string of JSON means.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "slow" => Some(Self::Slow),
            "fast" => Some(Self::Fast),
            _ => None,
        }
    }
}
