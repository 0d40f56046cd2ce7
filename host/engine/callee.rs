//! Who is called: a plugin that is ready, or a component that is made ready when the first call can't be avoided.
//!
//! Always true here: nothing is made ready whose answers are all known.

use std::sync::{Arc, OnceLock};

use super::answers::{Book, Tag};
use super::compiler::Compiler;
use super::exports::Role;
use super::plugin::{Component, Plugin};
use super::run::Run;
use crate::diagnostic::Span;
use crate::digest::Digest;
use crate::error::Result;
use crate::grants::Grants;
use crate::limits::Limits;

/// Who is called.
#[derive(Debug, Clone, Copy)]
pub enum Callee<'a> {
    /// A plugin that is ready.
    Ready(&'a Plugin),
    /// A component that is not, unless somebody needed it before.
    Deferred(&'a Deferred),
}

impl<'a> From<&'a Plugin> for Callee<'a> {
    fn from(plugin: &'a Plugin) -> Self {
        Self::Ready(plugin)
    }
}

impl<'a> From<&'a Arc<Plugin>> for Callee<'a> {
    fn from(plugin: &'a Arc<Plugin>) -> Self {
        Self::Ready(plugin)
    }
}

impl<'a> Callee<'a> {
    /// The plugin, made ready.
    ///
    /// # Errors
    /// Those of [`Run::prepare`].
    pub fn ready(self, run: &Run<'_>) -> Result<&'a Plugin> {
        match self {
            Self::Ready(plugin) => Ok(plugin),
            Self::Deferred(deferred) => deferred.ready(run).map(|plugin| &**plugin),
        }
    }
}

/// A component that is made ready when it is first called.
#[derive(Debug, Clone)]
pub struct Deferred {
    name: Arc<str>,
    bytes: Bytes,
    digest: Digest,
    precompiled: Option<&'static [u8]>,
    trusted: bool,
    role: Role,
    limits: Limits,
    grants: Grants,
    /// Where it is named, for errors.
    place: Option<Span>,
    ready: OnceLock<Arc<Plugin>>,
}

#[derive(Clone)]
enum Bytes {
    Ours(&'static [u8]),
    Theirs(Arc<Vec<u8>>),
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes: &[u8] = match self {
            Self::Ours(bytes) => bytes,
            Self::Theirs(bytes) => bytes,
        };
        write!(formatter, "{} bytes", bytes.len())
    }
}

impl Deferred {
    /// Takes one of ours, and what a call may use.
    #[must_use]
    pub fn ours(component: &Component<'static>, role: Role, limits: Limits) -> Self {
        Self {
            name: component.name.into(),
            bytes: Bytes::Ours(component.bytes),
            digest: component.digest,
            precompiled: component.precompiled,
            trusted: component.trusted,
            role,
            limits,
            grants: Grants::NONE,
            place: None,
            ready: OnceLock::new(),
        }
    }

    /// Takes any, what a call may use, and what it is granted.
    #[must_use]
    pub fn any(component: &Component<'_>, role: Role, limits: Limits, grants: Grants) -> Self {
        Self {
            name: component.name.into(),
            bytes: Bytes::Theirs(Arc::new(component.bytes.to_vec())),
            digest: component.digest,
            precompiled: component.precompiled,
            trusted: component.trusted,
            role,
            limits,
            grants,
            place: None,
            ready: OnceLock::new(),
        }
    }

    /// Takes one that came with a pack, what a call may use, and what it is granted; `place` is where it is named.
    #[must_use]
    pub fn of_pack(
        (name, bytes, digest): (&str, Vec<u8>, Digest),
        role: Role,
        (limits, grants): (Limits, Grants),
        place: Span,
    ) -> Self {
        Self {
            name: name.into(),
            bytes: Bytes::Theirs(Arc::new(bytes)),
            digest,
            precompiled: None,
            trusted: false,
            role,
            limits,
            grants,
            place: Some(place),
            ready: OnceLock::new(),
        }
    }

    /// The plugin, made ready.
    ///
    /// # Errors
    /// Those of [`Run::prepare`], at the place where the component is named.
    pub fn ready(&self, run: &Run<'_>) -> Result<&Arc<Plugin>> {
        if let Some(plugin) = self.ready.get() {
            return Ok(plugin);
        }
        let bytes = match &self.bytes {
            Bytes::Ours(bytes) => bytes,
            Bytes::Theirs(bytes) => &***bytes,
        };
        let component = Component {
            name: &self.name,
            bytes,
            digest: self.digest,
            precompiled: self.precompiled,
            trusted: self.trusted,
        };
        let plugin = run.prepare(self.role, &component, &self.limits, self.grants);
        let plugin = plugin.map_err(|error| match (&error.body().location, &self.place) {
            (None, Some(place)) => error.at(place.clone()),
            _ => error,
        })?;
        Ok(self.ready.get_or_init(|| plugin))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its digest.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// What a call may use.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What answers of it depend on, whatever it is given: which component it is for which packbox, and what it may use. One that
    /// nobody here would compile has no answers of who does.
    #[must_use]
    pub fn tags(&self, run: &Run<'_>, book: &Book) -> (Tag, Tag) {
        let nobody = !self.trusted && matches!(run.engine().options().compiler, Compiler::Nobody);
        let (version, limits, grants) =
            (crate::version().to_string(), format!("{:?}", self.limits), format!("{:?}", self.grants));
        let component = book.tag("component", &[self.digest.as_bytes(), version.as_bytes(), &[u8::from(nobody)]]);
        (component, book.tag("settings", &[limits.as_bytes(), grants.as_bytes()]))
    }
}
