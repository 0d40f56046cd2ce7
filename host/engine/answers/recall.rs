//! What is known of the jobs of a call: [`Recall`].

use std::fmt;
use std::ops::Range;

use super::book::{Body, Book, Given};
use super::codec::{Answer, Reader, Writer};
use super::key::Tag;
use super::question::{Known, Question};
use super::why::{Came, Why};
use crate::limits::Limits;

/// What the jobs of a call depend on, by their numbers. It is digested where an answer may be found or is kept, on whatever thread
/// that is.
pub trait Asked: Send + Sync {
    /// Whether a secret may be in what a job is given beside the variables.
    fn may_hold_secret(&self, _job: usize) -> bool {
        false
    }

    /// What a job is for: [`Question::slot`].
    fn slot(&self, job: usize) -> Tag;

    /// All that a job depends on.
    fn question(&self, job: usize) -> Question;
}

/// What is known of the jobs of a call from earlier ones.
pub struct Recall<'a> {
    /// Where answers are kept.
    pub book: &'a Book,
    /// The variables that the jobs are given; none: none.
    pub known: Option<&'a Known<'a>>,
    /// Whether all variables count, as who is called may have read any.
    pub reads_all: bool,
    /// What each job depends on.
    pub asked: Box<dyn Asked + 'a>,
}

/// An answer with the bytes that it counts for, or why there is none.
pub type Found<T> = Result<(T, u64), Vec<Why>>;

impl Recall<'_> {
    fn may_hold_secret(&self, job: usize) -> bool {
        self.reads_all && self.known.is_some_and(Known::has_secrets) || self.asked.may_hold_secret(job)
    }

    fn given<'g>(&'g self, question: &'g Question, input: u64, limits: &Limits) -> Given<'g> {
        Given { question, known: self.known, input, memory: limits.memory }
    }

    /// Finds the answers of jobs. `input` says how many bytes each is given.
    pub(in crate::engine) fn find<T: Answer>(
        &self,
        jobs: Range<usize>,
        input: impl Fn(usize) -> u64,
        limits: &Limits,
    ) -> Vec<Found<T>> {
        let slots: Vec<Option<Tag>> =
            jobs.clone().map(|job| (!self.may_hold_secret(job)).then(|| self.asked.slot(job))).collect();
        let questions: Vec<Option<Question>> = self
            .book
            .have(&slots)
            .into_iter()
            .zip(jobs.clone())
            .map(|(has_any, job)| has_any.then(|| self.asked.question(job)))
            .collect();
        let given = jobs.clone().zip(&questions).map(|(job, question)| {
            // A call that is given more than it may be is refused.
            let (question, input) = (question.as_ref()?, Some(input(job)).filter(|input| *input <= limits.input)?);
            Some(self.given(question, input, limits))
        });
        let given: Vec<Option<Given<'_>>> = given.collect();
        let bodies = self.book.find(&given);
        let found = jobs.zip(slots).zip(bodies).map(|((job, slot), body)| match (slot, body) {
            (None, _) => Err(vec![Why::Secret]),
            (Some(_), _) if input(job) > limits.input => Err(vec![Why::Larger]),
            (Some(_), body) => body.and_then(|body| read(&body)),
        });
        found.collect()
    }

    /// Keeps the answer of a job that was given so many bytes and took so many of memory, unless it may depend on a secret. Says why
    /// it was called for, which is known better now.
    pub(in crate::engine) fn keep<T: Answer>(
        &self,
        job: usize,
        (input, peak): (u64, u64),
        limits: &Limits,
        (answer, whys): (&T, Vec<Why>),
    ) -> Came {
        if self.may_hold_secret(job) {
            return Came::Called(vec![Why::Secret]);
        }
        let has_secrets = self.known.is_some_and(Known::has_secrets);
        let is_kept = answer.stands() && !self.book.is_full();
        if !has_secrets && !is_kept {
            return Came::Called(whys);
        }
        let names: Vec<&str> = match self.known {
            Some(known) if self.reads_all => known.all().collect(),
            _ => answer.names(),
        };
        if self.known.is_some_and(|known| names.iter().any(|name| known.is_secret(name))) {
            return Came::Called(vec![Why::Secret]);
        }
        if is_kept {
            let mut writer = Writer::default();
            answer.put(&mut writer);
            self.book.keep(self.given(&self.asked.question(job), input, limits), peak, &names, writer);
        }
        Came::Called(whys)
    }
}

fn read<T: Answer>(body: &Body) -> Found<T> {
    let mut reader = Reader::new(body.bytes());
    let answer = T::take(&mut reader).filter(|_| reader.is_at_end());
    answer.map(|answer| (answer, body.weight)).ok_or_else(|| vec![Why::First])
}

impl fmt::Debug for Recall<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Recall").field("reads_all", &self.reads_all).finish_non_exhaustive()
    }
}
