//! [`Packbox`]: an engine, its limits and its folders, set up once.
//!
//! Always true here: without a home nothing is kept on the disk and no key is read.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::folders::Folders;
use super::limits::Limits;
use super::pack::Pack;
use crate::engine::{Compiler, Engine, EngineOptions};
use crate::error::{Error, Result};
use crate::generate::commit::{JournalKey, NoObserver, Step, StepObserver, recover_unless};
use crate::interrupt::Interrupt;
#[cfg(feature = "cli")]
use crate::limits::UserLimits;
use crate::progress::{Event, Progress, Silent};

/// What renders and checks packs: one for a program, for many jobs at once.
///
/// It may be shared between threads. Calls block until their work is done: an async program calls them on a thread that may
/// block, for instance with Tokio's `spawn_blocking`, and has a [`Canceller`](crate::Canceller) end them where their result is no
/// longer wanted.
pub struct Packbox {
    pub(super) engine: Engine,
    pub(super) limits: Limits,
    pub(super) home: Option<Folders>,
    pub(super) key: OnceLock<JournalKey>,
    pub(super) observer: Option<Arc<dyn StepObserver + Send + Sync>>,
    pub(super) interrupt: Interrupt,
    pub(super) progress: Arc<dyn Progress>,
}

/// What the command line makes a [`Packbox`] of.
#[cfg(feature = "cli")]
pub(crate) struct Parts {
    pub engine: EngineOptions,
    pub limits: UserLimits,
    pub home: Option<Folders>,
    pub observer: Option<Arc<dyn StepObserver + Send + Sync>>,
}

/// How a [`Packbox`] is set up.
#[derive(Clone)]
pub struct Builder {
    compiler: Option<PathBuf>,
    home: Option<PathBuf>,
    limits: Limits,
    threads: Option<NonZeroUsize>,
    progress: Arc<dyn Progress>,
}

impl Packbox {
    /// Begins to set one up: in memory, with all limits as they are documented.
    #[must_use]
    pub fn builder() -> Builder {
        Builder { compiler: None, home: None, limits: Limits::default(), threads: None, progress: Arc::new(Silent) }
    }

    /// Sets one up as it is asked for; no key is read before something is written.
    ///
    /// # Errors
    /// Those of [`Engine::new`].
    #[cfg(feature = "cli")]
    pub(crate) fn of(parts: Parts) -> Result<Self> {
        let Parts { engine, limits, home, observer } = parts;
        let (interrupt, progress) = (engine.interrupt.clone(), Arc::clone(&engine.progress));
        let (limits, key) = (Limits::of(limits), OnceLock::new());
        Ok(Self { engine: Engine::new(engine)?, limits, home, key, observer, interrupt, progress })
    }

    /// The key of journals: that of the home, or one that is gone with the process.
    pub(super) fn key(&self) -> Result<&JournalKey> {
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let key = self.home.as_ref().map_or_else(passing_key, Folders::journal_key)?;
        Ok(self.key.get_or_init(|| key))
    }

    /// Who is told of each step of a commit, and of who is waited for.
    pub(super) fn observer(&self) -> impl StepObserver {
        let observer: &dyn StepObserver = match &self.observer {
            Some(observer) => &**observer,
            None => &NoObserver,
        };
        Telling { observer, progress: &*self.progress }
    }

    /// Undoes what an interrupted run had begun in an output folder; says whether there was something.
    ///
    /// # Errors
    /// Those of [`recover_unless`].
    pub(crate) fn recover(&self, folder: &Path, interrupt: &Interrupt) -> Result<bool> {
        let interrupted = || interrupt.is_set();
        Ok(recover_unless(folder, self.key()?, &self.observer(), &interrupted)?.rolled_back)
    }

    /// Loads the pack in a folder or in a `.pack` file.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) where there is none;
    /// [`ErrorKind::Manifest`](crate::ErrorKind::Manifest) where it is wrong, with a [`Diagnostic`](crate::Diagnostic) for
    /// each mistake; [`ErrorKind::Integrity`](crate::ErrorKind::Integrity) where an archive is none.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Pack> {
        Pack::load(path.as_ref(), &self.limits.parsed().pack)
    }

    /// Loads a pack from the bytes of a `.pack` file; `name` is how errors call it. Nothing is read from the disk.
    ///
    /// # Errors
    /// Those of [`Packbox::load`].
    pub fn load_archive(&self, name: &str, bytes: &[u8]) -> Result<Pack> {
        crate::pack::Pack::from_archive(name, bytes, &self.limits.parsed().pack).map(Pack)
    }

    /// Stops what is being done, and all that is asked for later: calls end within some 20 ms, with an error of the kind
    /// [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted), and what was being written is taken back. Only a built-in
    /// engine that is being compiled is compiled to its end. A [`Canceller`](crate::Canceller) stops one job.
    pub fn cancel(&self) {
        self.interrupt.set();
    }
}

impl Builder {
    /// Keeps compiled code, keys and installed packs in a folder, made where it is missing, as the `packbox` command does
    /// with `PACKBOX_HOME`. No project belongs below it, and nobody else may write to it.
    #[must_use]
    pub fn home(mut self, folder: impl Into<PathBuf>) -> Self {
        self.home = Some(folder.into());
        self
    }

    /// Names the `packbox` binary that compiles plugins which come with packs, as a child process that is confined. Without
    /// one, such packs are refused; all others need none.
    #[must_use]
    pub fn compiler(mut self, binary: impl Into<PathBuf>) -> Self {
        self.compiler = Some(binary.into());
        self
    }

    /// Sets limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how many threads run plugins; one for each core unless it is set.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Has somebody told what takes a while: a type of its own, or a closure.
    #[must_use]
    pub fn progress(mut self, progress: impl Progress + 'static) -> Self {
        self.progress = Arc::new(progress);
        self
    }

    /// Sets it up.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) where the home can't be used, or the engine can't be set up.
    pub fn build(self) -> Result<Packbox> {
        let interrupt = Interrupt::new();
        let mut options = EngineOptions::new(self.compiler.map_or(Compiler::Nobody, Compiler::Child));
        options.threads = self.threads.unwrap_or(options.threads);
        options.limits = self.limits.parsed().calls;
        options.run = self.limits.parsed().run;
        options.interrupt = interrupt.clone();
        // What packs log may hold the secrets that some of them are given.
        options.trace_logs = false;
        options.progress = Arc::clone(&self.progress);
        let home = self.home.map(std::path::absolute).transpose();
        let home = home.map_err(|error| Error::io("cannot find the home folder", error))?;
        let home = home.map(|home| Folders::below(&home));
        options.cache = home.as_ref().map(Folders::compiled);
        let (engine, key) = (Engine::new(options)?, OnceLock::new());
        let packbox =
            Packbox { engine, limits: self.limits, key, home, observer: None, interrupt, progress: self.progress };
        // What is wrong with the home is told now.
        packbox.key()?;
        Ok(packbox)
    }
}

/// Passes on the steps of a commit, and tells who is waited for.
struct Telling<'p> {
    observer: &'p dyn StepObserver,
    progress: &'p dyn Progress,
}

impl StepObserver for Telling<'_> {
    fn step(&self, step: Step<'_>) {
        self.observer.step(step);
    }

    fn waits(&self, holder: &str) {
        self.progress.on(&Event::WaitingForFolder { holder });
    }
}

/// A key of journals that is gone with the process.
fn passing_key() -> Result<JournalKey> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| Error::io("the system has no random bytes", error.into()))?;
    Ok(JournalKey::from_bytes(key))
}

impl fmt::Debug for Packbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Packbox")
            .field("engine", &self.engine)
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Builder");
        shown.field("compiler", &self.compiler).field("home", &self.home).field("limits", &self.limits);
        shown.field("threads", &self.threads).finish_non_exhaustive()
    }
}

#[cfg(test)]
const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<Packbox>();
};
