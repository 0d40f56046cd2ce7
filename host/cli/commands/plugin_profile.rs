//! `plugin profile`: where a plugin spends its time.

use std::fmt::Write as _;
use std::sync::Arc;

use super::super::documents::{PluginProfile, PluginStack};
use super::super::plugin_args::ProfilePlugin;
use super::super::session::{Session, shown};
use super::plugin_tools::{no_cases, options, write};
use crate::engine::{Engine, Profile, Sampler};
use crate::error::{Error, ErrorKind, Result};
use crate::measure::{Case, ProfileOptions, Profiled, Subject, flamegraph, profile};
use crate::show::count;
use crate::text::printable_line;

/// Samples a plugin's calls and draws a flamegraph.
///
/// # Errors
/// `Usage` where there is no case or nothing was sampled; those of reading and preparing the plugin; `Io`.
pub fn plugin_profile(session: &Session, arguments: &ProfilePlugin) -> Result<()> {
    if arguments.output.is_none() && !session.output.is_json() {
        return Err(Error::new(ErrorKind::Usage, "there is no file for the flamegraph").hint("add `-o FILE.svg`"));
    }
    let subject = Subject::open(&arguments.plugin, &arguments.running.grants)?;
    let filter = arguments.case.as_deref();
    let cases = Case::read_all(&subject.cases, filter, &subject.roles)?;
    if cases.is_empty() {
        return Err(no_cases(&subject.cases, filter));
    }
    let mut options = options(session, &arguments.running, Profile::Run, &subject.limits)?;
    options.sampler = Some(Arc::new(Sampler::default()));
    let engine = Engine::new(options)?;
    let wanted = ProfileOptions { samples: arguments.samples.max(1), time: arguments.time };
    let Profiled { samples, calls, stopped } = profile(&engine, &subject, &cases, wanted)?;
    let title = format!("{}: {}", subject.name, count(calls, "call"));
    if let Some(path) = &arguments.output {
        write(path, flamegraph(&samples, &title).as_bytes())?;
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
