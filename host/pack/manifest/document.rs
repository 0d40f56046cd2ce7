//! The manifest as a whole: its sections, and what they may say about each other.

use std::collections::BTreeMap;
use std::str::FromStr;

use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};
use toml::de::DeValue;

use super::ontology::{Ontology, Shapes, read_ontology, read_shapes};
use super::plugins::read_plugins;
use super::queries::{Query, read_queries};
use super::reader::{Findings, TableReader};
use super::templates::read_templates;
use super::variables::read_variables;
use super::{PluginEntry, TemplateEntry, syntax};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{PackLimits, of_packs};
use crate::pack::names::{PackName, PackPath, PluginName, QueryName, VariableName};
use crate::pack::spanned::Spanned;
use crate::pack::variable::Variable;
use crate::text::meant;

/// What `pack.toml` says.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// `[pack]`: what the pack is.
    pub pack: PackMeta,
    /// `[dependencies]`: other packs that this one needs.
    pub dependencies: BTreeMap<PackName, Dependency>,
    /// `[variables.*]`, in the order in which they are declared.
    pub variables: Vec<Variable>,
    /// `[[templates]]`, in their order.
    pub templates: Vec<TemplateEntry>,
    /// `[ontology]`: the graph that queries ask.
    pub ontology: Ontology,
    /// `[shapes]`: what that graph has to be like.
    pub shapes: Shapes,
    /// `[queries.*]`.
    pub queries: BTreeMap<QueryName, Query>,
    /// `[plugins.*]`.
    pub plugins: BTreeMap<PluginName, PluginEntry>,
    /// `[lints]`: how much each rule matters, by its identifier.
    pub lints: BTreeMap<String, Spanned<LintLevel>>,
}

/// What a pack is.
#[derive(Debug, Clone)]
pub struct PackMeta {
    /// Its name.
    pub name: Spanned<PackName>,
    /// Its version.
    pub version: Spanned<Version>,
    /// A name for people.
    pub title: Option<Spanned<String>>,
    /// What one gets.
    pub description: Option<Spanned<String>>,
    /// Where a catalogue lists it.
    pub category: Option<Spanned<String>>,
    /// An SPDX expression; not checked here.
    pub license: Option<Spanned<String>>,
    /// Who wrote it.
    pub authors: Vec<Spanned<String>>,
    /// Words to find it by.
    pub keywords: Vec<Spanned<String>>,
    /// The versions of packbox that it works with.
    pub packbox: Option<Spanned<VersionReq>>,
    /// A file of the pack to show after generation; text, never run.
    pub message: Option<Spanned<PackPath>>,
    /// Files that templates of every engine may include, beside those that are partials by their place and extension.
    pub partials: Vec<Spanned<PackPath>>,
}

/// Another pack that a pack needs.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// Which versions will do.
    pub requirement: Spanned<VersionReq>,
    /// Whether the pack works without it.
    pub optional: bool,
}

/// How much a lint rule matters in this pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum LintLevel {
    /// Not at all.
    Off,
    /// Worth knowing.
    Note,
    /// A warning.
    Warn,
    /// An error.
    Error,
}

impl FromStr for LintLevel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            "note" => Ok(Self::Note),
            "warn" => Ok(Self::Warn),
            "error" => Ok(Self::Error),
            _ => {
                let near = meant(text, ["off", "note", "warn", "error"].into_iter());
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                Err(format!("must be off, note, warn or error{near}"))
            }
        }
    }
}

impl Manifest {
    /// Reads the text of a `pack.toml` that the user knows as `path`.
    ///
    /// Errors are of kind `Manifest`: a limit on the number of variables, queries or plugins that is exceeded; or everything that
    /// is wrong, as findings with their places.
    pub fn parse(path: &str, text: &str, limits: &PackLimits) -> Result<Self> {
        let table = syntax::check_size(path, text).and_then(|()| syntax::parse(path, text));
        let table = table.map_err(|findings| invalid(path, findings))?;
        // Before anything is compiled or compared for each of them.
        for limit in [&of_packs::variables, &of_packs::queries, &of_packs::plugins] {
            let declared = table.get(limit.name).and_then(|value| value.get_ref().as_table());
            limits.check(limit, declared.map_or(0, |table| table.len() as u64), || "the pack".to_owned())?;
        }
        let findings = Findings::new(path, text);
        let mut root = TableReader::root(&findings, &table);

        let pack = root.require("pack", PACK_HELP).and_then(|value| value.table("[pack]")).and_then(read_pack);
        let dependencies = read_dependencies(&mut root);
        let variables = read_variables(&mut root, &dependencies.keys().collect());
        let queries = read_queries(&mut root, &variables);
        let plugins = read_plugins(&mut root);
        let templates = read_templates(&mut root, &variables, &queries, &plugins);
        let (ontology, shapes) = (read_ontology(&mut root), read_shapes(&mut root));
        let lints = read_lints(&mut root);
        root.finish(&[]);

        let findings = findings.into_sorted();
        match pack {
            Some(pack) if findings.is_empty() => {
                Ok(Self { pack, dependencies, variables, templates, ontology, shapes, queries, plugins, lints })
            }
            _ => Err(invalid(path, findings)),
        }
    }

    /// Returns a variable by its name.
    #[must_use]
    pub fn variable(&self, name: &VariableName) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == *name)
    }
}

const PACK_HELP: &str = "every pack needs at least\n[pack]\nname = \"my-pack\"\nversion = \"0.1.0\"";

/// Wraps what is wrong with a manifest.
pub(crate) fn invalid(path: &str, findings: Vec<crate::diagnostic::Diagnostic>) -> Error {
    let detail = match findings.len() {
        1 => format!("`{path}` has an error"),
        count => format!("`{path}` has {count} errors"),
    };
    Error::new(ErrorKind::Manifest, detail).with_findings(findings)
}

fn read_pack(mut table: TableReader<'_, '_>) -> Option<PackMeta> {
    let name = table.require("name", "for instance `name = \"rust-service\"`");
    let version = table.require("version", "for instance `version = \"0.1.0\"`");
    let (name, version) = (name.and_then(super::ValueReader::parsed), version.and_then(read_version));
    let title = table.filled_text("title");
    let description = table.filled_text("description");
    let category = table.filled_text("category");
    let license = table.filled_text("license");
    let authors = table.texts("authors");
    let keywords = table.texts("keywords");
    let packbox = table.parsed("packbox");
    let message = table.parsed("message");
    let partials = table.elements("partials").into_iter().filter_map(super::ValueReader::parsed).collect();
    table.finish(&[]);
    Some(PackMeta {
        name: name?,
        version: version?,
        title,
        description,
        category,
        license,
        authors,
        keywords,
        packbox,
        message,
        partials,
    })
}

/// Reads a version, of which all three numbers have to be there.
fn read_version(value: super::ValueReader<'_, '_>) -> Option<Spanned<Version>> {
    let whole = |text: &str| format!("{text}{}", if text.contains('.') { ".0" } else { ".0.0" });
    if let DeValue::Float(float) = value.raw() {
        let meant = whole(float.as_str());
        if Version::parse(&meant).is_ok() {
            let message = "`version` must be a string, not a number";
            value.findings().add_with_help("manifest/type", &value.range(), message, format!("write `\"{meant}\"`"));
            return None;
        }
    }
    value.parsed_or(|text| Some(whole(text.trim_start_matches('v'))))
}

fn read_dependencies(root: &mut TableReader<'_, '_>) -> BTreeMap<PackName, Dependency> {
    let mut dependencies = BTreeMap::new();
    for (name, value) in root.entries::<PackName>("dependencies", "pack") {
        let (requirement, optional) = if matches!(value.raw(), DeValue::Table(_)) {
            let Some(mut table) = value.table(format!("the dependency `{}`", name.value)) else { continue };
            let requirement = table.require("version", "for instance `version = \"^1.0\"`");
            let optional = table.boolean("optional").unwrap_or(false);
            table.finish(&[]);
            (requirement.and_then(super::ValueReader::parsed), optional)
        } else {
            (value.parsed(), false)
        };
        if let Some(requirement) = requirement {
            dependencies.insert(name.value, Dependency { requirement, optional });
        }
    }
    dependencies
}

fn read_lints(root: &mut TableReader<'_, '_>) -> BTreeMap<String, Spanned<LintLevel>> {
    let entries = root.entries::<RuleName>("lints", "lint rule");
    entries.into_iter().filter_map(|(name, value)| Some((name.value.0, value.parsed()?))).collect()
}

/// The identifier of a rule, for instance `naming/output-case`.
pub(crate) struct RuleName(pub(crate) String);

impl FromStr for RuleName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let word = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        if text.len() <= 128 && text.contains('/') && text.split('/').all(word) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must look like `naming/output-case`".to_owned())
        }
    }
}
