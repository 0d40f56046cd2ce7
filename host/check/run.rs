//! The stages of checking a pack: from its folder to its report.
//!
//! Always true here: nothing is written; each stage takes what the one before it made, and a stage that cannot go on leaves
//! the findings of those before it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::config::CheckConfig;
use super::draft::Draft;
use super::examined::Examined;
use super::facts;
use super::inspect;
use super::plugins;
use super::proof::Proofs;
use super::queries;
use super::query_rules::query_rules;
use super::report::{Checked, PackReport};
use super::ruleset::{Subject, Validator};
use super::trials;
use super::values as trial;
use super::weigh::Weights;
use crate::advice::said;
use crate::compose::variables::{Sources as ValueSources, ToolboxEvaluator, given, resolve};
use crate::diagnostic::{Diagnostic, Severity};
use crate::digest::Digest;
use crate::engine::{Engine, Input, Run};
use crate::error::{ErrorKind, Result};
use crate::generate::Job;
use crate::interrupt::Interrupt;
use crate::limits::TimeBudget;
use crate::pack::{ManifestView, Pack, PackPath, PluginName};
use crate::plan::plugins_in_use;
use crate::plugins::{Merger, Toolbox, check_digest};
use crate::secrets::Secrets;

/// How far a pack is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Manifest, structure, digests.
    Check,
    /// The same, and rules.
    Lint,
    /// The same, and every template is rendered.
    Validate,
}

/// Everything that checking packs needs.
#[derive(Debug)]
pub struct Checker<'a> {
    /// Runs guests.
    pub engine: &'a Engine,
    /// The built-in rules and the user's.
    pub validators: &'a [Validator],
    /// How the user weighs what is found.
    pub config: &'a CheckConfig,
    /// Whether the pack's own word counts.
    pub weights: Weights,
    /// Values that the user gave.
    pub values: &'a ValueSources,
    /// How far to go.
    pub depth: Depth,
    /// The time that all packs together may take.
    pub time: Option<TimeBudget>,
}

impl Checker<'_> {
    /// Checks a pack that was loaded, or says why it was not. `shown` is what the user calls it. Packs that are checked at the
    /// same time share the memory of one; a pack for which the others leave too little is checked again alone, so that
    /// what is said of it does not depend on them.
    #[must_use]
    pub fn run(&self, shown: String, pack: Result<Pack>) -> PackReport {
        self.run_until(shown, pack, &Interrupt::new())
    }

    /// The same, until an interrupt of its own is set: then the pack has failed, and nothing follows from what was found.
    #[must_use]
    pub fn run_until(&self, shown: String, pack: Result<Pack>, interrupt: &Interrupt) -> PackReport {
        let _span = tracing::info_span!("check", pack = shown).entered();
        let mut draft = self.draft();
        let pack = match loaded(self.explained(pack), &mut draft) {
            Ok(pack) => pack,
            Err(error) => {
                draft.absorb(&error);
                return self.weights.report(draft, shown, None, self.config);
            }
        };
        if self.depth == Depth::Check && !queries::are_there(&pack) {
            return self.weights.report(draft, shown, Some((&pack, &[])), self.config);
        }
        let company = self.engine.company();
        let beside = {
            let _stays = company.enter();
            let run = self.engine.run_in_company(self.time, interrupt);
            let report = self.in_run(&run, &shown, &pack, draft.clone());
            (!run.budget().was_crowded()).then_some(report)
        };
        beside.unwrap_or_else(|| {
            let _keeps_out = company.alone();
            self.in_run(&self.engine.run_within(self.time, interrupt), &shown, &pack, draft)
        })
    }

    /// A pack, or the error of loading it with what the settings have to do with that.
    fn explained(&self, pack: Result<Pack>) -> Result<Pack> {
        pack.map_err(|error| self.config.set_limits.explain(error))
    }

    /// A report in which nothing has been checked yet.
    fn draft(&self) -> Draft {
        let rules = (self.depth >= Depth::Lint).then_some(false);
        let templates = (self.depth >= Depth::Validate).then_some(false);
        Draft { checked: Checked { manifest: false, rules, templates }, ..Draft::default() }
    }

    fn in_run(&self, run: &Run<'_>, shown: &str, pack: &Pack, mut draft: Draft) -> PackReport {
        let mut own = Vec::new();
        if let Err(error) = self.examine_and_judge(run, pack, &mut own, &mut draft) {
            draft.absorb(&error);
        }
        draft.charge(run.budget());
        let about_queries = if self.depth == Depth::Check { Vec::new() } else { query_rules() };
        let rules = self.validators.iter().chain(&own).flat_map(Validator::rules);
        let rules: Vec<_> = rules.chain(&about_queries).collect();
        self.weights.report(draft, shown.to_owned(), Some((pack, &rules)), self.config)
    }

    /// Looks at a pack without judging it: what comparing packs needs, and what was found on the way.
    #[must_use]
    pub fn look(&self, shown: String, pack: Result<Pack>) -> (Option<Examined<'_>>, PackReport) {
        let mut draft = self.draft();
        let run = self.engine.run_within(self.time, &Interrupt::new());
        let look = |draft: &mut Draft| {
            let pack = loaded(self.explained(pack), draft)?;
            let toolbox = Toolbox::prepare(&run, &pack, &BTreeSet::new())?;
            self.examine(&pack, &toolbox, draft)
        };
        let examined = look(&mut draft);
        draft.charge(run.budget());
        let examined = examined.map_err(|error| draft.absorb(&error)).ok();
        let checked = examined.as_ref().map(|examined| (&examined.pack, &[][..]));
        let report = self.weights.report(draft, shown, checked, self.config);
        (examined, report)
    }

    /// All that a validator is given for a pack, as far as the pack can be looked at.
    ///
    /// # Errors
    /// Those of reading the pack.
    pub fn hand_over(&self, pack: Pack, validator: &Validator, options: &Map<String, Value>) -> Result<Input> {
        let mut draft = Draft::default();
        let pack = loaded(Ok(pack), &mut draft)?;
        let toolbox = Toolbox::prepare(&self.engine.run(), &pack, &BTreeSet::new())?;
        let examined = self.examine(&pack, &toolbox, &mut draft)?;
        let manifest = serde_json::to_vec(&examined.view.json).unwrap_or_default();
        let facts = facts::gather(&examined);
        validator.given(&mut Subject { pack: &pack, manifest: &manifest, facts }, options)
    }

    /// Makes the report of several packs together.
    #[must_use]
    pub fn together(&self, shown: String, findings: Vec<Diagnostic>) -> PackReport {
        let checked = Checked { manifest: true, ..Checked::default() };
        let draft = Draft { findings, checked, ..Draft::default() };
        self.weights.report(draft, shown, None, self.config)
    }

    fn examine_and_judge(&self, run: &Run<'_>, pack: &Pack, own: &mut Vec<Validator>, draft: &mut Draft) -> Result<()> {
        let used = if self.depth == Depth::Validate { plugins_in_use(pack) } else { BTreeSet::new() };
        let toolbox = Self::toolbox(run, pack, &used, draft)?;
        if self.depth == Depth::Check {
            let evaluator = ToolboxEvaluator::new(&toolbox, pack, Secrets::default());
            queries::proofread(&evaluator, pack, draft);
            return Ok(());
        }
        let mut examined = self.examine(pack, &toolbox, draft)?;
        let prepared = self.prepare_own(run, &examined, own, draft);
        let judged = self.judge(run, &examined, own, draft)?;
        draft.checked.rules = Some(prepared && judged);
        // Nobody asks for it any more, and it is large where a list is.
        examined.view = ManifestView::default();
        if self.depth == Depth::Validate {
            let prepared = used.iter().all(|name| toolbox.plugin(name).is_some());
            if let (Some(job), true) = (&examined.job, prepared) {
                let mut proofs = Proofs::new(&examined.templates);
                proofs.prove(job, draft);
                let mut sources = self.values_for(pack);
                let given = given(&pack.into(), &sources)?;
                trial::fill(&pack.manifest, &given, &mut sources);
                trials::run(&examined, &sources, &given, &mut proofs, draft);
                proofs.finish(pack, toolbox.budget(), &self.config.ceilings, draft);
                draft.checked.templates = Some(run.budget().used().untried == 0);
            }
        }
        Ok(())
    }

    /// Prepares the pack's renderers; one that can't be is a failure, and the pack is looked at without it.
    fn toolbox<'t>(
        run: &Run<'t>,
        pack: &Pack,
        used: &BTreeSet<PluginName>,
        draft: &mut Draft,
    ) -> Result<Arc<Toolbox<'t>>> {
        match Toolbox::prepare(run, pack, used) {
            Ok(toolbox) => Ok(toolbox),
            Err(error) => {
                draft.absorb(&error);
                Toolbox::prepare(run, pack, &BTreeSet::new())
            }
        }
    }

    /// Looks at a pack as far as its rules need.
    ///
    /// # Errors
    /// Those of reading the pack and of preparing the built-in engine.
    pub fn examine<'e>(&self, pack: &Pack, toolbox: &Arc<Toolbox<'e>>, draft: &mut Draft) -> Result<Examined<'e>> {
        let templates = pack.templates()?;
        let mut inspection = inspect::inspect(pack, toolbox, &templates)?;
        draft.absorb_jobs(std::mem::take(&mut inspection.failures), "template");
        let plugins = plugins::inspect_plugins(pack)?;
        let job = match self.plan(pack, toolbox, draft) {
            Ok(job) => job,
            Err(error) => {
                draft.absorb(&error);
                None
            }
        };
        if queries::are_there(pack) {
            let evaluator = ToolboxEvaluator::new(toolbox, pack, Secrets::default());
            let is_asked = job.as_ref().is_some_and(|job| job.values.consulted.is_some());
            queries::look_at(pack, &evaluator, (&inspection, is_asked), (toolbox.budget(), draft))?;
        }
        let view = ManifestView::of(&pack.manifest_text);
        Ok(Examined { pack: pack.clone(), view, templates, inspection, plugins, job })
    }

    /// What the user gives for a pack: values for all, and after them those of the settings for this one.
    fn values_for(&self, pack: &Pack) -> ValueSources {
        let mut values = self.values.clone();
        if let Some(preset) = self.config.values.get(pack.manifest.pack.name.value.as_str()) {
            match &mut values.preset {
                Some(given) => given.values.extend(preset.values.iter().cloned()),
                given => *given = Some(preset.clone()),
            }
        }
        values
    }

    /// The pack, planned with the values that it is tried with; none where a variable has none.
    ///
    /// # Errors
    /// Those of finding values and of planning.
    pub fn trial<'e>(&self, pack: &Pack, toolbox: &Arc<Toolbox<'e>>) -> Result<Option<Job<'e>>> {
        self.plan(pack, toolbox, &mut Draft::default())
    }

    fn plan<'e>(&self, pack: &Pack, toolbox: &Arc<Toolbox<'e>>, draft: &mut Draft) -> Result<Option<Job<'e>>> {
        let mut sources = self.values_for(pack);
        let given = given(&pack.into(), &sources)?;
        let unknown = trial::fill(&pack.manifest, &given, &mut sources);
        for variable in &unknown {
            let what =
                if variable.when.is_some() { "nothing that it affects was rendered" } else { "nothing was rendered" };
            let message = format!(
                "`{}` has neither a default nor an example, and no value could be made up: {what}",
                variable.name
            );
            let mut finding = Diagnostic::error("variables/no-sample", message).help(said(
                "give the variable an `example`, or a value with `--var`",
                "give the variable an `example`, or a value with `Checker::check_with`",
            ));
            finding.severity = Severity::Warning;
            finding.span = Some(pack.span(&variable.range));
            draft.findings.push(finding);
        }
        if unknown.iter().any(|variable| variable.when.is_none()) {
            return Ok(None);
        }
        let evaluator = ToolboxEvaluator::new(toolbox, pack, Secrets::default());
        let resolved = resolve(pack.into(), &sources, &evaluator, None);
        queries::take(evaluator.take_remarks(), toolbox.budget(), draft)?;
        match resolved {
            Err(error) if !unknown.is_empty() && trial::is_missing_only(&error) => Ok(None),
            Err(error) if error.kind() == ErrorKind::Gate => {
                draft.findings.extend(trial::refused(&error));
                Ok(None)
            }
            values => Job::prepare(pack, toolbox, values?).map(Some),
        }
    }

    /// Prepares the validators and mergers that came with the pack, whose digest has to be the manifest's, and says whether all could be.
    fn prepare_own(&self, run: &Run<'_>, examined: &Examined<'_>, own: &mut Vec<Validator>, draft: &mut Draft) -> bool {
        let mut prepared = true;
        let mut taken: BTreeSet<String> =
            self.validators.iter().flat_map(Validator::rules).map(|rule| rule.id.clone()).collect();
        for plugin in examined.plugins.iter().filter(|plugin| plugin.validates) {
            match Validator::of_plugin(run, &examined.pack, plugin, &mut taken) {
                Ok(validator) => own.push(validator),
                Err(error) => {
                    draft.absorb(&error);
                    prepared = false;
                }
            }
        }
        // They are not called for one pack alone, but each has to be one.
        for plugin in examined.plugins.iter().filter(|plugin| plugin.merges) {
            if let Err(error) = Merger::of_plugin(run, &examined.pack, &plugin.name, None) {
                draft.absorb(&error);
                prepared = false;
            }
        }
        prepared
    }

    /// Has all validators look at the pack, and says whether each came to its end.
    fn judge(&self, run: &Run<'_>, examined: &Examined<'_>, own: &[Validator], draft: &mut Draft) -> Result<bool> {
        let mut judged = true;
        let manifest = serde_json::to_vec(&examined.view.json).unwrap_or_default();
        let facts = facts::gather(examined);
        let mut subject = Subject { pack: &examined.pack, manifest: &manifest, facts };
        for validator in self.validators.iter().chain(own) {
            match validator.check(run, &mut subject, &self.config.options)? {
                Ok(found) => {
                    let (count, left) = (found.len() as u64, run.budget().findings_left());
                    let kept = found.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX));
                    for finding in kept {
                        run.budget().draw(finding.weight())?;
                        draft.findings.push(finding);
                    }
                    run.budget().find(count)?;
                }
                Err(failure) => {
                    draft.absorb_jobs(vec![failure], "validator");
                    judged = false;
                }
            }
        }
        Ok(judged)
    }
}

/// Notes what a pack is, and checks what can be checked without running anything.
fn loaded(pack: Result<Pack>, draft: &mut Draft) -> Result<Pack> {
    let pack = pack?;
    draft.checked.manifest = true;
    draft.name = Some(pack.manifest.pack.name.value.to_string());
    draft.version = Some(pack.manifest.pack.version.value.to_string());
    if let Err(error) = pack.check_host(&crate::version()) {
        draft.absorb(&error);
    }
    // Many plugins may be one file.
    let mut digests: BTreeMap<&PackPath, Digest> = BTreeMap::new();
    for (name, entry) in &pack.manifest.plugins {
        if entry.sha256.is_some() {
            let path = &entry.component.value;
            let digest = match digests.get(path) {
                Some(digest) => *digest,
                None => *digests.entry(path).or_insert(Digest::of(&pack.read(path)?)),
            };
            let _ = check_digest(&pack, name, entry, digest).map_err(|error| draft.absorb(&error));
        }
    }
    Ok(pack)
}
