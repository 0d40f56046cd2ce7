//! `search`: packs by words.

use clap::Args;

use crate::cli::args::{Filters, filter};
use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::documents;
use crate::cli::documents::FoundPack;
use crate::cli::fold::table;
use crate::cli::packs::found::{Marks, as_row, listed, nothing};
use crate::cli::session::Session;
use crate::error::Result;
use crate::pack::PackLimits;
use crate::registry::Match;

/// Find packs by words, even if one is misspelled.
#[derive(Debug, Args)]
pub struct Search {
    /// Words, or beginnings of words. What fits them best comes first.
    #[arg(required = true)]
    pub words: Vec<String>,
    /// What packs must have.
    #[command(flatten)]
    pub filter: Filters,
}

impl command::Command for Search {
    const NAME: &'static str = "search";
    const EXAMPLES: &'static [&'static str] = &["packbox search shop"];
    command::documents!(Search<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(search(session, self))
    }
}

/// Finds packs.
///
/// # Errors
/// As [`list`].
pub fn search(session: &Session, arguments: &Search) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let (filter, page) = filter(&arguments.filter);
    if let Some(registry) = &filter.registry {
        library.registries()?.get(registry)?;
    }
    let index = library.index()?;
    let found = index.search(&arguments.words.join(" "), &filter, page)?;
    let installed = Marks::of(&library)?;
    if session.output.is_json() {
        let found = found.iter();
        let packs = found.map(|found| FoundPack { pack: listed(&found.pack, &installed), matched: found.matched });
        let document = documents::Search { packs: packs.collect(), page: arguments.filter.page };
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
