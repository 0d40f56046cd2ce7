//! `registry sync`: what is new in registries.

use clap::Args;

use crate::cli::args::names;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::{RegistryRead, RegistrySynced};
use crate::cli::packs::lists::counted;
use crate::cli::session::Session;
use crate::cli::{command, completers, progress};
use crate::error::{ErrorKind, Result};
use crate::pack::PackLimits;
use crate::registry::RegistryName;

/// Read what is new in registries.
#[derive(Debug, Args)]
pub struct Sync {
    /// The registries; without any, all.
    #[arg(add = completers::registries(), value_parser = names::registry)]
    pub names: Vec<RegistryName>,
}

impl command::Command for Sync {
    const NAME: &'static str = "registry sync";
    const EXAMPLES: &'static [&'static str] = &["packbox registry sync local"];
    command::documents!(RegistrySynced<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(sync(session, self))
    }
}

fn sync(session: &Session, Sync { names }: &Sync) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let registries = library.registries()?;
    let names: Vec<RegistryName> =
        if names.is_empty() { registries.registries.keys().cloned().collect() } else { names.clone() };
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
            entries => format!("{name}: {} to {}\n", counted(entries, "change"), counted(synced.packs, "pack")),
        })
        .collect();
    session.output.page(&text)?;
    failed.map_or(Ok(()), Err)
}
