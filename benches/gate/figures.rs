//! Figures, the baseline they are compared with, and what is said of those that grew.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// What the form of a baseline is called; another number is refused.
const FORM: u32 = 1;

/// Something that is measured, with the growth that is allowed and what must be as it was for figures to be comparable.
pub struct Kind {
    /// As the baseline calls it.
    pub name: &'static str,
    /// Percent.
    pub allowed: f64,
    /// Whether it depends on who compiled packbox, and on what counts.
    pub tools: bool,
    /// Whether it depends on the processor.
    pub processor: bool,
}

pub const FUEL: &Kind = &Kind { name: "fuel", allowed: 1.0, tools: false, processor: false };
pub const MEMORY: &Kind = &Kind { name: "guest memory", allowed: 1.0, tools: false, processor: false };
pub const ALLOCATIONS: &Kind = &Kind { name: "allocations", allowed: 1.0, tools: true, processor: false };
pub const INSTRUCTIONS: &Kind = &Kind { name: "instructions", allowed: 3.0, tools: true, processor: false };
pub const RATIOS: &Kind = &Kind { name: "ratios", allowed: 10.0, tools: true, processor: true };
pub const KINDS: [&Kind; 5] = [FUEL, MEMORY, ALLOCATIONS, INSTRUCTIONS, RATIOS];

/// Figures by their kind and name.
pub type Figures = BTreeMap<String, BTreeMap<String, f64>>;

/// Where figures come from: they can only be compared where this is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    pub compiler: String,
    pub valgrind: String,
    pub processor: String,
}

/// Figures as they were.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Baseline {
    form: u32,
    pub machine: Machine,
    pub figures: Figures,
}

impl Baseline {
    pub fn new(machine: Machine, figures: Figures) -> Self {
        Self { form: FORM, machine, figures }
    }

    pub fn parse(text: &str) -> Result<Self, String> {
        let baseline: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if baseline.form == FORM { Ok(baseline) } else { Err(format!("its form is {}, not {FORM}", baseline.form)) }
    }

    pub fn to_text(&self) -> String {
        let head =
            "# What the gate compares with (docs/profiling.md). `cargo bench --bench gate -- --accept` writes it.\n\n";
        head.to_owned() + &toml::to_string(self).expect("figures")
    }

    /// A figure of a kind.
    pub fn figure(&self, kind: &Kind, name: &str) -> Option<f64> {
        self.figures.get(kind.name)?.get(name).copied()
    }

    /// Why figures of a kind can't be compared with those of this machine, where they can't.
    pub fn differs(&self, kind: &Kind, machine: &Machine) -> Option<String> {
        let other = |what: &str, was: &str, is: &str| {
            (was != is).then(|| format!("the baseline's {what} is {was}, this one {is}"))
        };
        let tools = || {
            other("compiler", &self.machine.compiler, &machine.compiler)
                .or_else(|| other("Valgrind", &self.machine.valgrind, &machine.valgrind))
        };
        let processor = || other("processor", &self.machine.processor, &machine.processor);
        kind.tools.then(tools).flatten().or_else(|| kind.processor.then(processor).flatten())
    }
}

/// A figure that is not as it was.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// It is this many percent larger, and that is too much.
    Grew { was: f64, is: f64, percent: f64 },
    /// It is smaller by more than what is allowed upwards.
    Shrank { was: f64, is: f64, percent: f64 },
    /// The baseline does not have it.
    New { is: f64 },
    /// It was not measured.
    Gone { was: f64 },
}

impl Change {
    /// Whether the gate stays closed. The committed baseline has what is measured, and nothing else; that of another commit
    /// may have less, or more.
    pub fn fails(&self, committed: bool) -> bool {
        match self {
            Self::Grew { .. } => true,
            Self::New { .. } | Self::Gone { .. } => committed,
            Self::Shrank { .. } => false,
        }
    }
}

/// What changed of a kind, by name.
pub fn changes(kind: &Kind, was: &Baseline, is: &Figures) -> BTreeMap<String, Change> {
    let none = BTreeMap::new();
    let (was, is) = (was.figures.get(kind.name).unwrap_or(&none), is.get(kind.name).unwrap_or(&none));
    let mut changes = BTreeMap::new();
    for (name, now) in is {
        let change = match was.get(name) {
            None => Some(Change::New { is: *now }),
            Some(before) => compared(kind, *before, *now),
        };
        changes.extend(change.map(|change| (name.clone(), change)));
    }
    let gone = was.iter().filter(|(name, _)| !is.contains_key(*name));
    changes.extend(gone.map(|(name, was)| (name.clone(), Change::Gone { was: *was })));
    changes
}

fn compared(kind: &Kind, was: f64, is: f64) -> Option<Change> {
    let percent = if was > 0.0 {
        (is / was - 1.0) * 100.0
    } else if is > 0.0 {
        f64::INFINITY
    } else {
        0.0
    };
    if percent > kind.allowed {
        Some(Change::Grew { was, is, percent })
    } else if percent < -kind.allowed {
        Some(Change::Shrank { was, is, percent: -percent })
    } else {
        None
    }
}

/// A line about a change.
pub fn line(kind: &Kind, name: &str, change: &Change) -> String {
    match change {
        Change::Grew { was, is, percent } => format!(
            "{} of `{name}`: {} -> {}, {percent:.1} % more ({} % is allowed)",
            kind.name,
            number(*was),
            number(*is),
            kind.allowed
        ),
        Change::Shrank { was, is, percent } => {
            format!("{} of `{name}`: {} -> {}, {percent:.1} % less", kind.name, number(*was), number(*is))
        }
        Change::New { is } => format!("{} of `{name}`: {}, and the baseline has none", kind.name, number(*is)),
        Change::Gone { was } => {
            format!("{} of `{name}`: {} in the baseline, and it was not measured", kind.name, number(*was))
        }
    }
}

/// A number with its thousands apart; two decimals where it is small.
pub fn number(value: f64) -> String {
    if value < 1_000.0 && value.fract() != 0.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A page in Markdown, for a pull request: what changed, and all figures.
pub fn markdown(figures: &Figures, changed: &[(String, bool)], skipped: &[String]) -> String {
    let mut page = String::from("### Performance gate\n\n");
    let count: usize = figures.values().map(BTreeMap::len).sum();
    let failed = changed.iter().filter(|(_, fails)| *fails).count();
    let _ = writeln!(page, "{count} figures; {failed} of them keep the gate closed.\n");
    for (line, fails) in changed {
        let _ = writeln!(page, "- {}{line}", if *fails { "**fails**: " } else { "" });
    }
    for line in skipped {
        let _ = writeln!(page, "- not compared: {line}");
    }
    for (kind, figures) in figures {
        let _ = writeln!(page, "\n<details><summary>{kind}</summary>\n\n| what | figure |\n| --- | ---: |");
        for (name, figure) in figures {
            let _ = writeln!(page, "| {name} | {} |", number(*figure));
        }
        page.push_str("\n</details>\n");
    }
    page
}
