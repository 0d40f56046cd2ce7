//! The receipt on the disk: `.packbox/receipt.json`.
//!
//! Always true here: it is hostile input; it is read without following a link, and up to a bound.

use std::path::Path;

use super::super::tree::Receipt;
use super::folder::{Folder, Kind, Status, read_at_most};
use super::layout::{METADATA, RECEIPT, RECEIPT_PATH};
use super::place::{Place, own_obstacle};
use crate::error::{Error, Result};

/// What stands at the receipt's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReceiptState {
    /// Nothing.
    New,
    /// What is to stand there, or nothing is to be written.
    Unchanged,
    /// Another receipt.
    Differs(Status),
}

impl ReceiptState {
    /// Compares the receipt in an output folder with the one that is to be written.
    pub(super) fn look(root: &Folder, receipt: Option<&[u8]>) -> Result<Self> {
        let Some(wanted) = receipt else { return Ok(Self::Unchanged) };
        let Some((metadata, status)) = find(root)? else { return Ok(Self::New) };
        if status.identity.bytes != wanted.len() as u64 {
            return Ok(Self::Differs(status));
        }
        let contents = read(&metadata, status, status.identity.bytes)?;
        Ok(if contents.as_deref() == Some(wanted) { Self::Unchanged } else { Self::Differs(status) })
    }
}

/// Reads the receipt of an output folder; none where there is no folder or no receipt.
///
/// # Errors
/// [`ErrorKind::Refused`](crate::error::ErrorKind::Refused) where it is invalid,
/// [`ErrorKind::OutsidePath`](crate::error::ErrorKind::OutsidePath) where a link is in the way;
/// [`ErrorKind::Io`](crate::error::ErrorKind::Io).
pub fn read_receipt(out: &Path) -> Result<Option<Receipt>> {
    let Place::Present(root) = Place::find(out)? else { return Ok(None) };
    let Some((metadata, status)) = find(&root)? else { return Ok(None) };
    // One byte more than allowed, so that the parser refuses it.
    let contents = match read(&metadata, status, Receipt::MAX_BYTES)? {
        Some(contents) => contents,
        None => vec![b' '; usize::try_from(Receipt::MAX_BYTES + 1).unwrap_or(usize::MAX)],
    };
    Receipt::parse(&contents).map(Some)
}

pub(super) fn find(root: &Folder) -> Result<Option<(Folder, Status)>> {
    let metadata = match root.open(METADATA) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(own_obstacle(root, METADATA, METADATA, "open", error)),
    };
    let status =
        metadata.status(RECEIPT).map_err(|error| own_obstacle(&metadata, RECEIPT, RECEIPT_PATH, "look at", error))?;
    match status {
        None => Ok(None),
        Some(status) if status.kind == Kind::File => Ok(Some((metadata, status))),
        Some(_) => Err(own_obstacle(&metadata, RECEIPT, RECEIPT_PATH, "read", std::io::ErrorKind::IsADirectory.into())),
    }
}

fn read(metadata: &Folder, status: Status, limit: u64) -> Result<Option<Vec<u8>>> {
    let read = metadata.open_file(RECEIPT, status.identity).and_then(|file| read_at_most(&file, limit));
    read.map_err(|error| Error::io(format!("cannot read `{RECEIPT_PATH}` in the output folder"), error))
}
