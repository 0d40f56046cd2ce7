//! Tests, as manifests list them.

use std::path::{Path, PathBuf};

use oxrdf::vocab::rdf;
use oxrdf::{Dataset, Graph, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term as Node, TermRef};
use sparql::{Answer, File, Notation, Source, Table};

use crate::engine::Engine;
use crate::results::{as_dataset, expected, node, same};

const MANIFEST: &str = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#";
const QUERY: &str = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#";
const APPROVAL: &str = "http://www.w3.org/2001/sw/DataAccess/tests/test-dawg#approval";
/// A query that gives all statements.
const ALL: &str = "SELECT ?s ?p ?o ?g { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }";

/// A test of a manifest.
pub struct Test {
    /// The suite, with its part.
    pub suite: String,
    /// What the manifest calls it.
    pub name: String,
    /// Its class.
    pub kind: String,
    file: Option<PathBuf>,
    data: Vec<PathBuf>,
    graphs: Vec<(String, PathBuf)>,
    result: Option<PathBuf>,
    /// Whether a row may be missing that occurs elsewhere.
    lax: bool,
}

/// The tests of a manifest, and of those that it includes. Those that were withdrawn are left out.
pub fn tests(manifest: &Path) -> Vec<Test> {
    let graph = graph(&mut Engine::Native, manifest);
    let mut found = Vec::new();
    for triple in graph.triples_for_predicate(NamedNodeRef::new_unchecked(&format!("{MANIFEST}include"))) {
        for other in list(&graph, &triple.object.into_owned()) {
            found.extend(path(&other).iter().flat_map(|path| tests(path)));
        }
    }
    for triple in graph.triples_for_predicate(NamedNodeRef::new_unchecked(&format!("{MANIFEST}entries"))) {
        for entry in list(&graph, &triple.object.into_owned()) {
            found.extend(NamedOrBlankNode::try_from(entry).ok().and_then(|entry| test(manifest, &graph, &entry)));
        }
    }
    found
}

fn test(manifest: &Path, graph: &Graph, entry: &NamedOrBlankNode) -> Option<Test> {
    let one = |subject: &NamedOrBlankNode, predicate: &str| {
        graph.object_for_subject_predicate(subject, NamedNodeRef::new_unchecked(predicate)).map(TermRef::into_owned)
    };
    let is = |predicate: &str, name: &str| {
        one(entry, predicate).and_then(|node| node_iri(&node)).is_some_and(|iri| iri.ends_with(&format!("#{name}")))
    };
    if is(APPROVAL, "Withdrawn") {
        return None;
    }
    let kind = node_iri(&one(entry, rdf::TYPE.as_str())?)?.rsplit('#').next()?.to_owned();
    let action = one(entry, &format!("{MANIFEST}action"))?;
    let NamedOrBlankNode::NamedNode(name) = entry else { return None };
    let folder = manifest.parent()?;
    let last = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let above = folder.parent().map(last)?;
    let mut test = Test {
        suite: if above == "w3c" { last(folder) } else { format!("{above}/{}", last(folder)) },
        name: name.as_str().rsplit(['#', '/']).next()?.to_owned(),
        kind,
        file: path(&action),
        data: Vec::new(),
        graphs: Vec::new(),
        result: one(entry, &format!("{MANIFEST}result")).and_then(|result| path(&result)),
        lax: is(&format!("{MANIFEST}resultCardinality"), "LaxCardinality"),
    };
    if test.file.is_none() {
        let action = NamedOrBlankNode::try_from(action).ok()?;
        test.file = one(&action, &format!("{QUERY}query")).and_then(|node| path(&node));
        let all = |name: &str| -> Vec<Node> {
            let predicate = NamedNode::new_unchecked(format!("{QUERY}{name}"));
            graph.objects_for_subject_predicate(&action, &predicate).map(TermRef::into_owned).collect()
        };
        test.data = all("data").iter().filter_map(path).collect();
        test.graphs = all("graphData").iter().filter_map(|node| Some((node_iri(node)?, path(node)?))).collect();
    }
    Some(test)
}

impl Test {
    /// Runs it; none where it is about something else than what is read and asked here.
    pub fn run(&self, engine: &mut Engine) -> Option<Result<(), String>> {
        let path = self.file.as_ref()?;
        Some(match self.kind.as_str() {
            "PositiveSyntaxTest" | "PositiveSyntaxTest11" => inspect(engine, path).map(|_| ()),
            "NegativeSyntaxTest" | "NegativeSyntaxTest11" => negative(inspect(engine, path)),
            "QueryEvaluationTest" => self.evaluate(engine, path),
            kind if kind.starts_with("TestN") || kind.starts_with("TestT") || kind.starts_with("TestX") => {
                let read = statements(engine, path, &self.w3c_base(path));
                match (kind.contains("Negative"), &self.result) {
                    (true, _) => negative(read),
                    (false, None) => read.map(|_| ()),
                    (false, Some(result)) => {
                        read.and_then(|read| same(read, statements(engine, result, &iri_of(result))?))
                    }
                }
            }
            _ => return None,
        })
    }

    /// Where the W3C keeps a file: what its relative IRIs are relative to.
    fn w3c_base(&self, file: &Path) -> String {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match self.suite.split('/').next().unwrap_or_default() {
            "turtle" => format!("http://www.w3.org/2013/TurtleTests/{name}"),
            "trig" => format!("http://www.w3.org/2013/TriGTests/{name}"),
            "rdf-xml" => {
                let text = file.to_string_lossy();
                let below = text.split("/rdf-xml/").nth(1).unwrap_or(&name).to_owned();
                format!("http://www.w3.org/2013/RDFXMLTests/{below}")
            }
            _ => iri_of(file),
        }
    }

    fn evaluate(&self, engine: &mut Engine, query: &Path) -> Result<(), String> {
        let mut graphs = self.graphs.clone();
        // A query may name its files itself.
        if self.data.is_empty() && graphs.is_empty() {
            let named = inspect(engine, query)?;
            let files = named.into_iter().filter_map(|iri| Some((iri.clone(), path_of(&iri)?)));
            graphs.extend(files.filter(|(_, path)| path.is_file()));
        }
        let files = self.data.iter().map(|path| (None, path)).chain(graphs.iter().map(|(iri, path)| (Some(iri), path)));
        let mut sources = Vec::new();
        for (graph, path) in files {
            // Each file of data is read relative to its own place.
            let statements = statements(engine, path, &iri_of(path))?;
            let lines: Vec<String> = statements
                .iter()
                .map(|quad| {
                    format!(
                        "{quad} .
"
                    )
                })
                .collect();
            let file = File { path: path.display().to_string(), contents: lines.concat().into_bytes() };
            sources.push(Source { file, notation: Notation::NQuads, graph: graph.cloned() });
        }
        let answer = engine.ask(&iri_of(query), &sources, file(query)?)?;
        let Some(result) = &self.result else { return Ok(()) };
        let wanted = expected(result, self.lax, |path| graph(engine, path))?;
        same(as_dataset(&answer, self.lax), wanted)
    }
}

fn negative<T>(read: Result<T, String>) -> Result<(), String> {
    read.map_or(Ok(()), |_| Err("it was read".to_owned()))
}

fn inspect(engine: &mut Engine, query: &Path) -> Result<Vec<String>, String> {
    engine.inspect(&iri_of(query), file(query)?)
}

/// All statements of a file.
fn statements(engine: &mut Engine, path: &Path, base: &str) -> Result<Dataset, String> {
    let source = Source { file: file(path)?, notation: notation(path), graph: None };
    let query = File { path: "all.rq".to_owned(), contents: ALL.as_bytes().to_vec() };
    let Answer::Table(Table { rows, .. }) = engine.ask(base, &[source], query)? else {
        return Err("no table".to_owned());
    };
    let quad = |row: Vec<Option<sparql::Term>>| {
        let mut terms = row.iter().map(|term| term.as_ref().map(node));
        let mut next = || terms.next().flatten();
        let subject = NamedOrBlankNode::try_from(next()?).ok()?;
        let predicate = NamedNode::try_from(next()?).ok()?;
        let object = next()?;
        let graph = match next() {
            None => oxrdf::GraphName::DefaultGraph,
            Some(node) => NamedOrBlankNode::try_from(node).ok()?.into(),
        };
        Some(Quad::new(subject, predicate, object, graph))
    };
    rows.into_iter().map(|row| quad(row).ok_or_else(|| "no statement".to_owned())).collect()
}

fn graph(engine: &mut Engine, path: &Path) -> Graph {
    let read = statements(engine, path, &iri_of(path)).unwrap_or_else(|wrong| panic!("{}: {wrong}", path.display()));
    read.iter().map(|quad| oxrdf::Triple::from(quad.into_owned())).collect()
}

fn list(graph: &Graph, head: &Node) -> Vec<Node> {
    let (mut items, mut at) = (Vec::new(), head.clone());
    while let Ok(node) = NamedOrBlankNode::try_from(at.clone()) {
        let Some(first) = graph.object_for_subject_predicate(&node, rdf::FIRST) else { break };
        items.push(first.into_owned());
        let Some(rest) = graph.object_for_subject_predicate(&node, rdf::REST) else { break };
        at = rest.into_owned();
    }
    items
}

fn node_iri(node: &Node) -> Option<String> {
    if let Node::NamedNode(node) = node { Some(node.as_str().to_owned()) } else { None }
}

fn path(node: &Node) -> Option<PathBuf> {
    path_of(&node_iri(node)?)
}

fn path_of(iri: &str) -> Option<PathBuf> {
    iri.strip_prefix("file://").map(|path| PathBuf::from(path.split('#').next().unwrap_or(path)))
}

fn iri_of(path: &Path) -> String {
    format!("file://{}", std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display())
}

fn file(path: &Path) -> Result<File, String> {
    let contents = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(File { path: path.display().to_string(), contents })
}

fn notation(path: &Path) -> Notation {
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "nt" => Notation::NTriples,
        "nq" => Notation::NQuads,
        "trig" => Notation::Trig,
        "rdf" | "xml" => Notation::RdfXml,
        _ => Notation::Turtle,
    }
}
