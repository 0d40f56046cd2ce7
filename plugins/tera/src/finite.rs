//! Numbers that are not finite are an error where they are written, as integers that are out of range are.
//!
//! The engine computes with floats as they are, and asks nobody when it writes one. So what may have written such a
//! number is rendered again with a filter after each output, which says where that was.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use renderer::diagnose::{self, Problem};
use tera::{Context, Error, Kwargs, State, Tera, TeraResult, Value};

use crate::reach::Source;
use crate::tokens::{Kind, Tag, Token, tags};

/// The filter that is written after each output.
const FILTER: &str = "packbox_finite";

/// The most digits that a float which is finite has before its point.
const DIGITS: usize = 309;

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
            () if number.is_nan() => Some("the result is no number"),
            () if number.is_infinite() => Some("the number is out of range: floats end at 1.8e308"),
            () => None,
        };
    }
    if let Some(items) = value.as_array() {
        return items.iter().find_map(problem);
    }
    value.as_map()?.values().find_map(problem)
}

/// Whether a text may have a number that is not finite.
#[must_use]
pub fn may_have(text: &str) -> bool {
    text.contains("inf") || text.contains("NaN")
}

/// Whether a template may make a number that is not finite: it computes with floats, or has a number with very many
/// digits. `floats` says whether a variable is one.
#[must_use]
pub fn may_make(text: &str, floats: bool) -> bool {
    let tags = tags(text);
    let any = |is_meant: &dyn Fn(&Token<'_>) -> bool| tags.iter().any(|tag| tag.tokens.iter().any(is_meant));
    let is_float = |token: &Token<'_>| match token.kind {
        Kind::Sign(sign) => matches!(sign, "/" | "**"),
        Kind::Number => text[token.range.clone()].contains('.'),
        Kind::Word(word) => matches!(word, "float" | "round"),
        Kind::Text(_) => false,
    };
    let computes = |token: &Token<'_>| matches!(token.kind, Kind::Sign("+" | "-" | "*" | "/" | "//" | "%" | "**"));
    any(&|token| token.kind == Kind::Number && token.range.len() > DIGITS)
        || (any(&computes) && (floats || any(&is_float)))
}

/// Whether a JSON document has a float: a point or an exponent outside of its texts.
#[must_use]
pub fn has_float(json: &[u8]) -> bool {
    let (mut within, mut before) = (false, b' ');
    for byte in json {
        match byte {
            // A backslash that is escaped itself escapes nothing.
            b'\\' if within && before == b'\\' => {
                before = b' ';
                continue;
            }
            b'"' if !(within && before == b'\\') => within = !within,
            b'.' if !within => return true,
            b'e' | b'E' if !within && before.is_ascii_digit() => return true,
            _ => {}
        }
        before = *byte;
    }
    false
}

/// What is wrong, in which source, and where.
type Found = (&'static str, usize, usize);

/// Renders the first of some sources again, and returns what is wrong with an output that is not finite, in which source
/// it is, and where.
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
            let place = (problem, place.must_get::<usize>("of")?, place.must_get::<usize>("at")?);
            seen.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(place);
            return Err(Error::message(problem));
        }
        Ok(value.clone())
    });
    let checked = sources.iter().enumerate().map(|(of, source)| (source.path, with_checks(source.text, of)));
    engine.add_raw_templates(checked).ok()?;
    engine.render(sources.first()?.path, locals).err()?;
    let (problem, of, at) = found.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    let source = *sources.get(of)?;
    let tag = tags(source.text).into_iter().find_map(|tag| inside(&tag).filter(|inside| inside.start == at))?;
    Some((Problem::new(diagnose::TYPE, problem), source, tag))
}

/// Writes the filter after each output of a text.
fn with_checks(text: &str, of: usize) -> String {
    let mut checked = String::with_capacity(text.len() * 2);
    let mut last = 0;
    for inside in tags(text).iter().filter_map(inside) {
        checked.push_str(&text[last..inside.start]);
        let (output, at) = (&text[inside.clone()], inside.start);
        // Writing to a string does not fail.
        let _ = write!(checked, "({output}) | {FILTER}(of={of}, at={at})");
        last = inside.end;
    }
    checked.push_str(&text[last..]);
    checked
}

/// The range of what an output writes; none for tags, and for components and blocks of a parent, which are no values.
fn inside(tag: &Tag<'_>) -> Option<Range<usize>> {
    let (first, last) = (tag.tokens.first()?, tag.tokens.last()?);
    let value = !tag.block && !matches!(first.kind, Kind::Sign("<" | "</") | Kind::Word("super"));
    value.then_some(first.range.start..last.range.end)
}
