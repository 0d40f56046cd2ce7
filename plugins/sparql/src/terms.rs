//! Nodes of graphs: as the ABI has them, and in which order they stand where nobody orders them.
//!
//! Always true here: the order is total, so two nodes that are equal in it are the same node.

use std::collections::HashMap;
use std::str::FromStr;

use oxrdf::vocab::{rdf, xsd};
use oxrdf::{BlankNode, NamedNode, NamedNodeRef, NamedOrBlankNode, Term as Node};
use oxsdatatypes::{DateTime, Decimal};

use crate::failures::fragment;
use crate::{Literal, Term};

/// Names blank nodes of one answer, in the order in which they are first met.
#[derive(Debug, Default)]
pub struct Labels {
    known: HashMap<BlankNode, usize>,
}

impl Labels {
    /// A node as the ABI has it.
    pub fn term(&mut self, node: &Node) -> Term {
        match node {
            Node::NamedNode(node) => Term::Iri(node.as_str().to_owned()),
            Node::BlankNode(node) => self.blank(node),
            Node::Literal(literal) => Term::Literal(Literal {
                value: literal.value().to_owned(),
                datatype: literal.datatype().as_str().to_owned(),
                language: literal.language().map(str::to_owned),
            }),
        }
    }

    /// A subject as the ABI has it.
    pub fn subject(&mut self, node: &NamedOrBlankNode) -> Term {
        match node {
            NamedOrBlankNode::NamedNode(node) => Term::Iri(node.as_str().to_owned()),
            NamedOrBlankNode::BlankNode(node) => self.blank(node),
        }
    }

    fn blank(&mut self, node: &BlankNode) -> Term {
        let next = self.known.len();
        Term::Blank(format!("b{}", self.known.entry(node.clone()).or_insert(next)))
    }
}

/// A node from the ABI's term.
///
/// # Errors
/// Says what is wrong with it.
pub fn node(term: &Term) -> Result<Node, String> {
    match term {
        Term::Iri(iri) => match NamedNode::new(iri) {
            Ok(node) => Ok(node.into()),
            Err(error) => Err(format!("`{iri}` is no IRI: {}", fragment(&error.to_string()))),
        },
        Term::Blank(_) => {
            Err("a blank node is no value for a parameter: it means nothing outside of its file".to_owned())
        }
        Term::Literal(literal) => match &literal.language {
            Some(language) => match oxrdf::Literal::new_language_tagged_literal(&literal.value, language) {
                Ok(literal) => Ok(literal.into()),
                Err(error) => Err(format!("`{language}` is no language: {}", fragment(&error.to_string()))),
            },
            None if literal.datatype == rdf::LANG_STRING.as_str() => {
                Err(format!("`{}` has the datatype of texts with a language, and no language", literal.value))
            }
            None => match NamedNode::new(&literal.datatype) {
                Ok(datatype) => Ok(oxrdf::Literal::new_typed_literal(&literal.value, datatype).into()),
                Err(error) => {
                    let why = fragment(&error.to_string());
                    Err(format!("the datatype `{}` is no IRI: {why}", literal.datatype))
                }
            },
        },
    }
}

/// Where a node stands among others: blank nodes, IRIs, numbers by their value, texts, booleans, times by their value, and
/// other literals by their datatype.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key<'a> {
    /// A blank node, by its label.
    Blank(&'a str),
    /// An IRI.
    Iri(&'a str),
    /// A number: its value nearly, its value exactly where its datatype is decimal, its datatype and its text.
    Number(u64, Option<i128>, &'a str, &'a str),
    /// A text, and its language.
    Text(&'a str, Option<&'a str>),
    /// A boolean, and its text.
    Boolean(bool, &'a str),
    /// A date with a time: its instant, in UTC where it says no time zone, and its text.
    Time(i128, &'a str),
    /// Anything else: its datatype and its text.
    Other(&'a str, &'a str),
}

impl<'a> Key<'a> {
    /// Where a node stands.
    #[must_use]
    pub fn of(node: &'a Node) -> Self {
        let literal = match node {
            Node::BlankNode(node) => return Key::Blank(node.as_str()),
            Node::NamedNode(node) => return Key::Iri(node.as_str()),
            Node::Literal(literal) => literal,
        };
        let (text, datatype) = (literal.value(), literal.datatype());
        if literal.language().is_some() || datatype == xsd::STRING {
            return Key::Text(text, literal.language());
        }
        if let Some(value) = number(text, datatype) {
            let decimal =
                (![xsd::DOUBLE, xsd::FLOAT].contains(&datatype)).then(|| Decimal::from_str(text).ok()).flatten();
            let exact = decimal.map(|decimal| i128::from_be_bytes(decimal.to_be_bytes()));
            return Key::Number(value, exact, datatype.as_str(), text);
        }
        match datatype {
            xsd::BOOLEAN if matches!(text, "true" | "1") => Key::Boolean(true, text),
            xsd::BOOLEAN if matches!(text, "false" | "0") => Key::Boolean(false, text),
            xsd::DATE_TIME => match DateTime::from_str(text).ok().and_then(instant) {
                Some(at) => Key::Time(at, text),
                None => Key::Other(datatype.as_str(), text),
            },
            _ => Key::Other(datatype.as_str(), text),
        }
    }

    /// The same order among texts: what one sorts by in a query.
    #[must_use]
    pub fn written(&self) -> String {
        let signed = |value: i128| format!("{:032x}", value.cast_unsigned() ^ (1 << 127));
        match self {
            Key::Blank(label) => format!("0{label}"),
            Key::Iri(iri) => format!("1{iri}"),
            Key::Number(value, exact, datatype, text) => {
                let exact = exact.map_or_else(|| "0".to_owned(), |exact| format!("1{}", signed(exact)));
                format!("2{value:016x}{exact}{}{text}", ended(datatype))
            }
            Key::Text(text, language) => format!("3{}{}", ended(text), language.unwrap_or_default()),
            Key::Boolean(value, text) => format!("4{}{text}", u8::from(*value)),
            Key::Time(at, text) => format!("5{}{text}", signed(*at)),
            Key::Other(datatype, text) => format!("6{}{text}", ended(datatype)),
        }
    }
}

/// A text that ends, so that what follows it does not count before what it is itself.
fn ended(text: &str) -> String {
    format!("{}\0\0", text.replace('\0', "\0\u{1}"))
}

/// The value of a number in an order of natural numbers; none where it is no number, or not a valid one.
fn number(text: &str, datatype: NamedNodeRef<'_>) -> Option<u64> {
    const WHOLE: [NamedNodeRef<'static>; 13] = [
        xsd::INTEGER,
        xsd::INT,
        xsd::LONG,
        xsd::SHORT,
        xsd::BYTE,
        xsd::NON_NEGATIVE_INTEGER,
        xsd::POSITIVE_INTEGER,
        xsd::NEGATIVE_INTEGER,
        xsd::NON_POSITIVE_INTEGER,
        xsd::UNSIGNED_INT,
        xsd::UNSIGNED_LONG,
        xsd::UNSIGNED_SHORT,
        xsd::UNSIGNED_BYTE,
    ];
    let made_of = |characters: &str| text.chars().all(|next| next.is_ascii_digit() || characters.contains(next));
    let value: f64 = match datatype {
        xsd::FLOAT | xsd::DOUBLE => match text {
            "INF" | "+INF" => f64::INFINITY,
            "-INF" => f64::NEG_INFINITY,
            "NaN" => f64::NAN,
            _ if !made_of("+-.eE") => return None,
            _ if datatype == xsd::FLOAT => text.parse::<f32>().ok()?.into(),
            _ => text.parse().ok()?,
        },
        xsd::DECIMAL if made_of("+-.") => text.parse().ok()?,
        datatype if WHOLE.contains(&datatype) && made_of("+-") => text.parse().ok()?,
        _ => return None,
    };
    // Zero has one sign only, and so has what is no number: it stands behind all others.
    let bits = if value == 0.0 { 0 } else { value.to_bits() };
    Some(if value.is_sign_negative() && bits != 0 && !value.is_nan() { !bits } else { (bits & !(1 << 63)) | (1 << 63) })
}

/// When something is, in the smallest part of a second.
fn instant(at: DateTime) -> Option<i128> {
    let bytes = at.to_be_bytes();
    Some(i128::from_be_bytes(bytes.get(..16)?.try_into().ok()?))
}
