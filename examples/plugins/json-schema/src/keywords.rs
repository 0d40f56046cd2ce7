//! The keywords of draft 2020-12: which make types, which describe, which only constrain, which are not supported.

use packbox_sdk::Severity;

use crate::diagnostic::{Report, Spot};
use crate::json::{Node, Value};

/// What a keyword does here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Shapes the type.
    Shape,
    /// Describes: goes into the documentation, or nowhere.
    Annotation,
    /// Narrows the values, not the type: goes into the documentation.
    Constraint,
    /// Narrows the values and is hard to put into words: ignored with a note.
    Ignored,
    /// Would change the type; the text says what to do instead.
    Unsupported(&'static str),
}

const KEYWORDS: &[(&str, Class)] = &[
    ("$ref", Class::Shape),
    ("additionalProperties", Class::Shape),
    ("allOf", Class::Shape),
    ("anyOf", Class::Shape),
    ("const", Class::Shape),
    ("enum", Class::Shape),
    ("items", Class::Shape),
    ("oneOf", Class::Shape),
    ("properties", Class::Shape),
    ("required", Class::Shape),
    ("type", Class::Shape),
    ("$comment", Class::Annotation),
    ("$defs", Class::Annotation),
    ("$id", Class::Annotation),
    ("$schema", Class::Annotation),
    ("default", Class::Annotation),
    ("deprecated", Class::Annotation),
    ("description", Class::Annotation),
    ("examples", Class::Annotation),
    ("readOnly", Class::Annotation),
    ("title", Class::Annotation),
    ("writeOnly", Class::Annotation),
    ("exclusiveMaximum", Class::Constraint),
    ("exclusiveMinimum", Class::Constraint),
    ("format", Class::Constraint),
    ("maxItems", Class::Constraint),
    ("maxLength", Class::Constraint),
    ("maxProperties", Class::Constraint),
    ("maximum", Class::Constraint),
    ("minItems", Class::Constraint),
    ("minLength", Class::Constraint),
    ("minProperties", Class::Constraint),
    ("minimum", Class::Constraint),
    ("multipleOf", Class::Constraint),
    ("pattern", Class::Constraint),
    ("uniqueItems", Class::Constraint),
    ("contains", Class::Ignored),
    ("contentEncoding", Class::Ignored),
    ("contentMediaType", Class::Ignored),
    ("contentSchema", Class::Ignored),
    ("dependentRequired", Class::Ignored),
    ("maxContains", Class::Ignored),
    ("minContains", Class::Ignored),
    ("not", Class::Ignored),
    ("propertyNames", Class::Ignored),
    ("$anchor", Class::Unsupported("refer to definitions by `#/$defs/Name`")),
    ("$dynamicAnchor", Class::Unsupported("refer to definitions by `#/$defs/Name`")),
    ("$dynamicRef", Class::Unsupported("use `$ref`")),
    ("$recursiveAnchor", Class::Unsupported("use `$ref`")),
    ("$recursiveRef", Class::Unsupported("use `$ref`")),
    ("$vocabulary", Class::Unsupported("only the vocabulary of draft 2020-12 is known")),
    ("additionalItems", Class::Unsupported("this is of an older draft; use `items`")),
    ("definitions", Class::Unsupported("this is of an older draft; use `$defs`")),
    ("dependencies", Class::Unsupported("this is of an older draft; use `oneOf`")),
    ("dependentSchemas", Class::Unsupported("use `oneOf` with one alternative for each case")),
    ("else", Class::Unsupported("use `oneOf` with one alternative for each case")),
    ("if", Class::Unsupported("use `oneOf` with one alternative for each case")),
    ("patternProperties", Class::Unsupported("use `additionalProperties` with a schema")),
    ("prefixItems", Class::Unsupported("use an object with one property for each place")),
    ("then", Class::Unsupported("use `oneOf` with one alternative for each case")),
    ("unevaluatedItems", Class::Unsupported("use `items`")),
    ("unevaluatedProperties", Class::Unsupported("use `additionalProperties`")),
];

/// Checks the keywords of a schema object: reports those that are not supported and remarks on those that are ignored.
pub(crate) fn check(schema: &Node, document: usize, is_root: bool, report: &mut Report<'_>) {
    for member in schema.members() {
        let (keyword, spot) = (member.key.as_str(), Spot { document, range: member.key_range.clone() });
        match class(keyword) {
            Some(Class::Unsupported(help)) => {
                report.error("json-schema/unsupported", &spot, format!("`{keyword}` is not supported"), help);
            }
            Some(Class::Ignored) => {
                let message = format!("`{keyword}` is not checked by the generated types");
                report.note(Severity::Note, "json-schema/ignored", &spot, message, "");
            }
            Some(Class::Annotation) if matches!(keyword, "$defs" | "$schema") && !is_root => {
                let help = "move it to the outermost object of the file";
                report.error(
                    "json-schema/unsupported",
                    &spot,
                    format!("`{keyword}` is not supported below the root"),
                    help,
                );
            }
            Some(_) => {}
            None if keyword.starts_with("x-") => {}
            None => {
                let message = format!("`{keyword}` is not a keyword of JSON Schema and is ignored");
                let known = KEYWORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(keyword));
                let help = known.map_or_else(
                    || "keywords of your own begin with `x-`".to_owned(),
                    |(known, _)| format!("did you mean `{known}`?"),
                );
                report.note(Severity::Warning, "json-schema/unknown-keyword", &spot, message, help);
            }
        }
    }
}

/// Says whether a keyword shapes the type or narrows its values, so that it cannot stand beside `$ref` here.
pub(crate) fn matters_beside_reference(keyword: &str) -> bool {
    keyword != "$ref" && matches!(class(keyword), Some(Class::Shape | Class::Constraint))
}

/// Says whether a schema object holds anything that shapes a type.
pub(crate) fn shapes_a_type(schema: &Node) -> bool {
    schema.members().iter().any(|member| class(&member.key) == Some(Class::Shape))
}

/// Returns paragraphs of documentation: title, description, constraints.
pub(crate) fn documentation(schema: &Node) -> Vec<String> {
    let text = |keyword: &str| schema.get(keyword).and_then(Node::text).map(str::to_owned);
    let mut paragraphs: Vec<String> = text("title").into_iter().chain(text("description")).collect();
    let mut constraints = Vec::new();
    for member in schema.members() {
        if class(&member.key) != Some(Class::Constraint) {
            continue;
        }
        constraints.extend(match &member.node.value {
            // The type says it already.
            Value::Text(format) if member.key == "format" && has_own_type(format) => None,
            Value::Number(number) => Some(format!("`{}` {number}", member.key)),
            Value::Text(text) => Some(format!("`{}` `{text}`", member.key)),
            Value::Bool(true) => Some(format!("`{}`", member.key)),
            _ => None,
        });
    }
    if !constraints.is_empty() {
        paragraphs.push(format!("Constraints, not checked here: {}.", constraints.join(", ")));
    }
    if matches!(schema.get("deprecated"), Some(Node { value: Value::Bool(true), .. })) {
        paragraphs.push("Deprecated.".to_owned());
    }
    paragraphs
}

/// Says whether a format has a type of its own instead of `String`, `i64` or `f64`.
fn has_own_type(format: &str) -> bool {
    let sizes = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float", "double"];
    sizes.contains(&format) || matches!(format, "ipv4" | "ipv6")
}

fn class(keyword: &str) -> Option<Class> {
    KEYWORDS.iter().find(|(known, _)| *known == keyword).map(|(_, class)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn documentation_holds_what_types_cannot_say() {
        let text = r#"{"title": "A", "description": "B", "minimum": 1, "pattern": "^x$", "uniqueItems": false, "deprecated": true}"#;
        let paragraphs = documentation(&json::parse(text).unwrap());
        assert_eq!(
            paragraphs,
            ["A", "B", "Constraints, not checked here: `minimum` 1, `pattern` `^x$`.", "Deprecated."]
        );
    }

    #[test]
    fn no_keyword_stands_twice() {
        for (index, (keyword, _)) in KEYWORDS.iter().enumerate() {
            assert!(KEYWORDS[index + 1..].iter().all(|(other, _)| other != keyword), "{keyword}");
        }
    }
}
