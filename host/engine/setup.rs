//! The engine: wasmtime as it is configured here, its threads and its clock.
//!
//! Always true here: no guest runs; wasmtime is set up when the first component is made ready, and not where all answers are
//! known.

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use dashmap::DashMap;
use wasmtime::component::Linker;

use super::answers::Book;
use super::cache::{CacheKeySource, CompiledCache, bound_key};
use super::config::{Allocation, Profile, add_allocation, code_config};
use super::interface::ABI_PACKAGE;
use super::options::EngineOptions;
use super::permits::Permits;
use super::plugin::Plugin;
use super::sampler::SAMPLE_TICK;
use super::state::CallState;
use super::ticker::{TICK, Ticker};
use crate::abi::{Abi, GuestLevel, LogText};
use crate::advice::said;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::grants::Grants;
use crate::limits::{Company, LimitRequest, Limits};
use crate::text;

/// Native stack of a worker beyond the guest's: the host's own frames, with room to spare.
const NATIVE_STACK: u64 = 2 << 20;
/// What keeps the key of answers apart from others.
const PURPOSE_OF_ANSWERS: &str = "packbox answers key 1";
/// The folder of answers, beside that of compiled code.
pub const ANSWERS: &str = "answers";

/// Prepares components and calls them.
pub struct Engine {
    core: OnceLock<Core>,
    /// Held by who sets it up.
    setting_up: Mutex<()>,
    wanted: Wanted,
    pub(super) options: EngineOptions,
    pub(super) permits: Permits,
    pub(super) company: Arc<Company>,
    pub(super) ticker: Ticker,
    pub(super) workers: OnceLock<Option<rayon::ThreadPool>>,
    pub(super) cache: Option<CompiledCache>,
    pub(super) compatibility: OnceLock<[u8; 32]>,
    /// Compiled code that was looked up before it was known whether it is needed.
    pub(super) preloaded: DashMap<Digest, wasmtime::component::Component>,
    /// Compiled code of this process; who holds a lock compiles, and others wait for that.
    pub(super) compiled: DashMap<Digest, Arc<Mutex<Option<wasmtime::component::Component>>>>,
    pub(super) prepared: DashMap<(Digest, Grants), Arc<Plugin>>,
}

/// Wasmtime, set up.
struct Core {
    wasmtime: wasmtime::Engine,
    allocation: Allocation,
    no_pool: Option<String>,
    linker: Linker<CallState>,
}

/// How it is to be set up.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    allocation: Allocation,
    /// Whether memories are filled from images.
    images: bool,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Engine").field("allocation", &self.allocation()).finish_non_exhaustive()
    }
}

impl Engine {
    /// Makes an engine, which is set up when it is first needed: for 200 files of which nothing changed it never is.
    ///
    /// # Errors
    /// `Io` where the cache's folder or key can't be used.
    pub fn new(options: EngineOptions) -> Result<Self> {
        Self::allocating(options, Allocation::Pooling, true)
    }

    /// [`Engine::new`], with another allocation than a pool, and without images from which memories are filled.
    pub(super) fn allocating(options: EngineOptions, allocation: Allocation, images: bool) -> Result<Self> {
        let permits = permits(&options);
        let cache = options.cache.as_ref().map(CompiledCache::open).transpose()?;
        Ok(Self {
            core: OnceLock::new(),
            setting_up: Mutex::new(()),
            wanted: Wanted { allocation, images },
            permits: Permits::new(permits, options.run.guest_memory()),
            company: Arc::default(),
            ticker: Ticker::default(),
            workers: OnceLock::new(),
            cache,
            compatibility: OnceLock::new(),
            preloaded: DashMap::new(),
            compiled: DashMap::new(),
            prepared: DashMap::new(),
            options,
        })
    }

    /// Sets the engine up, unless it is. Where the address space for a pool can't be had, instances are allocated one by one,
    /// and a warning says so.
    ///
    /// # Errors
    /// `Io` where it can't be set up at all.
    pub fn set_up(&self) -> Result<()> {
        self.core().map(drop)
    }

    fn core(&self) -> Result<&Core> {
        if let Some(core) = self.core.get() {
            return Ok(core);
        }
        let _alone = self.setting_up.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(core) = self.core.get() {
            return Ok(core);
        }
        let core = Core::new(&self.options, self.wanted)?;
        Ok(self.core.get_or_init(|| core))
    }

    /// Wasmtime, set up.
    pub(super) fn wasmtime(&self) -> Result<&wasmtime::Engine> {
        self.core().map(|core| &core.wasmtime)
    }

    /// What components may import.
    pub(super) fn linker(&self) -> Result<&Linker<CallState>> {
        self.core().map(|core| &core.linker)
    }

    /// Makes sure that deadlines are looked at.
    pub(super) fn start_clock(&self) -> Result<()> {
        let period = if self.options.sampler.is_some() { SAMPLE_TICK } else { TICK };
        self.ticker.start(self.wasmtime()?, period)
    }

    /// The answers of a pack's calls; none where nothing is kept, or where calls are made to be looked at: measured, sampled or
    /// recorded.
    #[must_use]
    pub fn book(&self, of: &str) -> Option<Arc<Book>> {
        let options = &self.options;
        let is_looked_at =
            options.profile == Profile::Measure || options.recorder.is_some() || options.sampler.is_some();
        let location = options.cache.as_ref().filter(|_| !is_looked_at)?;
        let key = match &location.key {
            CacheKeySource::Secret(secret) => blake3::derive_key(PURPOSE_OF_ANSWERS, secret),
            CacheKeySource::File(path) => bound_key(path, PURPOSE_OF_ANSWERS).ok()?,
        };
        Some(Arc::new(Book::at(&location.folder.with_file_name(ANSWERS), of, key)))
    }

    /// How instances get their memory; none where no component was needed yet.
    #[must_use]
    pub fn allocation(&self) -> Option<Allocation> {
        self.core.get().map(|core| core.allocation)
    }

    /// Why there is no pool, where there is none.
    #[must_use]
    pub fn no_pool(&self) -> Option<&str> {
        self.core.get().and_then(|core| core.no_pool.as_deref())
    }

    /// How the engine was set up.
    #[must_use]
    pub fn options(&self) -> &EngineOptions {
        &self.options
    }

    /// Runs work on the threads that have stack enough for guests.
    ///
    /// # Errors
    /// `Io` where threads can't be started.
    pub fn on_workers<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T> {
        Ok(self.workers()?.install(work))
    }

    /// Does pieces of work on those threads, each to its end on one of them, and gives what came of them in their order. Who
    /// asks waits beside them: a thread of theirs that waited would take up what another job asks for, and come back only when
    /// that has ended.
    ///
    /// # Errors
    /// `Io` where threads can't be started.
    pub fn each_on_workers<I: Sync, T: Send>(&self, pieces: &[I], work: impl Fn(&I) -> T + Sync) -> Result<Vec<T>> {
        let mut done: Vec<Option<T>> = pieces.iter().map(|_| None).collect();
        self.workers()?.in_place_scope(|scope| {
            for (piece, place) in pieces.iter().zip(&mut done) {
                let work = &work;
                scope.spawn(move |_| *place = Some(work(piece)));
            }
        });
        Ok(done.into_iter().flatten().collect())
    }

    /// Jobs by their numbers, a few pieces for each of those threads, none of which is large.
    pub(super) fn evenly(&self, jobs: usize) -> Vec<Range<usize>> {
        let size = jobs.div_ceil(self.options.threads.get() * 2).clamp(1, 100);
        (0..jobs).step_by(size).map(|start| start..(start + size).min(jobs)).collect()
    }

    fn workers(&self) -> Result<&rayon::ThreadPool> {
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
        workers.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Io, "cannot start threads that run plugins").hint(format!(
                "raise the limit on threads (`ulimit -u`), or {}",
                said("run with `--jobs 1`", "use fewer")
            ))
        })
    }
}

impl Core {
    fn new(options: &EngineOptions, wanted: Wanted) -> Result<Self> {
        let limits = LimitRequest::effective(&LimitRequest::default(), &options.limits);
        let memory = options.limits.memory.unwrap_or(0).max(Limits::CEILING.memory);
        let make = |allocation| {
            let mut config = code_config(options.profile);
            config.memory_init_cow(wanted.images);
            add_allocation(&mut config, allocation, permits(options), limits.stack, memory);
            wasmtime::Engine::new(&config)
        };
        let (wasmtime, allocation, no_pool) = match make(wanted.allocation) {
            Ok(engine) => (engine, wanted.allocation, None),
            Err(error) => {
                tracing::warn!("no address space for an instance pool, allocating one by one: {error:#}");
                let engine = make(Allocation::OnDemand).map_err(|error| {
                    Error::new(ErrorKind::Io, "cannot set up the WebAssembly engine")
                        .caused_by(error.into_boxed_dyn_error())
                })?;
                (engine, Allocation::OnDemand, Some(format!("{error:#}")))
            }
        };
        Ok(Self { linker: linker(&wasmtime, options.trace_logs)?, wasmtime, allocation, no_pool })
    }
}

/// How many instances there are at once.
fn permits(options: &EngineOptions) -> u32 {
    u32::try_from(options.threads.get()).unwrap_or(1024).clamp(1, 1024)
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
