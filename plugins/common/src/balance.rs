//! Finds what is never closed, or closes nothing, in a template with tags as Jinja, Tera and Liquid have them.
//!
//! It is asked only once an engine has refused a text, to say why in plain words; it never decides what a template
//! gives.

use std::ops::Range;

/// What a language's tags are, as far as they come in pairs.
pub struct Language {
    /// Whether `{# … #}` is a comment.
    pub comments: bool,
    /// Whether a backslash in a string takes the meaning from the character behind it.
    pub escapes: bool,
    /// The tags whose contents are no template.
    pub verbatim: &'static [&'static str],
    /// The tags that have an end.
    pub pairs: &'static [Pair],
}

/// A tag that has an end: `word` is closed by `endword`.
pub struct Pair {
    /// The word that begins it.
    pub open: &'static str,
    /// The words that may stand in it: `else` and the like.
    pub middle: &'static [&'static str],
    /// Whether an `=` in the tag means that it has no end, as in `{% set x = 1 %}`.
    pub unless_assigned: bool,
}

/// What is wrong, in plain words.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// A lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// The place to point at.
    pub range: Range<usize>,
    /// From where on an engine may have noticed: an error before that is about something else.
    pub seen_from: usize,
}

/// Makes a pair.
#[must_use]
pub const fn pair(open: &'static str, middle: &'static [&'static str]) -> Pair {
    Pair { open, middle, unless_assigned: false }
}

/// Makes a pair whose tag has no end where it assigns.
#[must_use]
pub const fn unless_assigned(open: &'static str) -> Pair {
    Pair { open, middle: &[], unless_assigned: true }
}

/// Returns the number of the line that a byte stands in.
#[must_use]
pub fn line(text: &str, at: usize) -> usize {
    text[..at.min(text.len())].matches('\n').count() + 1
}

/// Returns the first fault of a text.
#[must_use]
pub fn find(text: &str, language: &Language) -> Option<Fault> {
    Blocks { text, language, open: Vec::new(), last: 0 }.read().err()
}

struct Blocks<'a> {
    text: &'a str,
    language: &'a Language,
    /// The tags that are open, outermost first, each with its range.
    open: Vec<(&'a Pair, Range<usize>)>,
    /// Where the last tag ends.
    last: usize,
}

impl Blocks<'_> {
    fn read(mut self) -> Result<(), Fault> {
        let mut at = 0;
        while let Some(start) = self.text[at..].find('{').map(|next| at + next) {
            at = match self.text.as_bytes().get(start + 1) {
                Some(b'#') if self.language.comments => match self.text[start..].find("#}") {
                    Some(length) => start + length + 2,
                    None => return Err(unclosed(self.text, start, "{#", "#}")),
                },
                Some(b'{') => tag_end(self.text, start, "}}", self.language)?,
                Some(b'%') => self.tag(start..tag_end(self.text, start, "%}", self.language)?)?,
                _ => start + 1,
            };
            self.last = at;
        }
        match self.open.pop() {
            None => Ok(()),
            Some((pair, range)) => Err(self.never_ended(pair.open, range, self.last)),
        }
    }

    /// Takes in a tag; returns where the text goes on.
    fn tag(&mut self, range: Range<usize>) -> Result<usize, Fault> {
        let inside = &self.text[range.start + 2..range.end - 2];
        let word = first_word(inside);
        if self.language.verbatim.contains(&word) {
            return verbatim_end(self.text, range.end, word)
                .ok_or_else(|| self.never_ended(word, range.clone(), range.start));
        }
        let pairs = self.language.pairs;
        if let Some(pair) = pairs.iter().find(|pair| pair.open == word) {
            if !(pair.unless_assigned && inside.contains('=')) {
                self.open.push((pair, range.clone()));
            }
        } else if let Some(ended) =
            word.strip_prefix("end").filter(|ended| pairs.iter().any(|pair| pair.open == *ended))
        {
            match self.open.pop() {
                Some((pair, _)) if pair.open == ended => {}
                Some((pair, open)) => return Err(self.wrong(word, range, pair.open, open)),
                None => {
                    return Err(Fault {
                        message: format!("`{{% {word} %}}` closes nothing: no `{{% {ended} %}}` is open"),
                        help: format!("take it out, or begin with `{{% {ended} %}}`"),
                        seen_from: range.start,
                        range,
                    });
                }
            }
        } else if pairs.iter().any(|pair| pair.middle.contains(&word)) {
            let holders: Vec<String> = (pairs.iter().filter(|pair| pair.middle.contains(&word)))
                .map(|pair| format!("`{{% {} %}}`", pair.open))
                .collect();
            let holders = holders.join(" or ");
            match self.open.last() {
                Some((pair, _)) if pair.middle.contains(&word) => {}
                Some((pair, open)) => {
                    let line = line(self.text, open.start);
                    let open = pair.open;
                    return Err(Fault {
                        message: format!(
                            "`{{% {word} %}}` belongs to {holders}, but `{{% {open} %}}` in line {line} is open"
                        ),
                        help: format!("close it first: `{{% end{open} %}}`"),
                        seen_from: range.start,
                        range,
                    });
                }
                None => {
                    return Err(Fault {
                        message: format!("`{{% {word} %}}` stands outside of {holders}"),
                        help: "take it out, or begin with the tag that it belongs to".to_owned(),
                        seen_from: range.start,
                        range,
                    });
                }
            }
        }
        Ok(range.end)
    }

    fn wrong(&self, word: &str, range: Range<usize>, open: &str, at: Range<usize>) -> Fault {
        let line = line(self.text, at.start);
        Fault {
            message: format!("`{{% {word} %}}` closes nothing: `{{% {open} %}}` in line {line} is open"),
            help: format!("close it first: `{{% end{open} %}}`"),
            seen_from: range.start,
            range,
        }
    }

    fn never_ended(&self, word: &str, range: Range<usize>, seen_from: usize) -> Fault {
        let line = line(self.text, range.start);
        Fault {
            message: format!("`{{% {word} %}}` in line {line} has no `{{% end{word} %}}`"),
            help: format!("add `{{% end{word} %}}` where it should end"),
            range,
            seen_from,
        }
    }
}

/// Returns the end of the tag that begins at a place.
fn tag_end(text: &str, start: usize, close: &str, language: &Language) -> Result<usize, Fault> {
    let bytes = text.as_bytes();
    let open = &text[start..start + 2];
    let mut depth = 0_usize;
    // The first string that goes on in another line: where a later one has no end, it is the one that lacks its quote.
    let mut long: Option<usize> = None;
    let mut at = start + 2;
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        match byte {
            b'\'' | b'"' => match string_end(bytes, at, language.escapes) {
                Some(end) => {
                    if long.is_none() && bytes[at..end].contains(&b'\n') {
                        long = Some(at);
                    }
                    at = end;
                    continue;
                }
                None => return Err(open_string(text, long.unwrap_or(at), start)),
            },
            b'}' if depth > 0 => depth -= 1,
            _ if depth == 0 && rest.starts_with(close.as_bytes()) => return Ok(at + 2),
            b'{' if rest.starts_with(b"{%") || (rest.starts_with(b"{{") && depth == 0) => {
                return Err(nested(text, start, at, close));
            }
            b'{' => depth += 1,
            b'}' => return Err(half_closed(text, start, at..at + 1 + usize::from(rest.starts_with(b"}}")), close)),
            b'%' if rest.starts_with(b"%}") => return Err(half_closed(text, start, at..at + 2, close)),
            _ => {}
        }
        at += 1;
    }
    Err(match long {
        Some(quote) => open_string(text, quote, start),
        None => unclosed(text, start, open, close),
    })
}

fn string_end(bytes: &[u8], quote: usize, escapes: bool) -> Option<usize> {
    let mut at = quote + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if escapes => at += 1,
            byte if *byte == bytes[quote] => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

fn unclosed(text: &str, start: usize, open: &str, close: &str) -> Fault {
    Fault {
        message: format!("`{open}` in line {} is never closed", line(text, start)),
        help: format!("add `{close}`; text that is not a tag goes between `{{% raw %}}` and `{{% endraw %}}`"),
        range: start..start + 2,
        seen_from: start,
    }
}

fn open_string(text: &str, quote: usize, start: usize) -> Fault {
    let mark = &text[quote..=quote];
    Fault {
        message: format!("the string that begins in line {} is never closed", line(text, quote)),
        help: format!("add `{mark}` at its end"),
        range: quote..quote + 1,
        seen_from: start,
    }
}

fn half_closed(text: &str, start: usize, range: Range<usize>, close: &str) -> Fault {
    let open = &text[start..start + 2];
    Fault {
        message: format!("`{open}` in line {} is closed by `{}`", line(text, start), &text[range.clone()]),
        help: format!("write `{close}`"),
        range,
        seen_from: start,
    }
}

/// The fault of a tag that begins within another one.
fn nested(text: &str, start: usize, at: usize, close: &str) -> Fault {
    let open = &text[start..start + 2];
    let inner = &text[at..at + 2];
    let ends = text[at..].find("}}");
    if open == "{%" && inner == "{{" && ends < text[at..].find("%}") && ends.is_some() {
        return Fault {
            message: "`{{ … }}` stands within a tag".to_owned(),
            help: "write the expression without braces: in `{% … %}` it needs none".to_owned(),
            range: at..at + ends.unwrap_or_default() + 2,
            seen_from: start,
        };
    }
    unclosed(text, start, open, close)
}

fn first_word(inside: &str) -> &str {
    let inside = inside.trim_start_matches(['-', '+']).trim_start();
    let end = inside.find(|next: char| !(next == '_' || next.is_ascii_alphanumeric())).unwrap_or(inside.len());
    &inside[..end]
}

/// Returns the end of the tag that ends a tag whose contents are no template.
fn verbatim_end(text: &str, mut at: usize, word: &str) -> Option<usize> {
    while let Some(start) = text[at..].find("{%").map(|next| at + next) {
        let inside = &text[start + 2..];
        let end = inside.find("%}")?;
        if first_word(&inside[..end]).strip_prefix("end") == Some(word) {
            return Some(start + 2 + end + 2);
        }
        at = start + 2;
    }
    None
}

#[cfg(test)]
#[path = "balance_tests.rs"]
mod tests;
