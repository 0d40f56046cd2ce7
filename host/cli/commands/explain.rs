//! `explain`: what became of a variable.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::args::{Combining, Rendering, Resolving, Variables};
use crate::cli::command::{Exit, ended};
use crate::cli::library::{Named, by_form, refuse_value};
use crate::cli::packs::composing::Composing;
use crate::cli::session::Session;
use crate::cli::{command, completers, explained};
use crate::compose::packs::{COMPOSE_NAME, PackSet, variable_named};
use crate::compose::variables::failure;
use crate::error::{ErrorKind, Result};
use crate::explain::{Explanation, State};
use crate::facade::Inputs;
use crate::limits::UserLimits;
use crate::pack::{ARCHIVE_EXTENSION, MANIFEST_NAME, VariableOf};

/// Explain a variable: who gave it a value and who lost, what is worked out from it, which files read it.
#[derive(Debug, Args)]
pub struct Explain {
    /// The packs, as `generate`, `compose` and `plan` take them, and then the variable: `NAME`, or `PACK.NAME`. Without a
    /// variable: all of them, briefly.
    #[arg(value_name = "PACK|VARIABLE", add = completers::packs_here())]
    pub names: Vec<PathBuf>,
    /// Where packs come from.
    #[command(flatten)]
    pub resolving: Resolving,
    /// Values for the packs' variables.
    #[command(flatten)]
    pub variables: Variables,
    /// How templates are rendered.
    #[command(flatten)]
    pub rendering: Rendering,
}

impl command::Command for Explain {
    const NAME: &'static str = "explain";
    const EXAMPLES: &'static [&'static str] = &[
        "packbox explain shop slug",
        "packbox explain shop packs/site site.slug --var shop.slug=atelier",
        "packbox explain shop",
    ];
    command::documents!(crate::explain::Explanation);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(explain(session, self))
    }
}

/// Packs, and the variable of theirs that is meant.
struct Asked {
    composing: Composing,
    set: PackSet,
    variable: Option<VariableOf>,
}

/// Explains a variable, or all of them. Where one that was asked about has no value that will do, the exit code is that of
/// `generate`: 2 where the user can mend it, 1 where the pack is at fault, 4 where a limit is.
///
/// # Errors
/// Those of loading the packs; [`ErrorKind::Variables`] and [`ErrorKind::Usage`] for a name
/// that is no variable's, or that of several.
pub fn explain(session: &Session, arguments: &Explain) -> Result<u8> {
    let limits = UserLimits::parse(&arguments.rendering.engine.limits)?;
    let Asked { composing, set, variable } = asked(session, arguments, &limits)?;
    for pack in &composing.named {
        session.tell_withdrawn(pack);
    }
    set.packs().iter().try_for_each(|pack| pack.check_host(&crate::version()))?;
    let sources = session.sources(&arguments.variables)?;
    let packbox = session.packbox(&arguments.rendering, limits, set.packs(), None)?;
    let prepared = packbox.prepare(&packbox.begin(&Inputs::new()), set)?;
    let presets = composing.presets();
    let found = |inputs: &Inputs<'_>| prepared.accounts_with(inputs, &presets);
    let accounts = session.asking(sources, arguments.variables.no_input, found)?;
    let explanation = prepared.explain(&accounts, variable.as_ref())?;
    if session.output.is_json() {
        session.output.document("explain", &explanation)?;
    } else {
        session.output.page(&explained::page(&explanation, variable.is_some()))?;
    }
    Ok(exit(&explanation, failure(&accounts)))
}

/// What making the project would end with, where something that was asked about has no value.
fn exit(explanation: &Explanation, failure: Option<ErrorKind>) -> u8 {
    let has_none = |state| matches!(state, State::Invalid | State::Missing | State::Unknown);
    if explanation.variables.iter().any(|variable| has_none(variable.state)) {
        failure.unwrap_or(ErrorKind::Variables).exit_code()
    } else {
        0
    }
}

/// Tells packs and variable apart: the last name is that of a variable, unless a pack lies there, or no pack is left before it.
fn asked(session: &Session, arguments: &Explain, limits: &UserLimits) -> Result<Asked> {
    let load = |packs: &[PathBuf]| {
        let composing = Composing::of(packs, &Combining::default())?.only_reading();
        let set = composing.load(session, arguments.resolving, limits)?;
        Ok((composing, set))
    };
    let all = || load(&arguments.names).map(|(composing, set)| Asked { composing, set, variable: None });
    let Some((last, packs)) = arguments.names.split_last() else { return all() };
    refuse_value(last)?;
    let name = last.to_str().filter(|_| !is_pack_here(last));
    let Some(name) = name.filter(|_| !packs.is_empty() || Path::new(COMPOSE_NAME).exists()) else { return all() };
    let is_installed = || match by_form(last) {
        Ok(Named::Name(wanted)) => session.installed(&wanted).is_some(),
        _ => false,
    };
    let (composing, set) = match load(packs) {
        // What they need may be the last one.
        Err(_) if is_installed() => return all(),
        loaded => loaded?,
    };
    match variable_named(&set, name) {
        Err(error) if error.kind() == ErrorKind::Variables && is_installed() => all(),
        variable => Ok(Asked { composing, set, variable: Some(variable?) }),
    }
}

/// Whether a name is that of a pack which lies there, or is to.
fn is_pack_here(name: &Path) -> bool {
    let is_path = name.components().count() > 1 || name.to_str().is_some_and(|name| name.starts_with(['.', '/', '~']));
    let ends_with = |wanted: &str| name.extension().is_some_and(|extension| extension == wanted);
    is_path
        || name.join(MANIFEST_NAME).exists()
        || name.join(COMPOSE_NAME).exists()
        || ends_with(ARCHIVE_EXTENSION)
        || (ends_with("toml") && name.is_file())
}
