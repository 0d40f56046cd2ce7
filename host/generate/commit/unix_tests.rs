//! Tests of a commit on systems with links, permission bits and directory handles.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::super::folder::Folder;
use super::super::layout::sibling_name;
use super::*;

/// Moves a name to another one.
type Move = fn(&Folder, &str, &str) -> std::io::Result<()>;

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn permissions_follow_the_umask_and_the_replaced_file() {
    let place = tempfile::tempdir().unwrap();
    // What this process's umask makes of a new file and a new folder.
    fs::write(place.path().join("file"), "").unwrap();
    fs::create_dir(place.path().join("folder")).unwrap();
    let (file, folder) = (mode(&place.path().join("file")), mode(&place.path().join("folder")));
    let tree = tree(&[("!run", "1"), ("plain", "2"), ("d/x", "3")]);
    let out = place.path().join("out");
    write(&tree, &out, OnExisting::Fail).unwrap();
    assert_eq!((mode(&out), mode(&out.join("d")), mode(&out.join(".packbox"))), (folder, folder, folder));
    assert_eq!((mode(&out.join("run")), mode(&out.join("plain"))), (folder, file));

    fs::set_permissions(out.join("run"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::set_permissions(out.join("plain"), fs::Permissions::from_mode(0o711)).unwrap();
    let survey = survey(&tree, &out).unwrap();
    let shown = diff(&survey, OnExisting::Fail, false, &|lines, _| lines);
    assert!(shown.contains("diff --git a/run b/run\nold mode 100644\nnew mode 100755\n"), "{shown}");
    assert_eq!(paths(&commit(&survey, &options(OnExisting::Overwrite)).unwrap().written), ["plain", "run"]);
    assert_eq!((mode(&out.join("run")), mode(&out.join("plain"))), (0o750, 0o600));
}

#[test]
fn unchanged_files_are_not_rewritten_and_an_empty_folder_stays_the_same_folder() {
    let place = tempfile::tempdir().unwrap();
    let inode = |path: &Path| fs::metadata(path).unwrap().ino();
    let folder_inode = inode(place.path());
    write(&tree(&[("a", "1"), ("b", "1")]), place.path(), OnExisting::Fail).unwrap();
    let file_inode = inode(&place.path().join("a"));
    write(&tree(&[("a", "1"), ("b", "2")]), place.path(), OnExisting::Overwrite).unwrap();
    assert_eq!((inode(place.path()), inode(&place.path().join("a"))), (folder_inode, file_inode));
}

#[test]
fn links_and_special_files_in_the_way_are_refused() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("x"), "outside").unwrap();
    let tree = tree(&[("a/b/x", "1"), ("a/c", "2"), ("z", "3")]);
    let cases: [(&str, Plant); 5] = [
        ("a link to a folder", &|out| symlink(outside.path(), out.join("a")).unwrap()),
        ("a link further down", &|out| {
            fs::create_dir(out.join("a")).unwrap();
            symlink(outside.path(), out.join("a/b")).unwrap();
        }),
        ("a link to a file", &|out| symlink(outside.path().join("x"), out.join("z")).unwrap()),
        ("a link to nothing", &|out| symlink("nowhere", out.join("z")).unwrap()),
        ("a pipe", &|out| {
            assert!(std::process::Command::new("mkfifo").arg(out.join("z")).status().unwrap().success());
        }),
    ];
    for (what, plant) in cases {
        let place = tempfile::tempdir().unwrap();
        plant(place.path());
        let before = names(place.path());
        let error = survey(&tree, place.path()).unwrap_err();
        assert_eq!((error.kind(), error.exit_code()), (ErrorKind::OutsidePath, 4), "{what}");
        assert_eq!(names(place.path()), before, "{what}");
    }
    assert_eq!(fs::read(outside.path().join("x")).unwrap(), b"outside");

    let place = tempfile::tempdir().unwrap();
    symlink(outside.path(), place.path().join("out")).unwrap();
    assert_eq!(kind(write(&tree, &place.path().join("out"), OnExisting::Overwrite)), Some(ErrorKind::OutsidePath));
    symlink(outside.path().join("none"), place.path().join("dangling")).unwrap();
    assert_eq!(kind(write(&tree, &place.path().join("dangling"), OnExisting::Overwrite)), Some(ErrorKind::OutsidePath));
    assert_eq!(names(outside.path()), ["x"]);
}

#[test]
fn all_that_is_in_the_way_is_named() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("a"), "").unwrap();
    fs::create_dir(place.path().join("x")).unwrap();
    let tree = tree(&[("a/1", ""), ("a/2", ""), ("b", ""), ("x", "")]);
    let error = survey(&tree, place.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let named: Vec<&str> = error.body().findings.iter().map(|finding| &*finding.span.as_ref().unwrap().path).collect();
    assert_eq!(named, ["a", "x"]);
    symlink("x", place.path().join("b")).unwrap();
    let error = survey(&tree, place.path()).unwrap_err();
    assert_eq!((error.kind(), error.body().findings.len()), (ErrorKind::OutsidePath, 3));
}

#[test]
fn a_packbox_folder_that_is_none_is_refused() {
    let outside = tempfile::tempdir().unwrap();
    let tree = tree(&[("x", "1")]);
    let cases: [(Plant, ErrorKind); 6] = [
        (&|out| symlink(outside.path(), out.join(".packbox")).unwrap(), ErrorKind::OutsidePath),
        (&|out| fs::write(out.join(".packbox"), "").unwrap(), ErrorKind::Refused),
        (&|out| plant(out, "receipt.json", outside.path()), ErrorKind::OutsidePath),
        (&|out| plant(out, "lock", outside.path()), ErrorKind::OutsidePath),
        (&|out| plant(out, "journal.json", outside.path()), ErrorKind::OutsidePath),
        (&|out| fs::create_dir_all(out.join(".packbox/journal.json")).unwrap(), ErrorKind::Refused),
    ];
    for (index, (plant, expected)) in cases.into_iter().enumerate() {
        let place = tempfile::tempdir().unwrap();
        plant(place.path());
        let found = write(&tree, place.path(), OnExisting::Overwrite).unwrap_err();
        assert_eq!((found.kind(), found.exit_code()), (expected, 4), "{index}: {found}");
        assert_eq!(names(place.path()), [".packbox"], "{index}");
    }
    assert_eq!(names(outside.path()).len(), 0);
}

fn plant(out: &Path, name: &str, target: &Path) {
    fs::create_dir(out.join(".packbox")).unwrap();
    symlink(target.join("made"), out.join(".packbox").join(name)).unwrap();
}

#[test]
fn forged_leftovers_are_not_followed_and_old_versions_stay() {
    let (place, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir(outside.path().join("new-0")).unwrap();
    fs::write(outside.path().join("old-1"), "").unwrap();
    let metadata = place.path().join(".packbox");
    let stage = metadata.join("stage-0123456789abcdef");
    fs::create_dir_all(&stage).unwrap();
    symlink(outside.path(), metadata.join("stage-fedcba9876543210")).unwrap();
    fs::create_dir(metadata.join("stage-other")).unwrap();
    fs::write(metadata.join("stage-other/new-0"), "").unwrap();
    fs::write(stage.join("new-0"), "garbage").unwrap();
    symlink(outside.path(), stage.join("new-1")).unwrap();
    fs::create_dir_all(stage.join("new-2/full")).unwrap();
    fs::write(stage.join("old-3"), "somebody's only copy").unwrap();
    fs::write(stage.join("committed.json"), "{\"mac\":\"00\",\"journal\":\"\"}").unwrap();
    fs::write(stage.join("mine"), "").unwrap();
    recover(place.path(), &KEY, &NoObserver).unwrap();
    assert_eq!(names(&stage), ["committed.json", "mine", "new-2", "old-3"]);
    assert_eq!(names(&metadata), ["stage-0123456789abcdef", "stage-fedcba9876543210", "stage-other"]);
    assert_eq!(names(outside.path()), ["new-0", "old-1"]);
    assert_eq!(names(&metadata.join("stage-other")), ["new-0"]);
}

#[test]
fn stages_of_dead_runs_beside_the_output_folder_are_removed() {
    let (place, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(outside.path().join("x"), "").unwrap();
    let out = place.path().join("out");
    let dead = place.path().join(".out.packbox-0123456789abcdef");
    fs::create_dir_all(dead.join("a/b/c")).unwrap();
    fs::write(dead.join("a/b/x"), "").unwrap();
    symlink(outside.path(), dead.join("a/link")).unwrap();
    symlink(outside.path(), place.path().join(".out.packbox-1123456789abcdef")).unwrap();
    for name in [".out.packbox-0123456789abcde", ".other.packbox-0123456789abcdef", ".out.packbox-0123456789ABCDEF"] {
        fs::create_dir(place.path().join(name)).unwrap();
    }
    // A run that lives.
    let parent = Folder::open_path(place.path()).unwrap();
    let living = sibling_name("out".as_ref()).unwrap();
    parent.create(&living, true).unwrap();
    let handle = parent.open(&living).unwrap();
    assert_eq!(handle.try_lock(), super::super::folder::LockState::Taken);

    let recovered = recover(&out, &KEY, &NoObserver).unwrap();
    assert_eq!(recovered, Recovered { rolled_back: false, stages_removed: 1 });
    assert!(!dead.exists());
    assert_eq!(names(place.path()).len(), 5);
    assert_eq!(names(outside.path()), ["x"]);
    drop(handle);
    assert_eq!(recover(&out, &KEY, &NoObserver).unwrap().stages_removed, 1);
}

#[test]
fn a_run_that_waits_in_vain_for_another_one_says_so() {
    let place = tempfile::tempdir().unwrap();
    let tree = tree(&[("x", "1")]);
    let survey = survey(&tree, place.path()).unwrap();
    fs::create_dir(place.path().join(".packbox")).unwrap();
    let lock = fs::File::create(place.path().join(".packbox/lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(kind(commit(&survey, &options(OnExisting::Fail))), Some(ErrorKind::Conflict));
    // The leftovers of a run that lives are its own.
    fs::create_dir(place.path().join(".packbox/stage-0123456789abcdef")).unwrap();
    assert_eq!(recover(place.path(), &KEY, &NoObserver).unwrap(), Recovered::default());
    drop(lock);
    assert_eq!(recover(place.path(), &KEY, &NoObserver).unwrap().stages_removed, 1);
    assert_eq!(names(place.path()).len(), 0);
    commit(&survey, &options(OnExisting::Fail)).unwrap();
}

#[test]
fn folders_that_cannot_be_written_leave_nothing_behind() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::create_dir(out.join("d")).unwrap();
    fs::set_permissions(out.join("d"), fs::Permissions::from_mode(0o555)).unwrap();
    let tree = tree(&[("a", "1"), ("d/x", "2")]);
    let outcome = write(&tree, &out, OnExisting::Overwrite);
    // The superuser may write everywhere.
    if let Err(error) = outcome {
        assert_eq!(error.kind(), ErrorKind::Io);
        assert_eq!(names(&out), ["d"]);
    }
}

#[test]
fn names_are_single_components() {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open_path(place.path()).unwrap();
    for name in ["", ".", "..", "a/b", "/", "../x"] {
        assert!(folder.create(name, false).is_err() && folder.open(name).is_err() && folder.status(name).is_err());
        assert!(folder.create_file(name, false).is_err() && folder.remove_file(name).is_err());
    }
}

#[test]
fn moves_never_replace_with_and_without_the_kernels_help() {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open_path(place.path()).unwrap();
    let moves: [Move; 2] = [
        |folder, from, to| folder.move_new(from, folder, to),
        |folder, from, to| folder.move_new_in_two_steps(from.as_ref(), folder, to.as_ref()),
    ];
    for move_new in moves {
        fs::write(place.path().join("a"), "a").unwrap();
        fs::write(place.path().join("b"), "b").unwrap();
        fs::create_dir(place.path().join("d")).unwrap();
        symlink("nowhere", place.path().join("l")).unwrap();
        for (from, to) in [("a", "b"), ("a", "d"), ("a", "l"), ("d", "b"), ("l", "a")] {
            let error = move_new(&folder, from, to).unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists, "{from} {to}");
        }
        for from in ["a", "d", "l"] {
            let before = folder.status(from).unwrap().unwrap();
            move_new(&folder, from, "moved").unwrap();
            assert_eq!(folder.status("moved").unwrap().unwrap().identity, before.identity);
            assert!(folder.status(from).unwrap().is_none());
            move_new(&folder, "moved", from).unwrap();
        }
        assert_eq!(names(place.path()), ["a", "b", "d", "l"]);
        fs::remove_dir(place.path().join("d")).unwrap();
        fs::remove_file(place.path().join("l")).unwrap();
    }
}

/// Where the kernel cannot rename without replacing, a move is two links and one removal; a run may be killed in
/// between.
#[test]
fn a_move_that_was_killed_between_its_two_steps_is_undone() {
    for (killed_at, file) in [(StepName::SetAside, "old"), (StepName::PlaceFile, "old"), (StepName::PlaceFile, "new")] {
        let place = tempfile::tempdir().unwrap();
        let out = place.path();
        fs::write(out.join("old"), "old").unwrap();
        let tree = tree(&[("new", "new"), ("old", "new old")]);
        let survey = survey(&tree, out).unwrap();
        let observer = |step: Step<'_>| {
            if (step.name, step.subject, step.moment) == (killed_at, file, Moment::Before) {
                let stage = fs::read_dir(out.join(".packbox")).unwrap().map(|entry| entry.unwrap().path());
                let stage = stage.into_iter().find(|path| path.is_dir()).unwrap();
                let number = usize::from(file == "old");
                let (from, to) = match killed_at {
                    StepName::SetAside => (out.join(file), stage.join(format!("old-{number}"))),
                    _ => (stage.join(format!("new-{number}")), out.join(file)),
                };
                fs::hard_link(from, to).unwrap();
                panic!("killed");
            }
        };
        let run = || commit(&survey, &CommitOptions { observer: &observer, ..options(OnExisting::Overwrite) });
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err());
        assert!(recover(out, &KEY, &NoObserver).unwrap().rolled_back);
        assert_eq!(names(out), ["old"]);
        assert_eq!(fs::read(out.join("old")).unwrap(), b"old");
    }
}
