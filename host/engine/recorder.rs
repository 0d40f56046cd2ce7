//! The first failed call of a run, kept with all that it was given: because calls are pure, that is the whole story.
//!
//! Always true here: which call is the first does not depend on threads: functions have an order, then come the names and
//! locals of templates, then plugins. Nothing is written, and nothing is taken out: secrets are still in what is kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::exports::{Function, Input};
use super::outcome::CallError;
use super::plugin::{Component, Plugin};
use crate::digest::Digest;
use crate::grants::Grant;
use crate::limits::Limits;
use crate::stop::StopReason;

/// How a call failed, in a word; none where that is the user's doing.
#[must_use]
pub fn kind_of(error: &CallError) -> Option<String> {
    match error {
        CallError::Invalid(_) => Some("invalid".into()),
        CallError::Unsupported(_) => Some("unsupported".into()),
        CallError::Internal(_) => Some("internal".into()),
        CallError::Refused(_) => Some("refused".into()),
        CallError::Untried(_) => None,
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

/// What calls are ordered by: the function, the template or expression, its locals, and the plugin.
type Key = (Function, String, Vec<u8>, String);

/// Who failed, and how.
pub(super) struct Failure<'a> {
    /// The plugin.
    pub plugin: &'a Plugin,
    /// What the call could use.
    pub limits: &'a Limits,
    /// The function.
    pub function: Function,
    /// Why there is no result.
    pub error: &'a CallError,
}

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

    /// Keeps a failed call, where it comes before the one that is kept. `order` is what calls of the same function are
    /// ordered by.
    pub(super) fn keep(&self, failure: &Failure<'_>, order: (&str, &[u8]), input: impl FnOnce() -> Input) {
        let &Failure { plugin, limits, function, error } = failure;
        let Some(kind) = kind_of(error) else { return };
        let components = self.components.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(component) = components.get(&plugin.digest) else { return };
        let key = (function, order.0.to_owned(), order.1.to_owned(), plugin.name().to_owned());
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
}
