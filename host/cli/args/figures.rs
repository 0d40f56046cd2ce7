//! Arguments of every command that measures and compares with what was measured before.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::args::at_least_one;

/// What is measured, and compared.
#[derive(Debug, Args)]
pub struct FigureArgs {
    /// Compare with these figures, and exit with code 1 where fuel or memory grew.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub baseline: Option<PathBuf>,
    /// Save fuel and memory of all that is measured, to commit and compare with.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub save: Option<PathBuf>,
    /// By how many percent fuel and memory may grow.
    #[arg(long, value_name = "PERCENT", default_value_t = 2.0, value_parser = percent)]
    pub threshold: f64,
    /// How often everything is timed: in fresh instances, and as often in shared ones.
    #[arg(long, value_name = "N", default_value = "100", value_parser = at_least_one)]
    pub samples: NonZeroUsize,
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| "give a percentage, 0 or more".to_owned())
}
