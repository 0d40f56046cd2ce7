//! What of a disk packbox makes use of: its own ways of loading packs and of writing results, without a process around
//! them, on the file system that the report names.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use packbox::compose::variables::{Sources, ToolboxEvaluator, resolve};
use packbox::generate::commit::{CommitOptions, JournalKey, NoObserver, OnExisting, commit, survey};
use packbox::generate::tree::Tree;
use packbox::generate::{Job, RenderOptions};
use packbox::pack::{Pack, PackLimits};
use packbox::plugins::Toolbox;
use packbox::secrets::Secrets;

use crate::rows;
use crate::support::guests::engine;
use crate::support::packs::{Fixture, head, write};
use crate::support::process::{files_below, make_cold, megabytes, on_disk};
use crate::support::rows::Unit;
use crate::support::suite::Suite;

/// Manifests that are read in no order.
const MANIFESTS: usize = 200;
/// Small files that are written.
const SMALL: u32 = 1_000;

/// Runs the arms of this file.
pub fn run(suite: &mut Suite) {
    let disk = on_disk();
    let folder = disk.path();
    if suite.wants("load the mega pack") || suite.wants("commit the mega pack") {
        let pack = Fixture::named("mega").make(folder);
        suite.figure("load the mega pack", rows!["disk-read"], (Unit::Throughput, 5), || {
            make_cold(&[&pack]);
            let started = Instant::now();
            megabytes(read_all(&load(&pack))) / started.elapsed().as_secs_f64()
        });
        let tree = rendered(&pack);
        let bytes = tree.files().iter().map(|file| file.contents().len() as u64).sum();
        suite.figure("commit the mega pack", rows!["disk-write"], (Unit::Throughput, 5), || {
            megabytes(bytes) / committed(&tree, &folder.join("out"), true)
        });
    }
    if suite.wants("load 200 manifests") {
        let packs: Vec<PathBuf> = (0..MANIFESTS).map(|number| large_manifest(folder, number)).collect();
        suite.figure("load 200 manifests", rows!["disk-random"], (Unit::Throughput, 5), || {
            make_cold(&packs.iter().map(PathBuf::as_path).collect::<Vec<_>>());
            let started = Instant::now();
            // 73 and 200 have no divisor in common.
            let order = (0..MANIFESTS).map(|number| &packs[number * 73 % MANIFESTS]);
            let bytes: u64 = order.map(|pack| load(pack).manifest_text.len() as u64).sum();
            megabytes(bytes) / started.elapsed().as_secs_f64()
        });
    }
    if suite.wants("commit 1,000 small files") {
        let pack = folder.join("small");
        write(&pack, "pack.toml", &(head("small") + "\n[[templates]]\nsource = \"files\"\noutput = \"files\"\n"));
        for number in 0..SMALL {
            write(&pack, &format!("files/{}/file{number}.txt", number / 50), &format!("{number:<1023}\n"));
        }
        let tree = rendered(&pack);
        suite.figure("commit 1,000 small files", rows!["disk-iops"], (Unit::FileOperations, 10), || {
            f64::from(SMALL) / committed(&tree, &folder.join("out"), false)
        });
    }
}

fn load(pack: &Path) -> Pack {
    Pack::load(pack, &PackLimits::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn read_all(pack: &Pack) -> u64 {
    pack.files.keys().map(|path| pack.read(path).expect("a file").len() as u64).sum()
}

/// Commits to a folder that is not there, waits until it is on the disk where that is wanted, and says how many seconds
/// that took.
fn committed(tree: &Tree, output: &Path, waits: bool) -> f64 {
    let key = JournalKey::from_bytes([7; 32]);
    let options = CommitOptions {
        on_existing: OnExisting::Fail,
        prune: false,
        receipt: None,
        key: &key,
        interrupted: &|| false,
        observer: &NoObserver,
    };
    let started = Instant::now();
    commit(&survey(tree, output).expect("a survey"), &options).expect("a commit");
    if waits {
        let mut files = Vec::new();
        files_below(output, &mut files);
        for file in files {
            File::open(file).and_then(|file| file.sync_all()).expect("a file on the disk");
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    std::fs::remove_dir_all(output).expect("a folder less");
    seconds
}

fn rendered(pack: &Path) -> Tree {
    let (engine, pack) = (engine(2), load(pack));
    let toolbox = Toolbox::prepare(&engine.run(), &pack, &BTreeSet::new()).expect("the engines");
    let evaluator = ToolboxEvaluator::new(&toolbox, &pack, Secrets::default());
    let values = resolve((&pack).into(), &Sources::default(), &evaluator, None).expect("values");
    let job = Job::prepare(&pack, &toolbox, values).expect("a plan");
    job.render(RenderOptions::default()).expect("files").tree
}

/// A pack whose manifest has 100 variables with much to say about each.
fn large_manifest(folder: &Path, number: usize) -> PathBuf {
    let pack = folder.join(format!("manifest{number}"));
    let mut text = head(&format!("manifest{number}"));
    for variable in 0..100 {
        let about = "a line of text that is no longer than most lines are, ".repeat(18);
        let _ = write!(text, "\n[variables.v{variable}]\ntype = \"string\"\ndefault = \"x\"\nhelp = \"{about}\"\n");
    }
    write(&pack, "pack.toml", &text);
    pack
}
