//! What is known of the jobs of a call: [`Recall`].

use super::book::{Book, Given};
use super::codec::{Answer, Reader, Writer};
use super::question::{Known, Question};
use super::why::{Came, Why};
use crate::limits::Limits;

/// What is known of the jobs of a call from earlier ones.
#[derive(Debug)]
pub struct Recall<'a> {
    /// Where answers are kept.
    pub book: &'a Book,
    /// The variables that the jobs are given; none: none.
    pub known: Option<&'a Known<'a>>,
    /// Whether all variables count, as who is called may have read any.
    pub reads_all: bool,
    /// What each job depends on; none for one in which a secret may be.
    pub questions: Vec<Option<Question>>,
}

impl Recall<'_> {
    fn given<'g>(&'g self, job: usize, input: u64, limits: &Limits) -> Option<Given<'g>> {
        let question = self.questions.get(job)?.as_ref()?;
        if self.reads_all && self.known.is_some_and(Known::has_secrets) {
            return None;
        }
        Some(Given { question, known: self.known, input, memory: limits.memory })
    }

    /// Finds the answer of a job that is given so many bytes, with those that it counts for; or why there is none.
    pub(in crate::engine) fn find<T: Answer>(
        &self,
        job: usize,
        input: u64,
        limits: &Limits,
    ) -> Result<(T, u64), Vec<Why>> {
        let given = self.given(job, input, limits).ok_or_else(|| vec![Why::Secret])?;
        if input > limits.input {
            // Such a call is refused.
            return Err(vec![Why::Larger]);
        }
        let body = self.book.find(given)?;
        let mut reader = Reader::new(body.bytes());
        let answer = T::take(&mut reader).filter(|_| reader.is_at_end());
        answer.map(|answer| (answer, body.weight)).ok_or_else(|| vec![Why::First])
    }

    /// Keeps the answer of a job that was given so many bytes and took so many of memory, unless it may depend on a secret. Says why it was called for, which is known better now.
    pub(in crate::engine) fn keep<T: Answer>(
        &self,
        job: usize,
        (input, peak): (u64, u64),
        limits: &Limits,
        (answer, whys): (&T, Vec<Why>),
    ) -> Came {
        let Some(given) = self.given(job, input, limits) else { return Came::Called(vec![Why::Secret]) };
        let names: Vec<&str> = match self.known {
            Some(known) if self.reads_all => known.all().collect(),
            _ => answer.names(),
        };
        if self.known.is_some_and(|known| names.iter().any(|name| known.is_secret(name))) {
            return Came::Called(vec![Why::Secret]);
        }
        if answer.stands() {
            let mut writer = Writer::default();
            answer.put(&mut writer);
            self.book.keep(given, peak, &names, writer);
        }
        Came::Called(whys)
    }
}
