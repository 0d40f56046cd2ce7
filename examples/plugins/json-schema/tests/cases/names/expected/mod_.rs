//! `Mod` and what belongs to it. Generated: change the schema, not this file.

use std::collections::BTreeMap;

use super::Option_;

/// An alias, `Mod`.
pub type Mod = BTreeMap<String, Option_>;
