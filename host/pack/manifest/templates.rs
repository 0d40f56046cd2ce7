//! `[[templates]]`: which files become which outputs, and by which engine.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::engine::{Stage, TemplateEngine, check_plugin, read_chain, read_options};
use super::hints::did_you_mean;
use super::policy::{OnConflict, read_on_conflict};
use super::reader::{Findings, TableReader, ValueReader};
use super::{PluginEntry, Query};
use crate::pack::names::{PackPath, PluginName, QueryName};
use crate::pack::spanned::Spanned;
use crate::pack::variable::Variable;
use crate::values::VariableKind;

/// One `[[templates]]` entry: a file, or a folder that stands for the files below it.
#[derive(Debug, Clone)]
pub struct TemplateEntry {
    /// Where the entry's header is.
    pub range: Range<usize>,
    /// The file or folder.
    pub source: Spanned<PackPath>,
    /// Where the output goes; may hold expressions. None, or `.`, for a folder means the root of the output.
    pub output: Option<Spanned<String>>,
    /// An expression that decides whether there is an output at all.
    pub when: Option<Spanned<String>>,
    /// A list variable or a query: one output for each of its items or rows, bound to `item`.
    pub for_each: Option<Spanned<String>>,
    /// The engine, where the extension should not decide.
    pub engine: Option<Spanned<TemplateEngine>>,
    /// Handed to the engine as they are.
    pub options: Arc<Map<String, Value>>,
    /// What renders the engine's outputs in turn.
    pub then: Vec<Stage>,
    /// Where the `options` of each engine are: those of the entry itself, then those of `then`; none where it has none.
    pub options_at: Vec<Option<Range<usize>>>,
    /// What to do where the output exists or another pack writes it too.
    pub on_conflict: OnConflict,
    /// Whether the output is executable; none: as the source is.
    pub executable: Option<bool>,
}

/// Reads `[[templates]]`.
pub(super) fn read_templates(
    root: &mut TableReader<'_, '_>,
    variables: &[Variable],
    queries: &BTreeMap<QueryName, Query>,
    plugins: &BTreeMap<PluginName, PluginEntry>,
) -> Vec<TemplateEntry> {
    let mut entries = Vec::new();
    let variables: BTreeMap<&str, &Variable> =
        variables.iter().map(|variable| (variable.name.as_str(), variable)).collect();
    for value in root.elements("templates") {
        let Some(mut table) = value.table("this [[templates]] entry") else { continue };
        let findings = table.findings;
        let range = table.place.clone();
        let source = table.require("source", "for instance `source = \"templates/main.rs.jinja\"`, or a folder");
        let source = source.and_then(|source| source.parsed_or(without_dots));
        let output = table.text("output");
        let when = table.filled_text("when");
        let for_each = table.filled_text("for_each");
        let engine = table.parsed::<TemplateEngine>("engine");
        let options = table.get("options");
        let own = options.as_ref().map(ValueReader::range);
        let options = Arc::new(options.and_then(read_options).unwrap_or_default());
        let (then, of_stages): (Vec<Stage>, Vec<_>) = read_chain(&mut table, plugins).into_iter().unzip();
        let options_at = std::iter::once(own).chain(of_stages).collect();
        let on_conflict = table.get("on_conflict").and_then(|policy| read_on_conflict(policy, plugins));
        let on_conflict = on_conflict.unwrap_or_default();
        let executable = table.boolean("executable");
        table.finish(&[]);

        if let Some(output) = &output {
            check_output(output, findings);
        }
        // A variable or a query whose declaration is wrong is there, and was told.
        let is_wrong = |name: &str| {
            let is_read = variables.contains_key(name) || queries.contains_key(name);
            !is_read && (root.holds("variables", name) || root.holds("queries", name))
        };
        if let Some(for_each) = for_each.as_ref().filter(|for_each| !is_wrong(&for_each.value)) {
            check_for_each(for_each, &variables, queries, findings);
        }
        if let Some(engine) = &engine {
            check_plugin(engine, plugins, findings);
        }
        if let Some(source) = source {
            entries.push(TemplateEntry {
                range,
                source,
                output,
                when,
                for_each,
                engine,
                options,
                then,
                options_at,
                on_conflict,
                executable,
            });
        }
    }
    entries
}

/// Says whether a text holds anything for the engine to evaluate.
pub(crate) fn has_expressions(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|opening| text.contains(opening))
}

/// A path without dots at its beginning and a `/` at its end, which mean nothing: `a/b` for `./a/b/`.
fn without_dots(path: &str) -> Option<String> {
    let meant = path.trim_start_matches("./").trim_end_matches('/');
    Some(meant.to_owned()).filter(|meant| !meant.is_empty() && meant != path)
}

/// Checks what can be said about an output path before its expressions have values.
fn check_output(output: &Spanned<String>, findings: &Findings<'_>) {
    let text = output.value.as_str();
    if text == "." {
        return;
    }
    let problem = if text.trim().is_empty() {
        Some("must not be empty".to_owned())
    } else if has_expressions(text) {
        // What an expression makes of the rest is checked once it has a value.
        text.starts_with('/').then(|| "must be relative, without a `/` at its beginning".to_owned())
    } else {
        PackPath::new(text.strip_suffix('/').unwrap_or(text)).err().map(|error| error.to_string())
    };
    if let Some(problem) = problem {
        let message = format!("`output` {problem}");
        let is_path = |meant: &String| has_expressions(meant) || PackPath::new(meant).is_ok();
        match without_dots(text.trim_start_matches("../"))
            .or_else(|| Some(text.trim_start_matches("../").to_owned()))
            .filter(|meant| meant != text)
            .filter(is_path)
        {
            Some(meant) => {
                let help = format!("outputs are below the output folder: write {}", crate::show::quoted(&meant));
                findings.add_with_help("manifest/value", &output.range, message, help);
            }
            None => findings.add("manifest/value", &output.range, message),
        }
    }
}

fn check_for_each(
    name: &Spanned<String>,
    variables: &BTreeMap<&str, &Variable>,
    queries: &BTreeMap<QueryName, Query>,
    findings: &Findings<'_>,
) {
    let is_list = |variable: &Variable| matches!(variable.kind, VariableKind::List { .. });
    let (message, help) = match variables.get(name.value.as_str()) {
        Some(variable) if is_list(variable) => return,
        None if queries.contains_key(name.value.as_str()) => return,
        // Looking for near names takes time.
        _ if findings.is_full() => return,
        Some(_) => (
            format!("`for_each` names `{}`, which is not a list", name.value),
            "give the variable `type = \"list\"`".to_owned(),
        ),
        None => {
            let lists = variables.iter().filter(|(_, variable)| is_list(variable)).map(|(name, _)| *name);
            let lists = lists.chain(queries.keys().map(QueryName::as_str));
            let bare = name.value.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).map(str::trim);
            let help = match bare.filter(|bare| lists.clone().any(|list| list == *bare)) {
                Some(bare) => format!("write the name without braces: `for_each = \"{bare}\"`"),
                None => did_you_mean(&name.value, lists, "declare it: `[variables.NAME]` with `type = \"list\"`"),
            };
            (
                format!(
                    "`for_each` must be the name of a list variable or of a query, but there is no {}",
                    crate::show::quoted(&name.value)
                ),
                help,
            )
        }
    };
    findings.add_with_help("manifest/value", &name.range, message, help);
}
