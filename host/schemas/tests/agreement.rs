//! A schema and what reads the file agree: what is read without a finding fits, and what has an unknown key, a missing key or a
//! value of another type does not.
//!
//! Three kinds of values are left out: dates, which an editor takes for texts; numbers such as `1.0`, which JSON Schema takes for
//! whole ones; and for registries lists, which serde takes for a struct whose fields stand in their order.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;
use toml::Value as Toml;

use super::super::{COMPOSE, PACK, PACKBOX, PACKBOX_PLUGIN, REGISTRIES, Schema};
use super::all_made;
use crate::author::Project;
use crate::check::CheckConfig;
use crate::compose::packs::Settings;
use crate::error::Result;
use crate::limits::PackLimits;
use crate::pack::Manifest;
use crate::registry::Registries;

/// What came of reading a file.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    /// Nothing is wrong with it.
    Fine,
    /// It has a key that it should not have, whatever the value.
    Unknown,
    /// A key is missing, or the type of a value is wrong.
    Misshapen,
    /// Something else is, which a schema need not know.
    Refused,
}

fn read(schema: &Schema, text: &str) -> Read {
    let of = |result: Result<()>| {
        let Err(error) = result else { return Read::Fine };
        let has = |kind: &str| error.body().findings.iter().any(|finding| finding.rule.ends_with(kind));
        match () {
            () if has("/unknown-key") => Read::Unknown,
            () if has("/type") || has("/missing-key") => Read::Misshapen,
            () => Read::Refused,
        }
    };
    match schema.name {
        "compose-toml" => of(Settings::parse("compose.toml", text).map(drop)),
        "pack" => of(Manifest::parse("pack.toml", text, &PackLimits::default()).map(drop)),
        "packbox" => of(CheckConfig::parse("packbox.toml", text.as_bytes()).map(drop)),
        "packbox-plugin" => of(Project::parse(Path::new("."), "packbox-plugin.toml", text).map(drop)),
        "registries" => match toml::from_str::<Registries>(text) {
            Ok(_) => Read::Fine,
            Err(error) if error.message().starts_with("unknown field") => Read::Unknown,
            Err(_) => Read::Misshapen,
        },
        name => panic!("nothing reads {name}"),
    }
}

/// Whether a file fits its schema.
fn fits(validator: &Validator, file: &Toml) -> bool {
    validator.is_valid(&json(file))
}

fn json(value: &Toml) -> Value {
    match value {
        Toml::Datetime(date) => date.to_string().into(),
        Toml::Array(list) => list.iter().map(json).collect(),
        Toml::Table(table) => Value::Object(table.iter().map(|(key, value)| (key.clone(), json(value))).collect()),
        Toml::String(_) | Toml::Integer(_) | Toml::Float(_) | Toml::Boolean(_) => serde_json::to_value(value).unwrap(),
    }
}

/// Fails where the two disagree; says how the file was read.
fn agree(schema: &Schema, validator: &Validator, file: &Toml, what: &str) -> Read {
    let text = toml::to_string(file).unwrap();
    let (read, fits) = (read(schema, &text), fits(validator, file));
    let errors = || validator.iter_errors(&json(file)).map(|error| error.to_string()).collect::<Vec<_>>().join("\n");
    match read {
        Read::Fine => assert!(fits, "{what}: the schema refuses what is read: {}\n{text}", errors()),
        Read::Unknown | Read::Misshapen => assert!(!fits, "{what}: the schema takes what is not read\n{text}"),
        Read::Refused => {}
    }
    read
}

fn validators() -> Vec<(Schema, Validator, Value)> {
    let made = all_made().into_iter();
    made.map(|(schema, value)| (schema, jsonschema::validator_for(&value).expect("a schema"), value)).collect()
}

/// A file that has every key of a schema.
fn everything(schema: &Schema) -> Toml {
    let path = format!("{}/tests/data/schema/{}", env!("CARGO_MANIFEST_DIR"), schema.describes);
    Toml::Table(std::fs::read_to_string(&path).expect(&path).parse().expect(&path))
}

/// The names of all keys that a schema knows, wherever they are.
fn names(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(properties)) = map.get("properties") {
                names.extend(properties.keys().cloned());
            }
            map.values().for_each(|value| self::names(value, names));
        }
        Value::Array(list) => list.iter().for_each(|value| self::names(value, names)),
        _ => {}
    }
}

/// The names that a file has, wherever they are.
fn keys(file: &Toml, names: &mut BTreeSet<String>) {
    match file {
        Toml::Table(table) => {
            names.extend(table.keys().cloned());
            table.values().for_each(|value| keys(value, names));
        }
        Toml::Array(list) => list.iter().for_each(|value| keys(value, names)),
        _ => {}
    }
}

/// A value of each type.
fn samples(schema: &Schema) -> Vec<Toml> {
    let table = Toml::Table(toml::Table::new());
    let list = Toml::Array(vec!["x".into()]);
    let all = ["x".into(), Toml::Integer(7), Toml::Boolean(true), table, list].into_iter();
    all.filter(|sample| !(schema.name == REGISTRIES.name && sample.is_array())).collect()
}

/// More values of each type, and texts that some keys take.
fn more_samples(schema: &Schema) -> Vec<Toml> {
    let texts = [
        "",
        "1.2.3",
        "own",
        "merge-toml",
        "layer",
        "union",
        "a.b",
        "5s",
        "1MiB",
        "jinja",
        "string",
        "rust",
        "error",
        "warnings",
    ];
    let table: toml::Table = "zzz = 1".parse().unwrap();
    let mut samples = samples(schema);
    samples.extend(texts.into_iter().map(Toml::from));
    samples.extend([Toml::Integer(-7), Toml::Float(1.5), Toml::Table(table.clone())]);
    if schema.name != REGISTRIES.name {
        let lists = [vec![], vec![Toml::Integer(7)], vec![Toml::Table(table)]];
        samples.extend(lists.map(Toml::Array));
    }
    samples
}

/// A step into a file.
#[derive(Clone)]
enum Step {
    Key(String),
    Element(usize),
}

/// The places of all values of a file, itself included.
fn places(value: &Toml, here: &[Step], found: &mut Vec<Vec<Step>>) {
    found.push(here.to_vec());
    let mut visit = |step: Step, value: &Toml| places(value, &[here, &[step]].concat(), found);
    match value {
        Toml::Table(table) => table.iter().for_each(|(key, value)| visit(Step::Key(key.clone()), value)),
        Toml::Array(list) => list.iter().enumerate().for_each(|(at, value)| visit(Step::Element(at), value)),
        _ => {}
    }
}

fn at<'a>(file: &'a mut Toml, place: &[Step]) -> &'a mut Toml {
    place.iter().fold(file, |value, step| match step {
        Step::Key(key) => &mut value[key.as_str()],
        Step::Element(at) => &mut value[*at],
    })
}

fn shown(place: &[Step]) -> String {
    let steps = place.iter().map(|step| match step {
        Step::Key(key) => format!("/{key}"),
        Step::Element(at) => format!("/{at}"),
    });
    steps.collect()
}

#[test]
fn a_schema_has_every_key_and_no_other() {
    for (schema, validator, value) in validators() {
        let file = everything(&schema);
        assert_eq!(agree(&schema, &validator, &file, schema.name), Read::Fine, "{}", schema.name);
        let mut known = BTreeSet::new();
        names(&value, &mut known);
        let mut used = BTreeSet::new();
        keys(&file, &mut used);
        let unused: Vec<_> = known.difference(&used).collect();
        assert!(unused.is_empty(), "{} of tests/data/schema lacks {unused:?}", schema.describes);
    }
}

#[test]
fn every_change_of_a_value_is_seen_by_both() {
    let mut misshapen = 0;
    for (schema, validator, _) in validators() {
        let file = everything(&schema);
        let mut all = Vec::new();
        places(&file, &[], &mut all);
        for place in all.iter().filter(|place| !place.is_empty()) {
            for sample in more_samples(&schema) {
                let mut changed = file.clone();
                let what = format!("{}{} = {sample}", schema.name, shown(place));
                *at(&mut changed, place) = sample;
                misshapen += usize::from(agree(&schema, &validator, &changed, &what) == Read::Misshapen);
            }
            let mut changed = file.clone();
            let (last, above) = place.split_last().unwrap();
            match (last, at(&mut changed, above)) {
                (Step::Key(key), Toml::Table(table)) => drop(table.remove(key)),
                (Step::Element(at), Toml::Array(list)) => drop(list.remove(*at)),
                _ => unreachable!(),
            }
            agree(&schema, &validator, &changed, &format!("{} without {}", schema.name, shown(place)));
        }
    }
    assert!(misshapen > 500, "{misshapen}");
}

#[test]
fn every_key_is_known_to_both_or_to_none() {
    let mut unknown = 0;
    for (schema, validator, value) in validators() {
        let file = everything(&schema);
        let mut known: BTreeSet<String> = ["zzzzzzzz".to_owned()].into();
        names(&value, &mut known);
        known.extend(offered(&schema, &file));
        let mut all = Vec::new();
        places(&file, &[], &mut all);
        for place in all {
            for name in &known {
                for sample in samples(&schema) {
                    let mut changed = file.clone();
                    let Toml::Table(table) = at(&mut changed, &place) else { continue };
                    if table.contains_key(name) {
                        continue;
                    }
                    let what = format!("{}{}/{name} = {sample}", schema.name, shown(&place));
                    table.insert(name.clone(), sample);
                    if agree(&schema, &validator, &changed, &what) == Read::Unknown {
                        unknown += 1;
                        break;
                    }
                }
            }
        }
    }
    assert!(unknown > 500, "{unknown}");
}

/// The keys that whatever reads a file offers in place of one that it does not know, in any of the tables: those that it asks
/// for, whether the schema knows them or not.
fn offered(schema: &Schema, file: &Toml) -> BTreeSet<String> {
    let (mut all, mut found) = (Vec::new(), BTreeSet::new());
    places(file, &[], &mut all);
    for place in all {
        let mut changed = file.clone();
        let Toml::Table(table) = at(&mut changed, &place) else { continue };
        table.insert("zzzzzzzz".to_owned(), 1.into());
        let text = toml::to_string(&changed).unwrap();
        let told = match schema.name {
            "compose-toml" => Settings::parse("compose.toml", &text).err(),
            "pack" => Manifest::parse("pack.toml", &text, &PackLimits::default()).err(),
            "packbox" => CheckConfig::parse("packbox.toml", text.as_bytes()).err(),
            "packbox-plugin" => Project::parse(Path::new("."), "packbox-plugin.toml", &text).err(),
            _ => {
                let told = toml::from_str::<Registries>(&text).err().map(|error| error.message().to_owned());
                found.extend(told.unwrap_or_default().split('`').skip(1).step_by(2).map(str::to_owned));
                None
            }
        };
        let helps = told.iter().flat_map(|error| &error.body().findings).filter_map(|finding| finding.help.as_deref());
        let lists = helps.filter_map(|help| help.split_once(" are ")).flat_map(|(_, list)| list.split(", "));
        found.extend(lists.map(str::to_owned));
    }
    found.remove("zzzzzzzz");
    assert!(found.len() > 5, "{}: {found:?}", schema.name);
    found
}

/// The files of a name below a folder.
fn below(folder: &Path, name: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() && entry.file_name() != "target" {
            below(&path, name, found);
        } else if entry.file_name().to_str().is_some_and(|file| file == name || file == format!("{name}.in")) {
            found.push(path);
        }
    }
}

#[test]
fn real_files_fit_and_broken_ones_do_not() {
    let mut counts = Vec::new();
    for (schema, validator, _) in validators() {
        let mut files = Vec::new();
        for folder in
            ["examples", "fixtures", "tests", "plugins", "host/author/templates", "host/cli/commands/skeleton"]
        {
            below(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), schema.describes, &mut files);
        }
        let (mut fine, mut misshapen) = (0, 0);
        for path in files {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            // What is filled in when something new is made.
            let text = text.replace("PACK_NAME", "a").replace("PLUGIN_NAME", "a");
            let Ok(table) = text.parse::<toml::Table>() else { continue };
            let file = Toml::Table(table);
            match agree(&schema, &validator, &file, &path.display().to_string()) {
                Read::Fine => fine += 1,
                Read::Unknown | Read::Misshapen => misshapen += 1,
                Read::Refused => {}
            }
        }
        counts.push((schema.name, fine, misshapen));
    }
    let least = [
        (COMPOSE.name, 3, 0),
        (PACK.name, 100, 3),
        (PACKBOX.name, 3, 0),
        (PACKBOX_PLUGIN.name, 10, 1),
        (REGISTRIES.name, 1, 0),
    ];
    for ((name, fine, misshapen), (_, least_fine, least_misshapen)) in counts.iter().zip(least) {
        assert!(*fine >= least_fine && *misshapen >= least_misshapen, "{name}: {counts:?}");
    }
}
