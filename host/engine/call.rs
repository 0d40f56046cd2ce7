//! One call: a fresh instance, its limits, the call, and what came of it.
//!
//! A batch is only an optimization: whatever stops or fails in one is run again alone, in a fresh instance, and only that
//! outcome counts. So results do not depend on how jobs were batched.
//!
//! Always true here: a store never survives a trap or a deadline, nor even a success.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use wasmtime::component::{ComponentExportIndex, ComponentNamedList, Instance, InstancePre, Lift, Lower};
use wasmtime::{Store, UpdateDeadline, WasmBacktrace};

use super::config::Profile;
use super::header::ABI_PACKAGE;
use super::limits::Limits;
use super::permits::Permits;
use super::sampler::Sampler;
use super::state::CallState;
use super::symbols::Symbols;
use super::wasi::WasiState;
use crate::abi::{Budget, GuestDiagnostic, GuestFailure, with_budget};
use crate::error::{Error, ErrorKind};
use crate::interrupt::Interrupt;
use crate::stop::{Stop, StopReason};
use crate::text;

/// A batch that takes longer is given up and its jobs are run alone, so that a guest that never ends costs its deadline
/// and not twice that. Enough for hundreds of templates of usual size.
const BATCH_TIME: Duration = Duration::from_millis(30);
/// In the measure profile fuel is the limit; time only keeps a run from hanging where fuel is raised without end.
const MEASURE_TIME: Duration = Duration::from_secs(120);

/// What a call cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Wall time in nanoseconds, instantiation included; of a batch, the job's even share.
    pub nanoseconds: u64,
    /// Units of fuel; measure profile only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuel: Option<u64>,
    /// The most bytes of memories and tables in use at once.
    pub memory: u64,
}

impl Usage {
    /// What two calls cost, one after the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            nanoseconds: self.nanoseconds.saturating_add(other.nanoseconds),
            fuel: match (self.fuel, other.fuel) {
                (Some(one), Some(other)) => Some(one.saturating_add(other)),
                (one, other) => one.or(other),
            },
            memory: self.memory.max(other.memory),
        }
    }
}

/// Why a job has no result.
#[derive(Debug)]
pub enum CallError {
    /// The plugin says that the input is at fault.
    Invalid(Vec<GuestDiagnostic>),
    /// The plugin does not do what was asked.
    Unsupported(String),
    /// The plugin says that it failed.
    Internal(String),
    /// A limit or a trap stopped it.
    Stopped(Stop),
    /// Its exports do not have the types of the ABI.
    Refused(Error),
}

impl From<GuestFailure> for CallError {
    fn from(failure: GuestFailure) -> Self {
        match failure {
            GuestFailure::Invalid(diagnostics) => Self::Invalid(diagnostics.0),
            GuestFailure::Unsupported(text) => Self::Unsupported(text.0),
            GuestFailure::Internal(text) => Self::Internal(text.0),
        }
    }
}

/// What came of a job.
#[derive(Debug)]
pub struct Outcome<T> {
    /// The result, or why there is none.
    pub result: Result<T, CallError>,
    /// What it cost.
    pub usage: Usage,
}

/// What every call of an engine needs.
pub struct Caller<'a> {
    /// Where instances are made.
    pub engine: &'a wasmtime::Engine,
    /// How calls are counted.
    pub profile: Profile,
    /// How many instances there may be at once.
    pub permits: &'a Permits,
    /// Whether to stop.
    pub interrupt: &'a Interrupt,
    /// The component, ready to be instantiated.
    pub pre: &'a InstancePre<CallState>,
    /// Its name, for the trace.
    pub name: &'a Arc<str>,
    /// What a call may use.
    pub limits: &'a Limits,
    /// The interface that is called, for messages.
    pub interface: &'a str,
    /// The function that is called, for messages.
    pub function: &'a str,
    /// What is known about the component beside its code.
    pub traits: &'a Traits,
    /// Whether what the plugin prints may be shown in the trace.
    pub traced: bool,
    /// Set once a batch took too long: its neighbours would too, so they are not tried.
    pub slow: &'a AtomicBool,
    /// Takes the stacks of guests at each tick.
    pub sampler: Option<&'a Arc<Sampler>>,
}

/// What is known about a component beside its code.
#[derive(Debug, Default)]
pub struct Traits {
    /// Whether it is given an empty WASI. Then an instance has a state, which the first job would leave behind for the
    /// second, so that each job has an instance of its own.
    pub wasi: bool,
    /// Whether jobs can share a call.
    pub batches: bool,
    /// Which lines its code comes from, where it says so.
    pub symbols: Option<Symbols>,
}

/// A job that knows its size.
pub trait Measured {
    /// Bytes that it hands in.
    fn bytes(&self) -> u64;
}

impl<'a> Caller<'a> {
    /// Names the function that is called, for messages.
    #[must_use]
    pub fn calling(mut self, function: &'a str) -> Self {
        self.function = function;
        self
    }

    /// Calls an export with a batch of jobs. `shared` is the size of what is handed in beside the jobs; `parameters`
    /// makes the export's parameters from a part of the jobs; `results` takes apart what it gives.
    pub fn batch<'j, J, P, G, R>(
        &self,
        export: &ComponentExportIndex,
        shared: u64,
        jobs: &'j [J],
        parameters: &dyn Fn(&'j [J]) -> P,
        results: fn(G) -> Vec<Result<R, GuestFailure>>,
    ) -> Vec<Outcome<R>>
    where
        J: Measured,
        P: ComponentNamedList + Lower,
        G: ComponentNamedList + Lift,
    {
        let alone = |job: &'j J| {
            let mut outcomes = self.once(export, shared, std::slice::from_ref(job), parameters, results, None);
            match (outcomes.pop(), outcomes.pop()) {
                (Some(outcome), None) => outcome,
                _ => Outcome { result: Err(CallError::Stopped(wrong_count(1, 0))), usage: Usage::default() },
            }
        };
        let alone_anyway = self.profile == Profile::Measure || !self.traits.batches;
        if jobs.len() <= 1 || alone_anyway || self.slow.load(Ordering::Relaxed) {
            return jobs.iter().map(alone).collect();
        }
        let together = self.once(export, shared, jobs, parameters, results, Some(BATCH_TIME));
        if together.len() != jobs.len() {
            let too_long = |outcome: &Outcome<R>| matches!(&outcome.result, Err(CallError::Stopped(stop)) if stop.reason == StopReason::Time);
            if together.iter().any(too_long) {
                self.slow.store(true, Ordering::Relaxed);
            }
            return jobs.iter().map(alone).collect();
        }
        together
            .into_iter()
            .zip(jobs)
            .map(|(outcome, job)| if outcome.result.is_ok() { outcome } else { alone(job) })
            .collect()
    }

    /// Calls an export once with all of the jobs; gives one outcome for each, or a single one that holds for all.
    pub fn once<'j, J, P, G, R>(
        &self,
        export: &ComponentExportIndex,
        shared: u64,
        jobs: &'j [J],
        parameters: &dyn Fn(&'j [J]) -> P,
        results: fn(G) -> Vec<Result<R, GuestFailure>>,
        at_most: Option<Duration>,
    ) -> Vec<Outcome<R>>
    where
        J: Measured,
        P: ComponentNamedList + Lower,
        G: ComponentNamedList + Lift,
    {
        let input = jobs.iter().map(J::bytes).fold(shared, u64::saturating_add);
        let (result, usage) = self.single(export, input, parameters(jobs), at_most);
        let result = result.and_then(|given: G| {
            let list = results(given);
            if list.len() == jobs.len() {
                Ok(list)
            } else {
                Err(CallError::Stopped(wrong_count(jobs.len(), list.len())))
            }
        });
        match result {
            Ok(list) => {
                let share = Usage { nanoseconds: usage.nanoseconds / jobs.len().max(1) as u64, ..usage };
                list.into_iter()
                    .map(|result| Outcome { result: result.map_err(CallError::from), usage: share })
                    .collect()
            }
            Err(error) => vec![Outcome { result: Err(error), usage }],
        }
    }

    /// Calls an export once, in a fresh instance.
    pub fn single<P, R>(
        &self,
        export: &ComponentExportIndex,
        input: u64,
        parameters: P,
        at_most: Option<Duration>,
    ) -> (Result<R, CallError>, Usage)
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let limits = self.limits;
        if input > limits.input {
            let (input, most) = (text::format_bytes(input), text::format_bytes(limits.input));
            let detail = format!("{input} of context, partials and templates to hand in, the limit is {most}");
            let stop = Stop::new(StopReason::Input, detail).limit(limits.input);
            return (Err(CallError::Stopped(self.placed(stop))), Usage::default());
        }
        let _permit = self.permits.take();
        let started = Instant::now();
        let mut store = match self.store(at_most) {
            Ok(store) => store,
            Err(error) => return (Err(CallError::Refused(host_fault(&error))), Usage::default()),
        };
        let result = with_budget(self.budget(), || self.instantiate_and_call(&mut store, export, parameters));
        let fuel = store.get_fuel().ok().map(|left| limits.fuel.saturating_sub(left));
        let usage = Usage {
            nanoseconds: u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX),
            fuel: fuel.filter(|_| self.profile == Profile::Measure),
            memory: store.data().memory.peak(),
        };
        (result, usage)
    }

    /// Calls an export twice in one instance, and gives what came of the second call: for comparing with a fresh one.
    pub fn second_of_two<P, R>(&self, export: &ComponentExportIndex, first: P, second: P) -> Result<R, CallError>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let _permit = self.permits.take();
        let mut store = self.store(None).map_err(|error| CallError::Refused(host_fault(&error)))?;
        let instance = with_budget(self.budget(), || self.make(&mut store))?;
        with_budget(self.budget(), || self.call_in::<P, R>(&mut store, instance, export, first))?;
        with_budget(self.budget(), || self.call_in(&mut store, instance, export, second))
    }

    /// Makes an instance in a store.
    fn make(&self, store: &mut Store<CallState>) -> Result<Instance, CallError> {
        let made = self.pre.instantiate(&mut *store);
        made.map_err(|error| CallError::Stopped(self.stop(store, &error)))
    }

    /// Says why a call or an instantiation ended with an error.
    fn stop(&self, store: &mut Store<CallState>, error: &wasmtime::Error) -> Stop {
        self.placed(store.data_mut().stop_for(error, self.limits, self.traits.symbols.as_ref()))
    }

    /// Names the plugin and the export that a stop is about.
    fn placed(&self, stop: Stop) -> Stop {
        let export =
            if self.function.is_empty() { String::new() } else { format!("{}.{}", self.interface, self.function) };
        stop.of(self.name, &export)
    }

    fn budget(&self) -> Budget {
        let limits = self.limits;
        Budget {
            result: limits.result,
            result_limit: limits.result,
            outputs_limit: limits.outputs,
            log: limits.log,
            log_limit: limits.log,
        }
    }

    /// Makes an instance and throws it away.
    ///
    /// # Errors
    /// `Stopped` where the component can't be instantiated within its limits.
    pub fn instantiate(&self) -> Result<(), Error> {
        let _permit = self.permits.take();
        let mut store = self.store(None).map_err(|error| host_fault(&error))?;
        match self.pre.instantiate(&mut store) {
            Ok(_) => Ok(()),
            Err(error) => {
                let stop = self.stop(&mut store, &error);
                Err(Error::new(ErrorKind::Stopped, stop.detail.clone()).with_stop(stop))
            }
        }
    }

    fn store(&self, at_most: Option<Duration>) -> wasmtime::Result<Store<CallState>> {
        let limits = self.limits;
        let time = match (self.profile, at_most) {
            (Profile::Measure, _) => limits.time.max(MEASURE_TIME),
            (Profile::Run, Some(at_most)) => limits.time.min(at_most),
            (Profile::Run, None) => limits.time,
        };
        let mut state = CallState::new(Arc::clone(self.name), limits, time, self.interrupt.clone());
        state.wasi = self.traits.wasi.then(|| Box::new(WasiState::new(Arc::clone(self.name), self.traced)));
        let mut store = Store::new(self.engine, state);
        store.limiter(|state| &mut state.memory);
        store.set_epoch_deadline(1);
        let sampler = self.sampler.map(Arc::clone);
        store.epoch_deadline_callback(move |mut context| {
            if let Some(sampler) = &sampler {
                sampler.add(&WasmBacktrace::force_capture(&context));
            }
            match context.data_mut().tick() {
                UpdateDeadline::Continue(ticks) => Ok(UpdateDeadline::Continue(ticks)),
                _ => Ok(UpdateDeadline::Interrupt),
            }
        });
        if self.profile == Profile::Measure {
            store.set_fuel(limits.fuel)?;
        }
        // Above what `Metered` counts, so that its typed stop always comes first.
        let backstop = limits.result.max(limits.log).saturating_mul(2).saturating_add(1 << 20);
        store.set_hostcall_fuel(usize::try_from(backstop).unwrap_or(usize::MAX));
        Ok(store)
    }

    fn instantiate_and_call<P, R>(
        &self,
        store: &mut Store<CallState>,
        export: &ComponentExportIndex,
        parameters: P,
    ) -> Result<R, CallError>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let instance = self.make(store)?;
        self.call_in(store, instance, export, parameters)
    }

    fn call_in<P, R>(
        &self,
        store: &mut Store<CallState>,
        instance: Instance,
        export: &ComponentExportIndex,
        parameters: P,
    ) -> Result<R, CallError>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let function = instance
            .get_typed_func::<P, R>(&mut *store, export)
            .map_err(|error| CallError::Refused(wrong_type(self.interface, &error)))?;
        function.call(&mut *store, parameters).map_err(|error| CallError::Stopped(self.stop(store, &error)))
    }
}

fn wrong_count(wanted: usize, given: usize) -> Stop {
    Stop::new(StopReason::InvalidResult, format!("gave {given} results for {wanted} jobs"))
}

fn wrong_type(interface: &str, error: &wasmtime::Error) -> Error {
    let cause = text::printable_line(&format!("{error:#}"));
    Error::new(
        ErrorKind::Refused,
        format!("`{ABI_PACKAGE}/{interface}` does not have the types that the ABI gives it: {cause}"),
    )
    .hint("rebuild the plugin from the WIT files of the ABI version that it names")
}

fn host_fault(error: &wasmtime::Error) -> Error {
    Error::new(ErrorKind::Refused, format!("cannot prepare a call: {error:#}"))
}
