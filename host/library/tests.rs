use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::digest::Digest;
use crate::error::{ErrorKind, Result};
use crate::pack::{Pack, PackLimits};
use crate::registry::{DirectorySource, Registries, RegistryEntry, Trust, trust};

struct Fixture {
    folder: tempfile::TempDir,
    library: Library,
    registries: Registries,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let below = |name: &str| folder.path().join(name);
        let places =
            Places { config: below("config"), data: below("data"), cache: below("cache"), docker_config: None };
        let library = Library::new(places, PackLimits::default(), Waiting::default());
        DirectorySource::create(&below("registry")).unwrap();
        let mut registries = Registries::default();
        let entry = RegistryEntry { location: below("registry").display().to_string(), ..RegistryEntry::default() };
        registries.registries.insert("main".parse().unwrap(), entry);
        library.set_registries(&registries).unwrap();
        Self { folder, library, registries }
    }

    fn pack(&self, name: &str, version: &str, more: &str) -> PathBuf {
        let folder = self.folder.path().join(format!("packs/{name}-{version}"));
        fs::create_dir_all(&folder).unwrap();
        let meta = "title = \"T\"\ndescription = \"D\"\nlicense = \"MIT\"";
        let text = format!("[pack]\nname = \"{name}\"\nversion = \"{version}\"\n{meta}\n{more}\n");
        fs::write(folder.join("pack.toml"), text).unwrap();
        fs::write(folder.join("file.txt"), version).unwrap();
        folder
    }

    fn publish(&self, name: &str, version: &str, more: &str) {
        let pack = Pack::load(&self.pack(name, version, more), &PackLimits::default()).unwrap();
        self.library.publish(&self.registries, &"main".parse().unwrap(), &pack, Attached::default()).unwrap();
    }

    fn install(&self, wanted: &str) -> Result<InstallReport> {
        self.library.install(&[wanted.parse().unwrap()], &Installing::default())
    }

    fn shown(&self) -> String {
        let inventory = self.library.installed().read().unwrap();
        inventory.iter().map(|found| format!("{} {}", found.name, found.version)).collect::<Vec<_>>().join(", ")
    }

    fn stored(&self) -> u64 {
        let referred = self.library.installed().read().unwrap().referred();
        let report = self.library.store().verify(&referred, &PackLimits::default()).unwrap();
        assert!(report.faults.is_empty(), "{report:?}");
        report.packs
    }
}

fn web() -> Fixture {
    let fixture = Fixture::new();
    fixture.publish("base", "1.0.0", "");
    fixture.publish("base", "1.1.0", "");
    fixture.publish("web", "1.0.0", "[dependencies]\nbase = \"^1\"");
    fixture
}

#[test]
fn a_pack_comes_with_what_it_needs_and_goes_with_it() {
    let fixture = web();
    let report = fixture.install("web").unwrap();
    assert!(report.packs.iter().all(|pack| pack.fetched > 0 && !pack.was_installed && !pack.trusted));
    assert_eq!(fixture.shown(), "base 1.1.0, web 1.0.0");
    let again = fixture.install("web").unwrap();
    assert!(again.packs.iter().all(|pack| pack.fetched == 0 && pack.was_installed));
    let error = fixture.library.uninstall(&["base".parse().unwrap()]).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Conflict, "web 1.0.0 needs base 1.1.0"));
    let gone = fixture.library.uninstall(&["web".parse().unwrap()]).unwrap();
    assert_eq!((gone.packs.len(), gone.no_longer_needed.len()), (1, 1));
    assert_eq!(fixture.shown(), "");
    assert_eq!(fixture.stored(), 2, "content goes with `clean`");
    let dry = fixture.library.clean(CleanOptions { dry_run: true, ..CleanOptions::default() }).unwrap();
    assert_eq!(fixture.stored(), 2);
    assert_eq!(fixture.library.clean(CleanOptions::default()).unwrap(), dry);
    assert_eq!((dry.packs.entries, fixture.stored()), (2, 0));
}

#[test]
fn what_was_asked_for_stays_when_what_needs_it_goes() {
    let fixture = web();
    fixture.install("base").unwrap();
    fixture.install("web").unwrap();
    fixture.library.uninstall(&["web".parse().unwrap()]).unwrap();
    assert_eq!(fixture.shown(), "base 1.1.0");
}

#[test]
fn nothing_is_visible_where_one_of_several_fails() {
    let fixture = web();
    let archive = fixture.folder.path().join("registry/packs/web/1.0.0.pack");
    fs::write(&archive, "damaged").unwrap();
    assert_eq!(fixture.install("web").unwrap_err().kind(), ErrorKind::Integrity);
    assert_eq!(fixture.shown(), "");
    let good = Pack::load(&fixture.folder.path().join("packs/web-1.0.0"), &PackLimits::default()).unwrap();
    fs::write(&archive, good.to_archive().unwrap()).unwrap();
    fixture.install("web").unwrap();
    assert_eq!(fixture.shown(), "base 1.1.0, web 1.0.0");
}

#[test]
fn an_update_says_what_changes() {
    let fixture = Fixture::new();
    fixture.publish("web", "1.0.0", "");
    fixture.install("web").unwrap();
    let updates = |fixture: &Fixture| fixture.library.updates(&[], &Installing::default(), &[].into()).unwrap().updates;
    assert!(updates(&fixture).is_empty());
    let folder = fixture.pack("web", "1.1.0", "");
    fs::write(folder.join("new.txt"), "x").unwrap();
    fixture.publish("web", "1.1.0", "");
    let updates = updates(&fixture);
    assert_eq!(updates.len(), 1);
    let files: Vec<String> = updates[0].files.iter().map(|file| format!("{:?} {}", file.change, file.path)).collect();
    assert_eq!(files, ["Changed file.txt", "Added new.txt", "Changed pack.toml"]);
    assert_eq!(fixture.shown(), "web 1.0.0");
}

#[test]
fn a_pack_for_which_nothing_can_be_chosen_keeps_no_other_from_its_update() {
    let mut fixture = web();
    fixture.publish("gone", "1.0.0", "");
    fixture.publish("early", "1.0.0-rc.1", "");
    for wanted in ["web", "gone", "early@1.0.0-rc.1"] {
        fixture.install(wanted).unwrap();
    }
    let main = "main".parse().unwrap();
    fixture.publish("web", "1.1.0", "[dependencies]\nbase = \"^1\"");
    let release = (&"gone".parse().unwrap(), &"1.0.0".parse().unwrap());
    assert!(fixture.library.yank(&fixture.registries, &main, release, true).unwrap());
    let found = |fixture: &Fixture, wanted: &[&str]| {
        let wanted: Vec<_> = wanted.iter().map(|wanted| wanted.parse().unwrap()).collect();
        fixture.library.updates(&wanted, &Installing::default(), &[].into())
    };
    let stays = |updates: &Updates| -> Vec<(String, WhyItStays)> {
        updates.stays.iter().map(|stays| (format!("{} {}", stays.name, stays.version), stays.why.clone())).collect()
    };
    let updates = found(&fixture, &[]).unwrap();
    let early = "no combination of packs works:\n  you ask for `early *`, and there are only 1.0.0-rc.1";
    assert_eq!(
        stays(&updates),
        [
            ("early 1.0.0-rc.1".to_owned(), WhyItStays::Nothing(early.to_owned())),
            ("gone 1.0.0".to_owned(), WhyItStays::Withdrawn)
        ]
    );
    assert_eq!(updates.updates.len(), 1);
    fixture.library.take(&updates.updates).unwrap();
    assert_eq!(fixture.shown(), "base 1.1.0, early 1.0.0-rc.1, gone 1.0.0, web 1.1.0");
    // Named, it is the same; a version that the user asks for has to be there.
    assert_eq!(stays(&found(&fixture, &["main/gone"]).unwrap()).len(), 1);
    assert_eq!(found(&fixture, &["gone@2"]).unwrap_err().kind(), ErrorKind::Resolution);
    fixture.registries.registries.clear();
    fixture.library.set_registries(&fixture.registries).unwrap();
    fixture.library.index().unwrap().forget(&main).unwrap();
    let updates = found(&fixture, &["web"]).unwrap();
    assert_eq!(stays(&updates), [("web 1.1.0".to_owned(), WhyItStays::NoRegistry)]);
}

#[test]
fn offline_only_what_is_here_is_used() {
    let fixture = web();
    let offline = Installing { offline: true, ..Installing::default() };
    let wanted = ["web".parse().unwrap()];
    assert_eq!(fixture.library.install(&wanted, &offline).unwrap_err().kind(), ErrorKind::Resolution);
    fixture.install("web").unwrap();
    fs::remove_dir_all(fixture.folder.path().join("registry")).unwrap();
    fixture.library.install(&wanted, &offline).unwrap();
}

#[test]
fn a_missing_or_foreign_signature_fails_closed() {
    let mut fixture = Fixture::new();
    let pack = Pack::load(&fixture.pack("web", "1.0.0", ""), &PackLimits::default()).unwrap();
    let main = "main".parse().unwrap();
    let pair = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    let other = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    let text = trust::signed_text(&pack.digest().unwrap());
    let sign = |pair: &minisign::KeyPair, text: &str| {
        minisign::sign(None, &pair.sk, text.as_bytes(), None, None).unwrap().into_string()
    };
    fixture.library.publish(&fixture.registries, &main, &pack, Attached::default()).unwrap();
    fixture.install("web").unwrap();
    fixture.library.uninstall(&["web".parse().unwrap()]).unwrap();

    let key = pair.pk.to_base64();
    fixture.registries.registries.get_mut(&main).unwrap().keys.insert(key.clone());
    fixture.library.set_registries(&fixture.registries).unwrap();
    // In the store already, and still not installed.
    assert_eq!(fixture.install("web").unwrap_err().kind(), ErrorKind::Integrity);

    let publish = |version: &str, signatures: Vec<String>| {
        let pack = Pack::load(&fixture.pack("web", version, ""), &PackLimits::default()).unwrap();
        fixture.library.publish(&fixture.registries, &main, &pack, Attached { signatures, score: None }).unwrap();
    };
    let text_of = |version: &str| {
        let pack = Pack::load(&fixture.pack("web", version, ""), &PackLimits::default()).unwrap();
        trust::signed_text(&pack.digest().unwrap())
    };
    publish("1.1.0", vec![sign(&other, &text_of("1.1.0"))]);
    assert_eq!(fixture.install("web@=1.1.0").unwrap_err().kind(), ErrorKind::Integrity);
    publish("1.2.0", vec![sign(&pair, &text)]);
    assert_eq!(fixture.install("web@=1.2.0").unwrap_err().kind(), ErrorKind::Integrity, "signed for another content");
    publish("1.3.0", vec![sign(&other, &text_of("1.3.0")), sign(&pair, &text_of("1.3.0"))]);
    assert!(fixture.install("web@=1.3.0").unwrap().packs[0].trusted);

    fixture.registries.trust = Trust { digests: [pack.digest().unwrap()].into(), ..Trust::default() };
    fixture.library.set_registries(&fixture.registries).unwrap();
    assert!(fixture.install("web@=1.0.0").unwrap().packs[0].trusted);
    // A policy for everything holds for paths, too.
    fixture.registries.trust.keys.insert(key);
    fixture.library.set_registries(&fixture.registries).unwrap();
    let path = fixture.pack("local", "1.0.0", "");
    let installed = |path: &Path| fixture.library.install_path(path, &Installing::default());
    assert_eq!(installed(&path).unwrap_err().kind(), ErrorKind::Integrity);
}

#[test]
fn what_plugins_may_do_now_and_could_not_before_is_marked() {
    use super::capability::compare;
    use crate::registry::{Capability, Metadata};
    let about = |import: Option<&str>, grant: Option<&str>, memory: Option<u64>, component: &[u8]| {
        let capability = Capability {
            sha256: Digest::of(component),
            abi: Some("0.1.0".parse().unwrap()),
            imports: import.into_iter().map(str::to_owned).collect(),
            grants: grant.into_iter().map(str::to_owned).collect(),
            limits: memory.into_iter().map(|bytes| ("memory".to_owned(), bytes)).collect(),
        };
        Metadata { plugins: [("fmt".parse().unwrap(), capability)].into(), ..Metadata::default() }
    };
    let plain = about(None, None, Some(1 << 20), b"one");
    let marked = |before: &Metadata, now: &Metadata| {
        let changes = compare(before, now);
        changes
            .iter()
            .map(|one| format!("{}{}", if one.change.widens() { "!" } else { "" }, one.change.what()))
            .collect::<Vec<_>>()
    };
    assert!(marked(&plain, &plain).is_empty());
    assert_eq!(marked(&plain, &about(None, None, Some(1 << 20), b"two")), ["component"]);
    assert_eq!(
        marked(&plain, &about(Some("wasi:cli/run"), Some("wasi-stub"), Some(1 << 20), b"one")),
        ["!grant", "!import"]
    );
    assert_eq!(
        marked(&about(Some("wasi:cli/run"), Some("wasi-stub"), Some(1 << 20), b"one"), &plain),
        ["grant", "import"]
    );
    assert_eq!(marked(&plain, &about(None, None, Some(2 << 20), b"one")), ["!limit"]);
    assert_eq!(marked(&plain, &about(None, None, Some(1), b"one")), ["limit"]);
    assert_eq!(marked(&plain, &about(None, None, None, b"one")), ["!limit"], "no limit of its own is the default");
    assert_eq!(marked(&Metadata::default(), &plain), ["abi", "!component", "!limit"]);
    assert_eq!(marked(&plain, &Metadata::default()), ["abi", "component", "!limit"]);
    let json = serde_json::to_value(compare(&plain, &about(None, None, Some(7), b"one"))).unwrap();
    let limit = serde_json::json!({ "plugin": "fmt", "what": "limit", "before": "memory=1048576", "now": "memory=7" });
    assert_eq!(json, serde_json::json!([limit]));
}
