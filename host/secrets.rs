//! Values that must not be seen: taken out of what somebody else made of them before it leaves the process.
//!
//! Always true here: only text that a value may have come through is searched, never what packbox itself says. A value of
//! less than [`SHORTEST`] characters is too likely a part of any text to be searched for as one: it is only taken out
//! where it stands for itself.

use std::fmt::{self, Write as _};

/// What a secret is replaced by.
const REPLACEMENT: &str = "[secret]";
/// The shortest value, in characters, that is found anywhere in a text.
pub const SHORTEST: usize = 8;

/// Values that must not be seen. Its `Debug` shows how many there are.
#[derive(Clone, Default)]
pub struct Secrets {
    values: Vec<String>,
    /// What is looked for: the values, and forms that they take in other texts.
    forms: Vec<Form>,
}

#[derive(Clone)]
struct Form {
    text: String,
    is_short: bool,
}

/// Where a short value stands for itself.
#[derive(Clone, Copy)]
enum Alone {
    /// Between two equal quotation marks.
    Quoted,
    /// With no letter or digit beside it.
    Apart,
}

impl Secrets {
    /// Collects values; empty ones are left out.
    pub fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        let mut forms: Vec<String> = values.iter().flat_map(|value| forms(value)).collect();
        // Of several that begin in one place the longest is taken, so that one within another is no help.
        forms.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        forms.dedup();
        let form = |text: String| Form { is_short: is_short(&text), text };
        Self { values, forms: forms.into_iter().map(form).collect() }
    }

    /// Whether there is any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values, longest first.
    pub(crate) fn values(&self) -> &[String] {
        &self.values
    }

    /// Takes secrets out of what a guest says; a short one only where it is quoted.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.replaced(text, Alone::Quoted)
    }

    /// Takes secrets out of contents in which they may well be; a short one wherever it is a word.
    #[must_use]
    pub fn redact_contents(&self, text: &str) -> String {
        self.replaced(text, Alone::Apart)
    }

    /// Whether a name that a guest made has a secret in it; short ones are not looked for.
    #[must_use]
    pub fn are_in(&self, name: &str) -> bool {
        self.forms.iter().any(|form| !form.is_short && name.contains(&form.text))
    }

    fn replaced(&self, text: &str, alone: Alone) -> String {
        let next = |form: &Form, from: usize| {
            let found = text[from..].match_indices(&form.text).map(|(at, _)| from + at);
            found.into_iter().find(|at| !form.is_short || stands_alone(text, *at..*at + form.text.len(), alone))
        };
        let mut ahead: Vec<(&Form, Option<usize>)> = self.forms.iter().map(|form| (form, next(form, 0))).collect();
        let mut replaced = String::with_capacity(text.len());
        let mut at = 0;
        // Forms are in the order of their length, and of equal ones the first is the least.
        while let Some((form, start)) =
            ahead.iter().filter_map(|(form, place)| Some((*form, (*place)?))).min_by_key(|(_, start)| *start)
        {
            replaced.push_str(&text[at..start]);
            replaced.push_str(REPLACEMENT);
            at = start + form.text.len();
            for (form, place) in &mut ahead {
                if place.is_some_and(|place| place < at) {
                    *place = next(form, at);
                }
            }
        }
        replaced.push_str(&text[at..]);
        replaced
    }
}

/// Whether a value is too short to be found anywhere.
#[must_use]
pub fn is_short(value: &str) -> bool {
    value.chars().take(SHORTEST).count() < SHORTEST
}

fn stands_alone(text: &str, range: std::ops::Range<usize>, alone: Alone) -> bool {
    let (before, after) = (text[..range.start].chars().next_back(), text[range.end..].chars().next());
    match alone {
        Alone::Quoted => before == after && before.is_some_and(|mark| matches!(mark, '`' | '"' | '\'')),
        Alone::Apart => {
            let is_word = |beside: Option<char>| beside.is_some_and(|one| one.is_alphanumeric() || one == '_');
            !is_word(before) && !is_word(after)
        }
    }
}

/// A value, and what it looks like in other texts: as JSON, HTML and in an address, and line by line.
fn forms(value: &str) -> Vec<String> {
    let json = serde_json::Value::from(value).to_string();
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut forms = vec![
        json[1..json.len() - 1].to_owned(),
        html.replace('"', "&quot;").replace('\'', "&#x27;"),
        html.replace('"', "&quot;").replace('\'', "&#39;"),
        html,
        encoded(value, false),
        encoded(value, true),
        value.to_owned(),
    ];
    forms.extend(value.lines().map(str::trim).filter(|line| !is_short(line)).map(str::to_owned));
    // A line feed becomes a space where a text is shown on one line.
    forms.push(crate::text::printable_line(value));
    forms
}

/// A value in an address: percent-encoded, in a query with `+` for spaces.
fn encoded(value: &str, in_query: bool) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => text.push(char::from(byte)),
            b' ' if in_query => text.push('+'),
            _ => {
                // Writing to a string does not fail.
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secrets({})", self.values.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(values: &[&str]) -> Secrets {
        Secrets::new(values.iter().map(|value| (*value).to_owned()))
    }

    #[test]
    fn secrets_are_replaced_and_not_shown() {
        let secrets = secrets(&["abcdefgh", "abcdefgh-ijk", ""]);
        assert_eq!(secrets.redact("xabcdefgh-ijk abcdefghabcdefgh"), "x[secret] [secret][secret]");
        assert_eq!(format!("{secrets:?}"), "Secrets(2)");
    }

    #[test]
    fn a_short_one_is_replaced_where_it_stands_for_itself() {
        let secrets = secrets(&["te", "secret", "error"]);
        let said = "error: the template `te` has no \"te\": te";
        assert_eq!(secrets.redact(said), "error: the template `[secret]` has no \"[secret]\": te");
        assert_eq!(secrets.redact_contents("token=te template te_x"), "token=[secret] template te_x");
        assert_eq!(secrets.redact_contents("[secret]"), "[[secret]]");
        assert!(!secrets.are_in("templates/te"));
    }

    #[test]
    fn they_are_found_in_the_forms_that_texts_give_them() {
        let secrets = secrets(&["a\"b\nc&d <é>", "first line\nsecond line"]);
        for form in ["a\\\"b\\nc&d <é>", "a&quot;b\nc&amp;d &lt;é&gt;", "a%22b%0Ac%26d%20%3C%C3%A9%3E", "a\"b c&d <é>"]
        {
            assert_eq!(secrets.redact(&format!("x {form} y")), "x [secret] y", "{form}");
        }
        // As a diff shows it.
        assert_eq!(secrets.redact_contents("+first line\n+second line\n"), "+[secret]\n+[secret]\n");
        assert!(secrets.are_in("out/second line.txt"));
    }
}
