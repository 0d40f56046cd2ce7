//! A component made ready to be called, and what is known about it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use wasmtime::component::{ComponentExportIndex, InstancePre};

use super::exports::{Function, Role};
use super::interface::{ABI_PACKAGE, ABI_VERSION};
use super::state::CallState;
use super::symbols::Symbols;
use crate::abi::Abi;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};

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

/// What is known about a component beside its code.
#[derive(Debug, Default)]
pub(super) struct Traits {
    /// Whether it is given an empty WASI. Then an instance has a state, which the first job would leave behind for the
    /// second, so that each job has an instance of its own.
    pub wasi: bool,
    /// Whether jobs can share a call.
    pub batches: bool,
    /// Whether it is a built-in one, which keeps nothing from one job for the next.
    pub ours: bool,
    /// Which lines its code comes from, where it says so.
    pub symbols: Option<Symbols>,
}

/// A component made ready to be called.
pub struct Plugin {
    pub(super) name: Arc<str>,
    pub(super) digest: Digest,
    pub(super) abi: Abi,
    pub(super) traits: Traits,
    pub(super) pre: InstancePre<CallState>,
    /// Whether an instance wanted more memory than its even share.
    pub(super) is_large: AtomicBool,
    /// In the order of [`Function::ALL`].
    pub(super) exports: Vec<Option<ComponentExportIndex>>,
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
    pub(super) fn has(&self, role: Role) -> Result<()> {
        role.functions().iter().try_for_each(|function| self.export(*function).map(drop))
    }

    /// Where a function is.
    ///
    /// # Errors
    /// `Refused` where it has none.
    pub(super) fn export(&self, function: Function) -> Result<&ComponentExportIndex> {
        let export = self.exports.get(function as usize).and_then(Option::as_ref);
        export.ok_or_else(|| {
            let (interface, name) = (function.interface(), function.name());
            Error::new(ErrorKind::Refused, format!("`{ABI_PACKAGE}/{interface}` has no function `{name}`"))
                .hint(format!("rebuild it from the WIT files of `{ABI_PACKAGE}@{ABI_VERSION}`"))
        })
    }
}
