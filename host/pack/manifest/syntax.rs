//! The text of a TOML document, from bytes to a tree: encoding, nesting, syntax.
//!
//! Always true here: what comes out is at most [`MAX_NESTING`] brackets and dots deep, so that walking or dropping it
//! cannot exhaust the stack. (The `toml` crate bounds brackets and dotted keys by 80 each, but not their product: 12 KB
//! of dotted keys in inline tables are 6,000 levels, which is enough to abort the process.)

use std::ops::Range;

use toml::de::DeTable;
use toml_parser::decoder::Encoding;
use toml_parser::parser::EventReceiver;
use toml_parser::{ErrorSink, Source, Span};

use crate::diagnostic::{Diagnostic, Span as Place};
use crate::files;
use crate::text::{nearest, printable_line, without_credentials};

/// How many brackets and dots of keys may be nested.
const MAX_NESTING: usize = 100;

/// How many syntax errors are reported at once.
const MAX_SYNTAX_ERRORS: usize = 10;

/// How many tokens a stranger's document may have: words, signs and the space between them. The tree takes some 100 bytes for each.
const MAX_TOKENS: usize = 1_000_000;

/// Above this size only the first syntax error is looked for: a hostile text has as many errors as bytes.
const MAX_RECOVERY_BYTES: usize = 64 << 10;

/// Takes the text of a document called `path`.
pub(crate) fn decode(path: &str, bytes: Vec<u8>) -> Result<String, Box<Diagnostic>> {
    files::decode(bytes).map_err(|error| Box::new(error.finding("manifest/syntax", path)))
}

/// Checks that the tree of a stranger's document called `path` will not take too much memory.
pub(crate) fn check_size(path: &str, text: &str) -> Result<(), Vec<Diagnostic>> {
    let Some(token) = Source::new(text).lex().nth(MAX_TOKENS) else { return Ok(()) };
    let message = format!("the document has more than {MAX_TOKENS} tokens (words, punctuation and spaces)");
    let place = Place::in_text(path, text, token.span().start()..token.span().end());
    let finding = Diagnostic::error("manifest/syntax", message).at(place);
    Err(vec![finding.help("split the pack, or remove entries and blank space; this limit can't be raised")])
}

/// Parses a document called `path`.
pub(crate) fn parse<'t>(path: &str, text: &'t str) -> Result<DeTable<'t>, Vec<Diagnostic>> {
    if let Some(place) = too_deep(text) {
        let message = format!("brackets and dotted keys are nested more than {MAX_NESTING} deep");
        return Err(vec![Diagnostic::error("manifest/syntax", message).at(Place::in_text(path, text, place))]);
    }
    let errors = if text.len() > MAX_RECOVERY_BYTES {
        match DeTable::parse(text) {
            Ok(table) => return Ok(table.into_inner()),
            Err(error) => vec![error],
        }
    } else {
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Ok(table.into_inner());
        }
        errors
    };
    let mut findings: Vec<Diagnostic> = Vec::new();
    let mut places: Vec<_> = errors.iter().map(|error| (error.span().unwrap_or(0..0), error.message())).collect();
    places.sort_by_key(|(place, _)| place.start);
    let mut line_end = None;
    let mut told_header = false;
    for (place, message) in places {
        // The parser goes on behind an error; what it says about the rest of the line is seldom of use.
        if line_end.is_some_and(|end| place.start <= end) {
            continue;
        }
        let rest = text.get(place.start..).and_then(|rest| rest.find('\n'));
        line_end = Some(rest.map_or(text.len(), |length| place.start + length));
        let message = message.trim_end().replace('\n', ", ");
        let (line, header) = (line_at(text, place.start), header_before(text, place.start));
        if message == "duplicate key" && header == "[templates]" {
            // Each entry has the keys of the one before it, which is one mistake.
            if !told_header {
                told_header = true;
                let help = "write `[[templates]]`, with two brackets, for each entry";
                let message = "`[templates]` appears more than once";
                let finding = Diagnostic::error("manifest/syntax", message).at(Place::in_text(path, text, place));
                findings.push(finding.help(help));
            }
            continue;
        }
        let mut finding = Diagnostic::error("manifest/syntax", message);
        finding.help = in_quotes(line, &finding.message);
        findings.push(finding.at(Place::in_text(path, text, place)));
        if findings.len() == MAX_SYNTAX_ERRORS {
            break;
        }
    }
    Err(findings)
}

/// Reads packbox's own document called `path` as a type that derives its form, such as `registries.toml`; the first error has its place.
pub(crate) fn typed<T: serde::de::DeserializeOwned>(path: &str, text: &str) -> Result<T, Box<Diagnostic>> {
    if let Some(mut finding) = parse(path, text).err().and_then(|findings| findings.into_iter().next()) {
        hide_credentials(&mut finding);
        return Err(Box::new(finding));
    }
    toml::from_str(text).map_err(|error| {
        let message = printable_line(error.message().trim_end());
        let (message, help) = match message.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) {
            Some((key, expected)) => {
                let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
                let help = match nearest(key, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the keys are {}", known.join(", ")),
                };
                (format!("unknown key `{key}`"), Some(help))
            }
            None => (message.replacen("missing field `", "there is no key `", 1), None),
        };
        let place = Place::in_text(path, text, error.span().unwrap_or(0..0));
        let mut finding = Diagnostic { help, ..Diagnostic::error("manifest/value", message).at(place) };
        hide_credentials(&mut finding);
        Box::new(finding)
    })
}

/// Takes names and passwords out of the addresses that a finding tells, and away the lines that have any.
pub(crate) fn hide_credentials(finding: &mut Diagnostic) {
    for text in std::iter::once(&mut finding.message).chain(&mut finding.help) {
        if let Some(told) = without_credentials(text) {
            *text = told;
        }
    }
    for span in finding.span.iter_mut().chain(&mut finding.related) {
        span.excerpt.take_if(|line| without_credentials(line).is_some());
    }
}

/// The line that a place is in.
fn line_at(text: &str, place: usize) -> &str {
    let before = text.get(..place).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default()
}

/// The header of the table that a place is in; its own line counts.
fn header_before(text: &str, place: usize) -> &str {
    let end = text.get(place..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| place + length);
    let lines = text.get(..end).unwrap_or(text).lines().rev().map(str::trim);
    lines.into_iter().find(|line| line.starts_with('[')).unwrap_or_default()
}

/// What to write where quotes were forgotten: around a value, or around a key such as a rule's.
fn in_quotes(line: &str, message: &str) -> Option<String> {
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    let is_plain = |text: &str| !text.is_empty() && !text.contains(['"', '\'', '\\', '#', '[', '{']);
    if message.starts_with("string values must be quoted") && is_plain(value) {
        // The value may be a secret that somebody answers with.
        return Some(format!("write the text in quotes: `{key} = \"…\"`"));
    }
    (is_plain(key) && key.contains('/')).then(|| format!("write the key in quotes: `\"{key}\" = …`"))
}

/// Finds where open brackets, and the dots of the keys before each, add up to more than the tree may be deep.
fn too_deep(text: &str) -> Option<Range<usize>> {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut nesting = Nesting::default();
    toml_parser::parser::parse_document(&tokens, &mut nesting, &mut ());
    nesting.exceeded
}

/// Adds up how deep the tree would be, from the same events that the tree is built from.
///
/// It errs on the safe side in broken documents: a key counts with the most dots that any key of its table has, and
/// only a closing bracket ends a table.
#[derive(Default)]
struct Nesting {
    /// For each open bracket the most dots that a key before it has in its table.
    open: Vec<usize>,
    outer_dots: usize,
    most_dots: usize,
    dots: usize,
    key_goes_on: bool,
    exceeded: Option<Range<usize>>,
}

impl Nesting {
    fn enter(&mut self, span: Span) -> bool {
        self.open.push(self.most_dots);
        self.outer_dots += self.most_dots;
        self.most_dots = 0;
        self.check(span);
        self.exceeded.is_none()
    }

    fn leave(&mut self) {
        if let Some(dots) = self.open.pop() {
            self.outer_dots -= dots;
            self.most_dots = dots;
        }
    }

    fn check(&mut self, span: Span) {
        if self.open.len() + self.outer_dots + self.most_dots > MAX_NESTING {
            self.exceeded.get_or_insert(span.start()..span.end());
        }
    }
}

impl EventReceiver for Nesting {
    fn inline_table_open(&mut self, span: Span, _: &mut dyn ErrorSink) -> bool {
        self.enter(span)
    }

    fn inline_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.leave();
    }

    fn array_open(&mut self, span: Span, _: &mut dyn ErrorSink) -> bool {
        self.enter(span)
    }

    fn array_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.leave();
    }

    fn simple_key(&mut self, _: Span, _: Option<Encoding>, _: &mut dyn ErrorSink) {
        if !std::mem::take(&mut self.key_goes_on) {
            self.dots = 0;
        }
    }

    fn key_sep(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.key_goes_on = true;
        self.dots += 1;
        self.most_dots = self.most_dots.max(self.dots);
        self.check(span);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<(u32, String)> {
        parse("pack.toml", text)
            .unwrap_err()
            .into_iter()
            .map(|finding| (finding.span.unwrap().start.line, finding.message))
            .collect()
    }

    #[test]
    fn every_broken_line_is_reported_once() {
        let found = messages("[pack]\nname = x\nversion = 1.0.0\n[[templates]]\nsource = \"a\nwhen == 3\n");
        let lines: Vec<_> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 3, 5, 6], "{found:?}");
    }

    #[test]
    fn duplicate_keys_are_errors() {
        assert_eq!(messages("a = 1\na = 2\n"), [(2, "duplicate key".to_owned())]);
    }

    #[test]
    fn deep_documents_are_refused_before_they_are_parsed() {
        let dotted = "a.".repeat(78) + "a";
        let product = format!("{dotted}=") + &format!("{{{dotted}=").repeat(78) + "1" + &"}".repeat(78);
        for hostile in [
            "[".repeat(100_000),
            format!("a={}", "[".repeat(100_000)),
            format!("a={}", "{a=".repeat(100_000)),
            format!("{}a=1", "a.".repeat(100_000)),
            format!("[{}a]", "a.".repeat(100_000)),
            product,
            // A parser that recovers from errors must not be led to lose count.
            format!("{dotted}={{{}", format!("{dotted}=]1 2{{").repeat(78)),
        ] {
            let found = messages(&hostile);
            assert!(found[0].1.contains("nested more than 100") || hostile.starts_with('['), "{found:?}");
        }
    }

    #[test]
    fn ordinary_documents_are_not_deep() {
        let entry = "[a.b.c]\nx.y = 1.5\nz = [[1.0, 2.0], { p.q = \"....[[[[\" }] # [[[[...\n";
        let long: String = (0..500).map(|at| entry.replace("a.b.c", &format!("a.b.c{at}"))).collect();
        assert!(parse("pack.toml", &long).is_ok());
    }
}
