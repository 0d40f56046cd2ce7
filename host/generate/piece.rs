//! What passes from one stage of a chain to the next, and what leaves the last one: [`Piece`].
//!
//! Always true here: a piece's path was checked; what a piece was made from is known for all stages before it; how many
//! pieces of one template a stage may make, and how large all are together, is bounded while they come.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::tree::{TreeFile, TreeLimits};
use serde::Serialize;

use crate::abi::GuestReads;
use crate::diagnostic::{Diagnostic, Span};
use crate::engine::Usage;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Engine, OutputPath, PackPath};
use crate::text::format_bytes;

/// Names that were looked up in vain of which a file knows.
const MOST_ABSENT: usize = 1000;
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
    /// What the call cost; none for a copy.
    pub usage: Option<Usage>,
}

/// What a stage made of a template.
#[derive(Debug)]
pub(crate) enum Piece {
    /// A file of the tree.
    File(Box<(TreeFile, FileReport)>),
    /// A template of the next stage.
    Next(Intermediate),
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
}

impl Origin {
    /// Adds what another call looked up, and what it cost.
    pub fn add(&mut self, reads: GuestReads, usage: Usage, shown: impl Fn(&str) -> String) {
        self.variables.extend(reads.variables.0.into_iter().map(|name| name.0));
        self.partials.extend(reads.partials.0.iter().filter_map(|path| path.0.parse().ok()));
        let room = MOST_ABSENT.saturating_sub(self.absent.len());
        self.absent.extend(reads.absent.0.iter().take(room).map(|name| shown(&name.0)));
        self.usage = Some(self.usage.map_or(usage, |before| before.and(usage)));
    }
}

/// What one file of the plan is at a stage.
#[derive(Debug)]
pub(super) struct Work {
    /// The file's number in the plan.
    pub file: usize,
    /// What the stage before made; none: the template itself.
    pub given: Option<Intermediate>,
}

/// Counts what a stage makes while its jobs are still running: a plugin can make much of little, stage after stage.
#[derive(Debug)]
pub(super) struct Meter {
    /// By number in the plan.
    pieces: Vec<AtomicU64>,
    bytes: AtomicU64,
}

impl Meter {
    /// Begins a stage of a plan with so many files; `bytes` are in files that are finished.
    pub fn new(files: usize, bytes: u64) -> Self {
        Self { pieces: (0..files).map(|_| AtomicU64::new(0)).collect(), bytes: AtomicU64::new(bytes) }
    }

    /// Counts what a job made; says whether it may be kept.
    pub fn take(&self, file: usize, pieces: usize, bytes: u64, most: u64) -> bool {
        let pieces = pieces as u64;
        let before = self.pieces[file].fetch_add(pieces, Ordering::Relaxed);
        let bytes_before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        before + pieces <= most && bytes_before.saturating_add(bytes) <= TreeLimits::default().bytes
    }

    /// How many pieces a file of the plan has become.
    pub fn pieces(&self, file: usize) -> u64 {
        self.pieces[file].load(Ordering::Relaxed)
    }

    /// Checks the size of everything that was made.
    ///
    /// # Errors
    /// `Stopped` where it is too much.
    pub fn check(&self) -> Result<()> {
        let (bytes, limit) = (self.bytes.load(Ordering::Relaxed), TreeLimits::default().bytes);
        if bytes <= limit {
            return Ok(());
        }
        let (bytes, limit) = (format_bytes(bytes), format_bytes(limit));
        let detail = format!("the generated files have {bytes} together, at most {limit} are allowed");
        Err(Error::new(ErrorKind::Stopped, detail).hint("generate the pack in parts"))
    }
}

/// Says of findings which stage of a chain they come from. `between` is what that stage was given.
pub(super) fn name_stage(
    findings: &mut [Diagnostic],
    stage: usize,
    engine: &Engine,
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
