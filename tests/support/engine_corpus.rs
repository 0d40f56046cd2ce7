//! The built-in engines Tera, Handlebars and Liquid: the component gives what the plain crate gives, over the corpus.

#[path = "../../plugins/corpus/case.rs"]
mod case;
#[path = "../../plugins/corpus/twin_handlebars.rs"]
mod twin_handlebars;
#[path = "../../plugins/corpus/twin_json.rs"]
mod twin_json;
#[path = "../../plugins/corpus/twin_liquid.rs"]
mod twin_liquid;
#[path = "../../plugins/corpus/twin_tera.rs"]
mod twin_tera;

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use packbox::abi::{FileParam, GuestSpan, JobParam};
use packbox::digest::Digest;
use packbox::engine::{CallError, Compiler, Component, Engine, EngineOptions, Group, Limits, Plugin};

/// A template, its partials, context and locals to a text, or the engine's error.
type Twin = fn(&str, &[(String, String)], &str, &str) -> Result<String, String>;

/// What a template gave, or why it gave nothing.
type Text = Result<String, String>;

/// Tera.
pub fn tera() -> Result<(), String> {
    compare("tera", include_bytes!("../../plugins/prebuilt/tera.wasm"), twin_tera::render)
}

/// Handlebars.
pub fn handlebars() -> Result<(), String> {
    compare("handlebars", include_bytes!("../../plugins/prebuilt/handlebars.wasm"), twin_handlebars::render)
}

/// Liquid.
pub fn liquid() -> Result<(), String> {
    compare("liquid", include_bytes!("../../plugins/prebuilt/liquid.wasm"), twin_liquid::render)
}

/// What is nested too deep, or has no end, ends the job with an error or a trap, and the next one has its result.
pub fn deep_templates() -> Result<(), String> {
    let deep = 20_000;
    let tera = [
        format!("{{{{ {}1{} }}}}", "(".repeat(deep), ")".repeat(deep)),
        "{% if true %}".repeat(deep) + &"{% endif %}".repeat(deep),
        "{% component A() %}{{ <A/> }}{% endcomponent A %}{{ <A/> }}".to_owned(),
    ];
    let handlebars = [
        format!("{{{{#if {}1{}}}}}{{{{/if}}}}", "(not ".repeat(deep), ")".repeat(deep)),
        "{{#if 1}}".repeat(deep) + &"{{/if}}".repeat(deep),
        "{{#*inline \"a\"}}{{#each this}}{{> b}}{{/each}}{{/inline}}{{> a}}".to_owned(),
    ];
    let liquid = [
        "{% if true %}".repeat(deep) + &"{% endif %}".repeat(deep),
        format!("{{{{ {}a{} }}}}", "a[".repeat(deep), "]".repeat(deep)),
    ];
    let engine = engine();
    let all: [(&str, &[u8], &[String], &str); 3] = [
        ("tera", include_bytes!("../../plugins/prebuilt/tera.wasm"), &tera, "{{ a }}"),
        ("handlebars", include_bytes!("../../plugins/prebuilt/handlebars.wasm"), &handlebars, "{{a}}"),
        ("liquid", include_bytes!("../../plugins/prebuilt/liquid.wasm"), &liquid, "{{ a }}"),
    ];
    for (name, bytes, templates, plain) in all {
        let plugin = prepare(&engine, name, bytes)?;
        for template in templates {
            let (first, second) = render_two(&engine, &plugin, template, plain)?;
            let shown: String = template.chars().take(40).collect();
            // Some engines hold more than others; what counts is that nobody else is harmed.
            if let Ok(text) = &first
                && !text.trim().is_empty()
                && text != "1"
            {
                return Err(format!("{name}: `{shown}` gave `{text}`"));
            }
            if second.as_deref() != Ok("neighbour") {
                return Err(format!("{name}: beside `{shown}` there was {second:?}"));
            }
        }
    }
    Ok(())
}

/// An engine that compiles in this process.
pub fn engine() -> Engine {
    Engine::new(EngineOptions::new(Compiler::InProcess)).expect("an engine")
}

/// Makes a built-in component ready.
pub fn prepare(engine: &Engine, name: &str, bytes: &[u8]) -> Result<Arc<Plugin>, String> {
    let component = Component { name, bytes, digest: Digest::of(bytes), precompiled: None, trusted: true };
    engine.prepare(&component, &Limits::DEFAULT).map_err(|error| error.to_string())
}

fn render_two(engine: &Engine, plugin: &Plugin, first: &str, second: &str) -> Result<(Text, Text), String> {
    let jobs = [("main", first), ("other", second)].map(|(path, text)| JobParam {
        template: FileParam { path, contents: text.as_bytes() },
        locals: b"{}",
        options: b"{}",
    });
    let group = Group {
        plugin: plugin.into(),
        limits: Limits::DEFAULT,
        context: br#"{"a":"neighbour"}"#,
        partials: Vec::new(),
        jobs: jobs.to_vec(),
        recall: None,
    };
    let mut results = engine
        .run()
        .render(&[group], None, &|_, _, outcome| match outcome.result {
            Ok(rendered) => Ok(String::from_utf8_lossy(&rendered.outputs.0[0].contents.0).into_owned()),
            Err(error) => Err(format!("{error:?}")),
        })
        .map_err(|error| error.to_string())?
        .into_iter()
        .flatten();
    Ok((results.next().ok_or("no first")?, results.next().ok_or("no second")?))
}

fn compare(name: &str, bytes: &[u8], twin: Twin) -> Result<(), String> {
    let cases = case::read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins/corpus").join(name));
    if cases.len() < 60 {
        return Err(format!("{} cases", cases.len()));
    }
    let engine = engine();
    let plugin = prepare(&engine, name, bytes)?;
    let mut failures = Vec::new();
    for case in &cases {
        let ours = render(&engine, &plugin, case);
        let native = twin(&case.template, &case.partials, &case.context, &case.locals);
        match (&case.error, &ours, &native) {
            (None, Ok(ours), Ok(native)) if ours == native.as_bytes() => {}
            (Some(expected), Err(found), Err(_)) if found == expected => {}
            _ => failures.push(format!("{}: {ours:?}\n    and natively {native:?}", case.name)),
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(format!("{} cases differ:\n{}", failures.len(), failures.join("\n"))) }
}

/// Renders a case through the component; the error is its rule and its place.
fn render(engine: &Engine, plugin: &Plugin, case: &case::Case) -> Result<Vec<u8>, String> {
    let group = Group {
        plugin: plugin.into(),
        limits: Limits::DEFAULT,
        context: case.context.as_bytes(),
        partials: case.partials.iter().map(|(path, text)| FileParam { path, contents: text.as_bytes() }).collect(),
        jobs: vec![JobParam {
            template: FileParam { path: "main", contents: case.template.as_bytes() },
            locals: case.locals.as_bytes(),
            options: b"{}",
        }],
        recall: None,
    };
    let results = engine
        .run()
        .render(&[group], NonZeroUsize::new(1), &|_, _, outcome| match outcome.result {
            Ok(mut rendered) => Ok(rendered.outputs.0.remove(0).contents.0),
            Err(CallError::Invalid(mut found)) => {
                let found = found.remove(0);
                Err(format!("{} {}", found.rule.0, found.span.as_ref().map(place).unwrap_or_default()))
            }
            Err(error) => Err(format!("{error:?}")),
        })
        .map_err(|error| error.to_string())?;
    results.into_iter().flatten().next().ok_or("no result")?
}

/// `LINE:COLUMN-LINE:COLUMN`, after the path and a colon where it is not the template's.
fn place(span: &GuestSpan) -> String {
    let path = if span.path.0 == "main" { String::new() } else { format!("{}:", span.path.0) };
    let end = span.end.as_ref().map(|end| format!("-{}:{}", end.line, end.column)).unwrap_or_default();
    format!("{path}{}:{}{end}", span.start.line, span.start.column)
}
