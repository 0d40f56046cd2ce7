//! Prefixes, to write IRIs short.
//!
//! Always true here: what is written short means the IRI that it was made of, in Turtle and in SPARQL.

use std::collections::{BTreeMap, BTreeSet};

use super::question::{Literal, Term, XSD};

/// Prefixes with the beginnings of IRIs that they stand for, the longest first.
#[derive(Debug, Clone, Default)]
pub struct Prefixes {
    longest_first: Vec<(String, String)>,
}

impl Prefixes {
    /// Takes prefixes: names without the colon, and beginnings of IRIs.
    #[must_use]
    pub fn new(prefixes: &BTreeMap<String, String>) -> Self {
        let mut all: Vec<(String, String)> = prefixes.iter().map(|(name, iri)| (name.clone(), iri.clone())).collect();
        // Of two that stand for one beginning, the first in the alphabet.
        all.sort_by(|(one, iri), (other, beginning)| {
            beginning.len().cmp(&iri.len()).then_with(|| iri.cmp(beginning)).then_with(|| one.cmp(other))
        });
        Self { longest_first: all }
    }

    /// The IRI with a prefix: `s:port`. None where no prefix fits, or what is left over is no plain name.
    #[must_use]
    pub fn shorten(&self, iri: &str) -> Option<String> {
        let (prefix, name) = self.parts(iri)?;
        Some(format!("{prefix}:{name}"))
    }

    /// The prefixes that these IRIs use, each with what it stands for, by name.
    pub(super) fn used<'a>(&'a self, iris: impl Iterator<Item = &'a str>) -> Vec<(&'a str, &'a str)> {
        let names: BTreeSet<&str> = iris.filter_map(|iri| Some(self.parts(iri)?.0)).collect();
        let mut used: Vec<(&str, &str)> = self
            .longest_first
            .iter()
            .filter(|(name, _)| names.contains(name.as_str()))
            .map(|(name, iri)| (name.as_str(), iri.as_str()))
            .collect();
        used.sort_unstable();
        used
    }

    /// The term for people: an IRI with a prefix or in brackets; a text, a number or a truth value as it reads, other literals with
    /// what they are.
    #[must_use]
    pub fn readable(&self, term: &Term) -> String {
        match term {
            Term::Iri(iri) => self.shorten(iri).unwrap_or_else(|| format!("<{iri}>")),
            Term::Blank(label) => format!("_:{label}"),
            Term::Literal(Literal { value, language: Some(language), .. }) => format!("{value}@{language}"),
            Term::Literal(Literal { value, datatype, .. }) if is_plainly_read(datatype) => value.clone(),
            Term::Literal(Literal { value, datatype, .. }) => {
                let datatype = self.shorten(datatype).unwrap_or_else(|| format!("<{datatype}>"));
                format!("{value}^^{datatype}")
            }
        }
    }

    fn parts<'a>(&'a self, iri: &'a str) -> Option<(&'a str, &'a str)> {
        self.longest_first.iter().find_map(|(prefix, beginning)| {
            let name = iri.strip_prefix(beginning.as_str())?;
            is_plain(name).then_some((prefix.as_str(), name))
        })
    }
}

/// Whether people need not be told that a literal is of this datatype.
fn is_plainly_read(datatype: &str) -> bool {
    let name = datatype.strip_prefix(XSD);
    matches!(name, Some("string" | "integer" | "decimal" | "double" | "boolean" | "date" | "dateTime"))
}

/// Whether a name may stand behind a colon without escapes, whatever reads it.
fn is_plain(name: &str) -> bool {
    let is_first = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    name.starts_with(is_first) && name.chars().all(|letter| is_first(letter) || letter == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixes() -> Prefixes {
        let all = [("", "https://e.example/"), ("shop", "https://e.example/shop#"), ("xsd", XSD), ("a", "urn:a:")];
        Prefixes::new(&all.map(|(name, iri)| (name.to_owned(), iri.to_owned())).into())
    }

    #[test]
    fn the_longest_beginning_counts_and_only_plain_names_are_short() {
        for (iri, wanted) in [
            ("https://e.example/shop#port", Some("shop:port")),
            ("https://e.example/cup-1", Some(":cup-1")),
            ("https://e.example/shop", Some(":shop")),
            ("https://e.example/shop#a/b", None),
            ("https://e.example/", None),
            ("https://e.example/-a", None),
            ("https://e.example/ü", None),
            ("urn:a:b:c", None),
            ("urn:b", None),
        ] {
            assert_eq!(prefixes().shorten(iri).as_deref(), wanted, "{iri}");
        }
        let iris = ["https://e.example/shop#port", "urn:b", "urn:a:x"];
        assert_eq!(prefixes().used(iris.into_iter()), [("a", "urn:a:"), ("shop", "https://e.example/shop#")]);
    }

    #[test]
    fn people_see_what_a_term_is() {
        let of = |term: Term| prefixes().readable(&term);
        assert_eq!(of(Term::Iri("urn:a:b".to_owned())), "a:b");
        assert_eq!(of(Term::Iri("urn:b".to_owned())), "<urn:b>");
        assert_eq!(of(Term::Blank("b0".to_owned())), "_:b0");
        assert_eq!(of(Term::text("a b")), "a b");
        assert_eq!(of(Term::typed("8", "integer")), "8");
        assert_eq!(of(Term::typed("8", "byte")), "8^^xsd:byte");
        let german = Literal { value: "Tasse".to_owned(), datatype: String::new(), language: Some("de".to_owned()) };
        assert_eq!(of(Term::Literal(german)), "Tasse@de");
    }
}
