//! What the commands print that call plugins.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::engine::Usage;
use crate::measure::{CaseFigures, CaseReport, Ended, Growth};

/// How a plugin's cases came out.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PluginTest<'a> {
    /// The plugin.
    pub plugin: &'a str,
    /// The component's digest.
    pub sha256: Digest,
    /// How many cases came out as expected.
    pub passed: usize,
    /// How many did not.
    pub failed: usize,
    /// The expectations of how many were written anew.
    pub blessed: usize,
    /// The cases.
    pub cases: &'a [CaseReport],
}

/// A call of a plugin.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PluginRun<'a> {
    /// How it ended.
    pub outcome: &'a Ended,
    /// What it cost.
    pub usage: Usage,
    /// Bytes that it was handed.
    pub bytes_in: u64,
    /// Bytes that it gave back.
    pub bytes_out: u64,
    /// The files that it made.
    pub outputs: Vec<PluginOutput<'a>>,
    /// What a validator found, where the owners of a file clash, or what was remarked.
    pub findings: &'a [Diagnostic],
}

/// A file that a plugin made.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PluginOutput<'a> {
    /// Its path; none where the manifest gives it.
    pub path: Option<&'a str>,
    /// Its size.
    pub bytes: usize,
    /// Whether it is to be executable.
    pub executable: bool,
    /// What is in it; none where that is no UTF-8.
    pub contents: Option<&'a str>,
}

/// A recorded call that was made again: `--replay`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PluginReplay<'a> {
    /// Always true; a call that ends otherwise than recorded is an error.
    pub reproduced: bool,
    /// The exit code, which is that of the call.
    pub exit: u8,
    /// The plugin.
    pub plugin: &'a str,
    /// What was called, for instance `renderer.render`.
    pub function: &'static str,
    /// How it ended in the run that was recorded.
    pub seen: &'a str,
    /// How it ended, now as recorded.
    pub outcome: &'a Ended,
}

/// What a plugin's cases cost.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PluginBench<'a> {
    /// The plugin.
    pub plugin: &'a str,
    /// The component's digest.
    pub sha256: Digest,
    /// By how many percent something may grow.
    pub threshold: f64,
    /// The cases.
    pub cases: &'a [CaseFigures],
    /// How the figures compare with the baseline; empty without one.
    pub growth: &'a [Growth],
    /// Cases that the baseline does not have.
    pub new: &'a [&'a str],
    /// Cases that only the baseline has.
    pub gone: &'a [String],
}

/// Where a plugin spends its time.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PluginProfile<'a> {
    /// The plugin.
    pub plugin: &'a str,
    /// The component's digest.
    pub sha256: Digest,
    /// The cases that were called.
    pub cases: Vec<String>,
    /// How many calls were made.
    pub calls: u64,
    /// The cases that a limit or a trap ended, and how.
    pub stopped: &'a BTreeMap<String, String>,
    /// How many samples were taken.
    pub samples: u64,
    /// How many samples were lost.
    pub lost: u64,
    /// The stacks that were seen.
    pub stacks: Vec<PluginStack<'a>>,
}

/// Calls that were under way at once.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PluginStack<'a> {
    /// The calls, outermost first.
    pub frames: &'a [String],
    /// How often they were seen.
    pub samples: u64,
}
