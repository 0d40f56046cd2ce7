//! The functions of the ABI that the host calls: one table of them, and what each has to say about itself.
//!
//! A function is a row of the table and an [`Export`] in the file of its interface. From the row follow where a plugin
//! keeps it, what a record of a call holds, and which failed call is the first; from the export, how it is called.
//!
//! Always true here: declarations only; nothing is called, and no file below knows another.

pub mod expressions;
pub mod merger;
pub mod query_engine;
pub mod renderer;
pub mod validator;

use std::time::Duration;

use serde_json::Value;
use wasmtime::component::{ComponentNamedList, Lift, Lower};

use super::input::{Part, PartMut, owned};
use crate::abi::{Adapter, GuestConflict, GuestDiagnostic, GuestFailure, GuestPart};
use crate::limits::LimitRequest;

/// Hands the table to a macro. A row: the variant of [`Input`], the file and the type of its [`Export`], interface and function, and the parts of
/// an input, each with its kind and its key in a record, in which keys stand in this order.
///
/// The order of rows is the one in which failed calls are looked for: a new one comes last.
macro_rules! functions {
    ($use:ident) => {
        $use! {
            /// `validator.rules`
            Rules = validator Rules, "validator" "rules" {};
            /// `expressions.inspect`
            Names = expressions Names, "expressions" "inspect" { text: Text = "text", mode: Mode = "mode" };
            /// `expressions.evaluate`
            Evaluate = expressions Evaluate, "expressions" "evaluate" {
                context: Variables = "context", text: Text = "text", mode: Mode = "mode", locals: Json = "locals"
            };
            /// `renderer.inspect`
            Inspect = renderer Inspect, "renderer" "inspect" { template: File = "template" };
            /// `renderer.render`, with one job
            Render = renderer Render, "renderer" "render" {
                context: Variables = "context", partials: Files = "files", template: File = "template",
                locals: Json = "locals", options: Json = "options"
            };
            /// `validator.check`
            Check = validator Check, "validator" "check" {
                files: Files = "files", options: Json = "options", manifest: Json = "manifest", facts: Json = "facts"
            };
            /// `merger.policies`
            Policies = merger Policies, "merger" "policies" {};
            /// `merger.merge`, with one job
            Merge = merger Merge, "merger" "merge" {
                path: Text = "path", policy: Text = "policy", options: Json = "options", base: Maybe = "base",
                sides: Files = "sides"
            };
            /// `query-engine.inspect`, with one query
            Describe = query_engine Describe, "query-engine" "inspect" {
                setting: Json = "setting", query: File = "query", options: Json = "options"
            };
            /// `query-engine.ask`, with one query
            Ask = query_engine Ask, "query-engine" "ask" {
                setting: Json = "setting", files: Files = "files", sources: Json = "sources", query: File = "query",
                options: Json = "options"
            };
        }
    };
}
pub(super) use functions;

/// Declares what a component can be wanted for: a world of the ABI, by the interface that it exports.
macro_rules! roles {
    ($($(#[$about:meta])* $role:ident = $interface:literal [$($function:ident),+];)+) => {
        /// What a component is wanted for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Role { $($(#[$about])* $role),+ }

        impl Role {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$role),+];

            /// The interface that a component of this role exports.
            #[must_use]
            pub const fn interface(self) -> &'static str {
                match self { $(Self::$role => $interface),+ }
            }

            /// The functions that it must have.
            #[must_use]
            pub const fn functions(self) -> &'static [Function] {
                match self { $(Self::$role => &[$(Function::$function),+]),+ }
            }
        }
    };
}

roles! {
    /// It renders templates.
    Renderer = "renderer" [Render, Inspect];
    /// It checks packs.
    Validator = "validator" [Rules, Check];
    /// It makes one file of several.
    Merger = "merger" [Policies, Merge];
    /// It answers queries about graphs.
    QueryEngine = "query-engine" [Describe, Ask];
}

/// Declares [`Function`] and [`Input`] from the table.
macro_rules! declare {
    ($($(#[$about:meta])* $name:ident = $module:ident $export:ident, $interface:literal $function:literal {
        $($part:ident: $kind:ident = $key:literal),*
    };)+) => {
        /// A function of the ABI.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Function { $($(#[$about])* $name),+ }

        impl Function {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its interface.
            #[must_use]
            pub const fn interface(self) -> &'static str {
                match self { $(Self::$name => $interface),+ }
            }

            /// Its name in the interface.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $function),+ }
            }

            /// Its name as `interface.function`.
            #[must_use]
            pub const fn full_name(self) -> &'static str {
                match self { $(Self::$name => concat!($interface, ".", $function)),+ }
            }

            /// An input for it with nothing in its parts.
            #[must_use]
            pub fn blank(self) -> Input {
                match self { $(Self::$name => Input::$name { $($part: Default::default()),* }),+ }
            }
        }

        /// What a call is given.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the fields are the parameters of the functions in `wit/`")]
        pub enum Input { $($(#[$about])* $name { $($part: owned::$kind),* }),+ }

        impl Input {
            /// The function that it is for.
            #[must_use]
            pub const fn function(&self) -> Function {
                match self { $(Self::$name { .. } => Function::$name),+ }
            }

            /// Its parts with their keys.
            #[must_use]
            pub fn parts(&self) -> Vec<(&'static str, Part<'_>)> {
                match self { $(Self::$name { $($part),* } => vec![$(($key, Part::$kind($part))),*]),+ }
            }

            /// Its parts with their keys, to be changed.
            #[must_use]
            pub fn parts_mut(&mut self) -> Vec<(&'static str, PartMut<'_>)> {
                match self { $(Self::$name { $($part),* } => vec![$(($key, PartMut::$kind($part))),*]),+ }
            }
        }
    };
}
functions!(declare);

impl Role {
    /// What a call of such a component may use where nobody says anything, beside what holds for all.
    #[must_use]
    pub const fn limits(self) -> LimitRequest {
        match self {
            Self::Renderer | Self::Validator | Self::Merger => LimitRequest::NONE,
            Self::QueryEngine => LimitRequest {
                memory: Some(256 << 20),
                time: Some(Duration::from_secs(30)),
                // So much that an endless query still ends by it, and not by time.
                fuel: Some(16_000_000_000),
                input: Some(64 << 20),
                ..LimitRequest::NONE
            },
        }
    }
}

impl Function {
    /// What a component is wanted for where this is called. Expressions are evaluated by renderers.
    #[must_use]
    pub fn role(self) -> Role {
        let has = |role: &&Role| role.functions().contains(&self);
        Role::ALL.iter().find(has).copied().unwrap_or(Role::Renderer)
    }
}

/// What each job came to.
pub type Results<T> = Vec<Result<T, GuestFailure>>;

/// A call of a function, with all that it is given.
///
/// Every call is one of jobs, and what comes of a job depends on nothing but it and on what is shared: the host may
/// split them over calls as it likes. A function without a batch has one job, `()`, and everything is shared.
pub trait Export: Sync {
    /// The function.
    const FUNCTION: Function;
    /// Whether somebody wants to know what each job costs: then it has an instance of its own where fuel is counted.
    const MEASURED: bool = true;
    /// How many times as long as one of templates a batch may take, for each byte and in all.
    const SLOWNESS: u32 = 1;
    /// One element of a batch.
    type Job: Sync;
    /// What comes of one.
    type Output: Send;
    /// What the function takes.
    type Parameters<'p, A: Adapter>: ComponentNamedList + Lower
    where
        Self: 'p;
    /// What it gives.
    type Given<A: Adapter>: ComponentNamedList + Lift + 'static;

    /// The jobs.
    fn jobs(&self) -> &[Self::Job];

    /// Bytes that each call hands in beside its jobs.
    fn shared_bytes(&self) -> u64;

    /// Bytes that a job hands in.
    fn job_bytes(job: &Self::Job) -> u64 {
        let _ = job;
        0
    }

    /// What a job asks for that the plugin's version of the ABI can't say; such a job is not handed over.
    fn lacks<A: Adapter>(job: &Self::Job) -> Option<&'static str> {
        let _ = job;
        None
    }

    /// The parameters for some of the jobs, at least one; for exactly one where the version has no batches.
    fn parameters<'p, A: Adapter>(&'p self, jobs: &'p [Self::Job]) -> Self::Parameters<'p, A>;

    /// Takes apart what the function gave.
    fn results<A: Adapter>(given: Self::Given<A>) -> Results<Self::Output>;

    /// Checks what an output says about the job that it came from, beyond what types say.
    ///
    /// # Errors
    /// What is not true of it.
    fn check(job: &Self::Job, output: &Self::Output) -> Result<(), String> {
        let _ = (job, output);
        Ok(())
    }

    /// What failed jobs of this function are ordered by; plugins come after that.
    fn order(job: &Self::Job) -> (&str, &[u8]) {
        let _ = job;
        ("", b"")
    }

    /// All that a call with this job alone is given.
    fn input(&self, job: &Self::Job) -> Input;

    /// Turns an output into what records keep and compare; files and findings go to `telling`.
    fn tell(output: &Self::Output, telling: &mut dyn Telling) -> Value;
}

/// A call that can be made with some of its jobs only.
pub trait Portion: Export {
    /// The same call with these jobs.
    #[must_use]
    fn portion(&self, jobs: Vec<Self::Job>) -> Self;
}

/// Takes what is in an output.
pub trait Telling {
    /// A file that was made; without a path it has the one that the manifest gives.
    fn file(&mut self, path: Option<&str>, contents: &[u8], executable: bool);

    /// Whose the bytes of the file are that was just told: indexes into the sides that were handed in.
    fn parts(&mut self, parts: &[GuestPart]);

    /// What owners want differently. Returns it as it is to be kept.
    fn conflicts(&mut self, conflicts: &[GuestConflict]) -> Value;

    /// Remarks about what was made. Returns them as they are to be kept.
    fn notes(&mut self, notes: &[GuestDiagnostic]) -> Value;

    /// Findings about what was handed in. Returns them as they are to be kept.
    fn found(&mut self, found: &[GuestDiagnostic]) -> Value;

    /// Bytes that were given back otherwise.
    fn bytes(&mut self, count: usize);
}
