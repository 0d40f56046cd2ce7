//! Compiled code of a component: from the program itself, from the cache, or from the compiler.
//!
//! Always true here: a stranger's component is compiled by the compiler that the embedder named.

use std::time::Instant;

use super::cache::EntryKey;
use super::compiler::{Compilation, Compiler, compile_here, compile_in_child};
use super::config::compatibility;
use super::plugin::Component;
use super::setup::Engine;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{Budget, Limits};
use crate::text;

impl Engine {
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

    pub(super) fn load(
        &self,
        component: &Component<'_>,
        limits: &Limits,
        budget: &Budget,
    ) -> Result<wasmtime::component::Component> {
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
        let started = Instant::now();
        let code = match &self.options.compiler {
            Compiler::Child(program) if !component.trusted => {
                let interrupted = || self.options.interrupt.is_set();
                let (component, profile, left) = (component.bytes, self.options.profile, budget.left_to_compile()?);
                let wanted = Compilation { component, profile, limits, left };
                let (code, time) = compile_in_child(program, &wanted, &interrupted);
                budget.compiled(time);
                code
            }
            Compiler::Child(_) | Compiler::InProcess => compile_here(&self.wasmtime, component.bytes),
        };
        budget.waited(started.elapsed());
        let code = code?;
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
        compile_here(&self.wasmtime, component)
    }
}
