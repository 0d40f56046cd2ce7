//! Ceilings for what rendering a template may cost before that is a finding.
//!
//! Always true here: a ceiling stops nothing; limits do. Where none is named, only limits hold.

use std::time::Duration;

use serde_json::Value;

use super::report::Measured;
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::show::count;
use crate::text;

/// The bytes of input for which a ceiling grows by a step.
const KIB: u64 = 1024;

/// The most of something; it may grow with what a call is handed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceiling {
    /// What is allowed however little is handed in.
    pub base: u64,
    /// What is allowed beside that for each KiB, begun or whole, that is handed in.
    pub per_kib: u64,
}

impl Ceiling {
    /// A ceiling that is the same for all.
    #[must_use]
    pub const fn flat(base: u64) -> Self {
        Self { base, per_kib: 0 }
    }

    /// What is allowed for a call that is handed so many bytes.
    #[must_use]
    pub const fn of(self, bytes_in: u64) -> u64 {
        self.base.saturating_add(self.per_kib.saturating_mul(bytes_in.div_ceil(KIB)))
    }

    /// Reads `BASE`, `BASE+STEP/KiB`, or the JSON of a table with `base` and `per_kib`.
    fn parse(value: &str, one: impl Fn(&str) -> Option<u64>) -> Option<Self> {
        let of_json = |value: &Value| match value {
            Value::String(text) => one(text),
            Value::Number(number) => one(&number.to_string()),
            _ => None,
        };
        if value.starts_with('{') {
            let Value::Object(table) = serde_json::from_str(value).ok()? else { return None };
            let known = table.keys().all(|key| key == "base" || key == "per_kib");
            let base = table.get("base").map_or(Some(0), of_json).filter(|_| known && !table.is_empty())?;
            return Some(Self { base, per_kib: table.get("per_kib").map_or(Some(0), of_json)? });
        }
        let Some((base, step)) = value.split_once('+') else { return one(value).map(Self::flat) };
        Some(Self { base: one(base)?, per_kib: one(step.strip_suffix("/KiB")?)? })
    }
}

/// Ceilings for each template; none: whatever the limits allow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ceilings {
    /// Units of fuel.
    pub fuel: Option<Ceiling>,
    /// Wall time of a fresh call that counts fuel, in nanoseconds.
    pub time: Option<Ceiling>,
    /// Bytes of memories and tables.
    pub memory: Option<Ceiling>,
    /// Bytes given back.
    pub output: Option<Ceiling>,
}

impl Ceilings {
    /// The names that [`Ceilings::set`] knows.
    pub const NAMES: &[&str] = &["fuel", "time", "memory", "output"];

    /// What packbox's own targets allow for a template: 2 s and 300 MB.
    pub const DOCUMENTED: Self = Self {
        fuel: None,
        time: Some(Ceiling::flat(2_000_000_000)),
        memory: Some(Ceiling::flat(300_000_000)),
        output: None,
    };

    /// How a ceiling is written in a file, with a line for it; `number` is what stands there without a unit.
    #[must_use]
    pub fn line(name: &str, number: Option<u64>) -> Option<String> {
        let (what, value) = match (name, number) {
            ("fuel", _) => ("a number", "100_000_000".to_owned()),
            ("time", Some(number)) => ("a time with its unit, in quotes", format!("\"{number}ms\"")),
            ("time", None) => ("a time with its unit, in quotes", "\"200ms\"".to_owned()),
            ("memory" | "output", _) => ("a size with its unit, in quotes", "\"1MiB\"".to_owned()),
            _ => return None,
        };
        Some(format!(
            "give {what}: `{name} = {value}`; or a ceiling that grows with the input: `{name} = {{ base = {value}, per_kib = {value} }}`"
        ))
    }

    /// Sets a ceiling by its name.
    ///
    /// # Errors
    /// `Usage` where there is none of that name, or the value has another form.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let bad = |wanted: &str| {
            let shown = text::printable_line(value);
            Error::new(ErrorKind::Usage, format!("`{shown}` is not a value for the ceiling `{name}`"))
                .hint(format!("give {wanted}, or a ceiling that grows with the input: `BASE+STEP/KiB`"))
        };
        let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        match name {
            "fuel" => {
                let fuel = Ceiling::parse(value, |text| text.replace('_', "").parse().ok());
                self.fuel = Some(fuel.ok_or_else(|| bad("a number, for instance `100000000`"))?);
            }
            "time" => {
                let time = Ceiling::parse(value, |text| text::parse_duration(text).map(nanoseconds));
                self.time = Some(time.ok_or_else(|| bad("a time, for instance `200ms`"))?);
            }
            "memory" | "output" => {
                let bytes = Ceiling::parse(value, text::parse_bytes);
                let bytes = Some(bytes.ok_or_else(|| bad("a size, for instance `1MiB`"))?);
                if name == "memory" { self.memory = bytes } else { self.output = bytes }
            }
            _ => {
                let near = text::meant(name, Self::NAMES.iter().copied());
                let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
                let shown = text::printable_line(name);
                return Err(Error::new(ErrorKind::Usage, format!("there is no ceiling named `{shown}`"))
                    .hint(format!("{near}the ceilings are {}", Self::NAMES.join(", "))));
            }
        }
        Ok(())
    }

    /// Takes the other's ceilings where it has any.
    #[must_use]
    pub fn overridden_by(self, other: Self) -> Self {
        Self {
            fuel: other.fuel.or(self.fuel),
            time: other.time.or(self.time),
            memory: other.memory.or(self.memory),
            output: other.output.or(self.output),
        }
    }

    /// What of a template has a ceiling: its name, what was measured, and what is allowed.
    pub fn of(&self, measured: &Measured) -> impl Iterator<Item = (&'static str, u64, u64)> {
        let checks = [
            ("fuel", measured.fuel, self.fuel),
            ("time", measured.nanoseconds, self.time),
            ("memory", measured.memory, self.memory),
            ("output", measured.bytes_out, self.output),
        ];
        let bytes_in = measured.bytes_in;
        checks.into_iter().filter_map(move |(name, value, ceiling)| Some((name, value, ceiling?.of(bytes_in))))
    }

    /// Says what of a measured template is above its ceiling. `path` is the template as the user knows it.
    #[must_use]
    pub fn findings(&self, measured: &Measured, path: &str) -> Vec<Diagnostic> {
        let show = |name: &str, value: u64| match name {
            "fuel" => count(value, "unit") + " of fuel",
            "time" => format!("{} ms", value / 1_000_000),
            what => format!("{} of {what}", text::format_bytes(value)),
        };
        let above = self.of(measured).filter(|(_, value, ceiling)| value > ceiling).map(|(name, value, ceiling)| {
            // What was measured is no part of the message: a baseline knows a finding by that, and time is never the same.
            let message = format!("takes more than {}, its ceiling", show(name, ceiling));
            let who = measured.item.map_or_else(|| "it".to_owned(), |item| format!("item {item}"));
            let help = format!("{who} took {}", show(name, value));
            Diagnostic::error(format!("ceiling/{name}"), message).at(Span::file(path)).help(help)
        });
        above.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ceiling_may_grow_with_the_input() {
        let mut ceilings = Ceilings::default();
        for (value, base, per_kib) in [
            ("5", 5, 0),
            ("1_000+20/KiB", 1000, 20),
            (r#"{"base":7,"per_kib":3}"#, 7, 3),
            (r#"{"per_kib":"1_0"}"#, 0, 10),
        ] {
            ceilings.set("fuel", value).unwrap();
            assert_eq!(ceilings.fuel, Some(Ceiling { base, per_kib }), "{value}");
        }
        ceilings.set("memory", r#"{"base":"1MiB","per_kib":"2KiB"}"#).unwrap();
        assert_eq!(ceilings.memory.unwrap().of(1025), (1 << 20) + 2 * 2048);
        ceilings.set("time", "10ms+1ms/KiB").unwrap();
        assert_eq!(ceilings.time.unwrap().of(0), 10_000_000);
        for wrong in ["", "x", "1+", "1+2", "1+2/MiB", "{}", r#"{"bas":1}"#, r#"{"base":[]}"#, "-1", "+1/KiB"] {
            assert_eq!(ceilings.set("fuel", wrong).unwrap_err().exit_code(), 2, "{wrong}");
        }
        assert_eq!(Ceiling { base: u64::MAX, per_kib: u64::MAX }.of(u64::MAX), u64::MAX);
    }
}
