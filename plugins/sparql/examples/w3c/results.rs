//! Answers, and whether two are the same.

use std::path::Path;

use oxrdf::dataset::CanonicalizationAlgorithm;
use oxrdf::vocab::rdf;
use oxrdf::{
    BlankNode, Dataset, Graph, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term as Node, TermRef, Variable,
};
use sparesults::{QueryResultsFormat, QueryResultsParser, SliceQueryResultsParserOutput};
use sparql::{Answer, Term};

const RESULTS: &str = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#";
const VALUE: &str = "urn:value:";

/// What a file of results says, as statements; `graph` reads a file of statements. Where rows are `lax`, each counts once.
pub fn expected(path: &Path, lax: bool, graph: impl FnOnce(&Path) -> Graph) -> Result<Dataset, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default();
    let Some(format) = QueryResultsFormat::from_extension(&extension) else {
        let graph = graph(path);
        return Ok(from_result_set(&graph, lax).unwrap_or_else(|| {
            with_values(graph.iter().map(|triple| {
                let triple = triple.into_owned();
                Quad::new(triple.subject, triple.predicate, triple.object, GraphName::DefaultGraph)
            }))
        }));
    };
    match QueryResultsParser::from_format(format).for_slice(&bytes).map_err(|error| error.to_string())? {
        SliceQueryResultsParserOutput::Boolean(holds) => Ok(boolean(holds)),
        SliceQueryResultsParserOutput::Solutions(solutions) => {
            let mut rows = Vec::new();
            for solution in solutions {
                let solution = solution.map_err(|error| error.to_string())?;
                rows.push(solution.iter().map(|(name, node)| (name.clone(), node.clone())).collect());
            }
            Ok(table(rows, lax))
        }
    }
}

/// The rows of a table that is written as statements.
fn from_result_set(graph: &Graph, lax: bool) -> Option<Dataset> {
    let node = |name: &str| NamedNode::new_unchecked(format!("{RESULTS}{name}"));
    let set = graph.subject_for_predicate_object(rdf::TYPE, &node("ResultSet"))?.into_owned();
    if let Some(TermRef::Literal(holds)) = graph.object_for_subject_predicate(&set, &node("boolean")) {
        return Some(boolean(holds.value() == "true"));
    }
    let mut rows = Vec::new();
    for solution in graph.objects_for_subject_predicate(&set, &node("solution")) {
        let solution = NamedOrBlankNode::try_from(solution.into_owned()).ok()?;
        let mut row = Vec::new();
        for binding in graph.objects_for_subject_predicate(&solution, &node("binding")) {
            let binding = NamedOrBlankNode::try_from(binding.into_owned()).ok()?;
            let value = graph.object_for_subject_predicate(&binding, &node("value"))?.into_owned();
            let Some(TermRef::Literal(name)) = graph.object_for_subject_predicate(&binding, &node("variable")) else {
                return None;
            };
            row.push((Variable::new_unchecked(name.value()), value));
        }
        rows.push(row);
    }
    Some(table(rows, lax))
}

/// A term of the ABI.
pub fn node(term: &Term) -> Node {
    match term {
        Term::Iri(iri) => NamedNode::new_unchecked(iri).into(),
        Term::Blank(label) => BlankNode::new_unchecked(label).into(),
        Term::Literal(literal) => match &literal.language {
            Some(language) => Literal::new_language_tagged_literal_unchecked(&literal.value, language).into(),
            None => Literal::new_typed_literal(&literal.value, NamedNode::new_unchecked(&literal.datatype)).into(),
        },
    }
}

/// An answer as statements, so that it is the same whatever its blank nodes are called.
pub fn as_dataset(answer: &Answer, lax: bool) -> Dataset {
    match answer {
        Answer::Boolean(holds) => boolean(*holds),
        Answer::Table(given) => {
            let name = |name: &String| Variable::new_unchecked(name);
            let row = |row: &Vec<Option<Term>>| {
                let pairs = given.variables.iter().zip(row);
                pairs.filter_map(|(variable, term)| Some((name(variable), node(term.as_ref()?)))).collect()
            };
            table(given.rows.iter().map(row).collect(), lax)
        }
        Answer::Graph(statements) => with_values(statements.iter().filter_map(|one| {
            let subject = NamedOrBlankNode::try_from(node(&one.subject)).ok()?;
            let predicate = NamedNode::new_unchecked(&one.predicate);
            Some(Quad::new(subject, predicate, node(&one.object), GraphName::DefaultGraph))
        })),
    }
}

fn boolean(holds: bool) -> Dataset {
    let (subject, predicate) = (NamedNode::new_unchecked("urn:answer"), NamedNode::new_unchecked("urn:is"));
    [Quad::new(subject, predicate, Literal::from(holds), GraphName::DefaultGraph)].into_iter().collect()
}

/// Rows as statements. How often each occurs counts, unless it is lax.
fn table(mut rows: Vec<Vec<(Variable, Node)>>, lax: bool) -> Dataset {
    if lax {
        rows.sort_by_key(|row| row.iter().map(|(name, node)| format!("{name} {node}")).collect::<Vec<_>>());
        rows.dedup();
    }
    let quads = rows.into_iter().enumerate().flat_map(|(number, row)| {
        let subject = BlankNode::new_unchecked(format!("row{number}"));
        let is_row =
            Quad::new(subject.clone(), rdf::TYPE, NamedNode::new_unchecked("urn:row"), GraphName::DefaultGraph);
        let cells = row.into_iter().map(move |(name, node)| {
            let name = NamedNode::new_unchecked(format!("{VALUE}{}", name.as_str()));
            Quad::new(subject.clone(), name, node, GraphName::DefaultGraph)
        });
        std::iter::once(is_row).chain(cells).collect::<Vec<_>>()
    });
    with_values(quads)
}

/// Statements with numbers written in one way only.
fn with_values(quads: impl Iterator<Item = Quad>) -> Dataset {
    let is_number = |literal: &Literal| {
        let name = literal.datatype().as_str().strip_prefix("http://www.w3.org/2001/XMLSchema#").unwrap_or_default();
        ["decimal", "double", "float", "integer"].contains(&name)
    };
    let value = |quad: Quad| match &quad.object {
        Node::Literal(literal) if is_number(literal) => match literal.value().parse::<f64>() {
            Ok(number) => {
                let object = Literal::new_typed_literal(number.to_string(), literal.datatype().into_owned()).into();
                Quad { object, ..quad }
            }
            Err(_) => quad,
        },
        _ => quad,
    };
    quads.map(value).collect()
}

/// Whether two sets of statements are the same but for the labels of blank nodes.
pub fn same(mut given: Dataset, mut wanted: Dataset) -> Result<(), String> {
    given.canonicalize(CanonicalizationAlgorithm::Unstable);
    wanted.canonicalize(CanonicalizationAlgorithm::Unstable);
    if given == wanted {
        return Ok(());
    }
    let first = |one: &Dataset, other: &Dataset| {
        one.iter().find(|quad| !other.contains(*quad)).map_or_else(|| "-".to_owned(), |quad| quad.to_string())
    };
    Err(format!(
        "given {}, wanted {}; {} and {} statements",
        first(&given, &wanted),
        first(&wanted, &given),
        given.len(),
        wanted.len()
    ))
}
