//! A JSON parser that remembers where everything stands.
//!
//! Always true here: positions are byte offsets into the text; numbers keep their spelling; objects keep their order; a
//! key that stands twice in an object is an error; nesting is at most [`MAX_DEPTH`] deep, so that a reader may recurse.

use std::collections::BTreeMap;
use std::ops::Range;

/// How deep lists and objects may nest.
pub(crate) const MAX_DEPTH: usize = 128;

/// A value and its place.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    /// Byte offsets of the value's text.
    pub(crate) range: Range<usize>,
}

/// A value.
#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// As it is spelled.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// A key and its value.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) key: String,
    /// Byte offsets of the key's text, quotes included.
    pub(crate) key_range: Range<usize>,
    pub(crate) node: Node,
}

/// A text is not JSON.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    pub(crate) range: Range<usize>,
    /// Where the key stood first, if it stands twice.
    pub(crate) first: Option<Range<usize>>,
}

impl Node {
    /// Returns the members of an object; none for anything else.
    pub(crate) fn members(&self) -> &[Member] {
        if let Value::Object(members) = &self.value { members } else { &[] }
    }

    /// Returns the elements of a list; none for anything else.
    pub(crate) fn elements(&self) -> &[Node] {
        if let Value::List(elements) = &self.value { elements } else { &[] }
    }

    /// Finds a member of an object.
    pub(crate) fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.key == key)
    }

    /// Finds the value of a member of an object.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.member(key).map(|member| &member.node)
    }

    /// Returns a string's text.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// Names the kind of value, with its article.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::Text(_) => "a string",
            Value::List(_) => "an array",
            Value::Object(_) => "an object",
        }
    }
}

/// Parses a text.
pub(crate) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0 };
    let node = parser.value(0)?;
    parser.skip_blanks();
    if parser.at < text.len() {
        return Err(parser.error_here("unexpected text after the document"));
    }
    Ok(node)
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn value(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        self.skip_blanks();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{' | b'[') if depth == MAX_DEPTH => {
                return Err(self.error_here(&format!("nested more than {MAX_DEPTH} levels deep")));
            }
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Value::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'a'..=b'z') => self.word()?,
            Some(_) => return Err(self.error_here("expected a JSON value")),
            None => return Err(self.error_here("the document ends where a JSON value is expected")),
        };
        Ok(Node { value, range: start..self.at })
    }

    fn object(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        self.at += 1;
        let mut members: Vec<Member> = Vec::new();
        let mut seen: BTreeMap<String, Range<usize>> = BTreeMap::new();
        self.skip_blanks();
        if self.take(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_blanks();
            let key_start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.error_here("expected a key in double quotes"));
            }
            let key = self.string()?;
            let key_range = key_start..self.at;
            if let Some(first) = seen.insert(key.clone(), key_range.clone()) {
                let message = format!("the key `{key}` appears twice in this object");
                return Err(SyntaxError { message, range: key_range, first: Some(first) });
            }
            self.skip_blanks();
            if !self.take(b':') {
                return Err(self.error_here("expected `:`"));
            }
            members.push(Member { key, key_range, node: self.value(depth + 1)? });
            self.skip_blanks();
            if self.take(b'}') {
                return Ok(Value::Object(members));
            }
            if !self.take(b',') {
                return Err(self.error_here("expected `,` or `}`"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        self.at += 1;
        let mut elements = Vec::new();
        self.skip_blanks();
        if self.take(b']') {
            return Ok(Value::List(elements));
        }
        loop {
            elements.push(self.value(depth + 1)?);
            self.skip_blanks();
            if self.take(b']') {
                return Ok(Value::List(elements));
            }
            if !self.take(b',') {
                return Err(self.error_here("expected `,` or `]`"));
            }
        }
    }

    fn string(&mut self) -> Result<String, SyntaxError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let run = self.at;
            while self.peek().is_some_and(|byte| byte != b'"' && byte != b'\\' && byte >= 0x20) {
                self.at += 1;
            }
            text.push_str(&self.text[run..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => return Err(self.error_here("control characters must be escaped in a string")),
                None => return Err(self.error(start, "the string does not end")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let start = self.at;
        let character = match self.bytes.get(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return Err(self.error(start, "unknown escape")),
        };
        self.at += 2;
        Ok(character)
    }

    fn unicode_escape(&mut self) -> Result<char, SyntaxError> {
        let start = self.at;
        let mut code = self.code_unit()?;
        if (0xD800..0xDC00).contains(&code) && self.text[self.at..].starts_with("\\u") {
            let low = self.code_unit()?;
            if (0xDC00..0xE000).contains(&low) {
                code = 0x1_0000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            }
        }
        char::from_u32(code).ok_or_else(|| self.error(start, "half of a surrogate pair"))
    }

    /// Reads `\uXXXX`.
    fn code_unit(&mut self) -> Result<u32, SyntaxError> {
        let digits =
            self.text.get(self.at + 2..self.at + 6).filter(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| self.error(self.at, "expected four hexadecimal digits"))?;
        self.at += 6;
        Ok(code)
    }

    fn number(&mut self) -> Result<Value, SyntaxError> {
        let start = self.at;
        self.take(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let mut valid =
            self.digits() > 0 && !(leading_zero && self.at - start > usize::from(self.bytes[start] == b'-') + 1);
        if self.take(b'.') {
            valid &= self.digits() > 0;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            valid &= self.digits() > 0;
        }
        if valid {
            Ok(Value::Number(self.text[start..self.at].to_owned()))
        } else {
            Err(self.error(start, "not a number"))
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn word(&mut self) -> Result<Value, SyntaxError> {
        for (word, value) in [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.error_here("expected a JSON value"))
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// An error about the one character that stands here.
    fn error_here(&self, message: &str) -> SyntaxError {
        let length = self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        SyntaxError { message: message.to_owned(), range: self.at..self.at + length, first: None }
    }

    /// An error about what stands between a place and here.
    fn error(&self, start: usize, message: &str) -> SyntaxError {
        SyntaxError {
            message: message.to_owned(),
            range: start..self.at.max(start + 1).min(self.text.len()),
            first: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> (String, Range<usize>) {
        let error = parse(text).unwrap_err();
        (error.message, error.range)
    }

    #[test]
    fn values_know_their_places() {
        let node = parse(" {\"a\": [1, -2.5e3], \"é\": \"\\u00e9\\ud83d\\ude00\\n\"} ").unwrap();
        assert_eq!(node.range, 1..49);
        let list = node.get("a").unwrap();
        assert_eq!(list.range, 7..18);
        assert!(matches!(&list.elements()[1].value, Value::Number(text) if text == "-2.5e3"));
        assert_eq!(node.member("é").unwrap().key_range, 20..24);
        assert_eq!(node.get("é").unwrap().text(), Some("é😀\n"));
    }

    #[test]
    fn mistakes_are_found_where_they_are() {
        assert_eq!(message("{\"a\" 1}"), ("expected `:`".to_owned(), 5..6));
        assert_eq!(message("[1,]"), ("expected a JSON value".to_owned(), 3..4));
        assert_eq!(message("[1 2]").0, "expected `,` or `]`");
        assert_eq!(message("{a: 1}"), ("expected a key in double quotes".to_owned(), 1..2));
        assert_eq!(message("\"abc"), ("the string does not end".to_owned(), 0..4));
        assert_eq!(message("\"\\u12\"").0, "expected four hexadecimal digits");
        assert_eq!(message("\"\\ud83d\"").0, "half of a surrogate pair");
        assert_eq!(message("\"a\nb\"").0, "control characters must be escaped in a string");
        assert_eq!(message("01"), ("not a number".to_owned(), 0..2));
        assert_eq!(message("-").0, "not a number");
        assert_eq!(message("1.").0, "not a number");
        assert_eq!(message("nul").0, "expected a JSON value");
        assert_eq!(message("1 é"), ("unexpected text after the document".to_owned(), 2..4));
        assert_eq!(message("").1, 0..0);
    }

    #[test]
    fn a_key_that_stands_twice_is_an_error() {
        let error = parse("{\"a\": 1, \"a\": 2}").unwrap_err();
        assert_eq!((error.range, error.first), (9..12, Some(1..4)));
    }

    #[test]
    fn nesting_is_limited() {
        assert!(parse(&format!("{}1{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH))).is_ok());
        assert_eq!(message(&"[".repeat(100_000)).0, "nested more than 128 levels deep");
    }
}
