//! The rows of `ceilings.toml`: what packbox promises of its speed and size, and which arm of which suite measures it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceilings {
    /// Its rows.
    pub row: Vec<Row>,
    /// Benches that are not about a row, and what they are for.
    pub other: BTreeMap<String, String>,
}

/// A figure that was promised.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its name, for suites to say what they measure.
    pub id: String,
    /// What it belongs to.
    pub category: String,
    /// What is done.
    pub operation: String,
    /// What is wanted.
    pub target: f64,
    /// What is still accepted, where a bound was set.
    pub maximum: Option<f64>,
    /// What both are counted in.
    pub unit: Unit,
    /// Which percentile is compared with them.
    pub percentile: Percentile,
    /// What it is measured with.
    pub condition: String,
    /// The suite and its arm, with a slash between them.
    pub measured_by: String,
    /// A program without which it can't be measured.
    pub needs: Option<String>,
    /// Why nothing measures it yet.
    pub pending: Option<String>,
    /// Why it can't be ten times within its target.
    pub reason: Option<String>,
}

/// What a figure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum Unit {
    /// Minutes.
    #[serde(rename = "min")]
    Minutes,
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Thousandths of a second.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Millions of bytes.
    #[serde(rename = "MB")]
    Megabytes,
    /// Of all that the cores of a machine could do.
    #[serde(rename = "%")]
    Percent,
    /// Operations a second.
    #[serde(rename = "ops/s")]
    Operations,
    /// Millions of bytes a second.
    #[serde(rename = "MB/s")]
    Throughput,
    /// Operations on files a second.
    #[serde(rename = "IOPS")]
    FileOperations,
}

impl Unit {
    /// Whether more of it is better.
    pub fn more_is_better(self) -> bool {
        matches!(self, Self::Operations | Self::Throughput | Self::FileOperations)
    }

    /// How many seconds it has, where it is a time.
    pub fn seconds(self) -> Option<f64> {
        match self {
            Self::Minutes => Some(60.0),
            Self::Seconds => Some(1.0),
            Self::Milliseconds => Some(1e-3),
            _ => None,
        }
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Minutes => "min",
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Megabytes => "MB",
            Self::Percent => "%",
            Self::Operations => "ops/s",
            Self::Throughput => "MB/s",
            Self::FileOperations => "IOPS",
        }
    }
}

/// What so many of 100 runs keep to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Percentile {
    /// Half of them.
    P50,
    /// 95 of them.
    P95,
}

impl Ceilings {
    /// Reads the file that the suites were built with.
    pub fn load() -> Self {
        toml::from_str(include_str!("../ceilings.toml")).expect("benches/ceilings.toml")
    }
}

impl Row {
    /// The suite that measures it.
    pub fn suite(&self) -> &str {
        self.measured_by.split_once('/').expect("a suite and an arm").0
    }

    /// By how much a figure is within the target: 2 is twice as good.
    pub fn margin(&self, measured: f64) -> f64 {
        if self.unit.more_is_better() { measured / self.target } else { self.target / measured }
    }

    /// Whether a figure is beyond what is accepted.
    pub fn is_broken_by(&self, measured: f64) -> bool {
        let bound = self.maximum.unwrap_or(self.target);
        if self.unit.more_is_better() { measured < bound } else { measured > bound }
    }
}
