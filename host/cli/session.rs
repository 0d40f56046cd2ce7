//! What the commands share: the environment, the engine, a pack with values.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Checking, EngineArgs, Rendering, Variables};
use super::environment::Environment;
use super::hooks::Hooks;
use super::output::Output;
use super::progress;
use super::prompt::{Terminal, TerminalPrompter};
use super::signals;
use super::telling::Telling;
use crate::compose::variables::{Answers, Sources, Values};
use crate::engine::{Compiler, Engine, EngineOptions, Profile, Recorder};
use crate::error::{Error, ErrorKind, Result};
use crate::facade::{Inputs, Packbox, Parts};
use crate::files;
use crate::generate::commit::JournalKey;
use crate::interrupt::Interrupt;
use crate::limits::UserLimits;
use crate::pack::{Pack, Variable};
use crate::progress::Progress;
use crate::secrets::SHORTEST;

/// A run of the command line.
#[derive(Debug)]
pub struct Session {
    /// What environment variables say.
    pub environment: Environment,
    /// Where results go.
    pub output: Output,
    /// Whether the user asked to stop.
    pub interrupt: Interrupt,
    /// What the embedder hooked in.
    pub hooks: Hooks,
    /// Makes the command line, for its manual.
    pub command_line: fn() -> clap::Command,
    /// Tells the user what takes a while.
    pub progress: Arc<dyn Progress>,
}

impl Session {
    /// Starts listening for signals.
    ///
    /// # Errors
    /// `Io` where that is not possible.
    pub fn start(
        environment: Environment,
        output: Output,
        hooks: Hooks,
        command_line: fn() -> clap::Command,
    ) -> Result<Self> {
        let (interrupt, progress) = (signals::install()?, Arc::new(Telling::new(output)));
        Ok(Self { environment, output, interrupt, hooks, command_line, progress })
    }

    /// Sets up what generates a pack.
    ///
    /// # Errors
    /// `Usage` where an option is wrong; `Io` where folders can't be used.
    pub fn packbox(
        &self,
        rendering: &Rendering,
        limits: UserLimits,
        packs: &[Pack],
        recorder: Option<&Arc<Recorder>>,
    ) -> Result<Packbox> {
        let profile = if rendering.measure { Profile::Measure } else { Profile::Run };
        let mut engine = self.engine_options(&rendering.engine, profile, &limits)?;
        engine.trace_logs = !packs.iter().flat_map(|pack| &pack.manifest.variables).any(Variable::is_secret);
        engine.recorder = recorder.cloned();
        self.packbox_of(engine, limits)
    }

    /// [`Session::packbox`], with an engine as it is asked for.
    ///
    /// # Errors
    /// As there.
    pub fn packbox_of(&self, engine: EngineOptions, limits: UserLimits) -> Result<Packbox> {
        let (home, observer) = (self.environment.folders().ok(), self.hooks.observer.clone());
        Packbox::of(Parts { engine, limits, home, observer })
    }

    /// Sets up an engine that checks packs; what they log is traced, as they are given no secrets.
    ///
    /// # Errors
    /// As [`Session::packbox`].
    pub fn checking_engine(
        &self,
        checking: &Checking,
        limits: &UserLimits,
        profile: Profile,
        recorder: Option<&Arc<Recorder>>,
    ) -> Result<Engine> {
        let mut options = self.engine_options(&checking.engine, profile, limits)?;
        options.recorder = recorder.cloned();
        Engine::new(options)
    }

    /// Makes engine options that hold whatever the packs are. The limits are those of the arguments, and others.
    ///
    /// # Errors
    /// `Usage` where a folder, a grant or the cache key is not what it should be.
    pub fn engine_options(
        &self,
        arguments: &EngineArgs,
        profile: Profile,
        limits: &UserLimits,
    ) -> Result<EngineOptions> {
        let mut options = EngineOptions::new(Compiler::Child(self.compiler()?));
        if let Some(jobs) = arguments.jobs {
            options.threads = jobs;
        }
        options.denied = self.environment.denied_grants(&arguments.deny_grants)?;
        options.profile = profile;
        options.limits = limits.calls;
        options.run = limits.run;
        options.interrupt = self.interrupt.clone();
        if !arguments.no_cache {
            options.cache = Some(self.environment.cache_location()?);
        }
        options.progress = Arc::clone(&self.progress);
        Ok(options)
    }

    /// The binary that compiles components that came with a pack.
    ///
    /// # Errors
    /// `Io` where this program's own file can't be found.
    pub fn compiler(&self) -> Result<PathBuf> {
        match &self.hooks.compiler {
            Some(compiler) => Ok(compiler.clone()),
            None => std::env::current_exe().map_err(|error| Error::io("cannot find packbox's own executable", error)),
        }
    }

    /// The key that journals are signed with.
    ///
    /// # Errors
    /// `Io` where it can't be read or made.
    pub fn journal_key(&self) -> Result<JournalKey> {
        self.environment.folders()?.journal_key()
    }

    /// Gathers where values come from.
    ///
    /// # Errors
    /// `Usage` or `NotFound` where the answers file can't be used.
    pub fn sources(&self, variables: &Variables) -> Result<Sources> {
        let answers = variables.answers.as_deref().map(|path| Answers::read(path, &self.interrupt)).transpose()?;
        let graphs = variables.graphs.iter().map(|path| path.display().to_string()).collect();
        let environment = self.environment.pack_variables();
        let mut sources = Sources { answers, graphs, environment, ..Sources::default() };
        for assignment in &variables.vars {
            sources.add_flag(assignment)?;
        }
        Ok(sources)
    }

    /// Hands on what was given, with somebody who is asked for the rest if there is a terminal.
    ///
    /// # Errors
    /// Those of `find`.
    pub fn asking<T>(
        &self,
        sources: Sources,
        no_input: bool,
        find: impl FnOnce(&Inputs<'_>) -> Result<T>,
    ) -> Result<T> {
        let terminal = self.terminal().filter(|_| !no_input);
        let _aside = terminal.map(|_| progress::hide());
        let prompter = terminal.map(|terminal| TerminalPrompter::new(terminal, &self.interrupt));
        let inputs = Inputs::of(sources);
        find(&match &prompter {
            Some(prompter) => inputs.asking(prompter),
            None => inputs,
        })
    }

    /// Says so where secrets are too short to be hidden everywhere.
    pub fn tell_short_secrets(&self, values: &Values) {
        let short: Vec<String> = values.short_secrets().map(|name| format!("`{name}`")).collect();
        if short.is_empty() {
            return;
        }
        self.output.say(&format!(
            "warning: {} shorter than {SHORTEST} characters: too short to be told apart from other text, so messages and diffs hide it only where it stands alone",
            if short.len() == 1 {
                format!("the secret {} is", short[0])
            } else {
                format!("the secrets {} are", short.join(", "))
            }
        ));
    }

    /// The terminal at which somebody can be asked, if there is one.
    #[must_use]
    pub fn terminal(&self) -> Option<Terminal> {
        if self.output.is_json() || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return None;
        }
        let moves = self.environment.get("TERM").is_some_and(|term| term != "dumb");
        Some(if moves { Terminal::Screen { colors: self.output.colors_stderr() } } else { Terminal::Plain })
    }
}

/// Reads a file, or a pipe, that the user named; `-` is standard input.
///
/// # Errors
/// `NotFound` where there is none, `Usage` where it is too large, `Io` where it can't be read, `Interrupted`.
pub fn read_bytes(path: &Path, most: u64, what: &str, interrupt: &Interrupt) -> Result<Vec<u8>> {
    let is_input = path == Path::new("-");
    let read = if is_input { files::read_input(most, interrupt) } else { files::read_named(path, most, interrupt) };
    read.map_err(|error| unread(path, most, what, error))
}

/// Says why a file could not be read.
pub fn unread(path: &Path, most: u64, what: &str, error: std::io::Error) -> Error {
    let path = path.display();
    match error.kind() {
        std::io::ErrorKind::NotFound => Error::new(ErrorKind::NotFound, format!("there is no {what} `{path}`")),
        std::io::ErrorKind::FileTooLarge => {
            let most = crate::text::format_bytes(most);
            Error::new(ErrorKind::Usage, format!("the {what} `{path}` is larger than {most}"))
        }
        std::io::ErrorKind::Interrupted => Error::new(ErrorKind::Interrupted, "interrupted"),
        _ => Error::io(format!("cannot read the {what} `{path}`"), error),
    }
}

/// A path as the user would type it.
#[must_use]
pub fn shown(path: &Path) -> String {
    crate::text::printable_line(&path.display().to_string())
}
