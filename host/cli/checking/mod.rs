//! What the commands that check packs share: settings, validators, an engine, and one run over all packs.

pub mod baseline;
pub mod given;
pub mod run;
pub mod settings;
pub mod verify;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check::{
    CheckConfig, Checker, Depth, RuleInfo, Validator, Weights, query_rules, suppression_rules, trial_rules,
};
use crate::cli::args::{Checking, Deny};
use crate::cli::checking::settings::{add_rules, settings};
use crate::cli::progress;
use crate::cli::session::Session;
use crate::compose::variables::Sources;
use crate::engine::{Engine, Profile, Recorder};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{TimeBudget, UserLimits};
use crate::pack::Pack;
use crate::show::count;

/// The user's settings for checking packs, and an engine to do it with.
pub struct Desk {
    pub engine: Engine,
    pub limits: UserLimits,
    pub config: CheckConfig,
    pub validators: Vec<Validator>,
    pub weights: Weights,
    pub time: Option<TimeBudget>,
}

impl Desk {
    /// Reads settings and makes validators ready.
    ///
    /// # Errors
    /// `Usage` for settings that can't be used; those of preparing validators.
    pub fn open(session: &Session, checking: &Checking, depth: Depth) -> Result<Self> {
        Self::open_with(session, checking, depth, None)
    }

    /// [`Desk::open`], and the first failed call is kept.
    fn open_with(
        session: &Session,
        checking: &Checking,
        depth: Depth,
        recorder: Option<&Arc<Recorder>>,
    ) -> Result<Self> {
        let time = checking.time_budget.map(TimeBudget::begin);
        let mut config = settings(session, checking)?;
        let limits = UserLimits::parse(&[&config.limits[..], &checking.engine.limits].concat())?;
        config.set_limits.forget(&checking.engine.limits);
        config.deny_warnings |= checking.deny.contains(&Deny::Warnings);
        config.rules.extend(checking.rules.iter().map(|path| path.display().to_string()));
        let profile = if depth == Depth::Validate { Profile::Measure } else { Profile::Run };
        let engine = session.checking_engine(checking, &limits, profile, recorder)?;
        let mut validators = Vec::new();
        if depth > Depth::Check {
            let explained = |error| config.set_limits.explain(error);
            validators.push(Validator::built_in(&engine).map_err(explained)?);
            for (number, path) in config.rules.iter().enumerate() {
                add_rules(session, &engine, Path::new(path), &limits.pack, &mut validators)
                    .map_err(|error| config.at_rules(number, explained(error)))?;
            }
        }
        Ok(Self { engine, limits, config, validators, weights: Weights { untrusted: checking.untrusted }, time })
    }

    /// Does something with each pack, over all threads, and takes what comes of it in order. Packs that are not reached before
    /// the time is over can't be loaded. `early`: whether what was taken is on the screen.
    ///
    /// # Errors
    /// `Interrupted` after an interrupt; what comes of packs that it may have cut short is not taken.
    pub fn each<T: Send>(
        &self,
        session: &Session,
        packs: &[PathBuf],
        work: &(dyn Fn(String, Result<Pack>) -> T + Sync),
        (early, take): (bool, &mut dyn FnMut(T)),
    ) -> Result<()> {
        let run = |index: usize| {
            let path = &packs[index];
            let pack = match self.time.filter(TimeBudget::is_over) {
                Some(time) => Err(time.unreached()),
                None => session.pack(path, &self.limits.pack),
            };
            let done = work(path.display().to_string(), pack);
            (done, session.interrupt.is_set())
        };
        let (mut complete, mut cut) = (0, false);
        self.engine.spread(packs.len(), &run, &mut |_, (done, may_be_cut)| {
            cut |= may_be_cut;
            if !cut {
                complete += 1;
                take(done);
                progress::count("checking packs", complete, packs.len());
            }
        })?;
        if !session.interrupt.is_set() {
            return Ok(());
        }
        let of = count(packs.len(), "pack");
        let detail = match (complete, early) {
            (0, _) => "interrupted before any pack was checked completely".to_owned(),
            (_, true) => format!("interrupted after {complete} of {of}; the results above are complete"),
            (_, false) => format!("interrupted after {complete} of {of}; there is no report"),
        };
        Err(Error::new(ErrorKind::Interrupted, detail))
    }

    /// A checker of packs.
    #[must_use]
    pub fn checker<'a>(&'a self, depth: Depth, values: &'a Sources) -> Checker<'a> {
        Checker {
            engine: &self.engine,
            validators: &self.validators,
            config: &self.config,
            weights: self.weights,
            values,
            depth,
            time: self.time,
        }
    }
}

/// The rules that packs are checked against, but for those that packs bring along.
pub fn known_rules(desk: &Desk, depth: Depth) -> Vec<RuleInfo> {
    if desk.validators.is_empty() {
        return Vec::new();
    }
    let rules = desk.validators.iter().flat_map(Validator::rules).cloned();
    let of_trials = if depth == Depth::Validate { trial_rules() } else { Vec::new() };
    rules.chain(query_rules()).chain(suppression_rules()).chain(of_trials).collect()
}
