//! Types of `schemas/schema.json`.
//!
//! Generated: change the schema, not these files.

mod either;
mod line;
mod mode;
mod point;
mod schema;

pub use either::Either;
pub use line::Line;
pub use mode::Mode;
pub use point::Point;
pub use schema::Schema;
