//! Hostile guests, run by the real binary: each ends as its file says, within its deadline, and without much memory.

use std::path::Path;
use std::time::Duration;

use packbox::digest::Digest;

use super::guests::{Case, Guest, guest};
use super::process::{Ended, Run};

/// What a stopped call may take beyond its limit: the ticks of the epoch clock, and ending the process.
const GRACE: Duration = Duration::from_millis(100);
/// What starting and loading may take before the clock of a call begins, on a machine that does other things too.
const START: Duration = Duration::from_millis(300);
/// The host's own peak memory.
const MEMORY: u64 = 250 << 20;

/// Runs all cases of a guest.
pub fn run(name: &str) -> Result<(), String> {
    let guest = guest(name);
    for (number, case) in guest.cases.iter().enumerate() {
        run_case(&guest, case).map_err(|problem| format!("case {number} ({}): {problem}", guest.about))?;
    }
    Ok(())
}

fn run_case(guest: &Guest, case: &Case) -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    write_pack(scratch.path(), guest, case);
    let run = Run { arguments: arguments(guest, "out"), folder: scratch.path().to_owned(), ..Run::default() };
    // The first run compiles the guest; the second one is measured.
    let compiled = run.run();
    check(&compiled, case)?;
    // It counts CPU time, of which a busy machine gives less than passes.
    let compile_limit = guest.time_limit("compile_time").map(|limit| limit * 15);
    let is_compile_stop = case.reasons.as_slice().iter().any(|reason| reason.starts_with("compile"));
    let run = Run { arguments: arguments(guest, "again"), ..run };
    let ended = run.run();
    check(&ended, case)?;
    if ended.peak_memory > MEMORY {
        return Err(format!("took {} MiB", ended.peak_memory >> 20));
    }
    let call_limit = guest.time_limit("time");
    let limit = if is_compile_stop { compile_limit } else { call_limit };
    if let Some(limit) =
        limit.filter(|_| case.reasons.as_slice().iter().any(|reason| matches!(&**reason, "time" | "compile-time")))
        && ended.time > limit + GRACE + START
    {
        return Err(format!("took {:?}, the limit is {limit:?}", ended.time));
    }
    Ok(())
}

/// A pack that ships the guest as its renderer.
fn write_pack(folder: &Path, guest: &Guest, case: &Case) {
    let pack = folder.join("pack");
    std::fs::create_dir_all(&pack).expect("a folder");
    std::fs::write(pack.join("guest.wasm"), &guest.component).expect("a file");
    std::fs::write(pack.join("template.txt"), &case.template).expect("a file");
    let digest = Digest::of(&guest.component);
    let manifest = format!(
        "[pack]\nname = \"hostile\"\nversion = \"0.1.0\"\n\n[plugins.guest]\ncomponent = \"guest.wasm\"\n\
         sha256 = \"{digest}\"\ngrants = {:?}\n\n[[templates]]\nsource = \"template.txt\"\noutput = \"out.txt\"\nengine = \"plugin:guest\"\n",
        guest.grants
    );
    std::fs::write(pack.join("pack.toml"), manifest).expect("a file");
}

fn arguments(guest: &Guest, output: &str) -> Vec<String> {
    let mut arguments: Vec<String> =
        ["generate", "pack", "--no-input", "--format", "json", "-v", "--output", output].map(String::from).into();
    for (name, value) in guest.limits() {
        arguments.extend(["--limit".to_owned(), format!("{name}={value}")]);
    }
    arguments
}

fn check(ended: &Ended, case: &Case) -> Result<(), String> {
    let fail = |problem: String| Err(format!("{problem}\n{}", ended.text()));
    if ended.exit != i32::from(case.exit) {
        return fail(format!("exit code {} was expected", case.exit));
    }
    let document = ended.json()?;
    let reason = match document.pointer("/error") {
        None => "none",
        Some(error) => {
            let stop = error.pointer("/stop/reason").and_then(serde_json::Value::as_str);
            stop.or_else(|| error.pointer("/kind").and_then(serde_json::Value::as_str)).unwrap_or("?")
        }
    };
    if !case.reasons.as_slice().iter().any(|wanted| wanted == reason) {
        return fail(format!("reason {:?} was expected, not `{reason}`", case.reasons));
    }
    let printed = ended.text();
    // What a guest logs reaches the trace without its control characters.
    let logged = case.log.iter().flatten().map(|line| packbox::text::printable_line(line));
    for text in case.mentions.iter().cloned().chain(logged) {
        if !printed.contains(&text) {
            return fail(format!("`{text}` was expected to be mentioned"));
        }
    }
    if let Some(outputs) = &case.outputs {
        let files = document.pointer("/files").and_then(serde_json::Value::as_array).map_or(0, Vec::len);
        if files != outputs.len() {
            return fail(format!("{} files were expected", outputs.len()));
        }
        for output in outputs {
            let digest = Digest::of(output.contents.as_bytes()).to_string();
            let path = match &output.path {
                Some(below) => format!("out.txt/{below}"),
                None => "out.txt".to_owned(),
            };
            let files = document.pointer("/files").and_then(serde_json::Value::as_array);
            let found = files.into_iter().flatten().any(|file| file["path"] == *path && file["sha256"] == *digest);
            if !found {
                return fail(format!("the file {output:?} was expected"));
            }
        }
    }
    Ok(())
}
