//! The built-in engines beside the plain crates that they are made of, over equivalents of the medium template.

use std::sync::Arc;

use minijinja::value::Serde;
use packbox::digest::Digest;
use packbox::engine::{Component, Engine, Limits, Plugin};

use super::support::{CONTEXT, native};

#[path = "../../plugins/corpus/twin_handlebars.rs"]
mod handlebars_twin;
#[path = "../../plugins/corpus/twin_liquid.rs"]
mod liquid_twin;
#[path = "../../plugins/corpus/twin_tera.rs"]
mod tera_twin;
#[path = "../../plugins/corpus/twin_json.rs"]
mod twin_json;

/// An engine, with and without the sandbox. Natively the context is prepared.
pub struct Twin {
    pub name: &'static str,
    component: &'static [u8],
    pub template: &'static str,
    comment: fn(usize) -> String,
    /// Renders the template, which was parsed before.
    pub equal: Box<dyn Fn() -> String>,
    /// Parses and renders a template.
    pub distinct: Box<dyn Fn(&str) -> String>,
}

impl Twin {
    /// So many templates of the same work, no two of which are equal.
    pub fn texts(&self, count: usize) -> Vec<String> {
        (0..count).map(|number| self.template.to_owned() + &(self.comment)(number)).collect()
    }

    /// The built-in engine, ready.
    pub fn prepare(&self, engine: &Engine) -> Arc<Plugin> {
        let (name, bytes) = (self.name, self.component);
        let component = Component { name, bytes, digest: Digest::of(bytes), precompiled: None, trusted: true };
        engine.prepare(&component, &Limits::DEFAULT).expect("the built-in engine")
    }
}

/// All of them.
pub fn twins() -> [Twin; 4] {
    [jinja(), tera(), handlebars(), liquid()]
}

fn jinja() -> Twin {
    const NAME: &str = "bench.rs.jinja";
    let template = include_str!("../data/medium.jinja");
    let ready = || minijinja::Value::from(Serde(&serde_json::from_str::<serde_json::Value>(CONTEXT).expect("JSON")));
    let (context, variables) = (ready(), ready());
    let (mut environment, parsing) = (native(), native());
    environment.add_template(NAME, template).expect("a template");
    Twin {
        name: "jinja",
        component: include_bytes!("../../plugins/prebuilt/jinja.wasm"),
        template,
        comment: |number| format!("{{# {number} #}}"),
        equal: Box::new(move || environment.get_template(NAME).and_then(|one| one.render(&context)).expect("output")),
        distinct: Box::new(move |text| parsing.render_named_str(NAME, text, &variables).expect("output")),
    }
}

fn tera() -> Twin {
    let template = include_str!("../data/medium.tera");
    let mut engine = tera_twin::engine();
    engine.add_raw_template("main", template).expect("a template");
    let (context, parsing, variables) = (tera_twin::context(CONTEXT), tera_twin::engine(), tera_twin::context(CONTEXT));
    Twin {
        name: "tera",
        component: include_bytes!("../../plugins/prebuilt/tera.wasm"),
        template,
        comment: |number| format!("{{# {number} #}}"),
        equal: Box::new(move || engine.render("main", &context).expect("output")),
        distinct: Box::new(move |text| parsing.render_str(text, &variables, false).expect("output")),
    }
}

fn handlebars() -> Twin {
    let template = include_str!("../data/medium.handlebars");
    let (mut engine, parsing) = (handlebars_twin::engine(), handlebars_twin::engine());
    engine.register_template_string("main", template).expect("a template");
    let value: serde_json::Value = serde_json::from_str(CONTEXT).expect("JSON");
    let (context, variables) = (handlebars::Context::from(value.clone()), handlebars::Context::from(value));
    Twin {
        name: "handlebars",
        component: include_bytes!("../../plugins/prebuilt/handlebars.wasm"),
        template,
        comment: |number| format!("{{{{! {number} }}}}"),
        equal: Box::new(move || engine.render_with_context("main", &context).expect("output")),
        distinct: Box::new(move |text| parsing.render_template_with_context(text, &variables).expect("output")),
    }
}

fn liquid() -> Twin {
    let template = include_str!("../data/medium.liquid");
    let parser = liquid_twin::engine(&[]);
    let parsed = parser.parse(template).expect("a template");
    let (context, variables) = (liquid_twin::context(CONTEXT), liquid_twin::context(CONTEXT));
    Twin {
        name: "liquid",
        component: include_bytes!("../../plugins/prebuilt/liquid.wasm"),
        template,
        comment: |number| format!("{{% comment %}} {number} {{% endcomment %}}"),
        equal: Box::new(move || parsed.render(&context).expect("output")),
        distinct: Box::new(move |text| parser.parse(text).and_then(|one| one.render(&variables)).expect("output")),
    }
}
