//! The versions of the ABI that this host offers: the newest, and the one before.
//!
//! A plugin is spoken to in the version that it was built for. What differs is in that version's file and nowhere else:
//! an [`Adapter`](super::Adapter) makes its parameters from the newest version's, and the newest version's results from
//! its own. Which one it is, is decided when a component is made ready, and once for each batch; within a call nothing
//! is looked up, and for the newest version nothing is converted.
//!
//! A new version `0.2` comes with a file `v0_2.rs`, and takes over the types that the rest of the host knows; `v0_1.rs`
//! keeps those of its own that differ, and its adapter begins to convert. The case `V0_0` shows what that looks like: a
//! synthetic older version, which exists in tests only.

/// A version of the ABI that this host offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Abi {
    /// `packbox:plugin@0.1`
    V0_1,
    /// `packbox:plugin@0.0.1`, which never was: it lets the tests see that the version before the newest can be adapted.
    #[cfg(test)]
    V0_0,
}

impl Abi {
    /// The version whose types the host works with.
    pub const NEWEST: Self = Self::V0_1;

    /// Every version that is offered, the newest first.
    pub const ACCEPTED: &[Self] = &[
        Self::V0_1,
        #[cfg(test)]
        Self::V0_0,
    ];

    /// The version as the names of interfaces have it; a component may have been built for a later patch.
    #[must_use]
    pub const fn version(self) -> semver::Version {
        match self {
            Self::V0_1 => semver::Version::new(0, 1, 0),
            #[cfg(test)]
            Self::V0_0 => semver::Version::new(0, 0, 1),
        }
    }

    /// The version that a component was built for, where it is offered.
    #[must_use]
    pub fn of(version: &semver::Version) -> Option<Self> {
        let built = |abi: &Self| {
            let offered = abi.version();
            let same = (offered.major, offered.minor) == (version.major, version.minor);
            same && version.pre.is_empty() && (offered.minor > 0 || offered.patch == version.patch)
        };
        Self::ACCEPTED.iter().copied().find(built)
    }
}

/// Evaluates an expression with a name for the adapter of a version: the one place that knows which there are.
macro_rules! with_adapter {
    ($abi:expr, $adapter:ident => $body:expr) => {
        match $abi {
            $crate::abi::Abi::V0_1 => {
                type $adapter = $crate::abi::Newest;
                $body
            }
            #[cfg(test)]
            $crate::abi::Abi::V0_0 => {
                type $adapter = $crate::abi::Older;
                $body
            }
        }
    };
}
pub(crate) use with_adapter;
