//! A suite: arms that Criterion times or that give a figure of their own, each with the rows of `ceilings.toml` that it
//! measures.
//!
//! Always true here: a row that names the suite is measured by the arm that it names, or the suite fails; so it does where a
//! figure is beyond what is accepted. With `--test` each arm runs once, and figures are kept apart; with a filter only
//! what matches runs, and nothing is missed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use criterion::{Criterion, SamplingMode};
use serde::{Deserialize, Serialize};

use super::process::stand_between;
use super::report;
use super::rows::{Ceilings, Percentile, Row, Unit};

/// Names rows in a way that `tests/support/ceiling_cases.rs` finds in the source.
#[macro_export]
macro_rules! rows {
    ($($id:literal),* $(,)?) => { &[$($id),*] as &[&str] };
}

/// What was measured in an arm.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Arm {
    /// Its name, after the suite's and a slash.
    pub name: String,
    /// The rows that it is about.
    pub rows: Vec<String>,
    /// What figures are counted in.
    pub unit: Unit,
    /// How many runs there were.
    pub samples: usize,
    /// What half of them keep to.
    pub p50: f64,
    /// What 95 of 100 keep to.
    pub p95: f64,
    /// What 99 of 100 keep to.
    pub p99: f64,
}

/// What a suite leaves behind.
#[derive(Debug, Serialize, Deserialize)]
pub struct Measured {
    /// Its name.
    pub suite: String,
    /// Where it ran.
    pub machine: String,
    /// Its arms, in their order.
    pub arms: Vec<Arm>,
}

/// How a suite was asked to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Measure,
    /// Once through each arm.
    Test,
    /// Nothing is run.
    List,
}

/// A suite that runs.
pub struct Suite {
    name: &'static str,
    rows: BTreeMap<String, Row>,
    mode: Mode,
    filter: Option<String>,
    criterion: Criterion,
    arms: Vec<Arm>,
    faults: Vec<String>,
}

/// How long Criterion looks at an arm.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Samples, at least ten.
    pub samples: usize,
    /// Time for all of them.
    pub time: Duration,
}

/// For what takes milliseconds.
pub const BRIEF: Effort = Effort { samples: 20, time: Duration::from_secs(2) };
/// For what takes a second.
pub const LONG: Effort = Effort { samples: 10, time: Duration::from_secs(8) };

impl Suite {
    /// Begins a suite with the arguments of the process.
    pub fn begin(name: &'static str) -> Self {
        stand_between();
        let rows = Ceilings::load().row.into_iter().filter(|row| row.suite() == name && row.pending.is_none());
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
        let mode = match (has("--list"), has("--test")) {
            (true, _) => Mode::List,
            (false, true) => Mode::Test,
            (false, false) => Mode::Measure,
        };
        Self {
            name,
            rows: rows.map(|row| (row.id.clone(), row)).collect(),
            mode,
            filter: arguments.into_iter().find(|argument| !argument.starts_with('-')),
            criterion: Criterion::default().configure_from_args(),
            arms: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Whether each arm runs only once.
    pub fn is_test(&self) -> bool {
        self.mode != Mode::Measure
    }

    /// Whether arms of such names are wanted: what they need may be large.
    pub fn wants(&self, arm: &str) -> bool {
        let name = format!("{}/{arm}", self.name);
        self.mode != Mode::List && self.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()))
    }

    /// Has Criterion time an arm. `run` does the work once and says what of it counts.
    pub fn time(&mut self, arm: &str, rows: &[&str], effort: Effort, mut run: impl FnMut() -> Duration) {
        let mut times: Vec<f64> = Vec::new();
        let mut group = self.criterion.benchmark_group(self.name);
        group.sample_size(effort.samples).measurement_time(effort.time).sampling_mode(SamplingMode::Flat);
        group.warm_up_time(Duration::from_millis(200));
        group.bench_function(arm, |bencher| {
            bencher.iter_custom(|iterations| {
                let mut total = Duration::ZERO;
                for _ in 0..iterations {
                    let time = run();
                    times.push(time.as_secs_f64());
                    total += time;
                }
                total
            });
        });
        group.finish();
        self.record(arm, rows, Unit::Seconds, times);
    }

    /// Takes a figure so many times, without Criterion: it is no time.
    pub fn figure(&mut self, arm: &str, rows: &[&str], (unit, times): (Unit, usize), mut run: impl FnMut() -> f64) {
        let times = if self.is_test() { 1 } else { times };
        let figures = if self.wants(arm) { (0..times).map(|_| run()).collect() } else { Vec::new() };
        self.record(arm, rows, unit, figures);
    }

    /// Notes what was measured; nothing where the arm was left out.
    pub fn record(&mut self, arm: &str, rows: &[&str], unit: Unit, mut figures: Vec<f64>) {
        let name = format!("{}/{arm}", self.name);
        for id in rows {
            match self.rows.get(*id) {
                None => self.faults.push(format!("{name} is about the row `{id}`, which ceilings.toml does not have")),
                Some(row) if row.measured_by != name => {
                    self.faults.push(format!("{name} is about the row `{id}`, which names `{}`", row.measured_by));
                }
                Some(row) if row.unit.seconds().is_some() != unit.seconds().is_some() => {
                    self.faults.push(format!("{name} gives {}, and `{id}` is in {}", unit.name(), row.unit.name()));
                }
                Some(_) => {}
            }
        }
        if figures.is_empty() {
            return;
        }
        figures.sort_by(f64::total_cmp);
        if unit.more_is_better() {
            figures.reverse();
        }
        let at = |hundredths: usize| figures[(figures.len() * hundredths).div_ceil(100).max(1) - 1];
        self.arms.push(Arm {
            name,
            rows: rows.iter().map(|id| (*id).to_owned()).collect(),
            unit,
            samples: figures.len(),
            p50: at(50),
            p95: at(95),
            p99: at(99),
        });
    }

    /// Says what came of it, writes it and the report of all suites, and fails where it has to.
    pub fn finish(mut self) -> ExitCode {
        self.criterion.final_summary();
        if self.mode == Mode::List {
            return ExitCode::SUCCESS;
        }
        for row in self.rows.values() {
            let measured = self.arms.iter().find(|arm| arm.rows.contains(&row.id));
            match (measured, &row.needs) {
                (None, Some(program)) => eprintln!("{}: not measured, as there is no `{program}` here", row.id),
                (None, None) if self.filter.is_none() => {
                    self.faults.push(format!("nothing measured the row `{}`, not even {}", row.id, row.measured_by));
                }
                (Some(arm), _) if row.is_broken_by(figure(arm, row)) && self.mode == Mode::Measure => {
                    let found = figure(arm, row);
                    self.faults.push(format!("{} takes {found:.4} {}: more than is accepted", row.id, row.unit.name()));
                }
                (None, None) | (Some(_), _) => {}
            }
        }
        let folder = folder().join(if self.mode == Mode::Test { "test" } else { "" });
        let path = folder.join(format!("{}.json", self.name));
        let mut arms = std::mem::take(&mut self.arms);
        if self.filter.is_some() {
            // What was left out keeps its figures.
            let known = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Measured>(&bytes).ok());
            let mut known = known.map(|known| known.arms).unwrap_or_default();
            known.retain(|old| arms.iter().all(|new| new.name != old.name));
            known.append(&mut arms);
            arms = known;
        }
        let measured = Measured { suite: self.name.to_owned(), machine: report::machine(), arms };
        std::fs::create_dir_all(&folder).expect("a folder for figures");
        std::fs::write(&path, serde_json::to_vec_pretty(&measured).expect("JSON")).expect("a file of figures");
        let shown = report::write(&folder).expect("a report");
        eprintln!("the report of all suites: {}", shown.display());
        for fault in &self.faults {
            eprintln!("FAILED: {fault}");
        }
        if self.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// What an arm says about a row, in the row's unit.
pub fn figure(arm: &Arm, row: &Row) -> f64 {
    let figure = match row.percentile {
        Percentile::P50 => arm.p50,
        Percentile::P95 => arm.p95,
    };
    in_unit(figure, row)
}

/// A figure of an arm, in a row's unit.
pub fn in_unit(figure: f64, row: &Row) -> f64 {
    row.unit.seconds().map_or(figure, |seconds| figure / seconds)
}

/// Where figures go: `target/ceilings`.
pub fn folder() -> PathBuf {
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    scratch.parent().expect("the target folder").join("ceilings")
}
