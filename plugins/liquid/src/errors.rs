//! Turns the engine's errors into diagnostics.
//!
//! An error is placed at the tag or output that it happened in, and narrowed to the name that it is about. The templates
//! that led there are its related places, innermost first.

use liquid::Error;
use liquid_core::ValueView;
use liquid_core::model::KStringCow;
use renderer::diagnose::{self, Problem, Whole};
use renderer::partials::Partials;
use renderer::{Failure, Span};

use crate::context::Root;
use crate::filters::FILTERS;
use crate::mistakes;
use crate::partials::Trail;
use crate::scan::Scan;
use crate::value::Node;

/// Knows what an error of one template may refer to.
pub struct Reporter<'a> {
    /// The template's path.
    pub path: &'a str,
    /// The template.
    pub text: &'a str,
    /// The partials of the call.
    pub partials: &'a Partials,
    /// What it could look up.
    pub root: &'a Root<'a>,
    /// What happened with partials.
    pub trail: &'a Trail,
}

impl Reporter<'_> {
    /// Writes an error of the engine as a failure.
    #[must_use]
    pub fn failure(&self, error: &Error) -> Failure {
        let broken = self.trail.broken.as_ref();
        let mut chain: Vec<&str> = broken.iter().map(|broken| broken.path.as_str()).collect();
        chain.extend(self.trail.failed.iter().map(String::as_str));
        chain.push(self.path);
        let related = self.way(&chain);
        let error = match broken.map(|broken| &broken.why) {
            Some(Err(Failure::Invalid(diagnostics))) => {
                let with_way = diagnostics.iter().map(|diagnostic| {
                    let mut diagnostic = diagnostic.clone();
                    diagnostic.related.clone_from(&related);
                    diagnostic
                });
                return Failure::Invalid(with_way.collect());
            }
            Some(Ok(inner)) => inner,
            _ => error,
        };
        let path = chain[0];
        let text = self.text_of(path);
        let said = Said::of(error);
        if let Some((at, message)) = parse_error(&said.message, text) {
            let (problem, at) = mistakes::syntax(&message, text, at);
            return problem.at(Some(diagnose::span(path, text.as_bytes(), at)), related);
        }
        let tag = self.trail.place.clone().and_then(|place| text.get(place)).unwrap_or_default();
        let (problem, name) = self.problem(&said, tag);
        let place = self.trail.place.clone().map(|place| {
            let inside = text.get(place.clone()).unwrap_or_default();
            match name.and_then(|name| word(inside, &name).map(|at| (at, name.len()))) {
                Some((at, length)) => place.start + at..place.start + at + length,
                None => place,
            }
        });
        problem.at(place.map(|place| diagnose::span(path, text.as_bytes(), place)), related)
    }

    fn text_of(&self, path: &str) -> &str {
        if path == self.path { self.text } else { self.partials.text(path).and_then(Result::ok).unwrap_or_default() }
    }

    /// Finds the places that led from the last of some templates to the first, innermost first.
    fn way(&self, chain: &[&str]) -> Vec<Span> {
        let mut way: Vec<Span> = Vec::new();
        for step in chain.windows(2) {
            let text = self.text_of(step[1]);
            let Some(at) = Scan::new(text).partials.get(step[0]).cloned() else { continue };
            let span = diagnose::span(step[1], text.as_bytes(), at);
            // A recursion comes by often.
            if !way.contains(&span) {
                way.push(span);
            }
        }
        way
    }

    /// Says what is wrong in a tag, and which name it is about.
    fn problem(&self, said: &Said, tag: &str) -> (Problem, Option<String>) {
        let value = |key: &str| said.value(key).map(str::to_owned);
        match said.message.as_str() {
            "Unknown variable" => {
                let name = value("requested variable").unwrap_or_default();
                let problem = diagnose::undefined(&name, self.root.names());
                let nothing = matches!(name.as_str(), "none" | "None" | "null" | "undefined")
                    .then(|| format!("write `nil` for no value, or `'{name}'` for the text"));
                let help = nothing.or(problem.help.clone());
                (problem.with_help(help), Some(name))
            }
            "Unknown index" => {
                let base = value("variable").unwrap_or_default();
                let index = value("requested index").unwrap_or_default();
                (self.missing_part(&base, &index), Some(index))
            }
            // What a partial is given; the engine does not say which of it.
            "failed to evaluate value" => match self.given(tag) {
                Some((base, index)) => {
                    let problem = match &base {
                        Some(base) => self.missing_part(base, &index),
                        None => diagnose::undefined(&index, self.root.names()),
                    };
                    (problem, Some(index))
                }
                None => (Problem::new(diagnose::UNDEFINED, "a value that the partial is given is undefined"), None),
            },
            "Unknown filter" => {
                let name = value("requested filter").unwrap_or_default();
                let filters = FILTERS.iter().copied();
                let problem = diagnose::unknown(diagnose::UNKNOWN_FILTER, "filter", &name, filters);
                let help = mistakes::filter(&name).map(str::to_owned).or(problem.help.clone());
                (problem.with_help(help), Some(name))
            }
            "Unknown partial-template" => {
                let name = value("requested partial").unwrap_or_default();
                // `render` tries a second name, with `.liquid`; the first is the one that is written.
                let name =
                    name.strip_suffix(".liquid").filter(|first| self.trail.missed.contains(*first)).unwrap_or(&name);
                (diagnose::missing_partial(name, self.partials.paths()), Some(name.to_owned()))
            }
            message if message.to_lowercase().starts_with("expected array, found `") => {
                let found = message.split('`').nth(1).unwrap_or_default();
                let place = self.trail.place.clone().unwrap_or_default();
                let name = self.text.get(place).and_then(|tag| tag.split_once(" in ")).map(|(_, rest)| rest);
                let name = name.and_then(|rest| rest.split([' ', '%', '-', '\n']).find(|word| !word.is_empty()));
                let name = name.unwrap_or("the value");
                let shown = if name == "the value" { name.to_owned() } else { format!("`{name}`") };
                let message = format!("{shown} is {}, not a list", mistakes::kind(found));
                (Problem::new(diagnose::TYPE, message), Some(name.to_owned()))
            }
            message => {
                let is_type = ["expected", "Invalid", "invalid", "Expected", "Can't", "Cannot", "Can not"]
                    .iter()
                    .any(|start| message.starts_with(start));
                let rule = if is_type { diagnose::TYPE } else { diagnose::ERROR };
                let detail = value("cause").map(|cause| format!(": {}", lower(&cause))).unwrap_or_default();
                (Problem::new(rule, lower(message) + &detail), None)
            }
        }
    }

    /// The problem of a part that a value lacks.
    fn missing_part(&self, base: &str, index: &str) -> Problem {
        let value = self.value(base);
        let keys: Vec<String> = value
            .and_then(ValueView::as_object)
            .map(|object| object.keys().map(KStringCow::into_string).collect())
            .unwrap_or_default();
        let whole = match value {
            None => Whole::Unknown,
            Some(value) if value.is_object() => Whole::Keys(keys.iter().map(String::as_str).collect()),
            Some(value) => match value.as_array() {
                Some(items) => Whole::Items(usize::try_from(items.size()).unwrap_or_default()),
                None if value.is_nil() => Whole::Plain("none"),
                None => Whole::Plain("text or a number"),
            },
        };
        diagnose::missing_part(&format!("{base}.{index}"), index, &whole)
    }

    /// The first name in a tag that is given to a partial and is undefined: what it is looked up in, and what is not there.
    fn given(&self, tag: &str) -> Option<(Option<String>, String)> {
        let tag = tag.replace(':', ": ");
        let words: Vec<&str> = tag.split([' ', ',', '\n', '\t', '\r']).filter(|word| !word.is_empty()).collect();
        let paths = words.windows(2).filter(|pair| pair[0].ends_with(':') || matches!(pair[0], "with" | "for"));
        let paths = paths
            .map(|pair| pair[1])
            .filter(|path| path.starts_with(|first: char| first == '_' || first.is_alphabetic()));
        let path = paths.into_iter().find(|path| self.value(path).is_none())?;
        let parts: Vec<&str> = diagnose::parts(path).collect();
        let (last, parents) = parts.split_last()?;
        Some(((!parents.is_empty()).then(|| parents.join(".")), (*last).to_owned()))
    }

    /// Returns the value of the context that a path leads to.
    fn value(&self, path: &str) -> Option<&dyn ValueView> {
        let mut parts = diagnose::parts(path);
        let mut value = parts.next().and_then(|first| self.root.peek(first)).map(Node::as_view)?;
        for part in parts {
            value = match (value.as_array(), part.parse()) {
                (Some(items), Ok(at)) => items.get(at)?,
                _ => value.as_object()?.get(part)?,
            };
        }
        Some(value)
    }
}

/// What an error of the engine says. It tells that only as text: a message of one or more lines, then what led there,
/// innermost first, as `from: PLACE` and, indented, `KEY=VALUE`.
struct Said {
    message: String,
    values: Vec<(String, String)>,
}

impl Said {
    fn of(error: &Error) -> Self {
        let text = error.to_string();
        let text = text.strip_prefix("liquid: ").unwrap_or(&text).trim_end_matches('\n');
        let ends = ["\nfrom: ", "\n  with:\n"].iter().filter_map(|end| text.find(end));
        let (message, rest) = text.split_at(ends.min().unwrap_or(text.len()));
        let pairs = rest.lines().filter_map(|line| line.strip_prefix("    ")?.split_once('='));
        let values = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Self { message: message.to_owned(), values }
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.values.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// Reads what the engine's parser says: a picture of the line with `--> LINE:COLUMN` and `= MESSAGE`.
fn parse_error(message: &str, text: &str) -> Option<(usize, String)> {
    let (_, rest) = message.split_once("--> ")?;
    let (line, rest) = rest.split_once(':')?;
    let column: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let at = diagnose::offset(text, line.trim().parse().ok()?, column.parse().ok()?);
    let (_, said) = message.rsplit_once("= ")?;
    Some((at, said.lines().next().unwrap_or_default().to_owned()))
}

/// Finds a name that stands alone.
fn word(text: &str, name: &str) -> Option<usize> {
    let part = |character: char| character == '_' || character == '-' || character.is_alphanumeric();
    text.match_indices(name)
        .map(|(at, _)| at)
        .find(|at| !name.is_empty() && !text[..*at].ends_with(part) && !text[at + name.len()..].starts_with(part))
}

/// Makes a message of the engine one of packbox: a lower-case fragment of one line without a full stop.
#[must_use]
pub fn lower(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().trim_end_matches('.');
    let mut characters = line.chars();
    match characters.next() {
        Some(first) if !characters.as_str().starts_with(|second: char| second.is_uppercase()) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => line.to_owned(),
    }
}
