//! Packs as users name them: a folder, an archive, or the name of an installed one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::environment::Environment;
use super::session::Session;
use crate::compose::packs::{Arrangement, PackSet, check_versions};
use crate::error::{Error, ErrorKind, Result};
use crate::library::{Installation, Inventory, Library, Places, Steps, Waiting};
use crate::pack::{ARCHIVE_EXTENSION, MANIFEST_NAME, Pack, PackLimits, VariableName, is_address, pack_beside};
use crate::registry::Wanted;
use crate::text;

/// What a user means by a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// A folder or an archive.
    Path,
    /// An installed pack, or one of a registry.
    Name(Wanted),
}

/// Refuses a value of a variable that stands where a pack does.
///
/// # Errors
/// `Usage`, with how it is given.
pub fn refuse_value(text: &Path) -> Result<()> {
    let Some(how) = text.to_str().and_then(how_given).filter(|_| !text.exists()) else { return Ok(()) };
    let shown = text::printable_line(&text.display().to_string());
    Err(Error::new(ErrorKind::Usage, format!("`{shown}` is not a pack")).hint(how))
}

/// How a variable is given that stands by itself on a command line, as `NAME=VALUE`; none where it is nothing of the sort.
#[must_use]
pub fn how_given(argument: &str) -> Option<String> {
    let (name, _) = argument.split_once('=')?;
    let name: VariableName = name.parse().ok()?;
    Some(format!("the value of a variable is given with `--var {name}=…`"))
}

/// Tells paths and names apart by their form: what begins with `.`, `/` or `~`, ends with `.pack`, or can't be a name is a path.
///
/// # Errors
/// `Usage` where `@` makes it a name, and it is none; and for a value of a variable.
pub fn by_form(text: &Path) -> Result<Named> {
    let Some(word) = text.to_str() else { return Ok(Named::Path) };
    refuse_value(text)?;
    if word.starts_with(['.', '/', '~']) || text.extension().is_some_and(|extension| extension == ARCHIVE_EXTENSION) {
        return Ok(Named::Path);
    }
    match word.parse() {
        Ok(wanted) => Ok(Named::Name(wanted)),
        Err(error) if word.contains('@') && !text.exists() && !is_address(word) => Err(error),
        Err(_) => Ok(Named::Path),
    }
}

impl Environment {
    /// Finds where packs and settings about registries are.
    ///
    /// # Errors
    /// `Usage` where neither `PACKBOX_HOME` nor `HOME` is set.
    pub fn places(&self) -> Result<Places> {
        let folders = self.folders()?;
        let docker = match (self.get("DOCKER_CONFIG"), self.get("HOME")) {
            (Some(folder), _) => Some(PathBuf::from(folder)),
            (None, home) => home.map(|home| PathBuf::from(home).join(".docker")),
        };
        let docker_config = docker.map(|folder| folder.join("config.json"));
        Ok(Places { config: folders.config, data: folders.data, cache: folders.cache, docker_config })
    }
}

impl Session {
    /// The packs of this user.
    ///
    /// # Errors
    /// `Usage` where there is no place for them.
    pub fn library(&self, limits: &PackLimits) -> Result<Library> {
        let waiting = Waiting { interrupt: self.interrupt.clone(), progress: Arc::clone(&self.progress) };
        let library = Library::new(self.environment.places()?, limits.clone(), waiting);
        Ok(library.observed(Steps(self.hooks.on_step.clone())))
    }

    /// Says what a user means who wants to use a pack: the folder or archive that is there, or else a name. A folder that is
    /// no pack is in nobody's way.
    ///
    /// # Errors
    /// `Usage` where there are both a pack here and an installed one: a folder may have come with what somebody else made,
    /// so it is never taken for the installed pack; nor the other way round, where an author works on it.
    pub fn means(&self, text: &Path) -> Result<Named> {
        let Named::Name(wanted) = by_form(text)? else { return Ok(Named::Path) };
        if !text.exists() {
            return Ok(Named::Name(wanted));
        }
        match self.installed(&wanted) {
            None => Ok(Named::Path),
            Some(_) if text.is_dir() && !text.join(MANIFEST_NAME).exists() => Ok(Named::Name(wanted)),
            Some(installed) => Err(ambiguous(text, "a folder here", &installed)),
        }
    }

    /// An installed pack that a name means, as `NAME@VERSION`.
    #[must_use]
    pub fn installed(&self, wanted: &Wanted) -> Option<String> {
        let library = self.library(&PackLimits::default());
        let inventory = library.and_then(|library| library.installed().read()).unwrap_or_default();
        let installed = inventory.meant(wanted).next()?;
        Some(format!("{}@{}", installed.name, installed.version))
    }

    /// The installed release that a user names, where its registry withdrew it since.
    #[must_use]
    pub fn withdrawn(&self, text: &Path) -> Option<Installation> {
        let Ok(Named::Name(wanted)) = self.means(text) else { return None };
        let library = self.library(&PackLimits::default()).ok()?;
        let inventory = library.installed().read().ok()?;
        inventory.find(&wanted).ok().filter(|found| library.is_withdrawn(found)).cloned()
    }

    /// Says so where a user uses a release that its registry withdrew.
    pub fn tell_withdrawn(&self, text: &Path) {
        if let Some(Installation { name, version, origin, .. }) = self.withdrawn(text) {
            self.output.say(&format!(
                "note: {name} {version} was withdrawn from {origin} after it was installed; `packbox update {name}` looks for another version"
            ));
        }
    }

    /// Loads the pack that a user names: a folder, an archive, or an installed pack.
    ///
    /// # Errors
    /// Those of [`Pack::load`]; `NotFound` where no pack of that name is installed.
    pub fn pack(&self, path: &Path, limits: &PackLimits) -> Result<Pack> {
        match self.means(path)? {
            Named::Path => Pack::load(path, limits).map_err(|error| no_archive(path, error)),
            Named::Name(wanted) => {
                let library = self.library(limits)?;
                library.open_installed(&wanted).map_err(|error| {
                    let inventory = library.installed().read().unwrap_or_default();
                    // Who has nothing of that name anywhere probably meant a folder.
                    let is_unknown = inventory.versions(&wanted.name).next().is_none();
                    if error.kind() == ErrorKind::NotFound && is_unknown {
                        return no_pack(path, &wanted, &inventory, &library);
                    }
                    error
                })
            }
        }
    }
}

impl Session {
    /// Loads the packs that a user names, with the installed packs that they need.
    ///
    /// # Errors
    /// Those of [`Session::pack`], of finding what is needed and of putting packs in order.
    pub fn pack_set(&self, named: &[PathBuf], arrangement: &Arrangement, limits: &PackLimits) -> Result<PackSet> {
        let packs = named.iter().map(|path| self.pack(path, limits)).collect::<Result<Vec<_>>>()?;
        self.with_needed(packs, Vec::new(), arrangement, limits)
    }

    /// Puts packs in order, with the installed packs that they need; `found` are at hand already.
    ///
    /// # Errors
    /// As [`Session::pack_set`].
    pub fn with_needed(
        &self,
        named: Vec<Pack>,
        found: Vec<Pack>,
        arrangement: &Arrangement,
        limits: &PackLimits,
    ) -> Result<PackSet> {
        let needs_any = |pack: &Pack| pack.manifest.dependencies.values().any(|needed| !needed.optional);
        let all: Vec<Pack> = named.iter().chain(&found).cloned().collect();
        check_versions(&all)?;
        // Who needs nothing needs no place for packs, either.
        let needed = if all.iter().any(needs_any) { self.library(limits)?.needed_by(&all)? } else { Vec::new() };
        PackSet::of(named, found.into_iter().chain(needed).collect(), arrangement)
    }
}

/// Who names a file that is something else, and is not called an archive either, mistyped: no archive is damaged.
pub fn no_archive(path: &Path, error: Error) -> Error {
    let is_called_one = path.extension().is_some_and(|extension| extension == ARCHIVE_EXTENSION);
    let body = error.body();
    let is_other = ["is not a pack archive", ", not a pack"].iter().any(|end| body.detail.ends_with(end));
    if is_called_one || error.kind() != ErrorKind::Integrity || !is_other {
        return error;
    }
    let other = Error::new(ErrorKind::Usage, body.detail.clone());
    match body.hint.clone() {
        Some(hint) => other.hint(hint),
        None => other,
    }
}

/// The error for what is both.
pub fn ambiguous(path: &Path, what: &str, installed: &str) -> Error {
    let shown = text::printable_line(&path.display().to_string());
    let shown = shown.trim_end_matches('/');
    Error::new(ErrorKind::Usage, format!("`{shown}` is both {what} and an installed pack"))
        .hint(format!("write `./{shown}` for the folder, or `{installed}`"))
}

/// The error for what is neither a folder nor installed.
fn no_pack(path: &Path, wanted: &Wanted, inventory: &Inventory, library: &Library) -> Error {
    let (shown, name) = (text::printable_line(&path.display().to_string()), &wanted.name);
    let near = near_here(path, wanted, inventory).map(|near| format!("did you mean `{near}`?"));
    let hint = near.or_else(|| library.to_install(wanted)).unwrap_or_else(|| match &wanted.registry {
        Some(registry) => format!("`packbox install {wanted}` installs it, where the registry `{registry}` has it"),
        None => format!("`packbox install {name}` installs one from a registry, `packbox new {name}` makes a new one"),
    });
    Error::new(ErrorKind::NotFound, format!("there is no folder `{shown}`, and no pack `{name}` is installed"))
        .hint(hint)
}

/// The pack that was probably meant, of those that are installed or lie beside what was named, as it is to be written.
pub fn near_here(path: &Path, wanted: &Wanted, inventory: &Inventory) -> Option<String> {
    let installed = inventory.near(wanted);
    let Some(beside) = pack_beside(path) else { return installed };
    let folder = beside.file_name()?.to_str()?;
    let name = installed.as_deref().map(|installed| installed.rsplit('/').next().unwrap_or(installed));
    if name.is_some_and(|name| name != folder && text::nearest(wanted.name.as_str(), [folder, name]) == Some(name)) {
        return installed;
    }
    // What is installed, too, has to be told from it.
    let is_ambiguous = inventory.names().any(|name| name.as_str() == folder);
    let shown = text::printable_line(&beside.display().to_string());
    Some(if is_ambiguous { format!("./{shown}") } else { shown })
}
