//! packbox runs the code that other people put into template packs as WebAssembly components: a stranger's pack gets the
//! bytes that it is given, a memory ceiling, a time ceiling, and nothing else.
//!
//! Data flows in one direction: a folder or an archive is loaded to a [`pack::Pack`], variables get
//! [`compose::variables::Values`], both become a [`plan::Plan`], rendering makes a [`generate::tree::Tree`] of it, and
//! [`generate::commit`] writes that. Only [`engine`] knows wasmtime, only [`cli`] prints. `examples/embed.rs` shows the
//! whole way.
#![deny(missing_docs)]

pub mod abi;
pub mod author;
pub mod check;
pub mod cli;
mod clock;
pub mod compose;
pub mod diagnostic;
pub mod digest;
pub mod doctor;
pub mod engine;
pub mod error;
mod files;
pub mod generate;
pub mod grants;
pub mod hostile;
pub mod interrupt;
pub mod library;
pub mod limits;
pub mod measure;
pub mod pack;
pub mod plan;
pub mod plugins;
pub mod registry;
pub mod resolve;
pub mod secrets;
pub(crate) mod show;
pub mod stop;
pub mod text;
pub mod values;

#[cfg(test)]
mod mutations;

/// The version of packbox.
#[must_use]
pub fn version() -> semver::Version {
    // Cargo refuses a package whose version is not SemVer.
    semver::Version::parse(env!("CARGO_PKG_VERSION")).unwrap_or(semver::Version::new(0, 0, 0))
}
