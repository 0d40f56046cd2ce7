//! Terms and answers as text: N-Triples for terms and graphs, SPARQL's TSV for tables.
//!
//! Always true here: what is written has one meaning; tabs and ends of lines within terms are escaped.

use std::fmt::{self, Display, Formatter, Write as _};

use super::answer::{Answer, Statement, Table};
use super::question::{LANGUAGE_TEXT, Literal, Term};

impl Display for Term {
    /// As in N-Triples: `<http://e.example/a>`, `_:b0`, `"text"`, `"5"^^<…#integer>`, `"Text"@de`.
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Iri(iri) => write!(formatter, "<{iri}>"),
            Self::Blank(label) => write!(formatter, "_:{label}"),
            Self::Literal(literal) => literal.fmt(formatter),
        }
    }
}

impl Display for Literal {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_char('"')?;
        for letter in self.value.chars() {
            match letter {
                '"' => formatter.write_str("\\\"")?,
                '\\' => formatter.write_str("\\\\")?,
                '\n' => formatter.write_str("\\n")?,
                '\r' => formatter.write_str("\\r")?,
                '\t' => formatter.write_str("\\t")?,
                letter if letter.is_control() => write!(formatter, "\\u{:04X}", u32::from(letter))?,
                letter => formatter.write_char(letter)?,
            }
        }
        formatter.write_char('"')?;
        match &self.language {
            Some(language) => write!(formatter, "@{language}"),
            None if self.datatype == "http://www.w3.org/2001/XMLSchema#string" => Ok(()),
            None => write!(formatter, "^^<{}>", self.datatype),
        }
    }
}

impl Display for Statement {
    /// As a line of N-Triples, without its end.
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} <{}> {} .", self.subject, self.predicate, self.object)
    }
}

impl Display for Table {
    /// As SPARQL's TSV: a line of variables, and one for each row.
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.variables.iter().map(|name| format!("?{name}")).collect();
        writeln!(formatter, "{}", names.join("\t"))?;
        for row in &self.rows {
            for (number, term) in row.iter().enumerate() {
                if number > 0 {
                    formatter.write_char('\t')?;
                }
                if let Some(term) = term {
                    term.fmt(formatter)?;
                }
            }
            formatter.write_char('\n')?;
        }
        Ok(())
    }
}

impl Display for Answer {
    /// `true` or `false`, a table as TSV, or a graph as N-Triples; each ends with a line feed, but for an empty graph.
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(holds) => writeln!(formatter, "{holds}"),
            Self::Table(table) => table.fmt(formatter),
            Self::Graph(statements) => statements.iter().try_for_each(|statement| writeln!(formatter, "{statement}")),
        }
    }
}

impl Literal {
    /// Whether language and datatype fit each other.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        self.language.is_some() == (self.datatype == LANGUAGE_TEXT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_keep_their_lines() {
        let literal = |value: &str, datatype: &str, language: Option<&str>| {
            Term::Literal(Literal {
                value: value.to_owned(),
                datatype: datatype.to_owned(),
                language: language.map(str::to_owned),
            })
        };
        let table = Table {
            variables: vec!["a".to_owned(), "b".to_owned()],
            rows: vec![
                vec![Some(Term::Iri("http://e.example/".to_owned())), Some(Term::text("a\tb\n\"\\\u{1b}"))],
                vec![None, Some(literal("x", LANGUAGE_TEXT, Some("de")))],
                vec![Some(Term::Blank("b0".to_owned())), Some(Term::typed("5", "integer"))],
            ],
        };
        let told = "?a\t?b\n<http://e.example/>\t\"a\\tb\\n\\\"\\\\\\u001B\"\n\t\"x\"@de\n_:b0\t\"5\"^^<http://www.w3.org/2001/XMLSchema#integer>\n";
        assert_eq!(Answer::Table(table).to_string(), told);
        let statement =
            Statement { subject: Term::Blank("b".to_owned()), predicate: "urn:p".to_owned(), object: Term::text("o") };
        assert_eq!(Answer::Graph(vec![statement]).to_string(), "_:b <urn:p> \"o\" .\n");
        assert_eq!(Answer::Boolean(true).to_string(), "true\n");
    }

    #[test]
    fn a_language_has_its_datatype() {
        let literal = |datatype: &str, language: Option<&str>| Literal {
            value: String::new(),
            datatype: datatype.to_owned(),
            language: language.map(str::to_owned),
        };
        assert!(literal(LANGUAGE_TEXT, Some("de")).is_consistent() && literal("urn:x", None).is_consistent());
        assert!(!literal(LANGUAGE_TEXT, None).is_consistent() && !literal("urn:x", Some("de")).is_consistent());
    }
}
