//! The rules: a folder for each group, a file for each rule.

pub mod dependencies;
pub mod manifest;
pub mod plugins;
pub mod security;
pub mod templates;
pub mod variables;
