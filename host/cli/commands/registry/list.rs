//! `registry list`: which registries there are, and how fresh what is known of them is.

use clap::Args;

use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::{KnownRegistry, RegistryList};
use crate::cli::fold::table;
use crate::cli::packs::lists::{age, counted, line};
use crate::cli::session::Session;
use crate::error::Result;
use crate::pack::PackLimits;
use crate::registry::RegistryName;

/// List the registries, and when they were read.
#[derive(Debug, Args)]
pub struct List {}

impl command::Command for List {
    const NAME: &'static str = "registry list";
    const EXAMPLES: &'static [&'static str] = &["packbox registry list"];
    command::documents!(RegistryList<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(list(session))
    }
}

fn list(session: &Session) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
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
