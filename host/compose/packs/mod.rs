//! Packs that are generated together: which, in which order, and what each is given.
//!
//! Always true here: nothing is shared between two packs by accident: a variable takes its value from another pack only where
//! its pack, or the user, says so.

mod given;
mod imports;
mod set;
mod settings;
#[cfg(test)]
mod tests;

pub use given::{Presets, scopes, variable_named};
pub use imports::{check_imports, imported};
pub use set::{Arrangement, PackSet, Share, check_versions};
pub use settings::{COMPOSE_NAME, PackAt, Places, Settings, Wanted};
