//! What `doctor`, `schema` and `limits` print.

use serde::Serialize;
use serde_json::Value;

use crate::doctor::{Problem, Report};
use crate::hostile::Outcome;
use crate::library::StoreReport;

/// What holds on this machine.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Doctor<'a> {
    /// What was found.
    #[serde(flatten)]
    pub report: &'a Report,
    /// What is not as it should be, what matters most first.
    pub problems: &'a [Problem],
    /// The exit code: 6 with a problem of integrity, else 4 with one of confinement, else 0.
    pub exit: u8,
}

/// Whether packs in the store are what their digests say: `--store`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Store<'a> {
    /// What was found.
    #[serde(flatten)]
    pub report: &'a StoreReport,
    /// The exit code: 6 where something is not what it should be.
    pub exit: u8,
}

/// How attacks on the sandbox ended: `--sandbox`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sandbox<'a> {
    /// The attacks.
    pub cases: &'a [Outcome],
    /// How many did not end as they should.
    pub failed: usize,
}

/// The JSON Schema of a file that people write.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FileSchema {
    /// What it is called.
    pub name: &'static str,
    /// The file that it is for.
    pub describes: &'static str,
    /// Its address.
    pub address: &'static str,
    /// The schema itself.
    pub schema: Value,
}

/// The limits that `--limit` sets.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AllLimits {
    /// The limits.
    pub limits: Vec<ShownLimit>,
}

/// A limit.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ShownLimit {
    /// Its name in `--limit NAME=VALUE`.
    pub name: &'static str,
    /// What it holds for, in words.
    pub holds_for: &'static str,
    /// What it is counted in: `bytes`, `ms`, `fuel`, or `count`.
    pub unit: &'static str,
    /// What holds where nobody says anything, in its unit.
    pub default: u64,
    /// How far a pack's manifest can raise it; none where only the user sets it.
    pub ceiling: Option<u64>,
    /// What it bounds, and what happens.
    pub about: &'static str,
}
