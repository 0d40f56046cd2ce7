//! Small functions over text: what is safe to show, which names are the same, sizes and durations as people write them;
//! in `text/near.rs` what was probably meant, and in `text/addresses.rs` what is hidden of addresses.

mod addresses;
mod near;

use std::time::Duration;

pub use addresses::without_credentials;
pub use near::{meant, nearest};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Bytes of what a parser says of a text that are shown.
const LONGEST_MISTAKE: usize = 300;

/// Makes a name of `a-z`, `0-9` and `-` from what people call something: `My Pack` becomes `my-pack`; none where nothing of
/// that is in it.
#[must_use]
pub fn dashed(text: &str) -> Option<String> {
    let mut name = String::new();
    let (mut is_apart, mut was_lower) = (false, false);
    for character in text.nfd().filter(|character| !is_combining_mark(*character)) {
        if !character.is_ascii_alphanumeric() {
            (is_apart, was_lower) = (true, false);
            continue;
        }
        if !name.is_empty() && (is_apart || (was_lower && character.is_ascii_uppercase())) {
            name.push('-');
        }
        (is_apart, was_lower) = (false, character.is_ascii_lowercase());
        name.push(character.to_ascii_lowercase());
    }
    name.truncate(64);
    let name = name.trim_end_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}

/// Replaces control characters other than tab and line feed, and the invisible characters that reorder text, by `�`, so
/// that text of a stranger cannot drive a terminal or hide what it says.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|character| if is_hidden(character) { '\u{fffd}' } else { character }).collect()
}

/// [`printable`] on one line: line feeds and tabs become spaces.
#[must_use]
pub fn printable_line(text: &str) -> String {
    printable(text).replace(['\n', '\t'], " ")
}

/// Whether a character controls a terminal, or reorders or hides text; tab and line feed do not. Tags spell what nobody sees.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(
            character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// Names one after the other, with commas and an `and`.
#[must_use]
pub fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Bytes that a value of JSON takes in memory beside its text.
const JSON_VALUE: u64 = 72;

/// Bytes that JSON takes in memory once it is parsed, at the most.
#[must_use]
pub fn json_weight(json: &[u8]) -> u64 {
    let (mut is_text, mut is_escaped, mut values) = (false, false, 1_u64);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b',' | b'[' | b'{' | b':' if !is_text => values += 1,
            _ => {}
        }
    }
    json.len() as u64 + values * JSON_VALUE
}

/// Cuts a text to so many bytes, at a character; what was cut shows as `…`.
#[must_use]
pub fn shortened(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
        text.shrink_to_fit();
    }
    text
}

/// What is wrong with a JSON text, in a line: of a value that is repeated its beginning, and where it stands.
#[must_use]
pub fn of_json(error: &serde_json::Error) -> String {
    let said = printable_line(&error.to_string());
    let place = format!(" at line {} column {}", error.line(), error.column());
    match said.strip_suffix(&place) {
        Some(said) => shortened(said.to_owned(), LONGEST_MISTAKE) + &place,
        None => shortened(said, LONGEST_MISTAKE),
    }
}

/// Makes a key that is equal for all names that a file system which ignores case or normalization takes for one.
///
/// This is canonical caseless matching (Unicode, definition D145) with a coarser folding: each character to upper case
/// and back to lower case, which is the full case folding and besides maps the dotless i to i. It needs no folding
/// table of its own and follows the standard library's Unicode version. It errs on the side of calling two names the
/// same.
pub(crate) fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let once = |text: &str| text.nfd().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect::<String>();
    once(&once(name)).nfc().collect()
}

/// Writes a number of bytes the way people do: `0 B`, `64 KiB`, `1.5 MiB`.
#[must_use]
pub fn format_bytes(bytes: u64) -> String {
    let mut unit = 0;
    let mut divisor = 1_u64;
    while unit < 4 && bytes / divisor >= 1024 {
        divisor *= 1024;
        unit += 1;
    }
    let name = ["B", "KiB", "MiB", "GiB", "TiB"][unit];
    if bytes.is_multiple_of(divisor) {
        format!("{} {name}", bytes / divisor)
    } else {
        #[expect(clippy::cast_precision_loss, reason = "one digit is shown")]
        let value = bytes as f64 / divisor as f64;
        format!("{value:.1} {name}")
    }
}

/// Parses a number of bytes: digits and one of `B`, `KB`, `MB`, `GB` (powers of 1000), `KiB`, `MiB`, `GiB` (powers of
/// 1024), or none.
#[must_use]
pub fn parse_bytes(text: &str) -> Option<u64> {
    let (number, unit) = split_number(text)?;
    let factor = match unit {
        "" | "B" => 1,
        "KB" | "kB" => 1000,
        "MB" => 1000 * 1000,
        "GB" => 1000 * 1000 * 1000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// Parses a duration: digits and one of `ms`, `s`, `m`.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = split_number(text)?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        _ => None,
    }
}

/// Writes a duration as [`parse_duration`] reads it: `250ms`, `90s`, `5m`.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let (seconds, rest) = (duration.as_secs(), duration.subsec_nanos());
    match (seconds, rest) {
        (1.., 0) if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        (1.., 0) => format!("{seconds}s"),
        _ => format!("{}ms", duration.as_millis()),
    }
}

fn split_number(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let digits = text.find(|character: char| !character.is_ascii_digit() && character != '_').unwrap_or(text.len());
    Some((text[..digits].replace('_', "").parse().ok()?, text[digits..].trim_start()))
}

/// Whether a word stands in a text, and not as a part of another.
pub(crate) fn has_word(text: &[u8], word: &[u8]) -> bool {
    let is_inner =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii());
    text.windows(word.len()).enumerate().any(|(at, found)| {
        found == word
            && !is_inner(at.checked_sub(1).and_then(|at| text.get(at)))
            && !is_inner(text.get(at + word.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_shown_as_replacement_characters() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}\n"), "a\u{fffd}[31mb\u{fffd}\n");
        assert_eq!(printable_line("a\nb\tc"), "a b c");
    }

    #[test]
    fn names_are_made_of_what_people_call_things() {
        for (text, name) in [
            ("My Pack", "my-pack"),
            ("my_pack", "my-pack"),
            ("MyPack2Go", "my-pack2go"),
            ("HTTP  API!", "http-api"),
            ("-Café/../x-", "cafe-x"),
        ] {
            assert_eq!(dashed(text).as_deref(), Some(name), "{text}");
        }
        assert_eq!(dashed(" ✨ "), None);
        assert_eq!(dashed(&"a ".repeat(99)).map(|name| name.len()), Some(63));
    }

    #[test]
    fn sizes_and_durations_round_trip() {
        assert_eq!(parse_bytes("64MiB"), Some(64 << 20));
        assert_eq!(parse_bytes("1 KB"), Some(1000));
        assert_eq!(parse_bytes("99999999999999999999"), None);
        assert_eq!(parse_bytes("-1"), None);
        assert_eq!(format_bytes(1536), "1.5 KiB");
        assert_eq!(format_bytes(64 << 20), "64 MiB");
        assert_eq!(parse_duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(parse_duration("2"), None);
        for text in ["0ms", "250ms", "1500ms", "90s", "5m"] {
            assert_eq!(parse_duration(text).map(format_duration).as_deref(), Some(text));
        }
    }

    #[test]
    fn names_that_a_file_system_may_confuse_fold_to_one() {
        for (left, right) in [
            ("README.md", "readme.MD"),
            ("Stra\u{df}e", "STRASSE"),
            ("\u{e9}", "E\u{301}"),
            ("\u{3c3}\u{3c2}", "\u{3a3}\u{3a3}"),
            ("\u{212a}elvin", "kelvin"),
            ("\u{17f}", "S"),
            ("\u{1e9e}", "ss"),
            ("\u{fb01}x", "FIX"),
            ("\u{345}", "\u{3b9}"),
            ("\u{13a0}", "\u{ab70}"),
        ] {
            assert_eq!(fold(left), fold(right), "{left} {right}");
        }
        for (left, right) in [("a", "b"), ("\u{e9}", "e"), ("\u{2460}", "1")] {
            assert_ne!(fold(left), fold(right), "{left} {right}");
        }
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        assert_eq!(shortened("abc".into(), 3), "abc");
        assert_eq!(shortened("abcd".into(), 3), "abc…");
        assert_eq!(shortened("aéé".into(), 2), "a…");
    }

    #[test]
    fn folding_is_stable() {
        for character in (0..=0x0001_ffff).filter_map(char::from_u32) {
            let folded = fold(&character.to_string());
            assert_eq!(fold(&folded), folded, "U+{:04X}", u32::from(character));
        }
    }
}
