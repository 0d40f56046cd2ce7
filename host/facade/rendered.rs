//! [`Rendered`]: what came of a job, in memory, and how it gets to a folder.
//!
//! Always true here: a folder is as it was or as it should be, whatever happens while it is written.

use std::fmt;
use std::path::Path;

use super::packbox::Packbox;
use crate::diagnostic::Diagnostic;
use crate::engine;
use crate::error::{Error, ErrorKind, Result};
pub use crate::generate::Writing;
pub use crate::generate::commit::OnExisting;
use crate::generate::commit::{Committed, Standing, await_writer};
use crate::generate::{Apart, Change, Composition, Joined, RenderReport};
use crate::interrupt::Interrupt;
use crate::pack::{OutputPath, PackName};
use crate::plan::Plan;
use crate::progress::Event;

/// The files that a job made.
pub struct Rendered<'p> {
    pub(super) packbox: &'p Packbox,
    pub(super) composition: Composition<'p>,
    pub(super) report: RenderReport,
}

/// A file that was rendered.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RenderedFile<'r> {
    /// Where it goes, below the output folder: parts with `/` between them, none of which is `..`, and a name on every system.
    pub path: &'r str,
    /// Its bytes.
    pub contents: &'r [u8],
    /// Whether it is to be executable.
    pub executable: bool,
    /// The template that it came from, as a path in the pack.
    pub template: &'r str,
}

/// What became of the files of a folder, or would become: paths below it, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Written {
    /// New or replaced.
    pub written: Vec<String>,
    /// There already, just like this.
    pub unchanged: Vec<String>,
    /// Left as they are, since somebody edited or made them ([`OnExisting::Skip`]).
    pub skipped: Vec<String>,
    /// Left as they are, since the pack writes them only where there are none.
    pub kept: Vec<String>,
    /// Removed ([`Writing::prune`]).
    pub removed: Vec<String>,
}

impl Rendered<'_> {
    /// The files, sorted by path.
    #[must_use]
    pub fn files(&self) -> impl ExactSizeIterator<Item = RenderedFile<'_>> {
        self.report.tree.files().iter().map(|file| RenderedFile {
            path: file.path().as_str(),
            contents: file.contents(),
            executable: file.executable(),
            template: &file.provenance().template,
        })
    }

    /// What was planned.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.composition.leading().plan
    }

    /// The pack's message to the person for whom this was made, in Markdown: a stranger's words.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.report.message.as_deref()
    }

    /// What the pack's plugins remarked.
    #[must_use]
    pub fn notes(&self) -> &[Diagnostic] {
        &self.report.notes
    }

    /// Writes the files to a folder, which is made where it is missing. Files that somebody edited or made since are not
    /// replaced: then nothing is written at all. Afterwards the folder has a receipt, from which the next run knows what
    /// nobody touched.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) where files are in the way, with a [`Diagnostic`] for each;
    /// [`ErrorKind::OutsidePath`](crate::ErrorKind::OutsidePath) where links lead elsewhere;
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage) where the folder is the pack's own, or files of the pack would be changed;
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where a run of somebody else's was left unfinished there;
    /// [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted) where the job was cancelled, and then the folder is as it was;
    /// [`ErrorKind::Io`](crate::ErrorKind::Io).
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<Written> {
        self.write_with(folder, Writing::default())
    }

    /// [`Rendered::write`], and says what becomes of files that are there.
    ///
    /// # Errors
    /// As [`Rendered::write`].
    pub fn write_with(&self, folder: impl AsRef<Path>, writing: Writing) -> Result<Written> {
        let folder = folder.as_ref();
        self.interrupt().go_on()?;
        self.apart(folder)?;
        self.packbox.recover(folder, self.interrupt())?;
        for _ in 0..LOOKS {
            self.settle(folder)?;
            let joined = self.joined(folder, writing)?;
            if let Some(committed) = self.commit(&self.change(folder, &joined, writing)?)? {
                return Ok(committed.into());
            }
        }
        Err(busy())
    }

    /// What [`Rendered::write_with`] would do to a folder; nothing is changed. With [`OnExisting::Merge`], what is written is
    /// what was rendered, merged into what stands there.
    ///
    /// # Errors
    /// As [`Rendered::write`].
    pub fn preview(&self, folder: impl AsRef<Path>, writing: Writing) -> Result<Written> {
        let folder = folder.as_ref();
        self.await_writer(folder)?;
        self.change(folder, &self.joined(folder, writing)?, writing)?.preview().map(Written::from)
    }

    /// The same as a unified diff, in which secrets are hidden. Control characters are shown as they are.
    ///
    /// # Errors
    /// As [`Rendered::write`], but for files that are in the way: the diff shows them.
    pub fn diff(&self, folder: impl AsRef<Path>, writing: Writing) -> Result<String> {
        let folder = folder.as_ref();
        self.await_writer(folder)?;
        Ok(self.change(folder, &self.joined(folder, writing)?, writing)?.diff())
    }

    /// The files, and where that is asked for ([`OnExisting::Merge`]) merged into what stands in a folder.
    ///
    /// # Errors
    /// Those of [`Change::check_planned`], [`Standing::read`] and [`Joined::of`].
    pub(crate) fn joined(&self, folder: &Path, writing: Writing) -> Result<Joined<'_>> {
        let tree = &self.report.tree;
        if writing.on_existing != OnExisting::Merge {
            return Ok(Joined::nothing(tree));
        }
        self.interrupt().go_on()?;
        Change::check_planned(&self.composition, tree, folder, writing)?;
        let run = self.composition.leading().toolbox.run();
        let packs: Vec<&str> = self.composition.names().map(PackName::as_str).collect();
        let most = run.engine().options().limits.input.unwrap_or(engine::Limits::DEFAULT.input);
        let draw = |bytes| run.budget().draw(bytes).map_err(Error::from);
        let standing = Standing::read(tree, (folder, &packs), most, &draw)?;
        Joined::of(&self.composition, run, tree, standing)
    }

    /// What is changed in a folder, looked at.
    ///
    /// # Errors
    /// Those of [`Apart::of`] and [`Change::look`].
    pub(crate) fn change<'r>(&'r self, folder: &Path, joined: &'r Joined<'r>, writing: Writing) -> Result<Change<'r>> {
        self.interrupt().go_on()?;
        let apart = self.apart(folder)?;
        Change::look(&self.composition, joined, (folder, &apart), writing)
    }

    /// Waits until no other run writes to a folder; tells whether one did.
    ///
    /// # Errors
    /// Those of [`await_writer`].
    pub(crate) fn await_writer(&self, folder: &Path) -> Result<bool> {
        await_writer(folder, &self.packbox.observer(), &|| self.interrupt().is_set())
    }

    /// Waits until no other run writes to a folder, and undoes what one that ended meanwhile had begun; tells whether there was
    /// such.
    ///
    /// # Errors
    /// Those of [`await_writer`] and [`Packbox::recover`].
    pub(crate) fn settle(&self, folder: &Path) -> Result<bool> {
        Ok(self.await_writer(folder)? && self.packbox.recover(folder, self.interrupt())?)
    }

    /// Where the packs lie, seen from a folder.
    fn apart(&self, folder: &Path) -> Result<Vec<Apart>> {
        self.composition.jobs().iter().map(|job| Apart::of(&job.pack, folder)).collect()
    }

    fn interrupt(&self) -> &Interrupt {
        self.composition.leading().toolbox.budget().interrupt()
    }

    /// Writes what was looked at; none where another run wrote meanwhile, and it is to be looked at again.
    ///
    /// # Errors
    /// Those of [`Change::commit`].
    pub(crate) fn commit(&self, change: &Change<'_>) -> Result<Option<Committed>> {
        let interrupt = self.interrupt();
        self.packbox.progress.on(&Event::Writing { files: self.report.tree.files().len() });
        change.commit(self.packbox.key()?, &|| interrupt.is_set(), &self.packbox.observer())
    }

    /// What is behind it, for the command line.
    pub(crate) fn inner(&self) -> (&Composition<'_>, &RenderReport) {
        (&self.composition, &self.report)
    }
}

/// How often a folder is looked at, where other runs write to it in between.
pub(crate) const LOOKS: usize = 100;

/// The error for a folder that is never as it was seen.
pub(crate) fn busy() -> Error {
    Error::new(ErrorKind::Conflict, "other runs of packbox keep writing to the output folder")
        .hint("wait until they are done, then run the command again; nothing was written")
}

impl From<Committed> for Written {
    fn from(committed: Committed) -> Self {
        let Committed { written, unchanged, skipped, kept, removed } = committed;
        let [written, unchanged, skipped, kept, removed] =
            [written, unchanged, skipped, kept, removed].map(|paths| paths.iter().map(OutputPath::to_string).collect());
        Self { written, unchanged, skipped, kept, removed }
    }
}

impl fmt::Debug for Rendered<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = self.report.tree.files().len();
        formatter
            .debug_struct("Rendered")
            .field("pack", &self.plan().pack)
            .field("files", &files)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RenderedFile<'_> {
    /// Shows how large it is, since what is in it may be a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RenderedFile").field("path", &self.path).field("bytes", &self.contents.len()).finish()
    }
}
