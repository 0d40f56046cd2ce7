//! `[variables.*]`: reads the declarations and checks each against itself.

use std::collections::{BTreeSet, HashSet};

use toml::de::DeValue;

use super::imports::{check_rule, read_import};
use super::reader::{Findings, TableReader, ValueReader};
use crate::pack::names::{PackName, VariableName};
use crate::pack::spanned::Spanned;
use crate::pack::variable::Variable;
use crate::show::quoted;
use crate::text::meant;
use crate::values::{Choice, ItemKind, Pattern, VariableKind};

const KINDS: [&str; 8] = ["string", "integer", "number", "boolean", "choice", "list", "secret", "graph"];

/// The keys that only some types have, with the types.
const KIND_KEYS: [(&str, &str); 11] = [
    ("pattern", "variables of type string"),
    ("min_length", "variables of type string"),
    ("max_length", "variables of type string"),
    ("multiline", "variables of type string"),
    ("min", "variables of type integer or number"),
    ("max", "variables of type integer or number"),
    ("choices", "variables of type choice"),
    ("items", "variables of type list"),
    ("min_items", "variables of type list"),
    ("max_items", "variables of type list"),
    ("unique", "variables of type list"),
];

/// How many steps ([`VariableKind::steps`]) the defaults and examples of a manifest may take: about a second.
const MAX_STEPS: u64 = 1 << 31;

/// Reads `[variables.*]` in the order of the text.
pub(super) fn read_variables(root: &mut TableReader<'_, '_>, dependencies: &BTreeSet<&PackName>) -> Vec<Variable> {
    let mut variables = Vec::new();
    let mut steps_left = MAX_STEPS;
    for (name, value) in root.entries::<VariableName>("variables", "variable") {
        if let Some(table) = value.table(format!("[variables.{}]", name.value)) {
            variables.extend(read_variable((name, table), dependencies, &mut steps_left));
        }
    }
    variables
}

fn read_variable(
    (name, mut table): (Spanned<VariableName>, TableReader<'_, '_>),
    dependencies: &BTreeSet<&PackName>,
    steps_left: &mut u64,
) -> Option<Variable> {
    let findings = table.findings;
    let kind_text = table.require("type", "for instance `type = \"string\"`").and_then(ValueReader::text);
    let prompt = table.filled_text("prompt").map(|text| text.value);
    let help = table.filled_text("help").map(|text| text.value);
    let compute = table.filled_text("compute");
    let when = table.filled_text("when");
    let import = read_import(&mut table, dependencies);
    // These two are looked at again once the type is known.
    let example = table.get("example").and_then(ValueReader::json);
    let default = table.get("default").and_then(ValueReader::json);

    let Some(kind_text) = kind_text else { return of_no_type(table) };
    let kind = read_kind(&kind_text.value, &mut table);
    if kind.is_none() && !KINDS.contains(&kind_text.value.as_str()) {
        let help = match meant(&kind_text.value, KINDS.into_iter()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the types are {}", KINDS.join(", ")),
        };
        let message = format!("{} is not a variable type", quoted(&kind_text.value));
        findings.add_with_help("manifest/value", &kind_text.range, message, help);
        return of_no_type(table);
    }
    if let (Some(import), Some(kind)) = (&import, &kind) {
        check_rule(&table, import, kind);
    }
    table.finish(&KIND_KEYS);
    let kind = kind?;

    if let (Some(_), Some(compute)) = (&default, &compute) {
        let message = format!("`{}` has both `default` and `compute`", name.value);
        findings.add_with_help("manifest/value", &compute.range, message, "keep one of them");
    }
    if let (VariableKind::Secret, Some(default)) = (&kind, &default) {
        let help = "a default in a pack is known to everybody; let the user give it";
        findings.add_with_help("manifest/value", &default.range, "a secret cannot have a default", help);
        return None;
    }
    if matches!(kind, VariableKind::Graph) {
        // A pack may not choose which of the user's files are read.
        if let Some(compute) = &compute {
            let help = "let the user name the file; data of the pack's own belongs to the `files` of `[ontology]`";
            findings.add_with_help("manifest/value", &compute.range, "a graph cannot be computed", help);
        }
        if let Some(default) =
            default.as_ref().filter(|default| default.value.as_str().is_none_or(|path| !path.is_empty()))
        {
            let help = "write `default = \"\"` for a graph that may be left out; data of the pack's own belongs to the \
                        `files` of `[ontology]`";
            findings.add_with_help("manifest/value", &default.range, "the default of a graph is no file", help);
        }
    }
    for (key, value) in [("example", &example), ("default", &default)] {
        let Some(Spanned { value, range }) = value else { continue };
        let Some(left) = steps_left.checked_sub(kind.steps(value)) else {
            let help = "use simpler patterns, or shorter defaults and examples";
            findings.add_with_help("manifest/value", range, "the patterns take too long to match", help);
            return None;
        };
        *steps_left = left;
        if let Err(problem) = kind.check(value) {
            let message = format!("the {key} of `{}` {problem}", name.value);
            let meant = value.as_str().and_then(|text| kind.parse_text(text).ok()).filter(|meant| meant != value);
            match meant.filter(|meant| kind.check(meant).is_ok()).and_then(|meant| toml::Value::try_from(meant).ok()) {
                Some(meant) => {
                    let help = format!("write {}", quoted(&format!("{key} = {meant}")));
                    findings.add_with_help("manifest/value", range, message, help);
                }
                None => findings.add("manifest/value", range, message),
            }
        }
    }
    let (example, default) = (example.map(|example| example.value), default.map(|default| default.value));
    Some(Variable { name: name.value, kind, prompt, help, example, default, compute, import, when, range: name.range })
}

/// Reports the keys that no type has: which others are right depends on the type, and nothing is said about them.
fn of_no_type(mut table: TableReader<'_, '_>) -> Option<Variable> {
    for (key, _) in KIND_KEYS {
        let _ = table.get(key);
    }
    table.finish(&[]);
    None
}

/// Reads what belongs to the type. None where the type does not exist or its keys are wrong, which is then reported.
fn read_kind(name: &str, table: &mut TableReader<'_, '_>) -> Option<VariableKind> {
    match name {
        "string" => {
            let (min_length, max_length) = count_range(table, "min_length", "max_length");
            let (pattern, multiline) = (table.get("pattern"), table.boolean("multiline").unwrap_or(false));
            let pattern = match pattern {
                Some(pattern) => Some(read_pattern(pattern, table.findings)?),
                None => None,
            };
            Some(VariableKind::String { pattern, min_length, max_length, multiline })
        }
        "integer" => {
            let (min, max) = (table.get("min"), table.get("max"));
            let (min, max) = (min.and_then(ValueReader::integer), max.and_then(ValueReader::integer));
            check_order(table.findings, ("min", &min), ("max", &max));
            Some(VariableKind::Integer { min: min.map(|min| min.value), max: max.map(|max| max.value) })
        }
        "number" => {
            let (min, max) = (table.get("min"), table.get("max"));
            let (min, max) = (min.and_then(read_number), max.and_then(read_number));
            check_order(table.findings, ("min", &min), ("max", &max));
            Some(VariableKind::Number { min: min.map(|min| min.value), max: max.map(|max| max.value) })
        }
        "boolean" => Some(VariableKind::Boolean),
        "choice" => read_choices(table).map(|choices| VariableKind::Choice { choices }),
        "list" => {
            let (min_items, max_items) = count_range(table, "min_items", "max_items");
            let unique = table.boolean("unique").unwrap_or(false);
            let items = match table.text("items") {
                Some(items) => read_item_kind(&items, table.findings)?,
                None => ItemKind::String,
            };
            Some(VariableKind::List { items, min_items, max_items, unique })
        }
        "secret" => Some(VariableKind::Secret),
        "graph" => Some(VariableKind::Graph),
        _ => None,
    }
}

fn read_pattern(value: ValueReader<'_, '_>, findings: &Findings<'_>) -> Option<Pattern> {
    let text = value.text()?;
    match Pattern::new(&text.value) {
        Ok(pattern) => Some(pattern),
        Err(problem) => {
            findings.add("manifest/value", &text.range, format!("`pattern` {problem}"));
            None
        }
    }
}

fn read_item_kind(text: &Spanned<String>, findings: &Findings<'_>) -> Option<ItemKind> {
    let kinds = [ItemKind::String, ItemKind::Integer, ItemKind::Number, ItemKind::Boolean, ItemKind::Table];
    let kind = kinds.into_iter().find(|kind| kind.name() == text.value);
    if kind.is_none() {
        let names = kinds.map(ItemKind::name);
        let message = format!("`items` is {}: must be one of {}", quoted(&text.value), names.join(", "));
        match meant(&text.value, names.into_iter()) {
            Some(near) => {
                findings.add_with_help("manifest/value", &text.range, message, format!("did you mean `{near}`?"));
            }
            None => findings.add("manifest/value", &text.range, message),
        }
    }
    kind
}

fn read_choices(table: &mut TableReader<'_, '_>) -> Option<Vec<Choice>> {
    let findings = table.findings;
    let list = table.require("choices", "for instance `choices = [\"postgres\", \"sqlite\"]`")?;
    let range = list.range();
    if !matches!(list.raw(), DeValue::Array(_)) {
        return list.wrong_type("a list");
    }
    let elements = list.elements();
    if elements.is_empty() {
        findings.add("manifest/value", &range, "`choices` must not be empty");
        return None;
    }
    let mut choices: Vec<Choice> = Vec::with_capacity(elements.len());
    let mut seen = HashSet::with_capacity(elements.len());
    for element in elements {
        let range = element.range();
        let choice = match element.raw() {
            DeValue::String(text) => Choice { value: text.clone().into_owned(), label: None },
            DeValue::Table(_) => {
                let mut choice = element.table("a choice")?;
                let value = choice.require("value", "for instance `{ value = \"pg\", label = \"PostgreSQL\" }`");
                let value = value.and_then(ValueReader::text);
                let label = choice.filled_text("label").map(|label| label.value);
                choice.finish(&[]);
                Choice { value: value?.value, label }
            }
            _ => return element.wrong_type("a string, or a table with `value` and `label`"),
        };
        if !seen.insert(choice.value.clone()) {
            findings.add("manifest/value", &range, format!("the choice {} is listed twice", quoted(&choice.value)));
        }
        choices.push(choice);
    }
    Some(choices)
}

/// Reads a number that may be written with or without a fraction.
fn read_number(value: ValueReader<'_, '_>) -> Option<Spanned<f64>> {
    if !matches!(value.raw(), DeValue::Integer(_) | DeValue::Float(_)) {
        return value.wrong_type("a number");
    }
    let number = value.json()?;
    Some(number.with(number.value.as_f64()?))
}

fn count_range(
    table: &mut TableReader<'_, '_>,
    min_key: &'static str,
    max_key: &'static str,
) -> (Option<u64>, Option<u64>) {
    let (min, max) = (table.count(min_key), table.count(max_key));
    check_order(table.findings, (min_key, &min), (max_key, &max));
    (min.map(|min| min.value), max.map(|max| max.value))
}

fn check_order<T: PartialOrd>(
    findings: &Findings<'_>,
    (min_key, min): (&str, &Option<Spanned<T>>),
    (max_key, max): (&str, &Option<Spanned<T>>),
) {
    if let (Some(min), Some(max)) = (min, max)
        && min.value > max.value
    {
        findings.add("manifest/value", &max.range, format!("`{max_key}` is less than `{min_key}`"));
    }
}
