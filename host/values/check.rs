//! Values against a type, and what a type expects in words.
//!
//! Always true here: what is wrong is said in a fragment that fits behind the name of what has the value.

use std::fmt;

use serde_json::Value;

use super::kind::{Choice, ItemKind, VariableKind};
use super::pattern::Pattern;
use crate::query::Notation;
use crate::show;
use crate::text::nearest;

/// How many choices are listed in words.
const MAX_LISTED_CHOICES: usize = 12;

/// What is wrong with a value, as a sentence fragment: `must be at most 65535, got 70000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    requirement: String,
    got: Option<String>,
    meant: Option<String>,
}

impl Problem {
    fn new(requirement: impl Into<String>, got: &Value) -> Self {
        Self { got: Some(show::value(got)), ..Self::of_meaning(requirement.into()) }
    }

    /// Says what is wrong with a text that gives no value.
    pub(super) fn of_text(requirement: impl Into<String>, got: &str) -> Self {
        let requirement = requirement.into();
        if got.trim().is_empty() {
            return Self::of_meaning(format!("{requirement}, but is empty"));
        }
        Self::new(requirement, &Value::from(got))
    }

    /// Says that a text could mean several things.
    pub(super) fn of_meaning(requirement: String) -> Self {
        Self { requirement, got: None, meant: None }
    }

    /// Leaves out the value.
    #[must_use]
    pub fn without_value(self) -> Self {
        Self { got: None, meant: None, ..self }
    }

    /// The value that was probably meant.
    #[must_use]
    pub fn meant(&self) -> Option<&str> {
        self.meant.as_deref()
    }

    /// Says that a variable that takes one value was given several.
    pub(crate) fn of_count(count: usize) -> Self {
        Self { got: Some(format!("{count} of them")), ..Self::of_meaning("takes one value".to_owned()) }
    }

    /// Says that a list was given as empty, and with items.
    pub(crate) fn of_contradiction() -> Self {
        Self::of_meaning("is given both items and `[]`: leave one of the two out".to_owned())
    }

    /// Says that an answer is needed, where none was given.
    pub(crate) fn of_no_answer(expectation: &str) -> Self {
        Self::of_meaning(format!("an answer is needed: {expectation}"))
    }

    /// Says that what a pack makes of an answer fails.
    pub(crate) fn of_pack(message: &str) -> Self {
        Self::of_meaning(format!("the pack can't use this answer: {message}"))
    }

    /// Says why a file that was named can't be used.
    pub(crate) fn of_file(why: impl Into<String>) -> Self {
        Self::of_meaning(why.into())
    }

    pub(super) fn of_item(self, index: usize) -> Self {
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

impl VariableKind {
    /// Checks a value against the type and its bounds.
    ///
    /// # Errors
    /// The first bound that it breaks; of a text its length and its pattern.
    pub fn check(&self, value: &Value) -> Result<(), Problem> {
        match self {
            Self::String { pattern, min_length, max_length, multiline: _ } => {
                check_text(value, pattern.as_ref(), *min_length, *max_length)
            }
            Self::Secret => check_text(value, None, None, None),
            Self::Graph => check_graph(value),
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

    /// How many steps of matching a check of the value takes ([`Pattern::steps`]).
    #[must_use]
    pub fn steps(&self, value: &Value) -> u64 {
        match (self, value) {
            (Self::String { pattern: Some(pattern), .. }, Value::String(text)) => pattern.steps(text),
            _ => 0,
        }
    }

    /// Says what is expected, for people: `an integer from 1024 to 65535`; of a list also how it is typed.
    #[must_use]
    pub fn expectation(&self) -> String {
        match self {
            Self::List { items, .. } => format!("{}, {}", self.nature(), items.syntax()),
            _ => self.nature(),
        }
    }

    /// Says what is expected, however it is written.
    #[must_use]
    pub fn nature(&self) -> String {
        match self {
            Self::String { pattern, min_length, max_length, multiline: _ } => {
                let range = range_in_words(*min_length, *max_length, "character");
                let length = range.map(|range| format!(" of {range}")).unwrap_or_default();
                let pattern =
                    pattern.as_ref().map(|pattern| format!(" that matches {}", show::quoted(pattern.as_str())));
                format!("a text{length}{}", pattern.unwrap_or_default())
            }
            Self::Secret => "a secret text".to_owned(),
            Self::Graph => format!("the path of a file with statements, whose name ends in {}", Notation::ENDINGS),
            Self::Integer { min, max } => bounded("an integer", *min, *max),
            Self::Number { min, max } => bounded("a number", *min, *max),
            Self::Boolean => "true or false".to_owned(),
            Self::Choice { choices } => format!("one of {}", list_choices(choices)),
            Self::List { items, min_items, max_items, unique } => {
                let item = match items {
                    ItemKind::String => "text",
                    ItemKind::Integer => "integer",
                    ItemKind::Number => "number",
                    ItemKind::Boolean => "boolean",
                    ItemKind::Table => "table",
                };
                let counted = range_in_words(*min_items, *max_items, item).unwrap_or_else(|| format!("{item}s"));
                let once = if *unique { ", each once" } else { "" };
                format!("a list of {counted}{once}")
            }
        }
    }
}

impl ItemKind {
    pub(super) const fn requirement(self) -> &'static str {
        match self {
            Self::String => "must be a text",
            Self::Integer => "must be an integer",
            Self::Number => "must be a number",
            Self::Boolean => "must be true or false",
            Self::Table => "must be a table",
        }
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
    let mut broken = Vec::new();
    if min.is_some() || max.is_some() {
        let length = text.chars().count() as u64;
        if let Some(min) = min.filter(|min| length < *min) {
            broken.push(format!("must have at least {}", show::count(min, "character")));
        }
        if let Some(max) = max.filter(|max| length > *max) {
            broken.push(format!("must have at most {}", show::count(max, "character")));
        }
    }
    if let Some(pattern) = pattern {
        let (most, shown) = (pattern.most_bytes(), show::quoted(pattern.as_str()));
        if text.len() > most {
            broken.push(format!("must have at most {most} bytes to be matched with {shown}"));
        } else if !pattern.is_match(text) {
            broken.push(format!("must match {shown}"));
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(Problem::new(broken.join(" and "), value)) }
}

/// Checks the path of a file of statements; whether there is one is seen when it is read.
fn check_graph(value: &Value) -> Result<(), Problem> {
    ItemKind::String.check(value)?;
    let path = value.as_str().unwrap_or_default();
    if path.is_empty() || Notation::of_path(path).is_some() {
        return Ok(());
    }
    Err(Problem::new(format!("must be the path of a file whose name ends in {}", Notation::ENDINGS), value))
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
    // Where there is one only, it is named already.
    let near = text.filter(|_| choices.len() > 1).and_then(|text| {
        let labelled = choices.iter().find(|choice| {
            choice.label.as_ref().is_some_and(|label| label.trim().to_lowercase() == text.trim().to_lowercase())
        });
        let labelled = labelled.map(|choice| choice.value.as_str());
        labelled.or_else(|| nearest(text, choices.iter().map(|choice| choice.value.as_str())))
    });
    let meant = near.map(str::to_owned);
    let near = near.map(|near| format!(" (did you mean {}?)", show::quoted(near))).unwrap_or_default();
    Err(Problem { meant, ..Problem::new(format!("must be one of {}{near}", list_choices(choices)), value) })
}

fn check_list(value: &Value, items: ItemKind, range: (Option<u64>, Option<u64>), unique: bool) -> Result<(), Problem> {
    let Some(list) = value.as_array() else { return Err(Problem::new("must be a list", value)) };
    let length = list.len() as u64;
    let got = format!("{length} of them");
    if let Some(min) = range.0.filter(|min| length < *min) {
        let requirement = format!("must have at least {}", show::count(min, "item"));
        return Err(Problem { got: Some(got), ..Problem::of_meaning(requirement) });
    }
    if let Some(max) = range.1.filter(|max| length > *max) {
        let requirement = format!("must have at most {}", show::count(max, "item"));
        return Err(Problem { got: Some(got), ..Problem::of_meaning(requirement) });
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

fn range_in_words(min: Option<u64>, max: Option<u64>, unit: &str) -> Option<String> {
    match (min, max) {
        (Some(min), Some(max)) if min == max => Some(show::count(max, unit)),
        (Some(min), Some(max)) => Some(format!("{min} to {}", show::count(max, unit))),
        (Some(min), None) => Some(format!("at least {}", show::count(min, unit))),
        (None, Some(max)) => Some(format!("at most {}", show::count(max, unit))),
        (None, None) => None,
    }
}
