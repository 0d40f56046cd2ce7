//! The inner layer of an archive: a tar, read entry by entry.
//!
//! Always true here: entries are taken raw, so that links, sparse files and extended headers are looked at before
//! anything is done with them, and what an entry declares is compared with the limits before it is read.

use std::collections::BTreeMap;
use std::io::Read;

use tar::EntryType;

use super::frame::Frame;
use super::names::{Kind, Names};
use super::pax::{self, Extended};
use super::refusal::{damaged, refused};
use crate::error::{Error, Result};
use crate::limits::{PackLimits, of_packs};
use crate::pack::listing::MAX_DEPTH;
use crate::pack::names::MANIFEST_NAME;
use crate::pack::names::PackPath;
use crate::show::quoted;
use crate::text::format_bytes;

/// The largest extended header or long name, in bytes.
const MAX_EXTENSION: u64 = 16 << 10;

/// The most zeros at the end, in bytes: tools fill up to a multiple of 10 KiB or more.
const MAX_PADDING: u64 = 1 << 20;

const BLOCK: u64 = 512;

/// A file of an archive.
#[derive(Debug)]
pub(super) struct Stored {
    pub contents: Box<[u8]>,
    pub executable: bool,
}

/// Reads the files of a tar that must go to the end of its frame.
pub(super) fn read(frame: &mut Frame<'_>, label: &str, limits: &PackLimits) -> Result<BTreeMap<PackPath, Stored>> {
    let mut walk = Walk {
        label,
        limits,
        names: Names::default(),
        others: 0,
        bytes: 0,
        long_name: None,
        extended: None,
        files: BTreeMap::new(),
    };
    let mut archive = tar::Archive::new(&mut *frame);
    let broken = |error| damaged(label).caused_by(error);
    for entry in archive.entries().map_err(broken)?.raw(true) {
        walk.visit(entry.map_err(broken)?)?;
    }
    walk.no_extension_is_left()?;
    end(frame, label)?;
    Ok(walk.files)
}

/// Checks what follows behind the first block of zeros: another one, and nothing but zeros.
fn end(frame: &mut Frame<'_>, label: &str) -> Result<()> {
    let mut buffer = [0; 4096];
    let mut zeros = 0;
    loop {
        let read = frame.read(&mut buffer).map_err(|error| damaged(label).caused_by(error))?;
        if read == 0 {
            break;
        }
        zeros += read as u64;
        if buffer[..read].iter().any(|byte| *byte != 0) {
            return Err(refused(label, "there is data after the end of its tar"));
        }
        if zeros > MAX_PADDING {
            let why = format!("more than {} of zeros follow its last entry", format_bytes(MAX_PADDING));
            return Err(refused(label, &why));
        }
    }
    if zeros < BLOCK || !zeros.is_multiple_of(BLOCK) {
        return Err(damaged(label).caused_by("the tar within it has no end"));
    }
    Ok(())
}

struct Walk<'a> {
    label: &'a str,
    limits: &'a PackLimits,
    names: Names,
    /// Entries that are neither files nor folders of the pack.
    others: u64,
    bytes: u64,
    /// What stands before an entry and is about it.
    long_name: Option<Vec<u8>>,
    extended: Option<Extended>,
    files: BTreeMap<PackPath, Stored>,
}

impl Walk<'_> {
    fn visit<R: Read>(&mut self, mut entry: tar::Entry<'_, R>) -> Result<()> {
        let header = entry.header();
        if header.as_gnu().is_none() && header.as_ustar().is_none() {
            return Err(self.refused("an entry is neither in the format of POSIX nor in that of GNU"));
        }
        // Sizes in other notations fit no pack, and not all tools read them alike.
        if !header.as_old().size.iter().all(|byte| matches!(byte, b'0'..=b'7' | b' ' | 0)) {
            return Err(self.refused("the size of an entry is not an octal number"));
        }
        match header.entry_type() {
            EntryType::GNULongName => {
                let mut name = self.extension(&mut entry)?;
                name.pop_if(|last| *last == 0);
                if self.long_name.replace(name).is_some() {
                    return Err(self.refused("an entry has two long names"));
                }
            }
            EntryType::XHeader => {
                let records = self.extension(&mut entry)?;
                let extended = pax::parse(&records).map_err(|why| self.refused(&why))?;
                if self.extended.replace(extended).is_some() {
                    return Err(self.refused("an entry has two extended headers"));
                }
            }
            EntryType::XGlobalHeader => {
                self.no_extension_is_left()?;
                let records = self.extension(&mut entry)?;
                let extended = pax::parse(&records).map_err(|why| self.refused(&why))?;
                if extended != Extended::default() {
                    return Err(self.refused("an extended header gives a path or a size to all entries"));
                }
                self.count_another()?;
            }
            EntryType::Regular => self.file(entry)?,
            EntryType::Directory => self.folder(&entry)?,
            other => {
                let name = self.name(&entry)?;
                return Err(self.refused(&format!("{} is {}", quoted(&name), describe(other))));
            }
        }
        Ok(())
    }

    fn file<R: Read>(&mut self, mut entry: tar::Entry<'_, R>) -> Result<()> {
        let path = self.path(&self.name(&entry)?)?;
        let size = self.size(&entry)?;
        let mode = entry.header().mode().map_err(|error| damaged(self.label).caused_by(error))?;
        self.add(&path, Kind::File)?;
        if path.as_str() == MANIFEST_NAME {
            self.limits.check(&of_packs::manifest_bytes, size, || format!("`{}/{MANIFEST_NAME}`", self.label))?;
        }
        self.bytes = self.bytes.saturating_add(size);
        self.limits.check(&of_packs::pack_bytes, self.bytes, || format!("`{}`", self.label))?;
        let contents = self.contents(&mut entry, size)?.into_boxed_slice();
        self.files.insert(path, Stored { contents, executable: mode & 0o100 != 0 });
        Ok(())
    }

    fn folder<R: Read>(&mut self, entry: &tar::Entry<'_, R>) -> Result<()> {
        let name = self.name(entry)?;
        if self.size(entry)? != 0 {
            return Err(self.refused(&format!("{} is a folder with contents", quoted(&name))));
        }
        match name.strip_suffix('/').unwrap_or(&name) {
            // The pack's folder itself, as `tar --create .` has it.
            "" | "." if name.starts_with('.') => self.count_another(),
            folder => {
                let path = self.path(folder)?;
                self.add(&path, Kind::Folder)
            }
        }
    }

    /// Takes what stands before an entry, and returns its name.
    fn name<R: Read>(&self, entry: &tar::Entry<'_, R>) -> Result<String> {
        let extended = self.extended.as_ref().and_then(|extended| extended.path.clone());
        let name = match (self.long_name.clone(), extended) {
            (Some(_), Some(_)) => {
                return Err(self.refused("an entry has a long name and an extended header with a path"));
            }
            (Some(name), None) | (None, Some(name)) => name,
            (None, None) => entry.header().path_bytes().into_owned(),
        };
        String::from_utf8(name).map_err(|error| {
            let name = quoted(&String::from_utf8_lossy(error.as_bytes()));
            self.refused(&format!("{name} has a name that is not UTF-8"))
        })
    }

    /// Returns the size of an entry; what stands before it is used up then.
    fn size<R: Read>(&mut self, entry: &tar::Entry<'_, R>) -> Result<u64> {
        let size = entry.size();
        self.long_name = None;
        match self.extended.take().and_then(|extended| extended.size) {
            Some(other) if other != size => Err(self.refused("an entry has two sizes")),
            _ => Ok(size),
        }
    }

    fn path(&self, name: &str) -> Result<PackPath> {
        let path = name.strip_prefix("./").unwrap_or(name);
        PackPath::new(path)
            .map_err(|error| self.refused(&format!("{} has a path that is not valid: it {error}", quoted(name))))
    }

    fn add(&mut self, path: &PackPath, kind: Kind) -> Result<()> {
        let folders = path.as_str().matches('/').count() + usize::from(kind != Kind::File);
        if folders > MAX_DEPTH {
            return Err(self.refused(&format!("{} is more than {MAX_DEPTH} folders deep", quoted(path.as_str()))));
        }
        self.names.add(path, kind).map_err(|why| self.refused(&why))?;
        self.check_number()
    }

    fn count_another(&mut self) -> Result<()> {
        self.others += 1;
        self.check_number()
    }

    fn check_number(&self) -> Result<()> {
        let number = self.names.len().saturating_add(self.others);
        self.limits.check(&of_packs::files, number, || format!("`{}`", self.label))
    }

    fn extension<R: Read>(&self, entry: &mut tar::Entry<'_, R>) -> Result<Vec<u8>> {
        let size = entry.size();
        if size > MAX_EXTENSION {
            let (size, most) = (format_bytes(size), format_bytes(MAX_EXTENSION));
            return Err(self.refused(&format!("it has an extended header of {size}, but at most {most} is allowed")));
        }
        self.contents(entry, size)
    }

    fn contents<R: Read>(&self, entry: &mut tar::Entry<'_, R>, size: u64) -> Result<Vec<u8>> {
        let mut contents = Vec::new();
        entry.read_to_end(&mut contents).map_err(|error| damaged(self.label).caused_by(error))?;
        if contents.len() as u64 == size {
            Ok(contents)
        } else {
            Err(damaged(self.label).caused_by("the tar within it ends in the middle of an entry"))
        }
    }

    fn no_extension_is_left(&self) -> Result<()> {
        if self.long_name.is_none() && self.extended.is_none() {
            return Ok(());
        }
        Err(self.refused("no entry follows an extended header"))
    }

    fn refused(&self, why: &str) -> Error {
        refused(self.label, why)
    }
}

fn describe(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Link => "a hard link",
        EntryType::Symlink | EntryType::GNULongLink => "a symbolic link",
        EntryType::Char | EntryType::Block => "a device",
        EntryType::Fifo => "a named pipe",
        EntryType::GNUSparse => "a sparse file",
        _ => "of a kind that packs can't contain",
    }
}
