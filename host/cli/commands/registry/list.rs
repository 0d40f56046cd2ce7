//! `list`, `search`: what there is.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::super::args;
use super::super::super::documents::{FoundPack, InstalledPack, InstalledPacks, ListedPack, Packs, Search};
use super::super::super::fold::table;
use super::super::super::session::Session;
use super::{age, counted, line};
use crate::clock::seconds_now;
use crate::error::Result;
use crate::library::{Installation, Inventory, Library};
use crate::pack::{PackLimits, PackName};
use crate::registry::{Filter, Index, Match, Order, PackRow, PackVersion, Page, RegistryName};

/// What marks an installed release that its registry withdrew.
const WITHDRAWN: &str = "withdrawn";
/// Characters of a description that a list shows.
const SHOWN: usize = 60;

/// Lists packs.
///
/// # Errors
/// `Usage` where a filter is wrong; `Integrity` and `Io` of the index.
pub fn list(session: &Session, arguments: &args::List) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    if arguments.installed {
        return list_installed(session, &library);
    }
    let (filter, page) = filter(&arguments.filter)?;
    let index = library.index()?;
    let (order, sort) = match arguments.sort {
        args::Sort::Name => (Order::Name, "name"),
        args::Sort::Updated => (Order::Updated, "updated"),
        args::Sort::Score => (Order::Score, "score"),
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
        out +=
            "points of 100 are those that `publish` measured; `packbox score NAME` measures an installed pack again\n";
    }
    out += &freshness(&index)?;
    session.output.page(&out)
}

/// Finds packs.
///
/// # Errors
/// As [`list`].
pub fn search(session: &Session, arguments: &args::Search) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let (filter, page) = filter(&arguments.filter)?;
    let index = library.index()?;
    let found = index.search(&arguments.words.join(" "), &filter, page)?;
    let installed = Marks::of(&library)?;
    if session.output.is_json() {
        let found = found.iter();
        let packs = found.map(|found| FoundPack { pack: listed(&found.pack, &installed), matched: found.matched });
        let document = Search { packs: packs.collect(), page: arguments.filter.page };
        return session.output.document("search", &document);
    }
    let mut out = String::new();
    if found.first().is_some_and(|found| found.matched == Match::Near) {
        out += "no pack has all of these words; these come close:\n";
    }
    out += &table(&found.iter().map(|found| as_row(&found.pack, &installed)).collect::<Vec<_>>());
    if found.is_empty() {
        out += &nothing(&index)?;
    }
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

/// Turns what was typed into a filter and a page.
fn filter(typed: &args::Filters) -> Result<(Filter, Page)> {
    let filter = Filter {
        registry: typed.registry.as_deref().map(RegistryName::typed).transpose()?,
        category: typed.category.clone(),
        keyword: typed.keyword.clone(),
        author: typed.author.clone(),
        license: typed.license.clone(),
        has_plugin: typed.has_plugin,
        abi: typed.abi.clone(),
    };
    let limit = typed.limit.clamp(1, 10_000);
    Ok((filter, Page { offset: typed.page.saturating_sub(1).saturating_mul(limit), limit }))
}

/// What marks rows: the newest installed version of each pack.
struct Marks {
    installed: Inventory,
    withdrawn: BTreeSet<(PackName, PackVersion)>,
}

impl Marks {
    fn of(library: &Library) -> Result<Self> {
        let installed = library.installed().read()?;
        Ok(Self { withdrawn: library.withdrawn(&installed), installed })
    }

    /// The newest installed version, and whether it was withdrawn.
    fn newest(&self, row: &PackRow) -> Option<(&PackVersion, bool)> {
        let found = self.installed.versions(&row.name).next()?;
        Some((&found.version, self.withdrawn.contains(&(found.name.clone(), found.version.clone()))))
    }
}

fn as_row(row: &PackRow, installed: &Marks) -> Vec<String> {
    let mark = match installed.newest(row) {
        Some((version, false)) if *version == row.version => "installed".to_owned(),
        Some((version, false)) => format!("installed {version}"),
        Some((version, true)) => format!("installed {version}, {WITHDRAWN}"),
        None => String::new(),
    };
    let text = purpose(Some(&row.description), Some(&row.title));
    vec![row.name.to_string(), row.version.to_string(), row.registry.to_string(), mark, text]
}

/// What a pack is for, as every list shows it: its description, or where it has none its title.
fn purpose(description: Option<&str>, title: Option<&str>) -> String {
    let text = [description, title].into_iter().flatten().find(|text| !text.is_empty());
    line(text.unwrap_or_default(), SHOWN)
}

fn listed<'a>(row: &'a PackRow, installed: &'a Marks) -> ListedPack<'a> {
    let newest = installed.newest(row);
    ListedPack {
        pack: row,
        installed: newest.map(|(version, _)| version),
        withdrawn: newest.is_some_and(|(_, withdrawn)| withdrawn),
    }
}

/// What to do where nothing was found.
fn nothing(index: &Index) -> Result<String> {
    Ok(if index.registries()?.is_empty() {
        "no registry has been read yet; add one with `packbox registry add NAME LOCATION`\n".to_owned()
    } else {
        "no pack fits\n".to_owned()
    })
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
