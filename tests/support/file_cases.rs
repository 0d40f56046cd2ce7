//! Files that are none: pipes, links, folders, endless and dangling ones where packbox reads a file. Each is told at once.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use super::process::Run;
use super::scene::{Case, Scene};

/// All cases, by name.
pub const ALL: [(&str, Case); 4] = [
    ("files/of-others", of_others),
    ("files/of-the-user", of_the_user),
    ("files/named", named),
    ("files/pipes", pipes),
];

/// What can stand where a file should be. An endless file has a hole of 3 GB, and takes no room on the disk.
const KINDS: [&str; 6] = ["pipe", "folder", "dangling", "endless", "device", "link"];
/// Nothing here reads much or waits for anybody.
const LONGEST: Duration = Duration::from_secs(20);
/// The host's own peak memory, in bytes.
const MEMORY: u64 = 250 << 20;

/// Puts something at a path instead of what is there; a link leads to what was there.
fn plant(path: &Path, kind: &str) {
    let beside = path.with_extension("real");
    match fs::rename(path, &beside) {
        Ok(()) => {}
        Err(_) => fs::write(&beside, "").expect("a file"),
    }
    match kind {
        "pipe" => {
            let made = std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo");
            assert!(made.success(), "mkfifo");
        }
        "folder" => fs::create_dir(path).expect("a folder"),
        "dangling" => symlink("nothing-there", path).expect("a link"),
        "endless" => fs::File::create(path).and_then(|file| file.set_len(3 << 30)).expect("a file"),
        "device" => symlink("/dev/zero", path).expect("a link"),
        _ => symlink(&beside, path).expect("a link"),
    }
}

/// A pack that needs no engine.
fn copied(scene: &Scene) -> String {
    let folder = scene.at("copied");
    fs::create_dir_all(&folder).expect("a folder");
    let manifest =
        "[pack]\nname = \"copied\"\nversion = \"1.0.0\"\n[[templates]]\nsource = \"a.txt\"\noutput = \"a.txt\"\n";
    fs::write(folder.join("pack.toml"), manifest).expect("a manifest");
    fs::write(folder.join("a.txt"), "text").expect("a file");
    folder.display().to_string()
}

/// Runs a command with each kind of file at a path: it fails at once, or does what it should where the kind is `fine`.
fn at_each_kind(path: &str, arguments: &[&str], fine: &[&str]) -> Result<(), String> {
    for kind in KINDS {
        let scene = Scene::with_registry()?;
        scene.ok(&["install", "base"])?;
        let pack = copied(&scene);
        fs::create_dir_all(scene.at("work/project/.packbox")).map_err(|error| error.to_string())?;
        let registry = scene.at("registry").display().to_string();
        let given = |word: &&str| word.replace("PACK", &pack).replace("REGISTRY", &registry);
        let arguments: Vec<String> = arguments.iter().map(given).collect();
        fs::create_dir_all(scene.at("home/config")).map_err(|error| error.to_string())?;
        plant(&scene.at(path), kind);
        // Only a pipe that the user named is waited for.
        let waits = kind == "pipe" && fine.contains(&"pipe");
        let environment = [("PACKBOX_HOME".to_owned(), scene.at("home").display().to_string())];
        let ended = Run {
            arguments,
            folder: scene.at("work"),
            environment: environment.into(),
            interrupt_after: waits.then_some(Duration::from_secs(1)),
            ..Run::default()
        }
        .run();
        let right = match (waits, fine.contains(&kind)) {
            (true, _) => ended.exit == 130,
            (false, true) => ended.exit == 0,
            (false, false) => !matches!(ended.exit, 0 | 101 | 128..),
        };
        if !right || ended.time > LONGEST || ended.peak_memory > MEMORY || scene.at("work/nothing-there").exists() {
            let (time, memory) = (ended.time, ended.peak_memory >> 20);
            return Err(format!("{path} as {kind}: {time:.1?}, {memory} MiB, {}", ended.text()));
        }
    }
    Ok(())
}

/// Files in folders that are others': links are not followed.
fn of_others() -> Result<(), String> {
    at_each_kind("registry/log.jsonl", &["registry", "add", "two", "REGISTRY"], &[])?;
    at_each_kind("registry/packbox-registry.toml", &["registry", "add", "two", "REGISTRY"], &[])?;
    at_each_kind("work/packbox.toml", &["check", "PACK"], &[])?;
    at_each_kind("work/packbox.lock", &["install", "--locked"], &[])?;
    let generate = ["generate", "PACK", "--no-input", "--output", "project"];
    // A receipt that is none is replaced; it is not read for that.
    at_each_kind("work/project/.packbox/receipt.json", &generate, &["endless"])?;
    at_each_kind("work/project/.packbox/journal.json", &generate, &[])
}

/// The user's own settings may be links, and what packbox writes by itself may not.
fn of_the_user() -> Result<(), String> {
    at_each_kind("home/data/installed.json", &["list", "--installed"], &[])?;
    // Nobody reads what is in a lock.
    at_each_kind("home/data/store/lock", &["check", "base"], &["endless"])?;
    at_each_kind("home/config/registries.toml", &["registry", "list"], &["link"])
}

/// What is named on the command line may be a link, or a pipe that is waited for until there is an interrupt.
fn named() -> Result<(), String> {
    let generate = ["generate", "PACK", "--no-input", "--output", "new", "--answers", "answers"];
    at_each_kind("work/answers", &generate, &["link", "pipe"])?;
    at_each_kind("work/base.toml", &["check", "PACK", "--no-config", "--baseline", "base.toml"], &["link", "pipe"])?;
    at_each_kind("work/mine.toml", &["check", "PACK", "--config", "mine.toml"], &["link", "pipe"])
}

/// Answers come through standard input, and through what a shell makes of a process substitution.
fn pipes() -> Result<(), String> {
    let scene = Scene::new()?;
    let pack = scene.pack("here", "1.0.0", "[variables.name]\ntype = \"string\"\n")?;
    let program = super::process::binary().display();
    for (number, answers) in ["/dev/stdin", "<(sleep 0.3; echo 'name = \"x\"')"].into_iter().enumerate() {
        let command =
            format!("echo 'name = \"x\"' | {program} generate {pack} --no-input -o out{number} --answers {answers}");
        let shell = std::process::Command::new("bash")
            .args(["-c", &command])
            .current_dir(scene.at("work"))
            .env("PACKBOX_HOME", scene.at("home"))
            .output();
        let output = shell.map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("{answers}: {}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    Ok(())
}
