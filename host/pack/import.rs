//! Variables that take their values from other packs: the types.
//!
//! Always true here: joining what is no list leaves what was imported.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::names::{PackName, VariableName};

/// A variable of another pack, written `PACK.NAME`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VariableOf {
    /// The pack.
    pub pack: PackName,
    /// The variable.
    pub name: VariableName,
}

/// Where a variable takes its value from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The variable of another pack.
    pub from: VariableOf,
    /// What becomes of a list that this pack has itself.
    pub rule: ListRule,
}

/// How a list that is imported and one that a pack has itself become one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ListRule {
    /// The imported one is taken.
    #[default]
    Replace,
    /// The pack's own items follow.
    Append,
    /// Those of the pack's own items follow that are not there.
    Union,
    /// Tables: of two with the same value of this key, the pack's own is taken, in the place of the imported one.
    MergeBy(String),
}

impl FromStr for VariableOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (pack, name) = text.split_once('.').ok_or("must look like `base.crate_name`: a pack and its variable")?;
        let pack = PackName::new(pack).map_err(|error| format!("the name of a pack {error}"))?;
        let name = VariableName::new(name).map_err(|error| format!("the name of a variable {error}"))?;
        Ok(Self { pack, name })
    }
}

impl fmt::Display for VariableOf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.pack, self.name)
    }
}

impl ListRule {
    /// Joins an imported list and one of the pack's own; what is no list is as it was imported.
    #[must_use]
    pub fn join(&self, imported: &Value, own: &Value) -> Value {
        let (Value::Array(imported), Value::Array(own)) = (imported, own) else { return imported.clone() };
        let mut items = imported.clone();
        match self {
            Self::Replace => {}
            Self::Append => items.extend(own.iter().cloned()),
            Self::Union => {
                let mut seen: HashSet<String> = items.iter().map(Value::to_string).collect();
                items.extend(own.iter().filter(|item| seen.insert(item.to_string())).cloned());
            }
            Self::MergeBy(key) => {
                let name = |item: &Value| item.get(key).map(Value::to_string);
                let mut places: HashMap<String, usize> =
                    items.iter().enumerate().rev().filter_map(|(at, item)| Some((name(item)?, at))).collect();
                for item in own {
                    match name(item).map(|name| *places.entry(name).or_insert(items.len())) {
                        Some(at) if at < items.len() => items[at] = item.clone(),
                        Some(_) | None => items.push(item.clone()),
                    }
                }
            }
        }
        Value::Array(items)
    }
}

impl FromStr for ListRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "replace" => Ok(Self::Replace),
            "append" => Ok(Self::Append),
            "union" => Ok(Self::Union),
            _ => match text.strip_prefix("merge-by:").map(str::trim).filter(|key| !key.is_empty()) {
                Some(key) => Ok(Self::MergeBy(key.to_owned())),
                None => Err("must be replace, append, union or merge-by:KEY".to_owned()),
            },
        }
    }
}
