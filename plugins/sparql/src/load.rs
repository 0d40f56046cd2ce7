//! Reads files of statements.
//!
//! Always true here: blank nodes of two files are never the same node, whatever their labels, and what is read does not
//! depend on the order of the sources.

use oxrdf::{BlankNode, GraphName, NamedNode, NamedOrBlankNode, Term as Node};
use oxrdfxml::{RdfXmlParseError, RdfXmlParser};
use oxttl::{NQuadsParser, NTriplesParser, TriGParser, TurtleParser, TurtleSyntaxError};
use rustc_hash::FxHashMap;

use crate::failures::{GRAPH_SYNTAX, SETTING, error, fragment, span};
use crate::graphs::{Builder, Graphs};
use crate::{Diagnostic, Notation, Setting, Source};

/// With what labels of blank nodes begin that files have. None that a query can make begins so.
pub const READ: char = '~';

/// Reads all sources.
///
/// # Errors
/// What is wrong, once for each source.
pub fn load(setting: &Setting, sources: &[Source]) -> Result<Graphs, Vec<Diagnostic>> {
    let mut builder = Builder::default();
    let mut wrong = Vec::new();
    let mut sources: Vec<&Source> = sources.iter().collect();
    sources.sort_by_key(|source| (&source.file.path, &source.graph, source.notation as u8, &source.file.contents));
    for (number, source) in sources.into_iter().enumerate() {
        if let Err(finding) = read(setting, source, number, &mut builder) {
            wrong.push(*finding);
        }
    }
    if wrong.is_empty() { Ok(builder.finish()) } else { Err(wrong) }
}

fn read(setting: &Setting, source: &Source, number: usize, builder: &mut Builder) -> Result<(), Box<Diagnostic>> {
    let contents = source.file.contents.as_slice();
    // A byte order mark is no statement.
    let contents = contents.strip_prefix(b"\xef\xbb\xbf").unwrap_or(contents);
    let graph = match &source.graph {
        Some(iri) => Some(NamedNode::new(iri).map_err(|wrong| {
            let message = format!("the graph `{iri}` is no IRI: {}", fragment(&wrong.to_string()));
            Box::new(error(SETTING, message, None, None))
        })?),
        None => None,
    };
    let no_base = |wrong: oxrdf::IriParseError| {
        let message = format!("the base `{}` is no IRI: {}", setting.base, fragment(&wrong.to_string()));
        Box::new(error(SETTING, message, None, None))
    };
    let graph = graph.map(Node::from);
    let mut add = Adding { builder, number, graph, blank: FxHashMap::default() };
    match source.notation {
        Notation::Turtle => {
            let parser = TurtleParser::new().with_base_iri(&setting.base).map_err(no_base)?;
            for triple in parser.for_slice(contents) {
                let triple = triple.map_err(|wrong| syntax(source, &wrong))?;
                add.statement(GraphName::DefaultGraph, triple.subject, triple.predicate, triple.object);
            }
        }
        Notation::NTriples => {
            for triple in NTriplesParser::new().for_slice(contents) {
                let triple = triple.map_err(|wrong| syntax(source, &wrong))?;
                add.statement(GraphName::DefaultGraph, triple.subject, triple.predicate, triple.object);
            }
        }
        Notation::Trig => {
            let parser = TriGParser::new().with_base_iri(&setting.base).map_err(no_base)?;
            for quad in parser.for_slice(contents) {
                let quad = quad.map_err(|wrong| syntax(source, &wrong))?;
                add.statement(quad.graph_name, quad.subject, quad.predicate, quad.object);
            }
        }
        Notation::NQuads => {
            for quad in NQuadsParser::new().for_slice(contents) {
                let quad = quad.map_err(|wrong| syntax(source, &wrong))?;
                add.statement(quad.graph_name, quad.subject, quad.predicate, quad.object);
            }
        }
        Notation::RdfXml => {
            let parser = RdfXmlParser::new().with_base_iri(&setting.base).map_err(no_base)?;
            let mut triples = parser.for_slice(contents);
            let skipped = source.file.contents.len() - contents.len();
            while let Some(triple) = triples.next() {
                let at = usize::try_from(triples.buffer_position()).unwrap_or(usize::MAX);
                let triple = triple.map_err(|wrong| {
                    let message = fragment(&RdfXmlParseError::from(wrong).to_string());
                    let at = at.min(contents.len()) + skipped;
                    Box::new(error(GRAPH_SYNTAX, message, None, Some(span(&source.file, at..at))))
                })?;
                add.statement(GraphName::DefaultGraph, triple.subject, triple.predicate, triple.object);
            }
        }
    }
    Ok(())
}

/// What is wrong with a text in one of the family of Turtle.
fn syntax(source: &Source, wrong: &TurtleSyntaxError) -> Box<Diagnostic> {
    let offset = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let skipped = if source.file.contents.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let place = wrong.location();
    let range = offset(place.start.offset) + skipped..offset(place.end.offset) + skipped;
    Box::new(error(GRAPH_SYNTAX, fragment(wrong.message()), None, Some(span(&source.file, range))))
}

/// Statements of a file on their way.
struct Adding<'a> {
    builder: &'a mut Builder,
    number: usize,
    /// Where statements go that name no graph.
    graph: Option<Node>,
    /// The numbers of blank nodes, in the order in which the file has them.
    blank: FxHashMap<BlankNode, usize>,
}

impl Adding<'_> {
    fn statement(&mut self, graph: GraphName, subject: NamedOrBlankNode, predicate: NamedNode, object: Node) {
        let graph = match graph {
            GraphName::DefaultGraph => self.graph.clone(),
            GraphName::BlankNode(node) => Some(self.blank(node)),
            GraphName::NamedNode(node) => Some(node.into()),
        };
        let subject = match subject {
            NamedOrBlankNode::BlankNode(node) => self.blank(node),
            NamedOrBlankNode::NamedNode(node) => node.into(),
        };
        let object = match object {
            Node::BlankNode(node) => self.blank(node),
            other => other,
        };
        self.builder.add(graph, subject, predicate, object);
    }

    fn blank(&mut self, node: BlankNode) -> Node {
        let next = self.blank.len();
        let number = self.blank.entry(node).or_insert(next);
        BlankNode::new_unchecked(format!("{READ}{:08x}{number:08x}", self.number)).into()
    }
}
