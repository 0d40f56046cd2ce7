//! Puts the built-in components' digests and wasmtime's version into the program, and compiled code where a release build
//! brings it.
//!
//! `PACKBOX_PRECOMPILED` names a folder that `packbox precompile` filled; the code is then part of the program, and the
//! first run on a new machine compiles nothing.

#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "Cargo talks to build scripts in this way")]

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let output = std::env::var_os("OUT_DIR").ok_or("Cargo sets OUT_DIR")?;
    built_in(Path::new(&output))?;
    // wasmtime does not tell its version; the lock does, where packbox is built from its own.
    println!("cargo::rerun-if-changed=Cargo.lock");
    let lock = std::fs::read_to_string("Cargo.lock").unwrap_or_default();
    let version = lock.split("name = \"wasmtime\"\nversion = \"").nth(1).and_then(|rest| rest.split('"').next());
    let version = version.map_or_else(|| "None".to_owned(), |version| format!("Some({version:?})"));
    let code = format!(
        "/// The version of wasmtime in `Cargo.lock`; none where packbox was built without it.\n\
         pub const WASMTIME_VERSION: Option<&str> = {version};\n"
    );
    std::fs::write(Path::new(&output).join("wasmtime_version.rs"), code)?;
    author_templates(Path::new(&output))
}

/// Lists the built-in components, sorted by their names: all that there are in `plugins/prebuilt`.
fn built_in(output: &Path) -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-env-changed=PACKBOX_PRECOMPILED");
    println!("cargo::rerun-if-changed=plugins/prebuilt");
    let precompiled = std::env::var_os("PACKBOX_PRECOMPILED");
    let mut components = Vec::new();
    for entry in std::fs::read_dir(std::path::absolute("plugins/prebuilt")?)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            components.push(path);
        }
    }
    components.sort();
    let mut code = "/// The built-in components. One place in the program: a constant would be copied to where it is used.\nstatic PREBUILT: &[Prebuilt] = &[\n".to_owned();
    for path in components {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path.file_stem().and_then(|name| name.to_str()).ok_or("a component's name is UTF-8")?;
        let digest: [u8; 32] = Sha256::digest(std::fs::read(&path)?).into();
        let compiled = match &precompiled {
            Some(folder) => {
                let path = std::path::absolute(Path::new(folder).join(format!("{name}.cwasm")))?;
                println!("cargo::rerun-if-changed={}", path.display());
                format!("Some(include_bytes!({:?}))", path.display().to_string())
            }
            None => "None".to_owned(),
        };
        let bytes = format!("include_bytes!({:?})", path.display().to_string());
        writeln!(
            code,
            "    Prebuilt {{ name: {name:?}, bytes: {bytes}, digest: {digest:?}, precompiled: {compiled} }},"
        )?;
    }
    code.push_str("];\n");
    std::fs::write(output.join("built_in.rs"), code)?;
    Ok(())
}

/// Lists the files of new plugin projects: path and bytes of everything below `host/author/templates`, and of `wit`.
fn author_templates(output: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let root = std::path::absolute("host/author/templates")?;
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        println!("cargo::rerun-if-changed={}", folder.display());
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut code = "/// What new plugin projects are made of.\nstatic TEMPLATES: &[Entry] = &[\n".to_owned();
    for path in files {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path.strip_prefix(&root)?.to_str().ok_or("a template's path is UTF-8")?;
        writeln!(code, "    ({name:?}, include_bytes!({:?})),", path.display().to_string())?;
    }
    code.push_str("];\n\n/// The interfaces, as every project that is not written in Rust carries them; for Rust they come with the SDK.\n");
    code.push_str("static WIT: &[Entry] = &[\n");
    println!("cargo::rerun-if-changed=wit");
    let mut interfaces =
        std::fs::read_dir("wit")?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    interfaces.retain(|path| path.extension().is_some_and(|extension| extension == "wit"));
    interfaces.sort();
    for path in interfaces {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path.to_str().ok_or("an interface's path is UTF-8")?;
        writeln!(code, "    ({name:?}, include_bytes!({:?})),", std::path::absolute(&path)?.display().to_string())?;
    }
    code.push_str("];\n");
    std::fs::write(output.join("author_templates.rs"), code)?;
    Ok(())
}
