//! What trials say: with which values something was found, what was taken, and what was not.

use crate::check::report::{RuleInfo, Taken, Trials};
use std::collections::{BTreeMap, BTreeSet};

use super::super::draft::Draft;
use super::super::examined::Examined;
use super::cover::Cover;
use super::factors::Factor;
use super::reads::{Condition, Reads, Set, Subject};
use super::state::{MOST_PROJECTS, MOST_RENDERINGS, State};
use crate::diagnostic::{Diagnostic, Severity};
use crate::pack::Manifest;
use crate::show;

/// What was never rendered.
const UNRENDERED: &str = "trials/unrendered";
/// A variable that was never asked for, or always hidden.
const CONDITION: &str = "trials/condition";
/// What is too much to be tried.
const BOUNDED: &str = "trials/bounded";

/// Values that a finding names.
const SHOWN: usize = 5;
/// What a report lists of what was not taken.
const LISTED: usize = 100;

/// Returns the rules about what trials did not take, sorted by identifier.
#[must_use]
pub fn trial_rules() -> Vec<RuleInfo> {
    let rule = |id: &str, default_level, summary: &str, help: &str| RuleInfo {
        id: id.to_owned(),
        summary: summary.to_owned(),
        default_level,
        help: help.to_owned(),
    };
    vec![
        rule(
            BOUNDED,
            Severity::Warning,
            "a pack has no more choices than can be tried",
            "`validate` tries a pack with a bounded number of values. What it left out is in the JSON report. Try the rest \
             in further runs, with `--var`.\n",
        ),
        rule(
            CONDITION,
            Severity::Warning,
            "each variable matters in some trial project",
            "The `when` of the variable was false with all values that were tried. If there are values that make it true, set such an `example` for the variables that it reads, or validate again with `--var`; if there are none, remove the variable.\n",
        ),
        rule(
            UNRENDERED,
            Severity::Warning,
            "each template is rendered in some trial project",
            "Nothing is known about a template that was never rendered. Its `when` was false, or its list was empty, with all values that were tried: for the variables that the `when` reads, set an `example` that makes it true; for the list, set an `example` with an item; or validate again with `--var`.\n",
        ),
    ]
}

/// The values in which a trial differs from the first one, by variable.
pub fn differing(
    manifest: &Manifest,
    factors: &[Factor],
    (first, row): (&[Option<usize>], &[Option<usize>]),
) -> BTreeMap<usize, String> {
    let differs = factors.iter().zip(first.iter().zip(row)).filter(|(_, (first, set))| set.is_some() && first != set);
    let told = differs.filter_map(|(factor, (_, set))| {
        let value = show::value(&factor.values[(*set)?]);
        Some((factor.variable, format!("{} = {value}", manifest.variables[factor.variable].name)))
    });
    told.collect()
}

/// Says of what a trial found with which values, and leaves out what was found before. Returns the bytes that it takes.
pub fn explain(
    draft: &mut Draft,
    (findings, faults, had_failed): (usize, usize, bool),
    differing: &BTreeMap<usize, String>,
    examined: &Examined<'_>,
    reads: &Reads<'_>,
) -> u64 {
    let mut roots: BTreeMap<String, Set> = BTreeMap::new();
    if draft.findings.len() > findings || draft.faults.len() > faults {
        let templates = examined.templates.iter().zip(&reads.templates);
        roots.extend(templates.map(|(template, read)| (examined.pack.path_of(&template.source), reads.roots(read))));
    }
    if let Some(failure) = draft.failure.as_mut().filter(|_| !had_failed) {
        failure.hint = with(failure.hint.take(), differing.values());
    }
    let mut kept = 0;
    for (list, before) in [(&mut draft.findings, findings), (&mut draft.faults, faults)] {
        let new = list.split_off(before);
        let known: BTreeSet<(String, String, String)> = list.iter().map(key).collect();
        for mut finding in new.into_iter().filter(|finding| !known.contains(&key(finding))) {
            let read = finding.span.as_ref().and_then(|span| roots.get(span.path.as_ref() as &str));
            let told = differing.iter().filter(|(variable, _)| read.is_none_or(|read| read.contains(variable)));
            finding.help = with(finding.help.take(), told.map(|(_, told)| told));
            kept += finding.weight();
            list.push(finding);
        }
    }
    kept
}

/// Adds to a help with which values it came to it.
fn with<'v>(help: Option<String>, differing: impl Iterator<Item = &'v String>) -> Option<String> {
    let mut told: Vec<&str> = differing.map(String::as_str).collect();
    if told.is_empty() {
        return help;
    }
    let left_out = told.len().saturating_sub(SHOWN);
    told.truncate(SHOWN);
    let more = if left_out == 0 { String::new() } else { format!(", and {left_out} more") };
    let told = format!("this was found with `{}`{more}", told.join("`, `"));
    Some(help.map(|help| format!("{help}\n{told}")).unwrap_or(told))
}

/// What makes a finding the same, whatever the values.
fn key(finding: &Diagnostic) -> (String, String, String) {
    let place = finding.span.as_ref().map(|span| format!("{}:{}:{}", span.path, span.start.line, span.start.column));
    (finding.rule.clone(), finding.message.clone(), place.unwrap_or_default())
}

/// All that is to be told at the end.
pub struct Told<'t, 'e> {
    pub examined: &'t Examined<'e>,
    pub reads: &'t Reads<'t>,
    pub state: &'t State<'t>,
    pub given: &'t Set,
    pub factors: &'t [Factor],
    pub cover: &'t Cover,
    pub projects: usize,
    pub left_out: usize,
}

impl Told<'_, '_> {
    /// Makes the report's numbers and the findings.
    pub fn tell(&self) -> (Trials, Vec<Diagnostic>) {
        let manifest = &self.examined.pack.manifest;
        let mut findings = Vec::new();
        let mut untaken = Vec::new();
        let mut conditions = Taken::default();
        for (condition, (was_true, was_false)) in self.reads.conditions.iter().zip(&self.state.held) {
            let name = self.name(condition);
            let outcomes = match condition.subject {
                Subject::List(_) => vec![(*was_true, format!("items for {name}"))],
                _ => vec![(*was_true, format!("true for {name}")), (*was_false, format!("false for {name}"))],
            };
            for (taken, what) in outcomes {
                conditions.of += 1;
                conditions.taken += usize::from(taken);
                untaken.extend((!taken).then_some(what));
            }
            if let (Subject::Variable(index), false) = (condition.subject, was_true) {
                let variable = &manifest.variables[index];
                // Nobody is asked for what is computed.
                let is_asked = variable.compute.is_none() || variable.prompt.is_some();
                let was = if is_asked { "never asked for" } else { "always hidden" };
                let message = format!("`{}` was {was}: its `when` was false in {}", variable.name, self.projects());
                findings.push(self.finding(CONDITION, message, condition));
            }
        }
        for (factor, value) in self.cover.untaken() {
            let factor = &self.factors[factor];
            let name = &manifest.variables[factor.variable].name;
            untaken.push(format!("{name} = {}", show::value(&factor.values[value])));
        }
        let rendered = self.state.rendered.iter().filter(|rendered| **rendered).count();
        self.unrendered(&mut findings, &mut untaken);
        let taken = |(taken, of)| Taken { taken, of };
        let values = taken(self.cover.values());
        if self.left_out > 0 || self.projects >= MOST_PROJECTS || self.cover.unpaired() > 0 {
            findings.push(self.bounded(values));
        }
        untaken.truncate(LISTED);
        let trials = Trials {
            projects: self.projects,
            values,
            pairs: taken(self.cover.pairs()),
            conditions,
            templates: Taken { taken: rendered, of: self.state.rendered.len() },
            left_out: self.left_out,
            untaken,
        };
        (trials, findings)
    }

    /// One finding for each entry of which anything was never rendered.
    fn unrendered(&self, findings: &mut Vec<Diagnostic>, untaken: &mut Vec<String>) {
        let mut entries: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (place, rendered) in self.state.rendered.iter().enumerate().filter(|(_, rendered)| !**rendered) {
            debug_assert!(!rendered, "filtered");
            entries.entry(self.examined.templates[place].entry_index).or_default().push(place);
        }
        for (entry, places) in entries {
            let first = &self.examined.templates[places[0]];
            untaken.extend(places.iter().map(|place| self.examined.templates[*place].source.to_string()));
            let what = match places.len() {
                1 => format!("`{}` was never rendered", first.source),
                count => format!("`{}` and {} more templates were never rendered", first.source, count - 1),
            };
            let is = |subject: Subject| move |condition: &&(&Condition<'_>, bool)| condition.0.subject == subject;
            let held = self.state.held.iter().map(|held| held.0);
            let conditions: Vec<(&Condition<'_>, bool)> = self.reads.conditions.iter().zip(held).collect();
            let list = conditions.iter().find(is(Subject::List(entry)));
            let when = conditions.iter().find(is(Subject::Entry(entry)));
            let finding = match (list, when) {
                (Some((list, false)), _) => {
                    let message =
                        format!("{what}: {} had no items in {}", show::quoted(&list.text.value), self.projects());
                    self.finding(UNRENDERED, message, list)
                }
                (_, Some((when, false))) => {
                    self.finding(UNRENDERED, format!("{what}: `when` was false in {}", self.projects()), when)
                }
                (Some((condition, _)), _) | (_, Some((condition, _))) => self.finding(UNRENDERED, what, condition),
                (None, None) => {
                    let mut finding = Diagnostic::error(UNRENDERED, what);
                    finding.severity = Severity::Warning;
                    finding.span = Some(self.examined.pack.span(&first.output.range));
                    finding
                }
            };
            findings.push(finding);
        }
    }

    /// A finding about a condition. What the user fixed is the user's business.
    fn finding(&self, rule: &str, message: String, condition: &Condition<'_>) -> Diagnostic {
        let is_fixed = self.reads.roots(&condition.reads).iter().any(|variable| self.given.contains(variable));
        let mut finding = Diagnostic::error(rule, message).at(self.examined.pack.span(&condition.text.range));
        (finding.severity, finding.help) = if is_fixed {
            (Severity::Note, Some("it depends on a value that you gave".to_owned()))
        } else {
            let help = match condition.subject {
                Subject::List(_) => self.help_for_list(&condition.text.value),
                _ => "for the variables that it reads, set an `example` that makes it true, or validate again with `--var`"
                    .to_owned(),
            };
            (Severity::Warning, Some(help))
        };
        finding
    }

    /// What to do about a list that had no items.
    fn help_for_list(&self, name: &str) -> String {
        let variables = &self.examined.pack.manifest.variables;
        let is_computed = variables.iter().any(|one| one.name.as_str() == name && one.compute.is_some());
        let list = show::quoted(name);
        if is_computed {
            return format!(
                "for the variables that {list} is computed from, set an `example` that leads to items, or validate again with `--var`"
            );
        }
        format!("give {list} an `example` with an item, or validate again with `--var {name}=…`")
    }

    fn bounded(&self, values: Taken) -> Diagnostic {
        let mut parts = Vec::new();
        let (taken, of) = self.cover.pairs();
        let most = if self.projects >= MOST_PROJECTS { ", the maximum" } else { "" };
        parts.push(format!(
            "{} of {} values and {taken} of {of} pairs were tried in {}{most}",
            values.taken,
            values.of,
            show::count(self.projects, "trial project")
        ));
        if self.left_out > 0 {
            let left_out = self.left_out;
            parts.push(format!(
                "{left_out} renderings with further values were left out, as the limit is {MOST_RENDERINGS}"
            ));
        }
        let mut finding = Diagnostic::error(BOUNDED, parts.join("; "));
        finding.severity = Severity::Warning;
        finding.span = Some(self.examined.pack.span(&self.examined.pack.manifest.pack.name.range));
        finding.help("try more of them in further runs, with `--var`")
    }

    fn projects(&self) -> String {
        match self.projects {
            1 => "the only trial project".to_owned(),
            several => format!("all {several} trial projects"),
        }
    }

    fn name(&self, condition: &Condition<'_>) -> String {
        match condition.subject {
            Subject::Variable(index) => {
                format!("`when` of `{}`", self.examined.pack.manifest.variables[index].name)
            }
            Subject::Entry(entry) | Subject::List(entry) => {
                let source =
                    self.examined.pack.manifest.templates.get(entry).map(|entry| entry.source.value.to_string());
                let key = if matches!(condition.subject, Subject::List(_)) { "for_each" } else { "when" };
                format!("`{key}` of `{}`", source.unwrap_or_default())
            }
        }
    }
}
