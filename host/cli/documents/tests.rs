//! The schemas of documents, in `docs/schema/`: one file for each command, and one for each file that packbox writes as JSON.
//! `BLESS=1` writes them.
//!
//! Always true here: a schema is made of the types that are printed; what a command prints is one of its documents, or an
//! error, which has one schema for all commands. Schemas leave room for fields that a later packbox adds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::help;
use super::error::Failed;
use super::{Frame, Sandbox, text};
use crate::generate::tree::Receipt;
use crate::hostile::Outcome;
use crate::measure::{Baseline, RecordDocument};
use crate::plan::ComposedPlan;
use crate::schemas as toml;

/// Adds a document of a command to the definitions, and returns its name there.
pub type Make = fn(&mut SchemaGenerator, Option<&str>) -> String;

/// [`Make`] for a document: its own fields behind those of the frame.
pub fn framed<D: Serialize + JsonSchema>(generator: &mut SchemaGenerator, command: Option<&str>) -> String {
    let (mut frame, mut schema) = (Frame::json_schema(generator), D::json_schema(generator));
    if let Some(command) = command {
        let about = &mut frame.ensure_object()["properties"]["command"];
        *about = json!({ "const": command, "description": "The command." });
    }
    for key in ["properties", "required"] {
        let (first, then) = (frame.remove(key), schema.remove(key));
        let both = match (first, then) {
            (Some(Value::Object(mut first)), Some(Value::Object(then))) => {
                first.extend(then);
                Value::Object(first)
            }
            (Some(Value::Array(first)), Some(Value::Array(then))) => first.into_iter().chain(then).collect(),
            others => panic!("no document is without fields: {others:?}"),
        };
        schema.insert(key.to_owned(), both);
    }
    let name = D::schema_name().into_owned();
    assert!(generator.definitions_mut().insert(name.clone(), schema.to_value()).is_none(), "two types are {name}");
    name
}

/// [`Make`] for what has no frame.
fn plain<D: JsonSchema>(generator: &mut SchemaGenerator, _: Option<&str>) -> String {
    let reference = generator.subschema_for::<D>();
    let name = reference.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix("#/$defs/"));
    name.expect("a definition").to_owned()
}

/// The schema of something that is one of several documents, or what another file describes.
fn schema(title: &str, about: &str, (command, documents): (Option<&str>, &[Make]), other: Option<&str>) -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let names: Vec<String> = documents.iter().map(|make| make(&mut generator, command)).collect();
    let own = names.iter().map(|name| format!("#/$defs/{name}"));
    let any: Vec<Value> = own.chain(other.map(str::to_owned)).map(|place| json!({ "$ref": place })).collect();
    let definitions: Map<String, Value> = generator.take_definitions(true);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": about,
        "anyOf": any,
        "$defs": definitions,
    })
}

/// All schemas, by the name of their files.
fn schemas() -> BTreeMap<String, Value> {
    let mut by_command: BTreeMap<&str, Vec<Make>> = BTreeMap::new();
    for known in help::all().iter().filter(|known| !known.documents.is_empty()) {
        by_command.entry(known.name).or_default().extend(known.documents);
    }
    // A plan is printed without a frame, so that it can be kept as it is.
    by_command.entry("plan").or_default().push(plain::<ComposedPlan>);
    let mut all = BTreeMap::new();
    for (command, documents) in by_command {
        let (title, error) = (format!("packbox {command}"), Some("error.schema.json"));
        let about = format!("What `packbox {command} --format json` prints: a result, or an error.");
        all.insert(command.replace(' ', "-"), schema(&title, &about, (Some(command), &documents), error));
    }
    let others: [(&str, &str, &str, Make); 4] = [
        (
            "error",
            "packbox: an error",
            "What every command prints that could not do what it was asked to.",
            framed::<Failed<'_>>,
        ),
        ("receipt", "packbox: a receipt", "What `.packbox/receipt.json` in an output folder holds.", plain::<Receipt>),
        (
            "baseline",
            "packbox: a baseline of figures",
            "What `packbox bench --save FILE` and `packbox plugin bench --save FILE` write.",
            plain::<Baseline>,
        ),
        ("record", "packbox: a record of a call", "What `record.json` in a record holds.", plain::<RecordDocument>),
    ];
    for (name, title, about, make) in others {
        all.insert(name.to_owned(), schema(title, about, (None, &[make]), None));
    }
    all
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema")
}

#[test]
fn schemas_are_those_of_the_types() {
    let schemas: BTreeMap<String, String> =
        schemas().into_iter().map(|(name, schema)| (format!("{name}.schema.json"), format!("{schema:#}\n"))).collect();
    let there = || {
        let entries =
            std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        // Those of TOML files have a test of their own.
        let is_of_toml = |name: &str| toml::ALL.iter().any(|schema| name == format!("{}.schema.json", schema.name));
        let is_of_json =
            |name: &String| Path::new(name).extension().is_some_and(|end| end == "json") && !is_of_toml(name);
        entries.filter(is_of_json).collect::<Vec<_>>()
    };
    #[expect(clippy::disallowed_methods, reason = "tests are blessed by an environment variable")]
    if std::env::var_os("BLESS").is_some() {
        for name in there().iter().filter(|name| !schemas.contains_key(*name)) {
            std::fs::remove_file(folder().join(name)).unwrap();
        }
        for (name, text) in &schemas {
            std::fs::write(folder().join(name), text).unwrap();
        }
    }
    for name in there() {
        assert!(schemas.contains_key(&name), "{name} is no document's; `BLESS=1` removes it");
    }
    for (name, text) in &schemas {
        let there = std::fs::read_to_string(folder().join(name)).unwrap_or_default();
        assert!(there == *text, "docs/schema/{name} is not what the types say; `BLESS=1` writes it");
    }
}

/// Every field is described, and nothing speaks as Rust's documentation does.
#[test]
fn schemas_describe_every_field() {
    fn look(place: &str, schema: &Value, wrong: &mut Vec<String>) {
        if let Some(text) = schema["description"].as_str()
            && (text.contains("[`") || text.contains("::"))
        {
            wrong.push(format!("{place}: {text}"));
        }
        let fields = schema["properties"].as_object();
        // The only field of a variant is described with it.
        let is_described = |count| count == 1 && schema["description"].is_string();
        for (name, field) in fields.filter(|fields| !is_described(fields.len())).into_iter().flatten() {
            if field["description"].is_null() {
                wrong.push(format!("{place}/{name} has no description"));
            }
        }
        let parts = schema.as_object().into_iter().flatten().map(|(key, part)| (key.clone(), part));
        let elements = schema.as_array().into_iter().flatten().enumerate().map(|(at, part)| (at.to_string(), part));
        for (key, part) in parts.chain(elements) {
            look(&format!("{place}/{key}"), part, wrong);
        }
    }
    let mut wrong = Vec::new();
    for (name, schema) in schemas() {
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        look(&name, &schema, &mut wrong);
        // A number that tells types of one name apart is no name.
        let names = schema["$defs"].as_object().into_iter().flatten().map(|(name, _)| name);
        wrong.extend(names.filter(|name| name.ends_with(char::is_numeric)).map(|one| format!("{name}: {one}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What prints text only has none, nor has a group of commands.
#[test]
fn every_command_has_a_schema() {
    let shown = help::all().into_iter().filter(|known| known.below.is_empty() && !known.examples.is_empty());
    let without: Vec<_> = shown.filter(|known| known.documents.is_empty()).map(|known| known.name).collect();
    assert_eq!(without, ["completions", "man"]);
}

/// No case runs all attacks.
#[test]
fn what_is_said_of_attacks_fits_its_schema() {
    let outcome = |reason: Option<&str>| Outcome {
        name: "loops".to_owned(),
        attack: "a loop without end".to_owned(),
        limit: "time".to_owned(),
        exit: reason.map(|_| 4),
        reason: reason.map(str::to_owned),
        milliseconds: 2_000,
        peak_memory: Some(1 << 20),
        problem: reason.is_none().then(|| "it hung".to_owned()),
    };
    let document = Sandbox { cases: &[outcome(Some("time")), outcome(None)], failed: 1 };
    let document = serde_json::from_str(&text("doctor", &document).unwrap()).unwrap();
    let schema = &schemas()["doctor"];
    let one = json!({ "$ref": "#/$defs/Sandbox", "$defs": schema["$defs"] });
    let validator = jsonschema::validator_for(&one).unwrap();
    assert_eq!(validator.iter_errors(&document).map(|error| error.to_string()).collect::<Vec<_>>(), [""; 0]);
}
