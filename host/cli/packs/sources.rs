//! Where the packs of a `compose.toml` come from: paths that are read, and registries that there have to be.
//!
//! Always true here: what is wrong with what the file says is told for all packs at once, each at its place in the file.

use std::path::Path;

use crate::cli::library::no_archive;
use crate::cli::session::shown;
use crate::compose::packs::{COMPOSE_NAME, PackAt, Settings, Wanted};
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::library::Library;
use crate::pack::{MANIFEST_NAME, Pack, PackLimits, PackName};
use crate::registry::{self, RegistryName};

/// The packs that a `compose.toml` names, by their positions in it: those that are paths, and releases.
#[derive(Debug, Default)]
pub struct Sources {
    /// Packs that were read.
    pub here: Vec<(usize, Pack)>,
    /// Releases, from any registry or from one.
    pub releases: Vec<registry::Wanted>,
}

/// Whether an argument names a `compose.toml`: the file, or a folder that has one and is no pack.
#[must_use]
pub fn is_composition(argument: &Path) -> bool {
    let is_file = || argument.extension().is_some_and(|extension| extension == "toml");
    (argument.is_dir() && argument.join(COMPOSE_NAME).is_file() && !argument.join(MANIFEST_NAME).exists())
        || (is_file() && !argument.ends_with(MANIFEST_NAME))
}

/// Reads the packs that are paths.
///
/// # Errors
/// `Usage` where paths are those of no packs, or of others, with a finding for each, and for each registry that there is not;
/// those of reading packs.
pub fn read((settings, file): (&Settings, &Path), library: &Library, limits: &PackLimits) -> Result<Sources> {
    let mut sources = Sources::default();
    let (mut wrong, mut failed) = (Vec::new(), None);
    for (position, (name, wanted)) in settings.packs.iter().enumerate() {
        match wanted {
            Wanted::Path(path) => match load((name, path), file, settings.places.packs.get(name), limits) {
                Ok(Ok(pack)) => sources.here.push((position, pack)),
                Ok(Err(finding)) => wrong.push(finding),
                Err(error) => failed = failed.or(Some(error)),
            },
            Wanted::Release { requirement, registry } => {
                match registry.as_ref().map(|name| name.as_str().parse()).transpose() {
                    Ok(registry) => {
                        let (name, requirement) = (name.clone(), Some(requirement.clone()));
                        sources.releases.push(registry::Wanted { registry, name, requirement });
                    }
                    Err(error) => {
                        let error = Error::new(ErrorKind::Usage, format!("the name of a registry {error}"));
                        let place = settings.places.packs.get(name).map(|at| &at.source);
                        wrong.push(finding("compose/registry", &error, place));
                    }
                }
            }
        }
    }
    if wrong.is_empty() {
        return failed.map_or(Ok(sources), Err);
    }
    wrong.extend(unknown_registries(settings, library)?);
    wrong.sort_by_key(|finding| finding.span.as_ref().map(|span| span.start));
    let detail = match wrong.len() {
        1 => format!("`{}` has an error", shown(file)),
        count => format!("`{}` has {count} errors", shown(file)),
    };
    Err(Error::new(ErrorKind::Usage, detail).with_findings(wrong))
}

/// Says of registries that a `compose.toml` names, and that are not among the user's, that there are none.
///
/// # Errors
/// Those of reading which there are.
pub fn unknown_registries(settings: &Settings, library: &Library) -> Result<Vec<Diagnostic>> {
    let mut unknown = Vec::new();
    for (name, wanted) in &settings.packs {
        let Wanted::Release { registry: Some(registry), .. } = wanted else { continue };
        let Ok(registry) = registry.as_str().parse::<RegistryName>() else { continue };
        if let Err(error) = library.registries()?.get(&registry) {
            let place = settings.places.packs.get(name).map(|at| &at.source);
            unknown.push(finding("compose/registry", &error, place));
        }
    }
    Ok(unknown)
}

/// Loads the pack at a path, or says what is wrong with the path.
fn load(
    (name, path): (&PackName, &Path),
    file: &Path,
    at: Option<&PackAt>,
    limits: &PackLimits,
) -> Result<Result<Pack, Diagnostic>> {
    // As the user would write it: without a `.` before.
    let found = file.parent().unwrap_or(Path::new("")).join(path);
    match Pack::load(&found, limits) {
        Ok(pack) => {
            let own = &pack.manifest.pack.name;
            if own.value == *name {
                return Ok(Ok(pack));
            }
            let message =
                format!("`{}` calls the pack at `{}` `{name}`, but it is `{}`", shown(file), shown(path), own.value);
            let mut finding =
                Diagnostic::error("compose/value", message).help(format!("write `{} = {{ path = … }}`", own.value));
            finding.span = at.map(|at| at.name.clone());
            finding.related.push(pack.span(&own.range));
            Ok(Err(finding))
        }
        Err(error) => {
            let error = no_archive(&found, error);
            let is_of_path = error.findings().is_empty() && error.location().is_none();
            let place = at.map(|at| &at.source);
            match (error.kind(), place) {
                (ErrorKind::Usage | ErrorKind::NotFound, _) if is_of_path => {
                    let mut finding = finding("compose/path", &as_written(error, &found, path), place);
                    if is_settings(&found, file) {
                        finding.help = Some("it names packs, and is none itself: write those that it names".to_owned());
                    }
                    Ok(Err(finding))
                }
                (_, Some(place)) if is_of_path => Err(error.at(place.clone())),
                _ => Err(error),
            }
        }
    }
}

/// Whether a path is that of a `compose.toml`, or of a folder that has one: this file, for instance, by any name.
fn is_settings(path: &Path, file: &Path) -> bool {
    let is_this = || path.canonicalize().is_ok_and(|path| file.canonicalize().is_ok_and(|file| path == file));
    is_composition(path) && (path.is_dir() || path.ends_with(COMPOSE_NAME) || is_this())
}

/// An error about a path, with the names that the file that names it would use.
fn as_written(error: Error, found: &Path, path: &Path) -> Error {
    let (from, to) = (shown(found), shown(path));
    let Some(before) = from.strip_suffix(&to).filter(|before| !before.is_empty()) else { return error };
    let written = |text: &str| text.replace(&format!("`{before}"), "`");
    let renamed = Error::new(error.kind(), written(&error.to_string()));
    match error.advice() {
        Some(advice) => renamed.hint(written(advice)),
        None => renamed,
    }
}

fn finding(rule: &str, error: &Error, place: Option<&Span>) -> Diagnostic {
    let mut finding = Diagnostic::error(rule, error.to_string());
    finding.help = error.advice().map(str::to_owned);
    finding.span = place.cloned();
    finding
}
