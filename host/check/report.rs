//! The report of `check`, `lint` and `validate`: the one value that every format is made from.
//!
//! Always true here: plain data in the order in which it is shown; what the JSON format prints is this, and its published
//! schema is generated from these types.

use serde::Serialize;

use crate::diagnostic::{Severity, Span};
use crate::error::ErrorKind;
use crate::stop::Stop;

/// What was found about several packs.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The packs, in the order in which they were named.
    pub packs: Vec<PackReport>,
    /// The rules that findings name, sorted by identifier.
    pub rules: Vec<RuleInfo>,
    /// Totals.
    pub summary: Summary,
}

/// A rule that could be reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleInfo {
    /// Its stable identifier, for instance `naming/output-case`.
    pub id: String,
    /// What it is about, in one line.
    pub summary: String,
    /// How much its findings matter where nobody says otherwise.
    pub default_level: Severity,
    /// Its page, in Markdown.
    pub help: String,
}

/// What was found about one pack.
#[derive(Debug, Clone, Serialize)]
pub struct PackReport {
    /// The pack as the user named it.
    pub path: String,
    /// The name in its manifest, where that could be read.
    pub name: Option<String>,
    /// Its version, where that could be read.
    pub version: Option<String>,
    /// What came of it.
    pub status: Status,
    /// The exit code that it would give alone.
    pub exit: u8,
    /// What kept the checks from being completed.
    pub error: Option<Failure>,
    /// What was found, sorted by place.
    pub findings: Vec<Finding>,
    /// What rendering each template cost; `validate` only.
    pub measured: Vec<Measured>,
}

/// What came of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Nothing that counts was found.
    Clean,
    /// Something was found.
    Findings,
    /// It could not be checked to the end.
    Failed,
}

/// What kept the checks of a pack from being completed.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// What kind of error it is.
    pub kind: ErrorKind,
    /// What happened.
    pub detail: String,
    /// Where.
    pub location: Option<Span>,
    /// What to do next.
    pub hint: Option<String>,
    /// Which limit or fault stopped a plugin.
    pub stop: Option<Stop>,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule's stable identifier.
    pub rule: String,
    /// How much it matters here.
    pub level: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where.
    pub span: Option<Span>,
    /// Other places that have to do with it.
    pub related: Vec<Span>,
    /// 32 hexadecimal digits that stay the same while the finding does, though lines are added above it.
    pub fingerprint: String,
    /// Why it does not count, where it was suppressed.
    pub suppressed: Option<Suppression>,
}

/// Why a finding does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suppression {
    /// Where that is said.
    pub kind: SuppressionKind,
    /// The reason that was given.
    pub reason: String,
}

/// Where a suppression is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressionKind {
    /// Beside what was found.
    Inline,
    /// In a baseline file.
    Baseline,
}

/// What rendering a template cost, in a fresh instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Measured {
    /// The template.
    pub template: String,
    /// The item of its `for_each`, counted from 0.
    pub item: Option<usize>,
    /// Units of fuel.
    pub fuel: u64,
    /// Wall time, in nanoseconds.
    pub nanoseconds: u64,
    /// The most bytes of memories and tables at once.
    pub memory: u64,
    /// Bytes handed in: context, partials, template.
    pub bytes_in: u64,
    /// Bytes given back.
    pub bytes_out: u64,
    /// Files given.
    pub outputs: usize,
    /// Whether two fresh instances and a shared one gave the same bytes; none where that was not tried.
    pub deterministic: Option<bool>,
}

/// Totals over all packs; suppressed findings count for themselves only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Packs.
    pub packs: usize,
    /// Packs without anything that counts.
    pub clean: usize,
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
    /// Findings that do not count.
    pub suppressed: usize,
    /// Packs that could not be checked to the end.
    pub failed: usize,
}
