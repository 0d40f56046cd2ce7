//! The sandbox as the one who asks: a pack's files, its queries and a user's graphs handed to the component that answers.
//!
//! Always true here: of the user's files only those are read that the user named; nothing is interpreted here; what goes wrong
//! is told at the places that the user knows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use memchr::memmem;
use serde_json::{Map, Value};

use super::evaluator::ToolboxEvaluator;
use super::querier::{Asked, Asking, Graph, Querier};
use super::shelf::File;
use crate::diagnostic::{Diagnostic, Span};
use crate::digest::Digest;
use crate::engine::Known;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::pack::{Expression, MANIFEST_NAME, Pack, PackPath, QueryName, QueryText, TemplateEngine, engines_in_use};
use crate::plugins::{Asked as Outcome, JobFailure, QueryEngine};
use crate::progress::Event;
use crate::query::{Answer, Answered, Description, LARGEST_GRAPH, Notation, Query, Setting, Source, Term};
use crate::values::Problem;

/// The most rows or statements of an answer.
const MOST_ROWS: u32 = 100_000;
/// The rule of answers that have more.
const TOO_MANY: &str = "query/rows";
/// How often an answer is held at once: as a value, in the plan, and as text for who evaluates and who renders.
const COPIES: u64 = 3;

impl ToolboxEvaluator<'_, '_> {
    fn statements(&self) -> Result<&[File]> {
        if let Some(files) = self.shelf.statements.get() {
            return Ok(files);
        }
        let files = self.pack.ontology().into_iter().map(|(path, notation)| self.file(&path, notation));
        let files = files.collect::<Result<Vec<_>>>()?;
        Ok(self.shelf.statements.get_or_init(|| files))
    }

    /// Reads the pack's statements, which nobody asks about.
    ///
    /// # Errors
    /// What can't be read; those of preparing the engine.
    pub fn read_statements(&self) -> Result<()> {
        let sources: Vec<Source<'_>> = self.statements()?.iter().map(source).collect();
        if sources.is_empty() {
            return Ok(());
        }
        // What goes wrong as a whole is the pack's.
        let path = MANIFEST_NAME.to_owned();
        let nothing = File { path, contents: b"ASK {}".to_vec(), notation: Notation::default() };
        let nothing = [asked(&nothing, BTreeMap::new(), false)];
        let outcomes = self.engine().ask(self.toolbox.run(), &self.setting(), (&sources, &nothing), &self.secrets)?;
        self.all(outcomes, &nothing).map(drop)
    }

    /// The texts of all queries, in their order.
    fn queries(&self) -> Result<&[File]> {
        if let Some(files) = self.shelf.queries.get() {
            return Ok(files);
        }
        let file = |(name, query): (&QueryName, &crate::pack::Query)| match &query.text {
            QueryText::File(path) => self.file(&path.value, Notation::default()),
            QueryText::Inline(text) => {
                let contents = text.value.clone().into_bytes();
                Ok(File { path: inline(name), contents, notation: Notation::default() })
            }
            QueryText::Given { path, text } => {
                // A name that a file of the pack has, too, is told apart.
                let is_known = self.pack.files.contains_key(path.as_str());
                let path = if is_known { format!("./{path}") } else { path.clone() };
                Ok(File { path, contents: text.clone().into_bytes(), notation: Notation::default() })
            }
        };
        let files = self.pack.manifest.queries.iter().map(file).collect::<Result<Vec<_>>>()?;
        Ok(self.shelf.queries.get_or_init(|| files))
    }

    fn file(&self, path: &PackPath, notation: Notation) -> Result<File> {
        let bytes = self.pack.files.get(path).map_or(0, |file| file.bytes);
        self.toolbox.budget().draw(bytes)?;
        Ok(File { path: path.to_string(), contents: self.pack.read(path)?, notation })
    }

    fn setting(&self) -> Setting {
        let manifest = &self.pack.manifest;
        let ontology = &manifest.ontology;
        let own = || format!("https://packbox.invalid/{}/", manifest.pack.name.value);
        let prefixes = ontology.prefixes.iter();
        Setting {
            base: ontology.base.as_ref().map_or_else(own, |base| base.value.to_string()),
            prefixes: prefixes.map(|(name, iri)| (name.to_string(), iri.value.to_string())).collect(),
            seed: 0,
            now: 0,
        }
    }

    fn engine(&self) -> &QueryEngine {
        self.shelf.engine.get_or_init(|| QueryEngine::built_in(self.toolbox.run(), self.toolbox.book()))
    }

    /// Asks queries about the pack's statements and these graphs.
    fn answers(&self, graphs: &[&Graph], queries: &[Asking<'_>], explain: bool) -> Result<Vec<Answered>> {
        let of_pack = self.statements()?.iter().map(source);
        let others = graphs.iter().map(|graph| Source {
            path: &graph.path,
            contents: &graph.contents,
            notation: graph.notation,
            graph: graph.name.clone(),
            has_secret: graph.has_secret,
        });
        let sources: Vec<Source<'_>> = of_pack.chain(others).collect();
        let texts: BTreeMap<&QueryName, &File> = self.pack.manifest.queries.keys().zip(self.queries()?).collect();
        let asked = queries.iter().filter_map(|asking| {
            let file = texts.get(asking.name)?;
            Some(Query { explain, ..asked(file, asking.parameters.clone(), asking.has_secret) })
        });
        let asked: Vec<Query<'_>> = asked.collect();
        let run = self.toolbox.run();
        run.engine().options().progress.on(&Event::Asking { queries: asked.len() });
        let outcomes = self.engine().ask(run, &self.setting(), (&sources, &asked), &self.secrets)?;
        let mut answers = self.all(outcomes, &asked)?;
        for Answered { answer, remarks, .. } in &mut answers {
            self.toolbox.budget().draw(COPIES * answer.weight())?;
            self.place(remarks);
        }
        Ok(answers)
    }

    /// Takes what came of queries, or makes one error of all that failed.
    fn all<T>(&self, outcomes: Vec<Outcome<T>>, queries: &[Query<'_>]) -> Result<Vec<T>> {
        let (mut results, mut failures) = (Vec::with_capacity(outcomes.len()), Vec::new());
        for ((result, _), query) in outcomes.into_iter().zip(queries) {
            match result {
                Ok(result) => results.push(result),
                Err(mut failure) => {
                    // Where no place in it is named, it is the query as a whole.
                    let unplaced = failure.findings.iter_mut().filter(|finding| finding.span.is_none());
                    unplaced.for_each(|finding| finding.span = Some(Span::file(query.path)));
                    self.place(&mut failure.findings);
                    failures.push(failure);
                }
            }
        }
        // Where a source can't be read, each query says so.
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for failure in &mut failures {
            failure.findings.retain(|finding| seen.insert(finding.to_string()));
        }
        match JobFailure::into_error(failures, "query") {
            Some(error) => Err(error),
            None => Ok(results),
        }
    }

    /// Tells places as the user knows them: files of the pack by the pack, and texts of the manifest in the manifest.
    fn place(&self, findings: &mut [Diagnostic]) {
        for finding in findings {
            if finding.rule == TOO_MANY {
                // There is no option for it.
                finding.help = Some("ask for less, with `LIMIT` for instance".to_owned());
            }
            for span in finding.span.iter_mut().chain(&mut finding.related) {
                if let Some((known, _)) = self.pack.files.get_key_value(span.path.as_str()) {
                    span.path = self.pack.path_of(known);
                } else if let Some(place) = in_manifest(self.pack, span) {
                    *span = place;
                }
            }
        }
    }
}

/// What the text of a query in the manifest is called.
fn inline(name: &QueryName) -> String {
    format!("[queries.{name}]")
}

/// Where a place in a query's text stands in the manifest; none where it stands in a file.
fn in_manifest(pack: &Pack, span: &Span) -> Option<Span> {
    let name = span.path.strip_prefix("[queries.")?.strip_suffix(']')?;
    let QueryText::Inline(text) = &pack.manifest.queries.get(name)?.text else { return None };
    let written = pack.manifest_text.get(text.range.clone())?;
    let whole = pack.span(&text.range);
    // A text with escapes is not written as it reads.
    let Some(offset) = written.find(text.value.as_str()) else { return Some(whole) };
    let start = text.range.start + offset;
    let begin = pack.span(&(start..start)).start;
    let shifted = |mut at: crate::diagnostic::Position| {
        if at.line == 1 {
            at.column += begin.column - 1;
        }
        at.line += begin.line - 1;
        at
    };
    let excerpt = if span.start.line == 1 { pack.span(&(start..start)).excerpt } else { span.excerpt.clone() };
    Some(Span { path: whole.path, start: shifted(span.start), end: span.end.map(shifted), excerpt })
}

impl Querier for ToolboxEvaluator<'_, '_> {
    fn inspect(&self) -> Result<Vec<Description>> {
        let declared = self.pack.manifest.queries.values();
        let queries: Vec<Query<'_>> = self
            .queries()?
            .iter()
            .zip(declared)
            .map(|(file, query)| {
                let names = query.parameters.iter().map(|parameter| parameter.name.value.to_string());
                let parameters = names.map(|name| (name, Term::text("")));
                asked(file, parameters.collect(), false)
            })
            .collect();
        let outcomes = self.engine().inspect(self.toolbox.run(), &self.setting(), &queries, &self.secrets)?;
        let mut descriptions = self.all(outcomes, &queries)?;
        for description in &mut descriptions {
            self.place(&mut description.remarks);
        }
        Ok(descriptions)
    }

    fn read_by_files(&self, names: &[&str]) -> Result<BTreeSet<String>> {
        let pack = self.pack;
        let templates = pack.templates()?;
        let engines = engines_in_use(&pack.manifest, &templates);
        // A plugin of the pack's is handed all values.
        if engines.iter().any(|engine| matches!(engine, TemplateEngine::Plugin(_))) {
            return Ok(names.iter().map(|name| (*name).to_owned()).collect());
        }
        let mut words = Words { left: names.iter().copied().collect(), found: BTreeSet::new() };
        let gates = pack.manifest.queries.values().filter_map(|query| query.gate.as_ref()?.message.as_ref());
        gates.for_each(|message| words.look(message.value.as_bytes()));
        for template in &templates {
            let texts = [Some(&template.output), template.when.as_ref(), template.for_each.as_ref()];
            texts.into_iter().flatten().for_each(|text| words.look(text.value.as_bytes()));
        }
        let rendered =
            templates.iter().filter(|template| template.engines().any(|engine| *engine != TemplateEngine::Copy));
        let mut paths: BTreeSet<PackPath> = rendered.map(|template| template.source.clone()).collect();
        paths.extend(pack.partials_of(&engines));
        paths.extend(pack.manifest.pack.message.iter().map(|message| message.value.clone()));
        for path in paths {
            if words.left.is_empty() {
                break;
            }
            words.look(&pack.read(&path)?);
        }
        Ok(words.found)
    }

    fn graph(&self, path: &str, is_sample: bool) -> Result<std::result::Result<Graph, Problem>> {
        let graph = |contents: Vec<u8>, is_of_pack: bool| {
            let notation = Notation::of_path(path).unwrap_or_default();
            // A name that a file of the pack has, too, is told apart.
            let is_known = !is_of_pack && self.pack.files.contains_key(path);
            let path = if is_known { format!("./{path}") } else { path.to_owned() };
            Graph { path, contents, notation, name: None, has_secret: false, is_of_pack }
        };
        if is_sample {
            let Some((known, _)) = self.pack.files.get_key_value(path) else {
                return Ok(Err(Problem::of_file("must be a file of the pack, where it is an example")));
            };
            let file = self.file(known, Notation::default())?;
            return Ok(Ok(graph(file.contents, true)));
        }
        if Notation::of_path(path).is_none() {
            let wanted = format!("must be a file whose name ends in {}", Notation::ENDINGS);
            return Ok(Err(Problem::of_file(wanted)));
        }
        let bytes = match files::read_own(Path::new(path), LARGEST_GRAPH) {
            Ok(bytes) => bytes,
            Err(error) => return Ok(Err(Problem::of_file(unread(path, &error)))),
        };
        if is_within(self.pack, Path::new(path)) {
            let what =
                "must be a file of yours, and is one of the pack: a pack lists its own under `files` of `[ontology]`";
            return Ok(Err(Problem::of_file(what)));
        }
        self.toolbox.budget().draw(bytes.len() as u64)?;
        Ok(Ok(graph(bytes, false)))
    }

    fn ask(&self, graphs: &[&Graph], queries: &[Asking<'_>]) -> Result<Vec<Answer>> {
        let answers = self.answers(graphs, queries, false)?;
        let mut remarks = self.remarks.borrow_mut();
        let answer = |answered: Answered| {
            remarks.extend(answered.remarks);
            answered.answer
        };
        Ok(answers.into_iter().map(answer).collect())
    }

    fn ask_one(&self, graphs: &[&Graph], query: &Asking<'_>, explain: bool) -> Result<Asked> {
        let used = || self.toolbox.budget().used().fuel.used;
        let before = used();
        let asking = Asking { parameters: query.parameters.clone(), ..*query };
        let answered = self.answers(graphs, &[asking], explain)?.pop();
        let none = || Error::new(ErrorKind::Plugin, "the engine gave no answer to the query");
        Ok(Asked { answered: answered.ok_or_else(none)?, fuel: used().saturating_sub(before) })
    }

    fn render(
        &self,
        context: &Map<String, Value>,
        secrets: &BTreeSet<&str>,
        texts: &[(Expression<'_>, Vec<u8>)],
    ) -> Result<Vec<(String, Vec<String>)>> {
        let known = Known::new(context, secrets);
        let context = serde_json::to_vec(context).unwrap_or_else(|_| b"{}".to_vec());
        let texts: Vec<_> = texts.iter().map(|(text, locals)| (text.clone(), locals.as_slice())).collect();
        let results = self.toolbox.evaluate_all((&context, Some(&known)), &texts, &self.secrets)?;
        let mut rendered = Vec::with_capacity(results.len());
        for result in results {
            let (value, reads) = result.map_err(|failure| failure.into_one("message"))?;
            rendered.push((value.as_str().map_or_else(|| value.to_string(), str::to_owned), reads));
        }
        Ok(rendered)
    }

    fn inputs(&self) -> Result<(Digest, BTreeMap<PackPath, Digest>)> {
        let files = self.statements()?.iter().chain(self.queries()?);
        let digest = |file: &File| Some((PackPath::new(&file.path).ok()?, Digest::of(&file.contents)));
        let files = files.filter(|file| self.pack.files.contains_key(file.path.as_str())).filter_map(digest);
        Ok((self.engine().digest(), files.collect()))
    }
}

/// Statements of the pack.
fn source(file: &File) -> Source<'_> {
    Source { path: &file.path, contents: &file.contents, notation: file.notation, graph: None, has_secret: false }
}

fn asked(file: &File, parameters: BTreeMap<String, Term>, has_secret: bool) -> Query<'_> {
    Query { path: &file.path, text: &file.contents, parameters, limit: MOST_ROWS, explain: false, has_secret }
}

/// Why a file that the user named could not be read.
fn unread(path: &str, error: &std::io::Error) -> String {
    let path = crate::show::quoted(path);
    match error.kind() {
        std::io::ErrorKind::NotFound => format!("must be a file, and there is none at {path}"),
        std::io::ErrorKind::IsADirectory => format!("must be a file, and {path} is a folder"),
        std::io::ErrorKind::FileTooLarge => {
            format!("must be a file of at most {}, and {path} is larger", crate::text::format_bytes(LARGEST_GRAPH))
        }
        _ => format!("must be a file that can be read, and {path} can't be: {error}"),
    }
}

/// Whether a file lies in the pack's folder, whatever way leads there.
fn is_within(pack: &Pack, path: &Path) -> bool {
    let (Some(place), Ok(path)) = (pack.place().and_then(|place| place.canonicalize().ok()), path.canonicalize())
    else {
        return false;
    };
    let Ok(inner) = path.strip_prefix(&place) else { return false };
    let inner = inner.to_string_lossy().replace('\\', "/");
    // What the pack leaves out is no part of it.
    pack.files.contains_key(inner.as_str())
}

/// Names that are looked for as words of texts.
struct Words<'n> {
    left: BTreeSet<&'n str>,
    found: BTreeSet<String>,
}

impl Words<'_> {
    fn look(&mut self, text: &[u8]) {
        let found: Vec<&str> = self.left.iter().copied().filter(|name| is_word_of(name, text)).collect();
        for name in found {
            self.left.remove(name);
            self.found.insert(name.to_owned());
        }
    }
}

/// Whether a name stands in a text with nothing beside it that could be a part of it.
fn is_word_of(name: &str, text: &[u8]) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    memmem::find_iter(text, name).any(|start| {
        let before = start.checked_sub(1).and_then(|before| text.get(before));
        !is_part(before) && !is_part(text.get(start + name.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words() {
        for text in ["{{ ports }}", "ports", "x in ports|length", "[ports]", "ä ports."] {
            assert!(is_word_of("ports", text.as_bytes()), "{text}");
        }
        for text in ["", "port", "my_ports", "ports2", "reports"] {
            assert!(!is_word_of("ports", text.as_bytes()), "{text}");
        }
        assert!(is_word_of("a", b"aa a"));
    }
}
