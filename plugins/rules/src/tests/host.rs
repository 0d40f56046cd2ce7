//! What the host says about a pack, near enough to `docs/validators.md` to check the rules natively.

use jinja::bindings::exports::packbox::plugin::expressions::{Mode, Source};
use serde_json::{Map, Value, json};
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
    let mut places = Map::new();
    add_places(text, "", DeTable::parse(text).unwrap().get_ref(), &mut places);

    let templates = templates(pack, &manifest);
    let message = manifest.pointer("/pack/message").and_then(Value::as_str);
    let entry_of = |path: &str| templates.iter().find(|template| template["source"] == path);
    let component = |path: &str| {
        let plugins = manifest.get("plugins").and_then(Value::as_object);
        plugins.is_some_and(|plugins| plugins.values().any(|plugin| plugin["component"] == path))
    };
    let (mut files, mut handed, mut left, mut partials) = (Vec::new(), Vec::new(), INPUT, Vec::new());
    for (path, file) in pack {
        let role = match path.as_str() {
            "pack.toml" => "manifest",
            ".packboxignore" => "ignore-file",
            path if component(path) => "plugin",
            path if message == Some(path) => "message",
            path => match entry_of(path) {
                Some(entry) if entry["engine"] == "copy" => "copy",
                Some(_) => "template",
                // Other engines' partials are told by their endings; one example has some.
                None if is_jinja(path) || path.contains(".schema.") => "partial",
                None => "other",
            },
        };
        if role == "partial" {
            partials.push(partial(pack, path));
        }
        let fits = file.contents.len() <= left;
        if fits {
            left -= file.contents.len();
            handed.push(File { path: path.clone(), contents: file.contents.clone() });
        }
        let (bytes, executable) = (file.contents.len(), file.executable);
        files.push(json!({ "path": path, "bytes": bytes, "executable": executable, "role": role, "handed": fits }));
    }
    let output = |template: &Value| {
        let (path, source, entry) = (&template["output"], &template["source"], &template["entry"]);
        json!({ "path": path, "template": source, "entry": entry, "executable": false })
    };
    // Only what depends on nothing is said: evaluating is the engine's business.
    let certain =
        |template: &&Value| !template["output"].as_str().unwrap().contains("{{") && template["when"].is_null();
    let outputs: Vec<Value> = templates.iter().filter(certain).map(output).collect();
    let facts = json!({
        "packbox": "0.1.0", "abi": "0.1.0", "places": places, "files": files, "partials": partials,
        "message": message.map(|path| partial(pack, path)), "expressions": expressions(&manifest, &templates),
        "templates": templates, "outputs": outputs, "plugins": plugins(pack, &manifest),
        "limits": { "memory": 64 << 20, "time_ms": 2000, "outputs": 1024 },
    });
    let bytes = |value: &Value| value.to_string().into_bytes();
    Subject { manifest: bytes(&manifest), facts: bytes(&facts), files: handed }
}

fn add_places(text: &str, at: &str, table: &DeTable<'_>, places: &mut Map<String, Value>) {
    for (key, value) in table {
        add_place(text, &format!("{at}/{}", key.get_ref()), key.span(), value, places);
    }
}

fn add_place(
    text: &str,
    at: &str,
    key: std::ops::Range<usize>,
    value: &toml::Spanned<DeValue<'_>>,
    places: &mut Map<String, Value>,
) {
    let position = |offset: usize| {
        let before = &text[..offset];
        (before.matches('\n').count() + 1, offset - before.rfind('\n').map_or(0, |feed| feed + 1) + 1)
    };
    let span = if value.get_ref().is_table() { key } else { value.span() };
    let (start, end) = (position(span.start), position(span.end));
    places.insert(at.to_owned(), json!([start.0, start.1, end.0, end.1]));
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

fn templates(pack: &Pack, manifest: &Value) -> Vec<Value> {
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
            templates.push(json!({
                "source": path, "engine": engine, "entry": index, "output": output, "for_each": text("for_each"),
                "when": text("when"), "executable": executable,
                "names": if engine == "jinja" { names(path, &file.contents) } else { Value::Null },
            }));
        }
    }
    templates
}

fn is_jinja(path: &str) -> bool {
    matches!(extension(path).as_str(), "jinja" | "j2")
}

fn partial(pack: &Pack, path: &str) -> Value {
    let names = if is_jinja(path) { names(path, &pack[path].contents) } else { Value::Null };
    json!({ "path": path, "engine": if is_jinja(path) { "jinja" } else { "plugin:other" }, "names": names })
}

fn names(path: &str, contents: &[u8]) -> Value {
    let file = jinja::bindings::packbox::plugin::types::File { path: path.to_owned(), contents: contents.to_vec() };
    jinja::inspect::inspect(&file).map_or(
        Value::Null,
        |info| json!({ "variables": info.variables, "partials": info.partials, "blocks": info.blocks }),
    )
}

fn expressions(manifest: &Value, templates: &[Value]) -> Vec<Value> {
    let mut found = Vec::new();
    let mut add = |at: String, source: &Value, text: &Value, mode: Mode| {
        let Some(text) = text.as_str() else { return };
        let request = Source { text: text.to_owned(), mode, locals: b"{}".to_vec() };
        let variables = jinja::expressions::inspect(&[request]).remove(0).expect("an expression");
        found.push(json!({ "at": at, "source": source, "text": text, "variables": variables }));
    };
    for (name, table) in manifest.get("variables").and_then(Value::as_object).into_iter().flatten() {
        for key in ["compute", "when"] {
            add(format!("/variables/{name}/{key}"), &Value::Null, &table[key], Mode::Expression);
        }
    }
    for template in templates {
        let at = format!("/templates/{}", template["entry"]);
        add(format!("{at}/when"), &template["source"], &template["when"], Mode::Expression);
        add(format!("{at}/output"), &template["source"], &template["output"], Mode::Template);
    }
    found
}

fn plugins(pack: &Pack, manifest: &Value) -> Vec<Value> {
    let text = manifest.to_string();
    let describe = |(name, plugin): (&String, &Value)| {
        let component = plugin["component"].as_str().unwrap();
        let contents = &pack[component].contents;
        let is_component = contents.starts_with(b"\0asm\x0d");
        let has_interface = contents.windows(15).any(|window| window == b"packbox:plugin/");
        json!({
            "name": name, "component": component, "sha256": plugin["sha256"].as_str().unwrap_or(""),
            "abi": has_interface.then_some("0.1.0"), "used": text.contains(&format!("\"plugin:{name}\"")),
            "problem": (!is_component).then_some("it is no component"),
        })
    };
    manifest.get("plugins").and_then(Value::as_object).into_iter().flatten().map(describe).collect()
}
