//! The components that are part of this program.

use crate::digest::Digest;
use crate::engine::{Component, Profile};

include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

/// The jinja engine: renders `.jinja` and `.j2` templates and evaluates the manifest's expressions.
pub const JINJA: &[u8] = include_bytes!("../plugins/prebuilt/jinja.wasm");

/// The name of the jinja engine.
pub const JINJA_NAME: &str = "jinja";

/// Describes the jinja engine to an engine with this profile.
#[must_use]
pub fn jinja(profile: Profile) -> Component<'static> {
    Component {
        name: JINJA_NAME,
        bytes: JINJA,
        digest: Digest::from_bytes(JINJA_DIGEST),
        precompiled: JINJA_PRECOMPILED.filter(|_| profile == Profile::Run),
        trusted: true,
    }
}

/// The rules that every pack is checked against.
pub const RULES: &[u8] = include_bytes!("../plugins/prebuilt/rules.wasm");

/// The name of the built-in rules.
pub const RULES_NAME: &str = "rules";

/// Describes the built-in rules to an engine with this profile.
#[must_use]
pub fn rules(profile: Profile) -> Component<'static> {
    Component {
        name: RULES_NAME,
        bytes: RULES,
        digest: Digest::from_bytes(RULES_DIGEST),
        precompiled: RULES_PRECOMPILED.filter(|_| profile == Profile::Run),
        trusted: true,
    }
}

/// Describes all built-in components to an engine with this profile.
#[must_use]
pub fn all(profile: Profile) -> Vec<Component<'static>> {
    vec![jinja(profile), rules(profile)]
}
