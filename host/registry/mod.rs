//! Packs by name: releases, where they come from, and what is installed.
//!
//! Data flows in one direction: a source's index is synced, a resolver chooses releases, their archives are fetched and
//! checked, the store takes their content, and what is installed refers to it.

mod clock;
mod config;
mod index;
mod installed;
mod measured;
mod names;
mod release;
mod source;
mod steps;
mod store;
pub mod trust;
mod work;

pub use clock::seconds_now;
pub use config::{CONFIG_NAME, Location, Registries, RegistryEntry, Trust};
pub use index::{Filter, Found, Index, Known, Match, PackRow, Page, RegistryState, Synced};
pub use installed::{Installation, Installed, Inventory, Origin};
pub use measured::{Figures, Measurements};
pub use names::{PackVersion, RegistryName, Wanted, satisfies};
pub use release::{About, Capability, Needed, Release};
pub use source::{DirectorySource, Entry, Position, Published, Source, check_archive, check_size};
pub use steps::{OnStep, Steps};
pub use store::{Fault, Freed, Store, StoreLock, StoreReport};
pub use work::{
    CapabilityChange, Change, CleanOptions, Cleaned, Counted, FileChange, InstallReport, Installing, Library, Places,
    PublishReport, Uninstalled, Update,
};
