//! A summary in Markdown, for a pull request and for the page of a GitHub job.
//!
//! Always true here: whatever text came from a pack, a plugin or the command line stands within `<code>`, on one line, each
//! sign that Markdown or HTML could take for its own as a number (`&#96;`), so that nothing of a pack becomes a link, a
//! mention, an element or a cell of its own.

use std::fmt::Write as _;

use super::look::Detail;
use super::{measured, summary};
use crate::check::{Finding, PackReport, Report};
use crate::diagnostic::Span;
use crate::show::count;
use crate::text::{printable_line, shortened};

/// Packs that have a row of their own.
const PACKS: usize = 200;
/// Findings that are shown one by one.
const FINDINGS: usize = 100;
/// Bytes of a stranger's text that are shown.
const LONGEST: usize = 300;

/// Writes the summary; with [`Detail::Failures`] nothing where nothing failed.
pub(super) fn render(report: &Report, command: &str, detail: Detail) -> String {
    let failed: Vec<&PackReport> = report.packs.iter().filter(|pack| pack.exit != 0).collect();
    // What came of comparing packs is a report beside theirs, and no pack.
    let packs = report.packs.iter().take(report.summary.packs);
    if failed.is_empty() && detail == Detail::Failures {
        return String::new();
    }
    let mut text = format!("## packbox {command}: {}\n", headline(report));
    table(&mut text, &failed);
    findings(&mut text, report, &failed);
    if detail != Detail::Failures {
        let passed: Vec<&PackReport> = packs.filter(|pack| pack.exit == 0).collect();
        folded(&mut text, &format!("{} passed", count(passed.len(), "pack")), |text| table(text, &passed));
        folded(&mut text, "The most expensive templates, by fuel", |text| dearest(text, report));
    }
    // What is said in sum is packbox's own words.
    if let Some(total) = summary::total(report) {
        let _ = writeln!(text, "\n{total}");
    }
    text
}

fn headline(report: &Report) -> String {
    let packs = &report.packs[..report.packs.len().min(report.summary.packs)];
    let failed = packs.iter().filter(|pack| pack.exit != 0).count();
    match (failed, packs.len()) {
        (0, all) if report.packs.len() > all && report.exit() != 0 => format!("the {all} packs are not compatible"),
        (0, all) if report.packs.len() > all => format!("the {all} packs are compatible"),
        (0, 1) => "the pack passed".to_owned(),
        (0, all) => format!("all {all} packs passed"),
        (_, 1) => "the pack failed".to_owned(),
        (failed, all) => format!("{failed} of {all} packs failed"),
    }
}

fn table(text: &mut String, packs: &[&PackReport]) {
    if packs.is_empty() {
        return;
    }
    text.push_str("\n| pack | version | result | exit code |\n| --- | --- | --- | ---: |\n");
    for pack in packs.iter().take(PACKS) {
        let version = match (&pack.name, &pack.version) {
            (Some(name), Some(version)) => code(&format!("{name} {version}")),
            _ => String::new(),
        };
        let outcome = summary::outcome(pack);
        let result = match &pack.error {
            Some(failure) => format!("{outcome}: {}", code(&failure.detail)),
            None => outcome,
        };
        let _ = writeln!(text, "| {} | {version} | {result} | {} |", code(&pack.path), pack.exit);
    }
    if packs.len() > PACKS {
        let _ = writeln!(text, "\nand {}", count(packs.len() - PACKS, "more pack"));
    }
}

/// What counts in the packs that failed, and what was found about the user's own files.
fn findings(text: &mut String, report: &Report, failed: &[&PackReport]) {
    let counting = failed.iter().flat_map(|pack| pack.findings.iter().filter(|finding| finding.counts(report.fail_on)));
    let all: Vec<&Finding> = counting.chain(&report.notes).collect();
    if !all.is_empty() {
        text.push('\n');
    }
    for finding in all.iter().take(FINDINGS) {
        let place = finding.span.as_ref().map(|span| format!(" at {}", place(span))).unwrap_or_default();
        let help = finding.help.as_ref().map(|help| format!("<br>{}", code(help))).unwrap_or_default();
        let (level, rule) = (finding.level.name(), code(&finding.rule));
        let _ = writeln!(text, "- **{level}** {rule}{place}: {}{help}", code(&finding.message));
    }
    if all.len() > FINDINGS {
        let _ = writeln!(text, "- and {}", count(all.len() - FINDINGS, "more finding"));
    }
}

fn dearest(text: &mut String, report: &Report) {
    if report.dearest.is_empty() {
        return;
    }
    text.push_str("\n| pack | template | fuel |\n| --- | --- | ---: |\n");
    for one in &report.dearest {
        let item = one.item.map(|item| format!(", item {item}")).unwrap_or_default();
        let (pack, template) = (code(&one.pack), code(&one.template));
        let _ = writeln!(text, "| {pack} | {template}{item} | {} |", measured::fuel(one.fuel));
    }
}

/// Adds a part that is opened by a click, where there is anything in it.
fn folded(text: &mut String, title: &str, fill: impl FnOnce(&mut String)) {
    let mut part = String::new();
    fill(&mut part);
    if !part.is_empty() {
        let _ = writeln!(text, "\n<details><summary>{title}</summary>\n{part}\n</details>");
    }
}

fn place(span: &Span) -> String {
    code(&format!("{}:{}:{}", span.path, span.start.line, span.start.column))
}

/// A stranger's text, as text.
pub(in crate::cli) fn code(text: &str) -> String {
    let mut code = "<code>".to_owned();
    let line = shortened(printable_line(text), LONGEST);
    for sign in line.chars() {
        match sign {
            ' ' | '-' | '/' | ',' => code.push(sign),
            // What begins with `www.` is taken for an address.
            '.' if !code.to_ascii_lowercase().ends_with("www") => code.push(sign),
            _ if sign.is_ascii_punctuation() => {
                // Writing to a string does not fail.
                let _ = write!(code, "&#{};", u32::from(sign));
            }
            _ => code.push(sign),
        }
    }
    code + "</code>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        let hostile = "a|b\n# x</code><img src=x>`` `[l](https://e.org) @org/team #1 **b** \\| \u{202e}www.e.org";
        let shown = code(hostile);
        let inner = shown.strip_prefix("<code>").and_then(|text| text.strip_suffix("</code>")).expect("code");
        let plain = |sign: char| sign.is_alphanumeric() || " -/,.&#;\u{fffd}".contains(sign);
        assert!(inner.chars().all(plain), "{inner}");
        assert!(!inner.contains(':') && !inner.contains("www."), "{inner}");
        // Only numbers are between the signs of an entity.
        assert!(inner.split('&').skip(1).all(|rest| {
            let number = rest.strip_prefix('#').and_then(|rest| rest.split_once(';')).expect("an entity").0;
            number.bytes().all(|byte| byte.is_ascii_digit())
        }));
    }

    #[test]
    fn a_report_has_no_more_rows_and_elements_than_it_means_to() {
        let mut report = crate::check::sample::report();
        let plain = render(&report, "validate", Detail::Usual);
        let hostile = "|\n\n| x |\n</code></details><script>\n## forged\n- [ ] x\n\n";
        for pack in &mut report.packs {
            pack.path.push_str(hostile);
            pack.name = pack.name.take().map(|name| name + hostile);
            pack.findings.iter_mut().for_each(|finding| {
                finding.message.push_str(hostile);
                finding.rule.push_str(hostile);
                finding.help = finding.help.take().map(|help| help + hostile);
            });
        }
        let attacked = render(&report, "validate", Detail::Usual);
        let shape = |text: &str| {
            let signs = |line: &str| line.matches(['|', '<']).count();
            text.lines().map(|line| (signs(line), line.chars().next())).collect::<Vec<_>>()
        };
        assert_eq!(shape(&attacked), shape(&plain), "{attacked}");
    }
}
