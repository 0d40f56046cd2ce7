//! Turns the engine's errors into diagnostics: a rule, a place, and what to do next.
//!
//! A diagnostic points at the innermost place; the templates that led there are its related places, innermost first.

use std::ops::Range;
use std::str::Utf8Error;

use minijinja::{Environment, Error, ErrorKind};

use crate::balance::Fault;
use crate::bindings::packbox::plugin::types::{Diagnostic, Failure, Position, Severity, Span};
use crate::context::Root;
use crate::filters::{FILTERS, TESTS};
use crate::locate::{self, Named, Source, Wanted};
use crate::origin::Origin;
use crate::unnamed::{self, NO_NAME, NO_VALUE, Unnamed};
use crate::{advice, hints, methods, plain};

/// Creates the failure for input that is wrong as a whole, outside of any template.
#[must_use]
pub fn invalid_input(message: String) -> Failure {
    invalid("template/error", message, None, None)
}

/// Creates the failure for a wrong option.
#[must_use]
pub fn invalid_option(message: String, help: Option<String>) -> Failure {
    invalid("template/option", message, help, None)
}

/// Creates the failure for a template that is not UTF-8; points at the first wrong byte.
#[must_use]
pub fn not_utf8(path: &str, contents: &[u8], error: Utf8Error) -> Failure {
    let at = error.valid_up_to();
    let help = "save the template as UTF-8; a file that is not text needs no template".to_owned();
    invalid(
        "template/syntax",
        format!("the template is not UTF-8: {error}"),
        Some(help),
        Some(span(path, contents, at..at)),
    )
}

fn invalid(rule: &str, message: String, help: Option<String>, span: Option<Span>) -> Failure {
    let rule = rule.to_owned();
    Failure::Invalid(vec![Diagnostic { rule, severity: Severity::Error, message, help, span, related: Vec::new() }])
}

/// Knows what an error of one template or expression may refer to.
pub struct Reporter<'a> {
    /// What was parsed or rendered.
    pub source: Source<'a>,
    /// What it could look up.
    pub root: &'a Root,
    /// What it was rendered with.
    pub environment: &'a Environment<'a>,
    /// The paths of the files that it could include.
    pub partials: Vec<&'a str>,
}

impl Reporter<'_> {
    /// Writes an error of the engine as a failure.
    #[must_use]
    pub fn failure(&self, error: &Error) -> Failure {
        let outer = outer_errors(error);
        let cause = outer.last().map_or(error, |(_, inner)| *inner);
        let source = self.source_of(cause);
        let range = range_in(cause, &source);
        let (said, origin) = cause.detail().map(Origin::split).unzip();
        let text = range.clone().and_then(|range| source.text.get(range)).unwrap_or_default();
        let (wanted, message) = describe(cause, said.as_deref(), text);
        let unnamed = range.as_ref().and_then(|range| unnamed::find(&source, range, &message, self.root));
        let is_undefined = unnamed.is_some();
        let general = advice::operation(&message).filter(|_| message == NO_VALUE);
        let (wanted, message, told) = match unnamed {
            Some(Unnamed { name, message, named }) => (Some(Wanted::Value(name)), message, named),
            None => (wanted, message, None),
        };
        if rule(cause, &source) == "template/syntax"
            && let Some(fault) = plain::fault(&source, &message, range_in(cause, &source).as_ref())
        {
            return self.syntax(fault, &source, &outer);
        }
        let message = self.cycle(cause, &outer).or_else(|| advice::plain(&message)).unwrap_or(message);
        let message = match message.strip_suffix(" is not iterable") {
            Some(kind) => not_iterable(kind, range.as_ref().and_then(|range| source.text.get(range.clone()))),
            None => message,
        };
        // The engine does not name what is computed.
        let computed = range_in(cause, &source).filter(|_| message.starts_with("`(...)")).map(|at| &source.text[at]);
        let message = match computed.filter(|text| text.len() <= 60 && !text.contains('\n')) {
            Some(text) => format!("`{}` is undefined", text.trim()),
            None => message,
        };
        let by_name = |wanted: &Wanted| locate::find(&source, wanted, range_in(cause, &source), self.root);
        let read = wanted
            .as_ref()
            .zip(origin.flatten())
            .and_then(|(wanted, origin)| origin.find(wanted, (&self.source, &source), self.environment, self.root));
        let (named, span, used) = if let Some((named, span)) = read {
            (Some(named), Some(span), place(cause, &source, None))
        } else {
            let named = told.or_else(|| wanted.as_ref().and_then(by_name));
            let span = place(cause, &source, named.as_ref().map(|named| named.range.clone()));
            (named, span, None)
        };
        let mut related: Vec<Span> = used.into_iter().chain(self.way(&source, &outer)).collect();
        related.retain(|other| Some(other) != span.as_ref());
        let rule = if is_undefined { "template/undefined-variable" } else { rule(cause, &source) };
        Failure::Invalid(vec![Diagnostic {
            rule: rule.to_owned(),
            severity: Severity::Error,
            help: match &wanted {
                Some(wanted) => self
                    .foreign(wanted, &source, range)
                    .or_else(|| self.help(wanted, named.as_ref()))
                    .or_else(|| general.map(str::to_owned)),
                None => advice::operation(&message).map(str::to_owned),
            },
            message,
            span,
            related,
        }])
    }

    /// The failure of an operation whose result is out of range, in one of the texts that rendered.
    #[must_use]
    pub fn out_of_range(&self, problem: &str, source: &Source<'_>, range: Range<usize>) -> Failure {
        Failure::Invalid(vec![Diagnostic {
            rule: "template/type".to_owned(),
            severity: Severity::Error,
            message: problem.to_owned(),
            help: None,
            span: Some(locate_span(source, range)),
            related: self.way(source, &[]),
        }])
    }

    fn syntax(&self, fault: Fault, source: &Source<'_>, outer: &[(&Error, &Error)]) -> Failure {
        Failure::Invalid(vec![Diagnostic {
            rule: "template/syntax".to_owned(),
            severity: Severity::Error,
            message: advice::plain(&fault.message).unwrap_or(fault.message),
            help: Some(fault.help),
            span: Some(locate_span(source, fault.range)),
            related: self.way(source, outer),
        }])
    }

    /// Returns the places that led to a template, innermost first; each once, however often a recursion came by.
    fn way(&self, source: &Source<'_>, outer: &[(&Error, &Error)]) -> Vec<Span> {
        let mut way: Vec<Span> = Vec::new();
        for span in outer.iter().rev().filter_map(|(error, _)| place(error, &self.source_of(error), None)) {
            if !way.contains(&span) {
                way.push(span);
            }
        }
        if way.is_empty() && source.path != self.source.path {
            way.extend(locate::reference(&self.source, source.path).map(|at| locate_span(&self.source, at)));
        }
        way
    }

    /// Says what calls itself, where that is what an error is about.
    fn cycle(&self, cause: &Error, outer: &[(&Error, &Error)]) -> Option<String> {
        if let Some(name) = cause.detail().and_then(|said| between(said, "cycle in template inheritance. \"", "\"")) {
            return Some(format!("a template extends itself, or another one that extends it: {name}"));
        }
        if !is_about_depth(cause) {
            return None;
        }
        let mut paths: Vec<&str> = outer.iter().map(|(error, _)| error.name().unwrap_or(self.source.path)).collect();
        paths.push(cause.name().unwrap_or(self.source.path));
        let last = paths.pop()?;
        let before = paths.iter().rposition(|path| *path == last).unwrap_or(paths.len());
        let alone = paths[before..].iter().all(|path| *path == last);
        if alone && !locate::includes(&self.source_of(cause), last) {
            return Some("a macro or a loop calls itself endlessly".to_owned());
        }
        let circle: Vec<&str> = paths[before..].iter().copied().chain([last]).collect();
        Some(format!("a template includes itself: {}", circle.join(" → ")))
    }

    /// Returns the template that an error happened in.
    fn source_of<'e>(&'e self, error: &'e Error) -> Source<'e> {
        match (error.name(), error.template_source()) {
            (Some(name), Some(text)) if !self.source.bare && name != self.source.path => {
                Source { path: name, text, bare: false, syntax: self.source.syntax.clone() }
            }
            _ => self.source.clone(),
        }
    }

    /// What to do about a name of another tool's, which is like none of the pack's.
    fn foreign(&self, wanted: &Wanted, source: &Source<'_>, at: Option<Range<usize>>) -> Option<String> {
        let Wanted::Value(name) = wanted else { return None };
        let first = name.split('.').next().unwrap_or(name);
        if hints::nearest(first, self.root.names()).is_some() || self.root.names().any(|known| known == first) {
            return None;
        }
        advice::behind_dollar(source.text.get(..at?.start)?)
    }

    fn help(&self, wanted: &Wanted, named: Option<&Named>) -> Option<String> {
        let functions = || self.environment.globals().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
        match wanted {
            Wanted::Value(description) if advice::name(description).is_some() => {
                advice::name(description).map(str::to_owned)
            }
            Wanted::Value(description) => match named {
                Some(Named { missing: Some(missing), .. }) => missing.help(),
                Some(Named { missing: None, .. }) => Some(match self.root.names().next() {
                    Some(_) => suggestion(description, self.root.names(), "the pack declares"),
                    None => "the pack declares no variables".to_owned(),
                }),
                None => None,
            },
            Wanted::Filter(name) => advice::filter(name)
                .map(str::to_owned)
                .or_else(|| did_you_mean(hints::nearest(name, FILTERS.iter().copied())))
                .or_else(|| advice::near_filter(name)),
            Wanted::Method { of, name } => methods::advice(of, name),
            Wanted::Test(name) => advice::test(name)
                .or_else(|| did_you_mean(hints::nearest(name, TESTS.iter().copied())))
                .or_else(|| hints::foreign_test(name, true)),
            Wanted::Function(name) if advice::function(name).is_some() => advice::function(name).map(str::to_owned),
            Wanted::Function(name) => {
                let mut known = functions();
                known.extend(locate::macros(&self.source));
                did_you_mean(hints::nearest(name, known.iter().map(String::as_str).chain(self.root.names())))
            }
            Wanted::Partial(name) => did_you_mean(hints::nearest_path(name, self.partials.iter().copied()))
                .or_else(|| Some("partials are named by their path in the pack".to_owned())),
        }
    }
}

/// Says of what is iterated that it is no list.
fn not_iterable(kind: &str, text: Option<&str>) -> String {
    let shown = text.map(str::trim).filter(|text| !text.is_empty() && text.len() <= 60 && !text.contains('\n'));
    let shown = shown.map_or_else(|| "the value".to_owned(), |text| format!("`{text}`"));
    let kind = match kind {
        "number" => "a number",
        "bool" => "a boolean",
        other => other,
    };
    format!("{shown} is {kind}, not a list or a table")
}

fn did_you_mean(near: Option<&str>) -> Option<String> {
    near.map(|near| format!("did you mean `{near}`?"))
}

pub(crate) fn suggestion<'a>(name: &str, candidates: impl Iterator<Item = &'a str>, has: &str) -> String {
    let candidates: Vec<&str> = candidates.collect();
    let list = hints::list(candidates.iter().copied());
    match hints::nearest(name, candidates) {
        Some(near) => format!("did you mean `{near}`? {has}: {list}"),
        None => format!("{has}: {list}"),
    }
}

/// Returns each error that only leads to another one, with that other one, outermost first.
fn outer_errors(error: &Error) -> Vec<(&Error, &Error)> {
    let mut pairs = Vec::new();
    let mut current = error;
    while let Some(inner) = std::error::Error::source(current).and_then(|source| source.downcast_ref::<Error>()) {
        if inner.line().is_none() {
            break;
        }
        pairs.push((current, inner));
        current = inner;
    }
    pairs
}

/// Says what an error is about, as far as it can be looked for, and its message.
/// `detail` is what the engine says, and `text` what stands where it happened.
fn describe(error: &Error, detail: Option<&str>, text: &str) -> (Option<Wanted>, String) {
    let message = match (error.kind(), detail) {
        (ErrorKind::UndefinedError, None) => NO_VALUE.to_owned(),
        (_, Some(detail)) => detail.to_owned(),
        (kind, None) => kind.to_string(),
    };
    let wanted = match error.kind() {
        ErrorKind::UnknownFilter => {
            between(&message, "filter ", " is unknown").or_else(|| given_by_name(text, 0)).map(Wanted::Filter)
        }
        ErrorKind::UnknownTest => {
            let nth = usize::from(text.contains("attr"));
            between(&message, "test ", " is unknown").or_else(|| given_by_name(text, nth)).map(Wanted::Test)
        }
        ErrorKind::UnknownFunction => between(&message, "", " is unknown").map(Wanted::Function),
        ErrorKind::TemplateNotFound => {
            let quote = if message.contains('"') { "\"" } else { "'" };
            between(&message, quote, quote).map(Wanted::Partial)
        }
        ErrorKind::UnknownMethod => message
            .split_once(" has no method `")
            .map(|(of, name)| Wanted::Method { of: of.to_owned(), name: name.trim_end_matches('`').to_owned() }),
        _ => between(&message, "`", "` is undefined").map(Wanted::Value),
    };
    let message = match &wanted {
        Some(Wanted::Filter(name)) => format!("unknown filter `{name}`"),
        Some(Wanted::Test(name)) => format!("unknown test `{name}`"),
        Some(Wanted::Function(name)) => format!("unknown function `{name}`"),
        Some(Wanted::Partial(name)) => format!("the pack has no file `{name}`"),
        Some(Wanted::Value(_) | Wanted::Method { .. }) | None => message,
    };
    (wanted, message)
}

/// The name of a filter or test that another filter is given as a text: `map('upper')`, `selectattr('x', 'odd')`.
fn given_by_name(text: &str, nth: usize) -> Option<String> {
    let call = &text[text.find('(')?..];
    let mut texts = call.split(['\'', '"']).skip(1).step_by(2);
    texts.nth(nth).map(str::to_owned)
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(name, _)| name.to_owned())
}

fn rule(error: &Error, source: &Source<'_>) -> &'static str {
    match error.kind() {
        ErrorKind::SyntaxError | ErrorKind::BadEscape | ErrorKind::InvalidDelimiter => "template/syntax",
        ErrorKind::UndefinedError => "template/undefined-variable",
        ErrorKind::TemplateNotFound => "template/missing-partial",
        ErrorKind::UnknownFilter => "template/unknown-filter",
        ErrorKind::UnknownTest => "template/unknown-test",
        ErrorKind::UnknownFunction | ErrorKind::UnknownMethod => "template/unknown-function",
        ErrorKind::NonPrimitive
        | ErrorKind::NonKey
        | ErrorKind::TooManyArguments
        | ErrorKind::MissingArgument
        | ErrorKind::BadSerialization
        | ErrorKind::CannotDeserialize
        | ErrorKind::CannotUnpack => "template/type",
        ErrorKind::InvalidOperation if error.detail() == Some(NO_NAME) => "template/type",
        ErrorKind::InvalidOperation if error.detail().is_some_and(|detail| detail.contains("is undefined")) => {
            "template/undefined-variable"
        }
        // The engine has one kind for operands that do not fit and for tags that must not stand where they stand.
        ErrorKind::InvalidOperation => match range_in(error, source) {
            Some(range) if !is_about_depth(error) && locate::is_operation(source, &range) => "template/type",
            _ => "template/error",
        },
        _ => "template/error",
    }
}

fn is_about_depth(error: &Error) -> bool {
    error.detail().is_some_and(|detail| detail.starts_with("recursion limit"))
}

/// Returns the range of an error where it lies within the text.
fn range_in(error: &Error, source: &Source<'_>) -> Option<Range<usize>> {
    error.range().filter(|range| range.start <= range.end && range.end <= source.text.len())
}

/// Returns the span of an error: the narrower range where there is one, else its own, else its line.
fn place(error: &Error, source: &Source<'_>, narrower: Option<Range<usize>>) -> Option<Span> {
    if let Some(range) = narrower.or_else(|| range_in(error, source)) {
        return Some(locate_span(source, range));
    }
    let line = u32::try_from(error.line()?).ok()?;
    let path = source.reported_path().to_owned();
    Some(Span { path, start: Position { line, column: 1 }, end: None })
}

pub(crate) fn locate_span(source: &Source<'_>, range: Range<usize>) -> Span {
    span(source.reported_path(), source.text.as_bytes(), range)
}

fn span(path: &str, text: &[u8], range: Range<usize>) -> Span {
    let end = (range.end > range.start).then(|| position(text, range.end));
    Span { path: path.to_owned(), start: position(text, range.start), end }
}

fn position(text: &[u8], offset: usize) -> Position {
    let before = &text[..offset.min(text.len())];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let lines = before.split(|byte| *byte == b'\n').count();
    Position { line: number(lines), column: number(before.len() - line_start + 1) }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
