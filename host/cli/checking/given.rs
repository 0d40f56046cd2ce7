//! What the user gave for the packs of a command, held against them before any of them is checked: names in the settings,
//! variables and their values.
//!
//! Always true here: who gave something that fits nothing is told so at its place, with exit code 2, and no pack is blamed
//! for it; what a pack that can't be loaded may have is not held against anybody.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::check::{RuleInfo, Validator, query_rules, suppression_rules, trial_rules};
use crate::cli::checking::Desk;
use crate::cli::packs::named::Near;
use crate::cli::session::{Session, shown};
use crate::compose::variables::{Declared, Sources, mistakes, refused, strays};
use crate::diagnostic::{Diagnostic, Position};
use crate::error::Result;
use crate::limits::TimeBudget;
use crate::pack::Pack;

/// What the packs of a command are.
#[derive(Default)]
struct Given {
    packs: BTreeSet<String>,
    variables: BTreeSet<String>,
    mistakes: Vec<Diagnostic>,
    /// What they say, and where: what several packs have to say is told once.
    told: BTreeSet<(String, Option<Position>)>,
    /// Whether some are not known, as they can't be loaded.
    is_partial: bool,
}

impl Desk {
    /// Checks that what the settings and the command line give is there in the packs, or fits them. Returns the values as
    /// the packs are to be given them.
    ///
    /// # Errors
    /// `Usage`, `Variables`; `Io` where threads can't be started.
    pub fn check_given(&self, session: &Session, packs: &[PathBuf], values: Sources) -> Result<Sources> {
        self.check_names(session, packs)?;
        let values = Sources { shared: packs.len() > 1, ..values };
        let is_nothing = values.flags.is_empty() && values.answers.is_none() && values.environment.is_empty();
        if is_nothing && self.config.values.is_empty() {
            return Ok(values);
        }
        let mut given = Given::default();
        let look = |index: usize| {
            let is_over = self.time.as_ref().is_some_and(TimeBudget::is_over);
            let pack = (!is_over).then(|| session.pack(&packs[index], &self.limits.pack).ok()).flatten()?;
            let found = self.mistakes(&pack, &values);
            Some((
                pack.manifest.pack.name.value.to_string(),
                Declared::from(&pack).names().map(str::to_owned).collect(),
                found,
            ))
        };
        let mut take = |index: usize, looked: Option<(String, Vec<String>, Result<Vec<Diagnostic>>)>| -> Result<()> {
            let Some((name, variables, found)) = looked else {
                given.is_partial = true;
                return Ok(());
            };
            given.packs.insert(name);
            given.variables.extend(variables);
            for mut finding in found? {
                if !given.told.insert((finding.message.clone(), finding.span.as_ref().map(|span| span.start))) {
                    continue;
                }
                if values.shared {
                    let pack = format!("the pack is `{}`", shown(&packs[index]));
                    finding.help = Some(finding.help.map_or_else(|| pack.clone(), |help| format!("{help}\n{pack}")));
                }
                given.mistakes.push(finding);
            }
            Ok(())
        };
        let mut taken = Ok(());
        self.engine.spread(packs.len(), &look, &mut |index, looked| {
            if taken.is_ok() {
                taken = take(index, looked);
            }
        })?;
        taken?;
        if session.interrupt.is_set() {
            // The packs are not looked at either, which says so.
            return Ok(values);
        }
        self.check_packs(session, &given)?;
        if values.shared && !given.is_partial {
            given.mistakes.extend(strays(&given.variables, &values)?);
        }
        if given.mistakes.is_empty() { Ok(values) } else { Err(refused(given.mistakes)) }
    }

    fn mistakes(&self, pack: &Pack, values: &Sources) -> Result<Vec<Diagnostic>> {
        let preset = self.config.values.get(pack.manifest.pack.name.value.as_str()).cloned();
        mistakes(&pack.into(), &Sources { preset, ..values.clone() })
    }

    /// Checks that packs to which the settings give values are there. Settings are written for all packs of a repository,
    /// and commands are called for one of them: so each that is near counts as well as those that the command is called for.
    fn check_packs(&self, session: &Session, given: &Given) -> Result<()> {
        if given.is_partial || self.config.check_packs(&given.packs).is_ok() {
            return Ok(());
        }
        let mut near = Near::default();
        near.names.extend(given.packs.iter().cloned());
        let beside = self.config.path().map(Path::new).and_then(Path::parent).filter(|folder| folder.is_dir());
        for folder in [Some(Path::new(".")), beside].into_iter().flatten() {
            near.look(folder);
        }
        // Who has no place for installed packs has none.
        if let Ok(library) = session.library(&self.limits.pack) {
            match library.installed().read() {
                Ok(inventory) => near.names.extend(inventory.names().map(ToString::to_string)),
                Err(_) => near.is_partial = true,
            }
        }
        for archive in &near.archives {
            // What is in an archive takes time to be read.
            if near.is_partial || self.config.check_packs(&near.names).is_ok() {
                return Ok(());
            }
            match Pack::load(archive, &self.limits.pack) {
                Ok(pack) => drop(near.names.insert(pack.manifest.pack.name.value.to_string())),
                Err(_) => near.is_partial = true,
            }
        }
        if near.is_partial { Ok(()) } else { self.config.check_packs(&near.names) }
    }

    /// Checks that rules and options that the settings name are there: in a validator of the user's, or in one that a pack
    /// brings along.
    ///
    /// # Errors
    /// `Usage`.
    fn check_names(&self, session: &Session, packs: &[PathBuf]) -> Result<()> {
        if self.validators.is_empty() {
            return Ok(());
        }
        // What is said of queries, suppressions and of trials can be weighed as well, whatever this command does.
        let about = query_rules().into_iter().chain(suppression_rules()).chain(trial_rules());
        let about: Vec<RuleInfo> = about.collect();
        let about: Vec<(&str, &Value)> = about.iter().map(|rule| (rule.id.as_str(), &Value::Null)).collect();
        let known = || self.validators.iter().flat_map(Validator::options).chain(about.iter().copied());
        if self.config.check_names(&known().collect()).is_ok() {
            return Ok(());
        }
        // This is rare, and so packs' own validators are made ready twice.
        let mut own = Vec::new();
        for path in packs {
            let mut taken = known().map(|(rule, _)| rule.to_owned()).collect();
            let validators = session
                .pack(path, &self.limits.pack)
                .and_then(|pack| Validator::of_pack(&self.engine, &pack, &mut taken));
            match validators {
                Ok(validators) => own.extend(validators),
                // Nobody knows which rules it has, and its own report says why.
                Err(_) => return Ok(()),
            }
        }
        self.config.check_names(&known().chain(own.iter().flat_map(Validator::options)).collect())
    }
}
