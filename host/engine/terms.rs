//! What a query engine gives, compared with what it was asked, and as plain data.
//!
//! Always true here: what passes has a value or none for each variable in each row, no more rows than were wanted, and terms that
//! can be written and read again. Takes time in proportion to what came back.

use std::collections::HashSet;

use crate::abi::{
    GuestAnswer, GuestAnswered, GuestDescription, GuestForm, GuestLiteral, GuestStatement, GuestTable, GuestTerm,
    Metered,
};
use crate::query::{Answer, Form, Literal, Query, Statement, Table, Term, is_iri, is_label, is_language, is_name};
use crate::show::count;
use crate::text;

/// Characters of a term that are shown.
const SHOWN: usize = 60;

/// Checks an answer to a query.
///
/// # Errors
/// The first thing that is not true.
pub(super) fn check(query: &Query<'_>, answered: &GuestAnswered) -> Result<(), String> {
    match &answered.steps {
        Some(_) if !query.explain => return Err("gave steps that nobody asked for".to_owned()),
        Some(steps) if serde_json::from_slice::<serde_json::Map<_, _>>(&steps.0).is_err() => {
            return Err("gave steps that are not a JSON object".to_owned());
        }
        _ => {}
    }
    match &answered.answer {
        GuestAnswer::Boolean(_) => Ok(()),
        GuestAnswer::Table(table) => within(query, table.rows.0.len(), "row").and_then(|()| rows(table)),
        GuestAnswer::Graph(statements) => {
            within(query, statements.0.len(), "statement").and_then(|()| graph(&statements.0))
        }
    }
}

/// Checks what a query says about itself.
///
/// # Errors
/// The first thing that is not true.
pub(super) fn check_description(description: &GuestDescription) -> Result<(), String> {
    names(&description.variables)?;
    names(&description.mentions)?;
    if description.form != GuestForm::Select && !description.variables.0.is_empty() {
        return Err("gave variables of a query that has no table".to_owned());
    }
    match description.graphs.0.iter().find(|graph| !is_iri(&graph.0)) {
        Some(graph) => Err(format!("gave a wrong graph: `{}` is no IRI", shown(&graph.0))),
        None => Ok(()),
    }
}

fn within(query: &Query<'_>, given: usize, what: &str) -> Result<(), String> {
    if given as u64 > u64::from(query.limit) {
        let (given, wanted) = (count(given as u64, what), query.limit);
        return Err(format!("gave {given}, but {wanted} were wanted at the most"));
    }
    Ok(())
}

fn names(names: &Metered<Vec<Metered<String>>>) -> Result<(), String> {
    let mut known = HashSet::new();
    for name in &names.0 {
        if !is_name(&name.0) {
            return Err(format!("gave a wrong variable: `{}` is no name", shown(&name.0)));
        }
        if !known.insert(&name.0) {
            return Err(format!("gave the variable `{}` twice", shown(&name.0)));
        }
    }
    Ok(())
}

fn rows(table: &GuestTable) -> Result<(), String> {
    names(&table.variables)?;
    let columns = table.variables.0.len();
    for (number, row) in (1..).zip(&table.rows.0) {
        if row.0.len() != columns {
            let (values, columns) = (count(row.0.len() as u64, "value"), count(columns as u64, "variable"));
            return Err(format!("gave a wrong row: row {number} has {values} for {columns}"));
        }
        for (name, value) in table.variables.0.iter().zip(&row.0) {
            let wrong = |what: String| format!("gave a wrong term: row {number}, `?{}`, {what}", shown(&name.0));
            value.as_ref().map_or(Ok(()), term).map_err(wrong)?;
        }
    }
    Ok(())
}

fn graph(statements: &[GuestStatement]) -> Result<(), String> {
    let mut known = HashSet::with_capacity(statements.len());
    for (number, statement) in (1_u64..).zip(statements) {
        let wrong = |what: String| format!("gave a wrong statement: statement {number} {what}");
        if matches!(statement.subject, GuestTerm::Literal(_)) {
            return Err(wrong("has a literal as its subject".to_owned()));
        }
        iri(&statement.predicate.0).map_err(|what| wrong(format!("has a predicate that {what}")))?;
        term(&statement.subject).map_err(|what| wrong(format!("has a subject that {what}")))?;
        term(&statement.object).map_err(|what| wrong(format!("has an object that {what}")))?;
        if !known.insert(statement) {
            return Err(wrong("stands there twice".to_owned()));
        }
    }
    Ok(())
}

fn term(term: &GuestTerm) -> Result<(), String> {
    match term {
        GuestTerm::Iri(text) => iri(&text.0),
        GuestTerm::Blank(label) if is_label(&label.0) => Ok(()),
        GuestTerm::Blank(label) => Err(format!("is no blank node: `{}` is no label", shown(&label.0))),
        GuestTerm::Literal(given) => {
            if !is_iri(&given.datatype.0) {
                return Err(format!("is no literal: its datatype `{}` is no IRI", shown(&given.datatype.0)));
            }
            if let Some(language) = given.language.as_ref().filter(|language| !is_language(&language.0)) {
                return Err(format!("is no literal: `{}` is no language", shown(&language.0)));
            }
            let consistent = Literal {
                value: String::new(),
                datatype: given.datatype.0.clone(),
                language: given.language.as_ref().map(|language| language.0.clone()),
            };
            if !consistent.is_consistent() {
                return Err(format!(
                    "is no literal: it has {} language and the datatype `{}`",
                    if given.language.is_some() { "a" } else { "no" },
                    shown(&given.datatype.0)
                ));
            }
            Ok(())
        }
    }
}

fn iri(text: &str) -> Result<(), String> {
    if is_iri(text) { Ok(()) } else { Err(format!("is no IRI: `{}`", shown(text))) }
}

fn shown(text: &str) -> String {
    text::shortened(text::printable_line(text), SHOWN)
}

/// An answer as plain data.
#[must_use]
pub fn answer(given: GuestAnswer) -> Answer {
    match given {
        GuestAnswer::Boolean(holds) => Answer::Boolean(holds),
        GuestAnswer::Table(table) => Answer::Table(Table {
            variables: plain_texts(table.variables),
            rows: table
                .rows
                .0
                .into_iter()
                .map(|row| row.0.into_iter().map(|value| value.map(plain)).collect())
                .collect(),
        }),
        GuestAnswer::Graph(statements) => {
            let statement = |given: GuestStatement| Statement {
                subject: plain(given.subject),
                predicate: given.predicate.0,
                object: plain(given.object),
            };
            Answer::Graph(statements.0.into_iter().map(statement).collect())
        }
    }
}

fn plain(given: GuestTerm) -> Term {
    match given {
        GuestTerm::Iri(iri) => Term::Iri(iri.0),
        GuestTerm::Blank(label) => Term::Blank(label.0),
        GuestTerm::Literal(GuestLiteral { value, datatype, language }) => Term::Literal(Literal {
            value: value.0,
            datatype: datatype.0,
            language: language.map(|language| language.0),
        }),
    }
}

/// The texts of a list.
#[must_use]
pub fn plain_texts(list: Metered<Vec<Metered<String>>>) -> Vec<String> {
    list.0.into_iter().map(|text| text.0).collect()
}

/// The kind of a query.
#[must_use]
pub const fn form(form: GuestForm) -> Form {
    match form {
        GuestForm::Select => Form::Select,
        GuestForm::Ask => Form::Ask,
        GuestForm::Construct => Form::Construct,
        GuestForm::Describe => Form::Describe,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn text(text: &str) -> Metered<String> {
        Metered(text.to_owned())
    }

    fn iri_of(iri: &str) -> GuestTerm {
        GuestTerm::Iri(text(iri))
    }

    fn literal(datatype: &str, language: Option<&str>) -> GuestTerm {
        GuestTerm::Literal(GuestLiteral { value: text("v"), datatype: text(datatype), language: language.map(text) })
    }

    fn asked(limit: u32, answer: GuestAnswer, explain: bool, steps: Option<&str>) -> Result<(), String> {
        let parameters = BTreeMap::new();
        let query = Query { path: "q.rq", text: b"", parameters, limit, explain, has_secret: false };
        let steps = steps.map(|steps| Metered(steps.as_bytes().to_vec()));
        check(&query, &GuestAnswered { answer, remarks: Metered(Vec::new()), steps })
    }

    fn table(variables: &[&str], rows: &[&[Option<GuestTerm>]]) -> GuestAnswer {
        GuestAnswer::Table(GuestTable {
            variables: Metered(variables.iter().map(|name| text(name)).collect()),
            rows: Metered(rows.iter().map(|row| Metered(row.to_vec())).collect()),
        })
    }

    fn graph_of(statements: &[(GuestTerm, &str, GuestTerm)]) -> GuestAnswer {
        let statement = |(subject, predicate, object): &(GuestTerm, &str, GuestTerm)| GuestStatement {
            subject: subject.clone(),
            predicate: text(predicate),
            object: object.clone(),
        };
        GuestAnswer::Graph(Metered(statements.iter().map(statement).collect()))
    }

    #[test]
    fn what_is_true_passes() {
        let a = iri_of("urn:a");
        let blank = GuestTerm::Blank(text("b0"));
        let language = literal("http://www.w3.org/1999/02/22-rdf-syntax-ns#langString", Some("de"));
        for answer in [
            GuestAnswer::Boolean(false),
            table(&[], &[&[], &[]]),
            table(&["a", "b"], &[&[Some(a.clone()), None], &[Some(blank.clone()), Some(language.clone())]]),
            graph_of(&[(a.clone(), "urn:p", language), (blank, "urn:p", a)]),
        ] {
            assert_eq!(asked(2, answer.clone(), true, Some("{}")), Ok(()), "{answer:?}");
        }
    }

    #[test]
    fn lies_are_named() {
        let a = iri_of("urn:a");
        let one = |term: GuestTerm| table(&["a"], &[&[Some(term)]]);
        for (answer, wanted) in [
            (table(&["a"], &[&[]]), "row 1 has 0 values for 1 variable"),
            (table(&["a"], &[&[None], &[None, None]]), "row 2 has 2 values for 1 variable"),
            (table(&["a", "a"], &[]), "gave the variable `a` twice"),
            (table(&["a b"], &[]), "`a b` is no name"),
            (table(&["a"], &[&[None], &[None], &[None]]), "gave 3 rows, but 2 were wanted at the most"),
            (one(iri_of("http://e.example/a b")), "row 1, `?a`, is no IRI: `http://e.example/a b`"),
            (one(GuestTerm::Blank(text("> <"))), "`> <` is no label"),
            (one(literal("integer", None)), "its datatype `integer` is no IRI"),
            (one(literal("urn:x", Some("de"))), "it has a language and the datatype `urn:x`"),
            (
                one(literal("http://www.w3.org/1999/02/22-rdf-syntax-ns#langString", None)),
                "it has no language and the datatype",
            ),
            (
                one(literal("http://www.w3.org/1999/02/22-rdf-syntax-ns#langString", Some("d e"))),
                "`d e` is no language",
            ),
            (graph_of(&[(literal("urn:x", None), "urn:p", a.clone())]), "statement 1 has a literal as its subject"),
            (graph_of(&[(a.clone(), "p", a.clone())]), "a predicate that is no IRI: `p`"),
            (graph_of(&[(a.clone(), "urn:p", iri_of(""))]), "an object that is no IRI"),
            (
                graph_of(&[(a.clone(), "urn:p", a.clone()), (a.clone(), "urn:p", a.clone())]),
                "statement 2 stands there twice",
            ),
        ] {
            let told = asked(2, answer.clone(), false, None).expect_err("a lie");
            assert!(told.contains(wanted), "{answer:?}: {told}");
        }
        let fine = GuestAnswer::Boolean(true);
        assert!(asked(2, fine.clone(), false, Some("{}")).unwrap_err().contains("nobody asked for"));
        assert!(asked(2, fine, true, Some("[")).unwrap_err().contains("not a JSON object"));
    }
}
