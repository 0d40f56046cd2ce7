//! Which variables a pack's files and its message read: conditions, lists and paths as the manifest says, templates by rendering
//! them in memory.
//!
//! Always true here: a pack that can't be rendered is told with the reason, and what its manifest says is known all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::report::{Part, Rendering};
use crate::compose::variables::Account;
use crate::error::{Error, Result};
use crate::generate::{Job, RenderOptions, RenderReport};
use crate::pack::{Expression, ExpressionMode, Pack, Template, TemplateEngine};
use crate::plugins::Toolbox;
use crate::secrets::Secrets;
use crate::show::count;

/// Which variables a pack's files, and its message, read.
#[derive(Debug, Default)]
pub struct Readings {
    /// The files, in the order of paths, then templates that generate nothing, then the message.
    pub(super) files: Vec<Reading>,
    /// What could not be rendered, and why.
    pub(super) unrendered: Vec<(Rendering, String)>,
}

/// Which variables a file reads.
#[derive(Debug)]
pub(super) struct Reading {
    /// The output; none where there is none now.
    pub(super) output: Option<String>,
    /// The template.
    pub(super) template: String,
    /// The variables, each with what of the file reads it.
    pub(super) variables: Parts,
}

type Parts = BTreeMap<String, BTreeSet<Part>>;

impl Readings {
    /// Renders a pack with its values, and notes what was read.
    ///
    /// # Errors
    /// Those of reading the pack and of preparing the engine; what can't be rendered is no error.
    pub fn of(pack: &Pack, toolbox: &Arc<Toolbox<'_>>, account: &Account) -> Result<Self> {
        let templates = pack.templates()?;
        let declared = declared(pack, toolbox, &templates)?;
        let mut unrendered = Vec::new();
        let mut or_told = |what, error: Error| unrendered.push((what, in_words(&error)));
        let (made, message) = match missing(account) {
            Some(why) => {
                unrendered.push((Rendering::Files, why));
                (Vec::new(), None)
            }
            None => match Job::prepare(pack, toolbox, account.values.clone()) {
                Ok(job) => rendered(job, toolbox, &mut or_told),
                Err(error) => {
                    or_told(Rendering::Files, error);
                    (Vec::new(), None)
                }
            },
        };
        toolbox.budget().interrupt().go_on()?;
        let mut left: BTreeMap<&str, &Parts> = BTreeMap::new();
        for (template, parts) in templates.iter().zip(&declared) {
            left.entry(template.source.as_str()).or_insert(parts);
        }
        let by_source = left.clone();
        let mut files = Vec::with_capacity(made.len());
        for (output, template, mut variables) in made {
            left.remove(template.as_str());
            for (name, parts) in by_source.get(template.as_str()).copied().into_iter().flatten() {
                variables.entry(name.clone()).or_default().extend(parts);
            }
            files.push(Reading { output: Some(output), template, variables });
        }
        files.extend(left.into_iter().map(|(template, variables)| Reading {
            output: None,
            template: template.to_owned(),
            variables: variables.clone(),
        }));
        files.extend(message);
        Ok(Self { files, unrendered })
    }
}

/// What the conditions, lists and paths of templates read, as far as the manifest says so.
fn declared(pack: &Pack, toolbox: &Toolbox<'_>, templates: &[Template]) -> Result<Vec<Parts>> {
    let (mut expressions, mut owners) = (Vec::new(), Vec::new());
    for (index, template) in templates.iter().enumerate() {
        if let Some(when) = &template.when {
            expressions.push(Expression::new(pack, when, ExpressionMode::Expression));
            owners.push((index, Part::Condition));
        }
        if template.output.value.contains('{') {
            expressions.push(Expression::of_output(pack, template));
            owners.push((index, Part::Path));
        }
    }
    let mut declared: Vec<Parts> = templates.iter().map(|_| Parts::new()).collect();
    for (template, parts) in templates.iter().zip(&mut declared) {
        if let Some(list) = &template.for_each {
            parts.entry(list.value.clone()).or_default().insert(Part::List);
        }
    }
    if expressions.is_empty() {
        return Ok(declared);
    }
    let names = toolbox.names(&expressions, &Secrets::default())?;
    for ((index, part), names) in owners.into_iter().zip(names) {
        // What can't be read fails when it is rendered.
        for name in names.unwrap_or_default() {
            declared[index].entry(name).or_default().insert(part);
        }
    }
    Ok(declared)
}

/// Each output, its template, and what that reads; and what the message reads.
fn rendered(
    mut job: Job<'_>,
    toolbox: &Toolbox<'_>,
    or_told: &mut dyn FnMut(Rendering, Error),
) -> (Vec<(String, String, Parts)>, Option<Reading>) {
    // What the templates read by themselves.
    job.plan.files.iter_mut().for_each(|file| file.reads.clear());
    let message = job.plan.message.take();
    let files = job.render_in(toolbox.run(), RenderOptions::default());
    let files = files.map_or_else(
        |error| {
            or_told(Rendering::Files, error);
            Vec::new()
        },
        of_files,
    );
    let template = message.as_ref().map(|message| message.template.to_string());
    job.plan.message = message;
    let reading = template.and_then(|template| match job.message_reads(toolbox.run()) {
        Ok(reads) => {
            let variables = reads.into_iter().map(|name| (name, BTreeSet::from([Part::Message]))).collect();
            Some(Reading { output: None, template, variables })
        }
        Err(error) => {
            or_told(Rendering::Message, error);
            None
        }
    });
    (files, reading)
}

fn of_files(report: RenderReport) -> Vec<(String, String, Parts)> {
    let made = report.tree.into_files().into_iter().map(|file| {
        let provenance = file.provenance();
        let mut engines = std::iter::once(&provenance.engine).chain(provenance.then.iter().map(|stage| &stage.engine));
        let is_plugin = engines.any(|engine| matches!(engine.parse(), Ok(TemplateEngine::Plugin(_))));
        let part = if is_plugin { Part::Plugin } else { Part::Template };
        let variables = provenance.variables.iter().map(|name| (name.clone(), BTreeSet::from([part]))).collect();
        (file.path().to_string(), provenance.template.clone(), variables)
    });
    made.collect()
}

/// Why a pack can't be rendered whose variables have no values.
fn missing(account: &Account) -> Option<String> {
    if let [first, rest @ ..] = &account.findings[..] {
        return Some(match rest.len() {
            0 => first.message.clone(),
            more => format!("{}, and {}", first.message, count(more, "more mistake")),
        });
    }
    let open = account.variables.iter().find(|variable| !account.values.values.contains_key(variable.name.as_str()));
    open.map(|variable| format!("`{}` has no value", variable.name))
}

fn in_words(error: &Error) -> String {
    match error.body().findings.first() {
        Some(finding) => finding.message.clone(),
        None => error.to_string(),
    }
}
