//! What a case costs: fuel and memory, which are the same everywhere, and times, which are not.
//!
//! Always true here: only fuel and memory are kept in a baseline and compared; times are shown.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::call::run;
use super::case::Case;
use super::subject::Subject;
use super::verify::{Ready, ready};
use crate::abi::{GuestRendered, JobParam};
use crate::engine::{CallFile, Engine, Group, Input, Limits, Outcome};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::text::{of_json, printable_line};

/// The largest baseline, in bytes.
pub const MAX_BASELINE_BYTES: u64 = 4 << 20;
/// The version of a baseline's form. Under version 1 fuel counted the start of the instance, too.
const VERSION: u32 = 2;
/// What a batch may take, in nanoseconds: the engine gives one up that takes longer than 30 ms.
const BATCH_NANOSECONDS: u64 = 15_000_000;
/// Jobs of a batch at the most.
const BATCH: u64 = 25;

/// Times of one arm in nanoseconds for each call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Times {
    /// Half of the calls took no longer.
    pub p50: u64,
    /// 95 of 100 took no longer.
    pub p95: u64,
    /// 99 of 100 took no longer.
    pub p99: u64,
    /// How many were timed.
    pub samples: usize,
}

impl Times {
    pub(super) fn of(mut samples: Vec<u64>) -> Option<Self> {
        samples.sort_unstable();
        let at = |percent: usize| samples.get((samples.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        Some(Self { p50: at(50)?, p95: at(95)?, p99: at(99)?, samples: samples.len() })
    }
}

/// What a case costs.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CaseFigures {
    /// The case.
    pub name: String,
    /// How it ended.
    pub outcome: String,
    /// Whether a limit or a trap ended it; there are no times then.
    #[serde(skip)]
    pub was_stopped: bool,
    /// Units of fuel.
    pub fuel: u64,
    /// The most bytes of memory in use at once.
    pub memory: u64,
    /// Bytes handed in.
    pub bytes_in: u64,
    /// Bytes given back.
    pub bytes_out: u64,
    /// Each call in a fresh instance.
    pub fresh: Option<Times>,
    /// Several jobs in one instance, for each of them; renderers only, and only where several fit a batch's time.
    pub batch: Option<Times>,
    /// How many jobs shared an instance.
    pub batch_size: u64,
    /// The limits that were in force.
    pub limits: Limits,
}

/// Measures a case: once under fuel in `counting`, and `samples` times for each arm in `timing`.
///
/// # Errors
/// Those of preparing the plugin and of reading the case.
pub fn measure(
    counting: &Engine,
    timing: &Engine,
    subject: &Subject,
    case: &Case,
    samples: NonZeroUsize,
) -> Result<CaseFigures> {
    let counted = ready(counting, subject, case)?;
    let ran = run(counting, &counted.plugin, &counted.limits, &counted.input)?;
    let timed = ready(timing, subject, case)?;
    let mut fresh = Vec::with_capacity(samples.get());
    // What a limit ends takes all that the limit allows, each time anew, which is no cost of the plugin: fuel tells it once.
    let mut outcome = ran.ended.kind();
    let mut was_stopped = ran.ended.is_stopped();
    while !was_stopped && fresh.len() < samples.get() {
        timing.options().interrupt.go_on()?;
        let ran = run(timing, &timed.plugin, &timed.limits, &timed.input)?;
        was_stopped = ran.ended.is_stopped();
        if was_stopped {
            outcome = ran.ended.kind();
        }
        fresh.push(ran.usage.nanoseconds);
    }
    if was_stopped {
        fresh.clear();
    }
    let fresh = Times::of(fresh);
    let typical = fresh.map_or(u64::MAX, |times| times.p50.max(1));
    let batch_size = (BATCH_NANOSECONDS / typical).min(BATCH);
    let batch = if batch_size >= 2 && ran.failure.is_none() && !was_stopped {
        batches(timing, &timed, batch_size, samples)?
    } else {
        None
    };
    Ok(CaseFigures {
        name: printable_line(&case.name),
        outcome,
        was_stopped,
        fuel: ran.ended.fuel.unwrap_or(0),
        memory: ran.ended.memory,
        bytes_in: ran.bytes_in,
        bytes_out: ran.bytes_out,
        fresh,
        batch_size: if batch.is_some() { batch_size } else { 0 },
        batch,
        limits: counted.limits,
    })
}

/// Times jobs that share an instance; none for calls that have no batches.
fn batches(timing: &Engine, ready: &Ready, size: u64, samples: NonZeroUsize) -> Result<Option<Times>> {
    let Input::Render { context, partials, template, locals, options } = &ready.input else { return Ok(None) };
    let size = usize::try_from(size).ok().and_then(NonZeroUsize::new).unwrap_or(NonZeroUsize::MIN);
    let mut shares = Vec::with_capacity(samples.get());
    for _ in 0..samples.get() {
        if timing.options().interrupt.is_set() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
        }
        let job = JobParam { template: template.param(), locals, options };
        let group = Group {
            plugin: (&ready.plugin).into(),
            limits: ready.limits,
            context,
            partials: partials.iter().map(CallFile::param).collect(),
            jobs: vec![job; size.get()],
            recall: None,
        };
        let time = |_: usize, _: usize, outcome: Outcome<GuestRendered>| outcome.usage.nanoseconds;
        let groups = timing.run().render(&[group], Some(size), &time)?;
        shares.extend(groups.into_iter().flatten().next());
    }
    Ok(Times::of(shares))
}

/// What a baseline keeps of a case, or of a template of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// What it is called.
    pub name: String,
    /// Units of fuel.
    pub fuel: u64,
    /// The most bytes of memory in use at once.
    pub memory: u64,
}

impl CaseFigures {
    /// What a baseline keeps of it.
    #[must_use]
    pub fn point(&self) -> Point {
        Point { name: self.name.clone(), fuel: self.fuel, memory: self.memory }
    }
}

/// Figures that an author committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The version of this form.
    #[serde(rename = "packbox-bench")]
    version: u32,
    /// The plugin, or the pack.
    pub name: String,
    /// Figures by case, or by template.
    pub cases: BTreeMap<String, BaselineCase>,
}

/// Figures of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BaselineCase {
    /// Units of fuel.
    pub fuel: u64,
    /// The most bytes of memory in use at once.
    pub memory: u64,
}

/// How a case compares with its baseline.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Growth {
    /// The case.
    pub case: String,
    /// `fuel` or `memory`.
    pub what: &'static str,
    /// What it was.
    pub before: u64,
    /// What it is.
    pub now: u64,
    /// By how many percent it grew; negative where it shrank.
    pub percent: f64,
    /// Whether that is more than the threshold.
    pub over: bool,
}

impl Baseline {
    /// Takes the figures of cases, or of templates.
    #[must_use]
    pub fn of(name: &str, points: &[Point]) -> Self {
        let case = |one: &Point| (one.name.clone(), BaselineCase { fuel: one.fuel, memory: one.memory });
        Self { version: VERSION, name: name.to_owned(), cases: points.iter().map(case).collect() }
    }

    /// Reads a baseline that the user knows as `label`.
    ///
    /// # Errors
    /// `Usage` where it is none.
    pub fn parse(label: &str, bytes: &[u8]) -> Result<Self> {
        let wrong =
            || Error::new(ErrorKind::Usage, format!("`{label}` is not a baseline of `bench` or `plugin bench`"));
        let text = files::text(bytes)
            .map_err(|error| error.error(ErrorKind::Usage, &format!("the baseline `{label}`"), label))?;
        let baseline: Self = serde_json::from_str(text)
            .map_err(|error| wrong().caused_by(of_json(&error)).hint("`--save FILE` makes one"))?;
        if baseline.version == VERSION {
            return Ok(baseline);
        }
        let found = baseline.version;
        let why = format!("it is a baseline of version {found}, but this packbox counts fuel as in version {VERSION}");
        Err(wrong().caused_by(why).hint("save it anew with `--save`"))
    }

    /// The text of the file.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Compares figures with this baseline: what grew by more than `threshold` percent is over. Cases that are not in
    /// it are left out.
    #[must_use]
    pub fn compare(&self, points: &[Point], threshold: f64) -> Vec<Growth> {
        let mut compared = Vec::new();
        for one in points {
            let Some(before) = self.cases.get(&one.name) else { continue };
            for (what, before, now) in [("fuel", before.fuel, one.fuel), ("memory", before.memory, one.memory)] {
                #[expect(clippy::cast_precision_loss, reason = "percents are rounded anyway")]
                let percent = match before {
                    0 if now == 0 => 0.0,
                    0 => f64::MAX,
                    _ => (now as f64 - before as f64) / before as f64 * 100.0,
                };
                compared.push(Growth { case: one.name.clone(), what, before, now, percent, over: percent > threshold });
            }
        }
        compared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(fuel: u64, memory: u64) -> CaseFigures {
        CaseFigures {
            name: "a".into(),
            was_stopped: false,
            outcome: "ok".into(),
            fuel,
            memory,
            bytes_in: 0,
            bytes_out: 0,
            fresh: None,
            batch: None,
            batch_size: 0,
            limits: Limits::DEFAULT,
        }
    }

    #[test]
    fn what_grows_by_more_than_the_threshold_is_over() {
        let baseline = Baseline::of("p", &[figures(1000, 100).point()]);
        let over = |fuel, memory, threshold| -> Vec<&str> {
            let compared = baseline.compare(&[figures(fuel, memory).point()], threshold);
            compared.iter().filter(|one| one.over).map(|one| one.what).collect()
        };
        assert!(over(1020, 102, 2.0).is_empty());
        assert_eq!(over(1021, 102, 2.0), ["fuel"]);
        assert_eq!(over(900, 103, 2.0), ["memory"]);
        assert_eq!(over(1001, 100, 0.0), ["fuel"]);
    }

    #[test]
    fn a_baseline_is_read_strictly() {
        let baseline = Baseline::of("p", &[figures(1, 2).point()]);
        assert_eq!(Baseline::parse("b", baseline.to_text().as_bytes()).expect("a baseline"), baseline);
        for wrong in [
            "",
            "{}",
            r#"{"packbox-bench":1,"name":"p","cases":{}}"#,
            r#"{"packbox-bench":2,"name":"p","cases":{},"x":1}"#,
        ] {
            assert_eq!(Baseline::parse("b", wrong.as_bytes()).expect_err("no baseline").exit_code(), 2, "{wrong}");
        }
    }

    #[test]
    fn percentiles_are_of_the_sorted_samples() {
        let times = Times::of((1..=100).rev().collect()).expect("samples");
        assert_eq!((times.p50, times.p95, times.p99), (50, 95, 99));
        assert_eq!(Times::of(Vec::new()), None);
    }
}
