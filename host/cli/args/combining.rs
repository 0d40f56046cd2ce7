//! How packs that are generated together get along.

use clap::{Args, ValueEnum};

use crate::pack::{OutputPath, PackName};

/// How packs get along.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Combining")]
pub struct Combining {
    /// What holds where packs write one file and none of them says what.
    #[arg(long, value_enum)]
    pub strategy: Option<StrategyName>,
    /// Whose file is taken where several packs write it; may be given several times.
    #[arg(long, value_name = "PATH=PACK", value_parser = resolution)]
    pub resolve: Vec<(OutputPath, PackName)>,
}

/// What holds where packs write one file and none of them says what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StrategyName {
    /// It is an error.
    Merge,
    /// The pack that is named later wins.
    Layer,
}

/// Reads `PATH=PACK`.
fn resolution(text: &str) -> Result<(OutputPath, PackName), String> {
    let (path, pack) = text.rsplit_once('=').ok_or("write `PATH=PACK`, for instance `README.md=base`")?;
    let path = OutputPath::new(path).map_err(|invalid| format!("the path {invalid}"))?;
    let pack = PackName::new(pack).map_err(|invalid| format!("the name of a pack {invalid}"))?;
    Ok((path, pack))
}
