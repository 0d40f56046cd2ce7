//! One instance: made with its limits, called, and thrown away.
//!
//! Always true here: a store never survives a trap or a deadline, nor even a success.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use wasmtime::component::{ComponentExportIndex, ComponentNamedList, Instance, Lift, Lower};
use wasmtime::{Store, UpdateDeadline, WasmBacktrace};

use super::config::Profile;
use super::exports::{Function, Role};
use super::interface::ABI_PACKAGE;
use super::outcome::{CallError, FUEL_PER_NANOSECOND, Usage};
use super::plugin::Plugin;
use super::run::Run;
use super::state::CallState;
use super::wasi_state::WasiState;
use crate::abi::{CallBudget, with_budget};
use crate::error::{Error, ErrorKind};
use crate::limits::{Held, Limits};
use crate::stop::{Stop, StopReason};
use crate::text;

/// In the measure profile fuel is the limit; time only keeps a run from hanging where single instructions take long, such as
/// those that fill memories.
const MEASURE_TIME: Duration = Duration::from_secs(20);

/// How often a call is made again for whose result there is no room.
const MOST_TRIES: u32 = 10;
/// What is waited before that, the first time, the second, and so on.
const FINISHING: Duration = Duration::from_millis(20);

/// Makes instances of a plugin.
#[derive(Clone, Copy)]
pub(super) struct Maker<'a> {
    /// The run that it is for.
    pub run: &'a Run<'a>,
    /// The plugin.
    pub plugin: &'a Plugin,
    /// What a call may use.
    pub limits: &'a Limits,
    /// The function that is called, for messages; none where there is none.
    pub function: Option<Function>,
}

impl Maker<'_> {
    /// Calls an export once, in a fresh instance. Beside the result and what it cost stands what the run holds for it.
    pub fn single<P, R>(
        &self,
        export: &ComponentExportIndex,
        input: u64,
        parameters: impl Fn() -> P,
        at_most: Option<Duration>,
    ) -> (Result<R, CallError>, Usage, Held)
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let limits = self.limits;
        let function = self.function.map_or("", Function::full_name);
        let _span = tracing::trace_span!("call", plugin = &*self.plugin.name, function, bytes_in = input).entered();
        if input > limits.input {
            let (input, most) = (text::format_bytes(input), text::format_bytes(limits.input));
            let what = match self.function.map(Function::role) {
                Some(Role::QueryEngine) => "graphs and queries",
                Some(Role::Merger) => "files to merge",
                Some(Role::Validator) => "manifest, facts and files",
                Some(Role::Renderer) | None => "context, partials and templates",
            };
            let detail = format!("{input} of {what} to pass to the plugin, but the limit is {most}");
            let stop = Stop::new(StopReason::Input, detail).limit(limits.input);
            return (Err(CallError::Stopped(self.placed(stop))), Usage::default(), Held::default());
        }
        let mut usage = Usage::default();
        let called = self.in_store(at_most, |store| {
            let started = Instant::now();
            let mut starting = 0;
            let (result, held) = with_budget(self.call_budget(), || {
                let instance = self.make(store)?;
                starting = self.refuel(store, at_most)?;
                self.call_in(store, instance, export, parameters())
            });
            usage = Usage {
                nanoseconds: u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX),
                fuel: self.burnt(store, at_most),
                starting,
                memory: store.data().memory.peak(),
            };
            // What was copied of a result that did not come whole is not kept.
            result.map(|result| (result, held))
        });
        match called {
            Ok((result, held)) => (Ok(result), usage, held),
            Err(error) => (Err(error), usage, Held::default()),
        }
    }

    /// Calls an export twice in one instance, and gives what came of the second call: for comparing with a fresh one.
    pub fn second_of_two<P, R>(
        &self,
        export: &ComponentExportIndex,
        first: impl Fn() -> P,
        second: impl Fn() -> P,
    ) -> Result<(R, Held), CallError>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        self.in_store(None, |store| {
            let instance = with_budget(self.call_budget(), || self.make(store)).0?;
            self.refuel(store, None)?;
            with_budget(self.call_budget(), || self.call_in::<P, R>(store, instance, export, first())).0?;
            let (given, held) = with_budget(self.call_budget(), || self.call_in(store, instance, export, second()));
            given.map(|given| (given, held))
        })
    }

    /// Does something with a fresh store, for which there is room. A store has its even share of the memory that a run has
    /// for plugins; where that is less than the limit and the guest wants more, the same is done again with all that it may
    /// have. Where results of others leave no room for its own, it is done again while nobody else runs. So nothing depends
    /// on how many threads there are.
    fn in_store<T>(
        &self,
        at_most: Option<Duration>,
        mut work: impl FnMut(&mut Store<CallState>) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let permits = &self.run.engine.permits;
        let most = self.limits.memory.min(permits.most());
        let is_large = &self.plugin.is_large;
        let mut memory = if is_large.load(Ordering::Relaxed) { most } else { most.min(permits.even_share()) };
        let mut tries = 0;
        loop {
            let permit = permits.take(if tries > 0 { permits.most() } else { memory });
            let store = self.store(at_most, memory);
            let mut store = store.map_err(|error| CallError::Refused(host_fault(&error)))?;
            let done = work(&mut store);
            let was_refused = store.data().memory.was_refused();
            drop((store, permit));
            match done {
                done if was_refused && memory < most => {
                    drop(done);
                    is_large.store(true, Ordering::Relaxed);
                    memory = most;
                }
                Err(CallError::Stopped(stop)) if stop.reason == StopReason::RunMemory && !was_refused => {
                    if tries == MOST_TRIES {
                        return Err(CallError::Stopped(self.run.budget.spend(stop)));
                    }
                    // What others are still finishing is given back within moments.
                    std::thread::sleep(FINISHING * tries);
                    tries += 1;
                }
                done => return done,
            }
        }
    }

    /// Makes an instance in a store.
    fn make(&self, store: &mut Store<CallState>) -> Result<Instance, CallError> {
        let made = self.plugin.pre.instantiate(&mut *store);
        made.map_err(|error| CallError::Stopped(self.stop(store, &error)))
    }

    /// Says why a call or an instantiation ended with an error.
    fn stop(&self, store: &mut Store<CallState>, error: &wasmtime::Error) -> Stop {
        let mut stop = store.data_mut().stop_for(error, self.limits, self.plugin.traits.symbols.as_ref());
        if self.plugin.traits.ours && !stop.backtrace.is_empty() {
            // What a built-in engine was doing inside says nothing to an author: the finding names the template.
            tracing::debug!(plugin = %self.plugin.name, calls = ?stop.backtrace, "stopped");
            stop.backtrace.clear();
        }
        self.placed(stop)
    }

    /// Names the plugin and the export that a stop is about.
    fn placed(&self, stop: Stop) -> Stop {
        stop.of(&self.plugin.name, self.function.map_or("", Function::full_name))
    }

    fn call_budget(&self) -> CallBudget {
        let limits = self.limits;
        CallBudget {
            held: Held::of(&self.run.budget),
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
        let made = self.in_store(None, |store| self.make(store).map(drop));
        made.map_err(|error| match error {
            CallError::Stopped(stop) => stop.into(),
            CallError::Refused(error) => error,
            _ => Error::new(ErrorKind::Refused, "cannot make an instance"),
        })
    }

    /// The fuel of a call that may take `at_most`.
    fn fuel(&self, at_most: Option<Duration>) -> u64 {
        let nanoseconds = at_most.map(|at_most| u64::try_from(at_most.as_nanos()).unwrap_or(u64::MAX));
        let fuel = nanoseconds.map_or(u64::MAX, |nanoseconds| nanoseconds.saturating_mul(FUEL_PER_NANOSECOND));
        fuel.min(self.limits.fuel)
    }

    /// The fuel that was used of [`Maker::fuel`]; measure profile only.
    fn burnt(&self, store: &Store<CallState>, at_most: Option<Duration>) -> Option<u64> {
        // Where fuel is not counted, a store has none.
        store.get_fuel().ok().map(|left| self.fuel(at_most).saturating_sub(left))
    }

    /// Gives the call as much fuel as the start of its instance had, and says what that used. How much it is depends on how
    /// a system fills memories, and what a call is said to use must not.
    fn refuel(&self, store: &mut Store<CallState>, at_most: Option<Duration>) -> Result<u64, CallError> {
        let Some(used) = self.burnt(store, at_most) else { return Ok(0) };
        store.set_fuel(self.fuel(at_most)).map_err(|error| CallError::Refused(host_fault(&error)))?;
        Ok(used)
    }

    fn store(&self, at_most: Option<Duration>, memory: u64) -> wasmtime::Result<Store<CallState>> {
        let limits = self.limits;
        let time = match (self.run.engine.options.profile, at_most) {
            (Profile::Measure, _) => {
                let enough = Duration::from_nanos(limits.fuel / FUEL_PER_NANOSECOND);
                limits.time.max(MEASURE_TIME).max(enough)
            }
            (Profile::Run, Some(at_most)) => limits.time.min(at_most),
            (Profile::Run, None) => limits.time,
        };
        let engine = self.run.engine;
        let mut state = CallState::new(Arc::clone(&self.plugin.name), memory, time, Arc::clone(&self.run.budget));
        state.wasi = self
            .plugin
            .traits
            .wasi
            .then(|| Box::new(WasiState::new(Arc::clone(&self.plugin.name), engine.options.trace_logs)));
        let mut store = Store::new(engine.wasmtime()?, state);
        store.limiter(|state| &mut state.memory);
        store.set_epoch_deadline(1);
        let sampler = engine.options.sampler.clone();
        store.epoch_deadline_callback(move |mut context| {
            if let Some(sampler) = &sampler {
                sampler.add(&WasmBacktrace::force_capture(&context));
            }
            match context.data_mut().tick() {
                UpdateDeadline::Continue(ticks) => Ok(UpdateDeadline::Continue(ticks)),
                _ => Ok(UpdateDeadline::Interrupt),
            }
        });
        if engine.options.profile == Profile::Measure {
            store.set_fuel(self.fuel(at_most))?;
        }
        // Above what `Metered` counts, so that its typed stop always comes first.
        let backstop = limits.result.max(limits.log).saturating_mul(2).saturating_add(1 << 20);
        store.set_hostcall_fuel(usize::try_from(backstop).unwrap_or(usize::MAX));
        Ok(store)
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
        self.run.budget.called();
        let function = instance
            .get_typed_func::<P, R>(&mut *store, export)
            .map_err(|error| CallError::Refused(wrong_type(self.function, &error)))?;
        function.call(&mut *store, parameters).map_err(|error| CallError::Stopped(self.stop(store, &error)))
    }
}

fn wrong_type(function: Option<Function>, error: &wasmtime::Error) -> Error {
    let interface = function.map_or("", Function::interface);
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
