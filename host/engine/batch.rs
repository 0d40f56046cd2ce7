//! Batches of calls spread over threads.
//!
//! Always true here: everything is prepared before a batch starts; a worker that holds a permit waits for nothing else.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::call::{CallError, Caller, Measured, Outcome, Usage};
use super::limits::{LimitRequest, Limits};
use super::prepare::{EXPRESSIONS, Engine, Plugin, RENDERER, missing};
use super::sampler::SAMPLE_TICK;
use super::ticker::TICK;
use crate::abi::{
    Adapter, EvaluateParams, Evaluated, ExpressionInspected, ExpressionSource, FileParam, GuestRendered,
    GuestTemplateInfo, GuestValue, JobParam, Metered, with_adapter,
};
use crate::error::{Error, ErrorKind, Result};

/// Native stack of a worker beyond the guest's: the host's own frames, with room to spare.
const NATIVE_STACK: u64 = 2 << 20;
/// Jobs of one batch at the most: more gain nothing, and a failing one is dearer.
const BATCH: usize = 25;

/// Jobs that one plugin renders with one context.
#[derive(Debug)]
pub struct Group<'a> {
    /// Who renders.
    pub plugin: &'a Plugin,
    /// What a call may use.
    pub limits: Limits,
    /// The variables, a JSON object.
    pub context: &'a [u8],
    /// Files that templates may include.
    pub partials: Vec<FileParam<'a>>,
    /// The jobs.
    pub jobs: Vec<JobParam<'a>>,
}

impl Group<'_> {
    /// Bytes that each call is handed beside its jobs: context and partials.
    #[must_use]
    pub fn shared_bytes(&self) -> u64 {
        let partials: u64 = self.partials.iter().map(|file| (file.path.len() + file.contents.len()) as u64).sum();
        self.context.len() as u64 + partials
    }
}

impl Engine {
    /// Renders groups of jobs over all threads and hands each outcome, while still on the worker's thread, to `finish`
    /// with the group's and the job's number. The answer is in the order of groups and jobs. `batch` is the most jobs
    /// that share an instance; 1 gives each its own.
    ///
    /// # Errors
    /// `Io` where threads can't be started.
    pub fn render<T: Send>(
        &self,
        groups: &[Group<'_>],
        batch: Option<NonZeroUsize>,
        finish: &(dyn Fn(usize, usize, Outcome<GuestRendered>) -> T + Sync),
    ) -> Result<Vec<Vec<T>>> {
        let threads = self.options.threads.get();
        let slow: Vec<AtomicBool> = groups.iter().map(|_| AtomicBool::new(false)).collect();
        let chunks: Vec<_> = groups
            .iter()
            .enumerate()
            .flat_map(|(number, group)| {
                let size = batch.map_or_else(|| group.jobs.len().div_ceil(threads).clamp(1, BATCH), NonZeroUsize::get);
                group.jobs.chunks(size).enumerate().map(move |(chunk, jobs)| (number, group, chunk * size, jobs))
            })
            .collect();
        let finished: Vec<(usize, Vec<T>)> = self.on_workers(|| {
            chunks
                .par_iter()
                .with_max_len(1)
                .map(|(number, group, first, jobs)| {
                    let outcomes = self.render_batch(group, jobs, &slow[*number]);
                    self.note_renders(group, jobs, &outcomes);
                    let finish = |(index, outcome)| finish(*number, first + index, outcome);
                    (*number, outcomes.into_iter().enumerate().map(finish).collect())
                })
                .collect()
        })?;
        let mut sorted: Vec<Vec<T>> = groups.iter().map(|group| Vec::with_capacity(group.jobs.len())).collect();
        for (number, results) in finished {
            sorted[number].extend(results);
        }
        Ok(sorted)
    }

    /// Has failed jobs recorded.
    fn note_renders(&self, group: &Group<'_>, jobs: &[JobParam<'_>], outcomes: &[Outcome<GuestRendered>]) {
        let Some(recorder) = &self.options.recorder else { return };
        for (job, outcome) in jobs.iter().zip(outcomes) {
            if let Err(error) = &outcome.result {
                recorder.render(group.plugin, &group.limits, (group.context, &group.partials), job, error);
            }
        }
    }

    fn render_batch<'a>(
        &self,
        group: &Group<'a>,
        jobs: &[JobParam<'a>],
        slow: &AtomicBool,
    ) -> Vec<Outcome<GuestRendered>> {
        with_adapter!(group.plugin.abi, Version => self.render_batch_as::<Version>(group, jobs, slow))
    }

    fn render_batch_as<A: Adapter>(
        &self,
        group: &Group<'_>,
        jobs: &[JobParam<'_>],
        slow: &AtomicBool,
    ) -> Vec<Outcome<GuestRendered>> {
        let without_call = |error: &dyn Fn() -> CallError| -> Vec<Outcome<GuestRendered>> {
            jobs.iter().map(|_| Outcome { result: Err(error()), usage: Usage::default() }).collect()
        };
        let Some(export) = &group.plugin.render else {
            return without_call(&|| CallError::Refused(missing(RENDERER, "render")));
        };
        if let Some(what) = jobs.iter().find_map(A::lacks) {
            if let [_] = jobs {
                let version = group.plugin.abi.version();
                let told =
                    format!("`{what}`, which version {version} of the ABI does not have; rebuild it for the newest");
                return without_call(&|| CallError::Unsupported(told.clone()));
            }
            return jobs
                .iter()
                .flat_map(|job| self.render_batch_as::<A>(group, std::slice::from_ref(job), slow))
                .collect();
        }
        self.caller(group.plugin, &group.limits, RENDERER, slow).calling("render").batch(
            export,
            group.shared_bytes(),
            jobs,
            &|jobs| A::render(group.context, &group.partials, jobs),
            A::rendered,
        )
    }

    /// Evaluates expressions against a context (a JSON object), in one batch.
    ///
    /// # Errors
    /// `Refused` where the plugin evaluates no expressions; `Io` where threads can't be started.
    pub fn evaluate(
        &self,
        plugin: &Plugin,
        limits: &Limits,
        context: &[u8],
        sources: &[ExpressionSource<'_>],
    ) -> Result<Vec<Outcome<GuestValue>>> {
        let export = plugin.evaluate.as_ref().ok_or_else(|| no_expressions(plugin))?;
        let parameters = |sources| -> EvaluateParams<'_> { (context, sources) };
        let outcomes: Vec<Outcome<GuestValue>> = self.on_workers(|| {
            self.caller(plugin, limits, EXPRESSIONS, &AtomicBool::new(false)).calling("evaluate").batch(
                export,
                context.len() as u64,
                sources,
                &parameters,
                |(values,): Evaluated| values.0,
            )
        })?;
        if let Some(recorder) = &self.options.recorder {
            for (source, outcome) in sources.iter().zip(&outcomes) {
                if let Err(error) = &outcome.result {
                    recorder.evaluate(plugin, limits, context, source, error);
                }
            }
        }
        Ok(outcomes)
    }

    /// Says which top-level names expressions may look up, in one batch.
    ///
    /// # Errors
    /// As [`Engine::evaluate`].
    pub fn expression_names(
        &self,
        plugin: &Plugin,
        limits: &Limits,
        sources: &[ExpressionSource<'_>],
    ) -> Result<Vec<Outcome<Vec<String>>>> {
        let export = plugin.names.as_ref().ok_or_else(|| no_expressions(plugin))?;
        let outcomes = self.on_workers(|| {
            self.caller(plugin, limits, EXPRESSIONS, &AtomicBool::new(false)).calling("inspect").batch(
                export,
                0,
                sources,
                &|sources| (sources,),
                |(names,): ExpressionInspected| names.0,
            )
        })?;
        if let Some(recorder) = &self.options.recorder {
            for (source, outcome) in sources.iter().zip(&outcomes) {
                if let Err(error) = &outcome.result {
                    recorder.names(plugin, limits, source, error);
                }
            }
        }
        let plain = |outcome: Outcome<Metered<Vec<Metered<String>>>>| Outcome {
            result: outcome.result.map(|names| names.0.into_iter().map(|name| name.0).collect()),
            usage: outcome.usage,
        };
        Ok(outcomes.into_iter().map(plain).collect())
    }

    /// Parses a template and says what it refers to.
    ///
    /// # Errors
    /// `Refused` where the plugin renders nothing; `Io` where threads can't be started.
    pub fn inspect_template(
        &self,
        plugin: &Plugin,
        limits: &Limits,
        template: FileParam<'_>,
    ) -> Result<Outcome<GuestTemplateInfo>> {
        let export = plugin.inspect.as_ref().ok_or_else(|| missing(RENDERER, "inspect"))?;
        let input = (template.path.len() + template.contents.len()) as u64;
        let (result, usage) = self.on_workers(|| {
            let slow = AtomicBool::new(false);
            let caller = self.caller(plugin, limits, RENDERER, &slow).calling("inspect");
            with_adapter!(plugin.abi, Version => {
                let (result, usage) = caller.single(export, input, Version::inspect(template), None);
                (result.and_then(|given| Version::inspected(given).map_err(CallError::from)), usage)
            })
        })?;
        if let (Some(recorder), Err(error)) = (&self.options.recorder, &result) {
            recorder.inspect(plugin, limits, &template, error);
        }
        Ok(Outcome { result, usage })
    }

    /// Makes instances and throws them away, on a worker: what a fresh instance costs before anything is called.
    ///
    /// # Errors
    /// `Stopped` where the component can't be instantiated; `Io` where threads can't be started.
    pub fn time_instantiations(&self, plugin: &Plugin, limits: &Limits, count: u64) -> Result<Duration> {
        self.on_workers(|| {
            let slow = AtomicBool::new(false);
            let caller = self.caller(plugin, limits, RENDERER, &slow);
            let started = Instant::now();
            for _ in 0..count {
                caller.instantiate()?;
            }
            Ok(started.elapsed())
        })?
    }

    pub(super) fn caller<'a>(
        &'a self,
        plugin: &'a Plugin,
        limits: &'a Limits,
        interface: &'a str,
        slow: &'a AtomicBool,
    ) -> Caller<'a> {
        Caller {
            engine: &self.wasmtime,
            profile: self.options.profile,
            permits: &self.permits,
            interrupt: &self.options.interrupt,
            pre: &plugin.pre,
            name: &plugin.name,
            limits,
            interface,
            function: "",
            traits: &plugin.traits,
            traced: self.options.trace_logs,
            slow,
            sampler: self.options.sampler.as_ref(),
        }
    }

    /// Runs work on the threads that have stack enough for guests.
    ///
    /// # Errors
    /// `Io` where threads can't be started.
    pub fn on_workers<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T> {
        let period = if self.options.sampler.is_some() { SAMPLE_TICK } else { TICK };
        self.ticker.start(&self.wasmtime, period)?;
        let limits = LimitRequest::effective(&LimitRequest::default(), &self.options.limits);
        let stack = usize::try_from(limits.stack + NATIVE_STACK).unwrap_or(usize::MAX);
        let workers = self.workers.get_or_init(|| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(self.options.threads.get())
                .stack_size(stack)
                .thread_name(|index| format!("packbox-{index}"))
                .build()
                .ok()
        });
        match workers {
            Some(workers) => Ok(workers.install(work)),
            None => Err(Error::new(ErrorKind::Io, "cannot start threads that run plugins")
                .hint("raise the limit on threads (`ulimit -u`), or run with `--jobs 1`")),
        }
    }
}

fn no_expressions(plugin: &Plugin) -> Error {
    Error::new(ErrorKind::Refused, format!("the plugin `{}` does not evaluate expressions", plugin.name))
}

impl Measured for JobParam<'_> {
    fn bytes(&self) -> u64 {
        let parts = [self.template.path.len(), self.template.contents.len(), self.locals.len(), self.options.len()];
        parts.iter().sum::<usize>() as u64
    }
}

impl Measured for ExpressionSource<'_> {
    fn bytes(&self) -> u64 {
        (self.text.len() + self.locals.len()) as u64
    }
}
