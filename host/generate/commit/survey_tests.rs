//! Tests of [`Survey`].

use std::fs;

use super::super::layout::JOURNAL;
use super::super::tests::tree;
use super::*;

#[test]
fn states_say_what_is_there() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path();
    fs::write(out.join("differs"), "old").unwrap();
    fs::write(out.join("once"), "mine").unwrap();
    fs::write(out.join("same"), "same").unwrap();
    fs::create_dir(out.join("d")).unwrap();
    let tree = tree(&[
        ("d/e/f/x", ""),
        ("d/e/y", ""),
        ("d/new", ""),
        ("differs", "new"),
        ("?once", "template"),
        ("same", "same"),
        ("z/x", ""),
    ]);
    let survey = survey(&tree, out).unwrap();
    let states: Vec<&FileState> = survey.files().map(|(_, state)| state).collect();
    let old = OldFile { contents: Some(b"old".to_vec()), executable: false };
    let new = FileState::New;
    assert_eq!(states, [&new, &new, &new, &FileState::Differs(old), &FileState::Kept, &FileState::Unchanged, &new]);
    assert_eq!(survey.missing_folders, ["d/e", "d/e/f", "z"]);
    let preview = survey.preview(OnExisting::Overwrite, false).unwrap();
    assert_eq!((preview.written.len(), preview.unchanged.len(), preview.kept.len()), (5, 1, 1));
    assert_eq!((preview.skipped.len(), preview.removed.len()), (0, 0));
    assert!(survey.preview(OnExisting::Fail, false).is_err());
}

#[test]
fn large_old_files_are_compared_but_not_kept() {
    let place = tempfile::tempdir().unwrap();
    let large = "x".repeat(usize::try_from(SHOWN_BYTES).unwrap() + 1);
    fs::write(place.path().join("same"), &large).unwrap();
    fs::write(place.path().join("differs"), &large).unwrap();
    let other = large.replacen('x', "y", 1);
    let tree = tree(&[("differs", &other), ("same", &large)]);
    let survey = survey(&tree, place.path()).unwrap();
    let states: Vec<&FileState> = survey.files().map(|(_, state)| state).collect();
    let old = FileState::Differs(OldFile { contents: None, executable: false });
    assert_eq!(states, [&old, &FileState::Unchanged]);
}

#[test]
fn destinations_are_told_apart() {
    let place = tempfile::tempdir().unwrap();
    let tree = tree(&[("x", "")]);
    let destination = |path: &Path| survey(&tree, path).unwrap().destination();
    assert_eq!(destination(&place.path().join("none/out")), Destination::Absent);
    assert_eq!(destination(place.path()), Destination::Empty);
    fs::create_dir(place.path().join(METADATA)).unwrap();
    assert_eq!(destination(place.path()), Destination::Empty);
    fs::write(place.path().join("theirs"), "").unwrap();
    assert_eq!(destination(place.path()), Destination::HasFiles);
}

#[test]
fn a_folder_that_is_being_written_is_not_surveyed() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join(METADATA)).unwrap();
    fs::write(place.path().join(METADATA).join(JOURNAL), "").unwrap();
    assert_eq!(survey(&tree(&[("x", "")]), place.path()).unwrap_err().kind(), ErrorKind::Conflict);
}
