//! What the components of a newer release may do that those of an older one could not, or the other way round.
//!
//! Always true here: what widens is decided on values; text is made of them for people only.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;
use serde::Serialize;

use crate::digest::Digest;
use crate::pack::PluginName;
use crate::registry::{Capability, Metadata};

/// How what a component may do differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PluginChange {
    /// The component.
    pub plugin: PluginName,
    /// The difference.
    #[serde(flatten)]
    pub change: CapabilityChange,
}

/// A difference in what a component is and may do; none: there is nothing on that side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(into = "Written")]
pub enum CapabilityChange {
    /// The version of the plugin ABI that it was built for.
    Abi {
        /// Before.
        before: Option<Version>,
        /// Now.
        now: Option<Version>,
    },
    /// Its bytes.
    Component {
        /// Before.
        before: Option<Digest>,
        /// Now.
        now: Option<Digest>,
    },
    /// Something that the pack asks for on its behalf.
    Grant {
        /// What.
        name: String,
        /// Whether it is asked for now, and was not before.
        added: bool,
    },
    /// An interface that it imports.
    Import {
        /// Which.
        name: String,
        /// Whether it is imported now, and was not before.
        added: bool,
    },
    /// A limit that the pack asks for, in its unit.
    Limit {
        /// Which.
        name: String,
        /// Before.
        before: Option<u64>,
        /// Now.
        now: Option<u64>,
    },
}

impl CapabilityChange {
    /// Whether a component may do more than before: what a user should look at.
    #[must_use]
    pub fn widens(&self) -> bool {
        match self {
            Self::Abi { .. } => false,
            Self::Component { before, .. } => before.is_none(),
            Self::Grant { added, .. } | Self::Import { added, .. } => *added,
            // No limit of its own is the default of whoever runs it, which may be any: more, to be on the safe side.
            Self::Limit { before, now, .. } => now.unwrap_or(u64::MAX) > before.unwrap_or(0),
        }
    }

    /// What it is about: `abi`, `component`, `grant`, `import` or `limit`.
    #[must_use]
    pub fn what(&self) -> &'static str {
        match self {
            Self::Abi { .. } => "abi",
            Self::Component { .. } => "component",
            Self::Grant { .. } => "grant",
            Self::Import { .. } => "import",
            Self::Limit { .. } => "limit",
        }
    }

    /// What was there before and what is there now, as text.
    #[must_use]
    pub fn sides(&self) -> (Option<String>, Option<String>) {
        fn both<T>(
            before: Option<&T>,
            now: Option<&T>,
            show: impl Fn(&T) -> String,
        ) -> (Option<String>, Option<String>) {
            (before.map(&show), now.map(&show))
        }
        match self {
            Self::Abi { before, now } => both(before.as_ref(), now.as_ref(), Version::to_string),
            Self::Component { before, now } => both(before.as_ref(), now.as_ref(), Digest::to_string),
            Self::Grant { name, added: true } | Self::Import { name, added: true } => (None, Some(name.clone())),
            Self::Grant { name, added: false } | Self::Import { name, added: false } => (Some(name.clone()), None),
            Self::Limit { name, before, now } => {
                both(before.as_ref(), now.as_ref(), |number| format!("{name}={number}"))
            }
        }
    }
}

/// A change as JSON has it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Written {
    /// What it is about: `abi`, `component`, `grant`, `import` or `limit`.
    what: &'static str,
    /// What was there before; none: nothing.
    before: Option<String>,
    /// What is there now; none: nothing.
    now: Option<String>,
}

impl From<CapabilityChange> for Written {
    fn from(change: CapabilityChange) -> Self {
        let (before, now) = change.sides();
        Self { what: change.what(), before, now }
    }
}

/// Compares what the components of two releases may do.
pub(super) fn compare(before: &Metadata, now: &Metadata) -> Vec<PluginChange> {
    let plugins: BTreeSet<&PluginName> = before.plugins.keys().chain(now.plugins.keys()).collect();
    let changes = plugins.into_iter().flat_map(|plugin| {
        let changes = differences(before.plugins.get(plugin), now.plugins.get(plugin));
        changes.into_iter().map(|change| PluginChange { plugin: plugin.clone(), change })
    });
    changes.collect()
}

fn differences(before: Option<&Capability>, now: Option<&Capability>) -> Vec<CapabilityChange> {
    let mut changes = Vec::new();
    let abi = |side: Option<&Capability>| side.and_then(|side| side.abi.clone());
    if abi(before) != abi(now) {
        changes.push(CapabilityChange::Abi { before: abi(before), now: abi(now) });
    }
    let component = |side: Option<&Capability>| side.map(|side| side.sha256);
    if component(before) != component(now) {
        changes.push(CapabilityChange::Component { before: component(before), now: component(now) });
    }
    let (no_names, no_limits) = (BTreeSet::new(), BTreeMap::new());
    let names = |of: fn(&Capability) -> &BTreeSet<String>| (before.map_or(&no_names, of), now.map_or(&no_names, of));
    let (old, new) = names(|side| &side.grants);
    let grants = old.symmetric_difference(new);
    changes.extend(grants.map(|name| CapabilityChange::Grant { name: name.clone(), added: new.contains(name) }));
    let (old, new) = names(|side| &side.imports);
    let imports = old.symmetric_difference(new);
    changes.extend(imports.map(|name| CapabilityChange::Import { name: name.clone(), added: new.contains(name) }));
    let (old, new) = (before.map_or(&no_limits, |side| &side.limits), now.map_or(&no_limits, |side| &side.limits));
    let limits: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let limits = limits.into_iter().map(|name| (name, old.get(name).copied(), new.get(name).copied()));
    let limits = limits.filter(|(_, before, now)| before != now);
    changes.extend(limits.map(|(name, before, now)| CapabilityChange::Limit { name: name.clone(), before, now }));
    changes
}
