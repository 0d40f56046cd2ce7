//! How errors and findings look to a person.
//!
//! Always true here: whatever text came from a pack or a plugin is made printable before it is shown.

use std::fmt::Write as _;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::check::Failure;
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::error::Error;
use crate::stop::Stop;
use crate::text::{printable, printable_line};

/// Findings of an error that are shown one by one; the rest is counted.
pub const SHOWN: usize = 20;

/// Renders an error for a person.
#[must_use]
pub fn human(error: &Error, color: bool) -> String {
    let body = error.body();
    let mut parts = listed(&body.findings, SHOWN);
    // Where there are findings, they say where it is.
    let location = if body.findings.is_empty() { body.location.as_ref() } else { None };
    parts.push(problem((&body.detail, error.rule()), location, body.hint.as_deref(), &causes(error)));
    with_trace(render(&parts, color), body.stop.as_ref())
}

/// Adds the calls that were under way in a plugin that was stopped, innermost first.
fn with_trace(mut text: String, stop: Option<&Stop>) -> String {
    let Some(stop) = stop.filter(|stop| !stop.backtrace.is_empty()) else { return text };
    let plugin = stop.plugin.as_deref().unwrap_or("plugin");
    let place = stop.export.as_ref().map_or_else(String::new, |export| format!(" in `{export}`"));
    // Writing to a string does not fail.
    let _ = write!(text, "\n\nthe plugin `{}` was{place}, innermost call first:", printable_line(plugin));
    let machinery = stop.backtrace.iter().take_while(|frame| frame.is_machinery()).count();
    // Where there is nothing but machinery, it is all that can be shown.
    let hidden = if machinery == stop.backtrace.len() { 0 } else { machinery };
    if hidden > 0 {
        let _ = write!(text, "\n  … {hidden} of the panic itself");
    }
    for frame in &stop.backtrace[hidden..] {
        let _ = write!(text, "\n  at {}", printable_line(&frame.to_string()));
    }
    text
}

/// Renders what kept the checks of a pack from being completed.
#[must_use]
pub fn failure(failure: &Failure, color: bool) -> String {
    let page =
        render(&[problem((&failure.detail, None), failure.location.as_ref(), failure.hint.as_deref(), &[])], color);
    with_trace(page, failure.stop.as_ref())
}

/// Renders findings, `most` of them one by one; the rest is counted.
#[must_use]
pub fn findings(findings: &[Diagnostic], most: usize, color: bool) -> String {
    render(&listed(findings, most), color)
}

fn listed(findings: &[Diagnostic], most: usize) -> Vec<Vec<Group<'static>>> {
    let mut parts: Vec<_> = findings.iter().take(most).map(finding).collect();
    if findings.len() > most {
        let title = format!("{} more like these", findings.len() - most);
        parts.push(vec![Group::with_title(Level::NOTE.primary_title(title))]);
    }
    parts
}

fn problem(
    (detail, rule): (&str, Option<&'static str>),
    location: Option<&Span>,
    hint: Option<&str>,
    causes: &[String],
) -> Vec<Group<'static>> {
    let title = Level::ERROR.primary_title(printable(detail));
    let title = match rule {
        Some(rule) => title.id(rule),
        None => title,
    };
    with_hint(place(Group::with_title(title), location), hint, causes)
}

fn render(parts: &[Vec<Group<'_>>], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    parts.iter().map(|part| renderer.render(part)).collect::<Vec<_>>().join("\n\n")
}

fn finding(finding: &Diagnostic) -> Vec<Group<'static>> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(printable(&finding.message)).id(printable_line(&finding.rule));
    let mut group = place(Group::with_title(title), finding.span.as_ref());
    for related in &finding.related {
        group = place(group, Some(related));
    }
    with_hint(group, finding.help.as_deref(), &[])
}

fn with_hint(mut group: Group<'static>, hint: Option<&str>, causes: &[String]) -> Vec<Group<'static>> {
    for cause in causes {
        group = group.element(Level::NOTE.with_name("because").message(printable(cause)));
    }
    if let Some(hint) = hint {
        group = group.element(Level::HELP.message(printable(hint)));
    }
    vec![group]
}

/// Adds a place: with its line and a caret where the line is known, as a path otherwise; a file as a whole has no line.
fn place(group: Group<'static>, span: Option<&Span>) -> Group<'static> {
    let Some(span) = span else { return group };
    let path = printable_line(&span.path);
    let Some(excerpt) = span.excerpt.as_deref().filter(|excerpt| !excerpt.is_empty()) else {
        if span.is_whole_file() {
            return group.element(Origin::path(path));
        }
        return group
            .element(Origin::path(path).line(span.start.line as usize).char_column(span.start.column as usize));
    };
    let excerpt = printable_line(excerpt);
    let start = byte_of(&excerpt, span.start.column);
    let end = match span.end {
        Some(end) if end.line == span.start.line => byte_of(&excerpt, end.column),
        Some(_) => excerpt.len(),
        None => start,
    };
    let snippet = Snippet::source(excerpt)
        .line_start(span.start.line as usize)
        .path(path)
        .annotation(AnnotationKind::Primary.span(start..end.max(start)));
    group.element(snippet)
}

fn byte_of(line: &str, column: u32) -> usize {
    line.char_indices().nth(column.max(1) as usize - 1).map_or(line.len(), |(at, _)| at)
}

/// The causes of an error, nearest first.
#[must_use]
pub fn causes(error: &Error) -> Vec<String> {
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        causes.push(source.to_string());
        cause = source.source();
    }
    causes
}
