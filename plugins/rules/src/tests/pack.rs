//! Packs for tests: from a case of a rule's page, or from a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::source::extension;

/// A file of a pack.
pub struct PackFile {
    pub contents: Vec<u8>,
    pub executable: bool,
}

/// A pack's files by their paths.
pub type Pack = BTreeMap<String, PackFile>;

const STANDARD: &str = r#"[pack]
name = "case"
version = "1.0.0"
title = "A case"
description = "A pack for a test"
license = "MIT"
category = "test"
authors = ["Ada Example"]
keywords = ["test"]
packbox = ">=0.1, <0.2"

"#;

/// Lists the cases of a page below a heading.
pub fn cases(page: &str, heading: &str) -> Vec<String> {
    let Some((_, section)) = page.split_once(&format!("\n## {heading}\n")) else { return Vec::new() };
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("\n```pack\n").skip(1);
    blocks.map(|block| block.split_once("\n```\n").expect("a closed block").0.to_owned() + "\n").collect()
}

/// Reads a case.
pub fn parse(case: &str) -> Pack {
    let mut parts = vec![("pack.toml", String::new())];
    for line in case.split_inclusive('\n') {
        match line.strip_prefix("==> ") {
            Some(header) => parts.push((header.trim_end(), String::new())),
            None => parts.last_mut().unwrap().1.push_str(line),
        }
    }
    if !parts[0].1.contains("[pack]") {
        parts[0].1.insert_str(0, STANDARD);
    }
    parts.into_iter().map(|(header, body)| file(header, &body)).collect()
}

fn file(header: &str, body: &str) -> (String, PackFile) {
    let (path, options) = match header.strip_suffix(')').and_then(|header| header.rsplit_once(" (")) {
        Some((path, options)) => (path, options),
        None => (header, ""),
    };
    let mut file = PackFile { contents: body.as_bytes().to_vec(), executable: false };
    for option in options.split(", ").filter(|option| !option.is_empty()) {
        match option.split_once(' ').unwrap_or((option, "")) {
            ("escaped", "") => file.contents = unescaped(body),
            ("executable", "") => file.executable = true,
            ("no", "newline") => assert_eq!(file.contents.pop(), Some(b'\n')),
            ("repeat", count) => file.contents = file.contents.repeat(count.parse().unwrap()),
            _ => panic!("unknown option {option}"),
        }
    }
    (path.to_owned(), file)
}

/// Decodes `\u{202e}`, `\x1b`, `\r` and `\\`.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend(before.bytes());
        let (kind, after) = after.split_at(1);
        rest = after;
        match kind {
            "r" => bytes.push(b'\r'),
            "\\" => bytes.push(b'\\'),
            "x" => {
                bytes.push(u8::from_str_radix(&after[..2], 16).unwrap());
                rest = &after[2..];
            }
            "u" => {
                let (number, after) = after.strip_prefix('{').unwrap().split_once('}').unwrap();
                let character = char::from_u32(u32::from_str_radix(number, 16).unwrap()).unwrap();
                bytes.extend(character.to_string().bytes());
                rest = after;
            }
            _ => panic!("unknown escape {kind}"),
        }
    }
    bytes.extend(rest.bytes());
    bytes
}

/// Reads a folder.
pub fn read(root: &Path) -> Pack {
    let mut pack = Pack::new();
    read_below(root, "", &mut pack);
    pack
}

fn read_below(folder: &Path, prefix: &str, pack: &mut Pack) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{prefix}{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            read_below(&entry.path(), &format!("{path}/"), pack);
        } else {
            // Only a script is executable in the examples.
            let executable = extension(&path) == "sh";
            pack.insert(path, PackFile { contents: fs::read(entry.path()).unwrap(), executable });
        }
    }
}
