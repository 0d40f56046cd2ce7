//! That the tree holds only what was written for it: no third party's source, whole, in part or as a patch.
//!
//! Three nets. Cargo's: a crate that is built from the tree has no `source` in a lock, so each of these must be one of
//! ours. What copies bring along: folders, files and headers. And the text itself: no file shares much with a file of a
//! crate that packbox or its plugins depend on.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;

use super::project_cases::files;

/// The cases of this file.
pub const ALL: [(&str, Case); 2] = [("source/nothing-copied", nothing_copied), ("source/nets-hold", nets_hold)];

/// A case: what it found wrong, or nothing.
type Case = fn() -> Result<(), String>;

/// The crates of the tree.
const OURS: [&str; 17] = [
    "fmt",
    "json-schema",
    "packbox",
    "packbox-facts",
    "packbox-fuzz",
    "packbox-plugin-common",
    "packbox-plugin-handlebars",
    "packbox-plugin-jinja",
    "packbox-plugin-liquid",
    "packbox-plugin-renderer",
    "packbox-plugin-rules",
    "packbox-merge",
    "packbox-sparql",
    "packbox-plugin-tera",
    "packbox-sdk",
    "plain",
    "team-rules",
];

/// Files that others wrote and that stand here as they are, each with the reason.
const OTHERS: [(&str, &str); 4] = [
    ("LICENSE-APACHE", "the text of packbox's license"),
    ("LICENSE-MIT", "the text of packbox's license"),
    ("examples/packs/rust-cli/licenses/apache-2.0.txt", "what the example's projects are licensed under"),
    ("tests/data/sarif-schema-2.1.0.json", "the standard that a report is checked against; data, not source"),
];

/// Files that speak of headers of files.
const SPEAK_OF_HEADERS: [&str; 2] =
    ["examples/plugins/team-rules/src/license_header.rs", "tests/support/source_cases.rs"];

/// Endings of files with source.
const SOURCE: [&str; 14] = ["c", "cc", "cpp", "css", "h", "html", "js", "mjs", "pest", "py", "rs", "sh", "ts", "wit"];

/// How many lines of some length two files must share, and what part of ours in per cent, for one to be a copy.
const SHARED: usize = 20;
const PART: usize = 40;

/// Nothing in the tree is a third party's.
fn nothing_copied() -> Result<(), String> {
    let paths = tree();
    let mut problems: Vec<String> = paths.iter().filter_map(|path| path_problem(path)).collect();
    let mut texts = Vec::new();
    let mut registry = BTreeSet::new();
    for path in &paths {
        let Ok(text) = fs::read_to_string(root().join(path)) else { continue };
        match path.rsplit('/').next() {
            Some("Cargo.toml") => problems.extend(manifest_problems(path, &text)?),
            Some("Cargo.lock") => {
                let lock = Lock::parse(path, &text)?;
                problems.extend(lock.problems(path));
                registry.extend(lock.registry);
            }
            _ => {}
        }
        if is_source(path) {
            problems.extend(header_problem(path, &text));
            texts.push((path.clone(), text));
        }
    }
    problems.extend(copies(&texts, &registry)?);
    for (path, reason) in OTHERS {
        if !paths.iter().any(|known| known == path) {
            problems.push(format!("{path} ({reason}) is not there any more: take it off the list"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// The nets hold what they should: a crate that was copied, patched, renamed or taken apart.
fn nets_hold() -> Result<(), String> {
    let caught = [
        path_problem("plugins/liquid/vendor/lib.rs"),
        path_problem("host/third_party/a.rs"),
        path_problem("plugins/a/Cargo.toml.orig"),
        path_problem("plugins/a/.cargo_vcs_info.json"),
        path_problem("plugins/a/LICENSE-MIT"),
        path_problem("plugins/a.patch"),
        manifest_problems("a/Cargo.toml", "[package]\nname = \"liquid-core\"\n")?.pop(),
        manifest_problems("a/Cargo.toml", "[package]\nname = \"plain\"\nauthors = [\"A. Body\"]\n")?.pop(),
        manifest_problems("Cargo.toml", "[patch.crates-io]\nliquid-core = { path = \"a\" }\n")?.pop(),
        manifest_problems("Cargo.toml", "[patch.\"https://example.org\"]\na = { git = \"https://example.org/a\" }\n")?
            .pop(),
        Lock::parse("Cargo.lock", "[[package]]\nname = \"liquid-core\"\nversion = \"0.26.11\"\n")?
            .problems("Cargo.lock")
            .pop(),
        header_problem("a.rs", "// Copyright 2019 A. Body\n"),
        header_problem("a.rs", "/* SPDX-License-Identifier: MIT */\n"),
    ];
    if let Some(missed) = caught.iter().position(Option::is_none) {
        return Err(format!("net {missed} lets through what it should hold"));
    }
    let fine = [path_problem("host/library/vendor.rs"), path_problem("docs/vendor.md"), path_problem("LICENSE-MIT")];
    if let Some(problem) = fine.into_iter().flatten().next() {
        return Err(problem);
    }
    copied_file_is_found()
}

/// A file of a dependency is found again, with a third of its lines changed and all of them indented.
fn copied_file_is_found() -> Result<(), String> {
    let text = fs::read_to_string(root().join("Cargo.lock")).map_err(|error| error.to_string())?;
    let registry = Lock::parse("Cargo.lock", &text)?.registry;
    let source = sources(&registry)?
        .into_iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .find(|text| lines(text).len() > 200)
        .ok_or("no dependency has a long file")?;
    let changed: String = source
        .lines()
        .enumerate()
        .map(|(at, line)| if at % 3 == 0 { format!("{line} changed{at}\n") } else { format!("    {line}\n") })
        .collect();
    if copies(&[("copy.rs".to_owned(), changed)], &registry)?.is_empty() {
        return Err("a copy with a third of its lines changed is not found".to_owned());
    }
    Ok(())
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Lists all files of the tree, but for what git and cargo keep for themselves, with `/` between the parts.
fn tree() -> Vec<String> {
    let mut found = Vec::new();
    files(&root(), &mut found);
    let relative = found.iter().filter_map(|path| path.strip_prefix(root()).ok());
    let mut paths: Vec<String> = relative.map(|path| path.to_string_lossy().replace('\\', "/")).collect();
    paths.retain(|path| path != ".git" && !path.starts_with(".git/"));
    paths.sort();
    paths
}

fn is_other(path: &str) -> bool {
    OTHERS.iter().any(|(other, _)| *other == path)
}

fn is_source(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| SOURCE.contains(&ending))
}

/// Says why a path looks like a copy.
fn path_problem(path: &str) -> Option<String> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let folder = folders.split('/').find(|folder| {
        let folder = folder.to_lowercase().replace(['-', '_'], "");
        ["vendor", "vendored", "thirdparty", "external", "extern", "contrib", "nodemodules"].contains(&folder.as_str())
    });
    if let Some(folder) = folder {
        return Some(format!("{path}: `{folder}` is where copies of others' work are kept"));
    }
    let brought = [".cargo_vcs_info.json", ".cargo-checksum.json", ".cargo-ok", "Cargo.toml.orig", "PKG-INFO"];
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if brought.contains(&name) || ["patch", "diff", "orig", "rej"].contains(&ending) {
        return Some(format!("{path}: comes with a copy, or changes one"));
    }
    let stem = name.split(['-', '.']).next().unwrap_or_default().to_uppercase();
    let license = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS"].contains(&stem.as_str());
    let plain = ["", "md", "rst", "txt"].contains(&ending);
    (license && plain && !is_other(path)).then(|| format!("{path}: the license of something that stands here"))
}

/// Says what in a manifest is not ours.
fn manifest_problems(path: &str, text: &str) -> Result<Vec<String>, String> {
    let manifest: toml::Table = toml::from_str(text).map_err(|error| format!("{path}: {error}"))?;
    let mut problems = Vec::new();
    for table in ["patch", "replace"] {
        if manifest.contains_key(table) {
            problems.push(format!("{path}: `[{table}]` puts something in a dependency's place"));
        }
    }
    let Some(package) = manifest.get("package").and_then(toml::Value::as_table) else { return Ok(problems) };
    let name = package.get("name").and_then(toml::Value::as_str).unwrap_or_default();
    if !OURS.contains(&name) {
        problems.push(format!("{path}: `{name}` is none of packbox's crates; if it is new, add it to the list"));
    }
    for key in ["authors", "repository", "homepage"] {
        let value = package.get(key).map(ToString::to_string).unwrap_or_default();
        if !value.is_empty() && !value.contains("packbox") && !value.contains("workspace") {
            problems.push(format!("{path}: `{key}` names somebody else: {value}"));
        }
    }
    Ok(problems)
}

/// What a lock says of where packages come from.
struct Lock {
    /// Packages that are built from the tree.
    local: BTreeSet<String>,
    /// Packages from a registry, as `NAME-VERSION`.
    registry: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Lock {
    fn parse(path: &str, text: &str) -> Result<Self, String> {
        let lock: toml::Table = toml::from_str(text).map_err(|error| format!("{path}: {error}"))?;
        let packages = lock.get("package").and_then(toml::Value::as_array).cloned().unwrap_or_default();
        let mut found = Self { local: BTreeSet::new(), registry: BTreeSet::new(), names: BTreeSet::new() };
        for package in &packages {
            let text = |key: &str| package.get(key).and_then(toml::Value::as_str).unwrap_or_default();
            if text("source").is_empty() {
                found.local.insert(text("name").to_owned());
            } else {
                found.registry.insert(format!("{}-{}", text("name"), text("version")));
                found.names.insert(text("name").to_owned());
            }
        }
        Ok(found)
    }

    fn problems(&self, path: &str) -> Vec<String> {
        let foreign = self.local.iter().filter(|name| !OURS.contains(&name.as_str()) || self.names.contains(*name));
        foreign.map(|name| format!("{path}: `{name}` is built from the tree and is none of packbox's crates")).collect()
    }
}

/// Says whose a file is by its beginning. Packbox's own files name nobody.
fn header_problem(path: &str, text: &str) -> Option<String> {
    if SPEAK_OF_HEADERS.contains(&path) {
        return None;
    }
    let head: String = text.lines().take(40).collect::<Vec<_>>().join("\n").to_lowercase();
    let signs =
        ["copyright", "spdx-license-identifier", "all rights reserved", "licensed under", "@license", "@author"];
    signs.iter().find(|sign| head.contains(*sign)).map(|sign| format!("{path}: begins with a header (`{sign}`)"))
}

/// Finds files that share much with a file of a dependency.
fn copies(ours: &[(String, String)], registry: &BTreeSet<String>) -> Result<Vec<String>, String> {
    let own: Vec<HashSet<u64>> = ours.iter().map(|(_, text)| lines(text)).collect();
    let mut where_is: HashMap<u64, Vec<usize>> = HashMap::new();
    for (at, lines) in own.iter().enumerate() {
        for line in lines {
            where_is.entry(*line).or_default().push(at);
        }
    }
    let mut problems = Vec::new();
    for path in sources(registry)? {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for file in lines(&text).iter().filter_map(|line| where_is.get(line)).flatten() {
            *shared.entry(*file).or_default() += 1;
        }
        for (file, count) in shared {
            if count >= SHARED && count * 100 >= own[file].len() * PART {
                let (name, all) = (&ours[file].0, own[file].len());
                problems.push(format!("{name}: {count} of its {all} longer lines stand in {}", path.display()));
            }
        }
    }
    Ok(problems)
}

/// Returns the lines that say something: long enough, neither a comment nor an import; whatever their indentation.
fn lines(text: &str) -> HashSet<u64> {
    let says = |line: &&str| {
        line.len() >= 24 && !["//", "#", "use ", "pub use ", "*"].iter().any(|start| line.starts_with(start))
    };
    let hash = |line: &str| {
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        hasher.finish()
    };
    text.lines().map(str::trim).filter(says).map(hash).collect()
}

/// Lists the Rust files of packages where cargo unpacked them.
fn sources(registry: &BTreeSet<String>) -> Result<Vec<PathBuf>, String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home =
        home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).ok_or("there is no home folder")?;
    let mut folders: Vec<PathBuf> = Vec::new();
    for index in fs::read_dir(home.join("registry/src")).map_err(|error| format!("cargo's sources: {error}"))? {
        let index = index.map_err(|error| error.to_string())?.path();
        folders.extend(registry.iter().map(|name| index.join(name)).filter(|folder| folder.is_dir()));
    }
    // The tests depend on it, so that it is always there; it is what was once copied.
    if !folders
        .iter()
        .any(|folder| folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("liquid-core-")))
    {
        return Err(format!("cargo did not unpack the dependencies below {}", home.display()));
    }
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
