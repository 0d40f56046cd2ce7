//! What rendering each template cost, as a table.

use std::fmt::Write as _;

use crate::check::{Dear, Measured};
use crate::text::{format_bytes, printable_line};

/// The columns, with the titles that stand above them.
const TITLES: [&str; 5] = ["template", "fuel", "time", "memory", "out"];

/// The longest name of a template that keeps the columns in line, in characters.
const LONGEST_NAME: usize = 60;

/// Rows that are shown; the rest is counted.
const SHOWN: usize = 100;

/// Writes the dearest templates of all packs, without a line feed at the end; empty where nothing was measured.
pub(super) fn dearest(dearest: &[Dear]) -> String {
    if dearest.is_empty() {
        return String::new();
    }
    let rows = dearest.iter().map(|one| {
        let item = one.item.map(|item| format!("[{item}]")).unwrap_or_default();
        let name = printable_line(&format!("{}: {}", one.pack, one.template)) + &item;
        format!("{:>8}  {name}", fuel(one.fuel))
    });
    let rows: Vec<String> = rows.collect();
    format!("the most expensive templates, by fuel:\n{}", rows.join("\n"))
}

/// Fuel, in short.
pub(super) fn fuel(fuel: u64) -> String {
    scaled(fuel, &["", " k", " M", " G", " T"])
}

/// Writes the table, without a line feed at its end; empty where nothing was measured.
pub(super) fn table(measured: &[Measured]) -> String {
    if measured.is_empty() {
        return String::new();
    }
    let rows: Vec<[String; 5]> =
        std::iter::once(TITLES.map(str::to_owned)).chain(measured.iter().take(SHOWN).map(row)).collect();
    let width = |column: usize, most: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default().min(most)
    };
    let name = width(0, LONGEST_NAME);
    let [fuel, time, memory, out] = [1, 2, 3, 4].map(|column| width(column, usize::MAX));
    let mut text = String::new();
    let marks = std::iter::once(None).chain(measured.iter().map(|measured| measured.deterministic));
    for (row, deterministic) in rows.iter().zip(marks) {
        let mark = if deterministic == Some(false) { "  not deterministic" } else { "" };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{:<name$}  {:>fuel$}  {:>time$}  {:>memory$}  {:>out$}{mark}",
            row[0], row[1], row[2], row[3], row[4]
        );
    }
    if measured.len() > SHOWN {
        let _ = writeln!(text, "and {} more", measured.len() - SHOWN);
    }
    text.truncate(text.trim_end().len());
    text
}

fn row(measured: &Measured) -> [String; 5] {
    let item = measured.item.map(|item| format!("[{item}]")).unwrap_or_default();
    [
        printable_line(&measured.template) + &item,
        fuel(measured.fuel),
        scaled(measured.nanoseconds, &[" ns", " µs", " ms", " s"]),
        format_bytes(measured.memory),
        format_bytes(measured.bytes_out),
    ]
}

/// Writes a number with the largest of some units, each 1000 times the one before, that leaves a digit before the point.
pub(in crate::cli) fn scaled(number: u64, units: &[&str]) -> String {
    let mut divisor = 1_u64;
    let mut unit = 0;
    while unit + 1 < units.len() && number / divisor >= 1000 {
        divisor *= 1000;
        unit += 1;
    }
    let whole = number / divisor;
    if divisor == 1 || whole >= 100 {
        return format!("{whole}{}", units[unit]);
    }
    format!("{whole}.{}{}", number % divisor * 10 / divisor, units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let units = ["", " k", " M"];
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1.0 k"),
            (12_345, "12.3 k"),
            (123_456, "123 k"),
            (u64::MAX, "18446744073709 M"),
        ] {
            assert_eq!(scaled(number, &units), expected);
        }
    }

    #[test]
    fn nothing_measured_is_no_table() {
        assert_eq!(table(&[]), "");
    }
}
