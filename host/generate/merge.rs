//! Files that several packs want, merged by a merger.
//!
//! Always true here: who merges is the built-in merger, or the same component for all packs that want the file; what it can't
//! merge is told with the places in what each pack wants.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::dispute::{RULE_OF_RESOLUTIONS, refuse};
use super::job::Job;
use crate::advice::said;
use crate::diagnostic::{Diagnostic, Span};
use crate::digest::Digest;
use crate::engine::{Book, Came, Run};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Merging, OutputPath, PluginName};
use crate::plan::Rules;
use crate::plugins::{self, JobFailure, MergeConflict, MergeJob, Merger};
use crate::secrets::Secrets;
use crate::text::{nearest, printable_line};

/// The rule by which mergers tell that an option has a wrong value.
const RULE_OF_OPTIONS: &str = "merge/option";
/// What examples of the built-in merger begin with.
const IN_MANIFESTS: &str = "`on_conflict = {";

/// What a pack wants a file to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a> {
    pub job: &'a Job<'a>,
    pub contents: &'a [u8],
    /// What it is made from.
    pub template: &'a str,
    /// Whether a secret may be in it.
    pub has_secret: bool,
}

impl Side<'_> {
    fn owner(&self) -> &str {
        self.job.plan.pack.name.as_str()
    }
}

/// A file that is to be merged: where it goes, how, and what packs want, in their order.
pub(super) type Wanted<'a> = (&'a OutputPath, &'a Merging, Vec<Side<'a>>);

/// Who merges: a plugin by the digest that its pack names, or the built-in merger.
type Who<'a> = Option<(Option<Digest>, &'a PluginName)>;

/// Who merges files: the user's own mergers, else what packs name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mergers<'a> {
    pub rules: &'a Rules,
}

/// A file that is going to be merged: where it goes, how, and the first of the packs that want it.
pub(super) type Planned<'a, 'e> = (&'a OutputPath, Arc<Merging>, &'a Job<'e>);

/// Checks that mergers have what packs want of them: policies and their options.
///
/// # Errors
/// [`ErrorKind::Manifest`] where one lacks a policy or an option; those of preparing mergers.
pub(super) fn check_mergers(run: &Run<'_>, mergers: Mergers<'_>, planned: &[Planned<'_, '_>]) -> Result<()> {
    let mut ready: BTreeMap<Who<'_>, Merger> = BTreeMap::new();
    // What the user says was checked before.
    let of_packs = planned.iter().filter(|(path, ..)| !mergers.rules.merges.contains_key(*path));
    for (path, merging, job) in of_packs {
        let merger = match ready.entry(mergers.who(path, merging, job)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(entry) => entry.insert(mergers.prepare(run, path, merging, (job, job.toolbox.book()))?),
        };
        check_policy(merger, path, merging)?;
    }
    Ok(())
}

/// What is wrong with how the user says that files are merged: policies and options that their mergers lack.
///
/// # Errors
/// Those of preparing mergers.
pub(super) fn check_users(run: &Run<'_>, mergers: Mergers<'_>, job: &Job<'_>) -> Result<Vec<Diagnostic>> {
    let mut ready: BTreeMap<Who<'_>, Merger> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (path, merging) in &mergers.rules.merges {
        let merger = match ready.entry(mergers.who(path, merging, job)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(entry) => entry.insert(mergers.prepare(run, path, merging, (job, job.toolbox.book()))?),
        };
        let at = mergers.rules.places.get(path);
        wrong.extend(lacking(merger, path, merging).into_iter().map(|lack| {
            let mut finding = Diagnostic::error(RULE_OF_RESOLUTIONS, lack.message).help(lack.help);
            let of_option = lack.option.and_then(|option| at?.options.get(option));
            finding.span = of_option.or(at.map(|at| &at.what)).cloned();
            finding
        }));
    }
    Ok(wrong)
}

/// What is wrong with how the user says that a file is merged, where a merger refused that; none where what failed is another's.
pub(super) fn mistake_of_user(rules: &Rules, path: &OutputPath, failure: &JobFailure) -> Option<Diagnostic> {
    let at = rules.places.get(path).filter(|_| failure.stop.is_none() && rules.merges.contains_key(path))?;
    let is_of_options =
        |finding: &&Diagnostic| finding.rule == RULE_OF_OPTIONS || finding.message.contains(IN_MANIFESTS);
    let found = failure.findings.iter().find(is_of_options)?;
    // What a manifest says as `on_conflict`, the user says of the path.
    let said = |text: &str| text.replace(IN_MANIFESTS, &format!("`\"{path}\" = {{"));
    let is_told =
        |name: &&String| found.message.contains(&format!("`{name}`")) || found.message.contains(&format!("`{name}."));
    let of_option = at.options.keys().find(is_told).and_then(|name| at.options.get(name));
    let mut finding = Diagnostic::error(RULE_OF_RESOLUTIONS, said(&found.message));
    finding.help = found.help.as_deref().map(said);
    finding.span = Some(of_option.unwrap_or(&at.what).clone());
    Some(finding)
}

/// Merges files; their bytes are in the order of what is wanted, each with where it came from.
///
/// # Errors
/// [`ErrorKind::Conflict`] where packs want what can't be merged, with all of it; [`ErrorKind::Usage`] where the user gives options that
/// a merger refuses; those of preparing and calling mergers;
/// [`ErrorKind::Manifest`] where a plugin has no such policy.
pub(super) fn merge_all(
    run: &Run<'_>,
    mergers: Mergers<'_>,
    wanted: &[Wanted<'_>],
    secrets: &Secrets,
    notes: &mut Vec<Diagnostic>,
) -> Result<Vec<(Vec<u8>, Option<Came>)>> {
    let mut by_merger: BTreeMap<Who<'_>, Vec<usize>> = BTreeMap::new();
    for (index, (path, merging, sides)) in wanted.iter().enumerate() {
        by_merger.entry(mergers.who(path, merging, sides[0].job)).or_default().push(index);
    }
    let mut merged = vec![(Vec::new(), None); wanted.len()];
    let (mut conflicts, mut failures, mut whose) = (Vec::new(), Vec::new(), None);
    let mut mistakes = Vec::new();
    for indexes in by_merger.values() {
        let (path, merging, sides) = &wanted[indexes[0]];
        let first = sides[0].job;
        let merger = mergers.prepare(run, path, merging, (first, first.toolbox.book()))?;
        let jobs = indexes.iter().map(|index| job(&merger, &wanted[*index])).collect::<Result<Vec<_>>>()?;
        for (index, (merging, came)) in indexes.iter().zip(merger.merge(run, &jobs, secrets)?) {
            let (path, _, sides) = &wanted[*index];
            match merging {
                Ok(plugins::Merging::Merged(file)) => {
                    run.budget().draw(file.contents.len() as u64)?;
                    notes.extend(file.notes.into_iter().map(|note| named(path, note)));
                    merged[*index] = (file.contents, came);
                }
                Ok(plugins::Merging::Conflicts(found)) => {
                    whose = whose.or_else(|| Some(format!("{path}={}", sides.first()?.owner())));
                    conflicts.extend(found.into_iter().map(|conflict| told(path, conflict)));
                }
                Err(failure) => {
                    if let Some(mistake) = mistake_of_user(mergers.rules, path, &failure) {
                        mistakes.push(mistake);
                        continue;
                    }
                    let findings = failure.findings.into_iter().map(|finding| named(path, finding)).collect();
                    failures.push(JobFailure { findings, ..failure });
                }
            }
        }
    }
    refuse(mistakes, Vec::new())?;
    if let Some(error) = JobFailure::into_error(failures, "merge") {
        return Err(error);
    }
    if conflicts.is_empty() {
        return Ok(merged);
    }
    let detail = match conflicts.len() {
        1 => "packs want different things in one file".to_owned(),
        several => format!("packs want {several} different things in the same files"),
    };
    let hint = said(
        format!(
            "let the packs say the same there, or say whose file is taken: `--resolve {}`",
            whose.unwrap_or_default()
        ),
        "let the packs say the same there, or leave one of them out".to_owned(),
    );
    Err(Error::new(ErrorKind::Conflict, detail).with_findings(conflicts).hint(hint))
}

impl<'a> Mergers<'a> {
    /// Who merges a file.
    pub(super) fn who<'w>(self, path: &OutputPath, merging: &'w Merging, job: &Job<'_>) -> Who<'w>
    where
        'a: 'w,
    {
        let plugin = merging.plugin.as_ref()?;
        if let Some((name, own)) = self.rules.own_merger(path) {
            return Some((Some(own.digest), name));
        }
        let entry = job.pack.manifest.plugins.get(plugin);
        Some((entry.and_then(|entry| entry.sha256.as_ref()).map(|digest| digest.value), plugin))
    }

    /// The component that merges a file, as plans and receipts name it, with its digest: `merge` is the built-in one.
    pub(super) fn named(self, path: &OutputPath, merging: &Merging, job: &Job<'_>) -> Option<(String, Digest)> {
        match (&merging.plugin, self.rules.own_merger(path)) {
            (_, Some((name, own))) => Some((format!("merger:{name}"), own.digest)),
            (None, None) => Some(("merge".to_owned(), plugins::built_in::merger().digest())),
            (Some(plugin), None) => {
                let entry = job.pack.manifest.plugins.get(plugin)?;
                Some((format!("plugin:{}/{plugin}", job.plan.pack.name), entry.sha256.as_ref()?.value))
            }
        }
    }

    /// Makes the merger of a file ready: the user's, or the one that the first pack names.
    pub(super) fn prepare(
        self,
        run: &Run<'_>,
        path: &OutputPath,
        merging: &Merging,
        (job, book): (&Job<'_>, Option<&Arc<Book>>),
    ) -> Result<Merger> {
        match (&merging.plugin, self.rules.own_merger(path)) {
            (_, Some((name, own))) => {
                Merger::of_user(run, name, (&own.bytes, own.digest), book).map_err(|error| own.blamed(name, error))
            }
            (Some(plugin), None) => Merger::of_plugin(run, &job.pack, plugin, book),
            (None, None) => Merger::built_in(run, book),
        }
    }
}

/// What a merger lacks that is wanted of it.
struct Lack<'a> {
    message: String,
    help: String,
    /// The option that it is; none: the policy.
    option: Option<&'a str>,
}

/// Checks that a merger has the policy that is wanted of it, and its options.
pub(super) fn check_policy(merger: &Merger, path: &OutputPath, merging: &Merging) -> Result<()> {
    match lacking(merger, path, merging).into_iter().next() {
        Some(Lack { message, help, .. }) => Err(Error::new(ErrorKind::Manifest, message).hint(help)),
        None => Ok(()),
    }
}

/// The policy that a merger lacks, or the options that this one lacks.
fn lacking<'a>(merger: &Merger, path: &OutputPath, merging: &'a Merging) -> Vec<Lack<'a>> {
    let wanted = merging.policy.as_str();
    let lack = |message: String, (wanted, option): (&str, Option<&'a str>), known: Vec<&str>, those: &str| {
        let help = match nearest(wanted, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("it has no {those}"),
            None => format!("its {those} are {}", known.join(", ")),
        };
        Lack { message, help, option }
    };
    let Some(policy) = merger.policy(wanted) else {
        let known = merger.policies().iter().map(|policy| policy.name.as_str()).collect();
        let message = format!("the merger of `{path}` has no policy `{wanted}`");
        return vec![lack(message, (wanted, None), known, "policies")];
    };
    let unknown = merging.options.keys().filter(|name| !policy.options.contains_key(*name));
    let of_option = |name: &'a String| {
        let message = format!("the policy `{wanted}` of `{path}` has no option `{}`", printable_line(name));
        lack(message, (name, Some(name)), policy.options.keys().map(String::as_str).collect(), "options")
    };
    unknown.map(of_option).collect()
}

fn job<'a>(merger: &Merger, (path, merging, sides): &'a Wanted<'a>) -> Result<MergeJob<'a>> {
    check_policy(merger, path, merging)?;
    let policy = merging.policy.as_str();
    let side = |side: &'a Side<'a>| plugins::Side {
        owner: side.owner(),
        contents: side.contents,
        has_secret: side.has_secret,
    };
    let hidden = sides.iter().filter(|side| side.has_secret);
    let known = hidden.flat_map(|side| side.job.texts_of(side.template)).collect();
    let sides = sides.iter().map(side).collect();
    Ok(MergeJob { path: path.as_str(), policy, options: &merging.options, base: None, sides, known })
}

/// A place in what a pack wants a file to be: it stands nowhere but in memory.
fn in_side(path: &OutputPath, mut span: Span) -> Span {
    span.path = if span.path.is_empty() { path.to_string() } else { format!("{path} ({})", span.path) };
    span
}

fn named(path: &OutputPath, mut finding: Diagnostic) -> Diagnostic {
    let is_of_file = |span: &Span| span.path == path.as_str();
    finding.span = finding.span.map(|span| if is_of_file(&span) { span } else { in_side(path, span) });
    finding.related = finding.related.into_iter().map(|span| in_side(path, span)).collect();
    finding
}

/// What a conflict in a file is about.
pub(super) fn about(path: &OutputPath, conflict: &MergeConflict) -> String {
    match conflict.subject.as_str() {
        "" => format!("`{path}`: {}", conflict.message),
        subject => format!("`{subject}` in `{path}`: {}", conflict.message),
    }
}

fn told(path: &OutputPath, conflict: MergeConflict) -> Diagnostic {
    let mut finding = Diagnostic::error("compose/merge", about(path, &conflict));
    finding.help = conflict.help;
    let mut places = conflict.places.into_iter().map(|(_, span)| in_side(path, span));
    finding.span = places.next().or_else(|| Some(Span::file(path.as_str())));
    finding.related.extend(places);
    finding
}
