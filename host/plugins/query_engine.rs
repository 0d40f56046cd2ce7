//! Query engines, made ready: what queries say about themselves, and what they give when they are asked about graphs.
//!
//! Always true here: one call takes all graphs and all queries; answers have as many rows as were wanted at the most, and terms that
//! are what they say; text of a guest is redacted, and of files in which a secret may be no line is shown and no answer is kept.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::asked::AskedAll;
use super::built_in;
use super::diagnose::{JobFailure, diagnostics};
use super::toolbox::{checked_limits_of, granted};
use crate::abi::{GuestAnswered, GuestDescription, GuestDiagnostic};
use crate::diagnostic::{Diagnostic, Span};
use crate::digest::Digest;
use crate::engine::exports::query_engine::{Ask, Describe};
use crate::engine::{
    Book, CallError, Callee, Came, Component, Deferred, Limits, Outcome, Plugin, Question, Recall, Role, Run, Tag, Why,
    answer, form, plain_texts,
};
use crate::error::{Error, ErrorKind, Result};
use crate::grants::Grants;
use crate::pack::{Pack, PluginName};
use crate::query::{Answered, Description, Query, Setting, Source, Term};
use crate::secrets::Secrets;
use crate::text;

/// A query engine, ready to be asked; its component is made ready at the first call.
#[derive(Debug, Clone)]
pub struct QueryEngine {
    component: Deferred,
    book: Option<Arc<Book>>,
}

/// What a query came to, or why there is nothing, and where that came from.
pub type Asked<T> = (std::result::Result<T, JobFailure>, Came);

impl QueryEngine {
    /// Takes the built-in engine, with answers of earlier calls, and for those that are made.
    #[must_use]
    pub fn built_in(run: &Run<'_>, book: Option<&Arc<Book>>) -> Self {
        let (built_in, options) = (built_in::sparql(), run.engine().options());
        let (component, limits) = (built_in.component(options.profile), built_in.limits(&options.limits));
        Self { component: Deferred::ours(&component, Role::QueryEngine, limits), book: book.cloned() }
    }

    /// Takes a component.
    #[must_use]
    pub fn prepare(component: &Component<'_>, limits: &Limits, grants: Grants) -> Self {
        Self { component: Deferred::any(component, Role::QueryEngine, *limits, grants), book: None }
    }

    /// The same engine, with answers of earlier calls, and for those that are made.
    #[must_use]
    pub fn keeping(self, book: Option<&Arc<Book>>) -> Self {
        Self { book: book.cloned(), ..self }
    }

    /// The query engine that is one of a pack's plugins.
    ///
    /// # Errors
    /// `Manifest` where there is no such plugin, or the manifest names no digest; `Integrity` where it is another.
    pub fn of_plugin(run: &Run<'_>, pack: &Pack, name: &PluginName, book: Option<&Arc<Book>>) -> Result<Self> {
        let Some(entry) = pack.manifest.plugins.get(name) else {
            return Err(Error::new(ErrorKind::Manifest, format!("there is no plugin `{name}`")));
        };
        let bytes = pack.read(&entry.component.value)?;
        let digest = Digest::of(&bytes);
        let role = Role::QueryEngine;
        let limits = checked_limits_of(role, run.engine(), pack, (name, entry), (&bytes, digest))?;
        let (granted, place) = (granted(run.engine(), entry), pack.span(&entry.component.range));
        let component = Deferred::of_pack((name.as_str(), bytes, digest), role, (limits, granted), place);
        Ok(Self { component, book: book.cloned() })
    }

    /// The plugin, made ready.
    ///
    /// # Errors
    /// Those of [`Run::prepare`].
    pub fn plugin(&self, run: &Run<'_>) -> Result<Arc<Plugin>> {
        self.component.ready(run).map(Arc::clone)
    }

    /// The name of its component.
    #[must_use]
    pub fn name(&self) -> &str {
        self.component.name()
    }

    /// The digest of its component.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.component.digest()
    }

    /// What a call may use.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        self.component.limits()
    }

    /// Reads queries without asking them; of their parameters only the names count. What came of each is in their order.
    ///
    /// # Errors
    /// Those of preparing the component; `Io` where threads can't be started. What is wrong with a query is in its own result.
    pub fn inspect(
        &self,
        run: &Run<'_>,
        setting: &Setting,
        queries: &[Query<'_>],
        secrets: &Secrets,
    ) -> Result<Vec<Asked<Description>>> {
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        let call = Describe { setting: Cow::Borrowed(setting), queries: queries.into() };
        let recall = self.book.as_deref().map(|book| {
            let (tags, options) = (self.component.tags(run, book), setting_tag(book, setting, &[]));
            let question = |query: &Query<'_>| {
                let slot = book.tag("inspect", &[query.path.as_bytes()]);
                let names: Vec<&[u8]> = query.parameters.keys().map(String::as_bytes).collect();
                let about = Question::new(slot, tags).about(book.tag("query", &[query.path.as_bytes(), query.text]));
                (!query.has_secret).then(|| about.with_options(options).with_item(book.tag("names", &names)))
            };
            Recall {
                book,
                known: None,
                reads_all: false,
                asked: Box::new(AskedAll(queries.iter().map(question).collect())),
            }
        });
        let outcomes = run.ask(Callee::Deferred(&self.component), self.limits(), &call, recall.as_ref())?;
        let files = Files::of(&[], queries, secrets);
        Ok(told(outcomes, queries, &files, |given| files.description(given)))
    }

    /// Asks queries about graphs, in one call for all of them. What came of each is in their order; where a source can't be read,
    /// each says so.
    ///
    /// # Errors
    /// As [`QueryEngine::inspect`].
    pub fn ask(
        &self,
        run: &Run<'_>,
        setting: &Setting,
        (sources, queries): (&[Source<'_>], &[Query<'_>]),
        secrets: &Secrets,
    ) -> Result<Vec<Asked<Answered>>> {
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        let call = Ask { setting: Cow::Borrowed(setting), sources: sources.into(), queries: queries.into() };
        let recall = self.book.as_deref().map(|book| {
            let tags = self.component.tags(run, book);
            let has_secret = sources.iter().any(|source| source.has_secret);
            let shared = (!has_secret).then(|| {
                let graphs = book.partials(sources.iter().map(|source| (source.path, source.contents)));
                (graphs, setting_tag(book, setting, sources))
            });
            let question = |query: &Query<'_>| match shared {
                Some((graphs, options)) if !query.has_secret => {
                    Some(question(book, tags, query).including(graphs).with_options(options))
                }
                _ => None,
            };
            Recall {
                book,
                known: None,
                reads_all: false,
                asked: Box::new(AskedAll(queries.iter().map(question).collect())),
            }
        });
        let outcomes = run.ask(Callee::Deferred(&self.component), self.limits(), &call, recall.as_ref())?;
        let files = Files::of(sources, queries, secrets);
        Ok(told(outcomes, queries, &files, |given| files.answered(given)))
    }
}

/// What an answer depends on beside graphs, setting and engine.
fn question(book: &Book, tags: (Tag, Tag), query: &Query<'_>) -> Question {
    let mut item: Vec<Vec<u8>> = vec![query.limit.to_le_bytes().to_vec(), vec![u8::from(query.explain)]];
    for (name, term) in &query.parameters {
        let (kind, texts): (u8, [&str; 3]) = match term {
            Term::Iri(iri) => (0, [iri, "", ""]),
            Term::Blank(label) => (1, [label, "", ""]),
            Term::Literal(literal) => {
                let language = literal.language.as_deref().unwrap_or_default();
                (2, [&literal.value, &literal.datatype, language])
            }
        };
        item.extend([name.as_bytes().to_vec(), vec![kind]]);
        item.extend(texts.map(|text| text.as_bytes().to_vec()));
    }
    let item: Vec<&[u8]> = item.iter().map(Vec::as_slice).collect();
    // Queries of one file that are asked with other parameters are other ones.
    let names = query.parameters.keys().map(String::as_bytes);
    let slot: Vec<&[u8]> = std::iter::once(query.path.as_bytes()).chain(names).collect();
    Question::new(book.tag("ask", &slot), tags)
        .about(book.tag("query", &[query.path.as_bytes(), query.text]))
        .with_item(book.tag("parameters", &item))
}

/// What holds for all queries of a call, beside the contents of graphs.
fn setting_tag(book: &Book, setting: &Setting, sources: &[Source<'_>]) -> Tag {
    let (seed, now) = (setting.seed.to_le_bytes(), setting.now.to_le_bytes());
    let count = (setting.prefixes.len() as u64).to_le_bytes();
    let mut parts: Vec<&[u8]> = vec![setting.base.as_bytes(), &seed, &now, &count];
    parts.extend(setting.prefixes.iter().flat_map(|(name, iri)| [name.as_bytes(), iri.as_bytes()]));
    for source in sources {
        let graph = source.graph.as_deref();
        let named: &[u8] = if graph.is_some() { b"named" } else { b"default" };
        parts.extend([source.notation.name().as_bytes(), named, graph.unwrap_or_default().as_bytes()]);
    }
    book.tag("setting", &parts)
}

/// Translates what came of queries.
fn told<G, T>(
    outcomes: Vec<Outcome<G>>,
    queries: &[Query<'_>],
    files: &Files<'_>,
    plain: impl Fn(G) -> T,
) -> Vec<Asked<T>> {
    let told = |(outcome, query): (Outcome<G>, &Query<'_>)| {
        let result = match outcome.result {
            Ok(given) => {
                outcome.held.keep();
                Ok(plain(given))
            }
            Err(error) => Err(files.failure(&error, query)),
        };
        (result, as_of_query(outcome.came))
    };
    outcomes.into_iter().zip(queries).map(told).collect()
}

/// Says of reasons what they are where no template is called for.
fn as_of_query(came: Came) -> Came {
    let Came::Called(whys) = came else { return came };
    let why = |why: Why| match why {
        Why::Template => Why::Query,
        Why::Partials(paths) => Why::Graphs(paths),
        Why::Options => Why::Setting,
        Why::Item => Why::Parameters,
        other => other,
    };
    Came::Called(whys.into_iter().map(why).collect())
}

/// The files of a call, for places in them.
struct Files<'a> {
    /// By path; of two with the same one, a query comes before a source, and the first before others. Beside the bytes stands
    /// whether no line of them may be shown.
    known: HashMap<&'a str, (&'a [u8], bool)>,
    secrets: &'a Secrets,
}

impl<'a> Files<'a> {
    fn of(sources: &[Source<'a>], queries: &[Query<'a>], secrets: &'a Secrets) -> Self {
        let queries = queries.iter().map(|query| (query.path, query.text, query.has_secret));
        let sources = sources.iter().map(|source| (source.path, source.contents, source.has_secret));
        let mut known: HashMap<&str, (&[u8], bool)> = HashMap::new();
        for (path, contents, has_secret) in queries.chain(sources) {
            let (_, is_secret) = known.entry(path).or_insert((contents, false));
            *is_secret |= has_secret;
        }
        Self { known, secrets }
    }

    fn lookup(&self, path: &str) -> (String, Option<&'a str>) {
        let known = self.known.get(path).and_then(|(contents, _)| std::str::from_utf8(contents).ok());
        (text::printable_line(path), known)
    }

    fn failure(&self, error: &CallError, query: &Query<'_>) -> JobFailure {
        let place = Span::file(text::printable_line(query.path));
        let mut failure = JobFailure::new(error, &place, &|path| self.lookup(path), self.secrets);
        failure.findings.iter_mut().for_each(|finding| self.redact(finding));
        failure
    }

    fn remarks(&self, given: &[GuestDiagnostic]) -> Vec<Diagnostic> {
        let mut remarks = diagnostics(given, &|path| self.lookup(path), self.secrets);
        for remark in &mut remarks {
            self.redact(remark);
        }
        remarks
    }

    fn answered(&self, given: GuestAnswered) -> Answered {
        let steps = given.steps.and_then(|steps| serde_json::from_slice(&steps.0).ok());
        Answered { remarks: self.remarks(&given.remarks.0), answer: answer(given.answer), steps }
    }

    fn description(&self, given: GuestDescription) -> Description {
        Description {
            remarks: self.remarks(&given.remarks.0),
            form: form(given.form),
            variables: plain_texts(given.variables),
            mentions: plain_texts(given.mentions),
            ordered: given.ordered,
            graphs: plain_texts(given.graphs),
            any_graph: given.any_graph,
        }
    }

    /// Takes lines away in which a secret is or may be.
    fn redact(&self, finding: &mut Diagnostic) {
        for span in finding.span.iter_mut().chain(&mut finding.related) {
            let file = self.known.iter().find(|(path, _)| text::printable_line(path) == span.path);
            let hides = file.is_none_or(|(_, (contents, has_secret))| {
                *has_secret
                    || !self.secrets.is_empty() && {
                        let text = String::from_utf8_lossy(contents);
                        self.secrets.redact_contents(&text) != text
                    }
            });
            if hides {
                span.excerpt = None;
            }
        }
    }
}
