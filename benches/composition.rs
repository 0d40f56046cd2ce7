//! What comes before generating: which packs fit together, whether they clash, what variables and templates become, and plans; and
//! several packs that become one project.
//! `cargo bench --bench composition`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    missing_docs,
    reason = "a benchmark that can not go on has failed, and prints its figures"
)]

#[path = "composition/several.rs"]
mod several;
#[path = "composition/steps.rs"]
mod steps;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use packbox::compose::variables::{Answers, Sources, ToolboxEvaluator, resolve as settle};
use packbox::engine::Engine;
use packbox::generate::Job;
use packbox::interrupt::Interrupt;
use packbox::pack::{Pack, PackLimits, PackName};
use packbox::plugins::Toolbox;
use packbox::registry::{Index, RegistryName};
use packbox::resolve::{Candidates, Preferences, Requirement, resolve};
use packbox::secrets::Secrets;
use support::guests::{engine, jinja};
use support::packs::{head, write};
use support::process::{copy, measure, packbox, run, scratch, warm_up};
use support::registries::{World, add, fill_index, made, world, world_of};
use support::rows::Unit;
use support::suite::{BRIEF, Suite};

fn main() -> ExitCode {
    let mut suite = Suite::begin("composition");
    let scratch = scratch();
    resolution(&mut suite, scratch.path());
    installation(&mut suite, scratch.path());
    let engine = engine(1);
    // Compiled before anything is timed.
    jinja(&engine);
    merging(&mut suite, scratch.path(), &engine);
    ordering(&mut suite, scratch.path(), &engine);
    conflicts(&mut suite, scratch.path());
    steps::run(&mut suite, &scratch.path().join("steps"));
    several::run(&mut suite, &scratch.path().join("several"));
    suite.finish()
}

fn asked() -> [Requirement; 1] {
    [Requirement {
        name: "pack-0".parse().expect("a name"),
        requirement: "1".parse().expect("a requirement"),
        registry: None,
    }]
}

fn resolution(suite: &mut Suite, scratch: &Path) {
    // A chain of eleven packs: ten levels below the first.
    let graphs = [
        (
            "10 dependencies",
            rows!["resolution"],
            world_of(11, 10, |pack, _| if pack == 0 { (1..11).collect() } else { vec![] }),
        ),
        ("10 levels", rows!["stress-tree"], world(11, 10, 1, 1)),
    ];
    for (what, rows, world) in graphs {
        let home = scratch.join(what);
        let releases = world.into_values().flatten().map(|known| known.release);
        let index = fill_index(&home, (0..1_000).map(made).chain(releases));
        suite.time(&format!("resolve {what}"), rows, BRIEF, || {
            let started = Instant::now();
            let chosen = resolved(&index);
            assert_eq!(chosen, 11);
            started.elapsed()
        });
    }
    let many = world(1_000, 10, 4, 12);
    suite.time("resolve 1,000 packs, 10,000 releases", rows![], BRIEF, || {
        let candidates = gathered(&many);
        let started = Instant::now();
        resolve(&candidates, &asked(), &Interrupt::new()).expect("a resolution");
        started.elapsed()
    });
}

/// How many packs are chosen, from what an index knows.
fn resolved(index: &Index) -> usize {
    let candidates = Candidates::gather(index, &asked(), &Preferences::new()).expect("packs");
    resolve(&candidates, &asked(), &Interrupt::new()).expect("a resolution").packs.len()
}

fn gathered(world: &World) -> Candidates {
    let releases = |name: &PackName, _: Option<&RegistryName>| Ok(world.get(name).cloned().unwrap_or_default());
    Candidates::gather_from(&releases, &asked(), &Preferences::new()).expect("packs")
}

/// A pack that is installed with ten others, which it needs.
fn installation(suite: &mut Suite, scratch: &Path) {
    let home = scratch.join("before");
    add(&home, &scratch.join("registry"));
    for number in (0..11).rev() {
        let pack = scratch.join(format!("pack-{number}"));
        let mut manifest = head(&format!("pack-{number}"));
        if number == 0 {
            manifest += "\n[dependencies]\n";
            (1..11).for_each(|other| _ = writeln!(manifest, "pack-{other} = \"^1.0\""));
        }
        write(&pack, "pack.toml", &manifest);
        run(packbox(&home, ["publish", "--no-verify"]).arg(pack));
    }
    let installed = || {
        let after = scratch.join("after");
        let _ = std::fs::remove_dir_all(&after);
        copy(&home, &after);
        measure(&mut packbox(&after, ["install", "pack-0"]))
    };
    suite.time("install with 10 dependencies", rows![], BRIEF, || installed().time);
    suite.figure("resolution, processor", rows!["cpu-resolve"], (Unit::Percent, 20), || installed().percent_busy());
}

fn loaded(pack: &Path) -> Pack {
    Pack::load(pack, &PackLimits::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// 50 variables: ten each from flags, an answers file, the environment, defaults, and expressions in the sandbox.
fn merging(suite: &mut Suite, scratch: &Path, engine: &Engine) {
    let folder = scratch.join("merging");
    let mut manifest = head("merging");
    for number in 0..50 {
        let _ = write!(manifest, "\n[variables.v{number}]\ntype = \"string\"\n");
        let _ = match number {
            40.. => writeln!(manifest, "compute = \"v{} ~ '!'\"", number - 40),
            _ => writeln!(manifest, "default = \"value {number}\""),
        };
    }
    write(&folder, "pack.toml", &manifest);
    let pack = loaded(&folder);
    let toolbox = Toolbox::prepare(&engine.run(), &pack, &BTreeSet::new()).expect("the engines");
    let answers: Vec<String> = (10..20).map(|number| format!("v{number} = \"answer {number}\"\n")).collect();
    let sources = Sources {
        flags: (0..10).map(|number| (format!("v{number}"), format!("flag {number}"))).collect(),
        answers: Some(Answers { path: "answers.toml".to_owned(), text: answers.concat() }),
        environment: (20..30)
            .map(|number| (format!("PACKBOX_VAR_V{number}"), format!("environment {number}")))
            .collect::<BTreeMap<_, _>>(),
        ..Sources::default()
    };
    suite.time("merge 50 variables", rows!["merging"], BRIEF, || {
        let started = Instant::now();
        let evaluator = ToolboxEvaluator::new(&toolbox, &pack, Secrets::default());
        let values = settle((&pack).into(), &sources, &evaluator, None).expect("values");
        assert!(values.values["v40"] == "flag 0!" && values.values["v25"] == "environment 25");
        started.elapsed()
    });
}

/// 20 entries of a manifest with a condition and a path of their own.
fn ordering(suite: &mut Suite, scratch: &Path, engine: &Engine) {
    let folder = scratch.join("ordering");
    let mut manifest = head("ordering") + "\n[variables.name]\ntype = \"string\"\ndefault = \"a\"\n";
    for number in (0..20).rev() {
        write(&folder, &format!("file{number}.jinja"), "{{ name }}\n");
        let _ = write!(
            manifest,
            "\n[[templates]]\nsource = \"file{number}.jinja\"\noutput = \"{{{{ name }}}}/{number}.txt\"\n             when = \"name != '{number}'\"\n"
        );
    }
    write(&folder, "pack.toml", &manifest);
    let pack = loaded(&folder);
    let toolbox = Toolbox::prepare(&engine.run(), &pack, &BTreeSet::new()).expect("the engines");
    let evaluator = ToolboxEvaluator::new(&toolbox, &pack, Secrets::default());
    let values = settle((&pack).into(), &Sources::default(), &evaluator, None).expect("values");
    suite.time("order 20 templates", rows!["ordering"], BRIEF, || {
        let values = values.clone();
        let started = Instant::now();
        let job = Job::prepare(&pack, &toolbox, values).expect("a plan");
        assert_eq!(job.plan.files.len(), 20);
        started.elapsed()
    });
}

/// Packs that are compared.
fn conflicts(suite: &mut Suite, scratch: &Path) {
    let home = scratch.join("home");
    std::fs::create_dir(&home).expect("a folder");
    let packs = ["one", "other"].map(|name| files(scratch, name));
    let compare = || {
        let mut compare = packbox(&home, ["compat", "--no-config"]);
        compare.args(&packs);
        compare
    };
    warm_up(compare);
    suite.time("conflicts of 100 files", rows!["conflicts"], BRIEF, || run(&mut compare()));
}

/// A pack of 100 files.
fn files(scratch: &Path, name: &str) -> PathBuf {
    let pack = scratch.join(name);
    write(&pack, "pack.toml", &format!("{}\n[[templates]]\nsource = \"files\"\noutput = \"{name}\"\n", head(name)));
    (0..100).for_each(|number| write(&pack, &format!("files/{}/file{number}.txt.jinja", number % 10), "text\n"));
    pack
}
