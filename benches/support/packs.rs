//! Packs to measure with, and whole processes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

const TEMPLATE: &str = include_str!("../data/medium.jinja");
const CONTEXT: &str = include_str!("../data/context.json");

#[derive(Deserialize)]
struct Sizes {
    packs: Vec<Size>,
}

/// How large a pack is to be.
#[derive(Deserialize, Clone)]
pub struct Size {
    /// Its name.
    pub name: String,
    /// Templates.
    pub templates: usize,
    /// Bytes of each, about.
    pub bytes: usize,
    /// Bytes of other files, which are copied.
    #[serde(default)]
    pub copied: usize,
}

/// The sizes that `fixtures/packs.toml` names.
pub fn sizes() -> Vec<Size> {
    let sizes: Sizes = toml::from_str(include_str!("../../fixtures/packs.toml")).expect("sizes");
    sizes.packs
}

/// A folder in memory where the system has one: this is about packbox, not about the disk.
pub fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::tempdir_in(folder).expect("a folder")
}

/// Makes a pack whose variables are the benchmark's context.
pub fn make_pack(folder: &Path, size: &Size) -> PathBuf {
    let pack = folder.join(&size.name);
    std::fs::create_dir_all(pack.join("templates")).expect("a folder");
    let context: serde_json::Map<String, serde_json::Value> = serde_json::from_str(CONTEXT).expect("JSON");
    let mut manifest = format!(
        "[pack]\nname = \"{}\"\nversion = \"1.0.0\"\ntitle = \"A pack\"\ndescription = \"A pack to measure with\"\n\
         license = \"MIT\"\ncategory = \"bench\"\nauthors = [\"A. Author <a@example.org>\"]\nkeywords = [\"bench\"]\n\
         packbox = \">=0.1, <0.2\"\n",
        size.name
    );
    let mut template = String::new();
    for (name, value) in context {
        let (kind, value) = match value {
            // A variable is no table, so a table is the only item of a list.
            serde_json::Value::Object(_) => {
                template = format!("{template}{{% set {name} = {name}[0] -%}}\n");
                ("list\"\nitems = \"table", serde_json::Value::Array(vec![value]))
            }
            serde_json::Value::Array(ref items) if items.iter().all(serde_json::Value::is_object) => {
                ("list\"\nitems = \"table", value)
            }
            serde_json::Value::Array(_) => ("list\"\nitems = \"string", value),
            serde_json::Value::Bool(_) => ("boolean", value),
            serde_json::Value::Number(_) => ("integer", value),
            _ => ("string", value),
        };
        let default = toml::Value::try_from(&value).expect("TOML");
        manifest = format!("{manifest}\n[variables.{name}]\ntype = \"{kind}\"\ndefault = {default}\n");
    }
    manifest += "\n[[templates]]\nsource = \"templates\"\noutput = \"src\"\n";
    if size.copied > 0 {
        manifest += "\n[[templates]]\nsource = \"assets\"\noutput = \"assets\"\n";
        std::fs::create_dir_all(pack.join("assets")).expect("a folder");
        for number in 0..10 {
            let line = format!("line of the file {number}: alpha beta gamma delta, value list item config\n");
            let text = line.repeat(size.copied / 10 / line.len());
            std::fs::write(pack.join(format!("assets/data{number}.txt")), text).expect("a file");
        }
    }
    std::fs::write(pack.join("pack.toml"), manifest).expect("a file");
    template += TEMPLATE;
    for number in 0..size.templates {
        // Different texts of about the wanted size: no two templates are one.
        let filler = "/".repeat(size.bytes.saturating_sub(template.len()).clamp(1, 78));
        let text = format!("{template}\n{filler} file {number}\n");
        std::fs::write(pack.join(format!("templates/file{number:03}.rs.jinja")), text).expect("a file");
    }
    pack
}

/// Runs a command that must succeed, and says how long it took.
pub fn run(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it starts");
    let time = started.elapsed();
    assert!(status.success(), "{command:?}");
    time
}
