//! `yank`: a release is withdrawn.

use clap::Args;

use crate::cli::args::names::{self, Release};
use crate::cli::command::{Exit, ended};
use crate::cli::documents::Yanked;
use crate::cli::packs::registry::chosen;
use crate::cli::session::Session;
use crate::cli::{command, completers};
use crate::error::Result;
use crate::pack::PackLimits;
use crate::registry::RegistryName;

/// Withdraw a release: after that, only existing locks still get it.
#[derive(Debug, Args)]
pub struct Yank {
    /// The release: `NAME@VERSION`.
    #[arg(add = completers::registry_packs(), value_parser = names::release)]
    pub release: Release,
    /// The registry; by default, the only one there is.
    #[arg(long, value_name = "NAME", add = completers::registries(), value_parser = names::registry)]
    pub from: Option<RegistryName>,
    /// Make a withdrawn release available again.
    #[arg(long)]
    pub undo: bool,
}

impl command::Command for Yank {
    const NAME: &'static str = "yank";
    const EXAMPLES: &'static [&'static str] = &["packbox yank shop@0.1.0 --from local"];
    command::documents!(Yanked<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(yank(session, self))
    }
}

/// Withdraws a release, or takes that back.
///
/// # Errors
/// Those of [`Library::yank`]; `Usage`.
pub fn yank(session: &Session, arguments: &Yank) -> Result<()> {
    let Release { name, version } = &arguments.release;
    let library = session.library(&PackLimits::default())?;
    let (registries, registry) = chosen(&library, arguments.from.as_ref())?;
    let changed = library.yank(&registries, &registry, (name, version), !arguments.undo)?;
    if session.output.is_json() {
        let document = Yanked { registry: &registry, name, version, yanked: !arguments.undo, changed };
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
