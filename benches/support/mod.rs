//! What suites share.
#![allow(dead_code, unused_imports, reason = "no suite uses all of it")]

pub mod guests;
pub mod packs;
pub mod process;
pub mod registries;
pub mod report;
pub mod rows;
pub mod suite;
