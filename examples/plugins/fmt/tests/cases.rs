//! Runs every folder of `tests/cases` and compares what comes out; `BLESS=1` rewrites what is expected.
//!
//! A case is `input.EXTENSION`, `options.json` where there are options, and `expected.EXTENSION` or `errors.txt`. What was
//! formatted must stay as it is when it is formatted again, and must mean what the input means.
#![expect(clippy::disallowed_methods, reason = "tests read `BLESS`")]

use std::fs;
use std::path::{Path, PathBuf};

use packbox_fmt::Fmt;
use packbox_sdk::serde_json::{self, Value};
use packbox_sdk::testing::{TestJob, show_failure};
use serde::Deserialize as _;

struct Case {
    folder: PathBuf,
    extension: String,
    job: TestJob,
    options: Value,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut folders: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= 20);
    folders.into_iter().map(read).collect()
}

fn read(folder: PathBuf) -> Case {
    let mut files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let input = files.find(|path| path.file_stem().is_some_and(|stem| stem == "input")).unwrap();
    let extension = input.extension().unwrap().to_str().unwrap().to_owned();
    let options = match fs::read(folder.join("options.json")) {
        Ok(options) => serde_json::from_slice(&options).unwrap(),
        Err(_) => serde_json::json!({}),
    };
    let job = TestJob::new(format!("config/input.{extension}"), fs::read(input).unwrap()).options(options.clone());
    Case { folder, extension, job, options }
}

#[test]
fn every_case_gives_what_is_expected() {
    for Case { folder, extension, job, .. } in cases() {
        let name = folder.display();
        let formatted = folder.join(format!("expected.{extension}"));
        let errors = folder.join("errors.txt");
        let (path, other, actual) = match job.render::<Fmt>() {
            Ok(rendered) => (&formatted, &errors, rendered.files().remove("").unwrap()),
            Err(failure) => (&errors, &formatted, show_failure(&failure)),
        };
        if std::env::var_os("BLESS").is_some() {
            let _ = fs::remove_file(other);
            fs::write(path, &actual).unwrap();
        }
        assert!(!other.exists(), "{name}: {} is not expected:\n{actual}", path.display());
        assert_eq!(fs::read_to_string(path).unwrap_or_default(), actual, "{name}");
    }
}

#[test]
fn what_is_formatted_stays_as_it_is() {
    for case in cases() {
        if let Ok(rendered) = case.job.render::<Fmt>() {
            let once = rendered.files().remove("").unwrap();
            assert_eq!(case.job.template(once.as_str()).text::<Fmt>(), once, "{}", case.folder.display());
        }
    }
}

/// What a text means, as one value; none for what this can't read.
fn meaning(language: &str, text: &str) -> Option<Value> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match language {
        "json" => Some(serde_json::from_str(text).unwrap()),
        "toml" => Some(serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap()),
        "yaml" | "yml" => {
            let documents = serde_yaml_ng::Deserializer::from_str(text);
            Some(documents.map(|document| Value::deserialize(document).unwrap()).collect())
        }
        _ => None,
    }
}

#[test]
fn values_stay_as_they_are() {
    let mut compared = 0;
    for case in cases() {
        let language = case.options["language"].as_str().unwrap_or(&case.extension);
        let Ok(rendered) = case.job.render::<Fmt>() else { continue };
        let input = fs::read_to_string(case.folder.join(format!("input.{}", case.extension))).unwrap();
        if let Some(before) = meaning(language, &input) {
            let after = meaning(language, &rendered.files()[""]).unwrap();
            assert_eq!(before, after, "{}", case.folder.display());
            compared += 1;
        }
    }
    assert!(compared >= 10);
}

#[test]
fn jsonc_only_loses_its_trailing_commas() {
    let text = TestJob::new("a.jsonc", "{\n  // why\n  \"a\":1, /* b */ \"b\":[1,2,],}").text::<Fmt>();
    assert!(text.contains("// why") && text.contains("/* b */") && !text.contains(",]"), "{text}");
}

#[test]
fn nothing_is_referred_to() {
    let inspected = TestJob::new("a.json", "not JSON").inspect::<Fmt>().unwrap();
    assert!(inspected.variables.is_empty() && inspected.partials.is_empty() && inspected.blocks.is_empty());
}
