//! The documented ratios, measured so that they hold on a machine whose speed drifts: the arms take turns, round by round,
//! and what is printed is the median of the ratios within a round. `cargo bench --bench ratios [-- ROUNDS]`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    missing_docs,
    reason = "a benchmark that can not go on has failed, and prints its figures"
)]

#[path = "support/guests.rs"]
mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use minijinja::value::Serde;
use packbox::engine::Limits;
use support::{BATCH, CONTEXT, TEMPLATES, distinct, engine, jinja, job, native, render};

/// Templates of a round: a run of four batches, as a pack of usual size gives.
const ROUND: usize = 4 * BATCH;

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

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usual = if arguments.iter().any(|argument| argument == "--test") { 1 } else { 200_usize };
    let rounds = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(usual);
    let environment = native();
    let parsed: serde_json::Value = serde_json::from_str(CONTEXT).expect("JSON");
    let ready = minijinja::Value::from(Serde(&parsed));
    let one = engine(1);
    let plugin = jinja(&one);
    println!("medians of {rounds} rounds; a template of a batch of {BATCH}, instance and context included");
    for (name, template) in TEMPLATES {
        let templates = distinct(template, ROUND);
        let jobs: Vec<_> = templates.iter().map(|template| job(template)).collect();
        let rounds = if *name == "large" { rounds.div_ceil(20) } else { rounds };
        let (mut naive, mut prepared, mut fresh, mut batch) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            naive.push(time(|| {
                for template in &templates {
                    let parsed: serde_json::Value = serde_json::from_str(CONTEXT).expect("JSON");
                    let template = environment.template_from_named_str("bench.rs.jinja", template).expect("a template");
                    black_box(template.render(minijinja::Value::from(Serde(&parsed))).expect("output"));
                }
            }));
            prepared.push(time(|| {
                for template in &templates {
                    let template = environment.template_from_named_str("bench.rs.jinja", template).expect("a template");
                    black_box(template.render(ready.clone()).expect("output"));
                }
            }));
            fresh.push(time(|| {
                black_box(render(&one, &plugin, &jobs, 1));
            }));
            batch.push(time(|| {
                black_box(render(&one, &plugin, &jobs, BATCH));
            }));
        }
        println!(
            "{name:7} native prepared {:8.1} us  naive {:8.1}  fresh {:8.1} = {:.2} x naive  batch {:8.1} = {:.2} x prepared = {:.2} x naive",
            each(&prepared),
            each(&naive),
            each(&fresh),
            ratio(&fresh, &naive),
            each(&batch),
            ratio(&batch, &prepared),
            ratio(&batch, &naive),
        );
    }
    threads(rounds / 4);
    let instances = (0..rounds).map(|_| {
        let time: Duration = one.time_instantiations(&plugin, &Limits::DEFAULT, 100).expect("instances");
        time.as_secs_f64() * 1e4
    });
    println!("instantiation {:.1} us", median(instances.collect()));
}

/// Microseconds of one template.
#[expect(clippy::cast_precision_loss, reason = "a small number")]
fn each(batches: &[f64]) -> f64 {
    median(batches.to_vec()) * 1e6 / ROUND as f64
}

/// One thread beside two, rendering 200 medium templates.
fn threads(rounds: usize) {
    let templates = distinct(TEMPLATES[1].1, 200);
    let jobs: Vec<_> = templates.iter().map(|template| job(template)).collect();
    let (one, two) = (engine(1), engine(2));
    let plugins = (jinja(&one), jinja(&two));
    let (mut alone, mut both) = (Vec::new(), Vec::new());
    for _ in 0..rounds.max(5) {
        alone.push(time(|| {
            black_box(render(&one, &plugins.0, &jobs, BATCH));
        }));
        both.push(time(|| {
            black_box(render(&two, &plugins.1, &jobs, BATCH));
        }));
    }
    println!("2 threads {:.2} x one", ratio(&alone, &both));
}
