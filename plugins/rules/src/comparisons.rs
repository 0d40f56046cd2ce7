//! Finds where a template compares a name with literals: `x == 'y'`, `x in ['y', 'z']`, `{{#if (eq x "y")}}`, `case`.
//! This is no parser: what is not surely such a comparison is left out.

use std::ops::Range;

use crate::mustaches;
use crate::source::Source;
use crate::tags::{Kind, first_word};

/// A name that is compared with one or more literals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison<'t> {
    /// The name.
    pub name: &'t str,
    /// The literals, at least one.
    pub literals: Vec<Literal<'t>>,
    /// Whether it asks for a difference.
    pub negated: bool,
    /// Where it stands in the text.
    pub range: Range<usize>,
}

/// A literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal<'t> {
    /// A text, as it stands between its quotes.
    Text(&'t str),
    /// A number.
    Number(&'t str),
    /// True or false.
    Boolean,
    /// The null of Jinja.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    Text(&'t str),
    Number(&'t str),
    Sign(&'t str),
}
use Token::{Number, Sign, Text, Word};

type Tokens<'t> = Vec<(Token<'t>, Range<usize>)>;

/// Lists the comparisons of a template of an engine; none for an engine that is not known.
#[must_use]
pub fn find<'t>(source: &Source<'_>, text: &'t str, engine: &str) -> Vec<Comparison<'t>> {
    match engine {
        // Tera has a third kind of quotes.
        "tera" if text.contains('`') => Vec::new(),
        "jinja" | "tera" | "liquid" => in_tags(source, text, engine == "liquid"),
        "handlebars" => mustaches::find(text).into_iter().flat_map(|range| calls(text, range)).collect(),
        _ => Vec::new(),
    }
}

/// Lists the comparisons of an expression of the manifest, which is Jinja's; of a path, those between braces.
#[must_use]
pub fn in_expression(text: &str) -> Vec<Comparison<'_>> {
    let tokens = tokens(text, 0..text.len(), "");
    (0..tokens.len()).filter_map(|at| infix(&tokens, at, false)).collect()
}

fn in_tags<'t>(source: &Source<'_>, text: &'t str, is_liquid: bool) -> Vec<Comparison<'t>> {
    let mut found = Vec::new();
    // What the `case` tags that are open look at.
    let mut cases: Vec<Option<&str>> = Vec::new();
    // How many comments of Liquid are open.
    let mut comments = 0_usize;
    for tag in source.tags().iter().filter(|tag| tag.kind != Kind::Comment) {
        let Some(inside) = text.get(tag.inner.clone()) else { continue };
        if is_liquid && tag.kind == Kind::Statement {
            match first_word(inside) {
                "comment" => comments += 1,
                "endcomment" => comments = comments.saturating_sub(1),
                _ => {}
            }
            if comments > 0 || matches!(first_word(inside), "" | "liquid") {
                continue;
            }
        } else if comments > 0 {
            continue;
        }
        let start = tag.inner.start + inside.len() - inside.trim_start_matches(['-', '+']).len();
        let tokens = tokens(text, start..tag.inner.end, "");
        match if is_liquid && tag.kind == Kind::Statement { first_word(inside) } else { "" } {
            "case" => cases.push(match tokens.as_slice() {
                [_, (Word(name), _)] | [_, (Word(name), _), (Sign("-"), _)] => Some(name),
                _ => None,
            }),
            "endcase" => drop(cases.pop()),
            "when" => {
                let Some(Some(name)) = cases.last() else { continue };
                found.extend(tokens.iter().skip(1).filter_map(|(token, range)| {
                    Some(Comparison { name, literals: vec![literal(*token)?], negated: false, range: range.clone() })
                }));
            }
            _ => found.extend((0..tokens.len()).filter_map(|at| infix(&tokens, at, is_liquid))),
        }
    }
    found
}

/// Reads the comparison whose sign or `in` stands at a place.
fn infix<'t>(tokens: &Tokens<'t>, at: usize, is_liquid: bool) -> Option<Comparison<'t>> {
    let token = |at: usize| tokens.get(at).map(|(token, _)| *token);
    let negated = match token(at)? {
        Sign("==") => false,
        Sign("!=" | "<>") => true,
        Word("in") if !is_liquid => token(at.checked_sub(1)?)? == Word("not"),
        _ => return None,
    };
    let is_list = token(at)? == Word("in");
    let first = at.checked_sub(1 + usize::from(is_list && negated))?;
    let (name, literals, last) = match (token(first)?, token(at + 1)?) {
        (Word(name), Sign("[" | "(")) if is_list => {
            let length = tokens[at + 2..].iter().position(|(token, _)| matches!(token, Sign("]" | ")")))?;
            let items = tokens[at + 2..at + 2 + length].iter().filter(|(token, _)| *token != Sign(","));
            let literals = items.map(|(token, _)| literal(*token)).collect::<Option<Vec<_>>>()?;
            (name, literals, at + 2 + length)
        }
        _ if is_list => return None,
        (Word(name), other) if literal(Word(name)).is_none() => (name, vec![literal(other)?], at + 1),
        (one, Word(name)) => (name, vec![literal(one)?], at + 1),
        _ => return None,
    };
    let begins = match first.checked_sub(1).and_then(token) {
        None | Some(Sign("(" | "[" | "{" | "," | ":" | "=")) => true,
        Some(Word(word)) => {
            matches!(word, "and" | "or" | "not" | "if" | "elif" | "elsif" | "unless" | "else")
        }
        _ => false,
    };
    let ends = match token(last + 1) {
        None | Some(Sign(")" | "]" | "}" | "," | ":")) => true,
        Some(Sign("-" | "+")) => last + 2 == tokens.len(),
        Some(Word(word)) => matches!(word, "and" | "or" | "if" | "else"),
        _ => false,
    };
    let range = tokens[first].1.start..tokens[last].1.end;
    (begins && ends && !literals.is_empty()).then_some(Comparison { name, literals, negated, range })
}

/// Finds `eq` and `ne` in a tag of Handlebars.
fn calls(text: &str, range: Range<usize>) -> Vec<Comparison<'_>> {
    let tokens = tokens(text, range, "./@");
    let token = |at: usize| tokens.get(at).map(|(token, _)| *token);
    let calls = tokens.windows(3).enumerate().filter_map(|(at, call)| {
        let [(Word(helper @ ("eq" | "ne")), start), (one, _), (other, end)] = call else { return None };
        let (name, literal) = match (*one, *other) {
            (Word(name), other) if literal(Word(name)).is_none() => (name, literal(other)?),
            (one, Word(name)) => (name, literal(one)?),
            _ => return None,
        };
        let name = name.strip_prefix("@root.").unwrap_or(name);
        let is_call = matches!(at.checked_sub(1).and_then(token), None | Some(Sign("(" | "#")))
            && matches!(token(at + 3), None | Some(Sign(")" | "}" | "~")));
        let range = start.start..end.end;
        is_call.then_some(Comparison { name, literals: vec![literal], negated: *helper == "ne", range })
    });
    calls.collect()
}

fn literal(token: Token<'_>) -> Option<Literal<'_>> {
    match token {
        Text(text) => Some(Literal::Text(text)),
        Number(number) => Some(Literal::Number(number)),
        Word("true" | "false" | "True" | "False") => Some(Literal::Boolean),
        Word("none" | "None") => Some(Literal::None),
        Word(_) | Sign(_) => None,
    }
}

/// Splits a range of a text; `also` has the signs that belong to words.
fn tokens<'t>(text: &'t str, range: Range<usize>, also: &str) -> Tokens<'t> {
    let mut tokens = Vec::new();
    let mut at = range.start;
    while let Some(next) = text.get(at..range.end).and_then(|rest| rest.chars().next()) {
        let start = at;
        let rest = &text[start..range.end];
        let length = |is_part: &dyn Fn(char) -> bool| rest.find(|next| !is_part(next)).unwrap_or(rest.len());
        let is_word = |next: char| next == '_' || next.is_alphanumeric() || also.contains(next);
        let token = match next {
            _ if next.is_whitespace() => {
                at += next.len_utf8();
                continue;
            }
            '"' | '\'' => {
                // What follows an escape is not surely read as the engine does.
                let end = rest[1..].find(next).filter(|end| !rest[1..=*end].contains('\\'));
                let Some(end) = end else { return tokens };
                at += end + 2;
                Text(&rest[1..=end])
            }
            '0'..='9' => {
                at += length(&|next| next == '.' || next == '_' || next.is_ascii_alphanumeric());
                Number(&text[start..at])
            }
            _ if is_word(next) => {
                at += length(&is_word);
                Word(&text[start..at])
            }
            _ => {
                let long = ["==", "!=", "<>", "<=", ">=", "**", "//"].into_iter().find(|sign| rest.starts_with(sign));
                at += long.map_or(next.len_utf8(), str::len);
                Sign(&text[start..at])
            }
        };
        tokens.push((token, start..at));
    }
    tokens
}

/// Lists the names that a template may give another meaning to: rather too many than too few.
#[must_use]
pub fn defined<'t>(source: &Source<'_>, text: &'t str, engine: &str) -> Vec<&'t str> {
    if engine == "handlebars" {
        // A partial sees what it is given by name, and a block what is between bars.
        let given = words(text).filter(|(_, after)| after.trim_start().starts_with('=')).map(|(word, _)| word);
        let blocks = text.split('|').skip(1).filter(|names| !names.contains(['{', '}']));
        return given.chain(blocks.flat_map(words).map(|(word, _)| word)).collect();
    }
    // What is a tag differs between the engines: in a comment of one, another has tags.
    let statements = source.tags().iter().filter(|tag| tag.kind == Kind::Statement).map(|tag| tag.inner.clone());
    let seeming = text.match_indices("{%").map(|(at, _)| {
        let start = at + 2;
        start..text[start..].find("%}").map_or(text.len(), |length| start + length)
    });
    let mut names = Vec::new();
    for inside in statements.chain(seeming).filter_map(|range| text.get(range)) {
        let before = |end: &str| inside.find(end).map_or(inside, |at| &inside[..at]);
        let targets = match first_word(inside) {
            "set" | "set_global" | "assign" => before("="),
            "for" | "tablerow" => before(" in "),
            // A partial may be given a value under its own name.
            "include" | "render" if !inside.contains(" with ") && !inside.contains(" for ") => {
                names.extend(
                    words(inside).filter(|(_, after)| after.trim_start().starts_with(':')).map(|(word, _)| word),
                );
                continue;
            }
            "with" | "macro" | "component" | "import" | "from" | "call" | "capture" | "increment" | "decrement"
            | "include" | "render" | "liquid" => inside,
            _ => continue,
        };
        names.extend(words(targets).map(|(word, _)| word));
    }
    names
}

/// Lists the words of a text, each with what follows it.
fn words(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_part = |next: char| next == '_' || next.is_alphanumeric();
    let mut rest = text;
    std::iter::from_fn(move || {
        let word = rest.trim_start_matches(|next| !is_part(next));
        let end = word.find(|next| !is_part(next)).unwrap_or(word.len());
        rest = word.get(end..)?;
        (end > 0).then(|| (&word[..end], rest))
    })
}
