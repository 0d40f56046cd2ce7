//! What rendering a job shares: who finishes outcomes, and with what.

use super::job::Job;
use super::piece::{Meter, Piece};
use crate::abi::GuestRendered;
use crate::diagnostic::Diagnostic;
use crate::engine::{Group, Known, Outcome, Run};
use crate::error::Result;
use crate::pack::TemplateEngine;
use crate::plugins::JobFailure;

/// What one job made, with its remarks.
pub(crate) type Made = std::result::Result<(Vec<Piece>, Vec<Diagnostic>), JobFailure>;
/// Turns the outcome of a group's job into what it made.
pub(crate) type Finish<'a> = dyn Fn(usize, usize, Outcome<GuestRendered>) -> Made + Sync + 'a;
/// Has groups of jobs rendered, in whatever way, and each outcome finished. It is called once for each stage of the
/// longest chain; the parts say what each job is part of.
pub(crate) type RunGroups<'a> = dyn Fn(&[Group<'_>], &[Vec<Part>], &Finish<'_>) -> Result<Vec<Vec<Made>>> + 'a;

/// What a job is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// The number of the file in the plan.
    pub file: usize,
    /// The stage of its chain, from 0.
    pub stage: usize,
}

/// Everything that turning outcomes into files needs.
pub(super) struct Renderer<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) run: &'a Run<'a>,
    pub(super) context: &'a [u8],
    /// The variables, for answers of earlier calls.
    pub(super) known: &'a Known<'a>,
}

/// A stage of chains, for one engine.
#[derive(Clone, Copy)]
pub(super) struct Stage<'a> {
    /// Who renders.
    pub engine: &'a TemplateEngine,
    /// Its number, from 0.
    pub number: usize,
    /// Counts what the stage makes.
    pub meter: &'a Meter<'a>,
    /// How many files it may make of one template.
    pub most: u64,
}

impl<'a> Renderer<'a> {
    /// What the user knows a file of the pack by, and its text.
    pub(super) fn lookup(&self, path: &str) -> (String, Option<&'a str>) {
        let text = self.job.sources.get(path).and_then(|source| std::str::from_utf8(&source.contents).ok());
        (path.parse().map_or_else(|_| path.to_owned(), |path| self.job.pack.path_of(&path)), text)
    }
}
