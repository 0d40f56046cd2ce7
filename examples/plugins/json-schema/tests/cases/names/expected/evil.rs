//! `Evil` and what belongs to it. Generated: change the schema, not this file.

/// Line one
/// panic!("indented")
/// '''
/// panic!("fenced")
/// '''
/// \<script>alert(1)\</script> */ #![feature(x)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evil {
    /// `only`.
    Only,
}

impl Evil {
    /// Returns the string as it stands in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Only => "only",
        }
    }

    /// Finds the value that a string of JSON means.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "only" => Some(Self::Only),
            _ => None,
        }
    }
}
