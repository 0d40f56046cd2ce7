//! The components that are part of this program, each with the limits that it has of its own.
//!
//! Always true here: naming a component reads none of it; only what is prepared is touched. A component that is missing
//! is an error when this is compiled.

use crate::digest::Digest;
use crate::engine::{Component, Profile, Role};
use crate::limits::{LimitRequest, Limits};
use crate::pack::BuiltInEngine;

/// The name of the built-in rules.
pub const RULES_NAME: &str = "rules";
/// The name of the built-in merger.
pub const MERGER_NAME: &str = "merge";
/// The name of the built-in query engine.
pub const SPARQL_NAME: &str = "sparql";

/// A file `plugins/prebuilt/NAME.wasm`, with compiled code where this build carries it.
#[derive(Debug)]
struct Prebuilt {
    name: &'static str,
    bytes: &'static [u8],
    digest: [u8; 32],
    precompiled: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

/// A component that is part of this program.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    prebuilt: &'static Prebuilt,
    defaults: LimitRequest,
}

/// The rules that every pack is checked against.
static RULES: BuiltIn = BuiltIn::new(RULES_NAME, LimitRequest::NONE);

/// What merges files that several packs want.
static MERGER: BuiltIn = BuiltIn::new(MERGER_NAME, LimitRequest::NONE);

/// What answers queries about graphs.
static SPARQL: BuiltIn = BuiltIn::new(SPARQL_NAME, Role::QueryEngine.limits());

/// The components of the template engines, in the order of [`BuiltInEngine::ALL`].
static ENGINES: [BuiltIn; BuiltInEngine::ALL.len()] = {
    let mut engines = [RULES; BuiltInEngine::ALL.len()];
    let mut at = 0;
    while at < engines.len() {
        let engine = BuiltInEngine::ALL[at];
        engines[at] = BuiltIn::new(engine.name(), engine.limits());
        at += 1;
    }
    engines
};

impl BuiltIn {
    /// The component of this name, with the limits that it has where the user says nothing.
    const fn new(name: &str, defaults: LimitRequest) -> Self {
        let mut at = 0;
        while !is_same(PREBUILT[at].name, name) {
            at += 1;
        }
        Self { prebuilt: &PREBUILT[at], defaults }
    }

    /// Describes it to an engine with this profile.
    #[must_use]
    pub fn component(self, profile: Profile) -> Component<'static> {
        Component {
            name: self.prebuilt.name,
            bytes: self.prebuilt.bytes,
            digest: self.digest(),
            precompiled: self.prebuilt.precompiled.filter(|_| profile == Profile::Run),
            trusted: true,
        }
    }

    /// Returns the digest of its bytes.
    #[must_use]
    pub const fn digest(self) -> Digest {
        Digest::from_bytes(self.prebuilt.digest)
    }

    /// What a call of it may use: what the user says, else its own limits, else those of every plugin.
    #[must_use]
    pub fn limits(self, user: &LimitRequest) -> Limits {
        Limits::DEFAULT.with(&self.defaults).with(user)
    }
}

/// Whether two names are the same, where only constants are.
const fn is_same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let mut at = 0;
    while at < left.len() && at < right.len() && left[at] == right[at] {
        at += 1;
    }
    at == left.len() && at == right.len()
}

/// Returns the component of a template engine.
#[must_use]
pub const fn of(engine: BuiltInEngine) -> BuiltIn {
    ENGINES[engine as usize]
}

/// Returns the built-in rules.
#[must_use]
pub const fn rules() -> BuiltIn {
    RULES
}

/// Returns the built-in merger.
#[must_use]
pub const fn merger() -> BuiltIn {
    MERGER
}

/// Returns the built-in query engine.
#[must_use]
pub const fn sparql() -> BuiltIn {
    SPARQL
}

/// Describes the jinja engine, which also evaluates the manifest's expressions.
#[must_use]
pub fn jinja(profile: Profile) -> Component<'static> {
    of(BuiltInEngine::Jinja).component(profile)
}

/// Describes all built-in components to an engine with this profile.
#[must_use]
pub fn all(profile: Profile) -> Vec<Component<'static>> {
    ENGINES.iter().chain([&RULES, &MERGER, &SPARQL]).map(|component| component.component(profile)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn every_component_is_found_by_its_name_and_used() {
        for engine in BuiltInEngine::ALL {
            let component = of(engine).component(Profile::Run);
            assert_eq!(component.name, engine.name());
            assert_eq!(component.digest, Digest::of(component.bytes));
        }
        assert_eq!(all(Profile::Run).len(), PREBUILT.len());
    }

    #[test]
    fn limits_of_its_own_hold_until_the_user_says_otherwise() {
        let own = LimitRequest { memory: Some(256 << 20), time: Some(Duration::from_secs(30)), ..LimitRequest::NONE };
        let slow = BuiltIn::new("tera", own);
        let limits = slow.limits(&LimitRequest::NONE);
        assert_eq!((limits.memory, limits.time), (256 << 20, Duration::from_secs(30)));
        assert_eq!(limits.fuel, Limits::DEFAULT.fuel);
        let user = LimitRequest { memory: Some(512 << 20), fuel: Some(7), ..LimitRequest::NONE };
        let limits = slow.limits(&user);
        assert_eq!((limits.memory, limits.time, limits.fuel), (512 << 20, Duration::from_secs(30), 7));
        assert_eq!(of(BuiltInEngine::Tera).limits(&LimitRequest::NONE), Limits::DEFAULT);
        // There is one stack for all plugins of a run, so none has its own.
        assert!(ENGINES.iter().chain([&RULES, &MERGER, &SPARQL]).all(|component| component.defaults.stack.is_none()));
    }
}
