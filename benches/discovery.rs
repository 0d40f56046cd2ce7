//! Finding packs: lists, searches and pages of one, warm and cold, as whole processes; lists in the process; an index of
//! 100,000 packs. `cargo bench --bench discovery`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    missing_docs,
    reason = "a benchmark that can not go on has failed, and prints its figures"
)]

mod support;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use packbox::registry::{Filter, Order, Page};
use support::packs::Fixture;
use support::process::{make_cold, measure, on_disk, packbox, run, scratch};
use support::registries::{SEARCHES, fill_folder, fill_index, made, search_for};
use support::rows::Unit;
use support::suite::{BRIEF, Effort, Suite};

/// Packs of the registry.
const PACKS: usize = 1_000;

fn main() -> ExitCode {
    let mut suite = Suite::begin("discovery");
    let scratch = scratch();
    let home = scratch.path().join("home");
    fill(scratch.path());
    warm(&mut suite, &home);
    cold(&mut suite);
    throughput(&mut suite, &home);
    in_the_process(&mut suite);
    if suite.wants("100,000 packs") {
        very_many(&mut suite);
    }
    suite.finish()
}

/// A home that knows a registry of many packs, one of which is there to be looked at.
fn fill(folder: &Path) {
    let home = folder.join("home");
    fill_folder(&home, &folder.join("registry"), PACKS - 1);
    let pack = Fixture::named("medium").make(folder);
    run(packbox(&home, ["publish", "--no-verify"]).arg(pack));
}

/// The name of a pack, and the same with a letter missing.
fn names(packs: usize) -> (String, String) {
    let name = made(packs / 2).name.to_string();
    let mistyped = name.replacen('e', "", 1);
    (name, mistyped)
}

/// Commands whose files the system has in memory, and of which one ran just before.
fn warm(suite: &mut Suite, home: &Path) {
    let (_, mistyped) = names(PACKS);
    let name = "medium-pack";
    suite.time("list, warm", rows!["list-warm"], BRIEF, || run(&mut packbox(home, ["list"])));
    suite.time("search, warm", rows!["search-warm"], BRIEF, || run(&mut packbox(home, ["search", &mistyped])));
    suite.time("show, warm", rows!["show-warm"], BRIEF, || run(&mut packbox(home, ["show", name])));
    suite.time("info, warm", rows!["info-warm"], BRIEF, || run(&mut packbox(home, ["info", name])));
    suite.figure("list, memory", rows!["memory-list"], (Unit::Megabytes, 20), || {
        measure(&mut packbox(home, ["list"])).megabytes()
    });
    // What every process takes, and does nothing.
    suite.time("nothing, warm", rows![], BRIEF, || run(&mut packbox(home, ["--version"])));
    suite.figure("nothing, memory", rows![], (Unit::Megabytes, 20), || {
        measure(&mut packbox(home, ["--version"])).megabytes()
    });
    for (arm, arguments) in [("search, memory", ["search", &mistyped]), ("show, memory", ["show", name])] {
        suite.figure(arm, rows![], (Unit::Megabytes, 20), || measure(&mut packbox(home, arguments)).megabytes());
    }
}

/// The same commands where everything has to be read from the disk.
fn cold(suite: &mut Suite) {
    let disk = on_disk();
    let (home, registry) = (disk.path().join("home"), disk.path().join("registry"));
    fill(disk.path());
    // What was made is not still being written while others read.
    // SAFETY: it takes nothing and gives nothing back.
    unsafe { libc::sync() };
    let (_, mistyped) = names(PACKS);
    let name = "medium-pack";
    let effort = Effort { samples: 20, time: Duration::from_secs(1) };
    let cold = |arguments: &[&str]| {
        let _ = std::fs::remove_dir_all(home.join("cache"));
        make_cold(&[&home, &registry]);
        run(&mut packbox(&home, arguments))
    };
    suite.time("list, cold", rows!["list-cold"], effort, || cold(&["list"]));
    suite.time("search, cold", rows!["search-cold"], effort, || cold(&["search", &mistyped]));
    suite.time("show, cold", rows!["show-cold"], effort, || cold(&["show", name]));
    suite.time("nothing, cold", rows![], effort, || cold(&["--version"]));
    suite.time("info, cold", rows!["info-cold"], effort, || cold(&["info", name]));
    suite.time("the slowest of four, cold", rows!["discovery-any"], effort, || {
        let commands: [&[&str]; 4] = [&["list"], &["search", &mistyped], &["show", name], &["info", name]];
        commands.into_iter().map(cold).max().unwrap_or_default()
    });
}

/// How many commands a second one user gets through.
fn throughput(suite: &mut Suite, home: &Path) {
    let in_turn = |mut one: Box<dyn FnMut(usize) + '_>| {
        let started = Instant::now();
        (0..20).for_each(&mut one);
        20.0 / started.elapsed().as_secs_f64()
    };
    suite.figure("list, one after another", rows!["throughput-list"], (Unit::Operations, 10), || {
        in_turn(Box::new(|_| _ = run(&mut packbox(home, ["list"]))))
    });
    let mut begun = 0;
    suite.figure("search, one after another", rows!["throughput-search"], (Unit::Operations, 10), || {
        begun += 20;
        in_turn(Box::new(|number| _ = search(home, begun + number, PACKS)))
    });
}

fn search(home: &Path, number: usize, packs: usize) -> Duration {
    run(packbox(home, ["search"]).args(search_for(number, packs).split(' ')))
}

/// All packs of a registry, without a process: opening the index is part of it.
fn in_the_process(suite: &mut Suite) {
    for packs in [10, 50, 100, 500, PACKS] {
        let scratch = scratch();
        let path = scratch.path().join("data/index.sqlite");
        drop(fill_index(scratch.path(), (0..packs).map(made)));
        let list = || {
            let started = Instant::now();
            let index = packbox::registry::Index::open(&path).expect("an index");
            let (found, total) =
                index.list(&Filter::default(), Order::Name, Page { offset: 0, limit: 10_000 }).expect("a list");
            assert!(found.len() == packs && total == packs as u64);
            started.elapsed()
        };
        if packs == PACKS {
            suite.time("list 1,000 packs, in the process", rows!["stress-registry"], BRIEF, list);
        } else {
            suite.time(&format!("list {packs} packs, in the process"), rows![], BRIEF, list);
        }
    }
}

/// The index of a registry as large as none is yet.
fn very_many(suite: &mut Suite) {
    let packs = if suite.is_test() { 1_000 } else { 100_000 };
    let scratch = scratch();
    let home = scratch.path();
    let started = Instant::now();
    drop(fill_index(home, (0..packs).map(made)));
    suite.record(
        "100,000 packs: read for the first time",
        rows![],
        Unit::Seconds,
        vec![started.elapsed().as_secs_f64()],
    );
    let (name, _) = names(packs);
    let effort = Effort { samples: 10, time: Duration::from_secs(1) };
    let commands: [(&str, &[&str]); 5] = [
        ("list", &["list"]),
        ("list --category", &["list", "--category", "web"]),
        ("list --page 15", &["list", "--page", "15"]),
        ("show", &["show", &name]),
        ("info", &["info", &name]),
    ];
    for (what, arguments) in commands {
        suite.time(&format!("100,000 packs: {what}"), rows![], effort, || run(&mut packbox(home, arguments)));
    }
    let searches = if suite.is_test() { 1 } else { 100 };
    for (kind, name) in SEARCHES.iter().enumerate() {
        let times = (0..searches).map(|number| search(home, number * SEARCHES.len() + kind, packs).as_secs_f64());
        suite.record(&format!("100,000 packs: search, {name}"), rows![], Unit::Seconds, times.collect());
    }
}
