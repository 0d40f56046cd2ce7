//! The report of all suites: what was promised, what was measured, and how far apart they are, in Markdown, JSON and HTML.
//!
//! Always true here: every row is in it, measured or not; nothing is measured here.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::rows::{Ceilings, Row};
use super::suite::{Arm, Measured, figure, in_unit};

/// How far within its target a figure is wanted to be.
const WANTED: f64 = 10.0;

/// A row with what was measured.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    row: &'a Row,
    samples: Option<usize>,
    p50: Option<f64>,
    p95: Option<f64>,
    /// Target ÷ measured, or the other way round where more is better.
    margin: Option<f64>,
    verdict: &'static str,
}

/// The whole report.
#[derive(Serialize)]
struct Report<'a> {
    machines: Vec<String>,
    rows: Vec<Line<'a>>,
    /// Arms that no row is about: native twins and parameters.
    others: Vec<&'a Arm>,
}

/// Writes the report of the figures that lie in a folder, and says where its Markdown is.
pub fn write(folder: &Path) -> io::Result<PathBuf> {
    let ceilings = Ceilings::load();
    let mut suites = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_suite = path.extension().is_some_and(|extension| extension == "json") && !path.ends_with("report.json");
        if let Some(measured) = is_suite.then(|| std::fs::read(&path)).transpose()? {
            suites.extend(serde_json::from_slice::<Measured>(&measured).ok());
        }
    }
    suites.sort_by(|one, other| one.suite.cmp(&other.suite));
    let report = report(&ceilings.row, &suites);
    let markdown = folder.join("report.md");
    std::fs::write(&markdown, as_markdown(&report))?;
    std::fs::write(folder.join("report.json"), serde_json::to_vec_pretty(&report)?)?;
    std::fs::write(folder.join("report.html"), as_html(&report))?;
    Ok(markdown)
}

fn report<'a>(rows: &'a [Row], suites: &'a [Measured]) -> Report<'a> {
    let arms = || suites.iter().flat_map(|suite| &suite.arms);
    let line = |row: &'a Row| {
        let arm = arms().find(|arm| arm.rows.contains(&row.id));
        let margin = arm.map(|arm| row.margin(figure(arm, row)));
        let verdict = match (arm, margin) {
            _ if row.pending.is_some() => "pending",
            (Some(arm), _) if row.is_broken_by(figure(arm, row)) => "beyond what is accepted",
            (Some(_), Some(margin)) if margin >= WANTED => "10 × within",
            (Some(_), Some(margin)) if margin >= 1.0 => "within",
            (Some(_), _) => "beyond its target",
            (None, _) => "not measured",
        };
        let part = |of: fn(&Arm) -> f64| arm.map(|arm| in_unit(of(arm), row));
        Line {
            row,
            samples: arm.map(|arm| arm.samples),
            p50: part(|arm| arm.p50),
            p95: part(|arm| arm.p95),
            margin,
            verdict,
        }
    };
    let mut machines: Vec<String> = suites.iter().map(|suite| suite.machine.clone()).collect();
    machines.dedup();
    Report {
        machines,
        rows: rows.iter().map(line).collect(),
        others: arms().filter(|arm| arm.rows.is_empty()).collect(),
    }
}

/// About three digits.
fn short(value: f64) -> String {
    let decimals = match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        0.1.. => 3,
        _ => 4,
    };
    format!("{value:.decimals$}")
}

const HEAD: [&str; 9] =
    ["operation", "target", "maximum", "p50", "p95", "compared", "target ÷ measured", "verdict", "with what, and why"];

impl Line<'_> {
    fn cells(&self) -> [String; 9] {
        let Self { row, .. } = self;
        let unit = row.unit.name();
        let figure =
            |figure: Option<f64>| figure.map_or_else(String::new, |figure| format!("{} {unit}", short(figure)));
        let sign = if row.unit.more_is_better() { '>' } else { '<' };
        let compared = serde_json::to_value(row.percentile).ok();
        let reason =
            row.pending.as_ref().or(row.reason.as_ref().filter(|_| self.margin.is_none_or(|margin| margin < WANTED)));
        let because = reason.map_or_else(String::new, |reason| format!(". {reason}"));
        [
            row.operation.clone(),
            format!("{sign} {} {unit}", row.target),
            row.maximum.map_or_else(String::new, |maximum| format!("{maximum} {unit}")),
            figure(self.p50),
            figure(self.p95),
            compared.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default(),
            self.margin.map_or_else(String::new, |margin| format!("{} ×", short(margin))),
            self.verdict.to_owned(),
            format!("{}{because}", row.condition),
        ]
    }
}

impl Report<'_> {
    /// Rows by category, in the order of the file.
    fn categories(&self) -> impl Iterator<Item = &[Line<'_>]> {
        self.rows.chunk_by(|one, other| one.row.category == other.row.category)
    }

    fn summary(&self) -> String {
        let count = |verdict: &str| self.rows.iter().filter(|line| line.verdict == verdict).count();
        let verdicts =
            ["10 × within", "within", "beyond its target", "beyond what is accepted", "not measured", "pending"];
        let counts = verdicts.map(|verdict| (count(verdict), verdict)).into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts.map(|(count, verdict)| format!("{count} {verdict}")).collect();
        let unexplained =
            self.rows.iter().filter(|line| line.row.reason.is_none() && line.margin.is_some_and(|it| it < WANTED));
        let names: Vec<&str> = unexplained.map(|line| line.row.id.as_str()).collect();
        let names =
            if names.is_empty() { String::new() } else { format!("; no reason is given for {}", names.join(", ")) };
        format!("{} rows: {}{names}", self.rows.len(), counts.join(", "))
    }

    /// An arm without a row; times in milliseconds.
    fn other(arm: &Arm) -> [String; 5] {
        let (scale, unit) = if arm.unit.seconds().is_some() { (1e3, "ms") } else { (1.0, arm.unit.name()) };
        let figure = |figure: f64| format!("{} {unit}", short(figure * scale));
        [arm.name.clone(), arm.samples.to_string(), figure(arm.p50), figure(arm.p95), figure(arm.p99)]
    }
}

const OTHER_HEAD: [&str; 5] = ["arm", "samples", "p50", "p95", "p99"];

fn as_markdown(report: &Report<'_>) -> String {
    let table = |head: &[&str]| format!("| {} |\n|{}\n", head.join(" | "), " --- |".repeat(head.len()));
    let cells = |cells: &[String]| {
        format!("| {} |\n", cells.iter().map(|cell| cell.replace('|', "\\|")).collect::<Vec<_>>().join(" | "))
    };
    let mut text = format!("# Ceilings\n\n{}\n\n{}\n", report.summary(), report.machines.join("\n"));
    for lines in report.categories() {
        let _ = write!(text, "\n## {}\n\n{}", lines[0].row.category, table(&HEAD));
        for line in lines {
            text += &cells(&line.cells());
        }
    }
    let _ = write!(text, "\n## Beside them\n\n{}", table(&OTHER_HEAD));
    for arm in &report.others {
        text += &cells(&Report::other(arm));
    }
    text
}

fn as_html(report: &Report<'_>) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let row = |tag: &str, class: &str, cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect();
        let cells = cells.concat();
        format!("<tr class=\"{class}\">{cells}</tr>\n")
    };
    let head = |names: &[&str]| row("th", "", &names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let mut text = format!(
        "<!doctype html>\n<meta charset=\"utf-8\"><title>Ceilings</title>\n<style>\nbody {{ font: 14px sans-serif; margin: 2em }}\n\
         table {{ border-collapse: collapse }} td, th {{ padding: 3px 8px; border-bottom: 1px solid #ddd; text-align: left; \
         vertical-align: top }}\n.good td:nth-child(8) {{ background: #cfc }} .bad td:nth-child(8) {{ background: #fbb }}\n</style>\n\
         <h1>Ceilings</h1>\n<p>{}</p>\n<p>{}</p>\n",
        escape(&report.summary()),
        escape(&report.machines.join(" · "))
    );
    for lines in report.categories() {
        let _ = write!(text, "<h2>{}</h2>\n<table>\n{}", escape(&lines[0].row.category), head(&HEAD));
        for line in lines {
            let class = match line.verdict {
                "10 × within" => "good",
                "within" | "pending" | "not measured" => "",
                _ => "bad",
            };
            text += &row("td", class, &line.cells());
        }
        text += "</table>\n";
    }
    let _ = write!(text, "<h2>Beside them</h2>\n<table>\n{}", head(&OTHER_HEAD));
    for arm in &report.others {
        text += &row("td", "", &Report::other(arm));
    }
    text + "</table>\n"
}

/// What a suite ran on: the processor, the system, and the file system of what is on a disk.
pub fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let cpu =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("", |(_, name)| name);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mounts = read("/proc/mounts");
    let mounted = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    let disk = mounted.filter(|(place, _)| folder.starts_with(place)).max_by_key(|(place, _)| place.len());
    format!(
        "{} cores of {cpu}, {} {}, packbox {}; disk: {}",
        std::thread::available_parallelism().map_or(1, usize::from),
        std::env::consts::OS,
        read("/proc/sys/kernel/osrelease").trim(),
        packbox::version(),
        disk.map_or("an unknown file system", |(_, kind)| kind),
    )
}
