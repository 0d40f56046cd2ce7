//! Whether the compiler child's walls stand: each is run against, in a child that confined itself as for compiling.
//!
//! Always true here: what is reported was tried, not read from a configuration; a probe changes nothing on the disk and
//! reaches no network beyond this machine.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde::Serialize;

use super::confine::{allow_compiling_only, give_up_files, limit_self};
use super::exit::{EXIT_FAILED, EXIT_UNCONFINED};
use super::parent::{KillOnDrop, command};
use crate::text;

/// The child's exit code where what it tried was denied.
const EXIT_DENIED: u8 = 10;
/// The child's exit code where what it tried worked.
const EXIT_WORKED: u8 = 11;
/// The child's exit code where this system has no such wall.
const EXIT_NOT_OFFERED: u8 = 12;
/// Bytes of address space of a probe.
const MEMORY: u64 = 512 << 20;
/// Longer than any probe takes; the one of CPU time takes a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a child tries instead of compiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// With limits: takes more memory than allowed.
    AddressSpace,
    /// With limits: computes for longer than allowed.
    CpuTime,
    /// With limits: writes to a file (in memory).
    FileSize,
    /// With limits and landlock: opens a folder.
    LandlockFiles,
    /// With limits and landlock: connects to a port of this machine.
    LandlockNetwork,
    /// With limits and seccomp: opens a file.
    Seccomp,
    /// With everything: opens a file.
    Files,
    /// With everything: connects to a port of this machine.
    Network,
    /// With everything: starts a program.
    Programs,
}

impl Probe {
    /// Every probe.
    pub const ALL: &[Self] = &[
        Self::AddressSpace,
        Self::CpuTime,
        Self::FileSize,
        Self::LandlockFiles,
        Self::LandlockNetwork,
        Self::Seccomp,
        Self::Files,
        Self::Network,
        Self::Programs,
    ];

    /// The probe's name on the child's command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AddressSpace => "address-space",
            Self::CpuTime => "cpu-time",
            Self::FileSize => "file-size",
            Self::LandlockFiles => "landlock-files",
            Self::LandlockNetwork => "landlock-network",
            Self::Seccomp => "seccomp",
            Self::Files => "files",
            Self::Network => "network",
            Self::Programs => "programs",
        }
    }

    /// Finds a probe by its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|probe| probe.name() == name)
    }
}

/// Whether a wall stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// What was tried was denied.
    Yes,
    /// What was tried worked, or the wall could not be set up.
    No,
    /// This system has no such wall.
    NotOffered,
    /// It could not be tried.
    Unknown,
}

/// What holds of the compiler child on this system, as tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Confinement {
    /// It can't take more memory than allowed.
    pub address_space: Holds,
    /// It can't compute for longer than allowed.
    pub cpu_time: Holds,
    /// It can't write to files.
    pub file_size: Holds,
    /// Landlock denies files.
    pub landlock_files: Holds,
    /// Landlock denies TCP; since version 4 of its ABI.
    pub landlock_network: Holds,
    /// The version of landlock's ABI, where the kernel has it.
    pub landlock_abi: Option<u32>,
    /// Seccomp ends the process at a call that compiling does not make.
    pub seccomp: Holds,
    /// With everything that there is, no file can be opened.
    pub files: Holds,
    /// With everything that there is, no network can be reached.
    pub network: Holds,
    /// With everything that there is, no program can be started.
    pub programs: Holds,
    /// Why components that came with a pack are not compiled here, where that is so.
    pub refused: Option<String>,
}

impl Confinement {
    /// Each wall: its name, whether it stands, and what that means.
    #[must_use]
    pub fn layers(&self) -> [(&'static str, Holds, &'static str); 9] {
        [
            ("address space", self.address_space, "no more memory than allowed"),
            ("CPU time", self.cpu_time, "no more than allowed"),
            ("file size", self.file_size, "nothing can be written to a file"),
            ("landlock, files", self.landlock_files, "none can be opened"),
            ("landlock, TCP", self.landlock_network, "no port can be bound or reached"),
            ("seccomp", self.seccomp, "a system call that compiling never makes kills it"),
            ("files", self.files, "none can be opened"),
            ("network", self.network, "can't be reached"),
            ("programs", self.programs, "none can be started"),
        ]
    }
}

/// Tries each wall of the compiler child in a child of its own, which takes about a second. `program` is a packbox
/// binary, as for [`Compiler::Child`](super::Compiler::Child).
#[must_use]
pub fn probe_confinement(program: &Path) -> Confinement {
    let deadline = Instant::now() + PATIENCE;
    let mut started: Vec<Option<KillOnDrop>> = Probe::ALL.iter().map(|probe| start(program, *probe)).collect();
    let mut told =
        started.iter_mut().map(|child| child.as_mut().map_or_else(Told::unknown, |child| wait(child, deadline)));
    let mut next = || told.next().unwrap_or_else(Told::unknown);
    // In the order of `Probe::ALL`.
    let (address_space, cpu_time, file_size) = (next(), next(), next());
    let (landlock_files, landlock_network, seccomp) = (next(), next(), next());
    let (files, network, programs) = (next(), next(), next());
    Confinement {
        address_space: address_space.holds,
        cpu_time: cpu_time.holds,
        file_size: file_size.holds,
        landlock_abi: landlock_files.said.trim().parse().ok(),
        landlock_files: landlock_files.holds,
        landlock_network: landlock_network.holds,
        seccomp: seccomp.holds,
        refused: files.refused.then(|| text::printable_line(files.said.trim())),
        files: files.holds,
        network: network.holds,
        programs: programs.holds,
    }
}

/// What came of a probe.
struct Told {
    holds: Holds,
    refused: bool,
    said: String,
}

impl Told {
    fn unknown() -> Self {
        Self { holds: Holds::Unknown, refused: false, said: String::new() }
    }
}

fn start(program: &Path, probe: Probe) -> Option<KillOnDrop> {
    let mut command = command(program);
    command.args(["--profile=run", "--seconds=1"]);
    command.arg(format!("--memory={MEMORY}")).arg(format!("--probe={}", probe.name()));
    command.spawn().ok().map(KillOnDrop)
}

fn wait(child: &mut KillOnDrop, deadline: Instant) -> Told {
    let status = loop {
        match child.0.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(2)),
            _ => return Told::unknown(),
        }
    };
    let mut said = String::new();
    for pipe in [child.0.stdout.take().map(read_some), child.0.stderr.take().map(read_some)].into_iter().flatten() {
        said.push_str(&pipe);
    }
    let refused = status.code() == Some(i32::from(EXIT_UNCONFINED));
    Told { holds: holds(status), refused, said }
}

/// The child has ended, so that this ends too.
fn read_some(pipe: impl std::io::Read) -> String {
    let mut bytes = Vec::new();
    let _ = pipe.take(1 << 10).read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn holds(status: ExitStatus) -> Holds {
    use std::os::unix::process::ExitStatusExt as _;
    let walls = [Signal::SYS, Signal::XCPU, Signal::XFSZ].map(Signal::as_raw);
    match (status.code().and_then(|code| u8::try_from(code).ok()), status.signal()) {
        (Some(EXIT_DENIED), _) => Holds::Yes,
        (None, Some(signal)) if walls.contains(&signal) => Holds::Yes,
        // A program that was started ends with 0.
        (Some(0 | EXIT_WORKED | EXIT_UNCONFINED), _) => Holds::No,
        (Some(EXIT_NOT_OFFERED), _) => Holds::NotOffered,
        _ => Holds::Unknown,
    }
}

/// The child's side: confines itself, tries, and says what came of it by the exit code.
pub(super) fn run(probe: Probe, memory: u64) -> u8 {
    match attempt(probe, memory) {
        Ok(code) => code,
        Err(reason) => {
            let _ = writeln!(std::io::stderr().lock(), "{reason}");
            EXIT_UNCONFINED
        }
    }
}

fn attempt(probe: Probe, memory: u64) -> Result<u8, String> {
    // Found while files can still be looked at.
    let program = std::env::current_exe();
    limit_self(memory, 1)?;
    match probe {
        Probe::AddressSpace => {
            let bytes = usize::try_from(memory).unwrap_or(usize::MAX);
            Ok(denied(Vec::<u8>::new().try_reserve_exact(bytes).is_err()))
        }
        Probe::CpuTime => {
            let started = Instant::now();
            // Time of the processor, not of the clock: on a busy machine a second of it may take many.
            while processor_seconds(started) < 3 {
                if started.elapsed() > PATIENCE / 2 {
                    return Ok(EXIT_FAILED);
                }
            }
            Ok(EXIT_WORKED)
        }
        Probe::FileSize => Ok(write_to_file()),
        Probe::LandlockFiles | Probe::LandlockNetwork => {
            // What is around us may deny it already; then landlock alone can't be tried.
            if no_files() || no_network() {
                return Ok(EXIT_FAILED);
            }
            let Some(abi) = give_up_files()? else { return Ok(EXIT_NOT_OFFERED) };
            let _ = write!(std::io::stdout().lock(), "{abi}");
            let _ = std::io::stdout().lock().flush();
            Ok(match probe {
                Probe::LandlockNetwork if abi < 4 => EXIT_NOT_OFFERED,
                Probe::LandlockNetwork => denied(no_network()),
                _ => denied(no_files()),
            })
        }
        Probe::Seccomp if !allow_compiling_only()? => Ok(EXIT_NOT_OFFERED),
        Probe::Seccomp => {
            let _ = File::open("/");
            // It does not deny: it ends the process.
            Ok(EXIT_WORKED)
        }
        Probe::Files | Probe::Network | Probe::Programs => {
            give_up_files()?;
            allow_compiling_only()?;
            Ok(match probe {
                Probe::Network => denied(no_network()),
                Probe::Programs => program.map_or(EXIT_FAILED, |program| start_program(&program)),
                _ => denied(no_files()),
            })
        }
    }
}

fn denied(denied: bool) -> u8 {
    if denied { EXIT_DENIED } else { EXIT_WORKED }
}

/// What this process has taken of the processor so far; on systems that don't tell, what has passed since it started.
fn processor_seconds(started: Instant) -> u64 {
    let told = std::fs::read_to_string("/proc/self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    nanoseconds.map_or(started.elapsed().as_secs(), |nanoseconds| nanoseconds / 1_000_000_000)
}

fn no_files() -> bool {
    File::open("/").is_err() && File::open("/dev/null").is_err()
}

/// Nothing need listen there: that the connection is refused says that it was tried.
fn no_network() -> bool {
    let refused = |error: &std::io::Error| error.kind() == std::io::ErrorKind::PermissionDenied;
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).is_err_and(|error| refused(&error))
        && TcpStream::connect((Ipv4Addr::LOCALHOST, 9)).is_err_and(|error| refused(&error))
}

/// Returns only where it was not started.
fn start_program(program: &Path) -> u8 {
    use std::os::unix::process::CommandExt as _;
    let error = std::process::Command::new(program).arg("--version").exec();
    if error.kind() == std::io::ErrorKind::PermissionDenied { EXIT_DENIED } else { EXIT_FAILED }
}

#[cfg(target_os = "linux")]
fn write_to_file() -> u8 {
    let file = rustix::fs::memfd_create("packbox-probe", rustix::fs::MemfdFlags::CLOEXEC).map(File::from);
    file.map_or(EXIT_FAILED, |mut file| denied(file.write_all(b"x").is_err()))
}

#[cfg(not(target_os = "linux"))]
fn write_to_file() -> u8 {
    // There are no files in memory, and none on the disk is to be made.
    EXIT_FAILED
}
