//! Components made ready to be called.
//!
//! Always true here: no guest runs; a stranger's component is looked at before it is compiled.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use wasmtime::component::InstancePre;

use super::exports::{Function, Role};
use super::fixed::{MEMORIES, TABLES};
use super::header::Header;
use super::interface::ABI_PACKAGE;
use super::plugin::{Component, Plugin, Traits};
use super::run::Run;
use super::setup::Engine;
use super::state::CallState;
use super::symbols::Symbols;
use super::wasi;
use crate::abi::{Abi, Adapter, with_adapter};
use crate::error::{Error, ErrorKind, Result};
use crate::grants::{Grant, Grants};
use crate::limits::Limits;
use crate::stop::{Stop, StopReason};
use crate::text;

impl Engine {
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

    /// Makes a component ready for a role, with what it is granted, in a run of its own.
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
        self.run().prepare(role, component, limits, grants)
    }

    fn resolve(
        &self,
        component: &wasmtime::component::Component,
        with_wasi: bool,
    ) -> wasmtime::Result<InstancePre<CallState>> {
        if !with_wasi {
            return self.linker()?.instantiate_pre(component);
        }
        let mut linker = self.linker()?.clone();
        wasi::add(&mut linker, component, self.wasmtime()?)?;
        linker.instantiate_pre(component)
    }
}

impl Run<'_> {
    /// Makes a component ready for a role, with what it is granted.
    ///
    /// # Errors
    /// As [`Engine::prepare`], and `Stopped` where the run has no time left for compiling.
    pub fn prepare(
        &self,
        role: Role,
        component: &Component<'_>,
        limits: &Limits,
        grants: Grants,
    ) -> Result<Arc<Plugin>> {
        let engine = self.engine;
        if let Some(recorder) = &engine.options.recorder {
            recorder.component(component);
        }
        if let Some(plugin) = engine.prepared.get(&(component.digest, grants)) {
            plugin.has(role)?;
            return Ok(Arc::clone(&plugin));
        }
        let _span = tracing::debug_span!("prepare", plugin = component.name).entered();
        let header = (!component.trusted).then(|| examine(role, component, limits, grants)).transpose()?;
        let abi = header.as_ref().and_then(|header| Abi::of(&header.abi()?)).unwrap_or(Abi::NEWEST);
        let traits = traits(component, header.as_ref(), abi);
        engine.start_clock()?;
        let compiled = engine.load(component, limits, &self.budget)?;
        check_resources(&compiled)?;
        let pre = engine.resolve(&compiled, traits.wasi).map_err(|error| {
            let cause = text::printable_line(&format!("{error:#}"));
            Error::new(ErrorKind::Refused, format!("the component's imports can't be provided: {cause}"))
        })?;
        let export = |function: &Function| {
            // A component may have been built for a later patch of its version.
            let name = header.as_ref().and_then(|header| header.export(function.interface())).map(str::to_owned);
            let name = name.unwrap_or_else(|| format!("{ABI_PACKAGE}/{}@{}", function.interface(), abi.version()));
            let interface = compiled.get_export_index(None, name.as_str())?;
            compiled.get_export_index(Some(&interface), function.name())
        };
        let plugin = Arc::new(Plugin {
            name: component.name.into(),
            digest: component.digest,
            abi,
            traits,
            exports: Function::ALL.iter().map(export).collect(),
            pre,
            is_large: AtomicBool::new(false),
        });
        plugin.has(role)?;
        engine.prepared.insert((component.digest, grants), Arc::clone(&plugin));
        Ok(plugin)
    }
}

/// Looks at a stranger's component before it is compiled.
fn examine(role: Role, component: &Component<'_>, limits: &Limits, grants: Grants) -> Result<Header> {
    check_size(component.bytes, limits)?;
    let header = Header::read(component.bytes)?;
    header.check_with(role.interface(), grants)?;
    check_memory(&header, limits)?;
    Ok(header)
}

/// What is known about a component; one of ours, which has no header here, is as components should be.
fn traits(component: &Component<'_>, header: Option<&Header>, abi: Abi) -> Traits {
    let Some(header) = header else { return Traits { wasi: false, batches: true, ours: true, symbols: None } };
    let wasi = header.needs().contains(&Grant::WasiStub);
    let batches = !wasi && with_adapter!(abi, Version => Version::BATCHES);
    Traits { wasi, batches, ours: false, symbols: Symbols::read(component.bytes, header) }
}

/// Checks what instances of it have at most, as the compiler sees it.
fn check_resources(compiled: &wasmtime::component::Component) -> Result<()> {
    let Some(resources) = compiled.resources_required() else {
        return Err(Error::new(ErrorKind::Refused, "the component instantiates modules that it imports"));
    };
    if resources.num_memories > MEMORIES || resources.num_tables > TABLES {
        let (memories, tables) = (resources.num_memories, resources.num_tables);
        let detail = format!(
            "the component makes {memories} memories and {tables} tables, but at most {MEMORIES} and {TABLES} are allowed"
        );
        let stop = Stop::new(StopReason::ComponentResources, detail);
        return Err(Error::new(ErrorKind::Stopped, stop.detail.clone()).with_stop(stop));
    }
    Ok(())
}

fn check_size(component: &[u8], limits: &Limits) -> Result<()> {
    if component.len() as u64 <= limits.component {
        return Ok(());
    }
    let (size, most) = (text::format_bytes(component.len() as u64), text::format_bytes(limits.component));
    let detail = format!("the component has {size}, but the limit is {most}");
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
    let detail = format!("the component starts with {wanted} of memory, but the limit is {most}");
    let stop = Stop::new(StopReason::Memory, detail).limit(limits.memory);
    Err(Error::new(ErrorKind::Stopped, stop.detail.clone()).with_stop(stop))
}
