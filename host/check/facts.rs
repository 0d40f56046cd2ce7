//! The facts that validators are told about a pack; `docs/validators.md` describes them.
//!
//! Always true here: plain data, sorted; nothing is evaluated.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::inspect::{self, ExpressionFact, Inspection, Names};
use crate::digest::Digest;
use crate::engine::{ABI_VERSION, Header, Limits, Role};
use crate::error::Result;
use crate::grants::{Grant, Grants};
use crate::pack::{
    BuiltInEngine, Engine, Globs, IGNORE_NAME, MANIFEST_NAME, Pack, PackPath, Place, PluginEntry, PluginName, Template,
    engines_in_use,
};
use crate::plan::Plan;

/// What validators are told about a pack.
#[derive(Debug, Serialize)]
pub struct Facts<'a> {
    packbox: String,
    abi: String,
    places: &'a BTreeMap<String, Place>,
    /// All files; whoever hands them over says which it handed.
    pub files: Vec<FileFact<'a>>,
    templates: Vec<TemplateFact<'a>>,
    partials: Vec<PartialFact<'a>>,
    message: Option<PartialFact<'a>>,
    expressions: &'a [ExpressionFact],
    outputs: Option<Vec<OutputFact<'a>>>,
    plugins: Vec<&'a PluginFact>,
    limits: LimitFacts,
}

/// A file of the pack.
#[derive(Debug, Serialize)]
pub struct FileFact<'a> {
    /// Its path.
    pub path: &'a PackPath,
    /// Its size.
    pub bytes: u64,
    executable: bool,
    role: &'static str,
    /// Whether its contents are handed over.
    pub handed: bool,
}

#[derive(Debug, Serialize)]
struct TemplateFact<'a> {
    source: &'a PackPath,
    engine: String,
    then: Vec<String>,
    entry: usize,
    output: &'a str,
    for_each: Option<&'a str>,
    when: Option<&'a str>,
    executable: bool,
    names: Option<&'a Names>,
}

#[derive(Debug, Serialize)]
struct PartialFact<'a> {
    path: &'a PackPath,
    engine: &'static str,
    names: Option<&'a Names>,
}

#[derive(Debug, Serialize)]
struct OutputFact<'a> {
    path: &'a str,
    template: &'a PackPath,
    entry: Option<usize>,
    executable: bool,
}

/// A component that came with the pack.
#[derive(Debug, Serialize)]
pub struct PluginFact {
    /// Its name in the manifest.
    pub name: PluginName,
    component: PackPath,
    bytes: u64,
    /// The digest of the file.
    pub sha256: Digest,
    abi: Option<String>,
    imports: Vec<String>,
    exports: Vec<String>,
    used: bool,
    problem: Option<String>,
    /// Whether it checks packs.
    #[serde(skip)]
    pub validates: bool,
}

#[derive(Debug, Serialize)]
struct LimitFacts {
    memory: u64,
    result: u64,
    log: u64,
    input: u64,
    stack: u64,
    time_ms: u64,
    fuel: u64,
    outputs: u64,
}

/// Looks at the components that came with a pack; nothing is compiled.
///
/// # Errors
/// Those of reading the pack.
pub fn plugin_facts(pack: &Pack) -> Result<Vec<PluginFact>> {
    let used = crate::plan::plugins_in_use(pack);
    let mut facts = Vec::new();
    for (name, entry) in &pack.manifest.plugins {
        let bytes = pack.read(&entry.component.value)?;
        let header = Header::read(&bytes);
        let role = match &header {
            Ok(header) if header.export(Role::Renderer.interface()).is_none() => Role::Validator,
            _ => Role::Renderer,
        };
        let validates = header.as_ref().is_ok_and(|header| header.export(Role::Validator.interface()).is_some());
        let problem = match &header {
            Ok(header) => header.check_with(role.interface(), asked(entry)).err().map(|error| error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        let header = header.unwrap_or_default();
        facts.push(PluginFact {
            name: name.clone(),
            component: entry.component.value.clone(),
            bytes: bytes.len() as u64,
            sha256: Digest::of(&bytes),
            abi: header.abi().map(|version| version.to_string()),
            imports: header.imports.into_iter().map(|import| import.name).collect(),
            exports: header.exports,
            used: used.contains(name) || validates,
            problem,
            validates,
        });
    }
    Ok(facts)
}

/// What a plugin asks for, as if nobody denied it.
fn asked(entry: &PluginEntry) -> Grants {
    let asked: Vec<Grant> = entry.grants.iter().map(|grant| grant.value).collect();
    Grants::effective(&asked, &[])
}

/// Gathers what is known about a pack.
#[must_use]
pub fn gather<'a>(
    pack: &'a Pack,
    places: &'a BTreeMap<String, Place>,
    templates: &'a [Template],
    inspection: &'a Inspection,
    plugins: &'a [PluginFact],
    plan: Option<&'a Plan>,
) -> Facts<'a> {
    let names = |path: &PackPath| inspection.names.get(path);
    let partials = inspect::partials(pack, templates);
    let partials = pack.files.keys().filter_map(|path| {
        let engine = partials.get(path)?;
        Some(PartialFact { path, engine: engine.name(), names: names(path) })
    });
    let partials = partials.collect();
    let mut roles = Roles::of(pack, templates);
    let message = pack.manifest.pack.message.as_ref().map(|message| PartialFact {
        path: &message.value,
        engine: BuiltInEngine::of(&message.value).map_or("copy", BuiltInEngine::name),
        names: names(&message.value),
    });
    let files = pack.files.iter().map(|(path, info)| FileFact {
        path,
        bytes: info.bytes,
        executable: info.executable,
        role: roles.role(pack, path),
        handed: false,
    });
    Facts {
        packbox: crate::version().to_string(),
        abi: ABI_VERSION.to_string(),
        places,
        files: files.collect(),
        templates: templates
            .iter()
            .map(|template| TemplateFact {
                source: &template.source,
                engine: template.engine.to_string(),
                then: template.then.iter().map(|stage| stage.engine.to_string()).collect(),
                entry: template.entry_index,
                output: &template.output.value,
                for_each: template.for_each.as_ref().map(|list| list.value.as_str()),
                when: template.when.as_ref().map(|when| when.value.as_str()),
                executable: template
                    .executable
                    .unwrap_or_else(|| pack.files.get(&template.source).is_some_and(|file| file.executable)),
                names: names(&template.source),
            })
            .collect(),
        partials,
        message,
        expressions: &inspection.expressions,
        outputs: plan.map(|plan| outputs(plan, templates)),
        plugins: plugins.iter().collect(),
        limits: default_limits(),
    }
}

fn outputs<'a>(plan: &'a Plan, templates: &[Template]) -> Vec<OutputFact<'a>> {
    let entries: BTreeMap<&PackPath, usize> =
        templates.iter().map(|template| (&template.source, template.entry_index)).collect();
    plan.files
        .iter()
        .map(|file| OutputFact {
            path: &file.output,
            template: &file.template,
            entry: entries.get(&file.template).copied(),
            executable: file.executable.unwrap_or(false),
        })
        .collect()
}

fn default_limits() -> LimitFacts {
    let Limits { memory, result, log, input, stack, time, fuel, outputs, .. } = Limits::DEFAULT;
    let time_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    LimitFacts { memory, result, log, input, stack, time_ms, fuel, outputs }
}

/// What the files of a pack are there for.
struct Roles<'a> {
    /// Whether each is only copied.
    templates: BTreeMap<&'a PackPath, bool>,
    partials: BTreeSet<PackPath>,
    ontology: Globs,
}

fn is_copied(template: &Template) -> bool {
    template.engine == Engine::Copy && template.then.is_empty()
}

impl<'a> Roles<'a> {
    fn of(pack: &Pack, templates: &'a [Template]) -> Self {
        let engines = engines_in_use(&pack.manifest, templates);
        let partials = engines.iter().flat_map(|engine| pack.partials(engine)).collect();
        let globs = pack.manifest.ontology.files.iter().map(|glob| glob.value.as_str());
        Self {
            templates: templates.iter().map(|template| (&template.source, is_copied(template))).collect(),
            partials,
            ontology: Globs::new(globs),
        }
    }

    fn role(&mut self, pack: &Pack, path: &PackPath) -> &'static str {
        let manifest = &pack.manifest;
        match self.templates.get(path) {
            Some(true) => "copy",
            Some(false) => "template",
            None if path.as_str() == MANIFEST_NAME => "manifest",
            None if path.as_str() == IGNORE_NAME => "ignore-file",
            None if manifest.pack.message.as_ref().is_some_and(|message| message.value == *path) => "message",
            None if manifest.plugins.values().any(|plugin| plugin.component.value == *path) => "plugin",
            None if manifest.queries.values().any(|query| query.file.value == *path) => "query",
            None if self.partials.contains(path) => "partial",
            None if !manifest.ontology.files.is_empty() && self.ontology.matches(path.as_str()) => "ontology",
            None => "other",
        }
    }
}
