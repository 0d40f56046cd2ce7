//! What all built-in engines share: memory, comparing bytes, finding the name that was meant and the tag that is open.

pub mod allocator;
pub mod balance;
pub mod hints;
mod same;

pub use same::same;
