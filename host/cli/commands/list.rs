//! `list`: what there is.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};

use crate::cli::args::{Filters, filter};
use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::{InstalledPack, InstalledPacks, Packs};
use crate::cli::fold::table;
use crate::cli::packs::found::{Marks, SHOWN, WITHDRAWN, as_row, listed, nothing, purpose};
use crate::cli::packs::lists::{age, counted, line};
use crate::cli::session::Session;
use crate::clock::seconds_now;
use crate::error::Result;
use crate::library::{Installation, Library};
use crate::pack::PackLimits;
use crate::registry::{Index, Order};

/// List the packs that registries have.
#[derive(Debug, Args)]
pub struct List {
    /// Only what is installed.
    #[arg(long, conflicts_with = "sort")]
    pub installed: bool,
    /// What comes first.
    ///
    /// Packs cannot be sorted by downloads or ratings: only a server could count them, and a registry is just files.
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = Sort::Name)]
    pub sort: Sort,
    /// What packs must have.
    #[command(flatten)]
    pub filter: Filters,
}

impl command::Command for List {
    const NAME: &'static str = "list";
    const EXAMPLES: &'static [&'static str] =
        &["packbox list", "packbox list --sort updated --limit 10", "packbox list --format json"];
    command::documents!(Packs<'static>, InstalledPacks<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(list(session, self))
    }
}

/// What a list begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// The first name.
    Name,
    /// The newest release.
    Updated,
    /// The most points, as `publish` measured them; `packbox score NAME` measures them again.
    Score,
}

/// Lists packs.
///
/// # Errors
/// `Usage` where a filter is wrong; `Integrity` and `Io` of the index.
pub fn list(session: &Session, arguments: &List) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    if arguments.installed {
        return list_installed(session, &library);
    }
    let (filter, page) = filter(&arguments.filter);
    if let Some(registry) = &filter.registry {
        library.registries()?.get(registry)?;
    }
    let index = library.index()?;
    let (order, sort) = match arguments.sort {
        Sort::Name => (Order::Name, "name"),
        Sort::Updated => (Order::Updated, "updated"),
        Sort::Score => (Order::Score, "score"),
    };
    let (rows, total) = index.list(&filter, order, page)?;
    let installed = Marks::of(&library)?;
    if session.output.is_json() {
        let packs = rows.iter().map(|row| listed(row, &installed)).collect();
        let document = Packs { packs, total, page: arguments.filter.page, sort, registries: index.registries()? };
        return session.output.document("list", &document);
    }
    let shown = rows.iter().map(|row| {
        let mut cells = as_row(row, &installed);
        match order {
            Order::Name => {}
            Order::Updated => cells.insert(2, age(row.published)),
            Order::Score => cells.insert(2, row.score.map_or_else(|| "no score".to_owned(), |score| score.to_string())),
        }
        cells
    });
    let mut out = table(&shown.collect::<Vec<_>>());
    let shown = rows.len() as u64;
    if shown < total {
        let (first, last) = (page.offset + 1, page.offset + shown);
        let number = arguments.filter.page;
        let _ = match shown {
            0 => writeln!(out, "nothing on page {number} of {}", counted(total, "pack")),
            _ if last == total => writeln!(out, "{first} to {last} of {total}"),
            _ => writeln!(out, "{first} to {last} of {total}; `--page {}` shows more", number + 1),
        };
    }
    if total == 0 {
        out += &nothing(&index)?;
    } else if order == Order::Score {
        out += "points (out of 100) are those that `publish` measured; `packbox score NAME` measures an installed pack again\n";
    }
    out += &freshness(&index)?;
    session.output.page(&out)
}

fn list_installed(session: &Session, library: &Library) -> Result<()> {
    let installed = library.installed().read()?;
    let withdrawn = library.withdrawn(&installed);
    let is_withdrawn = |found: &Installation| withdrawn.contains(&(found.name.clone(), found.version.clone()));
    if session.output.is_json() {
        let packs = installed.iter().map(|found| InstalledPack { installed: found, withdrawn: is_withdrawn(found) });
        return session.output.document("list", &InstalledPacks { installed: packs.collect() });
    }
    let rows: Vec<Vec<String>> = installed
        .iter()
        .map(|found| {
            let marks = [(!found.asked_for, "needed"), (is_withdrawn(found), WITHDRAWN)];
            let marks: Vec<&str> = marks.into_iter().filter_map(|(holds, mark)| holds.then_some(mark)).collect();
            vec![
                found.name.to_string(),
                found.version.to_string(),
                line(&found.origin.to_string(), SHOWN),
                marks.join(", "),
                purpose(found.description.as_deref(), found.title.as_deref()),
            ]
        })
        .collect();
    let out = if rows.is_empty() { "nothing is installed\n".to_owned() } else { table(&rows) };
    session.output.page(&out)
}

/// When registries were read, where that is long ago.
fn freshness(index: &Index) -> Result<String> {
    let now = seconds_now();
    let mut out = String::new();
    for registry in index.registries()? {
        if now.saturating_sub(registry.synced) > 86_400 {
            let when = age(registry.synced);
            let _ = writeln!(out, "`{}` was read {when}; `packbox registry sync` reads it", registry.name);
        }
    }
    Ok(out)
}
