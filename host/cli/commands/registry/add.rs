//! `registry add`: a registry gets a name, and is read.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::cli::args::names;
use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::RegistryAdded;
use crate::cli::packs::lists::{counted, line};
use crate::cli::session::{Session, shown};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::PackLimits;
use crate::registry::{Location, RegistryEntry, RegistryName, trust};

/// Add a registry, and read what it has.
#[derive(Debug, Args)]
pub struct Add {
    /// What to call it.
    #[arg(value_parser = names::registry)]
    pub name: RegistryName,
    /// Where it is: a folder, or `oci://HOST/REPOSITORY`.
    #[arg(value_hint = ValueHint::DirPath)]
    pub location: String,
    /// Make the folder a registry, if it is not one yet.
    #[arg(long)]
    pub create: bool,
    /// Accept only what is signed with this minisign key.
    #[arg(long = "key", value_name = "KEY")]
    pub keys: Vec<String>,
    /// Trust the certificates in this PEM file, and none of the system's.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ca: Option<PathBuf>,
    /// Use plain HTTP; only for a registry on this machine.
    #[arg(long)]
    pub plain_http: bool,
    /// Send credentials to this host, too, if the registry's tokens come from there.
    #[arg(long, value_name = "HOST")]
    pub token_host: Option<String>,
}

impl command::Command for Add {
    const NAME: &'static str = "registry add";
    const EXAMPLES: &'static [&'static str] = &["packbox registry add spare packs/spare --create"];
    command::documents!(RegistryAdded<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(add(session, self))
    }
}

fn add(session: &Session, arguments: &Add) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let ca = arguments.ca.as_ref().map(std::path::absolute).transpose();
    let ca = ca.map_err(|error| Error::io("cannot find the path of the certificate file", error))?;
    let location = Location::parse(&arguments.location)?;
    let Add { name, create, plain_http, .. } = arguments;
    let entry = RegistryEntry {
        location: location.to_string(),
        keys: arguments.keys.iter().cloned().collect(),
        ca,
        plain_http: *plain_http,
        token_host: arguments.token_host.clone(),
    };
    let mut registries = library.registries()?;
    if let Some(there) = registries.registries.get(name)
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
    let is_new = !registries.registries.contains_key(name);
    let mut index = library.index()?;
    let made = create.then(|| location.create()).transpose()?;
    let added = || {
        let synced =
            library.open(&entry).and_then(|source| index.sync(name, &*source)).map_err(|error| match location {
                Location::Directory(_) if error.kind() == ErrorKind::NotFound => error.hint(format!(
                    "`packbox registry add {name} {} --create` makes one",
                    shown(Path::new(&arguments.location))
                )),
                _ => error,
            })?;
        registries.registries.insert(name.clone(), entry);
        library.set_registries(&registries).map(|()| synced)
    };
    let synced = added().inspect_err(|_| {
        if let Some(made) = made {
            made.undo();
        }
        if is_new {
            let _ = index.forget(name);
        }
    })?;
    let known = index.registries()?;
    let packs = known.iter().find(|known| known.name == *name).map_or(0, |known| known.packs);
    if session.output.is_json() {
        let document = RegistryAdded { name, location: location.to_string(), packs, synced };
        return session.output.document("registry add", &document);
    }
    let packs = counted(packs, "pack");
    session.output.page(&match synced.entries {
        _ if is_new => format!("{name} added: {packs}\n"),
        0 => format!("{name} was added before: {packs}, nothing new\n"),
        entries => format!("{name} was added before: {packs}, {}\n", counted(entries, "change")),
    })
}
