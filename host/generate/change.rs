//! What a rendered pack changes in an output folder: looked at first, then written, with its receipt.
//!
//! Always true here: nothing is written before [`Change::commit`], and what that writes is what [`Change::preview`] says.

use std::path::Path;

use super::commit::{CommitOptions, Committed, JournalKey, OnExisting, StepObserver, Survey, commit, survey_again};
use super::tree::{Receipt, ReceiptHeader, Tree};
use crate::error::Result;
use crate::pack::OutputPath;
use crate::plan::Plan;

/// What becomes of files that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Writing {
    /// Of those that somebody edited or made.
    pub on_existing: OnExisting,
    /// Whether files of an earlier run that are no longer generated are removed, where nobody touched them.
    pub prune: bool,
}

/// What a rendered pack changes in an output folder.
#[derive(Debug)]
pub struct Change<'r> {
    plan: &'r Plan,
    tree: &'r Tree,
    survey: Survey<'r>,
    writing: Writing,
}

impl<'r> Change<'r> {
    /// Looks at the output folder. Call `recover` first.
    ///
    /// # Errors
    /// Those of [`survey_again`].
    pub fn look(plan: &'r Plan, tree: &'r Tree, folder: &Path, writing: Writing) -> Result<Self> {
        let survey = survey_again(tree, folder, plan.pack.name.as_str())?;
        Ok(Self { plan, tree, survey, writing })
    }

    /// What stands in the output folder.
    #[must_use]
    pub fn survey(&self) -> &Survey<'r> {
        &self.survey
    }

    /// What becomes of files that are there.
    #[must_use]
    pub fn writing(&self) -> Writing {
        self.writing
    }

    /// Says what [`Change::commit`] would do.
    ///
    /// # Errors
    /// Those of [`Survey::preview`].
    pub fn preview(&self) -> Result<Committed> {
        self.survey.preview(self.writing.on_existing, self.writing.prune)
    }

    /// Writes the files and their receipt, all or nothing.
    ///
    /// # Errors
    /// Those of [`commit`].
    pub fn commit(
        &self,
        key: &JournalKey,
        interrupted: &dyn Fn() -> bool,
        observer: &dyn StepObserver,
    ) -> Result<Committed> {
        let receipt = self.receipt(&self.preview()?).to_bytes()?;
        let Writing { on_existing, prune } = self.writing;
        let receipt = Some(&receipt[..]);
        commit(&self.survey, &CommitOptions { on_existing, prune, receipt, key, interrupted, observer })
    }

    /// What is said of the files that are ours once all is written.
    fn receipt(&self, preview: &Committed) -> Receipt {
        let is_of = |paths: &[OutputPath], path: &OutputPath| paths.binary_search(path).is_ok();
        let is_ours = |path: &OutputPath| !is_of(&preview.skipped, path) && !is_of(&preview.kept, path);
        let stays = self.survey.leftovers().iter().filter(|leftover| !self.writing.prune || leftover.is_edited);
        let left = stays.map(|leftover| leftover.recorded.clone()).collect();
        Receipt::of_some(header(self.plan), self.tree, is_ours, |path| self.survey.was_found(path), left)
    }
}

fn header(plan: &Plan) -> ReceiptHeader {
    ReceiptHeader {
        pack: plan.pack.name.to_string(),
        version: plan.pack.version.clone(),
        pack_digest: None,
        packbox: crate::version(),
        engines: plan.engines.iter().map(|(name, digest)| (name.clone(), Some(*digest))).collect(),
    }
}
