//! Reads objects: structs, and maps of one kind of value.

use std::collections::BTreeMap;

use packbox_sdk::Severity;

use super::{At, Builder};
use crate::diagnostic::Spot;
use crate::json::{Member, Value};
use crate::model::{Field, ItemId, Shape, Type};
use crate::{keywords, names};

impl<'a> Builder<'a, '_, '_> {
    pub(super) fn read_object(&mut self, at: At<'a>, name: &str, slot: Option<ItemId>) -> Option<Type> {
        let properties = at.get("properties");
        let additional = at.get("additionalProperties");
        let closed = matches!(additional, Some(At { node, .. }) if matches!(node.value, Value::Bool(false)));
        let open_schema = additional.filter(|at| matches!(at.node.value, Value::Object(_)));
        match (properties, open_schema) {
            (None, Some(values)) => Some(Type::Map(Box::new(self.read_type(values, &format!("{name}Value"), None)?))),
            (Some(_), Some(values)) => {
                let help = "put the additional ones into a property of their own";
                let message = "`additionalProperties` with a schema beside `properties` is not supported";
                self.report.error("json-schema/unsupported", &values.spot(), message, help);
                None
            }
            (None, None) if !closed => {
                let help = "add `properties`, or `additionalProperties` with a schema";
                self.report.error(
                    "json-schema/unsupported",
                    &at.spot(),
                    "an object without `properties` holds any values",
                    help,
                );
                None
            }
            (_, None) => self.read_struct(at, name, slot, closed),
        }
    }

    fn read_struct(&mut self, at: At<'a>, name: &str, slot: Option<ItemId>, closed: bool) -> Option<Type> {
        let item = self.nested_item(at, name, slot)?;
        let required = self.read_required(at);
        let mut fields = Vec::new();
        let mut spots: BTreeMap<String, Spot> = BTreeMap::new();
        if let Some(properties) = at.get("properties") {
            if !matches!(properties.node.value, Value::Object(_)) {
                let message = format!("`properties` must be an object, not {}", properties.node.kind());
                self.report.error("json-schema/invalid", &properties.spot(), message, "");
                return None;
            }
            for property in properties.node.members() {
                let Some(field) =
                    self.read_field(at.document, property, name, required.contains_key(property.key.as_str()))
                else {
                    continue;
                };
                if let Some(first) = spots.insert(field.name.clone(), field.spot.clone()) {
                    let message = format!("two properties would be called `{}`", field.name);
                    self.report.error("json-schema/name", &field.spot, message, "rename one of them");
                    self.report.relate(&first);
                }
                fields.push(field);
            }
        }
        for (key, spot) in &required {
            if at.get("properties").is_none_or(|properties| properties.node.get(key).is_none()) {
                let message = format!("`{key}` is required but not among the properties");
                self.report.note(Severity::Warning, "json-schema/ignored", spot, message, "");
            }
        }
        self.model.items[item].shape = Shape::Struct { fields, closed };
        Some(Type::Item(item))
    }

    fn read_field(&mut self, document: usize, property: &'a Member, parent: &str, required: bool) -> Option<Field<'a>> {
        let at = At { document, node: &property.node };
        let spot = at.part(&property.key_range);
        let Some(name) = names::field_name(&property.key) else {
            self.no_name(&property.key, &spot);
            return None;
        };
        let nested_name = format!("{parent}{}", names::type_name(&property.key)?.trim_end_matches('_'));
        let read = self.read_type(at, &nested_name, None)?;
        let default = at.get("default").map(|default| (document, default.node));
        let default = default
            .filter(|(_, node)| required || !matches!(node.value, Value::Null) || matches!(read, Type::Optional(_)));
        let rust_type = if required || default.is_some() { read } else { read.optional() };
        let docs = keywords::documentation(at.node);
        Some(Field { name, key: property.key.clone(), spot, docs, rust_type, required, default })
    }

    /// Returns the required keys and their places.
    fn read_required(&mut self, at: At<'a>) -> BTreeMap<&'a str, Spot> {
        let Some(required) = at.get("required") else {
            return BTreeMap::new();
        };
        let keys = required.node.elements().iter().filter_map(|key| Some((key.text()?, required.part(&key.range))));
        let keys: BTreeMap<_, _> = keys.collect();
        if !matches!(required.node.value, Value::List(_)) || keys.len() != required.node.elements().len() {
            let message = "`required` must be an array of different strings";
            self.report.error("json-schema/invalid", &required.spot(), message, "");
        }
        keys
    }
}
