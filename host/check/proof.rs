//! Renders plans of a pack under fuel, twice fresh and once in company, and records the most that each template cost.
//!
//! Always true here: nothing is written; what differs is a finding that shows the difference. Each stage of a chain is
//! proved by itself, from what the first rendering of the stage before gave; its costs are added to its template's.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::PoisonError;

use similar::TextDiff;

use super::ceilings::Ceilings;
use super::draft::Draft;
use super::report::Measured;
use crate::abi::GuestRendered;
use crate::diagnostic::{Diagnostic, Span};
use crate::engine::{CallError, Difference, Group, Proof};
use crate::generate::{Finish, Job, Part};
use crate::limits::Budget;
use crate::pack::{Pack, PackPath, Template};
use crate::secrets::Secrets;
use crate::show::count;
use crate::text;

/// The rule for templates that don't give the same bytes each time.
pub const NONDETERMINISTIC: &str = "plugin/nondeterministic";
/// Lines of a difference that are shown.
const SHOWN_LINES: usize = 12;
/// Characters of such a line.
const SHOWN_CHARACTERS: usize = 200;
/// Bytes that a difference takes in memory at the most.
const LARGEST_DIFFERENCE: u64 = 16 << 10;
/// Bytes of each output that are compared line by line.
const COMPARED: usize = 64 << 10;

/// What the templates of a pack cost in all of its trials.
#[derive(Debug, Default)]
pub struct Proofs {
    /// Where each template stands among the pack's.
    places: BTreeMap<PackPath, usize>,
    /// The most that was measured, by the place of the template and the item.
    measured: BTreeMap<(usize, usize), Measured>,
    /// Templates that failed, or differ each time.
    pub failed: BTreeSet<PackPath>,
    /// Names that each template looked up.
    pub reads: BTreeMap<PackPath, BTreeSet<String>>,
}

impl Proofs {
    /// Begins with the templates of a pack.
    pub fn new(templates: &[Template]) -> Self {
        let places = templates.iter().enumerate().rev().map(|(place, template)| (template.source.clone(), place));
        Self { places: places.collect(), ..Self::default() }
    }

    /// Renders and compares; what is found goes to `draft`.
    pub fn prove(&mut self, job: &Job<'_>, draft: &mut Draft) {
        let Job { pack, plan, toolbox, secrets, .. } = job;
        let seen: Mutex<Seen> = Mutex::default();
        let run = |groups: &[Group<'_>], parts: &[Vec<Part>], finish: &Finish<'_>| {
            let one = |number: usize, group: &Group<'_>| {
                toolbox.run().prove(group, &|index, proof| {
                    let part = parts[number][index];
                    let template = &plan.files[part.file].template;
                    let explained =
                        |difference| explain(&pack.path_of(template), part.stage, &proof, difference, secrets);
                    let room = || {
                        let budget = toolbox.budget();
                        budget.find(1).and_then(|()| budget.draw(LARGEST_DIFFERENCE)).is_ok()
                    };
                    let difference = proof.difference.as_ref().filter(|_| room()).map(explained);
                    let measured = measure(group, index, &proof);
                    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    seen.differences.extend(difference.map(|difference| ((part.file, part.stage, index), difference)));
                    if matches!(proof.outcome.result, Err(CallError::Untried(_))) {
                        // It may have been tried in vain.
                        seen.measured.remove(&part.file);
                    } else {
                        seen.add(part, measured);
                    }
                    match &proof.outcome.result {
                        Ok(_) if proof.difference.is_some() => _ = seen.failed.insert(template.clone()),
                        Ok(rendered) => {
                            let names = rendered.reads.variables.0.iter().map(|name| &name.0);
                            let known = seen.reads.entry(template.clone()).or_default();
                            for name in names.filter(|name| plan.values.contains_key(*name)) {
                                if !known.contains(name) {
                                    known.insert(name.clone());
                                }
                            }
                        }
                        Err(_) => _ = seen.failed.insert(template.clone()),
                    }
                    drop(seen);
                    finish(number, index, proof.outcome)
                })
            };
            groups.iter().enumerate().map(|(number, group)| one(number, group)).collect()
        };
        let rendered = job.render_with(toolbox.run(), &run);
        let seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        draft.findings.extend(seen.differences.into_values());
        // What was rendered goes first, so that it is not held beside what is made of the rest.
        match rendered {
            Ok(report) => draft.findings.extend(report.notes),
            Err(error) => draft.absorb(&error),
        }
        self.failed.extend(seen.failed);
        for (template, names) in seen.reads {
            self.reads.entry(template).or_default().extend(names);
        }
        let named = |(file, (_, measured)): (usize, (usize, Measured))| {
            let template = plan.files[file].template.to_string();
            Measured { template, ..measured }
        };
        self.take(seen.measured.into_iter().map(named));
    }

    /// Takes what the files of a plan cost, which come in its order.
    fn take(&mut self, measured: impl Iterator<Item = Measured>) {
        let mut items: BTreeMap<usize, usize> = BTreeMap::new();
        for one in measured {
            let place = one.template.parse().ok().and_then(|path: PackPath| self.places.get(&path).copied());
            let place = place.unwrap_or(usize::MAX);
            let item = items.entry(place).or_default();
            match self.measured.entry((place, *item)) {
                Entry::Vacant(entry) => _ = entry.insert(one),
                Entry::Occupied(mut entry) => entry.get_mut().raise(&one),
            }
            *item += 1;
        }
    }

    /// What a template took in all: fuel, and bytes that it gave.
    pub fn cost(&self, template: &PackPath) -> (u64, u64) {
        let Some(place) = self.places.get(template) else { return (0, 0) };
        let items = self.measured.range((*place, 0)..=(*place, usize::MAX)).map(|(_, one)| one);
        items.fold((0, 0), |(fuel, bytes), one| (fuel + one.fuel, bytes + one.bytes_out))
    }

    /// Hands over what was measured, and what of it is above a ceiling.
    pub fn finish(self, pack: &Pack, budget: &Budget, ceilings: &Ceilings, draft: &mut Draft) {
        let mut measured: Vec<Measured> = self.measured.into_values().collect();
        number_items(&mut measured);
        for one in &measured {
            let path = one.template.parse().map_or_else(|_| one.template.clone(), |path| pack.path_of(&path));
            let above = ceilings.findings(one, &path);
            if budget.find(above.len() as u64).is_err() {
                break;
            }
            draft.findings.extend(above);
        }
        draft.measured = measured;
    }
}

impl Measured {
    /// Takes the more of each.
    fn raise(&mut self, other: &Self) {
        self.fuel = self.fuel.max(other.fuel);
        self.nanoseconds = self.nanoseconds.max(other.nanoseconds);
        self.memory = self.memory.max(other.memory);
        self.bytes_in = self.bytes_in.max(other.bytes_in);
        self.bytes_out = self.bytes_out.max(other.bytes_out);
        self.outputs = self.outputs.max(other.outputs);
        self.deterministic = match (self.deterministic, other.deterministic) {
            (Some(one), Some(other)) => Some(one && other),
            (one, other) => one.or(other),
        };
    }
}

/// What was seen so far.
#[derive(Default)]
struct Seen {
    /// By file of the plan: the last stage that is in it, and what it cost.
    measured: BTreeMap<usize, (usize, Measured)>,
    /// By file, stage and job.
    differences: BTreeMap<(usize, usize, usize), Diagnostic>,
    failed: BTreeSet<PackPath>,
    reads: BTreeMap<PackPath, BTreeSet<String>>,
}

impl Seen {
    /// Adds what a job cost to the costs of its template: all stages together, and what the last one gave.
    fn add(&mut self, part: Part, job: Measured) {
        let Some((stage, whole)) = self.measured.get_mut(&part.file) else {
            self.measured.insert(part.file, (part.stage, job));
            return;
        };
        if part.stage > *stage {
            (whole.bytes_out, whole.outputs, *stage) = (0, 0, part.stage);
        }
        whole.fuel = whole.fuel.saturating_add(job.fuel);
        whole.nanoseconds = whole.nanoseconds.saturating_add(job.nanoseconds);
        whole.memory = whole.memory.max(job.memory);
        whole.bytes_in += job.bytes_in;
        whole.bytes_out += job.bytes_out;
        whole.outputs += job.outputs;
        whole.deterministic = whole.deterministic.zip(job.deterministic).map(|(one, other)| one && other);
    }
}

/// What a job cost. Of very many that are held at once, none has the template's name yet.
fn measure(group: &Group<'_>, index: usize, proof: &Proof) -> Measured {
    let job = &group.jobs[index];
    let own = job.template.path.len() + job.template.contents.len() + job.locals.len() + job.options.len();
    let (bytes_out, outputs) = match &proof.outcome.result {
        Ok(rendered) => {
            (rendered.outputs.0.iter().map(|output| output.contents.0.len() as u64).sum(), rendered.outputs.0.len())
        }
        Err(_) => (0, 0),
    };
    Measured {
        template: String::new(),
        item: None,
        fuel: proof.outcome.usage.fuel.unwrap_or(0),
        nanoseconds: proof.outcome.usage.nanoseconds,
        memory: proof.outcome.usage.memory,
        bytes_in: group.shared_bytes() + own as u64,
        bytes_out,
        outputs,
        deterministic: proof.outcome.result.is_ok().then_some(proof.difference.is_none()),
    }
}

/// Numbers the items of templates that were rendered several times; they come one behind the other.
fn number_items(measured: &mut [Measured]) {
    for group in measured.chunk_by_mut(|one, other| one.template == other.template) {
        if group.len() > 1 {
            for (number, one) in group.iter_mut().enumerate() {
                one.item = Some(number);
            }
        }
    }
}

fn explain(path: &str, stage: usize, proof: &Proof, difference: &Difference, secrets: &Secrets) -> Diagnostic {
    let how = if difference.shared {
        "in a fresh instance and in one that was used before"
    } else {
        "in two fresh instances"
    };
    let what = match (&proof.outcome.result, &difference.other) {
        (Ok(one), Ok(other)) => describe(one, other, secrets),
        (Ok(_), Err(error)) | (Err(error), Ok(_)) => {
            format!("one gave a result, the other failed: {}", secrets.redact(&reason(error)))
        }
        (Err(one), Err(other)) => {
            let [one, other] = [one, other].map(|error| secrets.redact(&reason(error)));
            format!("they failed differently: {one}; {other}")
        }
    };
    let who = match stage {
        0 => "the template".to_owned(),
        _ => format!("stage {} of the chain", stage + 1),
    };
    Diagnostic::error(NONDETERMINISTIC, format!("{who} gives different results {how}"))
        .at(Span::file(path))
        .help(text::printable(&what))
}

fn reason(error: &CallError) -> String {
    match error {
        CallError::Invalid(found) => found.first().map_or_else(String::new, |found| found.message.0.clone()),
        CallError::Unsupported(text) | CallError::Internal(text) => text.clone(),
        CallError::Stopped(stop) => stop.detail.clone(),
        CallError::Refused(error) => error.to_string(),
        CallError::Untried(_) => "it was skipped".to_owned(),
    }
}

/// Says what two results differ in.
fn describe(one: &GuestRendered, other: &GuestRendered, secrets: &Secrets) -> String {
    let (first, second) = (&one.outputs.0, &other.outputs.0);
    if first.len() != second.len() {
        return format!("one gave {}, the other {}", count(first.len(), "file"), second.len());
    }
    for (index, (first, second)) in first.iter().zip(second).enumerate() {
        let named = |path: &str| format!("`{}`", secrets.redact(path));
        let name = first.path.as_ref().map_or_else(|| format!("file {}", index + 1), |path| named(&path.0));
        if first.path != second.path {
            let other = second.path.as_ref().map_or_else(|| "none".to_owned(), |path| named(&path.0));
            return format!("one names {name}, the other {other}");
        }
        if first.executable != second.executable {
            return format!("only one makes {name} executable");
        }
        if first.contents != second.contents {
            return match (text_of(&first.contents.0), text_of(&second.contents.0)) {
                (Some(first), Some(second)) => format!("in {name}:\n{}", diff(first, second, secrets)),
                _ => format!(
                    "{name} has {} bytes in one and {} bytes in the other",
                    first.contents.0.len(),
                    second.contents.0.len()
                ),
            };
        }
    }
    "the files are the same, but what was read or reported is not".to_owned()
}

fn text_of(bytes: &[u8]) -> Option<&str> {
    (bytes.len() <= COMPARED).then(|| std::str::from_utf8(bytes).ok()).flatten()
}

fn diff(first: &str, second: &str, secrets: &Secrets) -> String {
    let diff = TextDiff::from_lines(first, second);
    let text = secrets.redact_contents(&diff.unified_diff().context_radius(1).to_string());
    let shortened = |line: &str| text::shortened(line.to_owned(), SHOWN_CHARACTERS);
    let mut lines: Vec<String> = text.lines().take(SHOWN_LINES).map(shortened).collect();
    if text.lines().count() > SHOWN_LINES {
        lines.push("…".to_owned());
    }
    lines.join("\n")
}
