//! What must hold of the rooms of `host/`: imports run one way, between folders and within each; only the engine knows
//! wasmtime; only the command line prints and reads the environment.
//!
//! Imports are read from the source as text: `use` declarations, and paths that begin with `crate`, `super`, `self` or the
//! name of a child. Test modules don't count, nor do re-exports: they hand on, and depend on nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::project_cases;

/// A case: what it found wrong, or nothing.
type Case = fn() -> Result<(), String>;

/// The cases of this file.
pub const ALL: [(&str, Case); 7] = [
    ("rooms/imports-run-one-way", imports_run_one_way),
    ("rooms/nets-hold", nets_hold),
    ("rooms/only-the-engine-knows-wasmtime", only_the_engine_knows_wasmtime),
    ("rooms/only-the-command-line-prints", only_the_command_line_prints),
    ("rooms/only-the-command-line-reads-the-environment", only_the_command_line_reads_the_environment),
    ("rooms/files-are-opened-in-one-place", files_are_opened_in_one_place),
    ("rooms/fuzz-targets", fuzz_targets_name_what_is_there),
];

/// A file of the library, with its source.
#[derive(Clone)]
struct Module {
    /// Its path below `host/`, without the extension: `plan/build`.
    place: String,
    /// Its path in the crate; that of a `mod.rs` is its folder's.
    path: Vec<String>,
    /// Its source without comments and inline tests.
    source: String,
}

impl Module {
    fn new(place: &str, source: &str) -> Self {
        let mut path: Vec<String> = place.split('/').map(str::to_owned).collect();
        if matches!(path.last().map(String::as_str), Some("mod" | "lib")) {
            path.pop();
        }
        Self { place: place.to_owned(), path, source: plain(source) }
    }

    /// Where it stands within a folder, a prefix of places: the name of its file or folder there, `mod` for the file that is
    /// the folder's own; none where it is elsewhere.
    fn within<'a>(&'a self, folder: &str) -> Option<&'a str> {
        match self.place.strip_prefix(folder) {
            Some(below) => below.split('/').next(),
            // A folder's own file may stand beside it.
            None => (self.place.as_str() == folder.trim_end_matches('/')).then_some("mod"),
        }
    }
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
            let is_data = place.starts_with("author/templates/") || place.starts_with("cli/commands/skeleton/");
            if is_test || is_data || place == "mutations" {
                return None;
            }
            Some(Module::new(&place, &fs::read_to_string(file).ok()?))
        })
        .collect();
    modules.sort_by(|left, right| left.place.cmp(&right.place));
    modules
}

/// Takes comments and the inline test module away.
fn plain(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code = |line: &str| {
        if line.trim_start().starts_with("//") {
            return String::new();
        }
        // What follows `//` may be within a text, as in an address; then it is code, and else it does no harm.
        line.split(" // ").next().unwrap_or_default().to_owned()
    };
    source.lines().map(code).collect::<Vec<_>>().join("\n")
}

/// A path that a source names, and the name that it has there.
struct Named {
    path: Vec<String>,
    known_as: String,
    /// Whether it is handed on: `pub use`.
    handed_on: bool,
}

/// The paths that a source names: those of `use` declarations, and those within the code that begin with a root.
fn named(source: &str, children: &BTreeSet<&str>) -> Vec<Named> {
    let (mut found, mut code) = (Vec::new(), String::new());
    let mut rest = source;
    while let Some(start) = rest.find("use") {
        let before = &rest[..start];
        let (declaration, is_word) = (&rest[start + 3..], before.chars().next_back().is_none_or(char::is_whitespace));
        if !is_word || !declaration.starts_with(char::is_whitespace) {
            code.push_str(&rest[..start + 3]);
            rest = declaration;
            continue;
        }
        code.push_str(before);
        let end = declaration.find(';').unwrap_or(declaration.len());
        let line = before.rsplit(['\n', ';', '}']).next().unwrap_or_default().trim();
        expand(&[], &declaration[..end], line.starts_with("pub"), &mut found);
        rest = &declaration[end..];
    }
    code.push_str(rest);
    let is_path = |character: char| character.is_alphanumeric() || character == '_' || character == ':';
    for root in ["crate", "super", "self"].into_iter().chain(children.iter().copied()) {
        let root = format!("{root}::");
        for (start, _) in code.match_indices(&root) {
            // `pub(in crate::a)` says who sees something, and imports nothing.
            let before = &code[..start];
            let within = before.chars().next_back().is_some_and(|before| is_path(before) || before == '.');
            if !within && !before.ends_with("(in ") {
                let path: String = code[start..].chars().take_while(|character| is_path(*character)).collect();
                let path: Vec<String> = path.split("::").map(str::to_owned).collect();
                found.push(Named { known_as: path.last().cloned().unwrap_or_default(), path, handed_on: false });
            }
        }
    }
    found
}

/// Adds each path of a tree: `a::{b, c::d}` names `a::b` and `a::c::d`.
fn expand(before: &[String], tree: &str, handed_on: bool, found: &mut Vec<Named>) {
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
        let (names, known_as) = match names.split_once(" as ") {
            Some((names, known_as)) => (names, Some(known_as.trim().to_owned())),
            None => (names, None),
        };
        let mut path = before.to_vec();
        path.extend(names.split("::").map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned));
        if let Some(inner) = inner {
            expand(&path, inner, handed_on, found);
        } else {
            let known_as = known_as.or_else(|| path.last().cloned()).unwrap_or_default();
            found.push(Named { path, known_as, handed_on });
        }
    }
}

/// Who imports whom. What a module re-exports counts as imported from the file that has it.
fn imports(modules: &[Module]) -> Vec<Import> {
    let by_path: BTreeMap<&[String], usize> =
        modules.iter().enumerate().map(|(number, module)| (&*module.path, number)).collect();
    let named: Vec<Vec<Named>> =
        modules.iter().map(|module| named(&module.source, &children(module, modules))).collect();
    // What each module hands on of its children: the name, and the path from the module on.
    let exports: Vec<BTreeMap<&str, &[String]>> = named
        .iter()
        .map(|named| {
            let of_children = named.iter().filter(|named| named.handed_on && named.path.len() > 1);
            of_children.map(|named| (named.known_as.as_str(), named.path.as_slice())).collect()
        })
        .collect();
    let find = |mut full: Vec<String>| {
        // Each round goes one re-export deeper.
        for _ in 0..8 {
            let length = (1..=full.len()).rev().find(|length| by_path.contains_key(&full[..*length]))?;
            let found = by_path[&full[..length]];
            match full.get(length).and_then(|name| exports[found].get(name.as_str())) {
                Some(inner) if !matches!(inner[0].as_str(), "crate" | "super" | "std") => {
                    full = [&full[..length], inner].concat();
                }
                _ => return Some(found),
            }
        }
        None
    };
    let mut imports = Vec::new();
    for (from, module) in modules.iter().enumerate() {
        let children = children(module, modules);
        for named in named[from].iter().filter(|named| !named.handed_on) {
            let path = &named.path;
            let ups = path.iter().take_while(|name| *name == "super").count();
            let (base, skipped) = match path.first().map(String::as_str) {
                Some("crate") => (&[][..], 1),
                Some("super") => (&module.path[..module.path.len().saturating_sub(ups)], ups),
                Some("self") => (&*module.path, 1),
                Some(child) if children.contains(child) => (&*module.path, 0),
                _ => continue,
            };
            let full = [base, &path[skipped..]].concat();
            imports.extend(find(full).filter(|to| *to != from).map(|to| Import { from, to }));
        }
    }
    imports
}

/// The names of the modules directly below one.
fn children<'a>(module: &Module, modules: &'a [Module]) -> BTreeSet<&'a str> {
    let below = modules.iter().filter(|other| other.path.len() == module.path.len() + 1);
    let own = below.filter(|other| !module.path.is_empty() && other.path.starts_with(&module.path));
    own.filter_map(|other| other.path.last().map(String::as_str)).collect()
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

/// Tells of each circle between the files and folders in a folder.
fn circles(modules: &[Module], imports: &[Import]) -> String {
    let mut told = String::new();
    for folder in folders(modules) {
        let mut graph: DiGraphMap<&str, ()> = DiGraphMap::new();
        let between = |import: &Import| {
            let (from, to) = (modules[import.from].within(&folder)?, modules[import.to].within(&folder)?);
            (from != to && from != "lib" && to != "lib").then_some((from, to))
        };
        for (from, to) in imports.iter().filter_map(between) {
            graph.add_edge(from, to, ());
        }
        for circle in tarjan_scc(&graph).into_iter().filter(|circle| circle.len() > 1) {
            let _ = writeln!(told, "a circle in host/{folder}: {}", circle.join(", "));
            for import in imports {
                if between(import).is_some_and(|(from, to)| circle.contains(&from) && circle.contains(&to)) {
                    let _ = writeln!(told, "    {} imports {}", modules[import.from].place, modules[import.to].place);
                }
            }
        }
    }
    told
}

/// No circle between the folders of the library, nor within one of them.
fn imports_run_one_way() -> Result<(), String> {
    let modules = modules();
    let imports = imports(&modules);
    let mut told = circles(&modules, &imports);
    if imports.len() < 1000 {
        let _ = writeln!(told, "only {} imports were found: they are not read as they are written", imports.len());
    }
    if told.is_empty() { Ok(()) } else { Err(told) }
}

/// Circles are found however an import is written, and what is no circle is not told as one.
fn nets_hold() -> Result<(), String> {
    let back = Module::new("a/two", "pub struct Two;\nuse super::one::One;\n");
    let ways = [
        "use crate::a::two::Two;",
        "use crate::{b, a::{\n    two::Two,\n}};",
        "pub(crate) fn f() { crate::a::two::Two; }",
        "use super::two::Two as Other;",
        "macro_rules! m { () => { $crate::a::two::Two }; }\nuse super::*;\nfn f(_: super::two::Two) {}",
        "const A: &str = \"https://a\"; use crate::a::two::Two;",
        "use\n    crate::a::two::Two;",
        "use crate::a::Renamed;",
    ];
    for way in ways {
        let own = Module::new("a/mod", "pub use two::Two as Renamed;\nmod one;\nmod two;\n");
        let modules = [own, Module::new("a/one", way), back.clone()];
        if circles(&modules, &imports(&modules)).is_empty() {
            return Err(format!("no circle is seen where one is: {way}"));
        }
    }
    let through_the_folder =
        [Module::new("a/mod", "pub struct A;\nuse one::f;\n"), Module::new("a/one", "use super::A;\n")];
    let beside_the_folder = [Module::new("a", "fn f() { one::f() }\n"), Module::new("a/one", "use super::f;\n")];
    for modules in [through_the_folder, beside_the_folder] {
        if circles(&modules, &imports(&modules)).is_empty() {
            return Err(format!("no circle is seen with the folder's own file `{}`", modules[0].place));
        }
    }
    let fine = [Module::new("a/mod", "pub use one::f;\n"), Module::new("a/one", "// use super::two::Two;\n"), back];
    let told = circles(&fine, &imports(&fine));
    if told.is_empty() { Ok(()) } else { Err(format!("a circle is seen where none is: {told}")) }
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
fn only_the_engine_knows_wasmtime() -> Result<(), String> {
    only_in(&["engine/", "abi/"], &["wasmtime::", "use wasmtime"])
}

/// Nothing prints outside of `cli/`; the compiler child answers its parent through a pipe.
fn only_the_command_line_prints() -> Result<(), String> {
    let words =
        ["print!", "println!", "eprint!", "eprintln!", "dbg!", "io::stdout", "io::stderr", "io::Stdout", "io::Stderr"];
    only_in(&["cli/", "engine/compiler/child", "engine/compiler/probe"], &words)
}

/// Nothing reads the environment outside of `cli/`; the compiler child looks at its own arguments only.
fn only_the_command_line_reads_the_environment() -> Result<(), String> {
    only_in(&["cli/"], &["env::var", "env::vars", "env::args"])
}

/// The fuzz targets, which are built by hand only, name what the library has.
fn fuzz_targets_name_what_is_there() -> Result<(), String> {
    let modules = modules();
    let mut files = Vec::new();
    project_cases::files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/targets"), &mut files);
    let mut checked = 0;
    for file in files {
        let source = fs::read_to_string(&file).map_err(|error| error.to_string())?.replace("packbox::", "crate::");
        for named in named(&source, &BTreeSet::new()).iter().filter(|named| named.path[0] == "crate") {
            let path = &named.path[1..];
            let length =
                (1..=path.len()).rev().find(|length| modules.iter().any(|module| module.path == path[..*length]));
            let owner = modules.iter().find(|module| Some(&module.path[..]) == length.map(|length| &path[..length]));
            let Some(name) = path.get(length.unwrap_or(0)) else { continue };
            let has = |module: &Module| {
                module.source.lines().any(|line| line.contains("pub") && line.contains(name.as_str()))
            };
            let names_it = |module: &Module| {
                has(module)
                    || module.source.contains(&format!("{name},"))
                    || module.source.contains(&format!("{name}}}"))
            };
            if !owner.is_some_and(names_it) {
                return Err(format!("{} names `{}`, which is not there", file.display(), named.path.join("::")));
            }
            checked += 1;
        }
    }
    if checked >= 5 { Ok(()) } else { Err(format!("only {checked} names were found")) }
}

/// What others may have made is opened by `files/read.rs`, which waits for nobody; folders with handles open their own files,
/// and the compiler child tries what it may not.
fn files_are_opened_in_one_place() -> Result<(), String> {
    let rooms = ["files", "pack/folder/", "generate/commit/folder/", "engine/compiler/probe", "pack/archive/samples"];
    only_in(&rooms, &["File::open(", "File::options(", "fs::read(", "fs::read_to_string("])
}
