//! packbox generates projects from template packs that nobody has to trust: templates, expressions, renderers and rules of a
//! pack run as WebAssembly components, which get the bytes that they are given, a memory limit, a time limit, and nothing
//! else.
//!
//! # From a pack to files
//!
//! A [`Packbox`] is set up once. It loads packs; a pack and its [`Inputs`] become a [`Job`], whose [`Plan`] says what will be
//! made; a job renders in memory; what was [`Rendered`] is looked at, or written to a folder, which is old or new, whatever
//! happens.
//!
//! ```
//! use packbox::{Inputs, Limits, Packbox};
//!
//! # fn main() -> Result<(), packbox::Error> {
//! // One for the whole program: it may be shared between threads. Without a home it keeps nothing on the disk.
//! let limits = Limits::default().set("memory", "64MiB")?.set("run-time", "10s")?;
//! let packbox = Packbox::builder().limits(limits).build()?;
//!
//! // Nothing of a pack runs while it is loaded; what is wrong with it is in the error, all of it at once.
//! let pack = packbox.load("examples/packs/rust-cli")?;
//! for input in pack.inputs() {
//!     println!("{}: {} ({})", input.name, input.question, input.kind);
//! }
//!
//! // Its conditions, paths and templates are interpreted in the sandbox.
//! let inputs = Inputs::new().with("crate_name", "orders");
//! let job = packbox.job(&pack, &inputs)?;
//! println!("{} files are planned", job.plan().files.len());
//! let rendered = job.render()?;
//! assert!(rendered.files().any(|file| file.path == "Cargo.toml"));
//!
//! # let folder = std::env::temp_dir().join(format!("packbox-doc-{}", std::process::id()));
//! // All of it is written, or nothing; what somebody edited is not replaced.
//! let written = rendered.write(&folder)?;
//! assert!(written.written.contains(&"src/main.rs".to_owned()));
//! # std::fs::remove_dir_all(&folder).ok();
//! # Ok(())
//! # }
//! ```
//!
//! # What goes wrong
//!
//! An [`Error`] has a kind ([`ErrorKind`]), says what happened and what to do next, and carries a [`Diagnostic`] with its place
//! for each mistake. A plugin that met a limit has a [`Stop`]: which limit, and what it was.
//!
//! ```
//! use packbox::{ErrorKind, Inputs, Packbox};
//!
//! # fn main() -> Result<(), packbox::Error> {
//! # let packbox = Packbox::builder().build()?;
//! # let pack = packbox.load("examples/packs/rust-cli")?;
//! let error = packbox.job(&pack, &Inputs::new().with("crate_nam", "orders")).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::Variables);
//! for finding in error.findings() {
//!     println!("{}: {}", finding.rule, finding.message);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # More
//!
//! - [packbox in a program of yours](https://github.com/packbox/packbox/blob/main/docs/embedding.md) (`docs/embedding.md`) goes through
//!   all of it: features, limits, cancelling, async programs, plans, checks, packs by name, errors.
//! - [`Checker`] says what is wrong with a pack: rules, and every template rendered.
//! - [`Library`] has the packs that are installed in a home, and the registries that they come from.
//! - [`Progress`] is told what takes a while; a [`Canceller`] ends a job, [`Packbox::cancel`] all of them.
//! - `examples/embed.rs` is the shortest program, `examples/portal.rs` a server that renders strangers' packs.
//! - The command line is `packbox help`.
#![deny(missing_docs)]
#![cfg_attr(
    not(feature = "cli"),
    allow(dead_code, unused_imports, reason = "some of what the command line uses has no other use")
)]

mod facade;

pub use check::{Depth, PackReport};
pub use compose::variables::{Answer, Answered, Prompter, Question, Review};
pub use diagnostic::{Diagnostic, Position, Severity, Span};
pub use digest::{Digest, InvalidDigest};
pub use error::{Error, ErrorKind, Result};
#[cfg(feature = "registry")]
pub use facade::Library;
pub use facade::{
    Builder, Canceller, Checker, Checks, Input, Inputs, Job, Limits, OnExisting, Pack, Packbox, Rendered, RenderedFile,
    Writing, Written,
};
pub use plan::{ComposedPlan, Plan};
pub use progress::{Event, Progress};
pub use stop::{Stop, StopReason};
pub use values::Problem;

/// The parts of a [`PackReport`], and of what a [`Stop`] says about a plugin: plain data.
pub mod report {
    pub use crate::check::{Checked, Failure, Finding, Measured, Status, Suppression, SuppressionKind, Taken, Trials};
    pub use crate::limits::{Share, Used};
    pub use crate::stop::{Frame, Place};
}

/// The parts of a [`Plan`] and a [`ComposedPlan`]: plain data, and the strict types of the names and paths in it.
pub mod planned {
    pub use crate::pack::{
        BuiltInEngine, InvalidName, InvalidPath, Merging, OnConflict, OutputPath, PackName, PackPath, PluginName,
        PolicyName, Stage, TemplateEngine, VariableName,
    };
    pub use crate::plan::{
        BaseFile, Existing, PlannedFile, PlannedFolder, PlannedMerger, PlannedMessage, PlannedOutput, PlannedPack,
        PlannedQueries, PlannedSettings, PlannedStep, Step, Strategy,
    };
}

// The rooms behind the door. They are public for the program, its tests and its benches, and change without notice.
#[doc(hidden)]
pub mod abi;
mod advice;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod author;
#[doc(hidden)]
pub mod check;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
mod clock;
#[doc(hidden)]
pub mod compose;
#[doc(hidden)]
pub mod diagnostic;
#[doc(hidden)]
pub mod digest;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod doctor;
#[doc(hidden)]
pub mod engine;
#[doc(hidden)]
pub mod error;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod explain;
mod files;
#[doc(hidden)]
pub mod generate;
#[doc(hidden)]
pub mod grants;
mod graph;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod hostile;
#[doc(hidden)]
pub mod interrupt;
#[cfg(feature = "registry")]
#[doc(hidden)]
pub mod library;
#[doc(hidden)]
pub mod limits;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod measure;
#[doc(hidden)]
pub mod pack;
#[doc(hidden)]
pub mod plan;
#[doc(hidden)]
pub mod plugins;
mod progress;
#[doc(hidden)]
pub mod query;
#[cfg(feature = "registry")]
#[doc(hidden)]
pub mod registry;
#[cfg(feature = "registry")]
#[doc(hidden)]
pub mod resolve;
mod schemas;
#[doc(hidden)]
pub mod secrets;
pub(crate) mod show;
#[doc(hidden)]
pub mod stop;
#[doc(hidden)]
pub mod text;
#[doc(hidden)]
pub mod values;

#[cfg(test)]
mod mutations;

/// What `docs/embedding.md` says is compiled, and run where it can be.
#[cfg(all(doctest, feature = "registry"))]
#[doc = include_str!("../docs/embedding.md")]
struct Embedding;

/// The version of packbox.
#[must_use]
pub fn version() -> semver::Version {
    // Cargo refuses a package whose version is not SemVer.
    semver::Version::parse(env!("CARGO_PKG_VERSION")).unwrap_or(semver::Version::new(0, 0, 0))
}
