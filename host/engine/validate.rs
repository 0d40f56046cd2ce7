//! Calls of validators: which rules there are, and what they find.

use std::sync::atomic::AtomicBool;

use super::call::{CallError, Outcome, Usage};
use super::limits::Limits;
use super::prepare::{Engine, Plugin, VALIDATOR, missing};
use crate::abi::{CheckParams, Checked, GuestDiagnostic, GuestRule, Rules, SubjectParam};
use crate::error::Result;

impl Engine {
    /// Lists the rules of a validator.
    ///
    /// # Errors
    /// `Refused` where the plugin checks nothing; `Io` where threads can't be started.
    pub fn rules(&self, plugin: &Plugin, limits: &Limits) -> Result<Outcome<Vec<GuestRule>>> {
        let export = plugin.rules.as_ref().ok_or_else(|| missing(VALIDATOR, "rules"))?;
        let (result, usage): (std::result::Result<Rules, CallError>, Usage) = self.on_workers(|| {
            self.caller(plugin, limits, VALIDATOR, &AtomicBool::new(false)).single(export, 0, (), None)
        })?;
        if let (Some(recorder), Err(error)) = (&self.options.recorder, &result) {
            recorder.rules(plugin, limits, error);
        }
        Ok(Outcome { result: result.map(|(rules,)| rules.0), usage })
    }

    /// Checks a pack. `options` is a JSON object.
    ///
    /// # Errors
    /// As [`Engine::rules`].
    pub fn check(
        &self,
        plugin: &Plugin,
        limits: &Limits,
        subject: SubjectParam<'_>,
        options: &[u8],
    ) -> Result<Outcome<Vec<GuestDiagnostic>>> {
        let export = plugin.check.as_ref().ok_or_else(|| missing(VALIDATOR, "check"))?;
        let files: usize = subject.files.iter().map(|file| file.path.len() + file.contents.len()).sum();
        let input = (files + subject.manifest.len() + subject.facts.len() + options.len()) as u64;
        let (result, usage): (std::result::Result<Checked, CallError>, Usage) = self.on_workers(|| {
            let parameters: CheckParams<'_> = (subject, options);
            self.caller(plugin, limits, VALIDATOR, &AtomicBool::new(false)).single(export, input, parameters, None)
        })?;
        let result = result.and_then(|(found,)| found.map(|found| found.0).map_err(CallError::from));
        if let (Some(recorder), Err(error)) = (&self.options.recorder, &result) {
            recorder.check(plugin, limits, &subject, options, error);
        }
        Ok(Outcome { result, usage })
    }
}
