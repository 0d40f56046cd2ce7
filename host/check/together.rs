//! Packs that are generated together, checked as one: what is said of all of them, their plans side by side, and the whole
//! rendered.
//!
//! Always true here: nothing is written; each pack is given what is its own, and a variable that nobody gives a value is tried
//! as it is for one pack.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::draft::Draft;
use super::report::{Checked, PackReport};
use super::run::{Checker, Depth};
use super::values as trial;
use crate::compose::packs::{PackSet, Presets, check_imports, imported, scopes};
use crate::compose::variables::{Sources, ToolboxEvaluator, Values, given, refused, resolve};
use crate::diagnostic::Diagnostic;
use crate::engine::Run;
use crate::error::{Error, ErrorKind, Result};
use crate::generate::{Composition, Job, RenderOptions};
use crate::interrupt::Interrupt;
use crate::pack::PackName;
use crate::plan::{ComposedPlan, Rules, plugins_in_use};
use crate::plugins::Toolbox;
use crate::secrets::Secrets;

/// Packs that are generated together, with what is said of them.
#[derive(Debug)]
pub struct Together {
    /// The packs.
    pub set: PackSet,
    /// Their answers.
    pub presets: Presets,
    /// Whose files are taken.
    pub rules: Rules,
}

impl Checker<'_> {
    /// Checks each pack by itself, with the values that are its own.
    ///
    /// # Errors
    /// Those of [`scopes`].
    pub fn each_of(&self, together: &Together, take: &mut dyn FnMut(PackReport)) -> Result<()> {
        let given = scopes(&together.set, self.values, &together.presets)?;
        for (pack, values) in together.set.packs().iter().zip(&given) {
            let checker = Checker {
                engine: self.engine,
                validators: self.validators,
                config: self.config,
                weights: self.weights,
                values,
                depth: self.depth,
                time: self.time,
            };
            take(checker.run(pack.label.clone(), Ok(pack.clone())));
        }
        Ok(())
    }

    /// Checks packs together, or says why they can't be. `shown` is what the user calls them. With [`Depth::Check`] nothing runs,
    /// with [`Depth::Lint`] they are planned, and with [`Depth::Validate`] rendered.
    #[must_use]
    pub fn run_together(&self, shown: String, packs: Result<&Together, &Error>) -> PackReport {
        self.look_together(shown, packs, self.depth).1
    }

    /// What packs will generate together, without rendering them, and what was found on the way.
    #[must_use]
    pub fn plan_together(&self, shown: String, packs: Result<&Together, &Error>) -> (Option<ComposedPlan>, PackReport) {
        self.look_together(shown, packs, Depth::Lint)
    }

    fn look_together(
        &self,
        shown: String,
        packs: Result<&Together, &Error>,
        depth: Depth,
    ) -> (Option<ComposedPlan>, PackReport) {
        let templates = (depth >= Depth::Validate).then_some(false);
        let checked = Checked { manifest: false, rules: None, templates };
        let mut draft = Draft { checked, ..Draft::default() };
        let run = self.engine.run_within(self.time, &Interrupt::new());
        let plan = match packs {
            Ok(packs) => look(&run, (packs, self.values), depth, &mut draft).unwrap_or_else(|error| {
                draft.absorb(&error);
                None
            }),
            Err(error) => {
                draft.absorb(error);
                None
            }
        };
        if depth >= Depth::Lint {
            draft.charge(run.budget());
        }
        (plan, self.weights.report(draft, shown, None, self.config))
    }
}

fn look(
    run: &Run<'_>,
    (together, given): (&Together, &Sources),
    depth: Depth,
    draft: &mut Draft,
) -> Result<Option<ComposedPlan>> {
    let Together { set, presets, rules } = together;
    set.packs().iter().try_for_each(|pack| pack.check_host(&crate::version()))?;
    check_imports(set)?;
    let sources = scopes(set, given, presets)?;
    draft.checked.manifest = true;
    if depth == Depth::Check {
        return Ok(None);
    }
    let used = |pack| if depth == Depth::Validate { plugins_in_use(pack) } else { BTreeSet::new() };
    let toolboxes = set.packs().iter().map(|pack| Toolbox::prepare(run, pack, &used(pack)));
    let toolboxes = toolboxes.collect::<Result<Vec<_>>>()?;
    let Some(values) = values(set, &toolboxes, sources)? else { return Ok(None) };
    let mut jobs = Vec::with_capacity(values.len());
    for ((pack, toolbox), values) in set.packs().iter().zip(&toolboxes).zip(values) {
        match Job::prepare(pack, toolbox, values) {
            Ok(job) => jobs.push(job),
            Err(error) => draft.absorb(&error),
        }
    }
    if jobs.len() < set.packs().len() {
        return Ok(None);
    }
    let leading = set.position(&set.leading().manifest.pack.name.value).unwrap_or(0);
    let composition = Composition::of(jobs, (leading, set.shared()), rules.clone())?;
    if depth >= Depth::Validate {
        let report = composition.render_in(run, RenderOptions::default())?;
        draft.findings.extend(report.notes);
        draft.checked.templates = Some(run.budget().used().untried == 0);
    }
    Ok(Some(composition.plan()))
}

/// The values of all packs; none where one could not be made up, which is told of its pack.
fn values(set: &PackSet, toolboxes: &[Arc<Toolbox<'_>>], sources: Vec<Sources>) -> Result<Option<Vec<Values>>> {
    let (mut values, mut wrong): (Vec<Values>, Vec<Diagnostic>) = (Vec::new(), Vec::new());
    let (mut failed, mut is_open): (BTreeSet<&PackName>, bool) = (BTreeSet::new(), false);
    for ((pack, toolbox), mut sources) in set.packs().iter().zip(toolboxes).zip(sources) {
        let name = &pack.manifest.pack.name.value;
        let takes = |variable| set.import(pack, variable).is_some_and(|import| failed.contains(&import.from.pack));
        if pack.manifest.variables.iter().any(takes) {
            failed.insert(name);
            values.push(Values::default());
            continue;
        }
        sources.imported = imported(set, pack, &values);
        let given = given(&pack.into(), &sources)?;
        let unknown = trial::fill(&pack.manifest, &given, &mut sources);
        let unknown = unknown.iter().any(|variable| !sources.imported.contains_key(variable.name.as_str()));
        // What another pack gives needs nothing that is made up.
        let Sources { samples, imported, .. } = &mut sources;
        samples.retain(|name, _| !imported.contains_key(name));
        let evaluator = ToolboxEvaluator::new(toolbox, pack, Secrets::default());
        match resolve(pack.into(), &sources, &evaluator, None) {
            Ok(found) => values.push(found),
            Err(error) if error.kind() == ErrorKind::Gate => {
                is_open = true;
                failed.insert(name);
                values.push(Values::default());
            }
            Err(error) if error.kind() == ErrorKind::Variables => {
                if unknown && trial::is_missing_only(&error) {
                    is_open = true;
                } else {
                    wrong.extend(error.body().findings.iter().cloned());
                }
                failed.insert(name);
                values.push(Values::default());
            }
            Err(error) => return Err(error),
        }
    }
    match wrong.is_empty() {
        true if is_open => Ok(None),
        true => Ok(Some(values)),
        false => Err(refused(wrong)),
    }
}
