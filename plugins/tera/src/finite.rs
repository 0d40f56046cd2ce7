//! Numbers that are not finite are an error where they arise, as integers that are out of range are.
//!
//! The engine computes with floats as they are, and asks nobody. So a template that may have made such a number is
//! rendered again with a filter behind each operation, which says where that was.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use renderer::arithmetic::{self, FILTER, Part};
use renderer::diagnose::{self, Problem};
use tera::{Context, Error, Kwargs, State, Tera, TeraResult, Value};

use crate::reach::Source;
use crate::tokens::{DIGITS, Kind, Tag, Token, tags};

/// Fails for a number that is not finite, and for a list or a table with one.
pub fn check(value: &Value) -> TeraResult<()> {
    match problem(value) {
        Some(problem) => Err(Error::message(problem)),
        None => Ok(()),
    }
}

fn problem(value: &Value) -> Option<&'static str> {
    if value.is_f64() {
        let number = value.as_number()?.as_float();
        return match () {
            () if number.is_nan() => Some("the result is not a number"),
            () if number.is_infinite() => Some("the number is out of range: floats go up to 1.8e308"),
            () => None,
        };
    }
    if let Some(items) = value.as_array() {
        return items.iter().find_map(problem);
    }
    value.as_map()?.values().find_map(problem)
}

/// Whether a template makes floats: it divides, or has a number with a point.
#[must_use]
pub fn has_float(text: &str) -> bool {
    let is_float = |token: &Token<'_>| match token.kind {
        Kind::Sign(sign) => matches!(sign, "/" | "**"),
        Kind::Number => text[token.range.clone()].contains('.'),
        Kind::Word(word) => matches!(word, "float" | "round"),
        Kind::Text(_) => false,
    };
    tags(text).iter().any(|tag| tag.tokens.iter().any(is_float))
}

/// What is wrong, in which source, and where.
type Found = (&'static str, usize, Range<usize>);

/// Renders the first of some sources again, and returns what is wrong with an operation whose result is not finite, in
/// which source it is, and where.
pub fn find<'a>(
    engine: &Tera,
    sources: &[Source<'a>],
    locals: &Context,
) -> Option<(Problem, Source<'a>, Range<usize>)> {
    let found: Arc<Mutex<Option<Found>>> = Arc::default();
    let mut engine = engine.clone();
    let seen = found.clone();
    engine.register_filter(FILTER, move |value: &Value, place: Kwargs, _: &State| {
        if let Some(problem) = problem(value) {
            let at = place.must_get::<usize>("start")?..place.must_get::<usize>("end")?;
            let found = (problem, place.must_get::<usize>("of")?, at);
            seen.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(found);
            return Err(Error::message(problem));
        }
        Ok(value.clone())
    });
    let watched = sources.iter().enumerate().map(|(of, source)| {
        let operations: Vec<_> = tags(source.text).iter().flat_map(operations).collect();
        (source.path, arithmetic::watched(source.text, of, &operations))
    });
    engine.add_raw_templates(watched).ok()?;
    engine.render(sources.first()?.path, locals).err()?;
    let (problem, of, at) = found.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    Some((Problem::new(diagnose::TYPE, problem), *sources.get(of)?, at))
}

/// Lists the operations of a tag.
fn operations(tag: &Tag<'_>) -> Vec<Range<usize>> {
    let tokens = match tag.tokens.as_slice() {
        all @ [Token { kind: Kind::Sign("<"), .. }, ..] => all,
        [Token { kind: Kind::Word("if" | "elif" | "for" | "set" | "set_global" | "component"), .. }, rest @ ..]
            if tag.block =>
        {
            rest
        }
        _ if tag.block => return Vec::new(),
        all => all,
    };
    let parts = tokens.iter().enumerate().map(|(at, token)| {
        let part = match token.kind {
            // The end of a component.
            Kind::Sign("/") if tokens.get(at + 1).is_some_and(|next| next.kind == Kind::Sign(">")) => Part::Splits,
            Kind::Sign("+" | "-" | "*" | "/" | "//" | "%" | "**") => Part::Operator,
            Kind::Sign("(" | "[" | "{" | "?[") => Part::Opens,
            Kind::Sign(")" | "]" | "}") => Part::Closes,
            Kind::Sign("." | "?." | "|") => Part::Value,
            Kind::Sign(_) | Kind::Word("and" | "or" | "not" | "in" | "is" | "if" | "else" | "for") => Part::Splits,
            Kind::Number if token.range.len() > DIGITS => Part::OutOfRange,
            Kind::Number | Kind::Word(_) | Kind::Text(_) => Part::Value,
        };
        (part, token.range.clone())
    });
    arithmetic::operations(parts)
}
