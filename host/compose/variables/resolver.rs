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
use super::evaluator::{Evaluator, answers_match};
use super::finding;
use super::keys::{Blame, Tables};
use super::mistakes::Mistakes;
use super::order::Needs;
use super::question::Answered;
use super::scope::Imported;
use super::sources::Sources;
use super::values::{GivenAt, Origin, Values};
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{ListRule, Variable, VariableName};
use crate::values::Problem;

/// Finds places in the manifest.
type Places<'a> = Box<dyn Fn(&Range<usize>) -> Span + 'a>;

pub(super) enum State {
    Open,
    /// Everything that it needs is known, and somebody is to be asked.
    Pending(Pending),
    Known(Origin),
    /// Taken from another pack, where it is missing or invalid, and reported.
    Unknown,
    /// Missing or invalid, and reported.
    Failed(Option<Box<Diagnostic>>),
}

pub(super) struct Resolver<'a> {
    pub(super) declared: Declared<'a>,
    evaluator: &'a dyn Evaluator,
    /// Whether there is somebody to ask.
    pub(super) asks: bool,
    pub(super) needs: Needs,
    pub(super) states: Vec<State>,
    /// The variables that are known, in the order in which they came to be.
    trail: Vec<usize>,
    context: Map<String, Value>,
    /// Where the user gave what is known.
    given: BTreeMap<VariableName, GivenAt>,
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

/// What the expressions of a variable say.
#[derive(Default)]
struct Evaluated {
    when: Option<Result<Value>>,
    compute: Option<Result<Value>>,
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
        let mut resolver = Self {
            declared,
            evaluator,
            asks,
            needs: Needs::find(&declared, evaluator)?,
            states: declared.variables.iter().map(|variable| open(variable, sources)).collect(),
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
                        Some(_) => resolver.import(index, Some((value, origin))),
                        None => resolver.settle_one(index, value, origin),
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

    /// Gives values to all variables that need no answer, or none that is not there yet.
    pub(super) fn settle(&mut self) -> Result<()> {
        while let Some(round) = self.next_round() {
            self.run(&round)?;
        }
        Ok(())
    }

    /// Returns the variables whose needs are all met, in the order of declaration.
    fn next_round(&self) -> Option<Vec<usize>> {
        if self.asks && self.has_findings() {
            return None;
        }
        let is_known = |index: usize| matches!(self.states[index], State::Known(_));
        let is_ready =
            |index: &usize| matches!(self.states[*index], State::Open) && self.needs.of(*index).all(is_known);
        let round: Vec<usize> = (0..self.states.len()).filter(is_ready).collect();
        (!round.is_empty()).then_some(round)
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
    pub(super) fn settle_answer(&mut self, index: usize, value: Value, is_secret: bool) {
        if is_secret {
            self.secrets.insert(index);
        }
        let answered = GivenAt { by: Origin::Prompt, source: "as it was answered".to_owned(), place: None };
        self.given.insert(self.variable(index).name.clone(), answered);
        self.settle_one(index, value, Origin::Prompt);
    }

    /// Takes a variable's value away, and those of all that came to be known after it.
    pub(super) fn take_back(&mut self, index: usize) {
        while let Some(last) = self.trail.pop() {
            self.states[last] = State::Open;
            let name = &self.variable(last).name;
            self.context.remove(name.as_str());
            self.given.remove(name);
            self.secrets.remove(&last);
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

    fn run(&mut self, round: &[usize]) -> Result<()> {
        let mut evaluated = self.evaluate(round)?;
        for index in round {
            let evaluated = evaluated.remove(index).unwrap_or_default();
            let is_miscomputed = matches!((&evaluated.when, &evaluated.compute), (None | Some(Ok(_)), Some(Err(_))));
            if let Err(error) = self.decide(*index, evaluated) {
                self.tolerate(*index, !is_miscomputed, error)?;
            }
        }
        Ok(())
    }

    fn evaluate(&self, round: &[usize]) -> Result<BTreeMap<usize, Evaluated>> {
        let mut expressions = Vec::new();
        let mut owners = Vec::new();
        for index in round {
            let variable = self.variable(*index);
            for (is_when, text) in [(true, &variable.when), (false, &variable.compute)] {
                if let Some(text) = text {
                    expressions.push(self.declared.expression(text));
                    owners.push((*index, is_when));
                }
            }
        }
        let mut evaluated: BTreeMap<usize, Evaluated> = BTreeMap::new();
        if expressions.is_empty() {
            return Ok(evaluated);
        }
        let secrets = self.secrets.iter().map(|index| self.variable(*index).name.as_str()).collect();
        let answers = self.evaluator.evaluate(&self.context, &secrets, &expressions);
        answers_match(answers.len(), expressions.len())?;
        for (((index, is_when), answer), expression) in owners.into_iter().zip(answers).zip(&expressions) {
            let reads_secret = if is_when {
                self.needs.of_when(index).any(|needed| self.secrets.contains(&needed))
            } else {
                self.needs.of_compute(index).any(|needed| self.secrets.contains(&needed))
            };
            let answer = answer.map_err(|error| {
                let misspelt = finding::undeclared(&error, self.needs.undeclared(index), self.declared.names(), None);
                match misspelt {
                    Some(finding) => Error::new(error.kind(), "1 expression failed").with_findings(vec![finding]),
                    None if reads_secret => finding::silenced(&error, expression),
                    None => self.blamed(error),
                }
            });
            let entry = evaluated.entry(index).or_default();
            *(if is_when { &mut entry.when } else { &mut entry.compute }) = Some(answer);
        }
        Ok(evaluated)
    }

    /// Says whose mistake it is that an expression reads a key which an item of the user's lacks.
    fn blamed(&self, error: Error) -> Error {
        let tables = Tables::among(self.declared.variables, (&self.context, &self.given));
        let blame = error.body().findings.first().and_then(|finding| tables.blame(finding, None));
        match blame {
            Some(Blame::User(finding)) => finding::refused(vec![finding]),
            Some(Blame::Nobody(finding)) => error.with_findings(vec![finding]),
            Some(Blame::UserAgain) | None => error,
        }
    }

    /// Gives a variable its value, or lets it wait for an answer, now that everything that it needs is known.
    fn decide(&mut self, index: usize, evaluated: Evaluated) -> Result<()> {
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
            self.settle_one(index, value, Origin::Inactive);
            return Ok(());
        }
        if let Some(sample) = self.sources.samples.get(variable.name.as_str()) {
            if is_secret {
                self.secrets.insert(index);
            }
            // It is the pack's own, or made up.
            self.settle_one(index, sample.clone(), Origin::Default);
            return Ok(());
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
            self.import(index, fallback);
            return Ok(());
        }
        if self.asks && is_asked_for(variable, fallback.is_some()) {
            self.states[index] = State::Pending(Pending { fallback, problem, is_secret });
            return Ok(());
        }
        if let Some((value, origin)) = fallback {
            if is_secret {
                self.secrets.insert(index);
            }
            self.settle_one(index, value, origin);
            return Ok(());
        }
        if let Some(problem) = problem {
            self.wrongly_computed(index, &problem);
            return Ok(());
        }
        let finding = finding::missing(variable, self.place(&variable.range));
        self.fail(index, finding);
        Ok(())
    }

    /// What a variable takes from another pack.
    fn imported(&self, index: usize) -> Option<&'a Imported> {
        self.sources.imported.get(self.variable(index).name.as_str())
    }

    /// Whether a list is not known, as what it is joined with is not.
    fn is_joined(&self, index: usize) -> bool {
        let import = self.variable(index).import.as_ref();
        matches!(self.states[index], State::Unknown)
            && import.is_some_and(|import| import.value.rule != ListRule::Replace)
    }

    /// Gives a variable the value of another pack's, together with what it has itself where lists are merged; what the user gave
    /// comes before both otherwise.
    fn import(&mut self, index: usize, own: Option<(Value, Origin)>) {
        let Some(imported) = self.imported(index) else { return };
        let rule = &imported.rule;
        let variable = self.variable(index);
        let is_given = self.given.contains_key(variable.name.as_str());
        if let Some(own) = own.as_ref().filter(|_| *rule != ListRule::Replace) {
            self.own.insert(index, own.clone());
        }
        let (value, origin) = match own {
            Some((own, origin)) if *rule != ListRule::Replace => {
                (rule.join(&imported.value, &own), if is_given { origin } else { Origin::Import })
            }
            Some((own, origin)) if is_given => (own, origin),
            Some(_) | None => (imported.value.clone(), Origin::Import),
        };
        let is_theirs = origin == Origin::Import || *rule != ListRule::Replace;
        if is_theirs && imported.is_secret {
            self.secrets.insert(index);
        }
        if let Err(problem) = variable.check(&value) {
            let problem = if imported.is_secret { problem.without_value() } else { problem };
            let range = variable.import.as_ref().map_or(&variable.range, |import| &import.range);
            let finding = finding::wrongly_imported(variable, imported, &problem, self.place(range));
            self.fail(index, finding);
            return;
        }
        self.settle_one(index, value, origin);
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
        let name = self.variable(index).name.as_str();
        matches!(self.states[index], State::Known(Origin::Inactive))
            && self.context.get(name).is_none_or(Value::is_null)
    }

    fn place(&self, range: &Range<usize>) -> Span {
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

    fn settle_one(&mut self, index: usize, value: Value, origin: Origin) {
        let variable = self.variable(index);
        if variable.is_secret() {
            self.secrets.insert(index);
        }
        self.context.insert(variable.name.as_str().to_owned(), value);
        self.states[index] = State::Known(origin);
        self.trail.push(index);
    }

    fn variable(&self, index: usize) -> &'a Variable {
        &self.declared.variables[index]
    }

    /// Ends with all values, or with everything that is missing or invalid.
    pub(super) fn finish(self) -> Result<Values> {
        let (values, findings) = self.into_values();
        if findings.is_empty() { Ok(values) } else { Err(finding::refused(findings)) }
    }

    /// Ends with the values that are known, and with everything that is missing or invalid.
    pub(super) fn into_values(mut self) -> (Values, Vec<Diagnostic>) {
        let mut values = Values { given: self.given, ..Values::default() };
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
