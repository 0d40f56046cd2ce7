//! From a plan to a directory: render, build the tree, commit.
//!
//! Always true here: rendering touches no disk; committing runs nothing.

mod apart;
mod asked;
mod change;
pub mod commit;
mod composition;
mod decided;
mod dispute;
mod finish;
mod job;
mod joined;
mod line_ends;
mod merge;
mod piece;
mod render;
mod renderer;
pub mod tree;
mod unmarked;

pub use apart::Apart;
pub use change::{Change, Writing};
pub use composition::Composition;
pub use job::Job;
pub use joined::Joined;
pub use piece::{FileReport, Making};
pub use render::{RenderOptions, RenderReport};
pub(crate) use renderer::{Finish, Part};
