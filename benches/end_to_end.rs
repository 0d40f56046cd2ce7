//! What a new user does, step by step: search, show, install, generate, each as a whole process in a home where nothing is
//! compiled yet; the memory of all that; and 20 users at once. `cargo bench --bench end_to_end`
//!
//! The 20 users take as many seconds as `PACKBOX_BENCH_USERS` says, 60 for a run that counts; without it, three.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    missing_docs,
    reason = "a benchmark that can not go on has failed, and prints its figures"
)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use support::packs::Fixture;
use support::process::{copy, measure, packbox, run, scratch, warm_up};
use support::registries::fill_folder;
use support::rows::Unit;
use support::suite::{LONG, Suite};

/// What the user looks for, and finds.
const WORDS: [&str; 2] = ["startup", "microservice"];
const NAME: &str = "startup-microservice";
/// Users at once.
const USERS: usize = 20;

fn main() -> ExitCode {
    let mut suite = Suite::begin("end_to_end");
    let scratch = scratch();
    let home = scratch.path().join("new user");
    fill_folder(&home, &scratch.path().join("registry"), 1_000 - 1);
    let pack = Fixture::named("complex").make_as(scratch.path(), NAME, "");
    let manifest = pack.join("pack.toml");
    let text = std::fs::read_to_string(&manifest).expect("a manifest");
    std::fs::write(&manifest, text.replace("\"A pack\"", "\"A microservice for a startup\"")).expect("a file");
    run(packbox(&home, ["publish", "--no-verify"]).arg(&pack));
    let user = User { home, folder: scratch.path().to_owned() };
    user.first_time(&mut suite);
    user.memory(&mut suite);
    if suite.wants("20 users") {
        many_users(&mut suite, &user);
    }
    suite.finish()
}

struct User {
    /// Has read a registry, and nothing else.
    home: PathBuf,
    folder: PathBuf,
}

/// The steps, one by one.
fn step(home: &Path, number: usize, output: &Path) -> Command {
    match number {
        0 => packbox(home, ["search"].iter().chain(&WORDS)),
        1 => packbox(home, ["show", NAME]),
        2 => packbox(home, ["install", NAME]),
        _ => {
            let mut generate = packbox(home, ["generate", NAME, "--no-input", "--output"]);
            generate.arg(output);
            generate
        }
    }
}

impl User {
    /// A home of its own for a user who begins.
    fn begin(&self) -> (PathBuf, PathBuf) {
        let (home, output) = (self.folder.join("home"), self.folder.join("project"));
        for old in [&home, &output] {
            let _ = std::fs::remove_dir_all(old);
        }
        copy(&self.home, &home);
        (home, output)
    }

    fn first_time(&self, suite: &mut Suite) {
        let mut times: [Vec<f64>; 4] = Default::default();
        suite.time("first-time user", rows!["e2e-total"], LONG, || {
            let (home, output) = self.begin();
            let mut total = Duration::ZERO;
            for (number, times) in times.iter_mut().enumerate() {
                let time = run(&mut step(&home, number, &output));
                times.push(time.as_secs_f64());
                total += time;
            }
            total
        });
        let [search, show, install, generate] = times;
        suite.record("search", rows!["e2e-search"], Unit::Seconds, search);
        suite.record("show", rows!["e2e-show"], Unit::Seconds, show);
        suite.record("install", rows!["e2e-install"], Unit::Seconds, install);
        suite.record("generate", rows!["e2e-generate"], Unit::Seconds, generate);
    }

    /// As if every kind of command ran at the same time, the large ones on the largest pack.
    fn memory(&self, suite: &mut Suite) {
        let (home, output) = self.begin();
        let mega = Fixture::named("mega").make(&self.folder);
        let checks = |command: &str| {
            let mut one = packbox(&home, [command, "--no-config"]);
            one.arg(&mega);
            one
        };
        let generate = || {
            let _ = std::fs::remove_dir_all(&output);
            let mut generate = packbox(&home, ["generate", "--no-input", "--output"]);
            generate.arg(&output).arg(&mega);
            generate
        };
        warm_up(|| checks("validate"));
        warm_up(generate);
        suite.figure("memory of all operations", rows!["memory-total"], (Unit::Megabytes, 3), || {
            let small = [packbox(&home, ["list"]), step(&home, 0, &output), step(&home, 1, &output)];
            let large = [step(&home, 2, &output), generate(), checks("validate")];
            small.into_iter().chain(large).map(|mut command| measure(&mut command).megabytes()).sum()
        });
    }
}

/// 20 users who search, look, and generate, one thing after the other, for a while.
fn many_users(suite: &mut Suite, user: &User) {
    let seconds = std::env::var("PACKBOX_BENCH_USERS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let (home, _) = user.begin();
    (2..4).for_each(|number| _ = run(&mut step(&home, number, &user.folder.join("warm"))));
    let until = Instant::now() + Duration::from_secs(seconds);
    let done: Mutex<BTreeMap<&str, Vec<f64>>> = Mutex::default();
    let failed: Mutex<u32> = Mutex::default();
    let names = ["search", "show", "list", "generate"];
    std::thread::scope(|scope| {
        for number in 0..USERS {
            let (home, done, failed) = (&home, &done, &failed);
            let output = user.folder.join(format!("of user {number}"));
            scope.spawn(move || {
                for name in names.iter().cycle().skip(number) {
                    if Instant::now() > until {
                        break;
                    }
                    let _ = std::fs::remove_dir_all(&output);
                    let mut command = match *name {
                        "search" => step(home, 0, &output),
                        "show" => step(home, 1, &output),
                        "list" => packbox(home, ["list"]),
                        _ => step(home, 3, &output),
                    };
                    let started = Instant::now();
                    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it starts");
                    let time = started.elapsed().as_secs_f64();
                    if status.success() {
                        done.lock().expect("a lock").entry(name).or_default().push(time);
                    } else {
                        *failed.lock().expect("a lock") += 1;
                    }
                }
            });
        }
    });
    let done = done.into_inner().expect("times");
    let failed = f64::from(failed.into_inner().expect("a number"));
    let all = done.values().map(Vec::len).sum::<usize>();
    for (name, times) in done {
        suite.record(&format!("20 users at once: {name}"), rows![], Unit::Seconds, times);
    }
    let all = f64::from(u32::try_from(all).expect("a number"));
    suite.record("20 users at once: failed", rows![], Unit::Percent, vec![100.0 * failed / (all + failed)]);
}
