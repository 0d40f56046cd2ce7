//! What a question holds, and what somebody who asks it has to do.

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
    /// What was wrong with the previous answer.
    pub problem: Option<&'a Problem>,
    /// Whether neither the suggestion nor the answer may be shown.
    pub is_secret: bool,
}

/// What a person said.
#[derive(Clone)]
pub enum Answer {
    /// Text, to be read as on a command line.
    Text(String),
    /// A value that was put together from a list of choices or the like.
    Value(Value),
    /// Nothing; the suggestion will do.
    Suggestion,
}

/// Asks a person. It may check an answer with [`Variable::parse_text`] while it is being typed; it need not.
pub trait Prompter {
    /// Asks one question. An error ends it all: the person interrupted, or the terminal is gone.
    fn ask(&self, question: &Question<'_>) -> Result<Answer, Error>;
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
        })
    }
}
