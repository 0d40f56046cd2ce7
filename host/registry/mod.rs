//! Releases of packs and where they come from: names, trust, sources with their logs, and the index of all of them.
//!
//! Always true here: what a registry says is a stranger's word; each name, version, size and digest is a strict type.

mod config;
mod index;
mod names;
mod release;
mod source;
pub mod trust;

pub use config::{CONFIG_NAME, Registries, RegistryEntry, Trust};
pub use index::{Filter, Found, Index, IndexedRelease, Match, Order, PackRow, Page, RegistryState, Synced};
pub use names::{PackVersion, RegistryName, Wanted, satisfies};
pub use release::{Capability, Dependency, Metadata, Release};
#[cfg(feature = "oci")]
pub(crate) use source::OciSource;
pub use source::{DirectorySource, Entry, Location, Position, Published, Reach, Source, check_archive, check_size};
