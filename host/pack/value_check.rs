//! Values of variables: from text, against a declaration, and what a declaration expects in words.
//!
//! Always true here: what is said about a secret never holds its value.

use std::fmt;

use serde_json::Value;

use super::show;
use super::variable::{Choice, ItemKind, Pattern, Variable, VariableKind};
use crate::text::nearest;

/// The longest text that a pattern is tried on, in bytes.
const MAX_MATCHED_BYTES: usize = 64 << 10;

/// How many choices are listed in words.
const MAX_LISTED_CHOICES: usize = 12;

/// What is wrong with a value, as a sentence fragment: `must be at most 65535, got 70000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    requirement: String,
    got: Option<String>,
}

impl Problem {
    fn new(requirement: impl Into<String>, got: &Value) -> Self {
        Self { requirement: requirement.into(), got: Some(show::value(got)) }
    }

    fn about_text(requirement: impl Into<String>, got: &str) -> Self {
        Self::new(requirement, &Value::from(got))
    }

    /// Leaves out the value.
    #[must_use]
    pub fn without_value(self) -> Self {
        Self { got: None, ..self }
    }

    /// Says that a variable that takes one value was given several.
    pub(crate) fn of_count(count: usize) -> Self {
        Self { requirement: "takes one value".to_owned(), got: Some(format!("{count} of them")) }
    }

    fn of_item(self, index: usize) -> Self {
        Self { requirement: format!("item {} {}", index + 1, self.requirement), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.requirement)?;
        match &self.got {
            Some(got) => write!(formatter, ", got {got}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

impl Variable {
    /// Reads a value from text, as it is given on a command line, in the environment or at a prompt, and checks it.
    ///
    /// A list is a JSON array where the text begins with `[`, and else its one item.
    pub fn parse_text(&self, text: &str) -> Result<Value, Problem> {
        let value = self.kind.parse_text(text).map_err(|problem| self.guarded(problem))?;
        self.check(&value)?;
        Ok(value)
    }

    /// Checks a value against the type and its bounds.
    pub fn check(&self, value: &Value) -> Result<(), Problem> {
        self.kind.check(value).map_err(|problem| self.guarded(problem))
    }

    /// Says what is expected, for people: `an integer from 1024 to 65535`.
    #[must_use]
    pub fn expectation(&self) -> String {
        self.kind.expectation()
    }

    fn guarded(&self, problem: Problem) -> Problem {
        if self.is_secret() { problem.without_value() } else { problem }
    }
}

impl VariableKind {
    /// Reads a value from text without checking its bounds.
    pub(crate) fn parse_text(&self, text: &str) -> Result<Value, Problem> {
        match self {
            Self::String { .. } | Self::Secret | Self::Choice { .. } => Ok(Value::from(text)),
            Self::Integer { .. } => ItemKind::Integer.parse_text(text),
            Self::Number { .. } => ItemKind::Number.parse_text(text),
            Self::Boolean => ItemKind::Boolean.parse_text(text),
            Self::List { items, .. } => {
                if text.trim_start().starts_with('[') {
                    let array = serde_json::from_str::<Vec<Value>>(text).map(Value::Array);
                    array.map_err(|error| Problem::about_text(format!("must be a JSON array ({error})"), text))
                } else {
                    Ok(Value::Array(vec![items.parse_text(text)?]))
                }
            }
        }
    }

    pub(crate) fn check(&self, value: &Value) -> Result<(), Problem> {
        match self {
            Self::String { pattern, min_length, max_length, multiline: _ } => {
                check_text(value, pattern.as_ref(), *min_length, *max_length)
            }
            Self::Secret => check_text(value, None, None, None),
            Self::Integer { min, max } => {
                ItemKind::Integer.check(value)?;
                check_bounds(value, value.as_i64().as_ref(), min.as_ref(), max.as_ref())
            }
            Self::Number { min, max } => {
                ItemKind::Number.check(value)?;
                check_bounds(value, value.as_f64().as_ref(), min.as_ref(), max.as_ref())
            }
            Self::Boolean => ItemKind::Boolean.check(value),
            Self::Choice { choices } => check_choice(value, choices),
            Self::List { items, min_items, max_items, unique } => {
                check_list(value, *items, (*min_items, *max_items), *unique)
            }
        }
    }

    fn expectation(&self) -> String {
        match self {
            Self::String { pattern, min_length, max_length, multiline: _ } => {
                let range = range_in_words(*min_length, *max_length);
                let length = range.map(|range| format!(" of {range} characters")).unwrap_or_default();
                let pattern =
                    pattern.as_ref().map(|pattern| format!(" that matches {}", show::quoted(pattern.as_str())));
                format!("a text{length}{}", pattern.unwrap_or_default())
            }
            Self::Secret => "a secret text".to_owned(),
            Self::Integer { min, max } => bounded("an integer", *min, *max),
            Self::Number { min, max } => bounded("a number", *min, *max),
            Self::Boolean => "true or false".to_owned(),
            Self::Choice { choices } => format!("one of {}", list_choices(choices)),
            Self::List { items, min_items, max_items, unique } => {
                let range = range_in_words(*min_items, *max_items).map(|range| range + " ").unwrap_or_default();
                let plural = match items {
                    ItemKind::String => "texts",
                    ItemKind::Integer => "integers",
                    ItemKind::Number => "numbers",
                    ItemKind::Boolean => "booleans",
                    ItemKind::Table => "tables",
                };
                format!("a list of {range}{plural}{}", if *unique { ", each once" } else { "" })
            }
        }
    }
}

impl ItemKind {
    /// Returns the name that a manifest uses for the type.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Table => "table",
        }
    }

    const fn requirement(self) -> &'static str {
        match self {
            Self::String => "must be a text",
            Self::Integer => "must be an integer",
            Self::Number => "must be a number",
            Self::Boolean => "must be true or false",
            Self::Table => "must be a table",
        }
    }

    fn parse_text(self, text: &str) -> Result<Value, Problem> {
        let trimmed = text.trim();
        let value = match self {
            Self::String => Some(Value::from(text)),
            Self::Integer => trimmed.parse::<i64>().ok().map(Value::from),
            // What was written as a whole number stays one, so that it is also printed as it was written.
            Self::Number => trimmed.parse::<i64>().ok().map(Value::from).or_else(|| {
                let number = trimmed.parse().ok().and_then(serde_json::Number::from_f64);
                number.map(Value::Number)
            }),
            Self::Boolean => match trimmed.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Some(Value::from(true)),
                "false" | "no" | "off" | "0" => Some(Value::from(false)),
                _ => None,
            },
            Self::Table => serde_json::from_str::<serde_json::Map<_, _>>(text).ok().map(Value::Object),
        };
        value.ok_or_else(|| {
            let as_json = if self == Self::Table { ", written as a JSON object" } else { "" };
            Problem::about_text(format!("{}{as_json}", self.requirement()), text)
        })
    }

    fn check(self, value: &Value) -> Result<(), Problem> {
        let fits = match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Table => value.is_object(),
        };
        if fits { Ok(()) } else { Err(Problem::new(self.requirement(), value)) }
    }
}

fn check_text(value: &Value, pattern: Option<&Pattern>, min: Option<u64>, max: Option<u64>) -> Result<(), Problem> {
    ItemKind::String.check(value)?;
    let text = value.as_str().unwrap_or_default();
    if min.is_some() || max.is_some() {
        let length = text.chars().count() as u64;
        if let Some(min) = min.filter(|min| length < *min) {
            return Err(Problem::new(format!("must have at least {min} characters"), value));
        }
        if let Some(max) = max.filter(|max| length > *max) {
            return Err(Problem::new(format!("must have at most {max} characters"), value));
        }
    }
    if let Some(pattern) = pattern {
        if text.len() > MAX_MATCHED_BYTES {
            return Err(Problem::new(format!("must have at most {MAX_MATCHED_BYTES} bytes to be matched"), value));
        }
        if !pattern.is_match(text) {
            return Err(Problem::new(format!("must match {}", show::quoted(pattern.as_str())), value));
        }
    }
    Ok(())
}

fn check_bounds<T: PartialOrd + fmt::Display>(
    value: &Value,
    number: Option<&T>,
    min: Option<&T>,
    max: Option<&T>,
) -> Result<(), Problem> {
    if let (Some(number), Some(min)) = (number, min)
        && number < min
    {
        return Err(Problem::new(format!("must be at least {min}"), value));
    }
    if let (Some(number), Some(max)) = (number, max)
        && number > max
    {
        return Err(Problem::new(format!("must be at most {max}"), value));
    }
    Ok(())
}

fn check_choice(value: &Value, choices: &[Choice]) -> Result<(), Problem> {
    let text = value.as_str();
    if choices.iter().any(|choice| Some(choice.value.as_str()) == text) {
        return Ok(());
    }
    let near = text.and_then(|text| nearest(text, choices.iter().map(|choice| choice.value.as_str())));
    let near = near.map(|near| format!(" (did you mean {}?)", show::quoted(near))).unwrap_or_default();
    Err(Problem::new(format!("must be one of {}{near}", list_choices(choices)), value))
}

fn check_list(value: &Value, items: ItemKind, range: (Option<u64>, Option<u64>), unique: bool) -> Result<(), Problem> {
    let Some(list) = value.as_array() else { return Err(Problem::new("must be a list", value)) };
    let length = list.len() as u64;
    let got = format!("{length} of them");
    if let Some(min) = range.0.filter(|min| length < *min) {
        return Err(Problem { requirement: format!("must have at least {min} items"), got: Some(got) });
    }
    if let Some(max) = range.1.filter(|max| length > *max) {
        return Err(Problem { requirement: format!("must have at most {max} items"), got: Some(got) });
    }
    for (index, item) in list.iter().enumerate() {
        items.check(item).map_err(|problem| problem.of_item(index))?;
    }
    if unique {
        let mut seen = std::collections::BTreeMap::new();
        for (index, item) in list.iter().enumerate() {
            if let Some(first) = seen.insert(item.to_string(), index) {
                return Err(Problem::new(format!("must differ from item {}", first + 1), item).of_item(index));
            }
        }
    }
    Ok(())
}

fn list_choices(choices: &[Choice]) -> String {
    let mut listed: Vec<_> =
        choices.iter().take(MAX_LISTED_CHOICES).map(|choice| show::quoted(&choice.value)).collect();
    if choices.len() > MAX_LISTED_CHOICES {
        listed.push("…".to_owned());
    }
    listed.join(", ")
}

fn bounded<T: fmt::Display>(what: &str, min: Option<T>, max: Option<T>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{what} from {min} to {max}"),
        (Some(min), None) => format!("{what} of at least {min}"),
        (None, Some(max)) => format!("{what} of at most {max}"),
        (None, None) => what.to_owned(),
    }
}

fn range_in_words(min: Option<u64>, max: Option<u64>) -> Option<String> {
    match (min, max) {
        (Some(min), Some(max)) => Some(format!("{min} to {max}")),
        (Some(min), None) => Some(format!("at least {min}")),
        (None, Some(max)) => Some(format!("at most {max}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pack::{Manifest, PackLimits};

    fn variable(declaration: &str) -> Variable {
        let text = format!("[pack]\nname = \"a\"\nversion = \"1.0.0\"\n[variables.v]\n{declaration}");
        let mut manifest = Manifest::parse("pack.toml", &text, &PackLimits::default()).unwrap();
        manifest.variables.remove(0)
    }

    fn parsed(declaration: &str, text: &str) -> Value {
        variable(declaration).parse_text(text).unwrap()
    }

    fn problem(declaration: &str, text: &str) -> String {
        variable(declaration).parse_text(text).unwrap_err().to_string()
    }

    #[test]
    fn text_is_read_by_type() {
        assert_eq!(parsed("type = \"string\"", " 1"), json!(" 1"));
        assert_eq!(parsed("type = \"integer\"", " -7 "), json!(-7));
        assert_eq!(parsed("type = \"number\"", "3"), json!(3));
        assert_eq!(parsed("type = \"number\"", "3.50"), json!(3.5));
        assert_eq!(parsed("type = \"boolean\"", "Yes"), json!(true));
        assert_eq!(parsed("type = \"boolean\"", "0"), json!(false));
        assert_eq!(parsed("type = \"secret\"", "x"), json!("x"));
        assert_eq!(parsed("type = \"list\"", "a,b"), json!(["a,b"]));
        assert_eq!(parsed("type = \"list\"", " [\"a\", \"b\"]"), json!(["a", "b"]));
        assert_eq!(parsed("type = \"list\"\nitems = \"integer\"", "7"), json!([7]));
        assert_eq!(parsed("type = \"list\"\nitems = \"table\"", "{\"b\": 1}"), json!([{"b": 1}]));
    }

    #[test]
    fn problems_name_the_bound_and_the_value() {
        assert_eq!(problem("type = \"integer\"\nmax = 65535", "70000"), "must be at most 65535, got 70000");
        assert_eq!(problem("type = \"integer\"\nmin = 1", "0"), "must be at least 1, got 0");
        assert_eq!(problem("type = \"integer\"", "x"), "must be an integer, got \"x\"");
        assert_eq!(
            problem("type = \"integer\"", "9223372036854775808"),
            "must be an integer, got \"9223372036854775808\""
        );
        assert_eq!(problem("type = \"number\"\nmax = 1.5", "2"), "must be at most 1.5, got 2");
        assert_eq!(problem("type = \"number\"", "inf"), "must be a number, got \"inf\"");
        assert_eq!(problem("type = \"boolean\"", "maybe"), "must be true or false, got \"maybe\"");
        assert_eq!(problem("type = \"string\"\nmin_length = 2", "é"), "must have at least 2 characters, got \"é\"");
        assert_eq!(problem("type = \"string\"\nmax_length = 1", "éé"), "must have at most 1 characters, got \"éé\"");
        assert_eq!(problem("type = \"string\"\npattern = \"^a$\"", "ab"), "must match `^a$`, got \"ab\"");
        let choice = "type = \"choice\"\nchoices = [\"postgres\", \"none\"]";
        assert_eq!(
            problem(choice, "postgers"),
            "must be one of `postgres`, `none` (did you mean `postgres`?), got \"postgers\""
        );
        assert_eq!(problem("type = \"list\"\nmin_items = 1", "[]"), "must have at least 1 items, got 0 of them");
        assert_eq!(problem("type = \"list\"\nmax_items = 1", "[1, 2]"), "must have at most 1 items, got 2 of them");
        assert_eq!(problem("type = \"list\"", "[\"a\", 2]"), "item 2 must be a text, got 2");
        assert_eq!(
            problem("type = \"list\"\nunique = true", "[\"a\", \"a\"]"),
            "item 2 must differ from item 1, got \"a\""
        );
        assert!(problem("type = \"list\"", "[1,").starts_with("must be a JSON array ("));
        assert!(problem("type = \"list\"\nitems = \"table\"", "x").contains("written as a JSON object"));
    }

    #[test]
    fn patterns_are_anchored_by_their_author() {
        assert_eq!(parsed("type = \"string\"\npattern = \"b+\"", "abbc"), json!("abbc"));
        assert!(problem("type = \"string\"\npattern = \"^b+$\"", "bb\n").starts_with("must match"));
        assert!(Pattern::new(&"a".repeat(1001)).is_err());
        assert!(Pattern::new("(a{1000}){1000}").is_err());
        let long = "a".repeat(70_000);
        assert!(problem("type = \"string\"\npattern = \"a\"", &long).contains("must have at most 65536 bytes"));
    }

    #[test]
    fn secrets_are_not_repeated() {
        let secret = variable("type = \"secret\"");
        let problem = secret.check(&json!(["hunter2"])).unwrap_err();
        assert_eq!(problem.to_string(), "must be a text");
        assert!(!format!("{problem:?}").contains("hunter2"));
    }

    #[test]
    fn expectations_are_for_people() {
        for (declaration, expected) in [
            ("type = \"integer\"\nmin = 1024\nmax = 65535", "an integer from 1024 to 65535"),
            ("type = \"integer\"\nmin = 1", "an integer of at least 1"),
            ("type = \"number\"\nmax = 1.5", "a number of at most 1.5"),
            ("type = \"string\"", "a text"),
            (
                "type = \"string\"\nmin_length = 1\nmax_length = 9\npattern = \"a\"",
                "a text of 1 to 9 characters that matches `a`",
            ),
            ("type = \"boolean\"", "true or false"),
            ("type = \"choice\"\nchoices = [\"a\", \"b\"]", "one of `a`, `b`"),
            ("type = \"list\"", "a list of texts"),
            (
                "type = \"list\"\nmin_items = 1\nunique = true\nitems = \"table\"",
                "a list of at least 1 tables, each once",
            ),
            ("type = \"secret\"", "a secret text"),
        ] {
            assert_eq!(variable(declaration).expectation(), expected);
        }
    }
}
