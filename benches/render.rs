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

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use minijinja::value::Serde;
use packbox::abi::{FileParam, JobParam};
use packbox::built_in;
use packbox::engine::{Compiler, Engine, EngineOptions, Group, Limits, Plugin, Profile};

const CONTEXT: &str = include_str!("data/context.json");
const TEMPLATES: &[(&str, &str)] = &[
    ("tiny", include_str!("data/tiny.jinja")),
    ("medium", include_str!("data/medium.jinja")),
    ("large", include_str!("data/large.jinja")),
];
const BATCH: usize = 25;

/// A native environment set up like the guest's.
fn native() -> minijinja::Environment<'static> {
    let mut environment = minijinja::Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let syntax = minijinja::syntax::SyntaxConfig::builder().keep_trailing_newline(true).build().expect("a syntax");
    environment.set_syntax(syntax);
    environment.set_debug(false);
    environment
}

fn engine(threads: usize) -> Engine {
    let mut options = EngineOptions::new(Compiler::InProcess);
    options.threads = NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN);
    Engine::new(options).expect("an engine")
}

fn jinja(engine: &Engine) -> std::sync::Arc<Plugin> {
    engine.prepare(&built_in::jinja(Profile::Run), &Limits::DEFAULT).expect("the built-in engine")
}

/// Renders jobs and says how many bytes came out; a failed job is a failed benchmark.
fn render(engine: &Engine, plugin: &Plugin, jobs: &[JobParam<'_>], batch: usize) -> usize {
    let group = Group {
        plugin,
        limits: Limits::DEFAULT,
        context: CONTEXT.as_bytes(),
        partials: Vec::new(),
        jobs: jobs.to_vec(),
    };
    let outputs = engine
        .render(&[group], NonZeroUsize::new(batch), &|_, _, outcome| {
            outcome.result.expect("a rendered template").outputs.0.iter().map(|output| output.contents.0.len()).sum()
        })
        .expect("threads");
    let sizes: Vec<usize> = outputs.into_iter().flatten().collect();
    sizes.iter().sum()
}

fn job(template: &str) -> JobParam<'_> {
    JobParam {
        template: FileParam { path: "templates/bench.rs.jinja", contents: template.as_bytes() },
        locals: b"{}",
        options: b"{}",
    }
}

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
        let jobs = vec![job(template); BATCH];
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
        let jobs = vec![job(template); 200];
        group.bench_with_input(BenchmarkId::new("threads", threads), &threads, |bencher, _| {
            bencher.iter(|| render(&engine, &plugin, &jobs, BATCH));
        });
    }
    group.finish();
}

criterion_group!(benches, arms, instantiation, threads);
criterion_main!(benches);
