//! Packs by name, for the commands that deal with them: which are meant, and how they are shown.

pub mod composing;
pub mod found;
pub mod installed;
pub mod lists;
pub mod named;
pub mod pinned;
pub mod registry;
pub mod sources;
pub mod subject;
