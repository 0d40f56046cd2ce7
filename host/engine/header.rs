//! What a component says about itself before anything of it is compiled: imports, exports, ABI version, sizes.
//!
//! Always true here: nothing is executed and nothing is compiled; code bodies are skipped; `bounds.rs` counts what is in
//! a section before anything of it is read.

use std::ops::Range;

use serde::Serialize;
use wasmparser::{
    Chunk, ComponentExternalKind, ComponentTypeRef, CustomSectionReader, Encoding, Instance, KnownCustom, Parser,
    Payload,
};

use super::bounds::{Bounds, Counted};
use super::exports::Role;
use super::interface::{ABI_PACKAGE, ABI_VERSION, InterfaceName, wasi_interface};
use crate::abi::Abi;
use crate::error::{Error, ErrorKind};
use crate::grants::{Grant, Grants, Standing};
use crate::stop::{Stop, StopReason};
use crate::text;

/// Components nested deeper than this are refused.
const NESTING: usize = 16;
/// Bytes of `producers` sections that are read.
const PRODUCERS: usize = 64 << 10;

/// What a component says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Header {
    /// Names of the imports that are instances, functions, modules, components or values.
    pub imports: Vec<Import>,
    /// Names of the exports.
    pub exports: Vec<String>,
    /// Core modules inside.
    pub core_modules: u64,
    /// Core instances that the component makes.
    pub core_instances: u64,
    /// Linear memories that its modules define.
    pub memories: u64,
    /// Bytes that the largest memory has at the start.
    pub initial_memory: u64,
    /// Tables that its modules define.
    pub tables: u64,
    /// Elements that the largest table has at the start.
    pub initial_table: u64,
    /// Functions that its modules define.
    pub functions: u64,
    /// Bytes of code sections.
    pub code_bytes: u64,
    /// Bytes of data sections.
    pub data_bytes: u64,
    /// Whether function names are kept, so that backtraces can be read.
    pub has_names: bool,
    /// Tools that made it, as its `producers` section says.
    pub producers: Vec<String>,
    /// Whether it says which lines its code comes from.
    pub has_lines: bool,
    /// Bytes of `producers` sections that were read.
    #[serde(skip)]
    producers_bytes: usize,
    /// Where each core module's code and line tables lie.
    #[serde(skip)]
    pub(super) debug: Vec<DebugSections>,
}

/// Where a core module's code and line tables lie in the component; empty where it has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DebugSections {
    /// Contents of the code section.
    pub code: Range<usize>,
    /// `.debug_line`
    pub line: Range<usize>,
    /// `.debug_line_str`
    pub line_strings: Range<usize>,
    /// `.debug_str`
    pub strings: Range<usize>,
}

/// One import of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Import {
    /// The name, for instance `packbox:plugin/log@0.1.0`.
    pub name: String,
    /// Whether it is an instance; plugins import nothing else.
    pub instance: bool,
}

impl Header {
    /// Reads the header of a component.
    ///
    /// # Errors
    /// `Refused` where the bytes are no component (a core module, or no WebAssembly at all); `Stopped` with
    /// `component-resources` or `component-size` where it has more in it than a component may have.
    pub fn read(component: &[u8]) -> Result<Self, Error> {
        if !component.starts_with(b"\0asm") {
            return Err(no_wasm_at_all(component));
        }
        let mut header = Self::default();
        let mut bounds = Bounds::default();
        let mut parsers = vec![(Parser::new(0), Encoding::Component)];
        let mut rest = component;
        let mut first = true;
        while let Some((parser, kind)) = parsers.last_mut() {
            let (consumed, payload) = match parser.parse(rest, true).map_err(|error| not_wasm(&error))? {
                Chunk::Parsed { consumed, payload } => (consumed, payload),
                Chunk::NeedMoreData(_) => return Err(truncated()),
            };
            let outermost_kind = *kind;
            let depth = parsers.len();
            bounds.section(&payload, component)?;
            match payload {
                Payload::Version { encoding, .. } => {
                    if first && encoding == Encoding::Module {
                        return Err(core_module());
                    }
                    first = false;
                    if let Some((_, kind)) = parsers.last_mut() {
                        *kind = encoding;
                    }
                }
                Payload::ModuleSection { parser, .. } => {
                    header.core_modules += 1;
                    header.debug.push(DebugSections::default());
                    parsers.push((parser, Encoding::Module));
                }
                Payload::ComponentSection { parser, .. } => {
                    if depth >= NESTING {
                        return Err(too_large(format!("components are nested deeper than {NESTING} levels")));
                    }
                    parsers.push((parser, Encoding::Component));
                }
                Payload::CodeSectionStart { count, size, range } => {
                    if let Some(debug) = header.debug.last_mut() {
                        debug.code = range;
                    }
                    header.functions += u64::from(count);
                    header.code_bytes += u64::from(size);
                    if let Some((parser, _)) = parsers.last_mut() {
                        parser.skip_section();
                    }
                    let end =
                        consumed.checked_add(size as usize).filter(|end| *end <= rest.len()).ok_or_else(truncated)?;
                    bounds.code(&rest[consumed..end], count)?.ok_or_else(truncated)?;
                    rest = &rest[end..];
                    continue;
                }
                Payload::End(_) => {
                    parsers.pop();
                    if parsers.is_empty() && consumed != rest.len() {
                        return Err(not_wasm(&"there are bytes after the component's end"));
                    }
                }
                payload => {
                    let instances = header.core_instances;
                    header.add(&payload, outermost_kind, depth).map_err(|error| not_wasm(&error))?;
                    bounds.add(Counted::Instances, header.core_instances - instances)?;
                }
            }
            rest = &rest[consumed..];
        }
        Ok(header)
    }

    fn add(&mut self, payload: &Payload<'_>, kind: Encoding, depth: usize) -> wasmparser::Result<()> {
        match payload {
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section.clone() {
                    let import = import?;
                    if !matches!(import.ty, ComponentTypeRef::Type(_)) {
                        let instance = matches!(import.ty, ComponentTypeRef::Instance(_));
                        self.imports.push(Import { name: import.name.name.to_owned(), instance });
                    }
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section.clone() {
                    let export = export?;
                    if export.kind != ComponentExternalKind::Type {
                        self.exports.push(export.name.name.to_owned());
                    }
                }
            }
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    self.core_instances += u64::from(matches!(instance?, Instance::Instantiate { .. }));
                }
            }
            Payload::MemorySection(section) => {
                for memory in section.clone() {
                    self.memories += 1;
                    self.initial_memory = self.initial_memory.max(memory?.initial.saturating_mul(65_536));
                }
            }
            Payload::TableSection(section) => {
                for table in section.clone() {
                    self.tables += 1;
                    self.initial_table = self.initial_table.max(table?.ty.initial);
                }
            }
            Payload::DataSection(section) => self.data_bytes += section.range().len() as u64,
            // Others are not even taken apart: some readers of known sections keep all that is in them.
            Payload::CustomSection(section) => match section.name() {
                "name" if kind == Encoding::Module => self.has_names = true,
                name if kind == Encoding::Module && name.starts_with(".debug_") => self.add_debug(section),
                "producers" if self.producers_bytes + section.data().len() <= PRODUCERS => {
                    self.add_producers(section)?;
                }
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn add_debug(&mut self, section: &CustomSectionReader<'_>) {
        let Some(debug) = self.debug.last_mut() else { return };
        let contents = section.data_offset()..section.data_offset() + section.data().len();
        match section.name() {
            ".debug_line" => {
                self.has_lines |= !contents.is_empty();
                debug.line = contents;
            }
            ".debug_line_str" => debug.line_strings = contents,
            ".debug_str" => debug.strings = contents,
            _ => {}
        }
    }

    fn add_producers(&mut self, section: &CustomSectionReader<'_>) -> wasmparser::Result<()> {
        self.producers_bytes += section.data().len();
        let KnownCustom::Producers(section) = section.as_known() else { return Ok(()) };
        for field in section.into_iter().take(16) {
            for value in field?.values.into_iter().take(64) {
                let value = value?;
                let line = text::printable_line(format!("{} {}", value.name, value.version).trim());
                if !self.producers.contains(&line) && self.producers.len() < 64 {
                    self.producers.push(line);
                }
            }
        }
        Ok(())
    }

    /// Finds the export that is an interface of our ABI, by its full name.
    #[must_use]
    pub fn export(&self, interface: &str) -> Option<&str> {
        self.exports.iter().map(String::as_str).find(|export| {
            InterfaceName::parse(export).is_some_and(|name| name.package == ABI_PACKAGE && name.interface == interface)
        })
    }

    /// What the component is for by its exports: the first role of those that it has, and a renderer where it has none.
    #[must_use]
    pub fn role(&self) -> Role {
        let exports = |role: &Role| self.export(role.interface()).is_some();
        Role::ALL.iter().copied().find(exports).unwrap_or(Role::Renderer)
    }

    /// The ABI version that the component was built for: of its first export or import of our package.
    #[must_use]
    pub fn abi(&self) -> Option<semver::Version> {
        self.abi_names().find_map(|(_, version)| version)
    }

    /// The exports and imports of our package, each with its version.
    fn abi_names(&self) -> impl Iterator<Item = (&str, Option<semver::Version>)> {
        let imports = self.imports.iter().map(|import| import.name.as_str());
        let ours = |name| InterfaceName::parse(name).filter(|parsed| parsed.package == ABI_PACKAGE);
        let names = self.exports.iter().map(String::as_str).chain(imports);
        names.filter_map(move |name| ours(name).map(|parsed| (name, parsed.version)))
    }

    /// Checks that every interface of our package has a version that is offered, and that all have the same.
    fn check_versions(&self) -> Result<(), Error> {
        let mut first: Option<(&str, Abi)> = None;
        for (name, version) in self.abi_names() {
            let Some(version) = version else {
                let name = text::printable_line(name);
                return Err(Error::new(ErrorKind::Refused, format!("`{name}` does not name an ABI version"))
                    .hint(format!("rebuild the plugin for `{ABI_PACKAGE}@{ABI_VERSION}`")));
            };
            let abi = check_version(&version)?;
            match first {
                Some((other, its)) if its != abi => {
                    return Err(Error::new(
                        ErrorKind::Refused,
                        text::printable_line(&format!("the plugin mixes two ABI versions: `{other}` and `{name}`")),
                    )
                    .hint(format!("rebuild all of it for `{ABI_PACKAGE}@{ABI_VERSION}`")));
                }
                _ => first = first.or(Some((name, abi))),
            }
        }
        Ok(())
    }

    /// The grants without which the component can't run.
    #[must_use]
    pub fn needs(&self) -> Vec<Grant> {
        let wasi = self.imports.iter().any(|import| import.instance && wasi_interface(&import.name).is_some());
        if wasi { vec![Grant::WasiStub] } else { Vec::new() }
    }

    /// [`Header::check_with`] without grants.
    ///
    /// # Errors
    /// As there.
    pub fn check(&self, wanted: &str) -> Result<(), Error> {
        self.check_with(wanted, Grants::NONE)
    }

    /// Checks that the component can run here: that it imports nothing but `log` and what it is granted, that it exports
    /// what is wanted, and that the ABI version of all of that is offered.
    ///
    /// # Errors
    /// `Refused`, naming the side to upgrade, the import that is not offered or not granted, or the export that is
    /// missing.
    pub fn check_with(&self, wanted: &str, grants: Grants) -> Result<(), Error> {
        self.check_versions()?;
        for import in &self.imports {
            let known = InterfaceName::parse(&import.name)
                .is_some_and(|name| name.package == ABI_PACKAGE && matches!(name.interface, "log" | "types"));
            if import.instance && !known && wasi_interface(&import.name).is_some() {
                check_granted(&import.name, Grant::WasiStub, grants.wasi_stub)?;
            } else if !known || !import.instance {
                return Err(import_not_offered(&import.name));
            }
        }
        if self.export(wanted).is_none() {
            let error =
                Error::new(ErrorKind::Refused, format!("the component does not export `{ABI_PACKAGE}/{wanted}`"));
            let exports = text::printable_line(&self.exports.join(", "));
            return Err(error.hint(if exports.is_empty() {
                format!("it exports nothing; build it for the world `{wanted}-plugin` of `{ABI_PACKAGE}@{ABI_VERSION}`")
            } else {
                format!(
                    "it exports {exports}; build it for the world `{wanted}-plugin` of `{ABI_PACKAGE}@{ABI_VERSION}`"
                )
            }));
        }
        Ok(())
    }
}

fn check_version(version: &semver::Version) -> Result<Abi, Error> {
    if let Some(abi) = Abi::of(version) {
        return Ok(abi);
    }
    let error = Error::new(
        ErrorKind::Refused,
        format!("the plugin was built for `{ABI_PACKAGE}@{version}`, but this packbox offers {}", offered()),
    );
    let newest = (ABI_VERSION.major, ABI_VERSION.minor);
    Err(if (version.major, version.minor) > newest {
        error.hint(format!("upgrade packbox to a version that offers `{ABI_PACKAGE}@{version}`"))
    } else {
        error.hint(format!("upgrade the plugin: rebuild it for `{ABI_PACKAGE}@{ABI_VERSION}`"))
    })
}

/// The ABI versions that are offered, for messages.
fn offered() -> String {
    let versions = Abi::ACCEPTED.iter().map(|abi| format!("`{}`", abi.version()));
    versions.collect::<Vec<_>>().join(" and ")
}

/// Checks that the grant is given which an import needs.
fn check_granted(import: &str, grant: Grant, standing: Standing) -> Result<(), Error> {
    let import = text::printable_line(import);
    let error = |why: &str| Error::new(ErrorKind::Refused, format!("the component imports `{import}`, {why}"));
    match standing {
        Standing::Given => Ok(()),
        Standing::NotAsked => Err(error(&format!("which needs the grant `{grant}`")).hint(format!(
            "add `grants = [\"{grant}\"]` to the plugin's table in `pack.toml`: then it gets a WASI without files, \
             network or time; or build it for `wasm32-unknown-unknown`, which needs no grant"
        ))),
        Standing::Denied => Err(error(&format!("and the grant `{grant}` is denied"))
            .hint(format!("the manifest asks for it; run without `--deny-grant {grant}` and `PACKBOX_DENY_GRANTS`"))),
    }
}

fn import_not_offered(name: &str) -> Error {
    let name = text::printable_line(name);
    let error = Error::new(ErrorKind::Refused, format!("the component imports `{name}`, which is not offered"));
    if name.starts_with("wasi:") {
        error.hint("a plugin has no files, clock, random numbers or network; build it for `wasm32-unknown-unknown`")
    } else {
        error.hint(format!("a plugin may import `{ABI_PACKAGE}/log@{ABI_VERSION}` and nothing else"))
    }
}

fn core_module() -> Error {
    Error::new(ErrorKind::Refused, "this is a core WebAssembly module, not a component")
        .hint("encode it as a component, for instance with `wasm-tools component new`")
}

/// What something is instead of WebAssembly.
fn no_wasm_at_all(bytes: &[u8]) -> Error {
    if b"\0asm".starts_with(bytes) {
        return not_wasm(&if bytes.is_empty() { "it is empty" } else { "it ends in the middle of its header" });
    }
    if bytes.starts_with(b"version https://git-lfs.") {
        return not_wasm(&"it is a Git LFS pointer").hint("run `git lfs pull`, which fetches the file itself");
    }
    if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) {
        return not_wasm(&"it is a text file").hint("a component is built from its source: see `packbox plugin build`");
    }
    not_wasm(&"it does not begin like a WebAssembly file")
}

fn not_wasm(cause: &dyn std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::Refused,
        format!("this is not a WebAssembly component: {}", text::printable_line(&cause.to_string())),
    )
    .hint("the file may be damaged or of another kind; build or fetch it again")
}

fn truncated() -> Error {
    not_wasm(&"it ends in the middle of a section")
}

fn too_large(detail: String) -> Error {
    stopped(Stop::new(StopReason::ComponentSize, detail))
}

fn stopped(stop: Stop) -> Error {
    Error::new(ErrorKind::Stopped, stop.detail.clone()).with_stop(stop)
}

#[cfg(test)]
#[path = "header_tests.rs"]
mod tests;
