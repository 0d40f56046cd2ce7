//! What hostile registries, locks, names and unsigned releases try, with the real command line.

use std::fs;
use std::path::Path;

use super::scene::Scene;

/// A line for a registry's log, by hand.
fn line(previous: &str, release: &serde_json::Value) -> String {
    use packbox::digest::Digest;
    let previous = Digest::of(previous.trim_end_matches('\n').as_bytes());
    format!("{}\n", serde_json::json!({ "previous": previous, "release": release }))
}

/// What a registry says is no command to anybody: not to the terminal, not to the file system.
pub fn hostile_registry() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let log = scene.at("registry/log.jsonl");
    let good = fs::read_to_string(&log).map_err(|error| error.to_string())?;
    let last = good.lines().last().ok_or("an empty log")?;
    let entry: serde_json::Value = serde_json::from_str(last).map_err(|error| error.to_string())?;
    let attempt = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut release = entry["release"].clone();
        change(&mut release);
        fs::write(&log, format!("{good}{}", line(last, &release))).expect("a log");
        scene.run(&["registry", "sync"])
    };
    let refused: &[&dyn Fn(&mut serde_json::Value)] = &[
        &|release| release["name"] = "../../evil".into(),
        &|release| release["name"] = "evil\u{1b}[2J".into(),
        &|release| release["version"] = "1.0.0/../../evil".into(),
        &|release| release["version"] = "9.0.0+build".into(),
        &|release| release["digest"] = "0".into(),
        &|release| release["title"] = "x".repeat(5_000).into(),
        // A release that becomes another.
        &|release| release["digest"] = "0".repeat(64).into(),
    ];
    for (index, change) in refused.iter().enumerate() {
        let ended = attempt(*change);
        if ended.exit != 6 || ended.text().contains('\u{1b}') {
            return Err(format!("attempt {index}: {}", ended.text()));
        }
    }
    // Text that would drive a terminal is stripped wherever it is shown.
    let ended = attempt(&|release| {
        release["version"] = "1.5.0".into();
        release["digest"] = "1".repeat(64).into();
        for field in ["title", "description", "category", "license"] {
            release[field] = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}evil".into();
        }
        release["keywords"] = vec!["\u{1b}[31mred"].into();
        release["authors"] = vec!["\u{9b}31m"].into();
    });
    if ended.exit != 0 {
        return Err(ended.text());
    }
    for arguments in [
        &["list"][..],
        &["search", "evil"],
        &["show", "main/web"],
        &["info", "main/web"],
        &["list", "--format", "json"],
    ] {
        let text = scene.ok(arguments)?;
        // JSON carries text as it is, escaped as JSON does.
        let is_json = arguments.contains(&"json");
        if text.contains(['\u{1b}', '\u{7}']) || !is_json && text.contains(['\u{202e}', '\u{9b}']) {
            return Err(format!("{arguments:?} lets through {text:?}"));
        }
    }
    // Another pack than was asked for, and one with links.
    let other =
        packbox::pack::Pack::load(Path::new(&scene.pack("other", "1.0.0", "")?), &packbox::pack::PackLimits::default());
    let other = other.and_then(|pack| pack.to_archive()).map_err(|error| error.to_string())?;
    let linked = linked_archive()?;
    for (archive, version) in [(other, "1.6.0"), (linked, "1.7.0")] {
        let name = format!("registry/packs/web/{version}.pack");
        fs::write(scene.at(&name), &archive).map_err(|error| error.to_string())?;
        let ended = attempt(&|release| {
            release["version"] = version.into();
            release["archive"] = packbox::digest::Digest::of(&archive).to_string().into();
            release["bytes"] = archive.len().into();
            release["digest"] = "2".repeat(64).into();
        });
        // The log was not added to but rewritten since the last attempt that was taken in.
        if ended.exit != 6 {
            return Err(ended.text());
        }
        scene.ok(&["registry", "remove", "main"])?;
        scene.ok(&["registry", "add", "main", &scene.at("registry").display().to_string()])?;
        scene.exits(6, &["install", &format!("web@={version}")])?;
        if !scene.installed()?.is_empty() {
            return Err(format!("{:?} is installed", scene.installed()?));
        }
    }
    scene.store_is_sound().map(|_| ())
}

/// An archive with a link in it.
fn linked_archive() -> Result<Vec<u8>, String> {
    let mut tar = tar::Builder::new(Vec::new());
    let manifest = b"[pack]\nname = \"web\"\nversion = \"1.7.0\"\n";
    let mut header = tar::Header::new_gnu();
    header.set_size(manifest.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, "pack.toml", &manifest[..]).map_err(|error| error.to_string())?;
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    tar.append_link(&mut header, "escape", "/etc").map_err(|error| error.to_string())?;
    let tar = tar.into_inner().map_err(|error| error.to_string())?;
    Ok(ruzstd::encoding::compress_to_vec(&*tar, ruzstd::encoding::CompressionLevel::Fastest))
}

/// Names and versions are no paths, wherever they stand.
pub fn names_are_no_paths() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["install", "web"])?;
    fs::create_dir_all(scene.at("home/data/precious")).map_err(|error| error.to_string())?;
    for name in ["../precious", "..", "web/../../precious", "web@../../precious", "/etc", "."] {
        scene.exits(2, &["uninstall", name])?;
    }
    for name in ["../x", "a/b/c", "x y", ""] {
        scene.exits(2, &["registry", "add", name, "registry"])?;
        scene.exits(2, &["yank", &format!("{name}@1.0.0")])?;
    }
    scene.exits(2, &["yank", "web@1.0.0/../../x"])?;
    if !scene.at("home/data/precious").is_dir() || scene.installed()?.len() != 2 {
        return Err("something is gone".to_owned());
    }
    // A lock that is a link, and one with names that are paths.
    let lock = scene.at("work/packbox.lock");
    scene.ok(&["install", "web", "--lock"])?;
    let text = fs::read_to_string(&lock).map_err(|error| error.to_string())?;
    fs::write(&lock, text.replace("name = \"web\"", "name = \"../web\"")).map_err(|error| error.to_string())?;
    scene.exits(6, &["install", "--locked"])?;
    let elsewhere = scene.at("elsewhere.lock");
    fs::write(&elsewhere, &text).map_err(|error| error.to_string())?;
    fs::remove_file(&lock).map_err(|error| error.to_string())?;
    std::os::unix::fs::symlink(&elsewhere, &lock).map_err(|error| error.to_string())?;
    scene.exits(6, &["install", "--locked"])?;
    // What is written replaces a link, and does not follow it.
    fs::write(&elsewhere, "precious").map_err(|error| error.to_string())?;
    scene.exits(6, &["install", "web", "--lock"])?;
    if fs::read_to_string(&elsewhere).map_err(|error| error.to_string())? != "precious" {
        return Err("the lock's link was followed".to_owned());
    }
    Ok(())
}

/// A policy that asks for signatures fails closed.
pub fn signatures() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let pair = minisign::KeyPair::generate_unencrypted_keypair().map_err(|error| error.to_string())?;
    let folder = scene.pack("signed", "1.0.0", "")?;
    let text = scene.run(&["publish", &folder, "--print-signed-text"]);
    let signature =
        minisign::sign(None, &pair.sk, text.stdout.as_slice(), None, None).map_err(|error| error.to_string())?;
    let file = scene.at("signature.minisig");
    fs::write(&file, signature.into_string()).map_err(|error| error.to_string())?;
    scene.ok(&["publish", &folder, "--signature", &file.display().to_string()])?;
    scene.ok(&["registry", "remove", "main"])?;
    let registry = scene.at("registry").display().to_string();
    scene.exits(2, &["registry", "add", "main", &registry, "--key", "RWnonsense"])?;
    scene.ok(&["registry", "add", "main", &registry, "--key", &pair.pk.to_base64()])?;
    let text = scene.exits(6, &["install", "web"])?;
    if !text.contains("is not signed") || !scene.installed()?.is_empty() {
        return Err(text);
    }
    scene.ok(&["install", "signed"])?;
    // The same signature for another content.
    let other = scene.pack("signed", "1.1.0", "")?;
    scene.ok(&["publish", &other, "--signature", &file.display().to_string()])?;
    scene.exits(6, &["install", "signed@=1.1.0"]).map(|_| ())
}

/// Who uses a pack by name keeps it there: `clean` waits until it was read.
pub fn used_while_cleaned() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["install", "base"])?;
    let pipe = scene.at("work/answers");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().map_err(|error| error.to_string())?;
    if !made.success() {
        return Err("mkfifo fails".to_owned());
    }
    let generate = ["generate", "base", "--no-input", "--output", "out", "--answers", "answers"];
    std::thread::scope(|scope| {
        let using = scope.spawn(|| scene.run(&generate));
        // The pipe is opened once the pack was found; whoever opens its other end waits for that.
        let answers = fs::OpenOptions::new().write(true).open(&pipe).map_err(|error| error.to_string())?;
        scene.ok(&["uninstall", "base"])?;
        let cleaning = scope.spawn(|| scene.run(&["clean"]));
        std::thread::sleep(std::time::Duration::from_millis(500));
        let waits = !cleaning.is_finished();
        drop(answers);
        let (used, cleaned) = (using.join().expect("a run"), cleaning.join().expect("a run"));
        let left = fs::read_dir(scene.at("home/data/store/packs")).map_or(0, Iterator::count);
        let told = cleaned.text().contains("waiting for another packbox");
        if waits && told && used.exit == 0 && cleaned.exit == 0 && left == 0 {
            return Ok(());
        }
        Err(format!("waits: {waits}, told: {told}, left: {left}\n{}\n{}", used.text(), cleaned.text()))
    })
}
