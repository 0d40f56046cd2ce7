//! A plan for people: what each pack writes and what becomes of each file, as a tree on a terminal and as a page.
//!
//! Always true here: text of packs and of the output folder is made harmless before it is shown, in either form.

mod diffs;
mod entry;
mod html;
mod packs;
mod page;
mod parts;
mod tree;

pub use entry::{Entry, planned, rendered};
pub use page::Page;
pub use tree::tree;
