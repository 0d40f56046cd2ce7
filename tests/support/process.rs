//! Runs the real binary, and says how it ended, how long it took and how much memory it used.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::schemas;

/// A run that takes longer than this hangs.
const HANGS: Duration = Duration::from_secs(120);

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; 128 and the signal's number where a signal ended it.
    pub exit: i32,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it complained.
    pub stderr: Vec<u8>,
    /// Wall time.
    pub time: Duration,
    /// The process's own peak memory in bytes, without its children's, as last seen while it ran.
    pub peak_memory: u64,
}

impl Ended {
    /// Standard output as JSON.
    pub fn json(&self) -> Result<serde_json::Value, String> {
        serde_json::from_slice(&self.stdout)
            .map_err(|error| format!("standard output is not one JSON document: {error}\n{}", self.text()))
    }

    /// Everything that was printed, for messages.
    pub fn text(&self) -> String {
        format!(
            "exit {}\n{}{}",
            self.exit,
            String::from_utf8_lossy(&self.stdout),
            String::from_utf8_lossy(&self.stderr)
        )
    }
}

/// A command line to run.
#[derive(Debug, Default)]
pub struct Run {
    /// Arguments.
    pub arguments: Vec<String>,
    /// The folder to run in.
    pub folder: PathBuf,
    /// Environment variables beside `PACKBOX_HOME`.
    pub environment: BTreeMap<String, String>,
    /// Standard input.
    pub input: Vec<u8>,
    /// Sends SIGINT after this time.
    pub interrupt_after: Option<Duration>,
}

/// The binary under test.
pub fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_packbox"))
}

/// The `PACKBOX_HOME` that tests share, so that built-in components are compiled once. Answers can't be kept there, so that a
/// case runs what it is about, whatever ran before.
pub fn shared_home() -> PathBuf {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("home");
        let answers = home.join("cache/answers");
        let _ = std::fs::create_dir_all(home.join("cache"));
        let _ = std::fs::remove_dir_all(&answers);
        let _ = std::fs::write(answers, "a file where a folder would be");
        home
    };
    HOME.get_or_init(make).clone()
}

impl Run {
    /// Runs it, and holds what it prints and writes as JSON against the schemas.
    ///
    /// # Panics
    /// Where a document does not fit its schema.
    pub fn run(&self) -> Ended {
        let mut command = Command::new(binary());
        command
            .args(&self.arguments)
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("PACKBOX_HOME", shared_home())
            .envs(&self.environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().expect("packbox starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = self.input.clone();
        std::thread::spawn(move || stdin.write_all(&input));
        let stdout = read_all(child.stdout.take().expect("a pipe"));
        let stderr = read_all(child.stderr.take().expect("a pipe"));
        let (status, peak_memory) = self.watch(&mut child, started);
        let time = started.elapsed();
        let ended = Ended {
            exit: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
            stdout: stdout.join().expect("a reader"),
            stderr: stderr.join().expect("a reader"),
            time,
            peak_memory,
        };
        if let Err(problem) = schemas::check(self, &ended) {
            panic!("{problem}");
        }
        ended
    }

    fn watch(&self, child: &mut Child, started: Instant) -> (ExitStatus, u64) {
        let mut peak = 0;
        let mut interrupt = self.interrupt_after;
        loop {
            peak = peak.max(high_water(child.id()));
            if let Some(status) = child.try_wait().expect("a status") {
                return (status, peak);
            }
            if interrupt.is_some_and(|after| started.elapsed() >= after) {
                interrupt = None;
                send(child.id(), libc::SIGINT);
            }
            assert!(started.elapsed() < HANGS, "hangs: {:?}", self.arguments);
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Sends a signal to a process.
fn send(process: u32, signal: i32) {
    let process = i32::try_from(process).expect("a process number");
    // SAFETY: a plain system call; the process is our own child, which has not been waited for.
    unsafe { libc::kill(process, signal) };
}

/// A process's own peak memory so far; 0 where it can't be seen (any more).
fn high_water(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    // Until the program is started in it, the new process is a copy of this one, and so are its figures.
    let started = binary().file_name().is_some_and(|name| status.starts_with(&format!("Name:\t{}\n", name.display())));
    if !started {
        return 0;
    }
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

fn read_all(mut source: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).expect("output");
        bytes
    })
}

/// Reads a folder: each file's path with its bytes and whether it is executable.
pub fn read_folder(folder: &Path) -> BTreeMap<String, (Vec<u8>, bool)> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, (Vec<u8>, bool)>) {
        use std::os::unix::fs::PermissionsExt as _;
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                walk(root, &path, found);
                continue;
            }
            let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            let mut bytes = Vec::new();
            if entry.file_type().is_ok_and(|kind| kind.is_file()) {
                std::fs::File::open(&path).and_then(|mut file| file.read_to_end(&mut bytes)).expect("a file");
            }
            let executable = entry.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0);
            found.insert(name, (bytes, executable));
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

/// Copies a folder, links and permissions included.
pub fn copy_folder(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp");
    assert!(status.success(), "cannot copy {}", from.display());
}
