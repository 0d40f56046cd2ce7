//! Packs that are generated together, as a user names them: by themselves, or in a `compose.toml`.
//!
//! Always true here: a pack that stands as a path is read from there; releases come from the lock beside the file where it has
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::sources::{self, Sources, is_composition, unknown_registries};
use crate::cli::args::{Combining, Resolving, StrategyName};
use crate::cli::session::{Session, shown};
use crate::compose::packs::{Arrangement, COMPOSE_NAME, PackSet, Presets, Settings, check_versions};
use crate::error::{Error, ErrorKind, Result};
use crate::library::{InstallReport, Installing, Library};
use crate::limits::UserLimits;
use crate::pack::{OutputPath, Pack, PackName};
use crate::plan::{OwnMerger, Rules, Strategy};
use crate::registry;
use crate::resolve::{LOCK_NAME, Lock, Locked};
use crate::text::printable_line;

/// What a user wants to be generated together.
#[derive(Debug)]
pub struct Composing {
    /// The packs that were named, where they were.
    pub named: Vec<PathBuf>,
    /// What a `compose.toml` says, and where it is.
    settings: Option<(Settings, PathBuf)>,
    arrangement: Arrangement,
    /// Whose files are taken.
    pub rules: Rules,
    /// Whether the lock beside a `compose.toml` is only read.
    only_reads: bool,
}

impl Composing {
    /// Reads what is meant by the arguments of a command.
    ///
    /// # Errors
    /// Those of [`Settings::read`]; [`ErrorKind::Usage`] where nothing is named and there is no `compose.toml`.
    pub fn of(packs: &[PathBuf], combining: &Combining) -> Result<Self> {
        let file = settings_file(packs)?;
        let settings = match file {
            Some(file) => Some((Settings::read(&file)?, file)),
            None => None,
        };
        let said = settings.as_ref().map(|(settings, _)| settings);
        let layers = match combining.strategy {
            Some(strategy) => strategy == StrategyName::Layer,
            None => said.is_some_and(|settings| settings.layers),
        };
        let mut resolutions = said.map(|settings| settings.resolutions.clone()).unwrap_or_default();
        for (number, (path, pack)) in combining.resolve.iter().enumerate() {
            let before = combining.resolve[..number].iter().find(|(other, of)| other == path && of != pack);
            if let Some((_, other)) = before {
                let detail = format!("`{path}` is said to be that of `{other}` and that of `{pack}`");
                return Err(Error::new(ErrorKind::Usage, detail).hint("give `--resolve` once for each file"));
            }
            resolutions.insert(path.clone(), pack.clone());
        }
        let typed = |path: &OutputPath| combining.resolve.iter().any(|(other, _)| other == path);
        let (mut merges, mut mergers, mut places) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        if let Some((settings, file)) = &settings {
            let folder = std::path::absolute(file).ok().and_then(|file| Some(file.parent()?.to_owned()));
            for (name, (path, digest)) in &settings.mergers {
                let path = folder.as_deref().unwrap_or(Path::new("")).join(path);
                let place = settings.places.mergers.get(name).cloned();
                mergers.insert(name.clone(), OwnMerger { place, ..OwnMerger::read(name, &path, *digest)? });
            }
            // Whose a file is, as it was typed, comes before what the file says.
            let open = settings.merges.iter().filter(|(path, _)| !resolutions.contains_key(*path));
            merges.extend(open.map(|(path, merging)| (path.clone(), Arc::new(merging.clone()))));
            let said = settings.places.files.iter().filter(|(path, _)| !typed(path));
            places.extend(said.map(|(path, at)| (path.clone(), at.clone())));
        }
        let shares = said.map(|settings| settings.shares.clone()).unwrap_or_default();
        let strategy = if layers { Strategy::Layer } else { Strategy::Merge };
        Ok(Self {
            named: if settings.is_some() { Vec::new() } else { packs.to_owned() },
            settings,
            arrangement: Arrangement { as_named: layers, shares },
            rules: Rules { strategy, resolutions, merges, mergers, places },
            only_reads: false,
        })
    }

    /// Leaves the lock beside a `compose.toml` as it is.
    #[must_use]
    pub fn only_reading(self) -> Self {
        Self { only_reads: true, ..self }
    }

    /// The answers that a `compose.toml` has.
    #[must_use]
    pub fn presets(&self) -> Presets {
        self.settings.as_ref().map(|(settings, _)| settings.answers.clone()).unwrap_or_default()
    }

    /// The `compose.toml` that is meant; none where packs are named.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.settings.as_ref().map(|(_, file)| &**file)
    }

    /// Loads the packs, with what they need.
    ///
    /// # Errors
    /// Those of [`Session::pack_set`]; for a `compose.toml` those of installing what it names.
    pub fn load(&self, session: &Session, resolving: Resolving, limits: &UserLimits) -> Result<PackSet> {
        match &self.settings {
            Some((settings, file)) => {
                load(session, (settings, file), (resolving, self.only_reads), &self.arrangement, limits)
            }
            None if resolving.locked => Err(Error::new(
                ErrorKind::Usage,
                format!("`--locked` is about the `{LOCK_NAME}` beside a `{COMPOSE_NAME}`, and here packs are named"),
            )
            .hint(format!("write a `{COMPOSE_NAME}` that names them"))),
            None => session.pack_set(&self.named, &self.arrangement, &limits.pack),
        }
    }
}

/// The `compose.toml` that is meant; none where packs are named.
fn settings_file(packs: &[PathBuf]) -> Result<Option<PathBuf>> {
    if packs.is_empty() {
        let file = PathBuf::from(COMPOSE_NAME);
        if file.exists() {
            return Ok(Some(file));
        }
        let detail = format!("no pack is named, and there is no `{COMPOSE_NAME}` in this folder");
        let hint = "name the packs, or write a `compose.toml` that names them";
        return Err(Error::new(ErrorKind::Usage, detail).hint(hint));
    }
    match packs.iter().find_map(|named| as_settings(named)) {
        Some(file) if packs.len() > 1 => {
            let detail = format!("`{}` says which packs there are, and packs are named beside it", shown(&file));
            let hint = "write them into its `[packs]`, or name all packs and not this file";
            Err(Error::new(ErrorKind::Usage, detail).hint(hint))
        }
        file => Ok(file),
    }
}

/// The `compose.toml` that an argument means, where it means one.
fn as_settings(named: &Path) -> Option<PathBuf> {
    is_composition(named).then(|| if named.is_dir() { named.join(COMPOSE_NAME) } else { named.to_owned() })
}

/// Loads the packs of a `compose.toml`: folders and archives as they are, releases as the lock beside it says, or the newest.
fn load(
    session: &Session,
    (settings, file): (&Settings, &Path),
    (resolving, only_reads): (Resolving, bool),
    arrangement: &Arrangement,
    limits: &UserLimits,
) -> Result<PackSet> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let library = session.library(&limits.pack)?;
    let lock = Lock::read(folder)?;
    let Sources { here: mut named, releases } = sources::read((settings, file), &library, &limits.pack)?;
    let mut found = Vec::new();
    let mut chosen = None;
    let here: Vec<Pack> = named.iter().map(|(_, pack)| pack.clone()).collect();
    check_versions(&here)?;
    // Who has neither registries nor a lock has what was imported, if anything.
    let locks = || Ok::<_, Error>(lock.is_some() || !library.registries()?.registries.is_empty());
    if !releases.is_empty() || (needs_more(&here) && locks()?) {
        if resolving.locked && lock.is_none() {
            let detail = format!("there is no `{}`", shown(&file.with_file_name(LOCK_NAME)));
            return Err(Error::new(ErrorKind::Usage, detail).hint(
                "without `--locked`, once, it is written with the releases that are chosen; keep it beside the file",
            ));
        }
        let report = install(&library, (&releases, &here), lock.as_ref(), resolving)
            .map_err(|error| at_releases(error, (settings, file), (&library, &releases)))?;
        chosen = Some(Lock::of(&report.resolution)).filter(|chosen| lock.as_ref() != Some(chosen));
        for pack in report.packs.iter().filter(|pack| pack.withdrawn) {
            session.output.say(&format!(
                "note: {} {} was withdrawn from {}, and `{}` still holds it; take it out of that file, and the next run chooses another",
                pack.name,
                pack.version,
                printable_line(&pack.origin),
                shown(&file.with_file_name(LOCK_NAME))
            ));
        }
        for entry in &report.packs {
            let exactly = format!("={}", entry.version).parse().ok();
            let pack = library.open_installed(&registry::Wanted {
                registry: None,
                name: entry.name.clone(),
                requirement: exactly,
            })?;
            match settings.packs.iter().position(|(name, _)| *name == entry.name) {
                Some(position) => named.push((position, pack)),
                None => found.push(pack),
            }
        }
    }
    named.sort_by_key(|(position, _)| *position);
    let named = named.into_iter().map(|(_, pack)| pack).collect();
    let set = session.with_needed(named, found, arrangement, &limits.pack)?;
    if let Some(chosen) = chosen.filter(|_| !only_reads && !resolving.locked) {
        chosen.write(folder)?;
        session.output.say(&format!("wrote which packs were chosen to {}", shown(&file.with_file_name(LOCK_NAME))));
    }
    Ok(set)
}

/// Installs releases, and what they and the packs that are `here` need, as a lock says.
fn install(
    library: &Library,
    (releases, here): (&[registry::Wanted], &[Pack]),
    lock: Option<&Lock>,
    resolving: Resolving,
) -> Result<InstallReport> {
    // Of what is here, the lock is of no concern, and may not be in its way.
    let is_here = |name: &PackName| here.iter().any(|pack| pack.manifest.pack.name.value == *name);
    let pinned = lock.cloned().unwrap_or_default().without(is_here);
    library.check_lock_beside(&pinned, resolving.locked)?;
    let how = Installing { preferences: pinned.preferences(), locked: resolving.locked, offline: resolving.offline };
    library.install_beside(releases, here, (&how, lock)).map_err(|error| {
        let unknown = library.of_unknown_registries(&pinned).unwrap_or_default();
        match unknown.first() {
            Some(Locked { name, version, registry, .. }) if error.kind() == ErrorKind::Resolution => error.hint(format!(
                "`{LOCK_NAME}` takes {name} {version} from the registry `{registry}`, which is not among yours: `packbox registry \
                 add {registry} LOCATION` adds it; without `{LOCK_NAME}`, what there is is chosen anew"
            )),
            _ => without_lock_option(error),
        }
    })
}

/// Where nothing fits because there is no registry of a name, that is what is wrong; a release that is nowhere is told with its place.
fn at_releases(
    error: Error,
    (settings, file): (&Settings, &Path),
    (library, releases): (&Library, &[registry::Wanted]),
) -> Error {
    if error.kind() != ErrorKind::Resolution {
        return error;
    }
    let unknown = unknown_registries(settings, library).unwrap_or_default();
    if unknown.is_empty() {
        let is_nowhere =
            |wanted: &&registry::Wanted| library.find(wanted).is_err_and(|none| none.kind() == ErrorKind::NotFound);
        let nowhere = releases.iter().find(is_nowhere).and_then(|wanted| settings.places.packs.get(&wanted.name));
        return match nowhere.filter(|_| error.location().is_none()) {
            Some(at) => error.at(at.source.clone()),
            None => error,
        };
    }
    let names: BTreeSet<&str> = unknown.iter().map(|finding| finding.message.as_str()).collect();
    let detail = match names.len() {
        1 => format!("`{}` names a registry that is not among yours", shown(file)),
        count => format!("`{}` names {count} registries that are not among yours", shown(file)),
    };
    Error::new(ErrorKind::Resolution, detail).with_findings(unknown)
}

/// Advises what there is: `compose` writes the lock by itself.
fn without_lock_option(error: Error) -> Error {
    let advice = error.body().hint.as_deref().and_then(|hint| hint.strip_suffix(", and `--lock` writes them to it"));
    match advice.map(|advice| format!("{advice}, and are written to it")) {
        Some(advice) => error.hint(advice),
        None => error,
    }
}

/// Whether packs need others than these.
fn needs_more(packs: &[Pack]) -> bool {
    let is_here = |name: &PackName| packs.iter().any(|pack| pack.manifest.pack.name.value == *name);
    let mut needed = packs.iter().flat_map(|pack| &pack.manifest.dependencies);
    needed.any(|(name, needed)| !needed.optional && !is_here(name))
}
