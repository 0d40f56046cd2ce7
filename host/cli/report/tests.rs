//! Every format over the same report, against what lies in `tests/data/report/` and against the formats' schemas.
//! `BLESS=1` rewrites the files; read the diff.

use std::path::PathBuf;

use serde_json::Value;

use super::super::args::Format;
use super::{Detail, Look, render};
use crate::check::{Report, sample};

fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a text with a file, or writes it there.
fn assert_file(path: &str, text: &str) {
    let path = file(path);
    #[expect(clippy::disallowed_methods, reason = "tests are blessed by an environment variable")]
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == text, "{} differs; `BLESS=1` rewrites it:\n{text}", path.display());
}

fn sample(format: Format) -> String {
    render(&sample::report(), "validate", format, look(Detail::Full)).unwrap()
}

fn look(detail: Detail) -> Look {
    Look { color: false, detail }
}

/// The sample with these of its packs.
fn with(packs: &[usize]) -> Report {
    let mut report = sample::report();
    let packs = packs.iter().map(|number| report.packs[*number].clone()).collect();
    Report::new(packs, std::mem::take(&mut report.rules), report.fail_on, Vec::new())
}

fn human(report: &Report, detail: Detail) -> String {
    render(report, "check", Format::Human, look(detail)).unwrap()
}

fn assert_valid(schema: &Value, text: &str) {
    let validator = jsonschema::options().should_validate_formats(true).build(schema).unwrap();
    let document: Value = serde_json::from_str(text).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn people_get_pages() {
    assert_file("tests/data/report/human.txt", &sample(Format::Human));
}

#[test]
fn one_clean_pack_is_one_line() {
    assert_eq!(human(&with(&[1]), Detail::Usual), "./packs/site (static-site 1.2.0): ok\n");
}

#[test]
fn clean_packs_are_a_line_each() {
    let line = "./packs/site (static-site 1.2.0): ok\n";
    assert_eq!(human(&with(&[1, 1]), Detail::Usual), format!("{line}{line}\n2 packs: 2 clean\n"));
    // What does not count of several packs is counted.
    let mut report = with(&[0, 1]);
    report.packs[0].findings.retain(|finding| finding.rule.starts_with("metadata/"));
    report.packs[0].settle(report.fail_on);
    let noted = "packs/größe & co (rust-service 1.2.0): ok; 1 note\n";
    let text = human(&report, Detail::Usual);
    assert!(text.starts_with(&format!("{noted}{line}\n2 packs: ")), "{text}");
    assert!(text.ends_with("(`--verbose` shows what does not count)\n"), "{text}");
    assert!(human(&report, Detail::Full).starts_with("note[metadata/description]"));
}

#[test]
fn the_last_lines_name_what_failed() {
    let text = human(&with(&[1, 0, 1, 2, 3]), Detail::Usual);
    let (_, end) = text.split_once("\nfailed:\n").unwrap();
    let lines: Vec<&str> = end.lines().collect();
    assert!(lines[0].starts_with("  packs/größe & co: 2 errors, 1 warning"), "{end}");
    assert!(lines[1].starts_with("  /srv/packs/loop: the validator") && lines[1].ends_with("(exit code 4)"), "{end}");
    assert!(lines[2].starts_with("  broken: 1 error") && lines[3].is_empty(), "{end}");
    assert!(lines[4].starts_with("5 packs: 2 clean, 2 with findings (exit code 1), 1 not checked completely"), "{end}");
    assert_eq!(lines.len(), 5);
}

#[test]
fn quiet_is_about_failures_only() {
    assert_eq!(human(&with(&[1, 1]), Detail::Failures), "");
    let text = human(&with(&[1, 3]), Detail::Failures);
    assert!(text.starts_with("error[manifest/syntax]") && !text.contains("packs/site"), "{text}");
    for format in [Format::Github, Format::Markdown] {
        assert_eq!(render(&with(&[1]), "check", format, look(Detail::Failures)).unwrap(), "");
        assert!(render(&with(&[3]), "check", format, look(Detail::Failures)).unwrap().contains("broken"));
    }
}

#[test]
fn pull_requests_get_a_summary() {
    assert_file("tests/data/report/summary.md", &sample(Format::Markdown));
}

#[test]
fn the_dearest_templates_are_named() {
    let report = sample::report();
    let dearest: Vec<_> = report.dearest.iter().map(|one| (one.fuel, one.item)).collect();
    assert_eq!(dearest, [(4_200_000_000, Some(3)), (12_345, None)]);
    assert!(
        human(&report, Detail::Full).contains("the most expensive templates, by fuel:\n   4.2 G  packs/größe & co: ")
    );
    assert!(!human(&report, Detail::Usual).contains("dearest"));
}

#[test]
fn colors_are_where_they_are_wanted() {
    let colored = Look { color: true, detail: Detail::Full };
    let colored = render(&sample::report(), "lint", Format::Human, colored).unwrap();
    assert!(colored.contains("\u{1b}[") && !sample(Format::Human).contains('\u{1b}'));
}

#[test]
fn github_gets_annotations() {
    assert_file("tests/data/report/github.txt", &sample(Format::Github));
}

#[test]
fn json_fits_its_schema() {
    let text = sample(Format::Json);
    assert_file("tests/data/report/report.json", &text);
    let schema = std::fs::read_to_string(file("docs/schema/validate.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    assert_valid(&serde_json::json!({ "$ref": "#/$defs/Report", "$defs": schema["$defs"] }), &text);
}

#[test]
fn sarif_fits_its_schema() {
    let text = sample(Format::Sarif);
    assert_file("tests/data/report/report.sarif", &text);
    let schema = std::fs::read_to_string(file("tests/data/sarif-schema-2.1.0.json")).unwrap();
    // The published schema has a bracket too many there, which makes it no regular expression.
    let (broken, meant) = ("^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$", "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$");
    assert!(schema.contains(broken));
    assert_valid(&serde_json::from_str(&schema.replace(broken, meant)).unwrap(), &text);
    let run = &serde_json::from_str::<Value>(&text).unwrap()["runs"][0];
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        assert_eq!(result["locations"].as_array().unwrap().len(), 1);
        assert_eq!(result["partialFingerprints"]["packbox/v1"].as_str().unwrap().len(), 32);
        assert!(!result["message"]["text"].as_str().unwrap().contains("]("));
    }
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn junit_can_be_read_back() {
    let text = sample(Format::Junit);
    assert_file("tests/data/report/junit.xml", &text);
    let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
    let names: Vec<&str> = report.test_suites.iter().map(|suite| suite.name.as_str()).collect();
    assert_eq!(names, ["packs/größe & co", "./packs/site", "/srv/packs/loop", "broken", "notes"]);
    let clean = &report.test_suites[1];
    let cases: Vec<&str> = clean.test_cases.iter().map(|case| case.name.as_str()).collect();
    let rules = sample::report().rules;
    assert_eq!(cases[0], "completed");
    assert!(cases[1..].iter().eq(rules.iter().map(|rule| &rule.id)), "{cases:?}");
    assert_eq!((clean.failures, clean.errors, clean.skipped), (0, 0, 0));
    assert_eq!((report.failures, report.errors), (5, 1));
    for case in report.test_suites.iter().flat_map(|suite| &suite.test_cases) {
        // The usual schema wants a type, and whoever reads the list of failures wants a message.
        if let quick_junit::TestCaseStatus::NonSuccess { ty, message, .. } = &case.status {
            assert!(ty.is_some() && message.is_some(), "{case:?}");
        }
    }
    assert!(text.chars().all(|character| character == '\n' || (' '..'\u{fffe}').contains(&character)));
}

#[test]
fn rules_that_were_checked_pass_whatever_was_stopped_besides() {
    let mut report = with(&[2]);
    let skipped = |report: &Report| {
        let text = render(report, "validate", Format::Junit, look(Detail::Full)).unwrap();
        quick_junit::Report::deserialize_from_str(&text).unwrap().test_suites[0].skipped
    };
    assert_eq!(skipped(&report), report.rules.len());
    report.packs[0].checked.rules = Some(true);
    assert_eq!(skipped(&report), 0);
    // But for those about trials, where there were none.
    report.rules = crate::check::trial_rules();
    assert_eq!(skipped(&report), report.rules.len());
}

#[test]
fn names_are_those_of_json() {
    use crate::diagnostic::Severity;
    use crate::error::ErrorKind;
    let named = |value: Value, name: &str| assert_eq!(value, name);
    for level in [Severity::Error, Severity::Warning, Severity::Note] {
        named(serde_json::to_value(level).unwrap(), level.name());
    }
    for kind in [
        ErrorKind::Manifest,
        ErrorKind::Template,
        ErrorKind::Plugin,
        ErrorKind::Usage,
        ErrorKind::Variables,
        ErrorKind::NotFound,
        ErrorKind::Conflict,
        ErrorKind::Stopped,
        ErrorKind::Refused,
        ErrorKind::OutsidePath,
        ErrorKind::Resolution,
        ErrorKind::Integrity,
        ErrorKind::Io,
        ErrorKind::Interrupted,
    ] {
        named(serde_json::to_value(kind).unwrap(), kind.name());
    }
}
