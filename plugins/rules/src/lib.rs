//! The rules that packbox checks packs against, behind the world `validator-plugin`.
//!
//! A call is a pure function of its arguments. A rule is one file below `rules/`: its summary, its level, its page with
//! the cases that it is tested by, and its check. Nothing here panics on input, and nothing depends on hash seeds.

pub mod characters;
pub mod check;
pub mod comparisons;
pub mod engines;
pub mod findings;
pub mod known;
pub mod loops;
pub mod mustaches;
pub mod names;
pub mod registry;
pub mod requirement;
pub mod rule;
pub mod rules;
pub mod source;
pub mod subject;
pub mod tags;
pub mod tokens;

#[cfg(target_arch = "wasm32")]
mod guest;
#[cfg(test)]
mod tests;

/// The types of the plugin ABI, generated from its WIT.
#[allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "validator-plugin",
        pub_export_macro: true,
        additional_derives: [PartialEq],
    });
}
