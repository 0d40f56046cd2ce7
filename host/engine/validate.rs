//! Calls of validators: which rules there are, and what they find.

use std::sync::atomic::AtomicBool;

use super::call::{CallError, Outcome};
use super::limits::Limits;
use super::prepare::{Engine, Plugin, VALIDATOR, missing};
use crate::abi::{Adapter, GuestDiagnostic, GuestRule, SubjectParam, with_adapter};
use crate::error::Result;

impl Engine {
    /// Lists the rules of a validator.
    ///
    /// # Errors
    /// `Refused` where the plugin checks nothing; `Io` where threads can't be started.
    pub fn rules(&self, plugin: &Plugin, limits: &Limits) -> Result<Outcome<Vec<GuestRule>>> {
        let export = plugin.rules.as_ref().ok_or_else(|| missing(VALIDATOR, "rules"))?;
        let (result, usage) = self.on_workers(|| {
            let slow = AtomicBool::new(false);
            let caller = self.caller(plugin, limits, VALIDATOR, &slow).calling("rules");
            with_adapter!(plugin.abi, Version => {
                let (result, usage) = caller.single(export, 0, (), None);
                (result.map(Version::rules), usage)
            })
        })?;
        if let (Some(recorder), Err(error)) = (&self.options.recorder, &result) {
            recorder.rules(plugin, limits, error);
        }
        Ok(Outcome { result, usage })
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
        let (result, usage) = self.on_workers(|| {
            let slow = AtomicBool::new(false);
            let caller = self.caller(plugin, limits, VALIDATOR, &slow).calling("check");
            with_adapter!(plugin.abi, Version => {
                let (result, usage) = caller.single(export, input, Version::check(subject, options), None);
                (result.and_then(|given| Version::checked(given).map_err(CallError::from)), usage)
            })
        })?;
        if let (Some(recorder), Err(error)) = (&self.options.recorder, &result) {
            recorder.check(plugin, limits, &subject, options, error);
        }
        Ok(Outcome { result, usage })
    }
}
