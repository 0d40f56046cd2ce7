//! From a plan to a directory: render, build the tree, commit.
//!
//! Always true here: rendering touches no disk; committing runs nothing.

pub mod commit;
mod finish;
mod job;
mod piece;
mod render;
pub mod tree;

pub use job::Job;
pub use piece::FileReport;
pub(crate) use render::{Finish, Made, Part};
pub use render::{RenderOptions, RenderReport};
