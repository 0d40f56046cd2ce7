//! Renderers: one template in, files out.
//!
//! Always true here: a job's result depends on its own locals, options and template, on the context and on the partials;
//! what other jobs a batch holds makes no difference.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use crate::{Diagnostic, Failure, Output, Source, TemplateInfo};

/// Turns templates into files.
pub trait Renderer {
    /// The variables: a type with the fields that the renderer uses, or [`serde_json::Value`] for all there are.
    type Context: DeserializeOwned;

    /// The `options` that a manifest may give for a template. Where it gives none, they are [`Default`].
    type Options: DeserializeOwned + Default;

    /// Renders one template.
    ///
    /// # Errors
    ///
    /// [`Diagnostic`]s (which convert into a [`Failure`]) where the template, the variables or the options are at fault;
    /// [`Failure::unsupported`] where the renderer does not do what was asked.
    fn render(job: &Job<'_, Self::Context, Self::Options>) -> Result<Rendered, Failure>;

    /// Says what a template refers to, without rendering it. Unless a renderer can tell, it says that it can't: an empty
    /// answer would say that the template reads nothing.
    ///
    /// # Errors
    ///
    /// As [`render`](Self::render).
    fn inspect(template: &Source<'_>) -> Result<TemplateInfo, Failure> {
        let _ = template;
        Err(Failure::unsupported("saying what a template refers to"))
    }
}

/// One template to render, with everything that may be used for it.
#[derive(Debug)]
pub struct Job<'a, Context, Options> {
    /// The template.
    pub template: Source<'a>,
    /// The variables; what `for_each` binds is laid over them.
    pub context: &'a Context,
    /// The options.
    pub options: &'a Options,
    /// The other files that may be used.
    pub partials: Partials<'a>,
}

/// The other files of the pack that a template may use. It records which were asked for.
#[derive(Debug)]
pub struct Partials<'a> {
    files: &'a BTreeMap<&'a str, &'a [u8]>,
    found: RefCell<BTreeSet<String>>,
    absent: RefCell<BTreeSet<String>>,
}

impl<'a> Partials<'a> {
    pub(crate) fn new(files: &'a BTreeMap<&'a str, &'a [u8]>) -> Self {
        Self { files, found: RefCell::default(), absent: RefCell::default() }
    }

    /// Returns a partial by its path in the pack.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Source<'a>> {
        let found = self.files.get_key_value(path);
        let record = if found.is_some() { &self.found } else { &self.absent };
        record.borrow_mut().insert(path.to_owned());
        found.map(|(path, bytes)| Source::new(path, bytes))
    }

    /// Returns the paths of all partials, sorted. None of them counts as read.
    pub fn paths(&self) -> impl Iterator<Item = &'a str> {
        self.files.keys().copied()
    }

    pub(crate) fn into_reads(self) -> (Vec<String>, Vec<String>) {
        let sorted = |paths: RefCell<BTreeSet<String>>| paths.into_inner().into_iter().collect();
        (sorted(self.found), sorted(self.absent))
    }
}

/// What a job made: files, and remarks about them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rendered {
    pub(crate) outputs: Vec<Output>,
    pub(crate) notes: Vec<Diagnostic>,
    pub(crate) variables: Option<BTreeSet<String>>,
}

impl Rendered {
    /// Begins with no files: for renderers that name their own.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes one file, at the path that the manifest gives.
    #[must_use]
    pub fn text(contents: impl Into<Vec<u8>>) -> Self {
        Self::new().output(Output { path: None, contents: contents.into(), executable: false })
    }

    /// Adds a file. Its path is relative to the folder that the manifest's `output` names; the host checks it.
    #[must_use]
    pub fn file(self, path: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        self.output(Output { path: Some(path.into()), contents: contents.into(), executable: false })
    }

    /// Adds a file with everything that can be said about one.
    #[must_use]
    pub fn output(mut self, output: Output) -> Self {
        self.outputs.push(output);
        self
    }

    /// Adds a remark that does not keep the files from being used.
    #[must_use]
    pub fn note(mut self, note: Diagnostic) -> Self {
        self.notes.push(note);
        self
    }

    /// Names the variables that were used. Unless it is called, all that there are count as used.
    #[must_use]
    pub fn reading<Name: Into<String>>(mut self, names: impl IntoIterator<Item = Name>) -> Self {
        self.variables.get_or_insert_default().extend(names.into_iter().map(Into::into));
        self
    }

    /// Returns the files that were made.
    #[must_use]
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// Returns the remarks.
    #[must_use]
    pub fn notes(&self) -> &[Diagnostic] {
        &self.notes
    }
}
