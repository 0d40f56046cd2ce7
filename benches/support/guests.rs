//! What the benchmarks of rendering share: templates, a native environment like the guest's, an engine.

use std::num::NonZeroUsize;

use packbox::abi::{FileParam, JobParam};
use packbox::engine::{Compiler, Engine, EngineOptions, Group, Limits, Plugin, Profile};
use packbox::plugins::built_in;

/// The context, a JSON object of 3.5 KB.
pub const CONTEXT: &str = include_str!("../data/context.json");
/// Templates by name.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("tiny", include_str!("../data/tiny.jinja")),
    ("medium", include_str!("../data/medium.jinja")),
    ("dense", include_str!("../data/dense.jinja")),
    ("large", include_str!("../data/large.jinja")),
];
/// Templates of a batch.
pub const BATCH: usize = 25;

/// A native environment set up like the guest's.
pub fn native() -> minijinja::Environment<'static> {
    let mut environment = minijinja::Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let syntax = minijinja::syntax::SyntaxConfig::builder().keep_trailing_newline(true).build().expect("a syntax");
    environment.set_syntax(syntax);
    environment.set_debug(false);
    environment
}

/// An engine with so many threads and no cache.
pub fn engine(threads: usize) -> Engine {
    let mut options = EngineOptions::new(Compiler::InProcess);
    options.threads = NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN);
    Engine::new(options).expect("an engine")
}

/// The built-in engine, ready.
pub fn jinja(engine: &Engine) -> std::sync::Arc<Plugin> {
    engine.prepare(&built_in::jinja(Profile::Run), &Limits::DEFAULT).expect("the built-in engine")
}

/// Renders jobs and says how many bytes came out; a failed job is a failed benchmark.
pub fn render(engine: &Engine, plugin: &Plugin, jobs: &[JobParam<'_>], batch: usize) -> usize {
    render_with(engine, plugin, jobs, batch, CONTEXT)
}

/// [`render`] with other variables.
pub fn render_with(engine: &Engine, plugin: &Plugin, jobs: &[JobParam<'_>], batch: usize, context: &str) -> usize {
    let group = Group {
        plugin: plugin.into(),
        limits: Limits::DEFAULT,
        context: context.as_bytes(),
        partials: Vec::new(),
        jobs: jobs.to_vec(),
        recall: None,
    };
    let outputs = engine
        .run()
        .render(&[group], NonZeroUsize::new(batch), &|_, _, outcome| {
            outcome.result.expect("a rendered template").outputs.0.iter().map(|output| output.contents.0.len()).sum()
        })
        .expect("threads");
    let sizes: Vec<usize> = outputs.into_iter().flatten().collect();
    sizes.iter().sum()
}

/// A job.
pub fn job(template: &str) -> JobParam<'_> {
    JobParam {
        template: FileParam { path: "templates/bench.rs.jinja", contents: template.as_bytes() },
        locals: b"{}",
        options: b"{}",
    }
}

/// Different templates of the same work: the guest parses equal neighbours once, which would flatter it.
pub fn distinct(template: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{template}{{# {number} #}}")).collect()
}
