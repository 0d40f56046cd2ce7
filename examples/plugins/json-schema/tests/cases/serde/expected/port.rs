//! `Port` and what belongs to it. Generated: change the schema, not this file.

/// A TCP port.
///
/// Constraints, not checked here: `minimum` 1, `maximum` 65535.
pub type Port = u16;
