//! Runs a case in a child process, and compares what came of it with what is expected.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use super::case::Case;
use super::{BESIDE, MEMORY};
use crate::engine::Limits;
use crate::error::{Error, Result};
use crate::text;

/// How often the child's memory is looked at.
const LOOK: Duration = Duration::from_millis(2);
/// What ending and reporting may take beyond a deadline.
const GRACE: Duration = Duration::from_millis(200);
/// What starting a process and compiling a small component may take.
const START: Duration = Duration::from_millis(1_500);
/// A case that takes longer hangs.
const HANGS: Duration = Duration::from_secs(90);
/// The most that is read of what a case prints.
const LARGEST_OUTPUT: u64 = 64 << 20;

/// What came of a case.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Outcome {
    /// The case's name.
    pub name: String,
    /// What it does.
    pub attack: String,
    /// What stops it.
    pub limit: String,
    /// The exit code; none where a signal ended it, or where it hung and was killed.
    pub exit: Option<i32>,
    /// The stop reason, error kind or rule that was reported.
    pub reason: Option<String>,
    /// Wall time, in milliseconds.
    pub milliseconds: u64,
    /// The process's own peak memory in bytes; none where the system does not tell.
    pub peak_memory: Option<u64>,
    /// What is not as it should be; none where all is well.
    pub problem: Option<String>,
}

/// How often a case is run that is late and nothing else.
const ATTEMPTS: usize = 4;

/// Runs a case with the packbox binary `program`, in `folder`, which must be empty, and with `home` as its `PACKBOX_HOME`.
///
/// # Errors
/// `Io` where the case can't be made or started.
pub fn run(program: &Path, home: &Path, folder: &Path, case: &Case) -> Result<Outcome> {
    let attempt = |name: &str| {
        let folder = folder.join(name);
        std::fs::create_dir(&folder).map_err(|error| Error::io("cannot make a folder for a case", error))?;
        run_once(program, home, &folder, case)
    };
    // A machine that does other things, too, makes some runs late, but hardly all of them.
    let (mut outcome, mut late) = attempt("1")?;
    for number in 2..=ATTEMPTS {
        if !late {
            break;
        }
        (outcome, late) = attempt(&number.to_string())?;
    }
    Ok(outcome)
}

/// Runs a case in an empty folder, and says whether all that is wrong is that it took long.
fn run_once(program: &Path, home: &Path, folder: &Path, case: &Case) -> Result<(Outcome, bool)> {
    let failed = |what: &str, error| Error::io(format!("cannot {what} the case `{}`", case.name), error);
    case.make(folder).map_err(|error| failed("make", error))?;
    let mut command = Command::new(program);
    command.args(&case.arguments).current_dir(folder).env_clear().env("PACKBOX_HOME", home);
    let has_format = case.arguments.iter().any(|argument| argument == "--format");
    if !has_format {
        command.args(["--format", "json"]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = Instant::now();
    let mut child = command.spawn().map_err(|error| failed("start", error))?;
    let stdout = child.stdout.take().map(read_all);
    let stderr = child.stderr.take().map(read_all);
    let mut peak = None;
    let status = loop {
        peak = peak.max(high_water(child.id(), program));
        match child.try_wait().map_err(|error| failed("watch", error))? {
            Some(status) => break Some(status),
            None if started.elapsed() > HANGS => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => std::thread::sleep(LOOK),
        }
    };
    let time = started.elapsed();
    let gather = |reader: Option<std::thread::JoinHandle<Vec<u8>>>| {
        reader.and_then(|reader| reader.join().ok()).unwrap_or_default()
    };
    let (stdout, stderr) = (gather(stdout), gather(stderr));
    let reasons = reasons(&stdout);
    let exit = status.and_then(|status| status.code());
    let wrong = judge(case, exit, &reasons, peak, &[stdout, stderr].concat());
    let is_late = wrong.is_none().then(|| too_late(case, time)).flatten();
    let late = is_late.is_some();
    let problem = wrong.or(is_late);
    let reason = case.expected.reasons.iter().find(|reason| reasons.contains(reason)).or(reasons.first()).cloned();
    let outcome = Outcome {
        name: case.name.clone(),
        attack: case.attack.clone(),
        limit: case.limit.clone(),
        exit,
        reason,
        milliseconds: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
        peak_memory: peak,
        problem,
    };
    Ok((outcome, late))
}

/// Says that a case took longer than what stops it, and starting and ending, allow.
fn too_late(case: &Case, time: Duration) -> Option<String> {
    let limit = case.expected.deadline.unwrap_or(Limits::DEFAULT.time) + GRACE + START;
    (time > limit).then(|| format!("took {time:.1?}, at most {limit:.1?} was expected"))
}

fn judge(case: &Case, exit: Option<i32>, reasons: &[String], peak: Option<u64>, printed: &[u8]) -> Option<String> {
    let expected = &case.expected;
    let right = |exit: i32| expected.exits.iter().any(|code| i32::from(*code) == exit);
    if !exit.is_some_and(right) {
        let exit = exit.map_or("a signal".to_owned(), |exit| format!("code {exit}"));
        return Some(format!("ended with {exit}, not {:?}", expected.exits));
    }
    if !expected.reasons.is_empty() && !expected.reasons.iter().any(|reason| reasons.contains(reason)) {
        return Some(format!("reported {}, not {}", reasons.join(", "), expected.reasons.join(" or ")));
    }
    let most = if expected.guest_memory == 0 { MEMORY } else { MEMORY.max(expected.guest_memory + BESIDE) };
    if let Some(peak) = peak.filter(|peak| *peak > most) {
        return Some(format!("took {} of memory", text::format_bytes(peak)));
    }
    let escape = printed.iter().any(|byte| *byte == 0x1b || *byte == 0x07 || *byte == 0x9b && printed.is_ascii());
    escape.then(|| "printed control characters".to_owned())
}

/// Stop reasons, error kinds and rules in a command's JSON.
fn reasons(stdout: &[u8]) -> Vec<String> {
    let Ok(document) = serde_json::from_slice::<Value>(stdout) else { return Vec::new() };
    let mut reasons = Vec::new();
    let mut add = |value: &Value| reasons.extend(value.as_str().map(str::to_owned));
    let packs = document["packs"].as_array().into_iter().flatten();
    for part in packs.chain([&document]) {
        add(&part["error"]["stop"]["reason"]);
        add(&part["error"]["kind"]);
        let findings = [&part["findings"], &part["error"]["findings"]];
        for finding in findings.into_iter().filter_map(Value::as_array).flatten() {
            add(&finding["rule"]);
        }
    }
    reasons
}

fn read_all(source: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = source.take(LARGEST_OUTPUT).read_to_end(&mut bytes);
        bytes
    })
}

/// The peak memory so far of a process that runs `program`. Until that is started in it, a new process is a copy of this one,
/// and so are its figures.
fn high_water(process: u32, program: &Path) -> Option<u64> {
    /// As much of a program's name as the system keeps.
    const NAME: usize = 15;
    let status = crate::files::read_regular(Path::new(&format!("/proc/{process}/status")), 1 << 20).ok()?;
    let status = String::from_utf8_lossy(&status);
    let name = program.file_name()?.to_string_lossy().chars().take(NAME).collect::<String>();
    let started = status.lines().any(|line| line.strip_prefix("Name:").is_some_and(|running| running.trim() == name));
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).filter(|_| started)?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}
