//! An undefined name is an error wherever it is used, and its name is said.
//!
//! The engine writes nothing for one that is joined with `~` or stands in a list or a table, and often says only that
//! something was undefined. It asks nobody, so a template is rendered again with a filter behind names: where such a name
//! can't be told to be defined beforehand, or once something is wrong.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use tera::{Context, Error, Kwargs, State, Tera, TeraResult, Value};

use crate::reach::Source;
use crate::scan::{Scan, path_end};
use crate::tokens::{Kind, Token, tags};

/// The filter that is written behind names.
const FILTER: &str = "packbox_defined";

/// The number of a source, and where in it a name stands.
pub type Name = (usize, Range<usize>);

/// Fails for an undefined value, and for a list or a table with one.
pub fn check(value: &Value) -> TeraResult<()> {
    if is_partly(value) { Err(Error::message("an undefined value")) } else { Ok(()) }
}

fn is_partly(value: &Value) -> bool {
    if let Some(items) = value.as_array() {
        return items.iter().any(is_partly);
    }
    value.is_undefined() || value.as_map().is_some_and(|map| map.values().any(is_partly))
}

/// Renders the first of some sources again, and returns the first name of `names`, which lie in the sources of these
/// numbers, that is undefined where it is used.
#[must_use]
pub fn first(engine: &Tera, sources: &[Source<'_>], locals: &Context, names: &[Name]) -> Option<Name> {
    let found = watch(engine, sources, locals, names, true)?;
    found.into_iter().next()
}

/// Renders likewise, for a template that fails, and returns the last name that was undefined before it did.
#[must_use]
pub fn last(engine: &Tera, sources: &[Source<'_>], locals: &Context, names: &[Name]) -> Option<Name> {
    let found = watch(engine, sources, locals, names, false)?;
    found.into_iter().next_back()
}

/// Returns which names were undefined, in the order in which that was noticed.
fn watch(engine: &Tera, sources: &[Source<'_>], locals: &Context, names: &[Name], fails: bool) -> Option<Vec<Name>> {
    let seen: Arc<Mutex<Vec<Name>>> = Arc::default();
    let mut engine = engine.clone();
    let noting = seen.clone();
    engine.register_filter(FILTER, move |value: &Value, place: Kwargs, _: &State| {
        if value.is_undefined() {
            let at = place.must_get::<usize>("start")?..place.must_get::<usize>("end")?;
            let name = (place.must_get::<usize>("of")?, at);
            let mut seen = noting.lock().unwrap_or_else(PoisonError::into_inner);
            // Of each name the last time counts.
            seen.retain(|other| *other != name);
            seen.push(name);
            if fails {
                return Err(Error::message("an undefined value"));
            }
        }
        Ok(value.clone())
    });
    let texts = sources.iter().enumerate().map(|(of, source)| (source.path, watched(source.text, of, names)));
    engine.add_raw_templates(texts).ok()?;
    engine.render(sources.first()?.path, locals).err()?;
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    Some(seen.clone())
}

/// Writes the filter behind the names of a text.
fn watched(text: &str, of: usize, names: &[Name]) -> String {
    let mut ranges: Vec<&Range<usize>> = names.iter().filter(|(at, _)| *at == of).map(|(_, range)| range).collect();
    ranges.sort_by_key(|range| range.end);
    let mut watched = String::with_capacity(text.len() + 64 * ranges.len());
    let mut last = 0;
    for range in ranges {
        watched.push_str(text.get(last..range.end).unwrap_or_default());
        // Writing to a string does not fail.
        let _ = write!(watched, " | {FILTER}(of={of}, start={}, end={})", range.start, range.end);
        last = range.end;
    }
    watched.push_str(text.get(last..).unwrap_or_default());
    watched
}

/// Lists the names that the tag of a place reads.
#[must_use]
pub fn in_tag(text: &str, place: &Range<usize>) -> Vec<Range<usize>> {
    let holds = |tokens: &[Token<'_>]| {
        tokens.first().is_some_and(|first| first.range.start <= place.end)
            && tokens.last().is_some_and(|last| place.start <= last.range.end)
    };
    let Some(tag) = tags(text).into_iter().find(|tag| holds(&tag.tokens)) else { return Vec::new() };
    let is_keyword = |word: &str| {
        tag.block
            && matches!(word, "for" | "if" | "elif" | "set" | "set_global" | "filter" | "block" | "include" | "extends")
    };
    let first = match tag.tokens.first() {
        Some(Token { kind: Kind::Word("for"), .. }) if tag.block => {
            tag.tokens.iter().position(|token| token.kind == Kind::Word("in")).unwrap_or(0) + 1
        }
        Some(Token { kind: Kind::Word("set" | "set_global" | "filter"), .. }) if tag.block => 2,
        Some(Token { kind: Kind::Word("component"), .. }) if tag.block => return Vec::new(),
        Some(Token { kind: Kind::Word(word), .. }) if is_keyword(word) => 1,
        _ => 0,
    };
    let mut found = Vec::new();
    let mut at = first;
    while at < tag.tokens.len() {
        match path_end(&tag.tokens, at) {
            Some(end) => {
                let range = tag.tokens[at].range.start..tag.tokens[end - 1].range.end;
                found.push(range);
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// Whether a name that a text joins is defined for sure: by the variables, or in all items that a loop goes through.
#[must_use]
pub fn is_sure<'v>(scan: &Scan, path: &str, value: &impl Fn(&str) -> Option<&'v Value>) -> bool {
    let first = path.split(['.', '[', '?']).next().unwrap_or(path);
    match scan.bound.get(first) {
        None => value(path).is_some(),
        Some(None) => false,
        Some(Some(list)) => {
            let keys = path[first.len()..].strip_prefix('.');
            let Some(items) = value(list).and_then(Value::as_array) else { return false };
            match keys {
                None => path == first,
                Some(key) => items.iter().all(|item| {
                    item.as_map().is_some_and(|map| map.iter().any(|(name, _)| name.as_str() == Some(key)))
                }),
            }
        }
    }
}
