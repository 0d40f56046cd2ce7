//! How a project is generated: what `generate` and `compose` have in common.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{Rendering, Variables, Writing};

/// How a project is generated.
#[derive(Debug, Clone, Args)]
pub struct Making {
    /// The folder to generate into.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: PathBuf,
    /// Values for the packs' variables.
    #[command(flatten)]
    pub variables: Variables,
    /// How files are written.
    #[command(flatten)]
    pub writing: Writing,
    /// How templates are rendered.
    #[command(flatten)]
    pub rendering: Rendering,
    /// Save the first failing plugin call as one file that anyone can replay, without secrets.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Rendering")]
    pub record: Option<PathBuf>,
}
