//! What the engines cost: fuel and memory of a call, and how long the sandbox takes.
//!
//! Always true here: a time is that of the quickest turn, and is divided by that of the same engine without the sandbox, which
//! takes turns with it.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use packbox::abi::JobParam;
use packbox::digest::Digest;
use packbox::engine::{Compiler, Component, Engine, EngineOptions, Group, Limits, Plugin, Profile};

use super::support::{BATCH, CONTEXT, engine, job, native, render};
use super::{handlebars_twin, liquid_twin, tera_twin};

/// How often the arms of an engine take turns.
const PAIRS: usize = 200;
/// Templates of each arm: a batch, so that there are turns that no neighbour takes anything from.
const TEMPLATES: usize = BATCH;

/// An engine, with and without the sandbox.
struct Twin {
    name: &'static str,
    component: &'static [u8],
    template: &'static str,
    comment: fn(usize) -> String,
    render: Box<dyn Fn(&str) -> String>,
}

fn twins() -> Vec<Twin> {
    let environment = native();
    let context: serde_json::Value = serde_json::from_str(CONTEXT).expect("JSON");
    let ready = minijinja::Value::from(minijinja::value::Serde(&context));
    let (tera, values) = (tera_twin::engine(), tera_twin::context(CONTEXT));
    let (handlebars, object) = (handlebars_twin::engine(), handlebars::Context::from(context));
    let (liquid, globals) = (liquid_twin::engine(&[]), liquid_twin::context(CONTEXT));
    let jinja = move |text: &str| environment.render_named_str("bench.rs.jinja", text, &ready).expect("output");
    let liquid = move |text: &str| liquid.parse(text).and_then(|one| one.render(&globals)).expect("output");
    vec![
        Twin {
            name: "jinja",
            component: include_bytes!("../../plugins/prebuilt/jinja.wasm"),
            template: include_str!("../data/medium.jinja"),
            comment: |number| format!("{{# {number} #}}"),
            render: Box::new(jinja),
        },
        Twin {
            name: "tera",
            component: include_bytes!("../../plugins/prebuilt/tera.wasm"),
            template: include_str!("../data/medium.tera"),
            comment: |number| format!("{{# {number} #}}"),
            render: Box::new(move |text| tera.render_str(text, &values, false).expect("output")),
        },
        Twin {
            name: "handlebars",
            component: include_bytes!("../../plugins/prebuilt/handlebars.wasm"),
            template: include_str!("../data/medium.handlebars"),
            comment: |number| format!("{{{{! {number} }}}}"),
            render: Box::new(move |text| handlebars.render_template_with_context(text, &object).expect("output")),
        },
        Twin {
            name: "liquid",
            component: include_bytes!("../../plugins/prebuilt/liquid.wasm"),
            template: include_str!("../data/medium.liquid"),
            comment: |number| format!("{{% comment %}} {number} {{% endcomment %}}"),
            render: Box::new(liquid),
        },
    ]
}

fn prepare(engine: &Engine, twin: &Twin) -> Arc<Plugin> {
    let (name, bytes) = (twin.name, twin.component);
    let component = Component { name, bytes, digest: Digest::of(bytes), precompiled: None, trusted: true };
    engine.prepare(&component, &Limits::DEFAULT).expect("the built-in engine")
}

fn time(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}

/// The fuel and the memory of rendering the template in each engine.
#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
pub fn costs() -> Vec<(&'static str, f64, f64)> {
    let mut options = EngineOptions::new(Compiler::InProcess);
    options.profile = Profile::Measure;
    let engine = Engine::new(options).expect("an engine");
    let cost = |twin: Twin| {
        let plugin = prepare(&engine, &twin);
        let jobs = vec![job(twin.template)];
        let (limits, context) = (Limits::DEFAULT, CONTEXT.as_bytes());
        let group = Group { plugin: &plugin, limits, context, partials: Vec::new(), jobs };
        let used = engine.run().render(&[group], None, &|_, _, outcome| {
            outcome.result.expect("a rendered template");
            (outcome.usage.fuel.expect("fuel") as f64, outcome.usage.memory as f64)
        });
        let (fuel, memory) = used.expect("a thread")[0][0];
        (twin.name, fuel, memory)
    };
    twins().into_iter().map(cost).collect()
}

/// Engines whose ratios can be measured again.
pub struct Ratios {
    engine: Engine,
    arms: Vec<(Twin, Arc<Plugin>, Vec<String>)>,
}

impl Ratios {
    /// Makes the engines ready.
    pub fn prepare() -> Self {
        let engine = engine(1);
        let arm = |twin: Twin| {
            let plugin = prepare(&engine, &twin);
            let texts = (0..TEMPLATES).map(|number| twin.template.to_owned() + &(twin.comment)(number)).collect();
            (twin, plugin, texts)
        };
        let arms = twins().into_iter().map(arm).collect();
        Self { engine, arms }
    }

    /// The ratio of each engine that is wanted.
    pub fn measure(&self, wanted: &dyn Fn(&str) -> bool) -> BTreeMap<String, f64> {
        let wanted = self.arms.iter().filter(|(twin, ..)| wanted(twin.name));
        wanted.map(|(twin, plugin, texts)| (twin.name.to_owned(), self.ratio(twin, plugin, texts))).collect()
    }

    fn ratio(&self, twin: &Twin, plugin: &Plugin, texts: &[String]) -> f64 {
        let jobs: Vec<JobParam<'_>> = texts.iter().map(|text| job(text)).collect();
        let natively: usize = texts.iter().map(|text| (twin.render)(text).len()).sum();
        assert_eq!(render(&self.engine, plugin, &jobs, BATCH), natively, "{}: as natively", twin.name);
        let (mut native, mut sandboxed) = (f64::MAX, f64::MAX);
        for _ in 0..PAIRS {
            native = native.min(time(|| {
                for text in texts {
                    black_box((twin.render)(text));
                }
            }));
            sandboxed = sandboxed.min(time(|| {
                black_box(render(&self.engine, plugin, &jobs, BATCH));
            }));
        }
        (sandboxed / native * 1_000.0).round() / 1_000.0
    }
}
