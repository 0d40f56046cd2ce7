//! What is one pack's of what is given to packs that are generated together.
//!
//! `NAME` means the only variable of that name, `PACK.NAME` that of a pack; in an answers file a table `[PACK]` holds what is
//! for that pack.
//!
//! Always true here: a name is one pack's, or nobody's.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;
use toml::de::DeValue;

use crate::diagnostic::Span;
use crate::pack::manifest::{TableReader, ValueReader};
use crate::pack::{ListRule, PackName, Spanned, VariableOf};

/// Which names are a pack's.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The pack.
    pub pack: PackName,
    /// All packs that are generated together.
    pub packs: BTreeSet<PackName>,
    /// Names that mean a variable of this pack where no pack is named.
    pub bare: BTreeSet<String>,
    /// Whether there is no other pack: a name that is no variable's is this pack's mistake then.
    pub is_alone: bool,
}

/// The value of a variable of another pack.
#[derive(Clone)]
pub struct Imported {
    /// The other variable.
    pub from: VariableOf,
    /// What becomes of a list that the pack has itself.
    pub rule: ListRule,
    /// Where it is declared.
    pub declared: Span,
    /// Its value.
    pub value: Value,
    /// Whether it may not be shown.
    pub is_secret: bool,
}

impl Scope {
    /// The name within the pack; none where it is not this pack's.
    pub(crate) fn own<'n>(&self, name: &'n str) -> Option<&'n str> {
        match name.split_once('.') {
            Some((pack, own)) if pack == self.pack.as_str() => Some(own),
            Some(_) => self.is_alone.then_some(name),
            None => (self.is_alone || self.bare.contains(name)).then_some(name),
        }
    }

    /// What is for the pack of the keys and values of an answers file; what its table says comes first.
    pub(super) fn own_answers<'a, 't>(
        &self,
        all: Vec<(Spanned<String>, ValueReader<'a, 't>)>,
    ) -> Vec<(Spanned<String>, ValueReader<'a, 't>)> {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for (name, value) in all {
            let is_pack = self.packs.contains(name.value.as_str()) && matches!(value.raw(), DeValue::Table(_));
            if is_pack && name.value == self.pack.as_str() {
                ours.extend(value.table("the pack's answers").map(TableReader::all).unwrap_or_default());
            } else if !is_pack && (self.is_alone || self.bare.contains(&name.value)) {
                bare.push((name, value));
            }
        }
        ours.append(&mut bare);
        ours
    }
}

impl fmt::Debug for Imported {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = (!self.is_secret).then_some(&self.value);
        formatter
            .debug_struct("Imported")
            .field("from", &self.from.to_string())
            .field("value", &value)
            .finish_non_exhaustive()
    }
}
