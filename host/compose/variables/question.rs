//! What a question holds, and what somebody who asks it has to do.
//!
//! Always true here: what counts as an answer is said in one place, [`Question::read`]; an answer's text is in no `Debug` output.

use std::fmt;

use serde_json::Value;

use crate::error::Error;
use crate::pack::Variable;
use crate::values::Problem;

/// A question about one variable.
#[derive(Clone)]
pub struct Question<'a> {
    /// The variable.
    pub variable: &'a Variable,
    /// The value that is taken where the person gives none.
    pub suggestion: Option<&'a Value>,
    /// What was answered before, or was being typed when the person went back: it is there to be changed.
    pub draft: Option<&'a Answer>,
    /// What was wrong with it, or with what the pack computed.
    pub problem: Option<&'a Problem>,
    /// Whether neither the suggestion nor the answer may be shown.
    pub is_secret: bool,
    /// Whether there is something to go back to.
    pub can_go_back: bool,
    /// Where this question stands among all.
    pub progress: Progress,
}

/// Where a question stands among all that are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Its number, from 1.
    pub number: usize,
    /// How many will be asked at the least.
    pub least: usize,
    /// How many may be asked: some depend on answers that are not there yet.
    pub most: usize,
}

/// What a person said.
#[derive(Clone, PartialEq)]
pub enum Answer {
    /// Text, to be read as on a command line. An empty one is none: the suggestion will do.
    Text(String),
    /// A value that was put together from a list of choices or the like.
    Value(Value),
    /// Nothing; the suggestion will do.
    Suggestion,
    /// The question before this one is to be asked again. What was typed so far is kept.
    Back(Option<String>),
}

/// A question that was answered.
#[derive(Clone, Copy)]
pub struct Answered<'a> {
    /// The variable.
    pub variable: &'a Variable,
    /// Its value.
    pub value: &'a Value,
    /// Whether the value may not be shown.
    pub is_secret: bool,
}

/// What is to be done after a look at all answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// They are taken.
    Accept,
    /// This one, by its position, is to be asked for again.
    Change(usize),
    /// The last one is to be asked for again.
    Back,
}

/// Asks a person. It may check an answer with [`Question::read`]; it need not, and is asked again then.
pub trait Prompter {
    /// Asks one question. An error ends it all: the person interrupted, or the terminal is gone.
    fn ask(&self, question: &Question<'_>) -> Result<Answer, Error>;

    /// Shows all answers once more, where several questions were asked. Takes them as they are unless it is implemented.
    fn review(&self, answers: &[Answered<'_>]) -> Result<Review, Error> {
        let _ = answers;
        Ok(Review::Accept)
    }
}

impl Question<'_> {
    /// Reads the value that an answer gives, and checks it.
    ///
    /// # Errors
    /// What is wrong with it; that an answer is needed, where there is none and nothing is suggested.
    pub fn read(&self, answer: &Answer) -> Result<Value, Problem> {
        let value = match answer {
            Answer::Text(text) if !text.is_empty() => self.variable.parse_text(text),
            Answer::Value(value) => self.variable.check(value).map(|()| value.clone()),
            Answer::Text(_) | Answer::Suggestion | Answer::Back(_) => {
                self.suggestion.cloned().ok_or_else(|| Problem::of_no_answer(&self.variable.expectation()))
            }
        };
        value.map_err(|problem| if self.is_secret { problem.without_value() } else { problem })
    }
}

impl fmt::Debug for Question<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suggestion = if self.is_secret { None } else { self.suggestion };
        formatter
            .debug_struct("Question")
            .field("variable", &self.variable.name)
            .field("suggestion", &suggestion)
            .field("problem", &self.problem)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Answer {
    /// Says which kind of answer it is, because nobody knows here whether it is a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Text(_) => "Text(…)",
            Self::Value(_) => "Value(…)",
            Self::Suggestion => "Suggestion",
            Self::Back(_) => "Back(…)",
        })
    }
}

impl fmt::Debug for Answered<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.is_secret { None } else { Some(self.value) };
        formatter.debug_struct("Answered").field("variable", &self.variable.name).field("value", &value).finish()
    }
}
