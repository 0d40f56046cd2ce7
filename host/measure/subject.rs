//! The plugin that a command is about: a project's component, or a component by itself.
//!
//! Always true here: the component was read within its limit and its header was looked at; nothing of it has run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::tree::read_file;
use crate::author::Project;
use crate::digest::Digest;
use crate::engine::{Component, Engine, Header, LimitRequest, Limits, Plugin, Role};
use crate::error::{ErrorKind, Result};
use crate::grants::{Grant, Grants};
use crate::text::printable_line;

/// The folder of a project that cases are in.
const CASES: &str = "cases";

/// A plugin to be tested, measured or called.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// The component.
    pub bytes: Arc<[u8]>,
    /// Its digest.
    pub digest: Digest,
    /// What it is by its exports: one role or several.
    pub roles: Vec<Role>,
    /// Where its cases are.
    pub cases: PathBuf,
    /// What its project says about limits.
    pub limits: LimitRequest,
    /// What it is to be granted: what its project asks for, and what the user adds.
    pub grants: Vec<Grant>,
}

impl Subject {
    /// Reads the plugin at a path: a project's folder, or a component, whose cases lie beside it. `grants` are given beside
    /// those that the project asks for.
    ///
    /// # Errors
    /// `NotFound` where there is no project, or nothing was built; `Usage` where the project can't be used; `Refused` and
    /// `Stopped` where it is no component.
    pub fn open(path: &Path, grants: &[Grant]) -> Result<Self> {
        let (name, file, folder, limits, asked) = if path.is_dir() {
            let project = Project::read(path)?;
            let file = project.component();
            (project.name.as_str().to_owned(), file, path.to_owned(), project.limits, project.grants)
        } else {
            let stem = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
            let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
            (plain_name(&stem), path.to_owned(), folder, LimitRequest::default(), Vec::new())
        };
        let bytes = read_file(&file, Limits::CEILING.component).map_err(|error| match error.kind() {
            ErrorKind::NotFound if path.is_dir() => {
                error.hint(format!("`packbox plugin build {}` makes it", printable_line(&path.display().to_string())))
            }
            ErrorKind::NotFound => error.hint("name the folder of a plugin project, or a component"),
            _ => error,
        })?;
        let header = Header::read(&bytes)?;
        let exports = |role: &Role| header.export(role.interface()).is_some();
        let roles: Vec<Role> = Role::ALL.iter().copied().filter(exports).collect();
        if roles.is_empty() {
            header.check(Role::Renderer.interface())?;
        }
        let digest = Digest::of(&bytes);
        let grants = [asked.as_slice(), grants].concat();
        Ok(Self { name, bytes: bytes.into(), digest, roles, cases: folder.join(CASES), limits, grants })
    }

    /// The component as an engine takes it: a stranger's.
    #[must_use]
    pub fn component(&self) -> Component<'_> {
        Component { name: &self.name, bytes: &self.bytes, digest: self.digest, precompiled: None, trusted: false }
    }

    /// What it has in an engine: what it is to be granted, and the user does not deny.
    #[must_use]
    pub fn granted(&self, engine: &Engine) -> Grants {
        Grants::effective(&self.grants, &engine.options().denied)
    }

    /// Makes it ready for a role.
    ///
    /// # Errors
    /// Those of [`Engine::prepare_with`].
    pub fn prepare(&self, engine: &Engine, role: Role, limits: &Limits) -> Result<Arc<Plugin>> {
        engine.prepare_with(role, &self.component(), limits, self.granted(engine))
    }
}

/// A name that says nothing about where a file lies.
fn plain_name(stem: &str) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '-' };
    let name: String = stem.chars().map(plain).take(64).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "plugin".to_owned() } else { name.to_owned() }
}
