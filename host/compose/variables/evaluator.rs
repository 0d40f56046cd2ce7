//! Who evaluates a manifest's expressions: the sandbox.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::querier::Querier;
use super::shelf::Shelf;
use crate::diagnostic::Diagnostic;
use crate::engine::Known;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Expression, Pack};
use crate::plugins::Toolbox;
use crate::secrets::Secrets;

/// Evaluates expressions. A call has a price of its own, so each takes many.
pub trait Evaluator {
    /// Returns, for each expression, the top-level names that it may read.
    fn names(&self, expressions: &[Expression<'_>]) -> Vec<Result<Vec<String>>>;

    /// Returns the value of each expression, given the names in `context`, of which some are secrets or made of secrets.
    fn evaluate(
        &self,
        context: &Map<String, Value>,
        secrets: &BTreeSet<&str>,
        expressions: &[Expression<'_>],
    ) -> Vec<Result<Value>>;

    /// Who asks queries; none where there are none to ask.
    fn querier(&self) -> Option<&dyn Querier> {
        None
    }
}

/// What the expressions of a variable say.
#[derive(Default)]
pub(super) struct Evaluated {
    pub(super) when: Option<Result<Value>>,
    pub(super) compute: Option<Result<Value>>,
}

/// Evaluates a manifest's expressions for the resolution of variables.
#[derive(Debug)]
pub struct ToolboxEvaluator<'t, 'a> {
    /// Who evaluates.
    pub(super) toolbox: &'t Toolbox<'a>,
    /// The pack whose queries are asked.
    pub(super) pack: &'t Pack,
    /// What must not be shown.
    pub(super) secrets: Secrets,
    /// Files that were read.
    pub(super) shelf: Shelf,
    /// What is to be said about answers, as the graphs show.
    pub(super) remarks: RefCell<Vec<Diagnostic>>,
}

impl<'t, 'a> ToolboxEvaluator<'t, 'a> {
    /// Evaluates for a pack; what is in `secrets` is not shown.
    #[must_use]
    pub fn new(toolbox: &'t Toolbox<'a>, pack: &'t Pack, secrets: Secrets) -> Self {
        Self { toolbox, pack, secrets, shelf: Shelf::default(), remarks: RefCell::default() }
    }

    /// Takes what is to be said about answers that were given.
    pub fn take_remarks(&self) -> Vec<Diagnostic> {
        self.remarks.take()
    }
}

impl Evaluator for ToolboxEvaluator<'_, '_> {
    fn names(&self, expressions: &[Expression<'_>]) -> Vec<Result<Vec<String>>> {
        match self.toolbox.names(expressions, &self.secrets) {
            Ok(names) => names,
            Err(error) => vec![Err(error)],
        }
    }

    fn evaluate(
        &self,
        context: &Map<String, Value>,
        secrets: &BTreeSet<&str>,
        expressions: &[Expression<'_>],
    ) -> Vec<Result<Value>> {
        let known = Known::new(context, secrets);
        let context = serde_json::to_vec(context).unwrap_or_else(|_| b"{}".to_vec());
        let expressions: Vec<_> = expressions.iter().map(|expression| (expression.clone(), &b"{}"[..])).collect();
        match self.toolbox.evaluate_all((&context, Some(&known)), &expressions, &self.secrets) {
            Ok(values) => values
                .into_iter()
                .map(|value| value.map_or_else(|failure| Err(failure.into_one("expression")), |(value, _)| Ok(value)))
                .collect(),
            Err(error) => vec![Err(error)],
        }
    }

    fn querier(&self) -> Option<&dyn Querier> {
        Some(self)
    }
}

/// Checks that an evaluator answered every question.
pub(super) fn answers_match(answers: usize, questions: usize) -> Result<()> {
    if answers == questions {
        return Ok(());
    }
    let detail = format!("the engine gave {answers} answers to {questions} expressions");
    Err(Error::new(ErrorKind::Plugin, detail))
}
