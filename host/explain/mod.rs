//! What became of a variable: who gave it a value and who lost, what is worked out from it, and which files read it.
//!
//! Always true here: nothing is decided, and nothing is written; values come from the resolution itself
//! ([`Account`](crate::compose::variables::Account)), and what files read from rendering them.

mod gather;
mod readings;
mod report;
mod sources;

pub use gather::explain;
pub use readings::Readings;
pub use report::{
    Bond, Definition, Dependent, ExplainedPack, ExplainedVariable, Explanation, Outcome, Part, Reader, Rendering,
    Source, SourceKind, State, Unrendered,
};
