//! Single calls of plugins: tested against cases, recorded and replayed, measured, and looked into.
//!
//! Always true here: a call is what it was given, its limits and its component, and nothing else; what counts is its
//! outcome under fuel, which is the same on every machine. Nothing is printed.

mod asking;
mod bench;
mod call;
mod case;
mod container;
mod flame;
mod pack;
mod placeholders;
mod profile;
mod record;
mod subject;
mod tree;
mod verify;

pub use asking::{Asking, GraphFile};
pub use bench::{Baseline, BaselineCase, CaseFigures, Growth, MAX_BASELINE_BYTES, Point, Times, measure};
pub use call::{Ended, OutputFile, Ran, run};
pub use case::{Case, MAX_CASES};
pub use container::is_record;
pub use flame::{flamegraph, is_flamegraph};
pub use pack::{PackFigures, Sampling, Share, TemplateFigures, Whose, measure_pack};
pub use placeholders::Placeholders;
pub use profile::{ProfileOptions, Profiled, profile};
#[cfg(test)]
pub(crate) use record::Document as RecordDocument;
pub use record::{MAX_RECORD_BYTES, RECORD_VERSION, Record, Recorded};
pub use subject::Subject;
pub use tree::{files_below, read_file};
pub use verify::{CaseReport, CaseStatus, bless, given_for, verify};
