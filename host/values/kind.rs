//! What a value may be: types, with their bounds.

use super::pattern::Pattern;

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
}
