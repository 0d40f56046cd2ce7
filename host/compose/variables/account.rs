//! How each variable of a pack came by its value, or why it has none: [`Account`].
//!
//! Always true here: it is read off a resolution, and decides nothing; no value of a secret is in it.

use serde_json::Value;

use super::finding;
use super::resolver::{Resolver, State};
use super::values::{GivenAt, Origin, Values};
use crate::diagnostic::{Diagnostic, Span};
use crate::error::ErrorKind;
use crate::pack::{Variable, VariableName};

/// How each variable of a pack came by its value, or why it has none.
#[derive(Debug, Clone)]
pub struct Account {
    /// The values, as far as they are known.
    pub values: Values,
    /// What is missing, invalid or unknown.
    pub findings: Vec<Diagnostic>,
    /// The variables, in the order of declaration.
    pub variables: Vec<Accounted>,
    /// What resolving them for good would fail with; none where it would not, or would not come to this pack.
    pub failure: Option<ErrorKind>,
}

/// What finding the values of packs for good would fail with, from the accounts of all.
#[must_use]
pub fn failure(accounts: &[Account]) -> Option<ErrorKind> {
    let mut kinds = accounts.iter().filter_map(|account| account.failure);
    // What is missing or invalid is told for all packs at once, at the end.
    let first = kinds.clone().find(|kind| *kind != ErrorKind::Variables);
    first.or_else(|| kinds.next())
}

/// How a variable came by its value, or why it has none.
#[derive(Debug, Clone)]
pub struct Accounted {
    /// Its name.
    pub name: VariableName,
    /// What became of it.
    pub standing: Standing,
    /// Who gives it a value, or would have, the strongest first.
    pub offers: Vec<Offer>,
    /// Variables of the pack that its `when` reads.
    pub by_when: Vec<VariableName>,
    /// Variables of the pack that its `compute` reads.
    pub by_compute: Vec<VariableName>,
}

/// What became of a variable.
#[derive(Debug, Clone)]
pub enum Standing {
    /// It has a value.
    Settled,
    /// Its `when` is false: it is computed, has its default, or is null.
    Hidden,
    /// It has none, as this is wrong; nothing is said where its value can't even be read.
    Wrong(Option<Box<Diagnostic>>),
    /// It has none yet, as these have none.
    Waits(Vec<VariableName>),
}

/// Something that gives a variable a value, or would have.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Who.
    pub by: Origin,
    /// For those who are outside of the pack: by what, as messages say it.
    pub source: Option<String>,
    /// Where it stands in a file.
    pub place: Option<Span>,
    /// The value; none where it is a secret, can't be read, or was never worked out.
    pub value: Option<Value>,
    /// What became of it.
    pub fate: Fate,
}

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is the value.
    Taken,
    /// It is a part of a list that was joined.
    Joined,
    /// It would be the value, and will not do.
    Refused,
    /// Another one counts.
    PassedOver,
}

impl Account {
    /// Reads off a resolution that came as far as it could.
    pub(super) fn of(resolver: Resolver<'_>) -> Self {
        let all = resolver.declared.variables.iter().enumerate();
        let variables = all.map(|(index, variable)| accounted(&resolver, index, variable)).collect();
        let first = resolver.mistakes.first;
        let (values, findings) = resolver.into_values();
        let failure = first.or_else(|| (!findings.is_empty()).then(|| finding::refused(findings.clone()).kind()));
        Self { values, findings, variables, failure }
    }

    /// What was given for names that are no variables.
    pub fn strangers(&self) -> impl Iterator<Item = &Diagnostic> {
        self.findings.iter().filter(|finding| finding.rule == finding::UNKNOWN)
    }

    /// Shows each finding to somebody who may put it in other words.
    pub fn each_finding(&mut self, change: &mut dyn FnMut(&mut Diagnostic)) {
        self.findings.iter_mut().for_each(&mut *change);
        for variable in &mut self.variables {
            if let Standing::Wrong(Some(finding)) = &mut variable.standing {
                change(finding);
            }
        }
    }
}

fn accounted(resolver: &Resolver<'_>, index: usize, variable: &Variable) -> Accounted {
    let name = |node: usize| VariableName::new(resolver.name(node)).ok();
    let standing = match &resolver.states[index] {
        State::Known(Origin::Inactive) => Standing::Hidden,
        State::Known(_) => Standing::Settled,
        State::Failed(Some(finding)) => Standing::Wrong(Some(finding.clone())),
        State::Failed(None) => {
            let place = resolver.refused.get(&index).and_then(|at| at.place.as_ref());
            let mut findings = resolver.findings().iter();
            let found = findings.find(|finding| finding::is_about(finding, variable, place));
            Standing::Wrong(found.cloned().map(Box::new))
        }
        State::Open | State::Pending(_) | State::Unknown => {
            let is_open = |needed: &usize| !matches!(resolver.states[*needed], State::Known(_));
            let mut waits: Vec<usize> = resolver.needs.of(index).filter(is_open).collect();
            waits.sort_unstable();
            waits.dedup();
            Standing::Waits(waits.into_iter().filter_map(name).collect())
        }
    };
    Accounted {
        name: variable.name.clone(),
        offers: offers(resolver, index, variable, &standing),
        standing,
        by_when: resolver.needs.of_when(index).filter_map(name).collect(),
        by_compute: resolver.needs.of_compute(index).filter_map(name).collect(),
    }
}

/// Who gives a variable a value, or would have, the strongest first.
fn offers(resolver: &Resolver<'_>, index: usize, variable: &Variable, standing: &Standing) -> Vec<Offer> {
    let origin = match &resolver.states[index] {
        State::Known(origin) => Some(*origin),
        _ => None,
    };
    let is_wrong = matches!(standing, Standing::Wrong(_));
    // Nobody comes to give it a value then.
    let has_no_condition = resolver.mistakes.conditions.contains(&index);
    let is_secret = variable.is_secret() || resolver.secrets.contains(&index);
    let own = resolver.own.get(&index);
    let value = resolver.value(index).filter(|_| !is_secret);
    let shown = |value: Option<&Value>| value.filter(|_| !is_secret).cloned();
    let imported = resolver.sources.imported.get(variable.name.as_str());
    let mut offers = Vec::new();
    let mut given = |at: &GivenAt, value: Option<Value>, fate: Fate| {
        let (source, place) = (Some(at.source.clone()), at.place.clone());
        offers.push(Offer { by: at.by, source, place, value, fate });
    };
    if let Some(at) = resolver.refused.get(&index) {
        given(at, None, Fate::Refused);
    }
    let at = resolver.given_at(index);
    if let Some(at) = at {
        let fate = if is_wrong { Fate::Refused } else { Fate::Taken };
        match own {
            Some((value, _)) => given(at, shown(Some(value)), if is_wrong { fate } else { Fate::Joined }),
            None => given(at, value.cloned(), fate),
        }
    }
    for (value, at) in resolver.passed_over.get(&index).into_iter().flatten() {
        given(at, shown(value.as_ref()), Fate::PassedOver);
    }
    let is_given = at.is_some() || resolver.refused.contains_key(&index);
    if let Some(imported) = imported {
        let fate = match (origin, own) {
            _ if has_no_condition => Fate::PassedOver,
            _ if is_wrong && (own.is_some() || !is_given) => Fate::Refused,
            (Some(_), Some(_)) => Fate::Joined,
            (Some(Origin::Import), None) => Fate::Taken,
            _ => Fate::PassedOver,
        };
        let value = Some(&imported.value).filter(|_| !imported.is_secret);
        offers.push(Offer { by: Origin::Import, source: None, place: None, value: shown(value), fate });
    }
    for (by, default) in [
        (Origin::Compute, variable.compute.as_ref().map(|_| None)),
        (Origin::Default, variable.default.as_ref().map(Some)),
    ] {
        let Some(default) = default else { continue };
        let joined = own.filter(|(_, origin)| *origin == by).map(|(value, _)| value);
        let is_hidden_null = origin == Some(Origin::Inactive) && resolver.value(index).is_none_or(Value::is_null);
        let (fate, worked_out) = match (origin, joined) {
            (_, Some(joined)) => (if is_wrong { Fate::Refused } else { Fate::Joined }, Some(joined)),
            (Some(origin), None) if origin == by => (Fate::Taken, value),
            (Some(Origin::Inactive), None) if !is_hidden_null => (Fate::Taken, value),
            _ if by == Origin::Compute && resolver.mistakes.computes.contains(&index) => (Fate::Refused, None),
            _ if is_wrong && by == Origin::Compute && !is_given && imported.is_none() && !has_no_condition => {
                (Fate::Refused, None)
            }
            _ => (Fate::PassedOver, None),
        };
        offers.push(Offer { by, source: None, place: None, value: shown(worked_out.or(default)), fate });
    }
    offers
}
