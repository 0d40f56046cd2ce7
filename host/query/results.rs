//! Answers in W3C's formats for results: SPARQL 1.1 Query Results CSV, and SPARQL Query Results XML. TSV is how a table is
//! displayed.
//!
//! Always true here: what is written reads as the same answer, as far as the format can say it.

use std::fmt::Write as _;

use super::answer::{Answer, Table};
use super::question::{Literal, Term, XSD};

/// Writes a table as CSV: a header of names, and a line for each row, each with CR and LF. Terms are plain: what they are is not
/// said.
#[must_use]
pub fn csv(table: &Table) -> String {
    let mut out = line(table.variables.iter().map(String::as_str));
    for row in &table.rows {
        let label = |term: &Option<Term>| match term {
            Some(Term::Blank(label)) => format!("_:{label}"),
            Some(Term::Iri(text) | Term::Literal(Literal { value: text, .. })) => text.clone(),
            None => String::new(),
        };
        let cells: Vec<String> = row.iter().map(label).collect();
        out += &line(cells.iter().map(String::as_str));
    }
    out
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let needs_quotes = |cell: &str| cell.contains(['"', ',', '\n', '\r']);
    let quoted = |cell: &str| {
        if needs_quotes(cell) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
    };
    cells.map(quoted).collect::<Vec<_>>().join(",") + "\r\n"
}

/// Writes a table, or yes or no, as XML.
///
/// # Errors
/// A graph has no such form: none; and a text with a character that XML does not have, by that character.
pub fn xml(answer: &Answer) -> Result<Option<String>, char> {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sparql xmlns=\"http://www.w3.org/2005/sparql-results#\">\n",
    );
    match answer {
        Answer::Boolean(holds) => {
            let _ = writeln!(out, "  <head/>\n  <boolean>{holds}</boolean>");
        }
        Answer::Table(table) => add_table(&mut out, table)?,
        Answer::Graph(_) => return Ok(None),
    }
    out += "</sparql>\n";
    Ok(Some(out))
}

fn add_table(out: &mut String, table: &Table) -> Result<(), char> {
    *out += "  <head>\n";
    for name in &table.variables {
        let _ = writeln!(out, "    <variable name=\"{}\"/>", escaped(name)?);
    }
    *out += "  </head>\n  <results>\n";
    for row in &table.rows {
        *out += "    <result>\n";
        for (name, term) in table.variables.iter().zip(row) {
            if let Some(term) = term {
                let _ = writeln!(out, "      <binding name=\"{}\">{}</binding>", escaped(name)?, of_term(term)?);
            }
        }
        *out += "    </result>\n";
    }
    *out += "  </results>\n";
    Ok(())
}

fn of_term(term: &Term) -> Result<String, char> {
    Ok(match term {
        Term::Iri(iri) => format!("<uri>{}</uri>", escaped(iri)?),
        Term::Blank(label) => format!("<bnode>{}</bnode>", escaped(label)?),
        Term::Literal(Literal { value, datatype, language }) => {
            let about = match language {
                Some(language) => format!(" xml:lang=\"{}\"", escaped(language)?),
                None if datatype.strip_prefix(XSD) == Some("string") => String::new(),
                None => format!(" datatype=\"{}\"", escaped(datatype)?),
            };
            format!("<literal{about}>{}</literal>", escaped(value)?)
        }
    })
}

/// A text for XML 1.0. An error is a character that it has no way to write.
fn escaped(text: &str) -> Result<String, char> {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            // A reader makes line feeds of it.
            '\r' => out += "&#13;",
            '\n' | '\t' => out.push(letter),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => return Err(letter),
            letter => out.push(letter),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(values: &[&str]) -> Table {
        let rows = values.iter().map(|value| vec![None, Some(Term::text(*value))]).collect();
        Table { variables: vec!["a".to_owned(), "b".to_owned()], rows }
    }

    #[test]
    fn csv_quotes_what_would_end_a_cell_or_a_line() {
        assert_eq!(
            csv(&table(&["x", "a,b", "say \"hi\"", "1\n2"])),
            "a,b\r\n,x\r\n,\"a,b\"\r\n,\"say \"\"hi\"\"\"\r\n,\"1\n2\"\r\n"
        );
        let row = vec![Some(Term::Iri("urn:a".to_owned())), Some(Term::Blank("b0".to_owned()))];
        assert_eq!(csv(&Table { rows: vec![row], ..table(&[]) }), "a,b\r\nurn:a,_:b0\r\n");
    }

    #[test]
    fn xml_keeps_what_a_term_is() {
        let german = Literal { value: "<ü>".to_owned(), datatype: String::new(), language: Some("de".to_owned()) };
        let rows = vec![
            vec![Some(Term::Iri("http://e.example/?a&b".to_owned())), Some(Term::Literal(german))],
            vec![None, Some(Term::typed("5", "integer"))],
        ];
        let told = xml(&Answer::Table(Table { rows, ..table(&[]) })).unwrap().unwrap();
        for wanted in [
            "<uri>http://e.example/?a&amp;b</uri>",
            "<literal xml:lang=\"de\">&lt;ü&gt;</literal>",
            "<result>\n      <binding name=\"b\"><literal datatype=\"http://www.w3.org/2001/XMLSchema#integer\">5</literal></binding>\n    </result>",
        ] {
            assert!(told.contains(wanted), "{wanted}: {told}");
        }
        assert!(xml(&Answer::Boolean(true)).unwrap().unwrap().contains("<boolean>true</boolean>"));
        assert_eq!(xml(&Answer::Table(table(&["a\u{1}"]))), Err('\u{1}'));
        assert!(xml(&Answer::Table(table(&["a\r\n"]))).unwrap().unwrap().contains("a&#13;\n"));
        assert_eq!(xml(&Answer::Graph(Vec::new())), Ok(None));
    }
}
