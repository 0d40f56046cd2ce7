//! Tests of [`Previous`].

use std::fs;

use super::super::layout::METADATA;
use super::*;

/// Plants a receipt and reads it.
fn read(receipt: &[u8]) -> Previous {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join(METADATA)).unwrap();
    fs::write(place.path().join(RECEIPT_PATH), receipt).unwrap();
    Previous::read(&Folder::open_path(place.path()).unwrap(), &["ours"]).unwrap()
}

impl Previous {
    /// The other pack that a file came from.
    fn pack_of(&self, path: &OutputPath) -> Option<&str> {
        self.of_others(path)?.pack.as_ref().map(PackName::as_str)
    }
}

fn receipt(pack: &str, files: &str, left: &str) -> Vec<u8> {
    receipt_of(pack, files, left, "")
}

fn receipt_of(pack: &str, files: &str, left: &str, others: &str) -> Vec<u8> {
    let lists = format!(r#""files":[{files}],"format":1,"left":[{left}],"others":[{others}]"#);
    format!(r#"{{{lists},"pack":{{"name":"{pack}","version":"1.0.0"}},"more":1}}"#).into_bytes()
}

fn name(pack: &str) -> PackName {
    PackName::new(pack).unwrap()
}

fn file_of(path: &str, pack: &str) -> String {
    file(path).replacen('{', &format!(r#"{{"pack":"{pack}","#), 1)
}

fn file(path: &str) -> String {
    let digest = Digest::of(path.as_bytes());
    format!(r#"{{"bytes":1,"executable":false,"path":"{path}","sha256":"{digest}","variables":["", {{}}]}}"#)
}

#[test]
fn files_and_what_was_left_are_known_by_path() {
    let same = read(&receipt("ours", &file("b"), &file("a")));
    assert_eq!(same.files().iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    let other = read(&receipt("theirs", &file("b"), ""));
    let b = OutputPath::new("b").unwrap();
    assert_eq!((other.files().len(), other.get(&b)), (0, None));
    assert_eq!((other.pack_of(&b), other.stranger()), (Some("theirs"), Some(&name("theirs"))));
}

#[test]
fn files_of_several_packs_are_told_apart() {
    let others = |of: &str| receipt_of("theirs", &file("b"), "", &[file_of("a", of), file_of("c", "third")].join(","));
    let read_as_ours = read(&others("ours"));
    assert_eq!(read_as_ours.files().iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["a"]);
    let of = |path: &str| read_as_ours.pack_of(&OutputPath::new(path).unwrap());
    assert_eq!((of("a"), of("b"), of("c"), of("d")), (None, Some("theirs"), Some("third"), None));
    assert_eq!((read_as_ours.stranger(), read(&others("fourth")).stranger()), (None, Some(&name("theirs"))));
}

#[test]
fn a_file_that_was_merged_is_told_with_all_its_packs() {
    let merged = |owners: &[&str]| {
        let owners: Vec<String> = owners.iter().map(|pack| format!(r#"{{"pack":"{pack}"}}"#)).collect();
        let file = file("a").replacen('{', &format!(r#"{{"owners":[{}],"#, owners.join(",")), 1);
        read(&receipt("ours", &file, "")).why_of_others(&OutputPath::new("a").unwrap())
    };
    let said = |owners: &[&str]| merged(owners).unwrap();
    let three =
        "it was merged from the packs `ours`, `third` and `web`, of which `third` and `web` are not generated now";
    assert_eq!(said(&["ours", "web", "third"]), three);
    let two = "it was merged from the packs `ours` and `web`, of which `web` is not generated now";
    assert_eq!(said(&["web", "ours", "ours"]), two);
    assert_eq!(said(&["web", "web"]), "it belongs to the pack `web`");
    assert_eq!((merged(&["ours"]), merged(&["ours", "ours"])), (None, None));
    // A receipt may say anything.
    let many: Vec<String> = (0..1000).map(|number| format!("p{number:03}")).collect();
    let said = said(&many.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(said.len() < 300 && said.contains("`p004` and 995 more, of which `p000`"), "{said}");
}

#[test]
fn what_is_no_receipt_says_nothing() {
    let double = format!("{},{}", file("b"), file("b"));
    let paths = [
        "/etc/passwd",
        "../x",
        "a/../b",
        ".git/config",
        "a/.GIT/config",
        ".packbox/lock",
        ".PackBox/lock",
        "",
        "a\\u0000",
    ];
    let mut hostile: Vec<Vec<u8>> = paths.iter().map(|path| receipt("ours", &file(path), "")).collect();
    hostile.extend(paths.iter().map(|path| receipt("ours", "", &file(path))));
    hostile.push(receipt("ours", &double, ""));
    hostile.push(receipt("ours", &file("b"), &file("b")));
    hostile.push(receipt_of("ours", &file("b"), "", &file_of("b", "theirs")));
    hostile.push(receipt_of("ours", &file("b"), "", &file_of("a", "No Name")));
    hostile.push(receipt_of("ours", &file("b"), "", &file("a")));
    hostile.extend(paths.iter().map(|path| receipt_of("ours", "", "", &file_of(path, "theirs"))));
    hostile.push(receipt("No Name", &file("b"), ""));
    hostile.push(receipt("ours", &file("b"), "").iter().map(|byte| if *byte == b'1' { b'2' } else { *byte }).collect());
    hostile.push(b"".to_vec());
    hostile.push([b"[".repeat(1 << 20), b"{\"a\":".repeat(1 << 20)].concat());
    let many = vec![r#"{"bytes":1,"executable":false,"path":"a"}"#; MAX_FILES + 1].join(",");
    hostile.push(receipt("ours", &many, ""));
    hostile.push([b" ".repeat(usize::try_from(Receipt::MAX_BYTES).unwrap()), receipt("ours", "", "")].concat());
    for receipt in hostile {
        let read = read(&receipt);
        let shown = String::from_utf8_lossy(&receipt[..receipt.len().min(100)]).into_owned();
        assert!(matches!(read, Previous::Unusable), "{shown}");
        assert!(read.files().is_empty());
    }
}
