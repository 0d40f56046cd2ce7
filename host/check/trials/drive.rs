//! Chooses values, and has what reads them rendered: [`run`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::draft::Draft;
use super::super::examined::Examined;
use super::super::proof::Proofs;
use super::super::values as samples;
use super::cover::{Cover, Point};
use super::factors::{self, Factor};
use super::reads::{Condition, Reads, Set, Subject};
use super::state::{MOST_PROJECTS, MOST_RENDERINGS, State};
use super::tell;
use crate::compose::variables::{Origin, Sources, ToolboxEvaluator, Values, resolve};
use crate::error::{ErrorKind, Result};
use crate::generate::Job;
use crate::pack::{Expression, ExpressionMode, Template};
use crate::plan::{Portion, context_bytes};
use crate::secrets::Secrets;

/// Items of a `for_each` that are rendered with further values.
const ITEMS: usize = 10;
/// Values together that are looked at for a condition, for all conditions, and for what else is to be taken.
const MOST_LOOKED_AT: [usize; 3] = [64, 256, 256];

/// What a row of the cover sets: the number of each factor's value.
type Row = Vec<Option<usize>>;

/// Tries a pack that was tried with its own values, with more of them. `sources` hold the values that it was tried with,
/// `given` are the variables that the user gave a value to.
pub fn run(
    examined: &Examined<'_>,
    sources: &Sources,
    given: &BTreeSet<String>,
    proofs: &mut Proofs,
    draft: &mut Draft,
) {
    let Some(job) = &examined.job else { return };
    let manifest = &examined.pack.manifest;
    let given = manifest.variables.iter().enumerate().filter(|(_, one)| given.contains(one.name.as_str()));
    let given = &given.map(|(index, _)| index).collect();
    let mut reads = Reads::of(examined, given);
    for (template, reads) in examined.templates.iter().zip(&mut reads.templates) {
        reads.extend(positions(examined, proofs, template));
    }
    let factors = factors::find(manifest, given, sources, &reads);
    let cover = Cover::new(sizes(&factors), &groups(&factors, &reads));
    let state = State::new(manifest, &examined.templates, &reads, &job.values, &job.plan);
    let mut driver = Driver {
        examined,
        job,
        sources,
        given,
        reads,
        cover,
        state,
        first: Vec::new(),
        ways: BTreeMap::new(),
        factors,
        proofs,
        draft,
        projects: 1,
        renderings: 0,
        left_out: 0,
        looked_at: 0,
    };
    driver.first = driver.observe(&job.values);
    driver.cover.note(&driver.first.clone(), &BTreeSet::new());
    driver.note_ways(&job.values, &driver.first.clone());
    driver.search();
    driver.take();
    driver.tell();
}

/// The variables that a template was seen to read.
fn positions(examined: &Examined<'_>, proofs: &Proofs, template: &Template) -> Set {
    let names = proofs.reads.get(&template.source);
    let variables = examined.pack.manifest.variables.iter().enumerate();
    let read = variables.filter(|(_, variable)| names.is_some_and(|names| names.contains(variable.name.as_str())));
    read.map(|(index, _)| index).collect()
}

fn sizes(factors: &[Factor]) -> Vec<usize> {
    factors.iter().map(|factor| if factor.is_finite { factor.values.len() } else { 0 }).collect()
}

/// Factors that something reads together: a template, the message, a condition with what it is about.
fn groups(factors: &[Factor], reads: &Reads<'_>) -> BTreeSet<Vec<usize>> {
    let of = |read: &Set| -> Vec<usize> {
        let roots = reads.roots(read);
        let is_in = |(_, factor): &(usize, &Factor)| factor.is_finite && roots.contains(&factor.variable);
        factors.iter().enumerate().filter(is_in).map(|(index, _)| index).collect()
    };
    let conditions = reads.conditions.iter().map(|condition| {
        let mut read = condition.reads.clone();
        if let Subject::Variable(variable) = condition.subject {
            read.insert(variable);
        }
        of(&read)
    });
    let distinct: BTreeSet<&Set> = reads.templates.iter().chain([&reads.message]).collect();
    distinct.into_iter().map(of).chain(conditions).filter(|group| group.len() > 1).collect()
}

struct Driver<'d, 'e> {
    examined: &'d Examined<'e>,
    job: &'d Job<'e>,
    sources: &'d Sources,
    given: &'d Set,
    reads: Reads<'d>,
    factors: Vec<Factor>,
    cover: Cover,
    state: State<'d>,
    /// The values of the first trial.
    first: Row,
    /// Values with which each variable that has a `when` was asked for.
    ways: BTreeMap<usize, BTreeMap<usize, usize>>,
    proofs: &'d mut Proofs,
    draft: &'d mut Draft,
    projects: usize,
    renderings: usize,
    left_out: usize,
    looked_at: usize,
}

impl Driver<'_, '_> {
    /// Looks for values with which conditions become what they never were, and tries them.
    fn search(&mut self) {
        for number in 0..self.reads.conditions.len() {
            for wanted in [true, false] {
                let condition = self.reads.conditions[number].clone();
                let held = self.state.held[number];
                let is_open = if wanted { !held.0 } else { !held.1 && !matches!(condition.subject, Subject::List(_)) };
                if is_open
                    && self.may_go_on()
                    && let Some(seed) = self.find(&condition, wanted)
                {
                    let row = self.cover.complete(&seed);
                    self.attempt(&row);
                }
            }
        }
    }

    /// Tries what is left to take: values, then pairs.
    fn take(&mut self) {
        let mut looked_at = 0;
        while looked_at < MOST_LOOKED_AT[2]
            && self.may_go_on()
            && let Some((one, other)) = self.cover.next_goal()
        {
            let mut seed = BTreeMap::new();
            let is_possible = [Some(one), other].into_iter().flatten().all(|point| self.prepare(point, &mut seed));
            if is_possible {
                seed.extend([Some(one), other].into_iter().flatten());
                let row = self.cover.complete(&seed);
                self.attempt(&row);
                looked_at += 1;
            }
        }
    }

    /// Sets what a variable needs to be asked for; says whether it ever was.
    fn prepare(&self, point: Point, seed: &mut BTreeMap<usize, usize>) -> bool {
        let variable = self.factors[point.0].variable;
        if self.examined.pack.manifest.variables[variable].when.is_none() {
            return true;
        }
        let way = self.ways.get(&variable);
        seed.extend(way.into_iter().flatten());
        way.is_some()
    }

    fn may_go_on(&self) -> bool {
        let is_spent = self.job.toolbox.budget().spent().is_some();
        self.projects < MOST_PROJECTS && self.draft.failure.is_none() && !is_spent
    }

    /// Finds values of what a condition depends on with which it is as wanted.
    fn find(&mut self, condition: &Condition<'_>, wanted: bool) -> Option<BTreeMap<usize, usize>> {
        let roots = self.reads.roots(&condition.reads);
        let mut seed = BTreeMap::new();
        let mut varied = Vec::new();
        for (index, factor) in self.factors.iter().enumerate().filter(|(_, one)| roots.contains(&one.variable)) {
            if factor.is_finite {
                seed.insert(index, self.first[index].unwrap_or(0));
            }
            varied.push((index, factor.values.len()));
        }
        for changes in changes(&varied).take(MOST_LOOKED_AT[0]) {
            if self.looked_at == MOST_LOOKED_AT[1] || self.job.toolbox.budget().spent().is_some() {
                return None;
            }
            self.looked_at += 1;
            let mut tried = seed.clone();
            tried.extend(changes);
            let row: Row = (0..self.factors.len()).map(|factor| tried.get(&factor).copied()).collect();
            let mark = self.job.toolbox.budget().mark();
            let holds = self.resolve(&row).ok().and_then(|values| self.holds(condition, &values));
            self.job.toolbox.budget().back_to(mark);
            if holds == Some(wanted) {
                return Some(tried);
            }
        }
        None
    }

    /// Whether a condition is true; none where it can't be said.
    fn holds(&self, condition: &Condition<'_>, values: &Values) -> Option<bool> {
        let variables = &self.examined.pack.manifest.variables;
        match condition.subject {
            Subject::Variable(index) => {
                Some(values.origins.get(variables[index].name.as_str()) != Some(&Origin::Inactive))
            }
            Subject::List(_) => {
                Some(values.values.get(&condition.text.value)?.as_array().is_some_and(|items| !items.is_empty()))
            }
            Subject::Entry(entry) => {
                let template = self.examined.templates.iter().find(|template| template.entry_index == entry)?;
                let items = template.for_each.as_ref().and_then(|list| values.values.get(&list.value));
                let locals = match items.and_then(Value::as_array) {
                    Some(items) => json!({ "item": items.first()? }).to_string(),
                    None => "{}".to_owned(),
                };
                let expression = Expression::new(&self.examined.pack, condition.text, ExpressionMode::Expression);
                let context = context_bytes(&values.values);
                let evaluated = self.job.toolbox.evaluate_all(
                    (&context, None),
                    &[(expression, locals.as_bytes())],
                    &Secrets::default(),
                );
                evaluated.ok()?.pop()?.ok()?.0.as_bool()
            }
        }
    }

    fn resolve(&self, row: &Row) -> Result<Values> {
        let mut sources = self.sources.clone();
        for (factor, value) in self.factors.iter().zip(row) {
            if let Some(value) = value {
                let name = self.examined.pack.manifest.variables[factor.variable].name.to_string();
                sources.samples.insert(name, factor.values[*value].clone());
            }
        }
        let evaluator = ToolboxEvaluator::new(&self.job.toolbox, &self.examined.pack, Secrets::default());
        resolve((&self.examined.pack).into(), &sources, &evaluator, None)
    }

    /// The value that each factor has; none where nobody is asked for it.
    fn observe(&self, values: &Values) -> Row {
        let of = |factor: &Factor| {
            let name = self.examined.pack.manifest.variables[factor.variable].name.as_str();
            let is_asked = values.origins.get(name) != Some(&Origin::Inactive);
            let value = values.values.get(name).filter(|_| is_asked)?;
            factor.values.iter().position(|one| one == value)
        };
        self.factors.iter().map(of).collect()
    }

    /// Takes note of the values with which variables are asked for.
    fn note_ways(&mut self, values: &Values, row: &Row) {
        for (index, variable) in self.examined.pack.manifest.variables.iter().enumerate() {
            let is_asked = values.origins.get(&variable.name) != Some(&Origin::Inactive);
            if variable.when.is_none() || !is_asked || self.ways.contains_key(&index) {
                continue;
            }
            let roots = self.reads.of_when(index);
            let way = self.factors.iter().enumerate().filter(|(_, factor)| roots.contains(&factor.variable));
            let way = way.filter_map(|(factor, _)| Some((factor, row[factor]?)));
            self.ways.insert(index, way.collect());
        }
    }

    /// Tries a pack with the values of a row, as far as anything is new with them.
    fn attempt(&mut self, row: &Row) {
        let budget = self.job.toolbox.budget().clone();
        let mark = budget.mark();
        let found = (self.draft.findings.len(), self.draft.faults.len(), self.draft.failure.is_some());
        let differing = tell::differing(&self.examined.pack.manifest, &self.factors, (&self.first, row));
        // What a gate refuses need not be rendered.
        if let Err(error) = self.attempt_in(row)
            && error.kind() != ErrorKind::Gate
        {
            self.draft.absorb(&error);
        }
        budget.back_to(mark);
        let kept = tell::explain(self.draft, found, &differing, self.examined, &self.reads);
        let _ = budget.draw(kept);
    }

    fn attempt_in(&mut self, row: &Row) -> Result<()> {
        let manifest = &self.examined.pack.manifest;
        let values = match self.resolve(row) {
            // Said before: no value could be made up.
            Err(error) if samples::is_missing_only(&error) => return Ok(()),
            resolved => resolved?,
        };
        let seen = self.observe(&values);
        self.note_ways(&values, &merged(&seen, row));
        self.state.note_values(manifest, &self.reads, &values);
        let numbers = self.state.number(manifest, &values);
        let is_message_new = self.state.is_message_new(&self.reads.message, &numbers);
        let (wanted, left_out) = self.wanted(&numbers, &values);
        let mut is_new = self.cover.note(&seen, &self.factors_of(&left_out));
        is_new |= is_message_new || !wanted.is_empty();
        self.projects += usize::from(is_new);
        if wanted.is_empty() && !is_message_new {
            return Ok(());
        }
        let templates: Vec<Template> = wanted.iter().map(|place| self.examined.templates[*place].clone()).collect();
        let has_message = is_message_new && manifest.pack.message.is_some();
        let portion = Portion { templates: &templates, items: ITEMS, has_message, known: &self.job.sources };
        let job = Job::prepare_portion(&self.examined.pack, &self.job.toolbox, values, &portion)?;
        self.state.note_plan(&self.examined.templates, &self.reads, (&job.values, &job.plan), &wanted);
        self.proofs.prove(&job, self.draft);
        for place in wanted {
            let more = positions(self.examined, self.proofs, &self.examined.templates[place]);
            self.reads.templates[place].extend(more);
        }
        Ok(())
    }

    /// The factors that each of some templates reads.
    fn factors_of(&self, places: &Set) -> BTreeSet<Vec<usize>> {
        let read: BTreeSet<&Set> = places.iter().map(|place| &self.reads.templates[*place]).collect();
        let factors = read.into_iter().map(|read| {
            let roots = self.reads.roots(read);
            let is_in = |(_, factor): &(usize, &Factor)| roots.contains(&factor.variable);
            self.factors.iter().enumerate().filter(is_in).map(|(index, _)| index).collect()
        });
        factors.collect()
    }

    /// The templates that read something new, and those of them that are left out: too many, or too dear for what is left.
    /// What was never rendered comes before that.
    fn wanted(&mut self, numbers: &[usize], values: &Values) -> (Set, Set) {
        let budget = self.job.toolbox.budget();
        let (mut fuel, mut bytes) =
            (budget.fuel_left() / 2, (budget.limits().host_memory() / 4 * 3).saturating_sub(budget.mark()));
        let (mut wanted, mut left_out) = (Set::new(), Set::new());
        let mut again = Vec::new();
        for (place, template) in self.examined.templates.iter().enumerate() {
            let reads = &self.reads.templates[place];
            if self.state.was_left_out(place, reads, numbers) {
                left_out.insert(place);
                continue;
            }
            let is_new = self.state.is_new(place, reads, numbers);
            if is_new && !self.proofs.failed.contains(&template.source) {
                if self.state.rendered[place] {
                    again.push(place);
                } else {
                    wanted.insert(place);
                }
            }
        }
        for place in again {
            let template = &self.examined.templates[place];
            let list = template.for_each.as_ref().and_then(|list| values.values.get(&list.value));
            let count = list.map_or(1, |items| items.as_array().map_or(0, |items| items.len().min(ITEMS)));
            // Each is rendered four times at the most, and its bytes are held more than once.
            let (cost, size) = self.proofs.cost(&template.source);
            let (cost, size) = (cost.saturating_mul(4), size.saturating_mul(4));
            if self.renderings + count > MOST_RENDERINGS || cost > fuel || size > bytes {
                self.left_out += count;
                self.state.leave_out(place, &self.reads.templates[place], numbers);
                left_out.insert(place);
                continue;
            }
            self.renderings += count;
            (fuel, bytes) = (fuel - cost, bytes - size);
            wanted.insert(place);
        }
        (wanted, left_out)
    }

    /// Says what was taken, and what was not.
    fn tell(self) {
        let finding = tell::Told {
            examined: self.examined,
            reads: &self.reads,
            state: &self.state,
            given: self.given,
            factors: &self.factors,
            cover: &self.cover,
            projects: self.projects,
            left_out: self.left_out,
        };
        let (trials, findings) = finding.tell();
        if self.job.toolbox.budget().find(findings.len() as u64).is_ok() {
            self.draft.findings.extend(findings);
        }
        self.draft.trials = Some(trials);
    }
}

/// What was seen, and what was set where that is not one of the values to be taken.
fn merged(seen: &Row, row: &Row) -> Row {
    seen.iter().zip(row).map(|(seen, set)| seen.or(*set)).collect()
}

/// Ways to set factors, each with so many values: one of them changed, then two, and so on.
fn changes(varied: &[(usize, usize)]) -> impl Iterator<Item = Vec<Point>> {
    let mut open: std::collections::VecDeque<(usize, Vec<Point>)> = [(0, Vec::new())].into();
    std::iter::from_fn(move || {
        let (next, changes) = open.pop_front()?;
        for (place, (factor, size)) in varied.iter().enumerate().skip(next) {
            for value in 0..*size {
                // What would not be looked at is not made.
                if open.len() > MOST_LOOKED_AT[0] {
                    break;
                }
                let mut more = changes.clone();
                more.push((*factor, value));
                open.push_back((place + 1, more));
            }
        }
        Some(changes)
    })
    .skip(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_changes_come_first() {
        let shown: Vec<_> = changes(&[(0, 2), (3, 1)]).collect();
        let all = [vec![(0, 0)], vec![(0, 1)], vec![(3, 0)], vec![(0, 0), (3, 0)], vec![(0, 1), (3, 0)]];
        assert_eq!(shown, all);
        assert_eq!(changes(&[]).count(), 0);
        assert!(changes(&[(0, 10_000), (1, 10_000)]).take(1_000).count() <= 1_000);
    }
}
