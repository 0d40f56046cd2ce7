//! Types of `schemas/schema.json`.
//!
//! Generated: change the schema, not these files.

mod empty;
mod evil;
mod mod_;
mod option;
mod settings;

pub use empty::Empty;
pub use evil::Evil;
pub use mod_::Mod;
pub use option::Option_;
pub use settings::Settings;
pub use settings::SettingsLogLevel;
