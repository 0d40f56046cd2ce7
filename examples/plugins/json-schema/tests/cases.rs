//! Runs every folder of `tests/cases` and compares what comes out; `BLESS=1` rewrites the expected files.
//!
//! A case is `input/schema.json`, other files in `input` as partials, `options.json` where there are options, and
//! `expected`: the generated files with their notes, or the errors.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use json_schema::JsonSchema;
use packbox_sdk::serde_json;
use packbox_sdk::testing::{TestJob, show_failure};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 10);
    cases
}

fn run(case: &Path) -> BTreeMap<String, String> {
    let mut job = TestJob::new("schemas/schema.json", fs::read(case.join("input/schema.json")).unwrap());
    for path in fs::read_dir(case.join("input")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name != "schema.json" {
            job = job.partial(format!("schemas/{name}"), fs::read(&path).unwrap());
        }
    }
    if let Ok(options) = fs::read(case.join("options.json")) {
        job = job.options(serde_json::from_slice(&options).unwrap());
    }
    match job.render::<JsonSchema>() {
        Ok(rendered) => {
            let mut written = rendered.files();
            if !rendered.notes().is_empty() {
                written.insert("notes.txt".to_owned(), rendered.notes());
            }
            written
        }
        Err(failure) => BTreeMap::from([("errors.txt".to_owned(), show_failure(&failure))]),
    }
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
    let schema = br##"{"$defs": {"B": {"$ref": "x/y.json#/$defs/C"}, "A": {"$ref": "#/$defs/B"}}}"##;
    let inspected = TestJob::new("s/a.json", schema).inspect::<JsonSchema>().unwrap();
    assert_eq!(inspected.partials, ["s/x/y.json"]);
    assert_eq!(inspected.blocks, ["A", "B"]);
}

#[test]
fn options_are_checked() {
    let render = |options: &str| {
        let schema = TestJob::new("a.json", r#"{"type": "object", "additionalProperties": false}"#);
        schema.options(serde_json::from_str(options).unwrap()).render::<JsonSchema>()
    };
    assert!(render(r#"{"serde": true, "root": "Service"}"#).unwrap().files()["service.rs"].contains("serde::"));
    for (options, expected) in [
        (r#"{"sered": true}"#, "the option `sered` does not match what the plugin expects: unknown field `sered`"),
        (
            r#"{"serde": 1}"#,
            "the option `serde` does not match what the plugin expects: invalid type: integer `1`, expected a boolean",
        ),
        (
            r#"{"root": "a b"}"#,
            "the option `root` does not match what the plugin expects: it must be the name of a Rust type, like `Service`",
        ),
        (r#"{"root": "Vec"}"#, "the option `root` does not match what the plugin expects: it must be"),
    ] {
        let errors = show_failure(&render(options).unwrap_err());
        assert!(errors.contains(expected), "{errors}");
    }
}

#[test]
fn bytes_that_are_no_text_are_found_where_they_are() {
    let errors = TestJob::new("a.json", b"{\n \"\xc3\xa9\xff\": 1}").errors::<JsonSchema>();
    assert!(errors.starts_with("error[plugin/encoding]: the file is not UTF-8\n  at a.json:2:5-2:6\n"), "{errors}");
}

#[test]
fn reads_are_what_was_referred_to() {
    let rendered = TestJob::new("a.json", r#"{"$ref": "b.json", "examples": [{"$ref": "c.json"}]}"#)
        .context(serde_json::json!({ "unused": 1 }))
        .partial("b.json", r#"{"type": "string"}"#)
        .partial("d.json", "")
        .render::<JsonSchema>()
        .unwrap();
    let nothing: &[String] = &[];
    assert_eq!(rendered.reads(), [nothing, &["b.json".to_owned()], &["c.json".to_owned()]]);
}
