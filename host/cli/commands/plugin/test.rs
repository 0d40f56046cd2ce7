//! `plugin test`: a plugin's cases, run in the real engine.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::args::Running;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::PluginTest;
use crate::cli::plugin_tools::{engine, no_cases, tell_unbuilt};
use crate::cli::session::Session;
use crate::cli::{command, progress};
use crate::engine::Profile;
use crate::error::{Error, ErrorKind, Result};
use crate::measure::{Case, CaseReport, CaseStatus, Subject, verify};

/// Run a plugin's cases, each twice and in a fresh instance, and compare the results with what they expect.
#[derive(Debug, Args)]
pub struct Test {
    /// The plugin: a project's folder, or a component with `cases/` beside it.
    #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
    pub plugin: PathBuf,
    /// Write what came out to `expected/`; read the diff before you commit it.
    #[arg(long)]
    pub bless: bool,
    /// Run the cases whose names contain this.
    #[arg(long, value_name = "NAME")]
    pub filter: Option<String>,
    /// How it is run.
    #[command(flatten)]
    pub running: Running,
}

impl command::Command for Test {
    const NAME: &'static str = "plugin test";
    const EXAMPLES: &'static [&'static str] = &["packbox plugin test settings"];
    command::documents!(PluginTest<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(plugin_test(session, self))
    }
}

/// Runs cases and says which came out as expected; the exit code is 1 where one did not.
///
/// # Errors
/// `Usage` where there is no case, or one can't be read; those of reading and preparing the plugin.
pub fn plugin_test(session: &Session, arguments: &Test) -> Result<u8> {
    let subject = Subject::open(&arguments.plugin, &arguments.running.grants)?;
    let filter = arguments.filter.as_deref();
    let cases = Case::read_all(&subject.cases, filter, &subject.roles)?;
    if cases.is_empty() {
        return Err(no_cases(&subject.cases, filter));
    }
    tell_unbuilt(session, &arguments.plugin);
    let engine = engine(session, &arguments.running, Profile::Measure, &subject.limits)?;
    let mut reports: Vec<CaseReport> = Vec::with_capacity(cases.len());
    let mut failed = None;
    engine.spread(
        cases.len(),
        &|index| verify(&engine, &subject, &cases[index], arguments.bless),
        &mut |_, report| match report {
            Ok(report) => {
                reports.push(report);
                progress::count("running cases", reports.len(), cases.len());
            }
            Err(error) => failed = failed.take().or(Some(error)),
        },
    )?;
    if session.interrupt.is_set() {
        return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
    }
    if let Some(error) = failed {
        return Err(error);
    }
    let count = |status: CaseStatus| reports.iter().filter(|report| report.status == status).count();
    let (passed, failed, blessed) = (count(CaseStatus::Passed), count(CaseStatus::Failed), count(CaseStatus::Blessed));
    if session.output.is_json() {
        let document =
            PluginTest { plugin: &subject.name, sha256: subject.digest, passed, failed, blessed, cases: &reports };
        session.output.document("plugin test", &document)?;
    } else {
        let mut text = String::new();
        for report in &reports {
            describe(&mut text, report);
        }
        // Writing to a string does not fail.
        let _ = write!(text, "{}: {passed} passed, {failed} failed", subject.name);
        if blessed > 0 {
            let _ = write!(text, ", {blessed} blessed");
        }
        text.push('\n');
        session.output.page(&text)?;
    }
    Ok(u8::from(failed > 0))
}

fn describe(text: &mut String, report: &CaseReport) {
    let word = match report.status {
        CaseStatus::Passed => "ok",
        CaseStatus::Failed => "FAILED",
        CaseStatus::Blessed => "blessed",
    };
    // Writing to a string does not fail.
    let _ = writeln!(text, "{word:<8}{}  ({}, {} fuel)", report.name, report.outcome, report.fuel.unwrap_or(0));
    for problem in &report.problems {
        let _ = writeln!(text, "        {problem}");
    }
    for line in report.said.iter().filter(|_| report.status == CaseStatus::Failed) {
        let _ = writeln!(text, "        {line}");
    }
    for line in report.diff.lines() {
        let _ = writeln!(text, "        {line}");
    }
}
