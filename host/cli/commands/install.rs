//! `install`: packs with what they need.

use crate::cli::library::{Named, by_form};
use crate::cli::packs::installed::{no_lock, print};
use crate::error::{Error, ErrorKind, Result};
use crate::library::Installing;
use crate::pack::PackLimits;
use crate::resolve::Lock;
use std::path::Path;

use clap::Args;

use crate::cli::args::Resolving;
use crate::cli::command::{Exit, ended};
use crate::cli::session::Session;
use crate::cli::{command, completers};
use crate::registry::Wanted;
use crate::resolve::LOCK_NAME;

/// What a reference to an OCI registry begins with.
const OCI: &str = "oci://";

/// Install packs with what they need: by name, from a folder, or from an archive.
#[derive(Debug, Args)]
pub struct Install {
    /// The packs: `NAME`, `NAME@1.2`, `REGISTRY/NAME`, a folder, or an archive. Without any: those in `packbox.lock`.
    #[arg(add = completers::packs_to_install())]
    pub packs: Vec<String>,
    /// Where packs come from.
    #[command(flatten)]
    pub resolving: Resolving,
    /// Write what was chosen to `packbox.lock` in this folder.
    #[arg(long)]
    pub lock: bool,
}

impl command::Command for Install {
    const NAME: &'static str = "install";
    const EXAMPLES: &'static [&'static str] = &["packbox install local/shop", "packbox install local/shop --lock"];
    command::documents!(Installed<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(install(session, self))
    }
}

/// Installs packs.
///
/// # Errors
/// Those of [`Library::install`]; nothing is installed then, but what was named before.
pub fn install(session: &Session, arguments: &Install) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let here = Path::new(".");
    let lock = Lock::read(here)?;
    let resolving = arguments.resolving;
    if resolving.locked && lock.is_none() {
        return Err(no_lock());
    }
    if let Some(lock) = lock.as_ref().filter(|_| resolving.locked || arguments.packs.is_empty()) {
        library.check_lock(lock)?;
    }
    let preferences = lock.as_ref().map(Lock::preferences).unwrap_or_default();
    let how = Installing { preferences, locked: resolving.locked, offline: resolving.offline };
    let registries = library.registries()?;
    let (mut names, mut others): (Vec<Wanted>, Vec<&str>) = (Vec::new(), Vec::new());
    for text in &arguments.packs {
        let path = Path::new(text);
        if cfg!(feature = "oci") && text.starts_with(OCI) {
            others.push(text);
            continue;
        }
        match by_form(path)? {
            // A name is a name, whatever lies in this folder; but for `packs/web` where no registry is called `packs`.
            Named::Name(wanted) if !path.exists() || registries.has(wanted.registry.as_ref()) => names.push(wanted),
            _ => others.push(text),
        }
    }
    if arguments.lock && names.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "`--lock` needs the name of a pack from a registry").hint(format!(
            "others can't find a pack that was installed from a path; `{LOCK_NAME}` holds only releases from registries"
        )));
    }
    let mut reports = Vec::new();
    for text in others {
        #[cfg(feature = "oci")]
        if let Some(reference) = text.strip_prefix(OCI) {
            reports.push(library.install_oci(reference, &how)?);
            continue;
        }
        reports.push(library.install_path(Path::new(text), &how)?);
    }
    if arguments.packs.is_empty() {
        let lock = lock.ok_or_else(no_lock)?;
        library.locked(&lock)?;
        let how = Installing { locked: true, ..how.clone() };
        let wanted: Vec<Wanted> = lock.packs.iter().map(exactly).collect();
        reports.push(library.install(&wanted, &how)?);
    }
    if !names.is_empty() {
        let report = library.install(&names, &how).map_err(|error| or_folder(&names, error))?;
        if arguments.lock {
            Lock::of(&report.resolution).write(here)?;
        }
        reports.push(report);
    }
    print(session, "install", &reports)
}

/// Says how to install a folder, to who may have meant that.
fn or_folder(names: &[Wanted], error: Error) -> Error {
    let folder = names.iter().map(|wanted| wanted.name.as_str()).find(|name| Path::new(name).is_dir());
    match (folder, error.kind()) {
        (Some(folder), ErrorKind::Resolution) => error.hint(format!("the folder is `./{folder}`")),
        _ => error,
    }
}

/// What a lock holds, exactly.
fn exactly(locked: &crate::resolve::Locked) -> Wanted {
    let requirement = format!("={}", locked.version).parse().ok();
    Wanted { registry: Some(locked.registry.clone()), name: locked.name.clone(), requirement }
}
