//! Cases run and compared with what they expect.
//!
//! Always true here: each case runs twice, in fresh instances, under fuel; both must come to the same, but for one that is
//! stopped, which runs once and is not blessed unless the case says so. What is expected
//! lies in `expected/`: `outcome.txt` (how it ended, and what was found; absent: `ok` and nothing), `output` (the file
//! that has the manifest's path, or was merged), `owners.txt` (whose that is) and `files/` (files with paths of their own).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;
use similar::TextDiff;

use super::asking::{described, fits};
use super::call::{Ran, run};
use super::case::{Case, Given};
use super::subject::Subject;
use super::tree::files_below;
use crate::check::{CheckConfig, Checker, Depth, Validator, Weights};
use crate::compose::variables::Sources;
use crate::diagnostic::Diagnostic;
use crate::engine::{Engine, Input, Limits, Role};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{OutputPath, Pack, PackLimits};
use crate::plugins::{Merger, RULE_OF_CONFLICTS};
use crate::show::count;
use crate::text::{printable, printable_line};

/// Bytes of expectations of one case at the most.
const MAX_EXPECTED_BYTES: u64 = 256 << 20;
/// Bytes of each text that are compared line by line.
const COMPARED: usize = 1 << 20;
/// Lines of a difference that are shown.
const SHOWN_LINES: usize = 200;
const OUTCOME: &str = "outcome.txt";
const OUTPUT: &str = "output";
const OWNERS: &str = "owners.txt";

/// How a case came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CaseStatus {
    /// As expected.
    Passed,
    /// Not as expected.
    Failed,
    /// Its expectations were written anew.
    Blessed,
}

/// What came of a case.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CaseReport {
    /// The case.
    pub name: String,
    /// How it came out.
    pub status: CaseStatus,
    /// How the call ended: `ok`, `invalid`, `stopped memory`, …
    pub outcome: String,
    /// What is not as expected, a line for each.
    pub problems: Vec<String>,
    /// What the plugin said where it was stopped or failed: messages, with file and line where they are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<String>,
    /// How texts differ, as a unified diff.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub diff: String,
    /// Units of fuel that the call took.
    pub fuel: Option<u64>,
    /// The most bytes of memory in use at once.
    pub memory: u64,
}

/// A case made ready to be called: the plugin, and all that goes in.
pub struct Ready {
    pub plugin: std::sync::Arc<crate::engine::Plugin>,
    pub limits: Limits,
    pub input: Input,
    /// The rules that a validator has.
    pub rules: Option<BTreeSet<String>>,
}

/// Makes a case ready.
pub fn ready(engine: &Engine, subject: &Subject, case: &Case) -> Result<Ready> {
    let limits = case.effective(&subject.limits, &engine.options().limits);
    match &case.given {
        Given::Call(input @ Input::Merge { policy, .. }) => {
            let merger = Merger::prepare(&engine.run(), &subject.component(), &limits, subject.granted(engine))?;
            merger.named(policy)?;
            Ok(Ready { plugin: merger.plugin(&engine.run())?, limits, input: input.clone(), rules: None })
        }
        Given::Call(input) => {
            let plugin = subject.prepare(engine, input.function().role(), &limits)?;
            Ok(Ready { plugin, limits, input: input.clone(), rules: None })
        }
        Given::Pack(path, options) => {
            let validator = Validator::prepare(
                &engine.run(),
                &subject.component(),
                &limits,
                &BTreeSet::new(),
                subject.granted(engine),
            )?;
            let input = given_for(engine, &validator, path, options)?;
            let plugin = subject.prepare(engine, Role::Validator, &limits)?;
            let rules = validator.rules().iter().map(|rule| rule.id.clone()).collect();
            Ok(Ready { plugin, limits, input, rules: Some(rules) })
        }
    }
}

/// All that a validator is given for the pack at a path.
pub fn given_for(
    engine: &Engine,
    validator: &Validator,
    path: &Path,
    options: &serde_json::Map<String, serde_json::Value>,
) -> Result<Input> {
    let checker = Checker {
        engine,
        validators: &[],
        config: &CheckConfig::default(),
        weights: Weights { untrusted: false },
        values: &Sources::default(),
        depth: Depth::Lint,
        time: None,
    };
    checker.hand_over(Pack::load(path, &PackLimits::default())?, validator, options)
}

/// Runs a case twice and compares; with `bless` what it expects is written anew where it differs.
///
/// # Errors
/// Those of preparing the plugin and of reading the case.
pub fn verify(engine: &Engine, subject: &Subject, case: &Case, bless_it: bool) -> Result<CaseReport> {
    let ready = ready(engine, subject, case)?;
    let first = run(engine, &ready.plugin, &ready.limits, &ready.input)?;
    let mut problems = Vec::new();
    // What was stopped took all that a limit allows, and is not tried again.
    let was_stopped = first.ended.is_stopped();
    if !was_stopped {
        let second = run(engine, &ready.plugin, &ready.limits, &ready.input)?;
        if first.ended != second.ended || first.outputs != second.outputs {
            problems.push(
                "a second call with the same input gave a different result: the plugin is not a pure function".into(),
            );
        }
    }
    if let (Some(input), Some(answer)) = (described(&ready.input), first.ended.result.get("ok")) {
        let said = run(engine, &ready.plugin, &ready.limits, &input)?.ended;
        match said.result.get("ok") {
            Some(description) => problems.extend(fits(description, answer).err()),
            None => {
                problems.push(format!("it answered a query that it can't read: `inspect` ended as `{}`", said.kind()));
            }
        }
    }
    let outcome = first.ended.kind();
    if let Some(wanted) = case.outcome.as_ref().filter(|wanted| **wanted != outcome) {
        problems.push(format!("it ended as `{outcome}`, but the case expects `{}`", printable_line(wanted)));
    }
    if let Some(rules) = &ready.rules {
        let unknown = first.findings.iter().filter(|_| first.failure.is_none());
        for finding in unknown.filter(|finding| !rules.contains(&finding.rule)) {
            problems.push(format!("it names a rule `{}` that it does not have", printable_line(&finding.rule)));
        }
    }
    if let (Some(most), Some(fuel)) = (case.fuel, first.ended.fuel)
        && fuel > most
    {
        problems.push(format!("it took {} of fuel, but may take at most {most}", count(fuel, "unit")));
    }
    let said = told(&first);
    for text in case.mentions.iter().filter(|text| !said.contains(text.as_str())) {
        problems.push(format!("none of its messages contains `{}`", printable_line(text)));
    }
    let expected = files_below(&case.folder.join("expected"), MAX_EXPECTED_BYTES)?;
    let actual = actual(&first, &mut problems);
    let mut report = CaseReport {
        name: printable_line(&case.name),
        status: CaseStatus::Passed,
        outcome,
        said: said_at_end(&first),
        diff: String::new(),
        fuel: first.ended.fuel,
        memory: first.ended.memory,
        problems,
    };
    if bless_it && report.problems.is_empty() && was_stopped && case.outcome.is_none() && expected != actual {
        report.problems.push(format!(
            "it ended as `{0}`, which is not written as an expected result; if it is expected, set `outcome = \"{0}\"` in `case.toml`",
            report.outcome
        ));
    }
    if bless_it && report.problems.is_empty() {
        if expected != actual {
            bless(&case.folder, &actual)?;
            report.status = CaseStatus::Blessed;
        }
        return Ok(report);
    }
    compare(&expected, &actual, &mut report);
    if !report.problems.is_empty() {
        report.status = CaseStatus::Failed;
    }
    Ok(report)
}

/// What a plugin said that was stopped or failed, as `plugin run` shows it; what it refuses is in the outcome.
fn said_at_end(ran: &Ran) -> Vec<String> {
    let Some(failure) = ran.failure.as_ref().filter(|failure| failure.kind != ErrorKind::Template) else {
        return Vec::new();
    };
    let told = failure.findings.iter().flat_map(|finding| std::iter::once(&finding.message).chain(&finding.help));
    told.flat_map(|text| text.lines()).map(printable_line).filter(|line| !line.is_empty()).collect()
}

/// Everything that a call said, for `mentions`.
fn told(ran: &Ran) -> String {
    let mut text = outcome_text(ran);
    if let Some(stop) = ran.failure.as_ref().and_then(|failure| failure.stop.as_ref()) {
        text.push_str(&stop.detail);
    }
    for finding in ran.failure.iter().flat_map(|failure| &failure.findings) {
        text.push('\n');
        text.push_str(&finding.message);
    }
    text
}

/// What `expected/` would have to hold.
fn actual(ran: &Ran, problems: &mut Vec<String>) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let outcome = outcome_text(ran);
    if outcome != "ok\n" {
        files.insert(OUTCOME.to_owned(), outcome.into_bytes());
    }
    if !ran.parts.is_empty() {
        files.insert(OWNERS.to_owned(), owners_text(ran).into_bytes());
    }
    for output in &ran.outputs {
        let name = match &output.path {
            None => OUTPUT.to_owned(),
            Some(path) => match OutputPath::new(path.as_str()) {
                Ok(path) => format!("files/{}", path.as_str()),
                Err(error) => {
                    let shown: String = printable_line(path).chars().take(200).collect();
                    problems.push(format!("the output path `{shown}` {error}"));
                    continue;
                }
            },
        };
        if files.insert(name.clone(), output.contents.clone()).is_some() {
            problems.push(format!("it gives two files for `{}`", printable_line(&name)));
        }
    }
    files
}

/// Whose a merged file is, as a text: its lines, or the pieces of them, each with its owners.
fn owners_text(ran: &Ran) -> String {
    let contents = ran.outputs.first().map_or(&[][..], |output| &output.contents);
    let mut text = String::new();
    for (range, owners) in &ran.parts {
        let owners = owners.join(", ");
        for line in contents.get(range.clone()).unwrap_or_default().split_inclusive(|byte| *byte == b'\n') {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}: {:?}", printable_line(&owners), String::from_utf8_lossy(line));
        }
    }
    text
}

/// How a call ended and what was found, as a text that people can read and compare.
fn outcome_text(ran: &Ran) -> String {
    let mut text = ran.ended.kind();
    text.push('\n');
    let mut say = |line: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{line}");
    };
    for output in ran.outputs.iter().filter(|output| output.executable) {
        say(format!("executable {}", printable_line(output.path.as_deref().unwrap_or(OUTPUT))));
    }
    for word in ["unsupported", "internal", "refused"] {
        if let Some(what) = ran.ended.result.get(word).and_then(serde_json::Value::as_str) {
            say(printable_line(what));
        }
    }
    if ran.failure.is_none() || ran.ended.result.get("invalid").is_some() {
        ran.findings.iter().for_each(|finding| say(finding_text(finding)));
    }
    text
}

fn finding_text(finding: &Diagnostic) -> String {
    let mut text = format!("{} {}", finding.severity.name(), printable_line(&finding.rule));
    if let Some(span) = &finding.span {
        let _ = write!(text, " at {}:{}:{}", printable_line(&span.path), span.start.line, span.start.column);
    }
    let _ = write!(text, ": {}", printable(&finding.message).replace('\n', "\n    "));
    for span in finding.related.iter().filter(|_| finding.rule == RULE_OF_CONFLICTS) {
        let _ = write!(text, "\n  see {}:{}:{}", printable_line(&span.path), span.start.line, span.start.column);
    }
    if let Some(help) = &finding.help {
        let _ = write!(text, "\n  help: {}", printable(help).replace('\n', "\n    "));
    }
    text
}

fn compare(expected: &BTreeMap<String, Vec<u8>>, actual: &BTreeMap<String, Vec<u8>>, report: &mut CaseReport) {
    if expected.is_empty() && report.outcome == "ok" && !actual.is_empty() {
        report
            .problems
            .push("there are no expected results: `--bless` writes the actual ones to `expected/`".to_owned());
        return;
    }
    let names: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
    let mut diff = String::new();
    for name in names {
        let shown = printable_line(name);
        let (old, new) = (expected.get(name), actual.get(name));
        if old == new {
            continue;
        }
        report.problems.push(match (old, new) {
            (Some(_), None) => format!("`{shown}` is expected, but missing"),
            (None, Some(_)) => format!("`{shown}` is not expected"),
            _ => format!("`{shown}` is not as expected"),
        });
        diff.push_str(&difference(&shown, old, new));
    }
    let lines = diff.lines().count();
    report.diff = diff.lines().take(SHOWN_LINES).map(|line| line.to_owned() + "\n").collect();
    if lines > SHOWN_LINES {
        let _ = writeln!(report.diff, "… {} more lines", lines - SHOWN_LINES);
    }
}

fn difference(name: &str, old: Option<&Vec<u8>>, new: Option<&Vec<u8>>) -> String {
    let text = |bytes: Option<&Vec<u8>>| -> Option<String> {
        let bytes = bytes.map_or(&[][..], Vec::as_slice);
        if bytes.len() > COMPARED { None } else { std::str::from_utf8(bytes).ok().map(printable) }
    };
    if let (Some(old), Some(new)) = (text(old), text(new)) {
        return TextDiff::from_lines(&old, &new)
            .unified_diff()
            .context_radius(3)
            .header(&format!("expected/{name}"), &format!("actual/{name}"))
            .to_string();
    }
    let bytes = |bytes: Option<&Vec<u8>>| bytes.map_or(0, Vec::len);
    format!("expected/{name}: {} bytes, actual: {} bytes, not shown\n", bytes(old), bytes(new))
}

/// Writes what a case expects: `expected/` holds exactly `files` afterwards.
///
/// # Errors
/// `Io` where that can't be written; what stood there is then still complete or gone, and the next run says so.
pub fn bless(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let expected = folder.join("expected");
    let shown = printable_line(&expected.display().to_string());
    let failed = |error| Error::io(format!("cannot write `{shown}`"), error);
    match std::fs::symlink_metadata(&expected) {
        Ok(known) if known.is_dir() => std::fs::remove_dir_all(&expected).map_err(failed)?,
        Ok(_) => {
            return Err(Error::new(ErrorKind::Usage, format!("`{shown}` is not a folder")));
        }
        Err(_) => {}
    }
    for (name, contents) in files {
        let path = expected.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::write(&path, contents).map_err(failed)?;
    }
    Ok(())
}
