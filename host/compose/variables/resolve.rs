//! Finds a value for every variable of a pack: [`resolve`].
//!
//! Always true here: an expression is evaluated only once everything that it reads has a value; everything that is
//! missing or invalid is reported at once; each round is one call to the evaluator.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::{Map, Value};

use super::declared::Declared;
use super::evaluator::{Evaluator, answers_match};
use super::finding;
use super::order::Needs;
use super::question::{Answer, Prompter, Question};
use super::sources::{self, Given, Sources};
use super::values::{Origin, Values};
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Expression, Variable};
use crate::show;
use crate::values::Problem;

/// How often a question is asked before its last answer counts as given.
const MAX_ATTEMPTS: usize = 3;

/// Finds a value for every variable.
///
/// Strongest first: flags, the answers file, the environment, an answer where there is a `prompter` and either the
/// variable has a `prompt` or nothing else gives a value, the computed value, the default. A variable whose `when` is
/// false is not asked for: it is computed or has its default all the same, and is null where neither gives it a value.
///
/// Errors: `Variables`, with a finding for everything that is missing, invalid or unknown; `Usage` for an answers file
/// that is not TOML; `Manifest` for variables that need each other and for a `when` that is neither true nor false; and
/// whatever the evaluator and the prompter say.
pub fn resolve(
    declared: Declared<'_>,
    sources: &Sources,
    evaluator: &dyn Evaluator,
    prompter: Option<&dyn Prompter>,
) -> Result<Values> {
    let mut findings = Vec::new();
    let given = sources::collect(&declared, sources, &mut findings)?;
    let needs = Needs::find(&declared, evaluator)?;
    let mut resolver = Resolver {
        declared,
        evaluator,
        prompter,
        needs,
        states: declared.variables.iter().map(|_| State::Open).collect(),
        context: Map::new(),
        secrets: BTreeSet::new(),
        samples: &sources.samples,
        findings,
        places: OnceCell::new(),
    };
    for (index, given) in given {
        match given {
            Given::Value(value, origin) => resolver.settle(index, value, origin),
            Given::Invalid => resolver.states[index] = State::Failed,
        }
    }
    while let Some(round) = resolver.next_round() {
        resolver.run(&round)?;
    }
    resolver.finish()
}

/// Finds places in the manifest.
type Places<'a> = Box<dyn Fn(&Range<usize>) -> Span + 'a>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Known(Origin),
    /// Missing or invalid, and reported.
    Failed,
}

struct Resolver<'a> {
    declared: Declared<'a>,
    evaluator: &'a dyn Evaluator,
    prompter: Option<&'a dyn Prompter>,
    needs: Needs,
    states: Vec<State>,
    context: Map<String, Value>,
    secrets: BTreeSet<usize>,
    samples: &'a BTreeMap<String, Value>,
    findings: Vec<Diagnostic>,
    /// Places in the manifest, once one is asked for.
    places: OnceCell<Places<'a>>,
}

/// What the expressions of a variable say.
#[derive(Default)]
struct Evaluated {
    when: Option<Result<Value>>,
    compute: Option<Result<Value>>,
}

impl<'a> Resolver<'a> {
    /// Returns the variables whose needs are all met, in the order of declaration; with somebody to ask only the first,
    /// so that the questions come in that order too.
    ///
    /// Nobody is asked any more questions once something is wrong that answers cannot mend.
    fn next_round(&self) -> Option<Vec<usize>> {
        if self.prompter.is_some() && !self.findings.is_empty() {
            return None;
        }
        let is_known = |index: usize| matches!(self.states[index], State::Known(_));
        let is_ready = |index: &usize| self.states[*index] == State::Open && self.needs.of(*index).all(is_known);
        let ready = (0..self.states.len()).filter(is_ready);
        let round: Vec<usize> = if self.prompter.is_some() { ready.take(1).collect() } else { ready.collect() };
        (!round.is_empty()).then_some(round)
    }

    fn run(&mut self, round: &[usize]) -> Result<()> {
        let mut evaluated = self.evaluate(round)?;
        for index in round {
            self.decide(*index, evaluated.remove(index).unwrap_or_default())?;
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
        let answers = self.evaluator.evaluate(&self.context, &expressions);
        answers_match(answers.len(), expressions.len())?;
        for (((index, is_when), answer), expression) in owners.into_iter().zip(answers).zip(&expressions) {
            let reads_secret = if is_when {
                self.needs.of_when(index).any(|needed| self.secrets.contains(&needed))
            } else {
                self.needs.of_compute(index).any(|needed| self.secrets.contains(&needed))
            };
            let answer = answer.map_err(|error| {
                let misspelt = finding::undeclared(&error, self.needs.undeclared(index), self.declared.variables);
                match misspelt {
                    Some(finding) => Error::new(error.kind(), "1 expression failed").with_findings(vec![finding]),
                    None if reads_secret => silenced(&error, expression),
                    None => error,
                }
            });
            let entry = evaluated.entry(index).or_default();
            *(if is_when { &mut entry.when } else { &mut entry.compute }) = Some(answer);
        }
        Ok(evaluated)
    }

    /// Gives a variable its value, now that everything that it needs is known.
    fn decide(&mut self, index: usize, evaluated: Evaluated) -> Result<()> {
        let variable = self.variable(index);
        let is_secret = variable.is_secret()
            || evaluated.compute.is_some() && self.needs.of_compute(index).any(|needed| self.secrets.contains(&needed));
        if !self.is_active(variable, evaluated.when)? {
            let value = inactive(variable, evaluated.compute)?;
            if is_secret {
                self.secrets.insert(index);
            }
            self.settle(index, value, Origin::Inactive);
            return Ok(());
        }
        if let Some(sample) = self.samples.get(variable.name.as_str()) {
            if is_secret {
                self.secrets.insert(index);
            }
            self.settle(index, sample.clone(), Origin::Prompt);
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
        let outcome = match self.prompter {
            Some(prompter) if variable.prompt.is_some() || fallback.is_none() => {
                let suggestion = fallback.as_ref().map(|(value, _)| value);
                ask(prompter, variable, suggestion, problem, is_secret)?
            }
            _ => match (fallback, problem) {
                (Some((value, origin)), _) => Outcome::Value(value, origin),
                (None, Some(problem)) => Outcome::InvalidComputed(problem),
                (None, None) => Outcome::Missing,
            },
        };
        let place = |range: &Range<usize>| self.places.get_or_init(|| Box::new(self.declared.places()))(range);
        let finding = match outcome {
            Outcome::Value(value, origin) => {
                if is_secret {
                    self.secrets.insert(index);
                }
                self.settle(index, value, origin);
                return Ok(());
            }
            Outcome::Missing => finding::missing(variable, place(&variable.range)),
            Outcome::InvalidAnswer(problem) => finding::invalid(variable, &problem, "from the answer", None),
            Outcome::InvalidComputed(problem) => {
                let range = variable.compute.as_ref().map_or(&variable.range, |compute| &compute.range);
                finding::invalid(variable, &problem, "computed by the pack", Some(place(range)))
            }
        };
        self.findings.push(finding);
        self.states[index] = State::Failed;
        Ok(())
    }

    fn is_active(&self, variable: &Variable, when: Option<Result<Value>>) -> Result<bool> {
        let (Some(expression), Some(value)) = (&variable.when, when) else { return Ok(true) };
        match value? {
            Value::Bool(active) => Ok(active),
            other => {
                // What it is says enough, and its value could be made from a secret.
                let kind = match other {
                    Value::Null => "nothing",
                    Value::String(_) => "a text",
                    Value::Number(_) => "a number",
                    Value::Array(_) => "a list",
                    Value::Object(_) | Value::Bool(_) => "a table",
                };
                let message = format!("`when` of `{}` must be true or false, and is {kind}", variable.name);
                let finding = Diagnostic::error("variables/condition", message)
                    .at(self.declared.places()(&expression.range))
                    .help("compare it with something, for instance `when = \"database != 'none'\"`");
                let detail = format!("a condition in `{}` is neither true nor false", self.declared.manifest_path);
                Err(Error::new(ErrorKind::Manifest, detail).with_findings(vec![finding]))
            }
        }
    }

    fn settle(&mut self, index: usize, value: Value, origin: Origin) {
        let variable = self.variable(index);
        if variable.is_secret() {
            self.secrets.insert(index);
        }
        self.context.insert(variable.name.as_str().to_owned(), value);
        self.states[index] = State::Known(origin);
    }

    fn variable(&self, index: usize) -> &'a Variable {
        &self.declared.variables[index]
    }

    fn finish(mut self) -> Result<Values> {
        if !self.findings.is_empty() {
            return Err(finding::wrap(self.findings));
        }
        let mut values = Values::default();
        for (index, variable) in self.declared.variables.iter().enumerate() {
            let name = variable.name.as_str();
            if let (State::Known(origin), Some(value)) = (self.states[index], self.context.remove(name)) {
                values.values.insert(name.to_owned(), value);
                values.origins.insert(variable.name.clone(), origin);
            }
            if self.secrets.contains(&index) {
                values.secrets.insert(variable.name.clone());
            }
        }
        Ok(values)
    }
}

/// The value of a variable that nobody is asked for: computed, the default, or null. What can't be computed without the
/// variables that are hidden with it is null: nobody who generates the pack could mend that.
fn inactive(variable: &Variable, computed: Option<Result<Value>>) -> Result<Value> {
    match computed {
        None => Ok(variable.default.clone().unwrap_or(Value::Null)),
        Some(Ok(value)) => Ok(if variable.check(&value).is_ok() { value } else { Value::Null }),
        Some(Err(error)) if error.exit_code() == 1 => Ok(Value::Null),
        Some(Err(error)) => Err(error),
    }
}

enum Outcome {
    Value(Value, Origin),
    Missing,
    InvalidAnswer(Problem),
    InvalidComputed(Problem),
}

/// Asks until there is a valid answer, a few times at most.
fn ask(
    prompter: &dyn Prompter,
    variable: &Variable,
    suggestion: Option<&Value>,
    mut problem: Option<Problem>,
    is_secret: bool,
) -> Result<Outcome> {
    for _ in 0..MAX_ATTEMPTS {
        let question = Question { variable, suggestion, problem: problem.as_ref(), is_secret };
        let answer = match prompter.ask(&question)? {
            Answer::Text(text) => variable.parse_text(&text),
            Answer::Value(value) => variable.check(&value).map(|()| value),
            Answer::Suggestion => match suggestion {
                Some(value) => Ok(value.clone()),
                None => continue,
            },
        };
        match answer {
            Ok(value) => return Ok(Outcome::Value(value, Origin::Prompt)),
            Err(found) => problem = Some(if is_secret { found.without_value() } else { found }),
        }
    }
    Ok(problem.map_or(Outcome::Missing, Outcome::InvalidAnswer))
}

/// Keeps the kind of an error and drops what it says, which could repeat a secret that the expression read.
fn silenced(error: &Error, expression: &Expression<'_>) -> Error {
    let detail = format!("the expression {} failed", show::quoted(expression.text));
    Error::new(error.kind(), detail)
        .at(expression.span())
        .hint("what went wrong is not shown, because the expression reads a secret")
}
