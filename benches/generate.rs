//! `generate` as a whole process: packs with 10 and with 200 templates, warm compiled cache, output on tmpfs where there
//! is one. Beside it `cp -r` of the same result, the least that a generator could take. `cargo bench --bench generate`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a benchmark that can not go on has failed"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use serde::Deserialize;

const TEMPLATE: &str = include_str!("data/medium.jinja");
const CONTEXT: &str = include_str!("data/context.json");

#[derive(Deserialize)]
struct Sizes {
    packs: Vec<Size>,
}

#[derive(Deserialize)]
struct Size {
    name: String,
    templates: usize,
    bytes: usize,
}

/// A folder in memory where the system has one: this is about packbox, not about the disk.
fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::tempdir_in(folder).expect("a folder")
}

/// Makes a pack whose variables are the benchmark's context.
fn make_pack(folder: &Path, size: &Size) -> PathBuf {
    let pack = folder.join(&size.name);
    std::fs::create_dir_all(pack.join("templates")).expect("a folder");
    let context: serde_json::Map<String, serde_json::Value> = serde_json::from_str(CONTEXT).expect("JSON");
    let mut manifest = format!("[pack]\nname = \"{}\"\nversion = \"0.1.0\"\n", size.name);
    let mut template = String::new();
    for (name, value) in context {
        let (kind, value) = match value {
            // A variable is no table, so a table is the only item of a list.
            serde_json::Value::Object(_) => {
                template = format!("{template}{{% set {name} = {name}[0] -%}}\n");
                ("list\"\nitems = \"table", serde_json::Value::Array(vec![value]))
            }
            serde_json::Value::Array(ref items) if items.iter().all(serde_json::Value::is_object) => {
                ("list\"\nitems = \"table", value)
            }
            serde_json::Value::Array(_) => ("list\"\nitems = \"string", value),
            serde_json::Value::Bool(_) => ("boolean", value),
            serde_json::Value::Number(_) => ("integer", value),
            _ => ("string", value),
        };
        let default = toml::Value::try_from(&value).expect("TOML");
        manifest = format!("{manifest}\n[variables.{name}]\ntype = \"{kind}\"\ndefault = {default}\n");
    }
    manifest += "\n[[templates]]\nsource = \"templates\"\noutput = \"src\"\n";
    std::fs::write(pack.join("pack.toml"), manifest).expect("a file");
    template += TEMPLATE;
    for number in 0..size.templates {
        // Different texts of about the wanted size: no two templates are one.
        let filler = "/".repeat(size.bytes.saturating_sub(template.len()).clamp(1, 78));
        let text = format!("{template}\n{filler} file {number}\n");
        std::fs::write(pack.join(format!("templates/file{number:03}.rs.jinja")), text).expect("a file");
    }
    pack
}

fn run(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it starts");
    let time = started.elapsed();
    assert!(status.success(), "{command:?}");
    time
}

fn whole_process(criterion: &mut Criterion) {
    let sizes: Sizes = toml::from_str(include_str!("../fixtures/packs.toml")).expect("sizes");
    let scratch = scratch();
    let home = scratch.path().join("home");
    let output = scratch.path().join("out");
    for size in &sizes.packs {
        let pack = make_pack(scratch.path(), size);
        let generate = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_packbox"));
            command.arg("generate").arg(&pack).arg("--output").arg(&output);
            command.args(["--no-input", "--limit", "templates=1000"]).env("PACKBOX_HOME", &home);
            command
        };
        // Compiles, verifies, and records that it verified.
        for _ in 0..3 {
            let _ = std::fs::remove_dir_all(&output);
            run(&mut generate());
            std::thread::sleep(Duration::from_millis(150));
        }
        let copy = scratch.path().join("result");
        let _ = std::fs::remove_dir_all(&copy);
        std::fs::rename(&output, &copy).expect("a result");

        let mut group = criterion.benchmark_group(format!("whole process/{}", size.name));
        group.sample_size(50);
        let timed = |iterations: u64, command: &dyn Fn() -> Command| {
            (0..iterations).fold(Duration::ZERO, |total, _| {
                let _ = std::fs::remove_dir_all(&output);
                total + run(&mut command())
            })
        };
        group.bench_function("generate", |bencher| bencher.iter_custom(|iterations| timed(iterations, &generate)));
        group.bench_function("cp -r", |bencher| {
            bencher.iter_custom(|iterations| {
                timed(iterations, &|| {
                    let mut command = Command::new("cp");
                    command.arg("-r").arg(&copy).arg(&output);
                    command
                })
            });
        });
        group.finish();
    }
}

criterion_group!(benches, whole_process);
criterion_main!(benches);
