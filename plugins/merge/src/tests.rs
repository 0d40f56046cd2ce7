//! Cases and properties.

mod cases;
mod documents;
mod heads;
mod properties;
mod refusals;
