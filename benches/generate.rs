//! `generate` as a whole process: packs with 10 and with 200 templates, warm compiled cache, output on tmpfs where there
//! is one. Beside it `cp -r` of the same result, the least that a generator could take. `cargo bench --bench generate`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a benchmark that can not go on has failed"
)]

#[path = "support/packs.rs"]
mod packs;

use std::process::Command;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use packs::{make_pack, run, scratch, sizes};

fn whole_process(criterion: &mut Criterion) {
    let scratch = scratch();
    let home = scratch.path().join("home");
    let output = scratch.path().join("out");
    for size in sizes().iter().filter(|size| size.name.starts_with("process-")) {
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
