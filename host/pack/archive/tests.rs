//! What an archive may hold, and what is refused.
#![allow(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use super::samples::{MANIFEST, Tar, compress, of_other_tools, read, wrapped};
use super::*;
use crate::error::ErrorKind;
use crate::pack::ignore::Ignore;
use crate::pack::{FileInfo, PackLimits};

fn names(archive: &Archive, ignore: &str) -> Vec<String> {
    archive.list(Ignore::parse(ignore)).unwrap().into_keys().map(String::from).collect()
}

/// Expects a refusal that mentions a text.
fn refused(tar: Tar, mention: &str) {
    let error = tar.refusal();
    assert_eq!(error.kind(), ErrorKind::Integrity, "{error}");
    assert!(error.to_string().contains(mention), "{error} does not mention {mention}");
    assert!(error.to_string().starts_with("`demo.pack` "), "{error}");
    assert!(error.body().hint.is_some(), "{error}");
}

/// Expects that bytes are found to be damaged, for a reason that mentions a text.
fn damaged(bytes: &[u8], mention: &str) {
    let error = read(bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity, "{error}");
    assert_eq!(error.to_string(), "`demo.pack` is damaged or incomplete");
    let cause = error.body().source.as_ref().unwrap().to_string();
    assert!(cause.contains(mention), "{cause} does not mention {mention}");
}

#[test]
fn files_keep_contents_and_the_owners_bit() {
    let archive = Tar::new()
        .folder("./")
        .folder("a/")
        .file("./a/b.txt", b"four")
        .changed(b'0', b"run.sh", b"#!", |header| header.set_mode(0o6755))
        .changed(b'0', b"others.sh", b"#!", |header| header.set_mode(0o1655))
        .entry(0, b"old", b"x")
        .read()
        .unwrap();
    let files = archive.list(Ignore::default()).unwrap();
    assert_eq!(names(&archive, ""), ["a/b.txt", "old", "others.sh", "pack.toml", "run.sh"]);
    assert_eq!(files["a/b.txt"], FileInfo { bytes: 4, executable: false });
    assert_eq!(files["run.sh"], FileInfo { bytes: 2, executable: true });
    assert!(!files["others.sh"].executable);
    assert_eq!(archive.get("a/b.txt", 4).unwrap(), b"four");
    assert!(archive.get("a/b.txt", 3).is_err() && archive.get("a", 9).is_err() && archive.get("x", 9).is_err());
}

#[test]
fn archives_of_other_tools_are_read() {
    let archive = read(&of_other_tools()).unwrap();
    assert!(archive.get("pack.toml", 10_000).unwrap().starts_with(b"[pack]\n"));
    assert_eq!(names(&archive, "").len(), 14);
    assert!(archive.get("site/icon.png", 10_000).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn what_is_ignored_does_not_belong_to_the_pack() {
    let files = ["a.log", "build/x", "build-x", "keep.log", "src/build/x", ".git/config", "x/.git/y", "target/x", "z"];
    let archive = files.iter().fold(Tar::new(), |tar, path| tar.file(path, b"")).read().unwrap();
    assert_eq!(
        names(&archive, "*.log\n/build/\n!keep.log\n"),
        ["build-x", "keep.log", "pack.toml", "src/build/x", "z"]
    );
}

#[test]
fn long_paths_are_read_in_every_way_that_tools_write_them() {
    let long = format!("{}/{}.txt", "f".repeat(120), "g".repeat(90));
    let mut gnu = tar::Builder::new(Vec::new());
    let mut ustar = tar::Builder::new(Vec::new());
    for (builder, mut header) in [(&mut gnu, tar::Header::new_gnu()), (&mut ustar, tar::Header::new_ustar())] {
        for (path, contents) in [("pack.toml", MANIFEST), (&long, b"x")] {
            header.set_size(contents.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, path, contents).unwrap();
        }
    }
    let pax = Tar::new()
        .extended(b'g', &[("comment", "0123abcd")])
        .extended(b'x', &[("mtime", "1.5"), ("path", &long), ("size", "1"), ("SCHILY.xattr.user.x", "\0")])
        .file("short", b"x");
    for tar in [gnu.into_inner().unwrap(), ustar.into_inner().unwrap(), pax.end()] {
        let archive = read(&compress(&tar)).unwrap();
        assert_eq!(names(&archive, ""), [long.as_str(), "pack.toml"]);
        assert_eq!(archive.get(&long, 1).unwrap(), b"x");
    }
}

#[test]
fn links_devices_and_unknown_kinds_are_refused() {
    for (kind, what) in [
        (b'1', "`x` is a hard link"),
        (b'2', "`x` is a symbolic link"),
        (b'3', "`x` is a device"),
        (b'4', "`x` is a device"),
        (b'6', "`x` is a named pipe"),
        (b'7', "`x` is of a kind"),
        (b'K', "`x` is a symbolic link"),
        (b'S', "`x` is a sparse file"),
        (b'D', "`x` is of a kind"),
        (b'V', "`x` is of a kind"),
        (0xff, "`x` is of a kind"),
    ] {
        refused(Tar::new().entry(kind, b"x", b""), what);
    }
}

#[test]
fn paths_that_lead_elsewhere_are_refused() {
    for (name, why) in [
        (&b"/etc/passwd"[..], "must be relative"),
        (b"../x", "`..`"),
        (b"a/../x", "`..`"),
        (b"a/./x", "`.`"),
        (b"././x", "`.`"),
        (b"./../x", "`..`"),
        (b"a//x", "empty components"),
        (b".//x", "must be relative"),
        (b"a/", "empty components"),
        (b"./", "must not be empty"),
        (b"", "must not be empty"),
        (b"a\\x", "`\\`"),
        (b"a\nx", "control"),
        (b"a\xffx", "not UTF-8"),
    ] {
        refused(Tar::new().entry(b'0', name, b""), why);
        // The other two ways to name an entry.
        if let Ok(text) = std::str::from_utf8(name) {
            refused(Tar::new().extended(b'x', &[("path", text)]).file("fine", b""), why);
        }
        refused(Tar::new().entry(b'L', b"././@LongLink", &[name, b"\0"].concat()).file("fine", b""), why);
    }
    refused(Tar::new().entry(b'L', b"././@LongLink", b"a\0b\0").file("fine", b""), "control");
    refused(Tar::new().extended(b'x', &[("path", "a\0b")]).file("fine", b""), "control");
    let long = "x".repeat(1025);
    refused(Tar::new().extended(b'x', &[("path", &long)]).file("fine", b""), "1,024 bytes");
    for name in [&b"/"[..], b"..", b"a/..", b"./.", b".//", b"/.", b"a//"] {
        refused(Tar::new().entry(b'5', name, b""), "has a path that is not valid");
    }
    refused(Tar::new().file(&"d/".repeat(33), b"").entry(b'0', b"x", b""), "empty components");
    let deep = "d/".repeat(65);
    refused(Tar::new().extended(b'x', &[("path", &(deep.clone() + "x"))]).file("x", b""), "64 folders deep");
    refused(Tar::new().extended(b'x', &[("path", &deep)]).folder("x"), "64 folders deep");
    Tar::new().extended(b'x', &[("path", &(deep[2..].to_owned() + "x"))]).file("x", b"").read().unwrap();
}

#[test]
fn names_that_clash_are_refused() {
    refused(Tar::new().file("pack.toml", b""), "it has `pack.toml` twice");
    refused(Tar::new().file("./pack.toml", b""), "it has `pack.toml` twice");
    refused(Tar::new().file("Pack.toml", b""), "the same file on some systems");
    refused(Tar::new().file("\u{e9}", b"").file("e\u{301}", b""), "the same file on some systems");
    refused(Tar::new().file("a/x", b"").file("A/y", b""), "the same folder on some systems");
    refused(Tar::new().file("a", b"").file("a/x", b""), "`a` is a file and `a` a folder");
    refused(Tar::new().folder("a/").file("a", b""), "`a` is a file and `a` a folder");
}

#[test]
fn headers_that_tools_read_differently_are_refused() {
    refused(Tar::new().changed(b'5', b"a/", b"xx", |_| {}), "a folder with contents");
    refused(Tar::new().changed(b'0', b"a", b"xx", |header| header.as_old_mut().size[0] = 0x80), "octal");
    refused(Tar::new().changed(b'0', b"a", b"xx", |header| header.as_old_mut().size[0] = b'+'), "octal");
    refused(Tar::new().changed(b'0', b"a", b"", |header| header.as_gnu_mut().unwrap().magic = [0; 6]), "GNU");
    refused(Tar::new().extended(b'x', &[("size", "512")]).file("a", b"xx"), "two sizes");
    refused(Tar::new().extended(b'x', &[("GNU.sparse.major", "1")]).file("a", b""), "GNU.sparse.major");
    refused(Tar::new().extended(b'x', &[("linkpath", "/etc")]).file("a", b""), "linkpath");
    refused(Tar::new().extended(b'g', &[("path", "a")]).file("b", b""), "to all entries");
    refused(
        Tar::new().extended(b'x', &[("path", "a")]).extended(b'x', &[("path", "b")]).file("b", b""),
        "two extended",
    );
    refused(Tar::new().entry(b'L', b"l", b"a").entry(b'L', b"l", b"b").file("b", b""), "two long names");
    refused(Tar::new().entry(b'L', b"l", b"a").extended(b'x', &[("path", "b")]).file("b", b""), "a long name and");
    refused(Tar::new().entry(b'x', b"x", b"12 path=a\n").file("b", b""), "malformed");
    for left in [Tar::new().entry(b'L', b"l", b"a"), Tar::new().extended(b'x', &[("path", "a")])] {
        refused(left.clone(), "no entry follows");
        refused(left.extended(b'g', &[]).file("b", b""), "no entry follows");
    }
}

#[test]
fn what_follows_the_end_is_refused() {
    let tar = Tar::new().file("a", b"x").end();
    let sound = compress(&tar);
    read(&sound).unwrap();
    for more in [&b"x"[..], &sound, &[0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]] {
        let error = read(&[&sound, more].concat()).unwrap_err();
        assert!(error.to_string().contains("there is data after its Zstandard frame"), "{error}");
    }
    let hidden = [tar.clone(), Tar::new().end()].concat();
    let error = read(&compress(&hidden)).unwrap_err();
    assert!(error.to_string().contains("there is data after the end of its tar"), "{error}");
    read(&compress(&[&tar[..], &[0; 9 * 1024]].concat())).unwrap();
    damaged(&compress(&[&tar[..], &[0; 9]].concat()), "has no end");
}

#[test]
fn what_is_cut_off_is_refused_wherever_that_is() {
    let tar = Tar::new().file("a", &[b'x'; 700]).end();
    for sound in [compress(&tar), wrapped(&tar)] {
        read(&sound).unwrap();
        for length in 0..sound.len() {
            assert_eq!(read(&sound[..length]).unwrap_err().kind(), ErrorKind::Integrity, "{length}");
        }
    }
    for length in 0..tar.len() {
        assert_eq!(read(&wrapped(&tar[..length])).unwrap_err().kind(), ErrorKind::Integrity, "{length}");
    }
    damaged(&wrapped(&tar[..1024 + 512 + 600]), "ends in the middle of an entry");
    damaged(&wrapped(&tar[..tar.len() - 1024]), "has no end");
    damaged(&wrapped(&tar[..tar.len() - 512]), "has no end");
}

#[test]
fn checksums_are_compared() {
    let mut sound = compress(&Tar::new().end());
    *sound.last_mut().unwrap() ^= 1;
    damaged(&sound, "checksum");
    let mut tar = Tar::new().end();
    tar[0] ^= 1;
    damaged(&compress(&tar), "checksum");
}

#[test]
fn other_files_are_no_archives() {
    for other in [&b""[..], b"x", MANIFEST, b"PK\x03\x04", &Tar::new().end(), &[0x1f, 0x8b, 8], &[0x28, 0xb5, 0x2f]] {
        let error = read(other).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Integrity);
        let what = match other {
            b"PK\x03\x04" => "is a ZIP archive, not a pack",
            [0x1f, ..] => "is an archive compressed with gzip, not a pack",
            _ => "is not a pack archive",
        };
        assert_eq!(error.to_string(), format!("`demo.pack` {what}"));
        assert!(error.body().hint.as_deref().unwrap().contains("`pack.toml`"));
    }
}

#[test]
fn the_manifest_is_at_the_top() {
    let error = read(&compress(&Tar(Vec::new()).file("demo/pack.toml", MANIFEST).end())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity);
    assert!(error.to_string().ends_with("it has no `pack.toml` at its top"), "{error}");
    assert!(error.body().hint.as_deref().unwrap().contains("`tar --directory demo …`"));
    for tar in [Tar(Vec::new()), Tar(Vec::new()).folder("pack.toml/"), Tar(Vec::new()).file("Pack.toml", MANIFEST)] {
        refused(tar, "it has no `pack.toml` at its top");
    }
}

#[cfg(unix)]
mod with_folders {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::*;
    use crate::pack::{Pack, TemplateEngine};

    fn load(path: &Path) -> Pack {
        Pack::load(path, &PackLimits::default()).unwrap_or_else(|error| panic!("{error}: {error:?}"))
    }

    #[test]
    fn a_pack_is_the_same_in_a_folder_and_in_an_archive() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("demo");
        let manifest = [MANIFEST, b"[[templates]]\nsource = \"templates\"\n"].concat();
        for (path, contents) in [
            ("pack.toml", &manifest[..]),
            (".packboxignore", b"*.tmp\n/notes/\n"),
            ("templates/{{ name }}/main.rs.jinja", b"x"),
            ("templates/run.sh", b"#!/bin/sh\n"),
            ("templates/scratch.tmp", b"x"),
            ("partial.jinja", b"y"),
            ("notes/a", b""),
            ("target/a", b""),
            (".git/config", b""),
        ] {
            fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
            fs::write(folder.join(path), contents).unwrap();
        }
        fs::set_permissions(folder.join("templates/run.sh"), fs::Permissions::from_mode(0o744)).unwrap();
        let mut builder = tar::Builder::new(Vec::new());
        builder.append_dir_all(".", &folder).unwrap();
        let file = scratch.path().join("demo.pack");
        fs::write(&file, compress(&builder.into_inner().unwrap())).unwrap();

        let (from_folder, from_file) = (load(&folder), load(&file));
        assert_eq!(from_folder.files, from_file.files);
        assert_eq!(from_file.files.len(), 5);
        assert_eq!(from_folder.digest().unwrap(), from_file.digest().unwrap());
        let bytes = fs::read(&file).unwrap();
        let from_memory = Pack::from_archive("no/such.pack", &bytes, &PackLimits::default()).unwrap();
        assert_eq!(from_memory.digest().unwrap(), from_file.digest().unwrap());
        assert_eq!(*from_memory.manifest_path, *"no/such.pack/pack.toml");
        assert_eq!(from_folder.partials(&TemplateEngine::JINJA), from_file.partials(&TemplateEngine::JINJA));
        assert_eq!(from_folder.templates().unwrap().len(), from_file.templates().unwrap().len());
        for path in from_file.files.keys() {
            assert_eq!(from_folder.read(path).unwrap(), from_file.read(path).unwrap());
            assert_eq!(from_file.path_of(path), format!("{}/{path}", file.display()));
        }
        assert_eq!(from_file.read(&"notes/a".parse().unwrap()).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(*from_file.manifest_path, format!("{}/pack.toml", file.display()));
    }

    #[test]
    fn what_the_user_named_by_mistake_is_explained() {
        let scratch = tempfile::tempdir().unwrap();
        let fails = |name: &str| Pack::load(&scratch.path().join(name), &PackLimits::default()).unwrap_err();
        fs::write(scratch.path().join("pack.toml"), MANIFEST).unwrap();
        fs::write(scratch.path().join("film"), "not an archive").unwrap();
        fs::write(scratch.path().join("cut.pack"), &compress(&Tar::new().end())[..20]).unwrap();
        fs::File::create(scratch.path().join("film")).unwrap().set_len(10 << 30).unwrap();
        // Its folder is meant, which holds too much.
        assert_eq!(fails("pack.toml").kind(), ErrorKind::Manifest);
        assert_eq!(fails("film/x").kind(), ErrorKind::NotFound);
        assert!(fails("film").to_string().ends_with("film` is not a pack archive"));
        assert_eq!(fails("cut.pack").kind(), ErrorKind::Integrity);
        let large = compress(&Tar::new().end());
        let tiny = PackLimits { pack_bytes: 0, ..PackLimits::default() };
        let error = Pack::from_archive("x", &[large.clone(), vec![0; 2 << 20]].concat(), &tiny).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Manifest);
        fs::write(scratch.path().join("large.pack"), large).unwrap();
        fs::OpenOptions::new().write(true).open(scratch.path().join("large.pack")).unwrap().set_len(10 << 30).unwrap();
        let error = fails("large.pack");
        assert_eq!(error.kind(), ErrorKind::Manifest);
        assert!(error.to_string().contains("has a size of 10 GiB, but the limit `pack-bytes` is 100 MB"), "{error}");
    }
}
