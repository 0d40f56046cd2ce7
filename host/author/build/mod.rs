//! From a plugin project to its component: one file for each language.
//!
//! Always true here: the environment comes in as [`Surroundings`]; what a tool wrote is checked before it takes the place
//! of the component that stood there.

mod c;
mod javascript;
mod python;
mod rust;
mod surroundings;

pub use surroundings::Surroundings;

use std::path::PathBuf;

use super::component::{encode, finish, wants_wasi};
use super::project::{Language, Project};
use crate::digest::Digest;
use crate::engine::Header;
use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

/// What a build made.
#[derive(Debug, Clone)]
pub struct Built {
    /// The component's file.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// Its digest, as a pack names it.
    pub digest: Digest,
    /// What it says about itself.
    pub header: Header,
    /// Whether a pack has to ask for `wasi-stub` to use it.
    pub wants_wasi: bool,
}

/// Builds a project's component and writes it to `FOLDER/NAME.wasm`.
///
/// # Errors
/// `Usage` where a tool is missing (the hint installs it), `Plugin` where the build fails (the cause is what the tool
/// said), `Refused` where the component could not run here, `Interrupted`, `Io`.
pub fn build(project: &Project, surroundings: &Surroundings, interrupt: &Interrupt) -> Result<Built> {
    let scratch = Scratch::new(project)?;
    let module = match project.language {
        Language::Rust => rust::build(project, surroundings, interrupt)?,
        Language::JavaScript => javascript::build(project, surroundings, &scratch.file, interrupt)?,
        Language::Python => python::build(project, surroundings, &scratch.file, interrupt)?,
        Language::C => c::build(project, surroundings, &scratch.file, interrupt)?,
    };
    let component = encode(&module)?;
    let header = finish(project, &component)?;
    Ok(Built {
        path: project.component(),
        bytes: component.len() as u64,
        digest: Digest::of(&component),
        wants_wasi: wants_wasi(&header),
        header,
    })
}

/// A file that a tool writes to, gone when the build is done.
struct Scratch {
    file: PathBuf,
}

impl Scratch {
    fn new(project: &Project) -> Result<Self> {
        let folder = std::path::absolute(&project.folder)
            .map_err(|error| Error::io("cannot find the project's folder", error))?;
        Ok(Self { file: folder.join(format!(".{}.{}.build.wasm", project.name, std::process::id())) })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}
