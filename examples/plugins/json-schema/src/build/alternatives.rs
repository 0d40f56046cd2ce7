//! Reads enumerations of strings and combinations of schemas.

use std::collections::BTreeMap;

use super::{At, Builder};
use crate::diagnostic::Spot;
use crate::json::Value;
use crate::model::{Alternative, ItemId, Shape, Type, Variant};
use crate::{keywords, names};

impl<'a> Builder<'a, '_, '_> {
    /// Reads `enum` or `const`: strings, and null for what may be absent.
    pub(super) fn read_names(&mut self, at: At<'a>, name: &str, slot: Option<ItemId>) -> Option<Type> {
        let keyword = if at.get("enum").is_some() { "enum" } else { "const" };
        let values = at.get(keyword)?;
        let nodes = match &values.node.value {
            Value::List(nodes) if keyword == "enum" => nodes.iter().collect(),
            _ if keyword == "const" => vec![values.node],
            _ => {
                let message = format!("`enum` must be an array, not {}", values.node.kind());
                self.report.error("json-schema/invalid", &values.spot(), message, "");
                return None;
            }
        };
        let nullable = nodes.iter().any(|node| matches!(node.value, Value::Null));
        let mut texts = Vec::new();
        for node in nodes {
            match &node.value {
                Value::Text(text) => texts.push((text.clone(), values.part(&node.range), Vec::new())),
                Value::Null => {}
                _ => {
                    let message = format!("`{keyword}` with {} is not supported", node.kind());
                    let help = "use strings, or a `type` with `minimum` and `maximum`";
                    self.report.error("json-schema/unsupported", &values.part(&node.range), message, help);
                    return None;
                }
            }
        }
        if texts.is_empty() {
            self.report.error("json-schema/invalid", &values.spot(), format!("`{keyword}` allows no string"), "");
            return None;
        }
        self.add_names(at, name, slot, texts, nullable)
    }

    /// Reads `oneOf`, `anyOf` or `allOf`.
    pub(super) fn read_combination(
        &mut self,
        at: At<'a>,
        keyword: &str,
        name: &str,
        slot: Option<ItemId>,
    ) -> Option<Type> {
        let combination = at.get(keyword)?;
        let beside = at
            .node
            .members()
            .iter()
            .find(|member| member.key != keyword && keywords::matters_beside_reference(&member.key));
        if let Some(beside) = beside {
            let message = format!("`{}` beside `{keyword}` is not supported", beside.key);
            let help = "put it into the alternatives";
            self.report.error("json-schema/unsupported", &at.part(&beside.key_range), message, help);
            return None;
        }
        let nodes = combination.node.elements();
        let all: Vec<At<'a>> = nodes.iter().map(|node| At { document: at.document, node }).collect();
        let (nulls, others): (Vec<At<'a>>, Vec<At<'a>>) =
            all.into_iter().partition(|alternative| is_null(*alternative));
        match (keyword, &others[..]) {
            (_, []) => {
                let message = format!("`{keyword}` must be an array with at least one schema that is not null");
                self.report.error("json-schema/invalid", &combination.spot(), message, "");
                None
            }
            (_, [only]) if nulls.is_empty() => self.read_type(*only, name, slot),
            ("oneOf" | "anyOf", [only]) => {
                let name = if slot.is_some() { format!("{name}Value") } else { name.to_owned() };
                Some(self.read_type(*only, &name, None)?.optional())
            }
            ("oneOf", _) => {
                let nullable = !nulls.is_empty();
                if let Some(texts) = constants(&others) {
                    return self.add_names(at, name, slot, texts, nullable);
                }
                self.read_alternatives(at, name, slot, &others, nullable)
            }
            _ => {
                let help = match keyword {
                    "anyOf" => "use `oneOf`, or `anyOf` with one schema and null",
                    _ => "put all properties into one object, or nest the parts as properties",
                };
                let message = format!("`{keyword}` with several schemas is not supported");
                self.report.error("json-schema/unsupported", &at.keyword_spot(keyword), message, help);
                None
            }
        }
    }

    fn add_names(
        &mut self,
        at: At<'a>,
        name: &str,
        slot: Option<ItemId>,
        texts: Vec<(String, Spot, Vec<String>)>,
        nullable: bool,
    ) -> Option<Type> {
        let (name, slot) =
            if nullable && slot.is_some() { (format!("{name}Value"), None) } else { (name.to_owned(), slot) };
        let item = self.nested_item(at, &name, slot)?;
        let mut variants: Vec<Variant> = Vec::new();
        let mut seen = Spots::default();
        for (text, spot, docs) in texts {
            let Some(name) = names::variant_name(&text) else {
                self.no_name(&text, &spot);
                continue;
            };
            self.check_variant(&mut seen, &name, &spot, "change one of the strings");
            variants.push(Variant { name, text, docs });
        }
        // A property's own default is the property's; only a definition's belongs to the type.
        let mut default = None;
        if let (Some(_), Some(wanted)) = (slot, at.get("default")) {
            default = variants.iter().position(|variant| Some(&variant.text[..]) == wanted.node.text());
            if default.is_none() {
                let message = "the default is not one of the enumerated strings";
                self.report.error("json-schema/default", &wanted.spot(), message, "");
            }
        }
        self.model.items[item].shape = Shape::Names { variants, default };
        Some(if nullable { Type::Item(item).optional() } else { Type::Item(item) })
    }

    fn read_alternatives(
        &mut self,
        at: At<'a>,
        name: &str,
        slot: Option<ItemId>,
        others: &[At<'a>],
        nullable: bool,
    ) -> Option<Type> {
        let (name, slot) =
            if nullable && slot.is_some() { (format!("{name}Value"), None) } else { (name.to_owned(), slot) };
        let item = self.nested_item(at, &name, slot)?;
        let mut alternatives = Vec::new();
        let mut seen = Spots::default();
        for other in others {
            let Some(variant) = self.alternative_name(*other) else {
                continue;
            };
            self.check_variant(&mut seen, &variant, &other.spot(), "give each alternative a different `title`");
            if let Some(rust_type) = self.read_type(*other, &format!("{name}{}", variant.trim_end_matches('_')), None) {
                let docs = keywords::documentation(other.node);
                alternatives.push(Alternative { name: variant, docs, rust_type });
            }
        }
        self.model.items[item].shape = Shape::OneOf(alternatives);
        Some(if nullable { Type::Item(item).optional() } else { Type::Item(item) })
    }

    /// Names an alternative after its title, its reference or its type.
    fn alternative_name(&mut self, at: At<'a>) -> Option<String> {
        let text = |keyword: &str| at.get(keyword).and_then(|it| it.node.text());
        let last = |reference: &'a str| reference.rsplit(['/', '#']).find(|part| !part.is_empty());
        let wanted = text("title").or_else(|| last(text("$ref")?)).or_else(|| match text("type")? {
            "string" if at.get("enum").is_none() => Some("Text"),
            "integer" => Some("Integer"),
            "number" => Some("Number"),
            "boolean" => Some("Bool"),
            "array" => Some("List"),
            _ => None,
        });
        let Some(wanted) = wanted else {
            let message = "an alternative needs a name";
            self.report.error("json-schema/name", &at.spot(), message, "give it a `title`");
            return None;
        };
        let name = names::variant_name(wanted.split('.').next().unwrap_or(wanted));
        if name.is_none() {
            self.no_name(wanted, &at.spot());
        }
        name
    }

    fn check_variant(&mut self, seen: &mut Spots, name: &str, spot: &Spot, help: &str) {
        if let Some(first) = seen.0.insert(name.to_owned(), spot.clone()) {
            self.report.error("json-schema/name", spot, format!("two variants would be called `{name}`"), help);
            self.report.relate(&first);
        }
    }
}

/// Where variants of one type stand, by name.
#[derive(Default)]
struct Spots(BTreeMap<String, Spot>);

fn is_null(at: At<'_>) -> bool {
    at.get("type").is_some_and(|kind| kind.node.text() == Some("null"))
        || at.get("const").is_some_and(|value| matches!(value.node.value, Value::Null))
}

/// Returns the strings of alternatives that are nothing but a constant string each, with their documentation.
fn constants(alternatives: &[At<'_>]) -> Option<Vec<(String, Spot, Vec<String>)>> {
    alternatives
        .iter()
        .map(|at| {
            let value = at.get("const")?;
            Some((value.node.text()?.to_owned(), value.spot(), keywords::documentation(at.node)))
        })
        .collect()
}
