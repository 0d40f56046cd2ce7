//! What a pack is composed with before anything is rendered.

pub mod packs;
pub mod variables;
