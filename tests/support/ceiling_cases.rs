//! What must hold of the figures that packbox promises: each has a bench that measures it, and each bench has a figure.
//!
//! Benches are read as text: `rows![…]` names the rows that an arm measures, and a function that nobody calls does not compile
//! without a warning. That an arm runs and gives a figure is checked by the suites themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::honest_cases::packs::Fixture;
use super::project_cases;
use super::scene::Case;

#[path = "../../benches/support/rows.rs"]
#[allow(dead_code, reason = "reports are made by suites")]
mod rows;

use rows::{Ceilings, Percentile};

/// All cases, by name.
pub const ALL: [(&str, Case); 4] = [
    ("ceilings/rows-are-sound", rows_are_sound),
    ("ceilings/every-row-has-a-bench", every_row_has_a_bench),
    ("ceilings/rows-of-a-source", rows_of_a_source),
    ("ceilings/fixtures", fixtures),
];

/// Figures of the document; a cold and a warm cache are two.
const DOCUMENTED: usize = 56;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fail_on(problems: &[String]) -> Result<(), String> {
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

fn rows_are_sound() -> Result<(), String> {
    let rows = Ceilings::load().row;
    let mut problems = Vec::new();
    let (mut ids, mut arms) = (BTreeSet::new(), BTreeSet::new());
    for row in &rows {
        let mut wrong = |what: &str| problems.push(format!("{}: {what}", row.id));
        if !ids.insert(&row.id) {
            wrong("two rows have this name");
        }
        if !arms.insert(&row.measured_by) {
            wrong("two rows are measured by one arm");
        }
        if !row.measured_by.contains('/') {
            wrong("`measured_by` is a suite and an arm");
        }
        let within =
            |maximum: f64| if row.unit.more_is_better() { maximum <= row.target } else { maximum >= row.target };
        if row.target <= 0.0 || !row.maximum.is_none_or(within) {
            wrong("the target is beyond what is accepted");
        }
        // As the document says of discovery, and no less for everything else that someone waits for.
        if row.unit.seconds().is_some() && row.percentile != Percentile::P95 {
            wrong("times are compared by what 95 of 100 runs keep to");
        }
        if row.operation.is_empty() || row.condition.is_empty() {
            wrong("it does not say what is measured");
        }
    }
    if rows.len() < DOCUMENTED {
        problems.push(format!("{} rows, and {DOCUMENTED} figures are documented", rows.len()));
    }
    fail_on(&problems)
}

/// The benches of the package.
fn benches() -> Vec<String> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = toml::from_str(&manifest).expect("TOML");
    let benches = manifest["bench"].as_array().expect("benches");
    benches.iter().map(|bench| bench["name"].as_str().expect("a name").to_owned()).collect()
}

/// The source of a bench, with that of the files in its folder.
fn source(bench: &str) -> String {
    let folder = root().join("benches");
    let mut files: Vec<PathBuf> = vec![folder.join(format!("{bench}.rs"))];
    // One that is a folder has no file of its name.
    files.retain(|file| file.is_file());
    project_cases::files(&folder.join(bench), &mut files);
    files.iter().map(|file| std::fs::read_to_string(file).expect("a bench")).collect()
}

/// The rows that a source names, comments left out, and how often.
fn named(source: &str) -> BTreeMap<String, usize> {
    let code: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut named = BTreeMap::new();
    for list in code.split("rows![").skip(1) {
        let list = list.split(']').next().unwrap_or_default();
        for id in list.split('"').skip(1).step_by(2) {
            *named.entry(id.to_owned()).or_default() += 1;
        }
    }
    named
}

fn every_row_has_a_bench() -> Result<(), String> {
    let ceilings = Ceilings::load();
    let benches = benches();
    let mut problems = Vec::new();
    for row in &ceilings.row {
        if !benches.iter().any(|bench| bench == row.suite()) {
            problems.push(format!("{}: there is no bench `{}`", row.id, row.suite()));
        }
    }
    for bench in &benches {
        let named = named(&source(bench));
        let rows: BTreeMap<&str, _> = ceilings
            .row
            .iter()
            .filter(|row| row.suite() == bench)
            .map(|row| (row.id.as_str(), row.pending.is_some()))
            .collect();
        for (id, pending) in &rows {
            match (named.get(*id), pending) {
                (Some(1), false) | (None, true) => {}
                (Some(_), true) => problems.push(format!("{id}: it is measured, and no longer pending")),
                (None, false) => problems.push(format!("{id}: no arm of `benches/{bench}.rs` measures it")),
                (Some(_), false) => problems.push(format!("{id}: two arms of `benches/{bench}.rs` measure it")),
            }
        }
        for id in named.keys().filter(|id| !rows.contains_key(id.as_str())) {
            problems.push(format!("`benches/{bench}.rs` measures `{id}`, which is no row of it"));
        }
        if rows.is_empty() == ceilings.other.get(bench).is_none_or(String::is_empty) {
            problems.push(format!("`benches/{bench}.rs` has a row, or `[other]` says what it is for"));
        }
    }
    let gone = ceilings.other.keys().filter(|name| !benches.contains(name));
    problems.extend(gone.map(|name| format!("`[other]` names `{name}`, and there is no such bench")));
    fail_on(&problems)
}

/// What counts as naming a row: two in a list count, a comment does not.
fn rows_of_a_source() -> Result<(), String> {
    let source = "suite.time(\"a\", rows![\"one\", \"two\"], BRIEF, run);\n    // rows![\"three\"]\nrows![]\n\"four\" rows![\"one\"]";
    let wanted = BTreeMap::from([("one".to_owned(), 2), ("two".to_owned(), 1)]);
    let found = named(source);
    if found == wanted { Ok(()) } else { Err(format!("{found:?}")) }
}

/// Packs are what the document says of them, and the same each time.
fn fixtures() -> Result<(), String> {
    let documented = [
        ("minimal-pack", "simple", 1, 0, 3, 10_000),
        ("medium-pack", "medium", 5, 2, 15, 500_000),
        ("complex-pack", "complex", 10, 5, 30, 5_000_000),
        ("mega-pack", "extreme", 50, 20, 100, 50_000_000),
    ];
    let fixtures = Fixture::all();
    let said = fixtures
        .iter()
        .map(|one| (one.name.as_str(), one.complexity(), one.templates, one.queries, one.variables, one.bytes()));
    let said: Vec<_> = said.collect();
    if said != documented {
        return Err(format!("{said:?}"));
    }
    for fixture in &fixtures[..3] {
        let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut made = Vec::new();
        for folder in ["one", "other"] {
            let pack = fixture.make(&scratch.path().join(folder));
            let pack = packbox::pack::Pack::load(&pack, &packbox::pack::PackLimits::default());
            made.push(pack.map_err(|error| error.to_string())?);
        }
        let digests: Vec<_> = made.iter().map(|pack| pack.digest().ok()).collect();
        let bytes: u64 = made[0].files.values().map(|file| file.bytes).sum();
        let wanted = fixture.bytes() as u64;
        let templates = made[0].files.keys().filter(|path| path.as_str().starts_with("templates/")).count();
        let counts = (made[0].manifest.variables.len(), made[0].manifest.queries.len(), templates);
        if digests[0] != digests[1] || bytes > wanted || bytes < wanted / 100 * 97 {
            return Err(format!("{}: {bytes} bytes, and {wanted} are wanted; {digests:?}", fixture.name));
        }
        if counts != (fixture.variables, fixture.queries, fixture.templates) {
            return Err(format!("{}: {counts:?}", fixture.name));
        }
    }
    Ok(())
}
