//! Turns the engine's errors into diagnostics.
//!
//! The engine places an error at the tag that it happened in. Where the error is about a name, the place is narrowed to
//! the name within that tag.

use std::collections::BTreeMap;
use std::ops::Range;

use handlebars::{Context, RenderError, RenderErrorReason, TemplateError, TemplateErrorReason};
use renderer::diagnose::{self, Problem, Whole};
use renderer::partials::Partials;
use renderer::{Failure, File, Span, hints};
use serde_json::Value;

use crate::advice;
use crate::depth;
use crate::helpers::HELPERS;
use crate::refuse::Refused;
use crate::render::Needs;
use crate::tags;

/// Knows what an error of one template may refer to.
pub struct Reporter<'a> {
    /// The template's path.
    pub path: &'a str,
    /// The template.
    pub text: &'a str,
    /// The partials of the call.
    pub partials: &'a Partials,
    /// Those that cannot be parsed.
    pub broken: &'a BTreeMap<&'a str, TemplateError>,
    /// What the template needs.
    pub needs: &'a Needs<'a>,
    /// The variables, with the locals over them.
    pub context: &'a Context,
}

/// Writes a syntax error as a failure.
#[must_use]
pub fn syntax(path: &str, text: &str, error: &TemplateError) -> Failure {
    if let TemplateErrorReason::InvalidParam(value) = error.reason() {
        let message = match value.parse::<f64>() {
            Ok(number) if number.is_infinite() => {
                format!("the number `{value}` is out of range: floats go up to 1.8e308")
            }
            _ => format!("`{value}` is not a valid JSON value"),
        };
        let span = word(text, value).map(|at| diagnose::span(path, text.as_bytes(), at..at + value.len()));
        return Problem::new(diagnose::SYNTAX, message).at(span, Vec::new());
    }
    let at = error.pos().map(|(line, column)| diagnose::offset(text, line, column));
    let (problem, range) = match tags::fault(text) {
        Some(fault) => (Problem::new(diagnose::SYNTAX, fault.message).with_help(Some(fault.help)), Some(fault.range)),
        None => tags::unreadable(text, at, &lower(&error.reason().to_string())),
    };
    problem.at(range.map(|range| diagnose::span(path, text.as_bytes(), range)), Vec::new())
}

/// The failure for a partial that lists all that it sees although it has several arguments: the engine does not keep
/// their order.
#[must_use]
pub fn unordered(name: &str, by: &str, template: &File, partials: &Partials) -> Failure {
    let text = if by == template.path {
        std::str::from_utf8(&template.contents).ok()
    } else {
        partials.text(by).and_then(Result::ok)
    };
    let span = text.map(|text| {
        let at = reference(text, name).unwrap_or(0..0);
        diagnose::span(by, text.as_bytes(), at)
    });
    let message = format!(
        "`{name}` uses all that it is given at once (`this`), but it is given two or more arguments, which have no order"
    );
    let help = "give it one value: `{{> partial value}}`".to_owned();
    Problem::new(diagnose::ERROR, message).with_help(Some(help)).at(span, Vec::new())
}

impl Reporter<'_> {
    /// Writes an error of the engine as a failure.
    #[must_use]
    pub fn failure(&self, error: &RenderError) -> Failure {
        if let RenderErrorReason::Other(message) = error.reason()
            && let Some(circle) = message.strip_prefix(depth::CIRCLE)
        {
            return self.circle(message, circle);
        }
        if let (RenderErrorReason::CannotIncludeSelf, Some(name)) = (error.reason(), &error.template_name) {
            let circle = format!("{name} → {name}");
            return self.circle(&format!("{}{circle}", depth::CIRCLE), &circle);
        }
        let path = match error.template_name.as_deref() {
            Some(name) if name != self.path && self.partials.contains(name) => name,
            _ => self.path,
        };
        let text = if path == self.path {
            self.text
        } else {
            self.partials.text(path).and_then(Result::ok).unwrap_or_default()
        };
        let tag = match (error.line_no, error.column_no) {
            (Some(line), Some(column)) => Some(tag(text, diagnose::offset(text, line, column))),
            _ => None,
        };
        let related = self.way(path);
        if let RenderErrorReason::PartialNotFound(name) = error.reason()
            && let Some((broken, problem)) = self.broken.get_key_value(name.as_str())
        {
            return syntax(broken, self.partials.text(broken).and_then(Result::ok).unwrap_or_default(), problem);
        }
        let (problem, name) = self.problem(error.reason());
        let place = tag.map(|tag| {
            let inside = text.get(tag.clone()).unwrap_or_default();
            match name.and_then(|name| word(inside, &name).map(|at| (at, name.len()))) {
                Some((at, length)) => tag.start + at..tag.start + at + length,
                None => tag,
            }
        });
        problem.at(place.map(|place| diagnose::span(path, text.as_bytes(), place)), related)
    }

    /// The failure of a partial that includes itself, placed where the circle closes.
    fn circle(&self, message: &str, circle: &str) -> Failure {
        let mut names = circle.rsplit(" → ");
        let (last, by) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
        // An inline partial is somewhere in the template.
        let (by, text) = match self.partials.text(by) {
            Some(Ok(text)) if by != self.path => (by, text),
            _ => (self.path, self.text),
        };
        let span = reference(text, last).map(|at| diagnose::span(by, text.as_bytes(), at));
        Problem::new(diagnose::ERROR, message).at(span, self.way(by))
    }

    /// Returns the places that led to a partial, innermost first.
    fn way(&self, path: &str) -> Vec<Span> {
        let mut way = Vec::new();
        let mut at = path;
        while let Some(by) = self.needs.partials.get(at) {
            if way.len() >= self.needs.partials.len() {
                break;
            }
            let text = if *by == self.path { Some(self.text) } else { self.partials.text(by).and_then(Result::ok) };
            if let Some((text, range)) = text.and_then(|text| Some((text, reference(text, at)?))) {
                way.push(diagnose::span(by, text.as_bytes(), range));
            }
            at = by;
        }
        way
    }

    /// Says what is wrong, and which name it is about.
    fn problem(&self, reason: &RenderErrorReason) -> (Problem, Option<String>) {
        match reason {
            RenderErrorReason::MissingVariable(Some(path)) => (self.undefined(path), Some(path.clone())),
            RenderErrorReason::MissingVariable(None) => {
                (Problem::new(diagnose::UNDEFINED, "an undefined value was used"), None)
            }
            RenderErrorReason::PartialNotFound(name) | RenderErrorReason::TemplateNotFound(name) => {
                (diagnose::missing_partial(name, self.partials.paths()), Some(name.clone()))
            }
            RenderErrorReason::HelperNotFound(name) => {
                let helpers = HELPERS.iter().copied();
                let problem = diagnose::unknown(diagnose::UNKNOWN_FUNCTION, "helper", name, helpers);
                let help = advice::helper(name, self.context.data().get(name)).or(problem.help.clone());
                (problem.with_help(help), Some(name.clone()))
            }
            RenderErrorReason::DecoratorNotFound(name) => {
                (diagnose::unknown(diagnose::UNKNOWN_FUNCTION, "decorator", name, ["inline"]), Some(name.clone()))
            }
            RenderErrorReason::NestedError(error) => match error.downcast_ref::<Refused>() {
                Some(Refused::Problem(problem, name)) => (self.or_variable(problem, name.as_deref()), name.clone()),
                Some(Refused::Missing { path, seen }) => (self.missing_within(path, seen), Some(path.clone())),
                None => (Problem::new(diagnose::ERROR, lower(&reason.to_string())), None),
            },
            RenderErrorReason::PartialBlockNotFound => {
                let message = "there is no partial block here: nothing includes this with `{{#> …}}`";
                let help = "write `{{#> @partial-block}}…{{/@partial-block}}` with the text to use in that case";
                (Problem::new(diagnose::ERROR, message).with_help(Some(help.to_owned())), None)
            }
            RenderErrorReason::ParamTypeMismatchForName(name, found, kind) => {
                let message = format!("`{name}` takes {kind}, but is given {found}");
                (Problem::new(diagnose::TYPE, message), Some((*name).to_owned()))
            }
            RenderErrorReason::HashTypeMismatchForName(name, argument, kind) => {
                let message = format!("`{argument}` of `{name}` must be a {kind}");
                (Problem::new(diagnose::TYPE, message), Some((*name).to_owned()))
            }
            RenderErrorReason::ParamNotFoundForName(name, _) => {
                (Problem::new(diagnose::TYPE, lower(&reason.to_string())), Some((*name).to_owned()))
            }
            RenderErrorReason::InvalidJsonIndex(name) => {
                let help =
                    "an item is written `{{list.[0]}}`; how many there are is `{{len list}}` or `{{list.length}}`";
                let problem = Problem::new(diagnose::TYPE, format!("a list has no key `{name}`"));
                (problem.with_help(Some(help.to_owned())), Some(name.clone()))
            }
            RenderErrorReason::InvalidParamType(_) => (Problem::new(diagnose::TYPE, lower(&reason.to_string())), None),
            RenderErrorReason::TemplateError(error) => {
                (Problem::new(diagnose::SYNTAX, lower(&error.reason().to_string())), None)
            }
            _ => (Problem::new(diagnose::ERROR, lower(&reason.to_string())), None),
        }
    }

    /// Adds how a variable is written that has a helper's name.
    fn or_variable(&self, problem: &Problem, name: Option<&str>) -> Problem {
        let name = name.filter(|name| HELPERS.contains(name) && self.context.data().get(name).is_some());
        let variable = name.map(|name| format!("; the variable is `{{{{this.{name}}}}}`"));
        let help = problem.help.as_deref().map(|help| format!("{help}{}", variable.unwrap_or_default()));
        problem.clone().with_help(help)
    }

    /// The problem of what is missing where another value than the top level's is seen.
    fn missing_within(&self, path: &str, seen: &Value) -> Problem {
        let own = path.strip_prefix("this.").or_else(|| path.strip_prefix("./")).unwrap_or(path);
        let mut whole = seen;
        for part in own.split(['.', '/']) {
            match whole.get(part) {
                Some(value) => whole = value,
                None if path.starts_with(['@', '.'])
                    || own.split(['.', '/']).try_fold(self.context.data(), |value, part| value.get(part)).is_some() =>
                {
                    break;
                }
                None => return diagnose::missing_part(path, part, &Whole::of_json(Some(whole))),
            }
        }
        self.undefined(path)
    }

    fn undefined(&self, path: &str) -> Problem {
        if path.starts_with('@') && !path.starts_with("@root") {
            let known = ["@first", "@index", "@key", "@last", "@root"];
            let near = hints::nearest(path, known).map(|near| format!("did you mean `{near}`?"));
            let help = near.unwrap_or_else(|| format!("available: {}", hints::list(known)));
            return Problem::new(diagnose::UNDEFINED, format!("`{path}` is undefined")).with_help(Some(help));
        }
        let plain = path.trim_start_matches("@root").trim_start_matches(['.', '/']);
        let plain = plain.strip_prefix("this.").unwrap_or(plain);
        let names = self.context.data().as_object().into_iter().flat_map(|all| all.keys()).map(String::as_str);
        let first = plain.split(['.', '/']).next().unwrap_or(plain);
        let found = plain.split(['.', '/']).try_fold(self.context.data(), |value, part| value.get(part));
        if found.is_some() && first == path.split(['.', '/']).next().unwrap_or(path) {
            let help = format!("within a block, write `@root.{plain}` or `../{plain}` for the one at the top level");
            return Problem::new(diagnose::UNDEFINED, format!("`{path}` is undefined")).with_help(Some(help));
        }
        let Some(split) = plain.rfind(['.', '/']) else {
            let mut problem = diagnose::undefined(plain, names);
            problem.message = format!("`{path}` is undefined");
            return problem;
        };
        let base = plain[..split].split(['.', '/']).try_fold(self.context.data(), |value, part| value.get(part));
        diagnose::missing_part(path, &plain[split + 1..], &Whole::of_json(base))
    }
}

/// Returns the range of the tag that begins at a place, or after blanks there.
fn tag(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let open = rest.find("{{").filter(|open| rest[..*open].trim().is_empty()).unwrap_or(0);
    let start = start + open;
    let rest = text.get(start..).unwrap_or_default();
    match rest.find("}}") {
        Some(end) => start..start + end + 2 + usize::from(rest[end..].starts_with("}}}")),
        None => start..start,
    }
}

/// Finds a name that stands alone.
fn word(text: &str, name: &str) -> Option<usize> {
    let part = |character: char| character == '_' || character == '.' || character.is_alphanumeric();
    text.match_indices(name)
        .map(|(at, _)| at)
        .find(|at| !text[..*at].ends_with(part) && !text[at + name.len()..].starts_with(part))
}

/// Finds where a text includes a partial.
fn reference(text: &str, name: &str) -> Option<Range<usize>> {
    let mut from = 0;
    while let Some(open) = text[from..].find("{{").map(|at| from + at) {
        let range = tag(text, open);
        let inside = &text[range.clone()];
        let marked = inside.trim_start_matches(['{', '~', '#']).trim_start().starts_with('>');
        if marked && let Some(at) = inside.find(name) {
            return Some(range.start + at..range.start + at + name.len());
        }
        from = range.end.max(open + 2);
    }
    None
}

/// Makes a message of the engine one of packbox: a lower-case fragment of one line without a full stop.
fn lower(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().trim_end_matches('.');
    let mut characters = line.chars();
    match characters.next() {
        Some(first) if !characters.as_str().starts_with(|second: char| second.is_uppercase()) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => line.to_owned(),
    }
}
