//! From a plan to a directory: render, build the tree, commit.
//!
//! Always true here: rendering touches no disk; committing runs nothing.

pub mod commit;
mod diagnose;
mod render;
mod toolbox;
pub mod tree;

pub use render::{FileReport, RenderOptions, RenderReport, render};
pub use toolbox::{PackPlugin, Toolbox, ToolboxEvaluator};
