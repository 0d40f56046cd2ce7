//! Calls of `expressions`: which names expressions look up, and what they evaluate to.
//!
//! Only the built-in engine has this interface, which is always of the newest version: nothing is adapted.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{Export, Function, Input, Portion, Results, Telling};
use crate::abi::{
    Adapter, EvaluateParams, Evaluated, ExpressionInspected, ExpressionSource, GuestValue, InspectExpressionsParams,
    Mode, texts,
};
use crate::digest::Digest;

/// Says which top-level names expressions may look up.
#[derive(Debug, Clone)]
pub struct Names<'a> {
    /// The expressions.
    pub sources: Cow<'a, [ExpressionSource<'a>]>,
}

impl<'a> Names<'a> {
    pub(in crate::engine) fn given(text: &'a str, mode: &'a Mode) -> Self {
        Self { sources: vec![ExpressionSource { text, mode: *mode, locals: b"{}" }].into() }
    }
}

impl<'a> Export for Names<'a> {
    const FUNCTION: Function = Function::Names;
    const MEASURED: bool = false;
    type Job = ExpressionSource<'a>;
    type Output = Vec<String>;
    type Parameters<'p, A: Adapter>
        = InspectExpressionsParams<'p>
    where
        Self: 'p;
    type Given<A: Adapter> = ExpressionInspected;

    fn jobs(&self) -> &[ExpressionSource<'a>] {
        &self.sources
    }

    fn shared_bytes(&self) -> u64 {
        0
    }

    fn job_bytes(job: &ExpressionSource<'a>) -> u64 {
        source_bytes(job)
    }

    fn parameters<'p, A: Adapter>(&'p self, jobs: &'p [ExpressionSource<'a>]) -> InspectExpressionsParams<'p> {
        (jobs,)
    }

    fn results<A: Adapter>((names,): ExpressionInspected) -> Results<Vec<String>> {
        let plain = |names: crate::abi::Metered<Vec<crate::abi::Metered<String>>>| {
            names.0.into_iter().map(|name| name.0).collect()
        };
        names.0.into_iter().map(|result| result.map(plain)).collect()
    }

    fn order<'j>(job: &'j ExpressionSource<'a>) -> (&'j str, &'j [u8]) {
        (job.text, b"")
    }

    fn input(&self, job: &ExpressionSource<'a>) -> Input {
        Input::Names { text: job.text.to_owned(), mode: job.mode }
    }

    fn tell(names: &Vec<String>, _telling: &mut dyn Telling) -> Value {
        json!(names)
    }
}

impl Portion for Names<'_> {
    fn portion(&self, jobs: Vec<Self::Job>) -> Self {
        Self { sources: jobs.into() }
    }
}

/// Evaluates expressions against a context.
#[derive(Debug, Clone)]
pub struct Evaluate<'a> {
    /// The variables, a JSON object.
    pub context: &'a [u8],
    /// The expressions.
    pub sources: Cow<'a, [ExpressionSource<'a>]>,
}

impl<'a> Evaluate<'a> {
    pub(in crate::engine) fn given(context: &'a [u8], text: &'a str, mode: &'a Mode, locals: &'a [u8]) -> Self {
        Self { context, sources: vec![ExpressionSource { text, mode: *mode, locals }].into() }
    }
}

impl<'a> Export for Evaluate<'a> {
    const FUNCTION: Function = Function::Evaluate;
    const MEASURED: bool = false;
    type Job = ExpressionSource<'a>;
    type Output = GuestValue;
    type Parameters<'p, A: Adapter>
        = EvaluateParams<'p>
    where
        Self: 'p;
    type Given<A: Adapter> = Evaluated;

    fn jobs(&self) -> &[ExpressionSource<'a>] {
        &self.sources
    }

    fn shared_bytes(&self) -> u64 {
        self.context.len() as u64
    }

    fn job_bytes(job: &ExpressionSource<'a>) -> u64 {
        source_bytes(job)
    }

    fn parameters<'p, A: Adapter>(&'p self, jobs: &'p [ExpressionSource<'a>]) -> EvaluateParams<'p> {
        (self.context, jobs)
    }

    fn results<A: Adapter>((values,): Evaluated) -> Results<GuestValue> {
        values.0
    }

    fn order<'j>(job: &'j ExpressionSource<'a>) -> (&'j str, &'j [u8]) {
        (job.text, job.locals)
    }

    fn input(&self, job: &ExpressionSource<'a>) -> Input {
        Input::Evaluate {
            context: self.context.to_owned(),
            text: job.text.to_owned(),
            mode: job.mode,
            locals: job.locals.to_owned(),
        }
    }

    fn tell(value: &GuestValue, telling: &mut dyn Telling) -> Value {
        telling.file(None, &value.json.0, false);
        json!({ "json": Digest::of(&value.json.0), "reads": texts(&value.reads.variables) })
    }
}

impl Portion for Evaluate<'_> {
    fn portion(&self, jobs: Vec<Self::Job>) -> Self {
        Self { context: self.context, sources: jobs.into() }
    }
}

fn source_bytes(source: &ExpressionSource<'_>) -> u64 {
    (source.text.len() + source.locals.len()) as u64
}
