//! [`Job`]: a pack with its values, planned.

use std::fmt;

use super::canceller::Canceller;
use super::inputs::Inputs;
use super::pack::Pack;
use super::packbox::Packbox;
use super::rendered::Rendered;
use crate::compose::packs::{Arrangement, PackSet};
use crate::error::Result;
use crate::generate::{self, Composition, RenderOptions};
use crate::plan::{ComposedPlan, Plan, Rules};
use crate::progress::Event;

/// A pack that is ready to be rendered. Nothing of it has been written.
pub struct Job<'p> {
    pub(super) packbox: &'p Packbox,
    pub(super) composition: Composition<'p>,
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
        self.prepare(&self.begin(inputs), pack.0.clone())?.values(inputs)?.plan(Rules::default())
    }

    /// Makes packs ready to be rendered together, as one project: those that are handed over and nothing else, so that what one of
    /// them needs has to be among them. The first speaks for all: its plan is [`Job::plan`].
    ///
    /// A variable is given as `PACK.NAME`, or as `NAME` where only one pack has it.
    ///
    /// # Errors
    /// Those of [`Packbox::job`]; [`ErrorKind::Resolution`](crate::ErrorKind::Resolution) where a pack that is needed is missing;
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) where packs write one file and none says what holds.
    pub fn compose(&self, packs: &[Pack], inputs: &Inputs<'_>) -> Result<Job<'_>> {
        let set = PackSet::of(packs.iter().map(|pack| pack.0.clone()).collect(), Vec::new(), &Arrangement::default())?;
        set.packs().iter().try_for_each(|pack| pack.check_host(&crate::version()))?;
        self.prepare(&self.begin(inputs), set)?.values(inputs)?.plan(Rules::default())
    }
}

impl<'p> Job<'p> {
    /// What will be made of the pack that was named first: files and values, as plain data, without secrets.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.leading().plan
    }

    /// The plans of all packs, each after those that it needs.
    #[must_use]
    pub fn plans(&self) -> impl ExactSizeIterator<Item = &Plan> {
        self.composition.jobs().iter().map(|job| &job.plan)
    }

    /// The plans of all packs and what becomes of files that several of them write, as plain data that serde keeps as JSON, without
    /// secrets. [`ComposedPlan::from_json`] reads it.
    #[must_use]
    pub fn composed(&self) -> ComposedPlan {
        self.composition.plan()
    }

    /// What is behind it, for the command line.
    pub(crate) fn inner(&self) -> &Composition<'p> {
        &self.composition
    }

    /// The pack that speaks for all.
    pub(crate) fn leading(&self) -> &generate::Job<'p> {
        self.composition.leading()
    }

    /// What ends this job from another thread, while it is rendered and while what came of it is written.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller(self.leading().toolbox.budget().interrupt().clone())
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
        let run = self.leading().toolbox.run();
        run.budget().interrupt().go_on()?;
        self.packbox.progress.on(&Event::Rendering { files: self.plans().map(|plan| plan.files.len()).sum() });
        let report = self.composition.render_in(run, options)?;
        // What was learned is not needed for writing.
        self.composition.jobs().iter().filter_map(|job| job.toolbox.book()).for_each(|book| book.close());
        Ok(Rendered { packbox: self.packbox, composition: self.composition, report })
    }
}

impl fmt::Debug for Job<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Job").field("pack", &self.plan().pack).finish_non_exhaustive()
    }
}
