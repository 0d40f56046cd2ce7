//! What the host says about a pack, near enough to `docs/validators.md` to check the rules natively.

use std::collections::BTreeMap;

use jinja::bindings::exports::packbox::plugin::expressions::{Mode, Source};
use packbox_facts::{Expression, Facts, FileFact, Names, Output, Partial, Place, Plugin, Role, Template};
use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::pack::Pack;
use crate::bindings::exports::packbox::plugin::validator::Subject;
use crate::bindings::packbox::plugin::types::File;
use crate::source::extension;

/// How much of a pack is handed over, in bytes.
const INPUT: usize = 16 << 20;

/// Makes what a validator is asked with.
pub fn subject(pack: &Pack) -> Subject {
    let text = std::str::from_utf8(&pack["pack.toml"].contents).unwrap();
    let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let manifest = serde_json::to_value(table).unwrap();
    let mut places = BTreeMap::new();
    add_places(text, "", DeTable::parse(text).unwrap().get_ref(), &mut places);

    let templates = templates(pack, &manifest);
    let message = manifest.pointer("/pack/message").and_then(Value::as_str);
    let entry_of = |path: &str| templates.iter().find(|template| template.source == path);
    let component = |path: &str| {
        let plugins = manifest.get("plugins").and_then(Value::as_object);
        plugins.is_some_and(|plugins| plugins.values().any(|plugin| plugin["component"] == path))
    };
    let (mut files, mut handed, mut left, mut partials) = (Vec::new(), Vec::new(), INPUT, Vec::new());
    for (path, file) in pack {
        let role = match path.as_str() {
            "pack.toml" => Role::Manifest,
            ".packboxignore" => Role::IgnoreFile,
            path if component(path) => Role::Plugin,
            path if message == Some(path) => Role::Message,
            path => match entry_of(path) {
                Some(entry) if entry.engine == "copy" => Role::Copy,
                Some(_) => Role::Template,
                // Other engines' partials are told by their endings; one example has some.
                None if is_jinja(path) || path.contains(".schema.") => Role::Partial,
                None => Role::Other,
            },
        };
        if role == Role::Partial {
            partials.push(partial(pack, path));
        }
        let fits = file.contents.len() <= left;
        if fits {
            left -= file.contents.len();
            handed.push(File { path: path.clone(), contents: file.contents.clone() });
        }
        let (bytes, executable) = (file.contents.len() as u64, file.executable);
        files.push(FileFact { path: path.clone(), bytes, executable, role, handed: fits });
    }
    let output = |template: &Template| Output {
        path: template.output.clone(),
        template: template.source.clone(),
        entry: template.entry,
        executable: false,
    };
    // Only what depends on nothing is said: evaluating is the engine's business.
    let certain = |template: &&Template| !template.output.contains("{{") && template.when.is_none();
    let limits = [("memory", 64 << 20), ("time_ms", 2000), ("outputs", 1024)];
    let facts = Facts {
        packbox: "0.1.0".to_owned(),
        abi: "0.1.0".to_owned(),
        places,
        files,
        partials,
        message: message.map(|path| partial(pack, path)),
        expressions: expressions(&manifest, &templates),
        outputs: Some(templates.iter().filter(certain).map(output).collect()),
        plugins: plugins(pack, &manifest),
        limits: limits.map(|(name, value)| (name.to_owned(), value)).into(),
        templates,
    };
    Subject { manifest: manifest.to_string().into_bytes(), facts: serde_json::to_vec(&facts).unwrap(), files: handed }
}

fn add_places(text: &str, at: &str, table: &DeTable<'_>, places: &mut BTreeMap<String, Place>) {
    for (key, value) in table {
        add_place(text, &format!("{at}/{}", key.get_ref()), key.span(), value, places);
    }
}

fn add_place(
    text: &str,
    at: &str,
    key: std::ops::Range<usize>,
    value: &toml::Spanned<DeValue<'_>>,
    places: &mut BTreeMap<String, Place>,
) {
    let position = |offset: usize| {
        let before = &text[..offset];
        let column = offset - before.rfind('\n').map_or(0, |feed| feed + 1) + 1;
        [before.matches('\n').count() + 1, column].map(|number| u32::try_from(number).unwrap())
    };
    let span = if value.get_ref().is_table() { key } else { value.span() };
    let ([line, column], [end_line, end_column]) = (position(span.start), position(span.end));
    places.insert(at.to_owned(), [line, column, end_line, end_column]);
    match value.get_ref() {
        DeValue::Table(table) => add_places(text, at, table, places),
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                add_place(text, &format!("{at}/{index}"), item.span(), item, places);
            }
        }
        _ => {}
    }
}

fn templates(pack: &Pack, manifest: &Value) -> Vec<Template> {
    let entries = manifest.get("templates").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let sources: Vec<&str> = entries.iter().map(|entry| entry["source"].as_str().unwrap()).collect();
    let below = |path: &str, folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    let mut templates = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let source = sources[index];
        assert!(pack.keys().any(|path| path == source || below(path, source)), "{source} is missing");
        let is_ours = |path: &str| {
            path == source
                || (below(path, source)
                    && !sources
                        .iter()
                        .any(|other| other.len() > source.len() && (path == *other || below(path, other))))
        };
        for (path, file) in pack.iter().filter(|(path, _)| is_ours(path)) {
            let text = |key: &str| entry.get(key).and_then(Value::as_str);
            let engine = text("engine").unwrap_or(if is_jinja(path) { "jinja" } else { "copy" });
            let output = if path == source {
                text("output").expect("an output").to_owned()
            } else {
                let rest = path[source.len() + 1..].trim_end_matches(".jinja").trim_end_matches(".j2");
                text("output")
                    .filter(|output| *output != ".")
                    .map_or(rest.to_owned(), |output| format!("{output}/{rest}"))
            };
            let executable = entry.get("executable").and_then(Value::as_bool).unwrap_or(file.executable);
            templates.push(Template {
                source: path.clone(),
                engine: engine.to_owned(),
                then: Vec::new(),
                entry: index,
                output,
                for_each: text("for_each").map(str::to_owned),
                when: text("when").map(str::to_owned),
                executable,
                names: (engine == "jinja").then(|| names(path, &file.contents)).flatten(),
            });
        }
    }
    templates
}

fn is_jinja(path: &str) -> bool {
    matches!(extension(path).as_str(), "jinja" | "j2")
}

fn partial(pack: &Pack, path: &str) -> Partial {
    let (engine, names) =
        if is_jinja(path) { ("jinja", names(path, &pack[path].contents)) } else { ("plugin:other", None) };
    Partial { path: path.to_owned(), engine: engine.to_owned(), names }
}

fn names(path: &str, contents: &[u8]) -> Option<Names> {
    let file = jinja::bindings::packbox::plugin::types::File { path: path.to_owned(), contents: contents.to_vec() };
    let info = jinja::inspect::inspect(&file).ok()?;
    Some(Names { variables: info.variables, partials: info.partials, blocks: info.blocks })
}

fn expressions(manifest: &Value, templates: &[Template]) -> Vec<Expression> {
    let mut found = Vec::new();
    let mut add = |at: String, source: Option<&str>, text: &str, mode: Mode| {
        let request = Source { text: text.to_owned(), mode, locals: b"{}".to_vec() };
        let variables = jinja::expressions::inspect(&[request]).remove(0).expect("an expression");
        found.push(Expression { at, source: source.map(str::to_owned), text: text.to_owned(), variables });
    };
    for (name, table) in manifest.get("variables").and_then(Value::as_object).into_iter().flatten() {
        for key in ["compute", "when"] {
            if let Some(text) = table[key].as_str() {
                add(format!("/variables/{name}/{key}"), None, text, Mode::Expression);
            }
        }
    }
    for template in templates {
        let (at, source) = (format!("/templates/{}", template.entry), Some(template.source.as_str()));
        if let Some(when) = &template.when {
            add(format!("{at}/when"), source, when, Mode::Expression);
        }
        add(format!("{at}/output"), source, &template.output, Mode::Template);
    }
    found
}

fn plugins(pack: &Pack, manifest: &Value) -> Vec<Plugin> {
    let text = manifest.to_string();
    let describe = |(name, plugin): (&String, &Value)| {
        let component = plugin["component"].as_str().unwrap();
        let contents = &pack[component].contents;
        let is_component = contents.starts_with(b"\0asm\x0d");
        let has_interface = contents.windows(15).any(|window| window == b"packbox:plugin/");
        Plugin {
            name: name.clone(),
            component: component.to_owned(),
            bytes: contents.len() as u64,
            sha256: plugin["sha256"].as_str().unwrap_or_default().to_owned(),
            abi: has_interface.then(|| "0.1.0".to_owned()),
            used: text.contains(&format!("\"plugin:{name}\"")),
            problem: (!is_component || !has_interface).then(|| "it is no plugin".to_owned()),
            ..Plugin::default()
        }
    };
    manifest.get("plugins").and_then(Value::as_object).into_iter().flatten().map(describe).collect()
}
