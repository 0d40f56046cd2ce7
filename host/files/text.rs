//! Bytes to text: the one rule for every text that packbox reads, whoever wrote it.
//!
//! Always true here: text is UTF-8. Byte order marks of UTF-8 at the beginning are taken, and are no part of the text, so that
//! places count from behind it, as editors count. UTF-16, UTF-32, bytes that are not valid UTF-8 and NUL are refused, with
//! what they are and where. Lines end with LF or CRLF; whoever reads lines sees neither.

use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind};

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What to do about another encoding.
const SAVE_AS: &str = "save it as UTF-8; PowerShell does so with `-Encoding utf8`";

/// Why bytes are no text, and where.
#[derive(Debug, Clone)]
pub struct NotText {
    why: String,
    help: &'static str,
    place: Span,
}

/// Takes the text that bytes are, without a byte order mark.
///
/// # Errors
/// [`NotText`] for another encoding than UTF-8, and for a NUL byte.
pub fn decode(bytes: Vec<u8>) -> Result<String, NotText> {
    let length = text(&bytes)?.len();
    let mut bytes = bytes;
    bytes.drain(..bytes.len() - length);
    String::from_utf8(bytes).map_err(|error| not_utf8(error.as_bytes(), error.utf8_error().valid_up_to()))
}

/// [`decode`] without a copy.
///
/// # Errors
/// As [`decode`].
pub fn text(bytes: &[u8]) -> Result<&str, NotText> {
    if let Some(name) = other_encoding(bytes) {
        let why = format!("the file is encoded as {name}");
        return Err(NotText { why, help: SAVE_AS, place: Span::in_text("", "", 0..0) });
    }
    let mut bytes = bytes;
    // A tool that adds one does not always look whether there is one.
    while let Some(rest) = bytes.strip_prefix(MARK) {
        bytes = rest;
    }
    if let Some(at) = memchr::memchr(0, bytes) {
        let help = "check whether this is the right file; text files contain no NUL bytes";
        return Err(NotText { why: "there is a NUL byte".to_owned(), help, place: place(bytes, at) });
    }
    std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))
}

fn not_utf8(bytes: &[u8], at: usize) -> NotText {
    NotText { why: format!("the byte 0x{:02x} is not valid UTF-8", bytes[at]), help: SAVE_AS, place: place(bytes, at) }
}

/// The encoding of a text that is not UTF-8, from how it begins: with its mark, or with two characters of ASCII.
fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => "UTF-32",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16",
        [1..=0x7f, 0, 1..=0x7f, 0, ..] | [0, 1..=0x7f, 0, 1..=0x7f, ..] => "UTF-16 without a byte order mark",
        _ => return None,
    })
}

/// The place of a byte, with its line as far as it is text.
fn place(bytes: &[u8], at: usize) -> Span {
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
    // Lossy decoding keeps what is valid as it is. What is before the byte may be invalid where the byte is a NUL.
    let before = String::from_utf8_lossy(&bytes[..at]).into_owned();
    let rest = String::from_utf8_lossy(&bytes[at..end]);
    let start = before.len();
    let length = rest.chars().next().map_or(0, char::len_utf8);
    Span::in_text("", &(before + &rest), start..start + length)
}

impl NotText {
    /// Makes it a finding about the file that the user knows as `path`.
    #[must_use]
    pub fn finding(self, rule: &str, path: &str) -> Diagnostic {
        let place = Span { path: path.to_owned(), ..self.place };
        Diagnostic::error(rule, self.why).at(place).help(self.help)
    }

    /// Makes it an error; `what` names the file: "the settings file `x`". No line of the file is shown, as it may hold a
    /// secret.
    #[must_use]
    pub fn error(self, kind: ErrorKind, what: &str, path: &str) -> Error {
        let place = Span { path: path.to_owned(), excerpt: None, ..self.place };
        Error::new(kind, format!("{what} is not text: {}", self.why)).at(place).hint(self.help)
    }
}

impl std::fmt::Display for NotText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let start = self.place.start;
        write!(formatter, "{}, in line {} at column {}; {}", self.why, start.line, start.column, self.help)
    }
}

impl std::error::Error for NotText {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> (String, u32, u32, Option<String>) {
        let finding = decode(bytes.to_vec()).unwrap_err().finding("a/b", "p");
        let span = finding.span.unwrap();
        (finding.message, span.start.line, span.start.column, span.excerpt)
    }

    #[test]
    fn byte_order_marks_are_taken() {
        assert_eq!(decode(b"\xef\xbb\xbfa = 1\r\n".to_vec()).unwrap(), "a = 1\r\n");
        assert_eq!(decode(b"\xef\xbb\xbf".to_vec()).unwrap(), "");
        assert_eq!(decode(b"\xef\xbb\xbf\xef\xbb\xbfa".to_vec()).unwrap(), "a");
        assert_eq!(decode(Vec::new()).unwrap(), "");
        assert_eq!(decode(b"a".to_vec()).unwrap(), "a");
    }

    #[test]
    fn other_encodings_are_named() {
        for (bytes, name) in [
            (&b"\xff\xfea\0"[..], "UTF-16"),
            (b"\xfe\xff\0a", "UTF-16"),
            (b"\xff\xfe\0\0a\0\0\0", "UTF-32"),
            (b"[\0p\0", "UTF-16 without a byte order mark"),
            (b"\0[\0p", "UTF-16 without a byte order mark"),
        ] {
            let (message, line, column, _) = refused(bytes);
            assert_eq!((message, line, column), (format!("the file is encoded as {name}"), 1, 1));
        }
    }

    #[test]
    fn what_is_no_text_is_named_with_its_place() {
        let excerpt = |text: &str| Some(text.to_owned());
        assert_eq!(
            refused(b"a = 1\nb = \"caf\xe9\"\nc = 2"),
            ("the byte 0xe9 is not valid UTF-8".into(), 2, 9, excerpt("b = \"caf\u{fffd}\""))
        );
        assert_eq!(
            refused(b"\xef\xbb\xbf\xe9"),
            ("the byte 0xe9 is not valid UTF-8".into(), 1, 1, excerpt("\u{fffd}"))
        );
        assert_eq!(refused(b"ab\r\nc\0d\n"), ("there is a NUL byte".into(), 2, 2, excerpt("c\0d")));
        assert_eq!(refused(b"\xe9\0"), ("there is a NUL byte".into(), 1, 2, excerpt("\u{fffd}\0")));
    }
}
