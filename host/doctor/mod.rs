//! What holds on this machine: versions, folders, keys, the pool, the compiler child's walls, the compiled cache.
//!
//! Always true here: everything is looked at and nothing is changed.

mod folders;
mod report;

pub use folders::{look_at_folder, look_at_key};
pub use report::{
    BuiltIn, CacheReport, FolderReport, FolderState, Instances, KeyReport, Problem, ProblemKind, Report, System,
    Versions, kernel,
};
