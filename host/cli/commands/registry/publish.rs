//! `publish`, `yank`: releases come, and are withdrawn.

use super::super::super::args;
use super::super::super::documents::Yanked;
use super::super::super::session::{Session, read_bytes, shown};
use super::super::check::verify;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::library::{Attached, Library};
use crate::pack::{Pack, PackLimits};
use crate::registry::{PackVersion, Registries, RegistryName, trust};
use crate::text::{format_bytes, printable_line};

/// The most of a signature file that is read.
const LARGEST_SIGNATURE: u64 = 64 << 10;

/// Publishes a pack.
///
/// # Errors
/// That of a pack that does not validate; those of [`Library::publish`].
pub fn publish(session: &Session, arguments: &args::Publish) -> Result<()> {
    let pack = Pack::load(&arguments.pack, &PackLimits::default())?;
    if arguments.print_signed_text {
        return session.output.result(&trust::signed_text(&pack.digest()?));
    }
    let library = session.library(&PackLimits::default())?;
    let (registries, registry) = chosen(&library, arguments.to.as_deref())?;
    let mut signatures = Vec::new();
    for path in &arguments.signatures {
        let bytes = read_bytes(path, LARGEST_SIGNATURE, "signature", &session.interrupt)?;
        let what = format!("the signature `{}`", shown(path));
        signatures.push(files::decode(bytes).map_err(|error| error.error(ErrorKind::Usage, &what, &shown(path)))?);
    }
    let score = if arguments.no_verify {
        None
    } else {
        verify(session, pack.clone(), &arguments.pack).map_err(Error::before_publishing)?
    };
    let report = library.publish(&registries, &registry, &pack, Attached { signatures, score })?;
    if session.output.is_json() {
        return session.output.document("publish", &report);
    }
    let release = &report.release;
    let verb = if report.was_there { "is already in" } else { "published to" };
    session.output.page(&format!(
        "{} {} {verb} {registry} ({}, content {})\n",
        release.name,
        release.version,
        format_bytes(release.bytes),
        release.digest
    ))
}

/// Withdraws a release, or takes that back.
///
/// # Errors
/// Those of [`Library::yank`]; `Usage`.
pub fn yank(session: &Session, arguments: &args::Yank) -> Result<()> {
    let invalid = || {
        let shown = printable_line(&arguments.release);
        Error::new(ErrorKind::Usage, format!("`{shown}` does not name a release")).hint("write `NAME@1.2.3`")
    };
    let (name, version) = arguments.release.split_once('@').ok_or_else(invalid)?;
    let (name, version) =
        (name.parse().map_err(|_| invalid())?, version.parse::<PackVersion>().map_err(|_| invalid())?);
    let library = session.library(&PackLimits::default())?;
    let (registries, registry) = chosen(&library, arguments.from.as_deref())?;
    let changed = library.yank(&registries, &registry, (&name, &version), !arguments.undo)?;
    if session.output.is_json() {
        let (registry, name, version) = (&registry, &name, &version);
        let document = Yanked { registry, name, version, yanked: !arguments.undo, changed };
        return session.output.document("yank", &document);
    }
    let what = match (arguments.undo, changed) {
        (false, true) => "withdrawn: only existing locks get it now",
        (false, false) => "was withdrawn already",
        (true, true) => "can be chosen again",
        (true, false) => "was not withdrawn",
    };
    session.output.page(&format!("{name} {version} in {registry} {what}\n"))
}

/// The registry that a user names, or the only one.
fn chosen(library: &Library, name: Option<&str>) -> Result<(Registries, RegistryName)> {
    let registries = library.registries()?;
    let registry = match name {
        Some(name) => RegistryName::typed(name)?,
        None => registries.only()?.clone(),
    };
    registries.get(&registry)?;
    Ok((registries, registry))
}
