//! Tests of a plugin with plain `cargo test`: what the host would hand over, and what comes back, as text.
//!
//! Everything goes the way of a real call: JSON is written and read, batches are made and split. What is expected but
//! does not come is a panic, so that a test says why.
//!
//! ```
//! use packbox_sdk::testing::TestJob;
//! use packbox_sdk::{Failure, Job, Rendered, Renderer, json};
//!
//! struct Upper;
//!
//! impl Renderer for Upper {
//!     type Context = packbox_sdk::serde_json::Value;
//!     type Options = packbox_sdk::serde_json::Map<String, packbox_sdk::serde_json::Value>;
//!
//!     fn render(job: &Job<'_, Self::Context, Self::Options>) -> Result<Rendered, Failure> {
//!         Ok(Rendered::text(format!("{} {}", job.template.text()?.to_uppercase(), job.context["item"])))
//!     }
//! }
//!
//! let job = TestJob::new("a.txt", "shout").locals(json!({ "item": 7 }));
//! assert_eq!(job.text::<Upper>(), "SHOUT 7");
//! let job = job.template(b"\xff");
//! assert_eq!(job.errors::<Upper>(), "\
//! error[plugin/encoding]: the file is not UTF-8
//!   at a.txt:1:1-1:2
//!   help: save it as UTF-8, or copy it instead of rendering it
//! ");
//! ```

mod merge;
mod query;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::abi::renderer::exports::packbox::plugin::renderer::{Job as RawJob, Rendered as RawRendered};
use crate::abi::renderer::packbox::plugin::types::Reads;
use crate::abi::validator::exports::packbox::plugin::validator::Subject as RawSubject;
use crate::{Diagnostic, Failure, File, Renderer, Severity, Source, Span, TemplateInfo, Validator, export};

pub use merge::TestMerge;
pub use query::{TestQuery, show_answer};

/// A template to render, with what the host would hand over with it.
#[derive(Debug, Clone)]
pub struct TestJob {
    template: File,
    context: Value,
    locals: Value,
    options: Value,
    partials: Vec<File>,
}

impl TestJob {
    /// Begins with a template, without variables, options or partials.
    #[must_use]
    pub fn new(path: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        let template = File { path: path.into(), contents: contents.into() };
        Self { template, context: json!({}), locals: json!({}), options: json!({}), partials: Vec::new() }
    }

    /// Replaces the template's contents.
    #[must_use]
    pub fn template(mut self, contents: impl Into<Vec<u8>>) -> Self {
        self.template.contents = contents.into();
        self
    }

    /// Sets the variables: an object.
    #[must_use]
    pub fn context(mut self, variables: Value) -> Self {
        self.context = variables;
        self
    }

    /// Sets what is laid over the variables: `{"item": …}` under `for_each`.
    #[must_use]
    pub fn locals(mut self, locals: Value) -> Self {
        self.locals = locals;
        self
    }

    /// Sets the options: an object.
    #[must_use]
    pub fn options(mut self, options: Value) -> Self {
        self.options = options;
        self
    }

    /// Adds a partial.
    #[must_use]
    pub fn partial(mut self, path: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        self.partials.push(File { path: path.into(), contents: contents.into() });
        self
    }

    /// Renders the template: alone, and with itself as company, which must give the same.
    ///
    /// # Errors
    ///
    /// Those of the renderer.
    ///
    /// # Panics
    ///
    /// Where the company makes a difference: the renderer keeps something between jobs.
    pub fn render<R: Renderer>(&self) -> Result<TestRendered, Failure> {
        let context = self.context.to_string().into_bytes();
        let job = RawJob {
            template: self.template.clone(),
            locals: self.locals.to_string().into_bytes(),
            options: self.options.to_string().into_bytes(),
        };
        let alone = export::render::<R>(&context, &self.partials, std::slice::from_ref(&job));
        let together = export::render::<R>(&context, &self.partials, &[job.clone(), job]);
        let [answer] = <[_; 1]>::try_from(alone).expect("one answer for one job");
        for other in together {
            assert_eq!(other, answer, "in a batch, the job gives something else than alone");
        }
        answer.map(TestRendered)
    }

    /// Renders the template and returns the one file that it makes.
    ///
    /// # Panics
    ///
    /// Where it fails, makes another number of files, or no text.
    #[must_use]
    pub fn text<R: Renderer>(&self) -> String {
        let files = self.files::<R>();
        assert_eq!(files.len(), 1, "one file was expected, not {:?}", files.keys());
        files.into_values().next().unwrap_or_default()
    }

    /// Renders the template and returns its files by their paths; `""` is the path that the manifest gives.
    ///
    /// # Panics
    ///
    /// Where it fails, makes two files of one path, or no text.
    #[must_use]
    pub fn files<R: Renderer>(&self) -> BTreeMap<String, String> {
        match self.render::<R>() {
            Ok(rendered) => rendered.files(),
            Err(failure) => panic!("{} can't be rendered:\n{}", self.template.path, show_failure(&failure)),
        }
    }

    /// Renders the template and returns what is wrong with it, as [`show`] writes it.
    ///
    /// # Panics
    ///
    /// Where nothing is wrong.
    #[must_use]
    pub fn errors<R: Renderer>(&self) -> String {
        match self.render::<R>() {
            Ok(rendered) => panic!("{} can be rendered:\n{:#?}", self.template.path, rendered.files()),
            Err(failure) => show_failure(&failure),
        }
    }

    /// Asks what the template refers to.
    ///
    /// # Errors
    ///
    /// Those of the renderer.
    pub fn inspect<R: Renderer>(&self) -> Result<TemplateInfo, Failure> {
        R::inspect(&Source::from(&self.template))
    }
}

/// What came of a [`TestJob`].
#[derive(Debug, Clone, PartialEq)]
pub struct TestRendered(RawRendered);

impl TestRendered {
    /// Returns the files by their paths; `""` is the path that the manifest gives.
    ///
    /// # Panics
    ///
    /// Where two files have one path, or one is no text: see [`bytes`](Self::bytes).
    #[must_use]
    pub fn files(&self) -> BTreeMap<String, String> {
        let text = |(path, bytes): (String, Vec<u8>)| {
            let text = String::from_utf8(bytes).unwrap_or_else(|_| panic!("`{path}` is not UTF-8"));
            (path, text)
        };
        self.bytes().into_iter().map(text).collect()
    }

    /// Returns the files by their paths, as bytes.
    ///
    /// # Panics
    ///
    /// Where two files have one path.
    #[must_use]
    pub fn bytes(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        for output in &self.0.outputs {
            let path = output.path.clone().unwrap_or_default();
            let previous = files.insert(path.clone(), output.contents.clone());
            assert!(previous.is_none(), "two files are called `{path}`");
        }
        files
    }

    /// Returns the remarks, as [`show`] writes them.
    #[must_use]
    pub fn notes(&self) -> String {
        show(&self.0.notes)
    }

    /// Returns what was read: variables, partials, and what was asked for in vain.
    #[must_use]
    pub fn reads(&self) -> [&[String]; 3] {
        let Reads { variables, partials, absent } = &self.0.reads;
        [variables, partials, absent]
    }
}

/// A pack to check, with what the host would hand over.
#[derive(Debug, Clone)]
pub struct TestSubject {
    manifest: Value,
    facts: Value,
    files: Vec<File>,
    options: Map<String, Value>,
}

impl TestSubject {
    /// Begins with a manifest, `pack.toml` as JSON, without facts or files.
    #[must_use]
    pub fn new(manifest: Value) -> Self {
        Self { manifest, facts: json!({}), files: Vec::new(), options: Map::new() }
    }

    /// Sets the facts (`docs/validators.md` describes the object).
    #[must_use]
    pub fn facts(mut self, facts: Value) -> Self {
        self.facts = facts;
        self
    }

    /// Adds a file.
    #[must_use]
    pub fn file(mut self, path: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        self.files.push(File { path: path.into(), contents: contents.into() });
        self
    }

    /// Sets the options of a rule: an object.
    #[must_use]
    pub fn option(mut self, rule: impl Into<String>, options: Value) -> Self {
        self.options.insert(rule.into(), options);
        self
    }

    /// Checks the pack.
    ///
    /// # Errors
    ///
    /// Those of the validator.
    ///
    /// # Panics
    ///
    /// Where a finding names no rule of the validator, which the host would refuse, and where the rules are not sound.
    pub fn check<V: Validator>(&self) -> Result<Vec<Diagnostic>, Failure> {
        let rules = V::rules();
        for rule in &rules {
            let is_id = |part: &str| {
                let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
                !part.is_empty() && part.bytes().all(allowed)
            };
            let parts: Vec<&str> = rule.id.split('/').collect();
            assert!(
                parts.len() == 2 && parts.into_iter().all(is_id),
                "`{}` does not have the form group/name",
                rule.id
            );
            assert_eq!(rules.iter().filter(|other| other.id == rule.id).count(), 1, "`{}` is listed twice", rule.id);
        }
        let subject = RawSubject {
            manifest: self.manifest.to_string().into_bytes(),
            facts: self.facts.to_string().into_bytes(),
            files: self.files.clone(),
        };
        let options = Value::Object(self.options.clone()).to_string().into_bytes();
        let findings = export::check::<V>(&subject, &options)?;
        for finding in &findings {
            assert!(rules.iter().any(|rule| rule.id == finding.rule), "no rule is called `{}`", finding.rule);
        }
        Ok(findings)
    }

    /// Checks the pack and returns what is found, as [`show`] writes it.
    ///
    /// # Panics
    ///
    /// As [`check`](Self::check), and where the validator fails.
    #[must_use]
    pub fn findings<V: Validator>(&self) -> String {
        match self.check::<V>() {
            Ok(findings) => show(&findings),
            Err(failure) => panic!("the pack can't be checked:\n{}", show_failure(&failure)),
        }
    }
}

/// Writes diagnostics as text to compare with: what, where, what else, what to do.
#[must_use]
pub fn show(diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let _ = writeln!(text, "{severity}[{}]: {}", diagnostic.rule, diagnostic.message);
        if let Some(span) = &diagnostic.span {
            let _ = writeln!(text, "  at {}", show_span(span));
        }
        for span in &diagnostic.related {
            let _ = writeln!(text, "  see {}", show_span(span));
        }
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(text, "  help: {help}");
        }
    }
    text
}

/// Writes a failure as text to compare with.
#[must_use]
pub fn show_failure(failure: &Failure) -> String {
    match failure {
        Failure::Invalid(diagnostics) => show(diagnostics),
        Failure::Unsupported(what) => format!("unsupported: {what}\n"),
        Failure::Internal(what) => format!("internal: {what}\n"),
    }
}

fn show_span(span: &Span) -> String {
    let end = span.end.map(|end| format!("-{}:{}", end.line, end.column)).unwrap_or_default();
    format!("{}:{}:{}{end}", span.path, span.start.line, span.start.column)
}
