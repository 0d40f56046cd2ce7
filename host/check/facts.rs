//! The facts that validators are told about a pack, gathered: `packbox-facts` declares them, `docs/validators.md` describes
//! them.
//!
//! Always true here: nothing is evaluated, and every field is named where it is filled, so that none is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use packbox_facts::{Facts, FileFact, Names, Output, Partial, Role};

use super::examined::Examined;
use crate::engine::ABI_VERSION;
use crate::limits::{Kind, Limits};
use crate::pack::{
    BuiltInEngine, Globs, IGNORE_NAME, MANIFEST_NAME, Pack, PackPath, Template, TemplateEngine, engines_in_use,
};
use crate::plan::{Plan, PlannedFile};

/// Gathers what is known about a pack.
#[must_use]
pub fn gather(examined: &Examined<'_>) -> Facts {
    let Examined { pack, view, templates, inspection, plugins, job } = examined;
    let names = |path: &PackPath| inspection.names.get(path).cloned();
    Facts {
        packbox: crate::version().to_string(),
        abi: ABI_VERSION.to_string(),
        places: view.places.clone(),
        files: files(pack, templates),
        templates: templates.iter().map(|template| told(pack, template, names(&template.source))).collect(),
        partials: partials(pack, templates, names),
        message: pack.manifest.pack.message.as_ref().map(|message| Partial {
            path: message.value.to_string(),
            engine: BuiltInEngine::of(&message.value).map_or("copy", BuiltInEngine::name).to_owned(),
            names: names(&message.value),
        }),
        expressions: inspection.expressions.clone(),
        outputs: job.as_ref().map(|job| outputs(&job.plan, templates)),
        plugins: plugins.iter().map(|plugin| plugin.fact.clone()).collect(),
        limits: default_limits(),
    }
}

/// All files; whoever hands them over says which it handed.
fn files(pack: &Pack, templates: &[Template]) -> Vec<FileFact> {
    let mut roles = Roles::of(pack, templates);
    let files = pack.files.iter().map(|(path, info)| FileFact {
        path: path.to_string(),
        bytes: info.bytes,
        executable: info.executable,
        role: roles.role(pack, path),
        handed: false,
    });
    files.collect()
}

fn told(pack: &Pack, template: &Template, names: Option<Names>) -> packbox_facts::Template {
    let file = pack.files.get(&template.source);
    packbox_facts::Template {
        source: template.source.to_string(),
        engine: template.engine.to_string(),
        then: template.then.iter().map(|stage| stage.engine.to_string()).collect(),
        entry: template.entry_index,
        output: template.output.value.clone(),
        for_each: template.for_each.as_ref().map(|list| list.value.clone()),
        when: template.when.as_ref().map(|when| when.value.clone()),
        executable: template.executable.unwrap_or_else(|| file.is_some_and(|file| file.executable)),
        names,
    }
}

fn partials(pack: &Pack, templates: &[Template], names: impl Fn(&PackPath) -> Option<Names>) -> Vec<Partial> {
    let natural = super::inspect::partials(pack, templates);
    let partial = |(path, engine): (PackPath, BuiltInEngine)| Partial {
        engine: engine.name().to_owned(),
        names: names(&path),
        path: path.into(),
    };
    let mut all: Vec<Partial> = natural.clone().into_iter().map(partial).collect();
    // What the manifest names is a partial of every engine, and as such it is not inspected.
    for engine in engines_in_use(&pack.manifest, templates) {
        let TemplateEngine::BuiltIn(engine) = engine else { continue };
        let named = pack.manifest.pack.partials.iter().map(|path| &path.value);
        all.extend(named.filter(|path| natural.get(*path) != Some(&engine)).map(|path| Partial {
            engine: engine.name().to_owned(),
            names: None,
            path: path.clone().into(),
        }));
    }
    all
}

/// What a plan would generate. Each of its templates belongs to an entry.
fn outputs(plan: &Plan, templates: &[Template]) -> Vec<Output> {
    let entries: BTreeMap<&PackPath, usize> =
        templates.iter().map(|template| (&template.source, template.entry_index)).collect();
    let output = |file: &PlannedFile| {
        Some(Output {
            path: file.output.clone(),
            template: file.template.to_string(),
            entry: *entries.get(&file.template)?,
            executable: file.executable.unwrap_or(false),
        })
    };
    plan.files.iter().filter_map(output).collect()
}

/// What a plugin gets whose manifest asks for nothing.
fn default_limits() -> BTreeMap<String, u64> {
    let limits = Limits::TABLE.iter().filter(|limit| limit.is_in_manifests());
    let named = limits.map(|limit| {
        let unit = if limit.kind == Kind::Time { "_ms" } else { "" };
        (format!("{}{unit}", limit.field), limit.default)
    });
    named.collect()
}

/// What the files of a pack are there for.
struct Roles<'a> {
    /// Whether each is only copied.
    templates: BTreeMap<&'a PackPath, bool>,
    partials: BTreeSet<PackPath>,
    plugins: BTreeSet<&'a PackPath>,
    queries: BTreeSet<&'a PackPath>,
    ontology: Globs,
}

fn is_copied(template: &Template) -> bool {
    template.engine == TemplateEngine::Copy && template.then.is_empty()
}

impl<'a> Roles<'a> {
    fn of(pack: &'a Pack, templates: &'a [Template]) -> Self {
        let engines = engines_in_use(&pack.manifest, templates);
        let partials = pack.partials_of(&engines).into_iter().collect();
        let globs = pack.manifest.ontology.files.iter().map(|glob| glob.value.as_str());
        Self {
            templates: templates.iter().map(|template| (&template.source, is_copied(template))).collect(),
            partials,
            plugins: pack.manifest.plugins.values().map(|plugin| &plugin.component.value).collect(),
            queries: pack.manifest.queries.values().filter_map(|query| Some(&query.file()?.value)).collect(),
            ontology: Globs::new(globs),
        }
    }

    fn role(&mut self, pack: &Pack, path: &PackPath) -> Role {
        let manifest = &pack.manifest;
        match self.templates.get(path) {
            Some(true) => Role::Copy,
            Some(false) => Role::Template,
            None if path.as_str() == MANIFEST_NAME => Role::Manifest,
            None if path.as_str() == IGNORE_NAME => Role::IgnoreFile,
            None if manifest.pack.message.as_ref().is_some_and(|message| message.value == *path) => Role::Message,
            None if self.plugins.contains(path) => Role::Plugin,
            None if self.queries.contains(path) => Role::Query,
            None if self.partials.contains(path) => Role::Partial,
            None if !manifest.ontology.files.is_empty() && self.ontology.matches(path.as_str()) => Role::Ontology,
            None => Role::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// The fields that the page lists below each bold name, in the tables of its section about facts.
    fn documented() -> BTreeMap<String, BTreeSet<String>> {
        let page = include_str!("../../docs/validators.md");
        let (_, section) = page.split_once("\n## The facts\n").expect("the section");
        let (section, _) = section.split_once("\n## ").expect("a section after it");
        let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut bold: Vec<String> = Vec::new();
        for line in section.lines() {
            if let Some(row) = line.strip_prefix("| `") {
                let (fields, _) = row.split_once(" | ").expect("two columns");
                let fields = fields.split(',').map(|field| field.trim_matches([' ', '`']).to_owned());
                for name in &bold {
                    tables.entry(name.clone()).or_default().extend(fields.clone());
                }
            } else if line.contains("**") {
                bold = line.split("**").skip(1).step_by(2).map(str::to_owned).collect();
            }
        }
        tables
    }

    #[test]
    fn the_page_and_the_facts_have_the_same_fields() {
        let example: Value = serde_json::from_str(packbox_facts::EXAMPLE).expect("JSON");
        let written = [
            ("facts", ""),
            ("file", "/files/0"),
            ("template", "/templates/0"),
            ("names", "/templates/0/names"),
            ("partial", "/partials/0"),
            ("message", "/message"),
            ("expression", "/expressions/0"),
            ("output", "/outputs/0"),
            ("plugin", "/plugins/0"),
        ];
        let mut written: BTreeMap<String, BTreeSet<String>> = written
            .map(|(name, at)| {
                let object = example.pointer(at).and_then(Value::as_object).expect("an object");
                (name.to_owned(), object.keys().cloned().collect())
            })
            .into();
        written.insert("limits".to_owned(), default_limits().into_keys().collect());
        assert_eq!(documented(), written);
    }

    #[test]
    fn the_page_names_roles_that_there_are() {
        let page = include_str!("../../docs/validators.md");
        let row = page.lines().find_map(|line| line.strip_prefix("| `role` | ")).expect("the row");
        for named in row.split('`').skip(1).step_by(2) {
            // One that there is not is read as `other`.
            let role: Role = serde_json::from_value(Value::from(named)).expect("a role");
            assert_eq!(serde_json::to_value(role).expect("JSON"), named);
        }
    }
}
