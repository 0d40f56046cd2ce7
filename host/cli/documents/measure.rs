//! What the commands print that measure packs.

use std::num::NonZeroUsize;

use serde::Serialize;

use crate::check::{Failure, Finding, Part};
use crate::measure::{Growth, TemplateFigures};

/// The points of packs.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Scores<'a> {
    /// The packs, in the order in which they were named.
    pub packs: Vec<PackScore<'a>>,
}

/// A pack's points.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PackScore<'a> {
    /// The pack as the user named it.
    pub path: &'a str,
    /// The points, of 100; none where it can't be loaded, or not be checked to the end.
    pub points: u32,
    /// What they are made of.
    pub parts: &'a [Part],
    /// What kept it from being measured.
    pub error: Option<&'a Failure>,
}

/// What rendering packs costs.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PacksBench<'a> {
    /// How often everything was to be rendered in each way.
    pub samples: NonZeroUsize,
    /// By how many percent something may grow.
    pub threshold: f64,
    /// The packs, in the order in which they were named.
    pub packs: Vec<PackBench<'a>>,
    /// How the figures compare with the baseline; empty without one.
    pub growth: &'a [Growth],
}

/// What rendering a pack costs.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PackBench<'a> {
    /// The pack as the user named it.
    pub path: &'a str,
    /// The name in its manifest, where that could be read.
    pub name: Option<&'a str>,
    /// Its version, where that could be read.
    pub version: Option<&'a str>,
    /// The exit code that it would give alone.
    pub exit: u8,
    /// What kept it from being measured.
    pub error: Option<&'a Failure>,
    /// What `validate` found.
    pub findings: &'a [Finding],
    /// Nanoseconds that making its engines and plugins ready took.
    pub prepare: u64,
    /// The components that were compiled for that; the others came from the cache, or are part of packbox.
    pub compiled: &'a [String],
    /// How often everything was rendered in fresh instances; fewer than wanted where time ran out.
    pub samples: usize,
    /// The templates, in the order of the plan.
    pub templates: &'a [TemplateFigures],
}

/// Where generating spends its time.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Profile<'a> {
    /// How often everything was generated.
    pub runs: u64,
    /// What the stages took, over all runs.
    pub stages: Vec<Stage>,
    /// Stacks of the host and of guests.
    pub stacks: Vec<Stack<'a>>,
}

/// What a stage took.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Stage {
    /// Which.
    pub stage: &'static str,
    /// Wall time.
    pub nanoseconds: u64,
    /// Milliseconds in which guests ran; only with a flame graph are they counted.
    pub guest_milliseconds: u64,
}

/// Calls that were under way at once.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Stack<'a> {
    /// The calls, outermost first.
    pub frames: &'a [String],
    /// How long they were.
    pub milliseconds: u64,
}
