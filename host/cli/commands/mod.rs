//! One file for each command.

mod bench;
mod check;
mod compat;
mod doctor;
mod generate;
mod given;
mod inspect;
mod new;
mod packs;
mod plan;
mod plugin_bench;
mod plugin_build;
mod plugin_new;
mod plugin_profile;
mod plugin_run;
mod plugin_test;
mod plugin_tools;
mod profile;
mod registry;
mod sandbox;
mod schema;
mod score;
mod texts;
mod written;

pub use bench::bench;
pub use check::{check, lint, validate};
pub use compat::compat;
pub use doctor::doctor;
pub use generate::{apply, generate};
pub use inspect::inspect;
pub use new::new;
pub use plan::plan;
pub use plugin_bench::plugin_bench;
pub use plugin_build::plugin_build;
pub use plugin_new::plugin_new;
pub use plugin_profile::plugin_profile;
pub use plugin_run::plugin_run;
pub use plugin_test::plugin_test;
pub use profile::profile;
pub use registry::{
    clean, deps, export, import, info, install, list, publish, registry, search, show, uninstall, update, vendor, yank,
};
pub use schema::schema;
pub use score::score;
pub use texts::{completions, man, precompile};
