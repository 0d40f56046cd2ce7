//! What ends the lines of a file, for merges that compare bytes: [`LineEnd`].
//!
//! Always true here: a text whose lines all end in the same way is the same again once its ends were taken and given back.

use std::borrow::Cow;

/// What ends all lines of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// A line feed.
    Lf,
    /// A carriage return and a line feed.
    CrLf,
}

impl LineEnd {
    /// What ends the lines of a text; none where they end in different ways, or there is only one without an end.
    pub fn of(text: &[u8]) -> Option<Self> {
        let mut ends = ends(text).map(|is_crlf| if is_crlf { Self::CrLf } else { Self::Lf });
        let first = ends.next()?;
        ends.all(|end| end == first).then_some(first)
    }

    /// A text whose lines end with line feeds, with these ends; as it is where there are none.
    pub fn given_to(ends: Option<Self>, text: Vec<u8>) -> Vec<u8> {
        if ends != Some(Self::CrLf) {
            return text;
        }
        let mut given = Vec::with_capacity(text.len() + text.len() / 16);
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(line) => {
                    given.extend_from_slice(line);
                    given.extend_from_slice(b"\r\n");
                }
                None => given.extend_from_slice(line),
            }
        }
        given
    }
}

/// A text with a line feed in place of each carriage return and line feed.
pub(super) fn with_lf(text: &[u8]) -> Cow<'_, [u8]> {
    if !ends(text).any(|is_crlf| is_crlf) {
        return Cow::Borrowed(text);
    }
    let mut taken = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => {
                taken.extend_from_slice(line);
                taken.push(b'\n');
            }
            None => taken.extend_from_slice(line),
        }
    }
    Cow::Owned(taken)
}

/// The ends of lines: whether a carriage return is before each line feed.
fn ends(text: &[u8]) -> impl Iterator<Item = bool> {
    text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")).map(|line| line.ends_with(b"\r\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_taken_and_given_back() {
        for (text, end) in [("a\r\nb\r\n", LineEnd::CrLf), ("a\r\n\r\r\nb\rc", LineEnd::CrLf), ("a\n\nb", LineEnd::Lf)]
        {
            assert_eq!(LineEnd::of(text.as_bytes()), Some(end), "{text:?}");
            let taken = with_lf(text.as_bytes()).into_owned();
            assert_eq!(LineEnd::given_to(Some(end), taken), text.as_bytes(), "{text:?}");
        }
        assert_eq!(with_lf(b"a\r\nb\n\rc\r"), &b"a\nb\n\rc\r"[..]);
        for text in ["", "one", "one\r", "a\r\nb\n", "a\nb\r\n"] {
            assert_eq!(LineEnd::of(text.as_bytes()), None, "{text:?}");
        }
    }
}
