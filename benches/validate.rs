//! `check`, `lint`, `validate`, `compat` and `score` as whole processes on the medium pack, and how many packs a second one
//! process validates. `cargo bench --bench validate`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    missing_docs,
    reason = "a benchmark that can not go on has failed, and prints its figures"
)]

#[path = "support/packs.rs"]
mod packs;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use packs::{Size, make_pack, run, scratch, sizes};

/// Packs that one process validates.
const MANY: usize = 200;

fn packbox(home: &Path, arguments: &[&str], packs: &[PathBuf]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_packbox"));
    command.args(arguments).arg("--no-config").args(packs).env("PACKBOX_HOME", home);
    command
}

fn medium() -> Size {
    sizes().into_iter().find(|size| size.name == "medium").expect("the medium pack")
}

fn commands(criterion: &mut Criterion) {
    let scratch = scratch();
    let home = scratch.path().join("home");
    let named = |name: &str| make_pack(scratch.path(), &Size { name: name.to_owned(), ..medium() });
    let pack = named("medium");
    let other = named("other");
    for command in [&["lint"][..], &["validate"]] {
        // Compiles, verifies, and records that it verified.
        for _ in 0..3 {
            run(&mut packbox(&home, command, std::slice::from_ref(&pack)));
            std::thread::sleep(Duration::from_millis(150));
        }
    }
    let mut group = criterion.benchmark_group("whole process/medium");
    group.sample_size(50);
    for command in ["check", "lint", "validate", "score"] {
        group.bench_function(command, |bencher| {
            bencher.iter_custom(|iterations| {
                (0..iterations).map(|_| run(&mut packbox(&home, &[command], std::slice::from_ref(&pack)))).sum()
            });
        });
    }
    // Both write the same files; that is a finding, and costs the same.
    let both = [pack, other];
    group.bench_function("compat", |bencher| {
        bencher.iter_custom(|iterations| {
            let once = || {
                let started = Instant::now();
                let mut command = packbox(&home, &["compat"], &both);
                command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it starts");
                started.elapsed()
            };
            (0..iterations).map(|_| once()).sum()
        });
    });
    group.finish();
}

fn many(criterion: &mut Criterion) {
    let scratch = scratch();
    let home = scratch.path().join("home");
    let named = |number: usize| make_pack(scratch.path(), &Size { name: format!("pack{number:04}"), ..medium() });
    let packs: Vec<PathBuf> = (0..MANY).map(named).collect();
    run(&mut packbox(&home, &["validate"], &packs[..1]));
    let mut group = criterion.benchmark_group("one process");
    group.sample_size(10);
    group.throughput(criterion::Throughput::Elements(MANY as u64));
    group.bench_function("validate 200 medium packs", |bencher| {
        bencher
            .iter_custom(|iterations| (0..iterations).map(|_| run(&mut packbox(&home, &["validate"], &packs))).sum());
    });
    group.finish();
    let ten_times: Vec<PathBuf> = std::iter::repeat_n(&packs, 10).flatten().cloned().collect();
    for packs in [&packs, &ten_times] {
        println!(
            "peak memory of validating {} packs: {} MiB",
            packs.len(),
            peak(&mut packbox(&home, &["validate"], packs)) >> 20
        );
    }
}

/// The peak memory of a process in bytes, as last seen while it ran.
fn peak(command: &mut Command) -> u64 {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut peak = 0;
    while child.try_wait().expect("a status").is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        peak = peak.max(line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024);
        std::thread::sleep(Duration::from_millis(5));
    }
    peak
}

criterion_group!(benches, commands, many);
criterion_main!(benches);
