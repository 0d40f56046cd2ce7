//! Tests of a query engine: graphs and a query in, the answer out, as text.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{show, show_failure};
use crate::abi::query_engine::exports::packbox::plugin::query_engine::{
    Inspected as RawInspected, Prefix, Query as RawQuery, Setting, Source as RawSource,
};
use crate::{
    Answer, Answered, Description, Failure, File, Form, Literal, Notation, Parameter, QueryEngine, Table, Term, export,
};

/// A query to ask, with what the host would hand over.
#[derive(Debug, Clone)]
pub struct TestQuery {
    setting: Setting,
    sources: Vec<RawSource>,
    query: RawQuery,
}

impl TestQuery {
    /// Begins with a query, without graphs and parameters; it may give 1,000 rows.
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<Vec<u8>>) -> Self {
        let file = File { path: path.into(), contents: text.into() };
        let setting = Setting { base: "http://example.org/".to_owned(), prefixes: Vec::new(), seed: 0, now: 0 };
        let query = RawQuery { file, parameters: Vec::new(), limit: 1000, explain: false };
        Self { setting, sources: Vec::new(), query }
    }

    /// Adds a file of statements, in Turtle, to the default graph.
    #[must_use]
    pub fn graph(self, path: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        self.source(path, contents, Notation::Turtle, None)
    }

    /// Adds a file of statements.
    #[must_use]
    pub fn source(
        mut self,
        path: impl Into<String>,
        contents: impl Into<Vec<u8>>,
        notation: Notation,
        graph: Option<&str>,
    ) -> Self {
        let file = File { path: path.into(), contents: contents.into() };
        self.sources.push(RawSource { file, notation, graph: graph.map(str::to_owned) });
        self
    }

    /// Gives a variable a value.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: Term) -> Self {
        self.query.parameters.push(Parameter { name: name.into(), value });
        self
    }

    /// Adds a prefix that the query may use.
    #[must_use]
    pub fn prefix(mut self, name: impl Into<String>, iri: impl Into<String>) -> Self {
        self.setting.prefixes.push(Prefix { name: name.into(), iri: iri.into() });
        self
    }

    /// Sets how many rows or statements are given at the most.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.query.limit = limit;
        self
    }

    /// Asks the query: alone, and with itself as company, which must give the same.
    ///
    /// # Errors
    ///
    /// Those of the engine.
    ///
    /// # Panics
    ///
    /// Where the company makes a difference, where rows have too many or too few values or are more than wanted, and where
    /// what the engine says of the query does not fit what it gives.
    pub fn ask<E: QueryEngine>(&self) -> Result<Answered, Failure> {
        let alone = export::ask::<E>(&self.setting, &self.sources, std::slice::from_ref(&self.query));
        let [answer] = <[_; 1]>::try_from(alone).expect("one answer for one query");
        for other in export::ask::<E>(&self.setting, &self.sources, &[self.query.clone(), self.query.clone()]) {
            assert_eq!(other, answer, "in a batch, the query gives something else than alone");
        }
        if let Ok(answered) = &answer {
            let description = self.inspect::<E>();
            let description = description.expect("a query that can be asked can be read");
            self.check(answered, &description);
        }
        answer
    }

    /// Reads the query without asking it.
    ///
    /// # Errors
    ///
    /// Those of the engine.
    pub fn inspect<E: QueryEngine>(&self) -> Result<Description, Failure> {
        let parameters = self.query.parameters.iter().map(|parameter| parameter.name.clone()).collect();
        let inspected = RawInspected { file: self.query.file.clone(), parameters };
        export::inspect_query::<E>(&self.setting, &inspected)
    }

    /// Asks the query and returns the answer as text: `true` or `false`, a table as tab-separated values, a graph as N-Triples.
    ///
    /// # Panics
    ///
    /// As [`ask`](Self::ask), and where it fails.
    #[must_use]
    pub fn text<E: QueryEngine>(&self) -> String {
        match self.ask::<E>() {
            Ok(answered) => show_answer(&answered.answer),
            Err(failure) => panic!("{} can't be asked:\n{}", self.query.file.path, show_failure(&failure)),
        }
    }

    /// Asks the query and returns what is wrong with it, as [`show`] writes it.
    ///
    /// # Panics
    ///
    /// As [`ask`](Self::ask), and where nothing is wrong.
    #[must_use]
    pub fn errors<E: QueryEngine>(&self) -> String {
        match self.ask::<E>() {
            Ok(answered) => panic!("{} can be asked:\n{}", self.query.file.path, show_answer(&answered.answer)),
            Err(failure) => show_failure(&failure),
        }
    }

    /// Reads the query and returns the remarks about it, as [`show`] writes them.
    ///
    /// # Panics
    ///
    /// Where it can't be read.
    #[must_use]
    pub fn remarks<E: QueryEngine>(&self) -> String {
        match self.inspect::<E>() {
            Ok(description) => show(&description.remarks),
            Err(failure) => panic!("{} can't be read:\n{}", self.query.file.path, show_failure(&failure)),
        }
    }

    /// Checks what the host checks.
    fn check(&self, answered: &Answered, description: &Description) {
        let most = self.query.limit as usize;
        assert!(self.query.explain || answered.steps.is_none(), "nobody asked for steps");
        match &answered.answer {
            Answer::Boolean(_) => assert_eq!(description.form, Form::Ask),
            Answer::Table(Table { variables, rows }) => {
                assert_eq!(description.form, Form::Select);
                assert_eq!(&description.variables, variables, "the description has other variables than the table");
                let names: BTreeSet<&String> = variables.iter().collect();
                assert_eq!(names.len(), variables.len(), "a variable stands there twice");
                assert!(rows.len() <= most, "there are {} rows, more than {most}", rows.len());
                for row in rows {
                    assert_eq!(row.len(), variables.len(), "a row has a value or none for each variable: {row:?}");
                    row.iter().flatten().for_each(check_term);
                }
            }
            Answer::Graph(statements) => {
                assert!(matches!(description.form, Form::Construct | Form::Describe), "{:?}", description.form);
                assert!(statements.len() <= most, "there are {} statements, more than {most}", statements.len());
                for statement in statements {
                    assert!(!matches!(statement.subject, Term::Literal(_)), "{statement:?} is about a literal");
                    [&statement.subject, &statement.object].into_iter().for_each(check_term);
                    check_iri(&statement.predicate);
                }
            }
        }
    }
}

fn check_term(term: &Term) {
    match term {
        Term::Iri(iri) => check_iri(iri),
        Term::Blank(label) => {
            let fine = |letter: char| letter.is_alphanumeric() || "_-.:".contains(letter);
            assert!(!label.is_empty() && label.chars().all(fine), "`{label}` is no label");
        }
        Term::Literal(Literal { datatype, language, .. }) => {
            check_iri(datatype);
            let is_text = datatype.ends_with("#langString");
            assert_eq!(is_text, language.is_some(), "language and datatype don't fit: {term:?}");
        }
    }
}

fn check_iri(iri: &str) {
    let wrong = |letter: char| letter <= ' ' || "<>\"{}|\\^`".contains(letter);
    assert!(iri.contains(':') && !iri.contains(wrong), "`{iri}` is no IRI");
}

/// Writes an answer as text to compare with: `true` or `false`, a table as tab-separated values, a graph as N-Triples.
#[must_use]
pub fn show_answer(answer: &Answer) -> String {
    let mut text = String::new();
    match answer {
        Answer::Boolean(holds) => {
            let _ = writeln!(text, "{holds}");
        }
        Answer::Table(table) => {
            let names: Vec<String> = table.variables.iter().map(|name| format!("?{name}")).collect();
            let _ = writeln!(text, "{}", names.join("\t"));
            for row in &table.rows {
                let values: Vec<String> =
                    row.iter().map(|value| value.as_ref().map(show_term).unwrap_or_default()).collect();
                let _ = writeln!(text, "{}", values.join("\t"));
            }
        }
        Answer::Graph(statements) => {
            for statement in statements {
                let (subject, object) = (show_term(&statement.subject), show_term(&statement.object));
                let _ = writeln!(text, "{subject} <{}> {object} .", statement.predicate);
            }
        }
    }
    text
}

fn show_term(term: &Term) -> String {
    match term {
        Term::Iri(iri) => format!("<{iri}>"),
        Term::Blank(label) => format!("_:{label}"),
        Term::Literal(Literal { value, datatype, language }) => {
            let mut text = "\"".to_owned();
            for letter in value.chars() {
                match letter {
                    '"' => text.push_str("\\\""),
                    '\\' => text.push_str("\\\\"),
                    '\n' => text.push_str("\\n"),
                    '\r' => text.push_str("\\r"),
                    '\t' => text.push_str("\\t"),
                    letter => text.push(letter),
                }
            }
            text.push('"');
            match language {
                Some(language) => text + "@" + language,
                None if datatype == "http://www.w3.org/2001/XMLSchema#string" => text,
                None => format!("{text}^^<{datatype}>"),
            }
        }
    }
}
