//! The folder that a plan is for: what stands there, and what becomes of each file of it.
//!
//! Always true here: contents are in no plan, and no digest of bytes that may hold a secret is; what is compared is what was
//! seen, and never what an output folder says of itself.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

use crate::advice::said;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::OutputPath;

/// Files that an error names; the rest is counted.
const NAMED: usize = 20;
/// The receipt of an earlier run, from the output folder.
const RECEIPT: &str = ".packbox/receipt.json";

/// The folder that a plan is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlannedFolder {
    /// The folder, as it was named: what counts is what stands in it.
    pub path: String,
    /// What becomes of files that somebody edited or made, or that belong to packs that are not generated.
    pub on_existing: Existing,
    /// Whether files of an earlier run that are no longer generated are removed.
    pub prune: bool,
    /// The receipt that an earlier run left there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<BaseFile>,
    /// The components that merge what packs want into what stands there, with their digests: named as those of the plan.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mergers: BTreeMap<String, Digest>,
    /// The files that are generated, and those that are removed, sorted by path.
    pub files: Vec<PlannedStep>,
}

/// What becomes of files that somebody edited or made, or that belong to packs that are not generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Existing {
    /// They are in the way: nothing is written.
    Fail,
    /// They stay.
    Skip,
    /// They are replaced.
    Overwrite,
    /// What packs want is merged into them, where their policy is a merge; others are in the way.
    Merge,
}

/// What becomes of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlannedStep {
    /// Where it is.
    pub path: OutputPath,
    /// What becomes of it.
    pub step: Step,
    /// What stands there; none where nothing does, and where it stays whatever it is (`keep`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<BaseFile>,
}

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// There is none yet.
    Create,
    /// The one that is there is replaced.
    Replace,
    /// The one that is there is as it is to be.
    Unchanged,
    /// It is written only where there is none, and there is one.
    Keep,
    /// Somebody edited or made the one that is there, and what packs want is merged into it.
    Merge,
    /// Somebody edited or made the one that is there, or it belongs to packs that are not generated, and it stays.
    Skip,
    /// Somebody edited or made the one that is there, or it belongs to packs that are not generated, and it is in the way: nothing is
    /// written.
    Conflict,
    /// It is removed.
    Remove,
}

/// A file that stands in the output folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BaseFile {
    /// How many bytes it has.
    pub bytes: u64,
    /// Whether it is executable.
    pub executable: bool,
    /// The digest of its bytes; none where a secret may be in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
}

impl Existing {
    /// As it is typed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Skip => "skip",
            Self::Overwrite => "overwrite",
            Self::Merge => "merge",
        }
    }
}

impl Step {
    /// What is said of a file in a plan, in a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "new",
            Self::Replace => "changed",
            Self::Unchanged => "unchanged",
            Self::Keep => "kept",
            Self::Merge => "merged into yours",
            Self::Skip => "skipped",
            Self::Conflict => "in the way",
            Self::Remove => "removed",
        }
    }
}

impl PlannedFolder {
    /// Compares what was planned for with what stands there now.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where something else becomes of files that are there; [`ErrorKind::Integrity`] where a file
    /// changed, appeared or vanished, by its name, and where another component merges.
    pub fn check(&self, now: &Self) -> Result<()> {
        self.check_way(now)?;
        self.changed(now, Sight::Whole)?;
        let other = now.mergers.iter().find(|(name, digest)| self.mergers.get(*name) != Some(*digest));
        other.map_or(Ok(()), |(name, _)| Err(merger_changed(name)))
    }

    /// Compares what stood there with what stands there now, before anything is merged into it: what becomes of files is not known
    /// yet, and neither is where a secret may be. What this can't see is told by [`PlannedFolder::check`].
    ///
    /// # Errors
    /// As [`PlannedFolder::check`], but for who merges.
    pub fn check_standing(&self, now: &Self) -> Result<()> {
        self.check_way(now)?;
        self.changed(now, Sight::BeforeMerging)
    }

    /// Checks that the same becomes of what is there.
    fn check_way(&self, now: &Self) -> Result<()> {
        if (self.on_existing, self.prune) != (now.on_existing, now.prune) {
            let prune = if self.prune { "with" } else { "without" };
            let detail = format!(
                "the plan was made for a folder, with `--on-existing {}` and {prune} `--prune`",
                self.on_existing.name()
            );
            return Err(Error::new(ErrorKind::Usage, detail).hint(said(
                "leave these options out: the plan has them; or make a new plan",
                "write with what the plan says, or make a new plan",
            )));
        }
        Ok(())
    }

    /// Compares who merges with who did when this was planned, before anybody is called. What is merged only now is told by
    /// [`PlannedFolder::check`], as another file stands there then.
    ///
    /// # Errors
    /// [`ErrorKind::Integrity`] where a component is another.
    pub fn check_mergers(&self, now: &BTreeMap<String, Digest>) -> Result<()> {
        let is_other =
            |(name, digest): &(&String, &Digest)| self.mergers.get(*name).is_some_and(|then| then != *digest);
        now.iter().find(is_other).map_or(Ok(()), |(name, _)| Err(merger_changed(name)))
    }

    /// Refuses where files are not as they were, with what became of each.
    fn changed(&self, now: &Self, sight: Sight) -> Result<()> {
        let receipt = sight.difference(self.receipt.as_ref(), now.receipt.as_ref());
        let receipt = receipt.map(|difference| format!("`{RECEIPT}`{difference}"));
        let mut both: BTreeMap<&OutputPath, (Option<&PlannedStep>, Option<&PlannedStep>)> = BTreeMap::new();
        for step in &self.files {
            both.entry(&step.path).or_default().0 = Some(step);
        }
        for step in &now.files {
            both.entry(&step.path).or_default().1 = Some(step);
        }
        let changed = both.into_iter().filter_map(|(path, (then, now))| {
            let stood = |step: Option<&PlannedStep>| step.is_some_and(|step| step.step != Step::Create);
            let base = |step: Option<&'_ PlannedStep>| step.and_then(|step| step.base.clone());
            let difference = match (stood(then), stood(now)) {
                (false, true) => Some(Difference::Appeared),
                (true, false) => Some(Difference::Vanished),
                _ => sight.difference(base(then).as_ref(), base(now).as_ref()),
            };
            let is_same = sight == Sight::BeforeMerging || then.map(|step| step.step) == now.map(|step| step.step);
            let difference = difference.or((!is_same).then_some(Difference::Other))?;
            Some(format!("`{path}`{difference}"))
        });
        let changed: Vec<String> = receipt.into_iter().chain(changed).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let mut named = changed[..changed.len().min(NAMED)].join(", ");
        if changed.len() > NAMED {
            let _ = write!(named, " and {} more", changed.len() - NAMED);
        }
        let detail = format!("changed in the output folder since the plan was made: {named}");
        Err(Error::new(ErrorKind::Integrity, detail).hint("look at what changed, and make a new plan"))
    }
}

/// The error of a plan that was made with another component.
pub(crate) fn merger_changed(name: &str) -> Error {
    Error::new(ErrorKind::Integrity, format!("changed since the plan was made: the merger `{name}`"))
        .hint("look at what changed, and make a new plan")
}

/// How what stands there differs from what stood there.
enum Difference {
    Appeared,
    Vanished,
    Other,
}

/// How much is known of what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// All that a plan keeps.
    Whole,
    /// What there is to see before anything is merged: digests that only one of both has say nothing.
    BeforeMerging,
}

impl Sight {
    fn difference(self, then: Option<&BaseFile>, now: Option<&BaseFile>) -> Option<Difference> {
        let (then, now) = match (then, now) {
            (None, None) => return None,
            (None, Some(_)) => return Some(Difference::Appeared),
            (Some(_), None) => return Some(Difference::Vanished),
            (Some(then), Some(now)) => (then, now),
        };
        let hides_one = self == Self::BeforeMerging && (then.sha256.is_none() || now.sha256.is_none());
        let is_same =
            if hides_one { (then.bytes, then.executable) == (now.bytes, now.executable) } else { then == now };
        (!is_same).then_some(Difference::Other)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Appeared => " (it was not there)",
            Self::Vanished => " (it is gone)",
            Self::Other => "",
        })
    }
}
