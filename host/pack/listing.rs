//! Lists the files of a pack's folder, once.
//!
//! Always true here: no link is followed, what `.packboxignore` leaves out is neither entered nor looked at, and the
//! number of entries, their depth and their sizes are bounded.

use std::collections::BTreeMap;
use std::io;

use super::folder::{EntryKind, FileInfo, Folder, Level};
use super::ignore::{BudgetExceeded, Ignore};
use super::names::PackPath;
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{PackLimits, of_packs};
use crate::show::quoted;

/// How deep folders may be nested.
pub(super) const MAX_DEPTH: usize = 64;

/// How many entries that cannot belong to a pack are reported at once.
const MAX_FINDINGS: usize = 20;

/// Lists the files of a folder that the user knows as `label`. Errors are of kind `Manifest` for links, devices, names
/// that are not valid paths and exceeded limits, and of kind `Io`.
pub(crate) fn list(
    folder: &Folder,
    label: &str,
    ignore: Ignore,
    limits: &PackLimits,
) -> Result<BTreeMap<PackPath, FileInfo>> {
    let mut walk = Walk { label, ignore, limits, files: Vec::new(), entries: 0, bytes: 0, findings: Vec::new() };
    let mut top = folder.top().map_err(|error| walk.unreadable("", error))?;
    walk.visit(&mut top, "", 0)?;
    if walk.findings.is_empty() {
        return Ok(walk.files.into_iter().collect());
    }
    let detail = format!("`{label}` contains something that cannot be part of a pack");
    Err(Error::new(ErrorKind::Manifest, detail)
        .hint("remove it, or leave it out with a line in `.packboxignore`")
        .with_findings(walk.findings))
}

/// Explains that the patterns of a pack were given up.
pub(super) fn takes_too_long(_: BudgetExceeded) -> Error {
    Error::new(ErrorKind::Manifest, "the patterns in `.packboxignore` take too long to match")
        .hint("use fewer or simpler patterns")
}

struct Walk<'a> {
    label: &'a str,
    ignore: Ignore,
    limits: &'a PackLimits,
    files: Vec<(PackPath, FileInfo)>,
    entries: u64,
    bytes: u64,
    findings: Vec<Diagnostic>,
}

impl Walk<'_> {
    /// Lists a folder whose path is `prefix`, which is empty or ends with `/`.
    fn visit(&mut self, level: &mut Level, prefix: &str, depth: usize) -> Result<()> {
        let left = usize::try_from(self.limits.files.saturating_sub(self.entries)).unwrap_or(usize::MAX);
        let mut entries = level.entries(left.saturating_add(1)).map_err(|error| self.unreadable(prefix, error))?;
        // What is reported must not depend on the order that the file system has.
        entries.sort_unstable_by(|left, right| left.name.cmp(&right.name));
        for entry in entries {
            self.entries += 1;
            self.limits.check(&of_packs::files, self.entries, || format!("`{}`", self.label))?;
            let name = entry.name.to_string_lossy();
            let mut shown = String::with_capacity(prefix.len() + name.len());
            shown.push_str(prefix);
            shown.push_str(&name);
            let left_out = self.ignore.leaves_out(&shown, entry.kind == EntryKind::Folder).map_err(takes_too_long)?;
            if left_out {
                continue;
            }
            match entry.kind {
                EntryKind::Link => self.refuse(&shown, "is a link, and links are not followed"),
                EntryKind::Other(what) => self.refuse(&shown, &format!("is {what}")),
                EntryKind::File | EntryKind::Folder if entry.name.to_str().is_none() => {
                    self.refuse(&shown, "has a name that is not UTF-8");
                }
                EntryKind::Folder if depth == MAX_DEPTH => {
                    self.refuse(&shown, &format!("is more than {MAX_DEPTH} folders deep"));
                }
                EntryKind::Folder => {
                    let mut below = level.enter(&entry.name).map_err(|error| self.unreadable(&shown, error))?;
                    self.visit(&mut below, &(shown + "/"), depth + 1)?;
                }
                EntryKind::File => match PackPath::new(&shown) {
                    Ok(path) => {
                        let info = level.file_info(&entry.name).map_err(|error| self.unreadable(&shown, error))?;
                        self.bytes = self.bytes.saturating_add(info.bytes);
                        self.files.push((path, info));
                    }
                    Err(error) => self.refuse(&shown, &format!("has a path that is not valid: it {error}")),
                },
            }
        }
        self.limits.check(&of_packs::pack_bytes, self.bytes, || format!("`{}`", self.label))
    }

    fn refuse(&mut self, path: &str, why: &str) {
        if self.findings.len() < MAX_FINDINGS {
            let finding = Diagnostic::error("manifest/entry", format!("{} {why}", quoted(path)));
            self.findings.push(finding.at(Span::file(format!("{}/{path}", self.label))));
        }
    }

    fn unreadable(&self, path: &str, error: io::Error) -> Error {
        let path = format!("{}/{path}", self.label);
        Error::io(format!("cannot list {}", quoted(path.trim_end_matches('/'))), error)
    }
}
