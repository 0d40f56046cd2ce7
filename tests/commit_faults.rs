//! Kills and interrupts a run at every write step, and checks that the output folder is old or new.
//!
//! Always true here: only the public interface is used. A run that is to be killed is this test program again, in a
//! process of its own, which kills itself where it is told to; so nothing depends on timing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test that can not go on has failed"
)]
#![cfg(unix)]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use packbox::digest::Digest;
use packbox::error::{Error, ErrorKind};
use packbox::generate::commit::{
    CommitOptions, JournalKey, Moment, NoObserver, OnExisting, Recovered, Step, StepName, StepObserver, commit,
    recover, survey_again,
};
use packbox::generate::tree::{Provenance, Tree, TreeFile};
use packbox::pack::OnConflict;
use packbox::pack::OutputPath;

const KEY: JournalKey = JournalKey::from_bytes([42; 32]);
const RECEIPT: &[u8] = b"{\n  \"format\": 1\n}\n";

/// What is there before the run.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Before {
    /// Not even the folder above the output folder.
    Nothing,
    /// The output folder, without files.
    Empty,
    /// The output folder with files, an older receipt among them; what that receipt says was left behind is pruned.
    Files,
}

/// What an earlier run generated, and this one does not.
const LEFT: [&str; 3] = ["gone/deep/one.txt", "gone/two.txt", "src/three.rs"];

/// What an earlier run generated, and makes way in this one: a file for a folder, and a folder for a file.
const MAKES_WAY: [&str; 3] = ["turns", "was/deep/x", "was/y"];

/// A receipt that names what was left, and what makes way.
fn older_receipt() -> String {
    let file = |path: &str| {
        let digest = Digest::of(path.as_bytes());
        let bytes = path.len();
        format!(r#"{{"bytes":{bytes},"executable":false,"path":"{path}","sha256":"{digest}"}}"#)
    };
    let files = [LEFT.map(file), MAKES_WAY.map(file)].concat().join(",");
    format!(r#"{{"files":[{files}],"format":1,"pack":{{"name":"pack","version":"1.0.0"}}}}"#)
}

fn tree() -> Tree {
    let file = |path: &str, contents: &str, executable, create_once| {
        let provenance = Provenance {
            template: format!("templates/{path}"),
            template_digest: Digest::of(contents.as_bytes()),
            engine: "copy".to_owned(),
            plugin_digest: None,
            then: Vec::new(),
            variables: Vec::new(),
            on_conflict: if create_once { OnConflict::CreateOnce } else { OnConflict::Own },
        };
        TreeFile::new(OutputPath::new(path).unwrap(), contents.into(), executable, provenance)
    };
    Tree::build(vec![
        file("README.md", "new readme\n", false, false),
        file("added.txt", "", false, false),
        file("deep/er/run.sh", "#!/bin/sh\n", true, false),
        file("deep/note.txt", "note\n", false, false),
        file("once.txt", "only where there is none\n", false, true),
        file("same.txt", "same\n", false, false),
        file("src/lib.rs", "new lib\n", false, false),
        file("src/main.rs", "new main\n", true, false),
        file("turns/into/x.txt", "a folder\n", false, false),
        file("was", "a file\n", false, false),
    ])
    .unwrap()
}

/// A place for one run: the output folder is `OUT` in it.
fn prepare(before: Before) -> (tempfile::TempDir, PathBuf) {
    // In memory where that is offered: a thousand runs wait for a disk for a minute.
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let out = place.path().join("above/out");
    if before != Before::Nothing {
        fs::create_dir_all(&out).unwrap();
    }
    if before == Before::Files {
        for (path, contents, mode) in [
            ("README.md", "old readme, longer\n", 0o600),
            ("once.txt", "mine\n", 0o644),
            ("same.txt", "same\n", 0o644),
            ("src/main.rs", "old main\n", 0o640),
            ("src/mine.rs", "mine, too\n", 0o644),
            (".packbox/receipt.json", &older_receipt(), 0o644),
            (LEFT[0], LEFT[0], 0o644),
            (LEFT[1], LEFT[1], 0o640),
            (LEFT[2], LEFT[2], 0o644),
            (MAKES_WAY[0], MAKES_WAY[0], 0o640),
            (MAKES_WAY[1], MAKES_WAY[1], 0o644),
            (MAKES_WAY[2], MAKES_WAY[2], 0o644),
        ] {
            let path = out.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, contents).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
    }
    (place, out)
}

/// Everything in a folder: for each path what it is, its permissions and its contents.
fn snapshot(place: &Path) -> BTreeMap<String, (String, u32, Vec<u8>)> {
    fn visit(folder: &Path, prefix: &str, into: &mut BTreeMap<String, (String, u32, Vec<u8>)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            let metadata = entry.path().symlink_metadata().unwrap();
            let mode = metadata.permissions().mode() & 0o7777;
            if metadata.is_symlink() {
                into.insert(path, ("link".to_owned(), 0, Vec::new()));
            } else if metadata.is_dir() {
                visit(&entry.path(), &format!("{path}/"), into);
                into.insert(path, ("folder".to_owned(), mode, Vec::new()));
            } else {
                into.insert(path, ("file".to_owned(), mode, fs::read(entry.path()).unwrap()));
            }
        }
    }
    let mut files = BTreeMap::new();
    visit(place, "", &mut files);
    files
}

/// The inodes of the old files, which a roll back must bring back, not copies of them.
fn inodes(out: &Path) -> Vec<u64> {
    let single = ["README.md", "src/main.rs", ".packbox/receipt.json", "gone", "gone/deep", "was", "was/deep"];
    let files = LEFT.iter().chain(&MAKES_WAY);
    single.iter().chain(files).filter_map(|path| Some(out.join(path).symlink_metadata().ok()?.ino())).collect()
}

fn run(out: &Path, observer: &dyn StepObserver, interrupted: &dyn Fn() -> bool) -> Result<(), Error> {
    let tree = tree();
    let survey = survey_again(&tree, out, &["pack"])?;
    let (on_existing, receipt) = (OnExisting::Overwrite, Some(RECEIPT));
    let options = CommitOptions { on_existing, prune: true, receipt, key: &KEY, interrupted, observer };
    commit(&survey, &options).map(|_| ())
}

fn count_steps(before: Before) -> u32 {
    let (_place, out) = prepare(before);
    let count = Cell::new(0);
    run(&out, &|step: Step<'_>| count.set(step.number + 1), &|| false).unwrap();
    count.get()
}

/// The tree after an undisturbed run.
fn expected_new(before: Before) -> BTreeMap<String, (String, u32, Vec<u8>)> {
    let (place, out) = prepare(before);
    run(&out, &NoObserver, &|| false).unwrap();
    snapshot(place.path())
}

/// Runs this program again, to `commit`, to be interrupted (`interrupt STEP`) or to `recover`, and to kill itself at a
/// step. Says whether it was killed.
fn run_as_child(out: &Path, action: &str, kill_at: u32) -> bool {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "as_child", "--ignored", "--quiet", "--test-threads=1"])
        .env("FAULT_OUT", out)
        .env("FAULT_ACTION", action)
        .env("FAULT_AT", kill_at.to_string())
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success() || status.signal() == Some(9), "{status}");
    !status.success()
}

#[test]
#[ignore = "the other tests run it in a process of its own"]
fn as_child() {
    let Some(out) = std::env::var_os("FAULT_OUT").map(PathBuf::from) else { return };
    let kill_at: u32 = std::env::var("FAULT_AT").unwrap().parse().unwrap();
    let action = std::env::var("FAULT_ACTION").unwrap();
    let interrupt_at: Option<u32> = action.strip_prefix("interrupt ").map(|number| number.parse().unwrap());
    let flag = Cell::new(false);
    let observer = |step: Step<'_>| {
        flag.set(flag.get() || Some(step.number) == interrupt_at);
        if step.number == kill_at {
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
            loop {
                std::thread::park();
            }
        }
    };
    match action.as_str() {
        "commit" => run(&out, &observer, &|| false).unwrap(),
        "recover" => drop(recover(&out, &KEY, &observer).unwrap()),
        _ if interrupt_at.is_some() => {
            assert_eq!(run(&out, &observer, &|| flag.get()).unwrap_err().kind(), ErrorKind::Interrupted);
        }
        action => panic!("unknown action {action}"),
    }
}

/// Kills a run at each step, recovers, and checks that the outcome is old up to some step and new from there on.
fn kill_everywhere(before: Before) {
    let new = expected_new(before);
    let mut is_new = false;
    for kill_at in 0..count_steps(before) {
        let (place, out) = prepare(before);
        let (old, old_inodes) = (snapshot(place.path()), inodes(&out));
        assert!(run_as_child(&out, "commit", kill_at));
        recover(&out, &KEY, &NoObserver).unwrap();
        let found = snapshot(place.path());
        if found == old && !is_new {
            assert_eq!(inodes(&out), old_inodes);
        } else {
            assert_eq!(found, new, "{before:?}, killed at {kill_at}");
            is_new = true;
        }
        assert_eq!(recover(&out, &KEY, &NoObserver).unwrap(), Recovered::default());
        run(&out, &NoObserver, &|| false).unwrap();
        assert_eq!(snapshot(place.path()), new, "{before:?}, run again after a kill at {kill_at}");
    }
    assert!(is_new, "no step is after the commit point");
}

#[test]
fn killed_at_every_step_of_a_new_folder() {
    kill_everywhere(Before::Nothing);
}

#[test]
fn killed_at_every_step_of_an_empty_folder() {
    kill_everywhere(Before::Empty);
}

#[test]
fn killed_at_every_step_of_an_existing_folder() {
    kill_everywhere(Before::Files);
}

/// Kills the recovery of a killed run at each of its steps, and then the recovery of that, at every other step.
#[test]
fn killed_at_every_step_of_a_recovery() {
    for before in [Before::Nothing, Before::Files] {
        let steps = count_steps(before);
        let new = expected_new(before);
        // Early, in the midst, right before the commit point, and in the clean-up.
        for kill_at in [steps / 4, steps / 2, steps * 3 / 5, steps * 3 / 4, steps - 4] {
            let mut recovery_at = 0;
            loop {
                let (place, out) = prepare(before);
                let (old, old_inodes) = (snapshot(place.path()), inodes(&out));
                assert!(run_as_child(&out, "commit", kill_at));
                let was_killed = run_as_child(&out, "recover", recovery_at);
                run_as_child(&out, "recover", recovery_at / 2);
                recover(&out, &KEY, &NoObserver).unwrap();
                let found = snapshot(place.path());
                assert!(
                    found == old || found == new,
                    "{before:?}, killed at {kill_at}, then at {recovery_at}: {found:?}"
                );
                assert!(found != old || inodes(&out) == old_inodes);
                if !was_killed {
                    break;
                }
                recovery_at += 1;
            }
            assert!(recovery_at > 0, "{before:?}, killed at {kill_at}: nothing to recover");
        }
    }
}

#[test]
fn interrupted_at_every_step() {
    for before in [Before::Nothing, Before::Empty, Before::Files] {
        let new = expected_new(before);
        let (mut interrupted_runs, mut finished_runs) = (0, 0);
        for interrupt_at in 0..count_steps(before) {
            let (place, out) = prepare(before);
            let (old, old_inodes) = (snapshot(place.path()), inodes(&out));
            let flag = Cell::new(false);
            let observer = |step: Step<'_>| flag.set(flag.get() || step.number == interrupt_at);
            match run(&out, &observer, &|| flag.get()) {
                Ok(()) => {
                    assert_eq!(snapshot(place.path()), new, "{before:?}, interrupted at {interrupt_at}");
                    finished_runs += 1;
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Interrupted);
                    assert_eq!(snapshot(place.path()), old, "{before:?}, interrupted at {interrupt_at}");
                    assert_eq!(inodes(&out), old_inodes);
                    interrupted_runs += 1;
                }
            }
        }
        assert!(interrupted_runs > 20 && finished_runs > 0, "{before:?}: {interrupted_runs} and {finished_runs}");
    }
}

/// Kills the roll back of an interrupted run at each of its steps.
#[test]
fn killed_while_an_interrupted_run_rolls_back() {
    for before in [Before::Nothing, Before::Files] {
        let steps = count_steps(before);
        for interrupt_at in [steps / 3, steps / 2, steps * 3 / 5] {
            let mut kill_at = interrupt_at + 1;
            loop {
                let (place, out) = prepare(before);
                let (old, old_inodes) = (snapshot(place.path()), inodes(&out));
                let was_killed = run_as_child(&out, &format!("interrupt {interrupt_at}"), kill_at);
                recover(&out, &KEY, &NoObserver).unwrap();
                assert_eq!(snapshot(place.path()), old, "{before:?}: {interrupt_at}, {kill_at}");
                assert_eq!(inodes(&out), old_inodes);
                if !was_killed {
                    break;
                }
                kill_at += 1;
            }
            assert!(kill_at > interrupt_at + 4, "{before:?}: {interrupt_at}");
        }
    }
}

/// Plants a link at each step where a file or folder is about to be written, and checks that nothing goes through it.
#[test]
fn links_that_are_planted_during_a_run_are_not_followed() {
    for before in [Before::Empty, Before::Files] {
        for target in ["README.md", "added.txt", "deep", "src", "src/lib.rs", "turns", "was"] {
            for at in 0..count_steps(before) {
                let (place, out) = prepare(before);
                let outside = tempfile::tempdir().unwrap();
                fs::write(outside.path().join("README.md"), "outside").unwrap();
                let planted = Cell::new(false);
                let observer = |step: Step<'_>| {
                    if step.number == at && step.moment == Moment::Before {
                        let _ = fs::rename(out.join(target), place.path().join("moved-away"));
                        planted.set(symlink(outside.path(), out.join(target)).is_ok());
                    }
                };
                let outcome = run(&out, &observer, &|| false);
                assert_eq!(
                    snapshot(outside.path()).len(),
                    1,
                    "{before:?}: a file was written through {target} at {at}"
                );
                assert_eq!(fs::read(outside.path().join("README.md")).unwrap(), b"outside");
                if planted.get() {
                    assert!(out.join(target).symlink_metadata().unwrap().is_symlink(), "{target} at {at}");
                }
                if let Err(error) = outcome {
                    assert!(
                        matches!(error.kind(), ErrorKind::OutsidePath | ErrorKind::Conflict),
                        "{target} at {at}: {error}"
                    );
                }
                let recovered = recover(&out, &KEY, &NoObserver);
                assert!(
                    recovered.is_ok_and(|recovered| !recovered.rolled_back)
                        || out.join(".packbox/journal.json").exists()
                );
                assert_eq!(
                    snapshot(outside.path()).len(),
                    1,
                    "{before:?}: a file was restored through {target} at {at}"
                );
                // What the user has of their own is there, wherever it was moved to.
                if before == Before::Files {
                    let found = snapshot(place.path());
                    assert!(found.values().any(|(_, _, contents)| contents == b"mine, too\n"), "{target} at {at}");
                }
            }
        }
    }
}

/// A run is killed where old and new are mixed; then somebody works on the files before anything was recovered.
#[test]
fn work_done_after_a_kill_is_not_lost() {
    let (place, out) = prepare(Before::Files);
    let old = snapshot(place.path());
    let last_placed = Cell::new(0);
    {
        let (_other, out) = prepare(Before::Files);
        let observer = |step: Step<'_>| {
            if step.name == StepName::PlaceFile && step.moment == Moment::After {
                last_placed.set(step.number);
            }
        };
        run(&out, &observer, &|| false).unwrap();
    }
    assert!(run_as_child(&out, "commit", last_placed.get()));
    fs::write(out.join("README.md"), "edited after the kill\n").unwrap();
    fs::write(out.join("deep/mine.txt"), "added after the kill\n").unwrap();
    let error = recover(&out, &KEY, &NoObserver).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(error.body().findings.len(), 1);
    assert_eq!(fs::read(out.join("README.md")).unwrap(), b"edited after the kill\n");

    fs::rename(out.join("README.md"), place.path().join("edited")).unwrap();
    assert!(recover(&out, &KEY, &NoObserver).unwrap().rolled_back);
    fs::remove_file(place.path().join("edited")).unwrap();
    assert_eq!(fs::read(out.join("deep/mine.txt")).unwrap(), b"added after the kill\n");
    fs::remove_dir_all(out.join("deep")).unwrap();
    assert_eq!(snapshot(place.path()), old);
}

/// A journal that another machine, another key or another folder made does nothing.
#[test]
fn foreign_journals_are_refused() {
    let (place, out) = prepare(Before::Files);
    let steps = count_steps(Before::Files);
    assert!(run_as_child(&out, "commit", steps / 2));
    let half = snapshot(place.path());
    let refused = |out: &Path, key: &JournalKey| {
        let error = recover(out, key, &NoObserver).unwrap_err();
        assert_eq!((error.kind(), error.exit_code()), (ErrorKind::Refused, 4));
        assert!(error.body().hint.as_ref().unwrap().contains(".packbox/journal.json"));
        assert!(survey_again(&tree(), out, &["pack"]).is_err());
    };
    refused(&out, &JournalKey::from_bytes([43; 32]));
    assert_eq!(snapshot(place.path()), half);

    // A copy of the folder, as a clone would be.
    let (copy_place, copy) = prepare(Before::Nothing);
    fs::create_dir_all(copy.parent().unwrap()).unwrap();
    assert!(Command::new("cp").arg("-a").args([&out, &copy]).status().unwrap().success());
    let copied = snapshot(copy_place.path());
    refused(&copy, &KEY);
    assert_eq!(snapshot(copy_place.path()), copied);

    // Forged by hand.
    for contents in ["", "{}", "{\"mac\":\"00\",\"journal\":\"{}\"}", "null"] {
        fs::write(copy.join(".packbox/journal.json"), contents).unwrap();
        refused(&copy, &KEY);
    }
    // Deleting it leaves the old versions alone: they may be all that is left of a user's file.
    fs::remove_file(copy.join(".packbox/journal.json")).unwrap();
    recover(&copy, &KEY, &NoObserver).unwrap();
    assert!(snapshot(copy_place.path()).values().any(|(_, _, contents)| contents == b"old readme, longer\n"));

    assert!(recover(&out, &KEY, &NoObserver).unwrap().rolled_back);
}
