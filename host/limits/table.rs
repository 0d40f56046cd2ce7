//! The table of all limits (name, default, ceiling, who may set it), and the types that follow from it.
//!
//! A limit is one row, and who enforces it reads its field. The columns: the field (users know `compile_time` as
//! `compile-time`), what it holds for, what it is counted in (times in milliseconds), what holds where nobody says
//! anything, the most that a user may say, who may set it (a manifest up to a ceiling), and what it bounds, which is the
//! text in `docs/limits.md`.
//!
//! Always true here: what is made of a row does not depend on which row it is.

use std::time::Duration;

use super::limit::{Kind, Limit, Scope, SetBy, milliseconds};

const MIB: u64 = 1 << 20;
const MB: u64 = 1_000_000;
const DAY: u64 = 24 * 3600 * 1000;
const ANY: u64 = u64::MAX;

/// The type of a limit's field.
macro_rules! value {
    (Time) => {
        Duration
    };
    ($kind:ident) => {
        u64
    };
}

macro_rules! from_number {
    (Time, $number:expr) => {
        Duration::from_millis($number)
    };
    ($kind:ident, $number:expr) => {
        $number
    };
}

macro_rules! to_number {
    (Time, $value:expr) => {
        milliseconds($value)
    };
    ($kind:ident, $value:expr) => {
        $value
    };
}

/// Makes the rows, and the type that holds a value for each.
macro_rules! values {
    (
        $(#[$about:meta])* $limits:ident, $rows:ident:
        $($field:ident: $scope:ident, $kind:ident, $default:expr, $most:expr, $set_by:expr, $doc:literal;)*
    ) => {
        /// The rows, each by the name of its field.
        #[expect(non_upper_case_globals, reason = "a row has the name of its field")]
        pub mod $rows {
            use super::*;
            $(
                #[doc = $doc]
                pub const $field: Limit = Limit {
                    name: {
                        const FIELD: &str = stringify!($field);
                        const NAME: [u8; FIELD.len()] = with_hyphens(FIELD);
                        match std::str::from_utf8(&NAME) {
                            Ok(name) => name,
                            Err(_) => FIELD,
                        }
                    },
                    field: stringify!($field),
                    scope: Scope::$scope,
                    kind: Kind::$kind,
                    default: $default,
                    most: $most,
                    set_by: $set_by,
                    about: $doc,
                };
            )*
        }

        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $limits {
            $(#[doc = $doc] pub $field: value!($kind),)*
        }

        impl $limits {
            /// All of these limits.
            pub const TABLE: &[Limit] = &[$($rows::$field),*];
            /// What holds where nobody says anything.
            pub const DEFAULT: Self = Self { $($field: from_number!($kind, $rows::$field.default)),* };

            /// Returns a limit in its unit; none where it is not among these.
            #[must_use]
            pub fn get(&self, limit: &Limit) -> Option<u64> {
                match limit.field {
                    $(stringify!($field) => Some(to_number!($kind, self.$field)),)*
                    _ => None,
                }
            }

            /// Sets a limit, in its unit, if it is among these.
            pub(crate) fn put(&mut self, limit: &Limit, number: u64) {
                match limit.field {
                    $(stringify!($field) => self.$field = from_number!($kind, number),)*
                    _ => {}
                }
            }
        }

        impl Default for $limits {
            fn default() -> Self {
                Self::DEFAULT
            }
        }
    };
}

/// Makes the type for what somebody says of limits, and leaves open of others.
macro_rules! request {
    (
        $(#[$about:meta])* $request:ident, $limits:ident, $rows:ident:
        $($field:ident: $scope:ident, $kind:ident, $default:expr, $most:expr, $set_by:expr, $doc:literal;)*
    ) => {
        impl Copy for $limits {}

        impl $limits {
            /// The most that anybody but the user gets.
            pub const CEILING: Self = Self { $($field: from_number!($kind, $rows::$field.ceiling())),* };
        }

        $(#[$about])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct $request {
            $(#[doc = $doc] pub $field: Option<value!($kind)>,)*
        }

        impl $request {
            /// Nothing is said.
            pub const NONE: Self = Self { $($field: None),* };

            /// Returns what is said of a limit, in its unit.
            #[must_use]
            pub fn get(&self, limit: &Limit) -> Option<u64> {
                match limit.field {
                    $(stringify!($field) => self.$field.map(|value| to_number!($kind, value)),)*
                    _ => None,
                }
            }

            /// Says something of a limit, in its unit, if it is among these.
            pub(crate) fn put(&mut self, limit: &Limit, number: u64) {
                match limit.field {
                    $(stringify!($field) => self.$field = Some(from_number!($kind, number)),)*
                    _ => {}
                }
            }
        }
    };
}

macro_rules! calls {
    ($($rows:tt)*) => {
        values! {
            /// The limits of one job (a template, an expression batch), and of preparing a component.
            Limits, of_calls: $($rows)*
        }
        request! {
            /// Limits of calls and components that somebody named; the rest is open.
            LimitRequest, Limits, of_calls: $($rows)*
        }
    };
}

macro_rules! packs {
    ($($rows:tt)*) => {
        values! {
            /// How large a pack may be. A user raises one with `--limit NAME=VALUE`.
            PackLimits, of_packs: $($rows)*
        }
    };
}

calls! {
    memory: Call, Bytes, 64 * MIB, 4096 * MIB, SetBy::Manifest(1024 * MIB), "all linear memories and tables together; growth beyond is refused, and a guest that can't go on is stopped";
    time: Call, Time, 2_000, DAY, SetBy::Manifest(60_000), "wall time, instantiation included; precise to about 10 ms";
    fuel: Call, Fuel, 4_000_000_000, ANY, SetBy::Manifest(4_000_000_000), "units of work, instead of `time`, in `validate` and `score` and with `--measure`; starting an instance may take as many again, which are not counted";
    stack: Call, Bytes, MIB, 64 * MIB, SetBy::Needed(4 * MIB), "WASM stack; one value for all plugins of a run, so only the user sets it";
    result: Call, Bytes, 16 * MIB, 1024 * MIB, SetBy::Manifest(256 * MIB), "everything that a call returns";
    outputs: Call, Count, 1024, ANY, SetBy::Manifest(1024), "files of one template; in a chain, of each stage for one template";
    log: Call, Bytes, 64 * 1024, 1024 * MIB, SetBy::Manifest(64 * 1024), "log messages, each counted as 64 bytes longer; under `wasi-stub` also what is printed";
    input: Call, Bytes, 16 * MIB, 1024 * MIB, SetBy::Manifest(256 * MIB), "variables, partials and templates passed to a call; a call with more does not run";
    component: Component, Bytes, 64 * MIB, 1024 * MIB, SetBy::User, "a larger component is not read";
    compile_time: Compile, Time, 60_000, DAY, SetBy::User, "the compiler process is killed after this much CPU time, or ten times as much wall time";
    compile_memory: Compile, Bytes, 2048 * MIB, 1 << 40, SetBy::User, "address space of the compiler process";
}

macro_rules! runs {
    ($($rows:tt)*) => {
        values! {
            /// What a run may use in all: a pack, from loading it to what comes of it.
            RunLimits, of_runs: $($rows)*
        }

        impl Copy for RunLimits {}
    };
}

packs! {
    pack_bytes: Pack, Bytes, 100 * MB, ANY, SetBy::User, "all files together";
    template_bytes: Pack, Bytes, 10 * MB, ANY, SetBy::User, "one file that is rendered";
    templates: Pack, Count, 10_000, ANY, SetBy::User, "files that are rendered, after folders are expanded; copied files don't count";
    variables: Pack, Count, 100, ANY, SetBy::User, "declared variables";
    queries: Pack, Count, 50, ANY, SetBy::User, "declared queries";
    plugins: Pack, Count, 100, ANY, SetBy::User, "declared plugins";
    manifest_bytes: Pack, Bytes, 10 * MB, ANY, SetBy::User, "`pack.toml`";
    files: Pack, Count, 10_000, ANY, SetBy::User, "files and folders in the pack";
}

runs! {
    run_memory: Run, Bytes, 512 * MIB, 1 << 40, SetBy::User, "total memory: five sixteenths for what packbox holds (files, values, findings, results), half shared by all plugins that run at once, the rest for packbox itself";
    run_time: Run, Time, 600_000, DAY, SetBy::User, "wall time, compiling and waiting for you excluded";
    run_fuel: Run, Fuel, 100_000_000_000, ANY, SetBy::User, "units of work of all calls together, where they are counted (`validate`, `--measure`)";
    run_stops: Run, Count, 100, ANY, SetBy::User, "calls stopped by a limit or a trap; the run ends at this many";
    run_outputs: Run, Count, 100_000, ANY, SetBy::User, "files that are planned, and files that are generated";
    run_output_bytes: Run, Bytes, 1024 * MIB, 1 << 40, SetBy::User, "generated files together, copies included";
    run_findings: Run, Count, 50_000, ANY, SetBy::User, "findings and notes; a pack with more fails";
    run_compile: Run, Time, 120_000, DAY, SetBy::User, "CPU time spent on compiling the pack's components";
}

/// The name that users know a field by.
const fn with_hyphens<const LENGTH: usize>(field: &str) -> [u8; LENGTH] {
    let mut name = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        let byte = field.as_bytes()[at];
        name[at] = if byte == b'_' { b'-' } else { byte };
        at += 1;
    }
    name
}
