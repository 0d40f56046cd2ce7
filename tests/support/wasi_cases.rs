//! A plain `wasm32-wasip2` build, which prints and asks for time, random numbers, environment and files: it runs with the
//! grant only, and gives the same bytes whatever the threads, the batches and the run.

use std::collections::BTreeMap;
use std::path::Path;

use packbox::digest::Digest;
use packbox::engine::{Limits, Profile};
use tempfile::TempDir;

use super::engine_cases::{engine, prepare_guest, render};
use super::guests::guest;
use super::process::{Ended, Run, read_folder};

/// The component; `fixtures/wasi/README.md` says how it is made.
pub fn component() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wasi/plain.wasm");
    std::fs::read(path).expect("fixtures/wasi/plain.wasm")
}

/// A pack with templates that the component renders.
pub fn pack(grants: &str, templates: &[&str]) -> TempDir {
    let scratch = tempfile::tempdir().expect("a folder");
    let pack = scratch.path().join("pack");
    std::fs::create_dir(&pack).expect("a folder");
    let component = component();
    let digest = Digest::of(&component);
    let mut manifest = format!(
        "[pack]\nname = \"plain\"\nversion = \"0.1.0\"\n\n[plugins.plain]\ncomponent = \"plain.wasm\"\nsha256 = \"{digest}\"\n{grants}\n"
    );
    for (number, template) in templates.iter().enumerate() {
        std::fs::write(pack.join(format!("{number}.txt")), template).expect("a file");
        let (source, output) = (format!("source = \"{number}.txt\""), format!("output = \"{number}.txt\""));
        manifest += &["", "[[templates]]", &source, &output, "engine = \"plugin:plain\"", ""].join("\n");
    }
    std::fs::write(pack.join("plain.wasm"), component).expect("a file");
    std::fs::write(pack.join("pack.toml"), manifest).expect("a file");
    scratch
}

/// Runs `generate` in a folder of [`pack`].
pub fn generate(scratch: &TempDir, more: &[&str], environment: &[(&str, &str)]) -> Ended {
    let arguments = ["generate", "pack", "--no-input", "-v"].iter().chain(more).map(ToString::to_string).collect();
    let environment = environment.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    Run { arguments, folder: scratch.path().to_owned(), environment, ..Run::default() }.run()
}

fn ends(ended: &Ended, exit: i32, mentions: &[&str]) -> Result<(), String> {
    let text = ended.text();
    if ended.exit != exit {
        return Err(format!("exit code {exit} was expected\n{text}"));
    }
    match mentions.iter().find(|mention| !text.contains(**mention)) {
        Some(missing) => Err(format!("`{missing}` was expected\n{text}")),
        None => Ok(()),
    }
}

/// Without the grant, or with one that the user denies, nothing is compiled, and the error says what to do.
pub fn refused_without_grant() -> Result<(), String> {
    let refused = |grants, more: &[&str], environment: &[(&str, &str)], mentions: &[&str]| {
        let scratch = pack(grants, &["hello"]);
        let more = [&["--output", "out"], more].concat();
        ends(&generate(&scratch, &more, environment), 4, mentions)?;
        if scratch.path().join("out").exists() { Err("something was written".to_owned()) } else { Ok(()) }
    };
    refused("", &[], &[], &["wasi:", "needs the grant `wasi-stub`", "add `grants = [\"wasi-stub\"]`", "pack.toml"])?;
    let asks = "grants = [\"wasi-stub\"]";
    refused(asks, &["--deny-grant", "wasi-stub"], &[], &["the grant `wasi-stub` is denied"])?;
    refused(asks, &[], &[("PACKBOX_DENY_GRANTS", "wasi-stub")], &["PACKBOX_DENY_GRANTS"])?;
    let scratch = pack("grants = [\"wasi-stubb\"]", &["hello"]);
    ends(&generate(&scratch, &["--output", "out"], &[]), 1, &["did you mean `wasi-stub`?", "pack.toml:8"])?;
    let scratch = pack(asks, &["hello"]);
    ends(&generate(&scratch, &["--output", "out", "--deny-grant", "wasi"], &[]), 2, &["`--deny-grant` names `wasi`"])?;
    let inspect = |format: &str| {
        let arguments = ["plugin", "inspect", "pack/plain.wasm", "--format", format].map(str::to_owned).to_vec();
        Run { arguments, folder: scratch.path().to_owned(), ..Run::default() }.run()
    };
    ends(&inspect("human"), 0, &["yes, with the grant `wasi-stub`", "kept, with lines"])?;
    let document = inspect("json").json()?;
    if document["needs_grants"] != serde_json::json!(["wasi-stub"]) || document["runs_here"] != true {
        return Err(document.to_string());
    }
    Ok(())
}

/// With the grant it renders, and to the same bytes on every run.
pub fn same_bytes_always() -> Result<(), String> {
    let templates = ["one", "two words", "three little words", "four", "five", "six", "seven", "eight"];
    let scratch = pack("grants = [\"wasi-stub\"]", &templates);
    let runs: [&[&str]; 8] = [
        &["--jobs", "1"],
        &["--jobs", "1"],
        &["--jobs", "2"],
        &["--jobs", "2", "--isolation", "fresh"],
        &["--jobs", "1", "--isolation", "fresh"],
        &["--jobs", "2", "--isolation", "batch"],
        &["--jobs", "1", "--measure"],
        &["--jobs", "2", "--measure"],
    ];
    let mut first: Option<BTreeMap<String, (Vec<u8>, bool)>> = None;
    for (number, more) in runs.into_iter().enumerate() {
        let output = format!("out{number}");
        let more = [&["--output", &output], more].concat();
        // The environment of packbox is none of the guest's.
        let ended = generate(&scratch, &more, &[("SECRET_OF_THE_HOST", "value")]);
        ends(&ended, 0, &["rendering 3 bytes", "this goes to standard error"])?;
        let mut tree = read_folder(&scratch.path().join(&output));
        // The receipt names the profile.
        tree.retain(|path, _| !path.starts_with(".packbox"));
        let told = String::from_utf8_lossy(&tree["2.txt"].0).into_owned();
        for line in [
            "time: Ok(315532800)",
            "slept: 5s",
            "arguments: []",
            "environment: []",
            "input: Ok(0) \"\"",
            "file: Err(",
            "folder: Err(",
        ] {
            if !told.contains(line) {
                return Err(format!("`{line}` was expected in\n{told}"));
            }
        }
        match &first {
            None => first = Some(tree),
            Some(first) if *first != tree => return Err(format!("{more:?} gave something else:\n{told}")),
            Some(_) => {}
        }
    }
    let arguments = ["validate", "pack", "--no-config", "--format", "json"].map(str::to_owned).to_vec();
    let ended = Run { arguments, folder: scratch.path().to_owned(), ..Run::default() }.run();
    if ended.text().contains("determinism") || ended.text().contains("\"failures\": [{") {
        return Err(ended.text());
    }
    Ok(())
}

/// Random numbers don't depend on the jobs that came before: no two share an instance, however many may.
pub fn each_job_alone() -> Result<(), String> {
    let probe = guest("wasi-probe");
    let mut seen = Vec::new();
    for (threads, batch) in [(1, 25), (1, 1), (2, 25), (2, 3)] {
        let engine = engine(Profile::Run, threads);
        let plugin = prepare_guest(&engine, &probe, &Limits::DEFAULT).map_err(|error| error.to_string())?;
        seen.extend(render(&engine, &plugin, Limits::DEFAULT, "{}", &["a"; 6], batch));
    }
    if seen.iter().any(|told| told.is_err() || *told != seen[0]) { Err(format!("{seen:?}")) } else { Ok(()) }
}

/// What the guest does to itself ends typed, within its limits.
pub fn stopped() -> Result<(), String> {
    let run = |template: &str| {
        let scratch = pack("grants = [\"wasi-stub\"]", &[template]);
        generate(&scratch, &["--output", "out"], &[])
    };
    // The standard library of the target knows of success and failure only.
    ends(&run("exit"), 4, &["ended itself with exit code 1"])?;
    ends(&run("flood"), 4, &["plugin/stopped-log"])?;
    ends(&run("panic now"), 4, &["before that, it said:", "there are only 2 words", "src/lib.rs:"])?;
    let slept = run("sleep");
    ends(&slept, 0, &["rendering 5 bytes"])
}
