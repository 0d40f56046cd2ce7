//! Compiled code of a component: from the program itself, from the cache, or from the compiler.
//!
//! Always true here: a stranger's component is compiled by the compiler that the embedder named; a component is compiled by
//! one thread of one process at a time, and whoever wanted it, too, takes what came of that.

use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};

use super::cache::EntryKey;
use super::compiler::{Compilation, Compiler, POLL, compile_here, compile_in_child, last_deadline};
use super::config::{Profile, compatibility};
use super::entry_lock::{Attempt, EntryLock};
use super::plugin::Component;
use super::setup::Engine;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;
use crate::limits::{Budget, Limits};
use crate::progress::Event;
use crate::text;

/// How often another process is looked at before its work is told.
const TELL_AFTER: u32 = 10;

impl Engine {
    /// Loads compiled code of the component with a digest, if it is in the cache: for who computes that digest at the
    /// same time. What is in the cache is authenticated, and was compiled from a component with this very digest.
    pub(crate) fn preload(&self, digest: Digest) {
        // What can't be set up is told by who needs it.
        let Ok(wasmtime) = self.wasmtime() else { return };
        let loaded = self.cache.as_ref().and_then(|cache| cache.load(wasmtime, &self.entry_key(wasmtime, digest)));
        if let Some(loaded) = loaded {
            self.preloaded.insert(digest, loaded);
        }
    }

    fn entry_key(&self, wasmtime: &wasmtime::Engine, component: Digest) -> EntryKey<'_> {
        let compatibility = self.compatibility.get_or_init(|| compatibility(wasmtime));
        EntryKey { component, compatibility, profile: self.options.profile }
    }

    pub(super) fn load(
        &self,
        component: &Component<'_>,
        limits: &Limits,
        budget: &Budget,
    ) -> Result<wasmtime::component::Component> {
        let wasmtime = self.wasmtime()?;
        if let Some(precompiled) = component.precompiled {
            // SAFETY: these bytes are part of this program's own file, made from the component beside them.
            match unsafe { wasmtime::component::Component::deserialize(wasmtime, precompiled) } {
                Ok(loaded) => return Ok(loaded),
                Err(error) => tracing::warn!("the built-in compiled code does not fit this machine: {error:#}"),
            }
        }
        if let Some((_, loaded)) = self.preloaded.remove(&component.digest) {
            return Ok(loaded);
        }
        let key = self.entry_key(wasmtime, component.digest);
        if let Some(loaded) = self.cache.as_ref().and_then(|cache| cache.load(wasmtime, &key)) {
            return Ok(loaded);
        }
        let place = Arc::clone(&self.compiled.entry(component.digest).or_default());
        let wait = Wait::new(budget.interrupt(), limits);
        let compiled = wait.for_thread(&place).and_then(|mut place| {
            if let Some(loaded) = &*place {
                return Ok(loaded.clone());
            }
            let loaded = self.compile_once(component, limits, budget, &wait)?;
            Ok(place.insert(loaded).clone())
        });
        budget.waited(wait.began.elapsed());
        compiled
    }

    /// Compiles a component, or waits for another process that does; this thread is the only one of this process.
    fn compile_once(
        &self,
        component: &Component<'_>,
        limits: &Limits,
        budget: &Budget,
        wait: &Wait<'_>,
    ) -> Result<wasmtime::component::Component> {
        let wasmtime = self.wasmtime()?;
        let key = self.entry_key(wasmtime, component.digest);
        let (plugin, progress) = (component.name, &self.options.progress);
        let _lock = match &self.cache {
            Some(cache) => {
                let lock =
                    wait.for_process(|| cache.try_lock(&key), || progress.on(&Event::WaitingForCompiler { plugin }))?;
                // Whoever held the lock, or the thread that was waited for, may have compiled it by now.
                if let Some(loaded) = cache.load(wasmtime, &key) {
                    return Ok(loaded);
                }
                lock
            }
            None => None,
        };
        if matches!(self.options.compiler, Compiler::Nobody) && !component.trusted {
            let name = text::printable_line(component.name);
            let detail = format!("the plugin `{name}` came with the pack, but no compiler is set up for it");
            return Err(Error::new(ErrorKind::Refused, detail)
                .hint("name a `packbox` binary when setting up the library: `Packbox::builder().compiler(PATH)`"));
        }
        let (to_measure, kept) = (self.options.profile == Profile::Measure, self.cache.is_some());
        progress.on(&Event::Compiling { plugin, to_measure, kept });
        let code = match &self.options.compiler {
            Compiler::Child(program) if !component.trusted => {
                let interrupted = || budget.interrupt().is_set();
                let (component, profile, left) = (component.bytes, self.options.profile, budget.left_to_compile()?);
                let wanted = Compilation { component, profile, limits, left };
                let (code, time) = compile_in_child(program, &wanted, &interrupted);
                budget.compiled(time);
                if code.is_err() {
                    // Where the run had less time than a component may take, it is the run's time that was short.
                    budget.left_to_compile()?;
                }
                code
            }
            // On a thread of its own: one that runs guests could take on other work while it waits for its helpers, and
            // that could wait for this very component.
            Compiler::Child(_) | Compiler::Nobody | Compiler::InProcess => std::thread::scope(|scope| {
                let compiling = scope.spawn(|| compile_here(wasmtime, component.bytes));
                compiling.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            }),
        };
        let code = code?;
        if let Some(cache) = &self.cache {
            cache.store(&key, &code);
        }
        // SAFETY: the bytes come from `precompile_component`, in this process or in the child that we started.
        unsafe { wasmtime::component::Component::deserialize(wasmtime, &code) }.map_err(|error| {
            let cause = text::printable_line(&format!("{error:#}"));
            Error::new(ErrorKind::Refused, format!("the component needs more than the engine offers: {cause}"))
        })
    }

    /// Compiles a component that is ours to code that [`Component::precompiled`] takes.
    ///
    /// # Errors
    /// `Refused` where it does not compile.
    pub fn precompile(&self, component: &[u8]) -> Result<Vec<u8>> {
        compile_here(self.wasmtime()?, component)
    }
}

/// How long somebody else is waited for who compiles the same component.
struct Wait<'a> {
    interrupt: &'a Interrupt,
    began: Instant,
    most: Duration,
}

impl<'a> Wait<'a> {
    fn new(interrupt: &'a Interrupt, limits: &Limits) -> Self {
        Self { interrupt, began: Instant::now(), most: last_deadline(limits) }
    }

    /// Waits for the thread of this process that compiles.
    fn for_thread<'p, T>(&self, place: &'p Mutex<T>) -> Result<MutexGuard<'p, T>> {
        loop {
            match place.try_lock() {
                Ok(place) => return Ok(place),
                Err(TryLockError::Poisoned(place)) => return Ok(place.into_inner()),
                Err(TryLockError::WouldBlock) => self.a_moment()?,
            }
        }
    }

    /// Waits for the process that compiles. Where one takes longer than compiling may, this one goes on by itself.
    fn for_process(&self, attempt: impl Fn() -> Attempt, told: impl Fn()) -> Result<Option<EntryLock>> {
        for round in 0_u32.. {
            match attempt() {
                Attempt::Taken(lock) => return Ok(Some(lock)),
                Attempt::Unsupported => break,
                Attempt::Busy if self.began.elapsed() >= self.most => break,
                Attempt::Busy => {}
            }
            // A lock that is given back at once is not worth a word.
            if round == TELL_AFTER {
                told();
            }
            self.a_moment()?;
        }
        Ok(None)
    }

    fn a_moment(&self) -> Result<()> {
        if self.interrupt.is_set() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted while a component was compiled"));
        }
        std::thread::sleep(POLL);
        Ok(())
    }
}
