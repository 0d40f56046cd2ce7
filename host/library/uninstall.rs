//! Uninstalling, and what nobody needs any more.

use serde::Serialize;

use super::Library;
use super::installed::{Installation, Inventory};
use crate::advice::said;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::PackName;
use crate::registry::{PackVersion, Wanted, satisfies};

/// What was uninstalled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
        let lock = self.store().lock_shared()?;
        self.installed().change(&lock, |inventory| {
            let mut gone: Vec<Installation> = Vec::new();
            for wanted in wanted {
                // Without a requirement, every version is meant, pre-releases too.
                let is_meant = |found: &&Installation| {
                    wanted.requirement.is_none() || satisfies(wanted.requirement.as_ref(), found.version.get())
                };
                let meant: Vec<_> = inventory.meant(wanted).filter(is_meant).cloned().collect();
                if meant.is_empty() && !gone.iter().any(|gone| gone.name == wanted.name) {
                    let (error, installed) = inventory.lacks(wanted);
                    let near = || inventory.near(wanted).map(|near| format!("did you mean `{near}`?"));
                    let list = said("`packbox list --installed`", "`Library::installed`");
                    let listed = || format!("{list} shows what is installed");
                    return Err(error.hint(installed.or_else(near).unwrap_or_else(listed)));
                }
                for pack in meant {
                    inventory.remove(&pack.name, &pack.version);
                    gone.push(pack);
                }
            }
            for pack in &gone {
                check_not_needed(inventory, pack)?;
            }
            let named = |pack: Installation| (pack.name, pack.version);
            Ok(Uninstalled { packs: gone.into_iter().map(named).collect(), no_longer_needed: prune(inventory) })
        })
    }
}

/// Refuses to take away what a pack that stays needs, unless another version stays that will do.
pub(super) fn check_not_needed(stays: &Inventory, gone: &Installation) -> Result<()> {
    let needs = |pack: &&Installation| {
        let needed = pack.dependencies.get(&gone.name);
        needed.is_some_and(|needed| !needed.optional && needed.version.matches(gone.version.get()))
            && used_by(stays, pack, &gone.name).is_none()
    };
    let Some(pack) = stays.iter().find(needs) else { return Ok(()) };
    Err(Error::new(ErrorKind::Conflict, format!("{} {} needs {} {}", pack.name, pack.version, gone.name, gone.version))
        .hint(said(
            format!("uninstall both: `packbox uninstall {} {}`", gone.name, pack.name),
            format!("uninstall `{}` first", pack.name),
        )))
}

/// Takes out what was not asked for and no pack uses, and returns that.
pub(super) fn prune(inventory: &mut Inventory) -> Vec<(PackName, PackVersion)> {
    let mut gone = Vec::new();
    loop {
        let is_used = |pack: &Installation| {
            inventory.iter().any(|other| used_by(inventory, other, &pack.name) == Some(&pack.version))
        };
        let unused = inventory.iter().find(|pack| !pack.asked_for && !is_used(pack));
        let Some((name, version)) = unused.map(|pack| (pack.name.clone(), pack.version.clone())) else { return gone };
        inventory.remove(&name, &version);
        gone.push((name, version));
    }
}

/// The version of another pack that a pack uses: the newest that will do.
fn used_by<'a>(inventory: &'a Inventory, pack: &Installation, name: &PackName) -> Option<&'a PackVersion> {
    let needed = pack.dependencies.get(name).filter(|needed| !needed.optional)?;
    inventory.versions(name).map(|found| &found.version).find(|version| needed.version.matches(version.get()))
}
