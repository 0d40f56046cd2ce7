//! From `[[templates]]` entries to the files that they stand for.
//!
//! Always true here: the order is that of the entries, and of the paths within one; nothing is read from disk.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::claims::Claims;
use super::folder::FileInfo;
use super::manifest::{
    Findings, Manifest, OnConflict, Stage, TemplateEngine, TemplateEntry, engine_for, has_expressions,
};
use super::names::PackPath;
use super::spanned::Spanned;
use crate::text::nearest;

/// A file of the pack that becomes an output (or several, with `for_each`).
#[derive(Debug, Clone)]
pub struct Template {
    /// The file.
    pub source: PackPath,
    /// The output's path, which may hold expressions; its place is that of the entry's `output` or `source`.
    pub output: Spanned<String>,
    /// What turns the file into the output.
    pub engine: TemplateEngine,
    /// An expression that decides whether there is an output at all.
    pub when: Option<Spanned<String>>,
    /// A list variable or a query: one output for each of its items or rows, bound to `item`.
    pub for_each: Option<Spanned<String>>,
    /// Handed to the engine as they are.
    pub options: Arc<Map<String, Value>>,
    /// What renders the engine's outputs in turn.
    pub then: Vec<Stage>,
    /// What to do where the output exists or another pack writes it too.
    pub on_conflict: OnConflict,
    /// Whether the output is executable; none: as the source is, or as a plugin says.
    pub executable: Option<bool>,
    /// Which of the manifest's entries this came from, counted from 0.
    pub entry_index: usize,
}

impl Template {
    /// The engines that make its outputs, in their order.
    pub fn engines(&self) -> impl Iterator<Item = &TemplateEngine> {
        std::iter::once(&self.engine).chain(self.then.iter().map(|stage| &stage.engine))
    }
}

/// Collects the engines that render anything of a pack with these templates, the message included; `copy` is none.
#[must_use]
pub fn engines_in_use(manifest: &Manifest, templates: &[Template]) -> BTreeSet<TemplateEngine> {
    let message = manifest.pack.message.iter().map(|message| engine_for(&message.value));
    let engines = templates.iter().flat_map(Template::engines).cloned().chain(message);
    engines.filter(|engine| *engine != TemplateEngine::Copy).collect()
}

type Files = BTreeMap<PackPath, FileInfo>;

/// Files that entries may stand for, all entries together; a file counts for each of its entries.
const LARGEST: usize = 100_000;

/// Expands all entries; what is wrong goes to `findings`.
pub(super) fn expand(manifest: &Manifest, files: &Files, findings: &Findings<'_>) -> Vec<Template> {
    // A file with an entry of its own is taken out of the folders above it.
    let own_entries: BTreeSet<&str> = manifest.templates.iter().map(|entry| entry.source.value.as_str()).collect();
    let mut claims = Claims::of(manifest);
    let mut templates = Vec::new();
    for (entry_index, entry) in manifest.templates.iter().enumerate() {
        let source = &entry.source.value;
        if templates.len() > LARGEST {
            let message = format!("the entries up to this one expand to more than {LARGEST} files");
            let help = "name a folder in one entry only, or make several packs";
            findings.add_with_help("manifest/value", &entry.range, message, help);
            break;
        }
        if files.contains_key(source) {
            templates.extend(expand_file(entry_index, entry, findings));
            continue;
        }
        let folder = format!("{source}/");
        let mut below = files_below(files, &folder).peekable();
        if below.peek().is_none() {
            report_absent_source(entry, files, findings);
        }
        let is_ours = |path: &&PackPath| !has_closer_entry(path, source, &own_entries) && !claims.claim(path);
        for path in below.filter(is_ours) {
            templates.extend(expand_member(entry_index, entry, path, findings));
        }
    }
    templates
}

/// Returns the files that no entry stands for.
pub(super) fn unclaimed<'a>(manifest: &'a Manifest, files: &'a Files) -> impl Iterator<Item = &'a PackPath> {
    let sources: HashSet<&str> = manifest.templates.iter().map(|entry| entry.source.value.as_str()).collect();
    let claimed = move |path: &str| {
        sources.contains(path) || path.match_indices('/').any(|(end, _)| sources.contains(&path[..end]))
    };
    files.keys().filter(move |path| !claimed(path.as_str()))
}

/// The files below a folder, whose path ends with a `/`: what begins with that is contiguous.
fn files_below<'a>(files: &'a Files, folder: &'a str) -> impl Iterator<Item = &'a PackPath> {
    let after = files.range::<str, _>((std::ops::Bound::Excluded(folder), std::ops::Bound::Unbounded));
    after.map(|(path, _)| path).take_while(move |path| path.as_str().starts_with(folder))
}

fn has_closer_entry(path: &PackPath, folder: &PackPath, own_entries: &BTreeSet<&str>) -> bool {
    let path = path.as_str();
    own_entries.contains(path)
        || path.match_indices('/').any(|(end, _)| end > folder.as_str().len() && own_entries.contains(&path[..end]))
}

fn expand_file(entry_index: usize, entry: &TemplateEntry, findings: &Findings<'_>) -> Option<Template> {
    let source = &entry.source.value;
    let engine = choose_engine(entry, source);
    let suggestion = output_name(source.below("templates").unwrap_or(source.as_str()), &engine);
    let Some(output) = &entry.output else {
        let message = format!("`output` is missing for the file `{source}`");
        let help = format!("for instance `output = \"{suggestion}\"`");
        findings.add_with_help("manifest/missing-key", &entry.range, message, help);
        return None;
    };
    if matches!(engine, TemplateEngine::Plugin(_)) {
        // A renderer may name its files itself; then this is the folder that they are below.
        let folder = output.value.strip_suffix('/').unwrap_or(&output.value);
        let folder = output.with(if folder == "." { String::new() } else { folder.to_owned() });
        return Some(template((entry_index, entry), source, folder, engine, findings));
    }
    if output.value == "." || output.value.ends_with('/') {
        let message = format!("`output` names a folder, and `{source}` is a file");
        let file_name = suggestion.rsplit('/').next().unwrap_or(suggestion);
        let folder = output.value.trim_end_matches(['/', '.']);
        let separator = if folder.is_empty() { "" } else { "/" };
        let help = format!("name the file: `output = \"{folder}{separator}{file_name}\"`");
        findings.add_with_help("manifest/value", &output.range, message, help);
        return None;
    }
    Some(template((entry_index, entry), source, output.clone(), engine, findings))
}

fn expand_member(
    entry_index: usize,
    entry: &TemplateEntry,
    path: &PackPath,
    findings: &Findings<'_>,
) -> Option<Template> {
    let engine = choose_engine(entry, path);
    let relative = output_name(path.below(entry.source.value.as_str())?, &engine);
    let output = match &entry.output {
        Some(output) if output.value != "." => {
            output.with(format!("{}/{relative}", output.value.strip_suffix('/').unwrap_or(&output.value)))
        }
        Some(output) => output.with(relative.to_owned()),
        None => entry.source.with(relative.to_owned()),
    };
    Some(template((entry_index, entry), path, output, engine, findings))
}

fn template(
    (entry_index, entry): (usize, &TemplateEntry),
    source: &PackPath,
    output: Spanned<String>,
    engine: TemplateEngine,
    findings: &Findings<'_>,
) -> Template {
    // A plugin names its outputs itself; all others would write every item to the same path.
    let mut engines = std::iter::once(&engine).chain(entry.then.iter().map(|stage| &stage.engine));
    let names_its_files = engines.any(|engine| matches!(engine, TemplateEngine::Plugin(_)));
    if let Some(for_each) = &entry.for_each
        && !names_its_files
        && !has_expressions(&output.value)
    {
        let message = format!("every item of `{}` would be written to `{}`", for_each.value, output.value);
        let help = "use the item in the output's path, for instance `{{ item }}.txt`";
        findings.add_with_help("manifest/value", &output.range, message, help);
    }
    Template {
        source: source.clone(),
        output,
        engine,
        when: entry.when.clone(),
        for_each: entry.for_each.clone(),
        options: entry.options.clone(),
        then: entry.then.clone(),
        on_conflict: entry.on_conflict.clone(),
        executable: entry.executable,
        entry_index,
    }
}

fn choose_engine(entry: &TemplateEntry, path: &PackPath) -> TemplateEngine {
    entry.engine.as_ref().map_or_else(|| engine_for(path), |engine| engine.value.clone())
}

/// Strips what only says which engine a file is for. A file that is copied keeps its name.
fn output_name<'a>(path: &'a str, engine: &TemplateEngine) -> &'a str {
    let stripped = match engine {
        TemplateEngine::BuiltIn(engine) => {
            let without = |extension: &&str| path.strip_suffix(*extension)?.strip_suffix('.');
            engine.extensions().iter().find_map(without)
        }
        TemplateEngine::Copy | TemplateEngine::Plugin(_) => None,
    };
    stripped.filter(|name| !name.is_empty() && !name.ends_with('/')).unwrap_or(path)
}

fn report_absent_source(entry: &TemplateEntry, files: &Files, findings: &Findings<'_>) {
    if findings.is_full() {
        return;
    }
    let source = entry.source.value.as_str();
    let message = format!("`{source}` is neither a file of the pack nor a folder with files in it");
    let folders = files.keys().flat_map(|path| {
        let path = path.as_str();
        path.match_indices('/').map(|(end, _)| &path[..end])
    });
    let help = match nearest(source, files.keys().map(PackPath::as_str).chain(folders)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "paths are relative to the pack's folder; a file may also be left out by `.packboxignore`".to_owned(),
    };
    findings.add_with_help("manifest/missing-file", &entry.source.range, message, help);
}
