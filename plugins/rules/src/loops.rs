//! Finds the loops of a template through what a bare name stands for: `{% for x in name %}`, `{{#each name}}`. This is no
//! parser: what is not surely such a loop is left out.

use std::ops::Range;

use crate::mustaches;
use crate::source::Source;
use crate::tags::{Kind, Tag, first_word};

/// A loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loop<'t> {
    /// The name of what it goes through.
    pub name: &'t str,
    /// Where the name stands in the text.
    pub range: Range<usize>,
    /// Whether what it binds is read within: if not, it only repeats something.
    pub is_read: bool,
}

/// Lists the loops of a template of an engine; none for an engine that is not known.
#[must_use]
pub fn find<'t>(source: &Source<'_>, text: &'t str, engine: &str) -> Vec<Loop<'t>> {
    match engine {
        // Tera has a third kind of quotes.
        "tera" if text.contains('`') => Vec::new(),
        "jinja" | "tera" | "liquid" => in_tags(source, text, engine),
        "handlebars" => mustaches::find(text).into_iter().filter_map(|range| each(text, range)).collect(),
        _ => Vec::new(),
    }
}

fn in_tags<'t>(source: &Source<'_>, text: &'t str, engine: &str) -> Vec<Loop<'t>> {
    let is_liquid = engine == "liquid";
    let mut comments = 0_usize;
    let tags: Vec<&Tag> = (source.tags().iter().filter(|tag| tag.kind != Kind::Comment))
        .filter(|tag| {
            match first_word(tag.inside(text)) {
                "comment" if is_liquid && tag.kind == Kind::Statement => comments += 1,
                "endcomment" if is_liquid && tag.kind == Kind::Statement => comments = comments.saturating_sub(1),
                _ => {}
            }
            comments == 0
        })
        .collect();
    let loops = tags.iter().enumerate().filter_map(|(at, tag)| {
        let (targets, name, start) = head(text, tag, engine)?;
        let targets: Vec<&str> = words(targets).filter(|target| !target.starts_with('_')).collect();
        let body = body(text, &tags[at + 1..]);
        let mentions = |text: &str| words(text).any(|word| targets.contains(&word));
        // A loop within may bind the same name.
        let binds = |tag: &&Tag| head(text, tag, engine).is_some_and(|(inner, _, _)| mentions(inner));
        let is_read = body.iter().any(|tag| mentions(tag.inside(text))) && !body.iter().any(binds);
        Some(Loop { name, range: start..start + name.len(), is_read })
    });
    loops.collect()
}

/// Reads the head of a loop: what it binds, what it goes through, and where that stands.
fn head<'t>(text: &'t str, tag: &Tag, engine: &str) -> Option<(&'t str, &'t str, usize)> {
    let inside = text.get(tag.inner.clone()).filter(|_| tag.kind == Kind::Statement)?;
    let word = first_word(inside);
    if word != "for" && (word != "tablerow" || engine != "liquid") {
        return None;
    }
    let (targets, items) = inside.split_once(" in ")?;
    let items = items.trim_start();
    let (name, rest) = items.split_at(items.find(|next| !is_part(next)).unwrap_or(items.len()));
    let rest = rest.trim_end_matches(['-', '+']).trim();
    let options: &[&str] = match engine {
        "jinja" => &["if ", "recursive"],
        "liquid" => &["limit", "offset", "reversed", "cols"],
        _ => &[],
    };
    let ends = rest.is_empty() || options.iter().any(|option| rest.starts_with(option));
    let (_, targets) = targets.split_once(word)?;
    (ends && !name.is_empty()).then_some((targets, name, tag.inner.end - items.len()))
}

/// The tags of a loop's body, of those that follow its head.
fn body<'t, 's>(text: &str, tags: &'t [&'s Tag]) -> &'t [&'s Tag] {
    let mut depth = 1_usize;
    let end = tags.iter().filter(|tag| tag.kind == Kind::Statement).find(|tag| {
        match first_word(tag.inside(text)) {
            "for" | "tablerow" => depth += 1,
            "endfor" | "endtablerow" => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    let length = end.and_then(|end| tags.iter().position(|tag| tag.whole == end.whole));
    &tags[..length.unwrap_or(tags.len())]
}

/// Reads an `each` in a tag of Handlebars.
fn each(text: &str, range: Range<usize>) -> Option<Loop<'_>> {
    let inside = text.get(range.clone())?;
    let head = inside.strip_prefix('#').or_else(|| inside.strip_prefix("else "))?.trim_start();
    let value = head.strip_prefix("each").filter(|value| value.starts_with(char::is_whitespace))?.trim_start();
    let value = value.strip_prefix("@root.").unwrap_or(value);
    let (name, rest) = value.split_at(value.find(|next| !is_part(next)).unwrap_or(value.len()));
    let ends = matches!(rest.trim_start_matches([' ', '\t', '\r', '\n', '~']), after if after.is_empty() || after.starts_with("as"));
    let start = range.end - value.len();
    (ends && !name.is_empty()).then_some(Loop { name, range: start..start + name.len(), is_read: true })
}

fn is_part(next: char) -> bool {
    next == '_' || next.is_alphanumeric()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|next| !is_part(next)).filter(|word| !word.is_empty())
}
