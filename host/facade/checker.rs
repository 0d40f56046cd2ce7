//! [`Checker`]: what is wrong with a pack, without generating anything for anybody.
//!
//! Always true here: what is found is in the report; an error says that nothing could be checked.

use std::collections::BTreeSet;

use serde_json::Value;

use super::pack::Pack;
use super::packbox::Packbox;
use crate::check::{self, CheckConfig, Depth, PackReport, Validator, Weights};
use crate::compose::variables::Sources;
use crate::engine::{Engine, Profile};
use crate::error::Result;

/// How packs are checked.
#[derive(Debug, Clone, Default)]
pub struct Checks {
    config: CheckConfig,
    is_untrusted: bool,
}

/// Checks packs: one for many of them, from several threads. What is measured is fuel, so that reports don't depend on the
/// machine.
#[derive(Debug)]
pub struct Checker {
    engine: Engine,
    validators: Vec<Validator>,
    checks: Checks,
    values: Sources,
}

impl Checks {
    /// Reads settings: the text of a `packbox.toml`, which errors call `path`.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage), with a [`Diagnostic`](crate::Diagnostic) for each mistake.
    pub fn from_settings(path: &str, text: &str) -> Result<Self> {
        Ok(Self { config: CheckConfig::parse(path, text.as_bytes())?, is_untrusted: false })
    }

    /// Lets the pack have no say in what counts: its own `[lints]` are ignored.
    #[must_use]
    pub fn untrusted(mut self) -> Self {
        self.is_untrusted = true;
        self
    }

    /// Lets warnings count like errors.
    #[must_use]
    pub fn deny_warnings(mut self) -> Self {
        self.config.deny_warnings = true;
        self
    }
}

impl Packbox {
    /// Makes the built-in rules ready.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) where an engine can't be set up;
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage) where the settings name rules that are not there.
    pub fn checker(&self, checks: Checks) -> Result<Checker> {
        let mut options = self.engine.options().clone();
        options.profile = Profile::Measure;
        let engine = Engine::new(options)?;
        let validators = vec![Validator::built_in(&engine)?];
        // Suppressions and trials have rules of the host's own.
        let own: Vec<_> = check::suppression_rules().into_iter().chain(check::trial_rules()).collect();
        let own = own.iter().map(|rule| (rule.id.as_str(), &Value::Null));
        checks.config.check_names(&validators.iter().flat_map(Validator::options).chain(own).collect())?;
        Ok(Checker { engine, validators, checks, values: Sources::default() })
    }
}

impl Checker {
    /// Checks a pack: its manifest and structure, by all rules, or with everything rendered as well.
    #[must_use]
    pub fn check(&self, pack: &Pack, depth: Depth) -> PackReport {
        let checker = check::Checker {
            engine: &self.engine,
            validators: &self.validators,
            config: &self.checks.config,
            weights: Weights { untrusted: self.checks.is_untrusted },
            values: &self.values,
            depth,
            time: None,
        };
        let mut report = checker.run(pack.0.label.clone(), Ok(pack.0.clone()));
        report.settle(self.checks.config.fail_on());
        report
    }

    /// The identifiers of all rules that packs are checked by, but for those that packs bring along.
    #[must_use]
    pub fn rules(&self) -> BTreeSet<&str> {
        self.validators.iter().flat_map(Validator::rules).map(|rule| rule.id.as_str()).collect()
    }
}
