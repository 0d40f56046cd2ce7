//! Runs every folder of `tests/cases` and compares what comes out; `BLESS=1` rewrites the expected files.
//!
//! A case is `input/schema.json`, other files in `input` as partials, `options.json` where there are options, and
//! `expected`: the generated files with their notes, or the errors.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use json_schema::{Diagnostic, Place, Severity, SourceFile, inspect, render};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 10);
    cases
}

fn run(case: &Path) -> BTreeMap<String, String> {
    let mut files: Vec<SourceFile> = fs::read_dir(case.join("input"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| SourceFile {
            path: format!("schemas/{}", path.file_name().unwrap().to_str().unwrap()),
            contents: fs::read(path).unwrap(),
        })
        .collect();
    files.sort_by_key(|file| file.path != "schemas/schema.json");
    let options = fs::read(case.join("options.json")).unwrap_or_else(|_| b"{}".to_vec());
    match render(&files[0], &files[1..], &options) {
        Ok(rendered) => {
            let mut written: BTreeMap<_, _> =
                rendered.files.into_iter().map(|file| (file.path, file.contents)).collect();
            if !rendered.notes.is_empty() {
                written.insert("notes.txt".to_owned(), show(&rendered.notes));
            }
            written
        }
        Err(errors) => BTreeMap::from([("errors.txt".to_owned(), show(&errors))]),
    }
}

fn show(diagnostics: &[Diagnostic]) -> String {
    let place =
        |place: &Place| format!("{}:{}:{}-{}:{}", place.path, place.start.0, place.start.1, place.end.0, place.end.1);
    let mut text = String::new();
    for diagnostic in diagnostics {
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        writeln!(text, "{severity}[{}]: {}", diagnostic.rule, diagnostic.message).unwrap();
        if let Some(found) = &diagnostic.place {
            writeln!(text, "  at {}", place(found)).unwrap();
        }
        for found in &diagnostic.related {
            writeln!(text, "  see {}", place(found)).unwrap();
        }
        if let Some(help) = &diagnostic.help {
            writeln!(text, "  help: {help}").unwrap();
        }
    }
    text
}

#[test]
fn every_case_gives_what_is_expected() {
    for case in cases() {
        let actual = run(&case);
        let folder = case.join("expected");
        if std::env::var_os("BLESS").is_some() {
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir(&folder).unwrap();
            for (name, contents) in &actual {
                fs::write(folder.join(name), contents).unwrap();
            }
        }
        let mut expected = BTreeMap::new();
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            expected.insert(entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap());
        }
        let (names, expected_names): (Vec<_>, Vec<_>) = (actual.keys().collect(), expected.keys().collect());
        assert_eq!(names, expected_names, "{}", case.display());
        for (name, contents) in &actual {
            assert_eq!(contents, &expected[name], "{}/{name}", case.display());
        }
        assert_eq!(actual, run(&case), "a second run gives something else");
    }
}

#[test]
fn generated_code_compiles_alone_and_without_warnings() {
    let folder = tempfile::tempdir().unwrap();
    let mut library = String::from("//! Generated modules.\n");
    let mut count = 0;
    for case in cases() {
        let files = run(&case);
        let uses_serde = files.values().any(|contents| contents.contains("serde::"));
        if uses_serde || !files.contains_key("mod.rs") {
            continue;
        }
        count += 1;
        let module = format!("case_{count}");
        writeln!(library, "/// {}\npub mod {module};", case.file_name().unwrap().to_str().unwrap()).unwrap();
        fs::create_dir(folder.path().join(&module)).unwrap();
        for (name, contents) in files.iter().filter(|(name, _)| *name != "notes.txt") {
            fs::write(folder.path().join(&module).join(name), contents).unwrap();
        }
    }
    assert!(count >= 6);
    let root = folder.path().join("lib.rs");
    fs::write(&root, library).unwrap();
    for edition in ["2021", "2024"] {
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let output = Command::new(rustc)
            .args([
                "--crate-type=lib",
                "--emit=metadata",
                "-Dwarnings",
                "-Dmissing_docs",
                "--edition",
                edition,
                "--out-dir",
            ])
            .args([folder.path(), &root])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn generated_code_is_laid_out_as_rustfmt_does() {
    let folder = tempfile::tempdir().unwrap();
    // Without a file of its own, rustfmt takes one from any folder above, or the user's.
    fs::write(folder.path().join("rustfmt.toml"), "").unwrap();
    for case in cases() {
        let files = run(&case);
        if !files.contains_key("mod.rs") {
            continue;
        }
        let case = folder.path().join(case.file_name().unwrap());
        fs::create_dir(&case).unwrap();
        for (name, contents) in &files {
            fs::write(case.join(name), contents).unwrap();
        }
        let check = ["--check", "--edition", "2024", "mod.rs"];
        let output = Command::new("rustfmt").args(check).current_dir(&case).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn inspecting_names_partials_and_definitions() {
    let contents = br##"{"$defs": {"B": {"$ref": "x/y.json#/$defs/C"}, "A": {"$ref": "#/$defs/B"}}}"##;
    let inspected = inspect(&SourceFile { path: "s/a.json".to_owned(), contents: contents.to_vec() }).unwrap();
    assert_eq!(inspected.partials, ["s/x/y.json"]);
    assert_eq!(inspected.definitions, ["A", "B"]);
}

#[test]
fn bytes_that_are_no_text_are_found_where_they_are() {
    let schema = SourceFile { path: "a.json".to_owned(), contents: b"{\n \"\xc3\xa9\xff\": 1}".to_vec() };
    let errors = render(&schema, &[], b"{}").unwrap_err();
    assert_eq!((errors[0].message.as_str(), errors[0].place.as_ref().unwrap().start), ("not UTF-8", (2, 5)));
}

#[test]
fn reads_are_what_was_referred_to() {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), contents: text.as_bytes().to_vec() };
    let schema = file("a.json", r#"{"$ref": "b.json", "examples": [{"$ref": "c.json"}]}"#);
    let rendered = render(&schema, &[file("b.json", r#"{"type": "string"}"#), file("d.json", "")], b"{}").unwrap();
    assert_eq!((rendered.partials, rendered.absent), (vec!["b.json".to_owned()], vec!["c.json".to_owned()]));
}
