//! Whether texts are what they have to be in a graph.
//!
//! Always true here: each takes time in proportion to the text; what passes can be written between `<` and `>`, or after `_:`, `@` or `?`,
//! and is still one term.

/// Characters that no IRI has, beside blanks and control characters.
const NOT_IN_IRIS: &[char] = &['<', '>', '"', '{', '}', '|', '\\', '^', '`'];

/// Whether a text is an absolute IRI: a scheme, a colon, and none of the characters that an IRI has not.
#[must_use]
pub fn is_iri(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else { return false };
    let in_scheme = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.');
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.chars().all(in_scheme)
        && !text.chars().any(|letter| letter <= ' ' || letter.is_control() || NOT_IN_IRIS.contains(&letter))
}

/// Whether a text is a label of a blank node.
#[must_use]
pub fn is_label(text: &str) -> bool {
    let fine = |letter: char| is_in_name(letter) || matches!(letter, '-' | '.' | ':');
    text.chars().all(fine)
        && text.starts_with(|first: char| first.is_alphanumeric() || matches!(first, '_' | ':'))
        && !text.ends_with('.')
}

/// Whether a text is a language tag: `en`, `de-CH`.
#[must_use]
pub fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let short = |part: &str| (1..=8).contains(&part.len());
    parts.next().is_some_and(|first| short(first) && first.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && parts.all(|part| short(part) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether a text is a name of a variable, without `?`.
#[must_use]
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_in_name)
}

/// Letters, digits, and what may follow them in names.
fn is_in_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_term_is_in_none() {
        for fine in ["http://e.example/a#b", "urn:x", "tag:a,2020:ü", "a:", "file:///a%20b"] {
            assert!(is_iri(fine), "{fine}");
        }
        for wrong in
            ["", "a", "a b:c", "http://e/a b", "http://e/>", "1a:b", ":b", "http://e/\u{0}", "http://e/\u{85}", "x:\\"]
        {
            assert!(!is_iri(wrong), "{wrong}");
        }
        assert!(["b0", "_x", "a.b-c", "0", "ä"].into_iter().all(is_label));
        assert!(!["", "-a", "a.", "a b", "a>", ".", "_:\n"].into_iter().any(is_label));
        assert!(["en", "de-CH", "x-1996"].into_iter().all(is_language));
        assert!(!["", "-", "en-", "e n", "1", "en_US", "toolongtag"].into_iter().any(is_language));
        assert!(["a", "_", "ä1", "1"].into_iter().all(is_name));
        assert!(!["", "a b", "?a", "a-b", "a}"].into_iter().any(is_name));
    }
}
