//! Answers as plain values: what templates and expressions see.
//!
//! A term is a plain value: an IRI a text, a literal a text, a number or a truth value. What it is stands beside it, under
//! [`TERMS`].
//!
//! Always true here: a number is one only where nothing of it is lost; each row has all variables of its table, null where it
//! has no value.

use serde_json::{Map, Number, Value, json};

use super::answer::{Answer, Statement, Table};
use super::question::{Literal, Term};

/// The key of a row under which its terms stand; no variable of a table has this name.
pub const TERMS: &str = "terms";

const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

/// Datatypes of XML Schema whose values are whole numbers.
const WHOLE: [&str; 13] = [
    "integer",
    "int",
    "long",
    "short",
    "byte",
    "nonNegativeInteger",
    "positiveInteger",
    "nonPositiveInteger",
    "negativeInteger",
    "unsignedInt",
    "unsignedLong",
    "unsignedShort",
    "unsignedByte",
];

/// Digits that a number of 64 bits always keeps.
const DIGITS: usize = 15;

/// Bytes of a row and of a term as a value, beside its texts.
const TERM_BYTES: u64 = 400;

impl Answer {
    /// The value: true or false; a list of rows; or a list of statements, each with `subject`, `predicate` and `object`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Boolean(holds) => Value::Bool(*holds),
            Self::Table(table) => table.rows.iter().map(|row| row_of(table, row)).collect(),
            Self::Graph(statements) => statements.iter().map(statement).collect(),
        }
    }

    /// About how many bytes the value takes up in memory.
    #[must_use]
    pub fn weight(&self) -> u64 {
        let names = |table: &Table| table.variables.iter().map(|name| 2 * name.len() as u64).sum::<u64>();
        match self {
            Self::Boolean(_) => TERM_BYTES,
            Self::Table(table) => {
                let rows = table.rows.iter().map(|row| row.iter().flatten().map(term_weight).sum::<u64>());
                rows.sum::<u64>() + table.rows.len() as u64 * (names(table) + TERM_BYTES)
            }
            Self::Graph(statements) => {
                let of = |one: &Statement| term_weight(&one.subject) + term_weight(&one.object);
                statements.iter().map(|one| of(one) + 2 * one.predicate.len() as u64 + 3 * TERM_BYTES).sum()
            }
        }
    }
}

fn term_weight(term: &Term) -> u64 {
    let texts = match term {
        Term::Iri(text) | Term::Blank(text) => 2 * text.len(),
        Term::Literal(Literal { value, datatype, language }) => {
            2 * value.len() + datatype.len() + language.as_ref().map_or(0, String::len)
        }
    };
    texts as u64 + TERM_BYTES
}

fn row_of(table: &Table, row: &[Option<Term>]) -> Value {
    let (mut values, mut terms) = (Map::new(), Map::new());
    for (name, term) in table.variables.iter().zip(row) {
        values.insert(name.clone(), term.as_ref().map_or(Value::Null, Term::to_value));
        terms.insert(name.clone(), term.as_ref().map_or(Value::Null, about));
    }
    values.insert(TERMS.to_owned(), Value::Object(terms));
    Value::Object(values)
}

fn statement(statement: &Statement) -> Value {
    let Statement { subject, predicate, object } = statement;
    let iri = json!({ "kind": "iri", "text": predicate, "datatype": null, "language": null });
    json!({
        "subject": subject.to_value(),
        "predicate": predicate,
        "object": object.to_value(),
        TERMS: { "subject": about(subject), "predicate": iri, "object": about(object) },
    })
}

/// What a term is: its kind, its lexical form, and of a literal its datatype and language.
fn about(term: &Term) -> Value {
    match term {
        Term::Iri(iri) => json!({ "kind": "iri", "text": iri, "datatype": null, "language": null }),
        Term::Blank(label) => {
            json!({ "kind": "blank", "text": format!("_:{label}"), "datatype": null, "language": null })
        }
        Term::Literal(Literal { value, datatype, language }) => {
            json!({ "kind": "literal", "text": value, "datatype": datatype, "language": language })
        }
    }
}

impl Term {
    /// The plain value: a number or a truth value where the datatype says so and it fits, else a text.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Iri(iri) => Value::from(iri.as_str()),
            Self::Blank(label) => Value::from(format!("_:{label}")),
            Self::Literal(literal) => {
                let typed = literal.datatype.strip_prefix(XSD).and_then(|name| typed(&literal.value, name));
                typed.unwrap_or_else(|| Value::from(literal.value.as_str()))
            }
        }
    }
}

/// The value of a lexical form of one of XML Schema's datatypes; none where a text is all that it can be.
fn typed(text: &str, datatype: &str) -> Option<Value> {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    match datatype {
        "boolean" => match text {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        "decimal" if whole(text).is_some() => whole(text),
        "decimal" | "double" | "float" => {
            let digits = text.split(['e', 'E']).next().unwrap_or_default().bytes().filter(u8::is_ascii_digit).count();
            let is_plain = text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
            let number = text.parse::<f64>().ok().filter(|number| is_plain && number.is_finite());
            Some(Value::Number(Number::from_f64(number.filter(|_| datatype != "decimal" || digits <= DIGITS)?)?))
        }
        name if WHOLE.contains(&name) => whole(text),
        _ => None,
    }
}

fn whole(text: &str) -> Option<Value> {
    text.parse::<i64>().ok().map(Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(value: &str, datatype: &str) -> Value {
        Term::typed(value, datatype).to_value()
    }

    #[test]
    fn literals_are_plain_values_where_nothing_is_lost() {
        for (value, datatype, wanted) in [
            ("8080", "integer", json!(8080)),
            ("+007", "positiveInteger", json!(7)),
            ("9223372036854775807", "integer", json!(i64::MAX)),
            ("9223372036854775808", "integer", json!("9223372036854775808")),
            ("1.5", "decimal", json!(1.5)),
            ("-3", "decimal", json!(-3)),
            ("3.14159265358979323846", "decimal", json!("3.14159265358979323846")),
            ("1e3", "double", json!(1000.0)),
            ("INF", "double", json!("INF")),
            ("NaN", "double", json!("NaN")),
            ("inf", "float", json!("inf")),
            ("1", "boolean", json!(true)),
            ("false", "boolean", json!(false)),
            ("yes", "boolean", json!("yes")),
            ("eight", "integer", json!("eight")),
            ("2026-11-30", "date", json!("2026-11-30")),
            ("8080", "string", json!("8080")),
        ] {
            assert_eq!(plain(value, datatype), wanted, "{value} {datatype}");
        }
        assert_eq!(Term::Iri("urn:a".to_owned()).to_value(), json!("urn:a"));
        let other = Literal { value: "5".to_owned(), datatype: "urn:number".to_owned(), language: None };
        assert_eq!(Term::Literal(other).to_value(), json!("5"));
    }

    #[test]
    fn rows_have_all_variables_and_what_their_terms_are() {
        let german = Literal {
            value: "Laden".to_owned(),
            datatype: "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString".to_owned(),
            language: Some("de".to_owned()),
        };
        let table = Table {
            variables: vec!["name".to_owned(), "port".to_owned()],
            rows: vec![vec![Some(Term::Literal(german)), None]],
        };
        let value = Answer::Table(table).to_value();
        assert_eq!((&value[0]["name"], &value[0]["port"]), (&json!("Laden"), &Value::Null));
        let name = &value[0][TERMS]["name"];
        assert_eq!(
            (&name["kind"], &name["language"], &name["text"]),
            (&json!("literal"), &json!("de"), &json!("Laden"))
        );
        assert_eq!(value[0][TERMS]["port"], Value::Null);

        let statement = Statement {
            subject: Term::Blank("b0".to_owned()),
            predicate: "urn:p".to_owned(),
            object: Term::typed("5", "integer"),
        };
        let value = Answer::Graph(vec![statement]).to_value();
        assert_eq!((&value[0]["subject"], &value[0]["object"]), (&json!("_:b0"), &json!(5)));
        assert_eq!(value[0][TERMS]["object"]["datatype"], json!(format!("{XSD}integer")));
        assert_eq!(Answer::Boolean(false).to_value(), json!(false));
    }
}
