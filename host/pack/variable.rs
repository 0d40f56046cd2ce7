//! What a pack asks a user for: the declaration of a variable.
//!
//! Always true here: what is said about a secret never holds its value; a declared default or example satisfies its own constraints; bounds are not contradictory.

use std::ops::Range;

use serde_json::Value;

use super::import::Import;
use super::names::VariableName;
use super::spanned::Spanned;
use crate::values::{Problem, VariableKind, refuse_words};

/// A declared variable.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: VariableName,
    /// Its type and bounds.
    pub kind: VariableKind,
    /// The question to ask; a variable that has one is asked for wherever somebody can answer.
    pub prompt: Option<String>,
    /// More about it.
    pub help: Option<String>,
    /// A value to show.
    pub example: Option<Value>,
    /// The value where nothing else gives one.
    pub default: Option<Value>,
    /// An expression that gives the value where the user does not.
    pub compute: Option<Spanned<String>>,
    /// The variable of another pack that it takes its value from where the packs are generated together.
    pub import: Option<Spanned<Import>>,
    /// An expression that says whether the variable matters.
    pub when: Option<Spanned<String>>,
    /// Where its name is declared.
    pub range: Range<usize>,
}

impl Variable {
    /// Returns the question to ask: the declared one, or the name.
    #[must_use]
    pub fn question(&self) -> &str {
        self.prompt.as_deref().unwrap_or(self.name.as_str())
    }

    /// Says whether the value must never be shown or stored.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        matches!(self.kind, VariableKind::Secret)
    }

    /// Reads a value from text, as it is given on a command line, in the environment or at a prompt, and checks it.
    ///
    /// How a list is written: [`VariableKind::parse_text`].
    pub fn parse_text(&self, text: &str) -> Result<Value, Problem> {
        let value = self.read_text(text)?;
        self.check(&value)?;
        Ok(value)
    }

    /// [`Variable::parse_text`] without the check. Words with blanks between them are one text, but where all items that the
    /// pack itself shows are single words.
    pub fn read_text(&self, text: &str) -> Result<Value, Problem> {
        let value = self.kind.parse_text(text).map_err(|problem| self.guarded(problem))?;
        if matches!(self.kind, VariableKind::List { .. }) {
            refuse_words(text, &value, self.example.iter().chain(&self.default))?;
        }
        Ok(value)
    }

    /// Checks a value against the type and its bounds.
    pub fn check(&self, value: &Value) -> Result<(), Problem> {
        self.kind.check(value).map_err(|problem| self.guarded(problem))
    }

    /// Says what is expected, for people: `an integer from 1024 to 65535`.
    #[must_use]
    pub fn expectation(&self) -> String {
        self.kind.expectation()
    }

    fn guarded(&self, problem: Problem) -> Problem {
        if self.is_secret() { problem.without_value() } else { problem }
    }
}

#[cfg(test)]
#[path = "variable_tests.rs"]
mod tests;
