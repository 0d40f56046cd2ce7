//! The registry that a command is about.

use crate::error::Result;
use crate::library::Library;
use crate::registry::{Registries, RegistryName};

/// The registry that a user names, or the only one.
pub fn chosen(library: &Library, name: Option<&RegistryName>) -> Result<(Registries, RegistryName)> {
    let registries = library.registries()?;
    let registry = name.map_or_else(|| registries.only(), Ok)?.clone();
    registries.get(&registry)?;
    Ok((registries, registry))
}
