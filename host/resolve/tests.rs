use std::collections::BTreeMap;

use super::*;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;
use crate::pack::PackName;
use crate::registry::{Capability, Dependency, IndexedRelease, Metadata, RegistryName, Release};

/// Releases as text: `name version: dependency requirement, …`; a `?` before a dependency makes it optional, a `!` before
/// the name withdraws the release, `packbox` stands for the host.
fn world(lines: &str) -> BTreeMap<PackName, Vec<IndexedRelease>> {
    let mut packs: BTreeMap<PackName, Vec<IndexedRelease>> = BTreeMap::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (what, needs) = line.split_once(':').unwrap_or((line, ""));
        let (name, version) = what.trim().split_once(' ').unwrap();
        let (registry, name) = name.split_once('/').unwrap_or(("main", name));
        let mut about = Metadata::default();
        for need in needs.split(',').map(str::trim).filter(|need| !need.is_empty()) {
            let (needed, version) = need.split_once(' ').unwrap();
            let version = version.parse().unwrap();
            if needed == "packbox" {
                about.packbox = Some(version);
                continue;
            }
            let optional = needed.starts_with('?');
            about
                .dependencies
                .insert(needed.trim_start_matches('?').parse().unwrap(), Dependency { version, optional });
        }
        let yanked = name.starts_with('!');
        let name: PackName = name.trim_start_matches('!').parse().unwrap();
        let release = Release {
            name: name.clone(),
            version: version.parse().unwrap(),
            digest: Digest::of(what.as_bytes()),
            archive: Digest::of(b"x"),
            bytes: 1,
            about,
            yanked,
            published: 0,
            score: None,
            signatures: Vec::new(),
        };
        packs.entry(name).or_default().push(IndexedRelease { registry: registry.parse().unwrap(), release });
    }
    for known in packs.values_mut() {
        known.sort_by(|left, right| right.release.version.cmp(&left.release.version));
    }
    packs
}

fn asked(text: &str) -> Vec<Requirement> {
    text.split(',')
        .map(|text| {
            let (name, requirement) = text.trim().split_once(' ').unwrap_or((text.trim(), "*"));
            let (registry, name) = match name.split_once('/') {
                Some((registry, name)) => (Some(registry.parse().unwrap()), name),
                None => (None, name),
            };
            Requirement { name: name.parse().unwrap(), requirement: requirement.parse().unwrap(), registry }
        })
        .collect()
}

fn solve_with(lines: &str, wanted: &str, preferences: &Preferences) -> Result<Resolution> {
    let world = world(lines);
    let releases = |name: &PackName, registry: Option<&RegistryName>| {
        let known = world.get(name).cloned().unwrap_or_default();
        Ok(known.into_iter().filter(|known| registry.is_none_or(|registry| known.registry == *registry)).collect())
    };
    let asked = asked(wanted);
    let candidates = Candidates::gather_from(&releases, &asked, preferences)?;
    resolve(&candidates, &asked, &Interrupt::new())
}

fn solve(lines: &str, wanted: &str) -> Result<Resolution> {
    solve_with(lines, wanted, &Preferences::new())
}

fn shown(resolution: &Resolution) -> String {
    let packs = resolution.packs.values().map(|chosen| format!("{} {}", chosen.release.name, chosen.release.version));
    packs.collect::<Vec<_>>().join(", ")
}

fn chosen(lines: &str, wanted: &str) -> String {
    shown(&solve(lines, wanted).unwrap())
}

fn refusal(lines: &str, wanted: &str) -> Error {
    let error = solve(lines, wanted).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resolution);
    error
}

const WORLD: &str = "
    web 1.0.0: base ^1
    web 1.1.0: base ^1.1, tools ^2
    web 2.0.0-rc.1: base ^2
    base 1.0.0
    base 1.1.0
    base 1.2.0
    base 2.0.0
    tools 2.0.0: base <1.2
    tools 2.1.0: base <2
";

#[test]
fn the_newest_that_fits_is_chosen() {
    assert_eq!(chosen(WORLD, "web"), "base 1.2.0, tools 2.1.0, web 1.1.0");
    assert_eq!(chosen(WORLD, "web ^1, tools =2.0.0"), "base 1.1.0, tools 2.0.0, web 1.1.0");
    assert_eq!(chosen(WORLD, "web =1.0.0"), "base 1.2.0, web 1.0.0");
    assert_eq!(chosen(WORLD, "web 2.0.0-rc"), "base 2.0.0, web 2.0.0-rc.1");
}

#[test]
fn withdrawn_unusable_and_optional_packs_are_not_chosen() {
    let world = "
        a 1.0.0
        !a 1.1.0
        a 1.2.0: packbox >=9
        b 1.0.0: ?c ^1
        c 1.0.0
        c 2.0.0
    ";
    assert_eq!(chosen(world, "a"), "a 1.0.0");
    assert_eq!(chosen(world, "b"), "b 1.0.0");
    assert_eq!(chosen(world, "b, c"), "b 1.0.0, c 1.0.0", "a version that fits, where it is there");
    let resolution = solve(world, "a").unwrap();
    let why: Vec<String> =
        resolution.packs.values().next().unwrap().passed_over.iter().map(|passed| passed.why.clone()).collect();
    assert!(why[0].contains("packbox >=9") && why[1] == "it was withdrawn", "{why:?}");
}

#[test]
fn a_lock_keeps_what_it_pins_while_it_fits() {
    let resolution = solve("a 1.0.0\na 1.1.0", "a =1.0.0").unwrap();
    let lock = Lock::of(&resolution);
    let later = "a 1.0.0\na 1.1.0\na 1.2.0";
    assert_eq!(shown(&solve_with(later, "a ^1", &lock.preferences()).unwrap()), "a 1.0.0");
    assert_eq!(shown(&solve_with(later, "a ^1.1", &lock.preferences()).unwrap()), "a 1.2.0");
    // What has the content under another version is not what it pins.
    let mut moved = lock.clone();
    moved.packs[0].version = "1.1.0".parse().unwrap();
    assert_eq!(shown(&solve_with(later, "a ^1", &moved.preferences()).unwrap()), "a 1.2.0");
    // Withdrawn since: the lock still gets it.
    let withdrawn = "!a 1.0.0\na 1.1.0";
    let mut world = world(withdrawn);
    world.values_mut().flatten().for_each(|known| {
        if known.release.yanked {
            known.release.digest = lock.packs[0].digest;
        }
    });
    let releases = |name: &PackName, _: Option<&RegistryName>| Ok(world.get(name).cloned().unwrap_or_default());
    let asked = asked("a ^1");
    let candidates = Candidates::gather_from(&releases, &asked, &lock.preferences()).unwrap();
    assert_eq!(shown(&resolve(&candidates, &asked, &Interrupt::new()).unwrap()), "a 1.0.0");
}

#[test]
fn two_locks_differ_in_whatever_they_say() {
    let lock = Lock::of(&solve("a 1.0.0: b ^1\nb 1.0.0", "a").unwrap());
    assert_eq!(lock.difference(&lock.clone()), None);
    let changed = |change: &dyn Fn(&mut Lock)| {
        let mut other = lock.clone();
        change(&mut other);
        (lock.difference(&other), other.difference(&lock))
    };
    let (gone, new) = changed(&|other| drop(other.packs.remove(1)));
    assert_eq!(gone.as_deref(), Some("it has b 1.0.0, which nothing needs"));
    assert_eq!(new.as_deref(), Some("it does not have b, which is needed"));
    let (version, _) = changed(&|other| other.packs[0].version = "9.0.0".parse().unwrap());
    assert_eq!(version.as_deref(), Some("it has a 1.0.0 of `main`, and 9.0.0 of `main` is needed"));
    let (registry, _) = changed(&|other| other.packs[0].registry = "else".parse().unwrap());
    assert_eq!(registry.as_deref(), Some("it has a 1.0.0 of `main`, and 1.0.0 of `else` is needed"));
    let (needs, _) = changed(&|other| other.packs[0].needs.clear());
    assert_eq!(needs.as_deref(), Some("what it says that a 1.0.0 needs is not what that needs"));
    let (plugins, _) = changed(&|other| {
        let capability: Capability =
            serde_json::from_value(serde_json::json!({ "sha256": other.packs[1].digest })).unwrap();
        other.packs[1].plugins.insert("p".parse().unwrap(), capability);
    });
    assert_eq!(plugins.as_deref(), Some("what it says that the plugins of b 1.0.0 use is not what they use"));
}

#[test]
fn a_name_in_two_registries_is_an_error_until_somebody_says_which() {
    let world = "one/a 1.0.0\ntwo/a 1.1.0\none/b 1.0.0: a ^1";
    let error = refusal(world, "b");
    assert_eq!(error.to_string(), "the registries `one` and `two` have a pack `a`");
    assert_eq!(chosen(world, "b, one/a"), "a 1.0.0, b 1.0.0");
    assert_eq!(chosen(world, "b, two/a"), "a 1.1.0, b 1.0.0");
}

#[test]
fn what_does_not_fit_is_explained() {
    let world = "
        web 1.0.0: base ^1
        web 1.1.0: base ^1
        wide 1.0.0: extras ^1
        wide 1.1.0: extras ^1
        picky 1.0.0: ?base ^1
        tools 1.0.0: base ^2
        base 1.0.0
        base 1.3.0
        base 2.0.0
        extras 1.0.0: missing ^1
        new 1.0.0: packbox >=9
        old 1.0.0: base ^7
    ";
    let told = |wanted| refusal(world, wanted).to_string();
    let all = ["base ^1, base ^2", "web, tools", "picky, tools", "wide", "new", "old", "nothing", "web ^5"]
        .map(|wanted| format!("== {wanted}\n{}\n", told(wanted)));
    let all = all.concat();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/resolution.txt");
    #[expect(clippy::disallowed_methods, reason = "a test is blessed by the environment")]
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &all).unwrap();
    }
    assert_eq!(all, std::fs::read_to_string(path).unwrap());
}

#[test]
fn packs_stand_after_what_they_need_and_circles_are_named() {
    let resolution = solve(WORLD, "web").unwrap();
    let names: Vec<String> = order(&resolution).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["base", "tools", "web"]);
    let circle = solve("d 1.0.0: b *\na 1.0.0: b *\nb 1.0.0: c *\nc 1.0.0: a *", "d").unwrap();
    assert_eq!(order(&circle).unwrap_err().to_string(), "packs depend on each other in a cycle: a → b → c → a");
}

#[test]
fn locks_are_strict() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Lock::read(folder.path()).unwrap(), None);
    let lock = Lock::of(&solve(WORLD, "web").unwrap());
    lock.write(folder.path()).unwrap();
    assert_eq!(Lock::read(folder.path()).unwrap(), Some(lock));
    let path = folder.path().join(LOCK_NAME);
    let text = std::fs::read_to_string(&path).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        Lock::read(folder.path()).unwrap_err().kind()
    };
    assert_eq!(changed("\"web\"", "\"../web\""), ErrorKind::Integrity);
    assert_eq!(changed("\"1.1.0\"", "\"1.1.0/../..\""), ErrorKind::Integrity);
    assert_eq!(changed("name = \"tools\"", "name = \"web\""), ErrorKind::Integrity);
    assert_eq!(changed("digest = \"", "digest = \"0"), ErrorKind::Integrity);
    assert_eq!(changed("registry = ", "hook = \"x\"\nregistry = "), ErrorKind::Integrity);
    assert_eq!(changed("format = 1", "format = 2"), ErrorKind::Refused);
    for (from, to, message) in
        [("registry = ", "regisrty = ", "unknown key `regisrty`"), ("format = 1", "format = [1", "array")]
    {
        changed(from, to);
        let error = Lock::read(folder.path()).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert!(error.body().location.as_ref().is_some_and(|place| place.start.line > 1), "{error:?}");
    }
    #[cfg(unix)]
    {
        let elsewhere = folder.path().join("elsewhere");
        std::fs::write(&elsewhere, &text).unwrap();
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert_eq!(Lock::read(folder.path()).unwrap_err().kind(), ErrorKind::Integrity);
    }
}
