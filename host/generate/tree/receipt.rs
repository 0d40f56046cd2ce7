//! The receipt, `.packbox/receipt.json`: what was generated, from what.
//!
//! Always true here: two runs over the same input give the same bytes: keys and files are sorted, there is no time and
//! no absolute path. A receipt that is read is hostile input (a cloned repository carries it): bounded, with strict
//! types.

use std::collections::BTreeMap;

use semver::Version;
use serde::{Deserialize, Serialize};

use super::{Owner, StageRecord, Tree};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::pack::{OutputPath, PackName};
use crate::text::{self, format_bytes};

/// Bytes of what is said of a file, but for its path, its template and the names of variables.
const FILE_BYTES: usize = 380;
/// What a receipt says about the run as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptHeader {
    /// The pack's name.
    pub pack: String,
    /// The pack's version.
    pub version: Version,
    /// The digest of the pack's content, where it is known.
    pub pack_digest: Option<Digest>,
    /// The version of packbox that generated.
    pub packbox: Version,
    /// The engines that took part, each with the digest of its component; none for engines without one (`copy`).
    pub engines: BTreeMap<String, Option<Digest>>,
    /// All packs, in their order, where several were generated together.
    pub packs: Vec<PackRecord>,
}

// The fields stand in the alphabetical order of their keys, because that is the order in which they are written.
/// What tells whether a file is still as it was generated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RecordedFile {
    /// How many bytes it had.
    pub bytes: u64,
    /// Whether it was executable.
    pub executable: bool,
    /// Whether it was there already, with the same bytes, when packbox first came to write it: it is never removed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub found: bool,
    /// The packs that it was merged from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<OwnedBy>,
    /// The pack that it was generated from, where that is another than the receipt's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<PackName>,
    /// Where it is.
    pub path: OutputPath,
    /// The digest of its bytes, as it was generated; none where a secret may be in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
    /// Whether somebody's own file is in it, which what packs want was merged into: it is never removed, nor replaced unasked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
}

impl RecordedFile {
    /// The packs that it came from; where it does not say so, it is that of the one pack of these.
    #[must_use]
    pub fn writers(&self, packs: &[&str]) -> Vec<PackName> {
        if !self.owners.is_empty() {
            return self.owners.iter().map(|owner| owner.pack.clone()).collect();
        }
        let only = match packs {
            [only] => PackName::new(only).ok(),
            _ => None,
        };
        self.pack.clone().or(only).into_iter().collect()
    }
}

/// What is known of a file from before it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Before {
    /// Whether it was there already when packbox first came to write it.
    pub found: bool,
    /// Whether somebody's own file is in it.
    pub shared: bool,
}

/// A pack that wanted a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OwnedBy {
    /// The pack.
    pub pack: PackName,
}

/// What a receipt says about one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReceiptFile {
    /// How many bytes it has.
    pub bytes: u64,
    /// What made it: the name of a built-in engine, `copy`, `plugin:NAME`.
    pub engine: String,
    /// Whether it is executable.
    pub executable: bool,
    /// Whether it was there already, with the same bytes, when packbox first came to write it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub found: bool,
    /// The packs that it was merged from, in their order; what is said of a template is said of the first one's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Owner>,
    /// The pack that it comes from, where several were generated together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<PackName>,
    /// Where it is.
    pub path: OutputPath,
    /// The digest of the plugin that made it, where the pack brought it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub plugin_sha256: Option<Digest>,
    /// The digest of its bytes.
    /// None where a secret may be in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
    /// Whether somebody's own file is in it, which what packs want was merged into.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// The template, as a path in its pack.
    pub template: String,
    /// The digest of the template.
    pub template_sha256: Digest,
    /// What rendered it in turn, stage by stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<StageRecord>,
    /// The variables that were read.
    pub variables: Vec<String>,
}

/// A receipt: what was generated, from what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The digests of the components that rendered, by engine: `jinja`, `plugin:NAME` and so on.
    engines: BTreeMap<String, Option<Digest>>,
    /// The files of the run, sorted by path.
    files: Vec<ReceiptFile>,
    /// The version of this form.
    format: u32,
    /// What earlier runs generated and this one did not write, and was still there, sorted by path: what is no longer generated,
    /// and what was skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left: Vec<RecordedFile>,
    /// What runs of other packs generated and this one did not write, and was still there, sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    others: Vec<RecordedFile>,
    /// The pack; of several, the one that was named first.
    pack: PackRecord,
    /// The packbox that generated.
    packbox: Version,
    /// All packs, in their order, where several were generated together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    packs: Vec<PackRecord>,
}

/// The pack that was generated from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PackRecord {
    /// Its name.
    pub name: String,
    /// Reserved for the digest of the whole pack.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<Digest>,
    /// Its version.
    pub version: Version,
}

/// What stays in an output folder beside what a run writes; each list is sorted by path, and no path is in both.
#[derive(Debug, Clone, Default)]
pub struct Staying {
    /// What earlier runs of the pack generated.
    pub left: Vec<RecordedFile>,
    /// What runs of other packs generated.
    pub others: Vec<RecordedFile>,
}

/// Only what tells the format, for receipts of later versions.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl Receipt {
    /// The largest receipt that is read, in bytes.
    pub const MAX_BYTES: u64 = 64 << 20;
    /// The format that this version of packbox writes and reads.
    pub const FORMAT: u32 = 1;

    /// Describes a tree.
    #[must_use]
    pub fn new(header: ReceiptHeader, tree: &Tree) -> Self {
        Self::of_some(header, tree, |_| true, |_| Before::default(), Staying::default())
    }

    /// Describes the files of a tree that `belongs` says yes to: those that were skipped are not ours; what is known
    /// of each from before is what `before` says.
    pub fn of_some(
        header: ReceiptHeader,
        tree: &Tree,
        belongs: impl Fn(&OutputPath) -> bool,
        before: impl Fn(&OutputPath) -> Before,
        Staying { left, others }: Staying,
    ) -> Self {
        let files = tree.files().iter().filter(|file| belongs(file.path())).map(|file| {
            let provenance = file.provenance();
            let mut variables = provenance.variables.clone();
            variables.sort_unstable();
            variables.dedup();
            let Before { found, shared } = before(file.path());
            ReceiptFile {
                bytes: file.contents().len() as u64,
                engine: provenance.engine.clone(),
                executable: file.executable(),
                found,
                owners: if file.owners().len() > 1 { file.owners().to_vec() } else { Vec::new() },
                pack: file.owners().first().map(|owner| owner.pack.clone()),
                path: file.path().clone(),
                plugin_sha256: provenance.plugin_digest,
                sha256: file.recorded_digest(),
                shared,
                template: provenance.template.clone(),
                template_sha256: provenance.template_digest,
                then: provenance.then.clone(),
                variables,
            }
        });
        let mut listed = Vec::with_capacity(tree.files().len());
        listed.extend(files);
        Self {
            engines: header.engines,
            files: listed,
            format: Self::FORMAT,
            left,
            others,
            pack: PackRecord { name: header.pack, sha256: header.pack_digest, version: header.version },
            packbox: header.packbox,
            packs: header.packs,
        }
    }

    /// Writes the receipt as JSON, indented, with a line feed at the end.
    ///
    /// # Errors
    /// [`ErrorKind::Stopped`] where it would be larger than [`Receipt::MAX_BYTES`], so that it could not be read again.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        // About as many as it will have, so that nothing is held twice while it grows.
        let file = |file: &ReceiptFile| {
            let names: usize = file.variables.iter().map(|name| name.len() + 14).sum();
            FILE_BYTES + file.path.as_str().len() + file.template.len() + names + file.then.len() * FILE_BYTES
        };
        let staying = self.left.iter().chain(&self.others);
        let left: usize = staying.map(|file| FILE_BYTES + file.path.as_str().len()).sum();
        let mut bytes = Vec::with_capacity(FILE_BYTES * 4 + left + self.files.iter().map(file).sum::<usize>());
        serde_json::to_writer_pretty(&mut bytes, self)
            .map_err(|error| Error::io("cannot write the receipt", std::io::Error::other(error)))?;
        bytes.push(b'\n');
        if bytes.len() as u64 > Self::MAX_BYTES {
            let detail = format!("the receipt would have more than {}", format_bytes(Self::MAX_BYTES));
            return Err(Error::new(ErrorKind::Stopped, detail).hint("generate fewer files at once"));
        }
        Ok(bytes)
    }

    /// Reads a receipt.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] where it is too large, of a later format, or not what packbox writes.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() as u64 > Self::MAX_BYTES {
            let limit = format_bytes(Self::MAX_BYTES);
            return Err(refused(format!("the receipt `.packbox/receipt.json` has more than {limit}")));
        }
        let invalid = || refused("the receipt `.packbox/receipt.json` is invalid".to_owned());
        let text = files::text(bytes).map_err(|error| invalid().caused_by(error))?;
        if let Ok(FormatOnly { format }) = serde_json::from_str::<FormatOnly>(text)
            && format != Self::FORMAT
        {
            let detail = format!(
                "the receipt `.packbox/receipt.json` has the format {format}, but this packbox reads {}",
                Self::FORMAT
            );
            return Err(Error::new(ErrorKind::Refused, detail)
                .hint("use the packbox that wrote it, or delete the receipt and generate again"));
        }
        let receipt: Self = serde_json::from_str(text).map_err(|error| invalid().caused_by(text::of_json(&error)))?;
        // Sorted strictly means each path once, too.
        let is_sorted = |files: &[RecordedFile]| files.is_sorted_by(|one, other| one.path < other.path);
        if !receipt.files.is_sorted_by(|one, other| one.path < other.path)
            || !is_sorted(&receipt.left)
            || !is_sorted(&receipt.others)
        {
            return Err(refused("the files in the receipt `.packbox/receipt.json` are not sorted".to_owned()));
        }
        if receipt.packs.iter().chain([&receipt.pack]).any(|pack| PackName::new(&pack.name).is_err()) {
            return Err(refused("the receipt `.packbox/receipt.json` names no valid pack".to_owned()));
        }
        Ok(receipt)
    }

    /// Returns what it says about the run as a whole.
    #[must_use]
    pub fn header(&self) -> ReceiptHeader {
        ReceiptHeader {
            pack: self.pack.name.clone(),
            version: self.pack.version.clone(),
            pack_digest: self.pack.sha256,
            packbox: self.packbox.clone(),
            engines: self.engines.clone(),
            packs: self.packs.clone(),
        }
    }

    /// Returns the files, sorted by path.
    #[must_use]
    pub fn files(&self) -> &[ReceiptFile] {
        &self.files
    }

    /// Returns what earlier runs generated and the last one did not write, and is still there, sorted by path.
    #[must_use]
    pub fn left(&self) -> &[RecordedFile] {
        &self.left
    }
}

fn refused(detail: String) -> Error {
    Error::new(ErrorKind::Refused, detail)
        .hint("check it; if it is not yours or is damaged, delete it and generate again")
}

#[cfg(test)]
#[path = "receipt_tests.rs"]
mod tests;
