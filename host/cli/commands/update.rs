//! `update`: what is newer, what it would change, and taking it.

use crate::cli::args::names;
use crate::cli::prompt::confirm;
use crate::library::{self, Change};
use crate::show::count;
use std::fmt::Write as _;

use clap::Args;

use crate::cli::command::{Exit, ended};
use crate::cli::documents::{ErrorBody, UnreadRegistry, Updated};
use crate::cli::session::Session;
use crate::cli::{command, completers, progress};
use crate::error::{Error, ErrorKind, Result};
use crate::library::{Installing, Stays, Updates, WhyItStays};
use crate::pack::PackLimits;
use crate::registry::{RegistryName, Wanted};
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
/// `Usage` where nobody can be asked and nothing was accepted; those of choosing and fetching; `Integrity`, once all else is done,
/// where a registry is damaged.
pub fn update(session: &Session, arguments: &Update) -> Result<Exit> {
    let library = session.library(&PackLimits::default())?;
    let mut unread: Vec<(&RegistryName, Error)> = Vec::new();
    let registries = library.registries()?;
    for name in registries.registries.keys().filter(|_| !arguments.offline) {
        match library.sync(&registries, name) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            // One that can't be read keeps nobody from updating from the others.
            Err(error) => {
                session.output.say(&unread_warning(name, &error));
                unread.push((name, error));
            }
            Ok(_) => {}
        }
    }
    let how = Installing { offline: arguments.offline, ..Installing::default() };
    let kinds = unread.iter().map(|(name, error)| ((*name).clone(), error.kind())).collect();
    let Updates { updates, stays } = library.updates(&arguments.packs, &how, &kinds)?;
    for stays in &stays {
        session.output.say(&warning(stays));
    }
    if !session.output.is_json() && !updates.is_empty() {
        session.output.page(&page(&updates))?;
    }
    let accepted = !updates.is_empty() && !arguments.dry_run && (arguments.accept || asked(session)?);
    if accepted {
        library.take(&updates)?;
    }
    let damaged = unread.iter().find(|(_, error)| error.kind() == ErrorKind::Integrity);
    if session.output.is_json() {
        let unread: Vec<UnreadRegistry<'_>> =
            unread.iter().map(|(name, error)| UnreadRegistry { name, error: ErrorBody::of(error) }).collect();
        let document = Updated { updates: &updates, stays: &stays, unread: &unread, accepted };
        session.output.document("update", &document)?;
        return Ok(Exit(damaged.map_or(0, |(_, error)| error.exit_code())));
    }
    session.output.page(match (updates.is_empty(), accepted) {
        (true, _) if !stays.is_empty() => "everything else is up to date\n",
        (true, _) if !unread.is_empty() => "everything is up to date, as far as registries could be read\n",
        (true, _) => "everything is up to date\n",
        (false, true) => "updated\n",
        (false, false) => "nothing was changed\n",
    })?;
    damaged.map_or(Ok(Exit::default()), |(name, error)| {
        let told = Error::new(error.kind(), format!("what the registry `{name}` says now can't be trusted"));
        Err(error.advice().into_iter().fold(told, Error::hint))
    })
}

/// Says that a registry can't be read, what then counts, and what to do.
fn unread_warning(name: &RegistryName, error: &Error) -> String {
    let counts = match error.kind() {
        ErrorKind::Integrity => format!("packs from `{name}` stay as they are"),
        _ => format!("what was last read from `{name}` is used"),
    };
    let advice = error.advice().map(|advice| format!("\n{advice}")).unwrap_or_default();
    format!("warning: {error}; {counts}{advice}")
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
        WhyItStays::Damaged => format!("{keeps}: what the registry `{registry}` says now can't be trusted"),
        WhyItStays::Unread(why) => format!("{keeps}: what it would become can't be fetched: {why}"),
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
