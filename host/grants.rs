//! Grants: what a plugin may be given beyond its arguments.
//!
//! Always true here: plain data. What is in force is what the manifest asks for and the user does not deny. A grant never
//! gives authority: with all of them a call is still a function of its arguments.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::text;

/// Something that a plugin may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Grant {
    /// An empty, deterministic WASI 0.2: no files, no sockets, a clock that stands still, seeded random numbers.
    WasiStub,
}

impl Grant {
    /// Every grant.
    pub const ALL: &[Self] = &[Self::WasiStub];

    /// The name, as it stands in a manifest.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WasiStub => "wasi-stub",
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A name that is no grant's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownGrant(String);

impl fmt::Display for UnknownGrant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Grant::ALL.iter().map(|grant| grant.name());
        match text::nearest(&self.0, names.clone()) {
            Some(near) => write!(formatter, "there is no such grant; did you mean `{near}`?"),
            None => {
                write!(formatter, "there is no such grant; the grants are: {}", names.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl std::error::Error for UnknownGrant {}

impl FromStr for Grant {
    type Err = UnknownGrant;

    fn from_str(name: &str) -> Result<Self, UnknownGrant> {
        Self::ALL.iter().copied().find(|grant| grant.name() == name).ok_or_else(|| UnknownGrant(name.to_owned()))
    }
}

/// How a grant stands with a plugin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The manifest does not ask for it.
    #[default]
    NotAsked,
    /// The manifest asks for it, and the user denies it.
    Denied,
    /// The plugin has it.
    Given,
}

/// How each grant stands with a plugin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Grants {
    /// [`Grant::WasiStub`]
    pub wasi_stub: Standing,
}

impl Grants {
    /// What a component that nobody's manifest names is given: nothing.
    pub const NONE: Self = Self { wasi_stub: Standing::NotAsked };
    /// Everything: for looking at a component, to see what it would take to run it.
    pub const ALL: Self = Self { wasi_stub: Standing::Given };

    /// What is in force: what a manifest asks for, without what the user denies.
    #[must_use]
    pub fn effective(asked: &[Grant], denied: &[Grant]) -> Self {
        let standing = |grant| match (asked.contains(&grant), denied.contains(&grant)) {
            (false, _) => Standing::NotAsked,
            (true, true) => Standing::Denied,
            (true, false) => Standing::Given,
        };
        Self { wasi_stub: standing(Grant::WasiStub) }
    }

    /// Whether a plugin has a grant.
    #[must_use]
    pub fn has(self, grant: Grant) -> bool {
        match grant {
            Grant::WasiStub => self.wasi_stub == Standing::Given,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_have_a_say() {
        let asked = [Grant::WasiStub];
        assert!(Grants::effective(&asked, &[]).has(Grant::WasiStub));
        assert_eq!(Grants::effective(&asked, &asked).wasi_stub, Standing::Denied);
        assert_eq!(Grants::effective(&[], &[]), Grants::NONE);
    }

    #[test]
    fn mistakes_are_named() {
        for grant in Grant::ALL {
            assert_eq!(grant.name().parse(), Ok(*grant));
        }
        let error = "wasi-stubb".parse::<Grant>().expect_err("no grant").to_string();
        assert!(error.contains("did you mean `wasi-stub`?"), "{error}");
        assert!("network".parse::<Grant>().expect_err("no grant").to_string().ends_with("the grants are: wasi-stub"));
    }
}
