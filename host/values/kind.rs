//! What a value may be: types, with their bounds.

use super::pattern::Pattern;

/// The most choices that a type is said with.
const SHOWN: usize = 5;

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
    /// The path of a file of statements, which is the user's and no part of the pack; an empty one for no file.
    Graph,
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
            Self::Graph => "graph",
        }
    }

    /// Whether values are paths of files with statements.
    #[must_use]
    pub const fn is_graph(&self) -> bool {
        matches!(self, Self::Graph)
    }

    /// Whether a value of this type can be one of another type: types have to be the same, items of lists, too, and choices need
    /// one in common. Bounds and patterns are not looked at.
    #[must_use]
    pub fn may_be(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List { items, .. }, Self::List { items: others, .. }) => items == others,
            (Self::Choice { choices }, Self::Choice { choices: others }) => {
                choices.iter().any(|choice| others.iter().any(|other| choice.value == other.value))
            }
            _ => self.name() == other.name(),
        }
    }

    /// Says the type as far as [`VariableKind::may_be`] looks at it.
    #[must_use]
    pub fn described(&self) -> String {
        match self {
            Self::List { items, .. } => format!("list of {}s", items.name()),
            Self::Choice { choices } => {
                let mut shown: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).take(SHOWN + 1).collect();
                if shown.len() > SHOWN {
                    shown[SHOWN] = "…";
                }
                format!("choice ({})", shown.join(", "))
            }
            _ => self.name().to_owned(),
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
