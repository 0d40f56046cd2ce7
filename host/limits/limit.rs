//! One limit, as a row of the table describes it, and how a value of it is written.
//!
//! Always true here: a value is a number in the unit of its kind; nothing of it depends on which limit it is.

use crate::advice;
use crate::error::{Error, ErrorKind, Result};
use crate::text::{format_bytes, meant, parse_bytes, parse_duration, printable_line};

/// The least memory of a run, in bytes: room for packbox's own rules and engines.
const LEAST_RUN_MEMORY: u64 = 16 << 20;

/// A limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Its name in `--limit NAME=VALUE`.
    pub name: &'static str,
    /// Its name in JSON: that of its field.
    pub field: &'static str,
    /// What it holds for.
    pub scope: Scope,
    /// What it is counted in.
    pub kind: Kind,
    /// What holds where nobody says anything.
    pub default: u64,
    /// The most that a user may say.
    pub most: u64,
    /// Who may set it.
    pub set_by: SetBy,
    /// What it bounds, and what happens.
    pub about: &'static str,
}

/// What a limit holds for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One call: a template at one stage, a batch of expressions.
    Call,
    /// A component, before anything is made of it.
    Component,
    /// Compiling a component.
    Compile,
    /// A pack.
    Pack,
    /// A run: a pack, from loading it to what comes of it.
    Run,
}

/// What a limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Bytes, written like `64MiB`.
    Bytes,
    /// Milliseconds, written like `500ms` or `2s`.
    Time,
    /// Units of fuel.
    Fuel,
    /// Things.
    Count,
}

/// Who may set a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetBy {
    /// The user only.
    User,
    /// A manifest, up to this ceiling, and the user, who may lower that or allow more.
    Manifest(u64),
    /// The user; a manifest may say what it needs, and is refused where that is more than there is. The number bounds
    /// what is taken from a file that the user did not name the limit for.
    Needed(u64),
}

impl Limit {
    /// The most that anybody but the user gets.
    #[must_use]
    pub const fn ceiling(&self) -> u64 {
        match self.set_by {
            SetBy::User => self.default,
            SetBy::Manifest(ceiling) | SetBy::Needed(ceiling) => ceiling,
        }
    }

    /// Whether a manifest may say something about it.
    #[must_use]
    pub fn is_in_manifests(&self) -> bool {
        self.set_by != SetBy::User
    }

    /// Whether a call that is made again under it ends as it did, wherever that is: time does not replay, and what
    /// compiling may take is the business of whoever compiles.
    #[must_use]
    pub fn replays(&self) -> bool {
        matches!(self.scope, Scope::Call | Scope::Component) && self.kind != Kind::Time
    }

    /// A value of it in words: `64 MiB`, `2 s`, `1,000`.
    #[must_use]
    pub fn shown(&self, value: u64) -> String {
        match self.kind {
            Kind::Time if value.is_multiple_of(1000) => format!("{} s", value / 1000),
            Kind::Time => format!("{value} ms"),
            Kind::Bytes if value.is_multiple_of(1_000_000) => format!("{} MB", value / 1_000_000),
            Kind::Bytes => format_bytes(value),
            Kind::Fuel | Kind::Count => grouped(value),
        }
    }

    /// Reads a value as the user writes it.
    ///
    /// # Errors
    /// `Usage` where it is not of the limit's form, or beyond what a user may say.
    pub(crate) fn parse(&self, value: &str) -> Result<u64> {
        let parsed = match self.kind {
            Kind::Bytes => parse_bytes(value),
            Kind::Time => parse_duration(value).map(milliseconds),
            Kind::Fuel | Kind::Count => value.replace('_', "").parse().ok(),
        };
        parsed.filter(|number| (self.least()..=self.most).contains(number)).ok_or_else(|| self.bad(value))
    }

    /// The least that a user may say: nothing is a value for packs only, and below some memory not even packbox's own rules
    /// could run.
    fn least(&self) -> u64 {
        match self.scope {
            Scope::Pack => 0,
            Scope::Run if self.name == "run-memory" => LEAST_RUN_MEMORY,
            _ => 1,
        }
    }

    fn bad(&self, value: &str) -> Error {
        let (name, shown) = (self.name, printable_line(value));
        let example = match self.kind {
            Kind::Bytes => advice::limit(&format!("{name}=64MiB")),
            Kind::Time => format!("{} or `{name}=2s`", advice::limit(&format!("{name}=500ms"))),
            Kind::Fuel | Kind::Count => advice::limit(&format!("{name}=1_000")),
        };
        Error::new(ErrorKind::Usage, format!("`{shown}` is not a value for the limit `{name}`"))
            .hint(format!("give {}; for instance {example}", self.wanted()))
    }

    /// What a user may say, in words.
    fn wanted(&self) -> String {
        let most = format_bytes(self.most);
        let from = match self.least() {
            0 => "from 0".to_owned(),
            1 => "above 0".to_owned(),
            least => format!("from {}", format_bytes(least)),
        };
        match self.kind {
            Kind::Bytes => format!("a whole number {from} up to {most}, in B, KB, MB, GB, KiB, MiB or GiB"),
            Kind::Time => "a whole number above 0 in ms, s or m, up to a day".to_owned(),
            Kind::Fuel | Kind::Count => format!("a whole number {from}, in digits and `_`"),
        }
    }

    /// What a user may say, in words and as a line of a file; `number` is what stands there without a unit.
    #[must_use]
    pub(super) fn line(&self, number: Option<u64>) -> String {
        let value = match (self.kind, number) {
            (Kind::Bytes, number) => format!("\"{}MiB\"", number.filter(|number| *number > 0).unwrap_or(64)),
            (Kind::Time, Some(number)) if number > 0 => format!("\"{number}s\""),
            (Kind::Time, _) => "\"500ms\"".to_owned(),
            (Kind::Fuel | Kind::Count, _) => "1_000".to_owned(),
        };
        format!("give {}: `{} = {value}`", self.wanted(), self.name)
    }
}

/// Finds a limit by its name.
///
/// # Errors
/// `Usage`, with the names that there are.
pub(super) fn find<'a>(tables: &[&'a [Limit]], name: &str) -> Result<&'a Limit> {
    let all = || tables.iter().copied().flatten();
    all().find(|limit| limit.name == name).ok_or_else(|| {
        let near = meant(name, all().map(|limit| limit.name));
        let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let names: Vec<&str> = all().map(|limit| limit.name).collect();
        Error::new(ErrorKind::Usage, format!("there is no limit named `{}`", printable_line(name)))
            .hint(format!("{near}the limits are {}", names.join(", ")))
    })
}

/// A number with a comma before each three of its digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// A time in the unit of its kind.
pub(super) fn milliseconds(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
