//! Renders batches of templates.
//!
//! What a job gives depends on the context, the partials and the job itself only. Parsed partials and the last template
//! are kept for the rest of a batch, but only ever reused for equal input.

use std::collections::BTreeMap;

use handlebars::{Context, Handlebars, TemplateError};
use renderer::partials::Partials;
use renderer::{Failure, File, Job, Reads, Rendered, diagnose};
use serde_json::{Map, Value};

use crate::branches;
use crate::depth::{self, Depth};
use crate::errors::{self, Reporter};
use crate::helpers;
use crate::length;
use crate::names::Names;
use crate::options::Options;
use crate::refuse;
use crate::standalone;

/// Renders each job; the answer has one element for each, in their order.
#[must_use]
pub fn render(context: &[u8], partials: Vec<File>, jobs: &[Job]) -> Vec<Result<Rendered, Failure>> {
    let context: Map<String, Value> = match serde_json::from_slice(context) {
        Ok(context) => context,
        Err(error) => {
            let failure = diagnose::invalid_input(format!("the context cannot be read: {error}"));
            return jobs.iter().map(|_| Err(failure.clone())).collect();
        }
    };
    let partials = Partials::new(partials);
    let mut batch = Batch {
        context: Context::from(Value::Object(context)),
        depth: Depth::default(),
        partials: &partials,
        plain: None,
        unindented: None,
    };
    jobs.iter().map(|job| batch.job(job)).collect()
}

/// Returns an engine without templates.
#[must_use]
pub fn engine(options: Options, depth: &Depth) -> Handlebars<'static> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.set_prevent_indent(options.prevent_indent);
    engine.register_escape_fn(handlebars::no_escape);
    helpers::add_to(&mut engine);
    depth.add_to(&mut engine);
    engine
}

struct Batch<'a> {
    context: Context,
    depth: Depth,
    partials: &'a Partials,
    /// The engines for the two values of `prevent_indent`: it counts when a template is parsed.
    plain: Option<Engine<'a>>,
    unindented: Option<Engine<'a>>,
}

/// An engine with the partials that were needed so far.
struct Engine<'a> {
    registry: Handlebars<'static>,
    /// What each partial that was parsed names.
    parsed: BTreeMap<&'a str, Names>,
    /// Partials that cannot be parsed; they count only for who names them.
    broken: BTreeMap<&'a str, TemplateError>,
    last: Option<(&'a File, Needs<'a>)>,
}

/// What a template needs, with all that its partials need.
#[derive(Debug, Default, Clone)]
pub struct Needs<'a> {
    /// Its own names and those of its partials.
    pub names: Names,
    /// The partials, each with the template that named it first.
    pub partials: BTreeMap<&'a str, &'a str>,
    /// Partials that are not there.
    pub missing: Vec<String>,
}

impl<'a> Batch<'a> {
    fn job(&mut self, job: &'a Job) -> Result<Rendered, Failure> {
        let options = Options::parse(&job.options)?;
        let locals: Map<String, Value> = if job.locals == b"{}" {
            Map::new()
        } else {
            serde_json::from_slice(&job.locals)
                .map_err(|error| diagnose::invalid_input(format!("the locals cannot be read: {error}")))?
        };
        let path = job.template.path.as_str();
        let text = std::str::from_utf8(&job.template.contents)
            .map_err(|error| diagnose::not_utf8(path, &job.template.contents, error))?;
        let slot = if options.prevent_indent { &mut self.unindented } else { &mut self.plain };
        let engine = slot.get_or_insert_with(|| Engine {
            registry: engine(options, &self.depth),
            parsed: BTreeMap::new(),
            broken: BTreeMap::new(),
            last: None,
        });
        engine.prepare(&job.template, text, self.partials)?;
        let Some((_, needs)) = &engine.last else {
            return Err(Failure::Internal("a parsed template is missing".to_owned()));
        };
        let names: Vec<String> = locals.keys().cloned().collect();
        let undo = lay_over(&mut self.context, locals);
        self.depth.forget();
        let result = engine.registry.render_with_context(path, &self.context);
        let answer = match result {
            Ok(text) => Ok(renderer::rendered(text.into_bytes(), reads(&self.context, &names, needs))),
            Err(error) => {
                let reporter = Reporter {
                    path,
                    text,
                    partials: self.partials,
                    broken: &engine.broken,
                    needs,
                    context: &self.context,
                };
                Err(reporter.failure(&error))
            }
        };
        take_off(&mut self.context, undo);
        answer
    }
}

impl<'a> Engine<'a> {
    /// Parses a template and the partials that it needs, unless it was the last one.
    fn prepare(&mut self, template: &'a File, text: &str, partials: &'a Partials) -> Result<(), Failure> {
        if self.last.as_ref().is_some_and(|(last, _)| renderer::same_file(last, template)) {
            return Ok(());
        }
        if let Some((last, _)) = self.last.take() {
            self.registry.unregister_template(&last.path);
            // A partial may have the path of a template.
            if self.parsed.contains_key(last.path.as_str()) {
                self.parsed.remove(last.path.as_str());
            }
        }
        let path = template.path.as_str();
        let names =
            register(&mut self.registry, path, text, false).map_err(|error| errors::syntax(path, text, &error))?;
        let mut needs = Needs { names: names.clone(), ..Needs::default() };
        let mut waiting = vec![(path, names)];
        let mut whole = Vec::new();
        let mut argued: Vec<(String, &'a str)> = Vec::new();
        while let Some((by, names)) = waiting.pop() {
            argued.extend(names.argued.iter().map(|name| (name.clone(), by)));
            let wanted: Vec<&str> = if names.computed {
                partials.paths().collect()
            } else {
                names.partials.iter().map(String::as_str).collect()
            };
            for name in wanted {
                let Some(partial) = partials.paths().find(|path| *path == name) else {
                    needs.missing.push(name.to_owned());
                    continue;
                };
                if partial == path || needs.partials.contains_key(partial) {
                    continue;
                }
                let literal = names.partials.contains(partial);
                if let Some(names) = self.partial(partial, partials, literal)? {
                    needs.partials.insert(partial, by);
                    needs.names.variables.extend(names.variables.iter().cloned());
                    if names.whole {
                        whole.push(partial);
                    }
                    waiting.push((partial, names.clone()));
                }
            }
        }
        needs.names.whole |= !whole.is_empty();
        needs.missing.sort_unstable();
        needs.missing.dedup();
        if let Some((name, by)) = argued.iter().find(|(name, _)| whole.contains(&name.as_str())) {
            return Err(errors::unordered(name, by, template, partials));
        }
        self.last = Some((template, needs));
        Ok(())
    }

    /// Parses a partial that was not parsed yet. One that is named literally must be right; others are left out.
    fn partial(&mut self, path: &'a str, partials: &'a Partials, literal: bool) -> Result<Option<&Names>, Failure> {
        if !self.parsed.contains_key(path) {
            let text = match partials.text(path) {
                Some(Ok(text)) => text,
                Some(Err(failure)) if literal => return Err(failure),
                _ => return Ok(None),
            };
            match register(&mut self.registry, path, text, true) {
                Ok(names) => {
                    self.parsed.insert(path, names);
                }
                Err(error) if literal => return Err(errors::syntax(path, text, &error)),
                Err(error) => {
                    self.broken.insert(path, error);
                    return Ok(None);
                }
            }
        }
        Ok(self.parsed.get(path))
    }
}

/// Parses a template and adds it to an engine; returns what it names.
fn register(engine: &mut Handlebars<'_>, path: &str, text: &str, partial: bool) -> Result<Names, TemplateError> {
    engine.register_template_string(path, text)?;
    let Some(mut template) = engine.get_template(path).cloned() else { return Ok(Names::default()) };
    let names = Names::new(&template);
    branches::place(&mut template, text);
    refuse::rewrite(&mut template);
    if text.contains(".length") {
        length::rewrite(&mut template);
    }
    standalone::rewrite(&mut template, text);
    depth::mark(&mut template, partial.then_some(path));
    engine.register_template(path, template);
    Ok(names)
}

/// Lays locals over the context. Returns what takes them off again: each name with what was there before.
fn lay_over(context: &mut Context, locals: Map<String, Value>) -> Vec<(String, Option<Value>)> {
    let Value::Object(variables) = context.data_mut() else { return Vec::new() };
    let mut undo = Vec::with_capacity(locals.len());
    for (name, value) in locals {
        let before = variables.insert(name.clone(), value);
        undo.push((name, before));
    }
    undo
}

/// Takes locals off. Afterwards the context is as it was, with its order.
fn take_off(context: &mut Context, undo: Vec<(String, Option<Value>)>) {
    let Value::Object(variables) = context.data_mut() else { return };
    for (name, before) in undo.into_iter().rev() {
        match before {
            Some(value) => {
                variables.insert(name, value);
            }
            None => {
                variables.shift_remove(&name);
            }
        }
    }
}

/// Says what a template may have read: rather too much than too little, because the engine does not tell. The context
/// has the locals laid over it.
fn reads(context: &Context, locals: &[String], needs: &Needs<'_>) -> Reads {
    let none = Map::new();
    let all = context.data().as_object().unwrap_or(&none);
    let is_local = |name: &str| locals.iter().any(|local| local == name);
    let mut variables: Vec<String> = if needs.names.whole {
        all.keys().filter(|name| !is_local(name)).cloned().collect()
    } else {
        needs.names.variables.iter().filter(|name| all.contains_key(*name) && !is_local(name)).cloned().collect()
    };
    variables.sort_unstable();
    let mut absent: Vec<String> =
        needs.names.variables.iter().filter(|name| !all.contains_key(*name)).cloned().collect();
    absent.extend(needs.missing.iter().cloned());
    absent.sort_unstable();
    absent.dedup();
    Reads { variables, partials: needs.partials.keys().map(|path| (*path).to_owned()).collect(), absent }
}
