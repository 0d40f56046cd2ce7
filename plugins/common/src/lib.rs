//! What all built-in engines share: memory, comparing bytes, and finding the name that was meant.

pub mod allocator;
pub mod hints;
mod same;

pub use same::same;
