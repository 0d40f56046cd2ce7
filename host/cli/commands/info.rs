//! `info`: what is known of a pack.

use std::fmt::Write as _;
use std::time::Duration;

use clap::Args;

use crate::check::{CheckConfig, Checker, Depth, Weights, figures};
use crate::cli::args::Checking;
use crate::cli::command::{Exit, ended};
use crate::cli::documents;
use crate::cli::documents::{Facts, KnownRelease};
use crate::cli::packs::lists::{age, line};
use crate::cli::packs::subject::{Subject, add_plugins, find, head, is_withdrawn};
use crate::cli::session::Session;
use crate::cli::{command, completers};
use crate::clock::seconds_now;
use crate::compose::variables::Sources;
use crate::engine::Profile;
use crate::error::{Error, ErrorKind, Result};
use crate::library::{Figures, Installation, Library};
use crate::limits::UserLimits;
use crate::pack::{Pack, PackLimits};
use crate::show::count;
use crate::text;
use crate::text::format_bytes;

/// Show what is known of a pack: origin, digests, sizes, releases, plugins.
#[derive(Debug, Args)]
pub struct Info {
    /// The pack: a folder, an archive, or `NAME`, `NAME@1.2`, `REGISTRY/NAME`.
    #[arg(add = completers::all_packs())]
    pub pack: String,
    /// Render every template of the pack once, with made-up values, and save what it cost.
    #[arg(long)]
    pub measure: bool,
}

impl command::Command for Info {
    const NAME: &'static str = "info";
    const EXAMPLES: &'static [&'static str] = &["packbox info local/shop"];
    command::documents!(Info<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(info(session, self))
    }
}

/// Shows what is to be known of a pack: where it is from, sizes, digests, releases.
///
/// # Errors
/// As [`show`].
pub fn info(session: &Session, arguments: &Info) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let subject = find(session, &library, &arguments.pack)?;
    let figures = match &subject {
        Subject::Pack(pack) if arguments.measure => Some(measure(session, &library, pack)?),
        Subject::Release(known) if arguments.measure => {
            let release = &known.release;
            return Err(Error::new(
                ErrorKind::NotFound,
                format!("{} {} is not installed", release.name, release.version),
            )
            .hint(format!("install it, then measure it: `packbox install {}@{}`", release.name, release.version)));
        }
        Subject::Pack(pack) => library.measurements().get(&pack.digest()?),
        Subject::Release(known) => library.measurements().get(&known.release.digest),
    };
    let (about, name, version) = head(&subject)?;
    let releases = library.index()?.releases(&name, None)?;
    let inventory = library.installed().read()?;
    let installed: Vec<_> = inventory.versions(&name).collect();
    let withdrawn = is_withdrawn(session, &subject, &arguments.pack).then(|| "yes".to_owned());
    let facts = facts(&subject, Facts { name: name.to_string(), version, withdrawn, ..Facts::default() })?;
    let as_installed = |found: &&Installation| {
        let mark = if library.is_withdrawn(found) { " (withdrawn)" } else { "" };
        format!("{} from {}{mark}", found.version, found.origin)
    };
    let here: Vec<String> = installed.iter().map(as_installed).collect();
    if session.output.is_json() {
        let releases = releases.iter().map(|known| KnownRelease {
            registry: &known.registry,
            version: &known.release.version,
            yanked: known.release.yanked,
            digest: known.release.digest,
        });
        let document = documents::Info {
            facts,
            installed: &installed,
            measured: figures,
            plugins: &about.plugins,
            dependencies: &about.dependencies,
            releases: releases.collect(),
        };
        return session.output.document("info", &document);
    }
    let mut out = String::new();
    for (label, value) in facts.lines() {
        let _ = writeln!(out, "{label:10} {}", text::printable_line(value));
    }
    let _ = writeln!(
        out,
        "{:10} {}",
        "installed",
        if here.is_empty() { "no".to_owned() } else { line(&here.join(", "), 500) }
    );
    if let Some(why) = about.unusable() {
        let _ = writeln!(out, "{:10} no: {why}", "usable");
    }
    let _ = writeln!(out, "{:10} {}", "measured", figures.map_or_else(not_measured, in_words));
    if !releases.is_empty() {
        let shown = releases.iter().take(20).map(|known| {
            let mark = if known.release.yanked { " (withdrawn)" } else { "" };
            format!("{}{mark}", known.release.version)
        });
        let more = releases.len().saturating_sub(20);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(out, "{:10} {}{more}", "releases", shown.collect::<Vec<_>>().join(", "));
    }
    add_plugins(&mut out, &about);
    session.output.page(&out)
}

/// Adds what is only known of a pack that is at hand, or of one that is not.
fn facts(subject: &Subject, facts: Facts) -> Result<Facts> {
    Ok(match subject {
        Subject::Pack(pack) => {
            let bytes: u64 = pack.files.values().map(|info| info.bytes).sum();
            Facts {
                digest: pack.digest()?.to_string(),
                files: Some(pack.files.len().to_string()),
                size: Some(format_bytes(bytes)),
                templates: Some(pack.templates()?.len().to_string()),
                variables: Some(pack.manifest.variables.len().to_string()),
                ..facts
            }
        }
        Subject::Release(known) => {
            let release = &known.release;
            Facts {
                registry: Some(known.registry.to_string()),
                digest: release.digest.to_string(),
                archive: Some(format!("{}, {}", format_bytes(release.bytes), release.archive)),
                published: Some(age(release.published)),
                score: release.score.map(|score| format!("{score} of 100, as `publish` measured it")),
                ..facts
            }
        }
    })
}

/// Renders every template of a pack once, in fresh instances, with values that are made up, and keeps what it cost.
fn measure(session: &Session, library: &Library, pack: &Pack) -> Result<Figures> {
    let limits = UserLimits::parse(&[])?;
    let checker = Checker {
        engine: &session.checking_engine(&Checking::default(), &limits, Profile::Measure, None)?,
        validators: &[],
        config: &CheckConfig::default(),
        weights: Weights { untrusted: true },
        values: &Sources::default(),
        depth: Depth::Validate,
        time: None,
    };
    let report = checker.run(pack.label.clone(), Ok(pack.clone()));
    if let Some(failure) = &report.error {
        return Err(Error::new(failure.kind, format!("the pack could not be measured: {}", failure.detail))
            .hint(format!("`packbox validate {}` says more", pack.label)));
    }
    let figures = figures(&report.measured, seconds_now());
    library.measurements().put(&pack.digest()?, &figures)?;
    Ok(figures)
}

fn not_measured() -> String {
    "no; `--measure` renders every template once".to_owned()
}

fn in_words(figures: Figures) -> String {
    format!(
        "{}, {} fuel, {:.2?} in all and {:.2?} at most, {} memory, {} out ({})",
        count(figures.calls, "call"),
        figures.fuel,
        Duration::from_nanos(figures.nanoseconds),
        Duration::from_nanos(figures.slowest_nanoseconds),
        format_bytes(figures.memory),
        format_bytes(figures.bytes_out),
        age(figures.when)
    )
}
