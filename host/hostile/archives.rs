//! Archives that mean harm to whoever unpacks them.

use std::path::Path;

use super::case::{Case, MANIFEST, write};
use super::{tar, zstd};

/// What makes the inside of an archive.
type Inside = fn(&mut Vec<u8>);

/// What an archive that is not what it says is refused as.
const INTEGRITY: &[&str] = &["integrity"];

pub(super) fn cases() -> Vec<Case> {
    let entries: [(&str, &str, Inside); 17] = [
        ("symbolic-link", "has a symbolic link to `/etc/passwd`", |archive| {
            tar::entry(archive, tar::Entry(b"templates/a.jinja", b'2', b"/etc/passwd"), b"", None);
        }),
        ("hard-link", "has a hard link to a file outside", |archive| {
            tar::entry(archive, tar::Entry(b"templates/a.jinja", b'1', b"../../etc/passwd"), b"", None);
        }),
        ("character-device", "has a character device", |archive| {
            tar::entry(archive, tar::Entry(b"templates/zero", b'3', b""), b"", None);
        }),
        ("block-device", "has a block device", |archive| {
            tar::entry(archive, tar::Entry(b"disk", b'4', b""), b"", None);
        }),
        ("named-pipe", "has a named pipe, which blocks whoever opens it", |archive| {
            tar::entry(archive, tar::Entry(b"pipe", b'6', b""), b"", None);
        }),
        ("unknown-kind", "has an entry of an unknown kind", |archive| {
            tar::entry(archive, tar::Entry(b"odd", b'Z', b""), b"x", None);
        }),
        ("sparse", "has a sparse file, whose size says nothing", |archive| {
            tar::entry(archive, tar::Entry(b"sparse", b'S', b""), b"x", None);
        }),
        ("dot-dot", "writes to `../outside`", |archive| tar::file(archive, "../outside", b"x")),
        ("dot-dot-within", "hides `..` within a path", |archive| tar::file(archive, "a/../../outside", b"x")),
        ("absolute", "writes to `/tmp/outside`", |archive| tar::file(archive, "/tmp/outside", b"x")),
        ("backslash", "writes to `..\\outside`", |archive| tar::file(archive, "..\\outside", b"x")),
        ("drive", "writes to a drive of another system", |archive| tar::file(archive, "C:\\outside", b"x")),
        ("not-utf8", "has a name that is not text", |archive| {
            tar::entry(archive, tar::Entry(b"a\xff\xfe", tar::FILE, b""), b"x", None);
        }),
        ("control-characters", "has a name with terminal control codes", |archive| {
            tar::file(archive, "a\x1b[2Jb", b"x");
        }),
        ("duplicate", "has the same name twice, with different contents", |archive| {
            tar::file(archive, "a.txt", b"one");
            tar::file(archive, "a.txt", b"two");
        }),
        ("case-clash", "has two names that are the same on other systems", |archive| {
            tar::file(archive, "A.txt", b"one");
            tar::file(archive, "a.txt", b"two");
        }),
        ("file-and-folder", "has a file that is also the folder of another file", |archive| {
            tar::file(archive, "a", b"one");
            tar::file(archive, "a/b", b"two");
        }),
    ];
    let mut cases: Vec<Case> =
        entries.into_iter().map(|(name, attack, inside)| with_entries(name, attack, inside)).collect();
    cases.extend(others());
    cases
}

fn start() -> Vec<u8> {
    let mut archive = Vec::new();
    tar::file(&mut archive, "pack.toml", MANIFEST.as_bytes());
    archive
}

fn archive_case(name: &str, attack: &str, bytes: impl Fn() -> Vec<u8> + Send + Sync + 'static) -> Case {
    Case::validate(format!("archive/{name}"), format!("an archive that {attack}"), move |folder: &Path| {
        write(folder, "hostile.pack", bytes())
    })
    .arguments(["validate", "hostile.pack", "--no-config"])
}

fn with_entries(name: &str, attack: &str, inside: Inside) -> Case {
    let bytes = move || {
        let mut archive = start();
        inside(&mut archive);
        tar::end(&mut archive);
        zstd::frame(&archive)
    };
    archive_case(name, attack, bytes).ends("allowed kinds of entries", &[6], INTEGRITY)
}

fn others() -> Vec<Case> {
    let million = || {
        let mut archive = start();
        for number in 0..1_000_000 {
            tar::entry(&mut archive, tar::Entry(format!("d/{number}").as_bytes(), tar::FILE, b""), b"", None);
        }
        tar::end(&mut archive);
        zstd::frame(&archive)
    };
    let lying = || {
        let mut archive = start();
        tar::entry(&mut archive, tar::Entry(b"a.txt", tar::FILE, b""), b"short", Some(0o77_777_777_777));
        zstd::frame(&archive)
    };
    let long_name = || {
        let mut archive = start();
        tar::entry(&mut archive, tar::Entry(b"././@LongLink", b'L', b""), &vec![b'a'; 50 << 20], None);
        tar::file(&mut archive, "short", b"x");
        tar::end(&mut archive);
        zstd::frame(&archive)
    };
    let bomb_in_file = || {
        let mut archive = start();
        let mut head = Vec::new();
        tar::entry(&mut head, tar::Entry(b"bomb", tar::FILE, b""), b"", Some(4 << 30));
        archive.extend(head);
        zstd::bomb(&archive, 32 << 10)
    };
    let trailing = || {
        let mut archive = start();
        tar::end(&mut archive);
        let mut bytes = zstd::frame(&archive);
        bytes.extend_from_slice(b"and more");
        bytes
    };
    let window = || {
        let mut bytes = zstd::header_with_window(40);
        bytes.extend_from_slice(&[1, 0, 0]);
        bytes
    };
    let checksum = || {
        let mut archive = start();
        archive[148] ^= 1;
        zstd::frame(&archive)
    };
    let truncated = || {
        let mut archive = start();
        tar::end(&mut archive);
        let mut bytes = zstd::frame(&archive);
        bytes.truncate(bytes.len() / 2);
        bytes
    };
    let limits: &[&str] = &["integrity", "manifest", "manifest/limit", "manifest/value", "manifest/entry"];
    vec![
        archive_case("zstd-bomb", "unpacks to 4 GiB of nothing", || zstd::bomb(&start(), 32 << 10)).ends(
            "pack bytes",
            &[1, 6],
            limits,
        ),
        archive_case("bomb-in-file", "has a file of 4 GiB in 130 KB", bomb_in_file).ends("pack bytes", &[1, 6], limits),
        archive_case("million-entries", "has a million entries", million).ends("number of files", &[1, 6], limits),
        archive_case("lying-size", "claims that a file has 8 GiB, and ends there", lying).ends(
            "pack bytes",
            &[1, 6],
            limits,
        ),
        archive_case("long-name", "has a name of 50 MB", long_name).ends("length of names", &[1, 6], limits),
        archive_case("trailing-bytes", "has bytes after its end", trailing).ends("format of archives", &[6], INTEGRITY),
        archive_case("huge-window", "wants a window of 1 TiB to be unpacked", window).ends("window", &[6], INTEGRITY),
        archive_case("checksum", "has a header whose checksum is wrong", checksum).ends("checksum", &[6], INTEGRITY),
        archive_case("truncated", "ends in the middle", truncated).ends("format of archives", &[6], INTEGRITY),
        archive_case("no-archive", "is not an archive at all", || b"not an archive".to_vec()).ends(
            "format of archives",
            &[6],
            INTEGRITY,
        ),
        archive_case("empty", "is empty", Vec::new).ends("format of archives", &[6], INTEGRITY),
    ]
}
