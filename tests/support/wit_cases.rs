//! That `wit/` stays compatible with the released ABI: a plugin that was built for it must go on working, and one that is
//! built for today's must run where `wit/` has the same minor version.
//!
//! Always true here: WIT is compared as it is resolved, never as text, so that documentation and order of items are free.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use wit_parser::{
    Function, Handle, InterfaceId, PackageId, Resolve, SourceMap, Type, TypeDefKind, TypeId, WorldId, WorldItem,
    WorldKey,
};

/// WIT files by name.
type Files = BTreeMap<String, String>;

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(folder: &Path) -> Result<Files, String> {
    let mut files = Files::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "wit") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, fs::read_to_string(&path).map_err(|error| error.to_string())?);
        }
    }
    Ok(files)
}

/// `wit/` is compatible with the latest released version of its minor version.
pub fn compatible() -> Result<(), String> {
    let today = read(&project("wit"))?;
    let abi = Abi::of(&today)?;
    let mut released: Vec<semver::Version> = fs::read_dir(project("fixtures/wit"))
        .map_err(|error| error.to_string())?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|version: &semver::Version| (version.major, version.minor) == (abi.version.major, abi.version.minor))
        .collect();
    released.sort();
    let Some(latest) = released.pop() else {
        return Err(format!("there is no released version like {} in fixtures/wit", abi.version));
    };
    if packbox::engine::ABI_VERSION != abi.version {
        return Err(format!("`wit/` is {}, the host offers {}", abi.version, packbox::engine::ABI_VERSION));
    }
    let problems = incompatibilities(&read(&project(&format!("fixtures/wit/{latest}")))?, &today)?;
    if problems.is_empty() {
        Ok(())
    } else {
        Err(format!("`wit/` is not compatible with {latest}:\n{}", problems.join("\n")))
    }
}

/// The checker sees what is not compatible, and lets through what is.
pub fn checker() -> Result<(), String> {
    /// A change of one file: what is replaced, by what, and what the checker has to say; nothing where it is compatible.
    type Change = (&'static str, &'static str, &'static str, &'static str);
    let changes: &[Change] = &[
        // What is not.
        (
            "renderer.wit",
            "        locals: json,\n",
            "        locals: json,\n        extra: string,\n",
            "`renderer.job`",
        ),
        ("renderer.wit", "        executable: bool,\n", "", "`renderer.output`"),
        ("renderer.wit", "        executable: bool,\n", "        executable: u8,\n", "`renderer.output`"),
        ("types.wit", "        internal(string),\n", "", "`types.failure`"),
        ("types.wit", "        internal(string),\n", "        internal(string),\n        later,\n", "`types.failure`"),
        ("types.wit", "        note,\n", "        note,\n        hint,\n", "`types.severity`"),
        ("types.wit", "type json = list<u8>", "type json = string", "`types.json`"),
        (
            "renderer.wit",
            "inspect: func(template: file)",
            "inspect: func(template: file, deep: bool)",
            "`renderer.inspect`",
        ),
        ("renderer.wit", "inspect: func(template: file)", "inspect: func(source: file)", "`renderer.inspect`"),
        ("renderer.wit", "-> result<template-info, failure>;", "-> option<template-info>;", "`renderer.inspect`"),
        (
            "expressions.wit",
            "    @since(version = 0.1.0)\n    inspect: func(sources: list<source>) -> list<result<list<string>, failure>>;\n",
            "",
            "`expressions.inspect` is gone",
        ),
        (
            "validator.wit",
            "    rules: func() -> list<rule>;\n",
            "    rules: func() -> list<rule>;\n    @since(version = 0.1.0)\n    stop: func();\n",
            "`validator.stop` is new",
        ),
        ("log.wit", "log: func(level: level, message: string);", "log: func(message: string);", "`log.log`"),
        (
            "worlds.wit",
            "    export renderer;\n}",
            "    export renderer;\n    export validator;\n}",
            "exports `validator`",
        ),
        ("worlds.wit", "    @since(version = 0.1.0)\n    import log;\n", "", "imports `log` no more"),
        // What is.
        (
            "log.wit",
            "    log: func(level: level, message: string);",
            "    log: func(level: level, message: string);\n    @since(version = 0.1.0)\n    flush: func();",
            "",
        ),
        ("types.wit", "/// Counted from 1.", "/// Counted from one.", ""),
        ("types.wit", "interface types {", "interface apart { now: func() -> u64; }\ninterface types {", ""),
        ("types.wit", "interface types {", "interface types {\n    record later { name: string }\n", ""),
    ];
    let released = read(&project("fixtures/wit/0.1.0"))?;
    let same = incompatibilities(&released, &released)?;
    if !same.is_empty() {
        return Err(format!("not compatible with itself: {same:?}"));
    }
    for (file, from, to, wanted) in changes {
        let mut changed = released.clone();
        let text = changed.get_mut(*file).ok_or_else(|| format!("no {file}"))?;
        if !text.contains(from) {
            return Err(format!("{file} has no {from:?}"));
        }
        *text = text.replacen(from, to, 1);
        let problems = incompatibilities(&released, &changed).map_err(|error| format!("{file}, {to:?}: {error}"))?;
        let right = if wanted.is_empty() {
            problems.is_empty()
        } else {
            problems.iter().any(|problem| problem.contains(wanted))
        };
        if !right {
            return Err(format!("{file}: {from:?} to {to:?}: {problems:?}, {wanted:?} was expected"));
        }
    }
    // A later patch of the version is another package name, and the same ABI.
    let patched: Files =
        released.iter().map(|(name, text)| (name.clone(), text.replace("plugin@0.1.0", "plugin@0.1.1"))).collect();
    let problems = incompatibilities(&released, &patched)?;
    if problems.is_empty() { Ok(()) } else { Err(format!("{problems:?}")) }
}

/// A package, taken apart to what plugins depend on; every type is written out.
struct Abi {
    version: semver::Version,
    /// Types by `interface.name`.
    types: BTreeMap<String, String>,
    /// Signatures by `interface.name`.
    functions: BTreeMap<String, String>,
    /// Imports and exports by world.
    worlds: BTreeMap<String, [BTreeSet<String>; 2]>,
}

impl Abi {
    fn of(files: &Files) -> Result<Self, String> {
        let mut sources = SourceMap::default();
        for (name, text) in files {
            sources.push(Path::new(name), text.clone());
        }
        let mut resolve = Resolve::default();
        let group = sources.parse().map_err(|(_, error)| error.to_string())?;
        let package = resolve.push_group(group).map_err(|error| format!("{error:#}"))?;
        Self::read(&resolve, package)
    }

    fn read(resolve: &Resolve, package: PackageId) -> Result<Self, String> {
        let package = &resolve.packages[package];
        let version = package.name.version.clone().ok_or("the package has no version")?;
        let mut abi = Self { version, types: BTreeMap::new(), functions: BTreeMap::new(), worlds: BTreeMap::new() };
        for (name, id) in &package.interfaces {
            abi.add_interface(resolve, name, *id);
        }
        for (name, id) in &package.worlds {
            abi.worlds.insert(name.clone(), world(resolve, *id));
        }
        Ok(abi)
    }

    fn add_interface(&mut self, resolve: &Resolve, interface: &str, id: InterfaceId) {
        let interface_items = &resolve.interfaces[id];
        for (name, id) in &interface_items.types {
            self.types.insert(format!("{interface}.{name}"), definition(resolve, *id));
        }
        for (name, function) in &interface_items.functions {
            self.functions.insert(format!("{interface}.{name}"), signature(resolve, function));
        }
    }

    /// Interfaces that any world exports.
    fn exported(&self) -> BTreeSet<String> {
        self.worlds.values().flat_map(|[_, exports]| exports.iter().cloned()).collect()
    }
}

fn incompatibilities(released: &Files, today: &Files) -> Result<Vec<String>, String> {
    let (released, today) = (Abi::of(released)?, Abi::of(today)?);
    let mut problems = Vec::new();
    for (kind, old, new) in
        [("type", &released.types, &today.types), ("function", &released.functions, &today.functions)]
    {
        for (name, was) in old {
            match new.get(name) {
                None => problems.push(format!("the {kind} `{name}` is gone")),
                Some(is) if is != was => problems.push(format!("the {kind} `{name}` was {was} and is {is}")),
                Some(_) => {}
            }
        }
    }
    let exported = released.exported();
    for name in today.functions.keys().filter(|name| !released.functions.contains_key(*name)) {
        let interface = name.split('.').next().unwrap_or_default();
        if exported.contains(interface) {
            problems.push(format!("the function `{name}` is new: plugins that exist do not export it"));
        }
    }
    for (name, [imports, exports]) in &released.worlds {
        let Some([imports_now, exports_now]) = today.worlds.get(name) else {
            problems.push(format!("the world `{name}` is gone"));
            continue;
        };
        problems.extend(imports.difference(imports_now).map(|it| format!("the world `{name}` imports `{it}` no more")));
        problems.extend(exports.difference(exports_now).map(|it| format!("the world `{name}` exports `{it}` no more")));
        problems.extend(
            exports_now.difference(exports).map(|it| format!("the world `{name}` exports `{it}`, which is new")),
        );
    }
    Ok(problems)
}

fn world(resolve: &Resolve, id: WorldId) -> [BTreeSet<String>; 2] {
    let world = &resolve.worlds[id];
    let names = |items: Vec<(&WorldKey, &WorldItem)>| {
        let name = |(key, item): (&WorldKey, &WorldItem)| match (key, item) {
            (WorldKey::Interface(id), _) => resolve.interfaces[*id].name.clone().unwrap_or_default(),
            (WorldKey::Name(name), WorldItem::Function(function)) => format!("{name}{}", signature(resolve, function)),
            (WorldKey::Name(name), _) => name.clone(),
        };
        items.into_iter().map(name).collect()
    };
    [names(world.imports.iter().collect()), names(world.exports.iter().collect())]
}

fn signature(resolve: &Resolve, function: &Function) -> String {
    let parameter = |(name, ty): (&String, &Type)| format!("{name}: {}", written(resolve, ty));
    let parameters: Vec<String> =
        function.params.iter().map(|parameter_of| parameter((&parameter_of.name, &parameter_of.ty))).collect();
    let result = function.result.as_ref().map_or_else(String::new, |ty| format!(" -> {}", written(resolve, ty)));
    format!("func({}){result}", parameters.join(", "))
}

fn written(resolve: &Resolve, ty: &Type) -> String {
    match ty {
        Type::Id(id) => definition(resolve, *id),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// A type written out to its primitives; names of fields and cases belong to it, names of types do not.
fn definition(resolve: &Resolve, id: TypeId) -> String {
    let optional = |ty: &Option<Type>| ty.as_ref().map_or_else(|| "_".to_owned(), |ty| written(resolve, ty));
    let list = |parts: Vec<String>| parts.join(", ");
    match &resolve.types[id].kind {
        TypeDefKind::Record(record) => {
            let field = |field: &wit_parser::Field| format!("{}: {}", field.name, written(resolve, &field.ty));
            format!("record {{ {} }}", list(record.fields.iter().map(field).collect()))
        }
        TypeDefKind::Variant(variant) => {
            let case = |case: &wit_parser::Case| format!("{}({})", case.name, optional(&case.ty));
            format!("variant {{ {} }}", list(variant.cases.iter().map(case).collect()))
        }
        TypeDefKind::Enum(cases) => {
            format!("enum {{ {} }}", list(cases.cases.iter().map(|case| case.name.clone()).collect()))
        }
        TypeDefKind::Flags(flags) => {
            format!("flags {{ {} }}", list(flags.flags.iter().map(|flag| flag.name.clone()).collect()))
        }
        TypeDefKind::Tuple(tuple) => {
            format!("tuple<{}>", list(tuple.types.iter().map(|ty| written(resolve, ty)).collect()))
        }
        TypeDefKind::Option(ty) => format!("option<{}>", written(resolve, ty)),
        TypeDefKind::Result(result) => format!("result<{}, {}>", optional(&result.ok), optional(&result.err)),
        TypeDefKind::List(ty) => format!("list<{}>", written(resolve, ty)),
        TypeDefKind::Type(ty) => written(resolve, ty),
        TypeDefKind::Handle(Handle::Own(id)) => format!("own<{}>", definition(resolve, *id)),
        TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", definition(resolve, *id)),
        TypeDefKind::Resource => format!("resource {}", resolve.types[id].name.as_deref().unwrap_or_default()),
        other => format!("{other:?}"),
    }
}
