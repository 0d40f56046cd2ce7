//! The template engines that the host has: it asks them for the names in templates.

/// Their names, each with the endings of its templates.
pub const BUILT_IN: &[(&str, &[&str])] = &[
    ("jinja", &[".jinja", ".j2"]),
    ("tera", &[".tera"]),
    ("handlebars", &[".hbs", ".handlebars"]),
    ("liquid", &[".liquid"]),
];

/// Says whether an engine is one that the host has.
#[must_use]
pub fn is_built_in(engine: &str) -> bool {
    BUILT_IN.iter().any(|(name, _)| *name == engine)
}
