//! A report of `check`, `lint` or `validate` as text, in each of the formats.
//!
//! Always true here: pure functions from a [`Report`](crate::check::Report) to text; nothing prints.

mod github;
mod human;
mod json;
mod junit;
mod look;
mod markdown;
mod measured;
mod pages;
mod render;
mod rules;
mod sarif;
mod summary;
mod trials;

#[cfg(test)]
mod tests;

pub(super) use github::error as github_error;
pub(super) use human::Writer;
pub use look::{Detail, Look};
pub(super) use markdown::code;
pub(super) use measured::scaled;
pub use pages::{rule_list, rule_page};
pub use render::render;
pub(super) use summary::codes;
