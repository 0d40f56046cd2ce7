//! One file for each command.

mod generate;
mod inspect;
mod new;
mod plan;
mod texts;

pub use generate::{apply, generate};
pub use inspect::inspect;
pub use new::new;
pub use plan::plan;
pub use texts::{completions, man, precompile};
