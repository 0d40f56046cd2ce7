//! `registry remove`: a registry is forgotten.

use clap::Args;

use crate::cli::args::names;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::RegistryRemoved;
use crate::cli::session::Session;
use crate::cli::{command, completers};
use crate::error::Result;
use crate::pack::PackLimits;
use crate::registry::RegistryName;

/// Forget a registry; what was installed from it stays.
#[derive(Debug, Args)]
pub struct Remove {
    /// The registry.
    #[arg(add = completers::registries(), value_parser = names::registry)]
    pub name: RegistryName,
}

impl command::Command for Remove {
    const NAME: &'static str = "registry remove";
    const EXAMPLES: &'static [&'static str] = &["packbox registry remove spare"];
    command::documents!(RegistryRemoved<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(remove(session, self))
    }
}

fn remove(session: &Session, Remove { name }: &Remove) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    library.forget(name)?;
    if session.output.is_json() {
        return session.output.document("registry remove", &RegistryRemoved { name });
    }
    session.output.page(&format!("{name} forgotten; what was installed from it stays\n"))
}
