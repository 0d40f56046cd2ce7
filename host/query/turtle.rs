//! Graphs as Turtle: statements about one subject together, IRIs short where a prefix fits.
//!
//! Always true here: what is written reads as the same statements; only prefixes are declared that are used.

use std::fmt::Write as _;

use super::answer::Statement;
use super::prefixes::Prefixes;
use super::question::{Literal, Term, XSD};

/// The predicate that Turtle writes `a`.
const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";

/// Writes statements, which are sorted by subject and predicate.
#[must_use]
pub fn turtle(statements: &[Statement], prefixes: &Prefixes) -> String {
    let mut out = String::new();
    for (name, iri) in prefixes.used(statements.iter().flat_map(iris)) {
        let _ = writeln!(out, "@prefix {name}: <{iri}> .");
    }
    for of_subject in statements.chunk_by(|one, other| one.subject == other.subject) {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = write!(out, "{}", term(&of_subject[0].subject, prefixes));
        let of_predicate = of_subject.chunk_by(|one, other| one.predicate == other.predicate);
        for (number, statements) in of_predicate.enumerate() {
            let predicate = &statements[0].predicate;
            let predicate = if predicate == TYPE { "a".to_owned() } else { iri(predicate, prefixes) };
            let objects: Vec<String> = statements.iter().map(|statement| term(&statement.object, prefixes)).collect();
            let before = if number == 0 { " " } else { " ;\n    " };
            let _ = write!(out, "{before}{predicate} {}", objects.join(", "));
        }
        out += " .\n";
    }
    out
}

/// The IRIs of a statement that are written as such.
fn iris(statement: &Statement) -> impl Iterator<Item = &str> {
    let predicate = Some(statement.predicate.as_str()).filter(|predicate| *predicate != TYPE);
    [iri_in(&statement.subject), predicate, iri_in(&statement.object)].into_iter().flatten()
}

fn iri_in(term: &Term) -> Option<&str> {
    match term {
        Term::Iri(iri) => Some(iri),
        Term::Literal(literal) if bare(literal).is_none() => Some(&literal.datatype),
        Term::Literal(_) | Term::Blank(_) => None,
    }
}

fn iri(iri: &str, prefixes: &Prefixes) -> String {
    prefixes.shorten(iri).unwrap_or_else(|| format!("<{iri}>"))
}

fn term(term: &Term, prefixes: &Prefixes) -> String {
    match term {
        Term::Iri(text) => iri(text, prefixes),
        Term::Blank(_) => term.to_string(),
        Term::Literal(literal) => match (bare(literal), prefixes.shorten(&literal.datatype)) {
            (Some(bare), _) => bare,
            (None, Some(datatype)) => {
                let text = Literal { datatype: format!("{XSD}string"), ..literal.clone() };
                format!("{}^^{datatype}", Term::Literal(text))
            }
            (None, None) => term.to_string(),
        },
    }
}

/// A literal that is written without its datatype: a text, a truth value, an integer, a decimal.
fn bare(literal: &Literal) -> Option<String> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let value = literal.value.as_str();
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    let is_short = match (literal.datatype.strip_prefix(XSD), &literal.language) {
        (_, Some(_)) | (Some("string"), None) => return Some(Term::Literal(literal.clone()).to_string()),
        (Some("boolean"), None) => matches!(value, "true" | "false"),
        (Some("integer"), None) => is_digits(unsigned),
        (Some("decimal"), None) => {
            unsigned.split_once('.').is_some_and(|(whole, part)| is_digits(whole) && is_digits(part))
        }
        _ => false,
    };
    is_short.then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_about_one_subject_stand_together() {
        let iri = |name: &str| Term::Iri(format!("urn:s:{name}"));
        let german = Literal { value: "Laden".to_owned(), datatype: String::new(), language: Some("de".to_owned()) };
        let say = |subject: Term, predicate: &str, object: Term| Statement {
            subject,
            predicate: predicate.to_owned(),
            object,
        };
        let statements = [
            say(iri("a"), TYPE, iri("Service")),
            say(iri("a"), "urn:s:calls", iri("b")),
            say(iri("a"), "urn:s:calls", Term::Iri("urn:other".to_owned())),
            say(iri("a"), "urn:s:port", Term::typed("80", "integer")),
            say(Term::Blank("b0".to_owned()), "urn:p", Term::Literal(german)),
            say(Term::Blank("b0".to_owned()), "urn:q", Term::typed("x\"", "token")),
            say(Term::Blank("b0".to_owned()), "urn:r", Term::typed("1e3", "decimal")),
        ];
        let all = [("s", "urn:s:"), ("xsd", XSD), ("unused", "urn:u:")];
        let prefixes = Prefixes::new(&all.map(|(name, iri)| (name.to_owned(), iri.to_owned())).into());
        assert_eq!(
            turtle(&statements, &prefixes),
            "@prefix s: <urn:s:> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n\
             s:a a s:Service ;\n    s:calls s:b, <urn:other> ;\n    s:port 80 .\n\n\
             _:b0 <urn:p> \"Laden\"@de ;\n    <urn:q> \"x\\\"\"^^xsd:token ;\n    <urn:r> \"1e3\"^^xsd:decimal .\n"
        );
        assert_eq!(turtle(&[], &prefixes), "");
    }
}
