//! Cases and properties.

mod cases;
mod documents;
mod properties;
mod refusals;
