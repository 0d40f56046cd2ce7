//! What the commands print that change what is installed.

use serde::Serialize;

use super::error::ErrorBody;
use crate::digest::Digest;
use crate::library::{Cleaned, Entry, Stays, Update};
use crate::registry::RegistryName;

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
    /// Registries that could not be read; what was last read of them counts, but where they are damaged.
    pub unread: &'a [UnreadRegistry<'a>],
    /// Whether it was taken.
    pub accepted: bool,
}

/// A registry that could not be read.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct UnreadRegistry<'a> {
    /// Its name.
    pub name: &'a RegistryName,
    /// Why not; `integrity`: what it says now can't be trusted.
    pub error: ErrorBody<'a>,
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
