//! `install`, `uninstall`, `import`, `export`, `vendor`.

use std::fmt::Write as _;
use std::path::Path;

use super::super::super::args;
use super::super::super::documents::{Exported, Installed, Vendored};
use super::super::super::library::{Named, by_form};
use super::super::super::progress;
use super::super::super::session::{Session, shown};
use super::{counted, line};
use crate::error::{Error, ErrorKind, Result};
use crate::library::{InstallReport, Installing};
use crate::pack::{ARCHIVE_EXTENSION, PackLimits, PackName};
use crate::registry::Wanted;
use crate::resolve::{LOCK_NAME, Lock};
use crate::text::format_bytes;

/// What a reference to an OCI registry begins with.
const OCI: &str = "oci://";

/// Installs packs.
///
/// # Errors
/// Those of [`Library::install`]; nothing is installed then, but what was named before.
pub fn install(session: &Session, arguments: &args::Install) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let here = Path::new(".");
    let lock = Lock::read(here)?;
    let resolving = arguments.resolving;
    if resolving.locked && lock.is_none() {
        return Err(no_lock());
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
            reports.push(library.install_oci(reference, &how, &progress::bytes)?);
            continue;
        }
        reports.push(library.install_path(Path::new(text), &how, &progress::bytes)?);
    }
    if arguments.packs.is_empty() {
        let lock = lock.ok_or_else(no_lock)?;
        let how = Installing { locked: true, ..how.clone() };
        let wanted: Vec<Wanted> = lock.packs.iter().map(exactly).collect();
        reports.push(library.install(&wanted, &how, &progress::bytes)?);
    }
    if !names.is_empty() {
        let report = library.install(&names, &how, &progress::bytes).map_err(|error| or_folder(&names, error))?;
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

fn no_lock() -> Error {
    Error::new(ErrorKind::Usage, format!("there is no `{LOCK_NAME}` in this folder"))
        .hint("name packs to install; `--lock` writes what was chosen")
}

/// What a lock holds, exactly.
fn exactly(locked: &crate::resolve::Locked) -> Wanted {
    let requirement = format!("={}", locked.version).parse().ok();
    Wanted { registry: Some(locked.registry.clone()), name: locked.name.clone(), requirement }
}

/// Says that a lock holds a release that was withdrawn.
fn withdrawn(name: &PackName, version: &str, registry: &str) -> String {
    let registry = line(registry, 200);
    format!(
        "note: {name} {version} was withdrawn from {registry}, and `{LOCK_NAME}` still holds it; take it out there, and \
         `packbox install NAME --lock` chooses another"
    )
}

fn print(session: &Session, command: &str, reports: &[InstallReport]) -> Result<()> {
    let packs: Vec<_> = reports.iter().flat_map(|report| &report.packs).collect();
    if session.output.is_json() {
        return session.output.document(command, &Installed { packs: &packs });
    }
    for pack in packs.iter().filter(|pack| pack.withdrawn) {
        session.output.say(&withdrawn(&pack.name, &pack.version.to_string(), &pack.origin));
    }
    let mut out = String::new();
    for pack in packs {
        let what = match (pack.was_installed, pack.fetched) {
            (true, _) => "is installed already".to_owned(),
            (false, 0) => format!("installed from {}", line(&pack.origin, 200)),
            (false, bytes) => format!("installed from {}, {}", line(&pack.origin, 200), format_bytes(bytes)),
        };
        let _ = writeln!(out, "{} {} {what}", pack.name, pack.version);
    }
    session.output.page(&out)
}

/// Installs archives.
///
/// # Errors
/// As [`install`].
pub fn import(session: &Session, arguments: &args::Import) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let mut reports = Vec::new();
    for archive in &arguments.archives {
        reports.push(library.install_path(archive, &Installing::default(), &progress::bytes)?);
    }
    print(session, "import", &reports)
}

/// Writes a pack as an archive.
///
/// # Errors
/// Those of loading it; `Conflict` where the file exists with other bytes; `Io`.
pub fn export(session: &Session, arguments: &args::Export) -> Result<()> {
    let pack = session.pack(Path::new(&arguments.pack), &PackLimits::default())?;
    let meta = &pack.manifest.pack;
    let name = format!("{}-{}.{ARCHIVE_EXTENSION}", meta.name.value, meta.version.value);
    let path = arguments.output.clone().unwrap_or_else(|| name.into());
    let bytes = pack.to_archive()?;
    write_new(&path, &bytes)?;
    let digest = pack.digest()?;
    if session.output.is_json() {
        let document = Exported { file: shown(&path), bytes: bytes.len(), digest };
        return session.output.document("export", &document);
    }
    session.output.page(&format!("{} ({}, content {digest})\n", shown(&path), format_bytes(bytes.len() as u64)))
}

/// Writes a file that is not there; one with the same bytes is left as it is.
fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write as _;
    let failed = |error| Error::io(format!("cannot write `{}`", shown(path)), error);
    match std::fs::File::create_new(path) {
        Ok(mut file) => file.write_all(bytes).and_then(|()| file.sync_data()).map_err(|error| {
            let _ = std::fs::remove_file(path);
            failed(error)
        }),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            if crate::files::read_own(path, bytes.len() as u64).is_ok_and(|there| there == bytes) {
                return Ok(());
            }
            Err(Error::new(ErrorKind::Conflict, format!("`{}` exists", shown(path)))
                .hint("choose another file with `--output`"))
        }
        Err(error) => Err(failed(error)),
    }
}

/// Uninstalls packs.
///
/// # Errors
/// Those of [`Library::uninstall`].
pub fn uninstall(session: &Session, arguments: &args::Uninstall) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let wanted = arguments.packs.iter().map(|text| text.parse()).collect::<Result<Vec<Wanted>>>()?;
    let gone = library.uninstall(&wanted)?;
    if session.output.is_json() {
        return session.output.document("uninstall", &gone);
    }
    let mut out = String::new();
    for (name, version) in &gone.packs {
        let _ = writeln!(out, "{name} {version} uninstalled");
    }
    for (name, version) in &gone.no_longer_needed {
        let _ = writeln!(out, "{name} {version} uninstalled: nothing needs it any more");
    }
    out += "`packbox clean` removes its content\n";
    session.output.page(&out)
}

/// Makes a folder a registry with what the lock holds.
///
/// # Errors
/// `Usage` where there is no lock; those of fetching.
pub fn vendor(session: &Session, arguments: &args::Vendor) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let lock = Lock::read(Path::new("."))?.ok_or_else(no_lock)?;
    let vendored = library.vendor(&lock, &arguments.folder, &progress::bytes)?;
    for locked in &vendored.withdrawn {
        session.output.say(&withdrawn(&locked.name, &locked.version.to_string(), locked.registry.as_str()));
    }
    let count = vendored.packs;
    let shown = shown(&arguments.folder);
    if session.output.is_json() {
        return session.output.document("vendor", &Vendored { folder: shown, packs: count });
    }
    let count = counted(count as u64, "pack");
    session.output.page(&format!("{count} in {shown}; to use it elsewhere: `packbox registry add NAME {shown}`\n"))
}
