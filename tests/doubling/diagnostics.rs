//! Diagnostics: reports in each format, baselines, suppressions, fingerprints, scores and places.

use packbox::check::baseline::{self, Baseline};
use packbox::check::{Checked, Finding, Measured, PackReport, Report, RuleInfo, Status, Suppression, SuppressionKind};
use packbox::check::{fingerprint, inline, score};
use packbox::cli::{Detail, Format, Look, render_report};
use packbox::diagnostic::{Diagnostic, Severity, Span};

use crate::cost::Alone;
use crate::samples::{HEAD, Sample, each};

/// A finding of a rule at a line.
fn finding(rule: &str, line: usize) -> Finding {
    let mut span = Span::file("a/file");
    span.start.line = u32::try_from(line).expect("a line");
    span.excerpt = Some("a line".to_owned());
    Diagnostic::error(rule, "it is wrong").at(span).help("do something about it").into()
}

fn pack(name: &str, findings: Vec<Finding>) -> PackReport {
    let mut pack = PackReport {
        path: name.to_owned(),
        name: Some(name.to_owned()),
        version: Some("1.0.0".to_owned()),
        status: Status::Clean,
        exit: 0,
        error: None,
        checked: Checked { manifest: true, rules: Some(true), templates: Some(true) },
        findings,
        measured: Vec::new(),
        trials: None,
        budget: None,
    };
    fingerprint::assign(&mut pack.findings, name);
    pack.settle(Severity::Error);
    pack
}

fn rules(length: usize) -> Vec<RuleInfo> {
    let rule = |number| RuleInfo {
        id: format!("templates/rule-{number}"),
        summary: "a rule".to_owned(),
        default_level: Severity::Error,
        help: "Its page.".to_owned(),
    };
    (0..length).map(rule).collect()
}

fn report(packs: Vec<PackReport>, rules: Vec<RuleInfo>) -> Report {
    Report::new(packs, rules, Severity::Error, Vec::new())
}

/// Findings of one rule.
fn of_one_rule(length: usize) -> Report {
    report(vec![pack("a", (0..length).map(|number| finding("templates/rule-0", number)).collect())], rules(1))
}

/// As many rules as findings.
fn of_many_rules(length: usize) -> Report {
    let findings = (0..length).map(|number| finding(&format!("templates/rule-{number}"), number));
    report(vec![pack("a", findings.collect())], rules(length))
}

/// A finding in each pack.
fn of_many_packs(length: usize) -> Report {
    report(
        (0..length).map(|number| pack(&format!("a{number}"), vec![finding("templates/rule-0", 1)])).collect(),
        rules(1),
    )
}

#[test]
fn reports_are_written() {
    let alone = Alone::wait();
    let look = Look { color: false, detail: Detail::Full };
    for (format, name) in [Format::Human, Format::Json, Format::Sarif, Format::Junit, Format::Github, Format::Markdown]
        .into_iter()
        .zip(["people", "JSON", "SARIF", "JUnit", "GitHub", "Markdown"])
    {
        let writes = |what: &str, length: usize, list: &dyn Fn(usize) -> Report| {
            alone.grows_with_its_length(&format!("{what} for {name}"), length, list, |report| {
                assert!(!render_report(report, "lint", format, look).expect("a text").is_empty());
            });
        };
        writes("findings", 1_000, &of_one_rule);
        writes("findings of as many rules", 2_000, &of_many_rules);
        writes("packs", 500, &of_many_packs);
        writes("places of a finding", 500, &|length| {
            let mut finding = finding("templates/rule-0", 1);
            finding.related = (0..length).map(|number| Span::file(format!("a/{number}"))).collect();
            report(vec![pack("a", vec![finding])], rules(1))
        });
        writes("suppressed findings", 1_000, &|length| {
            let mut report = of_many_rules(length);
            for finding in &mut report.packs[0].findings {
                finding.suppressed = Some(Suppression { kind: SuppressionKind::Inline, reason: "so".to_owned() });
            }
            report
        });
        writes("measured templates", 1_000, &|length| {
            let mut report = of_one_rule(1);
            let one = |item| Measured {
                template: "t".to_owned(),
                item: Some(item),
                fuel: 1,
                nanoseconds: 1,
                memory: 1,
                bytes_in: 1,
                bytes_out: 1,
                outputs: 1,
                deterministic: Some(true),
            };
            report.packs[0].measured = (0..length).map(one).collect();
            report
        });
    }
}

#[test]
fn baselines_are_written_and_applied() {
    let alone = Alone::wait();
    let applies = |name: &str, length: usize, list: &dyn Fn(usize) -> (Report, Report)| {
        alone.grows_with_its_length(name, length, list, |(before, after)| {
            let text = baseline::write(before, "so").expect("a baseline");
            let baseline = Baseline::parse("baseline.toml", text.into_bytes()).expect("a baseline");
            let mut packs = after.packs.clone();
            let _ = baseline.apply(&mut packs, &after.rules);
        });
    };
    let itself = |report: Report| (report.clone(), report);
    applies("a baseline of one rule", 500, &|length| itself(of_one_rule(length)));
    applies("a baseline of many rules", 500, &|length| itself(of_many_rules(length)));
    applies("a baseline of many packs", 500, &|length| itself(of_many_packs(length)));
    applies("a baseline that no longer matches anything", 500, &|length| {
        let mut after = of_many_rules(length);
        after.packs[0].findings.clear();
        (of_many_rules(length), after)
    });
    applies("a baseline of packs that no longer match anything", 500, &|length| {
        let mut after = of_many_packs(length);
        after.packs.iter_mut().for_each(|pack| pack.findings.clear());
        (of_many_packs(length), after)
    });
    applies("a baseline of other packs", 500, &|length| {
        let same = pack("a", vec![finding("templates/rule-0", 1)]);
        let named = |number: usize, what: &str| {
            let mut pack = PackReport { name: Some(format!("{what}{number}")), ..same.clone() };
            pack.path.clone_from(&format!("{number}"));
            pack
        };
        let packs = |what: &str| (0..length).map(|number| named(number, what)).collect();
        (report(packs("b"), rules(1)), report(packs("c"), rules(1)))
    });
    alone.grows_with_its_length(
        "a baseline with mistakes",
        500,
        |length| each(length, |_| "[[suppress]]\nfingerprint = 1\nrul = \"a/b\"\n".to_owned()),
        |text| {
            Baseline::parse("baseline.toml", text.clone().into_bytes()).expect_err("mistakes");
        },
    );
}

#[test]
fn suppressions_are_applied() {
    let alone = Alone::wait();
    let applies = |name: &str, length: usize, list: &dyn Fn(usize) -> (String, Vec<RuleInfo>)| {
        alone.grows_with_its_length(name, length, list, |(text, rules)| {
            let mut findings: Vec<Finding> =
                rules.iter().enumerate().map(|(line, rule)| finding(&rule.id, line)).collect();
            inline::apply([("a/file", text)], rules, &mut findings);
        });
    };
    let comment = |number: usize, end: &str| format!("# packbox: allow(templates/rule-{number}) so{end}");
    applies("suppressions in lines", 1_000, &|length| (each(length, |number| comment(number, "\n")), rules(length)));
    applies("suppressions in one line", 100, &|length| (each(length, |number| comment(number, " ")), rules(length)));
    // Up to a thousand of them hold.
    applies("suppressions in one long line", 100, &|length| {
        let text = "x".repeat(1_000);
        (each(length, |number| comment(number, &text)), rules(1))
    });
    applies("suppressions of many rules", 100, &|length| {
        let names = |number| (0..50).map(|rule| format!("templates/rule-{}", number * 50 + rule)).collect::<Vec<_>>();
        let one = |number| format!("# packbox: allow({}) so\n", names(number).join(", "));
        (each(length, one), rules(length))
    });
}

#[test]
fn findings_are_told_apart_and_weighed() {
    let alone = Alone::wait();
    let equal = |length| vec![finding("templates/rule-0", 1); length];
    alone.grows_with_its_length("findings that are equal", 2_000, equal, |findings: &Vec<Finding>| {
        fingerprint::assign(&mut findings.clone(), "a");
    });
    alone.grows_with_its_length("findings that cost points", 2_000, of_many_rules, |report| {
        assert!(score(&report.packs[0]).points < 100);
    });
}

/// Makes a text of a length.
type Text = fn(usize) -> String;

#[test]
fn places_in_a_text() {
    let alone = Alone::wait();
    let sample = |text: &dyn Fn(usize) -> String, length: usize| {
        let sample = Sample::new(&text(length), []);
        (sample, length)
    };
    let texts: [(&str, Text); 3] = [
        ("lines", |length| each(length, |number| format!("# line {number}\n"))),
        ("one line", |length| format!("#{}", "ä".repeat(length * 10))),
        ("empty lines", |length| "\n".repeat(length * 10)),
    ];
    for (what, text) in texts {
        let all = |length| sample(&text, length);
        alone.grows_with_its_length(&format!("places in {what}"), 2_000, all, |(sample, length)| {
            let (pack, end) = (&sample.pack, sample.pack.manifest_text.len());
            for number in 0..*length {
                let _ = pack.span(&(HEAD.len() + number..HEAD.len() + number + 1));
                // As long as the text.
                let _ = pack.span(&(0..end));
            }
        });
    }
}
