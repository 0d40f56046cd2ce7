//! What rendering depends on, for answers of earlier calls: [`AskedJobs`].
//!
//! Always true here: files of the pack are digested once, when they are read; nothing else is digested before an answer may be found
//! or is kept.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::abi::JobParam;
use crate::engine::{Asked, Book, Question, Tag};

/// A job, and what is known of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedJob<'a> {
    /// What is handed in.
    pub param: JobParam<'a>,
    /// The digest of its template; none where a stage before made it.
    pub digest: Option<&'a [u8]>,
    /// What it is rendered for: its answers are found by it.
    pub is_for: [&'a [u8]; 3],
    /// Whether a secret may be in what it is made of.
    pub has_secret: bool,
}

/// The jobs of a group, by their numbers.
pub(super) trait Asking<'a>: Send + Sync + 'a {
    /// How many there are.
    fn count(&self) -> usize;
    /// A job.
    fn job(&self, number: usize) -> AskedJob<'a>;
}

impl<'a> Asking<'a> for AskedJob<'a> {
    fn count(&self) -> usize {
        1
    }

    fn job(&self, _number: usize) -> AskedJob<'a> {
        *self
    }
}

/// The jobs of a group, each with what it depends on.
pub(super) struct AskedJobs<'a, A> {
    /// Where answers are kept.
    pub book: &'a Book,
    /// The jobs.
    pub asking: A,
    /// The name of who renders.
    pub renderer: &'a str,
    /// Its digest, and that of what it may use.
    pub tags: (Tag, Tag),
    /// The digest of what may be included.
    pub included: Tag,
    /// Digests of options, which many jobs share, by where they lie.
    pub options: Mutex<HashMap<usize, Tag>>,
}

impl<'a, A: Asking<'a>> AskedJobs<'a, A> {
    fn slot_of(&self, job: &AskedJob<'a>) -> Tag {
        let [output, template, stage] = job.is_for;
        let (renderer, path) = (self.renderer.as_bytes(), job.param.template.path.as_bytes());
        self.book.tag("render", &[output, template, stage, renderer, path])
    }

    fn options(&self, options: &[u8]) -> Tag {
        let mut known = self.options.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry(options.as_ptr().addr()).or_insert_with(|| self.book.tag("options", &[options]))
    }
}

impl<'a, A: Asking<'a>> Asked for AskedJobs<'a, A> {
    fn may_hold_secret(&self, job: usize) -> bool {
        self.asking.job(job).has_secret
    }

    fn slot(&self, job: usize) -> Tag {
        self.slot_of(&self.asking.job(job))
    }

    fn question(&self, number: usize) -> Question {
        let job = self.asking.job(number);
        let template = job.param.template;
        let (path, book) = (template.path.as_bytes(), self.book);
        let about = match job.digest {
            Some(digest) => book.tag("template", &[path, digest]),
            None => book.tag("made template", &[path, template.contents]),
        };
        Question::new(self.slot_of(&job), self.tags)
            .about(about)
            .including(self.included)
            .with_options(self.options(job.param.options))
            .with_item(book.tag("locals", &[job.param.locals]))
    }
}
