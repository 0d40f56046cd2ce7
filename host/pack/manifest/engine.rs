//! What turns a file into an output: [`TemplateEngine`], and the chain of [`Stage`]s that may follow it.
//!
//! Always true here: all that the host knows of a built-in engine is one row, its component is found by its name; a plugin
//! is never chosen by an extension.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::PluginEntry;
use super::hints::did_you_mean;
use super::reader::{Findings, TableReader, ValueReader};
use crate::limits::LimitRequest;
use crate::pack::names::{InvalidName, PackPath, PluginName};
use crate::pack::spanned::Spanned;
use crate::text::meant;

/// Stages that may follow an entry's engine.
pub const MAX_STAGES: usize = 8;

macro_rules! engines {
    ($($(#[$about:meta])* $engine:ident: $name:literal, $extensions:expr, $limits:expr;)*) => {
        /// A template engine that is part of this program.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum BuiltInEngine {
            $($(#[$about])* $engine,)*
        }

        impl BuiltInEngine {
            /// All of them.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$engine),*];

            /// Its name in manifests, and that of its component: `plugins/prebuilt/NAME.wasm`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$engine => $name,)*
                }
            }

            /// The extensions of its templates.
            #[must_use]
            pub const fn extensions(self) -> &'static [&'static str] {
                match self {
                    $(Self::$engine => &$extensions,)*
                }
            }

            /// The limits that it has where the user says nothing, as far as they are not those of every plugin.
            #[doc(hidden)]
            #[must_use]
            pub const fn limits(self) -> LimitRequest {
                match self {
                    $(Self::$engine => $limits,)*
                }
            }
        }
    };
}

// Name, extensions, limits of its own.
engines! {
    /// Jinja; it evaluates the manifest's expressions, too.
    Jinja: "jinja", ["jinja", "j2"], LimitRequest::NONE;
    /// Tera.
    Tera: "tera", ["tera"], LimitRequest::NONE;
    /// Handlebars.
    Handlebars: "handlebars", ["hbs", "handlebars"], LimitRequest::NONE;
    /// Liquid.
    Liquid: "liquid", ["liquid"], LimitRequest::NONE;
}

impl BuiltInEngine {
    /// The engine whose templates have the extension of a path.
    #[must_use]
    pub fn of(path: &PackPath) -> Option<Self> {
        let extension = path.extension()?;
        Self::ALL.into_iter().find(|engine| engine.extensions().contains(&extension))
    }
}

/// What turns a file into an output. Written as the name of a built-in engine, `copy` or `plugin:NAME`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub enum TemplateEngine {
    /// An engine that is part of this program.
    BuiltIn(BuiltInEngine),
    /// Nothing: the bytes are copied.
    Copy,
    /// A plugin of the pack.
    Plugin(PluginName),
}

impl TemplateEngine {
    /// The engine that also evaluates the manifest's expressions.
    pub const JINJA: Self = Self::BuiltIn(BuiltInEngine::Jinja);

    /// Whether it is a plugin of the pack, which may name its outputs itself.
    #[must_use]
    pub const fn is_plugin(&self) -> bool {
        matches!(self, Self::Plugin(_))
    }
}

impl FromStr for TemplateEngine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(engine) = BuiltInEngine::ALL.into_iter().find(|engine| engine.name() == text) {
            return Ok(Self::BuiltIn(engine));
        }
        if text == "copy" {
            return Ok(Self::Copy);
        }
        if let Some(name) = text.strip_prefix("plugin:") {
            let name = PluginName::new(name);
            return name.map(Self::Plugin).map_err(|error: InvalidName| format!("the name of a plugin {error}"));
        }
        let names = BuiltInEngine::ALL.map(BuiltInEngine::name);
        let near = meant(text, names.into_iter().chain(["copy"]));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Err(format!("must be {}, copy or plugin:NAME{near}", names.join(", ")))
    }
}

impl fmt::Display for TemplateEngine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(engine) => formatter.write_str(engine.name()),
            Self::Copy => formatter.write_str("copy"),
            Self::Plugin(name) => write!(formatter, "plugin:{name}"),
        }
    }
}

impl TryFrom<String> for TemplateEngine {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<TemplateEngine> for String {
    fn from(engine: TemplateEngine) -> Self {
        engine.to_string()
    }
}

/// Chooses the engine of a file by its extension.
pub(crate) fn engine_for(path: &PackPath) -> TemplateEngine {
    BuiltInEngine::of(path).map_or(TemplateEngine::Copy, TemplateEngine::BuiltIn)
}

/// A stage of a chain: each output of the stage before it is its template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Who renders; never `copy`.
    pub engine: TemplateEngine,
    /// Handed to the engine as they are.
    #[serde(default, skip_serializing_if = "no_options")]
    pub options: Arc<Map<String, Value>>,
}

/// Says whether options have nothing in them; then they are not saved.
pub(crate) fn no_options(options: &Arc<Map<String, Value>>) -> bool {
    options.is_empty()
}

/// A stage of `then`, and where its options are.
type Placed = (Stage, Option<Range<usize>>);

/// Reads `then`: a list whose elements are names of engines, or tables with `engine` and `options`.
pub(super) fn read_chain(table: &mut TableReader<'_, '_>, plugins: &BTreeMap<PluginName, PluginEntry>) -> Vec<Placed> {
    let Some(list) = table.get("then") else { return Vec::new() };
    let (findings, place) = (table.findings, list.range());
    let elements = list.elements();
    if elements.len() > MAX_STAGES {
        let message = format!("`then` has {} stages, but at most {MAX_STAGES} are allowed", elements.len());
        findings.add("manifest/value", &place, message);
        return Vec::new();
    }
    elements.into_iter().filter_map(|element| read_stage(element, plugins, findings)).collect()
}

fn read_stage(
    element: ValueReader<'_, '_>,
    plugins: &BTreeMap<PluginName, PluginEntry>,
    findings: &Findings<'_>,
) -> Option<Placed> {
    let (engine, options, options_at) = match element.raw() {
        toml::de::DeValue::String(_) => (element.parsed::<TemplateEngine>()?, Map::new(), None),
        toml::de::DeValue::Table(_) => {
            let mut table = element.table("this stage of `then`")?;
            let engine = table.require("engine", "for instance `engine = \"plugin:fmt\"`");
            let engine = engine.and_then(ValueReader::parsed::<TemplateEngine>);
            let options = table.get("options");
            let options_at = options.as_ref().map(ValueReader::range);
            let options = options.and_then(read_options).unwrap_or_default();
            table.finish(&[]);
            (engine?, options, options_at)
        }
        _ => return element.wrong_type("the name of an engine, or a table with `engine` and `options`"),
    };
    if engine.value == TemplateEngine::Copy {
        let help = "leave it out: each stage takes what the one before it made";
        findings.add_with_help("manifest/value", &engine.range, "`copy` does nothing in a chain", help);
        return None;
    }
    check_plugin(&engine, plugins, findings);
    Some((Stage { engine: engine.value, options: Arc::new(options) }, options_at))
}

/// Reports an engine that is a plugin which the pack does not declare.
pub(super) fn check_plugin(
    engine: &Spanned<TemplateEngine>,
    plugins: &BTreeMap<PluginName, PluginEntry>,
    findings: &Findings<'_>,
) {
    if let TemplateEngine::Plugin(name) = &engine.value {
        check_declared(&engine.with(name.clone()), plugins, findings);
    }
}

/// Reports a plugin that the pack does not declare.
pub(super) fn check_declared(
    Spanned { value: name, range }: &Spanned<PluginName>,
    plugins: &BTreeMap<PluginName, PluginEntry>,
    findings: &Findings<'_>,
) {
    if !plugins.contains_key(name) && !findings.is_full() {
        let known = plugins.keys().map(PluginName::as_str);
        let help = did_you_mean(name.as_str(), known, "declare it under `[plugins]`");
        let message = format!("there is no plugin `{name}` in this pack");
        findings.add_with_help("manifest/value", range, message, help);
    }
}

/// Reads a table that is handed to an engine as it is.
pub(super) fn read_options(value: ValueReader<'_, '_>) -> Option<Map<String, Value>> {
    if !matches!(value.raw(), toml::de::DeValue::Table(_)) {
        return value.wrong_type("a table");
    }
    match value.json()?.value {
        Value::Object(options) => Some(options),
        _ => None,
    }
}
