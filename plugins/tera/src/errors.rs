//! Turns the engine's errors into diagnostics.
//!
//! A diagnostic points at the innermost place; the templates that led there are its related places, innermost first.
//! The engine has few kinds of errors, so what an error is about is read from its message.

use std::ops::Range;

use renderer::diagnose::{self, Problem, Whole};
use renderer::partials::Partials;
use renderer::{Failure, Span, hints};
use tera::{Context, Error, ErrorKind, Tera, Value};

use crate::filters::{FILTERS, FUNCTIONS, TESTS};
use crate::reach::{Reach, Source};
use crate::render::NAMELESS;
use crate::scan::Scan;
use crate::{advice, mistakes, undefined};

/// A report of the engine, read from its text.
struct Found<'a> {
    message: &'a str,
    source: Source<'a>,
    line: usize,
    column: usize,
}

/// Knows what an error of one template may refer to.
pub struct Reporter<'a> {
    /// What was rendered.
    pub template: Source<'a>,
    /// The partials of the call.
    pub partials: &'a Partials,
    /// Those that the template needs.
    pub reach: &'a Reach,
    /// The variables.
    pub context: &'a Context,
    /// What lies over them.
    pub locals: Option<&'a Context>,
    /// The names of the variables and of what lies over them.
    pub names: &'a [String],
    /// The components that partials define.
    pub components: Vec<&'a str>,
    /// An engine without templates, with the variables.
    pub engine: &'a Tera,
}

impl Reporter<'_> {
    /// Writes an error of the engine as a failure.
    #[must_use]
    pub fn failure(&self, error: &Error) -> Failure {
        match error.kind() {
            ErrorKind::SyntaxError(report) => {
                let source = self.source(report.filename());
                let (problem, range) = mistakes::syntax(source.text, report.message(), report.span().range.clone());
                self.at(problem, source, Some(range))
            }
            ErrorKind::RenderingError(report) => {
                let source = self.source(report.filename());
                let range = report.span().range.clone();
                if is_about_undefined(report.message())
                    && let Some(range) = self.last_undefined(source, &range)
                {
                    return self.undefined_at(source, range);
                }
                let (problem, range) = self.rendering(report.message(), source, range);
                self.at(problem, source, Some(range))
            }
            ErrorKind::CircularExtend { inheritance_chain, .. } => self.circle("extends", inheritance_chain),
            ErrorKind::CircularInclude { include_chain, .. } => self.circle("includes", include_chain),
            _ => self.report(&error.to_string()),
        }
    }

    fn source(&self, name: &str) -> Source<'_> {
        match self.partials.text(name) {
            Some(Ok(text)) if name != self.template.path && name != NAMELESS => {
                let path = self.partials.paths().find(|path| *path == name).unwrap_or(self.template.path);
                Source { path, text }
            }
            _ => self.template,
        }
    }

    fn at(&self, problem: Problem, source: Source<'_>, range: Option<Range<usize>>) -> Failure {
        let related = if source.path == self.template.path { Vec::new() } else { self.reach.way(source.path) };
        let inside = range.filter(|range| source.text.get(range.clone()).is_some());
        problem.at(inside.map(|range| source.span(range)), related)
    }

    /// The failure of a name that is undefined where it is used.
    #[must_use]
    pub fn undefined_at(&self, source: Source<'_>, range: Range<usize>) -> Failure {
        let path = source.text.get(range.clone()).unwrap_or_default();
        if let Some((problem, length)) = self.missing(path) {
            return self.at(problem, source, Some(range.start..range.start + length));
        }
        let first = path.split(['.', '[', '?']).next().unwrap_or(path);
        let (problem, start) = match (path.rfind(['.', '[']), Scan::new(source.text).bound.remove(first)) {
            // What an item of a loop lacks.
            (Some(at), binding) => {
                let part = diagnose::parts(&path[at..]).next().unwrap_or_default();
                let list = binding.flatten().filter(|_| path[..at].len() == first.len());
                let items = list.and_then(|list| self.value(&list)).and_then(Value::as_array);
                let lacks = |item: &&Value| {
                    item.as_map().is_none_or(|map| !map.iter().any(|(key, _)| key.as_str() == Some(part)))
                };
                let whole = items.and_then(|items| items.iter().find(lacks)).map_or(Whole::Unknown, whole_of);
                let start = at + path[at..].find(part).unwrap_or_default();
                (diagnose::missing_part(path, part, &whole), range.start + start)
            }
            // What is given under this name was undefined before.
            (None, Some(_)) if let Some((from, range)) = self.given(path) => return self.undefined_at(from, range),
            (None, Some(_)) => (Problem::new(diagnose::UNDEFINED, format!("`{path}` is undefined")), range.start),
            (None, None) => (self.undefined(path), range.start),
        };
        self.at(problem, source, Some(start..range.end))
    }

    /// What was undefined last of all that is given under a name, and under another one.
    fn given(&self, name: &str) -> Option<(Source<'_>, Range<usize>)> {
        let sources = self.sources();
        let given = sources.iter().enumerate().flat_map(|(of, source)| {
            let given = Scan::new(source.text).given.into_iter().filter(|(other, _)| other == name);
            given.map(move |(_, range)| (of, range))
        });
        let other = given.filter(|(of, range)| sources[*of].text.get(range.clone()) != Some(name)).collect::<Vec<_>>();
        let (of, range) = undefined::last(self.engine, &sources, self.locals?, &other)?;
        let path = sources[of].text.get(range.clone())?;
        // Names that are given to each other end nowhere.
        (path.contains(['.', '[']) || !Scan::new(sources[of].text).bound.contains_key(path))
            .then_some((sources[of], range))
    }

    fn sources(&self) -> Vec<Source<'_>> {
        let partials = self.reach.needs.keys().filter(|path| **path != self.template.path);
        let partials = partials.filter_map(|path| Some(Source { path, text: self.partials.text(path)?.ok()? }));
        std::iter::once(self.template).chain(partials).collect()
    }

    /// The name in the tag of an error that was undefined last.
    fn last_undefined(&self, source: Source<'_>, range: &Range<usize>) -> Option<Range<usize>> {
        let sources = self.sources();
        let of = sources.iter().position(|other| other.path == source.path)?;
        let names: Vec<_> = undefined::in_tag(source.text, range).into_iter().map(|range| (of, range)).collect();
        let (_, range) = undefined::last(self.engine, &sources, self.locals?, &names)?;
        // A name with a hyphen is two for the engine; it is told as what stands before.
        let before =
            names.into_iter().map(|(_, name)| name).find(|name| source.text.get(name.end..range.start) == Some("-"));
        Some(before.unwrap_or(range))
    }

    fn circle(&self, verb: &str, chain: &[String]) -> Failure {
        let named = |name: &String| if name == NAMELESS { self.template.path.to_owned() } else { name.clone() };
        let chain: Vec<String> = chain.iter().map(named).collect();
        let first = chain.iter().find_map(|name| self.reach.needs.get(name).cloned());
        let message = format!("a template {verb} itself: {}", chain.join(" → "));
        Problem::new(diagnose::ERROR, message).at(first, Vec::<Span>::new())
    }

    /// Reads a report that the engine wrote as text: `error: MESSAGE`, then `--> NAME:LINE:COLUMN`.
    fn report(&self, text: &str) -> Failure {
        // The engine reports all that is unknown, in the order of a hash map: the first in the text is shown.
        let first = text.split("\n\nerror: ").filter_map(|report| self.place(report)).min_by(|left, right| {
            let key = |found: &Found<'_>| (found.source.path != self.template.path, found.line, found.column);
            key(left).cmp(&key(right)).then_with(|| left.message.cmp(right.message))
        });
        let Some(Found { message, source, line, column }) = first else {
            let message = match text.lines().next().unwrap_or_default() {
                line if line.contains("recursion depth for components") => {
                    "a component calls itself endlessly".to_owned()
                }
                line => lower(line),
            };
            return self.at(Problem::new(diagnose::ERROR, message), self.template, None);
        };
        let start = diagnose::offset(source.text, line, column);
        let name = between(message, "`", "`").unwrap_or_default();
        let found = source.text[start..].find(name).map_or(start, |at| start + at);
        let problem = match message.split_once(" `").map(|(kind, _)| kind) {
            Some("Unknown filter") => {
                let problem = diagnose::unknown(diagnose::UNKNOWN_FILTER, "filter", name, FILTERS.iter().copied());
                let help = advice::filter(name).map(str::to_owned).or(problem.help.clone());
                problem.with_help(help)
            }
            Some("Unknown test") => {
                let problem = diagnose::unknown(diagnose::UNKNOWN_TEST, "test", name, TESTS.iter().copied());
                let help = advice::test(name).or(problem.help.clone()).or_else(|| hints::foreign_test(name, true));
                problem.with_help(help)
            }
            Some("Unknown function") => {
                let problem =
                    diagnose::unknown(diagnose::UNKNOWN_FUNCTION, "function", name, FUNCTIONS.iter().copied());
                let help = advice::function(name).or(problem.help.clone());
                problem.with_help(help)
            }
            Some("Unknown component") => {
                diagnose::unknown(diagnose::UNKNOWN_FUNCTION, "component", name, self.components.iter().copied())
            }
            Some("Unknown template") => diagnose::missing_partial(name, self.partials.paths()),
            _ => Problem::new(diagnose::SYNTAX, lower(message)),
        };
        self.at(problem, source, Some(found..found + name.len()))
    }

    fn place<'e>(&'e self, report: &'e str) -> Option<Found<'e>> {
        let mut lines = report.lines();
        let first = lines.next()?;
        let place = lines.next()?.trim_start().strip_prefix("--> ")?;
        let mut parts = place.rsplitn(3, ':');
        let column = parts.next()?.parse().ok()?;
        let line = parts.next()?.parse().ok()?;
        let source = self.source(parts.next()?);
        Some(Found { message: first.strip_prefix("error: ").unwrap_or(first), source, line, column })
    }

    /// Says what an error while rendering is about, and narrows its place where that can be done.
    fn rendering(&self, message: &str, source: Source<'_>, range: Range<usize>) -> (Problem, Range<usize>) {
        let text = source.text.get(range.clone()).unwrap_or_default();
        if message.starts_with("Variable `") {
            let name = between(message, "`", "`").unwrap_or_default();
            let at = word(text, name).unwrap_or(0);
            if let Some((problem, length)) = self.missing(path_from(source.text, range.start + at)) {
                return (problem, range.start + at..range.start + at + length);
            }
            return (self.undefined(name), range.start + at..range.start + at + name.len());
        }
        if message.starts_with("Field `") {
            let name = between(message, "`", "`").unwrap_or_default();
            let end = range.start + text.rfind(name).unwrap_or(0) + name.len();
            let expression = path_before(source.text, end);
            // What is named may be there, and lack the item that the field is looked up in.
            let start = end.saturating_sub(expression.len());
            if self.value(expression).is_some()
                && let Some((problem, length)) = self.missing(path_from(source.text, start))
            {
                return (problem, start..start + length);
            }
            return (self.undefined(expression), end.saturating_sub(name.len())..end);
        }
        let undefined = is_about_undefined(message);
        if let Some((problem, range)) = lacking(message, text, range.start) {
            return (problem, range);
        }
        let start = text.len() - text.trim_start().len();
        if undefined && let Some((problem, length)) = self.missing(path_from(source.text, range.start + start)) {
            return (problem, range.start + start..range.start + start + length);
        }
        if undefined {
            let expression = text.trim();
            let end = range.start + start + expression.len();
            let problem = if is_path(expression) {
                // The range of a part behind an index does not have what stands before it.
                let before = source.text.get(..range.start + start).unwrap_or_default();
                self.undefined(if before.ends_with('.') { path_before(source.text, end) } else { expression })
            } else {
                Problem::new(diagnose::UNDEFINED, "an undefined value was used".to_owned())
            };
            return (problem, range.start + start..end);
        }
        let is_type = ["Math operations", "Cannot compare", "Invalid type", "Iteration not possible", "Key/value"]
            .iter()
            .chain(&["Missing keyword argument", "Value `", "Spread operator", "Slice ", "Cannot "])
            .any(|start| message.starts_with(start));
        if message.contains("recursion depth for components") {
            return (Problem::new(diagnose::ERROR, "a component calls itself endlessly"), range);
        }
        let rule = if is_type { diagnose::TYPE } else { diagnose::ERROR };
        let problem = advice::operation(message, text)
            .map(|(message, help)| Problem::new(diagnose::TYPE, message).with_help(help.map(str::to_owned)));
        (problem.unwrap_or_else(|| Problem::new(rule, lower(message))), range)
    }

    /// The problem of the first part of a path that is missing, and where that part ends; none where the path begins
    /// with no variable, or has a part that is computed.
    fn missing(&self, path: &str) -> Option<(Problem, usize)> {
        let starts = path.char_indices().filter(|(_, sign)| matches!(sign, '.' | '[')).map(|(at, _)| at);
        let ends: Vec<usize> = starts.chain([path.len()]).collect();
        for pair in ends.windows(2) {
            let (base, whole) = (&path[..pair[0]], &path[..pair[1]]);
            let part = diagnose::parts(&path[pair[0]..pair[1]]).next()?;
            let value = self.value(base)?;
            let computed = path[pair[0]..].starts_with('[')
                && !path[pair[0] + 1..]
                    .starts_with(|first: char| first.is_ascii_digit() || matches!(first, '"' | '\''));
            if computed {
                return None;
            }
            if self.value(whole).is_none() {
                return Some((diagnose::missing_part(whole.trim_end_matches('?'), part, &whole_of(value)), pair[1]));
            }
        }
        None
    }

    fn undefined(&self, expression: &str) -> Problem {
        let Some((base, attribute)) = expression.rsplit_once('.') else {
            return diagnose::undefined(expression, self.names.iter().map(String::as_str));
        };
        let base = base.trim_end_matches('?');
        let whole = self.value(base).map_or(Whole::Unknown, whole_of);
        diagnose::missing_part(expression, attribute, &whole)
    }

    fn value(&self, path: &str) -> Option<&Value> {
        value(path, self.locals, self.context)
    }
}

/// Looks up names with points and indices in the locals, or else in the variables.
#[must_use]
pub fn value<'v>(path: &str, locals: Option<&'v Context>, context: &'v Context) -> Option<&'v Value> {
    let mut parts = diagnose::parts(path);
    let first = parts.next()?;
    let mut value = locals.and_then(|locals| locals.get(first)).or_else(|| context.get(first))?;
    for part in parts {
        value = match (value.as_array(), part.parse::<usize>()) {
            (Some(items), Ok(at)) => items.get(at)?,
            _ => value.as_map()?.iter().find(|(key, _)| key.as_str() == Some(part)).map(|(_, value)| value)?,
        };
    }
    Some(value)
}

/// Whether the engine's message says that something is undefined.
fn is_about_undefined(message: &str) -> bool {
    ["undefined value", " is undefined", "`undefined`", "of type undefined"].iter().any(|said| message.contains(said))
}

/// The problem of a key that a filter asks for, which the table or an item of the list lacks.
fn lacking(message: &str, text: &str, start: usize) -> Option<(Problem, Range<usize>)> {
    let (item, key) = if let Some(rest) = message.strip_prefix("Map does not have a key ") {
        (String::new(), rest.split_once(" and no default")?.0)
    } else {
        let (at, rest) = message.strip_prefix("Value at index ")?.split_once(' ')?;
        let key = rest.split_once("does not have an attribute at path: ")?.1;
        (format!("item {} of the list: ", at.parse::<usize>().ok()? + 1), key)
    };
    let at = start + text.rfind(key)?;
    Some((Problem::new(diagnose::UNDEFINED, format!("{item}`{key}` is undefined")), at..at + key.len()))
}

/// Says what a value is.
fn whole_of(value: &Value) -> Whole<'_> {
    match (value.as_map(), value.as_array()) {
        (Some(map), _) => Whole::Keys(map.keys().filter_map(|key| key.as_str()).collect()),
        (_, Some(items)) => Whole::Items(items.len()),
        _ if value.is_string() => Whole::Plain("text"),
        _ if value.is_number() => Whole::Plain("a number"),
        _ if value.is_none() => Whole::Plain("none"),
        _ if value.is_bool() => Whole::Plain("a boolean"),
        _ => Whole::Unknown,
    }
}

/// Whether a text is a name, or names with points between.
fn is_path(text: &str) -> bool {
    !text.is_empty()
        && text.split('.').all(|part| {
            let part = part.trim_end_matches('?');
            part.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic())
                && part.chars().all(|character| character == '_' || character.is_ascii_alphanumeric())
        })
}

/// Returns the names with points between that end at a place.
fn path_before(text: &str, end: usize) -> &str {
    let before = text.get(..end).unwrap_or_default();
    let is_part = |character: char| {
        matches!(character, '_' | '.' | '?' | '[' | ']' | '"' | '\'') || character.is_ascii_alphanumeric()
    };
    let start = before.trim_end_matches(is_part).len();
    before[start..].trim_start_matches(['.', '?'])
}

/// Returns the names with points and indices that begin at a place.
fn path_from(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    let is_part = |sign: char| matches!(sign, '_' | '.' | '[' | ']' | '"' | '\'') || sign.is_ascii_alphanumeric();
    let end = rest.find(|sign: char| !is_part(sign)).unwrap_or(rest.len());
    rest[..end].trim_end_matches('.')
}

/// Finds a name that stands alone.
fn word(text: &str, name: &str) -> Option<usize> {
    let part_of_word = |character: char| character == '_' || character.is_ascii_alphanumeric();
    text.match_indices(name)
        .map(|(at, _)| at)
        .find(|at| !text[..*at].ends_with(part_of_word) && !text[at + name.len()..].starts_with(part_of_word))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(name, _)| name)
}

/// Makes a message of the engine one of packbox: a lower-case fragment without a full stop.
#[must_use]
pub fn lower(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default().trim_end_matches('.');
    let mut characters = line.chars();
    match characters.next() {
        Some(first) if !characters.as_str().starts_with(|second: char| second.is_uppercase()) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => line.to_owned(),
    }
}
