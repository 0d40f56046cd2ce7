//! From a saved plan to a [`Job`]: its packs in its order, and the values of secrets, which it does not hold.
//!
//! Always true here: what is no longer as the plan says is refused before anything is rendered.

use super::inputs::Inputs;
use super::job::Job;
use super::pack::Pack;
use super::packbox::Packbox;
use super::stages::{Prepared, find};
use crate::advice::said;
use crate::compose::packs::{Arrangement, PackSet, Presets, Share, imported, scopes};
use crate::compose::variables::{Declared, Interview, Values, of_saved_plan};
use crate::diagnostic::Span;
use crate::error::{Error, ErrorKind, Result};
use crate::generate::{self, Composition};
use crate::pack::{self, PackName, VariableName};
use crate::plan::ComposedPlan;
use crate::text::{listed, printable_line};

impl Packbox {
    /// Makes a job of a plan that was saved ([`ComposedPlan::from_json`]), for the packs that it was made from, in whatever order.
    /// `inputs` may have their secrets, and nothing else.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage) where the plan is not one that this packbox makes, or fixes what is given;
    /// [`ErrorKind::Integrity`](crate::ErrorKind::Integrity) where packs, plugins or files are not those of the plan.
    pub fn job_of(&self, packs: &[Pack], plan: &ComposedPlan, inputs: &Inputs<'_>) -> Result<Job<'_>> {
        let packs = packs.iter().map(|pack| pack.0.clone()).collect();
        let set = arranged(plan, packs, &Span::file("the plan"))?;
        self.prepare(&self.begin(inputs), set)?.reload(plan, inputs)
    }
}

/// Puts the packs of a plan in the order that it has; `place` is where the plan is.
///
/// # Errors
/// [`ErrorKind::Usage`] where the plan is none that this packbox makes; [`ErrorKind::Integrity`] where packs are missing, or others
/// than its own, or no longer stand in its order; those of [`PackSet::of`].
pub(crate) fn arranged(plan: &ComposedPlan, packs: Vec<pack::Pack>, place: &Span) -> Result<PackSet> {
    plan.check()?;
    let mut ordered = Vec::with_capacity(packs.len());
    let mut packs: Vec<Option<pack::Pack>> = packs.into_iter().map(Some).collect();
    for name in plan.packs.iter().map(|plan| &plan.pack.name) {
        let is_it =
            |pack: &&mut Option<pack::Pack>| pack.as_ref().is_some_and(|pack| pack.manifest.pack.name.value == *name);
        ordered.extend(packs.iter_mut().find(is_it).and_then(Option::take));
    }
    if ordered.len() < plan.packs.len() || packs.iter().any(Option::is_some) {
        let wanted: Vec<String> = plan.packs.iter().map(|plan| format!("`{}`", plan.pack.name)).collect();
        let detail = format!("the plan is for {}, and these packs are others", listed(&wanted));
        return Err(Error::new(ErrorKind::Integrity, detail).hint("make a new plan"));
    }
    if let [_] = &ordered[..] {
        return Ok(PackSet::from(ordered.remove(0)));
    }
    let share = |(name, packs): (&VariableName, &Vec<PackName>)| Share {
        name: name.clone(),
        packs: packs.clone(),
        place: place.clone(),
    };
    // The order of the plan is one that its packs allow, or it is refused.
    let arrangement = Arrangement { as_named: true, shares: plan.shared.iter().map(share).collect() };
    let set = PackSet::of(ordered, Vec::new(), &arrangement)?;
    if set.names().ne(plan.packs.iter().map(|plan| &plan.pack.name)) {
        return Err(Error::new(ErrorKind::Integrity, "the packs no longer stand in the order of the plan")
            .hint("make a new plan"));
    }
    Ok(set)
}

impl<'p> Prepared<'p> {
    /// Takes a saved plan of these packs, and the secrets that it does not hold from what is given.
    ///
    /// # Errors
    /// Those of [`generate::Job::reload`]; [`ErrorKind::Variables`] for the secrets; [`ErrorKind::Usage`] where something else is
    /// given; [`ErrorKind::Integrity`] where files are no longer those of the packs that the plan says.
    pub(crate) fn reload(self, plan: &ComposedPlan, inputs: &Inputs<'_>) -> Result<Job<'p>> {
        let scopes = scopes(&self.set, inputs.sources(), &Presets::default())?;
        let is_one = self.set.packs().len() == 1;
        let (mut jobs, mut before) = (Vec::new(), Vec::new());
        let all = self.set.packs().iter().zip(&self.toolboxes).zip(&plan.packs).zip(scopes);
        for (((pack, toolbox), own), sources) in all {
            let job = generate::Job::reload(pack, toolbox, own.clone(), |plan| {
                if let Some(name) = sources.own_names().find(|name| !plan.is_secret(name)) {
                    let name = printable_line(name);
                    let name = if is_one { name } else { format!("{}.{name}", plan.pack.name) };
                    let detail = said(
                        format!("the plan fixes `{name}`; only secrets can be given to `apply`"),
                        format!("the plan fixes `{name}`; only secrets can be given beside a plan"),
                    );
                    return Err(Error::new(ErrorKind::Usage, detail).hint("make a new plan to change a value"));
                }
                if plan.secrets.is_empty() {
                    return Ok(plan.with_secrets(Values::default()));
                }
                let open = plan.open_variables(pack);
                let open = Declared { variables: &open, sought: Some(&plan.secrets), ..pack.into() };
                let mut sources = plan.secrets_in(&sources);
                sources.imported = imported(&self.set, pack, &before);
                sources.imported.retain(|name, _| plan.is_secret(name));
                let given = find((toolbox, pack), open, (inputs, &mut Interview::default()), &sources);
                given.map(|given| plan.with_secrets(given)).map_err(of_saved_plan)
            });
            let job = job.map_err(|error| match error.kind() {
                ErrorKind::Integrity if !is_one => {
                    let name = &pack.manifest.pack.name.value;
                    Error::new(ErrorKind::Integrity, format!("the pack `{name}`: {error}"))
                        .hint("look at what changed, and make a new plan")
                }
                _ => error,
            })?;
            before.push(job.values.clone());
            jobs.push(job);
        }
        let leading = self.set.position(&plan.leading).unwrap_or(0);
        let composition = Composition::of(jobs, (leading, plan.shared.clone()), plan.rules()?)?;
        composition.check_as_planned(plan)?;
        Ok(Job { packbox: self.packbox, composition: composition.bound_to(plan.folder.clone()) })
    }
}
