//! What a pack asks a user for: the declaration of a variable.
//!
//! Always true here: a declared default or example satisfies its own constraints; bounds are not contradictory.

use std::fmt;
use std::ops::Range;

use serde_json::Value;

use super::manifest::Spanned;
use super::names::VariableName;

/// The longest pattern, in bytes.
pub(crate) const MAX_PATTERN_BYTES: usize = 1000;

/// What a compiled pattern may take up, in bytes; matching takes time in proportion to it.
const MAX_COMPILED_BYTES: usize = 256 << 10;

/// A declared variable.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: VariableName,
    /// Its type and bounds.
    pub kind: VariableKind,
    /// The question to ask; a variable that has one is asked for wherever somebody can answer.
    pub prompt: Option<String>,
    /// More about it.
    pub help: Option<String>,
    /// A value to show.
    pub example: Option<Value>,
    /// The value where nothing else gives one.
    pub default: Option<Value>,
    /// An expression that gives the value where the user does not.
    pub compute: Option<Spanned<String>>,
    /// An expression that says whether the variable matters.
    pub when: Option<Spanned<String>>,
    /// Where its name is declared.
    pub range: Range<usize>,
}

/// The type of a variable, with its bounds.
#[derive(Debug, Clone)]
pub enum VariableKind {
    /// Text.
    String {
        /// What it has to match. Nothing is anchored unless the pattern says so: `^[a-z]+$` is about the whole value,
        /// `[a-z]+` about any part of it.
        pattern: Option<Pattern>,
        /// In characters.
        min_length: Option<u64>,
        /// In characters.
        max_length: Option<u64>,
        /// Whether an editor for several lines should be offered.
        multiline: bool,
    },
    /// A whole number of 64 bits.
    Integer {
        /// The least, inclusive.
        min: Option<i64>,
        /// The greatest, inclusive.
        max: Option<i64>,
    },
    /// A finite number.
    Number {
        /// The least, inclusive.
        min: Option<f64>,
        /// The greatest, inclusive.
        max: Option<f64>,
    },
    /// True or false.
    Boolean,
    /// One of several texts.
    Choice {
        /// At least one, each once.
        choices: Vec<Choice>,
    },
    /// A list.
    List {
        /// What its items are.
        items: ItemKind,
        /// The least number of items.
        min_items: Option<u64>,
        /// The greatest number of items.
        max_items: Option<u64>,
        /// Whether each item may occur once only.
        unique: bool,
    },
    /// Text that must never be shown or stored.
    Secret,
}

/// What the items of a list are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// Texts.
    String,
    /// Whole numbers of 64 bits.
    Integer,
    /// Finite numbers.
    Number,
    /// True or false.
    Boolean,
    /// Any JSON objects.
    Table,
}

/// One of the values of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The value.
    pub value: String,
    /// What to show instead of the value.
    pub label: Option<String>,
}

/// A regular expression of bounded size, which matches in time proportional to its size and the text's.
#[derive(Clone)]
pub struct Pattern(regex_lite::Regex);

impl Pattern {
    /// Compiles a pattern. Errors say what is wrong with it, in a fragment.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.len() > MAX_PATTERN_BYTES {
            return Err(format!("is longer than {MAX_PATTERN_BYTES} bytes"));
        }
        let compiled = regex_lite::RegexBuilder::new(text).size_limit(MAX_COMPILED_BYTES).build();
        compiled.map(Self).map_err(|error| format!("is not a valid regular expression: {error}"))
    }

    /// Returns the pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Says whether any part of the text matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Pattern({:?})", self.as_str())
    }
}

impl VariableKind {
    /// Returns the name that a manifest uses for the type.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::String { .. } => "string",
            Self::Integer { .. } => "integer",
            Self::Number { .. } => "number",
            Self::Boolean => "boolean",
            Self::Choice { .. } => "choice",
            Self::List { .. } => "list",
            Self::Secret => "secret",
        }
    }
}

impl Variable {
    /// Returns the question to ask: the declared one, or the name.
    #[must_use]
    pub fn question(&self) -> &str {
        self.prompt.as_deref().unwrap_or(self.name.as_str())
    }

    /// Says whether the value must never be shown or stored.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        matches!(self.kind, VariableKind::Secret)
    }
}
