//! What is wanted of a list of packs.

use rusqlite::types::Value;

use crate::registry::names::RegistryName;

/// The condition of a filter that asks for nothing.
pub(super) const NO_CONDITION: &str = "1";

/// What packs must have to be listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// A registry.
    pub registry: Option<RegistryName>,
    /// A category, exactly.
    pub category: Option<String>,
    /// A keyword, exactly.
    pub keyword: Option<String>,
    /// A part of an author's name.
    pub author: Option<String>,
    /// A part of the license expression.
    pub license: Option<String>,
    /// Whether they ship components.
    pub has_plugin: Option<bool>,
    /// The ABI of their components, or the beginning of it.
    pub abi: Option<String>,
}

impl Filter {
    /// A condition over `packs`, and the values for its parameters.
    pub(super) fn condition(&self) -> (String, Vec<Value>) {
        let mut conditions = vec![NO_CONDITION.to_owned()];
        let mut values = Vec::new();
        let mut add = |condition: &str, value: Option<Value>| {
            if let Some(value) = value {
                values.push(value);
                conditions.push(condition.replace('?', &format!("?{}", values.len())));
            }
        };
        let text = |value: &Option<String>| value.clone().map(Value::Text);
        add("packs.registry = ?", self.registry.as_ref().map(|name| Value::Text(name.as_str().to_owned())));
        add("packs.category = ?", text(&self.category));
        add("instr(char(10) || packs.keywords || char(10), char(10) || ? || char(10)) > 0", text(&self.keyword));
        add("instr(lower(packs.authors), lower(?)) > 0", text(&self.author));
        add("instr(lower(packs.license), lower(?)) > 0", text(&self.license));
        add("packs.has_plugin = ?", self.has_plugin.map(|has| Value::Integer(i64::from(has))));
        if let Some(abi) = &self.abi {
            values.push(Value::Text(abi.clone()));
            conditions.push(format!("substr(packs.abi, 1, length(?{0})) = ?{0}", values.len()));
        }
        (conditions.join(" AND "), values)
    }
}
