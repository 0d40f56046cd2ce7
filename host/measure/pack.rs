//! What the templates of a pack cost: fuel, memory and bytes as `validate` measures them, and the times of many
//! renderings, each beside its ceilings.
//!
//! Always true here: every sample is a run of its own, in which each template gets a fresh instance, or shares one as it
//! does when users generate; only fuel and memory are kept in a baseline and compared.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::bench::{Point, Times};
use crate::check::{Ceiling, Ceilings, Checker, Measured, PackReport};
use crate::engine::{Engine, Group, Limits};
use crate::error::{Error, ErrorKind, Result};
use crate::generate::{Finish, Job, Part};
use crate::pack::{self, Pack};
use crate::plan::plugins_in_use;
use crate::plugins::Toolbox;

/// How a pack is measured.
#[derive(Debug, Clone, Copy)]
pub struct Sampling {
    /// How often everything is rendered in each way.
    pub samples: NonZeroUsize,
    /// After this time no further sample of a way is begun.
    pub time: Duration,
}

/// Whose ceiling it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Whose {
    /// The limit of a call: the user's, the plugin's, or the default.
    Limit,
    /// The user's `[ceilings]`.
    User,
    /// Packbox's own target.
    Target,
}

/// How much of a ceiling a template takes.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "CeilingShare"))]
pub struct Share {
    /// `fuel`, `time`, `memory`, `output` or `input`.
    pub what: &'static str,
    /// Whose ceiling it is.
    pub whose: Whose,
    /// What the template takes: units, nanoseconds (the 99th percentile of fresh calls), bytes.
    pub used: u64,
    /// What is allowed.
    pub ceiling: u64,
    /// The first as a percentage of the second.
    pub percent: f64,
}

/// What a template costs.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TemplateFigures {
    /// Fuel, memory and bytes.
    #[serde(flatten)]
    pub measured: Measured,
    /// Times of fresh calls, all stages of a chain together.
    pub fresh: Option<Times>,
    /// Times of calls as users have them, several in an instance; each template's share.
    pub batch: Option<Times>,
    /// How much of each ceiling that is.
    pub shares: Vec<Share>,
}

impl TemplateFigures {
    /// What it is called in a baseline: the template, and the item of its `for_each`.
    #[must_use]
    pub fn name(&self) -> String {
        let item = self.measured.item.map(|item| format!("[{item}]")).unwrap_or_default();
        self.measured.template.clone() + &item
    }

    /// What a baseline keeps of it.
    #[must_use]
    pub fn point(&self) -> Point {
        Point { name: self.name(), fuel: self.measured.fuel, memory: self.measured.memory }
    }

    /// The largest share of a ceiling of this kind.
    #[must_use]
    pub fn largest(&self, what: &str) -> Option<&Share> {
        let of_kind = self.shares.iter().filter(|share| share.what == what);
        of_kind.max_by(|one, other| one.percent.total_cmp(&other.percent))
    }
}

/// What a pack costs.
#[derive(Debug, Serialize)]
pub struct PackFigures {
    /// What `validate` says of it.
    #[serde(skip)]
    pub report: PackReport,
    /// Making its engines and plugins ready, in nanoseconds: loading them, and compiling what is not in the cache.
    pub prepare: u64,
    /// The components that were compiled for it, by name, as far as the caller heard of it; what else there is was at hand.
    pub compiled: Vec<String>,
    /// How often everything was rendered in fresh instances; fewer than wanted where time ran out.
    pub samples: usize,
    /// The templates, in the order of the plan.
    pub templates: Vec<TemplateFigures>,
}

impl PackFigures {
    /// What `validate` says of it, without figures.
    #[must_use]
    pub fn report_alone(&self) -> PackReport {
        PackReport { measured: Vec::new(), ..self.report.clone() }
    }
}

/// Measures a pack: once under fuel by `checker`, and many times with `timing`, an engine of the run profile. A pack that
/// does not validate has no times.
///
/// # Errors
/// `Interrupted`; `Io` where threads can't be started.
pub fn measure_pack(
    checker: &Checker<'_>,
    timing: &Engine,
    shown: &str,
    pack: Result<Pack>,
    sampling: Sampling,
) -> Result<PackFigures> {
    let loaded = pack.as_ref().ok().cloned();
    let report = checker.run(shown.to_owned(), pack);
    let mut figures = PackFigures { report, prepare: 0, compiled: Vec::new(), samples: 0, templates: Vec::new() };
    let mut times = Sampled::default();
    if let (Some(pack), None) = (loaded, &figures.report.error) {
        let begun = Instant::now();
        let run = timing.run();
        let toolbox = Toolbox::prepare(&run, &pack, &plugins_in_use(&pack))?;
        let prepared = begun.elapsed();
        if let Some(job) = checker.trial(&pack, &toolbox)? {
            let begun = Instant::now();
            let engines: BTreeSet<_> =
                job.plan.files.iter().flat_map(|file| (0..).map_while(|stage| file.engine_of(stage))).collect();
            for engine in engines.into_iter().filter(|engine| **engine != pack::TemplateEngine::Copy) {
                toolbox.renderer(engine)?.ready(&run)?;
            }
            figures.prepare = nanoseconds(prepared + begun.elapsed());
            let fresh = sample(&job, sampling, Some(NonZeroUsize::MIN), &mut times.fresh, &mut times.allowed);
            let both = fresh.and_then(|samples| {
                figures.samples = samples;
                sample(&job, sampling, None, &mut times.batch, &mut BTreeMap::new())
            });
            match both {
                // The report says already what fails.
                Err(error) if error.kind() != ErrorKind::Interrupted && figures.report.exit != 0 => {}
                other => drop(other?),
            }
        }
    }
    let user = checker.config.ceilings;
    let of = |measured: &Measured| {
        let key = (measured.template.clone(), measured.item.unwrap_or(0));
        let fresh = times.fresh.remove(&key).and_then(Times::of);
        let batch = times.batch.remove(&key).and_then(Times::of);
        let shares = shares(measured, fresh, times.allowed.get(&key), user);
        TemplateFigures { measured: measured.clone(), fresh, batch, shares }
    };
    figures.templates = figures.report.measured.iter().map(of).collect();
    Ok(figures)
}

/// A template, and the number of the item of its `for_each`.
type Key = (String, usize);
/// Wall times in nanoseconds.
type Taken = BTreeMap<Key, Vec<u64>>;

/// What samples gave.
#[derive(Default)]
struct Sampled {
    fresh: Taken,
    batch: Taken,
    allowed: BTreeMap<Key, Limits>,
}

/// What the files of a plan are called here.
fn keys(job: &Job<'_>) -> Vec<Key> {
    let mut items: BTreeMap<&str, usize> = BTreeMap::new();
    let mut keys = Vec::with_capacity(job.plan.files.len());
    for file in &job.plan.files {
        let item = items.entry(file.template.as_str()).or_default();
        keys.push((file.template.as_str().to_owned(), *item));
        *item += 1;
    }
    keys
}

/// Renders everything again and again, and keeps what each file took. Returns how often.
fn sample(
    job: &Job<'_>,
    sampling: Sampling,
    batch: Option<NonZeroUsize>,
    times: &mut Taken,
    allowed: &mut BTreeMap<Key, Limits>,
) -> Result<usize> {
    let engine = job.toolbox.engine();
    let keys = keys(job);
    let begun = Instant::now();
    let mut taken = 0;
    while taken < sampling.samples.get() && (taken == 0 || begun.elapsed() < sampling.time) {
        if engine.options().interrupt.is_set() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
        }
        let seen: Mutex<BTreeMap<usize, u64>> = Mutex::default();
        let limits = Mutex::new(&mut *allowed);
        let run = engine.run();
        let render = |groups: &[Group<'_>], parts: &[Vec<Part>], finish: &Finish<'_>| {
            if taken == 0 {
                let mut limits = limits.lock().unwrap_or_else(PoisonError::into_inner);
                for (group, parts) in groups.iter().zip(parts) {
                    for part in parts {
                        limits
                            .entry(keys[part.file].clone())
                            .and_modify(|known| add(known, &group.limits))
                            .or_insert(group.limits);
                    }
                }
            }
            run.render(groups, batch, &|group, index, outcome| {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                *seen.entry(parts[group][index].file).or_default() += outcome.usage.nanoseconds;
                drop(seen);
                finish(group, index, outcome)
            })
        };
        job.render_with(&run, &render)?;
        for (file, took) in seen.into_inner().unwrap_or_else(PoisonError::into_inner) {
            times.entry(keys[file].clone()).or_default().push(took);
        }
        taken += 1;
    }
    Ok(taken)
}

/// Adds the limits of a further stage of a chain.
fn add(known: &mut Limits, stage: &Limits) {
    known.fuel = known.fuel.saturating_add(stage.fuel);
    known.time = known.time.saturating_add(stage.time);
    known.memory = known.memory.max(stage.memory);
    known.result = stage.result;
}

/// How much of each ceiling a template takes.
fn shares(measured: &Measured, fresh: Option<Times>, limits: Option<&Limits>, user: Ceilings) -> Vec<Share> {
    let mut measured = measured.clone();
    // What a call takes while fuel is counted is not what a user waits for.
    measured.nanoseconds = fresh.map_or(measured.nanoseconds, |times| times.p99);
    let limits = limits.map(|limits| Ceilings {
        fuel: Some(Ceiling::flat(limits.fuel)),
        time: Some(Ceiling::flat(nanoseconds(limits.time))),
        memory: Some(Ceiling::flat(limits.memory)),
        output: Some(Ceiling::flat(limits.result)),
    });
    let all = [(Whose::Limit, limits), (Whose::User, Some(user)), (Whose::Target, Some(Ceilings::DOCUMENTED))];
    let share = |whose: Whose, (what, used, ceiling): (&'static str, u64, u64)| {
        #[expect(clippy::cast_precision_loss, reason = "a digit or two are shown")]
        let percent = used as f64 * 100.0 / ceiling.max(1) as f64;
        Share { what, whose, used, ceiling, percent }
    };
    let measured = &measured;
    let each = all.into_iter().filter_map(|(whose, ceilings)| Some((whose, ceilings?)));
    each.flat_map(|(whose, ceilings)| ceilings.of(measured).map(move |of| share(whose, of)).collect::<Vec<_>>())
        .collect()
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
