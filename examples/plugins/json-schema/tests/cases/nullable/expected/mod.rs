//! Types of `schemas/schema.json`.
//!
//! Generated: change the schema, not these files.

mod record;

pub use record::Record;
