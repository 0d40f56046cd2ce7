//! C: clang compiles the project's sources and the bindings that came with it (made by `wit-bindgen c`) to a core module
//! that knows its world. What of the C library needs no system can be used.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::super::project::Project;
use super::super::tool::{Tool, find, missing};
use super::surroundings::{Surroundings, wants_file, written};
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;

const PACKAGES: &str = "run `apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32` (Debian 12; on other systems, the packages for clang, lld, wasi-libc and clang's compiler-rt for wasm32)";
/// Where Debian has the C library.
const INCLUDE: &str = "/usr/include/wasm32-wasi";
const LIBRARY: &str = "/usr/lib/wasm32-wasi";
/// Sources of one folder; more is no plugin.
const MOST_SOURCES: usize = 1000;

/// Builds the core module into `scratch` and returns its bytes.
pub(super) fn build(
    project: &Project,
    surroundings: &Surroundings,
    scratch: &Path,
    interrupt: &Interrupt,
) -> Result<Vec<u8>> {
    let path = surroundings.path.as_deref();
    let clang = find("clang", path).ok_or_else(|| missing("clang", PACKAGES))?;
    find("wasm-ld", path).ok_or_else(|| missing("the linker for WebAssembly (`wasm-ld`)", PACKAGES))?;
    if !Path::new(INCLUDE).join("stdlib.h").exists() || !Path::new(LIBRARY).exists() {
        return Err(missing("the C library for WebAssembly (wasi-libc)", PACKAGES));
    }
    runtime(&clang, project, interrupt)?;
    let world = project.kind.world().replace('-', "_");
    let object = format!("packbox/bindings/{world}_component_type.o");
    wants_file(project, &object)?;
    let mut arguments: Vec<OsString> = [
        "--target=wasm32-wasi",
        "--sysroot=/usr",
        "-std=c17",
        "-O2",
        "-Wall",
        "-Wextra",
        // A message of the wrong type would otherwise build, and come out empty.
        "-Werror=pointer-sign",
        "-Werror=int-conversion",
        "-Werror=incompatible-pointer-types",
        "-mexec-model=reactor",
        "-fuse-ld=lld",
        "-Ipackbox",
        "-Ipackbox/bindings",
        "-I",
        INCLUDE,
        "-L",
        LIBRARY,
        // Messages name files as the author does, wherever the project lies.
        "-ffile-prefix-map=./=",
        "-Wl,--strip-debug",
        "-o",
    ]
    .map(OsString::from)
    .into();
    arguments.push(scratch.into());
    for folder in ["src", "packbox", "packbox/bindings"] {
        arguments.extend(sources(&project.folder, folder)?.into_iter().map(OsString::from));
    }
    arguments.push(object.into());
    Tool::new(&clang, &project.folder).args(arguments).run(interrupt)?;
    written(scratch, "clang")
}

/// Looks for the part of the compiler's runtime that is for WebAssembly: a package of its own in Debian.
fn runtime(clang: &Path, project: &Project, interrupt: &Interrupt) -> Result<()> {
    let ask = ["--target=wasm32-wasi", "-rtlib=compiler-rt", "-print-libgcc-file-name"];
    let said = Tool::new(clang, &project.folder).args(ask).run(interrupt)?;
    let file = PathBuf::from(String::from_utf8_lossy(&said).trim());
    if file.exists() { Ok(()) } else { Err(missing("clang's runtime for WebAssembly", PACKAGES)) }
}

/// The C files of a folder, relative to the project, sorted.
fn sources(project: &Path, folder: &str) -> Result<Vec<String>> {
    let failed = |error| Error::io(format!("cannot read the folder `{folder}`"), error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(project.join(folder)).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|extension| extension == "c") {
            found.push(format!("{folder}/{name}"));
        }
        if found.len() > MOST_SOURCES {
            return Err(Error::new(ErrorKind::Usage, format!("`{folder}` has more than {MOST_SOURCES} sources")));
        }
    }
    found.sort();
    Ok(found)
}
