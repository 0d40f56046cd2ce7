//! Runs test suites of the W3C: `w3c [--through PROGRAM] [--verdicts FILE] [--page FILE] MANIFEST…`.
//!
//! Each manifest is a file in Turtle. `--through` asks a program instead of this crate's own functions, as `engine.rs` says;
//! `--verdicts` writes a line for each test; `--page` writes the page of counts and exceptions. Prints each test that does not
//! come out as its manifest says, and the counts. Exit code 1 if there is one that `exceptions.txt` beside this file does not
//! name, or one that it names and that passes.

#![allow(clippy::disallowed_macros, reason = "it is a program that prints")]

mod engine;
mod manifest;
mod results;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use engine::Engine;

const EXCEPTIONS: &str = include_str!("exceptions.txt");
/// What stands above the tables of the page.
const HEAD: &str = include_str!("head.md");

/// How many tests of one kind pass, and how many there are.
type Counts = BTreeMap<String, (usize, usize)>;

fn main() -> ExitCode {
    let (mut engine, mut verdicts, mut page, mut manifests) = (Engine::Native, None, None, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_else(|| panic!("{argument} needs a value"));
        match argument.as_str() {
            "--through" => engine = Engine::program(&value()).expect("the program starts"),
            "--verdicts" => verdicts = Some(value()),
            "--page" => page = Some(value()),
            _ => manifests.push(PathBuf::from(argument)),
        }
    }
    let excepted = exceptions();
    let names: BTreeSet<&str> = excepted.iter().flat_map(|(_, names)| names).copied().collect();
    let (mut counts, mut lines, mut failed, mut unexpected) = (Counts::new(), String::new(), BTreeSet::new(), 0);
    for test in manifests.iter().flat_map(|manifest| manifest::tests(manifest)) {
        let Some(result) = test.run(&mut engine) else { continue };
        // What is not there at all is counted by itself.
        let is_apart = test.suite.ends_with("/entailment") || test.suite.ends_with("/service");
        let suite = if is_apart { &test.suite } else { test.suite.split('/').next().unwrap_or_default() };
        let count = counts.entry(format!("{suite} {}", test.kind)).or_default();
        count.1 += 1;
        let name = format!("{}/{}", test.suite, test.name);
        writeln!(lines, "{}\t{name}", if result.is_ok() { "passed" } else { "failed" }).expect("a string takes all");
        match result {
            Ok(()) => count.0 += 1,
            Err(why) => {
                if !names.contains(name.as_str()) {
                    unexpected += 1;
                    println!("FAILED {name}: {why}");
                }
                failed.insert(name);
            }
        }
    }
    for (kind, (passed, all)) in &counts {
        println!("{kind}: {passed} of {all}");
    }
    let (passed, all) = sum(&counts);
    println!("all: {passed} of {all}, {} excepted", failed.len() - unexpected);
    for name in names.iter().filter(|name| !failed.contains(**name)) {
        unexpected += 1;
        println!("PASSES, but is excepted: {name}");
    }
    if let Some(file) = verdicts {
        std::fs::write(file, lines).expect("the verdicts can be written");
    }
    if let Some(file) = page {
        std::fs::write(file, written(&counts, &excepted)).expect("the page can be written");
    }
    if unexpected == 0 && all > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn sum(counts: &Counts) -> (usize, usize) {
    counts.values().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1))
}

/// Reasons, and the tests for which each holds: a line that begins with `#` is a comment, one with a blank a test, any
/// other a reason.
fn exceptions() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in EXCEPTIONS.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        match (line.strip_prefix(' '), found.last_mut()) {
            (Some(name), Some((_, names))) => names.push(name.trim()),
            _ => found.push((line, Vec::new())),
        }
    }
    found
}

/// The page of counts and exceptions.
fn written(counts: &Counts, excepted: &[(&str, Vec<&str>)]) -> String {
    let mut page = format!("{HEAD}\n| suite | class of tests | passed | of |\n| --- | --- | ---: | ---: |\n");
    for (kind, (passed, all)) in counts {
        let (suite, class) = kind.split_once(' ').unwrap_or((kind, ""));
        writeln!(page, "| {suite} | {class} | {passed} | {all} |").expect("a string takes all");
    }
    let (passed, all) = sum(counts);
    writeln!(page, "| **all** | | **{passed}** | **{all}** |").expect("a string takes all");
    page.push_str("\n## Exceptions\n\n| why | tests |\n| --- | --- |\n");
    for (why, names) in excepted {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        writeln!(page, "| {why} | {} |", names.join(", ")).expect("a string takes all");
    }
    page
}
