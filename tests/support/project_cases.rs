//! What must hold of the repository itself: prebuilt components belong to their sources, packs to their plugins.

use std::fs;
use std::path::{Path, PathBuf};

use packbox::digest::Digest;
use packbox::engine::Header;
use packbox::limits::{Limit, Limits, PackLimits, RunLimits, Scope, SetBy};
use packbox::pack::BuiltInEngine;
use packbox::stop::StopReason;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files below a folder, without `target` and links.
pub fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| !path.is_symlink()) {
        if !path.is_dir() {
            found.push(path);
        } else if path.file_name().is_some_and(|name| name != "target") {
            files(&path, found);
        }
    }
}

/// The folders of a crate and of the crates that it depends on by path, each once.
fn crates(name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![root().join("plugins").join(name)];
    while let Some(folder) = waiting.pop() {
        if found.contains(&folder) {
            continue;
        }
        let text = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        let manifest: toml::Table = text.parse().expect("TOML");
        let targets = manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(|all| all.values());
        let tables = std::iter::once(&manifest).chain(targets.filter_map(toml::Value::as_table));
        let dependencies = tables.filter_map(|table| table.get("dependencies")?.as_table());
        for path in dependencies.flat_map(|all| all.values()).filter_map(|dependency| dependency.get("path")?.as_str())
        {
            waiting.push(fs::canonicalize(folder.join(path)).expect("a folder"));
        }
        found.push(folder);
    }
    found
}

/// The digest of a component's sources, as `plugins/prebuilt/lock.toml` defines it.
fn sources_digest(name: &str) -> Digest {
    let mut found = vec![root().join("plugins/Cargo.toml"), root().join("plugins/Cargo.lock")];
    for folder in crates(name) {
        files(&folder, &mut found);
    }
    let mut interfaces = Vec::new();
    files(&root().join("wit"), &mut interfaces);
    found.extend(interfaces.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "wit")));
    let mut lines: Vec<(String, Digest)> = found
        .iter()
        .map(|path| {
            let relative = path.strip_prefix(root()).expect("below").to_string_lossy().into_owned();
            (relative, Digest::of(&fs::read(path).expect("a source")))
        })
        .collect();
    lines.sort();
    // One of the crates may lie within another.
    lines.dedup();
    let text = lines.iter().fold(String::new(), |text, (path, digest)| text + path + "\0" + &digest.to_string() + "\n");
    Digest::of(text.as_bytes())
}

/// A plugin's sources did not change without its component, nor the other way round.
pub fn prebuilt_components() -> Result<(), String> {
    let text = fs::read_to_string(root().join("plugins/prebuilt/lock.toml")).map_err(|error| error.to_string())?;
    let lock: toml::Table = text.parse().map_err(|error| format!("{error}"))?;
    let components = lock["component"].as_array().ok_or("no components")?;
    if components.is_empty() {
        return Err("no components".into());
    }
    for component in components {
        let field = |name: &str| component[name].as_str().ok_or_else(|| format!("no {name}"));
        let name = field("name")?;
        let bytes =
            fs::read(root().join("plugins/prebuilt").join(field("file")?)).map_err(|error| error.to_string())?;
        if Digest::of(&bytes).to_string() != field("sha256")? {
            return Err(format!("{name}: the component is not the one in the lock; run plugins/build.sh"));
        }
        if sources_digest(name).to_string() != field("sources")? {
            return Err(format!("{name}: the sources changed and the component did not; run plugins/build.sh"));
        }
        let interface = match name {
            "rules" => "validator",
            "merge" => "merger",
            "sparql" => "query-engine",
            _ => "renderer",
        };
        Header::read(&bytes).and_then(|header| header.check(interface)).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// Every plugin that a pack in this repository ships has the digest that its manifest names.
pub fn plugins_in_packs() -> Result<(), String> {
    let mut found = Vec::new();
    files(&root().join("examples/packs"), &mut found);
    let mut checked = 0;
    for path in found.iter().filter(|path| path.file_name().is_some_and(|name| name == "pack.toml")) {
        let folder = path.parent().ok_or("a folder")?;
        let pack = packbox::pack::Pack::load(folder, &PackLimits::default())
            .map_err(|error| format!("{}: {error}", path.display()))?;
        for (name, plugin) in &pack.manifest.plugins {
            let digest = Digest::of(&pack.read(&plugin.component.value).map_err(|error| error.to_string())?);
            if plugin.sha256.as_ref().map(|expected| expected.value) != Some(digest) {
                return Err(format!("{}: the plugin {name} has the digest {digest}", path.display()));
            }
            checked += 1;
        }
    }
    if checked == 0 { Err("no pack ships a plugin".into()) } else { Ok(()) }
}

/// The bindings in new C projects are those that `wit-bindgen c` makes of `wit/`; `BLESS=1` makes them anew.
pub fn c_bindings() -> Result<(), String> {
    use wit_bindgen_core::Files;
    for (kind, world) in [
        ("renderer", "renderer-plugin"),
        ("validator", "validator-plugin"),
        ("merger", "merger-plugin"),
        ("query-engine", "query-plugin"),
    ] {
        let mut resolve = wit_parser::Resolve::default();
        let (package, _) = resolve.push_path(root().join("wit")).map_err(|error| format!("{error:#}"))?;
        let world = resolve.select_world(&[package], Some(world)).map_err(|error| format!("{error:#}"))?;
        let mut made = Files::default();
        let mut generator = wit_bindgen_c::Opts::default().build();
        generator.generate(&mut resolve, world, &mut made).map_err(|error| format!("{error:#}"))?;
        let folder = root().join("host/author/templates/c").join(kind).join("packbox/bindings");
        let mut names = Vec::new();
        for (name, bytes) in made.iter() {
            names.push(name.to_owned());
            let file = folder.join(name);
            if std::env::var_os("BLESS").is_some() {
                fs::write(&file, bytes).map_err(|error| format!("{}: {error}", file.display()))?;
            } else if fs::read(&file).ok().as_deref() != Some(bytes) {
                return Err(format!("{} is not what is made of wit/; run again with BLESS=1", file.display()));
            }
        }
        let mut found = Vec::new();
        files(&folder, &mut found);
        if found.len() != names.len() {
            return Err(format!("{} has other files than {names:?}", folder.display()));
        }
    }
    Ok(())
}

/// The helpers and the interfaces that the example plugins carry are those of new projects.
pub fn example_helpers() -> Result<(), String> {
    for (name, language, kind) in
        [("openapi-types", "js", "renderer"), ("markdown-links", "python", "validator"), ("embed", "c", "renderer")]
    {
        let example = root().join("examples/plugins").join(name);
        let templates = root().join("host/author/templates").join(language);
        let sources = [
            (templates.join("common/packbox"), "packbox"),
            (templates.join(kind).join("packbox"), "packbox"),
            (root().join("wit"), "wit"),
        ];
        for (from, to) in sources {
            let mut found = Vec::new();
            files(&from, &mut found);
            for file in found {
                let copy = example.join(to).join(file.strip_prefix(&from).map_err(|error| error.to_string())?);
                if fs::read(&file).ok() != fs::read(&copy).ok() {
                    return Err(format!("{} is not {}", copy.display(), file.display()));
                }
            }
        }
    }
    Ok(())
}

/// The reference page of limits has their table, and names each reason of a stop.
pub fn limits_documented() -> Result<(), String> {
    let path = root().join("docs/limits.md");
    let page = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    if let Some(reason) = StopReason::ALL.iter().find(|reason| !page.contains(&format!("`{}`", reason.name()))) {
        return Err(format!("docs/limits.md does not mention `{}`", reason.name()));
    }
    let calls: Vec<String> = rows(Limits::TABLE, &[Scope::Call])
        .map(|limit| {
            let ceiling = match limit.set_by {
                SetBy::Manifest(ceiling) => limit.shown(ceiling),
                SetBy::Needed(_) | SetBy::User => "–".to_owned(),
            };
            format!("| `{}` | {} | {ceiling} | {} |\n", limit.name, limit.shown(limit.default), limit.about)
        })
        .collect();
    let plain = |limit: &Limit| format!("| `{}` | {} | {} |\n", limit.name, limit.shown(limit.default), limit.about);
    let components: Vec<String> = rows(Limits::TABLE, &[Scope::Component, Scope::Compile]).map(plain).collect();
    let packs: Vec<String> = rows(PackLimits::TABLE, &[Scope::Pack]).map(plain).collect();
    let runs: Vec<String> = rows(RunLimits::TABLE, &[Scope::Run]).map(plain).collect();
    let mut wanted = page.clone();
    for (heading, rows) in [
        ("## Of a call (one template at one stage, one batch of expressions)\n", calls),
        ("## Of preparing a component\n", components),
        ("## Of a pack\n", packs),
        ("## Of a run\n", runs),
    ] {
        let start = wanted.find(heading).ok_or_else(|| format!("docs/limits.md has no {heading}"))?;
        // The table's head has two lines.
        let head = start + wanted[start..].find("| --- |").ok_or_else(|| format!("no table below {heading}"))?;
        let body = head + wanted[head..].find('\n').map_or(0, |end| end + 1);
        let end = body + wanted[body..].find("\n\n").map_or(wanted.len() - body, |end| end + 1);
        wanted.replace_range(body..end, &rows.concat());
    }
    if wanted == page {
        return Ok(());
    }
    if std::env::var_os("BLESS").is_some() {
        return fs::write(path, wanted).map_err(|error| error.to_string());
    }
    Err("docs/limits.md does not have the limits as they are declared; run again with BLESS=1".to_owned())
}

fn rows<'a>(table: &'static [Limit], scopes: &'a [Scope]) -> impl Iterator<Item = &'static Limit> + 'a {
    table.iter().filter(|limit| scopes.contains(&limit.scope))
}

/// The rules know the engines that the host has, which a guest can't ask for.
pub fn engines_known_to_rules() -> Result<(), String> {
    let source = fs::read_to_string(root().join("plugins/rules/src/engines.rs")).map_err(|error| error.to_string())?;
    for engine in BuiltInEngine::ALL {
        let endings: Vec<String> = engine.extensions().iter().map(|ending| format!("\".{ending}\"")).collect();
        let row = format!("(\"{}\", &[{}]),", engine.name(), endings.join(", "));
        if !source.contains(&row) {
            return Err(format!("plugins/rules/src/engines.rs has no row `{row}`"));
        }
    }
    let rows = source.matches("(\"").count();
    if rows == BuiltInEngine::ALL.len() { Ok(()) } else { Err(format!("it has {rows} rows")) }
}
