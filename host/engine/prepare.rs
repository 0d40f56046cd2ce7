//! The engine: components made ready, and batches of calls spread over threads.
//!
//! Always true here: everything is prepared before a batch starts; a worker that holds a permit waits for nothing else.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use dashmap::DashMap;
use rayon::prelude::*;
use wasmtime::component::{ComponentExportIndex, InstancePre, Linker};

use super::cache::{CacheLocation, CompiledCache, EntryKey};
use super::call::{CallError, Caller, Measured, Outcome, Usage};
use super::compiler::{Compiler, compile};
use super::config::{Allocation, Profile, add_allocation, code_config, compatibility};
use super::header::{ABI_PACKAGE, ABI_VERSION, Header};
use super::limits::{LimitRequest, Limits, MEMORIES, TABLES};
use super::permits::Permits;
use super::state::CallState;
use super::ticker::Ticker;
use crate::abi::{
    EvaluateParams, ExpressionSource, FileParam, GuestFailure, GuestLevel, GuestRendered, GuestTemplateInfo,
    GuestValue, InspectParams, InspectedTemplate, JobParam, LogText, Metered, RenderParams,
};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;
use crate::stop::{Stop, StopReason};
use crate::text;

/// Native stack of a worker beyond the guest's: the host's own frames, with room to spare.
const NATIVE_STACK: u64 = 2 << 20;
/// Jobs of one batch at the most: more gain nothing, and a failing one is dearer.
const BATCH: usize = 25;
/// The interface that renders.
const RENDERER: &str = "renderer";
/// The interface that evaluates.
const EXPRESSIONS: &str = "expressions";

/// Is told a plugin's name.
pub type OnCompile = Arc<dyn Fn(&str) + Send + Sync>;

/// How an engine is set up.
#[derive(Clone)]
pub struct EngineOptions {
    /// What calls are counted by.
    pub profile: Profile,
    /// Threads that run guests.
    pub threads: NonZeroUsize,
    /// What the user says about limits.
    pub limits: LimitRequest,
    /// Where compiled code is kept; none: nowhere.
    pub cache: Option<CacheLocation>,
    /// Who compiles components that came with a pack.
    pub compiler: Compiler,
    /// Looked at while guests and the compiler run.
    pub interrupt: Interrupt,
    /// Whether what plugins log is traced; off where they are given secrets.
    pub trace_logs: bool,
    /// Told a plugin's name before it is compiled, since that takes a while.
    pub on_compile: Option<OnCompile>,
}

impl EngineOptions {
    /// Creates options with the run profile, a thread for each core, default limits and no cache.
    #[must_use]
    pub fn new(compiler: Compiler) -> Self {
        Self {
            profile: Profile::Run,
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            limits: LimitRequest::default(),
            cache: None,
            compiler,
            interrupt: Interrupt::new(),
            trace_logs: true,
            on_compile: None,
        }
    }
}

/// A component's bytes and where they come from.
#[derive(Debug, Clone)]
pub struct Component<'a> {
    /// The plugin's name, for messages.
    pub name: &'a str,
    /// The component.
    pub bytes: &'a [u8],
    /// Its digest, already computed.
    pub digest: Digest,
    /// Compiled code that is part of this program, for an engine with exactly this configuration.
    pub precompiled: Option<&'static [u8]>,
    /// Whether it is one of ours: then it is compiled in this process.
    pub trusted: bool,
}

/// A component made ready to be called.
pub struct Plugin {
    name: Arc<str>,
    digest: Digest,
    pre: InstancePre<CallState>,
    render: ComponentExportIndex,
    inspect: ComponentExportIndex,
    evaluate: Option<ComponentExportIndex>,
    names: Option<ComponentExportIndex>,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Plugin").field("name", &self.name).field("digest", &self.digest).finish_non_exhaustive()
    }
}

impl Plugin {
    /// The plugin's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The component's digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

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

/// Prepares components and calls them.
pub struct Engine {
    wasmtime: wasmtime::Engine,
    options: EngineOptions,
    allocation: Allocation,
    linker: Linker<CallState>,
    permits: Permits,
    ticker: Ticker,
    workers: OnceLock<Option<rayon::ThreadPool>>,
    cache: Option<CompiledCache>,
    compatibility: OnceLock<[u8; 32]>,
    prepared: DashMap<Digest, Arc<Plugin>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Engine").field("allocation", &self.allocation).finish_non_exhaustive()
    }
}

impl Engine {
    /// Sets up an engine. Where the address space for a pool can't be had, instances are allocated one by one, and a
    /// warning says so.
    ///
    /// # Errors
    /// `Io` where the cache's folder or key can't be used, or where the engine can't be set up at all.
    pub fn new(options: EngineOptions) -> Result<Self> {
        let limits = LimitRequest::effective(&LimitRequest::default(), &options.limits);
        let memory = options.limits.memory.unwrap_or(0).max(Limits::CEILING.memory);
        let permits = u32::try_from(options.threads.get()).unwrap_or(1024).clamp(1, 1024);
        let make = |allocation| {
            let mut config = code_config(options.profile);
            add_allocation(&mut config, allocation, permits, limits.stack, memory);
            wasmtime::Engine::new(&config)
        };
        let (wasmtime, allocation) = match make(Allocation::Pooling) {
            Ok(engine) => (engine, Allocation::Pooling),
            Err(error) => {
                tracing::warn!("no address space for an instance pool, allocating one by one: {error:#}");
                let engine = make(Allocation::OnDemand).map_err(|error| {
                    Error::new(ErrorKind::Io, "cannot set up the WebAssembly engine")
                        .caused_by(error.into_boxed_dyn_error())
                })?;
                (engine, Allocation::OnDemand)
            }
        };
        let cache = options.cache.as_ref().map(CompiledCache::open).transpose()?;
        Ok(Self {
            linker: linker(&wasmtime, options.trace_logs)?,
            wasmtime,
            allocation,
            permits: Permits::new(permits),
            ticker: Ticker::default(),
            workers: OnceLock::new(),
            cache,
            compatibility: OnceLock::new(),
            prepared: DashMap::new(),
            options,
        })
    }

    /// How instances get their memory.
    #[must_use]
    pub fn allocation(&self) -> Allocation {
        self.allocation
    }

    /// How the engine was set up.
    #[must_use]
    pub fn options(&self) -> &EngineOptions {
        &self.options
    }

    /// Makes a renderer ready: checks its header, compiles it or loads compiled code, and resolves its imports.
    ///
    /// # Errors
    /// `Refused` for an import, ABI version or export that does not fit, or bytes that are no component; `Stopped` where
    /// the component is too large or takes too much to compile; `Io` where the compiler can't be started.
    pub fn prepare(&self, component: &Component<'_>, limits: &Limits) -> Result<Arc<Plugin>> {
        if let Some(plugin) = self.prepared.get(&component.digest) {
            return Ok(Arc::clone(&plugin));
        }
        let _span = tracing::debug_span!("prepare", plugin = component.name).entered();
        let wanted = RENDERER;
        if !component.trusted {
            check_size(component.bytes, limits)?;
            let header = Header::read(component.bytes)?;
            header.check(wanted)?;
            check_memory(&header, limits)?;
        }
        let compiled = self.load(component, limits)?;
        let Some(resources) = compiled.resources_required() else {
            return Err(Error::new(ErrorKind::Refused, "the component instantiates modules that it imports"));
        };
        if resources.num_memories > MEMORIES || resources.num_tables > TABLES {
            let (memories, tables) = (resources.num_memories, resources.num_tables);
            let detail = format!(
                "the component makes {memories} memories and {tables} tables, {MEMORIES} and {TABLES} are allowed"
            );
            let stop = Stop::new(StopReason::ComponentResources, detail);
            return Err(Error::new(ErrorKind::Stopped, stop.detail.clone()).with_stop(stop));
        }
        let pre = self.linker.instantiate_pre(&compiled).map_err(|error| {
            let cause = text::printable_line(&format!("{error:#}"));
            Error::new(ErrorKind::Refused, format!("the component's imports can't be given to it: {cause}"))
        })?;
        let export = |interface: &str, function: &str| {
            let name = format!("{ABI_PACKAGE}/{interface}@{ABI_VERSION}");
            let interface = compiled.get_export_index(None, &name)?;
            compiled.get_export_index(Some(&interface), function)
        };
        let missing = |function: &str| {
            Error::new(ErrorKind::Refused, format!("`{ABI_PACKAGE}/{wanted}` has no function `{function}`"))
                .hint(format!("rebuild it from the WIT files of `{ABI_PACKAGE}@{ABI_VERSION}`"))
        };
        let plugin = Arc::new(Plugin {
            name: component.name.into(),
            digest: component.digest,
            render: export(wanted, "render").ok_or_else(|| missing("render"))?,
            inspect: export(wanted, "inspect").ok_or_else(|| missing("inspect"))?,
            evaluate: export(EXPRESSIONS, "evaluate"),
            names: export(EXPRESSIONS, "inspect"),
            pre,
        });
        self.prepared.insert(component.digest, Arc::clone(&plugin));
        Ok(plugin)
    }

    fn load(&self, component: &Component<'_>, limits: &Limits) -> Result<wasmtime::component::Component> {
        if let Some(precompiled) = component.precompiled {
            // SAFETY: these bytes are part of this program's own file, made from the component beside them.
            match unsafe { wasmtime::component::Component::deserialize(&self.wasmtime, precompiled) } {
                Ok(loaded) => return Ok(loaded),
                Err(error) => tracing::warn!("the built-in compiled code does not fit this machine: {error:#}"),
            }
        }
        let compatibility = self.compatibility.get_or_init(|| compatibility(&self.wasmtime));
        let key = EntryKey { component: component.digest, compatibility, profile: self.options.profile };
        if let Some(loaded) = self.cache.as_ref().and_then(|cache| cache.load(&self.wasmtime, &key)) {
            return Ok(loaded);
        }
        if let Some(on_compile) = &self.options.on_compile {
            on_compile(component.name);
        }
        let compiler = if component.trusted { &Compiler::InProcess } else { &self.options.compiler };
        let interrupted = || self.options.interrupt.is_set();
        let code = compile(compiler, &self.wasmtime, component.bytes, self.options.profile, limits, &interrupted)?;
        if let Some(cache) = &self.cache {
            cache.store(&key, &code);
        }
        // SAFETY: the bytes come from `precompile_component`, in this process or in the child that we started.
        unsafe { wasmtime::component::Component::deserialize(&self.wasmtime, &code) }.map_err(|error| {
            let cause = text::printable_line(&format!("{error:#}"));
            Error::new(ErrorKind::Refused, format!("the component needs more than the engine offers: {cause}"))
        })
    }

    /// Compiles a component that is ours to code that [`Component::precompiled`] takes.
    ///
    /// # Errors
    /// `Refused` where it does not compile.
    pub fn precompile(&self, component: &[u8]) -> Result<Vec<u8>> {
        compile(&Compiler::InProcess, &self.wasmtime, component, self.options.profile, &Limits::DEFAULT, &|| false)
    }

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

    fn render_batch<'a>(
        &self,
        group: &Group<'a>,
        jobs: &[JobParam<'a>],
        slow: &AtomicBool,
    ) -> Vec<Outcome<GuestRendered>> {
        let partials: u64 = group.partials.iter().map(|file| (file.path.len() + file.contents.len()) as u64).sum();
        let shared = group.context.len() as u64 + partials;
        let parameters = |jobs| -> RenderParams<'_> { (group.context, &group.partials, jobs) };
        self.caller(group.plugin, &group.limits, RENDERER, slow).batch(&group.plugin.render, shared, jobs, &parameters)
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
        self.on_workers(|| {
            self.caller(plugin, limits, EXPRESSIONS, &AtomicBool::new(false)).batch(
                export,
                context.len() as u64,
                sources,
                &parameters,
            )
        })
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
        let outcomes: Vec<Outcome<Metered<Vec<Metered<String>>>>> = self.on_workers(|| {
            self.caller(plugin, limits, EXPRESSIONS, &AtomicBool::new(false))
                .batch(export, 0, sources, &|sources| (sources,))
        })?;
        let plain = |outcome: Outcome<Metered<Vec<Metered<String>>>>| Outcome {
            result: outcome.result.map(|names| names.0.into_iter().map(|name| name.0).collect()),
            usage: outcome.usage,
        };
        Ok(outcomes.into_iter().map(plain).collect())
    }

    /// Parses a template and says what it refers to.
    ///
    /// # Errors
    /// `Io` where threads can't be started.
    pub fn inspect_template(
        &self,
        plugin: &Plugin,
        limits: &Limits,
        template: FileParam<'_>,
    ) -> Result<Outcome<GuestTemplateInfo>> {
        let input = (template.path.len() + template.contents.len()) as u64;
        let (result, usage): (std::result::Result<InspectedTemplate, CallError>, Usage) = self.on_workers(|| {
            let parameters: InspectParams<'_> = (template,);
            self.caller(plugin, limits, RENDERER, &AtomicBool::new(false)).single(
                &plugin.inspect,
                input,
                parameters,
                None,
            )
        })?;
        let result = result.and_then(|(info,)| info.map_err(|failure: GuestFailure| failure.into()));
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

    fn caller<'a>(
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
            slow,
        }
    }

    /// Runs work on the threads that have stack enough for guests.
    ///
    /// # Errors
    /// `Io` where threads can't be started.
    pub fn on_workers<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T> {
        self.ticker.start(&self.wasmtime)?;
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

fn linker(engine: &wasmtime::Engine, traced: bool) -> Result<Linker<CallState>> {
    let mut linker: Linker<CallState> = Linker::new(engine);
    let log = move |mut store: wasmtime::StoreContextMut<'_, CallState>, (level, message): (GuestLevel, LogText)| {
        let message = text::printable_line(&message.0);
        let plugin = Arc::clone(&store.data().plugin);
        match level {
            _ if !traced => {}
            GuestLevel::Debug => tracing::debug!(target: "packbox::guest", plugin = &*plugin, "{message}"),
            GuestLevel::Info => tracing::info!(target: "packbox::guest", plugin = &*plugin, "{message}"),
            GuestLevel::Warn => tracing::info!(target: "packbox::guest", plugin = &*plugin, "{message}"),
        }
        if level == GuestLevel::Warn {
            store.data_mut().last_words = Some(message);
        }
        Ok(())
    };
    linker
        .instance(&format!("{ABI_PACKAGE}/log@{ABI_VERSION}"))
        .and_then(|mut instance| instance.func_wrap("log", log))
        .map_err(|error| Error::new(ErrorKind::Io, "cannot set up imports").caused_by(error.into_boxed_dyn_error()))?;
    Ok(linker)
}

fn no_expressions(plugin: &Plugin) -> Error {
    Error::new(ErrorKind::Refused, format!("the plugin `{}` does not evaluate expressions", plugin.name))
}

fn check_size(component: &[u8], limits: &Limits) -> Result<()> {
    if component.len() as u64 <= limits.component {
        return Ok(());
    }
    let (size, most) = (text::format_bytes(component.len() as u64), text::format_bytes(limits.component));
    let detail = format!("the component has {size}, the limit is {most}");
    let stop = Stop::new(StopReason::ComponentSize, detail).limit(limits.component);
    Err(Error::new(ErrorKind::Stopped, stop.detail.clone()).with_stop(stop))
}

/// A memory or table that starts above the limit could only be refused once compiled.
fn check_memory(header: &Header, limits: &Limits) -> Result<()> {
    let wanted = header.initial_memory.max(header.initial_table.saturating_mul(size_of::<usize>() as u64));
    if wanted <= limits.memory {
        return Ok(());
    }
    let (wanted, most) = (text::format_bytes(wanted), text::format_bytes(limits.memory));
    let detail = format!("the component starts with {wanted} of memory, the limit is {most}");
    let stop = Stop::new(StopReason::Memory, detail).limit(limits.memory);
    Err(Error::new(ErrorKind::Stopped, stop.detail.clone()).with_stop(stop))
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
