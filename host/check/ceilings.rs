//! Ceilings for what rendering a template may cost before that is a finding.
//!
//! Always true here: a ceiling stops nothing; limits do. Where none is named, only limits hold.

use std::time::Duration;

use super::report::Measured;
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::show::count;
use crate::text;

/// Ceilings for each template; none: whatever the limits allow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ceilings {
    /// Units of fuel.
    pub fuel: Option<u64>,
    /// Wall time of a fresh call that counts fuel.
    pub time: Option<Duration>,
    /// Bytes of memories and tables.
    pub memory: Option<u64>,
    /// Bytes given back.
    pub output: Option<u64>,
}

impl Ceilings {
    /// The names that [`Ceilings::set`] knows.
    pub const NAMES: &[&str] = &["fuel", "time", "memory", "output"];

    /// Sets a ceiling by its name.
    ///
    /// # Errors
    /// `Usage` where there is none of that name, or the value has another form.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let bad = |wanted: &str| {
            let shown = text::printable_line(value);
            Error::new(ErrorKind::Usage, format!("`{shown}` is not a value for the ceiling `{name}`")).hint(wanted)
        };
        let bytes = || text::parse_bytes(value).map(Some).ok_or_else(|| bad("give a size, for instance `1MiB`"));
        match name {
            "fuel" => {
                let fuel = value.replace('_', "").parse().map(Some);
                self.fuel = fuel.map_err(|_| bad("give a number, for instance `100000000`"))?;
            }
            "time" => {
                let time = text::parse_duration(value).map(Some);
                self.time = time.ok_or_else(|| bad("give a time, for instance `200ms`"))?;
            }
            "memory" => self.memory = bytes()?,
            "output" => self.output = bytes()?,
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

    /// Says what of a measured template is above its ceiling. `path` is the template as the user knows it.
    #[must_use]
    pub fn findings(&self, measured: &Measured, path: &str) -> Vec<Diagnostic> {
        let nanoseconds = self.time.map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        let checks = [
            ("fuel", measured.fuel, self.fuel),
            ("time", measured.nanoseconds, nanoseconds),
            ("memory", measured.memory, self.memory),
            ("output", measured.bytes_out, self.output),
        ];
        let show = |name: &str, value: u64| match name {
            "fuel" => count(value, "unit") + " of fuel",
            "time" => format!("{} ms", value / 1_000_000),
            what => format!("{} of {what}", text::format_bytes(value)),
        };
        let above = checks.into_iter().filter_map(|(name, value, ceiling)| {
            let ceiling = ceiling.filter(|ceiling| value > *ceiling)?;
            // What was measured is no part of the message: a baseline knows a finding by that, and time is never the same.
            let message = format!("takes more than {}, its ceiling", show(name, ceiling));
            let who = measured.item.map_or_else(|| "it".to_owned(), |item| format!("item {item}"));
            let help = format!("{who} took {}", show(name, value));
            Some(Diagnostic::error(format!("ceiling/{name}"), message).at(Span::file(path)).help(help))
        });
        above.collect()
    }
}
