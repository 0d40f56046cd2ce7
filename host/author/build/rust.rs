//! Rust: cargo compiles the project's library for `wasm32-unknown-unknown`, or for `wasm32-wasip2` where the project says
//! so.
//!
//! The toolchain is the one on the path with the target that rustup installs. Where `PACKBOX_GUEST_TOOLCHAIN` names the
//! prefix of Debian's `rustc-web`, it is that one, which compiles the standard library, too.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::project::Project;
use super::super::tool::{Tool, find, missing};
use super::surroundings::{Surroundings, wants_file, written};
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;
use crate::text::printable_line;

/// What compiles.
struct Toolchain {
    cargo: PathBuf,
    /// The folder that holds the standard library.
    sysroot: PathBuf,
    /// Environment that this toolchain needs, and that would break any other.
    environment: Vec<(String, OsString)>,
    /// Whether the standard library is compiled, too.
    builds_std: bool,
}

/// Compiles the project and returns the bytes of what the compiler wrote.
pub(super) fn build(project: &Project, surroundings: &Surroundings, interrupt: &Interrupt) -> Result<Vec<u8>> {
    wants_file(project, "Cargo.toml")?;
    let toolchain = match &surroundings.guest_toolchain {
        Some(prefix) => of_prefix(prefix)?,
        None => of_path(project, surroundings, interrupt)?,
    };
    let target = project.target.name();
    let mut arguments: Vec<OsString> =
        ["build", "--release", "--lib", "--target", target, "--message-format", "json-render-diagnostics", "--config"]
            .map(OsString::from)
            .into();
    arguments.push(flags(surroundings, &toolchain, target).into());
    if toolchain.builds_std {
        arguments.push("-Zbuild-std=std,panic_abort".into());
    }
    let mut tool = Tool::new(&toolchain.cargo, &project.folder).args(arguments);
    for (name, value) in &toolchain.environment {
        tool = tool.env(name, value);
    }
    if toolchain.builds_std {
        tool = tool.without_env("RUSTUP_TOOLCHAIN").without_env("RUSTC_WRAPPER").without_env("RUSTFLAGS");
    }
    let messages = tool.run(interrupt)?;
    let file = artifact(&messages).ok_or_else(|| {
        Error::new(ErrorKind::Plugin, "cargo built no WebAssembly module from the project")
            .hint("its Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\", \"rlib\"]`")
    })?;
    written(&file, "cargo")
}

/// The toolchain on the path.
fn of_path(project: &Project, surroundings: &Surroundings, interrupt: &Interrupt) -> Result<Toolchain> {
    let path = surroundings.path.as_deref();
    let install = "install Rust from https://rustup.rs";
    let cargo = find("cargo", path).ok_or_else(|| missing("`cargo`", install))?;
    let rustc = find("rustc", path).ok_or_else(|| missing("`rustc`", install))?;
    let said = Tool::new(&rustc, &project.folder).args(["--print", "sysroot"]).run(interrupt)?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&said).trim());
    let target = project.target.name();
    if !sysroot.join("lib/rustlib").join(target).join("lib").is_dir() {
        return Err(missing(
            &format!("the Rust target `{target}`"),
            format!(
                "run `rustup target add {target}`; without rustup, set PACKBOX_GUEST_TOOLCHAIN to a folder with \
                 Debian's rustc-web (docs/authoring.md)"
            ),
        ));
    }
    Ok(Toolchain { cargo, sysroot, environment: Vec::new(), builds_std: false })
}

/// The toolchain below a prefix, as `dpkg -x` unpacks Debian's `rustc-web`, `cargo-web` and `rust-web-src`.
fn of_prefix(prefix: &Path) -> Result<Toolchain> {
    let shown = printable_line(&prefix.display().to_string());
    let unfit = |what: &str| {
        Error::new(ErrorKind::Usage, format!("PACKBOX_GUEST_TOOLCHAIN is set to `{shown}`, which has no {what}")).hint(
            "unpack Debian's rustc-web, cargo-web, rust-web-src and lld there, as docs/authoring.md says, or unset it",
        )
    };
    let prefix = std::path::absolute(prefix).map_err(|error| Error::io("cannot find the toolchain", error))?;
    let sysroot = prefix.join("usr");
    let (cargo, rustc) = (sysroot.join("bin/cargo"), sysroot.join("bin/rustc"));
    if !cargo.exists() || !rustc.exists() {
        return Err(unfit("`usr/bin/cargo` and `usr/bin/rustc`"));
    }
    let mut linkers: Vec<String> = std::fs::read_dir(sysroot.join("bin"))
        .map_err(|error| Error::io(format!("cannot read `{shown}`"), error))?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("wasm-ld-"))
        .collect();
    linkers.sort();
    let linker = linkers.pop().ok_or_else(|| unfit("linker `usr/bin/wasm-ld-…`"))?;
    let llvm = linker.trim_start_matches("wasm-ld-");
    let machine = format!("{}-linux-gnu", std::env::consts::ARCH);
    let libraries = [sysroot.join("lib").join(machine), sysroot.join(format!("lib/llvm-{llvm}/lib"))];
    let libraries = std::env::join_paths(libraries).map_err(|_| unfit("name that can be used in LD_LIBRARY_PATH"))?;
    let environment = vec![
        ("LD_LIBRARY_PATH".into(), libraries),
        ("RUSTC".into(), rustc.into()),
        ("RUSTC_BOOTSTRAP".into(), "1".into()),
        ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER".into(), sysroot.join("bin").join(&linker).into()),
    ];
    Ok(Toolchain { cargo, sysroot, environment, builds_std: true })
}

/// Compiler flags, as a setting of cargo's that is added to those of the project: what a panic's message embeds are paths,
/// and these must not depend on where the registry and the toolchain lie. (Cargo names the project's own files relative to
/// it.) They are the same for every project, so that a shared target folder has one standard library.
fn flags(surroundings: &Surroundings, toolchain: &Toolchain, target: &str) -> String {
    let mut flags = vec!["-Ctarget-feature=+simd128".to_owned()];
    let mut remap = |from: &Path, to: &str| flags.push(format!("--remap-path-prefix={}={to}", from.display()));
    let registry = surroundings.cargo_home.as_ref().map(|home| home.join("registry/src"));
    for folder in registry.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten() {
        remap(&folder.path(), "/cargo-src");
    }
    for folder in std::fs::read_dir(toolchain.sysroot.join("src")).into_iter().flatten().flatten() {
        remap(&folder.path(), "/rustc-src");
    }
    remap(&toolchain.sysroot.join("lib/rustlib/src/rust"), "/rustc-src");
    let flags: Vec<String> = flags.iter().map(|flag| Value::from(flag.as_str()).to_string()).collect();
    format!("target.{target}.rustflags=[{}]", flags.join(","))
}

/// The module among the files that cargo says it made: that of the last package with a `cdylib`.
fn artifact(messages: &[u8]) -> Option<PathBuf> {
    let mut found = None;
    for line in messages.split(|byte| *byte == b'\n') {
        let Ok(message) = serde_json::from_slice::<Value>(line) else { continue };
        let is_library =
            message["target"]["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "cdylib"));
        if message["reason"] == "compiler-artifact" && is_library {
            let files = message["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str);
            found = files.map(PathBuf::from).find(|file| file.extension().is_some_and(|it| it == "wasm")).or(found);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_found_among_messages() {
        let messages = br#"{"reason":"compiler-artifact","target":{"kind":["lib"]},"filenames":["/t/liba.rlib"]}
not json
{"reason":"compiler-artifact","target":{"kind":["cdylib","rlib"]},"filenames":["/t/p.wasm","/t/libp.rlib"]}
{"reason":"build-finished","success":true}"#;
        assert_eq!(artifact(messages), Some(PathBuf::from("/t/p.wasm")));
        assert_eq!(artifact(b""), None);
    }
}
