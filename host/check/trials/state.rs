//! What is known of a pack's trials so far: values that were seen, conditions that held, templates that were rendered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::reads::{Reads, Set, Subject};
use crate::compose::variables::{Origin, Values};
use crate::pack::{Manifest, PackPath, Template};
use crate::plan::Plan;

/// Trial projects of a pack, the first included.
pub const MOST_PROJECTS: usize = 64;
/// Renderings with further values, of templates that were rendered before.
pub const MOST_RENDERINGS: usize = 2_000;

/// What is known so far.
#[derive(Debug)]
pub struct State<'v> {
    /// The values of the first trial.
    first: &'v Values,
    /// Other values that each variable has had.
    known: Vec<Vec<Value>>,
    /// Of each template, which of the values that it reads it was to be tried with, and whether it was or was left out; not
    /// those of the first trial.
    tried: Vec<BTreeMap<Vec<usize>, bool>>,
    /// And of the message.
    message: BTreeSet<Vec<usize>>,
    /// Whether each condition was true, and false.
    pub held: Vec<(bool, bool)>,
    /// Whether each template was planned and rendered.
    pub rendered: Vec<bool>,
    /// Where the templates stand that a file of the pack is.
    places: BTreeMap<PackPath, Vec<usize>>,
}

impl<'v> State<'v> {
    /// Begins with the first trial, in which everything that was planned was rendered.
    pub fn new(
        manifest: &Manifest,
        templates: &[Template],
        reads: &Reads<'_>,
        values: &'v Values,
        plan: &Plan,
    ) -> Self {
        let mut places: BTreeMap<PackPath, Vec<usize>> = BTreeMap::new();
        for (place, template) in templates.iter().enumerate() {
            places.entry(template.source.clone()).or_default().push(place);
        }
        let mut state = Self {
            first: values,
            known: vec![Vec::new(); manifest.variables.len()],
            tried: vec![BTreeMap::new(); templates.len()],
            message: BTreeSet::new(),
            held: vec![(false, false); reads.conditions.len()],
            rendered: vec![false; templates.len()],
            places,
        };
        state.note_values(manifest, reads, values);
        state.note_plan(templates, reads, (values, plan), &(0..templates.len()).collect());
        state
    }

    /// Takes note of the conditions that values decide by themselves.
    pub fn note_values(&mut self, manifest: &Manifest, reads: &Reads<'_>, values: &Values) {
        for (condition, held) in reads.conditions.iter().zip(&mut self.held) {
            if let Subject::Variable(index) = condition.subject {
                let name = manifest.variables[index].name.as_str();
                note(held, values.origins.get(name) != Some(&Origin::Inactive));
            }
        }
    }

    /// Takes note of what was planned of `tried`, and is rendered.
    pub fn note_plan(
        &mut self,
        templates: &[Template],
        reads: &Reads<'_>,
        (values, plan): (&Values, &Plan),
        tried: &Set,
    ) {
        let planned: BTreeSet<usize> =
            plan.files.iter().filter_map(|file| self.places.get(&file.template)).flatten().copied().collect();
        let planned: Set = planned.intersection(tried).copied().collect();
        let has_items = |template: &Template| {
            let list = template.for_each.as_ref().map(|list| values.values.get(&list.value));
            list.is_none_or(|items| items.and_then(Value::as_array).is_some_and(|items| !items.is_empty()))
        };
        let mut entries: BTreeMap<usize, (bool, bool)> = BTreeMap::new();
        for place in tried {
            let is_planned = planned.contains(place);
            self.rendered[*place] |= is_planned;
            let template = &templates[*place];
            let (some, none) = entries.entry(template.entry_index).or_default();
            *some |= is_planned;
            *none |= !is_planned && has_items(template);
        }
        for (condition, held) in reads.conditions.iter().zip(&mut self.held) {
            match condition.subject {
                Subject::Entry(entry) => {
                    let (some, none) = entries.get(&entry).copied().unwrap_or_default();
                    *held = (held.0 || some, held.1 || none);
                }
                Subject::List(_) => {
                    let items = values.values.get(&condition.text.value).and_then(Value::as_array);
                    note(held, items.is_some_and(|items| !items.is_empty()));
                }
                Subject::Variable(_) => {}
            }
        }
    }

    /// Numbers the value of each variable.
    pub fn number(&mut self, manifest: &Manifest, values: &Values) -> Vec<usize> {
        let number = |(variable, known): (&crate::pack::Variable, &mut Vec<Value>)| {
            let name = variable.name.as_str();
            let value = values.values.get(name).unwrap_or(&Value::Null);
            if self.first.values.get(name).unwrap_or(&Value::Null) == value {
                return 0;
            }
            1 + known.iter().position(|one| one == value).unwrap_or_else(|| {
                known.push(value.clone());
                known.len() - 1
            })
        };
        manifest.variables.iter().zip(&mut self.known).map(number).collect()
    }

    /// Whether a template reads anything that it was not to be tried with; from now on it was.
    pub fn is_new(&mut self, template: usize, reads: &Set, numbers: &[usize]) -> bool {
        let read = of(reads, numbers);
        let is_other = read.iter().any(|number| *number > 0);
        is_other && self.tried[template].insert(read, true).is_none()
    }

    /// Takes note that a template is not rendered with what is new.
    pub fn leave_out(&mut self, template: usize, reads: &Set, numbers: &[usize]) {
        self.tried[template].insert(of(reads, numbers), false);
    }

    /// Whether a template was not rendered with what it reads.
    pub fn was_left_out(&self, template: usize, reads: &Set, numbers: &[usize]) -> bool {
        self.tried[template].get(&of(reads, numbers)) == Some(&false)
    }

    /// Whether the message does.
    pub fn is_message_new(&mut self, reads: &Set, numbers: &[usize]) -> bool {
        let read = of(reads, numbers);
        read.iter().any(|number| *number > 0) && self.message.insert(read)
    }
}

fn note(held: &mut (bool, bool), is: bool) {
    *(if is { &mut held.0 } else { &mut held.1 }) = true;
}

/// The numbers of the values that something reads.
fn of(reads: &Set, numbers: &[usize]) -> Vec<usize> {
    reads.iter().map(|variable| numbers[*variable]).collect()
}
