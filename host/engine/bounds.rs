//! How much of everything a component may have before it is worth compiling: refused early, quickly and typed.
//!
//! The compiler child's limits would end a compile bomb as well, but only after it took them all. Sections say how many
//! items they have, so they are counted without being read.
//!
//! Always true here: time and memory depend on the number of sections and functions, which are bounded, and not on what
//! is in them.

use std::ops::Range;

use wasmparser::Payload;

use super::fixed::{CORE_INSTANCES, MEMORIES, TABLES};
use crate::error::{Error, ErrorKind};
use crate::stop::{Stop, StopReason};

/// What is counted, over all modules and components inside of a component.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counted {
    /// Sections, those that nobody knows included.
    Sections,
    /// Core modules.
    Modules,
    /// Components within components.
    Components,
    /// Types of core modules.
    Types,
    /// Types of components that are opened within others.
    NestedTypes,
    /// Core functions.
    Functions,
    /// Imports and exports of core modules.
    Names,
    /// Globals and tags of core modules.
    Globals,
    /// Segments of data and elements.
    Segments,
    /// Types, instances, aliases, functions, imports and exports of components.
    Items,
    /// Bytes of the sections that these are in.
    ItemBytes,
    /// Bytes of a single core function.
    FunctionBytes,
    /// Bytes of the sections of tables and memories.
    ResourceBytes,
    /// Core instances.
    Instances,
    /// Linear memories.
    Memories,
    /// Tables.
    Tables,
}

impl Counted {
    /// Its name, how much is allowed, and why a component that has more is stopped.
    const fn bound(self) -> (&'static str, u64, StopReason) {
        use StopReason::{ComponentResources, ComponentSize};
        match self {
            Self::Sections => ("sections", 100_000, ComponentSize),
            Self::Modules => ("core modules", 100, ComponentSize),
            Self::Components => ("components within it", 1_000, ComponentSize),
            Self::Types => ("core types", 50_000, ComponentSize),
            Self::NestedTypes => ("types within types", 1_000, ComponentSize),
            Self::Functions => ("functions", 200_000, ComponentSize),
            Self::Names => ("core imports and exports", 100_000, ComponentSize),
            Self::Globals => ("globals", 100_000, ComponentSize),
            Self::Segments => ("data and element segments", 100_000, ComponentSize),
            Self::Items => ("types, instances, aliases, imports and exports", 10_000, ComponentSize),
            Self::ItemBytes => ("bytes of types, instances, aliases, imports and exports", 4 << 20, ComponentSize),
            Self::FunctionBytes => ("bytes in one function", 4 << 20, ComponentSize),
            Self::ResourceBytes => ("bytes of declared tables and memories", 64 << 10, ComponentSize),
            Self::Instances => ("core instances", CORE_INSTANCES as u64, ComponentResources),
            Self::Memories => ("linear memories", MEMORIES as u64, ComponentResources),
            Self::Tables => ("tables", TABLES as u64, ComponentResources),
        }
    }
}

/// What has been counted so far.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    counts: [u64; Counted::Tables as usize + 1],
}

impl Bounds {
    /// Counts more of something.
    ///
    /// # Errors
    /// `Stopped`, with `component-resources` for instances, memories and tables, and `component-size` for the rest.
    pub(super) fn add(&mut self, what: Counted, more: u64) -> Result<(), Error> {
        let count = &mut self.counts[what as usize];
        *count = count.saturating_add(more);
        let (name, most, reason) = what.bound();
        if *count <= most {
            return Ok(());
        }
        let detail = format!("the component has at least {count} {name}, but at most {most} are allowed");
        let stop = Stop::new(reason, detail).limit(most);
        Err(Error::new(ErrorKind::Stopped, stop.detail.clone()).with_stop(stop))
    }

    /// Counts what a section says that it has; `component` is everything, from the first byte on.
    ///
    /// # Errors
    /// As [`Bounds::add`].
    pub(super) fn section(&mut self, payload: &Payload<'_>, component: &[u8]) -> Result<(), Error> {
        self.add(Counted::Sections, 1)?;
        let (what, count) = match payload {
            Payload::ModuleSection { .. } => (Counted::Modules, 1),
            Payload::ComponentSection { .. } => (Counted::Components, 1),
            Payload::TypeSection(section) => (Counted::Types, section.count()),
            Payload::FunctionSection(section) => (Counted::Functions, section.count()),
            Payload::ImportSection(section) => (Counted::Names, section.count()),
            Payload::ExportSection(section) => (Counted::Names, section.count()),
            Payload::GlobalSection(section) => (Counted::Globals, section.count()),
            Payload::TagSection(section) => (Counted::Globals, section.count()),
            Payload::ElementSection(section) => (Counted::Segments, section.count()),
            Payload::DataSection(section) => (Counted::Segments, section.count()),
            Payload::TableSection(section) => {
                self.add(Counted::ResourceBytes, length(&section.range()))?;
                (Counted::Tables, section.count())
            }
            Payload::MemorySection(section) => {
                self.add(Counted::ResourceBytes, length(&section.range()))?;
                (Counted::Memories, section.count())
            }
            Payload::InstanceSection(section) => self.items(&section.range(), section.count())?,
            Payload::CoreTypeSection(section) => self.items(&section.range(), section.count())?,
            Payload::ComponentInstanceSection(section) => self.items(&section.range(), section.count())?,
            Payload::ComponentAliasSection(section) => self.items(&section.range(), section.count())?,
            Payload::ComponentCanonicalSection(section) => self.items(&section.range(), section.count())?,
            Payload::ComponentImportSection(section) => self.items(&section.range(), section.count())?,
            Payload::ComponentExportSection(section) => self.items(&section.range(), section.count())?,
            Payload::ComponentTypeSection(section) => {
                let bytes = component.get(section.range()).unwrap_or_default();
                let items = self.items(&section.range(), section.count())?;
                self.add(Counted::NestedTypes, nested_types(bytes))?;
                items
            }
            _ => return Ok(()),
        };
        self.add(what, u64::from(count))
    }

    fn items(&mut self, range: &Range<usize>, count: u32) -> Result<(Counted, u32), Error> {
        self.add(Counted::ItemBytes, length(range))?;
        Ok((Counted::Items, count))
    }

    /// Walks over the function bodies of a code section without looking into them; none where they don't fill it.
    ///
    /// # Errors
    /// As [`Bounds::add`].
    pub(super) fn code(&mut self, mut code: &[u8], count: u32) -> Result<Option<()>, Error> {
        let (_, most, _) = Counted::Functions.bound();
        if u64::from(count) > most {
            self.add(Counted::Functions, u64::from(count))?;
        }
        let (_, most, _) = Counted::FunctionBytes.bound();
        for _ in 0..count {
            let Some((size, rest)) = leb128(code) else { return Ok(None) };
            if u64::from(size) > most {
                self.add(Counted::FunctionBytes, u64::from(size))?;
            }
            let Some(rest) = rest.get(size as usize..) else { return Ok(None) };
            code = rest;
        }
        Ok(code.is_empty().then_some(()))
    }
}

fn length(range: &Range<usize>) -> u64 {
    range.len() as u64
}

/// Types of components and instances within others, counted high: these two bytes can also be something else. Readers of
/// such types call themselves for each level, so their number is bounded before anybody reads one.
fn nested_types(bytes: &[u8]) -> u64 {
    const DECLARES_A_TYPE: u8 = 0x01;
    const COMPONENT: u8 = 0x41;
    const INSTANCE: u8 = 0x42;
    let opens = |pair: &&[u8]| pair[0] == DECLARES_A_TYPE && matches!(pair[1], COMPONENT | INSTANCE);
    bytes.windows(2).filter(opens).count() as u64
}

/// Reads an unsigned number of at most 32 bits, seven bits a byte.
fn leb128(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut number = 0_u32;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        let bits = u32::from(byte & 0x7f);
        if index == 4 && bits > 0x0f {
            return None;
        }
        number |= bits << (7 * index);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[index + 1..]));
        }
    }
    None
}

#[cfg(test)]
#[path = "bounds_tests.rs"]
mod tests;
