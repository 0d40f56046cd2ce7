//! From a pack and values to a plan: folders expanded, conditions and paths evaluated, sources read and digested.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::failures::Failures;
use super::paths::{Written, clashes, may_hold_no_name, no_name, printed};
use super::{Plan, PlannedFile, PlannedMessage, PlannedPack, PlannedQueries};
use crate::compose::variables::{Blame, Consulted, Tables, Values, is_undefined, refused, undeclared};
use crate::digest::Digest;
use crate::engine::Known;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Budget;
use crate::pack::{
    Expression, ExpressionMode, InvalidPath, OutputPath, Pack, PackPath, PluginName, QueryName, Template,
    TemplateEngine, engine_for, engines_in_use,
};
use crate::plugins::Toolbox;
use crate::secrets::Secrets;
use crate::show;

/// A file of the pack, read.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its bytes; files that are copied share them.
    pub contents: Arc<Vec<u8>>,
    /// Their digest.
    pub digest: Digest,
}

/// The files of the pack that a plan needs, read once.
pub type Sources = BTreeMap<PackPath, Source>;

/// How often an item of a `for_each` is held at once: as text for expressions and for rendering, and in the plan, where a
/// value takes about twice its text.
const COPIES_OF_ITEM: usize = 4;

/// A template that is not yet evaluated, with the locals that it sees.
struct Candidate<'a> {
    template: &'a Template,
    item: Option<&'a Value>,
    locals: Vec<u8>,
    reads: Vec<String>,
}

/// Works out what a pack will generate.
///
/// # Errors
/// `Template` where an expression fails; `Manifest` where one has the wrong type; `OutsidePath` where an output path is
/// not below the output folder; `Refused` where a secret would become part of a path; those of reading the pack and of
/// preparing engines.
pub fn build(pack: &Pack, toolbox: &Toolbox<'_>, values: &Values) -> Result<(Plan, Sources)> {
    let templates = pack.templates()?;
    let has_message = pack.manifest.pack.message.is_some();
    let all = Portion { templates: &templates, items: usize::MAX, has_message, known: &Sources::new() };
    build_portion(pack, toolbox, values, &all)
}

/// The part of a pack that a plan is made for.
#[derive(Debug)]
pub struct Portion<'a> {
    /// Templates of the pack.
    pub templates: &'a [Template],
    /// How many items of a `for_each` there is a file for at the most.
    pub items: usize,
    /// Whether the pack's message is to be shown.
    pub has_message: bool,
    /// Files of the pack that were read before.
    pub known: &'a Sources,
}

/// [`build`] for a part of the pack.
///
/// # Errors
/// As [`build`].
pub fn build_portion(
    pack: &Pack,
    toolbox: &Toolbox<'_>,
    values: &Values,
    portion: &Portion<'_>,
) -> Result<(Plan, Sources)> {
    let _span = tracing::info_span!("plan", pack = %pack.manifest.pack.name.value).entered();
    let templates = portion.templates;
    let context = context_bytes(&values.values);
    let secrets = values.to_redact();
    let known = Known::new(&values.values, &values.secrets);
    let evaluation = Evaluation { pack, toolbox, context: &context, known, values, secrets };
    let budget = toolbox.budget();
    let candidates = evaluation.keep_wanted(expand(pack, portion, values, budget)?)?;
    let outputs = evaluation.output_paths(candidates)?;

    let engines = engines_in_use(&pack.manifest, templates);
    let partials = pack.partials_of(&engines);
    let message = pack.manifest.pack.message.as_ref().filter(|_| portion.has_message);
    let message = message.map(|message| message.value.clone());
    let wanted = outputs.iter().map(|(candidate, _)| &candidate.template.source).chain(&partials).chain(&message);
    let sources = read(pack, toolbox, wanted, portion.known)?;
    let digest = |path: &PackPath| sources.get(path).map_or_else(|| Digest::of(b""), |source| source.digest);

    let files = outputs
        .into_iter()
        .map(|(candidate, output)| {
            let template = candidate.template;
            let own_bit = pack.files.get(&template.source).is_some_and(|file| file.executable);
            PlannedFile {
                template_sha256: digest(&template.source),
                template: template.source.clone(),
                engine: template.engine.clone(),
                output,
                item: candidate.item.cloned(),
                options: template.options.clone(),
                then: template.then.clone(),
                executable: template.executable.or(match template.engine {
                    TemplateEngine::Plugin(_) => None,
                    // A later stage may make it executable, and not take that away.
                    TemplateEngine::BuiltIn(_) | TemplateEngine::Copy if !own_bit && !template.then.is_empty() => None,
                    TemplateEngine::BuiltIn(_) | TemplateEngine::Copy => Some(own_bit),
                }),
                on_conflict: template.on_conflict.clone(),
                reads: candidate.reads,
            }
        })
        .collect();
    let plan = Plan {
        pack: PlannedPack {
            name: pack.manifest.pack.name.value.clone(),
            version: pack.manifest.pack.version.value.clone(),
            path: pack.label.clone(),
            manifest_sha256: pack.manifest_digest,
        },
        values: values.public(),
        secrets: values.secrets.iter().map(ToString::to_string).collect(),
        engines: digests(toolbox, &engines),
        partials: partials.iter().map(|path| (path.clone(), digest(path))).collect(),
        files,
        message: message.map(|path| PlannedMessage {
            template_sha256: digest(&path),
            engine: engine_for(&path),
            template: path,
        }),
        queries: values.consulted.clone().map(|Consulted { engine, files, graphs }| PlannedQueries {
            engine,
            files,
            graphs,
        }),
    };
    Ok((plan, sources))
}

/// Makes one candidate of each template, or one for each item of its list.
fn expand<'a>(pack: &Pack, portion: &Portion<'a>, values: &'a Values, budget: &Budget) -> Result<Vec<Candidate<'a>>> {
    let mut candidates = Vec::with_capacity(portion.templates.len());
    for template in portion.templates {
        let Some(list) = &template.for_each else {
            candidates.push(Candidate { template, item: None, locals: b"{}".to_vec(), reads: Vec::new() });
            continue;
        };
        if values.secrets.contains(list.value.as_str()) {
            let detail = format!("the items of the secret `{}` would become part of the plan", list.value);
            return Err(Error::new(ErrorKind::Refused, detail)
                .at(pack.span(&list.range))
                .hint("loop over it within a template instead: plans and paths are shown and recorded"));
        }
        // A list that nobody was asked for may have no value; it has no items either.
        let items = match values.values.get(&list.value) {
            Some(Value::Array(items)) => &items[..items.len().min(portion.items)],
            Some(Value::Bool(_)) => {
                let detail = format!("`for_each` names the query `{}`, which is an `ASK`", list.value);
                return Err(Error::new(ErrorKind::Manifest, detail)
                    .ruled("manifest/value")
                    .at(pack.span(&list.range))
                    .hint("it gives true or false: write it as `when`, or make it a `SELECT`, which gives rows"));
            }
            _ => &[],
        };
        let outputs = (candidates.len() + items.len()) as u64;
        budget.check_outputs(outputs).map_err(|stop| Error::from(stop).at(pack.span(&list.range)))?;
        for item in items {
            let locals = json!({ "item": item }).to_string().into_bytes();
            budget
                .draw((locals.len() * COPIES_OF_ITEM + size_of::<Candidate<'_>>() + size_of::<PlannedFile>()) as u64)?;
            candidates.push(Candidate { template, item: Some(item), locals, reads: vec![list.value.clone()] });
        }
    }
    Ok(candidates)
}

/// What expressions of the manifest are evaluated with.
struct Evaluation<'a> {
    pack: &'a Pack,
    toolbox: &'a Toolbox<'a>,
    /// The variables, as a JSON object.
    context: &'a [u8],
    known: Known<'a>,
    values: &'a Values,
    secrets: Secrets,
}

impl Evaluation<'_> {
    /// Evaluates `when` and keeps what is wanted.
    fn keep_wanted<'a>(&self, candidates: Vec<Candidate<'a>>) -> Result<Vec<Candidate<'a>>> {
        let expressions: Vec<_> = candidates
            .iter()
            .filter_map(|candidate| {
                let when = candidate.template.when.as_ref()?;
                Some((Expression::new(self.pack, when, ExpressionMode::Expression), &*candidate.locals))
            })
            .collect();
        if expressions.is_empty() {
            return Ok(candidates);
        }
        let mut results =
            self.toolbox.evaluate_all((self.context, Some(&self.known)), &expressions, &self.secrets)?.into_iter();
        let mut kept = Vec::with_capacity(candidates.len());
        let mut failures = Failures::default();
        for mut candidate in candidates {
            let Some(when) = &candidate.template.when else {
                kept.push(candidate);
                continue;
            };
            match results.next() {
                Some(Ok((Value::Bool(true), reads))) => {
                    candidate.reads.extend(reads);
                    kept.push(candidate);
                }
                Some(Ok((Value::Bool(false), _))) | None => {}
                Some(Ok(_)) => failures.add(|| {
                    Error::new(ErrorKind::Manifest, "a condition must be true or false")
                        .ruled("manifest/expression")
                        .at(self.pack.span(&when.range))
                        .hint("compare with something, for instance `database != 'none'`")
                }),
                Some(Err(failure)) => {
                    let expression = Expression::new(self.pack, when, ExpressionMode::Expression);
                    failures.add_job(failure, |error| self.explained(error, &expression, &candidate));
                }
            }
        }
        failures.into_error("condition").map_or(Ok(kept), Err)
    }

    /// Evaluates output paths and checks them.
    fn output_paths<'a>(&self, candidates: Vec<Candidate<'a>>) -> Result<Vec<(Candidate<'a>, String)>> {
        let expressions: Vec<_> = candidates
            .iter()
            .map(|candidate| (Expression::of_output(self.pack, candidate.template), &*candidate.locals))
            .collect();
        let results = self.toolbox.evaluate_all((self.context, Some(&self.known)), &expressions, &self.secrets)?;
        let mut outputs = Vec::with_capacity(candidates.len());
        let mut doubtful = Vec::new();
        let mut failures = Failures::default();
        for (mut candidate, result) in candidates.into_iter().zip(results) {
            match result {
                Ok((Value::String(path), reads)) => {
                    let refusal = self.refusal(&candidate, &path, &reads);
                    let is_secret = reads.iter().any(|name| self.values.secrets.contains(name.as_str()));
                    if may_hold_no_name(&path) && !is_secret {
                        doubtful.push((outputs.len(), refusal));
                    } else if let Some(error) = refusal {
                        failures.add(|| error);
                        continue;
                    }
                    candidate.reads.extend(reads);
                    candidate.reads.sort();
                    candidate.reads.dedup();
                    outputs.push((candidate, path));
                }
                Ok(_) => failures.add(|| {
                    let place = self.pack.output_span(candidate.template);
                    Error::new(ErrorKind::Manifest, "an output path must be a text").ruled("output/path").at(place)
                }),
                Err(failure) => {
                    let expression = Expression::of_output(self.pack, candidate.template);
                    failures.add_job(failure, |error| self.explained(error, &expression, &candidate));
                }
            }
        }
        self.refuse_no_names(&outputs, doubtful, &mut failures)?;
        let written = outputs.iter().map(|(candidate, path)| Written {
            template: candidate.template,
            item: candidate.item,
            path,
        });
        for (template, detail) in clashes(written, &self.values.values) {
            failures.add(|| {
                Error::new(ErrorKind::Manifest, detail)
                    .ruled("output/clash")
                    .at(self.pack.span(&template.output.range))
                    .hint("use what tells the items apart in `output`, or make the items of the list differ")
            });
        }
        failures.into_error("output path").map_or(Ok(outputs), Err)
    }

    /// Looks at what is printed into paths that may hold a list, a map or null as text, and refuses those that do; the others
    /// are refused for what else is wrong with them.
    fn refuse_no_names(
        &self,
        outputs: &[(Candidate<'_>, String)],
        doubtful: Vec<(usize, Option<Error>)>,
        failures: &mut Failures,
    ) -> Result<()> {
        let doubtful: Vec<_> = doubtful
            .into_iter()
            .filter_map(|(number, refusal)| {
                let (candidate, path) = outputs.get(number)?;
                let output = &candidate.template.output;
                let parts: Vec<_> =
                    printed(&output.value).into_iter().map(|part| output.with(part.to_owned())).collect();
                Some((candidate, path, parts, refusal))
            })
            .collect();
        let all = doubtful.iter().flat_map(|(candidate, _, parts, _)| parts.iter().map(move |part| (candidate, part)));
        let expressions: Vec<_> = all
            .map(|(candidate, part)| (Expression::new(self.pack, part, ExpressionMode::Expression), &*candidate.locals))
            .collect();
        let mut results =
            self.toolbox.evaluate_all((self.context, Some(&self.known)), &expressions, &self.secrets)?.into_iter();
        for (candidate, path, parts, refusal) in doubtful {
            // What fails by itself reads what the path defines, in a loop for instance.
            let values = parts.iter().zip(results.by_ref()).filter_map(|(part, value)| Some((part, value.ok()?.0)));
            // All results are taken, so that those of the next path follow.
            let told: Vec<_> = values
                .filter_map(|(part, value)| no_name(&part.value, &value, path, &candidate.template.output.value))
                .collect();
            let source = &candidate.template.source;
            let told = told.into_iter().next().map(|(why, hint)| {
                let detail = format!("the output path {} of `{source}` can't be used: {why}", show::quoted(path));
                let place = self.pack.output_span(candidate.template);
                Error::new(ErrorKind::Manifest, detail).ruled("output/path").at(place).hint(hint)
            });
            if let Some(error) = told.or(refusal) {
                failures.add(|| error);
            }
        }
        Ok(())
    }

    /// Names what an expression reads and nobody declares, where it failed because of that, or the item that lacks what is
    /// read of it.
    fn explained(&self, error: Error, expression: &Expression<'_>, candidate: &Candidate<'_>) -> Error {
        if !is_undefined(&error) {
            return error;
        }
        let template = candidate.template;
        let item = candidate.item.map(|item| (&*candidate.reads, item));
        let tables = Tables::of(&self.pack.manifest.variables, self.values);
        match error.body().findings.first().and_then(|finding| tables.blame(finding, item)) {
            Some(Blame::User(finding)) => return refused(vec![finding]),
            Some(Blame::Nobody(finding)) => return error.with_findings(vec![finding]),
            Some(Blame::UserAgain) | None => {}
        }
        let names = self.toolbox.names(std::slice::from_ref(expression), &self.secrets).ok();
        let Some(Ok(mut names)) = names.and_then(|mut names| names.pop()) else { return error };
        names.retain(|name| name != "item" && !self.values.values.contains_key(name));
        let declared = self.pack.manifest.variables.iter().map(|variable| variable.name.as_str());
        let declared = declared.chain(self.pack.manifest.queries.keys().map(QueryName::as_str));
        let list = template.for_each.as_ref().map(|list| list.value.as_str());
        match undeclared(&error, &names, declared, list) {
            Some(finding) => Error::new(error.kind(), "1 expression failed").with_findings(vec![finding]),
            None => error,
        }
    }

    /// Why a path may not be that of an output, where it may not. `reads` is what its expression looked up.
    fn refusal(&self, candidate: &Candidate<'_>, path: &str, reads: &[String]) -> Option<Error> {
        let template = candidate.template;
        let place = || self.pack.output_span(template);
        if let Some(secret) = reads.iter().find(|name| self.values.secrets.contains(name.as_str())) {
            let detail = format!("the secret `{secret}` would become part of a path");
            let error = Error::new(ErrorKind::Refused, detail).ruled("output/secret").at(place());
            return Some(error.hint("paths are shown and recorded; use another variable"));
        }
        // A renderer that names its files itself may have the output folder as a whole.
        if path.is_empty() && matches!(template.engine, TemplateEngine::Plugin(_)) {
            return None;
        }
        let invalid = OutputPath::new(path).err()?;
        let (why, hint) = self.culprit(candidate, &invalid, reads);
        let (path, source) = (crate::show::quoted(path), &template.source);
        let detail = format!("the output path {path} of `{source}` {invalid}{why}");
        Some(Error::new(ErrorKind::OutsidePath, detail).ruled("output/path").at(place()).hint(hint))
    }

    /// What to write in the manifest where a text is the default that was meant to be evaluated.
    fn made_with(&self, name: &str, text: &str) -> Option<String> {
        let variables = &self.pack.manifest.variables;
        let variable = variables.iter().find(|variable| variable.name.as_str() == name)?;
        let is_default = variable.default.as_ref().and_then(Value::as_str) == Some(text);
        let named = printed(text).into_iter().find(|expression| {
            let word = expression.split(|next: char| !next.is_alphanumeric() && next != '_').next();
            variables.iter().any(|variable| Some(variable.name.as_str()) == word)
        })?;
        let name = crate::text::printable_line(name);
        let alone = text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
        let is_whole = alone.is_some_and(|inside| inside.trim() == named) && !named.contains(['"', '\\']);
        is_default.then(|| {
            if is_whole {
                let computed = crate::text::printable_line(named);
                format!("a default is no template: make it with `compute = \"{computed}\"` instead of `default`")
            } else {
                format!("a default is no template: make `{name}` with `compute` instead of `default`")
            }
        })
    }

    /// Which value broke a path's rule, as the end of a sentence, and what to do.
    fn culprit(&self, candidate: &Candidate<'_>, invalid: &InvalidPath, reads: &[String]) -> (String, String) {
        let variables = reads.iter().filter_map(|name| Some((name.clone(), self.values.values.get(name.as_str())?)));
        let mut given: Vec<(String, &Value)> = variables.collect();
        match candidate.item {
            Some(Value::Object(fields)) => {
                given.extend(fields.iter().map(|(name, value)| (format!("item.{name}"), value)));
            }
            Some(item) => given.push(("item".to_owned(), item)),
            None => {}
        }
        let source = candidate.template.output.value.as_str();
        let broke = given.into_iter().find_map(|(name, value)| {
            let text = if value.is_null() { "" } else { value.as_str()? };
            (source.contains(&*name) && invalid.is_made_by(text)).then_some((name, text, value))
        });
        let Some((name, text, value)) = broke else { return (String::new(), InvalidPath::RULE.to_owned()) };
        let (name, shown) = (crate::text::printable_line(&name), crate::show::value(value));
        let why = format!(", as `{name}` is {shown}");
        if text.is_empty() {
            let hint =
                format!("give `{name}` a value, or leave the file out if it has none: `when = \"{name} != ''\"`");
            return (why, hint);
        }
        if let Some(hint) = self.made_with(&name, text) {
            return (why, hint);
        }
        (why, format!("give `{name}` another value; the pack can restrict its values with `pattern` or `choices`"))
    }
}

/// Reads and digests files, over all threads.
fn read<'p>(
    pack: &Pack,
    toolbox: &Toolbox<'_>,
    wanted: impl Iterator<Item = &'p PackPath>,
    known: &Sources,
) -> Result<Sources> {
    let mut wanted: Vec<&PackPath> = wanted.collect();
    wanted.sort();
    wanted.dedup();
    let one = |path: &&PackPath| {
        if let Some(source) = known.get(*path) {
            return Ok(((*path).clone(), source.clone()));
        }
        let size = pack.files.get(*path).map_or(0, |file| file.bytes);
        toolbox.budget().draw(size)?;
        let contents = pack.read(path)?;
        let digest = Digest::of(&contents);
        Ok(((*path).clone(), Source { contents: Arc::new(contents), digest }))
    };
    // One by one, as a few files may be nearly all of the bytes.
    toolbox.engine().each_on_workers(&wanted, one)?.into_iter().collect()
}

/// Digests of the components that render.
fn digests(toolbox: &Toolbox<'_>, engines: &BTreeSet<TemplateEngine>) -> BTreeMap<String, Digest> {
    engines.iter().filter_map(|engine| Some((engine.to_string(), toolbox.digest(engine)?))).collect()
}

/// The plugins that a pack's templates and their chains name.
#[must_use]
pub fn plugins_in_use(pack: &Pack) -> BTreeSet<PluginName> {
    let entries = pack.manifest.templates.iter();
    let engines = entries.flat_map(|entry| {
        let first = entry.engine.iter().map(|engine| &engine.value);
        first.chain(entry.then.iter().map(|stage| &stage.engine))
    });
    engines
        .filter_map(|engine| match engine {
            TemplateEngine::Plugin(name) => Some(name.clone()),
            TemplateEngine::BuiltIn(_) | TemplateEngine::Copy => None,
        })
        .collect()
}

/// Values as a JSON object's bytes.
#[must_use]
pub fn context_bytes(values: &Map<String, Value>) -> Vec<u8> {
    serde_json::to_vec(values).unwrap_or_else(|_| b"{}".to_vec())
}
