//! Rules about what `pack.toml` says about the pack.

pub mod authors;
pub mod category;
pub mod constant_condition;
pub mod description;
pub mod host_version;
pub mod host_version_bound;
pub mod keywords;
pub mod license;
pub mod license_expression;
pub mod readme;
pub mod text_form;
pub mod title;
pub mod version;
