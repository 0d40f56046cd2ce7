//! Names that are typed, read strictly.

use crate::error::{Error, Result};
use crate::pack::PackName;
use crate::registry::{PackVersion, RegistryName, Wanted};
use crate::text::dashed;

/// Reads the name of a registry.
pub fn registry(text: &str) -> Result<RegistryName, String> {
    RegistryName::typed(text).map_err(|error| in_a_line(&error))
}

/// Reads the name of a new pack.
pub fn new_pack(text: &str) -> Result<PackName, String> {
    let instead = || dashed(text).unwrap_or_else(|| "rust-service".to_owned());
    PackName::new(text).map_err(|error| format!("the name of a pack {error}; for instance `packbox new {}`", instead()))
}

/// Reads the name of a pack as users write it: `NAME`, `NAME@1.2`, `REGISTRY/NAME`.
pub fn wanted(text: &str) -> Result<Wanted, String> {
    text.parse().map_err(|error| in_a_line(&error))
}

/// A release: `NAME@1.2.3`.
#[derive(Debug, Clone)]
pub struct Release {
    pub name: PackName,
    pub version: PackVersion,
}

/// Reads the name of a release.
pub fn release(text: &str) -> Result<Release, String> {
    let (name, version) = text.split_once('@').unwrap_or((text, ""));
    match (name.parse(), version.parse()) {
        (Ok(name), Ok(version)) => Ok(Release { name, version }),
        _ => Err("it does not name a release; write `NAME@1.2.3`".to_owned()),
    }
}

/// What is wrong and what to do, as it stands behind what was typed.
fn in_a_line(error: &Error) -> String {
    let hint = error.body().hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("{error}{hint}")
}
