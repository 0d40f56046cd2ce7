//! Tests of a second run into the same folder.

use std::fs;
use std::path::Path;

use semver::Version;

use super::super::super::tree::{Receipt, ReceiptHeader, Tree};
use super::super::*;
use super::{KEY, kind, names, options, paths, tree};
use crate::error::{ErrorKind, Result};
use crate::pack::OutputPath;

/// The receipt of a tree, as the command line writes it.
fn receipt(tree: &Tree, survey: &Survey<'_>, pack: &str, done: &Committed, prune: bool) -> Vec<u8> {
    let header = ReceiptHeader {
        pack: pack.to_owned(),
        version: Version::new(1, 0, 0),
        pack_digest: None,
        packbox: Version::new(1, 0, 0),
        engines: [].into(),
        packs: Vec::new(),
    };
    let is_ours = |path: &OutputPath| done.written.contains(path) || done.unchanged.contains(path);
    let staying = survey.recorded(done, prune);
    Receipt::of_some(header, tree, is_ours, |path| survey.before(path), staying).to_bytes().unwrap()
}

fn generate(tree: &Tree, out: &Path, on_existing: OnExisting, prune: bool) -> Result<Committed> {
    generate_pack("pack", tree, out, on_existing, prune)
}

fn generate_pack(pack: &str, tree: &Tree, out: &Path, on_existing: OnExisting, prune: bool) -> Result<Committed> {
    let survey = survey_again(tree, out, &[pack])?;
    let receipt = receipt(tree, &survey, pack, &survey.preview(on_existing, prune)?, prune);
    let done = commit(&survey, &CommitOptions { prune, receipt: Some(&receipt), ..options(on_existing) })?;
    assert!(read_receipt(out)?.is_some());
    Ok(done)
}

/// Why a file stays, as the error of a run of a pack says.
fn why(pack: &str, tree: &Tree, out: &Path, path: &str) -> Option<String> {
    let error = survey_again(tree, out, &[pack]).unwrap().preview(OnExisting::Fail, false).unwrap_err();
    let at = |finding: &&crate::diagnostic::Diagnostic| finding.span.as_ref().is_some_and(|span| span.path == path);
    error.body().findings.iter().find(at).map(|finding| finding.message.clone())
}

#[test]
fn what_nobody_touched_is_replaced_whatever_is_said() {
    for on_existing in [OnExisting::Fail, OnExisting::Skip, OnExisting::Overwrite] {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        generate(&tree(&[("a", "1"), ("b", "1"), ("large", &"1".repeat(2_000_000))]), &out, OnExisting::Fail, false)
            .unwrap();
        let second = tree(&[("a", "22"), ("b", "1"), ("large", "2")]);
        let done = generate(&second, &out, on_existing, false).unwrap();
        assert_eq!((paths(&done.written), paths(&done.unchanged)), (vec!["a", "large"], vec!["b"]));
        assert_eq!(fs::read(out.join("a")).unwrap(), b"22");
    }
}

#[test]
fn what_a_person_edited_or_made_is_in_the_way() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    generate(&tree(&[("a", "1"), ("b", "1")]), &out, OnExisting::Fail, false).unwrap();
    fs::write(out.join("a"), "edited").unwrap();
    fs::write(out.join("c"), "made").unwrap();
    // It has the bytes of another file of ours, which says nothing about this one.
    fs::write(out.join("d"), "1").unwrap();
    let second = tree(&[("a", "2"), ("b", "2"), ("c", "2"), ("d", "2")]);
    let error = generate(&second, &out, OnExisting::Fail, true).unwrap_err();
    let told = |path: &str| {
        let at = |finding: &&crate::diagnostic::Diagnostic| finding.span.as_ref().is_some_and(|span| span.path == path);
        error.body().findings.iter().find(at).map(|finding| finding.message.clone())
    };
    assert_eq!(told("a").unwrap(), "the file has been edited since it was generated");
    assert_eq!(told("b"), None);
    assert!(told("c").unwrap().contains("did not generate it") && told("d").is_some());
    assert_eq!(fs::read(out.join("b")).unwrap(), b"1");
    let done = generate(&second, &out, OnExisting::Skip, false).unwrap();
    assert_eq!((paths(&done.written), paths(&done.skipped)), (vec!["b"], vec!["a", "c", "d"]));
}

#[test]
#[cfg(unix)]
fn a_file_that_was_made_executable_was_touched() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    generate(&tree(&[("a", "1")]), &out, OnExisting::Fail, false).unwrap();
    fs::set_permissions(out.join("a"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(kind(generate(&tree(&[("a", "2")]), &out, OnExisting::Fail, false)), Some(ErrorKind::Conflict));
}

#[test]
fn what_was_left_behind_is_named_until_it_is_pruned() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let first = tree(&[
        ("a", "1"),
        ("edited", "1"),
        ("old/deep/x", "1"),
        ("old/y", "1"),
        ("shared/z", "1"),
        ("shared/mine", "1"),
    ]);
    generate(&first, &out, OnExisting::Fail, false).unwrap();
    fs::write(out.join("edited"), "mine").unwrap();
    let second = tree(&[("a", "1"), ("shared/mine", "1")]);
    for _ in 0..2 {
        let survey = survey_again(&second, &out, &["pack"]).unwrap();
        let left: Vec<(&str, bool)> =
            survey.leftovers().iter().map(|left| (left.recorded.path.as_str(), left.is_edited)).collect();
        assert_eq!(left, [("edited", true), ("old/deep/x", false), ("old/y", false), ("shared/z", false)]);
        assert_eq!(paths(&generate(&second, &out, OnExisting::Fail, false).unwrap().removed), Vec::<&str>::new());
    }
    let done = generate(&second, &out, OnExisting::Fail, true).unwrap();
    assert_eq!(paths(&done.removed), ["old/deep/x", "old/y", "shared/z"]);
    assert_eq!(
        (names(&out), names(&out.join("shared"))),
        ([".packbox", "a", "edited", "shared"].map(str::to_owned).into(), ["mine"].map(str::to_owned).into())
    );
    assert_eq!(names(&out.join(".packbox")), ["receipt.json"]);
}

#[test]
fn a_folder_with_something_of_somebody_else_stays() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    generate(&tree(&[("a", "1"), ("old/deep/x", "1")]), &out, OnExisting::Fail, false).unwrap();
    fs::write(out.join("old/mine"), "").unwrap();
    generate(&tree(&[("a", "1")]), &out, OnExisting::Fail, true).unwrap();
    assert_eq!(names(&out.join("old")), ["mine"]);
}

/// Where both spellings are one file, as on a system that ignores case, it stays: a second link has the same effect here.
#[test]
#[cfg(target_os = "linux")]
fn what_is_spelled_otherwise_is_left_behind_unless_it_is_the_same_file() {
    for is_one in [false, true] {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        generate(&tree(&[("Readme", "1"), ("Src/x", "1")]), &out, OnExisting::Fail, false).unwrap();
        if is_one {
            fs::create_dir(out.join("src")).unwrap();
            fs::hard_link(out.join("Readme"), out.join("README")).unwrap();
            fs::hard_link(out.join("Src/x"), out.join("src/X")).unwrap();
        }
        let second = tree(&[("README", "1"), ("src/X", "1")]);
        let survey = survey_again(&second, &out, &["pack"]).unwrap();
        let left: Vec<&str> = survey.leftovers().iter().map(|left| left.recorded.path.as_str()).collect();
        assert_eq!(left, if is_one { vec![] } else { vec!["Readme", "Src/x"] });
        let done = generate(&second, &out, OnExisting::Fail, true).unwrap();
        assert_eq!(paths(&done.removed), left);
        assert_eq!((out.join("Readme").exists(), out.join("Src").exists()), (is_one, is_one));
        assert_eq!(
            (fs::read(out.join("README")).unwrap(), fs::read(out.join("src/X")).unwrap()),
            (vec![b'1'], vec![b'1'])
        );
    }
}

#[test]
fn files_of_another_pack_are_not_ours() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    generate(&tree(&[("a", "1"), ("b", "1")]), &out, OnExisting::Fail, false).unwrap();
    let second = tree(&[("a", "2")]);
    let survey = survey_again(&second, &out, &["other"]).unwrap();
    assert!(survey.leftovers().is_empty());
    let error = survey.preview(OnExisting::Fail, true).unwrap_err();
    assert!(error.body().findings[0].message.contains("belongs to the pack `pack`"), "{:?}", error.body().findings);
    // Whether somebody edited it is known of their files, too.
    let old = OldFile { contents: Some(b"1".to_vec()), executable: false };
    assert_eq!(survey.files().next().unwrap().1, &FileState::OfOthers(old.clone()));
    fs::write(out.join("a"), "edited").unwrap();
    let survey = survey_again(&second, &out, &["other"]).unwrap();
    let edited = OldFile { contents: Some(b"edited".to_vec()), ..old };
    assert_eq!(survey.files().next().unwrap().1, &FileState::Differs(edited));
    let why = why("other", &second, &out, "a").unwrap();
    assert!(why.contains("belongs to the pack `pack`; it has been edited since"), "{why}");
}

#[test]
fn what_was_skipped_is_still_known() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let of = |text: &str| tree(&[("a", text), ("b", text), ("made", text)]);
    generate(&tree(&[("a", "1"), ("b", "1")]), &out, OnExisting::Fail, false).unwrap();
    fs::write(out.join("a"), "edited").unwrap();
    fs::write(out.join("made"), "made").unwrap();
    for text in ["2", "3"] {
        assert_eq!(paths(&generate(&of(text), &out, OnExisting::Skip, false).unwrap().skipped), ["a", "made"]);
    }
    assert_eq!(why("pack", &of("4"), &out, "a").unwrap(), "the file has been edited since it was generated");
    assert!(why("pack", &of("4"), &out, "made").unwrap().contains("did not generate it"));
    // It is named when it is no longer generated, and what nobody ever generated is not.
    let second = tree(&[("b", "3")]);
    let left = |out: &Path| {
        let survey = survey_again(&second, out, &["pack"]).unwrap();
        survey.leftovers().iter().map(|left| (left.recorded.path.to_string(), left.is_edited)).collect::<Vec<_>>()
    };
    assert_eq!(left(&out), [("a".to_owned(), true)]);
    // As it was generated, it is what packbox may replace and remove again.
    fs::write(out.join("a"), "1").unwrap();
    assert_eq!(left(&out), [("a".to_owned(), false)]);
    assert_eq!(paths(&generate(&of("5"), &out, OnExisting::Skip, false).unwrap().written), ["a", "b"]);
}

#[test]
fn what_is_written_only_once_is_still_known() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let once = |text: &str| tree(&[("?a", text)]);
    generate(&once("1"), &out, OnExisting::Fail, false).unwrap();
    fs::write(out.join("a"), "edited").unwrap();
    for text in ["2", "3"] {
        assert_eq!(paths(&generate(&once(text), &out, OnExisting::Fail, false).unwrap().kept), ["a"]);
    }
    assert_eq!(
        why("pack", &tree(&[("a", "4")]), &out, "a").unwrap(),
        "the file has been edited since it was generated"
    );
}

#[test]
fn two_packs_in_one_folder_keep_their_files() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let one = |text: &str| tree(&[("a", text), ("deep/b", text), ("shared", "same")]);
    let two = |text: &str| tree(&[("c", text), ("shared", "same")]);
    let of = |pack: &str, tree: &Tree, prune: bool| generate_pack(pack, tree, &out, OnExisting::Fail, prune);
    of("one", &one("1"), false).unwrap();
    for text in ["2", "3"] {
        assert_eq!(paths(&of("two", &two(text), true).unwrap().written), ["c"]);
        assert_eq!(paths(&of("one", &one(text), true).unwrap().written), ["a", "deep/b"]);
    }
    // A file that both make is never removed, and belongs to the one that was there last.
    let only = |path: &str| tree(&[(path, "4")]);
    assert_eq!(
        why("two", &only("a"), &out, "a").unwrap(),
        "the file exists with other contents: it belongs to the pack `one`"
    );
    assert!(why("two", &only("shared"), &out, "shared").unwrap().contains("belongs to the pack `one`"));
    assert_eq!(paths(&of("two", &tree(&[]), true).unwrap().removed), ["c"]);
    assert_eq!(paths(&of("one", &tree(&[("x", "")]), true).unwrap().removed), ["a", "deep/b"]);
    assert!(out.join("shared").exists());
    // What is gone is forgotten.
    fs::remove_file(out.join("x")).unwrap();
    of("two", &tree(&[]), false).unwrap();
    fs::write(out.join("x"), "mine").unwrap();
    assert!(why("two", &only("x"), &out, "x").unwrap().contains("did not generate it"));
}

/// What a stranger's repository may bring: a receipt that names what is not packbox's.
#[test]
#[cfg(unix)]
fn a_forged_receipt_reaches_nothing_but_files_that_equal_it() {
    use std::os::unix::fs::symlink;
    let (place, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let out = place.path().join("out");
    let first = tree(&[
        ("folder", "1"),
        ("link", "1"),
        ("link-to-folder/x", "1"),
        ("same", "1"),
        ("other", "1"),
        ("target/x", "1"),
    ]);
    generate(&first, &out, OnExisting::Fail, false).unwrap();
    fs::write(outside.path().join("x"), "1").unwrap();
    for path in ["folder", "link"] {
        fs::remove_file(out.join(path)).unwrap();
    }
    fs::create_dir(out.join("folder")).unwrap();
    fs::remove_dir_all(out.join("link-to-folder")).unwrap();
    symlink(outside.path().join("x"), out.join("link")).unwrap();
    symlink(outside.path(), out.join("link-to-folder")).unwrap();
    fs::write(out.join("other"), "2").unwrap();
    let done = generate(&tree(&[("new", "")]), &out, OnExisting::Overwrite, true).unwrap();
    assert_eq!(paths(&done.removed), ["same", "target/x"]);
    assert_eq!(fs::read(outside.path().join("x")).unwrap(), b"1");
    assert_eq!(names(&out), [".packbox", "folder", "link", "link-to-folder", "new", "other"]);
}

/// Paths and contents.
type Files<'a> = &'a [(&'a str, &'a str)];

/// What is at `a` in the first run, and in the second.
const OTHER_KINDS: [(Files<'_>, Files<'_>); 4] = [
    (&[("a", "1")], &[("a/b", "2"), ("a/c/d", "2")]),
    (&[("a/b", "1")], &[("a", "2")]),
    (&[("a/b", "1"), ("a/c/d", "1"), ("a/c/e", "1"), ("x", "1")], &[("!a", "2"), ("x", "2")]),
    (&[("x/a", "1"), ("x/b/c", "1")], &[("x/a/y/z", "2"), ("x/b", "2")]),
];

#[test]
fn a_file_becomes_a_folder_and_the_other_way_round() {
    for (first, second) in OTHER_KINDS {
        for on_existing in [OnExisting::Fail, OnExisting::Skip, OnExisting::Overwrite] {
            let place = tempfile::tempdir().unwrap();
            let out = place.path().join("out");
            generate(&tree(first), &out, OnExisting::Fail, false).unwrap();
            let done = generate(&tree(second), &out, on_existing, false).unwrap();
            let is_gone = |path: &&str| second.iter().all(|(file, _)| file.trim_start_matches('!') != *path);
            assert_eq!(paths(&done.removed), first.iter().map(|(path, _)| *path).filter(is_gone).collect::<Vec<_>>());
            for (path, contents) in second {
                assert_eq!(fs::read_to_string(out.join(path.trim_start_matches('!'))).unwrap(), *contents);
            }
            assert_eq!(names(&out.join(".packbox")), ["receipt.json"]);
            let again = tree(second);
            assert!(survey_again(&again, &out, &["pack"]).unwrap().leftovers().is_empty());
        }
    }
}

#[test]
fn what_a_person_edited_or_made_makes_no_way() {
    let nothing: super::Plant = &|_| {};
    let edited: super::Plant = &|out| fs::write(out.join("a/b"), "edited").unwrap();
    let made: super::Plant = &|out| fs::write(out.join("a/c/mine"), "").unwrap();
    let made_folder: super::Plant = &|out| fs::create_dir(out.join("a/mine")).unwrap();
    let replaced: super::Plant = &|out| {
        fs::remove_file(out.join("a/b")).unwrap();
        fs::create_dir(out.join("a/b")).unwrap();
    };
    let file_edited: super::Plant = &|out| fs::write(out.join("a"), "edited").unwrap();
    let folder: Files<'_> = &[("a/b", "1"), ("a/c/d", "1")];
    let cases: [(Files<'_>, super::Plant, &str, Files<'_>); 6] = [
        (folder, edited, "pack", &[("a/b", "it has been edited since it was generated")]),
        (folder, made, "pack", &[("a/c/mine", "packbox did not generate it")]),
        (folder, made_folder, "pack", &[("a/mine", "packbox did not generate it")]),
        (folder, replaced, "pack", &[("a/b", "it has been edited since it was generated")]),
        (&[("a", "1")], file_edited, "pack", &[("a", "it has been edited since it was generated")]),
        (&[("a", "1")], nothing, "other", &[("a", "it belongs to the pack `pack`")]),
    ];
    for (first, change, pack, expected) in cases {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        generate(&tree(first), &out, OnExisting::Fail, false).unwrap();
        change(&out);
        let place_of_it = out.join(if first.len() > 1 { "a" } else { "" });
        let before = names(&place_of_it);
        let second = tree(if first.len() > 1 { &[("a", "2")] } else { &[("a/b", "2")] });
        let error = survey_again(&second, &out, &[pack]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        let told: Vec<(&str, &str)> = error
            .body()
            .findings
            .iter()
            .map(|finding| (&*finding.span.as_ref().unwrap().path, &*finding.message))
            .collect();
        assert_eq!(told, expected);
        assert_eq!(names(&place_of_it), before);
    }
}

#[test]
fn what_was_found_or_is_not_in_the_receipt_makes_no_way() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("a"), "1").unwrap();
    fs::create_dir(out.join("folder")).unwrap();
    generate(&tree(&[("a", "1"), ("b", "1")]), &out, OnExisting::Fail, false).unwrap();
    for (second, found) in [(tree(&[("a/b", "2")]), 1), (tree(&[("folder", "2")]), 0)] {
        let error = survey_again(&second, &out, &["pack"]).unwrap_err();
        assert_eq!((error.kind(), error.body().findings.len()), (ErrorKind::Conflict, found));
    }
}

#[test]
fn what_changes_before_it_makes_way_stays() {
    let changes: [(Files<'_>, Files<'_>, super::Plant); 3] = [
        (&[("a", "1"), ("z", "1")], &[("a/b", "2"), ("z", "2")], &|out| fs::write(out.join("a"), "edited").unwrap()),
        (&[("a/b", "1"), ("z", "1")], &[("a", "2"), ("z", "2")], &|out| fs::write(out.join("a/b"), "edited").unwrap()),
        (&[("a/b", "1"), ("z", "1")], &[("a", "2"), ("z", "2")], &|out| fs::write(out.join("a/mine"), "").unwrap()),
    ];
    for (first, second, change) in changes {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        generate(&tree(first), &out, OnExisting::Fail, false).unwrap();
        let second = tree(second);
        let survey = survey_again(&second, &out, &["pack"]).unwrap();
        change(&out);
        let looks = || (names(&out), out.join("a").is_dir().then(|| names(&out.join("a"))));
        let before = looks();
        assert_eq!(kind(commit(&survey, &options(OnExisting::Fail))), Some(ErrorKind::Conflict));
        assert_eq!((looks(), fs::read(out.join("z")).unwrap()), (before, b"1".to_vec()));
        recover(&out, &KEY, &NoObserver).unwrap();
        assert_eq!(names(&out.join(".packbox")), ["receipt.json"]);
    }
}

#[test]
fn what_changes_between_survey_and_pruning_is_not_removed() {
    let changes: [(&str, super::Plant); 3] = [
        ("edited", &|out| fs::write(out.join("old/x"), "edited").unwrap()),
        ("gone", &|out| fs::remove_file(out.join("old/x")).unwrap()),
        ("joined", &|out| fs::write(out.join("old/mine"), "").unwrap()),
    ];
    for (what, change) in changes {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        generate(&tree(&[("a", "1"), ("old/x", "1")]), &out, OnExisting::Fail, false).unwrap();
        let second = tree(&[("a", "2")]);
        let survey = survey_again(&second, &out, &["pack"]).unwrap();
        change(&out);
        let before = names(&out.join("old"));
        let options = CommitOptions { prune: true, receipt: None, ..options(OnExisting::Fail) };
        assert_eq!(kind(commit(&survey, &options)), Some(ErrorKind::Conflict), "{what}");
        assert_eq!((names(&out.join("old")), fs::read(out.join("a")).unwrap()), (before, b"1".to_vec()), "{what}");
        recover(&out, &KEY, &NoObserver).unwrap();
        assert_eq!(names(&out.join(".packbox")), ["receipt.json"]);
    }
}

#[test]
fn what_was_there_before_is_never_removed() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("LICENSE"), "the same bytes").unwrap();
    let first = tree(&[("LICENSE", "the same bytes"), ("a", "1"), ("b", "1")]);
    let done = generate(&first, &out, OnExisting::Fail, false).unwrap();
    assert_eq!(paths(&done.unchanged), ["LICENSE"]);
    // The second run finds it in the receipt, and knows still whose it is.
    for tree in [&first, &tree(&[("a", "1")])] {
        let done = generate(tree, &out, OnExisting::Fail, true).unwrap();
        assert_eq!(paths(&done.removed), if tree.files().len() > 1 { vec![] } else { vec!["b"] });
    }
    assert_eq!(fs::read(out.join("LICENSE")).unwrap(), b"the same bytes");
}
