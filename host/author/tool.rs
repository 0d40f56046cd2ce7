//! Running the tools that build plugins: found on the path, started with arguments, bounded in what is kept of their
//! output, and ended when the user interrupts.
//!
//! Always true here: no shell; a tool that is missing is an error of the user's (`Usage`) whose hint is the command that
//! installs it, one that fails is an error of the plugin's (`Plugin`) with what the tool said as its cause.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;
use crate::text::printable;

/// Bytes of a tool's results that are kept: messages of a compiler, as JSON.
const MOST_RESULTS: usize = 64 << 20;
/// Bytes of what a tool says that are kept: the end of it.
const MOST_SAID: usize = 256 << 10;
/// How long a tool has to end once it was asked to.
const GRACE: Duration = Duration::from_secs(2);

/// What a tool said before it failed.
#[derive(Debug)]
pub struct ToolOutput(String);

impl fmt::Display for ToolOutput {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ToolOutput {}

/// Finds a program on a search path.
pub(super) fn find(program: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    std::env::split_paths(path?).map(|folder| folder.join(program)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    file.is_file()
}

/// A tool, ready to be run.
pub(super) struct Tool {
    name: String,
    command: Command,
}

impl Tool {
    /// Prepares to run a program in a folder; its name is used in messages.
    pub(super) fn new(program: &Path, folder: &Path) -> Self {
        let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
        let mut command = Command::new(program);
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            // What it starts in turn ends with it.
            command.process_group(0);
        }
        Self { name, command }
    }

    /// Adds arguments.
    pub(super) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets an environment variable.
    pub(super) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes an environment variable away.
    pub(super) fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs it and returns what it wrote to standard output.
    ///
    /// # Errors
    /// `Io` where it can't be started, `Plugin` where it fails, `Interrupted`.
    pub(super) fn run(mut self, interrupt: &Interrupt) -> Result<Vec<u8>> {
        let failed = |error| Error::io(format!("cannot run `{}`", self.name), error);
        let mut child = self.command.spawn().map_err(failed)?;
        let results = child.stdout.take().map(|pipe| std::thread::spawn(move || head(pipe, MOST_RESULTS)));
        let said = child.stderr.take().map(|pipe| std::thread::spawn(move || tail(pipe, MOST_SAID)));
        let status = wait(&mut child, interrupt).map_err(failed)?;
        let gather = |thread: Option<std::thread::JoinHandle<Vec<u8>>>| {
            thread.and_then(|thread| thread.join().ok()).unwrap_or_default()
        };
        let Some(status) = status else {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted; nothing was written"));
        };
        let (results, said) = (gather(results), gather(said));
        if status.success() {
            return Ok(results);
        }
        let how = match status.code() {
            Some(code) => format!("ended with exit code {code}"),
            None => "was killed by a signal".to_owned(),
        };
        let said =
            if said.trim_ascii().is_empty() { &results[results.len().saturating_sub(MOST_SAID)..] } else { &said };
        let output = printable(&without_colors(&String::from_utf8_lossy(said)));
        let error = Error::new(ErrorKind::Plugin, format!("the plugin can't be built: `{}` {how}", self.name));
        Err(if output.trim().is_empty() { error } else { error.caused_by(ToolOutput(output.trim_end().to_owned())) })
    }
}

/// Waits for a child; none where the user interrupted, and then it is gone.
fn wait(child: &mut std::process::Child, interrupt: &Interrupt) -> std::io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if interrupt.is_set() {
            end(child)?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
fn end(child: &mut std::process::Child) -> std::io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process_group};
    let group = Pid::from_child(child);
    // A group that is gone already is none to end.
    let _ = kill_process_group(group, Signal::TERM);
    let until = Instant::now() + GRACE;
    while Instant::now() < until {
        if child.try_wait()?.is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = kill_process_group(group, Signal::KILL);
    child.wait().map(|_| ())
}

#[cfg(not(unix))]
fn end(child: &mut std::process::Child) -> std::io::Result<()> {
    let _ = GRACE;
    let _ = Instant::now();
    child.kill()?;
    child.wait().map(|_| ())
}

/// Reads all of a pipe and keeps its beginning.
fn head(mut pipe: impl Read, most: usize) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    while let Ok(count @ 1..) = pipe.read(&mut chunk) {
        let room = most.saturating_sub(kept.len()).min(count);
        kept.extend_from_slice(&chunk[..room]);
    }
    kept
}

/// Reads all of a pipe and keeps its end.
fn tail(mut pipe: impl Read, most: usize) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    while let Ok(count @ 1..) = pipe.read(&mut chunk) {
        kept.extend_from_slice(&chunk[..count]);
        if kept.len() > 2 * most {
            kept.drain(..kept.len() - most);
        }
    }
    kept.drain(..kept.len().saturating_sub(most));
    kept
}

/// Takes the escape sequences away with which tools color what they say.
fn without_colors(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.trim_start_matches(|character: char| character.is_ascii_digit() || character == ';');
        rest = rest.strip_prefix(|character: char| character.is_ascii_alphabetic()).unwrap_or(rest);
    }
    plain.push_str(rest);
    plain
}

/// The error of a tool that is not there.
pub(super) fn missing(what: &str, install: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, format!("{what} is missing")).hint(install)
}

/// A search path as the environment has it, for [`find`].
pub(super) type SearchPath = Option<OsString>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_taken_away_and_the_end_is_kept() {
        assert_eq!(without_colors("a\u{1b}[1;31mb\u{1b}[0mc"), "abc");
        assert_eq!(tail(&b"abcdef"[..], 2), b"ef");
        assert_eq!(head(&b"abcdef"[..], 2), b"ab");
    }

    #[cfg(unix)]
    #[test]
    fn a_tool_runs_fails_and_is_interrupted() {
        let shell = Path::new("/bin/sh");
        let here = Path::new(".");
        let interrupt = Interrupt::new();
        let said = Tool::new(shell, here).args(["-c", "echo yes"]).run(&interrupt).expect("it runs");
        assert_eq!(said, b"yes\n");
        let error = Tool::new(shell, here).args(["-c", "echo why >&2; exit 3"]).run(&interrupt).expect_err("it fails");
        assert_eq!(error.to_string(), "the plugin can't be built: `sh` ended with exit code 3");
        assert_eq!(std::error::Error::source(&error).map(ToString::to_string).as_deref(), Some("why"));
        interrupt.set();
        let begin = Instant::now();
        let error = Tool::new(shell, here).args(["-c", "sleep 30"]).run(&interrupt).expect_err("interrupted");
        assert_eq!(error.kind(), ErrorKind::Interrupted);
        assert!(begin.elapsed() < Duration::from_secs(5));
    }
}
