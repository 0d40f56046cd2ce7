//! `doctor --sandbox`: the hostile suite, run against this very installation.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::cli::documents::Sandbox;
use crate::cli::session::Session;
use crate::cli::{fold, progress};
use crate::error::{Error, ErrorKind, Result};
use crate::hostile;
use crate::hostile::{Case, Outcome};
use crate::text::{format_bytes, printable_line};

/// A folder that goes away with the value.
pub struct Scratch(pub PathBuf);

impl Scratch {
    /// Makes one where temporary files go.
    pub fn new(session: &Session) -> Result<Self> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|error| {
            Error::new(ErrorKind::Io, "cannot generate a random name").caused_by(std::io::Error::other(error))
        })?;
        let temporary = session.environment.get("TMPDIR").map_or_else(std::env::temp_dir, PathBuf::from);
        let folder = temporary.join(format!("packbox-hostile-{:016x}", u64::from_le_bytes(random)));
        std::fs::create_dir(&folder)
            .map_err(|error| Error::io(format!("cannot make the folder `{}`", folder.display()), error))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs all cases, and says of each what came of it. Returns 0 where all ended as they should, 4 otherwise.
///
/// # Errors
/// `Io` where cases can't be made or started; `Interrupted`.
pub fn sandbox(session: &Session) -> Result<u8> {
    let program = session.compiler()?;
    let cases = hostile::cases();
    let scratch = Scratch::new(session)?;
    let home = scratch.0.join("home");
    progress::stage("compiling the built-in plugins");
    // Compiles what is built in, so that no case pays for it.
    warm_up(&program, &home, &scratch.0)?;
    if !session.output.is_json() {
        session.output.page(&header())?;
    }
    let mut outcomes = Vec::with_capacity(cases.len());
    for (number, case) in cases.iter().enumerate() {
        if session.interrupt.is_set() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted; the cases so far ended as shown"));
        }
        progress::count("attacking", number, cases.len());
        let outcome = run_case(&program, &home, &scratch.0.join(format!("case{number}")), case)?;
        if !session.output.is_json() {
            session.output.page(&row(&outcome))?;
        }
        outcomes.push(outcome);
    }
    let failed = outcomes.iter().filter(|outcome| outcome.problem.is_some()).count();
    if session.output.is_json() {
        session.output.document("doctor", &Sandbox { cases: &outcomes, failed })?;
    } else {
        let count = outcomes.len();
        let line = match failed {
            0 => format!("\nall {count} attacks ended as they should\n"),
            failed => format!("\n{failed} of {count} attacks did not end as they should\n"),
        };
        session.output.page(&line)?;
    }
    Ok(if failed == 0 { 0 } else { ErrorKind::Refused.exit_code() })
}

fn run_case(program: &Path, home: &Path, folder: &Path, case: &Case) -> Result<Outcome> {
    std::fs::create_dir(folder)
        .map_err(|error| Error::io(format!("cannot make the folder `{}`", folder.display()), error))?;
    let outcome = hostile::run(program, home, folder, case);
    let _ = std::fs::remove_dir_all(folder);
    outcome
}

fn warm_up(program: &Path, home: &Path, folder: &Path) -> Result<()> {
    let pack = folder.join("warm-up");
    let manifest = "[pack]\nname = \"warm-up\"\nversion = \"0.1.0\"\n\n[[templates]]\nsource = \"a.jinja\"\noutput = \"{{ 'a' }}\"\n";
    let made = std::fs::create_dir(&pack)
        .and_then(|()| std::fs::write(pack.join("pack.toml"), manifest))
        .and_then(|()| std::fs::write(pack.join("a.jinja"), "{{ 1 }}"));
    made.map_err(|error| Error::io("cannot make a pack to warm up with", error))?;
    for command in [&["validate"][..], &["generate", "--no-input", "--output", "out"][..]] {
        let mut child = std::process::Command::new(program);
        child.args(&command[..1]).arg(&pack).args(&command[1..]).current_dir(folder);
        child
            .env_clear()
            .env("PACKBOX_HOME", home)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        child.status().map_err(|error| Error::io(format!("cannot start `{}`", program.display()), error))?;
    }
    Ok(())
}

/// The least width of a terminal that shows a row in one line.
const WIDE: usize = 120;

fn header() -> String {
    if is_narrow() {
        return String::new();
    }
    format!(
        "      {:<34} {:<26} {:>4} {:>8} {:>9}  {}\n",
        "attack", "stopped by", "exit", "time", "memory", "what it does"
    )
}

/// Whether a terminal has no room for rows.
fn is_narrow() -> bool {
    fold::columns(&std::io::stdout()).is_some_and(|columns| columns < WIDE)
}

fn row(outcome: &Outcome) -> String {
    let mark = if outcome.problem.is_some() { "!!" } else { "ok" };
    let exit = outcome.exit.map_or("-".to_owned(), |exit| exit.to_string());
    let reason = outcome.reason.as_deref().unwrap_or(&outcome.limit);
    let memory = outcome.peak_memory.map_or("-".to_owned(), format_bytes);
    let time = format!("{} ms", outcome.milliseconds);
    let (name, attack) = (&outcome.name, &outcome.attack);
    let mut line = if is_narrow() {
        format!("  {mark}  {name}\n      {attack}\n      stopped by {reason}; exit {exit}, {time}, {memory}")
    } else {
        format!("  {mark}  {name:<34} {reason:<26} {exit:>4} {time:>8} {memory:>9}  {attack}")
    };
    if let Some(problem) = &outcome.problem {
        let _ = write!(line, "\n      {problem}");
    }
    line.lines().map(|line| printable_line(line) + "\n").collect()
}
