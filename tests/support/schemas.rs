//! JSON documents held against their schemas in `docs/schema/`: whatever a run prints with `--format json`, errors included,
//! and the files that it writes as JSON.
//!
//! Always true here: a field that a schema does not know is a mistake, though the schemas themselves leave room for those
//! of a later packbox.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::process::{Ended, Run};

/// Commands that print text only, and so have no schema but that of an error.
const TEXT_ONLY: [&str; 4] = ["", "completions", "man", "precompile"];

/// The schemas by name, each as the documents that it allows.
static SCHEMAS: LazyLock<BTreeMap<String, Vec<(String, Validator)>>> = LazyLock::new(read);
/// The documents that were seen: the schema's name, and the document's in it.
static SEEN: Mutex<BTreeSet<(String, String)>> = Mutex::new(BTreeSet::new());

fn read() -> BTreeMap<String, Vec<(String, Validator)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
    let files = fs::read_dir(folder).expect("docs/schema").map(|entry| entry.expect("an entry").path());
    let schema = |file: &Path| {
        let name = file.file_name()?.to_str()?.to_owned();
        let mut schema = serde_json::from_slice(&fs::read(file).expect("a schema")).expect("JSON");
        close(&mut schema);
        Some((name, schema))
    };
    let all: BTreeMap<String, Value> = files.filter_map(|file| schema(&file)).collect();
    let name = |file: &str| file.trim_end_matches(".schema.json").to_owned();
    // Those of TOML files allow no documents.
    let of_documents = all.iter().filter(|(_, schema)| schema["anyOf"].is_array());
    of_documents.map(|(file, schema)| (name(file), documents(schema, &all))).collect()
}

/// Allows no other fields than those that are described.
fn close(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        if object.get("properties").is_some_and(Value::is_object) {
            object.entry("additionalProperties").or_insert(Value::Bool(false));
        }
        object.values_mut().for_each(close);
    }
    schema.as_array_mut().into_iter().flatten().for_each(close);
}

/// Each document that a schema allows, so that it is known which one it was, and why it is none.
fn documents(schema: &Value, all: &BTreeMap<String, Value>) -> Vec<(String, Validator)> {
    let places = schema["anyOf"].as_array().expect("documents").iter().filter_map(|one| one["$ref"].as_str());
    let document = |place: &str| {
        let one = match all.get(place) {
            Some(other) => other.clone(),
            None => json!({ "$schema": schema["$schema"], "$ref": place, "$defs": schema["$defs"] }),
        };
        let validator = jsonschema::validator_for(&one).expect("a schema");
        (place.trim_start_matches("#/$defs/").to_owned(), validator)
    };
    places.map(document).collect()
}

/// Holds a document against a schema, and says what is wrong with it.
fn validate(name: &str, document: &Value) -> Result<(), String> {
    let documents = SCHEMAS.get(name).ok_or_else(|| format!("there is no docs/schema/{name}.schema.json"))?;
    let errors = documents.iter().map(|(one, validator)| {
        let errors = validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path()));
        (one, errors.collect::<Vec<_>>())
    });
    // Of those that it is not, the one that it is nearest to.
    let (one, errors) = errors.min_by_key(|(_, errors)| errors.len()).expect("a document");
    if errors.is_empty() {
        SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert((name.to_owned(), one.clone()));
        return Ok(());
    }
    Err(format!("is no {one} of docs/schema/{name}.schema.json: {}", errors.join("\n    ")))
}

/// Holds what a run printed and wrote against the schemas.
pub fn check(run: &Run, ended: &Ended) -> Result<(), String> {
    let wants_json = run.arguments.windows(2).any(|pair| pair == ["--format", "json"])
        || run.arguments.iter().any(|argument| argument == "--format=json");
    if wants_json {
        let command = run.arguments.first().map_or("", String::as_str);
        printed(command, &ended.stdout).map_err(|problem| format!("what {:?} printed {problem}", run.arguments))?;
    }
    written(run, ended.exit).map_err(|problem| format!("what {:?} wrote {problem}", run.arguments))
}

/// Holds what a command printed against its schema; what is no JSON was cut off, or is no document.
pub fn printed(command: &str, stdout: &[u8]) -> Result<(), String> {
    let Ok(document) = serde_json::from_slice::<Value>(stdout) else { return Ok(()) };
    match document["command"].as_str() {
        Some(command) if TEXT_ONLY.contains(&command) => validate("error", &document),
        Some(command) => validate(&command.replace(' ', "-"), &document),
        // The plan itself, which has no frame.
        None => validate(command, &document),
    }
}

/// The files that a run was told to write, and the receipt.
fn written(run: &Run, exit: i32) -> Result<(), String> {
    let command = run.arguments.first().map_or("", String::as_str);
    let is_plugin = command == "plugin";
    let command = if is_plugin { run.arguments.get(1).map_or("", String::as_str) } else { command };
    let named = |option: &str| {
        let at = run.arguments.iter().position(|argument| argument == option)?;
        Some(run.folder.join(run.arguments.get(at + 1)?))
    };
    let read = |file: &Path| fs::read(file).ok();
    let json = |bytes: &[u8]| serde_json::from_slice(bytes).map_err(|error| format!("is no JSON: {error}"));
    let is_dry = run.arguments.iter().any(|argument| argument == "--dry-run");
    if exit == 0 && !is_dry && matches!(command, "generate" | "apply") {
        let output = named("--output").unwrap_or_default();
        if let Some(bytes) = read(&output.join(".packbox/receipt.json")) {
            validate("receipt", &json(&bytes)?)?;
        }
    }
    if let Some(bytes) = named("--save").filter(|_| exit == 0).and_then(|file| read(&file)) {
        validate(if command == "plan" { "plan" } else { "baseline" }, &json(&bytes)?)?;
    }
    // Where something else stands, nothing is written.
    if let Some(bytes) = named("--record").filter(|_| exit != 3).and_then(|file| read(&file)) {
        let mut archive = tar::Archive::new(&bytes[..]);
        let first = archive.entries().ok().and_then(|mut entries| entries.next()?.ok());
        let mut text = Vec::new();
        first.ok_or("has no entries")?.read_to_end(&mut text).map_err(|error| error.to_string())?;
        validate("record", &json(&text)?)?;
    }
    Ok(())
}

/// The documents that no run so far printed or wrote.
pub fn unseen() -> Vec<String> {
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let all = SCHEMAS.iter().flat_map(|(name, documents)| documents.iter().map(move |(one, _)| (name, one)));
    let unseen = all.filter(|(name, one)| !seen.contains(&((*name).clone(), (*one).clone())));
    unseen.map(|(name, one)| format!("{name}: {one}")).collect()
}
