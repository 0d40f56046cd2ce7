//! `generate`, `compose` and `apply` killed and interrupted at every write step of their commit, by the real command line in a
//! process of its own.
//!
//! The process is this test program again: it hooks an observer into the command line that sends it a signal at a given
//! step, so nothing depends on timing. After the next command the folder holds the old tree or the new one.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use packbox::cli::Hooks;
use packbox::generate::commit::{Moment, Step, StepObserver};

use super::process::{binary, read_folder, shared_home};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 6] = [
    ("kill/new-folder", new_folder),
    ("kill/existing-folder", existing_folder),
    ("kill/compose-new", compose_new),
    ("kill/compose-existing", compose_existing),
    ("kill/apply-new", apply_new),
    ("kill/apply-existing", apply_existing),
];

/// Tells the child at which step to send itself which signal: `STEP:SIGNAL`, where `STEP` is a number, or the name of one that is
/// about to be taken for the first time.
pub const FAULT: &str = "PACKBOX_TEST_FAULT";

/// Sends this process a signal at a step.
struct Fault {
    at: String,
    signal: i32,
    is_done: AtomicBool,
}

impl StepObserver for Fault {
    fn step(&self, step: Step<'_>) {
        let is_named = step.moment == Moment::Before && format!("{:?}", step.name) == self.at;
        if (is_named || step.number.to_string() == self.at) && !self.is_done.swap(true, Ordering::Relaxed) {
            // SAFETY: a plain system call to ourselves.
            unsafe { libc::raise(self.signal) };
        }
    }
}

/// Is the command line with a fault, where the environment asks for it.
pub fn child() -> Option<ExitCode> {
    let fault = std::env::vars().find(|(name, _)| name == FAULT)?.1;
    let (at, signal) = fault.split_once(':').expect("STEP:SIGNAL");
    let signal = signal.parse().expect("a number");
    let fault = Fault { at: at.to_owned(), signal, is_done: AtomicBool::new(false) };
    let hooks = Hooks { observer: Some(Arc::new(fault)), compiler: Some(binary().to_owned()), on_step: None };
    let arguments: Vec<OsString> = std::env::args_os().collect();
    Some(ExitCode::from(packbox::cli::run(&arguments, &hooks)))
}

/// The files of a tree, packbox's own beside the receipt left out.
type Tree = BTreeMap<String, (Vec<u8>, bool)>;

fn tree(folder: &Path) -> Tree {
    let mut tree = read_folder(folder);
    tree.retain(|name, _| !name.starts_with(".packbox/") || name == ".packbox/receipt.json");
    tree
}

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Subject {
    /// One pack.
    Generate,
    /// Three packs, two files of which are merged.
    Compose,
    /// The saved plan of these.
    Apply,
}

struct Scene {
    scratch: tempfile::TempDir,
    subject: Subject,
    existing: bool,
}

impl Scene {
    fn out(&self) -> PathBuf {
        self.scratch.path().join("parent/out")
    }

    /// Puts the old state in place.
    fn reset(&self) {
        let _ = std::fs::remove_dir_all(self.scratch.path().join("parent"));
        std::fs::create_dir_all(self.scratch.path().join("parent")).expect("a folder");
        if self.existing {
            std::fs::create_dir_all(self.out().join("src")).expect("a folder");
            for (path, text) in [
                ("src/a.txt", "old a\n"),
                ("own.txt", "not ours\n"),
                ("readme.txt", "old readme\n"),
                ("Cargo.toml", "[package]\nname = \"old\"\n"),
                (".gitignore", "/target\n"),
            ] {
                std::fs::write(self.out().join(path), text).expect("a file");
            }
        }
    }

    fn run(&self, fault: Option<(u32, i32)>) -> i32 {
        use std::os::unix::process::ExitStatusExt as _;
        let program = match fault {
            Some(_) => std::env::current_exe().expect("this program"),
            None => binary().to_owned(),
        };
        let mut command = Command::new(program);
        match self.subject {
            Subject::Generate => {
                command.args(["generate", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/several")]);
            }
            Subject::Compose => {
                command.arg("compose").args(PACKS.map(|(name, ..)| self.scratch.path().join(name)));
            }
            Subject::Apply => {
                command.arg("apply").arg(self.scratch.path().join("saved.plan"));
            }
        }
        command
            .args(["--no-input", "--on-existing", "overwrite", "--prune", "--output"])
            .arg(self.out())
            .env("PACKBOX_HOME", shared_home());
        if let Some((at, signal)) = fault {
            command.env(FAULT, format!("{at}:{signal}"));
        }
        let output = command.output().expect("it starts");
        output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or(0))
    }

    /// Interrupts a run at every step with a signal.
    fn at_every_step(&self, signal: i32) -> Result<(), String> {
        self.reset();
        let old = tree(&self.out());
        let code = self.run(None);
        let new = tree(&self.out());
        if code != 0 || new.len() < 5 || new == old {
            return Err(format!("without a fault it ends with {code} and {:?}", new.keys()));
        }
        let (mut kept_old, mut got_new) = (0, 0);
        for at in 0..1000 {
            self.reset();
            let code = self.run(Some((at, signal)));
            if code == 0 && at > 4 && tree(&self.out()) == new && signal != libc::SIGINT {
                // No step has this number any more.
                break;
            }
            // The next command: one that changes nothing itself, unless the tree is the new one.
            let dry = self.recover();
            let found = tree(&self.out());
            if found == new {
                got_new += 1;
            } else if found == old {
                kept_old += 1;
            } else {
                return Err(format!("killed at step {at} (code {code}, next command {dry}): {:?}", found.keys()));
            }
            let allowed: &[i32] = if signal == libc::SIGINT { &[0, 130] } else { &[128 + libc::SIGKILL] };
            if !allowed.contains(&code) {
                return Err(format!("step {at} ended with {code}"));
            }
            if (code == 0) != (found == new) && signal == libc::SIGINT {
                return Err(format!("step {at} ended with {code}, and the tree is new: {}", found == new));
            }
            if signal == libc::SIGINT && code == 0 {
                got_new += 1;
                if got_new > 12 {
                    break;
                }
            }
            let litter: Vec<_> = std::fs::read_dir(self.scratch.path().join("parent"))
                .expect("a folder")
                .flatten()
                .map(|entry| entry.file_name())
                .filter(|name| name != "out")
                .collect();
            if !litter.is_empty() {
                return Err(format!("step {at} leaves {litter:?}"));
            }
        }
        if kept_old < 3 || got_new < 1 {
            return Err(format!("{kept_old} runs kept the old tree, {got_new} got the new one"));
        }
        Ok(())
    }

    /// Runs a command that recovers and then fails before it writes: its pack has a template error.
    fn recover(&self) -> i32 {
        let output = Command::new(binary())
            .args(["generate", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/faulty"), "--no-input", "--output"])
            .arg(self.out())
            .env("PACKBOX_HOME", shared_home())
            .output()
            .expect("it starts");
        output.status.code().unwrap_or(-1)
    }
}

/// Three packs: the name, the manifest's templates, and the `Cargo.toml` of each.
const PACKS: [(&str, &str, &str); 3] = [
    ("base", "", "[package]\nname = \"shop\"\n\n[dependencies]\nserde = \"1\"\n"),
    ("web", "[dependencies]\nbase = \"^1\"\n", "[dependencies]\naxum = \"0.8\"\n"),
    ("docker", "", "[profile.release]\nlto = true\n"),
];

/// Writes the packs, and a plan of them.
fn packs(folder: &Path) -> Result<(), String> {
    let write = |path: PathBuf, text: &str| {
        std::fs::create_dir_all(path.parent().expect("a folder")).and_then(|()| std::fs::write(path, text))
    };
    let template = |source: &str, output: &str, policy: &str| {
        format!("\n[[templates]]\nsource = \"{source}\"\noutput = \"{output}\"\non_conflict = \"{policy}\"\n")
    };
    for (name, needs, cargo) in PACKS {
        let mut manifest = format!("[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\n{needs}");
        manifest += &template("cargo.toml", "Cargo.toml", "merge-toml");
        manifest += &template("ignore", ".gitignore", "append-lines");
        manifest += &template("own.txt.jinja", &format!("src/{name}/own.txt"), "own");
        for (file, text) in [
            ("pack.toml", manifest.as_str()),
            ("cargo.toml", cargo),
            ("ignore", &format!("{name}.log\n")),
            ("own.txt.jinja", "{{ 6 * 7 }}\n"),
        ] {
            write(folder.join(name).join(file), text).map_err(|error| error.to_string())?;
        }
    }
    let output = Command::new(binary())
        .arg("plan")
        .args(PACKS.map(|(name, ..)| folder.join(name)))
        .args(["--no-input", "--save"])
        .arg(folder.join("saved.plan"))
        .env("PACKBOX_HOME", shared_home())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// Each signal at each step; interrupts are undone by what writes, whatever is written, so they are tried with one pack.
fn both_signals(subject: Subject, existing: bool) -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    if subject != Subject::Generate {
        packs(scratch.path())?;
    }
    let scene = Scene { scratch, subject, existing };
    scene.at_every_step(libc::SIGKILL).map_err(|problem| format!("SIGKILL: {problem}"))?;
    if subject != Subject::Generate {
        return Ok(());
    }
    scene.at_every_step(libc::SIGINT).map_err(|problem| format!("SIGINT: {problem}"))
}

/// Into a folder that does not exist.
fn new_folder() -> Result<(), String> {
    both_signals(Subject::Generate, false)
}

/// Into a folder with files.
fn existing_folder() -> Result<(), String> {
    both_signals(Subject::Generate, true)
}

fn compose_new() -> Result<(), String> {
    both_signals(Subject::Compose, false)
}

fn compose_existing() -> Result<(), String> {
    both_signals(Subject::Compose, true)
}

fn apply_new() -> Result<(), String> {
    both_signals(Subject::Apply, false)
}

fn apply_existing() -> Result<(), String> {
    both_signals(Subject::Apply, true)
}
