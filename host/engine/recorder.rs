//! The first failed call of a run, kept with all that it was given: because calls are pure, that is the whole story.
//!
//! Always true here: which call is the first does not depend on threads: functions have an order, then come the names and
//! locals of templates. Nothing is written, and nothing is taken out: secrets are still in what is kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::call::CallError;
use super::limits::Limits;
use super::prepare::{Component, Plugin};
use crate::abi::{ExpressionSource, FileParam, JobParam, Mode, SubjectParam};
use crate::digest::Digest;
use crate::grants::Grant;
use crate::stop::StopReason;

/// A file that is handed to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFile {
    /// Its path, as the plugin sees it.
    pub path: String,
    /// What is in it.
    pub contents: Vec<u8>,
}

/// What a call is given.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the parameters of the functions in `wit/`")]
pub enum Input {
    /// `validator.rules`
    Rules,
    /// `expressions.inspect`
    Names { text: String, mode: Mode },
    /// `expressions.evaluate`
    Evaluate { context: Vec<u8>, text: String, mode: Mode, locals: Vec<u8> },
    /// `renderer.inspect`
    Inspect { template: CallFile },
    /// `renderer.render`, with one job
    Render { context: Vec<u8>, partials: Vec<CallFile>, template: CallFile, locals: Vec<u8>, options: Vec<u8> },
    /// `validator.check`
    Check { manifest: Vec<u8>, facts: Vec<u8>, files: Vec<CallFile>, options: Vec<u8> },
}

impl From<&FileParam<'_>> for CallFile {
    fn from(file: &FileParam<'_>) -> Self {
        Self { path: file.path.to_owned(), contents: file.contents.to_owned() }
    }
}

impl CallFile {
    /// The file as it is handed in.
    #[must_use]
    pub fn param(&self) -> FileParam<'_> {
        FileParam { path: &self.path, contents: &self.contents }
    }
}

/// How a call failed, in a word; none where that is the user's doing.
#[must_use]
pub fn kind_of(error: &CallError) -> Option<String> {
    match error {
        CallError::Invalid(_) => Some("invalid".into()),
        CallError::Unsupported(_) => Some("unsupported".into()),
        CallError::Internal(_) => Some("internal".into()),
        CallError::Refused(_) => Some("refused".into()),
        CallError::Stopped(stop) if stop.reason == StopReason::Interrupted => None,
        CallError::Stopped(stop) => Some(format!("stopped {}", stop.reason.name())),
    }
}

/// A call that failed.
#[derive(Debug, Clone)]
pub struct FailedCall {
    /// The plugin's name.
    pub plugin: String,
    /// Its component.
    pub component: Arc<[u8]>,
    /// What it was granted.
    pub grants: Vec<Grant>,
    /// What the call could use.
    pub limits: Limits,
    /// What it was given.
    pub input: Input,
    /// How it failed: `invalid`, `unsupported`, `internal`, `refused`, or `stopped REASON`.
    pub kind: String,
    /// The rules that it named, where it is `invalid`.
    pub rules: Vec<String>,
}

/// What calls are ordered by.
type Key = (u8, String, Vec<u8>);

/// Keeps the first failed call.
#[derive(Debug, Default)]
pub struct Recorder {
    components: Mutex<BTreeMap<Digest, Arc<[u8]>>>,
    first: Mutex<Option<(Key, FailedCall)>>,
}

impl Recorder {
    /// Takes the first failed call out.
    #[must_use]
    pub fn take(&self) -> Option<FailedCall> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).take().map(|(_, call)| call)
    }

    /// Keeps the bytes of a component that may be called.
    pub(super) fn component(&self, component: &Component<'_>) {
        let mut components = self.components.lock().unwrap_or_else(PoisonError::into_inner);
        components.entry(component.digest).or_insert_with(|| component.bytes.into());
    }

    fn keep(&self, key: Key, plugin: &Plugin, limits: &Limits, error: &CallError, input: impl FnOnce() -> Input) {
        let Some(kind) = kind_of(error) else { return };
        let components = self.components.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(component) = components.get(&plugin.digest) else { return };
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.as_ref().is_some_and(|(earlier, _)| *earlier <= key) {
            return;
        }
        let rules = match error {
            CallError::Invalid(found) => found.iter().map(|one| one.rule.0.clone()).collect(),
            _ => Vec::new(),
        };
        let component = Arc::clone(component);
        let grants = if plugin.traits.wasi { vec![Grant::WasiStub] } else { Vec::new() };
        let (plugin, limits, input) = (plugin.name().to_owned(), *limits, input());
        let call = FailedCall { plugin, component, grants, limits, input, kind, rules };
        *first = Some((key, call));
    }

    /// Keeps a job of `render`.
    pub(super) fn render(
        &self,
        plugin: &Plugin,
        limits: &Limits,
        shared: (&[u8], &[FileParam<'_>]),
        job: &JobParam<'_>,
        error: &CallError,
    ) {
        self.keep((4, job.template.path.to_owned(), job.locals.to_owned()), plugin, limits, error, || Input::Render {
            context: shared.0.to_owned(),
            partials: shared.1.iter().map(CallFile::from).collect(),
            template: (&job.template).into(),
            locals: job.locals.to_owned(),
            options: job.options.to_owned(),
        });
    }

    /// Keeps an expression.
    pub(super) fn evaluate(
        &self,
        plugin: &Plugin,
        limits: &Limits,
        context: &[u8],
        source: &ExpressionSource<'_>,
        error: &CallError,
    ) {
        self.keep((2, source.text.to_owned(), source.locals.to_owned()), plugin, limits, error, || Input::Evaluate {
            context: context.to_owned(),
            text: source.text.to_owned(),
            mode: source.mode,
            locals: source.locals.to_owned(),
        });
    }

    /// Keeps an expression whose names were asked for.
    pub(super) fn names(&self, plugin: &Plugin, limits: &Limits, source: &ExpressionSource<'_>, error: &CallError) {
        let input = || Input::Names { text: source.text.to_owned(), mode: source.mode };
        self.keep((1, source.text.to_owned(), Vec::new()), plugin, limits, error, input);
    }

    /// Keeps a template that was inspected.
    pub(super) fn inspect(&self, plugin: &Plugin, limits: &Limits, template: &FileParam<'_>, error: &CallError) {
        let input = || Input::Inspect { template: template.into() };
        self.keep((3, template.path.to_owned(), Vec::new()), plugin, limits, error, input);
    }

    /// Keeps a validator that was asked for its rules.
    pub(super) fn rules(&self, plugin: &Plugin, limits: &Limits, error: &CallError) {
        self.keep((0, plugin.name().to_owned(), Vec::new()), plugin, limits, error, || Input::Rules);
    }

    /// Keeps a validator that was given a pack.
    pub(super) fn check(
        &self,
        plugin: &Plugin,
        limits: &Limits,
        subject: &SubjectParam<'_>,
        options: &[u8],
        error: &CallError,
    ) {
        self.keep((5, plugin.name().to_owned(), Vec::new()), plugin, limits, error, || Input::Check {
            manifest: subject.manifest.to_owned(),
            facts: subject.facts.to_owned(),
            files: subject.files.iter().map(CallFile::from).collect(),
            options: options.to_owned(),
        });
    }
}
