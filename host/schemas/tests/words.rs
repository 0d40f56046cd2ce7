//! Texts that more than one of the files has, each with the form that it must have.
//!
//! Always true here: whatever packbox reads fits its pattern; a pattern may let through what packbox then refuses with better
//! words than a pattern has.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::limits::{Kind, Limit, Limits};
use crate::pack::manifest::BuiltInEngine;
use crate::values::ItemKind;

macro_rules! texts {
    ($($(#[$about:meta])* $name:ident: $pattern:literal;)*) => {$(
        $(#[$about])*
        #[derive(JsonSchema)]
        #[schemars(inline, extend("pattern" = $pattern))]
        pub(super) struct $name(String);
    )*};
}

texts! {
    Filled: r"\S";
    DashedName: "^[a-z0-9][a-z0-9-]{0,63}$";
    VariableName: "^[a-z_][a-z0-9_]{0,63}$";
    ParameterName: "^[A-Za-z0-9_]{1,64}$";
    PrefixName: "^(?:[A-Za-z][A-Za-z0-9_-]{0,63})?$";
    Iri: r#"^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]*$"#;
    RuleName: "^[a-z0-9-]+(/[a-z0-9-]+)+$";
    PackPath: r"^[^/\\](?:[^\\]*[^/\\])?$";
    Version: r"^[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?$";
    Sha256: "^[0-9a-f]{64}$";
}

/// How a size is written.
pub(super) const SIZE: &str = "^ *[0-9_]+ *(?:B|KB|kB|MB|GB|KiB|MiB|GiB)? *$";
/// How a time is written.
pub(super) const TIME: &str = "^ *[0-9_]+ *(?:ms|s|m) *$";
/// How a count may be written where it is a text.
pub(super) const COUNT: &str = "^[0-9_]+$";

/// Makes a type whose schema is computed.
macro_rules! computed {
    ($($name:ident: $schema:expr;)*) => {$(
        pub(super) struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

computed! {
    // What an entry of `templates` may name.
    AnyEngine: engine(&["copy"]);
    // What may stand in a chain.
    StageEngine: engine(&[]);
    ItemName: {
        let kinds = [ItemKind::String, ItemKind::Integer, ItemKind::Number, ItemKind::Boolean, ItemKind::Table];
        json_schema!({ "type": "string", "enum": kinds.map(ItemKind::name), "default": "string" })
    };
    // The limits that a manifest or a project may ask for.
    PluginLimits: {
        let properties: Map<String, Value> = Limits::TABLE
            .iter()
            .filter(|limit| limit.is_in_manifests())
            .map(|limit| (limit.name.to_owned(), limit_asked_for(limit)))
            .collect();
        json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
    };
}

fn engine(more: &[&'static str]) -> Schema {
    let names: Vec<&str> =
        BuiltInEngine::ALL.into_iter().map(BuiltInEngine::name).chain(more.iter().copied()).collect();
    let plugin = "^plugin:[a-z0-9][a-z0-9-]{0,63}$";
    json_schema!({ "anyOf": [{ "type": "string", "enum": names }, { "type": "string", "pattern": plugin }] })
}

fn limit_asked_for(limit: &Limit) -> Value {
    let mut schema = match limit.kind {
        Kind::Bytes => {
            json!({ "anyOf": [{ "type": "string", "pattern": SIZE }, { "type": "integer", "minimum": 1 }] })
        }
        Kind::Time => json!({ "type": "string", "pattern": TIME }),
        Kind::Fuel | Kind::Count => json!({ "type": "integer", "minimum": 1 }),
    };
    schema["description"] = limit.about.into();
    schema
}
