//! Everything that could be chosen: the releases of all packs that what is asked for may lead to.
//!
//! Always true here: a pack comes from one registry. Where two have a pack of one name, the user or the lock says which;
//! nothing is guessed, as a stranger may publish under a name that another registry uses.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use semver::VersionReq;

use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::PackName;
use crate::registry::{Index, IndexedRelease, PackVersion, RegistryName, Release};

/// The most packs that a resolution looks at.
const MOST_PACKS: usize = 20_000;

/// A pack that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The pack.
    pub name: PackName,
    /// Which versions will do.
    pub requirement: VersionReq,
    /// The registry that it has to come from, where the user said so.
    pub registry: Option<RegistryName>,
}

/// What a lock says of a pack: a release is the one that is meant only where version and content are those.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The registry that it comes from.
    pub registry: RegistryName,
    /// Its version.
    pub version: PackVersion,
    /// The digest of its content.
    pub digest: Digest,
}

impl Pin {
    /// Whether this is the release that is meant.
    #[must_use]
    pub fn holds(&self, release: &Release) -> bool {
        self.version == release.version && self.digest == release.digest
    }
}

/// What a lock says, by pack.
pub type Preferences = BTreeMap<PackName, Pin>;

/// Gives the releases of a pack, in every registry or in one, the newest first.
pub type Releases<'a> = &'a dyn Fn(&PackName, Option<&RegistryName>) -> Result<Vec<IndexedRelease>>;

/// What can be chosen.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    /// The releases of each pack, the newest first; none where no registry has it.
    pub(super) packs: BTreeMap<PackName, Vec<IndexedRelease>>,
    /// What a lock pins.
    pub(super) preferences: Preferences,
}

impl Candidates {
    /// Gathers all releases that what is asked for may lead to. Optional dependencies are not followed.
    ///
    /// # Errors
    /// `Resolution` where two registries have a pack of one name and nobody says which is meant, or where there are too
    /// many packs; those of [`Index::releases`].
    pub fn gather(index: &Index, asked: &[Requirement], preferences: &Preferences) -> Result<Self> {
        Self::gather_from(&|name, registry| index.releases(name, registry), asked, preferences)
    }

    /// [`Candidates::gather`] from anything that knows releases.
    ///
    /// # Errors
    /// As [`Candidates::gather`].
    pub fn gather_from(releases: Releases<'_>, asked: &[Requirement], preferences: &Preferences) -> Result<Self> {
        let mut from: BTreeMap<&PackName, &RegistryName> = BTreeMap::new();
        from.extend(preferences.iter().map(|(name, pin)| (name, &pin.registry)));
        for asked in asked {
            from.extend(asked.registry.as_ref().map(|registry| (&asked.name, registry)));
        }
        let mut packs = BTreeMap::new();
        let mut queue: VecDeque<PackName> = asked.iter().map(|asked| asked.name.clone()).collect();
        while let Some(name) = queue.pop_front() {
            if packs.contains_key(&name) {
                continue;
            }
            if packs.len() >= MOST_PACKS {
                return Err(Error::new(
                    ErrorKind::Resolution,
                    format!("more than {MOST_PACKS} packs would have to be considered"),
                )
                .hint("ask for fewer packs at once"));
            }
            let known = releases(&name, from.get(&name).copied())?;
            check_registry(&name, &known)?;
            for IndexedRelease { release, .. } in &known {
                let needed = release.about.dependencies.iter().filter(|(_, needed)| !needed.optional);
                queue.extend(needed.map(|(name, _)| name.clone()));
            }
            packs.insert(name, known);
        }
        Ok(Self { packs, preferences: preferences.clone() })
    }
}

fn check_registry(name: &PackName, known: &[IndexedRelease]) -> Result<()> {
    let registries: BTreeSet<&RegistryName> = known.iter().map(|known| &known.registry).collect();
    if registries.len() < 2 {
        return Ok(());
    }
    let names: Vec<String> = registries.iter().map(|registry| format!("`{registry}`")).collect();
    let first = registries.first().map(|registry| registry.as_str()).unwrap_or_default();
    Err(Error::new(ErrorKind::Resolution, format!("the registries {} have a pack `{name}`", names.join(" and ")))
        .hint(format!("say which you mean, for instance `{first}/{name}`")))
}
