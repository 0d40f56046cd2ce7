//! What a component may have at once, which nobody can raise.
//!
//! Always true here: constants; what can be raised is in `crate::limits`.

/// Core instances that a component may have. One of Python has 38: a module for each interface of WASI that it stubs out.
pub const CORE_INSTANCES: u32 = 64;
/// Linear memories that a component may have.
pub const MEMORIES: u32 = 4;
/// Tables that a component may have.
pub const TABLES: u32 = 8;
