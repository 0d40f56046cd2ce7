//! What the engines cost: fuel and memory of a call, and how long the sandbox takes.
//!
//! Always true here: a time is that of the quickest turn, and is divided by that of the same engine without the sandbox, which
//! takes turns with it.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use packbox::abi::JobParam;
use packbox::engine::{Compiler, Engine, EngineOptions, Group, Limits, Plugin, Profile};

use super::support::{BATCH, CONTEXT, engine, job, render};
use super::twins::{Twin, twins};

/// How often the arms of an engine take turns.
const PAIRS: usize = 200;
/// Templates of each arm: a batch, so that there are turns that no neighbour takes anything from.
const TEMPLATES: usize = BATCH;

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
        let plugin = twin.prepare(&engine);
        let jobs = vec![job(twin.template)];
        let (limits, context) = (Limits::DEFAULT, CONTEXT.as_bytes());
        let group = Group { plugin: (&plugin).into(), limits, context, partials: Vec::new(), jobs, recall: None };
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
            let plugin = twin.prepare(&engine);
            let texts = twin.texts(TEMPLATES);
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
        let natively: usize = texts.iter().map(|text| (twin.distinct)(text).len()).sum();
        assert_eq!(render(&self.engine, plugin, &jobs, BATCH), natively, "{}: as natively", twin.name);
        let (mut native, mut sandboxed) = (f64::MAX, f64::MAX);
        for _ in 0..PAIRS {
            native = native.min(time(|| {
                for text in texts {
                    black_box((twin.distinct)(text));
                }
            }));
            sandboxed = sandboxed.min(time(|| {
                black_box(render(&self.engine, plugin, &jobs, BATCH));
            }));
        }
        (sandboxed / native * 1_000.0).round() / 1_000.0
    }
}
