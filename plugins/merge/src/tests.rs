//! Cases and properties.

mod cases;
mod properties;
mod refusals;
