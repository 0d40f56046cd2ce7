//! `update`: what is newer, what it would change, and taking it.

use crate::cli::args::names;
use crate::cli::prompt::confirm;
use crate::library::{self, Change};
use crate::show::count;
use std::fmt::Write as _;

use clap::Args;

use crate::cli::command::{Exit, ended};
use crate::cli::documents::Updated;
use crate::cli::session::Session;
use crate::cli::{command, completers, progress};
use crate::error::{Error, ErrorKind, Result};
use crate::library::{Installing, Stays, Updates, WhyItStays};
use crate::pack::PackLimits;
use crate::registry::Wanted;
use crate::text;

/// The most changed files that are shown for a pack.
const FILES: usize = 20;

/// Show what newer releases would change, and install them.
#[derive(Debug, Args)]
pub struct Update {
    /// The packs; without any, all that came from a registry.
    #[arg(add = completers::installed_names(), value_parser = names::wanted)]
    pub packs: Vec<Wanted>,
    /// Accept the updates that are shown, without being asked.
    #[arg(long)]
    pub accept: bool,
    /// Only show what would change.
    #[arg(long, conflicts_with = "accept")]
    pub dry_run: bool,
    /// Use only what is already on this machine.
    #[arg(long)]
    pub offline: bool,
}

impl command::Command for Update {
    const NAME: &'static str = "update";
    const EXAMPLES: &'static [&'static str] = &["packbox update --dry-run"];
    command::documents!(Updated<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(update(session, self))
    }
}

/// Updates packs.
///
/// # Errors
/// `Usage` where nobody can be asked and nothing was accepted; those of choosing and fetching.
pub fn update(session: &Session, arguments: &Update) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    if !arguments.offline {
        let registries = library.registries()?;
        for name in registries.registries.keys() {
            match library.sync(&registries, name) {
                // Not reachable now: what it had when it was read last is what is known.
                Err(error) if error.kind() == ErrorKind::Io => session.output.say(&format!("`{name}`: {error}")),
                synced => drop(synced?),
            }
        }
    }
    let how = Installing { offline: arguments.offline, ..Installing::default() };
    let Updates { updates, stays } = library.updates(&arguments.packs, &how)?;
    for stays in &stays {
        session.output.say(&warning(stays));
    }
    if updates.is_empty() {
        if session.output.is_json() {
            return session.output.document("update", &Updated { updates: &[], stays: &stays, accepted: false });
        }
        let rest = if stays.is_empty() { "everything" } else { "everything else" };
        return session.output.page(&format!("{rest} is up to date\n"));
    }
    if !session.output.is_json() {
        session.output.page(&page(&updates))?;
    }
    let accepted = !arguments.dry_run && (arguments.accept || asked(session)?);
    if accepted {
        library.take(&updates)?;
    }
    if session.output.is_json() {
        return session.output.document("update", &Updated { updates: &updates, stays: &stays, accepted });
    }
    session.output.page(if accepted { "updated\n" } else { "nothing was changed\n" })
}

/// Says that a pack stays as it is, why, and what to do.
fn warning(stays: &Stays) -> String {
    let Stays { name, version, registry, why } = stays;
    let keeps = format!("warning: {name} {version} stays as it is");
    match why {
        WhyItStays::Withdrawn => format!(
            "{keeps}: {registry} has withdrawn all releases of it; ask its publisher what to use instead, or \
             `packbox uninstall {name}`"
        ),
        WhyItStays::NoRegistry => format!(
            "{keeps}: it came from {registry}, which is not among your registries; \
             `packbox registry add {registry} LOCATION` adds it again"
        ),
        WhyItStays::Nothing(why) => format!("{keeps}: {why}\n`packbox info {registry}/{name}` shows what there is"),
    }
}

/// Asks whether to go on.
fn asked(session: &Session) -> Result<bool> {
    let Some(terminal) = session.terminal() else {
        return Err(Error::new(ErrorKind::Usage, "there are updates, but there is no terminal to ask on")
            .hint("look at them with `packbox update --dry-run`, and install them with `--accept`"));
    };
    let _aside = progress::hide();
    confirm("Install these updates?", terminal, &session.interrupt)
}

fn page(updates: &[library::Update]) -> String {
    let mut out = String::new();
    for update in updates {
        let _ = match &update.from {
            Some(from) => writeln!(out, "{} {from} → {}", update.name, update.to),
            None => writeln!(out, "{} {} comes with these", update.name, update.to),
        };
        if let Some(from) = update.from.as_ref().filter(|from| **from > update.to) {
            let _ = writeln!(out, "  {from} was withdrawn, and {} is the best that is left", update.to);
        }
        for file in update.files.iter().take(FILES) {
            let mark = match file.change {
                Change::Added => '+',
                Change::Removed => '-',
                Change::Changed => '~',
            };
            let _ = writeln!(out, "  {mark} {}", text::printable_line(file.path.as_str()));
        }
        if update.files.len() > FILES {
            let _ = writeln!(out, "  and {}", count(update.files.len() - FILES, "more file"));
        }
        for one in &update.capabilities {
            let mark = if one.change.widens() { "!" } else { " " };
            let side = |text: Option<String>| text.map_or("nothing".to_owned(), |text| text::printable_line(&text));
            let (before, now) = one.change.sides();
            let what = one.change.what();
            let _ = writeln!(out, "  {mark} plugin {} {what}: {} → {}", one.plugin, side(before), side(now));
        }
        if update.capabilities.iter().any(|one| one.change.widens()) {
            out += "  `!` marks what its components may do now but could not do before\n";
        }
    }
    out
}
