//! What a pack is given: values for its variables, somebody to ask for the others, and who may end it all.
//!
//! Always true here: a value's text is in no `Debug` output, as it may be a secret.

use std::fmt;

use serde_json::Value;

use super::canceller::Canceller;
use crate::compose::variables::{Answers, Preset, Prompter, Sources};
use crate::diagnostic::Span;
use crate::interrupt::Interrupt;

/// How values that a program gives are called in errors.
const GIVEN: &str = "inputs";

/// Values for the variables of a pack. What is not given is computed by the pack, or has its default.
///
/// ```
/// let inputs = packbox::Inputs::new().with("crate_name", "orders").with("edition", 2024).with("features", ["http", "db"]);
/// # let _ = inputs;
/// ```
#[derive(Clone, Default)]
pub struct Inputs<'a> {
    sources: Sources,
    prompter: Option<&'a dyn Prompter>,
    canceller: Option<Canceller>,
}

impl<'a> Inputs<'a> {
    /// Gives nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a variable a value of its type: what is wrong with it is told when a job is made. The first of several counts.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let preset = self.sources.preset.get_or_insert_with(|| Preset { path: GIVEN.to_owned(), values: Vec::new() });
        preset.values.push((name.into(), value.into(), Span::file(GIVEN)));
        self
    }

    /// Gives a variable a value as text, as a form or a command line has it, which its type reads. It comes before
    /// [`Inputs::with`].
    #[must_use]
    pub fn with_text(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.sources.flags.push((name.into(), text.into()));
        self
    }

    /// Gives what an answers file says: TOML with the names of variables as keys. `path` is how errors call it.
    #[must_use]
    pub fn with_answers(mut self, path: impl Into<String>, text: impl Into<String>) -> Self {
        self.sources.answers = Some(Answers { path: path.into(), text: text.into() });
        self
    }

    /// Gives a file of statements for the pack's queries: it is the value of the variable of type `graph`, and merged with the
    /// statements of the pack where it has none. It is read while a job is made.
    #[must_use]
    pub fn with_graph(mut self, path: impl Into<String>) -> Self {
        self.sources.graphs.push(path.into());
        self
    }

    /// Has somebody asked for variables that have a question and were given no value, while a job is made.
    #[must_use]
    pub fn asking(mut self, prompter: &'a dyn Prompter) -> Self {
        self.prompter = Some(prompter);
        self
    }

    /// Lets somebody end the job that these are for, from the moment on at which it is made, or the check
    /// ([`Checker::check_with`](crate::Checker::check_with)).
    #[must_use]
    pub fn cancelled_by(mut self, canceller: &Canceller) -> Self {
        self.canceller = Some(canceller.clone());
        self
    }

    /// Gives what was gathered.
    #[cfg(feature = "cli")]
    pub(crate) fn of(sources: Sources) -> Self {
        Self { sources, ..Self::default() }
    }

    /// What ends one job of these inputs: its own, and that which they were given.
    pub(super) fn interrupt(&self) -> Interrupt {
        let own = Interrupt::new();
        self.canceller.as_ref().map_or_else(|| own.clone(), |given| own.or(&given.0))
    }

    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    pub(super) fn prompter(&self) -> Option<&'a dyn Prompter> {
        self.prompter
    }
}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for Inputs<'_> {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        pairs.into_iter().fold(Self::new(), |inputs, (name, value)| inputs.with(name, value))
    }
}

impl fmt::Debug for Inputs<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Inputs").finish_non_exhaustive()
    }
}
