//! [`Checker`]: what is wrong with a pack, without generating anything for anybody.
//!
//! Always true here: what is found is in the report, and so is what kept the checks from being completed.

use std::collections::BTreeSet;

use serde_json::Value;

use super::inputs::Inputs;
use super::pack::Pack;
use super::packbox::Packbox;
use crate::check::{self, CheckConfig, Depth, PackReport, Validator, Weights};
use crate::engine::{Engine, Profile};
use crate::error::Result;

/// How packs are checked.
#[derive(Debug, Clone, Default)]
pub struct Checks {
    config: CheckConfig,
    is_untrusted: bool,
}

/// Checks packs: one for many of them, from several threads. What is measured is fuel, so that reports don't depend on the
/// machine. Nothing is written, and nobody is asked.
///
/// ```
/// use packbox::report::Status;
/// use packbox::{Checks, Depth, Inputs, Packbox};
///
/// # fn main() -> Result<(), packbox::Error> {
/// let packbox = Packbox::builder().build()?;
/// let pack = packbox.load("examples/packs/rust-cli")?;
/// // What is wrong with the settings is an error here.
/// let checker = packbox.checker(Checks::from_settings("settings", "[lints]\n\"manifest/authors\" = \"off\"\n")?.untrusted())?;
///
/// let report = checker.check(&pack, Depth::Lint);
/// for finding in &report.findings {
///     println!("{:?} {}: {}", finding.level, finding.rule, finding.message);
/// }
/// assert_ne!(report.status, Status::Failed);
///
/// // Every template is rendered, with these values and with others that the checker chooses.
/// let report = checker.check_with(&pack, Depth::Validate, &Inputs::new().with("crate_name", "orders"));
/// assert!(report.was_rendered());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Checker {
    engine: Engine,
    validators: Vec<Validator>,
    checks: Checks,
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
        // Queries, suppressions and trials have rules of the host's own.
        let own = check::query_rules().into_iter().chain(check::suppression_rules()).chain(check::trial_rules());
        let own: Vec<_> = own.collect();
        let own = own.iter().map(|rule| (rule.id.as_str(), &Value::Null));
        checks.config.check_names(&validators.iter().flat_map(Validator::options).chain(own).collect())?;
        Ok(Checker { engine, validators, checks })
    }
}

impl Checker {
    /// Checks a pack: its manifest and structure, by all rules, or with everything rendered as well. A variable that has no value
    /// is tried with its example, or with one that is made up.
    #[must_use]
    pub fn check(&self, pack: &Pack, depth: Depth) -> PackReport {
        self.check_with(pack, depth, &Inputs::new())
    }

    /// [`Checker::check`], with values for the pack's variables: they come before those of the settings, and what is wrong with
    /// them is the report's [`error`](PackReport::error). Nobody is asked, whatever the inputs say.
    ///
    /// A check that was cancelled ([`Inputs::cancelled_by`]) ends within some 20 ms also where a plugin loops, as jobs do (see
    /// [`Canceller`](crate::Canceller)). Its report has an error of the kind
    /// [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted), and no findings.
    #[must_use]
    pub fn check_with(&self, pack: &Pack, depth: Depth, inputs: &Inputs<'_>) -> PackReport {
        let interrupt = inputs.interrupt().or(&self.engine.options().interrupt);
        let checker = check::Checker {
            engine: &self.engine,
            validators: &self.validators,
            config: &self.checks.config,
            weights: Weights { untrusted: self.checks.is_untrusted },
            values: inputs.sources(),
            depth,
            time: None,
        };
        let run = || checker.run_until(pack.0.label.clone(), interrupt.go_on().map(|()| pack.0.clone()), &interrupt);
        let mut report = run();
        if interrupt.is_set() {
            // What was found until then may be due to that.
            report = run();
        }
        report.settle(self.checks.config.fail_on());
        report
    }

    /// The identifiers of all rules that packs are checked by, but for those that packs bring along.
    #[must_use]
    pub fn rules(&self) -> BTreeSet<&str> {
        self.validators.iter().flat_map(Validator::rules).map(|rule| rule.id.as_str()).collect()
    }
}
