//! One file for each command.

mod doctor;
mod generate;
mod inspect;
mod new;
mod plan;
mod texts;

pub use doctor::doctor;
pub use generate::{apply, generate};
pub use inspect::inspect;
pub use new::new;
pub use plan::plan;
pub use texts::{completions, man, precompile};
