//! What rendering made, before it touches a disk: files with their provenance, and the receipt.
//!
//! Always true here: a [`Tree`] can be written on file systems that ignore case and normalization. Nothing in this module reads or writes a
//! file.

mod collisions;
mod file;
mod receipt;
mod whole;

pub use collisions::{Standing, check as check_standing};
pub use file::{Owner, Provenance, StageRecord, TreeFile};
pub use receipt::{Before, OwnedBy, PackRecord, Receipt, ReceiptFile, ReceiptHeader, RecordedFile, Staying};
pub use whole::Tree;
