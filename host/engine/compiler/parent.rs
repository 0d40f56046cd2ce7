//! Compiling a stranger's component, in a process of its own: the side that starts it, waits, and says what came of it.
//!
//! Compiling is untrusted work: a small component can keep Cranelift busy for hours or fill the memory, and a fault in
//! Cranelift may be more than a crash. So components that came with a pack are compiled by a child process that has
//! limits and gives up what compiling never needs; `child.rs` and `confine.rs` are its side.
//!
//! Always true here: the parent never compiles a stranger's bytes; the child is ended when the call ends.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::super::config::Profile;
use super::exit::{EXIT_INVALID, EXIT_UNCONFINED};
use crate::advice;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;
use crate::stop::{Stop, StopReason};
use crate::text;

/// The hidden command of the binary that compiles standard input to standard output.
pub const COMPILE_COMMAND: &str = "compile-component";
/// The most that a compiler may write: compiled code is a few times the component's size.
const LARGEST_OUTPUT: u64 = 1 << 30;
/// The most that is read of what a compiler complains about.
const LARGEST_COMPLAINT: u64 = 16 << 10;
/// How often a wait looks at whether the user interrupted.
pub const POLL: Duration = Duration::from_millis(20);
/// How many times the CPU time that compiling may take has to pass before a compiler is ended that hardly used any.
const LAST_DEADLINE: u32 = 10;
/// How long a child that has said everything is left to end.
const ENDING: Duration = Duration::from_millis(1);

/// Who compiles components that came with a pack.
#[derive(Debug, Clone)]
pub enum Compiler {
    /// A packbox binary, started as a child process with limits.
    Child(PathBuf),
    /// Nobody: they are refused.
    Nobody,
    /// This process, without limits: only for components that are trusted not to be compile bombs.
    InProcess,
}

/// Compiles a component in this process.
///
/// # Errors
/// `Refused` where it is not valid.
pub fn compile_here(engine: &wasmtime::Engine, component: &[u8]) -> Result<Vec<u8>> {
    engine.precompile_component(component).map_err(|error| invalid(&format!("{error:#}")))
}

/// A component that is to be compiled.
#[derive(Debug, Clone, Copy)]
pub struct Compilation<'a> {
    /// The component.
    pub component: &'a [u8],
    /// What its calls are counted by.
    pub profile: Profile,
    /// What compiling may take.
    pub limits: &'a Limits,
    /// The CPU time that the run has left for it.
    pub left: Duration,
}

/// Compiles a component in a child process of the binary `program`. The answer has the CPU time that this took, too; where
/// the system does not tell, the wall time.
///
/// # Errors
/// `Refused` where the component is not valid, or where the compiler can't be confined; `Stopped` with `compile-time` or
/// `compile-memory` where a limit was hit, or `compile-forbidden` where the compiler tried what compiling never needs;
/// `Interrupted`; `Io` where the compiler can't be started.
pub fn compile_in_child(
    program: &Path,
    wanted: &Compilation<'_>,
    interrupted: &dyn Fn() -> bool,
) -> (Result<Vec<u8>>, Duration) {
    let started = Instant::now();
    let mut time = None;
    let compiled = compile(program, wanted, interrupted, &mut time);
    (compiled, time.unwrap_or_else(|| started.elapsed()))
}

fn compile(
    program: &Path,
    wanted: &Compilation<'_>,
    interrupted: &dyn Fn() -> bool,
    time: &mut Option<Duration>,
) -> Result<Vec<u8>> {
    let started = Instant::now();
    let Compilation { component, profile, limits, left } = *wanted;
    let mut command = command(program);
    command
        .arg(format!("--profile={}", profile.name()))
        .arg(format!("--memory={}", limits.compile_memory))
        .arg(format!("--seconds={}", limits.compile_time.min(left).as_secs() + 1))
        .stdin(Stdio::piped());
    let child = command.spawn().map_err(|error| {
        Error::io(format!("cannot start the compiler `{}`", program.display()), error)
            .hint("components that came with a pack are compiled by a child process; the binary must be executable")
    })?;
    let mut child = KillOnDrop(child);
    let component = component.to_vec();
    let (Some(mut input), Some(output), Some(complaint)) =
        (child.0.stdin.take(), child.0.stdout.take(), child.0.stderr.take())
    else {
        return Err(Error::new(ErrorKind::Io, "the compiler was started without pipes"));
    };
    // A child that stops reading must not block us, nor one that stops writing: each pipe has a thread, and what is
    // waited for is the end of the output.
    std::thread::spawn(move || {
        let _ = input.write_all(&component);
    });
    let output = read_all(output, LARGEST_OUTPUT);
    let complaint = read_all(complaint, LARGEST_COMPLAINT);
    let process = child.0.id();
    // What else the machine does must not decide whether a component compiles.
    let mut patience = || {
        if interrupted() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted while compiling a component"));
        }
        *time = cpu_time(process).or(*time);
        if time.is_some_and(|time| time > limits.compile_time.min(left)) {
            return Err(too_slow(limits));
        }
        if started.elapsed() >= last_deadline(limits) { Err(stuck(limits)) } else { Ok(()) }
    };
    let output = loop {
        match output.recv_timeout(POLL) {
            Ok(output) => break output,
            Err(RecvTimeoutError::Disconnected) => break Vec::new(),
            Err(RecvTimeoutError::Timeout) => patience()?,
        }
    };
    // A child that closed its output need not end.
    let status = loop {
        let looked = patience();
        match child.0.try_wait().map_err(|error| Error::io("cannot wait for the compiler", error))? {
            Some(status) => break status,
            None => looked?,
        }
        std::thread::sleep(ENDING);
    };
    if status.success() {
        return Ok(output);
    }
    let complaint = complaint.recv_timeout(POLL).unwrap_or_default();
    Err(failure(status, &String::from_utf8_lossy(&complaint), limits))
}

/// The CPU time of a process, all of its threads together, in the units of `/proc`: hundredths of a second, rounded up.
fn cpu_time(process: u32) -> Option<Duration> {
    const UNIT: Duration = Duration::from_millis(10);
    let status = crate::files::read_regular(Path::new(&format!("/proc/{process}/stat")), 4 << 10).ok()?;
    let status = String::from_utf8_lossy(&status);
    // The name before the parenthesis may hold anything; `utime` and `stime` are 11 fields behind it.
    let mut fields = status.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<u32>().ok()?.saturating_add(fields.next()?.parse().ok()?);
    UNIT.checked_mul(ticks.saturating_add(1))
}

/// The child's command line, without what it is to do: an empty environment, and pipes for what it says.
pub(super) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .arg(COMPILE_COMMAND)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A child that does not outlive the call, whatever happens.
pub(super) struct KillOnDrop(pub(super) Child);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn read_all(source: impl Read + Send + 'static, most: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = source.take(most).read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}

fn failure(status: ExitStatus, complaint: &str, limits: &Limits) -> Error {
    use std::os::unix::process::ExitStatusExt as _;
    if status.code() == Some(i32::from(EXIT_INVALID)) {
        return invalid(complaint);
    }
    if status.code() == Some(i32::from(EXIT_UNCONFINED)) {
        return unconfined(complaint);
    }
    if status.signal() == Some(Signal::XCPU.as_raw()) {
        return too_slow(limits);
    }
    if status.signal() == Some(Signal::SYS.as_raw()) {
        return forbidden();
    }
    let how = match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with code {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        (None, None) => "ended".to_owned(),
    };
    let most = text::format_bytes(limits.compile_memory);
    let detail = format!("the compiler {how}: the component needs more than {most} to compile, or breaks the compiler");
    let stop = Stop::new(StopReason::CompileMemory, detail).limit(limits.compile_memory);
    let raised = format!("compile-memory={}MiB", limits.compile_memory.saturating_mul(2).div_ceil(1 << 20));
    Error::new(ErrorKind::Stopped, stop.detail.clone()).with_stop(stop).hint(format!(
        "a component of normal size needs less to compile; if you trust this one with more, run again with {}",
        advice::limit(&raised)
    ))
}

/// When a compiler is ended that hardly gets to run.
pub fn last_deadline(limits: &Limits) -> Duration {
    limits.compile_time.saturating_mul(LAST_DEADLINE)
}

fn too_slow(limits: &Limits) -> Error {
    let detail = format!("compiling the component took more than {:?} of CPU time", limits.compile_time);
    let raised = raised_compile_time(limits);
    compile_time(
        detail,
        limits,
        format!(
            "load on the machine does not count, so trying later does not help; if you trust the component with that much, run again with {raised}"
        ),
    )
}

fn stuck(limits: &Limits) -> Error {
    let detail = format!(
        "compiling the component took {:?}, but little of that was CPU time: the compiler hardly got to run, or was stopped",
        last_deadline(limits)
    );
    let raised = raised_compile_time(limits);
    compile_time(detail, limits, format!("run again when the machine is less busy, or with {raised}"))
}

fn raised_compile_time(limits: &Limits) -> String {
    advice::limit(&format!("compile-time={:?}", limits.compile_time.saturating_mul(2)))
}

fn compile_time(detail: String, limits: &Limits, hint: String) -> Error {
    let limit = u64::try_from(limits.compile_time.as_millis()).unwrap_or(u64::MAX);
    Error::new(ErrorKind::Stopped, detail.clone())
        .with_stop(Stop::new(StopReason::CompileTime, detail).limit(limit))
        .hint(hint)
}

fn unconfined(complaint: &str) -> Error {
    let complaint = first_line(complaint);
    Error::new(ErrorKind::Refused, format!("the compiler can't be confined: {complaint}"))
        .hint("a stranger's component is never compiled without that; `packbox doctor` shows which layers of its sandbox work here")
}

fn forbidden() -> Error {
    let detail = "the compiler tried something that compiling never needs, and was killed";
    Error::new(ErrorKind::Stopped, detail)
        .with_stop(Stop::new(StopReason::CompileForbidden, detail))
        .hint("don't use this component: it may make use of a fault in the compiler; if you built it, report it")
}

fn first_line(complaint: &str) -> String {
    text::printable_line(complaint.trim().lines().next().unwrap_or("no reason was given"))
}

fn invalid(complaint: &str) -> Error {
    let complaint = first_line(complaint);
    Error::new(ErrorKind::Refused, format!("this is not a component that can run here: {complaint}")).hint(
        "components use the WebAssembly features of release 2.0; threads, memory64 and garbage collection are off",
    )
}
