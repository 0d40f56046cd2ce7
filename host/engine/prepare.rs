//! The engine: how it is set up, and components made ready to be called.
//!
//! Always true here: no guest runs; a stranger's component is looked at before it is compiled, and compiled by the compiler
//! that the embedder named.

use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};

use dashmap::DashMap;
use wasmtime::component::{ComponentExportIndex, InstancePre, Linker};

use super::cache::{CacheLocation, CompiledCache, EntryKey};
use super::call::Traits;
use super::compiler::{Compiler, compile};
use super::config::{Allocation, Profile, add_allocation, code_config, compatibility};
use super::header::{ABI_PACKAGE, ABI_VERSION, Header};
use super::limits::{LimitRequest, Limits, MEMORIES, TABLES};
use super::permits::Permits;
use super::recorder::Recorder;
use super::sampler::{MOST_FRAMES, Sampler};
use super::state::CallState;
use super::symbols::Symbols;
use super::ticker::Ticker;
use super::wasi;
use crate::abi::{Abi, Adapter, GuestLevel, LogText, with_adapter};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::grants::{Grant, Grants};
use crate::interrupt::Interrupt;
use crate::stop::{Stop, StopReason};
use crate::text;

/// The interface that renders.
pub(super) const RENDERER: &str = "renderer";
/// The interface that evaluates.
pub(super) const EXPRESSIONS: &str = "expressions";
/// The interface that checks packs.
pub(super) const VALIDATOR: &str = "validator";

/// What a component is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It renders templates.
    Renderer,
    /// It checks packs.
    Validator,
}

impl Role {
    /// The interface that a component of this role exports.
    #[must_use]
    pub const fn interface(self) -> &'static str {
        match self {
            Self::Renderer => RENDERER,
            Self::Validator => VALIDATOR,
        }
    }
}

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
    /// Grants that no plugin gets, whatever its manifest asks for.
    pub denied: Vec<Grant>,
    /// Looked at while guests and the compiler run.
    pub interrupt: Interrupt,
    /// Whether what plugins log is traced; off where they are given secrets.
    pub trace_logs: bool,
    /// Told a plugin's name before it is compiled, since that takes a while.
    pub on_compile: Option<OnCompile>,
    /// Keeps the first call that fails.
    pub recorder: Option<Arc<Recorder>>,
    /// Takes the stacks of guests every millisecond; run profile only.
    pub sampler: Option<Arc<Sampler>>,
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
            denied: Vec::new(),
            interrupt: Interrupt::new(),
            trace_logs: true,
            on_compile: None,
            recorder: None,
            sampler: None,
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
    pub(super) name: Arc<str>,
    pub(super) digest: Digest,
    pub(super) abi: Abi,
    pub(super) traits: Traits,
    pub(super) pre: InstancePre<CallState>,
    pub(super) render: Option<ComponentExportIndex>,
    pub(super) inspect: Option<ComponentExportIndex>,
    pub(super) evaluate: Option<ComponentExportIndex>,
    pub(super) names: Option<ComponentExportIndex>,
    pub(super) rules: Option<ComponentExportIndex>,
    pub(super) check: Option<ComponentExportIndex>,
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

    /// Checks that it has every function of a role.
    fn has(&self, role: Role) -> Result<()> {
        let functions = match role {
            Role::Renderer => [("render", self.render.is_some()), ("inspect", self.inspect.is_some())],
            Role::Validator => [("rules", self.rules.is_some()), ("check", self.check.is_some())],
        };
        match functions.into_iter().find(|(_, there)| !there) {
            Some((function, _)) => Err(missing(role.interface(), function)),
            None => Ok(()),
        }
    }
}

/// The error for a function that a component should have.
pub(super) fn missing(interface: &str, function: &str) -> Error {
    Error::new(ErrorKind::Refused, format!("`{ABI_PACKAGE}/{interface}` has no function `{function}`"))
        .hint(format!("rebuild it from the WIT files of `{ABI_PACKAGE}@{ABI_VERSION}`"))
}

/// Prepares components and calls them.
pub struct Engine {
    pub(super) wasmtime: wasmtime::Engine,
    pub(super) options: EngineOptions,
    pub(super) allocation: Allocation,
    pub(super) no_pool: Option<String>,
    pub(super) linker: Linker<CallState>,
    pub(super) permits: Permits,
    pub(super) ticker: Ticker,
    pub(super) workers: OnceLock<Option<rayon::ThreadPool>>,
    pub(super) cache: Option<CompiledCache>,
    pub(super) compatibility: OnceLock<[u8; 32]>,
    /// Compiled code that was looked up before it was known whether it is needed.
    pub(super) preloaded: DashMap<Digest, wasmtime::component::Component>,
    pub(super) prepared: DashMap<(Digest, Grants), Arc<Plugin>>,
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
            if options.sampler.is_some() {
                config.wasm_backtrace_max_frames(Some(MOST_FRAMES));
            }
            add_allocation(&mut config, allocation, permits, limits.stack, memory);
            wasmtime::Engine::new(&config)
        };
        let (wasmtime, allocation, no_pool) = match make(Allocation::Pooling) {
            Ok(engine) => (engine, Allocation::Pooling, None),
            Err(error) => {
                tracing::warn!("no address space for an instance pool, allocating one by one: {error:#}");
                let engine = make(Allocation::OnDemand).map_err(|error| {
                    Error::new(ErrorKind::Io, "cannot set up the WebAssembly engine")
                        .caused_by(error.into_boxed_dyn_error())
                })?;
                (engine, Allocation::OnDemand, Some(format!("{error:#}")))
            }
        };
        let cache = options.cache.as_ref().map(CompiledCache::open).transpose()?;
        Ok(Self {
            linker: linker(&wasmtime, options.trace_logs)?,
            wasmtime,
            allocation,
            no_pool,
            permits: Permits::new(permits),
            ticker: Ticker::default(),
            workers: OnceLock::new(),
            cache,
            compatibility: OnceLock::new(),
            preloaded: DashMap::new(),
            prepared: DashMap::new(),
            options,
        })
    }

    /// How instances get their memory.
    #[must_use]
    pub fn allocation(&self) -> Allocation {
        self.allocation
    }

    /// Why there is no pool, where there is none.
    #[must_use]
    pub fn no_pool(&self) -> Option<&str> {
        self.no_pool.as_deref()
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
        self.prepare_as(Role::Renderer, component, limits)
    }

    /// Makes a component ready for a role; it is granted nothing.
    ///
    /// # Errors
    /// As [`Engine::prepare`].
    pub fn prepare_as(&self, role: Role, component: &Component<'_>, limits: &Limits) -> Result<Arc<Plugin>> {
        self.prepare_with(role, component, limits, Grants::NONE)
    }

    /// Makes a component ready for a role, with what it is granted.
    ///
    /// # Errors
    /// As [`Engine::prepare`].
    pub fn prepare_with(
        &self,
        role: Role,
        component: &Component<'_>,
        limits: &Limits,
        grants: Grants,
    ) -> Result<Arc<Plugin>> {
        if let Some(recorder) = &self.options.recorder {
            recorder.component(component);
        }
        if let Some(plugin) = self.prepared.get(&(component.digest, grants)) {
            plugin.has(role)?;
            return Ok(Arc::clone(&plugin));
        }
        let _span = tracing::debug_span!("prepare", plugin = component.name).entered();
        let mut abi = Abi::NEWEST;
        let mut traits = Traits { wasi: false, batches: true, symbols: None };
        let header = if component.trusted {
            None
        } else {
            check_size(component.bytes, limits)?;
            let header = Header::read(component.bytes)?;
            header.check_with(role.interface(), grants)?;
            check_memory(&header, limits)?;
            abi = header.abi().as_ref().and_then(Abi::of).unwrap_or(abi);
            traits.wasi = header.needs().contains(&Grant::WasiStub);
            traits.batches = !traits.wasi && with_adapter!(abi, Version => Version::BATCHES);
            traits.symbols = Symbols::read(component.bytes, &header);
            Some(header)
        };
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
        let pre = self.resolve(&compiled, traits.wasi).map_err(|error| {
            let cause = text::printable_line(&format!("{error:#}"));
            Error::new(ErrorKind::Refused, format!("the component's imports can't be given to it: {cause}"))
        })?;
        let export = |interface: &str, function: &str| {
            // A component may have been built for a later patch of its version.
            let name = header.as_ref().and_then(|header| header.export(interface)).map(str::to_owned);
            let name = name.unwrap_or_else(|| format!("{ABI_PACKAGE}/{interface}@{}", abi.version()));
            let interface = compiled.get_export_index(None, name.as_str())?;
            compiled.get_export_index(Some(&interface), function)
        };
        let plugin = Arc::new(Plugin {
            name: component.name.into(),
            digest: component.digest,
            abi,
            traits,
            render: export(RENDERER, "render"),
            inspect: export(RENDERER, "inspect"),
            evaluate: export(EXPRESSIONS, "evaluate"),
            names: export(EXPRESSIONS, "inspect"),
            rules: export(VALIDATOR, "rules"),
            check: export(VALIDATOR, "check"),
            pre,
        });
        plugin.has(role)?;
        self.prepared.insert((component.digest, grants), Arc::clone(&plugin));
        Ok(plugin)
    }

    fn resolve(
        &self,
        component: &wasmtime::component::Component,
        with_wasi: bool,
    ) -> wasmtime::Result<InstancePre<CallState>> {
        if !with_wasi {
            return self.linker.instantiate_pre(component);
        }
        let mut linker = self.linker.clone();
        wasi::add(&mut linker, component, &self.wasmtime)?;
        linker.instantiate_pre(component)
    }

    /// Loads compiled code of the component with a digest, if it is in the cache: for who computes that digest at the
    /// same time. What is in the cache is authenticated, and was compiled from a component with this very digest.
    pub(crate) fn preload(&self, digest: Digest) {
        let loaded = self.cache.as_ref().and_then(|cache| cache.load(&self.wasmtime, &self.entry_key(digest)));
        if let Some(loaded) = loaded {
            self.preloaded.insert(digest, loaded);
        }
    }

    fn entry_key(&self, component: Digest) -> EntryKey<'_> {
        let compatibility = self.compatibility.get_or_init(|| compatibility(&self.wasmtime));
        EntryKey { component, compatibility, profile: self.options.profile }
    }

    fn load(&self, component: &Component<'_>, limits: &Limits) -> Result<wasmtime::component::Component> {
        if let Some(precompiled) = component.precompiled {
            // SAFETY: these bytes are part of this program's own file, made from the component beside them.
            match unsafe { wasmtime::component::Component::deserialize(&self.wasmtime, precompiled) } {
                Ok(loaded) => return Ok(loaded),
                Err(error) => tracing::warn!("the built-in compiled code does not fit this machine: {error:#}"),
            }
        }
        if let Some((_, loaded)) = self.preloaded.remove(&component.digest) {
            return Ok(loaded);
        }
        let key = self.entry_key(component.digest);
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
    for abi in Abi::ACCEPTED {
        linker
            .instance(&format!("{ABI_PACKAGE}/log@{}", abi.version()))
            .and_then(|mut instance| instance.func_wrap("log", log))
            .map_err(|error| {
                Error::new(ErrorKind::Io, "cannot set up imports").caused_by(error.into_boxed_dyn_error())
            })?;
    }
    Ok(linker)
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
