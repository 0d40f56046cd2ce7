//! Compiling a stranger's component, in a process of its own.
//!
//! Compiling is untrusted work: a small component can keep Cranelift busy for hours or fill the memory. So components
//! that came with a pack are compiled by a child process with an address-space limit, a CPU limit and a deadline. What
//! this contains is denial of service; it is no wall against a fault in Cranelift itself.
//!
//! Always true here: the parent never compiles a stranger's bytes; the child reads its standard input, writes its standard
//! output, and has an empty environment.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, setrlimit};

use super::config::{Profile, code_config};
use super::limits::Limits;
use crate::error::{Error, ErrorKind, Result};
use crate::stop::{Stop, StopReason};
use crate::text;

/// The hidden command of the binary that compiles standard input to standard output.
pub const COMPILE_COMMAND: &str = "compile-component";
/// The most that a compiler may write: compiled code is a few times the component's size.
const LARGEST_OUTPUT: u64 = 1 << 30;
/// The most that is read of what a compiler complains about.
const LARGEST_COMPLAINT: u64 = 16 << 10;
/// How often a wait looks at whether the user interrupted.
const POLL: Duration = Duration::from_millis(20);

/// Who compiles components that came with a pack.
#[derive(Debug, Clone)]
pub enum Compiler {
    /// A packbox binary, started as a child process with limits.
    Child(PathBuf),
    /// This process, without limits: only for components that are trusted not to be compile bombs.
    InProcess,
}

/// Compiles a component.
///
/// # Errors
/// `Refused` where the component is not valid; `Stopped` with `compile-time` or `compile-memory` where a limit was hit;
/// `Interrupted`; `Io` where the compiler can't be started.
pub fn compile(
    compiler: &Compiler,
    engine: &wasmtime::Engine,
    component: &[u8],
    profile: Profile,
    limits: &Limits,
    interrupted: &dyn Fn() -> bool,
) -> Result<Vec<u8>> {
    match compiler {
        Compiler::InProcess => engine.precompile_component(component).map_err(|error| invalid(&format!("{error:#}"))),
        Compiler::Child(program) => compile_in_child(program, component, profile, limits, interrupted),
    }
}

fn compile_in_child(
    program: &std::path::Path,
    component: &[u8],
    profile: Profile,
    limits: &Limits,
    interrupted: &dyn Fn() -> bool,
) -> Result<Vec<u8>> {
    let started = Instant::now();
    let mut command = Command::new(program);
    command
        .arg(COMPILE_COMMAND)
        .arg(format!("--profile={}", profile.name()))
        .arg(format!("--memory={}", limits.compile_memory))
        .arg(format!("--seconds={}", limits.compile_time.as_secs() + 1))
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
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
    let deadline = started + limits.compile_time;
    let output = loop {
        match output.recv_timeout(POLL.min(deadline.saturating_duration_since(Instant::now()))) {
            Ok(output) => break output,
            Err(RecvTimeoutError::Disconnected) => break Vec::new(),
            Err(RecvTimeoutError::Timeout) if interrupted() => {
                return Err(Error::new(ErrorKind::Interrupted, "interrupted while compiling a component"));
            }
            Err(RecvTimeoutError::Timeout) if Instant::now() >= deadline => return Err(too_slow(limits)),
            Err(RecvTimeoutError::Timeout) => {}
        }
    };
    let status = child.0.wait().map_err(|error| Error::io("cannot wait for the compiler", error))?;
    if status.success() {
        return Ok(output);
    }
    let complaint = complaint.recv_timeout(POLL).unwrap_or_default();
    Err(failure(status, &String::from_utf8_lossy(&complaint), limits))
}

/// A child that does not outlive the call, whatever happens.
struct KillOnDrop(Child);

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

/// The child's exit code for a component that is not valid.
const EXIT_INVALID: u8 = 1;

fn failure(status: ExitStatus, complaint: &str, limits: &Limits) -> Error {
    use std::os::unix::process::ExitStatusExt as _;
    if status.code() == Some(i32::from(EXIT_INVALID)) {
        return invalid(complaint);
    }
    if status.signal() == Some(rustix::process::Signal::XCPU.as_raw()) {
        return too_slow(limits);
    }
    let how = match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with code {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    };
    let most = text::format_bytes(limits.compile_memory);
    let detail = format!("the compiler {how}: the component needs more than {most} to compile, or breaks the compiler");
    let stop = Stop::new(StopReason::CompileMemory, detail).limit(limits.compile_memory);
    Error::new(ErrorKind::Stopped, stop.detail.clone())
        .with_stop(stop)
        .hint("a component of usual size compiles within seconds; `--limit compile-memory=4GiB` raises the limit")
}

fn too_slow(limits: &Limits) -> Error {
    let detail = format!("compiling the component took longer than {:?}", limits.compile_time);
    let limit = u64::try_from(limits.compile_time.as_millis()).unwrap_or(u64::MAX);
    Error::new(ErrorKind::Stopped, detail.clone())
        .with_stop(Stop::new(StopReason::CompileTime, detail).limit(limit))
        .hint("a component of usual size compiles within seconds; `--limit compile-time=5m` raises the limit")
}

fn invalid(complaint: &str) -> Error {
    let complaint = text::printable_line(complaint.trim().lines().next().unwrap_or("no reason was given"));
    Error::new(ErrorKind::Refused, format!("this is not a component that can run here: {complaint}")).hint(
        "components use the WebAssembly features of release 2.0; threads, memory64 and garbage collection are off",
    )
}

/// What the child was asked to do.
#[derive(Debug, Clone, Copy)]
pub struct ChildOptions {
    /// Which engine the code is for.
    pub profile: Profile,
    /// Bytes of address space.
    pub memory: u64,
    /// Seconds of CPU time of each core together.
    pub seconds: u64,
}

/// The child's side: limits itself, reads a component from standard input, writes compiled code to standard output.
/// Returns the exit code.
#[must_use]
pub fn run_child(options: ChildOptions) -> u8 {
    let complain = |error: &dyn std::fmt::Display| {
        eprintln!("{error}");
        EXIT_INVALID
    };
    if let Err(error) = limit_self(options) {
        eprintln!("cannot limit the compiler: {error}");
        return 2;
    }
    let mut component = Vec::new();
    if let Err(error) = std::io::stdin().lock().read_to_end(&mut component) {
        eprintln!("cannot read the component: {error}");
        return 2;
    }
    let engine = match wasmtime::Engine::new(&code_config(options.profile)) {
        Ok(engine) => engine,
        Err(error) => {
            eprintln!("cannot set up the compiler: {error:#}");
            return 2;
        }
    };
    match engine.precompile_component(&component) {
        Ok(compiled) => match std::io::stdout().lock().write_all(&compiled) {
            Ok(()) => 0,
            Err(_) => 2,
        },
        Err(error) => complain(&format!("{error:#}")),
    }
}

fn limit_self(options: ChildOptions) -> std::io::Result<()> {
    let hard = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    let cpu = options.seconds.saturating_mul(4);
    setrlimit(Resource::As, hard(options.memory))?;
    // The limit counts all threads together, the deadline of the parent does not.
    setrlimit(Resource::Cpu, Rlimit { current: Some(cpu), maximum: Some(cpu.saturating_add(1)) })?;
    setrlimit(Resource::Core, hard(0))?;
    setrlimit(Resource::Fsize, hard(0))?;
    setrlimit(Resource::Nofile, hard(32))?;
    #[cfg(target_os = "linux")]
    {
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
        rustix::thread::set_no_new_privs(true)?;
    }
    Ok(())
}
