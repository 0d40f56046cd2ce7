//! The components that are part of this program.
//!
//! Always true here: naming a component reads none of it; only what is prepared is touched.

use crate::digest::Digest;
use crate::engine::{Component, Profile};
use crate::pack::BuiltInEngine;

include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

/// The jinja engine: renders `.jinja` and `.j2` templates and evaluates the manifest's expressions.
pub const JINJA: &[u8] = include_bytes!("../../plugins/prebuilt/jinja.wasm");

/// The tera engine: renders `.tera` templates.
pub const TERA: &[u8] = include_bytes!("../../plugins/prebuilt/tera.wasm");

/// The handlebars engine: renders `.hbs` and `.handlebars` templates.
pub const HANDLEBARS: &[u8] = include_bytes!("../../plugins/prebuilt/handlebars.wasm");

/// The liquid engine: renders `.liquid` templates.
pub const LIQUID: &[u8] = include_bytes!("../../plugins/prebuilt/liquid.wasm");

/// The rules that every pack is checked against.
pub const RULES: &[u8] = include_bytes!("../../plugins/prebuilt/rules.wasm");

/// The name of the built-in rules.
pub const RULES_NAME: &str = "rules";

/// Returns the digest of a template engine's component.
#[must_use]
pub const fn digest(engine: BuiltInEngine) -> Digest {
    Digest::from_bytes(match engine {
        BuiltInEngine::Jinja => JINJA_DIGEST,
        BuiltInEngine::Tera => TERA_DIGEST,
        BuiltInEngine::Handlebars => HANDLEBARS_DIGEST,
        BuiltInEngine::Liquid => LIQUID_DIGEST,
    })
}

/// Describes a template engine to an engine with this profile.
#[must_use]
pub fn engine(engine: BuiltInEngine, profile: Profile) -> Component<'static> {
    let (bytes, precompiled) = match engine {
        BuiltInEngine::Jinja => (JINJA, JINJA_PRECOMPILED),
        BuiltInEngine::Tera => (TERA, TERA_PRECOMPILED),
        BuiltInEngine::Handlebars => (HANDLEBARS, HANDLEBARS_PRECOMPILED),
        BuiltInEngine::Liquid => (LIQUID, LIQUID_PRECOMPILED),
    };
    Component {
        name: engine.name(),
        bytes,
        digest: digest(engine),
        precompiled: precompiled.filter(|_| profile == Profile::Run),
        trusted: true,
    }
}

/// Describes the jinja engine, which also evaluates the manifest's expressions.
#[must_use]
pub fn jinja(profile: Profile) -> Component<'static> {
    engine(BuiltInEngine::Jinja, profile)
}

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
    let engines = BuiltInEngine::ALL.into_iter().map(|name| engine(name, profile));
    engines.chain([rules(profile)]).collect()
}
