//! Cases.

mod answers;
mod anything;
mod order;
mod parameters;
mod queries;
mod remarks;
mod sources;

use crate::{Answer, Answered, Failure, File, Inspected, Notation, Parameter, Query, Setting, Source, Term, ask};

/// Prefixes, a base and a seed.
fn setting() -> Setting {
    Setting { base: "http://example.org/".to_owned(), prefixes: Vec::new(), seed: 7, now: 1_700_000_000 }
}

/// A file of Turtle.
fn turtle(text: &str) -> Source {
    Source { file: file("data.ttl", text), notation: Notation::Turtle, graph: None }
}

fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), contents: text.as_bytes().to_vec() }
}

fn inspected(text: &str) -> Inspected {
    Inspected { file: file("query.rq", text), parameters: Vec::new() }
}

fn query(text: &str) -> Query {
    Query { file: file("query.rq", text), parameters: Vec::new(), limit: 1000, explain: false }
}

/// Asks one query about a text in Turtle.
fn asked(data: &str, text: &str) -> Result<Answered, Failure> {
    asked_with(data, text, Vec::new())
}

fn asked_with(data: &str, text: &str, parameters: Vec<Parameter>) -> Result<Answered, Failure> {
    let query = Query { parameters, ..query(text) };
    ask::ask(&setting(), &[turtle(data)], &[query]).remove(0)
}

/// The rows of a table as text: terms as `<iri>`, `_:label`, `"value"`, `"value"@language`, `"value"^^type`, `-` for none.
fn rows(answered: Result<Answered, Failure>) -> Vec<String> {
    match answered.unwrap().answer {
        Answer::Table(table) => {
            let row = |row: &Vec<Option<Term>>| {
                row.iter().map(|term| term.as_ref().map_or_else(|| "-".to_owned(), shown)).collect::<Vec<_>>().join(" ")
            };
            table.rows.iter().map(row).collect()
        }
        Answer::Boolean(holds) => vec![holds.to_string()],
        Answer::Graph(statements) => statements
            .iter()
            .map(|one| format!("{} <{}> {}", shown(&one.subject), one.predicate, shown(&one.object)))
            .collect(),
    }
}

fn shown(term: &Term) -> String {
    match term {
        Term::Iri(iri) => format!("<{iri}>"),
        Term::Blank(label) => format!("_:{label}"),
        Term::Literal(literal) => match (&literal.language, literal.datatype.rsplit('#').next()) {
            (Some(language), _) => format!("\"{}\"@{language}", literal.value),
            (None, Some("string")) => format!("\"{}\"", literal.value),
            (None, datatype) => format!("\"{}\"^^{}", literal.value, datatype.unwrap_or_default()),
        },
    }
}

/// Rule, message, help and place of the first finding of a failure.
fn refusal<T: std::fmt::Debug>(result: Result<T, Failure>) -> String {
    let Err(Failure::Invalid(findings)) = result else { panic!("not refused: {result:?}") };
    let finding = &findings[0];
    let place = finding
        .span
        .as_ref()
        .map_or_else(String::new, |span| format!(" at {}:{}:{}", span.path, span.start.line, span.start.column));
    let help = finding.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
    format!("{}: {}{help}{place}", finding.rule, finding.message)
}
