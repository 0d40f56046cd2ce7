//! Answers of queries, for people: tables with IRIs written short, statements as Turtle, the steps by which an answer came about.
//!
//! Always true here: what a terminal would obey is not shown as it is; a row is one line; a terminal that is narrower has
//! columns cut, and nothing else has.

use std::fmt::Write as _;

use textwrap::core::display_width;

use super::documents::Step;
use super::fold::table as aligned;
use crate::query::{Answer, Prefixes, Table, turtle};
use crate::show::count;
use crate::text::{printable, printable_line};

/// The least width that a column is cut to.
const LEAST: usize = 6;
/// What stands between two columns.
const GAP: usize = 2;
/// What stands for a variable without a value.
const UNBOUND: &str = "-";

/// The answer, in so many columns where it is for a terminal.
pub fn page(answer: &Answer, prefixes: &Prefixes, columns: Option<usize>) -> String {
    match answer {
        Answer::Boolean(holds) => format!("{holds}\n"),
        Answer::Table(table) => rows(table, prefixes, columns),
        Answer::Graph(statements) => {
            let told = format!("{}\n", count(statements.len(), "statement"));
            if statements.is_empty() { told } else { format!("{}\n{told}", printable(&turtle(statements, prefixes))) }
        }
    }
}

fn rows(table: &Table, prefixes: &Prefixes, columns: Option<usize>) -> String {
    let told = count(table.rows.len(), "row");
    let mut cells: Vec<Vec<String>> = vec![table.variables.iter().map(|name| printable_line(name)).collect()];
    cells.extend(table.rows.iter().map(|row| {
        let cell = |term: &Option<crate::query::Term>| {
            let text = term.as_ref().map(|term| printable_line(&prefixes.readable(term)));
            text.unwrap_or_else(|| UNBOUND.to_owned())
        };
        row.iter().map(cell).collect()
    }));
    if let Some(columns) = columns {
        narrow(&mut cells, columns);
    }
    // The last column would lose blanks at its end, and nothing else.
    let mut out = aligned(&cells);
    let _ = writeln!(out, "\n{told}");
    out
}

/// Cuts the widest columns until all fit.
fn narrow(cells: &mut [Vec<String>], columns: usize) {
    let count = cells.first().map_or(0, Vec::len);
    let width = |column: usize| cells.iter().map(|row| display_width(&row[column])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    let room = columns.saturating_sub(GAP * count.saturating_sub(1));
    let fits = |most: usize| widths.iter().map(|width| (*width).min(most)).sum::<usize>() <= room;
    if widths.iter().sum::<usize>() <= room {
        return;
    }
    let most = (LEAST..=columns).rev().find(|most| fits(*most)).unwrap_or(LEAST);
    for cell in cells.iter_mut().flatten() {
        *cell = cut(cell, most);
    }
}

/// A text in so many columns; an ellipsis stands for what is cut off.
fn cut(text: &str, columns: usize) -> String {
    if display_width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    for letter in text.chars() {
        out.push(letter);
        if display_width(&out) >= columns {
            out.pop();
            break;
        }
    }
    out.push('…');
    out
}

/// The steps, each with its rows; those that a step takes its rows from stand below it.
pub fn steps(step: &Step, fuel: u64) -> String {
    let mut lines = vec![vec!["rows".to_owned(), "step".to_owned()]];
    add_steps(step, 0, &mut lines);
    let width = lines.iter().map(|line| line[0].len()).max().unwrap_or(0);
    let mut out = String::new();
    for line in &lines {
        let _ = writeln!(out, "{:>width$}  {}", line[0], line[1]);
    }
    let _ = writeln!(out, "\nfuel: {fuel}, the graphs read included");
    out
}

fn add_steps(step: &Step, depth: usize, lines: &mut Vec<Vec<String>>) {
    let rows = step.rows.map_or_else(|| UNBOUND.to_owned(), |rows| rows.to_string());
    lines.push(vec![rows, "  ".repeat(depth) + &printable_line(&step.name)]);
    for child in &step.children {
        add_steps(child, depth + 1, lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Term;

    fn table() -> Answer {
        let row =
            |name: &str, about: &str| vec![Some(Term::Iri(format!("urn:s:{name}"))), Some(Term::text(about)), None];
        let variables = ["service", "about", "port"].map(str::to_owned).to_vec();
        let rows = vec![row("orders", "takes orders\nand \u{1b}[31mkeeps \u{202e}them"), row("a b", "x")];
        Answer::Table(Table { variables, rows })
    }

    fn prefixes() -> Prefixes {
        Prefixes::new(&[("s".to_owned(), "urn:s:".to_owned())].into())
    }

    #[test]
    fn a_row_is_a_line_that_no_terminal_obeys() {
        assert_eq!(
            page(&table(), &prefixes(), None),
            "service      about                              port\n\
             s:orders     takes orders and \u{fffd}[31mkeeps \u{fffd}them  -\n\
             <urn:s:a b>  x                                  -\n\n2 rows\n"
        );
        assert_eq!(page(&Answer::Boolean(false), &prefixes(), None), "false\n");
        assert_eq!(page(&Answer::Graph(Vec::new()), &prefixes(), None), "0 statements\n");
    }

    #[test]
    fn the_widest_column_is_cut_first() {
        let told = page(&table(), &prefixes(), Some(34));
        assert!(told.lines().all(|line| display_width(line) <= 34), "{told}");
        assert!(told.contains("s:orders     takes orders a…"), "{told}");
        // There is always something of each.
        assert!(page(&table(), &prefixes(), Some(3)).contains("s:ord…  takes…  -"));
    }

    #[test]
    fn steps_stand_below_what_takes_their_rows() {
        let leaf = |name: &str| Step { name: name.to_owned(), rows: Some(120), children: Vec::new() };
        let step = Step { name: "Project".to_owned(), rows: None, children: vec![leaf("Triple(\u{1b})")] };
        assert_eq!(
            steps(&step, 7),
            "rows  step\n   -  Project\n 120    Triple(\u{fffd})\n\nfuel: 7, the graphs read included\n"
        );
    }
}
