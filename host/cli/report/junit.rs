//! JUnit XML, for the test views of CI systems: a suite for each pack, a case for each rule, and the case `completed`.
//!
//! A rule has a case where it was checked, or where a finding names it.
//!
//! Always true here: a rule fails where it has findings that count; one whose findings are all suppressed is skipped, as
//! is one that nobody could check in a pack. What XML can't hold is replaced.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use crate::check::{Failure, Finding, PackReport, Report, RuleInfo, trial_rules};
use crate::diagnostic::{Severity, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::text::{printable, printable_line};

/// Writes the report as JUnit XML.
///
/// # Errors
/// `Io` where the writer fails.
pub(super) fn render(report: &Report, command: &str) -> Result<String> {
    let mut document = quick_junit::Report::new(format!("packbox {command}"));
    for pack in &report.packs {
        document.add_test_suite(suite(pack, &report.rules, report.fail_on));
    }
    if !report.notes.is_empty() {
        let mut suite = TestSuite::new("notes");
        for (id, found) in by_rule(&report.notes, &[]) {
            suite.add_test_case(case(id, "notes", &found, report.fail_on));
        }
        document.add_test_suite(suite);
    }
    document.to_string().map_err(|error| Error::new(ErrorKind::Io, "cannot write the report as XML").caused_by(error))
}

fn suite(pack: &PackReport, rules: &[RuleInfo], fail_on: Severity) -> TestSuite {
    let path = line(&pack.path);
    let mut suite = TestSuite::new(&path);
    for (key, value) in [("pack", &pack.name), ("version", &pack.version)] {
        if let Some(value) = value {
            suite.add_property((key.to_owned(), line(value)));
        }
    }
    let mut completed = TestCase::new("completed", completed(pack));
    completed.set_classname(&path);
    suite.add_test_case(completed);
    for (id, found) in by_rule(&pack.findings, rules) {
        let mut case = case(id, &path, &found, fail_on);
        if found.is_empty() && !had_its_say(pack, id) {
            case.status = TestCaseStatus::skipped();
            case.status.set_message("the pack was not checked completely");
        }
        suite.add_test_case(case);
    }
    suite
}

/// Whether a rule that found nothing was checked: those about trials where there were some, all others where validators
/// came to their end, whatever was stopped besides.
fn had_its_say(pack: &PackReport, rule: &str) -> bool {
    let is_about_trials = trial_rules().iter().any(|about| about.id == rule);
    match pack.checked.rules {
        Some(all) => all && (pack.error.is_none() || !is_about_trials || pack.trials.is_some()),
        None => pack.was_completed(),
    }
}

/// Findings by rule, with the rules that found nothing.
fn by_rule<'a>(findings: &'a [Finding], rules: &'a [RuleInfo]) -> BTreeMap<&'a str, Vec<&'a Finding>> {
    let mut found: BTreeMap<&str, Vec<&Finding>> = rules.iter().map(|rule| (rule.id.as_str(), Vec::new())).collect();
    for finding in findings {
        found.entry(&finding.rule).or_default().push(finding);
    }
    found
}

/// Whether all rules had their say about a pack.
fn completed(pack: &PackReport) -> TestCaseStatus {
    match &pack.error {
        Some(failure) => failed(failure),
        None if pack.was_completed() => TestCaseStatus::success(),
        None => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let what = if pack.checked.manifest { "not all rules could be checked" } else { "it could not be loaded" };
            status.set_type("incomplete").set_message(what);
            status
        }
    }
}

fn failed(failure: &Failure) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type(failure.kind.name()).set_message(line(&failure.detail));
    let place = failure.location.as_ref().map(|span| place(span) + ": ").unwrap_or_default();
    let hint = failure.hint.as_ref().map(|hint| format!("\n{hint}")).unwrap_or_default();
    status.set_description(clean(&format!("{place}{}{hint}", failure.detail)));
    status
}

/// What a rule says about a pack.
fn case(rule: &str, class: &str, found: &[&Finding], fail_on: Severity) -> TestCase {
    let listing = found.iter().map(|finding| described(finding)).collect::<Vec<_>>().join("\n");
    let counting: Vec<_> = found.iter().filter(|finding| finding.counts(fail_on)).collect();
    let suppressed = found.iter().find_map(|finding| finding.suppressed.as_ref());
    let quiet = found.iter().all(|finding| finding.suppressed.is_some());
    let mut status = match (counting.first(), suppressed) {
        (Some(first), _) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let more = counting.len() - 1;
            let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
            let worst = counting.iter().map(|finding| finding.level).min().unwrap_or(first.level);
            status.set_type(worst.name()).set_message(line(&first.message) + &more);
            status
        }
        (None, Some(suppression)) if quiet => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(line(&format!("suppressed: {}", suppression.reason)));
            status
        }
        (None, _) => TestCaseStatus::success(),
    };
    let passes = matches!(status, TestCaseStatus::Success { .. });
    if !passes {
        status.set_description(&listing);
    }
    let mut case = TestCase::new(line(rule), status);
    case.set_classname(class);
    if passes && !listing.is_empty() {
        case.set_system_out(&listing);
    }
    case
}

/// A finding in full: place, level, message, what to do, why it does not count.
fn described(finding: &Finding) -> String {
    let place = finding.span.as_ref().map(|span| place(span) + ": ").unwrap_or_default();
    let mut text = format!("{place}{}: {}", finding.level.name(), finding.message);
    if let Some(help) = &finding.help {
        text = text + "\n  " + &help.replace('\n', "\n  ");
    }
    if let Some(suppression) = &finding.suppressed {
        text = text + "\n  suppressed: " + &suppression.reason;
    }
    clean(&text)
}

fn place(span: &Span) -> String {
    format!("{}:{}:{}", printable_line(&span.path), span.start.line, span.start.column)
}

fn line(text: &str) -> String {
    clean(&printable_line(text))
}

/// Replaces what is not safe to show, and the two characters besides that XML does not allow.
fn clean(text: &str) -> String {
    printable(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
