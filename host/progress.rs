//! What takes a while, told as it begins and goes on: by the engine, the library and the facade alike.
//!
//! Always true here: what is told changes nothing about what is done.

use std::fmt;

/// Is told what takes a while. Events come from several threads, and in no order between jobs. Whoever is told must return soon,
/// and must not call the [`Packbox`](crate::Packbox) that tells it: work waits for that.
pub trait Progress: Send + Sync {
    /// Something begins, or goes on.
    fn on(&self, event: &Event<'_>);
}

/// What takes a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'e> {
    /// A plugin is compiled, which is done once where compiled code is kept.
    Compiling {
        /// Its name.
        plugin: &'e str,
        /// Whether its calls are to be measured, for which there is compiled code of its own.
        to_measure: bool,
        /// Whether the compiled code is kept, so that later runs find it.
        kept: bool,
    },
    /// Another process compiles a plugin, and is waited for.
    WaitingForCompiler {
        /// Its name.
        plugin: &'e str,
    },
    /// Another process changes what is installed, and is waited for.
    WaitingForLibrary,
    /// Another process writes to the output folder, and is waited for.
    WaitingForFolder {
        /// Who, in words, as far as that is known: `process 4711 (…), since …`.
        holder: &'e str,
    },
    /// A pack is fetched.
    Fetching {
        /// What is fetched.
        what: &'e str,
        /// Bytes that are here.
        done: u64,
        /// All of its bytes.
        of: u64,
    },
    /// Queries of a pack are about to be answered.
    Asking {
        /// How many.
        queries: usize,
    },
    /// Files are about to be rendered.
    Rendering {
        /// How many.
        files: usize,
    },
    /// Files are about to be written.
    Writing {
        /// How many.
        files: usize,
    },
}

/// Tells nobody.
pub(crate) struct Silent;

impl Progress for Silent {
    fn on(&self, _: &Event<'_>) {}
}

impl<F: Fn(&Event<'_>) + Send + Sync> Progress for F {
    fn on(&self, event: &Event<'_>) {
        self(event);
    }
}

impl fmt::Debug for dyn Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Progress")
    }
}
