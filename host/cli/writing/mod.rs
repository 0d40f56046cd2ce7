//! Output folders: what is written there, and what is told of it.

pub mod folder;
pub mod generating;
pub mod why;
pub mod writer;
pub mod written;
