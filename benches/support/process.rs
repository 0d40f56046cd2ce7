//! Whole processes: the real binary, how long it took, what memory and processor time it used, and what is cold.

use std::ffi::OsStr;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A run that ended well.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// Wall time.
    pub time: Duration,
    /// Time that cores were busy with it.
    pub busy: Duration,
    /// Its peak resident memory, in bytes.
    pub memory: u64,
}

/// The program itself.
pub fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_packbox"))
}

/// A command line of the program with a home of its own.
pub fn packbox<S: AsRef<OsStr>>(home: &Path, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).env("PACKBOX_HOME", home).current_dir(home);
    command
}

/// A folder in memory where the system has one: most figures are about packbox, not about the disk.
pub fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).expect("a folder") } else { on_disk() }
}

/// A folder on a disk.
pub fn on_disk() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder")
}

/// Runs a command that must succeed, and says how long it took.
pub fn run(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it starts");
    let time = started.elapsed();
    assert!(status.success(), "{command:?}");
    time
}

/// Set for a process that only runs another one and says what the system counted.
const BETWEEN: &str = "PACKBOX_BENCH_BETWEEN";

/// Runs a command that must succeed, and says what the system counted. A new process inherits the peak of the one that
/// starts it, so a small one stands between.
pub fn measure(command: &mut Command) -> Ended {
    let mut between = Command::new(std::env::current_exe().expect("a program"));
    between.arg(command.get_program()).args(command.get_args()).env(BETWEEN, "1");
    for (name, value) in command.get_envs() {
        between.env(name, value.expect("no variable is taken away"));
    }
    between.current_dir(command.get_current_dir().expect("a folder"));
    let output = between.stdin(Stdio::null()).output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("numbers");
    let numbers: Vec<u64> = text.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    let [time, busy, memory] = numbers[..] else { panic!("three numbers: {text}") };
    Ended { time: Duration::from_micros(time), busy: Duration::from_micros(busy), memory }
}

/// Does the work of a process that stands between, where this is one, and never comes back from that.
pub fn stand_between() {
    if std::env::var_os(BETWEEN).is_none() {
        return;
    }
    let mut arguments = std::env::args_os().skip(1);
    let mut command = Command::new(arguments.next().expect("a program"));
    command.args(arguments).env_remove(BETWEEN);
    let started = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("it starts");
    let id = libc::pid_t::try_from(child.id()).expect("a process number");
    let mut status = 0;
    // SAFETY: a structure of numbers, which the call fills.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the child is ours and nobody has waited for it; both pointers are to what lives longer than the call.
    let waited = unsafe { libc::wait4(id, &raw mut status, 0, &raw mut usage) };
    let time = started.elapsed().as_micros();
    let ended_well = waited == id && libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0;
    let micros = |time: libc::timeval| time.tv_sec * 1_000_000 + time.tv_usec;
    println!("{time} {} {}", micros(usage.ru_utime) + micros(usage.ru_stime), usage.ru_maxrss * 1024);
    std::process::exit(i32::from(!ended_well));
}

impl Ended {
    /// Of all that the machine's cores could have done meanwhile, in percent.
    pub fn percent_busy(self) -> f64 {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        100.0 * self.busy.as_secs_f64() / (self.time.as_secs_f64() * f64::from(u32::try_from(cores).unwrap_or(1)))
    }

    /// Millions of bytes.
    pub fn megabytes(self) -> f64 {
        megabytes(self.memory)
    }
}

/// Millions of bytes.
#[expect(clippy::cast_precision_loss, reason = "sizes are small enough")]
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Drops what a program can drop of folders: their files are written and leave the page cache, and so does the program.
pub fn make_cold(folders: &[&Path]) {
    let mut files = vec![binary().to_owned()];
    for folder in folders {
        files_below(folder, &mut files);
    }
    for path in files {
        let Ok(file) = std::fs::File::open(&path) else { continue };
        let _ = file.sync_data();
        // SAFETY: advice about a file that is open.
        unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
    }
}

/// All files below a folder.
pub fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files_below(&entry.path(), files),
            Ok(kind) if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
}

/// Copies a folder of small files to a place where nothing is.
pub fn copy(from: &Path, to: &Path) {
    run(Command::new("cp").arg("-a").arg(from).arg(to));
}

/// Lets the program compile what it needs for a command, verify it, and record that it did.
pub fn warm_up(mut command: impl FnMut() -> Command) {
    for _ in 0..3 {
        run(&mut command());
        std::thread::sleep(Duration::from_millis(150));
    }
}
