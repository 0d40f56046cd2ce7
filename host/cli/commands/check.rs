//! `check`, `lint`, `validate`: packs looked at, and a report of what was found.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::args::{self, Checking, Deny, Format};
use super::super::documents::{OneRule, Rules};
use super::super::output::Output;
use super::super::progress;
use super::super::report::{self, Detail, Look};
use super::super::session::{Session, read_bytes, shown, unread};
use super::super::stream::Stream;
use super::plugin_tools::{save_failure, secret_names};
use crate::check::{
    CONFIG_NAME, Ceilings, CheckConfig, Checker, Depth, Finding, MAX_CONFIG_BYTES, PackReport, Report, RuleInfo,
    SuppressionKind, Validator, Weights, baseline, score, suppression_rules, trial_rules, user_limits,
};
use crate::compose::variables::Sources;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::engine::{Component, Engine, Header, Profile, Recorder, Role};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::grants::Grants;
use crate::limits::{TimeBudget, UserLimits};
use crate::pack::{Pack, PackLimits};
use crate::show::count;
use crate::text;

/// Bytes that the findings of all packs together may take in memory; of the packs beyond that only the first findings are kept.
const MOST_KEPT: u64 = 128 << 20;
/// Findings of such a pack that are kept.
const KEPT_OF_EACH: usize = 20;
/// What `packbox.toml` is called in errors.
const SETTINGS: &str = "settings file";
const OTHERS: &str = "name another with `--config FILE`, or check without one with `--no-config`";
/// The most that is read of a validator's component.
const MAX_COMPONENT_BYTES: u64 = 64 << 20;

/// Checks manifests, structure and digests.
///
/// # Errors
/// `Usage` where the settings can't be used. What is wrong with packs is in the report.
pub fn check(session: &Session, arguments: &args::Check) -> Result<u8> {
    run(
        session,
        Checks {
            command: "check",
            depth: Depth::Check,
            packs: &session.named(&arguments.packs)?,
            checking: &arguments.checking,
            values: Sources::default(),
            ceilings: &[],
        },
        None,
    )
}

/// Checks rules, too; or shows the page of a rule.
///
/// # Errors
/// As [`check`].
pub fn lint(session: &Session, arguments: &args::Lint) -> Result<u8> {
    if let Some(rule) = &arguments.explain {
        return explain(session, rule, &arguments.checking).map(|()| 0);
    }
    if arguments.list_rules {
        return list(session, &arguments.checking).map(|()| 0);
    }
    run(
        session,
        Checks {
            command: "lint",
            depth: Depth::Lint,
            packs: &session.named(&arguments.packs)?,
            checking: &arguments.checking,
            values: Sources::default(),
            ceilings: &[],
        },
        None,
    )
}

/// Renders every template, too.
///
/// # Errors
/// As [`check`].
pub fn validate(session: &Session, arguments: &args::Validate) -> Result<u8> {
    let values = session.sources(&arguments.variables)?;
    let packs = &session.named(&arguments.packs)?;
    let (checking, ceilings) = (&arguments.checking, &arguments.ceilings);
    let depth = Depth::Validate;
    let checks = Checks { command: "validate", depth, packs, checking, values, ceilings };
    let Some(path) = &arguments.record else {
        return run(session, checks, None);
    };
    let [pack] = packs.as_slice() else {
        return Err(Error::new(ErrorKind::Usage, "`--record` saves a call of one pack, but there are several packs")
            .hint("validate the pack that fails by itself"));
    };
    let recorder = Arc::new(Recorder::default());
    let result = run(session, checks, Some(&recorder));
    // A pack that can't be loaded called nothing.
    let placeholders = session.pack(pack, &PackLimits::default()).map(|pack| secret_names(&pack)).unwrap_or_default();
    save_failure(session, path, &recorder, &placeholders);
    result
}

/// The user's settings for checking packs, and an engine to do it with.
pub struct Desk {
    pub engine: Engine,
    pub limits: UserLimits,
    pub config: CheckConfig,
    pub validators: Vec<Validator>,
    pub weights: Weights,
    pub time: Option<TimeBudget>,
}

impl Desk {
    /// Reads settings and makes validators ready.
    ///
    /// # Errors
    /// `Usage` for settings that can't be used; those of preparing validators.
    pub fn open(session: &Session, checking: &Checking, depth: Depth) -> Result<Self> {
        Self::open_with(session, checking, depth, None)
    }

    /// [`Desk::open`], and the first failed call is kept.
    fn open_with(
        session: &Session,
        checking: &Checking,
        depth: Depth,
        recorder: Option<&Arc<Recorder>>,
    ) -> Result<Self> {
        let time = checking.time_budget.map(TimeBudget::begin);
        let mut config = settings(session, checking)?;
        let limits = UserLimits::parse(&[&config.limits[..], &checking.engine.limits].concat())?;
        config.set_limits.forget(&checking.engine.limits);
        config.deny_warnings |= checking.deny.contains(&Deny::Warnings);
        config.rules.extend(checking.rules.iter().map(|path| path.display().to_string()));
        let profile = if depth == Depth::Validate { Profile::Measure } else { Profile::Run };
        let engine = session.checking_engine(checking, &limits, profile, recorder)?;
        let mut validators = Vec::new();
        if depth > Depth::Check {
            let explained = |error| config.set_limits.explain(error);
            validators.push(Validator::built_in(&engine).map_err(explained)?);
            for (number, path) in config.rules.iter().enumerate() {
                add_rules(session, &engine, Path::new(path), &limits.pack, &mut validators)
                    .map_err(|error| config.at_rules(number, explained(error)))?;
            }
        }
        Ok(Self { engine, limits, config, validators, weights: Weights { untrusted: checking.untrusted }, time })
    }

    /// Does something with each pack, over all threads, and takes what comes of it in order. Packs that are not reached before
    /// the time is over can't be loaded. `early`: whether what was taken is on the screen.
    ///
    /// # Errors
    /// `Interrupted` after an interrupt; what comes of packs that it may have cut short is not taken.
    pub fn each<T: Send>(
        &self,
        session: &Session,
        packs: &[PathBuf],
        work: &(dyn Fn(String, Result<Pack>) -> T + Sync),
        (early, take): (bool, &mut dyn FnMut(T)),
    ) -> Result<()> {
        let run = |index: usize| {
            let path = &packs[index];
            let pack = match self.time.filter(TimeBudget::is_over) {
                Some(time) => Err(time.unreached()),
                None => session.pack(path, &self.limits.pack),
            };
            let done = work(path.display().to_string(), pack);
            (done, session.interrupt.is_set())
        };
        let (mut complete, mut cut) = (0, false);
        self.engine.spread(packs.len(), &run, &mut |_, (done, may_be_cut)| {
            cut |= may_be_cut;
            if !cut {
                complete += 1;
                take(done);
                progress::count("checking packs", complete, packs.len());
            }
        })?;
        if !session.interrupt.is_set() {
            return Ok(());
        }
        let of = count(packs.len(), "pack");
        let detail = match (complete, early) {
            (0, _) => "interrupted before any pack was checked completely".to_owned(),
            (_, true) => format!("interrupted after {complete} of {of}; the results above are complete"),
            (_, false) => format!("interrupted after {complete} of {of}; there is no report"),
        };
        Err(Error::new(ErrorKind::Interrupted, detail))
    }

    /// A checker of packs.
    #[must_use]
    pub fn checker<'a>(&'a self, depth: Depth, values: &'a Sources) -> Checker<'a> {
        Checker {
            engine: &self.engine,
            validators: &self.validators,
            config: &self.config,
            weights: self.weights,
            values,
            depth,
            time: self.time,
        }
    }
}

/// What a command checks, and how.
struct Checks<'a> {
    command: &'static str,
    depth: Depth,
    packs: &'a [PathBuf],
    checking: &'a Checking,
    values: Sources,
    /// `NAME=VALUE` pairs.
    ceilings: &'a [String],
}

fn run(session: &Session, checks: Checks<'_>, recorder: Option<&Arc<Recorder>>) -> Result<u8> {
    let Checks { command, depth, packs, checking, values, ceilings } = checks;
    let mut desk = Desk::open_with(session, checking, depth, recorder)?;
    for pair in ceilings {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let mut named = Ceilings::default();
        named.set(name, value)?;
        desk.config.ceilings = desk.config.ceilings.overridden_by(named);
    }
    let values = desk.check_given(session, packs, values)?;
    let base = read_baseline(session, checking, &desk.config)?;
    let fail_on = desk.config.fail_on();
    let checker = desk.checker(depth, &values);
    // What is printed as it comes can't wait for the baseline, nor for a document's end.
    let output = printed_to(session, checking);
    let mut stream = Stream::new(output, packs.len(), fail_on, base.is_none() && checking.write_baseline.is_none());
    let mut reports: Vec<PackReport> = Vec::with_capacity(packs.len());
    let mut printed = Ok(());
    let (mut kept, early) = (0_u64, stream.is_early());
    let work = |shown: String, pack| checker.run(shown, pack);
    let mut take = |mut pack: PackReport| {
        kept = kept.saturating_add(pack.weight());
        if kept > MOST_KEPT {
            kept -= pack.shorten(KEPT_OF_EACH, fail_on);
        }
        if printed.is_ok() {
            printed = stream.pack(&pack);
        }
        reports.push(pack);
    };
    let done = desk.each(session, packs, &work, (early, &mut take));
    printed?;
    done?;
    let rules = known_rules(&desk, depth);
    let mut notes = base.map(|base| base.apply(&mut reports, &rules)).unwrap_or_default();
    desk.config.weigh(&mut notes);
    for pack in &mut reports {
        pack.settle(fail_on);
    }
    let report = Report::new(reports, rules, fail_on, notes);
    if let Some(path) = &checking.write_baseline {
        return write_baseline(session, path, checking.reason.as_deref().unwrap_or(""), report);
    }
    stream.finish(&report, command)?;
    summarize(session, &report, command);
    Ok(report.exit())
}

/// Refuses a pack in which `validate` would find errors, with the settings of this folder, and settings that it would
/// refuse. Warnings don't count. Gives the pack's points where no settings have a part in them.
///
/// # Errors
/// That of the pack, with its findings; those of settings and of preparing validators.
pub fn verify(session: &Session, pack: Pack, path: &Path) -> Result<Option<u32>> {
    let shown = &shown(path);
    let checking = Checking::default();
    let mut desk = Desk::open(session, &checking, Depth::Validate)?;
    desk.config.deny_warnings = false;
    // A path, whatever is installed under that name.
    let values = desk.check_given(session, &[Path::new(".").join(path)], Sources::default())?;
    let base = read_baseline(session, &checking, &desk.config)?;
    let fail_on = desk.config.fail_on();
    progress::stage(&format!("validating {shown}"));
    // What is rendered with other packs can't be, today.
    let needs_others = pack.manifest.dependencies.values().any(|needed| !needed.optional)
        && pack.check_host(&crate::version()).is_ok();
    let mut reports = vec![desk.checker(Depth::Validate, &values).run(shown.clone(), Ok(pack))];
    session.interrupt.go_on()?;
    let by_itself = reports.iter().filter(|report| report.was_completed() && desk.config.changes_nothing());
    let points = by_itself.map(|report| score(report).points).next();
    if let Some(base) = base {
        let _ = base.apply(&mut reports, &known_rules(&desk, Depth::Validate));
    }
    let Some(mut report) = reports.pop() else { return Ok(None) };
    report.error = report.error.filter(|failure| failure.kind != ErrorKind::Resolution || !needs_others);
    report.settle(fail_on);
    if report.exit == 0 {
        return Ok(points);
    }
    let findings: Vec<Diagnostic> =
        report.findings.iter().filter(|finding| finding.counts(fail_on)).map(Diagnostic::from).collect();
    let hint = format!("`packbox validate {shown}` shows all of it; `--no-verify` skips the validation");
    let (kind, why, stop) = match report.error {
        Some(failure) => (failure.kind, format!("`{shown}` could not be validated: {}", failure.detail), failure.stop),
        None => (ErrorKind::Manifest, format!("`{shown}` has {}", count(findings.len(), "error")), None),
    };
    let error = Error::new(kind, why).with_findings(findings).hint(hint);
    Err(match stop {
        Some(stop) => error.with_stop(stop),
        None => error,
    })
}

fn read_baseline(session: &Session, checking: &Checking, config: &CheckConfig) -> Result<Option<baseline::Baseline>> {
    let of_settings = config.baseline.as_ref().filter(|_| checking.baseline.is_none());
    let Some(path) = checking.baseline.as_deref().or(of_settings.map(Path::new)) else { return Ok(None) };
    let bytes = match read_bytes(path, baseline::MAX_BASELINE_BYTES, "baseline", &session.interrupt) {
        Ok(bytes) => bytes,
        // It begins now.
        Err(error) if error.kind() == ErrorKind::NotFound && is_written(checking, path) => return Ok(None),
        Err(error) => {
            let begin = (error.kind() == ErrorKind::NotFound).then(|| {
                format!("begin one with `packbox validate PACKS --write-baseline {} --reason TEXT`", shown(path))
            });
            let error = begin.into_iter().fold(error, Error::hint);
            return Err(if of_settings.is_some() { config.at_baseline(error) } else { error });
        }
    };
    baseline::Baseline::parse(&shown(path), bytes).map(Some)
}

/// Whether a baseline is the one that is written, however its path is.
fn is_written(checking: &Checking, path: &Path) -> bool {
    let whole = |path: &Path| std::path::absolute(path).ok();
    checking.write_baseline.as_ref().is_some_and(|written| whole(written) == whole(path))
}

/// Where a report is printed, and how much of it.
pub fn printed_to(session: &Session, checking: &Checking) -> Output {
    if checking.quiet { session.output.with_detail(Detail::Failures) } else { session.output }
}

/// Adds a summary to the page of a GitHub job, where it is one.
pub fn summarize(session: &Session, report: &Report, command: &str) {
    let Some(path) = session.environment.get("GITHUB_STEP_SUMMARY") else { return };
    if session.output.format() != Format::Github {
        return;
    }
    let look = Look { color: false, detail: Detail::Usual };
    let written = report::render(report, command, Format::Markdown, look).and_then(|text| {
        // Whoever waited for the reader of a pipe could not be interrupted.
        let file = files::open_to_append(Path::new(path));
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| Error::io("cannot write the summary that `GITHUB_STEP_SUMMARY` names", error))
    });
    if let Err(error) = written {
        // The report is complete without it.
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        session.output.say(&text::printable_line(&format!("packbox: {error}{cause}")));
    }
}

/// Writes a baseline, and says what will still fail with it; the exit code is that of the next run, which uses it.
fn write_baseline(session: &Session, path: &Path, reason: &str, mut report: Report) -> Result<u8> {
    let text = baseline::write(&report, reason)?;
    std::fs::write(path, &text)
        .map_err(|error| Error::io(format!("cannot write the baseline `{}`", path.display()), error))?;
    let written = baseline::Baseline::parse(&shown(path), text.into_bytes())?;
    let _ = written.apply(&mut report.packs, &report.rules);
    let is_accepted = |finding: &&Finding| {
        finding.suppressed.as_ref().is_some_and(|suppressed| suppressed.kind == SuppressionKind::Baseline)
    };
    let accepted = report.packs.iter().flat_map(|pack| &pack.findings).filter(is_accepted).count();
    session.output.say(&format!("wrote the baseline {}: {}", shown(path), count(accepted, "finding")));
    for pack in &mut report.packs {
        pack.settle(report.fail_on);
        if pack.exit != 0 {
            let why = match &pack.error {
                Some(failure) => &failure.detail,
                None if !pack.checked.manifest => "it could not be loaded",
                None => "not all rules could be checked",
            };
            let line = format!("packbox: no baseline makes `{}` pass: {why}", pack.path);
            session.output.say(&text::printable_line(&line));
        }
    }
    Ok(report.exit())
}

/// Reads `packbox.toml`: the file that the user names, or that of the folder where the command runs. What stands there
/// under that name and is no file is an error, so that no policy silently does not hold.
fn settings(session: &Session, checking: &Checking) -> Result<CheckConfig> {
    let (path, read) = match &checking.config {
        Some(path) => (path.as_path(), read_bytes(path, MAX_CONFIG_BYTES, SETTINGS, &session.interrupt)),
        None if checking.no_config => return Ok(CheckConfig::default()),
        None => {
            let path = Path::new(CONFIG_NAME);
            match files::read_regular(path, MAX_CONFIG_BYTES) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(CheckConfig::default()),
                read => (path, read.map_err(|error| unread(path, MAX_CONFIG_BYTES, SETTINGS, error).hint(OTHERS))),
            }
        }
    };
    CheckConfig::parse(&shown(path), &read?)
}

/// Adds the rules of a component, or of all validators of a pack.
fn add_rules(
    session: &Session,
    engine: &Engine,
    path: &Path,
    pack_limits: &PackLimits,
    validators: &mut Vec<Validator>,
) -> Result<()> {
    let mut taken: BTreeSet<String> =
        validators.iter().flat_map(Validator::rules).map(|rule| rule.id.clone()).collect();
    if path.extension().is_none_or(|extension| extension != "wasm") {
        let pack = session.pack(path, pack_limits)?;
        let before = validators.len();
        for validator in Validator::of_pack(engine, &pack, &mut taken)? {
            validators.push(validator);
        }
        if validators.len() == before {
            let detail = format!("the pack `{}` has no rules", shown(path));
            return Err(Error::new(ErrorKind::Usage, detail)
                .hint("rules are components that export `packbox:plugin/validator`, named under `[plugins]`"));
        }
        return Ok(());
    }
    let bytes = read_bytes(path, MAX_COMPONENT_BYTES, "component", &session.interrupt)?;
    let name = path.file_stem().map_or_else(|| "rules".to_owned(), |stem| stem.to_string_lossy().into_owned());
    Header::read(&bytes)?.check(Role::Validator.interface())?;
    let component =
        Component { name: &name, bytes: &bytes, digest: Digest::of(&bytes), precompiled: None, trusted: false };
    validators.push(Validator::prepare(&engine.run(), &component, &user_limits(engine), &taken, Grants::NONE)?);
    Ok(())
}

/// Shows the page of a rule.
fn explain(session: &Session, rule: &str, checking: &Checking) -> Result<()> {
    let rules = all_rules(session, checking)?;
    let Some(info) = rules.iter().find(|info| info.id == rule) else {
        let near = text::meant(rule, rules.iter().map(|info| info.id.as_str()));
        let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        return Err(Error::new(ErrorKind::Usage, format!("there is no rule `{}`", text::printable_line(rule)))
            .hint(format!("{near}`packbox lint --list-rules` lists them")));
    };
    if session.output.is_json() {
        return session.output.document("lint", &OneRule { rule: info });
    }
    session.output.markdown(&report::rule_page(info))
}

/// Lists the rules.
fn list(session: &Session, checking: &Checking) -> Result<()> {
    let rules = all_rules(session, checking)?;
    if session.output.is_json() {
        return session.output.document("lint", &Rules { rules: &rules });
    }
    session.output.page(&report::rule_list(&rules))
}

fn all_rules(session: &Session, checking: &Checking) -> Result<Vec<RuleInfo>> {
    let desk = Desk::open(session, checking, Depth::Lint)?;
    let mut rules = known_rules(&desk, Depth::Validate);
    rules.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(rules)
}

/// The rules that packs are checked against, but for those that packs bring along.
fn known_rules(desk: &Desk, depth: Depth) -> Vec<RuleInfo> {
    if desk.validators.is_empty() {
        return Vec::new();
    }
    let rules = desk.validators.iter().flat_map(Validator::rules).cloned();
    let of_trials = if depth == Depth::Validate { trial_rules() } else { Vec::new() };
    rules.chain(suppression_rules()).chain(of_trials).collect()
}
