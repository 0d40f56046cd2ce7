//! packbox runs the code that other people put into template packs as WebAssembly components.
#![deny(missing_docs)]

pub mod abi;
pub mod diagnostic;
pub mod digest;
pub mod engine;
pub mod error;
pub mod interrupt;
pub mod stop;
pub mod text;
