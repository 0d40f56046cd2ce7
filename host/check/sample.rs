//! A report with everything in it that a format has to deal with, for tests.

use super::fingerprint;
use super::report::{
    Checked, Failure, Finding, Measured, PackReport, Report, RuleInfo, Status, Suppression, SuppressionKind,
};
use super::suppression::suppression_rules;
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::error::ErrorKind;
use crate::stop::{Frame, Place, Stop, StopReason};

/// The manifest that findings point into.
const MANIFEST: &str = "\
[pack]
name = \"rust-service\"
version = \"1.2.0\"

[[templates]]
source = \"templates/ünï {{ name }}.rs.jinja\"
output = \"src/Main File.rs\"
";

/// A template that findings point into.
const TEMPLATE: &str = "fn main() {\n\tlet größe = {{ siez }};\n}\n";

/// Makes the report.
pub(crate) fn report() -> Report {
    let packs = vec![found(), clean(), failed(), broken()];
    let notes = vec![stale()];
    Report::new(packs, rules(), Severity::Warning, notes)
}

fn rules() -> Vec<RuleInfo> {
    let rule = |id: &str, default_level, summary: &str, help: &str| RuleInfo {
        id: id.into(),
        summary: summary.into(),
        default_level,
        help: help.into(),
    };
    let mut rules = vec![
        rule("metadata/description", Severity::Note, "a pack says what it is for", ""),
        rule(
            "naming/output-case",
            Severity::Error,
            "output paths are in one case",
            "# Why\n\nA *path* that differs in case only…\n",
        ),
        rule("template/unknown-variable", Severity::Warning, "templates read variables that exist", "Declare it.\n"),
        rule("template/unused", Severity::Warning, "each file has a use", "Delete it.\n"),
    ];
    rules.extend(suppression_rules());
    rules.sort_by(|left, right| left.id.cmp(&right.id));
    rules
}

fn pack(path: &str, name: Option<&str>, mut findings: Vec<Finding>) -> PackReport {
    fingerprint::assign(&mut findings, path);
    let counts = findings.iter().any(|finding| finding.counts(Severity::Warning));
    PackReport {
        path: path.into(),
        name: name.map(Into::into),
        version: name.map(|_| "1.2.0".into()),
        status: if counts { Status::Findings } else { Status::Clean },
        exit: counts.into(),
        error: None,
        checked: Checked { manifest: name.is_some(), rules: Some(name.is_some()), templates: Some(name.is_some()) },
        findings,
        measured: Vec::new(),
        trials: None,
        budget: None,
    }
}

/// A span of what stands in a text.
fn place(path: &str, text: &str, what: &str) -> Span {
    let start = text.find(what).unwrap();
    Span::in_text(path, text, start..start + what.len())
}

fn finding(rule: &str, level: Severity, message: &str, span: Option<Span>) -> Finding {
    Finding { level, span, ..Diagnostic::error(rule, message).into() }
}

/// A pack with findings of every sort.
fn found() -> PackReport {
    let manifest = "packs/größe & co/pack.toml";
    let template = "packs/größe & co/templates/main: 100%.jinja";
    let mut case = finding(
        "naming/output-case",
        Severity::Error,
        "the output `src/Main File.rs` is in another case than [its](https://example.org) kin",
        Some(place(manifest, MANIFEST, "\"src/Main File.rs\"")),
    );
    case.help = Some("write `src/main_file.rs`, or\nset the option `case`".into());
    case.related = vec![place(manifest, MANIFEST, "\"templates/ünï {{ name }}.rs.jinja\""), Span::file(template)];
    let mut accepted = finding(
        "template/unused",
        Severity::Warning,
        "nothing refers to `old.txt`",
        Some(Span::file("packs/größe & co/old.txt")),
    );
    accepted.suppressed = Some(Suppression { kind: SuppressionKind::Baseline, reason: "goes away with 2.0".into() });
    let mut beside = finding(
        "template/unknown-variable",
        Severity::Warning,
        "`siez` is not declared",
        Some(place(template, TEMPLATE, "siez")),
    );
    beside.suppressed = Some(Suppression { kind: SuppressionKind::Inline, reason: "a <test> & more".into() });
    let over_lines = Span::in_text(template, TEMPLATE, TEMPLATE.find("main").unwrap()..TEMPLATE.find("= {{").unwrap());
    let mut report = pack(
        "packs/größe & co",
        Some("rust-service"),
        vec![
            case,
            finding(
                "template/unknown-variable",
                Severity::Warning,
                "hostile \u{1b}[31m text, 100%:\r\n::error::forged ]]> \u{ffff}\u{202e} ##[add-path]/tmp",
                Some(over_lines),
            ),
            beside,
            accepted,
            finding("metadata/description", Severity::Note, "there is no description", None),
            finding("plugin/own-rule", Severity::Error, "a rule that nobody announced", Some(Span::file(manifest))),
        ],
    );
    report.measured = vec![
        measured("templates/main: 100%.jinja", None, 12_345, Some(true)),
        Measured {
            nanoseconds: 1_500_000_000,
            memory: 3 << 20,
            bytes_out: 2_500,
            outputs: 2,
            ..measured("templates/ünï {{ name }}.rs.jinja", Some(3), 4_200_000_000, Some(false))
        },
    ];
    report
}

fn measured(template: &str, item: Option<usize>, fuel: u64, deterministic: Option<bool>) -> Measured {
    Measured {
        template: template.into(),
        item,
        fuel,
        nanoseconds: 183_000,
        memory: 1 << 20,
        bytes_in: 3_600,
        bytes_out: 12,
        outputs: 1,
        deterministic,
    }
}

fn clean() -> PackReport {
    pack("./packs/site", Some("static-site"), Vec::new())
}

/// A pack that could not be checked to the end.
fn failed() -> PackReport {
    let frame = |function: &str, place| Frame { function: function.to_owned(), place };
    let mut stop = Stop::new(StopReason::Fuel, "the fuel limit of 4,000 was used up").limit(4_000);
    stop = stop.of("policy", "validator.check");
    stop.backtrace = vec![
        frame("policy::count", Some(Place { file: "policy/src/lib.rs".to_owned(), line: 7, column: 5 })),
        frame("function[12]", None),
    ];
    PackReport {
        status: Status::Failed,
        exit: 4,
        error: Some(Failure {
            kind: ErrorKind::Stopped,
            detail: "the validator `policy` was stopped: the fuel limit of 4,000 was used up".into(),
            location: Some(Span::file("/srv/packs/loop/policy.wasm")),
            hint: Some("raise it with `--limit fuel=…`".into()),
            stop: Some(stop),
        }),
        checked: Checked { manifest: true, rules: Some(false), templates: Some(false) },
        ..pack("/srv/packs/loop", Some("loop"), Vec::new())
    }
}

/// A pack whose manifest can't be read.
fn broken() -> PackReport {
    let text = "[pack]\nname = rust\n";
    let span = place("broken/pack.toml", text, "rust");
    let mut syntax = finding("manifest/syntax", Severity::Error, "string values must be quoted", Some(span));
    syntax.failed = true;
    pack("broken", None, vec![syntax])
}

fn stale() -> Finding {
    let text = "[[suppress]]\nrule = \"template/unused\"\n";
    let span = place("baseline.toml", text, "[[suppress]]");
    let mut notes = vec![finding(
        "suppression/stale",
        Severity::Note,
        "the entry for `template/unused` matches nothing any more",
        Some(span),
    )];
    fingerprint::assign(&mut notes, "");
    notes.remove(0)
}
