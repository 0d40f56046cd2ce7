//! Writing plugins: new projects, and components made of them.
//!
//! Always true here: nothing is downloaded or installed; a tool that is missing is named with the command that installs
//! it. Tools run with arguments, never through a shell.

mod build;
mod component;
mod project;
mod scaffold;
mod sdk;
mod tool;
mod watch;

pub use build::{Built, Surroundings, build};
pub use project::{Kind, Language, MAX_PROJECT_BYTES, PROJECT_NAME, Project, Target};
pub use scaffold::{ScaffoldFile, scaffold};
pub use tool::ToolOutput;
pub use watch::{Watcher, newer_source};
