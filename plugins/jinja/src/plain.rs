//! Says in plain words why a text is no template: what is never closed, what closes nothing, which tag there is not.

use std::ops::Range;

use crate::balance::{self, Fault, Language, Pair, pair, unless_assigned};
use crate::locate::Source;
use crate::{advice, hints};

const LANGUAGE: Language = Language { comments: true, escapes: true, verbatim: &["raw"], pairs: PAIRS };

const PAIRS: &[Pair] = &[
    pair("if", &["elif", "else"]),
    pair("for", &["else"]),
    pair("block", &[]),
    pair("macro", &[]),
    pair("call", &[]),
    pair("filter", &[]),
    pair("with", &[]),
    pair("autoescape", &[]),
    unless_assigned("set"),
];

/// The tags of the language, without those that end another.
#[rustfmt::skip]
const TAGS: &[&str] = &[
    "autoescape", "block", "break", "call", "continue", "do", "elif", "else", "extends", "filter", "for", "from", "if",
    "import", "include", "macro", "raw", "set", "with",
];

/// Says what is wrong with a text that the engine refused at `at`, with its `message`; none where the engine says it as
/// well as can be.
#[must_use]
pub fn fault(source: &Source<'_>, message: &str, at: Option<&Range<usize>>) -> Option<Fault> {
    let start = at.map_or(0, |at| at.start);
    if source.syntax.is_none() {
        return braces(source.text).or_else(|| operator(source.text, start, message));
    }
    let ended = ["input", "string", "comment", "raw"]
        .iter()
        .any(|end| message.starts_with(&format!("unexpected end of {end}")));
    let seen = |fault: &Fault| ended || at.is_none() || start >= fault.seen_from;
    if let Some(fault) = balance::find(source.text, &LANGUAGE).filter(seen) {
        return Some(fault);
    }
    if let Some(fault) = bracket(source.text, at, message).or_else(|| operator(source.text, start, message)) {
        return Some(fault);
    }
    if message.ends_with("expected end of block") && source.text[..start].trim_end().ends_with("else") {
        let word = source.text[start..].starts_with("if");
        let help = if word { "write `elif`" } else { "write `{% else %}`, or `{% elif … %}` with a condition" };
        let range = at.cloned().unwrap_or(start..start);
        return Some(Fault { message: message.to_owned(), help: help.to_owned(), seen_from: start, range });
    }
    let name = message.strip_prefix("unknown statement ")?;
    let help = statement(name).map(str::to_owned).or_else(|| {
        let ends = PAIRS.iter().map(|pair| format!("end{}", pair.open)).collect::<Vec<_>>();
        let near = hints::nearest(name, TAGS.iter().copied().chain(ends.iter().map(String::as_str)));
        near.map(|near| format!("did you mean `{near}`?"))
    });
    let word = source.text[start..].find(name).map_or(start..start, |found| start + found..start + found + name.len());
    Some(Fault {
        message: format!("unknown tag `{name}`"),
        help: help.unwrap_or_else(|| {
            format!("the tags are {}", TAGS.iter().map(|tag| format!("`{tag}`")).collect::<Vec<_>>().join(", "))
        }),
        seen_from: start,
        range: word,
    })
}

/// The fault of a bracket that is open where the engine misses a comma.
fn bracket(text: &str, at: Option<&Range<usize>>, message: &str) -> Option<Fault> {
    let at = at?.clone();
    let before = text.get(..at.start)?;
    // Within brackets, neither `}}` nor `%}` ends anything for the engine.
    let found = message.strip_prefix("unexpected ")?;
    let operator = found == "`}`" && before.ends_with('%');
    let found = if operator { found } else { found.strip_suffix(", expected `,`")? };
    let tag = before.rfind("{{").max(before.rfind("{%"))? + 2;
    let (mut open, mut quote, mut escaped) = (Vec::new(), None, false);
    for (offset, sign) in before[tag..].char_indices() {
        match sign {
            _ if std::mem::take(&mut escaped) => {}
            '\\' => escaped = true,
            _ if quote == Some(sign) => quote = None,
            _ if quote.is_some() => {}
            '"' | '\'' => quote = Some(sign),
            '(' | '[' | '{' => open.push((tag + offset, sign)),
            ')' | ']' | '}' => drop(open.pop()),
            _ => {}
        }
    }
    let (place, opens) = open.pop()?;
    let closes = match opens {
        '(' => ')',
        '[' => ']',
        _ => '}',
    };
    let line = before[..place].matches('\n').count() + 1;
    let ends = operator || found.starts_with("end of ") || text[at.start..].starts_with("}}");
    let (message, help, range) = if ends {
        (format!("`{opens}` in line {line} is never closed"), format!("add `{closes}`"), place..place + 1)
    } else {
        let message = format!("unexpected {}: `,` or `{closes}` is missing here", advice::token(found));
        (message, format!("write `,` if more follows, or `{closes}` where `{opens}` should end"), at)
    };
    Some(Fault { message, help, seen_from: range.start, range })
}

/// Operators of Twig and Liquid that are words.
const WORDS: [(&str, &str); 4] = [
    ("starts with", "write `a.startswith(b)`"),
    ("ends with", "write `a.endswith(b)`"),
    ("contains", "write `b in a`"),
    ("matches", "there are no regular expressions: write `b in a`, or check the value in the manifest with `pattern`"),
];

/// The fault of an operator of another language.
fn operator(text: &str, start: usize, message: &str) -> Option<Fault> {
    let rest = text.get(start..)?;
    if message.ends_with("expected end of block") || message.ends_with("expected end of variable block") {
        let after = |word: &str| rest.strip_prefix(word).is_some_and(|after| after.starts_with(char::is_whitespace));
        if let Some((word, help)) = WORDS.into_iter().find(|(word, _)| after(word)) {
            let range = start..start + word.len();
            let message = format!("unexpected `{word}`");
            return Some(Fault { message, help: help.to_owned(), seen_from: start, range });
        }
    }
    let second = rest.starts_with('|') && text[..start].ends_with('|');
    let (length, help) = match rest.get(..2).unwrap_or(rest) {
        "&&" => (2, "write `and`"),
        _ if second => (1, "write `or`"),
        "==" | "!=" => return None,
        two if two.starts_with('=') => (1, "write `==` to compare"),
        two if two.starts_with('!') => (1, "write `not`"),
        two if two.starts_with('?') => (1, "write `a if condition else b`"),
        _ => return None,
    };
    let start = if second { start - 1 } else { start };
    let range = start..start + length + usize::from(second);
    let message = if message == "unexpected character" {
        format!("unexpected `{}`", &text[range.clone()])
    } else {
        message.to_owned()
    };
    Some(Fault { message, help: help.to_owned(), seen_from: start, range })
}

/// The fault of an expression of a manifest that is written as in a template.
fn braces(text: &str) -> Option<Fault> {
    let text_of_tag = text.trim();
    if let Some(inside) = text_of_tag.strip_prefix("{%").and_then(|rest| rest.split_once("%}")) {
        let words = inside.0.trim().trim_matches('-').trim();
        let condition = words.strip_prefix("if ").unwrap_or(words).trim();
        return Some(Fault {
            message: "an expression is written without tags".to_owned(),
            help: format!("write the expression without `{{% %}}`: `{condition}`"),
            range: 0..text.len(),
            seen_from: 0,
        });
    }
    let inside = text_of_tag.strip_prefix("{{")?.strip_suffix("}}")?.trim().trim_matches('-').trim();
    Some(Fault {
        message: "an expression is written without braces".to_owned(),
        help: format!("write the expression without braces: `{inside}`"),
        range: 0..text.len(),
        seen_from: 0,
    })
}

/// What to do instead of a tag of another Jinja.
fn statement(name: &str) -> Option<&'static str> {
    Some(match name {
        "elseif" | "elsif" => "write `elif`",
        "end" => "name the block that ends: `{% endif %}`, `{% endfor %}` and so on",
        "endelif" | "endelse" => "write `endif`",
        "trans" | "endtrans" | "pluralize" => "there are no translations: write the text",
        "now" => "there is no clock: make the date a variable",
        "debug" => "there is no `debug`: it would print all variables; `{{ x | pprint }}` prints one",
        "assign" | "let" => "write `{% set x = 1 %}`",
        "render" => "write `{% include \"path\" %}`",
        "comment" => "write `{# … #}`",
        "unless" => "write `{% if not x %}`",
        _ => return None,
    })
}
