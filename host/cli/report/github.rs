//! Workflow commands of GitHub Actions, which become annotations beside the lines; then the plain summary.
//!
//! Always true here: no text of a stranger begins a command. A runner takes a line that begins with `::` for one, and
//! one with `##[` anywhere in it.

use super::look::Detail;
use super::rules::{file_of, is_archive};
use super::summary;
use crate::check::{Finding, PackReport, Report};
use crate::diagnostic::{Severity, Span};
use crate::error::Error;
use crate::text::{printable, printable_line};

/// Writes a command for each finding that is not suppressed, and the summary.
pub(super) fn render(report: &Report, detail: Detail) -> String {
    let quiet = detail == Detail::Failures;
    if quiet && report.exit() == 0 {
        return String::new();
    }
    let packs: Vec<&PackReport> = report.packs.iter().filter(|pack| !quiet || pack.exit != 0).collect();
    let found = packs.iter().flat_map(|pack| pack.findings.iter().map(|finding| (finding, Some(*pack))));
    let found = found.chain(report.notes.iter().map(|note| (note, None)));
    let shown = found.filter(|(finding, _)| finding.suppressed.is_none());
    let mut lines: Vec<String> = shown.map(|(finding, pack)| annotation(finding, pack)).collect();
    for pack in &packs {
        if let Some(failure) = &pack.error {
            let text = with_hint(&failure.detail, failure.hint.as_deref());
            lines.push(command(
                "error",
                place(failure.location.as_ref(), Some(pack)).as_ref(),
                failure.kind.name(),
                &text,
            ));
        }
    }
    let summary = packs.iter().map(|pack| summary::pack(pack)).chain(summary::total(report));
    // The prefix keeps a path from beginning the line.
    lines.extend(summary.map(|line| format!("packbox: {line}")));
    lines.join("\n").replace("##[", "## [") + "\n"
}

/// Writes commands for an error for which there is no report: one for each of its findings, or one for itself.
pub fn error(error: &Error) -> String {
    let body = error.body();
    let mut lines: Vec<String> =
        error.findings().into_iter().map(|finding| annotation(&Finding::from(finding), None)).collect();
    if lines.is_empty() {
        let text = with_hint(&body.detail, body.hint.as_deref());
        lines.push(command("error", body.location.as_ref(), error.kind().name(), &text));
    }
    lines.join("\n").replace("##[", "## [") + "\n"
}

fn annotation(finding: &Finding, pack: Option<&PackReport>) -> String {
    let name = match finding.level {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let text = with_hint(&finding.message, finding.help.as_deref());
    command(name, place(finding.span.as_ref(), pack).as_ref(), &finding.rule, &text)
}

/// A place that GitHub finds: the manifest where there is none, and the archive for what lies in one.
fn place(span: Option<&Span>, pack: Option<&PackReport>) -> Option<Span> {
    let Some(pack) = pack else { return span.cloned() };
    match span {
        Some(span) if !is_archive(pack) || !span.path.starts_with(&pack.path) => Some(span.clone()),
        _ => Some(Span::file(file_of(pack))),
    }
}

fn command(name: &str, span: Option<&Span>, title: &str, text: &str) -> String {
    let mut properties = Vec::new();
    if let Some(span) = span {
        let path = span.path.strip_prefix("./").unwrap_or(&span.path);
        properties.push(format!("file={}", property(path)));
        properties.push(format!("line={}", span.start.line));
        properties.push(format!("col={}", span.start.column));
        if let Some(end) = span.end {
            properties.push(format!("endLine={}", end.line));
        }
    }
    properties.push(format!("title={}", property(title)));
    format!("::{name} {}::{}", properties.join(","), data(&printable(text)))
}

fn with_hint(text: &str, hint: Option<&str>) -> String {
    hint.map_or_else(|| text.to_owned(), |hint| format!("{text}\n{hint}"))
}

/// Escapes what stands behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(&printable_line(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_and_text_are_escaped() {
        let span = Span::file("./a,b: 100%\n/x");
        assert_eq!(
            command("error", Some(&span), "a/b", "50%\n::warning::x, \u{1b}[0m"),
            "::error file=a%2Cb%3A 100%25 /x,line=1,col=1,title=a/b::50%25%0A::warning::x, \u{fffd}[0m"
        );
        assert_eq!(property("%2C\r"), "%252C\u{fffd}");
        assert_eq!(data("a\r\nb"), "a%0D%0Ab");
    }

    #[test]
    fn each_annotation_has_a_file() {
        let mut report = crate::check::sample::report();
        report.packs[0].path = "dist/site.pack".to_owned();
        for finding in &mut report.packs[0].findings {
            if let Some(span) = &mut finding.span {
                span.path = "dist/site.pack/templates/a".to_owned();
            }
        }
        let text = render(&report, Detail::Usual);
        let annotations: Vec<&str> = text.lines().filter(|line| line.starts_with("::")).collect();
        assert!(annotations.iter().all(|line| line.contains(" file=")), "{annotations:#?}");
        assert!(annotations[0].contains("file=dist/site.pack,line=1"), "{}", annotations[0]);
        let quiet = render(&report, Detail::Failures);
        assert!(!quiet.contains("packs/site (") && quiet.contains("packbox: broken"), "{quiet}");
    }

    #[test]
    fn no_other_line_is_a_command() {
        let mut report = crate::check::sample::report();
        report.packs[0].path = "::error::##[add-path]/tmp\n::x".into();
        for line in render(&report, Detail::Usual).lines() {
            let ours = ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start));
            assert!((ours || line.starts_with("packbox: ")) && !line.contains("##["), "{line}");
        }
    }
}
