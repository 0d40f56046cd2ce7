//! `generate` killed and interrupted at every write step of its commit, by the real command line in a process of its own.
//!
//! The process is this test program again: it hooks an observer into the command line that sends it a signal at a given
//! step, so nothing depends on timing. After the next command the folder holds the old tree or the new one.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;

use packbox::cli::Hooks;
use packbox::generate::commit::{Step, StepObserver};

use super::process::{binary, read_folder, shared_home};

/// Tells the child at which step to send itself which signal: `NUMBER:SIGNAL`.
const FAULT: &str = "PACKBOX_TEST_FAULT";

/// Sends this process a signal at a step.
struct Fault {
    at: u32,
    signal: i32,
}

impl StepObserver for Fault {
    fn step(&self, step: Step<'_>) {
        if step.number == self.at {
            // SAFETY: a plain system call to ourselves.
            unsafe { libc::raise(self.signal) };
        }
    }
}

/// Is the command line with a fault, where the environment asks for it.
pub fn child() -> Option<ExitCode> {
    let fault = std::env::vars().find(|(name, _)| name == FAULT)?.1;
    let (at, signal) = fault.split_once(':').expect("NUMBER:SIGNAL");
    let fault = Fault { at: at.parse().expect("a number"), signal: signal.parse().expect("a number") };
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

struct Scene {
    scratch: tempfile::TempDir,
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
            for (path, text) in [("src/a.txt", "old a\n"), ("own.txt", "not ours\n"), ("readme.txt", "old readme\n")] {
                std::fs::write(self.out().join(path), text).expect("a file");
            }
        }
    }

    fn generate(&self, fault: Option<(u32, i32)>) -> i32 {
        use std::os::unix::process::ExitStatusExt as _;
        let program = match fault {
            Some(_) => std::env::current_exe().expect("this program"),
            None => binary().to_owned(),
        };
        let mut command = Command::new(program);
        command
            .args(["generate", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/several"), "--no-input"])
            .args(["--on-existing", "overwrite", "--output"])
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
        let code = self.generate(None);
        let new = tree(&self.out());
        if code != 0 || new.len() < 5 || new == old {
            return Err(format!("without a fault it ends with {code} and {:?}", new.keys()));
        }
        let (mut kept_old, mut got_new) = (0, 0);
        for at in 0..1000 {
            self.reset();
            let code = self.generate(Some((at, signal)));
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

fn both_signals(existing: bool) -> Result<(), String> {
    let scene = Scene { scratch: tempfile::tempdir().map_err(|error| error.to_string())?, existing };
    scene.at_every_step(libc::SIGKILL).map_err(|problem| format!("SIGKILL: {problem}"))?;
    scene.at_every_step(libc::SIGINT).map_err(|problem| format!("SIGINT: {problem}"))
}

/// Into a folder that does not exist.
pub fn new_folder() -> Result<(), String> {
    both_signals(false)
}

/// Into a folder with files.
pub fn existing_folder() -> Result<(), String> {
    both_signals(true)
}
