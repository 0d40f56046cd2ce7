//! What must hold of the rooms of `host/`: imports run one way, between folders and within each; only the engine knows
//! wasmtime; only the command line prints.
//!
//! Imports are read from the source as text: `use` declarations and paths that begin with `crate` or `super`. Test modules
//! don't count.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::project_cases;

/// A file of the library, with its source.
struct Module {
    /// Its path below `host/`, without the extension: `plan/build`.
    place: String,
    /// Its path in the crate; that of a `mod.rs` is its folder's.
    path: Vec<String>,
    /// Its source without comments and inline tests.
    source: String,
}

/// One file imports something of another.
struct Import {
    from: usize,
    to: usize,
}

fn host() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("host")
}

/// The modules of the library, without tests and the templates of new projects.
fn modules() -> Vec<Module> {
    let mut files = Vec::new();
    project_cases::files(&host(), &mut files);
    let mut modules: Vec<Module> = files
        .iter()
        .filter_map(|file| {
            let place = file.strip_prefix(host()).ok()?.to_str()?.strip_suffix(".rs")?.to_owned();
            let name = place.rsplit('/').next().unwrap_or_default();
            let is_test = name == "tests" || name.ends_with("_tests") || place.contains("/tests/");
            if is_test || place.contains("/templates/") || place.contains("/skeleton/") || place == "mutations" {
                return None;
            }
            let mut path: Vec<String> = place.split('/').map(str::to_owned).collect();
            if matches!(name, "mod" | "lib") {
                path.pop();
            }
            Some(Module { place, path, source: plain(&fs::read_to_string(file).ok()?) })
        })
        .collect();
    modules.sort_by(|left, right| left.place.cmp(&right.place));
    modules
}

/// Takes comments and the inline test module away.
fn plain(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The paths that a source names: each name of a `use` declaration, and paths within the code.
fn named(source: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find("use ") {
        let begins_a_word = rest[..start].chars().next_back().is_none_or(char::is_whitespace);
        let declaration = &rest[start + 4..];
        let end = declaration.find(';').unwrap_or(declaration.len());
        if begins_a_word {
            expand(&[], &declaration[..end], &mut found);
        }
        rest = &declaration[end..];
    }
    for root in ["crate::", "super::"] {
        for (start, _) in source.match_indices(root) {
            let is_path = |character: char| character.is_alphanumeric() || character == '_' || character == ':';
            if !source[..start].chars().next_back().is_some_and(is_path) {
                let path: String = source[start..].chars().take_while(|character| is_path(*character)).collect();
                found.push(path.split("::").map(str::to_owned).collect());
            }
        }
    }
    found
}

/// Adds each path of a tree: `a::{b, c::d}` names `a::b` and `a::c::d`.
fn expand(before: &[String], tree: &str, found: &mut Vec<Vec<String>>) {
    let mut depth = 0;
    let parts = tree.split(|character| {
        depth += i32::from(character == '{') - i32::from(character == '}');
        character == ',' && depth == 0
    });
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        let (names, inner) = match part.split_once('{') {
            Some((names, inner)) => (names, inner.rsplit_once('}').map(|(inner, _)| inner)),
            None => (part, None),
        };
        let names = names.split(" as ").next().unwrap_or_default().split("::").map(str::trim);
        let mut path = before.to_vec();
        path.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
        match inner {
            Some(inner) => expand(&path, inner, found),
            None => found.push(path),
        }
    }
}

/// Who imports whom. What a `mod.rs` re-exports counts as imported from the file that has it.
fn imports(modules: &[Module]) -> Vec<Import> {
    let by_path: BTreeMap<&[String], usize> =
        modules.iter().enumerate().map(|(number, module)| (&*module.path, number)).collect();
    let exports: Vec<BTreeMap<String, Vec<String>>> = modules.iter().map(re_exports).collect();
    let find = |mut full: Vec<String>| {
        // Each round goes one `mod.rs` deeper.
        for _ in 0..8 {
            let length = (1..=full.len()).rev().find(|length| by_path.contains_key(&full[..*length]))?;
            let found = by_path[&full[..length]];
            match full.get(length).and_then(|name| exports[found].get(name)) {
                Some(inner) => full = [&full[..length], inner].concat(),
                None => return Some(found),
            }
        }
        None
    };
    let mut imports = Vec::new();
    for (from, module) in modules.iter().enumerate() {
        for path in named(&module.source) {
            let ups = path.iter().take_while(|name| *name == "super").count();
            let mut full = match path.first().map(String::as_str) {
                Some("crate") => Vec::new(),
                Some("super") => module.path[..module.path.len().saturating_sub(ups)].to_vec(),
                _ => continue,
            };
            full.extend(path[ups.max(1)..].iter().cloned());
            imports.extend(find(full).filter(|to| *to != from).map(|to| Import { from, to }));
        }
    }
    imports
}

/// What a module re-exports of its children: the name, and the path from the module on.
fn re_exports(module: &Module) -> BTreeMap<String, Vec<String>> {
    let is_own = |path: &Vec<String>| !matches!(path[0].as_str(), "crate" | "super" | "std");
    let is_folder = module.place.ends_with("mod") || module.place == "lib";
    let paths = if is_folder { named(&module.source) } else { Vec::new() };
    let named = paths.into_iter().filter(|path| path.len() > 1 && is_own(path));
    named.filter_map(|path| Some((path.last()?.clone(), path))).collect()
}

/// The part of a module's place that stands for it among the children of `folder`; none where it is not below that folder,
/// or is its `mod.rs`, which only re-exports.
fn child<'a>(module: &'a Module, folder: &str) -> Option<&'a str> {
    let below = module.place.strip_prefix(folder)?;
    let name = below.split('/').next()?;
    (name != "mod").then_some(name)
}

/// Every folder of the library, as a prefix of places; the library itself first.
fn folders(modules: &[Module]) -> Vec<String> {
    let mut folders: Vec<String> = modules
        .iter()
        .flat_map(|module| module.place.match_indices('/').map(|(end, _)| module.place[..=end].to_owned()))
        .chain([String::new()])
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// No circle between the folders of the library, nor within one of them.
pub fn imports_run_one_way() -> Result<(), String> {
    let modules = modules();
    let imports = imports(&modules);
    let mut told = String::new();
    for folder in folders(&modules) {
        let mut graph: DiGraphMap<&str, ()> = DiGraphMap::new();
        let between = |import: &Import| {
            let (from, to) = (child(&modules[import.from], &folder)?, child(&modules[import.to], &folder)?);
            (from != to && from != "lib" && to != "lib").then_some((from, to))
        };
        for (from, to) in imports.iter().filter_map(between) {
            graph.add_edge(from, to, ());
        }
        for circle in tarjan_scc(&graph).into_iter().filter(|circle| circle.len() > 1) {
            let _ = writeln!(told, "a circle in host/{folder}: {}", circle.join(", "));
            for import in &imports {
                if between(import).is_some_and(|(from, to)| circle.contains(&from) && circle.contains(&to)) {
                    let _ = writeln!(told, "    {} imports {}", modules[import.from].place, modules[import.to].place);
                }
            }
        }
    }
    if imports.len() < 1000 {
        let _ = writeln!(told, "only {} imports were found: they are not read as they are written", imports.len());
    }
    if told.is_empty() { Ok(()) } else { Err(told) }
}

/// Fails where a source outside of `rooms` has one of the words.
fn only_in(rooms: &[&str], words: &[&str]) -> Result<(), String> {
    let (mut told, mut within) = (String::new(), 0);
    for module in modules() {
        let found = words.iter().filter(|word| {
            module.source.match_indices(**word).any(|(start, _)| {
                let before = module.source[..start].chars().next_back();
                !before.is_some_and(|before| before.is_alphanumeric() || before == '_')
            })
        });
        for word in found {
            if rooms.iter().any(|room| module.place.starts_with(room)) {
                within += 1;
            } else {
                let _ = writeln!(told, "host/{}.rs has `{word}`", module.place);
            }
        }
    }
    if within == 0 {
        told += "nothing was found where it belongs: the words are not those of the source\n";
    }
    if told.is_empty() { Ok(()) } else { Err(told) }
}

/// Nothing imports wasmtime outside of `engine/` and `abi/`.
pub fn only_the_engine_knows_wasmtime() -> Result<(), String> {
    only_in(&["engine/", "abi/"], &["wasmtime::"])
}

/// Nothing prints outside of `cli/`; the compiler child answers its parent through a pipe.
pub fn only_the_command_line_prints() -> Result<(), String> {
    let words = ["print!", "println!", "eprint!", "eprintln!", "dbg!", "stdout()", "stderr()"];
    only_in(&["cli/", "engine/compiler/"], &words)
}
