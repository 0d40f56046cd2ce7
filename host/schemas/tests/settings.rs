//! `packbox.toml`, as an editor is told about it. What each key means is said in the words of `docs/ci.md`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::words::{COUNT, DashedName, Filled, RuleName, SIZE, TIME};
use crate::limits::{Kind, Limit, Limits, PackLimits, RunLimits};
use crate::pack::LintLevel;

/// How `lint`, `validate`, `score` and `bench` weigh what they find, and what packs may take.
#[derive(JsonSchema)]
#[schemars(title = "packbox.toml", deny_unknown_fields)]
pub(super) struct Settings {
    /// Validators of your own: components, or packs that carry some.
    rules: Option<Vec<String>>,
    /// What counts like an error: `warnings`.
    deny: Option<Vec<Denied>>,
    /// The file of known findings; `--write-baseline` begins it.
    baseline: Option<Filled>,
    /// How much each rule matters; it comes before the packs' own `[lints]`.
    lints: Option<BTreeMap<RuleName, LintLevel>>,
    /// Options by rule; a rule's page says which it has.
    options: Option<BTreeMap<RuleName, Map<String, Value>>>,
    /// Ceilings for each template: above one is a finding. Limits stop, ceilings don't.
    ceilings: Option<Ceilings>,
    /// Limits, as `--limit` on the command line, which comes before these.
    limits: Option<UserLimits>,
    /// Values to try packs with, by the packs' names.
    values: Option<BTreeMap<DashedName, Map<String, Value>>>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Denied {
    Warnings,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Ceilings {
    /// Units of fuel.
    fuel: Option<FuelCeiling>,
    /// Wall time of a fresh call that counts fuel, for instance `200ms`.
    time: Option<TimeCeiling>,
    /// Memories and tables, for instance `32MiB`.
    memory: Option<SizeCeiling>,
    /// What is given back, for instance `1MiB`.
    output: Option<SizeCeiling>,
}

/// A ceiling: a value, or a table with what is allowed however little is handed in, and what for each KiB beside that.
macro_rules! ceilings {
    ($($name:ident: $one:expr;)*) => {$(
        struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let (text, number) = $one;
                // `BASE`, or `BASE+STEP/KiB`.
                let one = text.trim_start_matches('^').trim_end_matches('$');
                let text = json!({ "type": "string", "pattern": text });
                let grows = json!({ "type": "string", "pattern": format!(r"^{one}\+{one}/KiB$") });
                let number = number.then(|| json!({ "type": "integer", "minimum": 0 }));
                let plain: Vec<Value> = [text].into_iter().chain(number).collect();
                let with = |about: &str| json!({ "description": about, "anyOf": plain });
                let table = json!({
                    "type": "object",
                    "properties": {
                        "base": with("What is allowed however little is handed in."),
                        "per_kib": with("What is allowed beside that for each KiB that is handed in."),
                    },
                    "additionalProperties": false,
                    "minProperties": 1,
                });
                let any: Vec<Value> = plain.iter().cloned().chain([grows, table]).collect();
                json_schema!({ "anyOf": any })
            }
        }
    )*};
}

ceilings! {
    FuelCeiling: (COUNT, true);
    TimeCeiling: (TIME, false);
    SizeCeiling: (SIZE, true);
}

/// The limits that a user may set.
struct UserLimits;

impl JsonSchema for UserLimits {
    fn schema_name() -> Cow<'static, str> {
        "UserLimits".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let all = [Limits::TABLE, PackLimits::TABLE, RunLimits::TABLE].into_iter().flatten();
        let properties: Map<String, Value> = all.map(|limit| (limit.name.to_owned(), of_user(limit))).collect();
        json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
    }
}

fn of_user(limit: &Limit) -> Value {
    let mut number = json!({ "type": "integer", "minimum": 0 });
    if let Ok(most) = i64::try_from(limit.most) {
        number["maximum"] = most.into();
    }
    let mut schema = match limit.kind {
        Kind::Bytes => json!({ "anyOf": [{ "type": "string", "pattern": SIZE }, number] }),
        Kind::Time => json!({ "type": "string", "pattern": TIME }),
        Kind::Fuel | Kind::Count => json!({ "anyOf": [number, { "type": "string", "pattern": COUNT }] }),
    };
    schema["description"] = limit.about.into();
    schema
}
