//! [`Job`]: a pack with its values, planned.

use std::fmt;

use super::canceller::Canceller;
use super::inputs::Inputs;
use super::pack::Pack;
use super::packbox::Packbox;
use super::rendered::Rendered;
use crate::error::Result;
use crate::generate::{self, RenderOptions};
use crate::plan::Plan;
use crate::progress::Event;

/// A pack that is ready to be rendered. Nothing of it has been written.
pub struct Job<'p> {
    pub(super) packbox: &'p Packbox,
    pub(super) job: generate::Job<'p>,
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
        pack.check_usable()?;
        self.prepare(&self.begin(inputs), pack)?.values(inputs)?.plan()
    }

    /// Makes a job of a plan that was saved ([`Plan::from_json`]), for the pack that it was made from. `inputs` may have its
    /// secrets, and nothing else.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage) where the plan is not one that this packbox makes, or fixes what is given;
    /// [`ErrorKind::Integrity`](crate::ErrorKind::Integrity) where pack, plugins or files are not those of the plan.
    pub fn job_of(&self, pack: &Pack, plan: Plan, inputs: &Inputs<'_>) -> Result<Job<'_>> {
        self.prepare(&self.begin(inputs), pack)?.reload(plan, inputs)
    }
}

impl<'p> Job<'p> {
    /// What will be made: files and values, as plain data that serde keeps as JSON, without secrets. [`Plan::from_json`] reads it.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.job.plan
    }

    /// What is behind it, for the command line.
    pub(crate) fn inner(&self) -> &generate::Job<'p> {
        &self.job
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
        self.render_with(RenderOptions::default())
    }

    /// [`Job::render`], as it is asked for.
    ///
    /// # Errors
    /// As [`Job::render`].
    pub(crate) fn render_with(self, options: RenderOptions) -> Result<Rendered<'p>> {
        self.job.toolbox.budget().interrupt().go_on()?;
        self.packbox.progress.on(&Event::Rendering { files: self.job.plan.files.len() });
        let report = self.job.render_in(self.job.toolbox.run(), options)?;
        Ok(Rendered { packbox: self.packbox, job: self.job, report })
    }
}

impl fmt::Debug for Job<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Job").field("pack", &self.job.plan.pack).finish_non_exhaustive()
    }
}
