//! What stands in an output folder where packs want to merge something into it: [`Standing`].
//!
//! Always true here: nothing is changed, and nothing is read through a link; a file is read up to a bound, and remembered with its
//! identity, so that a commit replaces exactly what was merged. What is in the way is told by who surveys the folder.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::tree::Tree;
use super::folder::{Folder, Kind, Status, read_sized};
use super::place::Place;
use super::previous::{Comparison, Previous};
use super::under_way::refuse_while_another_run_writes;
use super::walk::Walker;
use crate::advice::said;
use crate::diagnostic::{Diagnostic, Span};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{OutputPath, PackName};
use crate::text::format_bytes;

/// The files of an output folder that somebody edited or made, and that packs have a policy for by which what they want is merged
/// into them.
#[derive(Debug, Default)]
pub struct Standing {
    files: BTreeMap<OutputPath, StandingFile>,
}

/// A file that stands in an output folder.
#[derive(Debug)]
pub struct StandingFile {
    /// Its bytes.
    pub contents: Vec<u8>,
    /// Whether it is executable; where the system has no such bit, what packs want.
    pub executable: bool,
    /// The packs that wrote it, as the receipt says, with nobody's own text in it.
    pub writers: Vec<PackName>,
    /// Whether it is what they wrote, to the byte.
    pub is_untouched: bool,
    /// Whether nothing of it is in the new file: it was blank, and packs want all that is written in its place.
    pub is_replaced: bool,
    pub(super) seen: Status,
}

impl Standing {
    /// Reads those files of a tree that stand in an output folder, are not what these packs wrote there, and can be merged with; each of
    /// `most` bytes at the most. `draw` is told how many bytes are about to be read, and may refuse.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] where one is larger, with a finding for each; those of `draw`; [`ErrorKind::Io`]; as for a receipt.
    pub fn read(
        tree: &Tree,
        (out, packs): (&Path, &[&str]),
        most: u64,
        draw: &dyn Fn(u64) -> Result<()>,
    ) -> Result<Self> {
        let mut standing = Self::default();
        let Place::Present(root) = Place::find(out)? else { return Ok(standing) };
        refuse_while_another_run_writes(&root)?;
        let previous = Previous::read(&root, packs)?;
        let mut comparison = Comparison::new();
        let mut walker = Walker::new(&root);
        let mut too_large = Vec::new();
        let merged = tree.files().iter().filter(|file| file.provenance().on_conflict.merging().is_some());
        for file in merged {
            let name = file.path().file_name();
            let Ok(Some(folder)) = walker.open(file.path().folder()) else { continue };
            let Ok(Some(seen)) = folder.status(name) else { continue };
            let mut is_ours = |seen| {
                previous.get(file.path()).is_some_and(|recorded| comparison.is_untouched(folder, name, seen, recorded))
            };
            if seen.kind != Kind::File || is_ours(seen) {
                continue;
            }
            if seen.identity.bytes > most {
                let message = format!("the file has {}, more than can be merged", format_bytes(seen.identity.bytes));
                too_large.push(Diagnostic::error("output/exists", message).at(Span::file(file.path().as_str())));
                continue;
            }
            draw(seen.identity.bytes)?;
            let contents = read(folder, name, seen)
                .map_err(|error| Error::io(format!("cannot read `{}` in the output folder", file.path()), error))?;
            let executable = seen.executable.unwrap_or(file.executable());
            if contents != file.contents() || executable != file.executable() {
                let recorded = previous.recorded(file.path()).filter(|recorded| !recorded.shared && !recorded.found);
                let is_untouched =
                    recorded.and_then(|recorded| recorded.sha256).is_some_and(|sha256| sha256 == Digest::of(&contents));
                let writers = recorded.map(|recorded| recorded.writers(packs)).unwrap_or_default();
                let found = StandingFile { contents, executable, writers, is_untouched, is_replaced: false, seen };
                standing.files.insert(file.path().clone(), found);
            }
        }
        if too_large.is_empty() {
            return Ok(standing);
        }
        let most = format_bytes(most);
        Err(Error::new(ErrorKind::Conflict, format!("files in the output folder have more than {most}"))
            .with_findings(too_large)
            .hint(said(
                "choose with `--on-existing skip` or `--on-existing overwrite`, or allow more with `--limit input=SIZE`",
                "choose `OnExisting::Skip` or `OnExisting::Overwrite`, or allow more with the limit `input`",
            )))
    }

    /// The files, sorted by path.
    #[must_use]
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&OutputPath, &StandingFile)> {
        self.files.iter()
    }

    /// Says of the blank ones which hold nothing but what packs want, once that was merged into them.
    pub fn replace(&mut self, is_wanted: impl Fn(&OutputPath) -> bool) {
        for (path, file) in &mut self.files {
            file.is_replaced = file.is_blank() && is_wanted(path);
        }
    }

    /// The file at a path.
    #[must_use]
    pub fn get(&self, path: &OutputPath) -> Option<&StandingFile> {
        self.files.get(path)
    }
}

impl StandingFile {
    /// Whether there is nothing in it but white space.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let text = self.contents.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.contents);
        text.iter().all(u8::is_ascii_whitespace)
    }
}

fn read(folder: &Folder, name: &str, seen: Status) -> std::io::Result<Vec<u8>> {
    let file = folder.open_file(name, seen.identity)?;
    read_sized(&file, seen.identity.bytes, seen.identity.bytes)?
        .ok_or_else(|| std::io::Error::other("it grows while it is read"))
}
