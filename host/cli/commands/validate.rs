//! `validate`: every template rendered, too.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueHint};

use crate::check::Depth;
use crate::cli::args::Checking;
use crate::cli::args::{Format, Variables};
use crate::cli::checking::run::{Checks, run, told_apart};
use crate::cli::command::{Exit, ended};
use crate::cli::plugin_tools::{save_failure, secret_names};
use crate::cli::saved::{self, Sort};
use crate::cli::session::Session;
use crate::cli::{command, completers};
use crate::engine::Recorder;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::PackLimits;

/// Check packs thoroughly: rules, and every template rendered, measured, and rendered again to compare.
#[derive(Debug, Args)]
pub struct Validate {
    /// The packs: folders with a `pack.toml`, `.pack` archives, names of installed ones; or folders of packs, or globs;
    /// or a `compose.toml`, or a folder with one: its packs, and all of them together.
    #[arg(required = true, add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// Values to try packs with, instead of their defaults and examples.
    #[command(flatten)]
    pub variables: Variables,
    /// How packs are checked.
    #[command(flatten)]
    pub checking: Checking,
    /// Set a ceiling for each template: `fuel=N`, `time=200ms`, `memory=32MiB`, `output=1MiB`; exceeding it is a finding.
    #[arg(long = "ceiling", value_name = "NAME=VALUE", help_heading = "Checking")]
    pub ceilings: Vec<String>,
    /// Save the first failing plugin call as one file that anyone can replay, without secrets; for one pack only.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Checking")]
    pub record: Option<PathBuf>,
}

impl command::Command for Validate {
    const NAME: &'static str = "validate";
    const FORMATS: &'static [Format] = Format::OF_REPORTS;
    const EXAMPLES: &'static [&'static str] =
        &["packbox validate shop", "packbox validate shop --format junit > report.xml"];
    command::documents!(crate::check::Report);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(validate(session, self))
    }
}

/// Renders every template, too.
///
/// # Errors
/// As [`check`].
pub fn validate(session: &Session, arguments: &Validate) -> Result<u8> {
    let values = session.sources(&arguments.variables)?;
    let (packs, compositions) = told_apart(session, &arguments.packs)?;
    let (packs, compositions) = (&packs, &compositions);
    let (checking, ceilings) = (&arguments.checking, &arguments.ceilings);
    let depth = Depth::Validate;
    let checks = Checks { command: "validate", depth, packs, compositions, checking, values, ceilings };
    let Some(path) = &arguments.record else {
        return run(session, checks, None);
    };
    let ([pack], []) = (packs.as_slice(), compositions.as_slice()) else {
        return Err(Error::new(ErrorKind::Usage, "`--record` saves a call of one pack, but there are several packs")
            .hint("validate only the pack that fails"));
    };
    saved::check(Some(path), Sort::Record)?;
    let recorder = Arc::new(Recorder::default());
    let result = run(session, checks, Some(&recorder));
    // A pack that can't be loaded called nothing.
    let placeholders = session.pack(pack, &PackLimits::default()).map(|pack| secret_names(&[pack])).unwrap_or_default();
    save_failure(session, path, &recorder, &placeholders);
    result
}
