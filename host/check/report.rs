//! The report of `check`, `lint` and `validate`: the one value that every format is made from.
//!
//! Always true here: plain data in the order in which it is shown; what the JSON format prints is this, and its published
//! schemas are generated from these types (`docs/schema/`).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::error::ErrorKind;
use crate::limits::Used;
use crate::stop::{Stop, StopReason};

/// Templates that are named as the dearest.
const DEAREST: usize = 10;

/// What was found about several packs.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Report {
    /// The packs, in the order in which they were named.
    pub packs: Vec<PackReport>,
    /// The rules that were checked, sorted by identifier.
    pub rules: Vec<RuleInfo>,
    /// The least level that counts: a finding of it, or above it, is what makes a pack fail.
    pub fail_on: Severity,
    /// What was found about the user's own files, such as entries of a baseline that match nothing.
    pub notes: Vec<Finding>,
    /// The templates that took the most fuel, ten at the most; `validate` only.
    pub dearest: Vec<Dear>,
    /// Totals.
    pub summary: Summary,
}

/// A rule that could be reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// Which of the checks came to their end.
    pub checked: Checked,
    /// What was found, sorted by place.
    pub findings: Vec<Finding>,
    /// What rendering each template cost; `validate` only.
    pub measured: Vec<Measured>,
    /// Which values the pack was tried with; `validate` only.
    pub trials: Option<Trials>,
    /// What the checks used of what they may use; none for `check`, which runs nothing.
    pub budget: Option<Used>,
}

/// Which of the checks of a pack came to their end; nothing follows from what the others did not find.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Checked {
    /// Its manifest, and the files that there are: it could be loaded.
    pub manifest: bool,
    /// Every rule; none where the command checks no rules.
    pub rules: Option<bool>,
    /// Every template that would be generated was rendered; none where the command renders nothing.
    pub templates: Option<bool>,
}

/// What came of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// Whether it says that something failed, and not what somebody thinks of it: nobody's levels or suppressions hold.
    #[doc(hidden)]
    #[serde(skip)]
    pub failed: bool,
    /// What rules say of the same mistake: left out, as this says it.
    #[doc(hidden)]
    #[serde(skip)]
    pub twins: Vec<Twin>,
}

/// What a finding was known by that another one stands for. Which of the two is told depends on the command: what a rule
/// finds in `lint`, `validate` may fail at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Twin {
    /// The rule.
    pub rule: String,
    /// The fingerprint.
    pub fingerprint: String,
}

/// Why a finding does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Suppression {
    /// Where that is said.
    pub kind: SuppressionKind,
    /// The reason that was given.
    pub reason: String,
}

/// Where a suppression is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SuppressionKind {
    /// Beside what was found.
    Inline,
    /// In a baseline file.
    Baseline,
}

/// What rendering a template cost, in a fresh instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// Whether two fresh instances and a shared one gave the same bytes; none where that was skipped.
    pub deterministic: Option<bool>,
}

/// Which values a pack was tried with, and what of it was rendered with them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Trials {
    /// Trial projects; the first has the values that the pack has by itself.
    pub projects: usize,
    /// Values of choices and booleans.
    pub values: Taken,
    /// Pairs of such values, of variables that something reads together.
    pub pairs: Taken,
    /// Outcomes of conditions: each `when` is true and false, each list of a `for_each` has items.
    pub conditions: Taken,
    /// Templates and copied files that were rendered at least once.
    pub templates: Taken,
    /// Renderings with further values that were left out, because they are too many.
    pub left_out: usize,
    /// What was not taken, pairs excluded; of very much, the first.
    pub untaken: Vec<String>,
}

/// How many were taken, of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Taken {
    /// How many were.
    pub taken: usize,
    /// Of how many.
    pub of: usize,
}

/// A template that took much fuel: of several items, the dearest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Dear {
    /// The pack as the user named it.
    pub pack: String,
    /// The template.
    pub template: String,
    /// The item of its `for_each`, counted from 0.
    pub item: Option<usize>,
    /// Units of fuel.
    pub fuel: u64,
}

/// Totals over all packs; suppressed findings count for themselves only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// Pairs of packs that were compared; `compat` only.
    pub pairs: usize,
}

impl Report {
    /// Puts reports of packs together.
    #[must_use]
    pub fn new(packs: Vec<PackReport>, mut rules: Vec<RuleInfo>, fail_on: Severity, notes: Vec<Finding>) -> Self {
        rules.sort_by(|one, other| one.id.cmp(&other.id));
        let summary = Summary::of(&packs, &notes);
        let dearest = dearest(&packs);
        Self { packs, rules, fail_on, notes, dearest, summary }
    }

    /// Puts reports of packs together with what comparing some of them, each with each, gave; nothing where that is fewer
    /// than two.
    #[must_use]
    pub fn compared(mut packs: Vec<PackReport>, together: PackReport, count: usize, fail_on: Severity) -> Self {
        let summary = Summary::of(&packs, &together.findings);
        if count > 1 {
            packs.push(together);
        }
        let pairs = count * count.saturating_sub(1) / 2;
        let summary = Summary { pairs, ..summary };
        Self { packs, rules: Vec::new(), fail_on, notes: Vec::new(), dearest: Vec::new(), summary }
    }

    /// The exit code of all packs together; where none failed, what was found beside them counts.
    #[must_use]
    pub fn exit(&self) -> u8 {
        let packs = exit_of(self.packs.iter().map(|pack| pack.exit));
        let noted = self.notes.iter().any(|note| note.level <= self.fail_on);
        if packs == 0 { u8::from(noted) } else { packs }
    }
}

/// The exit code of several packs together: 0 where none failed, that of those that did where they share one, else 1.
#[must_use]
pub fn exit_of(packs: impl IntoIterator<Item = u8>) -> u8 {
    let mut failed = packs.into_iter().filter(|exit| *exit != 0);
    let Some(first) = failed.next() else { return 0 };
    if failed.all(|exit| exit == first) { first } else { 1 }
}

/// The templates of all packs that took the most fuel, each once.
fn dearest(packs: &[PackReport]) -> Vec<Dear> {
    let mut dearest: BTreeMap<(usize, &str), &Measured> = BTreeMap::new();
    for (number, pack) in packs.iter().enumerate() {
        for one in &pack.measured {
            let kept = dearest.entry((number, &one.template)).or_insert(one);
            if one.fuel > kept.fuel {
                *kept = one;
            }
        }
    }
    let mut dearest: Vec<_> = dearest.into_iter().filter(|(_, one)| one.fuel > 0).collect();
    dearest.sort_by_key(|(_, one)| std::cmp::Reverse(one.fuel));
    let told = dearest.into_iter().take(DEAREST).map(|((number, template), one)| Dear {
        pack: packs[number].path.clone(),
        template: template.to_owned(),
        item: one.item,
        fuel: one.fuel,
    });
    told.collect()
}

impl PackReport {
    /// Bytes that it takes in memory, the document that is printed included.
    #[doc(hidden)]
    #[must_use]
    pub fn weight(&self) -> u64 {
        let finding = |finding: &Finding| {
            let texts = finding.rule.len() + finding.message.len() + finding.help.as_ref().map_or(0, String::len);
            let spans: usize = finding.span.iter().chain(&finding.related).map(Span::weight).sum();
            size_of::<Finding>() + texts + spans
        };
        let measured: usize = self.measured.iter().map(|one| size_of::<Measured>() + one.template.len()).sum();
        4 * (self.findings.iter().map(finding).sum::<usize>() + measured) as u64
    }

    /// Leaves out all but the first findings, and says so: such a pack has failed. Returns how much less it weighs.
    #[doc(hidden)]
    pub fn shorten(&mut self, most: usize, fail_on: Severity) -> u64 {
        let before = self.weight();
        let left_out = self.findings.len().saturating_sub(most) + self.measured.len();
        self.findings.truncate(most);
        self.measured.clear();
        if left_out > 0 && self.error.is_none() {
            let detail = format!("all packs together have too many findings: {left_out} of this pack's are left out");
            let stop = Stop::new(StopReason::RunFindings, detail.clone());
            let hint = Some("check fewer packs at once".to_owned());
            self.error = Some(Failure { kind: ErrorKind::Stopped, detail, location: None, hint, stop: Some(stop) });
        }
        self.settle(fail_on);
        before - self.weight()
    }

    /// Says anew what came of the pack: suppressions may have changed what counts.
    #[doc(hidden)]
    pub fn settle(&mut self, fail_on: Severity) {
        (self.status, self.exit) = match &self.error {
            Some(failure) => (Status::Failed, failure.kind.exit_code()),
            None if self.findings.iter().any(|finding| finding.counts(fail_on)) => (Status::Findings, 1),
            None => (Status::Clean, 0),
        };
    }
}

impl Finding {
    /// Whether it counts where findings of `fail_on` and above do.
    #[must_use]
    pub fn counts(&self, fail_on: Severity) -> bool {
        self.suppressed.is_none() && self.level <= fail_on
    }
}

impl PackReport {
    /// Whether all rules had their say about the pack; else nothing follows from what was not found.
    #[must_use]
    pub fn was_completed(&self) -> bool {
        self.error.is_none() && self.checked.manifest && self.checked.rules != Some(false)
    }

    /// Whether every template was rendered, too, with all that it was to be tried with: else nothing follows from what did
    /// not fail.
    #[must_use]
    pub fn was_rendered(&self) -> bool {
        let all = |taken: Taken| taken.taken == taken.of;
        let tried = |trials: &Trials| trials.left_out == 0 && all(trials.templates) && all(trials.values);
        self.was_completed() && self.checked.templates == Some(true) && self.trials.as_ref().is_some_and(tried)
    }
}

impl From<Diagnostic> for Finding {
    /// Takes over what a diagnostic says. There is no fingerprint yet.
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            rule: diagnostic.rule,
            level: diagnostic.severity,
            message: diagnostic.message,
            help: diagnostic.help,
            span: diagnostic.span,
            related: diagnostic.related,
            fingerprint: String::new(),
            suppressed: None,
            failed: false,
            twins: Vec::new(),
        }
    }
}

impl From<&Finding> for Diagnostic {
    fn from(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.clone(),
            severity: finding.level,
            message: finding.message.clone(),
            help: finding.help.clone(),
            span: finding.span.clone(),
            related: finding.related.clone(),
        }
    }
}

impl Summary {
    /// Adds up packs, whose status must have been decided, and the notes of a report.
    #[must_use]
    pub fn of(packs: &[PackReport], notes: &[Finding]) -> Self {
        let mut summary = Self { packs: packs.len(), ..Self::default() };
        for pack in packs {
            match pack.status {
                Status::Clean => summary.clean += 1,
                Status::Findings => {}
                Status::Failed => summary.failed += 1,
            }
        }
        for finding in packs.iter().flat_map(|pack| &pack.findings).chain(notes) {
            match (&finding.suppressed, finding.level) {
                (Some(_), _) => summary.suppressed += 1,
                (None, Severity::Error) => summary.errors += 1,
                (None, Severity::Warning) => summary.warnings += 1,
                (None, Severity::Note) => summary.notes += 1,
            }
        }
        summary
    }
}
