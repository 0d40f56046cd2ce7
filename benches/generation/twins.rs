//! Templates in the sandbox beside the same templates rendered natively.
//!
//! *naive* parses the context, compiles and renders, as generators do; *prepared* has the context ready; *fresh* is a batch
//! of one in a fresh instance, context parsed in the guest; *batch* is 25 different templates in one instance, per
//! template; *cached* is one template for all 25, as `for_each` gives, which the guest parses once. Everything is set up outside of what
//! is timed.

use std::hint::black_box;
use std::time::{Duration, Instant};

use minijinja::value::Serde;
use packbox::abi::JobParam;
use packbox::engine::Limits;

use crate::rows;
use crate::support::guests::{BATCH, CONTEXT, TEMPLATES, distinct, engine, jinja, job, native, render, render_with};
use crate::support::suite::{Effort, Suite};

const EFFORT: Effort = Effort { samples: 20, time: Duration::from_millis(800) };
/// Templates that threads share.
const SHARED: usize = 200;

/// Runs the arms of this file.
pub fn run(suite: &mut Suite) {
    templates(suite);
    payloads(suite);
    threads(suite);
    let engine = engine(1);
    let plugin = jinja(&engine);
    suite.time("instantiate", rows![], EFFORT, || {
        engine.time_instantiations(&plugin, &Limits::DEFAULT, 1).expect("an instance")
    });
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let started = Instant::now();
    black_box(work());
    started.elapsed()
}

/// Renders as generators do: everything from the beginning.
fn naively(environment: &minijinja::Environment<'_>, template: &str, context: &str) -> String {
    let context: serde_json::Value = serde_json::from_str(context).expect("JSON");
    prepared(environment, template, &minijinja::Value::from(Serde(&context)))
}

fn prepared(environment: &minijinja::Environment<'_>, template: &str, context: &minijinja::Value) -> String {
    let template = environment.template_from_named_str("bench.rs.jinja", template).expect("a template");
    template.render(context.clone()).expect("output")
}

fn templates(suite: &mut Suite) {
    let environment = native();
    let parsed: serde_json::Value = serde_json::from_str(CONTEXT).expect("JSON");
    let ready = minijinja::Value::from(Serde(&parsed));
    let engine = engine(1);
    let plugin = jinja(&engine);
    let each = u32::try_from(BATCH).expect("a small number");
    for (name, template) in TEMPLATES {
        let output = prepared(&environment, template, &ready);
        assert_eq!(render(&engine, &plugin, &[job(template)], 1), output.len(), "{name}: same output as natively");
        let different = distinct(template, BATCH);
        let different: Vec<JobParam<'_>> = different.iter().map(|template| job(template)).collect();
        let equal = vec![job(template); BATCH];
        let mut arm = |kind: &str, run: &dyn Fn() -> Duration| {
            suite.time(&format!("{name} template, {kind}"), rows![], EFFORT, run);
        };
        arm("native naive", &|| timed(|| naively(&environment, template, CONTEXT)));
        arm("native prepared", &|| timed(|| prepared(&environment, template, &ready)));
        arm("sandboxed fresh", &|| timed(|| render(&engine, &plugin, &[job(template)], 1)));
        arm("sandboxed batch", &|| timed(|| render(&engine, &plugin, &different, BATCH)) / each);
        arm("sandboxed cached", &|| timed(|| render(&engine, &plugin, &equal, BATCH)) / each);
    }
}

/// The same template with more and more to go through.
fn payloads(suite: &mut Suite) {
    let template = "{% for line in lines %}{{ line }}\n{% endfor %}";
    let environment = native();
    let engine = engine(1);
    let plugin = jinja(&engine);
    for kilobytes in [1, 10, 100, 1_000] {
        let lines = vec!["a line of text that is as long as most lines are, and ends".to_owned(); kilobytes * 16];
        let context = serde_json::json!({ "lines": lines }).to_string();
        let output = naively(&environment, template, &context);
        assert_eq!(render_with(&engine, &plugin, &[job(template)], 1, &context), output.len(), "as natively");
        suite.time(&format!("{kilobytes} KB of context, native naive"), rows![], EFFORT, || {
            timed(|| naively(&environment, template, &context))
        });
        suite.time(&format!("{kilobytes} KB of context, sandboxed fresh"), rows![], EFFORT, || {
            timed(|| render_with(&engine, &plugin, &[job(template)], 1, &context))
        });
    }
}

/// 200 medium templates over threads.
fn threads(suite: &mut Suite) {
    let templates = distinct(TEMPLATES[1].1, SHARED);
    let jobs: Vec<JobParam<'_>> = templates.iter().map(|template| job(template)).collect();
    let environment = native();
    for threads in [1, 2] {
        let engine = engine(threads);
        let plugin = jinja(&engine);
        let all = || {
            std::thread::scope(|scope| {
                for part in templates.chunks(SHARED / threads) {
                    let environment = &environment;
                    scope.spawn(move || {
                        for template in part {
                            black_box(naively(environment, template, CONTEXT));
                        }
                    });
                }
            });
        };
        suite.time(&format!("200 templates, threads: {threads}, native naive"), rows![], EFFORT, || timed(all));
        suite.time(&format!("200 templates, threads: {threads}, sandboxed"), rows![], EFFORT, || {
            timed(|| render(&engine, &plugin, &jobs, BATCH))
        });
    }
}
