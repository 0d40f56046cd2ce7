//! Validators: a pack in, findings out.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::facts::Facts;
use crate::input::{self, Input, Object};
use crate::{Diagnostic, Failure, Position, Rule, Severity, Source, Span};

/// Looks at a pack and says what it finds. It decides nothing: levels and suppressions are the host's.
pub trait Validator {
    /// Lists the rules, each once.
    fn rules() -> Vec<Rule>;

    /// Checks a pack against all rules. A finding's severity is its rule's own; the host may change it.
    ///
    /// # Errors
    ///
    /// A [`Failure`] where the pack can't be checked at all; what is wrong with it is a finding.
    fn check(subject: &Subject<'_>) -> Result<Vec<Diagnostic>, Failure>;
}

impl Rule {
    /// Creates a rule without a page, options or files. `id` has the form `group/name`, of lower-case letters, digits and
    /// `-`; the summary is one line.
    #[must_use]
    pub fn new(id: impl Into<String>, summary: impl Into<String>, severity: Severity) -> Self {
        Self {
            id: id.into(),
            summary: summary.into(),
            default_severity: severity,
            help: String::new(),
            options: b"{}".to_vec(),
            files: Vec::new(),
        }
    }

    /// Sets the rule's page, in Markdown: why it is there, what fails, what passes.
    #[must_use]
    pub fn help(mut self, page: impl Into<String>) -> Self {
        self.help = page.into();
        self
    }

    /// Sets the options with their default values: a type whose JSON is an object. What is no object is no options.
    #[must_use]
    pub fn options(mut self, defaults: &impl Serialize) -> Self {
        if let Ok(Value::Object(options)) = serde_json::to_value(defaults) {
            self.options = Value::Object(options).to_string().into_bytes();
        }
        self
    }

    /// Sets which files the rule wants to see: globs like `**/*.jinja`; `**` is every file.
    #[must_use]
    pub fn files<Glob: Into<String>>(mut self, globs: impl IntoIterator<Item = Glob>) -> Self {
        self.files = globs.into_iter().map(Into::into).collect();
        self
    }
}

/// A pack, as a validator sees it.
#[derive(Debug)]
pub struct Subject<'a> {
    /// `pack.toml` as JSON.
    pub manifest: Value,
    /// What the host knows about the pack.
    pub facts: Facts,
    /// The files that any of the rules wants, sorted by path.
    pub files: Vec<Source<'a>>,
    pub(crate) options: Object,
}

impl<'a> Subject<'a> {
    /// Returns the options of a rule: what `packbox.toml` sets, or [`Default`] where it sets nothing. With
    /// `#[serde(default)]`, it may set some of them.
    ///
    /// # Errors
    ///
    /// Options that do not fit their type, as an `invalid` diagnostic of the rule `plugin/options`.
    pub fn options<T: DeserializeOwned + Default>(&self, rule: &str) -> Result<T, Failure> {
        match self.options.get(rule) {
            None => Ok(T::default()),
            Some(Value::Object(options)) => input::convert(options, Input::RuleOptions(rule)),
            Some(_) => Err(Failure::internal(format!("the options of the rule `{rule}` are not an object"))),
        }
    }

    /// Returns a file that was handed over, by its path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&Source<'a>> {
        self.files.iter().find(|file| file.path() == path)
    }

    /// Returns where a key or value stands in `pack.toml`, by its JSON pointer: `/variables/port/default`.
    #[must_use]
    pub fn place(&self, pointer: &str) -> Option<Span> {
        let [line, column, end_line, end_column] = *self.facts.places.get(pointer)?;
        Some(Span {
            path: "pack.toml".to_owned(),
            start: Position { line, column },
            end: Some(Position { line: end_line, column: end_column }),
        })
    }
}
