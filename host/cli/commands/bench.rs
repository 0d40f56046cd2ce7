//! `bench`: what the templates of packs cost, beside their ceilings, and whether that grew.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::check::Depth;
use crate::cli::args::Checking;
use crate::cli::args::FigureArgs;
use crate::cli::args::{EngineArgs, duration};
use crate::cli::args::{Format, Variables};
use crate::cli::checking::Desk;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::{PackBench, PacksBench};
use crate::cli::plugin_tools::baseline;
use crate::cli::report::scaled;
use crate::cli::saved::{self, Sort};
use crate::cli::session::{Session, shown};
use crate::cli::{command, completers, progress, report};
use crate::diagnostic::Severity;
use crate::engine::{Engine, Profile};
use crate::error::Result;
use crate::measure::{Baseline, Growth, PackFigures, Point, Sampling, TemplateFigures, measure_pack};
use crate::progress::Event;
use crate::text::{format_bytes, printable_line};

/// The columns.
const TITLES: [&str; 8] = ["template", "p50", "p95", "p99", "fuel", "memory", "in", "out"];

/// Templates that are shown; the rest is counted.
const SHOWN: usize = 100;

/// The longest name of a template that keeps the columns in line, in characters.
const LONGEST_NAME: usize = 40;

/// Measure what the templates of packs cost, compare it with their ceilings, and tell whether it grew
#[derive(Debug, Args)]
pub struct Bench {
    /// The packs: folders with a `pack.toml`, `.pack` archives, or names of installed ones.
    #[arg(required = true, add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// Values to try packs with, instead of their defaults and examples.
    #[command(flatten)]
    pub variables: Variables,
    /// What is measured, and compared.
    #[command(flatten)]
    pub figures: FigureArgs,
    /// Measure a pack for at most this long in fresh instances, and as long again in shared ones.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub time: Duration,
    /// The settings, instead of `packbox.toml` in this folder: `[ceilings]`, `[limits]`.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Read no settings.
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
    /// The engine.
    #[command(flatten)]
    pub engine: EngineArgs,
}

impl command::Command for Bench {
    const NAME: &'static str = "bench";
    const FORMATS: &'static [Format] = Format::OF_FIGURES;
    const EXAMPLES: &'static [&'static str] =
        &["packbox bench shop --samples 10 --save costs.json", "packbox bench shop --baseline costs.json"];
    command::documents!(PacksBench<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(bench(session, self))
    }
}

impl Bench {
    /// How its packs are checked.
    #[must_use]
    pub fn checking(&self) -> Checking {
        Checking {
            config: self.config.clone(),
            no_config: self.no_config,
            engine: self.engine.clone(),
            ..Checking::default()
        }
    }
}

/// Measures packs. The exit code is 1 where fuel or memory grew by more than the threshold or a pack has findings that count,
/// else that of the pack that failed.
///
/// # Errors
/// `Usage` where settings or a baseline can't be used; `Interrupted`; `Io`.
pub fn bench(session: &Session, arguments: &Bench) -> Result<u8> {
    saved::check(arguments.figures.save.as_deref(), Sort::Figures)?;
    let sampling = Sampling { samples: arguments.figures.samples, time: arguments.time };
    let checking = arguments.checking();
    let desk = Desk::open(session, &checking, Depth::Validate)?;
    let values = desk.check_given(session, &arguments.packs, session.sources(&arguments.variables)?)?;
    let checker = desk.checker(Depth::Validate, &values);
    let baseline = baseline(session, &arguments.figures)?;
    let mut options = session.engine_options(&checking.engine, Profile::Run, &desk.limits)?;
    let compiled: Arc<Mutex<Vec<String>>> = Arc::default();
    let (progress, names) = (Arc::clone(&session.progress), Arc::clone(&compiled));
    options.progress = Arc::new(move |event: &Event<'_>| {
        if let Event::Compiling { plugin, .. } = event {
            names.lock().unwrap_or_else(PoisonError::into_inner).push((*plugin).to_owned());
        }
        progress.on(event);
    });
    let timing = Engine::new(options)?;
    let mut packs = Vec::with_capacity(arguments.packs.len());
    for (number, path) in arguments.packs.iter().enumerate() {
        progress::count("measuring packs", number, arguments.packs.len());
        let pack = session.pack(path, &desk.limits.pack);
        let mut figures = measure_pack(&checker, &timing, &shown(path), pack, sampling)?;
        figures.compiled = std::mem::take(&mut *compiled.lock().unwrap_or_else(PoisonError::into_inner));
        packs.push(figures);
    }
    let several = packs.len() > 1;
    let points: Vec<Point> = packs.iter().flat_map(|pack| points(pack, several)).collect();
    let growth = baseline.as_ref().map(|base| base.compare(&points, arguments.figures.threshold)).unwrap_or_default();
    if let Some(path) = &arguments.figures.save {
        let names: Vec<&str> = packs.iter().map(|pack| pack.report.path.as_str()).collect();
        saved::save(path, Sort::Figures, Baseline::of(&names.join(" "), &points).to_text().as_bytes())?;
        session.output.say(&format!("wrote the baseline {}", shown(path)));
    }
    let failed = packs.iter().map(|pack| pack.report.exit).max().unwrap_or(0);
    let over = growth.iter().any(|one| one.over);
    if session.output.is_json() {
        let document = PacksBench {
            samples: sampling.samples,
            threshold: arguments.figures.threshold,
            packs: packs.iter().map(document).collect(),
            growth: &growth,
        };
        session.output.document("bench", &document)?;
    } else if session.output.format() == Format::Markdown {
        let pages: String = packs.iter().map(markdown).collect();
        let grown = if baseline.is_some() { summary(&growth, arguments.figures.threshold) } else { String::new() };
        session.output.result(&(pages + &grown))?;
    } else {
        for pack in &packs {
            session.output.page(&page(session, pack))?;
        }
        if baseline.is_some() {
            session.output.page(&compared(&growth, arguments.figures.threshold))?;
        }
    }
    Ok(if failed == 0 { u8::from(over) } else { failed })
}

/// What a baseline keeps of a pack's templates; where there are several packs, each template has its pack's path before it.
fn points(pack: &PackFigures, several: bool) -> Vec<Point> {
    let named = |one: &TemplateFigures| {
        let point = one.point();
        if several { Point { name: format!("{}: {}", pack.report.path, point.name), ..point } } else { point }
    };
    pack.templates.iter().map(named).collect()
}

fn document(pack: &PackFigures) -> PackBench<'_> {
    PackBench {
        path: &pack.report.path,
        name: pack.report.name.as_deref(),
        version: pack.report.version.as_deref(),
        exit: pack.report.exit,
        error: pack.report.error.as_ref(),
        findings: &pack.report.findings,
        prepare: pack.prepare,
        compiled: &pack.compiled,
        samples: pack.samples,
        templates: &pack.templates,
    }
}

/// What there is to say about a pack: what counts of its findings, and a table.
fn page(session: &Session, pack: &PackFigures) -> String {
    let look = report::Look { color: session.output.colors_stdout(), detail: report::Detail::Usual };
    let mut text = report::Writer::new(look, 1, Severity::Error).pack(&pack.report_alone());
    if pack.templates.is_empty() {
        return text;
    }
    let mut rows = vec![TITLES.map(str::to_owned).to_vec()];
    for one in pack.templates.iter().take(SHOWN) {
        let times =
            one.fresh.map_or([0; 3].map(|_| "-".to_owned()), |times| [times.p50, times.p95, times.p99].map(time));
        let measured = &one.measured;
        let figures = [
            count(measured.fuel),
            format_bytes(measured.memory),
            format_bytes(measured.bytes_in),
            format_bytes(measured.bytes_out),
        ];
        rows.push([vec![printable_line(&one.name())], times.to_vec(), figures.to_vec()].concat());
        let share = |what: &str| one.largest(what).map_or_else(String::new, |share| percent(share.percent));
        let shares = ["  of its ceiling".to_owned(), String::new(), String::new()];
        rows.push([shares.to_vec(), ["time", "fuel", "memory", "input", "output"].map(share).to_vec()].concat());
    }
    text.push('\n');
    text += &table(&rows);
    if pack.templates.len() > SHOWN {
        // Writing to a string does not fail.
        let _ = writeln!(text, "and {} more", pack.templates.len() - SHOWN);
    }
    let _ = writeln!(
        text,
        "{} renderings in fresh instances; plugins were ready in {} ({})",
        pack.samples,
        time(pack.prepare),
        cached(pack)
    );
    text
}

/// Where compiled code came from.
fn cached(pack: &PackFigures) -> String {
    let names: Vec<String> = pack.compiled.iter().map(|name| format!("`{}`", printable_line(name))).collect();
    if names.is_empty() { "compiled before".to_owned() } else { format!("compiled now: {}", names.join(", ")) }
}

/// A pack for a pull request: a row for each template, with how much of its ceilings it takes.
fn markdown(pack: &PackFigures) -> String {
    let mut text = format!("## packbox bench: {}\n\n", report::code(&pack.report.path));
    if pack.report.exit != 0 {
        // Writing to a string does not fail.
        let _ = writeln!(text, "The pack does not validate (exit code {}).\n", pack.report.exit);
    }
    text += "| template | p50 | p95 | p99 | fuel | memory | in | out |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
    for one in pack.templates.iter().take(SHOWN) {
        let share =
            |what: &str| one.largest(what).map_or_else(String::new, |share| format!(" ({})", percent(share.percent)));
        let times =
            one.fresh.map_or([0; 3].map(|_| "-".to_owned()), |times| [times.p50, times.p95, times.p99].map(time));
        let [p50, p95, p99] = times;
        let measured = &one.measured;
        let _ = writeln!(
            text,
            "| {} | {p50} | {p95} | {p99}{} | {}{} | {}{} | {} | {}{} |",
            report::code(&one.name()),
            share("time"),
            count(measured.fuel),
            share("fuel"),
            format_bytes(measured.memory),
            share("memory"),
            format_bytes(measured.bytes_in),
            format_bytes(measured.bytes_out),
            share("output"),
        );
    }
    if pack.templates.len() > SHOWN {
        let _ = writeln!(text, "\nand {} more", pack.templates.len() - SHOWN);
    }
    if !pack.templates.is_empty() {
        let _ = writeln!(text, "\nPlugins were ready in {} ({}).", time(pack.prepare), cached(pack));
    }
    text + "\n"
}

/// What differs from the baseline, for a pull request.
fn summary(growth: &[Growth], threshold: f64) -> String {
    let mut text = String::from("## Compared with the baseline\n\n");
    let changed: Vec<&Growth> = growth.iter().filter(|one| one.before != one.now).collect();
    if !changed.is_empty() {
        text += "| template | what | before | now | change |\n| --- | --- | ---: | ---: | ---: |\n";
    }
    for one in changed.iter().take(SHOWN) {
        let mark = if one.over { " **grew**" } else { "" };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {:+.2} %{mark} |",
            report::code(&one.case),
            one.what,
            one.before,
            one.now,
            one.percent.min(1e6)
        );
    }
    let over = growth.iter().filter(|one| one.over).count();
    let _ = writeln!(text, "\n{over} of {} figures grew by more than {threshold} %.", growth.len());
    text
}

/// Lays out rows, the first column to the left and the others to the right.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let widths = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        widths.max().unwrap_or(0).min(if column == 0 { LONGEST_NAME } else { usize::MAX })
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // Writing to a string does not fail.
            let _ = if column == 0 { write!(line, "{cell:<width$}") } else { write!(line, "  {cell:>width$}") };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// Says what differs from the baseline.
fn compared(growth: &[Growth], threshold: f64) -> String {
    let mut text = String::from("\n");
    for one in growth.iter().filter(|one| one.before != one.now) {
        let word = if one.over { "GREW" } else { "changed" };
        let percent = if one.before == 0 { "from nothing".to_owned() } else { format!("{:+.2} %", one.percent) };
        let case = printable_line(&one.case);
        // Writing to a string does not fail.
        let _ = writeln!(text, "{word:<8}{case}: {} {} → {} ({percent})", one.what, one.before, one.now);
    }
    let over = growth.iter().filter(|one| one.over).count();
    let _ = match over {
        0 => writeln!(text, "nothing grew by more than {threshold} %"),
        1 => writeln!(text, "1 figure grew by more than {threshold} %"),
        over => writeln!(text, "{over} figures grew by more than {threshold} %"),
    };
    text
}

fn time(nanoseconds: u64) -> String {
    scaled(nanoseconds, &[" ns", " µs", " ms", " s"])
}

fn count(number: u64) -> String {
    scaled(number, &["", " k", " M", " G", " T"])
}

fn percent(percent: f64) -> String {
    if percent > 0.0 && percent < 0.01 { "< 0.01 %".to_owned() } else { format!("{percent:.2} %") }
}
