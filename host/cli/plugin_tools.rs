//! What the commands that run single plugins share: engines, files, records; and with that which measures packs, baselines.

use std::path::Path;

use crate::author::{Project, newer_source};
use crate::cli::args::EngineArgs;
use crate::cli::args::FigureArgs;
use crate::cli::args::Running;
use crate::cli::saved::{self, Sort};
use crate::cli::session::{Session, read_bytes, shown};
use crate::engine::{Engine, EngineOptions, LimitRequest, Profile, Recorder};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{Limits, UserLimits};
use crate::measure::{Baseline, MAX_BASELINE_BYTES, Placeholders, Record, Recorded};
use crate::pack::{Pack, Variable};

/// Makes the options of an engine that runs one plugin. `project` is what its project says about the stack, which an
/// engine has one of.
///
/// # Errors
/// `Usage` where a limit or a folder is not what it should be.
pub fn options(
    session: &Session,
    running: &Running,
    profile: Profile,
    project: &LimitRequest,
) -> Result<EngineOptions> {
    let mut limits = UserLimits::parse(&running.engine.limits)?;
    limits.calls.stack = limits.calls.stack.or(project.stack.map(|stack| stack.min(Limits::CEILING.stack)));
    session.engine_options(&running.engine, profile, &limits)
}

/// Sets up an engine that runs one plugin.
///
/// # Errors
/// As [`options`], and those of [`Engine::new`].
pub fn engine(session: &Session, running: &Running, profile: Profile, project: &LimitRequest) -> Result<Engine> {
    Engine::new(options(session, running, profile, project)?)
}

/// Reads the figures to compare with, where there are some.
///
/// # Errors
/// `Usage` where they can't be used; those of reading the file.
pub fn baseline(session: &Session, figures: &FigureArgs) -> Result<Option<Baseline>> {
    let Some(path) = &figures.baseline else { return Ok(None) };
    let bytes = read_bytes(path, MAX_BASELINE_BYTES, "baseline", &session.interrupt)?;
    Baseline::parse(&shown(path), &bytes).map(Some)
}

/// Says of a project whose sources are newer than its component that the component does not have the last change.
pub fn tell_unbuilt(session: &Session, path: &Path) {
    let Some(project) = path.is_dir().then(|| Project::read(path).ok()).flatten() else { return };
    if let Some(source) = newer_source(&project) {
        let (source, component) = (shown(&source), shown(&project.component()));
        session.output.say(&format!(
            "note: `{source}` was changed after `{component}` was built; `packbox plugin build {}` builds it anew",
            shown(path)
        ));
    }
}

/// Saves a record, and says on standard error what is in it.
///
/// # Errors
/// `Conflict` where something else stands there; `Io` where it can't be written.
pub fn save(session: &Session, path: &Path, recorded: &Recorded) -> Result<()> {
    let Recorded { record, replaced, differs } = recorded;
    saved::save(path, Sort::Record, &record.to_bytes()?)?;
    let mut text = format!(
        "packbox: recorded a call of {} of `{}`, which ends as `{}`, in {}",
        record.function(),
        record.plugin,
        record.outcome.kind(),
        shown(path)
    );
    if *replaced {
        text.push_str("; secrets are placeholders in it");
    }
    if let Some(differs) = differs {
        text += "\npackbox: the record is not quite the same: ";
        text += differs;
    }
    session.output.say(&text);
    Ok(())
}

/// Saves the first failed call of a run, where there is one. What goes wrong here is said, and nothing else comes of it:
/// the run's own error is what counts.
pub fn save_failure(session: &Session, path: &Path, recorder: &Recorder, placeholders: &Placeholders) {
    let Some(call) = recorder.take() else {
        session.output.say("packbox: no call of a plugin failed, so nothing was recorded");
        return;
    };
    let request =
        LimitRequest { memory: Some(call.limits.memory), stack: Some(call.limits.stack), ..LimitRequest::default() };
    let saved = || {
        let limits = UserLimits::of_calls(request);
        let mut options = session.engine_options(&EngineArgs::default(), Profile::Measure, &limits)?;
        options.trace_logs = false;
        let counting = std::mem::ManuallyDrop::new(Engine::new(options)?);
        save(session, path, &Record::of_failure(&counting, call, placeholders)?)
    };
    if let Err(error) = saved() {
        let hint = error.body().hint.as_deref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        session.output.say(&format!("packbox: the failed call was not recorded: {error}{hint}"));
    }
}

/// Refuses a plugin without cases.
///
/// # Errors
/// `Usage`, with what to do.
pub fn no_cases(folder: &Path, filter: Option<&str>) -> Error {
    let detail = match filter {
        Some(filter) => format!("no case in `{}` contains `{}`", shown(folder), crate::text::printable_line(filter)),
        None => format!("there are no cases in `{}`", shown(folder)),
    };
    Error::new(ErrorKind::Usage, detail)
        .hint("a case is a folder with a `case.toml`; docs/plugin-tools.md describes it")
}

/// What must not be saved of a pack's calls, as far as its manifest says: secret variables, and those that may be
/// computed from them.
#[must_use]
pub fn secret_names(packs: &[Pack]) -> Placeholders {
    let variables = || packs.iter().flat_map(|pack| &pack.manifest.variables);
    if !variables().any(Variable::is_secret) {
        return Placeholders::default();
    }
    let may_hold_one =
        |variable: &&Variable| variable.is_secret() || variable.compute.is_some() || variable.import.is_some();
    Placeholders::new(variables().filter(may_hold_one).map(|variable| variable.name.to_string()), [])
}
