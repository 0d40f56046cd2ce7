//! What all built-in engines share: memory, and finding the name that was meant.

pub mod allocator;
pub mod hints;
