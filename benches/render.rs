//! Rendering in the sandbox beside rendering natively, in one run.
//!
//! Arms: *native naive* parses the context, compiles and renders, as generators do; *native prepared* has the context
//! ready; *fresh* is a batch of one in a fresh instance, context parsed in the guest; *batch* is 25 templates in one
//! instance, per template. Everything is set up outside of the timed loops. `cargo bench --bench render`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a benchmark that can not go on has failed"
)]

mod support;

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use minijinja::value::Serde;
use packbox::engine::Limits;
use support::{BATCH, CONTEXT, TEMPLATES, distinct, engine, jinja, job, native, render};

fn arms(criterion: &mut Criterion) {
    let environment = native();
    let parsed: serde_json::Value = serde_json::from_str(CONTEXT).expect("JSON");
    let ready = minijinja::Value::from(Serde(&parsed));
    let engine = engine(1);
    let plugin = jinja(&engine);
    for (name, template) in TEMPLATES {
        let expected = environment
            .template_from_named_str("bench.rs.jinja", template)
            .and_then(|template| template.render(ready.clone()))
            .expect("native output");
        assert_eq!(render(&engine, &plugin, &[job(template)], 1), expected.len(), "{name}: same output as natively");

        let mut group = criterion.benchmark_group(format!("template/{name}"));
        group.throughput(Throughput::Bytes(expected.len() as u64));
        group.bench_function("native naive", |bencher| {
            bencher.iter(|| {
                let parsed: serde_json::Value = serde_json::from_str(CONTEXT).expect("JSON");
                let template = environment.template_from_named_str("bench.rs.jinja", template).expect("a template");
                template.render(minijinja::Value::from(Serde(&parsed))).expect("output")
            });
        });
        group.bench_function("native prepared", |bencher| {
            bencher.iter(|| {
                let template = environment.template_from_named_str("bench.rs.jinja", template).expect("a template");
                template.render(ready.clone()).expect("output")
            });
        });
        group.bench_function("fresh", |bencher| bencher.iter(|| render(&engine, &plugin, &[job(template)], 1)));
        let templates = distinct(template, BATCH);
        let jobs: Vec<_> = templates.iter().map(|template| job(template)).collect();
        group.bench_function("batch", |bencher| {
            bencher.iter_custom(|iterations| {
                let batches = iterations.div_ceil(BATCH as u64);
                let started = Instant::now();
                for _ in 0..batches {
                    render(&engine, &plugin, &jobs, BATCH);
                }
                per_iteration(started.elapsed(), batches * BATCH as u64, iterations)
            });
        });
        group.finish();
    }
}

/// The time of `wanted` iterations where `done` were timed.
fn per_iteration(time: Duration, done: u64, wanted: u64) -> Duration {
    let nanoseconds = time.as_nanos() * u128::from(wanted) / u128::from(done);
    Duration::from_nanos(u64::try_from(nanoseconds).expect("a time"))
}

fn instantiation(criterion: &mut Criterion) {
    let engine = engine(1);
    let plugin = jinja(&engine);
    criterion.bench_function("instantiate", |bencher| {
        bencher.iter_custom(|iterations| {
            engine.time_instantiations(&plugin, &Limits::DEFAULT, iterations).expect("instances")
        });
    });
}

fn threads(criterion: &mut Criterion) {
    let template = TEMPLATES[1].1;
    let mut group = criterion.benchmark_group("200 medium templates");
    group.sample_size(30);
    for threads in [1, 2, 4] {
        let engine = engine(threads);
        let plugin = jinja(&engine);
        let templates = distinct(template, 200);
        let jobs: Vec<_> = templates.iter().map(|template| job(template)).collect();
        group.bench_with_input(BenchmarkId::new("threads", threads), &threads, |bencher, _| {
            bencher.iter(|| render(&engine, &plugin, &jobs, BATCH));
        });
    }
    group.finish();
}

criterion_group!(benches, arms, instantiation, threads);
criterion_main!(benches);
