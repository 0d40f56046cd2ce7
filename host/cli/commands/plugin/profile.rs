//! `plugin profile`: where a plugin spends its time.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::cli::args::Running;
use crate::cli::args::duration;
use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::{PluginProfile, PluginStack};
use crate::cli::plugin_tools::{no_cases, options, tell_unbuilt};
use crate::cli::saved::{self, Sort};
use crate::cli::session::{Session, shown};
use crate::engine::{self, Engine, Sampler};
use crate::error::{Error, ErrorKind, Result};
use crate::measure::{Case, ProfileOptions, Profiled, Subject, flamegraph, profile};
use crate::show::count;
use crate::text::printable_line;

/// Draw a flamegraph of where a plugin spends its time in its cases.
#[derive(Debug, Args)]
pub struct Profile {
    /// The plugin: a project's folder, or a component with `cases/` beside it.
    #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
    pub plugin: PathBuf,
    /// Profile the cases whose names contain this.
    #[arg(long, value_name = "NAME")]
    pub case: Option<String>,
    /// The flamegraph's file, an SVG; with `--format json` the stacks are printed, too.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Stop after this many samples; one is taken for every millisecond that the plugin runs.
    #[arg(long, value_name = "N", default_value_t = 2000)]
    pub samples: u64,
    /// The longest that it may take, for instance `10s`.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub time: Duration,
    /// How it is run.
    #[command(flatten)]
    pub running: Running,
}

impl command::Command for Profile {
    const NAME: &'static str = "plugin profile";
    const EXAMPLES: &'static [&'static str] = &["packbox plugin profile settings --time 1s -o profile.svg"];
    command::documents!(PluginProfile<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(plugin_profile(session, self))
    }
}

/// Samples a plugin's calls and draws a flamegraph.
///
/// # Errors
/// `Usage` where there is no case or nothing was sampled; those of reading and preparing the plugin; `Io`.
pub fn plugin_profile(session: &Session, arguments: &Profile) -> Result<()> {
    if arguments.output.is_none() && !session.output.is_json() {
        return Err(Error::new(ErrorKind::Usage, "there is no file for the flamegraph").hint("add `-o FILE.svg`"));
    }
    saved::check(arguments.output.as_deref(), Sort::Flame)?;
    let subject = Subject::open(&arguments.plugin, &arguments.running.grants)?;
    let filter = arguments.case.as_deref();
    let cases = Case::read_all(&subject.cases, filter, &subject.roles)?;
    if cases.is_empty() {
        return Err(no_cases(&subject.cases, filter));
    }
    tell_unbuilt(session, &arguments.plugin);
    let mut options = options(session, &arguments.running, engine::Profile::Run, &subject.limits)?;
    options.sampler = Some(Arc::new(Sampler::default()));
    let engine = Engine::new(options)?;
    let wanted = ProfileOptions { samples: arguments.samples.max(1), time: arguments.time };
    let Profiled { samples, calls, stopped } = profile(&engine, &subject, &cases, wanted)?;
    let title = format!("{}: {}", subject.name, count(calls, "call"));
    if let Some(path) = &arguments.output {
        saved::save(path, Sort::Flame, flamegraph(&samples, &title).as_bytes())?;
    }
    if session.output.is_json() {
        let stacks = samples.stacks.iter().map(|(frames, count)| PluginStack { frames, samples: *count });
        let document = PluginProfile {
            plugin: &subject.name,
            sha256: subject.digest,
            cases: cases.iter().map(|case| printable_line(&case.name)).collect(),
            calls,
            stopped: &stopped,
            samples: samples.taken,
            lost: samples.lost,
            stacks: stacks.collect(),
        };
        return session.output.document("plugin profile", &document);
    }
    let path = arguments.output.as_deref().map(shown).unwrap_or_default();
    let mut text = format!("{} of {} in {path}\n", count(samples.taken, "sample"), count(calls, "call"));
    if samples.taken < arguments.samples {
        text.push_str("fewer than asked for: the cases are short; raise `--time`\n");
    }
    for (case, how) in &stopped {
        // Writing to a string does not fail.
        let _ = writeln!(text, "the case `{}` ends as `{how}`", printable_line(case));
    }
    session.output.page(&text)
}
