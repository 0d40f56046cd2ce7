//! Limits: what one call may use, what compiling may use, and how a manifest's wish and the user's word combine.
//!
//! Always true here: plain data; a limit in force is never above [`Limits::CEILING`] unless the user said so by name.

use std::time::Duration;

use serde::Serialize;

use crate::error::{Error, ErrorKind};
use crate::text;

/// The limits of one job (a template, an expression batch), and of preparing a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Bytes of all linear memories and tables of an instance together.
    pub memory: u64,
    /// Wall time of a call, instantiation included. Seen by epochs: precise to about 10 ms.
    #[serde(serialize_with = "serialize_milliseconds")]
    pub time: Duration,
    /// Units of fuel of a call (measure profile only).
    pub fuel: u64,
    /// Bytes of the WASM stack; a property of the engine, so the same for all plugins of a run.
    pub stack: u64,
    /// Bytes that a call may give back, everything together.
    pub result: u64,
    /// Files that one job may give.
    pub outputs: u64,
    /// Bytes of log messages of a call (each counts 64 more).
    pub log: u64,
    /// Bytes of context, partials and templates handed to a call.
    pub input: u64,
    /// Bytes of a component.
    pub component: u64,
    /// Wall time of compiling a component.
    #[serde(serialize_with = "serialize_milliseconds")]
    pub compile_time: Duration,
    /// Bytes of address space of the compiler process.
    pub compile_memory: u64,
}

/// Core instances that a component may have. One of Python has 38: a module for each interface of WASI that it stubs out.
pub const CORE_INSTANCES: u32 = 64;
/// Linear memories that a component may have.
pub const MEMORIES: u32 = 4;
/// Tables that a component may have.
pub const TABLES: u32 = 8;

const MIB: u64 = 1 << 20;

impl Limits {
    /// What holds where neither the manifest nor the user says anything.
    pub const DEFAULT: Self = Self {
        memory: 64 * MIB,
        time: Duration::from_secs(2),
        fuel: 4_000_000_000,
        stack: MIB,
        result: 16 * MIB,
        outputs: 1024,
        log: 64 * 1024,
        input: 16 * MIB,
        component: 64 * MIB,
        compile_time: Duration::from_secs(60),
        compile_memory: 2048 * MIB,
    };

    /// The most that a manifest can ask for while the user says nothing.
    pub const CEILING: Self = Self {
        memory: 1024 * MIB,
        time: Duration::from_secs(60),
        fuel: 4_000_000_000,
        stack: 4 * MIB,
        result: 256 * MIB,
        outputs: 1024,
        log: 64 * 1024,
        input: 256 * MIB,
        component: 64 * MIB,
        compile_time: Duration::from_secs(60),
        compile_memory: 2048 * MIB,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Limits that somebody named; the rest is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the limit of the same name in `Limits`")]
pub struct LimitRequest {
    pub memory: Option<u64>,
    pub time: Option<Duration>,
    pub fuel: Option<u64>,
    pub stack: Option<u64>,
    pub result: Option<u64>,
    pub outputs: Option<u64>,
    pub log: Option<u64>,
    pub input: Option<u64>,
    pub component: Option<u64>,
    pub compile_time: Option<Duration>,
    pub compile_memory: Option<u64>,
}

impl LimitRequest {
    /// The names that [`LimitRequest::set`] knows.
    pub const NAMES: &[&str] = &[
        "memory",
        "time",
        "fuel",
        "stack",
        "result",
        "outputs",
        "log",
        "input",
        "component",
        "compile-time",
        "compile-memory",
    ];

    /// Sets a limit by its name. Sizes are written like `64MiB`, times like `500ms` or `2s`, counts as digits.
    ///
    /// # Errors
    /// `Usage` where the name is not known or the value is not of the limit's form, or zero, or beyond what the engine
    /// can hold (memory 4 GiB, stack 64 MiB).
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let bytes = |most: u64| {
            text::parse_bytes(value).filter(|bytes| (1..=most).contains(bytes)).map(Some).ok_or_else(|| {
                bad(name, value, &format!("a size up to {}, for instance `64MiB`", text::format_bytes(most)))
            })
        };
        let count = || {
            value
                .parse::<u64>()
                .ok()
                .filter(|count| *count > 0)
                .map(Some)
                .ok_or_else(|| bad(name, value, "a number above zero"))
        };
        let time = || {
            text::parse_duration(value)
                .filter(|time| !time.is_zero() && *time <= Duration::from_secs(24 * 3600))
                .map(Some)
                .ok_or_else(|| bad(name, value, "a time up to a day, for instance `500ms` or `2s`"))
        };
        match name {
            "memory" => self.memory = bytes(4096 * MIB)?,
            "time" => self.time = time()?,
            "fuel" => self.fuel = count()?,
            "stack" => self.stack = bytes(64 * MIB)?,
            "result" => self.result = bytes(1024 * MIB)?,
            "outputs" => self.outputs = count()?,
            "log" => self.log = bytes(1024 * MIB)?,
            "input" => self.input = bytes(1024 * MIB)?,
            "component" => self.component = bytes(1024 * MIB)?,
            "compile-time" => self.compile_time = time()?,
            "compile-memory" => self.compile_memory = bytes(1 << 40)?,
            _ => {
                let error =
                    Error::new(ErrorKind::Usage, format!("there is no limit named `{}`", text::printable_line(name)));
                let near =
                    text::nearest(name, Self::NAMES.iter().copied()).map(|near| format!("did you mean `{near}`? "));
                return Err(error.hint(format!(
                    "{}the limits are {}",
                    near.unwrap_or_default(),
                    Self::NAMES.join(", ")
                )));
            }
        }
        Ok(())
    }

    /// Combines what a manifest asks for with what the user allows. Where the user named a limit, the smaller of both
    /// holds, and the user's where the manifest is silent. Otherwise the manifest's (or the default) holds, up to the
    /// ceiling.
    #[must_use]
    pub fn effective(manifest: &Self, user: &Self) -> Limits {
        fn pick<T: Ord + Copy>(manifest: Option<T>, user: Option<T>, default: T, ceiling: T) -> T {
            match (manifest, user) {
                (Some(manifest), Some(user)) => manifest.min(user),
                (None, Some(user)) => user,
                (Some(manifest), None) => manifest.min(ceiling),
                (None, None) => default,
            }
        }
        macro_rules! limits {
            ($($field:ident),*) => {
                Limits { $($field: pick(manifest.$field, user.$field, Limits::DEFAULT.$field, Limits::CEILING.$field)),* }
            };
        }
        limits!(memory, time, fuel, stack, result, outputs, log, input, component, compile_time, compile_memory)
    }
}

fn bad(name: &str, value: &str, wanted: &str) -> Error {
    Error::new(ErrorKind::Usage, format!("`{}` is not a value for the limit `{name}`", text::printable_line(value)))
        .hint(format!("give {wanted}"))
}

fn serialize_milliseconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_wins_and_the_user_may_raise() {
        let mut manifest = LimitRequest::default();
        let mut user = LimitRequest::default();
        assert_eq!(LimitRequest::effective(&manifest, &user), Limits::DEFAULT);
        manifest.set("memory", "8GB").expect_err("beyond what an engine can hold");
        manifest.set("memory", "2GiB").expect("a size");
        assert_eq!(LimitRequest::effective(&manifest, &user).memory, Limits::CEILING.memory);
        user.set("memory", "16MiB").expect("a size");
        assert_eq!(LimitRequest::effective(&manifest, &user).memory, 16 << 20);
        user.set("time", "90s").expect("a time");
        assert_eq!(LimitRequest::effective(&manifest, &user).time, Duration::from_secs(90));
    }

    #[test]
    fn every_name_can_be_set_and_mistakes_are_named() {
        for name in LimitRequest::NAMES {
            let value = if name.contains("time") { "1s" } else { "1000" };
            LimitRequest::default().set(name, value).unwrap_or_else(|error| panic!("{name}: {error}"));
            LimitRequest::default().set(name, "0").expect_err(name);
        }
        let error = LimitRequest::default().set("memry", "1MiB").expect_err("no such limit");
        assert!(error.body().hint.as_deref().is_some_and(|hint| hint.contains("did you mean `memory`")));
    }
}
