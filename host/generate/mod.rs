//! From a plan to a directory: render, build the tree, commit.
//!
//! Always true here: rendering touches no disk; committing runs nothing.

pub mod commit;
mod diagnose;
mod finish;
mod piece;
mod render;
mod toolbox;
pub mod tree;

pub(crate) use diagnose::{JobFailure, diagnostics};
pub use render::{FileReport, RenderOptions, RenderReport, render};
pub(crate) use render::{Finish, Job, Part, render_with};
pub use toolbox::{PackPlugin, Toolbox, ToolboxEvaluator};
pub(crate) use toolbox::{check_digest, checked_limits, granted, request as limit_request};
