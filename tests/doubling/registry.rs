//! The log of a registry: read, taken in by the index, and what is chosen from it.

use std::cell::Cell;

use packbox::digest::Digest;
use packbox::interrupt::Interrupt;
use packbox::registry::{
    Dependency, DirectorySource, Entry, Filter, Index, IndexedRelease, Metadata, Order, Page, Position, RegistryName,
    Release, Source,
};
use packbox::resolve::{Candidates, Lock, Preferences, Requirement, order, resolve};
use tempfile::TempDir;

use crate::cost::Alone;

fn release(name: &str, version: &str, needs: &[(String, String)]) -> Release {
    let needs = needs.iter().map(|(name, version)| {
        let version = version.parse().expect("a requirement");
        (name.parse().expect("a name"), Dependency { version, optional: false })
    });
    let about = Metadata {
        title: Some(format!("The pack {name}")),
        keywords: vec!["web".to_owned(), name.to_owned()],
        dependencies: needs.collect(),
        ..Metadata::default()
    };
    Release {
        name: name.parse().expect("a name"),
        version: version.parse().expect("a version"),
        digest: Digest::of(format!("{name} {version}").as_bytes()),
        archive: Digest::of(b""),
        bytes: 1,
        about,
        yanked: false,
        published: 1,
        score: None,
        signatures: Vec::new(),
    }
}

/// A registry in a folder, with a log that nobody has to publish line by line.
struct Registry {
    folder: TempDir,
    source: DirectorySource,
    indexes: Cell<usize>,
}

impl Registry {
    fn new(releases: impl IntoIterator<Item = Release>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let source = DirectorySource::create(&folder.path().join("registry")).expect("a registry");
        let (mut log, mut previous) = (Vec::new(), Digest::of(b""));
        for release in releases {
            let line = serde_json::to_vec(&Entry { previous, release }).expect("a line");
            previous = Digest::of(&line);
            log.extend(line);
            log.push(b'\n');
        }
        std::fs::write(folder.path().join("registry/log.jsonl"), log).expect("a log");
        Self { folder, source, indexes: Cell::new(0) }
    }

    fn name() -> RegistryName {
        "main".parse().expect("a name")
    }

    /// A new index that has read all of it.
    fn index(&self) -> Index {
        self.indexes.set(self.indexes.get() + 1);
        let path = self.folder.path().join(format!("{}/index.sqlite", self.indexes.get()));
        let mut index = Index::open(&path).expect("an index");
        index.sync(&Self::name(), &self.source).expect("a log");
        index
    }
}

fn packs(length: usize) -> impl Iterator<Item = Release> {
    (0..length).map(|number| release(&format!("pack-{number}"), "1.0.0", &[]))
}

fn versions(length: usize) -> impl Iterator<Item = Release> {
    (0..length).map(|number| release("pack", &format!("1.{number}.0"), &[]))
}

/// One release, withdrawn and not, again and again.
fn withdrawals(length: usize) -> impl Iterator<Item = Release> {
    (0..length).map(|number| Release { yanked: number % 2 == 1, ..release("pack", "1.0.0", &[]) })
}

#[test]
fn logs_are_taken_in() {
    let alone = Alone::wait();
    let takes = |name: &str, log: &dyn Fn(usize) -> Registry| {
        alone.grows_with_its_length(name, 500, log, |registry| {
            let (entries, end) = registry.source.read(&Position::default()).expect("a log");
            assert!(!entries.is_empty());
            assert!(registry.source.read(&end).expect("the end").0.is_empty());
            let mut index = registry.index();
            assert_eq!(index.sync(&Registry::name(), &registry.source).expect("nothing new").entries, 0);
            index.list(&Filter::default(), Order::Name, Page { offset: 0, limit: 1_000_000 }).expect("packs");
            index.releases(&"pack".parse().expect("a name"), None).expect("releases");
        });
    };
    takes("a log of packs", &|length| Registry::new(packs(length)));
    takes("a log of versions", &|length| Registry::new(versions(length)));
    takes("a log of withdrawals", &|length| Registry::new(withdrawals(length)));
    takes("a log of packs and their versions", &|length| Registry::new(packs(length / 2).chain(versions(length / 2))));
}

#[test]
fn searches_grow_with_what_they_look_through() {
    let alone = Alone::wait();
    let indexed = |length| {
        let registry = Registry::new(packs(length));
        (registry.index(), registry)
    };
    for words in ["web", "pack-7", "pakc"] {
        alone.grows_with_its_length(&format!("packs to search for `{words}`"), 500, indexed, |(index, _)| {
            assert!(!index.search(words, &Filter::default(), Page { offset: 0, limit: 20 }).expect("packs").is_empty());
        });
    }
}

fn asked(names: impl IntoIterator<Item = String>) -> Vec<Requirement> {
    let one = |name: String| Requirement {
        name: name.parse().expect("a name"),
        requirement: "*".parse().expect("a requirement"),
        registry: None,
    };
    names.into_iter().map(one).collect()
}

/// Chooses from what is known of packs, and orders what was chosen where that is possible.
fn chooses(
    alone: &Alone,
    name: &str,
    length: usize,
    fits: bool,
    world: &dyn Fn(usize) -> (Vec<Release>, Vec<Requirement>),
) {
    let world = |length| {
        let (releases, asked) = world(length);
        let mut known: std::collections::BTreeMap<_, Vec<IndexedRelease>> = std::collections::BTreeMap::new();
        for release in releases {
            known.entry(release.name.clone()).or_default().push(IndexedRelease { registry: Registry::name(), release });
        }
        for known in known.values_mut() {
            known.sort_by(|left, right| right.release.version.cmp(&left.release.version));
        }
        (known, asked)
    };
    alone.grows_with_its_length(name, length, world, |(known, asked)| {
        let releases = |name: &_, _: Option<&RegistryName>| Ok(known.get(name).cloned().unwrap_or_default());
        let candidates = Candidates::gather_from(&releases, asked, &Preferences::new()).expect("candidates");
        match resolve(&candidates, asked, &Interrupt::new()) {
            Ok(resolution) => {
                assert!(fits, "{name}");
                let lock = Lock::of(&resolution);
                assert_eq!(lock.preferences().len(), resolution.packs.len());
                let _ = order(&resolution);
            }
            Err(error) => assert!(!fits, "{name}: {error}"),
        }
    });
}

fn need(number: usize) -> (String, String) {
    (format!("pack-{number}"), "*".to_owned())
}

#[test]
fn releases_are_chosen() {
    let alone = Alone::wait();
    chooses(&alone, "packs that are asked for", 500, true, &|length| {
        (packs(length).collect(), asked((0..length).map(|number| format!("pack-{number}"))))
    });
    chooses(&alone, "versions to choose from", 1_000, true, &|length| {
        (versions(length).collect(), asked(["pack".to_owned()]))
    });
    chooses(&alone, "withdrawn versions to choose from", 500, true, &|length| {
        let withdrawn = versions(length).map(|release| Release { yanked: true, ..release });
        (withdrawn.chain([release("pack", "0.1.0", &[])]).collect(), asked(["pack".to_owned()]))
    });
    chooses(&alone, "packs that need one", 300, true, &|length| {
        let need = [("pack".to_owned(), "^1".to_owned())];
        let packs = (0..length).map(|number| release(&format!("pack-{number}"), "1.0.0", &need));
        // None of the newer ones fit.
        let newer = (0..length).map(|number| release("pack", &format!("2.{number}.0"), &[]));
        let all = packs.chain(newer).chain([release("pack", "1.0.0", &[])]).collect();
        (all, asked((0..length).map(|number| format!("pack-{number}"))))
    });
    let chain = |length: usize, last: usize| {
        (0..length).map(move |number| release(&format!("pack-{number}"), "1.0.0", &[need((number + 1).min(last))]))
    };
    chooses(&alone, "packs that need one another", 500, true, &|length| {
        let end = release(&format!("pack-{length}"), "1.0.0", &[]);
        (chain(length, length).chain([end]).collect(), asked(["pack-0".to_owned()]))
    });
    chooses(&alone, "packs that need each other in a circle", 500, true, &|length| {
        let next = |number| [need((number + 1) % length), need((number + 2) % length)];
        let packs = (0..length).map(|number| release(&format!("pack-{number}"), "1.0.0", &next(number)));
        (packs.collect(), asked(["pack-0".to_owned()]))
    });
    chooses(&alone, "packs of which the last needs what is not there", 500, false, &|length| {
        (chain(length, length).collect(), asked(["pack-0".to_owned()]))
    });
    chooses(&alone, "versions that need what is not there", 300, false, &|length| {
        let versions = (0..length).map(|number| release("pack", &format!("1.{number}.0"), &[need(number)]));
        (versions.collect(), asked(["pack".to_owned()]))
    });
}
