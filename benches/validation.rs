//! Checking packs: `check`, `lint`, `validate`, `score` and `compat` as whole processes, and how many packs a second one
//! process validates. `cargo bench --bench validation`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    missing_docs,
    reason = "a benchmark that can not go on has failed, and prints its figures"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use support::packs::Fixture;
use support::process::{measure, packbox, run, scratch, warm_up};
use support::rows::Unit;
use support::suite::{BRIEF, LONG, Suite};

/// Packs that one process validates.
const MANY: u32 = 20;

fn main() -> ExitCode {
    let mut suite = Suite::begin("validation");
    let scratch = scratch();
    let home = scratch.path().join("home");
    std::fs::create_dir(&home).expect("a folder");
    let medium = Fixture::named("medium");
    let pack = medium.make(scratch.path());
    let of = |command: &str, packs: &[&Path]| {
        let mut one = packbox(&home, [command, "--no-config"]);
        one.args(packs);
        one
    };
    warm_up(|| of("lint", &[&pack]));
    warm_up(|| of("validate", &[&pack]));
    suite.time("check", rows!["check"], BRIEF, || run(&mut of("check", &[&pack])));
    suite.time("lint", rows!["lint"], BRIEF, || run(&mut of("lint", &[&pack])));
    suite.time("validate", rows!["validate"], BRIEF, || run(&mut of("validate", &[&pack])));
    suite.time("score", rows!["score"], BRIEF, || run(&mut of("score", &[&pack])));
    let other = elsewhere(&medium, scratch.path());
    suite.time("compat", rows!["compat"], BRIEF, || run(&mut of("compat", &[&pack, &other])));
    sizes(&mut suite, scratch.path(), &of);
    many(&mut suite, scratch.path(), &of);
    suite.finish()
}

/// The same pack with another name, whose files go elsewhere.
fn elsewhere(fixture: &Fixture, scratch: &Path) -> PathBuf {
    let pack = fixture.make_as(scratch, "other-pack", "");
    let manifest = pack.join("pack.toml");
    let text = std::fs::read_to_string(&manifest).expect("a manifest");
    std::fs::write(manifest, text.replace("output = \"", "output = \"other/")).expect("a file");
    pack
}

type Commands<'a> = &'a dyn Fn(&str, &[&Path]) -> Command;

fn sizes(suite: &mut Suite, scratch: &Path, of: Commands<'_>) {
    for name in ["minimal", "complex"] {
        let pack = Fixture::named(name).make(scratch);
        suite.time(&format!("validate, {name}"), rows![], BRIEF, || run(&mut of("validate", &[&pack])));
    }
    let mega = Fixture::named("mega").make(scratch);
    suite.time("validate, mega", rows!["validate-mega"], LONG, || run(&mut of("validate", &[&mega])));
    suite.time("lint, mega", rows![], LONG, || run(&mut of("lint", &[&mega])));
    suite.figure("validate mega, memory", rows![], (Unit::Megabytes, 5), || {
        measure(&mut of("validate", &[&mega])).megabytes()
    });
    suite.figure("validate, processor", rows!["cpu-validate"], (Unit::Percent, 5), || {
        measure(of("validate", &[&mega]).args(["--jobs", "1"])).percent_busy()
    });
}

fn many(suite: &mut Suite, scratch: &Path, of: Commands<'_>) {
    let medium = Fixture::named("medium");
    let packs: Vec<PathBuf> =
        (0..MANY).map(|number| medium.make_as(scratch, &format!("pack{number:02}"), "")).collect();
    let packs: Vec<&Path> = packs.iter().map(PathBuf::as_path).collect();
    suite.figure("validate, many packs", rows!["throughput-validate"], (Unit::Operations, 10), || {
        f64::from(MANY) / run(&mut of("validate", &packs)).as_secs_f64()
    });
    suite.figure("validate many packs, memory", rows![], (Unit::Megabytes, 5), || {
        measure(&mut of("validate", &packs)).megabytes()
    });
}
