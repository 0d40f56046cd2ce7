//! Tests of a commit as a whole; the ones that kill a run are in `tests/commit_faults.rs`.

use std::fs;
use std::path::Path;

use super::super::tree::{Provenance, Tree, TreeFile};
use super::*;
use crate::digest::Digest;
use crate::error::{ErrorKind, Result};
use crate::pack::{OnConflict, OutputPath};

/// Changes something in an output folder.
type Plant<'a> = &'a dyn Fn(&Path);

const KEY: JournalKey = JournalKey::from_bytes([7; 32]);

/// Makes a tree of files; `!` before a path: executable, `?`: written only where there is none.
pub(super) fn tree(files: &[(&str, &str)]) -> Tree {
    let file = |(path, contents): &(&str, &str)| {
        let provenance = Provenance {
            template: format!("templates/{path}"),
            template_digest: Digest::of(b""),
            engine: "copy".to_owned(),
            plugin_digest: None,
            then: Vec::new(),
            variables: Vec::new(),
            on_conflict: if path.starts_with('?') { OnConflict::CreateOnce } else { OnConflict::Own },
        };
        let plain = path.trim_start_matches(['!', '?']);
        TreeFile::new(OutputPath::new(plain).unwrap(), (*contents).into(), path.starts_with('!'), provenance)
    };
    Tree::build(files.iter().map(file).collect()).unwrap()
}

fn options(on_existing: OnExisting) -> CommitOptions<'static> {
    CommitOptions {
        on_existing,
        prune: false,
        receipt: Some(b"receipt\n"),
        key: &KEY,
        interrupted: &|| false,
        observer: &NoObserver,
    }
}

fn write(tree: &Tree, out: &Path, on_existing: OnExisting) -> Result<Committed> {
    recover(out, &KEY, &NoObserver)?;
    commit(&survey(tree, out)?, &options(on_existing))
}

/// The names in a folder, sorted.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn kind<T>(result: Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

fn paths(paths: &[OutputPath]) -> Vec<&str> {
    paths.iter().map(OutputPath::as_str).collect()
}

#[test]
fn a_new_folder_comes_with_the_folders_above_it() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("a/b/out");
    let tree = tree(&[("x", "1"), ("d/e/f", "2"), ("!d/run", "3")]);
    assert_eq!(survey(&tree, &out).unwrap().destination(), Destination::Absent);
    let committed = write(&tree, &out, OnExisting::Fail).unwrap();
    assert_eq!(paths(&committed.written), ["d/e/f", "d/run", "x"]);
    assert_eq!(names(place.path()), ["a"]);
    assert_eq!(names(&out), [".packbox", "d", "x"]);
    assert_eq!(names(&out.join(".packbox")), ["receipt.json"]);
    assert_eq!(fs::read(out.join("d/e/f")).unwrap(), b"2");
    assert!(survey(&tree, &out).unwrap().files().all(|(_, state)| *state == FileState::Unchanged));
}

#[test]
fn without_a_receipt_there_is_no_packbox_folder() {
    let place = tempfile::tempdir().unwrap();
    let without = CommitOptions { receipt: None, ..options(OnExisting::Fail) };
    for out in [place.path().join("absent"), place.path().join("empty")] {
        if out.ends_with("empty") {
            fs::create_dir(&out).unwrap();
        }
        let tree = tree(&[("x", "1")]);
        commit(&survey(&tree, &out).unwrap(), &without).unwrap();
        assert_eq!(names(&out), ["x"]);
    }
}

#[test]
fn files_that_differ_are_a_conflict_unless_said_otherwise() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path();
    for path in ["a", "b", "same"] {
        fs::write(out.join(path), path).unwrap();
    }
    let tree = tree(&[("a", "new a"), ("b", "new b"), ("same", "same"), ("d/new", "new")]);
    let survey = survey(&tree, out).unwrap();
    assert_eq!(survey.destination(), Destination::HasFiles);
    let error = commit(&survey, &options(OnExisting::Fail)).unwrap_err();
    assert_eq!(error.exit_code(), 3);
    let places: Vec<&str> =
        error.body().findings.iter().filter_map(|finding| Some(&*finding.span.as_ref()?.path)).collect();
    assert_eq!(places, ["a", "b"]);
    let hint = error.body().hint.as_deref().unwrap();
    assert!(hint.contains("--on-existing") && hint.contains("--dry-run"));
    assert_eq!(names(out), ["a", "b", "same"]);

    let skipped = write(&tree, out, OnExisting::Skip).unwrap();
    assert_eq!((paths(&skipped.written), paths(&skipped.unchanged)), (vec!["d/new"], vec!["same"]));
    assert_eq!(paths(&skipped.skipped), ["a", "b"]);
    assert_eq!(fs::read(out.join("a")).unwrap(), b"a");

    assert_eq!(paths(&write(&tree, out, OnExisting::Overwrite).unwrap().written), ["a", "b"]);
    assert_eq!(fs::read(out.join("a")).unwrap(), b"new a");
    assert_eq!(names(out), [".packbox", "a", "b", "d", "same"]);
    assert_eq!(names(&out.join(".packbox")), ["receipt.json"]);
}

#[test]
fn files_that_are_written_once_stay() {
    let place = tempfile::tempdir().unwrap();
    let tree = tree(&[("?once", "template"), ("x", "1")]);
    let out = place.path().join("out");
    assert_eq!(paths(&write(&tree, &out, OnExisting::Fail).unwrap().written), ["once", "x"]);
    fs::write(out.join("once"), "mine").unwrap();
    let again = write(&tree, &out, OnExisting::Overwrite).unwrap();
    assert_eq!((paths(&again.kept), paths(&again.unchanged)), (vec!["once"], vec!["x"]));
    assert!(again.skipped.is_empty());
    assert_eq!(fs::read(out.join("once")).unwrap(), b"mine");
}

#[test]
fn nothing_is_touched_where_nothing_changes() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let tree = tree(&[("x", "1")]);
    write(&tree, &out, OnExisting::Fail).unwrap();
    let steps = std::cell::Cell::new(0);
    let observer = |step: Step<'_>| steps.set(step.number + 1);
    commit(&survey(&tree, &out).unwrap(), &CommitOptions { observer: &observer, ..options(OnExisting::Fail) }).unwrap();
    recover(&out, &KEY, &observer).unwrap();
    assert_eq!(steps.get(), 0);
}

#[test]
fn changes_between_survey_and_commit_are_noticed() {
    let place = tempfile::tempdir().unwrap();
    let tree = tree(&[("new", "n"), ("old", "new old"), ("same", "same")]);
    let changes: [(&str, Plant); 6] = [
        ("a file appeared", &|out| fs::write(out.join("new"), "appeared").unwrap()),
        ("a folder appeared", &|out| fs::create_dir(out.join("new")).unwrap()),
        ("a file changed", &|out| fs::write(out.join("old"), "changed").unwrap()),
        ("a file vanished", &|out| fs::remove_file(out.join("old")).unwrap()),
        ("a file was replaced", &|out| {
            fs::write(out.join("other"), "old").unwrap();
            fs::rename(out.join("other"), out.join("old")).unwrap();
        }),
        ("an unchanged file changed", &|out| fs::write(out.join("same"), "other").unwrap()),
    ];
    for (index, (what, change)) in changes.into_iter().enumerate() {
        let out = place.path().join(index.to_string());
        fs::create_dir(&out).unwrap();
        fs::write(out.join("old"), "old").unwrap();
        fs::write(out.join("same"), "same").unwrap();
        let survey = survey(&tree, &out).unwrap();
        change(&out);
        let before: Vec<(String, Option<Vec<u8>>)> =
            names(&out).into_iter().map(|name| (name.clone(), fs::read(out.join(name)).ok())).collect();
        assert_eq!(kind(commit(&survey, &options(OnExisting::Overwrite))), Some(ErrorKind::Conflict), "{what}");
        let after: Vec<(String, Option<Vec<u8>>)> =
            names(&out).into_iter().map(|name| (name.clone(), fs::read(out.join(name)).ok())).collect();
        assert_eq!(before, after, "{what}");
    }
}

#[test]
fn an_output_folder_that_appears_is_not_overwritten() {
    let place = tempfile::tempdir().unwrap();
    let tree = tree(&[("x", "1")]);
    let out = place.path().join("out");
    let before_survey = survey(&tree, &out).unwrap();
    fs::create_dir(&out).unwrap();
    assert_eq!(kind(commit(&before_survey, &options(OnExisting::Fail))), Some(ErrorKind::Conflict));
    fs::remove_dir(&out).unwrap();
    for contents in [None, Some("theirs")] {
        let survey = survey(&tree, &out).unwrap();
        let observer = |step: Step<'_>| {
            if step.name == StepName::PublishFolder && step.moment == Moment::Before {
                fs::create_dir(&out).unwrap();
                if let Some(contents) = contents {
                    fs::write(out.join("x"), contents).unwrap();
                }
            }
        };
        let outcome = commit(&survey, &CommitOptions { observer: &observer, ..options(OnExisting::Overwrite) });
        match contents {
            None => assert!(outcome.is_ok()),
            Some(theirs) => {
                assert_eq!(kind(outcome), Some(ErrorKind::Conflict));
                assert_eq!(fs::read(out.join("x")).unwrap(), theirs.as_bytes());
            }
        }
        assert_eq!(names(place.path()), ["out"]);
        fs::remove_dir_all(&out).unwrap();
    }
}

#[test]
fn output_folders_that_cannot_be_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let tree = tree(&[("x", "1")]);
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(kind(write(&tree, &file, OnExisting::Overwrite)), Some(ErrorKind::Conflict));
    assert!(write(&tree, &file.join("below"), OnExisting::Overwrite).is_err());
    assert_eq!(kind(write(&tree, &place.path().join("none/../out"), OnExisting::Overwrite)), Some(ErrorKind::Usage));
    assert_eq!(names(place.path()), ["file"]);
}

#[test]
fn an_interrupt_before_the_first_step_does_nothing() {
    let place = tempfile::tempdir().unwrap();
    let tree = tree(&[("x", "1")]);
    let options = CommitOptions { interrupted: &|| true, ..options(OnExisting::Fail) };
    for out in [place.path().join("out"), place.path().to_owned()] {
        assert_eq!(kind(commit(&survey(&tree, &out).unwrap(), &options)), Some(ErrorKind::Interrupted));
    }
    assert_eq!(names(place.path()).len(), 0);
}

#[test]
fn receipts_are_read_as_hostile_input() {
    let place = tempfile::tempdir().unwrap();
    assert!(read_receipt(&place.path().join("absent")).unwrap().is_none());
    assert!(read_receipt(place.path()).unwrap().is_none());
    let metadata = place.path().join(".packbox");
    fs::create_dir(&metadata).unwrap();
    assert!(read_receipt(place.path()).unwrap().is_none());
    fs::write(metadata.join("receipt.json"), "{}").unwrap();
    assert_eq!(kind(read_receipt(place.path())), Some(ErrorKind::Refused));
    let huge = fs::File::create(metadata.join("receipt.json")).unwrap();
    huge.set_len(1 << 40).unwrap();
    assert_eq!(kind(read_receipt(place.path())), Some(ErrorKind::Refused));
    fs::remove_file(metadata.join("receipt.json")).unwrap();
    fs::create_dir(metadata.join("receipt.json")).unwrap();
    assert_eq!(kind(read_receipt(place.path())), Some(ErrorKind::Refused));
}

#[path = "again_tests.rs"]
mod again;
#[cfg(unix)]
#[path = "unix_tests.rs"]
mod unix;
