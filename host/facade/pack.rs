//! A pack as an embedder sees it: its name, and what it asks for.

use std::path::Path;

use serde_json::Value;

use crate::compose::variables::{Answered, Question};
use crate::digest::Digest;
use crate::error::Result;
use crate::pack::{self, Variable};
use crate::values::VariableKind;

/// A pack that was loaded and checked: cheap to clone, and threads may use it at the same time.
#[derive(Debug, Clone)]
pub struct Pack(pub(crate) pack::Pack);

/// What a pack asks for: one of its variables.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Input<'p> {
    /// The variable's name.
    pub name: &'p str,
    /// The name of its type: `string`, `integer`, `number`, `boolean`, `choice`, `list` or `secret`.
    pub kind: &'static str,
    /// What to ask a person; the name where the pack has no question.
    pub question: &'p str,
    /// More about it.
    pub help: Option<&'p str>,
    /// What is expected, in words: `an integer from 1024 to 65535`.
    pub expected: String,
    /// The values that it may have, where it is a choice.
    pub choices: Vec<&'p str>,
    /// A value to show, which is never taken by itself.
    pub example: Option<&'p Value>,
    /// Its value where none is given; none where it has to be given, or is computed.
    pub default: Option<&'p Value>,
    /// Whether the pack computes it where it is not given.
    pub is_computed: bool,
}

impl Pack {
    /// Checks that this packbox can generate from it.
    pub(crate) fn check_usable(&self) -> Result<()> {
        self.0.check_host(&crate::version())?;
        self.0.check_dependencies()
    }

    pub(super) fn load(path: &Path, limits: &pack::PackLimits) -> Result<Self> {
        pack::Pack::load(path, limits).map(Self)
    }

    /// The pack's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.manifest.pack.name.value.as_str()
    }

    /// The pack's version.
    #[must_use]
    pub fn version(&self) -> &semver::Version {
        &self.0.manifest.pack.version.value
    }

    /// What it says about itself, in a sentence.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.0.manifest.pack.description.as_ref().map(|description| description.value.as_str())
    }

    /// The digest of everything that belongs to it.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) where its files can't be read any more.
    pub fn digest(&self) -> Result<Digest> {
        self.0.digest()
    }

    /// What it asks for, in the order in which it asks.
    pub fn inputs(&self) -> impl Iterator<Item = Input<'_>> {
        self.0.manifest.variables.iter().map(Input::of)
    }
}

impl<'p> Input<'p> {
    fn of(variable: &'p Variable) -> Self {
        Self {
            name: variable.name.as_str(),
            kind: variable.kind.name(),
            question: variable.question(),
            help: variable.help.as_deref(),
            expected: variable.expectation(),
            choices: match &variable.kind {
                VariableKind::Choice { choices } => choices.iter().map(|choice| choice.value.as_str()).collect(),
                _ => Vec::new(),
            },
            example: variable.example.as_ref(),
            default: variable.default.as_ref(),
            is_computed: variable.compute.is_some(),
        }
    }
}

impl<'a> Question<'a> {
    /// What is asked for: its name, what to ask a person, what is expected.
    #[must_use]
    pub fn input(&self) -> Input<'a> {
        Input::of(self.variable)
    }
}

impl<'a> Answered<'a> {
    /// What was asked for.
    #[must_use]
    pub fn input(&self) -> Input<'a> {
        Input::of(self.variable)
    }
}
