//! The built-in engines Tera, Handlebars and Liquid in the sandbox beside the plain crates, over equivalents of the
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

#[path = "../plugins/corpus/twin_handlebars.rs"]
mod handlebars_twin;
#[path = "../plugins/corpus/twin_liquid.rs"]
mod liquid_twin;
#[path = "support/guests.rs"]
mod support;
#[path = "../plugins/corpus/twin_tera.rs"]
mod tera_twin;
#[path = "../plugins/corpus/twin_json.rs"]
mod twin_json;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use packbox::abi::{FileParam, JobParam};
use packbox::digest::Digest;
use packbox::engine::{Component, Engine, Limits, Plugin};
use support::{BATCH, CONTEXT, engine, render};

/// Batches of a round.
const BATCHES: usize = 4;

/// A native engine: renders one template, parsed before or not.
struct Native {
    name: &'static str,
    component: &'static [u8],
    template: &'static str,
    comment: fn(usize) -> String,
    equal: Box<dyn Fn() -> String>,
    distinct: Box<dyn Fn(&str) -> String>,
}

fn natives() -> Vec<Native> {
    let template = include_str!("data/medium.tera");
    let mut tera = tera_twin::engine();
    tera.add_raw_template("main", template).expect("a template");
    let (context, parsing, variables) = (tera_twin::context(CONTEXT), tera_twin::engine(), tera_twin::context(CONTEXT));
    let tera = Native {
        name: "tera",
        component: include_bytes!("../plugins/prebuilt/tera.wasm"),
        template,
        comment: |number| format!("{{# {number} #}}"),
        equal: Box::new(move || tera.render("main", &context).expect("output")),
        distinct: Box::new(move |template| parsing.render_str(template, &variables, false).expect("output")),
    };
    let template = include_str!("data/medium.handlebars");
    let mut handlebars = handlebars_twin::engine();
    handlebars.register_template_string("main", template).expect("a template");
    let value: serde_json::Value = serde_json::from_str(CONTEXT).expect("JSON");
    let (context, variables) = (handlebars::Context::from(value.clone()), handlebars::Context::from(value));
    let parsing = handlebars_twin::engine();
    let handlebars = Native {
        name: "handlebars",
        component: include_bytes!("../plugins/prebuilt/handlebars.wasm"),
        template,
        comment: |number| format!("{{{{! {number} }}}}"),
        equal: Box::new(move || handlebars.render_with_context("main", &context).expect("output")),
        distinct: Box::new(move |template| parsing.render_template_with_context(template, &variables).expect("output")),
    };
    let template = include_str!("data/medium.liquid");
    let parser = liquid_twin::engine(&[]);
    let parsed = parser.parse(template).expect("a template");
    let (context, variables) = (liquid_twin::context(CONTEXT), liquid_twin::context(CONTEXT));
    let liquid = Native {
        name: "liquid",
        component: include_bytes!("../plugins/prebuilt/liquid.wasm"),
        template,
        comment: |number| format!("{{% comment %}} {number} {{% endcomment %}}"),
        equal: Box::new(move || parsed.render(&context).expect("output")),
        distinct: Box::new(move |template| {
            parser.parse(template).and_then(|one| one.render(&variables)).expect("output")
        }),
    };
    vec![tera, handlebars, liquid]
}

fn prepare(engine: &Engine, native: &Native) -> Arc<Plugin> {
    let (name, bytes) = (native.name, native.component);
    let component = Component { name, bytes, digest: Digest::of(bytes), precompiled: None, trusted: true };
    engine.prepare(&component, &Limits::DEFAULT).expect("the built-in engine")
}

fn job(template: &str) -> JobParam<'_> {
    let template = FileParam { path: "templates/bench", contents: template.as_bytes() };
    JobParam { template, locals: b"{}", options: b"{}" }
}

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
    for native in natives() {
        let plugin = prepare(&one, &native);
        let output = (native.equal)();
        assert_eq!(render(&one, &plugin, &[job(native.template)], 1), output.len(), "{}: as natively", native.name);
        let equal: Vec<JobParam<'_>> = (0..BATCHES * BATCH).map(|_| job(native.template)).collect();
        let texts: Vec<String> =
            (0..BATCHES * BATCH).map(|number| native.template.to_owned() + &(native.comment)(number)).collect();
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
