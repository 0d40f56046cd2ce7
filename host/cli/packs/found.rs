//! Packs that a registry has, as `list` and `search` show them.

use std::collections::BTreeSet;

use crate::cli::documents::ListedPack;
use crate::cli::packs::lists::line;
use crate::error::Result;
use crate::library::{Inventory, Library};
use crate::pack::PackName;
use crate::registry::{Index, PackRow, PackVersion};

/// What marks an installed release that its registry withdrew.
pub const WITHDRAWN: &str = "withdrawn";

/// Characters of a description that a list shows.
pub const SHOWN: usize = 60;

/// What marks rows: the newest installed version of each pack.
pub struct Marks {
    installed: Inventory,
    withdrawn: BTreeSet<(PackName, PackVersion)>,
}

impl Marks {
    pub fn of(library: &Library) -> Result<Self> {
        let installed = library.installed().read()?;
        Ok(Self { withdrawn: library.withdrawn(&installed), installed })
    }

    /// The newest installed version, and whether it was withdrawn.
    fn newest(&self, row: &PackRow) -> Option<(&PackVersion, bool)> {
        let found = self.installed.versions(&row.name).next()?;
        Some((&found.version, self.withdrawn.contains(&(found.name.clone(), found.version.clone()))))
    }
}

pub fn as_row(row: &PackRow, installed: &Marks) -> Vec<String> {
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
pub fn purpose(description: Option<&str>, title: Option<&str>) -> String {
    let text = [description, title].into_iter().flatten().find(|text| !text.is_empty());
    line(text.unwrap_or_default(), SHOWN)
}

pub fn listed<'a>(row: &'a PackRow, installed: &'a Marks) -> ListedPack<'a> {
    let newest = installed.newest(row);
    ListedPack {
        pack: row,
        installed: newest.map(|(version, _)| version),
        withdrawn: newest.is_some_and(|(_, withdrawn)| withdrawn),
    }
}

/// What to do where nothing was found.
pub fn nothing(index: &Index) -> Result<String> {
    let registries = index.registries()?;
    Ok(if registries.is_empty() {
        "no registry has been read yet; add one with `packbox registry add NAME LOCATION`\n".to_owned()
    } else if registries.iter().all(|registry| registry.packs == 0) {
        "no pack has been published yet; `packbox publish FOLDER` publishes one, and `packbox registry sync` reads what others \
         published\n"
            .to_owned()
    } else {
        "no pack fits\n".to_owned()
    })
}
