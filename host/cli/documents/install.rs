//! What the commands print that change what is installed.

use serde::Serialize;

use crate::digest::Digest;
use crate::library::{Cleaned, Entry, Stays, Update};

/// Packs that were installed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Installed<'a> {
    /// The packs, each after those that it needs.
    pub packs: &'a [&'a Entry],
}

/// What is newer, and whether it was taken.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Updated<'a> {
    /// What is newer.
    pub updates: &'a [Update],
    /// Packs that stay as they are, as there is nothing that could be chosen for them.
    pub stays: &'a [Stays],
    /// Whether it was taken.
    pub accepted: bool,
}

/// A pack that was written as an archive.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Exported {
    /// The archive.
    pub file: String,
    /// The archive's size.
    pub bytes: usize,
    /// The digest of the pack's content.
    pub digest: Digest,
}

/// A folder that became a registry of what the lock holds.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Vendored {
    /// The folder.
    pub folder: String,
    /// How many packs are in it.
    pub packs: usize,
}

/// What was not needed any more.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Cleaning {
    /// Whether nothing was removed.
    pub dry_run: bool,
    /// What was removed, or would be.
    pub freed: Cleaned,
}
