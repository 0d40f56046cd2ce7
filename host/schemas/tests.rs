//! The schemas are made from types, and agree with what reads the files: on real files, and on every small change of files that
//! have every key.

mod agreement;
#[expect(dead_code, reason = "schemas are made of these types, and nothing else is")]
mod compose;
#[expect(dead_code, reason = "schemas are made of these types, and nothing else is")]
mod pack;
#[expect(dead_code, reason = "schemas are made of these types, and nothing else is")]
mod project;
#[expect(dead_code, reason = "schemas are made of these types, and nothing else is")]
mod settings;
#[expect(dead_code, reason = "schemas are made of these types, and nothing else is")]
mod words;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema as Json};
use serde_json::{Value, json};

use super::{ALL, COMPOSE, PACK, PACKBOX, PACKBOX_PLUGIN, REGISTRIES, Schema};
use crate::registry::Registries;

/// A schema as the types say it.
fn made<T: JsonSchema>(schema: &Schema) -> Value {
    // What editors know of JSON Schema is draft 7, at most.
    let mut made = SchemaSettings::draft07().for_deserialize().into_generator().into_root_schema_for::<T>();
    RecursiveTransform(for_toml).transform(&mut made);
    made.insert("$id".to_owned(), schema.address.into());
    made.to_value()
}

/// TOML has no null, and whole numbers of one size; what a set is read from may say something twice.
fn for_toml(schema: &mut Json) {
    schema.remove("format");
    schema.remove("uniqueItems");
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(any)) = schema.get_mut("anyOf") {
        any.retain(|one| *one != json!({ "type": "null" }));
        if let [Value::Object(one)] = any.as_slice() {
            let one = one.clone();
            schema.remove("anyOf");
            for (key, value) in one {
                let key = if key == "$ref" { "allOf".to_owned() } else { key };
                let value = if key == "allOf" { json!([{ "$ref": value }]) } else { value };
                schema.insert(key, value);
            }
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|one| !one.is_null());
    }
}

/// Each schema as the types say it.
fn all_made() -> [(Schema, Value); 5] {
    [
        (COMPOSE, made::<compose::Settings>(&COMPOSE)),
        (PACK, made::<pack::Manifest>(&PACK)),
        (PACKBOX, made::<settings::Settings>(&PACKBOX)),
        (PACKBOX_PLUGIN, made::<project::Project>(&PACKBOX_PLUGIN)),
        (REGISTRIES, made::<Registries>(&REGISTRIES)),
    ]
}

#[test]
fn each_schema_is_that_of_the_types() {
    let made = all_made();
    assert!(made.iter().map(|(schema, _)| schema.name).eq(ALL.iter().map(|schema| schema.name)));
    for (schema, value) in made {
        let path = format!("{}/docs/schema/{}.schema.json", env!("CARGO_MANIFEST_DIR"), schema.name);
        let text = serde_json::to_string_pretty(&value).unwrap() + "\n";
        #[expect(clippy::disallowed_methods, reason = "tests are blessed by an environment variable")]
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert!(std::fs::read_to_string(&path).unwrap() == text, "{path} is another; BLESS=1 rewrites it");
        assert!(schema.address.ends_with(&format!("/docs/schema/{}.schema.json", schema.name)), "{}", schema.address);
    }
}
