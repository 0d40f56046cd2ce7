//! Workflow commands of GitHub Actions, which become annotations beside the lines; then the plain summary.
//!
//! Always true here: no text of a stranger begins a command. A runner takes a line that begins with `::` for one, and
//! one with `##[` anywhere in it.

use super::{rules, summary};
use crate::check::{Finding, Report};
use crate::diagnostic::{Severity, Span};
use crate::text::{printable, printable_line};

/// Writes a command for each finding that is not suppressed, and the summary.
pub(super) fn render(report: &Report) -> String {
    let mut lines: Vec<String> =
        rules::findings(report).filter(|finding| finding.suppressed.is_none()).map(annotation).collect();
    for failure in report.packs.iter().filter_map(|pack| pack.error.as_ref()) {
        let text = with_hint(&failure.detail, failure.hint.as_deref());
        lines.push(command("error", failure.location.as_ref(), failure.kind.name(), &text));
    }
    let summary = report.packs.iter().map(summary::pack).chain(summary::total(report));
    // The prefix keeps a path from beginning the line.
    lines.extend(summary.map(|line| format!("packbox: {line}")));
    lines.join("\n").replace("##[", "## [") + "\n"
}

fn annotation(finding: &Finding) -> String {
    let name = match finding.level {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    command(name, finding.span.as_ref(), &finding.rule, &with_hint(&finding.message, finding.help.as_deref()))
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
    fn no_other_line_is_a_command() {
        let mut report = crate::check::sample::report();
        report.packs[0].path = "::error::##[add-path]/tmp\n::x".into();
        for line in render(&report).lines() {
            let ours = ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start));
            assert!((ours || line.starts_with("packbox: ")) && !line.contains("##["), "{line}");
        }
    }
}
