//! The last step of every build: a component, from a core module where it is one, checked and put in its place.
//!
//! Always true here: the file that stood there is replaced by a whole one or not at all.

use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use super::project::{Kind, Project, Target};
use crate::engine::{Header, InterfaceName, Limits};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::text::{format_bytes, printable_line};

/// Makes a component of what a compiler wrote: encodes a core module, and leaves a component as it is.
///
/// # Errors
/// `Plugin` where that is not possible, with the reason.
pub(super) fn encode(module: &[u8]) -> Result<Vec<u8>> {
    if Parser::is_component(module) {
        return Ok(module.to_owned());
    }
    let system = system_imports(module);
    if !system.is_empty() {
        let detail = format!("the plugin calls the system: {}", printable_line(&system.join(", ")));
        return Err(Error::new(ErrorKind::Plugin, detail).hint(
            "a plugin has no access to files, a clock or standard output; remove the code that uses them (in C for instance `printf`, \
             `assert`, `exit`)",
        ));
    }
    let encoded = ComponentEncoder::default().validate(true).module(module).and_then(|mut encoder| encoder.encode());
    encoded.map_err(|error| {
        let cause = printable_line(&format!("{error:#}"));
        Error::new(ErrorKind::Plugin, format!("the compiled module can't be turned into a component: {cause}"))
    })
}

/// The functions of WASI 0.1 that a core module imports, at most ten.
fn system_imports(module: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Ok(Payload::ImportSection(section)) = payload else { continue };
        for import in section.into_imports().flatten() {
            if import.module.starts_with("wasi_snapshot_preview1") && found.len() < 10 {
                found.push(import.name.to_owned());
            }
        }
    }
    found
}

/// Checks a component the way that a pack's is checked before it runs, and writes it.
///
/// # Errors
/// `Refused` where it could not run here, `Io` where it can't be written.
pub(super) fn finish(project: &Project, component: &[u8]) -> Result<Header> {
    if component.len() as u64 > Limits::CEILING.component {
        let most = format_bytes(Limits::CEILING.component);
        let detail = format!("the component has {}, but the limit is {most}", format_bytes(component.len() as u64));
        return Err(Error::new(ErrorKind::Refused, detail));
    }
    let header = Header::read(component)?;
    let export = match project.kind {
        Kind::Renderer => "renderer",
        Kind::Validator => "validator",
        Kind::Merger => "merger",
        Kind::QueryEngine => "query-engine",
    };
    let mut checked = header.clone();
    if project.target == Target::Wasip2 {
        // Whether a pack may have them stubbed is said where it asks for that.
        checked.imports.retain(|import| !import.name.starts_with("wasi:"));
    }
    checked.check(export)?;
    let path = project.component();
    files::replace(&path, component)
        .map_err(|error| Error::io(format!("cannot write `{}`", printable_line(&path.display().to_string())), error))?;
    Ok(header)
}

/// Whether a component asks for WASI, and so needs a grant.
pub(super) fn wants_wasi(header: &Header) -> bool {
    header
        .imports
        .iter()
        .any(|import| InterfaceName::parse(&import.name).is_some_and(|name| name.package.starts_with("wasi:")))
}
