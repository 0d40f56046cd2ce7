//! What templates and expressions refer to: asked of the built-in engines, in the sandbox, without running them.
//!
//! Always true here: what a template engine can't parse becomes a finding; a limit or a trap becomes a failure.

use std::collections::BTreeMap;

use packbox_facts::{Expression, Names};
use rayon::prelude::*;

use crate::abi::{ExpressionSource, FileParam, Metered, Mode};
use crate::diagnostic::{Diagnostic, Span};
use crate::engine::exports::expressions::Names as InspectExpressions;
use crate::engine::exports::renderer::Inspect as InspectTemplate;
use crate::engine::{CallError, Docket};
use crate::error::Result;
use crate::pack::{BuiltInEngine, Pack, PackPath, Template, TemplateEngine, engines_in_use, pointer_token};
use crate::plugins::{JobFailure, Toolbox};
use crate::secrets::Secrets;

/// What the engines say about a pack's texts.
#[derive(Debug, Default)]
pub struct Inspection {
    /// Names by file; files that could not be parsed are left out.
    pub names: BTreeMap<PackPath, Names>,
    /// The manifest's expressions that could be parsed.
    pub expressions: Vec<Expression>,
    /// What could not be parsed, or was stopped.
    pub failures: Vec<JobFailure>,
}

/// The files that templates of built-in engines may include by their place and extension: Jinja's, and those of other
/// engines in use.
#[must_use]
pub fn partials(pack: &Pack, templates: &[Template]) -> BTreeMap<PackPath, BuiltInEngine> {
    let used = engines_in_use(&pack.manifest, templates);
    let engines = BuiltInEngine::ALL
        .into_iter()
        .filter(|engine| *engine == BuiltInEngine::Jinja || used.contains(&TemplateEngine::BuiltIn(*engine)));
    let of =
        |engine| pack.natural_partials([&TemplateEngine::BuiltIn(engine)]).into_iter().map(move |path| (path, engine));
    engines.flat_map(of).collect()
}

/// Inspects a pack's templates, partials and expressions.
///
/// # Errors
/// Those of preparing the engines and of reading the pack.
pub fn inspect(pack: &Pack, toolbox: &Toolbox<'_>, templates: &[Template]) -> Result<Inspection> {
    let rendered = templates.iter().filter_map(|template| match template.engine {
        TemplateEngine::BuiltIn(engine) => Some((template.source.clone(), engine)),
        TemplateEngine::Copy | TemplateEngine::Plugin(_) => None,
    });
    let message = pack.manifest.pack.message.as_ref().map(|message| &message.value);
    let message = message.and_then(|path| Some((path.clone(), BuiltInEngine::of(path)?)));
    let mut files = partials(pack, templates);
    files.extend(message.into_iter().chain(rendered));
    let mut inspection = Inspection::default();
    if !files.is_empty() {
        // Nothing is prepared on a thread that runs guests.
        for engine in files.values() {
            toolbox.built_in(*engine)?;
        }
        let files: Vec<(&PackPath, BuiltInEngine)> = files.iter().map(|(path, engine)| (path, *engine)).collect();
        let docket = toolbox.run().docket();
        let inspect = || {
            let files = files.par_iter().enumerate().with_max_len(1);
            let inspected =
                files.map(|(number, (path, engine))| inspect_file((&docket, number), pack, toolbox, path, *engine));
            inspected.collect::<Result<Vec<_>>>()
        };
        let mut inspected = toolbox.engine().on_workers(inspect)??;
        for (number, why) in docket.close(files.iter().map(|(path, _)| path.as_str()).enumerate()) {
            let (path, _) = files[number];
            inspected[number] = Err(failure_in(pack, path, b"", &CallError::Untried(why)));
        }
        for ((path, _), outcome) in files.iter().zip(inspected) {
            match outcome {
                Ok(names) => {
                    inspection.names.insert((*path).clone(), names);
                }
                Err(failure) => inspection.failures.push(failure),
            }
        }
    }
    inspect_expressions(pack, toolbox, templates, &mut inspection)?;
    Ok(inspection)
}

type Inspected = std::result::Result<Names, JobFailure>;

fn inspect_file<'d>(
    place: (&Docket<'d>, usize),
    pack: &Pack,
    toolbox: &Toolbox<'_>,
    path: &'d PackPath,
    engine: BuiltInEngine,
) -> Result<Inspected> {
    let contents = pack.read(path)?;
    let template = FileParam { path: path.as_str(), contents: &contents };
    let call = InspectTemplate { template };
    let (plugin, limits) = (toolbox.built_in(engine)?, toolbox.built_in_limits(engine));
    let outcome = toolbox.run().call_in(place, plugin, &limits, (&call, path.as_str()))?;
    if outcome.result.is_ok() {
        outcome.held.keep();
    }
    Ok(outcome
        .result
        .map(|info| Names {
            variables: texts(info.variables),
            partials: texts(info.partials),
            blocks: texts(info.blocks),
        })
        .map_err(|error| failure_in(pack, path, &contents, &error)))
}

fn texts(list: Metered<Vec<Metered<String>>>) -> Vec<String> {
    list.0.into_iter().map(|text| text.0).collect()
}

fn failure_in(pack: &Pack, path: &PackPath, contents: &[u8], error: &CallError) -> JobFailure {
    let shown = pack.path_of(path);
    let text = std::str::from_utf8(contents).ok();
    let lookup = |_: &str| (shown.clone(), text);
    JobFailure::new(error, &Span::file(shown.clone()), &lookup, &Secrets::default())
}

/// An expression, before it is inspected.
struct Candidate<'a> {
    at: String,
    source: Option<PackPath>,
    text: &'a crate::pack::Spanned<String>,
    mode: Mode,
    /// The template whose output path it is.
    output_of: Option<&'a Template>,
}

fn candidates<'a>(pack: &'a Pack, templates: &'a [Template]) -> Vec<Candidate<'a>> {
    let mut candidates = Vec::new();
    for variable in &pack.manifest.variables {
        let name = pointer_token(variable.name.as_str());
        for (key, text) in [("when", &variable.when), ("compute", &variable.compute)] {
            if let Some(text) = text {
                let at = format!("/variables/{name}/{key}");
                candidates.push(Candidate { at, source: None, text, mode: Mode::Expression, output_of: None });
            }
        }
    }
    for (name, query) in &pack.manifest.queries {
        for parameter in &query.parameters {
            let (query, own) = (pointer_token(name.as_str()), pointer_token(parameter.name.value.as_str()));
            let at = format!("/queries/{query}/parameters/{own}{}", if parameter.is_iri { "/iri" } else { "" });
            let text = &parameter.value;
            candidates.push(Candidate { at, source: None, text, mode: Mode::Expression, output_of: None });
        }
        if let Some(text) = query.gate.as_ref().and_then(|gate| gate.message.as_ref()) {
            let at = format!("/queries/{}/message", pointer_token(name.as_str()));
            candidates.push(Candidate { at, source: None, text, mode: Mode::Template, output_of: None });
        }
    }
    let mut entry_seen = None;
    for template in templates {
        let entry = template.entry_index;
        if let Some(text) = template.when.as_ref().filter(|_| entry_seen != Some(entry)) {
            let (at, source) = (format!("/templates/{entry}/when"), Some(template.source.clone()));
            candidates.push(Candidate { at, source, text, mode: Mode::Expression, output_of: None });
        }
        entry_seen = Some(entry);
        if template.output.value.contains('{') {
            let written = pack.manifest.templates.get(entry).is_some_and(|entry| entry.output.is_some());
            let at = format!("/templates/{entry}/{}", if written { "output" } else { "source" });
            let source = Some(template.source.clone());
            let text = &template.output;
            candidates.push(Candidate { at, source, text, mode: Mode::Template, output_of: Some(template) });
        }
    }
    candidates
}

fn inspect_expressions(
    pack: &Pack,
    toolbox: &Toolbox<'_>,
    templates: &[Template],
    inspection: &mut Inspection,
) -> Result<()> {
    let candidates = candidates(pack, templates);
    if candidates.is_empty() {
        return Ok(());
    }
    let sources: Vec<ExpressionSource<'_>> = candidates
        .iter()
        .map(|candidate| ExpressionSource { text: &candidate.text.value, mode: candidate.mode, locals: b"{}" })
        .collect();
    let call = InspectExpressions { sources: sources.into() };
    let outcomes = toolbox.run().call_all(toolbox.jinja()?, &toolbox.built_in_limits(BuiltInEngine::Jinja), &call)?;
    for (candidate, outcome) in candidates.into_iter().zip(outcomes) {
        if outcome.result.is_ok() {
            outcome.held.keep();
        }
        match outcome.result {
            Ok(mut variables) => {
                // What a gate says of a row calls the row so.
                variables.retain(|name| name != "item" || !candidate.at.starts_with("/queries/"));
                inspection.expressions.push(Expression {
                    at: candidate.at,
                    source: candidate.source.map(String::from),
                    text: candidate.text.value.clone(),
                    variables,
                });
            }
            Err(error) => {
                let of_text = || pack.span(&candidate.text.range);
                let span = candidate.output_of.map_or_else(of_text, |template| pack.output_span(template));
                let lookup = |_: &str| (span.path.clone(), None);
                let mut failure = JobFailure::new(&error, &span, &lookup, &Secrets::default());
                failure.findings.iter_mut().for_each(|finding: &mut Diagnostic| finding.span = Some(span.clone()));
                inspection.failures.push(failure);
            }
        }
    }
    Ok(())
}
