//! What calls with expressions, with files that are merged and with queries depend on, for answers of earlier calls.
//!
//! Always true here: but for queries, which are few, nothing is digested before an answer may be found or is kept.

use crate::abi::{ExpressionSource, MergeJobParam};
use crate::engine::{Asked, Book, Question, Tag};

/// What calls with expressions depend on.
pub(super) struct Expressions<'r> {
    pub book: &'r Book,
    pub tags: (Tag, Tag),
    pub function: &'static str,
    pub all: &'r [ExpressionSource<'r>],
}

impl Expressions<'_> {
    /// Digests an expression, and what it is given beside the variables.
    fn parts(&self, job: usize) -> (Tag, Tag) {
        let source = &self.all[job];
        let about = self.book.tag("expression", &[&[source.mode as u8], source.text.as_bytes()]);
        (about, self.book.tag("locals", &[source.locals]))
    }

    fn slot_of(&self, (about, item): (Tag, Tag)) -> Tag {
        self.book.tag(self.function, &[&about, &item])
    }
}

impl Asked for Expressions<'_> {
    fn slot(&self, job: usize) -> Tag {
        self.slot_of(self.parts(job))
    }

    fn question(&self, job: usize) -> Question {
        let (about, item) = self.parts(job);
        Question::new(self.slot_of((about, item)), self.tags).about(about).with_item(item)
    }
}

/// The question that is the only one.
pub(super) struct AskedOnce(pub Question);

impl Asked for AskedOnce {
    fn slot(&self, _job: usize) -> Tag {
        self.0.slot
    }

    fn question(&self, _job: usize) -> Question {
        self.0.clone()
    }
}

/// The questions of few jobs, each made before; none where a secret may be in what the job is given.
pub(super) struct AskedAll(pub Vec<Option<Question>>);

impl Asked for AskedAll {
    fn may_hold_secret(&self, job: usize) -> bool {
        self.0[job].is_none()
    }

    fn slot(&self, job: usize) -> Tag {
        self.0[job].as_ref().map_or_else(Tag::default, |question| question.slot)
    }

    fn question(&self, job: usize) -> Question {
        self.0[job].clone().unwrap_or_else(|| Question::new(Tag::default(), Default::default()))
    }
}

/// What merging files depends on.
pub(super) struct Merges<'m> {
    pub book: &'m Book,
    pub tags: (Tag, Tag),
    pub jobs: &'m [MergeJobParam<'m>],
    /// Of which of them a side may hold a secret.
    pub secret: Vec<bool>,
}

impl Asked for Merges<'_> {
    fn may_hold_secret(&self, job: usize) -> bool {
        self.secret[job]
    }

    fn slot(&self, job: usize) -> Tag {
        self.book.tag("merge", &[self.jobs[job].path.as_bytes()])
    }

    fn question(&self, number: usize) -> Question {
        let (book, job) = (self.book, &self.jobs[number]);
        let sides = job.sides.iter().flat_map(|side| [side.owner.as_bytes(), side.contents]);
        let base = job.base.map_or([&[0][..], &[]], |base| [&[1], base]);
        let about: Vec<&[u8]> = sides.chain(base).collect();
        Question::new(self.slot(number), self.tags)
            .about(book.tag("sides", &about))
            .with_options(book.tag("options", &[job.policy.as_bytes(), job.options]))
            .with_item(book.tag("path", &[job.path.as_bytes()]))
    }
}
