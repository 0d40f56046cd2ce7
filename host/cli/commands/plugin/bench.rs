//! `plugin bench`: what a plugin's cases cost, and whether that grew.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::args::FigureArgs;
use crate::cli::args::Running;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::PluginBench;
use crate::cli::plugin_tools::{baseline, engine, no_cases, tell_unbuilt};
use crate::cli::saved::{self, Sort};
use crate::cli::session::{Session, shown};
use crate::cli::{command, progress};
use crate::engine::Profile;
use crate::error::Result;
use crate::measure::{Baseline, Case, CaseFigures, Growth, Point, Subject, Times, measure};
use crate::show::count;
use crate::text::{format_bytes, printable_line};

/// Measure what a plugin's cases cost: fuel, memory, times, bytes; and tell whether that grew.
#[derive(Debug, Args)]
#[command(mut_arg("samples", |samples| samples.default_value("200")))]
pub struct Bench {
    /// The plugin: a project's folder, or a component with `cases/` beside it.
    #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
    pub plugin: PathBuf,
    /// Measure the cases whose names contain this.
    #[arg(long, value_name = "NAME")]
    pub cases: Option<String>,
    /// What is measured, and compared.
    #[command(flatten)]
    pub figures: FigureArgs,
    /// How it is run.
    #[command(flatten)]
    pub running: Running,
}

impl command::Command for Bench {
    const NAME: &'static str = "plugin bench";
    const EXAMPLES: &'static [&'static str] = &["packbox plugin bench settings --save bench.json --samples 10"];
    command::documents!(PluginBench<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(plugin_bench(session, self))
    }
}

/// Measures cases; the exit code is 1 where fuel or memory grew by more than the threshold.
///
/// # Errors
/// `Usage` where there is no case, or a baseline can't be read; those of reading and preparing the plugin.
pub fn plugin_bench(session: &Session, arguments: &Bench) -> Result<u8> {
    saved::check(arguments.figures.save.as_deref(), Sort::Figures)?;
    let subject = Subject::open(&arguments.plugin, &arguments.running.grants)?;
    let filter = arguments.cases.as_deref();
    let cases = Case::read_all(&subject.cases, filter, &subject.roles)?;
    if cases.is_empty() {
        return Err(no_cases(&subject.cases, filter));
    }
    tell_unbuilt(session, &arguments.plugin);
    let baseline = baseline(session, &arguments.figures)?;
    let counting = engine(session, &arguments.running, Profile::Measure, &subject.limits)?;
    let timing = engine(session, &arguments.running, Profile::Run, &subject.limits)?;
    let figures: Vec<CaseFigures> = cases
        .iter()
        .enumerate()
        .inspect(|(done, _)| progress::count("measuring cases", *done, cases.len()))
        .map(|(_, case)| measure(&counting, &timing, &subject, case, arguments.figures.samples))
        .collect::<Result<_>>()?;
    let points: Vec<Point> = figures.iter().map(CaseFigures::point).collect();
    let growth = baseline.as_ref().map(|base| base.compare(&points, arguments.figures.threshold)).unwrap_or_default();
    let over = growth.iter().filter(|one| one.over).count();
    let known = |name: &str| baseline.as_ref().is_none_or(|base| base.cases.contains_key(name));
    let new: Vec<&str> = figures.iter().map(|one| one.name.as_str()).filter(|name| !known(name)).collect();
    let gone: Vec<String> = match (&baseline, filter) {
        (Some(base), None) => {
            let there = |name: &&String| !figures.iter().any(|one| one.name == **name);
            base.cases.keys().filter(there).map(|name| printable_line(name)).collect()
        }
        _ => Vec::new(),
    };
    if let Some(path) = &arguments.figures.save {
        saved::save(path, Sort::Figures, Baseline::of(&subject.name, &points).to_text().as_bytes())?;
        session.output.say(&format!("wrote the baseline {}", shown(path)));
    }
    if session.output.is_json() {
        let document = PluginBench {
            plugin: &subject.name,
            sha256: subject.digest,
            threshold: arguments.figures.threshold,
            cases: &figures,
            growth: &growth,
            new: &new,
            gone: &gone,
        };
        session.output.document("plugin bench", &document)?;
    } else {
        let mut text = table(&figures);
        if baseline.is_some() {
            compared(&mut text, &growth, (&new, &gone), arguments.figures.threshold);
        }
        session.output.page(&text)?;
    }
    Ok(u8::from(over > 0))
}

/// How the second line of a case begins.
const OF_LIMIT: &str = "  of its limit";

fn table(figures: &[CaseFigures]) -> String {
    let width = figures.iter().map(|one| one.name.chars().count()).max().unwrap_or(0).clamp(OF_LIMIT.len(), 40);
    let mut text = format!(
        "{:<width$}  {:>13}  {:>9}  {:>9}  {:>9}  {:>23}  {:>23}\n",
        "case", "fuel", "memory", "in", "out", "fresh p50/p95/p99 µs", "batch p50/p95/p99 µs"
    );
    for one in figures {
        let times = |times: Option<Times>| {
            times.map_or_else(
                || "–".to_owned(),
                |times| format!("{}/{}/{}", micro(times.p50), micro(times.p95), micro(times.p99)),
            )
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{:<width$}  {:>13}  {:>9}  {:>9}  {:>9}  {:>23}  {:>23}",
            one.name,
            one.fuel,
            format_bytes(one.memory),
            format_bytes(one.bytes_in),
            format_bytes(one.bytes_out),
            times(one.fresh),
            times(one.batch),
        );
        let limits = &one.limits;
        let nanoseconds = u64::try_from(limits.time.as_nanos()).unwrap_or(u64::MAX);
        let _ = writeln!(
            text,
            "{:<width$}  {:>13}  {:>9}  {:>9}  {:>9}  {:>23}",
            OF_LIMIT,
            share(one.fuel, limits.fuel),
            share(one.memory, limits.memory),
            share(one.bytes_in, limits.input),
            share(one.bytes_out, limits.result),
            share(one.fresh.map_or(0, |times| times.p99), nanoseconds),
        );
        if one.was_stopped {
            let _ = writeln!(text, "  ends as `{}`: called once, as calls that are stopped are not timed", one.outcome);
        } else if one.outcome != "ok" {
            let _ = writeln!(text, "  ends as `{}`", one.outcome);
        }
    }
    text
}

/// Says what differs from the baseline.
fn compared(text: &mut String, growth: &[Growth], (new, gone): (&[&str], &[String]), threshold: f64) {
    text.push('\n');
    for one in growth.iter().filter(|one| one.before != one.now) {
        let word = if one.over { "GREW" } else { "changed" };
        let percent = if one.before == 0 { "from nothing".to_owned() } else { format!("{:+.2} %", one.percent) };
        // Writing to a string does not fail.
        let _ = writeln!(text, "{word:<8}{}: {} {} → {} ({percent})", one.case, one.what, one.before, one.now);
    }
    for name in new {
        let _ = writeln!(text, "new     {name}: not in the baseline");
    }
    for name in gone {
        let _ = writeln!(text, "gone    {name}: in the baseline only");
    }
    let over = growth.iter().filter(|one| one.over).count();
    let _ = writeln!(text, "{} grew by more than {threshold} %", count(over, "figure"));
}

fn micro(nanoseconds: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one digit is shown")]
    let micro = nanoseconds as f64 / 1000.0;
    if micro < 100.0 { format!("{micro:.1}") } else { format!("{micro:.0}") }
}

fn share(used: u64, limit: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a digit or two are shown")]
    let percent = used as f64 * 100.0 / limit.max(1) as f64;
    if percent < 0.01 && used > 0 { "< 0.01 %".to_owned() } else { format!("{percent:.2} %") }
}
