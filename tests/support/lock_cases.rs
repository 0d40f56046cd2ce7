//! Two runs on one output folder, by the real command line: the second waits, says for whom, and goes on or gives up.
//!
//! Always true here: a run that holds the lock is one that stops itself at a given step, so nothing depends on timing but how
//! long somebody waits.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::kill_cases::FAULT;
use super::process::{binary, read_folder, shared_home};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 8] = [
    ("lock/waits-and-goes-on", waits_and_goes_on),
    ("lock/waits-for-a-killed-run", waits_for_a_killed_run),
    ("lock/gives-up", gives_up),
    ("lock/interrupted", interrupted),
    ("lock/dry-run-waits", dry_run_waits),
    ("lock/strangers-word", strangers_word),
    ("lock/many-at-once", many_at_once),
    ("lock/wrote-in-between", wrote_in_between),
];

const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/several");

/// What is told of who is waited for.
const WAITING: &str = "packbox: waiting for another run that writes to the output folder: ";

/// A process that is killed where it is not waited for.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    fn send(&self, signal: i32) {
        let process = i32::try_from(self.0.id()).expect("a process number");
        // SAFETY: a plain system call; the process is our own child, which has not been waited for.
        unsafe { libc::kill(process, signal) };
    }

    /// Waits until it has stopped itself.
    fn stopped(self) -> Result<Self, String> {
        let began = Instant::now();
        let status = format!("/proc/{}/stat", self.0.id());
        while began.elapsed() < Duration::from_secs(60) {
            let text = std::fs::read_to_string(&status).map_err(|error| error.to_string())?;
            match text.rsplit_once(')').map(|(_, fields)| fields.trim_start().as_bytes()[0]) {
                Some(b'T') => return Ok(self),
                Some(b'Z') | None => return Err("it has ended".to_owned()),
                Some(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        Err("it never stops".to_owned())
    }

    /// Reads what it complains up to a line with these words.
    fn says(&mut self, words: &str) -> Result<String, String> {
        let mut stderr = BufReader::new(self.0.stderr.as_mut().ok_or("a pipe")?);
        let mut said = String::new();
        while stderr.read_line(&mut said).map_err(|error| error.to_string())? > 0 {
            if said.contains(words) {
                return Ok(said);
            }
        }
        Err(format!("nothing says `{words}`: {said}"))
    }

    /// How it ends, with the rest of what it complains.
    fn ends(mut self) -> Result<(i32, String), String> {
        let mut said = String::new();
        if let Some(stderr) = &mut self.0.stderr {
            stderr.read_to_string(&mut said).map_err(|error| error.to_string())?;
        }
        let status = self.0.wait().map_err(|error| error.to_string())?;
        Ok((status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)), said))
    }
}

struct Scene(tempfile::TempDir);

impl Scene {
    /// A folder in which files stand that a run replaces.
    fn new() -> Result<Self, String> {
        let scene = Self(tempfile::tempdir().map_err(|error| error.to_string())?);
        std::fs::create_dir_all(scene.out().join("src")).map_err(|error| error.to_string())?;
        for path in ["src/a.txt", "readme.txt"] {
            std::fs::write(scene.out().join(path), "old\n").map_err(|error| error.to_string())?;
        }
        Ok(scene)
    }

    fn out(&self) -> PathBuf {
        self.0.path().join("out")
    }

    fn generates(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.args(["generate", PACK, "--no-input", "--on-existing", "overwrite", "--output"]).arg(self.out());
        command.env("PACKBOX_HOME", shared_home()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn start(&self, more: &[&str]) -> Result<Process, String> {
        self.generates(binary()).args(more).spawn().map(Process).map_err(|error| error.to_string())
    }

    /// A run that stops itself at a step.
    fn paused_at(&self, step: &str) -> Result<Process, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = self.generates(&program);
        let child = command.env(FAULT, format!("{step}:{}", libc::SIGSTOP)).spawn();
        Process(child.map_err(|error| error.to_string())?).stopped()
    }

    /// Whether the folder is as a run leaves it that nobody disturbs, with nothing of packbox's own left but the receipt.
    fn is_new(&self) -> Result<(), String> {
        let other = Self::new()?;
        let (code, said) = other.start(&[])?.ends()?;
        let (wanted, found) = (read_folder(&other.out()), read_folder(&self.out()));
        match (code, wanted == found) {
            (0, true) => Ok(()),
            _ => Err(format!("{code} {said} {:?} instead of {:?}", found.keys(), wanted.keys())),
        }
    }
}

fn name_of_this_program() -> String {
    std::fs::read_to_string("/proc/self/comm").unwrap_or_default().trim_end().to_owned()
}

fn holds<T: std::fmt::Debug>(what: bool, otherwise: T) -> Result<(), String> {
    if what { Ok(()) } else { Err(format!("{otherwise:?}")) }
}

/// At each step at which the lock is held: the second run says who it is, and goes on when the first one is done.
fn waits_and_goes_on() -> Result<(), String> {
    for step in ["CreateStage", "PublishJournal", "PlaceFile", "RemoveJournal", "RemoveLock"] {
        let scene = Scene::new()?;
        let first = scene.paused_at(step)?;
        let mut second = scene.start(&[])?;
        let said = second.says(WAITING)?;
        let who = format!("process {} (`{}`), since 2", first.0.id(), name_of_this_program());
        holds(said.contains(&who) && said.contains("; it is paused"), &said)?;
        first.send(libc::SIGCONT);
        let (ended, also) = (first.ends()?, second.ends()?);
        holds(ended.0 == 0 && also.0 == 0, (step, ended, also))?;
        scene.is_new().map_err(|why| format!("{step}: {why}"))?;
    }
    Ok(())
}

/// What is waited for is killed: what it had begun is undone, and the second run goes on.
fn waits_for_a_killed_run() -> Result<(), String> {
    for step in ["CreateStage", "PlaceFile", "RemoveStage"] {
        let scene = Scene::new()?;
        let first = scene.paused_at(step)?;
        let mut second = scene.start(&[])?;
        second.says(WAITING)?;
        first.send(libc::SIGKILL);
        let (ended, also) = (first.ends()?, second.ends()?);
        holds(ended.0 == 128 + libc::SIGKILL && also.0 == 0, (step, ended, also))?;
        scene.is_new().map_err(|why| format!("{step}: {why}"))?;
    }
    Ok(())
}

/// Who waits too long ends with a conflict that names the first run, and has changed nothing.
fn gives_up() -> Result<(), String> {
    let scene = Scene::new()?;
    let first = scene.paused_at("PlaceFile")?;
    let before = read_folder(&scene.out());
    let (code, said) = scene.start(&[])?.ends()?;
    let who = format!("another run of packbox is writing to the output folder: process {} (`", first.0.id());
    holds(code == 3 && said.contains(&who) && said.contains("nothing was written"), &said)?;
    holds(read_folder(&scene.out()) == before, "something was written")?;
    first.send(libc::SIGCONT);
    holds(first.ends()?.0 == 0, "the first run fails")?;
    scene.is_new()
}

/// Ctrl-C ends the waiting.
fn interrupted() -> Result<(), String> {
    for (step, more) in [("PlaceFile", &[][..]), ("CreateStage", &[]), ("PlaceFile", &["--dry-run"])] {
        let scene = Scene::new()?;
        let first = scene.paused_at(step)?;
        let before = read_folder(&scene.out());
        let mut second = scene.start(more)?;
        second.says(WAITING)?;
        let began = Instant::now();
        second.send(libc::SIGINT);
        let ended = second.ends()?;
        holds(ended.0 == 130 && began.elapsed() < Duration::from_secs(5), ended)?;
        holds(read_folder(&scene.out()) == before, "something was written")?;
        first.send(libc::SIGCONT);
        holds(first.ends()?.0 == 0, "the first run fails")?;
        scene.is_new()?;
    }
    Ok(())
}

/// What would change is told once what changes is done.
fn dry_run_waits() -> Result<(), String> {
    let scene = Scene::new()?;
    let first = scene.paused_at("PlaceFile")?;
    let mut second = scene.start(&["--dry-run", "--format", "json"])?;
    second.says(WAITING)?;
    first.send(libc::SIGCONT);
    holds(first.ends()?.0 == 0, "the first run fails")?;
    let mut printed = String::new();
    let stdout = second.0.stdout.take().ok_or("a pipe")?;
    BufReader::new(stdout).read_to_string(&mut printed).map_err(|error| error.to_string())?;
    let ended = second.ends()?;
    let document: serde_json::Value = serde_json::from_str(&printed).map_err(|error| format!("{error}: {ended:?}"))?;
    holds(ended.0 == 0 && document["diff"] == "", &document)?;
    scene.is_new()
}

/// A lock file that came with a repository says anything: nothing of it is believed, and nobody waits where nobody holds it.
fn strangers_word() -> Result<(), String> {
    let now = 1_764_467_830;
    let own = std::process::id();
    let lies: [(Vec<u8>, bool); 8] = [
        (format!("packbox-lock 1 1 0 {now}\n").into_bytes(), true),
        (format!("packbox-lock 1 4194304 7 {now}\n").into_bytes(), true),
        (format!("packbox-lock 1 {own} 1 {now}\n").into_bytes(), true),
        (format!("packbox-lock 1 {own} 1 99999999999\n").into_bytes(), true),
        (b"packbox-lock 1 \x1b]0;evil\x07 1 1\n".to_vec(), true),
        (vec![0xff; 100], true),
        (vec![b'x'; 4 << 20], true),
        (b"packbox-lock 1 1 0 1\n".to_vec(), false),
    ];
    for (text, is_held) in lies {
        let scene = Scene::new()?;
        let lock = scene.out().join(".packbox/lock");
        std::fs::create_dir(scene.out().join(".packbox")).map_err(|error| error.to_string())?;
        std::fs::write(&lock, &text).map_err(|error| error.to_string())?;
        let file = std::fs::File::open(&lock).map_err(|error| error.to_string())?;
        if is_held {
            file.lock().map_err(|error| error.to_string())?;
        }
        let mut second = scene.start(&[])?;
        if is_held {
            let said = second.says(WAITING);
            drop(file);
            // The system knows whose it is, whatever the file says; since when is nobody's word.
            let said = said?;
            holds(said.contains(&format!("process {own} (`")) && !said.contains("since"), &said)?;
            holds(!said.contains(['\x1b', '\x07']) && !said.contains("evil"), &said)?;
        }
        let (code, said) = second.ends()?;
        holds(code == 0 && (is_held || !said.contains("waiting")), &said)?;
        scene.is_new()?;
    }
    Ok(())
}

/// Many runs of one pack, into a folder that is there and into one that is not: each is done, and the files are those of one.
fn many_at_once() -> Result<(), String> {
    for is_there in [true, false] {
        let scene = Scene::new()?;
        if !is_there {
            std::fs::remove_dir_all(scene.out()).map_err(|error| error.to_string())?;
        }
        let runs = (0..10).map(|_| scene.start(&[])).collect::<Result<Vec<_>, _>>()?;
        for run in runs {
            let ended = run.ends()?;
            holds(ended.0 == 0, ended)?;
        }
        let beside: Vec<_> = std::fs::read_dir(scene.0.path()).map_err(|error| error.to_string())?.collect();
        holds(beside.len() == 1, beside)?;
        if is_there {
            scene.is_new()?;
        }
    }
    Ok(())
}

/// A run that looked before another one wrote looks again: files of the other pack stay known as its own, and nobody fails.
fn wrote_in_between() -> Result<(), String> {
    for (is_there, step) in [(true, "CreateMetadataFolder"), (false, "CreateStage"), (false, "PublishFolder")] {
        for pack in [PACK, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/greeting")] {
            let scene = Scene::new()?;
            if !is_there {
                std::fs::remove_dir_all(scene.out()).map_err(|error| error.to_string())?;
            }
            let first = scene.paused_at(step)?;
            let mut second = Command::new(binary());
            second.args(["generate", pack, "--no-input", "--on-existing", "overwrite", "--output"]).arg(scene.out());
            second.env("PACKBOX_HOME", shared_home()).stdin(Stdio::null()).stderr(Stdio::piped());
            let ended = Process(second.spawn().map_err(|error| error.to_string())?).ends()?;
            holds(ended.0 == 0, (step, ended))?;
            let between = read_folder(&scene.out());
            first.send(libc::SIGCONT);
            let ended = first.ends()?;
            holds(ended.0 == 0, (step, ended))?;
            let found = read_folder(&scene.out());
            let receipt = found.get(".packbox/receipt.json").map(|(bytes, _)| bytes.as_slice()).unwrap_or_default();
            let receipt: serde_json::Value = serde_json::from_slice(receipt).map_err(|error| error.to_string())?;
            let known = receipt["files"].as_array().into_iter().chain(receipt["others"].as_array()).flatten();
            let known: Vec<&str> = known.filter_map(|file| file["path"].as_str()).collect();
            let written = between.keys().filter(|path| !path.starts_with(".packbox/"));
            let lost: Vec<&String> = written.filter(|path| !known.contains(&path.as_str())).collect();
            holds(lost.is_empty(), (step, pack, lost, known))?;
        }
    }
    Ok(())
}
