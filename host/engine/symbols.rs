//! Which line of a guest's source an instruction comes from, for the backtrace of a stopped call.
//!
//! Only the line tables of a component's debug information are read (`.debug_line` and the strings that it names), when
//! a call was stopped, and in this process: a line program is a list of steps without loops or nesting, so that it costs
//! what it is long. The tree of entries beside it, whose readers recurse, is left alone; so calls that the compiler
//! inlined have no frame of their own.
//!
//! Always true here: what is read is bounded in bytes and in how often; whatever is malformed is left out, and no
//! address is an error.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use gimli::{AttributeValue, DebugLine, DebugLineOffset, EndianSlice, LineProgramHeader, LittleEndian, Reader as _};

use super::header::{DebugSections, Header};
use crate::stop::Place;
use crate::text;

/// Bytes of line tables and their strings that a component may have for them to be read.
const LARGEST: usize = 32 << 20;
/// Bytes of one program's header: its lists of files and folders are taken apart into memory, where an entry of one byte
/// becomes more than a hundred.
const LARGEST_HEADER: u64 = 128 << 10;
/// Bytes of line programs that are run for one component while it is loaded.
const BUDGET: u64 = 128 << 20;
/// Bytes of a name in a string section that are looked at.
const LONGEST_NAME: usize = 1024;
/// Characters of a path that are shown.
const LONGEST_PATH: usize = 120;

type Bytes<'a> = EndianSlice<'a, LittleEndian>;

/// The line tables of a component.
pub struct Symbols {
    modules: Vec<Module>,
    left: AtomicU64,
    known: Mutex<BTreeMap<u64, Option<Place>>>,
}

impl std::fmt::Debug for Symbols {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Symbols").field("modules", &self.modules.len()).finish_non_exhaustive()
    }
}

/// The line table of a core module.
struct Module {
    /// Where its code section's contents lie in the component; addresses count from there.
    code: Range<usize>,
    line: Box<[u8]>,
    line_strings: Box<[u8]>,
    strings: Box<[u8]>,
}

/// A row that is looked for.
struct Wanted {
    address: u64,
    found: Option<Place>,
}

impl Symbols {
    /// Keeps the line tables of a component; none where it has none, or too much of them.
    #[must_use]
    pub fn read(component: &[u8], header: &Header) -> Option<Self> {
        let sections = |debug: &DebugSections| [debug.line.clone(), debug.line_strings.clone(), debug.strings.clone()];
        let bytes: usize = header.debug.iter().flat_map(sections).map(|range| range.len()).sum();
        if bytes == 0 || bytes > LARGEST {
            return None;
        }
        let copy = |range: &Range<usize>| component.get(range.clone()).unwrap_or_default().into();
        let module = |debug: &DebugSections| Module {
            code: debug.code.clone(),
            line: copy(&debug.line),
            line_strings: copy(&debug.line_strings),
            strings: copy(&debug.strings),
        };
        Some(Self {
            modules: header.debug.iter().filter(|debug| !debug.line.is_empty()).map(module).collect(),
            left: AtomicU64::new(BUDGET),
            known: Mutex::new(BTreeMap::new()),
        })
    }

    /// Finds the places of instructions, given as offsets in the component.
    pub fn places(&self, offsets: &[u64]) -> Vec<Option<Place>> {
        // Nobody panics while holding it; if so, what is known is as good as before.
        let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for module in &self.modules {
            let (start, end) = (module.code.start as u64, module.code.end as u64);
            let new =
                offsets.iter().copied().filter(|offset| (start..end).contains(offset) && !known.contains_key(offset));
            let mut wanted: Vec<Wanted> = new.map(|offset| Wanted { address: offset - start, found: None }).collect();
            if wanted.is_empty() || !self.afford(module.line.len() as u64) {
                continue;
            }
            module.find(&mut wanted);
            known.extend(wanted.into_iter().map(|wanted| (wanted.address + start, wanted.found)));
        }
        offsets.iter().map(|offset| known.get(offset).cloned().flatten()).collect()
    }

    fn afford(&self, bytes: u64) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }
}

impl Module {
    /// Runs all line programs, one after the other as they lie in the section.
    fn find(&self, wanted: &mut [Wanted]) {
        let mut at = 0;
        while let Some((program, length)) = unit(&self.line, at) {
            if program {
                // A malformed program says nothing, and says nothing about the others.
                let _ = self.run(at, wanted);
            }
            at += length;
        }
    }

    fn run(&self, offset: usize, wanted: &mut [Wanted]) -> gimli::Result<()> {
        let section = DebugLine::new(&self.line, LittleEndian);
        let mut rows = section.program(DebugLineOffset(offset), 4, None, None)?.rows();
        // What the last row says holds up to the next one's address.
        let mut last: Option<(u64, u64, Option<u32>, u32)> = None;
        // Code that was left out by the linker lies at address 0, where no function is.
        let mut left_out = false;
        while let Some((header, row)) = rows.next_row()? {
            if let Some((start, file, line, column)) = last {
                let covered = start..row.address();
                for wanted in wanted.iter_mut().filter(|wanted| covered.contains(&wanted.address) && !left_out) {
                    if wanted.found.is_none()
                        && let Some(line) = line
                    {
                        wanted.found = self.path(header, file).map(|file| Place { file, line, column });
                    }
                }
            } else {
                left_out = row.address() == 0;
            }
            let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
            last = (!row.end_sequence()).then(|| {
                let column = match row.column() {
                    gimli::ColumnType::LeftEdge => 0,
                    gimli::ColumnType::Column(column) => number(column.get()),
                };
                (row.address(), row.file_index(), row.line().map(|line| number(line.get())), column)
            });
        }
        Ok(())
    }

    fn path(&self, header: &LineProgramHeader<Bytes<'_>>, file: u64) -> Option<String> {
        let file = header.file(file)?;
        let name = self.text(&file.path_name())?;
        // Folder 0 is the one that the compiler ran in; before DWARF 5 it is not said here.
        let within = |path: String, folder: Option<AttributeValue<Bytes<'_>>>| match folder {
            Some(folder) if !path.starts_with('/') => {
                self.text(&folder).map_or(path.clone(), |it| format!("{it}/{path}"))
            }
            _ => path,
        };
        let mut path = name;
        if file.directory_index() != 0 {
            path = within(path, file.directory(header));
        }
        Some(shortened(&within(path, header.directory(0))))
    }

    fn text(&self, value: &AttributeValue<Bytes<'_>>) -> Option<String> {
        let bytes = match value {
            AttributeValue::String(bytes) => bytes.slice(),
            AttributeValue::DebugLineStrRef(at) => self.line_strings.get(at.0..)?,
            AttributeValue::DebugStrRef(at) => self.strings.get(at.0..)?,
            _ => return None,
        };
        let bytes = &bytes[..bytes.len().min(LONGEST_NAME)];
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
    }
}

/// The program at a place of a `.debug_line` section: whether its header is small enough to be read, and its length with
/// that of the length itself. None at the end, and where the length is not possible.
fn unit(section: &[u8], at: usize) -> Option<(bool, usize)> {
    let mut rest = EndianSlice::new(section.get(at..)?, LittleEndian);
    let (length, format) = rest.read_initial_length().ok()?;
    let prefix = usize::from(format.initial_length_size());
    let mut program = rest.split(length).ok()?;
    let header_length = || -> gimli::Result<u64> {
        let version = program.read_u16()?;
        if version >= 5 {
            program.skip(2)?;
        }
        Ok(program.read_length(format)? as u64)
    };
    let small = { header_length }().is_ok_and(|length| length <= LARGEST_HEADER);
    Some((small, prefix + length))
}

/// A path without what only the author's machine knows: from the folder above the last `src` on, or else the last three
/// names. A relative path stays as it is.
fn shortened(path: &str) -> String {
    let path = path.replace('\\', "/");
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
    let absolute = path.starts_with('/') || names.first().is_some_and(|name| name.ends_with(':'));
    let from = match names.iter().rposition(|name| *name == "src") {
        _ if !absolute => 0,
        Some(src) => src.saturating_sub(1),
        None => names.len().saturating_sub(3),
    };
    let short = text::printable_line(&names[from..].join("/"));
    let much = short.chars().count().saturating_sub(LONGEST_PATH);
    short.chars().skip(much).collect()
}

#[cfg(test)]
#[path = "symbols_tests.rs"]
mod tests;
