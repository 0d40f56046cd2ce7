//! `vendor`: a folder becomes a registry with what a lock holds.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::Vendored;
use crate::cli::packs::installed::{no_lock, withdrawn};
use crate::cli::packs::lists::counted;
use crate::cli::session::{Session, shown};
use crate::error::Result;
use crate::pack::PackLimits;
use crate::resolve::Lock;

/// Turn a folder into a registry with the packs in `packbox.lock`.
#[derive(Debug, Args)]
pub struct Vendor {
    /// The folder, which becomes a registry with the packs in `packbox.lock`.
    #[arg(default_value = "vendor", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
}

impl command::Command for Vendor {
    const NAME: &'static str = "vendor";
    const EXAMPLES: &'static [&'static str] = &["packbox vendor packs/vendored"];
    command::documents!(Vendored);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(vendor(session, self))
    }
}

/// Makes a folder a registry with what the lock holds.
///
/// # Errors
/// `Usage` where there is no lock; those of fetching.
pub fn vendor(session: &Session, arguments: &Vendor) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let lock = Lock::read(Path::new("."))?.ok_or_else(no_lock)?;
    let vendored = library.vendor(&lock, &arguments.folder)?;
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
