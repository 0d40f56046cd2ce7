//! What passes from one stage of a chain to the next, and what leaves the last one: [`Piece`].
//!
//! Always true here: a piece's path was checked; what a piece was made from is known for all stages before it; how many
//! pieces of one template a stage may make, and how large all are together, is bounded while they come.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::tree::TreeFile;
use serde::Serialize;

use crate::abi::GuestReads;
use crate::diagnostic::{Diagnostic, Span};
use crate::engine::{Came, Usage, Why};
use crate::error::Result;
use crate::limits::Budget;
use crate::pack::{OutputPath, PackPath, TemplateEngine};

/// Names that were looked up in vain of which a file knows.
const MOST_ABSENT: usize = 1000;
/// Bytes that a text in a list takes beside its own.
const TEXT: usize = size_of::<String>();
/// Bytes of such a name.
pub(super) const LONGEST_ABSENT: usize = 256;

/// What is known of a generated file beside what its receipt says.
#[derive(Debug, Clone, Serialize)]
pub struct FileReport {
    /// The file.
    pub path: OutputPath,
    /// Partials that were included.
    pub partials: Vec<PackPath>,
    /// Variables that were looked up in vain, or partials.
    pub absent: Vec<String>,
    /// What the calls cost; none for a copy, and where no call was made.
    pub usage: Option<Usage>,
    /// How its bytes came to be.
    #[serde(skip)]
    pub making: Making,
}

/// How the bytes of a file came to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Making {
    /// It was copied.
    #[default]
    Copied,
    /// It is what earlier calls gave.
    Recalled,
    /// Calls were made, for these reasons.
    Rendered(Vec<Why>),
}

impl Making {
    /// Adds what another call came from; of several that were made, the first one's reasons count.
    fn add(&mut self, came: Came) {
        match (&self, came) {
            (Self::Rendered(_), _) => {}
            (_, Came::Called(whys)) => *self = Self::Rendered(whys),
            (_, Came::Recalled) => *self = Self::Recalled,
        }
    }

    /// Adds that it was merged, where a merger was called though nothing that is merged was rendered.
    pub fn merged(&mut self, came: Option<Came>) {
        if let (Some(Came::Called(mut whys)), Self::Copied | Self::Recalled) = (came, &self) {
            whys.iter_mut().filter(|why| **why == Why::Template).for_each(|why| *why = Why::Sides);
            *self = Self::Rendered(whys);
        }
    }

    /// Adds how another file came to be of which this one is made, too.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Rendered(mut whys), Self::Rendered(others)) => {
                let others: Vec<Why> = others.into_iter().filter(|why| !whys.contains(why)).collect();
                whys.extend(others);
                Self::Rendered(whys)
            }
            (rendered @ Self::Rendered(_), _) | (_, rendered @ Self::Rendered(_)) => rendered,
            (Self::Recalled, _) | (_, Self::Recalled) => Self::Recalled,
            (Self::Copied, Self::Copied) => Self::Copied,
        }
    }
}

/// What a stage made of a template.
#[derive(Debug)]
pub(crate) enum Piece {
    /// A file of the tree.
    File(Box<(TreeFile, FileReport)>),
    /// A template of the next stage.
    Next(Box<Intermediate>),
}

impl Piece {
    /// Bytes that it takes in memory; contents that are shared with a source count there.
    pub fn weight(&self) -> u64 {
        let texts = |texts: &mut dyn Iterator<Item = usize>| texts.map(|bytes| bytes + TEXT).sum::<usize>();
        let bytes = match self {
            Self::File(made) => {
                let (file, report) = &**made;
                let provenance = file.provenance();
                let names = provenance.variables.iter().chain(&report.absent).map(String::len);
                let partials = report.partials.iter().map(|path| path.as_str().len());
                let paths = 2 * report.path.as_str().len() + provenance.template.len() + provenance.engine.len();
                let contents = if report.making == Making::Copied { 0 } else { file.contents().len() };
                size_of::<(TreeFile, FileReport)>() + contents + paths + texts(&mut names.chain(partials))
            }
            Self::Next(given) => {
                let names = given.origin.variables.iter().chain(&given.origin.absent).map(String::len);
                let partials = given.origin.partials.iter().map(|path| path.as_str().len());
                size_of::<Intermediate>()
                    + given.contents.len()
                    + given.path.as_str().len()
                    + texts(&mut names.chain(partials))
            }
        };
        bytes as u64
    }
}

/// A file between two stages: the template of the next.
#[derive(Debug)]
pub(crate) struct Intermediate {
    /// Where it would go.
    pub path: OutputPath,
    /// Its bytes.
    pub contents: Arc<Vec<u8>>,
    /// Whether a stage wants it to be executable.
    pub executable: bool,
    /// Whether a secret may be in it.
    pub has_secret: bool,
    /// What it was made from.
    pub origin: Origin,
}

/// What a file was made from, over all stages so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    /// Variables that were read.
    pub variables: BTreeSet<String>,
    /// Partials that were included.
    pub partials: BTreeSet<PackPath>,
    /// Names that were looked up in vain.
    pub absent: BTreeSet<String>,
    /// What the calls cost together.
    pub usage: Option<Usage>,
    /// Whether they were made, and why.
    pub making: Making,
}

impl Origin {
    /// Adds what another call looked up, and what it cost.
    pub fn add(&mut self, reads: GuestReads, (usage, came): (Usage, Came), shown: impl Fn(&str) -> String) {
        self.variables.extend(reads.variables.0.into_iter().map(|name| name.0));
        self.partials.extend(reads.partials.0.iter().filter_map(|path| path.0.parse().ok()));
        let room = MOST_ABSENT.saturating_sub(self.absent.len());
        self.absent.extend(reads.absent.0.iter().take(room).map(|name| shown(&name.0)));
        if matches!(came, Came::Called(_)) {
            self.usage = Some(self.usage.map_or(usage, |before| before.and(usage)));
        }
        self.making.add(came);
    }
}

/// What one file of the plan is at a stage.
#[derive(Debug)]
pub(super) struct Work {
    /// The file's number in the plan.
    pub file: usize,
    /// What the stage before made; none: the template itself.
    pub given: Option<Box<Intermediate>>,
}

/// Counts what a stage makes while its jobs are still running: a plugin can make much of little, stage after stage.
#[derive(Debug)]
pub(super) struct Meter<'a> {
    budget: &'a Budget,
    /// By number in the plan.
    pieces: Vec<AtomicU64>,
    files: AtomicU64,
    bytes: AtomicU64,
}

impl<'a> Meter<'a> {
    /// Begins a stage of a plan with so many files; `files` and `bytes` are those that are finished.
    pub fn new(budget: &'a Budget, planned: usize, files: u64, bytes: u64) -> Self {
        let pieces = (0..planned).map(|_| AtomicU64::new(0)).collect();
        Self { budget, pieces, files: AtomicU64::new(files), bytes: AtomicU64::new(bytes) }
    }

    /// Counts what a job made; says whether it may be kept.
    pub fn take(&self, file: usize, pieces: usize, bytes: u64, most: u64) -> bool {
        let pieces = pieces as u64;
        let before = self.pieces[file].fetch_add(pieces, Ordering::Relaxed);
        self.files.fetch_add(pieces, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        before + pieces <= most && self.check().is_ok()
    }

    /// How many pieces a file of the plan has become.
    pub fn pieces(&self, file: usize) -> u64 {
        self.pieces[file].load(Ordering::Relaxed)
    }

    /// Checks number and size of everything that was made.
    ///
    /// # Errors
    /// `Stopped` where it is too much.
    pub fn check(&self) -> Result<()> {
        self.budget.check_outputs(self.files.load(Ordering::Relaxed))?;
        self.budget.check_output_bytes(self.bytes.load(Ordering::Relaxed))?;
        Ok(())
    }
}

/// Says of findings which stage of a chain they come from. `between` is what that stage was given.
pub(super) fn name_stage(
    findings: &mut [Diagnostic],
    stage: usize,
    engine: &TemplateEngine,
    template: &str,
    between: &Intermediate,
) {
    let is_between = |span: &Span| span.path == between.path.as_str();
    for finding in findings {
        finding.message = format!("in stage {} of the chain, `{engine}`: {}", stage + 1, finding.message);
        let spans = finding.span.iter_mut().chain(&mut finding.related);
        for span in spans.filter(|span| is_between(span) && between.has_secret) {
            // The line may hold the secret in any form; its place is told, its text is not.
            span.excerpt = None;
        }
        if finding.span.as_ref().is_some_and(is_between) {
            finding.related.push(Span::file(template));
        }
    }
}
