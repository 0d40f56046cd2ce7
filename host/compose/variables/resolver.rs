//! The state of a resolution: which variables have a value, which wait for an answer, and what follows from it.
//!
//! Always true here: an expression is evaluated only once everything that it reads has a value; everything that is
//! missing or invalid is reported at once; each round is one call to the evaluator; what was settled last can be taken back.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::{Map, Value};

use super::collected::{Collected, Given};
use super::declared::Declared;
use super::evaluator::{Evaluated, Evaluator};
use super::finding;
use super::knowledge::Knowledge;
use super::mistakes::Mistakes;
use super::order::Needs;
use super::question::Answered;
use super::sources::Sources;
use super::values::{GivenAt, Origin, Values};
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Variable, VariableName};
use crate::values::Problem;

/// Finds places in the manifest.
type Places<'a> = Box<dyn Fn(&Range<usize>) -> Span + 'a>;

pub(super) enum State {
    Open,
    /// Everything that it needs is known, and somebody is to be asked.
    Pending(Pending),
    Known(Origin),
    /// Taken from another pack, where it is missing or invalid, and reported; or of no use to what is asked.
    Unknown,
    /// Missing or invalid, and reported.
    Failed(Option<Box<Diagnostic>>),
}

pub(super) struct Resolver<'a> {
    pub(super) declared: Declared<'a>,
    pub(super) evaluator: &'a dyn Evaluator,
    /// Whether there is somebody to ask.
    pub(super) asks: bool,
    pub(super) needs: Needs,
    pub(super) knowledge: Knowledge<'a>,
    /// Of variables, and behind them of queries.
    pub(super) states: Vec<State>,
    /// The variables and queries that are known, in the order in which they came to be.
    pub(super) trail: Vec<usize>,
    pub(super) context: Map<String, Value>,
    /// Where the user gave what is known.
    pub(super) given: BTreeMap<VariableName, GivenAt>,
    /// Variables that are secrets or made of some, and queries that may give some.
    pub(super) secrets: BTreeSet<usize>,
    /// Answers of trials, and what is taken from other packs.
    pub(super) sources: &'a Sources,
    /// What the user gave that does not count: it will not do, or somebody stronger gave another.
    pub(super) refused: BTreeMap<usize, GivenAt>,
    pub(super) passed_over: BTreeMap<usize, Vec<(Option<Value>, GivenAt)>>,
    /// What variables have themselves that are taken from other packs.
    pub(super) own: BTreeMap<usize, (Value, Origin)>,
    findings: Vec<Diagnostic>,
    /// Mistakes in expressions, where they do not end the resolution.
    pub(super) mistakes: Mistakes,
    /// Places in the manifest, once one is asked for.
    places: OnceCell<Places<'a>>,
}

/// A variable that waits for an answer.
pub(super) struct Pending {
    /// What is taken where no answer is given.
    pub(super) fallback: Option<(Value, Origin)>,
    /// What is wrong with what the pack computed.
    pub(super) problem: Option<Problem>,
    /// Whether the value may not be shown.
    pub(super) is_secret: bool,
}

impl Pending {
    pub(super) fn suggestion(&self) -> Option<&Value> {
        self.fallback.as_ref().map(|(value, _)| value)
    }
}

impl<'a> Resolver<'a> {
    /// Begins with what was given; `findings` is what is wrong with it.
    pub(super) fn new(
        declared: Declared<'a>,
        evaluator: &'a dyn Evaluator,
        asks: bool,
        sources: &'a Sources,
        (collected, findings): (Collected, Vec<Diagnostic>),
    ) -> Result<Self> {
        let mut knowledge = Knowledge::of(&declared, evaluator)?;
        let needs = Needs::find(&declared, &knowledge.descriptions, evaluator)?;
        knowledge.want(&declared, &needs)?;
        let is_left_out = |index| knowledge.alone.as_ref().is_some_and(|(_, needed)| !needed.contains(&index));
        let variables = declared.variables.iter().enumerate();
        let variables: Vec<State> = variables
            .map(|(index, variable)| if is_left_out(index) { State::Unknown } else { open(variable, sources) })
            .collect();
        let mut resolver = Self {
            declared,
            evaluator,
            asks,
            needs,
            knowledge,
            states: variables.into_iter().chain(declared.queries.keys().map(|_| State::Open)).collect(),
            trail: Vec::new(),
            context: Map::new(),
            given: BTreeMap::new(),
            secrets: BTreeSet::new(),
            sources,
            refused: BTreeMap::new(),
            passed_over: collected.passed_over,
            own: BTreeMap::new(),
            findings,
            mistakes: Mistakes::default(),
            places: OnceCell::new(),
        };
        for (index, given) in collected.given {
            match given {
                Given::Value(value, at) => {
                    let origin = at.by;
                    resolver.given.insert(resolver.variable(index).name.clone(), at);
                    match resolver.imported(index) {
                        None if resolver.is_joined(index) => {}
                        Some(_) => resolver.import(index, Some((value, origin)))?,
                        None => resolver.settle_one(index, value, origin)?,
                    }
                }
                Given::Invalid(at) => {
                    resolver.refused.insert(index, at);
                    resolver.states[index] = State::Failed(None);
                }
            }
        }
        Ok(resolver)
    }

    /// Gives values to all variables that need no answer, or none that is not there yet, and asks all queries that need nothing
    /// else: as late as possible, so that as many as possible are asked together.
    pub(super) fn settle(&mut self) -> Result<()> {
        loop {
            if let Some(round) = self.next_round() {
                self.run(&round)?;
            } else if let Some(queries) = self.next_queries() {
                if let Err(error) = self.ask(&queries) {
                    self.ask_apart(queries, error)?;
                }
            } else {
                return Ok(());
            }
        }
    }

    /// Returns the variables whose needs are all met, in the order of declaration.
    fn next_round(&self) -> Option<Vec<usize>> {
        if self.asks && self.has_findings() {
            return None;
        }
        let round: Vec<usize> = (0..self.declared.variables.len()).filter(|index| self.is_ready(*index)).collect();
        (!round.is_empty()).then_some(round)
    }

    /// Whether nothing is known yet of a variable or a query, but all that it needs.
    pub(super) fn is_ready(&self, node: usize) -> bool {
        let is_known = |node: usize| matches!(self.states[node], State::Known(_));
        matches!(self.states[node], State::Open) && self.needs.of(node).all(is_known)
    }

    /// Whether something is wrong.
    pub(super) fn has_findings(&self) -> bool {
        !self.findings.is_empty()
    }

    /// The first variable, in the order of declaration, that waits for an answer.
    pub(super) fn first_pending(&self) -> Option<usize> {
        self.states.iter().position(|state| matches!(state, State::Pending(_)))
    }

    /// A variable that waits for an answer.
    pub(super) fn pending(&self, index: usize) -> Option<(&'a Variable, &Pending)> {
        match &self.states[index] {
            State::Pending(pending) => Some((self.variable(index), pending)),
            _ => None,
        }
    }

    /// Gives a variable the value that was answered.
    ///
    /// # Errors
    /// Those of reading a file that was named.
    pub(super) fn settle_answer(&mut self, index: usize, value: Value, is_secret: bool) -> Result<()> {
        if is_secret {
            self.secrets.insert(index);
        }
        let answered = GivenAt { by: Origin::Prompt, source: "as it was answered".to_owned(), place: None };
        self.given.insert(self.variable(index).name.clone(), answered);
        self.settle_one(index, value, Origin::Prompt)
    }

    /// Takes a variable's value away, and those of all that came to be known after it.
    pub(super) fn take_back(&mut self, index: usize) {
        while let Some(last) = self.trail.pop() {
            self.states[last] = State::Open;
            let name = self.name(last);
            self.context.remove(name);
            self.given.remove(name);
            self.secrets.remove(&last);
            self.knowledge.graphs.remove(&last);
            self.knowledge.gates.remove(&last);
            self.own.remove(&last);
            if last == index {
                break;
            }
        }
        for state in &mut self.states {
            if matches!(state, State::Pending(_)) {
                *state = State::Open;
            }
        }
    }

    /// A variable with the value that it has.
    pub(super) fn answered(&self, index: usize) -> Option<Answered<'_>> {
        let variable = self.variable(index);
        let value = self.context.get(variable.name.as_str())?;
        Some(Answered { variable, value, is_secret: self.secrets.contains(&index) })
    }

    /// Gives a variable its value, or lets it wait for an answer, now that everything that it needs is known.
    pub(super) fn decide(&mut self, index: usize, evaluated: Evaluated) -> Result<()> {
        let variable = self.variable(index);
        let is_secret = variable.is_secret()
            || evaluated.compute.is_some() && self.needs.of_compute(index).any(|needed| self.secrets.contains(&needed));
        if !self.is_active(variable, evaluated.when)? {
            if is_secret {
                self.secrets.insert(index);
            }
            // What can't be computed without what is hidden with it is null: nobody who generates could mend that.
            let is_excused = self.needs.of_compute(index).any(|needed| self.is_hidden_null(needed));
            let value = match evaluated.compute {
                None => variable.default.clone().unwrap_or(Value::Null),
                Some(Err(error)) if is_excused && error.exit_code() == 1 => Value::Null,
                Some(computed) => {
                    let computed = computed?;
                    match variable.check(&computed) {
                        Ok(()) => computed,
                        Err(_) if is_excused => Value::Null,
                        Err(problem) => {
                            let problem = if is_secret { problem.without_value() } else { problem };
                            self.wrongly_computed(index, &problem);
                            return Ok(());
                        }
                    }
                }
            };
            return self.settle_one(index, value, Origin::Inactive);
        }
        if let Some(sample) = self.sources.samples.get(variable.name.as_str()) {
            if is_secret {
                self.secrets.insert(index);
            }
            // It is the pack's own, or made up.
            return self.settle_one(index, sample.clone(), Origin::Default);
        }
        let (fallback, problem) = match evaluated.compute {
            Some(computed) => {
                let computed = computed?;
                match variable.check(&computed) {
                    Ok(()) => (Some((computed, Origin::Compute)), None),
                    Err(problem) => (None, Some(if is_secret { problem.without_value() } else { problem })),
                }
            }
            None => (variable.default.clone().map(|value| (value, Origin::Default)), None),
        };
        if self.imported(index).is_some() {
            // What the pack has itself counts for lists that are merged only, and is not needed.
            return self.import(index, fallback);
        }
        if self.asks && is_asked_for(variable, fallback.is_some()) {
            self.states[index] = State::Pending(Pending { fallback, problem, is_secret });
            return Ok(());
        }
        if let Some((value, origin)) = fallback {
            if is_secret {
                self.secrets.insert(index);
            }
            return self.settle_one(index, value, origin);
        }
        if let Some(problem) = problem {
            self.wrongly_computed(index, &problem);
            return Ok(());
        }
        let finding = finding::missing(variable, self.place(&variable.range));
        self.fail(index, finding);
        Ok(())
    }

    /// Reports that what the pack computes for a variable is no value of it.
    fn wrongly_computed(&mut self, index: usize, problem: &Problem) {
        let variable = self.variable(index);
        let range = variable.compute.as_ref().map_or(&variable.range, |compute| &compute.range);
        let finding = finding::wrongly_computed(variable, problem, self.place(range));
        self.fail(index, finding);
    }

    /// Reports why a variable has no value.
    pub(super) fn fail(&mut self, index: usize, finding: Diagnostic) {
        self.states[index] = State::Failed(Some(Box::new(finding.clone())));
        self.findings.push(finding);
    }

    /// Whether a variable is hidden, and null because of that.
    fn is_hidden_null(&self, index: usize) -> bool {
        let name = self.name(index);
        matches!(self.states[index], State::Known(Origin::Inactive))
            && self.context.get(name).is_none_or(Value::is_null)
    }

    pub(super) fn place(&self, range: &Range<usize>) -> Span {
        self.places.get_or_init(|| Box::new(self.declared.places()))(range)
    }

    fn is_active(&self, variable: &Variable, when: Option<Result<Value>>) -> Result<bool> {
        let (Some(expression), Some(value)) = (&variable.when, when) else { return Ok(true) };
        match value? {
            Value::Bool(active) => Ok(active),
            other => {
                let finding = finding::no_condition(variable, &other, self.place(&expression.range));
                let detail = format!("a condition in `{}` is neither true nor false", self.declared.manifest_path);
                Err(Error::new(ErrorKind::Manifest, detail).with_findings(vec![finding]))
            }
        }
    }

    pub(super) fn settle_one(&mut self, index: usize, value: Value, origin: Origin) -> Result<()> {
        let variable = self.variable(index);
        if variable.is_secret() {
            self.secrets.insert(index);
        }
        if variable.kind.is_graph() && !self.read_graph(index, &value, origin)? {
            return Ok(());
        }
        self.know(index, value, origin);
        Ok(())
    }

    /// Takes note of the value of a variable or a query.
    pub(super) fn know(&mut self, node: usize, value: Value, origin: Origin) {
        self.context.insert(self.name(node).to_owned(), value);
        self.states[node] = State::Known(origin);
        self.trail.push(node);
    }

    pub(super) fn variable(&self, index: usize) -> &'a Variable {
        &self.declared.variables[index]
    }

    /// The name of a variable or a query.
    pub(super) fn name(&self, node: usize) -> &'a str {
        match self.declared.variables.get(node) {
            Some(variable) => variable.name.as_str(),
            None => self.declared.query(node).map_or("", |(name, _)| name.as_str()),
        }
    }

    /// Ends with all values, or with everything that is missing or invalid, or with what a gate says.
    pub(super) fn finish(self) -> Result<Values> {
        if self.has_findings() {
            return Err(finding::refused(self.findings));
        }
        let (remarks, consulted) = (self.judge()?, self.consulted()?);
        Ok(Values { remarks, consulted, ..self.into_values().0 })
    }

    /// Ends with the values that are known, and with everything that is missing or invalid.
    pub(super) fn into_values(mut self) -> (Values, Vec<Diagnostic>) {
        let mut values = Values { given: std::mem::take(&mut self.given), ..Values::default() };
        for (index, variable) in self.declared.variables.iter().enumerate() {
            let name = variable.name.as_str();
            if let (State::Known(origin), Some(value)) = (&self.states[index], self.context.remove(name)) {
                values.values.insert(name.to_owned(), value);
                values.origins.insert(variable.name.clone(), *origin);
            }
            if self.secrets.contains(&index) {
                values.secrets.insert(variable.name.clone());
            }
        }
        self.take_answers(&mut values);
        (values, self.findings)
    }

    /// The value of a variable that is known.
    pub(super) fn value(&self, index: usize) -> Option<&Value> {
        self.context.get(self.variable(index).name.as_str())
    }

    /// Where the user gave a variable, where that counts.
    pub(super) fn given_at(&self, index: usize) -> Option<&GivenAt> {
        self.given.get(self.variable(index).name.as_str())
    }

    /// What is wrong.
    pub(super) fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }
}

/// How a variable begins.
fn open(variable: &Variable, sources: &Sources) -> State {
    if sources.unknown.contains(variable.name.as_str()) { State::Unknown } else { State::Open }
}

/// Whether somebody is asked for a variable, where there is somebody.
pub(super) fn is_asked_for(variable: &Variable, has_fallback: bool) -> bool {
    variable.prompt.is_some() || !has_fallback
}
