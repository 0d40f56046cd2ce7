//! What a rendered pack changes in an output folder: looked at first, then written, with its receipt.
//!
//! Always true here: nothing is written before [`Change::commit`], and what that writes is what [`Change::preview`] says.

use std::collections::BTreeMap;
use std::path::Path;

use super::apart::Apart;
use super::commit::{
    CommitOptions, Committed, JournalKey, Leftover, OnExisting, StepObserver, Survey, commit_unless_changed, diff,
    diff_of, survey_again, survey_joined,
};
use super::composition::Composition;
use super::joined::Joined;
use super::tree::{Receipt, Tree};
use crate::digest::Digest;
use crate::error::Result;
use crate::pack::{OutputPath, PackName};
use crate::plan::PlannedFolder;

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
    composition: &'r Composition<'r>,
    tree: &'r Tree,
    survey: Survey<'r>,
    writing: Writing,
    /// Who merged into what stands.
    mergers: BTreeMap<String, Digest>,
}

impl<'r> Change<'r> {
    /// Looks at the output folder; `apart` says where the packs lie, seen from there. Call `recover` first.
    ///
    /// # Errors
    /// Those of [`survey_joined`], [`Apart::check`] and, where a saved plan is for a folder, of [`PlannedFolder::check`].
    pub fn look(
        composition: &'r Composition<'r>,
        joined: &'r Joined<'r>,
        (folder, apart): (&Path, &[Apart]),
        writing: Writing,
    ) -> Result<Self> {
        let packs: Vec<&str> = composition.names().map(PackName::as_str).collect();
        let tree = joined.tree();
        let survey = survey_joined(tree, folder, &packs, joined.standing())?;
        apart.iter().try_for_each(|apart| apart.check(&survey, writing.prune))?;
        let change = Self { composition, tree, survey, writing, mergers: joined.mergers().clone() };
        if let Some(folder) = composition.folder() {
            folder.check(&change.planned()?)?;
        }
        Ok(change)
    }

    /// Checks that a folder is still the one that a saved plan is for, before anything is merged into what stands there.
    ///
    /// # Errors
    /// Those of [`survey_again`] and [`PlannedFolder::check_standing`].
    pub fn check_planned(composition: &Composition<'_>, tree: &Tree, folder: &Path, writing: Writing) -> Result<()> {
        let Some(planned) = composition.folder() else { return Ok(()) };
        let packs: Vec<&str> = composition.names().map(PackName::as_str).collect();
        let survey = survey_again(tree, folder, &packs)?;
        let change = Change { composition, tree, survey, writing, mergers: BTreeMap::new() };
        planned.check_standing(&change.planned()?)
    }

    /// What becomes of a folder in which nothing stands.
    #[must_use]
    pub fn of_nothing(composition: &'r Composition<'r>, tree: &'r Tree) -> Self {
        let (survey, mergers) = (Survey::of_nothing(tree), BTreeMap::new());
        Self { composition, tree, survey, writing: Writing::default(), mergers }
    }

    /// The files as they are to be.
    #[must_use]
    pub fn tree(&self) -> &'r Tree {
        self.tree
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

    /// What stands in the output folder and what becomes of it, as a plan keeps it.
    ///
    /// # Errors
    /// Those of [`Survey::planned`].
    pub fn planned(&self) -> Result<PlannedFolder> {
        let secrets = self.composition.secrets();
        let is_secret = |contents: Option<&[u8]>| {
            let shown = contents.map(String::from_utf8_lossy);
            !secrets.is_empty() && shown.is_none_or(|text| secrets.redact_contents(&text) != text)
        };
        let folder = self.survey.planned(self.writing.on_existing, self.writing.prune, &is_secret)?;
        Ok(PlannedFolder { mergers: self.mergers.clone(), ..folder })
    }

    /// Says what [`Change::commit`] would do.
    ///
    /// # Errors
    /// Those of [`Survey::preview`].
    pub fn preview(&self) -> Result<Committed> {
        self.survey.preview(self.writing.on_existing, self.writing.prune)
    }

    /// Shows what [`Change::commit`] would do, as a unified diff in which secrets are hidden.
    #[must_use]
    pub fn diff(&self) -> String {
        diff(&self.survey, self.writing.on_existing, self.writing.prune, &|lines, has_secret| {
            self.hide(&lines, has_secret)
        })
    }

    /// [`Change::diff`] of each file of the tree, in its order; none where it stays as it is.
    pub fn diffs(&self) -> impl Iterator<Item = Option<String>> {
        let hide = |lines: String, has_secret: bool| self.hide(&lines, has_secret);
        self.survey.files().map(move |file| {
            let hides_old = self.survey.may_have_held_secret(file.0);
            diff_of(file, hides_old, self.writing.on_existing, &hide)
        })
    }

    /// Contents without secrets.
    fn hide(&self, lines: &str, has_secret: bool) -> String {
        let secrets = self.composition.secrets();
        if has_secret { secrets.redact_contents(lines) } else { secrets.redact(lines) }
    }

    /// What an earlier run left behind, and stays.
    pub fn staying(&self) -> impl Iterator<Item = &Leftover> {
        self.survey.staying(self.writing.prune)
    }

    /// Writes the files and their receipt, all or nothing; none where another run wrote since, and it is to be looked at again.
    ///
    /// # Errors
    /// Those of [`commit_unless_changed`].
    pub fn commit(
        &self,
        key: &JournalKey,
        interrupted: &dyn Fn() -> bool,
        observer: &dyn StepObserver,
    ) -> Result<Option<Committed>> {
        let receipt = self.receipt(&self.preview()?).to_bytes()?;
        let Writing { on_existing, prune } = self.writing;
        let receipt = Some(&receipt[..]);
        let options = CommitOptions { on_existing, prune, receipt, key, interrupted, observer };
        commit_unless_changed(&self.survey, &options)
    }

    /// What is said of the files that are ours once all is written.
    fn receipt(&self, preview: &Committed) -> Receipt {
        let is_of = |paths: &[OutputPath], path: &OutputPath| paths.binary_search(path).is_ok();
        let is_ours = |path: &OutputPath| {
            !is_of(&preview.skipped, path) && !is_of(&preview.kept, path) && !self.survey.stays_of_others(path)
        };
        let staying = self.survey.recorded(preview, self.writing.prune);
        let mut header = self.composition.header();
        header.engines.extend(self.mergers.iter().map(|(name, digest)| (name.clone(), Some(*digest))));
        Receipt::of_some(header, self.tree, is_ours, |path| self.survey.before(path), staying)
    }
}
