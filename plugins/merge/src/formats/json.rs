//! Reads JSON, also with comments and with commas behind the last item.

use std::collections::BTreeSet;
use std::ops::Range;

use jsonc_parser::ast::Value as Ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

use crate::failures::Fault;
use crate::model::{DEEPEST, Doc, Entry, Id, Kind, Shape, Value, Values};

/// What is taken for JSON.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_loose_object_property_names: false,
    allow_trailing_commas: true,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Reads a text.
pub fn parse(text: &str, values: &mut Values) -> Result<Doc, Fault> {
    let collect = CollectOptions { comments: CommentCollectionStrategy::Separate, tokens: false };
    let parsed = parse_to_ast(text, &collect, &OPTIONS).map_err(|error| {
        let range = error.range();
        let message = error.kind().to_string();
        Fault::syntax(lower(&message), range.start.min(text.len())..range.end.min(text.len()))
    })?;
    let value = parsed.value.ok_or_else(|| Fault::syntax("there is no value", 0..0))?;
    let mut doc = Doc::default();
    let comments = parsed.comments.iter().flat_map(|comments| comments.values()).flat_map(|comments| comments.iter());
    let comments: BTreeSet<(usize, usize)> =
        comments.map(|comment| (comment.range().start, comment.range().end)).collect();
    // A comment to the end of its line does not have the line end.
    doc.comments = comments.into_iter().map(|(start, end)| start..start + text[start..end].trim_end().len()).collect();
    doc.root = node(&value, &mut doc, values, 0)?;
    Ok(doc)
}

fn node(value: &Ast<'_>, doc: &mut Doc, values: &mut Values, depth: usize) -> Result<usize, Fault> {
    let span = value.start()..value.end();
    if depth > DEEPEST {
        return Err(Fault::nesting(span));
    }
    let scalar = |doc: &mut Doc, values: &mut Values, text: String| {
        let id = values.id(Value::Scalar(text));
        Ok(doc.push(Kind::Scalar, span.clone(), id, Shape::Scalar))
    };
    match value {
        Ast::NullKeyword(_) => scalar(doc, values, "null".to_owned()),
        Ast::BooleanLit(literal) => scalar(doc, values, literal.value.to_string()),
        Ast::StringLit(literal) => scalar(doc, values, format!("s:{}", literal.value)),
        Ast::NumberLit(literal) => scalar(doc, values, number(literal.value)),
        Ast::Array(array) => {
            let mut items = Vec::new();
            for element in &array.elements {
                items.push(node(element, doc, values, depth + 1)?);
            }
            let ids: Vec<Id> = items.iter().map(|item| doc.id(*item)).collect();
            let id = values.id(Value::List(ids));
            Ok(doc.push(Kind::List(items), span, id, Shape::Flow))
        }
        Ast::Object(object) => {
            let mut entries = Vec::new();
            let mut seen = BTreeSet::new();
            for property in &object.properties {
                let name = property.name.as_str();
                let key_span: Range<usize> = property.name.start()..property.name.end();
                let key = values.key(name);
                if !seen.insert(key) {
                    return Err(Fault::duplicate(name, key_span));
                }
                entries.push(Entry { key, key_span, node: node(&property.value, doc, values, depth + 1)? });
            }
            let id = values.table(entries.iter().map(|entry| (entry.key, doc.id(entry.node))).collect());
            Ok(doc.push(Kind::Table(entries), span, id, Shape::Flow))
        }
    }
}

/// Writes a number so that equal ones are the same text, as long as their value is known exactly.
fn number(text: &str) -> String {
    if let Ok(integer) = text.parse::<i128>() {
        return format!("n:{integer}");
    }
    let digits = text.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).filter(u8::is_ascii_digit).count();
    match text.parse::<f64>() {
        // So many digits are told apart.
        Ok(value)
            if digits <= 15 && value.is_finite() && value != 0.0 && value.abs() < 1e15 && value.abs() > 1e-300 =>
        {
            format!("n:{value}")
        }
        Ok(0.0)
            if text
                .bytes()
                .take_while(|byte| !matches!(byte, b'e' | b'E'))
                .all(|byte| !matches!(byte, b'1'..=b'9')) =>
        {
            "n:0".to_owned()
        }
        _ => format!("n:{text}"),
    }
}

fn lower(message: &str) -> String {
    let mut characters = message.chars();
    let first = characters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{}", characters.as_str()).trim_end_matches('.').to_owned()
}
