//! Defaults: the JSON values in a schema become Rust expressions of the property's type.
//!
//! Always true here: an expression that is returned has the field's type; a default that does not fit its property is an
//! error at the default's place; a default that would call itself for ever is an error.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::diagnostic::{Report, Spot};
use crate::expression::Expression;
use crate::json::{Node, Value};
use crate::model::{Field, INTEGERS, ItemId, Model, Shape, Type};
use crate::recursion::strongly_connected;

/// How many expressions one field's default may consist of, and how deep they may nest.
const MAX_EXPRESSIONS: usize = 10_000;
const MAX_DEPTH: usize = 128;

/// An expression, and whether it is what `Default::default()` of its type gives.
#[derive(Debug, Clone)]
pub(crate) struct FieldDefault {
    pub(crate) expression: Expression,
    pub(crate) natural: bool,
}

/// The defaults of a model.
#[derive(Debug)]
pub(crate) struct Defaults {
    /// By item and index of the field; a field without an entry has no default.
    pub(crate) fields: BTreeMap<(ItemId, usize), FieldDefault>,
    /// Items that get a `Default`.
    pub(crate) items: Vec<bool>,
}

/// Finds the defaults of all fields.
pub(crate) fn find_defaults(model: &Model<'_>, report: &mut Report<'_>) -> Defaults {
    let items = model.items.iter().map(|item| match &item.shape {
        Shape::Struct { fields, .. } => fields.iter().all(has_default),
        Shape::Names { default, .. } => default.is_some(),
        Shape::Unknown | Shape::OneOf(_) | Shape::Alias(_) => false,
    });
    let mut finder = Finder {
        model,
        report,
        items: items.collect(),
        calls: vec![Vec::new(); model.items.len()],
        owner: 0,
        budget: 0,
        depth: 0,
    };
    let mut fields = BTreeMap::new();
    for (item, declared) in model.items.iter().enumerate() {
        finder.owner = item;
        let Shape::Struct { fields: declared, .. } = &declared.shape else { continue };
        for (index, field) in declared.iter().enumerate() {
            finder.budget = MAX_EXPRESSIONS;
            if let Some(default) = finder.field(field) {
                fields.insert((item, index), default);
            }
        }
    }
    let components = strongly_connected(&finder.calls);
    for (item, targets) in finder.calls.iter().enumerate() {
        if targets.iter().any(|target| components[*target] == components[item]) {
            let message = format!("the default of `{}` contains itself", model.items[item].name);
            finder.report.error(
                "json-schema/default",
                &model.items[item].spot,
                message,
                "make one of the properties optional",
            );
        }
    }
    Defaults { fields, items: finder.items }
}

fn has_default(field: &Field<'_>) -> bool {
    field.default.is_some() || (!field.required && matches!(field.rust_type, Type::Optional(_)))
}

struct Finder<'m, 'a, 'r, 'l> {
    model: &'m Model<'a>,
    report: &'r mut Report<'l>,
    items: Vec<bool>,
    /// Which item's default calls which items' defaults.
    calls: Vec<Vec<ItemId>>,
    owner: ItemId,
    /// How many expressions may still be written for the current field: a default that writes out other defaults can
    /// contain itself or grow exponentially.
    budget: usize,
    depth: usize,
}

impl Finder<'_, '_, '_, '_> {
    fn field(&mut self, field: &Field<'_>) -> Option<FieldDefault> {
        match field.default {
            Some((document, node)) => self.literal(&field.rust_type, document, node),
            None if has_default(field) => Some(FieldDefault { expression: Expression::atom("None"), natural: true }),
            None => None,
        }
    }

    fn literal(&mut self, wanted: &Type, document: usize, node: &Node) -> Option<FieldDefault> {
        let spot = Spot { document, range: node.range.clone() };
        if self.budget == 0 || self.depth == MAX_DEPTH {
            return self.misfit(&spot, "the default contains itself or is too large");
        }
        self.budget -= 1;
        self.depth += 1;
        let result = self.unchecked_literal(wanted, document, node, &spot);
        self.depth -= 1;
        result
    }

    fn unchecked_literal(&mut self, wanted: &Type, document: usize, node: &Node, spot: &Spot) -> Option<FieldDefault> {
        let (expression, natural) = match (wanted, &node.value) {
            (Type::Optional(_), Value::Null) => (Expression::atom("None"), true),
            (Type::Optional(inner), _) => {
                (Expression::Call("Some".to_owned(), Box::new(self.literal(inner, document, node)?.expression)), false)
            }
            (Type::Boxed(inner), _) => {
                let inner = self.literal(inner, document, node)?;
                (Expression::Call("Box::new".to_owned(), Box::new(inner.expression)), inner.natural)
            }
            (Type::Unit, Value::Null) => (Expression::atom("()"), true),
            (Type::Bool, Value::Bool(value)) => (Expression::atom(value.to_string()), !value),
            (Type::Integer(name), Value::Number(text)) => {
                let value = integer(name, text)
                    .or_else(|| self.misfit(spot, &format!("`{text}` does not fit into `{name}`")))?;
                (Expression::atom(value.to_string()), value == 0)
            }
            (Type::Float(name), Value::Number(text)) => {
                let value =
                    float(name, text).or_else(|| self.misfit(spot, &format!("`{text}` does not fit into `{name}`")))?;
                let natural = value == "0.0";
                (Expression::Atom(value), natural)
            }
            (Type::Text, Value::Text(text)) if text.is_empty() => (Expression::atom("String::new()"), true),
            (Type::Text, Value::Text(text)) => (owned(text), false),
            (Type::Ipv4, Value::Text(text)) => {
                let address: Ipv4Addr =
                    text.parse().ok().or_else(|| self.misfit(spot, "this is not an IPv4 address"))?;
                (Expression::atom(format!("std::net::Ipv4Addr::{}", ipv4(address))), false)
            }
            (Type::Ipv6, Value::Text(text)) => {
                let address: Ipv6Addr =
                    text.parse().ok().or_else(|| self.misfit(spot, "this is not an IPv6 address"))?;
                (Expression::atom(format!("std::net::Ipv6Addr::{}", ipv6(address))), false)
            }
            (Type::List(_), Value::List(elements)) if elements.is_empty() => (Expression::atom("Vec::new()"), true),
            (Type::List(inner), Value::List(elements)) => {
                let elements: Option<Vec<_>> =
                    elements.iter().map(|it| Some(self.literal(inner, document, it)?.expression)).collect();
                (Expression::List("vec!", elements?, ""), false)
            }
            (Type::Map(_), Value::Object(members)) if members.is_empty() => (Expression::atom("BTreeMap::new()"), true),
            (Type::Map(inner), Value::Object(members)) => {
                let mut pairs = Vec::new();
                for member in members {
                    let value = self.literal(inner, document, &member.node)?.expression;
                    pairs.push(Expression::Pair(Box::new(owned(&member.key)), Box::new(value)));
                }
                (Expression::List("BTreeMap::from(", pairs, ")"), false)
            }
            (Type::Item(item), _) => return self.item(*item, document, node),
            (other, _) => {
                let message =
                    format!("the default must be a value of `{}`, not {}", other.rust(&self.model.items), node.kind());
                return self.misfit(spot, &message);
            }
        };
        Some(FieldDefault { expression, natural })
    }

    fn item(&mut self, item: ItemId, document: usize, node: &Node) -> Option<FieldDefault> {
        let spot = Spot { document, range: node.range.clone() };
        let model = self.model;
        let declared = &model.items[item];
        match &declared.shape {
            Shape::Alias(target) => self.literal(target, document, node),
            Shape::Names { variants, default } => {
                let Some(index) = variants.iter().position(|variant| Some(&variant.text[..]) == node.text()) else {
                    let names: Vec<_> = variants.iter().map(|variant| format!("`{}`", variant.text)).collect();
                    return self.misfit(&spot, &format!("the default must be one of {}", names.join(", ")));
                };
                let expression = Expression::atom(format!("{}::{}", declared.name, variants[index].name));
                Some(FieldDefault { expression, natural: *default == Some(index) })
            }
            Shape::OneOf(alternatives) => {
                for alternative in alternatives {
                    let mark = self.report.mark();
                    if let Some(found) = self.literal(&alternative.rust_type, document, node) {
                        let variant = format!("{}::{}", declared.name, alternative.name);
                        let expression = Expression::Call(variant, Box::new(found.expression));
                        return Some(FieldDefault { expression, natural: false });
                    }
                    self.report.forget_since(mark);
                }
                self.misfit(&spot, "the default fits none of the alternatives")
            }
            Shape::Struct { fields, .. } => self.structure(item, fields, &spot, node),
            Shape::Unknown => None,
        }
    }

    fn structure(&mut self, item: ItemId, fields: &[Field<'_>], spot: &Spot, node: &Node) -> Option<FieldDefault> {
        let name = self.model.items[item].name.clone();
        let Value::Object(members) = &node.value else {
            return self.misfit(spot, &format!("the default must be a value of `{name}`, not {}", node.kind()));
        };
        if members.is_empty() && self.items[item] {
            self.calls[self.owner].push(item);
            return Some(FieldDefault { expression: Expression::atom(format!("{name}::default()")), natural: true });
        }
        if let Some(unknown) = members.iter().find(|member| fields.iter().all(|field| field.key != member.key)) {
            let place = Spot { document: spot.document, range: unknown.key_range.clone() };
            return self.misfit(&place, &format!("`{name}` has no property `{}`", unknown.key));
        }
        let mut values = Vec::new();
        for field in fields {
            let value = match node.get(&field.key) {
                Some(given) => self.literal(&field.rust_type, spot.document, given)?,
                None if has_default(field) => self.field(field)?,
                None => return self.misfit(spot, &format!("the default lacks the property `{}`", field.key)),
            };
            values.push((field.name.clone(), value.expression));
        }
        Some(FieldDefault { expression: Expression::Struct { name, fields: values }, natural: false })
    }

    fn misfit<T>(&mut self, spot: &Spot, message: &str) -> Option<T> {
        self.report.error("json-schema/default", spot, message, "");
        None
    }
}

fn owned(text: &str) -> Expression {
    if text.is_empty() { Expression::atom("String::new()") } else { Expression::atom(format!("{text:?}.to_owned()")) }
}

fn ipv4(address: Ipv4Addr) -> String {
    match address {
        Ipv4Addr::LOCALHOST => "LOCALHOST".to_owned(),
        Ipv4Addr::UNSPECIFIED => "UNSPECIFIED".to_owned(),
        Ipv4Addr::BROADCAST => "BROADCAST".to_owned(),
        other => format!("new({})", other.octets().map(|octet| octet.to_string()).join(", ")),
    }
}

fn ipv6(address: Ipv6Addr) -> String {
    match address {
        Ipv6Addr::LOCALHOST => "LOCALHOST".to_owned(),
        Ipv6Addr::UNSPECIFIED => "UNSPECIFIED".to_owned(),
        other => format!("new({})", other.segments().map(|segment| format!("{segment:#x}")).join(", ")),
    }
}

fn integer(name: &str, text: &str) -> Option<i128> {
    let (_, lowest, highest) = INTEGERS.iter().find(|(known, ..)| *known == name)?;
    // `8080.0` is an integer, too.
    let whole =
        text.split_once('.').filter(|(_, rest)| rest.bytes().all(|byte| byte == b'0')).map_or(text, |(whole, _)| whole);
    whole.parse().ok().filter(|value| value >= lowest && value <= highest)
}

fn float(name: &str, text: &str) -> Option<String> {
    if name == "f32" {
        text.parse::<f32>().ok().filter(|value| value.is_finite()).map(|value| format!("{value:?}"))
    } else {
        text.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| format!("{value:?}"))
    }
}
