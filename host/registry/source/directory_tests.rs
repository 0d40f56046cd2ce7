use super::*;
use crate::digest::Digest;
use crate::pack::{Pack, PackLimits};
use crate::progress::Silent;
use crate::registry::release::Metadata;

fn release(name: &str, version: &str, archive: &[u8]) -> Release {
    Release {
        name: name.parse().unwrap(),
        version: version.parse().unwrap(),
        digest: Digest::of(version.as_bytes()),
        archive: Digest::of(archive),
        bytes: archive.len() as u64,
        about: Metadata::default(),
        yanked: false,
        published: 1,
        score: None,
        signatures: Vec::new(),
    }
}

fn registry() -> (tempfile::TempDir, DirectorySource) {
    let folder = tempfile::tempdir().unwrap();
    let source = DirectorySource::create(folder.path()).unwrap();
    (folder, source)
}

#[test]
fn what_was_published_is_read_from_any_place_on() {
    let (_folder, source) = registry();
    let first = release("web", "1.0.0", b"one");
    assert_eq!(source.publish(&Position::default(), &first, b"one").unwrap(), Published::Changed);
    assert_eq!(source.publish(&Position::default(), &first, b"one").unwrap(), Published::Unchanged);
    let (entries, after_first) = source.read(&Position::default()).unwrap();
    assert_eq!(entries.len(), 1);
    let second = release("web", "1.1.0", b"two");
    source.publish(&Position::default(), &second, b"two").unwrap();
    source.yank(&first.name, &first.version, true).unwrap();
    let (entries, end) = source.read(&after_first).unwrap();
    assert_eq!(entries.iter().map(|entry| entry.release.yanked).collect::<Vec<_>>(), [false, true]);
    assert_eq!(source.read(&end).unwrap(), (Vec::new(), end));
    assert_eq!(source.fetch(&first, &Silent).unwrap(), b"one");
}

#[test]
fn a_release_never_changes() {
    let (_folder, source) = registry();
    source.publish(&Position::default(), &release("web", "1.0.0", b"one"), b"one").unwrap();
    let mut other = release("web", "1.0.0", b"two");
    other.digest = Digest::of(b"two");
    assert_eq!(source.publish(&Position::default(), &other, b"two").unwrap_err().kind(), ErrorKind::Conflict);
}

#[test]
fn publishing_reads_on_from_a_place_and_notices_what_others_published_behind_it() {
    let (folder, source) = registry();
    let publish = |after: &Position, version: &str, archive: &[u8]| {
        let mut release = release("web", version, archive);
        release.digest = Digest::of(archive);
        source.publish(after, &release, archive)
    };
    publish(&Position::default(), "1.0.0", b"one").unwrap();
    let (_, after) = source.read(&Position::default()).unwrap();
    // Somebody else was quicker.
    publish(&Position::default(), "1.1.0", b"theirs").unwrap();
    assert_eq!(publish(&after, "1.1.0", b"ours").unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(publish(&after, "1.1.0", b"theirs").unwrap(), Published::Unchanged);
    assert_eq!(publish(&after, "1.2.0", b"ours").unwrap(), Published::Changed);
    assert_eq!(source.read(&Position::default()).unwrap().0.len(), 3);
    // Another log than the one that is remembered is not written to, nor is a damaged one.
    let path = folder.path().join("log.jsonl");
    let log = fs::read(&path).unwrap();
    let first = usize::try_from(after.bytes).unwrap();
    for place in [0, first - 2, first + 20] {
        let mut other = log.clone();
        other[place] ^= 1;
        fs::write(&path, &other).unwrap();
        assert_eq!(publish(&after, "1.3.0", b"ours").unwrap_err().kind(), ErrorKind::Integrity, "byte {place}");
        assert_eq!(fs::read(&path).unwrap(), other);
    }
}

#[test]
fn two_that_publish_at_once_both_do() {
    let (_folder, source) = registry();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let source = &source;
            scope.spawn(move || {
                let mut after = Position::default();
                for number in 0..20 {
                    let release = release("web", &format!("{thread}.{number}.0"), b"x");
                    assert_eq!(source.publish(&after, &release, b"x").unwrap(), Published::Changed);
                    after = source.read(&after).unwrap().1;
                }
            });
        }
    });
    assert_eq!(source.read(&Position::default()).unwrap().0.len(), 80);
}

#[test]
fn a_log_that_was_cut_or_changed_is_refused() {
    let (folder, source) = registry();
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        source.publish(&Position::default(), &release("web", version, b"x"), b"x").unwrap();
    }
    let (entries, end) = source.read(&Position::default()).unwrap();
    assert_eq!(entries.len(), 3);
    let path = folder.path().join("log.jsonl");
    let log = fs::read(&path).unwrap();
    let lines: Vec<&[u8]> = log.split_inclusive(|byte| *byte == b'\n').collect();
    let refused = |log: &[u8], after: &Position| {
        fs::write(&path, log).unwrap();
        assert_eq!(source.read(after).unwrap_err().kind(), ErrorKind::Integrity);
    };
    // Rolled back, and rolled back with something else in its place.
    refused(&lines[..2].concat(), &end);
    let mut other = lines[..2].concat();
    other.extend(lines[1]);
    refused(&other, &end);
    refused(&other, &Position::default());
    // A line in the middle left out, and gone altogether.
    refused(&[lines[0], lines[2]].concat(), &Position::default());
    fs::remove_file(&path).unwrap();
    assert_eq!(source.read(&end).unwrap_err().kind(), ErrorKind::Integrity);
}

#[test]
fn a_line_that_was_written_in_part_is_no_line() {
    let (folder, source) = registry();
    source.publish(&Position::default(), &release("web", "1.0.0", b"x"), b"x").unwrap();
    let path = folder.path().join("log.jsonl");
    let mut log = fs::read(&path).unwrap();
    log.extend(b"{\"previous\":\"00");
    fs::write(&path, &log).unwrap();
    let (entries, end) = source.read(&Position::default()).unwrap();
    assert_eq!(entries.len(), 1);
    source.publish(&Position::default(), &release("web", "1.1.0", b"x"), b"x").unwrap();
    assert_eq!(source.read(&end).unwrap().0.len(), 1);
    assert_eq!(source.read(&Position::default()).unwrap().0.len(), 2);
}

#[test]
fn an_archive_that_is_not_what_was_announced_is_refused() {
    let (folder, source) = registry();
    let pack = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/packs/static-site"));
    let pack = Pack::load(pack, &PackLimits::default()).unwrap();
    let archive = pack.to_archive().unwrap();
    let release = Release::describe(&pack, &archive).unwrap();
    source.publish(&Position::default(), &release, &archive).unwrap();
    assert_eq!(source.fetch(&release, &Silent).unwrap(), archive);
    let path = folder.path().join(format!("packs/{}/{}.pack", release.name, release.version));
    let mut changed = archive.clone();
    *changed.last_mut().unwrap() ^= 1;
    for bytes in [&changed[..], &archive[..archive.len() - 1], &[archive.as_slice(), b"x"].concat()] {
        fs::write(&path, bytes).unwrap();
        assert_eq!(source.fetch(&release, &Silent).unwrap_err().kind(), ErrorKind::Integrity);
    }
    fs::remove_file(&path).unwrap();
    assert_eq!(source.fetch(&release, &Silent).unwrap_err().kind(), ErrorKind::NotFound);
    #[cfg(unix)]
    {
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, &archive).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert_eq!(source.fetch(&release, &Silent).unwrap_err().kind(), ErrorKind::Io);
    }
}
