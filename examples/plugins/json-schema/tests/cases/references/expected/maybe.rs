//! `Maybe` and what belongs to it. Generated: change the schema, not this file.

/// An alias, `Maybe`.
pub type Maybe = Option<MaybeValue>;

/// An object, `MaybeValue`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MaybeValue {
    /// The property `on`.
    pub on: Option<bool>,
}
