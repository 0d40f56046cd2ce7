//! `profile`: where generating a pack spends its time, in the host and within its plugins.

use tracing_subscriber::prelude::*;

use crate::cli::sandbox;
use crate::engine;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueHint};
use tracing_subscriber::filter::{LevelFilter, Targets};

use crate::cli::args::Variables;
use crate::cli::args::{EngineArgs, duration};
use crate::cli::command::{Exit, ended};
use crate::cli::documents::{Stack, Stage};
use crate::cli::recording::Recording;
use crate::cli::report::scaled;
use crate::cli::saved::{self, Sort};
use crate::cli::session::{Session, shown};
use crate::cli::writing::folder::write_new;
use crate::cli::{command, completers, documents, progress};
use crate::engine::{Sampler, Samples};
use crate::error::{Error, ErrorKind, Result};
use crate::facade::{Inputs, Pack};
use crate::limits::UserLimits;
use crate::measure::flamegraph;
use crate::plan::Rules;
use crate::show::count;

/// The stages of a run.
const STAGES: [&str; 6] = ["load", "prepare", "values", "plan", "render", "commit"];

/// Show where generating a pack spends its time: in its stages, and within plugins
#[derive(Debug, Args)]
pub struct Profile {
    /// The pack: a folder with a `pack.toml`, or a `.pack` archive, or the name of an installed one.
    #[arg(add = completers::packs_here())]
    pub pack: PathBuf,
    /// Write the stages of each run, and each call of a plugin, to this file in the Trace Event Format.
    #[arg(long, value_name = "FILE.json", value_hint = ValueHint::FilePath)]
    pub trace: Option<PathBuf>,
    /// Write a flame graph of the host and its guests to this file.
    #[arg(long, value_name = "FILE.svg", value_hint = ValueHint::FilePath)]
    pub flame: Option<PathBuf>,
    /// How many times the pack is generated; by default, as often as `--time` allows.
    #[arg(long, value_name = "N")]
    pub runs: Option<NonZeroU64>,
    /// Start no more runs after this time.
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = duration)]
    pub time: Duration,
    /// Values for the pack's variables.
    #[command(flatten)]
    pub variables: Variables,
    /// The engine; with one thread by default.
    #[command(flatten)]
    pub engine: EngineArgs,
}

impl command::Command for Profile {
    const NAME: &'static str = "profile";
    const EXAMPLES: &'static [&'static str] =
        &["packbox profile shop --runs 3", "packbox profile shop --time 1s --flame shop.svg"];
    command::documents!(Profile<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(profile(session, self))
    }
}

/// Where time was spent, over all runs.
#[derive(Default)]
struct Spent {
    /// Wall time of each stage.
    stages: BTreeMap<&'static str, Duration>,
    /// Stacks of guests by stage, a sample for each millisecond.
    guests: BTreeMap<&'static str, Samples>,
    runs: u64,
}

/// Generates a pack again and again into a folder that goes away, and keeps what took how long.
///
/// # Errors
/// Those of generating; `Usage` where spans go elsewhere; `Interrupted`.
pub fn profile(session: &Session, arguments: &Profile) -> Result<()> {
    saved::check(arguments.trace.as_deref(), Sort::Trace)?;
    saved::check(arguments.flame.as_deref(), Sort::Flame)?;
    let recording = Recording::new();
    let spans = Targets::new().with_target("packbox", LevelFilter::TRACE);
    // Where somebody looks at tracing anyway, that goes on, and there are no spans here.
    let traced = tracing_subscriber::registry().with(recording.clone().with_filter(spans)).try_init().is_ok();
    if !traced && arguments.trace.is_some() {
        return Err(Error::new(ErrorKind::Usage, "`--trace` can't be used together with `-v` or `PACKBOX_LOG`")
            .hint("leave out one of them"));
    }
    let mut spent = Spent::default();
    let begun = Instant::now();
    while spent.runs == 0
        || begun.elapsed() < arguments.time && arguments.runs.is_none_or(|runs| spent.runs < runs.get())
    {
        progress::stage(&format!("generating, run {}", spent.runs + 1));
        run(session, arguments, &mut spent)?;
        if session.interrupt.is_set() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
        }
    }
    let samples = spent.samples();
    let title = format!("{}: generated {}", shown(&arguments.pack), count(spent.runs, "run"));
    if let Some(path) = &arguments.trace {
        saved::save(path, Sort::Trace, recording.document().to_string().as_bytes())?;
    }
    if let Some(path) = &arguments.flame {
        saved::save(path, Sort::Flame, flamegraph(&samples, &title).as_bytes())?;
    }
    if session.output.is_json() {
        return session.output.document("profile", &spent.document(&samples));
    }
    session.output.page(&spent.table(arguments.trace.as_deref(), arguments.flame.as_deref()))
}

/// One run, from the pack to a folder.
fn run(session: &Session, arguments: &Profile, spent: &mut Spent) -> Result<()> {
    let _span = tracing::info_span!("run", number = spent.runs + 1).entered();
    let limits = UserLimits::parse(&arguments.engine.limits)?;
    let scratch = sandbox::Scratch::new(session)?;
    // One thread, unless asked otherwise: what guests take and what the host takes then add up to what a stage takes.
    let jobs = Some(arguments.engine.jobs.unwrap_or(NonZeroUsize::MIN));
    let engine = EngineArgs { jobs, ..arguments.engine.clone() };
    let mut options = session.engine_options(&engine, engine::Profile::Run, &limits)?;
    let sampler: Arc<Sampler> = Arc::default();
    options.sampler = arguments.flame.is_some().then(|| Arc::clone(&sampler));
    let mut clock = Clock { sampler: &sampler, spent, last: Samples::default() };
    let pack = Pack(clock.stage("load", || session.pack(&arguments.pack, &limits.pack))?);
    pack.check_usable()?;
    let inputs = Inputs::of(session.sources(&arguments.variables)?);
    let packbox = session.packbox_of(options, limits)?;
    let prepared = clock.stage("prepare", || packbox.prepare(&packbox.begin(&inputs), pack.0.clone()))?;
    let valued = clock.stage("values", || prepared.values(&inputs))?;
    if clock.spent.runs == 0 {
        for values in valued.values() {
            session.tell_short_secrets(values);
        }
    }
    let job = clock.stage("plan", || valued.plan(Rules::default()))?;
    let rendered = clock.stage("render", || job.render())?;
    clock.stage("commit", || write_new(session, &rendered.inner().1.tree, &scratch.0.join("out")))?;
    spent.runs += 1;
    Ok(())
}

/// Says of each stage what it took.
struct Clock<'a> {
    sampler: &'a Sampler,
    spent: &'a mut Spent,
    last: Samples,
}

impl Clock<'_> {
    fn stage<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let span = tracing::info_span!("stage", name).entered();
        let begun = Instant::now();
        let done = work();
        *self.spent.stages.entry(name).or_default() += begun.elapsed();
        drop(span);
        let now = self.sampler.samples();
        let guests = self.spent.guests.entry(name).or_default();
        for (stack, count) in &now.stacks {
            let new = count - self.last.stacks.get(stack).copied().unwrap_or(0);
            if new > 0 {
                *guests.stacks.entry(stack.clone()).or_default() += new;
                guests.taken += new;
            }
        }
        self.last = now;
        done
    }
}

impl Spent {
    /// The stacks of host and guests: stages, below them what guests did, in milliseconds.
    fn samples(&self) -> Samples {
        let mut all = Samples::default();
        for (stage, time) in &self.stages {
            let guests = self.guests.get(stage);
            let taken = guests.map_or(0, |guests| guests.taken);
            let host = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).saturating_sub(taken);
            all.stacks.insert(vec![format!("host: {stage}")], host);
            for (stack, count) in guests.into_iter().flat_map(|guests| &guests.stacks) {
                let stack = std::iter::once(format!("host: {stage}")).chain(stack.iter().cloned()).collect();
                all.stacks.insert(stack, *count);
            }
            all.taken += host + taken;
        }
        all.stacks.retain(|_, count| *count > 0);
        all
    }

    fn document<'a>(&self, samples: &'a Samples) -> documents::Profile<'a> {
        let stages = STAGES.iter().map(|stage| {
            let nanoseconds = self.stages.get(stage).map_or(0, |time| nanoseconds(*time));
            let guests = self.guests.get(stage).map_or(0, |guests| guests.taken);
            Stage { stage, nanoseconds, guest_milliseconds: guests }
        });
        let stacks = samples.stacks.iter().map(|(frames, count)| Stack { frames, milliseconds: *count });
        documents::Profile { runs: self.runs, stages: stages.collect(), stacks: stacks.collect() }
    }

    fn table(&self, trace: Option<&Path>, flame: Option<&Path>) -> String {
        let all: Duration = self.stages.values().sum();
        let mut text = format!("{:<8} {:>9} {:>7}\n", "stage", "a run", "share");
        for stage in STAGES {
            let time = self.stages.get(stage).copied().unwrap_or_default();
            let share = time.as_secs_f64() * 100.0 / all.as_secs_f64().max(f64::MIN_POSITIVE);
            let a_run = scaled(nanoseconds(time) / self.runs.max(1), &[" ns", " µs", " ms", " s"]);
            // Writing to a string does not fail.
            let _ = writeln!(text, "{stage:<8} {a_run:>9} {share:>5.1} %");
        }
        let _ = writeln!(text, "{}", count(self.runs, "run"));
        for (what, path) in [("trace", trace), ("flame graph", flame)] {
            if let Some(path) = path {
                let _ = writeln!(text, "{what}: {}", shown(path));
            }
        }
        text
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
