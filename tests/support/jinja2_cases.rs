//! What the Jinja engine gives beside Python's Jinja2, row by row: `plugins/corpus/jinja2.json` holds both answers.
//!
//! Here the engine's answers are compared with it, and the tables of the documentation; `.ci/compare_jinja2.py` compares those of
//! Jinja2. `BLESS=1` rewrites the engine's answers and the tables.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use packbox::abi::{FileParam, JobParam};
use packbox::engine::{CallError, Group, Limits};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::engine_corpus::{engine, prepare};

#[derive(Serialize, Deserialize)]
struct Table {
    about: String,
    context: Map<String, Value>,
    partials: Map<String, Value>,
    rows: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    section: String,
    about: String,
    template: String,
    #[serde(default)]
    packbox: String,
    #[serde(default)]
    jinja2: String,
}

impl Row {
    /// Whether both give the same; errors count as the same, whatever they say.
    fn same(&self) -> bool {
        self.packbox == self.jinja2 || (self.packbox.starts_with("error: ") && self.jinja2.starts_with("error: "))
    }
}

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The engine gives what the file says, and the documentation shows it.
pub fn table() -> Result<(), String> {
    let path = in_repository("plugins/corpus/jinja2.json");
    let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let mut table: Table = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    if table.rows.len() < 60 {
        return Err(format!("{} rows", table.rows.len()));
    }
    let bless = std::env::var_os("BLESS").is_some();
    let mut differences = Vec::new();
    let answers = rendered(&table)?;
    for (row, answer) in table.rows.iter_mut().zip(answers) {
        if row.packbox != answer {
            differences.push(format!("{} {}: {answer:?} and not {:?}", row.section, row.about, row.packbox));
            row.packbox = answer;
        }
    }
    let mut files = vec![(path, serde_json::to_string_pretty(&table).map_err(|error| error.to_string())? + "\n")];
    for (page, part) in [("docs/templates.md", differing(&table)), ("docs/jinja2.md", equal(&table))] {
        let path = in_repository(page);
        let page = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        files.push((path, with_table(&page, &part)?));
    }
    for (path, wanted) in files {
        if fs::read_to_string(&path).map_err(|error| error.to_string())? == wanted {
            continue;
        }
        differences.push(format!("{} is not as it should be", path.display()));
        if bless {
            fs::write(path, wanted).map_err(|error| error.to_string())?;
        }
    }
    if bless || differences.is_empty() { Ok(()) } else { Err(differences.join("\n")) }
}

/// What the engine gives for each row: a text, or `error: ` and what it says.
fn rendered(table: &Table) -> Result<Vec<String>, String> {
    let engine = engine();
    let plugin = prepare(&engine, "jinja", include_bytes!("../../plugins/prebuilt/jinja.wasm"))?;
    let context = serde_json::to_vec(&table.context).map_err(|error| error.to_string())?;
    let partials = table.partials.iter();
    let partials: Vec<FileParam<'_>> = partials
        .map(|(path, text)| FileParam { path, contents: text.as_str().unwrap_or_default().as_bytes() })
        .collect();
    let jobs = table.rows.iter().map(|row| {
        let template = FileParam { path: "page.jinja", contents: row.template.as_bytes() };
        JobParam { template, locals: b"{}", options: b"{}" }
    });
    let jobs = jobs.collect();
    let group =
        Group { plugin: (&plugin).into(), limits: Limits::DEFAULT, context: &context, partials, jobs, recall: None };
    let results = engine
        .run()
        .render(&[group], NonZeroUsize::new(1), &|_, _, outcome| match outcome.result {
            Ok(mut rendered) => String::from_utf8_lossy(&rendered.outputs.0.remove(0).contents.0).into_owned(),
            Err(CallError::Invalid(found)) => format!("error: {}", found[0].message.0),
            Err(error) => format!("error: {error:?}"),
        })
        .map_err(|error| error.to_string())?;
    Ok(results.into_iter().flatten().collect())
}

const BEGIN: &str = "<!-- Made of plugins/corpus/jinja2.json; BLESS=1 makes it anew. -->\n";
const END: &str = "<!-- End of what is made. -->\n";

fn with_table(page: &str, part: &str) -> Result<String, String> {
    let (before, rest) = page.split_once(BEGIN).ok_or("a page has no place for its table")?;
    let (_, after) = rest.split_once(END).ok_or("a table of a page has no end")?;
    Ok(format!("{before}{BEGIN}\n{part}\n{END}{after}"))
}

fn differing(table: &Table) -> String {
    let line = |row: &Row| {
        let cells = [&row.template, &row.packbox, &row.jinja2].map(|cell| code(cell));
        format!("| {}: {} | {} |\n", row.section, row.about, cells.join(" | "))
    };
    let lines: String = table.rows.iter().filter(|row| !row.same()).map(line).collect();
    format!("| what | template | packbox | Jinja2 |\n| --- | --- | --- | --- |\n{lines}")
}

fn equal(table: &Table) -> String {
    let line = |row: &Row| {
        let gives = if row.packbox.starts_with("error: ") { "an error".to_owned() } else { code(&row.packbox) };
        format!("| {}: {} | {} | {gives} |\n", row.section, row.about, code(&row.template))
    };
    let lines: String = table.rows.iter().filter(|row| row.same()).map(line).collect();
    format!("| what | template | gives |\n| --- | --- | --- |\n{lines}")
}

/// A text as code within a cell: on one line, with `⏎` for line feeds.
fn code(text: &str) -> String {
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let text = text.replace('\r', "␍").replace('\n', "⏎").replace('|', "\\|");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
