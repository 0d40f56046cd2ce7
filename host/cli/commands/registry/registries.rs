//! `registry …`: which registries there are, and how fresh what is known of them is.

use super::super::super::args;
use super::super::super::documents::{
    KnownRegistry, RegistryAdded, RegistryList, RegistryRead, RegistryRemoved, RegistrySynced,
};
use super::super::super::fold::table;
use super::super::super::progress;
use super::super::super::session::Session;
use super::{age, counted, line};
use crate::error::{Error, ErrorKind, Result};
use crate::library::Library;
use crate::pack::PackLimits;
use crate::registry::{Location, RegistryEntry, RegistryName, trust};

/// Adds, removes, lists and reads registries.
///
/// # Errors
/// `Usage` for names, locations and keys that are none; `Conflict` where a name is taken; those of sources.
pub fn registry(session: &Session, arguments: &args::Registry) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    match arguments {
        args::Registry::Add { name, location, create, keys, ca, plain_http, token_host } => {
            let ca = ca.as_ref().map(std::path::absolute).transpose();
            let ca = ca.map_err(|error| Error::io("cannot find the path of the certificate file", error))?;
            let location = Location::parse(location)?.to_string();
            let keys = keys.iter().cloned().collect();
            let (plain_http, token_host) = (*plain_http, token_host.clone());
            add(session, &library, name, RegistryEntry { location, keys, ca, plain_http, token_host }, *create)
        }
        args::Registry::Remove { name } => remove(session, &library, name),
        args::Registry::List => list(session, &library),
        args::Registry::Sync { names } => sync(session, &library, names),
    }
}

fn add(session: &Session, library: &Library, name: &str, entry: RegistryEntry, create: bool) -> Result<()> {
    let name = RegistryName::typed(name)?;
    let location = Location::parse(&entry.location)?;
    let mut registries = library.registries()?;
    if let Some(there) = registries.registries.get(&name)
        && Location::parse(&there.location)? != location
    {
        return Err(Error::new(
            ErrorKind::Conflict,
            format!("there is a registry `{name}` at `{}`", line(&there.location, 200)),
        )
        .hint(format!("choose another name, or `packbox registry remove {name}` first")));
    }
    for key in &entry.keys {
        trust::parse_key(key)?;
    }
    let is_new = !registries.registries.contains_key(&name);
    let mut index = library.index()?;
    let made = create.then(|| location.create()).transpose()?;
    let added = || {
        let synced = index.sync(&name, &*library.open(&entry)?)?;
        registries.registries.insert(name.clone(), entry);
        library.set_registries(&registries).map(|()| synced)
    };
    let synced = added().inspect_err(|_| {
        if let Some(made) = made {
            made.undo();
        }
        if is_new {
            let _ = index.forget(&name);
        }
    })?;
    if session.output.is_json() {
        let document = RegistryAdded { name: &name, location: location.to_string(), synced };
        return session.output.document("registry add", &document);
    }
    session.output.page(&format!("{name} added: {}\n", counted(synced.packs, "pack")))
}

fn remove(session: &Session, library: &Library, name: &str) -> Result<()> {
    let name = RegistryName::typed(name)?;
    let mut registries = library.registries()?;
    registries.get(&name)?;
    registries.registries.remove(&name);
    library.set_registries(&registries)?;
    library.index()?.forget(&name)?;
    if session.output.is_json() {
        return session.output.document("registry remove", &RegistryRemoved { name: &name });
    }
    session.output.page(&format!("{name} forgotten; what was installed from it stays\n"))
}

fn list(session: &Session, library: &Library) -> Result<()> {
    let registries = library.registries()?;
    let known = library.index()?.registries()?;
    let state = |name: &RegistryName| known.iter().find(|known| known.name == *name);
    if session.output.is_json() {
        let rows = registries.registries.iter().map(|(name, entry)| KnownRegistry {
            name,
            location: &entry.location,
            keys: &entry.keys,
            packs: state(name).map(|state| state.packs),
            synced: state(name).map(|state| state.synced),
        });
        let document = RegistryList { registries: rows.collect(), trust: &registries.trust };
        return session.output.document("registry list", &document);
    }
    let rows: Vec<Vec<String>> = registries
        .registries
        .iter()
        .map(|(name, entry)| {
            let (packs, read) = state(name).map_or(("not read".to_owned(), String::new()), |state| {
                (counted(state.packs, "pack"), format!("read {}", age(state.synced)))
            });
            let keys = if entry.keys.is_empty() { "" } else { "signed only" };
            vec![name.to_string(), packs, read, keys.to_owned(), line(&entry.location, 200)]
        })
        .collect();
    let out = if rows.is_empty() {
        "there is no registry; add one with `packbox registry add NAME LOCATION`\n".to_owned()
    } else {
        table(&rows)
    };
    session.output.page(&out)
}

fn sync(session: &Session, library: &Library, names: &[String]) -> Result<()> {
    let registries = library.registries()?;
    let names: Vec<RegistryName> = if names.is_empty() {
        registries.registries.keys().cloned().collect()
    } else {
        names.iter().map(|name| RegistryName::typed(name)).collect::<Result<_>>()?
    };
    let mut rows = Vec::new();
    let mut failed = None;
    for name in names {
        progress::stage(&format!("reading the registry {name}"));
        match library.sync(&registries, &name) {
            Ok(synced) => rows.push((name, synced)),
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            // One that can't be read keeps nobody from reading the others; the first such error is the command's.
            Err(error) => match failed {
                None => failed = Some(error),
                Some(_) => session.output.say(&format!("{name}: {error}")),
            },
        }
    }
    if session.output.is_json()
        && let Some(error) = failed
    {
        return Err(error);
    }
    if session.output.is_json() {
        let registries = rows.iter().map(|(name, synced)| RegistryRead { name, synced: *synced }).collect();
        return session.output.document("registry sync", &RegistrySynced { registries });
    }
    let text: String = rows
        .iter()
        .map(|(name, synced)| match synced.entries {
            0 => format!("{name}: nothing new\n"),
            entries => format!("{name}: {entries} new about {}\n", counted(synced.packs, "pack")),
        })
        .collect();
    session.output.page(&text)?;
    failed.map_or(Ok(()), Err)
}
