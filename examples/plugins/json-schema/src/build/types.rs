//! Reads a schema into a type: references, `type`, numbers, strings, arrays.

use packbox_sdk::Severity;

use super::{At, Builder};
use crate::json::{Node, Value};
use crate::keywords;
use crate::model::{INTEGERS, ItemId, Type};

/// Formats that the generated types do not express, all of strings.
const KNOWN_FORMATS: &[&str] = &[
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "idn-email",
    "idn-hostname",
    "iri",
    "iri-reference",
    "json-pointer",
    "password",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

impl<'a> Builder<'a, '_, '_> {
    /// Reads a schema. `name` is what a type that has to be declared for it is called; a definition offers its own item
    /// as `slot`. Mistakes are reported and give none.
    pub(super) fn read_type(&mut self, at: At<'a>, name: &str, slot: Option<ItemId>) -> Option<Type> {
        if !matches!(at.node.value, Value::Object(_)) {
            let (message, help) = match at.node.value {
                Value::Bool(_) => ("a boolean schema has no type".to_owned(), "give it a `type`"),
                _ => (format!("a schema must be an object, not {}", at.node.kind()), ""),
            };
            self.report.error("json-schema/invalid", &at.spot(), message, help);
            return None;
        }
        let is_root = std::ptr::eq(at.node, &raw const self.library.documents[at.document].root);
        keywords::check(at.node, at.document, is_root, self.report);
        if at.get("$ref").is_some() {
            return self.resolve(at);
        }
        for keyword in ["allOf", "oneOf", "anyOf"] {
            if at.get(keyword).is_some() {
                return self.read_combination(at, keyword, name, slot);
            }
        }
        if at.get("enum").is_some() || at.get("const").is_some() {
            return self.read_names(at, name, slot);
        }
        let (kind, nullable) = self.read_kind(at)?;
        // A nullable definition is an alias; what may be null needs a name of its own.
        let (name, slot) =
            if nullable && slot.is_some() { (format!("{name}Value"), None) } else { (name.to_owned(), slot) };
        let read = match kind {
            "object" => self.read_object(at, &name, slot)?,
            "array" => self.read_array(at, &name)?,
            "string" => self.read_string(at),
            "integer" => self.read_integer(at)?,
            "number" if at.get("format").and_then(|format| format.node.text()) == Some("float") => Type::Float("f32"),
            "number" => Type::Float("f64"),
            "boolean" => Type::Bool,
            _ => Type::Unit,
        };
        Some(if nullable { read.optional() } else { read })
    }

    /// Reads `type`; where it is absent, `properties` mean an object and `items` an array.
    pub(super) fn read_kind(&mut self, at: At<'a>) -> Option<(&'a str, bool)> {
        let Some(keyword) = at.get("type") else {
            for (implied, kind) in [("properties", "object"), ("additionalProperties", "object"), ("items", "array")] {
                if at.get(implied).is_some() {
                    return Some((kind, false));
                }
            }
            self.report.error(
                "json-schema/unsupported",
                &at.spot(),
                "a schema without a type allows any value",
                "give it a `type`",
            );
            return None;
        };
        let kinds: Vec<Option<&'a str>> = match &keyword.node.value {
            Value::Text(kind) => vec![Some(kind)],
            Value::List(kinds) => kinds.iter().map(Node::text).collect(),
            _ => vec![None],
        };
        let known = ["object", "array", "string", "integer", "number", "boolean", "null"];
        if kinds.is_empty() || !kinds.iter().all(|kind| kind.is_some_and(|kind| known.contains(&kind))) {
            let help = format!("the types are {}", known.join(", "));
            self.report.error("json-schema/invalid", &keyword.spot(), "this is not a type", help);
            return None;
        }
        let others: Vec<&'a str> = kinds.iter().copied().flatten().filter(|kind| *kind != "null").collect();
        match others[..] {
            [] => Some(("null", false)),
            [kind] => Some((kind, kinds.len() > 1)),
            _ => {
                let help = "use `oneOf` with a `title` for each alternative";
                self.report.error(
                    "json-schema/unsupported",
                    &keyword.spot(),
                    "several types in `type` are not supported",
                    help,
                );
                None
            }
        }
    }

    fn read_array(&mut self, at: At<'a>, name: &str) -> Option<Type> {
        let Some(items) = at.get("items") else {
            let message = "an array without `items` holds any values";
            self.report.error("json-schema/unsupported", &at.spot(), message, "add `items` with a schema");
            return None;
        };
        Some(Type::List(Box::new(self.read_type(items, &format!("{name}Item"), None)?)))
    }

    fn read_string(&mut self, at: At<'a>) -> Type {
        let Some(format) = at.get("format") else {
            return Type::Text;
        };
        match format.node.text() {
            Some("ipv4") => Type::Ipv4,
            Some("ipv6") => Type::Ipv6,
            Some(known) if KNOWN_FORMATS.contains(&known) => Type::Text,
            _ => {
                let message = "this format is not known; the type is `String`";
                self.report.note(Severity::Note, "json-schema/ignored", &format.spot(), message, "");
                Type::Text
            }
        }
    }

    /// Chooses an integer type: the format's, or the smallest that holds both bounds, or 64 bits.
    fn read_integer(&mut self, at: At<'a>) -> Option<Type> {
        let format = at.get("format").and_then(|format| format.node.text());
        let by_format = match format {
            Some("int8") => Some("i8"),
            Some("int16") => Some("i16"),
            Some("int32") => Some("i32"),
            Some("int64") => Some("i64"),
            Some("uint8") => Some("u8"),
            Some("uint16") => Some("u16"),
            Some("uint32") => Some("u32"),
            Some("uint64") => Some("u64"),
            _ => None,
        };
        if let Some(name) = by_format {
            return Some(Type::Integer(name));
        }
        if let Some(format) = at.get("format") {
            self.report.note(
                Severity::Note,
                "json-schema/ignored",
                &format.spot(),
                "this format is not known for integers",
                "",
            );
        }
        let lowest = self.bound(at, "minimum", 0).max(self.bound(at, "exclusiveMinimum", 1));
        let highest = match (self.bound(at, "maximum", 0), self.bound(at, "exclusiveMaximum", -1)) {
            (Some(left), Some(right)) => Some(left.min(right)),
            (left, right) => left.or(right),
        };
        let chosen = match (lowest, highest) {
            (Some(lowest), Some(highest)) if lowest > highest => {
                self.report.error("json-schema/invalid", &at.spot(), "no integer lies within the bounds", "");
                return None;
            }
            (Some(lowest), Some(highest)) => {
                INTEGERS.iter().find(|(_, from, to)| lowest >= *from && highest <= *to).map(|(name, ..)| *name)
            }
            (Some(lowest), None) if lowest >= 0 => Some("u64"),
            (None, Some(highest)) if highest > i128::from(i64::MAX) => None,
            _ => Some("i64"),
        };
        if chosen.is_none() {
            self.report.error(
                "json-schema/unsupported",
                &at.spot(),
                "the bounds do not fit into 64 bits",
                "narrow them",
            );
        }
        chosen.map(Type::Integer)
    }

    /// Reads a bound as the outermost integer that it allows; `step` is what an exclusive bound leaves out.
    fn bound(&mut self, at: At<'a>, keyword: &str, step: i128) -> Option<i128> {
        let bound = at.get(keyword)?;
        let Value::Number(number) = &bound.node.value else {
            let message = format!("`{keyword}` must be a number, not {}", bound.node.kind());
            self.report.error("json-schema/invalid", &bound.spot(), message, "");
            return None;
        };
        if let Ok(exact) = number.parse::<i128>() {
            return exact.checked_add(step);
        }
        let value: f64 = number.parse().ok()?;
        // A fraction is never reached by an integer, so that exclusive or not makes no difference.
        let (inner, whole) = if keyword.ends_with("inimum") { (value.ceil(), 1) } else { (value.floor(), -1) };
        #[expect(clippy::cast_possible_truncation, reason = "a bound out of range saturates, and then fits no type")]
        let inner_integer = inner as i128;
        #[expect(clippy::float_cmp, reason = "whether the bound is a whole number is an exact question")]
        let is_whole = inner == value;
        Some(if is_whole && step != 0 { inner_integer.saturating_add(whole) } else { inner_integer })
    }
}
