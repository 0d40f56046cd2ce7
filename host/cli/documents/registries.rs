//! What the commands print that deal with registries.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::pack::PackName;
use crate::registry::{PackVersion, RegistryName, Synced, Trust};

/// A registry that was added.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RegistryAdded<'a> {
    /// Its name.
    pub name: &'a RegistryName,
    /// Where it is.
    pub location: String,
    /// How many packs it has.
    pub packs: u64,
    /// What was new in it.
    pub synced: Synced,
}

/// A registry that was removed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RegistryRemoved<'a> {
    /// Its name.
    pub name: &'a RegistryName,
}

/// The registries that there are.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RegistryList<'a> {
    /// The registries, by name.
    pub registries: Vec<KnownRegistry<'a>>,
    /// Whom the user trusts, whatever the registry.
    pub trust: &'a Trust,
}

/// A registry.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KnownRegistry<'a> {
    /// Its name.
    pub name: &'a RegistryName,
    /// Where it is.
    pub location: &'a str,
    /// Public keys in minisign's form, one of which has to have signed whatever comes from it.
    pub keys: &'a BTreeSet<String>,
    /// How many packs it has; none where it was not read yet.
    pub packs: Option<u64>,
    /// When it was last read, in seconds since 1970.
    pub synced: Option<u64>,
}

/// Registries that were read.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RegistrySynced<'a> {
    /// The registries.
    pub registries: Vec<RegistryRead<'a>>,
}

/// A registry that was read.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RegistryRead<'a> {
    /// Its name.
    pub name: &'a RegistryName,
    /// What was new in it.
    pub synced: Synced,
}

/// A release that was withdrawn, or of which that was taken back.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Yanked<'a> {
    /// The registry.
    pub registry: &'a RegistryName,
    /// The pack.
    pub name: &'a PackName,
    /// The release.
    pub version: &'a PackVersion,
    /// Whether it is withdrawn now.
    pub yanked: bool,
    /// Whether that is new.
    pub changed: bool,
}
