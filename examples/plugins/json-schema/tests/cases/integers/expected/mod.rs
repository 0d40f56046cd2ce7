//! Types of `schemas/schema.json`.
//!
//! Generated: change the schema, not these files.

mod schema;

pub use schema::Schema;
