//! [`Job`]: a pack with its values, planned.

use std::fmt;
use std::sync::Arc;

use super::canceller::Canceller;
use super::inputs::Inputs;
use super::pack::Pack;
use super::packbox::Packbox;
use super::rendered::Rendered;
use crate::compose::variables::{Declared, Sources, ToolboxEvaluator, Values, of_saved_plan, resolve};
use crate::error::Result;
use crate::generate::{self, RenderOptions};
use crate::plan::{Plan, plugins_in_use};
use crate::plugins::Toolbox;
use crate::progress::Event;
use crate::secrets::Secrets;

/// A pack that is ready to be rendered. Nothing of it has been written.
pub struct Job<'p> {
    packbox: &'p Packbox,
    job: generate::Job<'p>,
}

impl Packbox {
    /// Makes a pack ready to be rendered: finds its values and plans its files. A job has a budget of its own, the limits of
    /// runs, which begins here.
    ///
    /// # Errors
    /// [`ErrorKind::Variables`](crate::ErrorKind::Variables) where inputs are missing or wrong;
    /// [`ErrorKind::Template`](crate::ErrorKind::Template) where the pack is at fault;
    /// [`ErrorKind::Stopped`](crate::ErrorKind::Stopped) where a limit was met.
    pub fn job(&self, pack: &Pack, inputs: &Inputs<'_>) -> Result<Job<'_>> {
        Job::prepare(self, pack, inputs)
    }

    /// Makes a job of a plan that was saved, for the pack that it was made from. Only secrets are taken from `inputs`.
    ///
    /// # Errors
    /// [`ErrorKind::Integrity`](crate::ErrorKind::Integrity) where pack, plugins or files are not those of the plan.
    pub fn job_of(&self, pack: &Pack, plan: Plan, inputs: &Inputs<'_>) -> Result<Job<'_>> {
        Job::reload(self, pack, plan, inputs)
    }
}

impl<'p> Job<'p> {
    pub(super) fn prepare(packbox: &'p Packbox, pack: &Pack, inputs: &Inputs<'_>) -> Result<Self> {
        let pack = &pack.0;
        pack.check_host(&crate::version())?;
        pack.check_dependencies()?;
        let toolbox = toolbox(packbox, pack, inputs)?;
        let values = values(pack.into(), &toolbox, inputs, inputs.sources())?;
        let job = generate::Job::prepare(pack, &toolbox, values)?;
        Ok(Self { packbox, job })
    }

    pub(super) fn reload(packbox: &'p Packbox, pack: &Pack, plan: Plan, inputs: &Inputs<'_>) -> Result<Self> {
        let pack = &pack.0;
        let toolbox = toolbox(packbox, pack, inputs)?;
        let job = generate::Job::reload(pack, &toolbox, plan, |plan| {
            if plan.secrets.is_empty() {
                return Ok(plan.with_secrets(Values::default()));
            }
            let open = Declared { variables: &plan.open_variables(pack), ..pack.into() };
            let given = values(open, &toolbox, inputs, &plan.secrets_in(inputs.sources()));
            given.map(|given| plan.with_secrets(given)).map_err(of_saved_plan)
        })?;
        Ok(Self { packbox, job })
    }

    /// What will be made: files and values, as plain data that can be kept as JSON.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.job.plan
    }

    /// What ends this job from another thread, while it is rendered and while what came of it is written.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller(self.job.toolbox.budget().interrupt().clone())
    }

    /// Renders all files, in memory.
    ///
    /// # Errors
    /// [`ErrorKind::Template`](crate::ErrorKind::Template) or [`ErrorKind::Plugin`](crate::ErrorKind::Plugin) where the pack
    /// is at fault, with a [`Diagnostic`](crate::Diagnostic) for each template that failed;
    /// [`ErrorKind::Stopped`](crate::ErrorKind::Stopped) where one met a limit, which [`Error::stop`](crate::Error::stop)
    /// names;
    /// [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted) where it was cancelled.
    pub fn render(self) -> Result<Rendered<'p>> {
        self.packbox.progress.on(&Event::Rendering { files: self.job.plan.files.len() });
        let report = self.job.render_in(self.job.toolbox.run(), RenderOptions::default())?;
        Ok(Rendered { packbox: self.packbox, job: self.job, report })
    }
}

/// The plugins of a pack, in a run that whoever has the canceller of its inputs may end.
fn toolbox<'p>(packbox: &'p Packbox, pack: &crate::pack::Pack, inputs: &Inputs<'_>) -> Result<Arc<Toolbox<'p>>> {
    Toolbox::prepare(&packbox.engine.run_until(&inputs.canceller().0), pack, &plugins_in_use(pack))
}

fn values(declared: Declared<'_>, toolbox: &Toolbox<'_>, inputs: &Inputs<'_>, sources: &Sources) -> Result<Values> {
    let secrets = Secrets::new(sources.secrets_among(&declared));
    resolve(declared, sources, &ToolboxEvaluator { toolbox, secrets }, inputs.prompter())
}

impl fmt::Debug for Job<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Job").field("pack", &self.job.plan.pack).finish_non_exhaustive()
    }
}
