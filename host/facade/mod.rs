//! The door for programs that embed packbox: one [`Packbox`] for many jobs, from a pack to files.
//!
//! Always true here: nothing is decided about packs, values, limits or folders; what the rooms behind it promise is put
//! together in the order that it needs.

#[cfg(feature = "cli")]
mod asking;
mod canceller;
mod checker;
mod folders;
mod inputs;
mod job;
#[cfg(feature = "registry")]
mod library;
mod limits;
mod pack;
mod packbox;
mod rendered;
mod saved;
mod stages;

pub use canceller::Canceller;
pub use checker::{Checker, Checks};
pub(crate) use folders::Folders;
pub use inputs::Inputs;
pub use job::Job;
#[cfg(feature = "registry")]
pub use library::Library;
pub use limits::Limits;
pub use pack::{Input, Pack};
#[cfg(feature = "cli")]
pub(crate) use packbox::Parts;
pub use packbox::{Builder, Packbox};
#[cfg(feature = "cli")]
pub(crate) use rendered::{LOOKS, busy};
pub use rendered::{OnExisting, Rendered, RenderedFile, Writing, Written};
#[cfg(feature = "cli")]
pub(crate) use saved::arranged;
