//! What all built-in engines share: memory, comparing bytes, finding the name that was meant, the tag that is open, and
//! what is computed.

pub mod allocator;
pub mod arithmetic;
pub mod balance;
pub mod hints;
mod same;

pub use same::same;
