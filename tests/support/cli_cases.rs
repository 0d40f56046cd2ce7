//! Command-line cases: one folder each below `tests/cli/`.
//!
//! A case has `case.toml` (what to run and what must come of it), `input/` (copied to a new folder, which the commands run
//! in) and `expected/` (`stdout.txt`, `stderr.txt`, and `tree/`, which what was generated into `out` must equal). With
//! `BLESS=1`, `expected/` is rewritten. Unknown keys fail.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::process::{Ended, Run, copy_folder, read_folder};

/// What to run, and what must come of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows, in one sentence.
    about: String,
    /// Shell commands that run before: for links and such, which don't survive every checkout.
    #[serde(default)]
    before: Vec<String>,
    /// The runs, in order.
    runs: Vec<CaseRun>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseRun {
    /// Arguments; `{root}` is the project's folder.
    args: Vec<String>,
    /// Environment variables.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Standard input.
    #[serde(default)]
    stdin: String,
    /// The exit code.
    exit: i32,
    /// JSON pointers into standard output, with what stands there.
    #[serde(default)]
    json: BTreeMap<String, toml::Value>,
    /// Texts that standard error or standard output has in it.
    #[serde(default)]
    mentions: Vec<String>,
    /// Texts that neither has in it.
    #[serde(default)]
    silent_about: Vec<String>,
    /// Sends SIGINT after so many milliseconds.
    interrupt_after_ms: Option<u64>,
    /// Shell commands that must succeed afterwards.
    #[serde(default)]
    after: Vec<String>,
    /// Whether `expected/` holds what this run prints (for at most one run).
    #[serde(default)]
    snapshot: bool,
}

/// Names of the cases.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .expect("tests/cli")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The exit codes and stop reasons that a case expects.
pub fn covers(name: &str) -> (Vec<i32>, Vec<String>) {
    let case = read(name).expect("a case");
    let reason = |run: &CaseRun| {
        let mut told = run.json.iter().filter(|(place, _)| place.ends_with("/error/stop/reason"));
        told.next().and_then(|(_, reason)| reason.as_str()).map(str::to_owned)
    };
    (case.runs.iter().map(|run| run.exit).collect(), case.runs.iter().filter_map(reason).collect())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli")
}

fn read(name: &str) -> Result<Case, String> {
    let path = folder().join(name).join("case.toml");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let case: Case = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    if case.about.is_empty() || case.runs.is_empty() {
        return Err("a case says what it is about, and runs something".into());
    }
    Ok(case)
}

/// Runs a case.
pub fn run(name: &str) -> Result<(), String> {
    let case = read(name)?;
    let expected = folder().join(name).join("expected");
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let work = scratch.path().join("work");
    let input = folder().join(name).join("input");
    if input.exists() {
        copy_folder(&input, &work);
    } else {
        std::fs::create_dir(&work).map_err(|error| error.to_string())?;
    }
    for command in &case.before {
        shell(&command.replace("{root}", env!("CARGO_MANIFEST_DIR")), &work)?;
    }
    for (number, run) in case.runs.iter().enumerate() {
        let ended = start(run, &work);
        check(run, &ended).map_err(|problem| format!("run {number}: {problem}\n{}", ended.text()))?;
        for command in &run.after {
            shell(command, &work)?;
        }
        if run.snapshot {
            // Which case is the first to compile the built-in engine depends on their order.
            let clean = |bytes: &[u8]| {
                let text = String::from_utf8_lossy(bytes).replace(&*work.to_string_lossy(), "[WORK]");
                let is_of_compiling = |line: &str| {
                    ["packbox: compiling ", "packbox: another packbox is compiling "]
                        .iter()
                        .any(|told| line.starts_with(told))
                };
                let lines = text.split_inclusive('\n').filter(|line| !is_of_compiling(line));
                lines.collect::<String>()
            };
            compare(&expected.join("stdout.txt"), &clean(&ended.stdout))?;
            compare(&expected.join("stderr.txt"), &clean(&ended.stderr))?;
        }
    }
    if expected.join("tree").exists() {
        compare_trees(&expected.join("tree"), &work.join("out"))?;
    }
    Ok(())
}

fn start(run: &CaseRun, work: &Path) -> Ended {
    let root = env!("CARGO_MANIFEST_DIR");
    Run {
        arguments: run.args.iter().map(|argument| argument.replace("{root}", root)).collect(),
        folder: work.to_owned(),
        environment: run
            .env
            .iter()
            .map(|(name, value)| (name.clone(), value.replace("{work}", &work.to_string_lossy())))
            .collect(),
        input: run.stdin.clone().into_bytes(),
        interrupt_after: run.interrupt_after_ms.map(Duration::from_millis),
    }
    .run()
}

fn check(run: &CaseRun, ended: &Ended) -> Result<(), String> {
    if ended.exit != run.exit {
        return Err(format!("exit code {} was expected", run.exit));
    }
    let printed = ended.text();
    for text in &run.mentions {
        if !printed.contains(text) {
            return Err(format!("`{text}` was expected to be mentioned"));
        }
    }
    for text in &run.silent_about {
        if printed.contains(text) {
            return Err(format!("`{text}` was not to be mentioned"));
        }
    }
    if !run.json.is_empty() {
        let document = ended.json()?;
        for (pointer, wanted) in &run.json {
            let wanted = serde_json::to_value(wanted).map_err(|error| error.to_string())?;
            if document.pointer(pointer) != Some(&wanted) {
                return Err(format!("at `{pointer}` {wanted} was expected, not {:?}", document.pointer(pointer)));
            }
        }
    }
    Ok(())
}

/// Runs a shell command, which must succeed.
pub fn shell(command: &str, work: &Path) -> Result<(), String> {
    let output = std::process::Command::new("sh").args(["-ec", command]).current_dir(work).output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("`{command}` failed: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Whether what cases expect is rewritten.
pub fn blessing() -> bool {
    std::env::vars_os().any(|(name, value)| name == "BLESS" && value == "1")
}

/// Compares a text with a file, or rewrites the file.
pub fn compare(expected: &Path, actual: &str) -> Result<(), String> {
    if blessing() {
        let folder = expected.parent().expect("a folder");
        return std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(expected, actual))
            .map_err(|error| error.to_string());
    }
    let wanted = std::fs::read_to_string(expected).unwrap_or_default();
    if wanted == actual {
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(wanted.as_str(), actual);
    let diff = diff.unified_diff().context_radius(3).header("expected", "actual").to_string();
    Err(format!("{} differs (BLESS=1 rewrites it):\n{diff}", expected.display()))
}

fn compare_trees(expected: &Path, actual: &Path) -> Result<(), String> {
    let generated = read_folder(actual);
    if blessing() {
        let _ = std::fs::remove_dir_all(expected);
        copy_folder(actual, expected);
        return Ok(());
    }
    let wanted = read_folder(expected);
    let names = |tree: &BTreeMap<String, _>| tree.keys().cloned().collect::<Vec<_>>();
    if names(&wanted) != names(&generated) {
        return Err(format!("files {:?} were expected, not {:?}", names(&wanted), names(&generated)));
    }
    for (name, contents) in &wanted {
        if generated.get(name) != Some(contents) {
            let text =
                |contents: &(Vec<u8>, bool)| format!("{:?} {}", contents.1, String::from_utf8_lossy(&contents.0));
            return Err(format!(
                "{name} differs:\n{}\n---\n{}",
                text(contents),
                generated.get(name).map_or_else(String::new, text)
            ));
        }
    }
    Ok(())
}
