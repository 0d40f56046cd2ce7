//! What can be typed to write plugins.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::author::{Kind, Language};

/// `plugin new`
#[derive(Debug, Args)]
pub struct NewPlugin {
    /// The name of the new plugin, and of its folder.
    pub name: String,
    /// What it is written in.
    #[arg(long, value_enum)]
    pub lang: Language,
    /// What it does.
    #[arg(long, value_enum)]
    pub kind: Kind,
    /// The folder to make it in, instead of `./NAME`.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
}

/// `plugin build`
#[derive(Debug, Args)]
pub struct BuildPlugin {
    /// The plugin's project: a folder with a `packbox-plugin.toml`.
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
    /// Build again whenever a file changes, and run the plugin's tests.
    #[arg(long)]
    pub watch: bool,
}
