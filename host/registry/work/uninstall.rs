//! Uninstalling, and what nobody needs any more.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Library;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::PackName;
use crate::registry::installed::Installation;
use crate::registry::names::{PackVersion, Wanted, satisfies};

/// What was uninstalled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Uninstalled {
    /// What the user named.
    pub packs: Vec<(PackName, PackVersion)>,
    /// What was there for these only.
    pub no_longer_needed: Vec<(PackName, PackVersion)>,
}

impl Library {
    /// Forgets packs, and those that were installed for them only. Their content goes with the next `clean`.
    ///
    /// # Errors
    /// `NotFound` where one is not installed; `Conflict` where another installed pack needs one; nothing is changed then.
    pub fn uninstall(&self, wanted: &[Wanted]) -> Result<Uninstalled> {
        let _lock = self.store().lock_shared()?;
        let installed = self.installed();
        let all = installed.list()?;
        let mut going: BTreeSet<usize> = BTreeSet::new();
        for wanted in wanted {
            // Without a requirement, every version is meant, pre-releases too.
            let meant = |found: &Installation| {
                found.name == wanted.name
                    && (wanted.requirement.is_none() || satisfies(wanted.requirement.as_ref(), found.version.get()))
            };
            let found: Vec<usize> = (0..all.len()).filter(|index| meant(&all[*index])).collect();
            if found.is_empty() {
                installed.find(&wanted.name, wanted.requirement.as_ref())?;
            }
            going.extend(found);
        }
        let named = going.clone();
        check_needed(&all, &going)?;
        // What was not asked for goes with the last that needs it.
        loop {
            let unneeded = |index: &usize| {
                !all[*index].asked_for && !going.contains(index) && !is_needed(&all, &going, &all[*index])
            };
            let next: Vec<usize> = (0..all.len()).filter(unneeded).collect();
            if next.is_empty() {
                break;
            }
            going.extend(next);
        }
        let mut report = Uninstalled::default();
        for index in going {
            let Installation { name, version, .. } = &all[index];
            installed.remove(name, version)?;
            let list = if named.contains(&index) { &mut report.packs } else { &mut report.no_longer_needed };
            list.push((name.clone(), version.clone()));
        }
        Ok(report)
    }
}

/// Whether a pack that stays needs this one.
fn is_needed(all: &[Installation], going: &BTreeSet<usize>, pack: &Installation) -> bool {
    all.iter().enumerate().any(|(index, other)| !going.contains(&index) && needs(other, pack))
}

fn needs(pack: &Installation, other: &Installation) -> bool {
    let needed = pack.about.dependencies.get(&other.name);
    needed.is_some_and(|needed| !needed.optional && needed.version.matches(other.version.get()))
}

/// Refuses to take away what a pack that stays needs, unless another version of it stays that will do.
fn check_needed(all: &[Installation], going: &BTreeSet<usize>) -> Result<()> {
    for gone in going.iter().map(|index| &all[*index]) {
        for (_, stays) in all.iter().enumerate().filter(|(index, _)| !going.contains(index)) {
            let replaced = all
                .iter()
                .enumerate()
                .any(|(index, other)| !going.contains(&index) && other.name == gone.name && needs(stays, other));
            if needs(stays, gone) && !replaced {
                let (name, version) = (&stays.name, &stays.version);
                return Err(Error::new(
                    ErrorKind::Conflict,
                    format!("{name} {version} needs {} {}", gone.name, gone.version),
                )
                .hint(format!("uninstall both: `packbox uninstall {} {name}`", gone.name)));
            }
        }
    }
    Ok(())
}
