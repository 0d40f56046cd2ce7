//! The built-in engines in the sandbox beside the plain crates, over equivalents of the
//! medium template: the arms take turns, round by round, and what is printed are medians.
//!
//! - *equal*: one template for a whole batch, as `for_each` gives. Native: template and context are prepared.
//! - *distinct*: 25 templates of the same work. Native: the context is prepared, each template is parsed and rendered.
//!
//! The sandboxed arm has everything in it: the instance, the context as JSON, parsing. `cargo bench --bench engines
//! [-- ROUNDS]`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    dead_code,
    missing_docs,
    reason = "a benchmark that can not go on has failed, and prints its figures"
)]

#[path = "support/guests.rs"]
mod support;
#[path = "support/twins.rs"]
mod twins;

use std::hint::black_box;
use std::time::Instant;

use packbox::abi::JobParam;
use support::{BATCH, engine, job, render};
use twins::twins;

/// Batches of a round.
const BATCHES: usize = 4;

fn time(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The median of the ratios of two arms, pair by pair.
fn ratio(arm: &[f64], base: &[f64]) -> f64 {
    median(arm.iter().zip(base).map(|(arm, base)| arm / base).collect())
}

/// Microseconds of one template.
#[expect(clippy::cast_precision_loss, reason = "a small number")]
fn each(rounds: &[f64]) -> f64 {
    median(rounds.to_vec()) * 1e6 / (BATCHES * BATCH) as f64
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usual = if arguments.iter().any(|argument| argument == "--test") { 1 } else { 100_usize };
    let rounds = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(usual);
    let one = engine(1);
    println!("medians of {rounds} rounds; a template of a batch of {BATCH}, instance and context included");
    for native in twins() {
        let plugin = native.prepare(&one);
        let output = (native.equal)();
        assert_eq!(render(&one, &plugin, &[job(native.template)], 1), output.len(), "{}: as natively", native.name);
        let equal: Vec<JobParam<'_>> = (0..BATCHES * BATCH).map(|_| job(native.template)).collect();
        let texts = native.texts(BATCHES * BATCH);
        let distinct: Vec<JobParam<'_>> = texts.iter().map(|text| job(text)).collect();
        let (mut prepared, mut same, mut parsing, mut different) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            prepared.push(time(|| {
                for _ in 0..BATCHES * BATCH {
                    black_box((native.equal)());
                }
            }));
            same.push(time(|| {
                black_box(render(&one, &plugin, &equal, BATCH));
            }));
            parsing.push(time(|| {
                for text in &texts {
                    black_box((native.distinct)(text));
                }
            }));
            different.push(time(|| {
                black_box(render(&one, &plugin, &distinct, BATCH));
            }));
        }
        println!(
            "{:10} equal: native prepared {:7.1} us, sandboxed {:7.1} = {:.2} x    distinct: native {:7.1} us, sandboxed {:7.1} = {:.2} x",
            native.name,
            each(&prepared),
            each(&same),
            ratio(&same, &prepared),
            each(&parsing),
            each(&different),
            ratio(&different, &parsing),
        );
    }
}
