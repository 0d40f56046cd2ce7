//! What is asked, and about what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The beginning of XML Schema's datatypes.
pub(super) const XSD: &str = "http://www.w3.org/2001/XMLSchema#";
/// The largest file of statements of a user's, in bytes.
pub const LARGEST_GRAPH: u64 = 64 << 20;
/// The datatype of literals that have a language.
pub(super) const LANGUAGE_TEXT: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString";

/// How statements are written in a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Notation {
    /// RDF 1.1 Turtle.
    #[default]
    Turtle,
    /// RDF 1.1 `TriG`.
    Trig,
    /// RDF 1.1 N-Triples.
    NTriples,
    /// RDF 1.1 N-Quads.
    NQuads,
    /// RDF 1.1 XML Syntax.
    RdfXml,
}

/// What holds for all files and queries of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// What relative IRIs are relative to, where a file or a query does not say so itself: an absolute IRI.
    pub base: String,
    /// Prefixes that queries may use without declaring them: names without the colon, and the beginnings of IRIs.
    pub prefixes: BTreeMap<String, String>,
    /// What `RAND`, `UUID`, `STRUUID` and `BNODE` are drawn from, from its beginning again for each query.
    pub seed: u64,
    /// What `NOW` gives, in seconds since 1970-01-01T00:00:00Z.
    pub now: i64,
}

/// A file of statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source<'a> {
    /// Its path, by which places in it are told.
    pub path: &'a str,
    /// Its bytes.
    pub contents: &'a [u8],
    /// How its statements are written.
    pub notation: Notation,
    /// The graph that they go to where the file names none; none: the default graph.
    pub graph: Option<String>,
    /// Whether a secret may be in it, in whatever form: no line of it is shown, and no answer is kept.
    pub has_secret: bool,
}

/// A query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query<'a> {
    /// Its path, by which places in it are told. Once a query is stopped, others of its path are not asked.
    pub path: &'a str,
    /// Its text; not necessarily UTF-8.
    pub text: &'a [u8],
    /// Variables that have values, by their names without `?`; no blank nodes.
    pub parameters: BTreeMap<String, Term>,
    /// How many rows or statements are given at the most; more are a failure.
    pub limit: u32,
    /// Whether it is wanted how the answer came about.
    pub explain: bool,
    /// Whether a secret may be in its text or its parameters.
    pub has_secret: bool,
}

/// A node of a graph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Term {
    /// An IRI.
    Iri(String),
    /// A blank node, by a label that means something within one answer only.
    Blank(String),
    /// A literal.
    Literal(Literal),
}

/// A literal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Literal {
    /// Its lexical form.
    pub value: String,
    /// The IRI of its datatype.
    #[serde(default = "text")]
    pub datatype: String,
    /// Its language; then the datatype is `rdf:langString`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl Notation {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Turtle, Self::Trig, Self::NTriples, Self::NQuads, Self::RdfXml];

    /// How names of files end that say their notation, for people.
    pub const ENDINGS: &'static str = "`.ttl`, `.trig`, `.nt`, `.nq`, `.rdf`, `.owl` or `.xml`";

    /// Its name in manifests and options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Turtle => "turtle",
            Self::Trig => "trig",
            Self::NTriples => "n-triples",
            Self::NQuads => "n-quads",
            Self::RdfXml => "rdf-xml",
        }
    }

    /// The notation of files with this ending, in whatever case; none where it says nothing.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let (_, ending) = path.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "ttl" => Some(Self::Turtle),
            "trig" => Some(Self::Trig),
            "nt" => Some(Self::NTriples),
            "nq" => Some(Self::NQuads),
            "rdf" | "owl" | "xml" => Some(Self::RdfXml),
            _ => None,
        }
    }
}

impl Term {
    /// A literal of one of XML Schema's datatypes, by its local name: `integer`, `date`.
    #[must_use]
    pub fn typed(value: impl Into<String>, datatype: &str) -> Self {
        Self::Literal(Literal { value: value.into(), datatype: format!("{XSD}{datatype}"), language: None })
    }

    /// A text.
    #[must_use]
    pub fn text(value: impl Into<String>) -> Self {
        Self::typed(value, "string")
    }

    /// The literal that a JSON value is: a text, a truth value, an integer, or a number as `xsd:double`. None for what is no
    /// scalar.
    #[must_use]
    pub fn of_value(value: &Value) -> Option<Self> {
        match value {
            Value::String(value) => Some(Self::text(value.as_str())),
            Value::Bool(value) => Some(Self::typed(value.to_string(), "boolean")),
            Value::Number(number) if number.is_i64() || number.is_u64() => {
                Some(Self::typed(number.to_string(), "integer"))
            }
            Value::Number(number) => Some(Self::typed(number.to_string(), "double")),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

fn text() -> String {
    format!("{XSD}string")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scalars_are_typed_literals() {
        let literal = |value: Value| match Term::of_value(&value) {
            Some(Term::Literal(Literal { value, datatype, language: None })) => {
                Some((value, datatype.strip_prefix(XSD).map(str::to_owned)?))
            }
            _ => None,
        };
        let told = |value: &str, datatype: &str| Some((value.to_owned(), datatype.to_owned()));
        assert_eq!(literal(json!("\"} ?x")), told("\"} ?x", "string"));
        assert_eq!(literal(json!(true)), told("true", "boolean"));
        assert_eq!(literal(json!(u64::MAX)), told("18446744073709551615", "integer"));
        assert_eq!(literal(json!(-3)), told("-3", "integer"));
        assert_eq!(literal(json!(1.5)), told("1.5", "double"));
        assert_eq!(Term::of_value(&json!([])), None);
        assert_eq!(Term::of_value(&Value::Null), None);
    }

    #[test]
    fn a_notation_is_known_by_a_files_ending() {
        for (path, wanted) in [
            ("a/b.ttl", Some(Notation::Turtle)),
            ("A.TTL", Some(Notation::Turtle)),
            ("a.b.nq", Some(Notation::NQuads)),
            ("a.owl", Some(Notation::RdfXml)),
            ("a.jsonld", None),
            ("ttl", None),
        ] {
            assert_eq!(Notation::of_path(path), wanted, "{path}");
        }
        for notation in Notation::ALL {
            assert_eq!(serde_json::to_value(notation).unwrap(), notation.name());
        }
    }

    #[test]
    fn a_literal_is_a_text_where_nothing_else_is_said() {
        let term: Term = serde_json::from_value(json!({ "literal": { "value": "a" } })).unwrap();
        assert_eq!(term, Term::text("a"));
        serde_json::from_value::<Term>(json!({ "literal": { "value": "a", "lang": "de" } })).unwrap_err();
    }
}
