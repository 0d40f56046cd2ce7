//! Packs to measure and to test with, as `fixtures/packs.toml` describes them: the same bytes each time.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

const TEMPLATE: &str = include_str!("../data/medium.jinja");
const CONTEXT: &str = include_str!("../data/context.json");
/// A line of text, as long as most lines are.
const LINE: &str = "a line of text that is no longer than most lines are\n";
/// Lines of a template for each line that has an expression.
const LINES: usize = 20;
/// Files of a pack that are copied.
const COPIED: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixtures {
    packs: Vec<Fixture>,
    projects: Vec<Project>,
}

/// A pack of the documented sizes.
#[derive(Debug, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// Its name.
    pub name: String,
    /// Templates.
    pub templates: usize,
    /// Queries.
    pub queries: usize,
    /// Variables.
    pub variables: usize,
    size: String,
    complexity: String,
}

/// A pack that is a project.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    name: String,
    templates: usize,
}

fn fixtures() -> Fixtures {
    toml::from_str(include_str!("../../fixtures/packs.toml")).expect("fixtures/packs.toml")
}

impl Fixture {
    /// All of them, the smallest first.
    pub fn all() -> Vec<Self> {
        fixtures().packs
    }

    /// The one whose name begins so.
    pub fn named(name: &str) -> Self {
        Self::all().into_iter().find(|one| one.name.starts_with(name)).expect("a fixture")
    }

    /// What the document calls it: `simple`, `medium`, `complex`, `extreme`.
    pub fn complexity(&self) -> &str {
        &self.complexity
    }

    /// Its bytes.
    pub fn bytes(&self) -> usize {
        let (number, unit) = self.size.split_at(self.size.len() - 2);
        let unit = match unit {
            "KB" => 1_000,
            "MB" => 1_000_000,
            _ => panic!("{}: a size is in KB or MB", self.name),
        };
        number.parse::<usize>().expect("a number") * unit
    }

    /// Makes it in a folder of its name.
    pub fn make(&self, folder: &Path) -> PathBuf {
        self.make_as(folder, &self.name, "")
    }

    /// Makes it under another name, and with more at the end of its `[pack]`.
    pub fn make_as(&self, folder: &Path, name: &str, more: &str) -> PathBuf {
        let pack = folder.join(name);
        let mut written = 0;
        let mut file = |path: &str, text: &str| {
            written += text.len();
            write(&pack, path, text);
        };
        let mut manifest = head(name) + more;
        for number in 0..self.variables {
            let _ = match number % 3 {
                2 => write!(manifest, "\n[variables.v{number}]\ntype = \"integer\"\ndefault = {number}\n"),
                _ => write!(manifest, "\n[variables.v{number}]\ntype = \"string\"\ndefault = \"value {number}\"\n"),
            };
        }
        for number in 0..self.queries {
            let _ = write!(manifest, "\n[queries.q{number}]\nfile = \"queries/q{number}.rq\"\n");
        }
        manifest += "\n[[templates]]\nsource = \"templates\"\noutput = \"src\"\n";
        manifest += "\n[[templates]]\nsource = \"assets\"\noutput = \"assets\"\n";
        file("pack.toml", &manifest);
        file("README.md", "# A pack\n\nIt is as large as the packs that packbox is measured with.\n");
        for number in 0..self.queries {
            file(&format!("queries/q{number}.rq"), &query(number));
        }
        for number in 0..self.templates {
            file(&format!("templates/file{number:03}.txt.jinja"), &self.template(number));
        }
        let each = self.bytes().saturating_sub(written) / COPIED;
        for number in 0..COPIED {
            let text = format!("file {number}\n") + &LINE.repeat(each / LINE.len());
            write(&pack, &format!("assets/data{number}.txt"), &text[..text.len().min(each)]);
        }
        pack
    }

    /// Makes so many of it, as [`parts`] of one project.
    pub fn make_parts(&self, folder: &Path, count: usize) -> Vec<PathBuf> {
        parts(count, |name| self.make_as(folder, name, ""))
    }

    /// A template of the size that each has: all of them read all variables in turn.
    fn template(&self, number: usize) -> String {
        let wanted = self.bytes() / 2 / self.templates;
        let mut text = format!("template {number}\n");
        let mut variable = number;
        while text.len() < wanted {
            let _ = writeln!(text, "value = {{{{ v{} }}}}", variable % self.variables);
            variable += 1;
            let lines = (wanted.saturating_sub(text.len()) / LINE.len()).min(LINES);
            text += &LINE.repeat(lines.max(1));
        }
        text
    }
}

/// A query about the services of a number.
pub fn query(number: usize) -> String {
    format!(
        "SELECT ?service ?port WHERE {{\n  ?service a <urn:example:service{number}> ;\n    <urn:example:port> ?port .\n}}\n\
         ORDER BY ?port\n"
    )
}

/// Makes the project of a name, whose variables are the context of the benchmarks.
pub fn make_project(folder: &Path, name: &str) -> PathBuf {
    make_project_as(folder, name, name)
}

/// Makes so many of a project, as [`parts`] of one.
pub fn make_project_parts(folder: &Path, project: &str, count: usize) -> Vec<PathBuf> {
    parts(count, |name| make_project_as(folder, project, name))
}

fn make_project_as(folder: &Path, project: &str, name: &str) -> PathBuf {
    let project = fixtures().projects.into_iter().find(|known| known.name == project).expect("a project");
    let pack = folder.join(name);
    let context: serde_json::Map<String, serde_json::Value> = serde_json::from_str(CONTEXT).expect("JSON");
    let (mut manifest, mut template) = (head(name), String::new());
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
        let _ = write!(manifest, "\n[variables.{name}]\ntype = \"{kind}\"\ndefault = {default}\n");
    }
    manifest += "\n[[templates]]\nsource = \"templates\"\noutput = \"src\"\n";
    write(&pack, "pack.toml", &manifest);
    for number in 0..project.templates {
        // No two templates are one.
        write(
            &pack,
            &format!("templates/file{number:03}.rs.jinja"),
            &format!("{template}{TEMPLATE}\n// file {number}\n"),
        );
    }
    pack
}

/// Makes packs that are parts of one project: each has a folder of its own in it, and all write two files, which are merged.
/// Each but the first needs the first, and takes a value from it.
fn parts(count: usize, make: impl Fn(&str) -> PathBuf) -> Vec<PathBuf> {
    (0..count)
        .map(|number| {
            let name = format!("part-{number}");
            let pack = make(&name);
            let manifest = std::fs::read_to_string(pack.join("pack.toml")).expect("a manifest");
            let mut manifest = manifest.replace("\noutput = \"", &format!("\noutput = \"{name}/"));
            manifest += match number {
                0 => "\n[variables.project]\ntype = \"string\"\ndefault = \"shop\"\n",
                _ => {
                    "\n[dependencies]\npart-0 = \"^1.0\"\n\n[variables.project]\ntype = \"string\"\nfrom = \"part-0.project\"\n"
                }
            };
            for (source, output, policy) in
                [("settings.toml.jinja", "settings.toml", "merge-toml"), ("ignore", ".gitignore", "append-lines")]
            {
                let _ = write!(
                    manifest,
                    "\n[[templates]]\nsource = \"shared/{source}\"\noutput = \"{output}\"\non_conflict = \"{policy}\"\n"
                );
            }
            write(&pack, "pack.toml", &manifest);
            let settings = "[project]\nname = {{ project | toml_string }}\n";
            write(&pack, "shared/settings.toml.jinja", &format!("{settings}\n[{name}]\nport = {}\n", 8_000 + number));
            write(&pack, "shared/ignore", &format!("/target\n/{name}/cache\n"));
            pack
        })
        .collect()
}

/// What every pack says about itself.
pub fn head(name: &str) -> String {
    format!(
        "[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\ntitle = \"A pack\"\ndescription = \"A pack to measure with\"\n\
         license = \"MIT\"\ncategory = \"bench\"\nauthors = [\"A. Author <a@example.org>\"]\nkeywords = [\"bench\"]\n\
         packbox = \">=0.1, <0.2\"\n"
    )
}

/// Writes a file of a pack.
pub fn write(pack: &Path, path: &str, text: &str) {
    let path = pack.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}
