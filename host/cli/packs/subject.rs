//! One pack that `show`, `info` and `deps` are about: at hand, or only known to a registry.

use std::fmt::Write as _;
use std::path::Path;

use crate::cli::library::{Named, near_here};
use crate::cli::packs::lists::line;
use crate::cli::session::Session;
use crate::error::{ErrorKind, Result};
use crate::library::Library;
use crate::pack::{Pack, PackLimits, PackName};
use crate::registry::{IndexedRelease, Metadata};

/// A pack that is at hand, or a release of which a registry tells.
pub enum Subject {
    Pack(Box<Pack>),
    Release(Box<IndexedRelease>),
}

pub fn find(session: &Session, library: &Library, text: &str) -> Result<Subject> {
    let wanted = match session.means(Path::new(text))? {
        Named::Path => return Ok(Subject::Pack(Box::new(Pack::load(Path::new(text), &PackLimits::default())?))),
        Named::Name(wanted) => wanted,
    };
    match session.pack(Path::new(text), &PackLimits::default()) {
        Ok(pack) => return Ok(Subject::Pack(Box::new(pack))),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Err(_) => {}
    }
    let found = library.find(&wanted).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            match near_here(Path::new(text), &wanted, &library.installed().read().unwrap_or_default()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error,
            }
        }
        _ => error,
    });
    Ok(Subject::Release(Box::new(found?)))
}

/// Whether a registry withdrew a release, as which the user named it.
pub fn is_withdrawn(session: &Session, subject: &Subject, text: &str) -> bool {
    match subject {
        Subject::Pack(_) => session.withdrawn(Path::new(text)).is_some(),
        Subject::Release(known) => known.release.yanked,
    }
}

pub fn head(subject: &Subject) -> Result<(Metadata, PackName, String)> {
    Ok(match subject {
        Subject::Pack(pack) => {
            let meta = &pack.manifest.pack;
            (Metadata::of(pack)?, meta.name.value.clone(), meta.version.value.to_string())
        }
        Subject::Release(known) => {
            let release = &known.release;
            (release.about.clone(), release.name.clone(), release.version.to_string())
        }
    })
}

pub fn add_plugins(out: &mut String, about: &Metadata) {
    if about.plugins.is_empty() {
        return;
    }
    *out += "\nplugins\n";
    for (name, plugin) in &about.plugins {
        let abi = plugin.abi.as_ref().map_or("no ABI".to_owned(), |abi| format!("ABI {abi}"));
        let _ = writeln!(out, "  {name}: {abi}");
        let lists = [
            ("imports", plugin.imports.iter().cloned().collect::<Vec<_>>()),
            ("grants", plugin.grants.iter().cloned().collect()),
        ];
        for (label, list) in lists {
            let list = if list.is_empty() { "none".to_owned() } else { line(&list.join(", "), 300) };
            let _ = writeln!(out, "    {label}: {list}");
        }
        let limits: Vec<String> = plugin.limits.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !limits.is_empty() {
            let _ = writeln!(out, "    limits: {}", limits.join(", "));
        }
    }
}
