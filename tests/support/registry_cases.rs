//! Packs by name, with the real command line: installed, updated, killed at every step, twenty at once; and what hostile
//! registries, locks and names try.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use packbox::cli::Hooks;

use super::process::{Ended, Run, binary};

/// A case in code.
pub type Case = fn() -> Result<(), String>;

/// All cases, by name.
pub const ALL: &[(&str, Case)] = &[
    ("registry/a-users-way", a_users_way),
    ("registry/vendored", vendored),
    ("registry/kill-install", kill_install),
    ("registry/kill-update", kill_update),
    ("registry/kill-clean", kill_clean),
    ("registry/twenty-at-once", twenty_at_once),
    ("registry/hostile", hostile_registry),
    ("registry/names-are-no-paths", names_are_no_paths),
    ("registry/two-of-one-name", two_registries),
    ("registry/signatures", signatures),
    ("registry/completion", completion),
    ("registry/by-name", by_name),
    ("registry/many-publish", many_publish),
];

/// Tells the child at which step of the store to send itself SIGKILL.
const FAULT: &str = "PACKBOX_TEST_STORE_FAULT";

/// Is the command line with a fault, where the environment asks for it.
pub fn child() -> Option<ExitCode> {
    let at: u32 = std::env::vars().find(|(name, _)| name == FAULT)?.1.parse().expect("a number");
    let next = AtomicU32::new(0);
    let on_step = move |_: &'static str| {
        if next.fetch_add(1, Ordering::Relaxed) == at {
            // SAFETY: a plain system call to ourselves.
            unsafe { libc::raise(libc::SIGKILL) };
        }
    };
    let hooks = Hooks { observer: None, compiler: Some(binary().to_owned()), on_step: Some(Arc::new(on_step)) };
    let arguments: Vec<OsString> = std::env::args_os().collect();
    Some(ExitCode::from(packbox::cli::run(&arguments, &hooks)))
}

/// A user with a home of their own, and a registry in a folder.
pub struct Scene {
    /// Everything lies in here.
    pub scratch: tempfile::TempDir,
}

impl Scene {
    /// Makes a user; there is no registry yet.
    pub fn new() -> Result<Self, String> {
        let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
        fs::create_dir_all(scratch.path().join("work")).map_err(|error| error.to_string())?;
        Ok(Self { scratch })
    }

    /// A path in the scratch folder.
    pub fn at(&self, path: &str) -> PathBuf {
        self.scratch.path().join(path)
    }

    /// Runs packbox in `work/`.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, &[])
    }

    /// Runs packbox in `work/`, with environment variables.
    pub fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
        let mut run = Run { folder: self.at("work"), ..Run::default() };
        run.arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        run.environment.insert("PACKBOX_HOME".to_owned(), self.at("home").display().to_string());
        let more = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        run.environment.extend(more);
        run.run()
    }

    /// Runs packbox, which has to succeed, and returns what it printed.
    pub fn ok(&self, arguments: &[&str]) -> Result<String, String> {
        self.exits(0, arguments)
    }

    /// Runs packbox, which has to end with this code, and returns everything that it printed.
    pub fn exits(&self, code: i32, arguments: &[&str]) -> Result<String, String> {
        let ended = self.run(arguments);
        if ended.exit == code {
            Ok(ended.text())
        } else {
            Err(format!("{arguments:?} should end with {code}: {}", ended.text()))
        }
    }

    /// Writes a pack to `packs/NAME-VERSION` and returns the folder.
    pub fn pack(&self, name: &str, version: &str, more: &str) -> Result<String, String> {
        let folder = self.at(&format!("packs/{name}-{version}"));
        fs::create_dir_all(folder.join("templates")).map_err(|error| error.to_string())?;
        let meta = format!("title = \"The {name} pack\"\ndescription = \"About {name}\"\nlicense = \"MIT\"");
        let templates = "[[templates]]\nsource = \"templates/file.txt.jinja\"\noutput = \"file.txt\"";
        let manifest = format!("[pack]\nname = \"{name}\"\nversion = \"{version}\"\n{meta}\n{more}\n{templates}\n");
        fs::write(folder.join("pack.toml"), manifest).map_err(|error| error.to_string())?;
        fs::write(folder.join("templates/file.txt.jinja"), format!("{name} {version}\n"))
            .map_err(|error| error.to_string())?;
        Ok(folder.display().to_string())
    }

    /// Publishes a pack to the only registry.
    pub fn publish(&self, name: &str, version: &str, more: &str) -> Result<(), String> {
        self.ok(&["publish", &self.pack(name, version, more)?]).map(|_| ())
    }

    /// A user with a registry in a folder, in which `web` needs `base`.
    fn with_registry() -> Result<Self, String> {
        let scene = Self::new()?;
        scene.ok(&["registry", "add", "main", &scene.at("registry").display().to_string(), "--create"])?;
        scene.publish("base", "1.0.0", "")?;
        scene.publish("base", "1.1.0", "")?;
        scene.publish("web", "1.0.0", "[dependencies]\nbase = \"^1\"\n")?;
        Ok(scene)
    }

    /// What is installed, as `NAME VERSION` each.
    pub fn installed(&self) -> Result<BTreeSet<String>, String> {
        let ended = self.run(&["list", "--installed", "--format", "json"]);
        let document = ended.json()?;
        let list = document["installed"].as_array().ok_or_else(|| ended.text())?;
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        Ok(list.iter().map(|found| format!("{} {}", text(&found["name"]), text(&found["version"]))).collect())
    }

    /// Whether the store is what it says it is.
    pub fn store_is_sound(&self) -> Result<serde_json::Value, String> {
        let ended = self.run(&["doctor", "--store", "--format", "json"]);
        if ended.exit == 0 { ended.json() } else { Err(ended.text()) }
    }

    /// Copies a home, so that a scene can begin again.
    fn save(&self) -> Result<(), String> {
        copy(&self.at("home"), &self.at("saved"))
    }

    fn reset(&self) -> Result<(), String> {
        // What the store holds is read-only; folders are not.
        let _ = fs::remove_dir_all(self.at("home"));
        copy(&self.at("saved"), &self.at("home"))
    }

    /// Runs a command and kills it at a step; says how it ended.
    fn killed_at(&self, at: u32, arguments: &[&str]) -> i32 {
        let program = std::env::current_exe().expect("this program");
        let output = Command::new(program)
            .args(arguments)
            .current_dir(self.at("work"))
            .env("PACKBOX_HOME", self.at("home"))
            .env(FAULT, at.to_string())
            .output()
            .expect("it starts");
        output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or(0))
    }

    /// Kills a command at each of its steps. After each, the store is sound, what is installed is `old` or `new` or one of
    /// what lies between, and the command succeeds when it is run again.
    fn at_every_step(&self, arguments: &[&str], allowed: &[&[&str]], new: &[&str], steps: u32) -> Result<(), String> {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        self.save()?;
        for at in 0..1000 {
            self.reset()?;
            let code = self.killed_at(at, arguments);
            let found = self.installed()?;
            self.store_is_sound().map_err(|error| format!("killed at step {at}: {error}"))?;
            if !allowed.iter().any(|allowed| set(allowed) == found) {
                return Err(format!("killed at step {at}, this is installed: {found:?}"));
            }
            if code == 0 {
                return if at >= steps { Ok(()) } else { Err(format!("there are {at} steps only")) };
            }
            if code != 128 + libc::SIGKILL {
                return Err(format!("step {at} ended with {code}"));
            }
            self.ok(arguments).map_err(|error| format!("killed at step {at}, then again: {error}"))?;
            if self.installed()? != set(new) {
                return Err(format!("killed at step {at}, then again: {:?}", self.installed()?));
            }
            self.ok(&["clean"])?;
            let report = self.store_is_sound()?;
            if report["leftovers"] != 0 {
                return Err(format!("killed at step {at}, `clean` leaves {report}"));
            }
        }
        Err("it never ends by itself".to_owned())
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status().map_err(|error| error.to_string())?;
    if done.success() { Ok(()) } else { Err("cp fails".to_owned()) }
}

/// `install` is killed at each step.
pub fn kill_install() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let new = ["base 1.1.0", "web 1.0.0"];
    scene.at_every_step(&["install", "web"], &[&[], &new], &new, 8)
}

/// `update` is killed at each step.
pub fn kill_update() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["install", "web"])?;
    scene.publish("web", "1.1.0", "[dependencies]\nbase = \"^1\"\n")?;
    let new = ["base 1.1.0", "web 1.1.0"];
    scene.at_every_step(&["update", "--accept"], &[&["base 1.1.0", "web 1.0.0"], &new], &new, 6)
}

/// `clean` and `uninstall` are killed at each step.
pub fn kill_clean() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["install", "web"])?;
    scene.ok(&["install", "base@=1.0.0"])?;
    scene.ok(&["uninstall", "web"])?;
    let stays = ["base 1.0.0"];
    scene.at_every_step(&["clean"], &[&stays], &stays, 4)
}

/// Twenty processes install one pack at the same time.
pub fn twenty_at_once() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let processes: Vec<_> = (0..20)
        .map(|_| {
            Command::new(binary())
                .args(["install", "web"])
                .current_dir(scene.at("work"))
                .env("PACKBOX_HOME", scene.at("home"))
                .output_later()
        })
        .collect();
    for process in processes {
        let output = process.wait_with_output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
    }
    let report = scene.store_is_sound()?;
    if report["packs"] != 2 || report["leftovers"] != 0 || scene.installed()?.len() != 2 {
        return Err(format!("{report} {:?}", scene.installed()?));
    }
    Ok(())
}

trait Later {
    fn output_later(&mut self) -> std::process::Child;
}

impl Later for Command {
    fn output_later(&mut self) -> std::process::Child {
        self.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().expect("it starts")
    }
}

/// The way of a user: add a registry, find, look, install, generate by name, update, uninstall, clean.
pub fn a_users_way() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let expect = |text: String, parts: &[&str]| match parts.iter().find(|part| !text.contains(**part)) {
        Some(part) => Err(format!("no `{part}` in {text}")),
        None => Ok(()),
    };
    expect(scene.ok(&["list"])?, &["base  1.1.0  main", "web   1.0.0  main"])?;
    expect(scene.ok(&["search", "abuot", "wbe"])?, &["no pack has all of these words", "web  1.0.0"])?;
    expect(scene.ok(&["search", "entirely", "else"])?, &["no pack fits"])?;
    expect(scene.ok(&["search", "wbe"])?, &["no pack has all of these words", "web"])?;
    expect(scene.ok(&["search", "pack"])?, &["web", "base"])?;
    // Looked at without installing it.
    expect(scene.ok(&["show", "web"])?, &["The web pack", "outputs", "file.txt"])?;
    if !scene.installed()?.is_empty() {
        return Err("`show` installs".to_owned());
    }
    expect(scene.ok(&["deps", "web"])?, &["web 1.0.0", "  base 1.1.0 (^1, from main)"])?;
    expect(
        scene.exits(2, &["generate", "web", "--output", "out", "--no-input"])?,
        &["no pack `web` is installed", "packbox install web"],
    )?;
    expect(
        scene.ok(&["install", "web", "--lock"])?,
        &["base 1.1.0 installed from main", "web 1.0.0 installed from main"],
    )?;
    expect(scene.ok(&["show", "web"])?, &["The web pack", "license: MIT", "file.txt"])?;
    expect(scene.ok(&["info", "web"])?, &["installed  1.0.0 from main", "releases   1.0.0"])?;
    scene.ok(&["generate", "base@1", "--output", "out", "--no-input"])?;
    let made = fs::read_to_string(scene.at("work/out/file.txt")).map_err(|error| error.to_string())?;
    if made != "base 1.1.0\n" {
        return Err(format!("generated {made}"));
    }
    // What was chosen then is what is installed later, whatever there is by then.
    scene.publish("base", "1.2.0", "")?;
    fs::remove_file(scene.at("home/data/installed.json")).map_err(|error| error.to_string())?;
    scene.ok(&["install"])?;
    if !scene.installed()?.contains("base 1.1.0") {
        return Err(format!("the lock holds base 1.1.0, and this is installed: {:?}", scene.installed()?));
    }
    scene.publish("web", "1.1.0", "[dependencies]\nbase = \"^1.2\"\n")?;
    expect(scene.exits(2, &["update"])?, &["web 1.0.0 → 1.1.0", "~ pack.toml", "nobody can be asked"])?;
    expect(scene.ok(&["update", "--accept"])?, &["web 1.0.0 → 1.1.0", "updated"])?;
    expect(scene.ok(&["yank", "web@1.1.0"])?, &["withdrawn"])?;
    expect(scene.ok(&["info", "main/web"])?, &["1.1.0 (withdrawn), 1.0.0"])?;
    expect(scene.exits(5, &["install", "web@^1.1"])?, &["web 1.1.0 can't be chosen: it was withdrawn"])?;
    let exported = scene.ok(&["export", "web", "--output", "web.pack"])?;
    expect(exported, &["web.pack"])?;
    scene.ok(&["uninstall", "web"])?;
    scene.ok(&["import", "web.pack"])?;
    expect(scene.ok(&["clean", "--dry-run"])?, &["would free"])?;
    expect(scene.ok(&["clean"])?, &["freed"])?;
    expect(scene.ok(&["clean"])?, &["nothing to clean"])?;
    scene.store_is_sound().map(|_| ())
}

/// What a lock holds is put into a folder, which is a registry for who has no other.
pub fn vendored() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["install", "web", "--lock"])?;
    scene.ok(&["vendor"])?;
    let other = Scene::new()?;
    copy(&scene.at("work/vendor"), &other.at("work/vendor"))?;
    copy(&scene.at("work/packbox.lock"), &other.at("work/packbox.lock"))?;
    other.ok(&["registry", "add", "main", "vendor"])?;
    other.ok(&["install", "--locked"])?;
    if other.installed()? != scene.installed()? {
        return Err(format!("{:?} {:?}", other.installed()?, scene.installed()?));
    }
    Ok(())
}

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

/// The same name in two registries is an error until the user says which.
pub fn two_registries() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["registry", "add", "other", &scene.at("second").display().to_string(), "--create"])?;
    scene.exits(2, &["publish", &scene.pack("web", "9.0.0", "")?])?;
    scene.ok(&["publish", "--to", "other", &scene.pack("web", "9.0.0", "")?])?;
    let text = scene.exits(5, &["install", "web"])?;
    if !text.contains("the registries `main` and `other` have a pack `web`") {
        return Err(text);
    }
    scene.exits(2, &["info", "web"])?;
    scene.ok(&["install", "main/web"])?;
    if scene.installed()?.contains("web 9.0.0") {
        return Err("the other registry's pack was installed".to_owned());
    }
    // From where a pack came is part of what is meant.
    scene.exits(2, &["check", "other/web", "--no-config"])?;
    scene.exits(2, &["uninstall", "other/web"])?;
    scene.ok(&["check", "main/web", "--no-config"])?;
    // A registry that can't be read keeps nobody from the others; one that is wrong is an error.
    fs::rename(scene.at("second"), scene.at("away")).map_err(|error| error.to_string())?;
    let text = scene.exits(2, &["registry", "sync"])?;
    if !text.contains("main: nothing new") || !text.contains("there is no registry in") {
        return Err(text);
    }
    fs::rename(scene.at("away"), scene.at("second")).map_err(|error| error.to_string())?;
    // An update stays with the registry that the pack came from.
    let text = scene.ok(&["update"])?;
    if !text.contains("up to date") {
        return Err(text);
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

/// A real shell offers the names of packs and registries.
pub fn completion() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let offered = |words: &str| {
        // What bash does when the user presses the tabulator key.
        let script = format!(
            "source <(packbox completions bash); COMP_WORDS=(packbox {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             COMP_TYPE=9; _clap_complete_packbox packbox \"${{COMP_WORDS[COMP_CWORD]}}\"; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let folder = binary().parent().unwrap_or(Path::new("/"));
        let output = Command::new("bash")
            .args(["-c", &script])
            .current_dir(scene.at("work"))
            .env("PACKBOX_HOME", scene.at("home"))
            .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
            .output()
            .map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    };
    let expect = |words: &str, expected: &[&str]| match offered(words)? {
        found if found == expected => Ok(()),
        found => Err(format!("`packbox {words}` offers {found:?}, not {expected:?}")),
    };
    expect("install w", &["web"])?;
    expect("publish . --to m", &["main"])?;
    expect("uninstall b", &[])?;
    scene.ok(&["install", "web"])?;
    expect("uninstall b", &["base"])?;
    expect("generate w", &["web"])?;
    fs::create_dir(scene.at("work/wonder")).map_err(|error| error.to_string())?;
    expect("install w", &["web", "wonder/"])?;
    expect("uninst", &["uninstall"])
}

/// An installed pack is used by name wherever a folder is.
pub fn by_name() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let contains = |text: String, parts: &[&str]| match parts.iter().find(|part| !text.contains(**part)) {
        Some(part) => Err(format!("no `{part}` in {text}")),
        None => Ok(()),
    };
    scene.ok(&["install", "base"])?;
    for command in ["check", "lint", "validate"] {
        contains(scene.ok(&[command, "base", "--no-config"])?, &["base"])?;
        contains(scene.exits(2, &[command, "bse", "--no-config"])?, &["no pack `bse` is installed", "`base`"])?;
    }
    contains(scene.ok(&["score", "base@^1", "--no-config"])?, &["base@^1: "])?;
    contains(scene.ok(&["plan", "base", "--no-input"])?, &["file.txt"])?;
    scene.ok(&["plan", "base", "--no-input", "--save", "a.plan"])?;
    scene.ok(&["apply", "a.plan", "--output", "applied"])?;
    // What was measured is kept by content.
    contains(scene.ok(&["info", "base"])?, &["measured   no"])?;
    contains(scene.ok(&["info", "base", "--measure"])?, &["measured   1 calls", "fuel"])?;
    contains(scene.ok(&["info", "main/base@1.1.0"])?, &["measured   1 calls"])?;
    contains(scene.exits(2, &["info", "web", "--measure"])?, &["is not here"])?;
    // A folder with the name of a pack is the folder.
    fs::create_dir(scene.at("work/base")).map_err(|error| error.to_string())?;
    scene.exits(2, &["check", "base", "--no-config"])?;
    // What was changed in the store is not used.
    fs::remove_dir(scene.at("work/base")).map_err(|error| error.to_string())?;
    let packs = fs::read_dir(scene.at("home/data/store/packs")).map_err(|error| error.to_string())?;
    for pack in packs.flatten() {
        let file = pack.path().join("templates/file.txt.jinja");
        fs::remove_file(&file).map_err(|error| error.to_string())?;
        fs::write(&file, "other").map_err(|error| error.to_string())?;
    }
    contains(scene.exits(6, &["generate", "base", "--output", "out", "--no-input"])?, &["was changed"])?;
    scene.exits(6, &["check", "base", "--no-config"])?;
    contains(scene.exits(6, &["doctor", "--store"])?, &["was changed"])
}

/// Several processes publish to one registry, and read it, at the same time: nobody waits for long, and nothing is lost.
pub fn many_publish() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let packs: Vec<String> =
        (0..12).map(|number| scene.pack(&format!("pack-{number}"), "1.0.0", "")).collect::<Result<_, _>>()?;
    let start = |arguments: &[&str]| {
        Command::new(binary())
            .args(arguments)
            .current_dir(scene.at("work"))
            .env("PACKBOX_HOME", scene.at("home"))
            .output_later()
    };
    let mut processes: Vec<_> = packs.iter().map(|pack| start(&["publish", pack])).collect();
    processes.extend((0..6).map(|_| start(&["registry", "sync"])));
    for process in processes {
        let output = process.wait_with_output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
    }
    scene.ok(&["registry", "sync"])?;
    let found = scene.run(&["list", "--format", "json"]).json()?;
    if found["total"] == 14 { Ok(()) } else { Err(found.to_string()) }
}
