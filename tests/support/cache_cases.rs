//! The compiled cache under attack: whatever is wrong with an entry, it is not deserialized; the run compiles again and
//! succeeds. Fresh instances are asked for, so that no kept answer makes the component needless.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::process::{Ended, Run};

/// A case in code.
type Case = fn() -> Result<(), String>;

/// The cases of this file.
pub const ALL: [(&str, Case); 8] = [
    ("cache/flipped-bit", flipped_bit),
    ("cache/swapped", swapped),
    ("cache/large-component", large_component),
    ("cache/link", link),
    ("cache/writable-by-others", writable_by_others),
    ("cache/other-version", other_version),
    ("cache/restored-with-its-key", restored_with_its_key),
    ("cache/key-from-the-environment", key_from_the_environment),
];

/// A `PACKBOX_HOME` with a warm cache for two plugins.
struct Home {
    scratch: tempfile::TempDir,
    runs: std::cell::Cell<u32>,
}

const COMPILING: &str = "compiling the plugin";

impl Home {
    fn warm() -> Result<Self, String> {
        let home =
            Self { scratch: tempfile::tempdir().map_err(|error| error.to_string())?, runs: std::cell::Cell::new(0) };
        home.generate(&home.path(), true)?;
        home.generate(&home.path(), false)?;
        // Old enough for the fast path, which the next run records and the one after takes.
        std::thread::sleep(Duration::from_millis(150));
        home.generate(&home.path(), false)?;
        home.generate(&home.path(), false)?;
        Ok(home)
    }

    fn path(&self) -> PathBuf {
        self.scratch.path().join("home")
    }

    /// Generates, and checks that it compiled or did not.
    fn generate(&self, home: &Path, compiles: bool) -> Result<Ended, String> {
        self.runs.set(self.runs.get() + 1);
        let pack = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/greeting");
        let output = format!("out{}", self.runs.get());
        let ended = Run {
            arguments: ["generate", pack, "--no-input", "--isolation", "fresh", "--output", &output]
                .map(str::to_owned)
                .into(),
            folder: self.scratch.path().to_owned(),
            environment: [("PACKBOX_HOME".to_owned(), home.to_string_lossy().into_owned())].into(),
            ..Run::default()
        }
        .run();
        let compiled = String::from_utf8_lossy(&ended.stderr).contains(COMPILING);
        let greeting = std::fs::read_to_string(self.scratch.path().join(&output).join("greeting.txt"));
        if ended.exit != 0 || compiled != compiles || greeting.ok().as_deref() != Some("Hello, world!\n") {
            return Err(format!("compiling: {compiled}, expected: {compiles}\n{}", ended.text()));
        }
        Ok(ended)
    }

    fn entries(&self, extension: &str) -> Vec<PathBuf> {
        let folder = self.path().join("cache/compiled");
        let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
            .expect("a cache")
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|found| found == extension))
            .collect();
        found.sort();
        found
    }

    fn entry(&self, extension: &str) -> PathBuf {
        self.entries(extension).pop().expect("an entry")
    }

    /// After the attack the next run compiles, and the one after does not.
    fn recovers(&self) -> Result<(), String> {
        self.generate(&self.path(), true)?;
        self.generate(&self.path(), false).map(drop)
    }
}

/// One bit of the code, at several places.
pub fn flipped_bit() -> Result<(), String> {
    let home = Home::warm()?;
    for place in [0.0, 0.3, 0.7, 0.999] {
        let path = home.entry("cwasm");
        let mut bytes = std::fs::read(&path).map_err(|error| error.to_string())?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place"
        )]
        let at = (bytes.len() as f64 * place) as usize;
        bytes[at] ^= 1;
        // In place, so that device and inode stay, and with the old times put back as far as a user can.
        let times =
            std::fs::metadata(&path).and_then(|metadata| metadata.modified()).map_err(|error| error.to_string())?;
        let file = std::fs::File::options().write(true).open(&path).map_err(|error| error.to_string())?;
        std::os::unix::fs::FileExt::write_all_at(&file, &bytes, 0).map_err(|error| error.to_string())?;
        file.set_modified(times).map_err(|error| error.to_string())?;
        home.recovers().map_err(|problem| format!("at {place}: {problem}"))?;
        std::thread::sleep(Duration::from_millis(150));
        home.generate(&home.path(), false)?;
    }
    Ok(())
}

/// An entry with another's code, or with another's code and MAC.
pub fn swapped() -> Result<(), String> {
    for with_mac in [false, true] {
        let home = Home::warm()?;
        let victim = home.entry("cwasm");
        // The measure profile's code is as authentic, and for another engine.
        let run = Run {
            arguments: [
                "generate",
                concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/greeting"),
                "--no-input",
                "--measure",
                "--output",
                "measured",
            ]
            .map(str::to_owned)
            .into(),
            folder: home.scratch.path().to_owned(),
            environment: [("PACKBOX_HOME".to_owned(), home.path().to_string_lossy().into_owned())].into(),
            ..Run::default()
        };
        let ended = run.run();
        let other = home.entries("cwasm").into_iter().find(|path| *path != victim);
        let (0, Some(other)) = (ended.exit, other) else { return Err(ended.text()) };
        for extension in if with_mac { &["cwasm", "mac", "seen"][..] } else { &["cwasm"] } {
            let (from, to) = (other.with_extension(extension), victim.with_extension(extension));
            if from.exists() {
                std::fs::copy(from, to).map_err(|error| error.to_string())?;
            }
        }
        home.recovers().map_err(|problem| format!("with its MAC: {with_mac}: {problem}"))?;
    }
    Ok(())
}

/// An entry that is a link, even to what it was.
pub fn link() -> Result<(), String> {
    for extension in ["cwasm", "mac"] {
        let home = Home::warm()?;
        let path = home.entry(extension);
        let elsewhere = home.scratch.path().join("elsewhere");
        std::fs::rename(&path, &elsewhere).map_err(|error| error.to_string())?;
        std::os::unix::fs::symlink(&elsewhere, &path).map_err(|error| error.to_string())?;
        for seen in home.entries("seen") {
            std::fs::remove_file(seen).map_err(|error| error.to_string())?;
        }
        home.recovers().map_err(|problem| format!("{extension}: {problem}"))?;
    }
    Ok(())
}

/// An entry that others can write.
pub fn writable_by_others() -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::warm()?;
    let permissions = std::fs::Permissions::from_mode(0o666);
    std::fs::set_permissions(home.entry("cwasm"), permissions).map_err(|error| error.to_string())?;
    home.recovers()
}

/// An entry made by another version: its name says so, and renamed to ours its MAC does not fit.
pub fn other_version() -> Result<(), String> {
    let home = Home::warm()?;
    let ours = home.entry("cwasm");
    let theirs = ours.with_file_name(format!("{}.cwasm", "0".repeat(40)));
    for extension in ["cwasm", "mac", "seen"] {
        let (ours, theirs) = (ours.with_extension(extension), theirs.with_extension(extension));
        std::fs::rename(&ours, &theirs).map_err(|error| error.to_string())?;
    }
    home.generate(&home.path(), true)?;
    for extension in ["cwasm", "mac", "seen"] {
        let (ours, theirs) = (ours.with_extension(extension), theirs.with_extension(extension));
        let _ = std::fs::remove_file(&ours);
        // What `theirs` holds is authentic for ours; change what it says it is for by a byte of the code.
        let mut bytes = std::fs::read(&theirs).map_err(|error| error.to_string())?;
        if extension == "cwasm" {
            bytes.push(0);
        }
        std::fs::write(&ours, bytes).map_err(|error| error.to_string())?;
    }
    home.recovers()
}

/// A cache restored together with its key, as a CI cache from an untrusted branch would be.
pub fn restored_with_its_key() -> Result<(), String> {
    let home = Home::warm()?;
    let restored = home.scratch.path().join("restored");
    super::process::copy_folder(&home.path(), &restored);
    home.generate(&restored, true)?;
    home.generate(&restored, false)?;
    // The original is as good as before.
    home.generate(&home.path(), false).map(drop)
}

/// With the key given as a secret, a restored cache is used.
pub fn key_from_the_environment() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let run = |home: &str, key: &str, output: &str| {
        Run {
            arguments: [
                "generate",
                concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/greeting"),
                "--no-input",
                "--isolation",
                "fresh",
                "--output",
                output,
            ]
            .map(str::to_owned)
            .into(),
            folder: scratch.path().to_owned(),
            environment: [
                ("PACKBOX_HOME".to_owned(), scratch.path().join(home).to_string_lossy().into_owned()),
                ("PACKBOX_CACHE_KEY".to_owned(), key.to_owned()),
            ]
            .into(),
            ..Run::default()
        }
        .run()
    };
    let compiled = |ended: &Ended| String::from_utf8_lossy(&ended.stderr).contains(COMPILING);
    let key = "0123456789abcdef".repeat(4);
    let first = run("one", &key, "out1");
    super::process::copy_folder(&scratch.path().join("one"), &scratch.path().join("two"));
    let restored = run("two", &key, "out2");
    let stranger = run("two", &"f".repeat(64), "out3");
    let wrong = run("two", "short", "out4");
    let outcome = (first.exit, compiled(&first), restored.exit, compiled(&restored), compiled(&stranger), wrong.exit);
    if outcome == (0, true, 0, false, true, 2) { Ok(()) } else { Err(format!("{outcome:?} {}", restored.text())) }
}

/// A large component, whose compiled code is looked up while its digest is computed: it runs, and when its file changes, it
/// does not, though code for what the manifest names is in the cache.
pub fn large_component() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut component = super::guests::component("echo");
    // A custom section: four bytes of its size as LEB128, its name, and zeros.
    let padding: u32 = 3 << 20;
    let size = padding + 4;
    component.push(0);
    component.extend([0, 7, 14].map(|shift| (size >> shift & 127) as u8 | 128));
    component.push(u8::try_from(size >> 21).map_err(|error| error.to_string())?);
    component.extend(b"\x03pad");
    let begin = component.len();
    component.resize(begin + padding as usize, 0);
    let folder = scratch.path().join("pack");
    let write = |path: &str, bytes: &[u8]| std::fs::write(folder.join(path), bytes).map_err(|error| error.to_string());
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let digest = packbox::digest::Digest::of(&component);
    let plugin = format!("[plugins.echo]\ncomponent = \"echo.wasm\"\nsha256 = \"{digest}\"\n");
    let template = "[[templates]]\nsource = \"in.txt\"\nengine = \"plugin:echo\"\noutput = \"out.txt\"\n";
    write("pack.toml", format!("[pack]\nname = \"large\"\nversion = \"0.1.0\"\n{plugin}{template}").as_bytes())?;
    write("in.txt", b"hello\n")?;
    let home = scratch.path().join("home").to_string_lossy().into_owned();
    let generate = |output: &str, exit: i32, compiles: bool| -> Result<(), String> {
        let ended = Run {
            arguments: ["generate", "pack", "--no-input", "--isolation", "fresh", "--output", output]
                .map(str::to_owned)
                .into(),
            folder: scratch.path().to_owned(),
            environment: [("PACKBOX_HOME".to_owned(), home.clone())].into(),
            ..Run::default()
        }
        .run();
        let compiled = String::from_utf8_lossy(&ended.stderr).contains(COMPILING);
        let is_there = scratch.path().join(output).exists();
        if (ended.exit, compiled, is_there) == (exit, compiles, exit == 0) { Ok(()) } else { Err(ended.text()) }
    };
    write("echo.wasm", &component)?;
    generate("first", 0, true)?;
    generate("second", 0, false)?;
    component[begin] = 1;
    write("echo.wasm", &component)?;
    generate("third", 6, false)?;
    component[begin] = 0;
    write("echo.wasm", &component)?;
    generate("fourth", 0, false)
}
