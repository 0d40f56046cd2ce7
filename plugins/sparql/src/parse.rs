//! Reads queries.
//!
//! Always true here: what was read asks nobody else.

use spargebra::{Query as Parsed, SparqlParser};

use common::hints::nearest;

use crate::failures::{SERVICE, SETTING, SYNTAX, fragment, invalid, span};
use crate::tokens::{Kind, Token, tokens};
use crate::walk::{self, Part};
use crate::{Failure, File, Setting, syntax};

/// Prefixes that are known by their name.
const KNOWN: [(&str, &str); 16] = [
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dct", "http://purl.org/dc/terms/"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("geo", "http://www.w3.org/2003/01/geo/wgs84_pos#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("schema", "https://schema.org/"),
    ("sh", "http://www.w3.org/ns/shacl#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("vann", "http://purl.org/vocab/vann/"),
    ("void", "http://rdfs.org/ns/void#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// Reads a query.
///
/// # Errors
/// Says what is wrong, and where.
pub fn parse(setting: &Setting, file: &File) -> Result<Parsed, Failure> {
    let text = std::str::from_utf8(&file.contents).map_err(|wrong| {
        let at = wrong.valid_up_to();
        invalid(SYNTAX, "the query is not UTF-8", None, Some(span(file, at..at)))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = SparqlParser::new().with_base_iri(&setting.base).map_err(|wrong| {
        let message = format!("the base `{}` is no IRI: {}", setting.base, fragment(&wrong.to_string()));
        invalid(SETTING, message, None, None)
    })?;
    for (at, prefix) in setting.prefixes.iter().enumerate() {
        if setting.prefixes[..at].iter().any(|before| before.name == prefix.name) {
            return Err(invalid(SETTING, format!("the prefix `{}` is told twice", prefix.name), None, None));
        }
        parser = parser.with_prefix(&prefix.name, &prefix.iri).map_err(|wrong| {
            let (name, iri) = (&prefix.name, &prefix.iri);
            let message = format!("the prefix `{name}` is no IRI: `{iri}`: {}", fragment(&wrong.to_string()));
            invalid(SETTING, message, None, None)
        })?;
    }
    let query = parser.clone().parse_query(text).map_err(|_| syntax::refused(setting, file, text, parser))?;
    if let Some(service) = walk::parts(&query).find(|part| matches!(part, Part::Service(_))) {
        let Part::Service(name) = service else { unreachable!("it is a service") };
        let place = tokens(text).into_iter().find(|token| token.is(text, "SERVICE")).map(|token| token.range);
        let message = format!("`SERVICE {name}` asks another server, and a query reaches none");
        let help = "download what it would give, and add it to the files of the ontology".to_owned();
        return Err(invalid(SERVICE, message, Some(help), place.map(|place| span(file, place))));
    }
    Ok(query)
}

/// The first word behind the declarations.
#[must_use]
pub fn first<'a>(text: &str, words: &'a [Token]) -> Option<&'a Token> {
    let mut left = words.iter().peekable();
    loop {
        let token = left.next()?;
        if token.is(text, "PREFIX") {
            left.next_if(|next| next.kind == Kind::Name)?;
        } else if !token.is(text, "BASE") {
            return Some(token);
        }
        left.next_if(|next| next.kind == Kind::Iri)?;
    }
}

/// The first name whose prefix nobody declares.
#[must_use]
pub fn undeclared<'a>(setting: &Setting, text: &'a str, words: &'a [Token]) -> Option<(&'a Token, &'a str)> {
    let declared = declared(setting, text, words);
    let names = words.iter().enumerate().filter(|(_, token)| token.kind == Kind::Name);
    let used = names.filter(|(at, _)| !is_declaration(text, words, *at));
    used.map(|(_, token)| (token, prefix_of(token.text(text))))
        .find(|(_, name)| *name != "_" && !declared.contains(name))
}

/// The names of all prefixes that may be used.
#[must_use]
pub fn declared<'a>(setting: &'a Setting, text: &'a str, words: &[Token]) -> Vec<&'a str> {
    let own = words.iter().enumerate().filter(|(at, _)| is_declaration(text, words, *at));
    let own = own.map(|(_, token)| prefix_of(token.text(text)));
    own.chain(setting.prefixes.iter().map(|prefix| prefix.name.as_str())).collect()
}

/// Whether the word at an index is the name in `PREFIX name: <…>`.
#[must_use]
pub fn is_declaration(text: &str, words: &[Token], at: usize) -> bool {
    words[at].kind == Kind::Name && at > 0 && words[at - 1].is(text, "PREFIX")
}

/// The prefix of a name.
#[must_use]
pub fn prefix_of(name: &str) -> &str {
    name.split(':').next().unwrap_or(name)
}

/// How to declare a prefix.
#[must_use]
pub fn declare(setting: &Setting, text: &str, words: &[Token], name: &str) -> String {
    let declared = declared(setting, text, words);
    match KNOWN.iter().find(|(known, _)| *known == name) {
        Some((_, iri)) => format!("add the line `PREFIX {name}: <{iri}>`"),
        None => match nearest(name, declared.into_iter().filter(|name| !name.is_empty())) {
            Some(near) => format!("did you mean `{near}:`?"),
            None => format!("add a line `PREFIX {name}: <…>` with the IRI that it stands for"),
        },
    }
}
