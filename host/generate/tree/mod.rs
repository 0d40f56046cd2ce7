//! What rendering made, before it touches a disk: checked paths, files with their provenance, and the receipt.
//!
//! Always true here: an [`OutputPath`] stays below the folder that it is joined to, on every supported system; a
//! [`Tree`] can be written on file systems that ignore case and normalization. Nothing in this module reads or writes a
//! file.

mod collisions;
mod file;
mod names;
mod path;
mod receipt;

pub use file::{Provenance, StageRecord, Tree, TreeFile, TreeLimits};
pub use path::{InvalidPath, OutputPath};
pub use receipt::{Receipt, ReceiptFile, ReceiptHeader};
