//! What was rendered, joined with what stands in an output folder: [`Joined`].
//!
//! Always true here: nothing is read from a disk, and nothing written; what stands is the first side of a merge, so that its comments,
//! order and layout stay. Whoever merges is called in the sandbox, as for several packs, and what it made once it makes again: joined with
//! the same packs, the result is itself.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::commit::{Standing, StandingFile};
use super::composition::Composition;
use super::dispute::refuse;
use super::job::Job;
use super::line_ends::{LineEnd, with_lf};
use super::merge;
use super::tree::{Tree, TreeFile};
use super::unmarked::{self, Unmarked};
use crate::advice::said;
use crate::diagnostic::{Diagnostic, Span};
use crate::digest::Digest;
use crate::engine::Run;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Merging, OutputPath};
use crate::plugins::{self, JobFailure, MergeJob, Merger};

/// What messages call who made what stands; no pack has such a name.
const YOURS: &str = "your file";
/// The policies that merge by structure: what is blank has none.
const STRUCTURED: [&str; 3] = ["merge-toml", "merge-json", "merge-yaml"];
/// The policy of marked sections: what is merged into a file has to have its markers, and a single pack's has none.
const REGION: &str = "region";
/// Owners of sections that are there only so that a single pack's has markers, too; no pack has such names.
const NOBODY: [&str; 2] = ["(1)", "(2)"];

/// What was rendered, joined with what stands in an output folder.
#[derive(Debug)]
pub struct Joined<'r> {
    tree: Cow<'r, Tree>,
    standing: Standing,
    notes: Vec<Diagnostic>,
    mergers: BTreeMap<String, Digest>,
    called_for: BTreeSet<OutputPath>,
}

/// A file that packs want to merge into one that stands.
struct Meeting<'a> {
    file: &'a TreeFile,
    standing: &'a StandingFile,
    merging: &'a Merging,
    /// The pack that names the merger: the first owner.
    job: &'a Job<'a>,
    /// The texts that the file is made of, where a secret may be in it.
    known: Vec<&'a [u8]>,
    /// Who wants what packs want: the names of all owners.
    packs: String,
    /// What stands; with the markers of the pack that wrote all of it, where that is another one.
    text: Cow<'a, [u8]>,
    /// What packs want, and what both were made from.
    wanted: Vec<u8>,
    base: Option<Vec<u8>>,
    /// What ends the lines of what stands, where sections are merged without regard to that: they are merged with line feeds.
    ends: Option<LineEnd>,
}

impl<'r> Joined<'r> {
    /// Takes what was rendered as it is.
    #[must_use]
    pub fn nothing(tree: &'r Tree) -> Self {
        Self {
            tree: Cow::Borrowed(tree),
            standing: Standing::default(),
            notes: Vec::new(),
            mergers: BTreeMap::new(),
            called_for: BTreeSet::new(),
        }
    }

    /// Merges what packs want into what stands.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] where both want different things, with the places in both, and where what stands can't be read;
    /// those of preparing and calling mergers; [`ErrorKind::Plugin`] where a merger would change its own result;
    /// [`ErrorKind::Integrity`] where a saved plan names another component.
    pub fn of(composition: &Composition<'_>, run: &Run<'_>, tree: &'r Tree, mut standing: Standing) -> Result<Self> {
        let mut notes = Vec::new();
        let (mut contents, mut called_for) = (BTreeMap::new(), BTreeSet::new());
        let meetings: Vec<Meeting<'_>> = standing
            .files()
            .filter_map(|(path, standing)| {
                let file = tree.get(path.as_str())?;
                let merging = file.provenance().on_conflict.merging()?;
                Meeting::of(composition, file, standing, merging)
            })
            .collect();
        let who = composition.who_merges();
        let mergers: BTreeMap<String, Digest> = meetings
            .iter()
            .filter(|meeting| meeting.merged_by_nobody().is_none())
            .filter_map(|meeting| who.named(meeting.file.path(), meeting.merging, meeting.job))
            .collect();
        composition.folder().map_or(Ok(()), |folder| folder.check_mergers(&mergers))?;
        let mut by_merger: BTreeMap<_, Vec<Meeting<'_>>> = BTreeMap::new();
        for meeting in meetings {
            if let Some(merged) = meeting.merged_by_nobody() {
                run.budget().draw(merged.len() as u64)?;
                contents.insert(meeting.file.path().clone(), merged.to_vec());
                continue;
            }
            by_merger.entry(who.who(meeting.file.path(), meeting.merging, meeting.job)).or_default().push(meeting);
        }
        for meetings in by_merger.into_values() {
            for (file, merged) in joined(composition, run, meetings, &mut notes)? {
                run.budget().draw(merged.len() as u64)?;
                called_for.insert(file.path().clone());
                contents.insert(file.path().clone(), merged);
            }
        }
        standing.replace(|path| {
            let wanted = tree.get(path.as_str()).map(TreeFile::contents);
            contents.get(path).is_some_and(|merged| Some(&merged[..]) == wanted)
        });
        if contents.is_empty() {
            return Ok(Self { tree: Cow::Borrowed(tree), standing, notes, mergers, called_for });
        }
        let files = tree.files().iter().map(|file| match contents.remove(file.path()) {
            Some(merged) => {
                let executable = standing.get(file.path()).is_some_and(|standing| standing.executable);
                file.clone().with_contents(merged, executable)
            }
            None => file.clone(),
        });
        let tree = Tree::build(files.collect())?;
        run.budget().check_output_bytes(tree.files().iter().map(|file| file.contents().len() as u64).sum())?;
        Ok(Self { tree: Cow::Owned(tree), standing, notes, mergers, called_for })
    }

    /// The files as they are to be.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// What stands, and is a part of them.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The components that merged, by name, with their digests.
    #[must_use]
    pub fn mergers(&self) -> &BTreeMap<String, Digest> {
        &self.mergers
    }

    /// The files for which a merger was called: in each run, as nothing of what stands is kept.
    #[must_use]
    pub fn called_for(&self) -> &BTreeSet<OutputPath> {
        &self.called_for
    }

    /// What mergers remarked.
    #[must_use]
    pub fn notes(&self) -> &[Diagnostic] {
        &self.notes
    }
}

impl<'a> Meeting<'a> {
    fn of(
        composition: &'a Composition<'a>,
        file: &'a TreeFile,
        standing: &'a StandingFile,
        merging: &'a Merging,
    ) -> Option<Self> {
        let jobs = composition.jobs();
        let names: Vec<&str> = file.owners().iter().map(|owner| owner.pack.as_str()).collect();
        let job = match names.first() {
            Some(first) => jobs.iter().find(|job| job.plan.pack.name.as_str() == *first)?,
            None => composition.leading(),
        };
        let packs = if names.is_empty() { job.plan.pack.name.to_string() } else { names.join(", ") };
        let mut known = Vec::new();
        if file.has_secret() && file.owners().is_empty() {
            known.extend(job.texts_of(&file.provenance().template));
        } else if file.has_secret() {
            for owner in file.owners() {
                let job = jobs.iter().find(|job| job.plan.pack.name == owner.pack)?;
                known.extend(job.texts_of(&owner.template));
            }
        }
        let (wanted, text) = (file.contents().to_vec(), Cow::Borrowed(&standing.contents[..]));
        let mut meeting = Self { file, standing, merging, job, known, packs, text, wanted, base: None, ends: None };
        meeting.ends = LineEnd::of(&standing.contents).filter(|_| meeting.has_sections());
        if meeting.ends.is_some() {
            meeting.text = with_lf(&standing.contents);
            meeting.wanted = with_lf(&meeting.wanted).into_owned();
        }
        Some(meeting)
    }

    /// What is merged by nobody: what stands where it is what packs want but for the ends of lines, and what packs want where nothing stands.
    fn merged_by_nobody(&self) -> Option<&[u8]> {
        if self.has_sections() && with_lf(&self.standing.contents) == with_lf(&self.wanted) {
            return Some(&self.standing.contents);
        }
        self.is_into_nothing().then_some(&self.wanted)
    }

    /// Whether what packs want is merged by structure, and what stands is blank: then it is as if nothing stood there, in every format.
    fn is_into_nothing(&self) -> bool {
        self.merging.plugin.is_none() && STRUCTURED.contains(&self.merging.policy.as_str()) && self.standing.is_blank()
    }

    /// Whether packs want marked sections.
    fn has_sections(&self) -> bool {
        self.merging.plugin.is_none() && self.merging.policy.as_str() == REGION
    }

    /// The pack that wrote all of what stands, to the byte and without markers, and wants nothing now.
    fn writer(&self) -> Option<&'a str> {
        let [writer] = &self.standing.writers[..] else { return None };
        let wants = self.packs.split(", ").any(|pack| pack == writer.as_str());
        let is_whole = || std::str::from_utf8(&self.standing.contents).is_ok_and(|text| !unmarked::has_markers(text));
        (self.has_sections() && self.standing.is_untouched && !wants && is_whole()).then_some(writer.as_str())
    }

    /// What stands and what is wanted, where packs want marked sections and both are text.
    fn unmarked(&self) -> Option<Unmarked<'_>> {
        Some(Unmarked {
            path: self.file.path(),
            text: std::str::from_utf8(&self.text).ok()?,
            wanted: std::str::from_utf8(&self.wanted).ok().filter(|_| self.has_sections())?,
            writers: &self.standing.writers,
            has_secret: self.file.has_secret(),
        })
    }

    fn job_of<'j>(&'j self, base: Option<&'j [u8]>, sides: &[(&'j str, &'j [u8])]) -> MergeJob<'j> {
        // What was merged before may stand there by now.
        let has_secret = self.file.has_secret();
        let sides = sides.iter().map(|(owner, contents)| plugins::Side { owner, contents, has_secret }).collect();
        let policy = self.merging.policy.as_str();
        let (path, options, known) = (self.file.path().as_str(), &self.merging.options, self.known.clone());
        MergeJob { path, policy, options, base, sides, known }
    }

    /// The merge of what packs want into a text.
    fn into<'j>(&'j self, text: &'j [u8]) -> MergeJob<'j> {
        self.job_of(self.base.as_deref(), &[(YOURS, text), (&self.packs, &self.wanted)])
    }
}

/// Merges files by one merger.
fn joined<'a>(
    composition: &Composition<'_>,
    run: &Run<'_>,
    mut meetings: Vec<Meeting<'a>>,
    notes: &mut Vec<Diagnostic>,
) -> Result<Vec<(&'a TreeFile, Vec<u8>)>> {
    let Some(first) = meetings.first() else { return Ok(Vec::new()) };
    // Nothing of what stands is kept anywhere: it may hold secrets that nobody told packbox of.
    let mergers = composition.who_merges();
    let merger = mergers.prepare(run, first.file.path(), first.merging, (first.job, None))?;
    for meeting in &meetings {
        // A pack that is alone was never merged: whether there is such a policy is asked now.
        merge::check_policy(&merger, meeting.file.path(), meeting.merging)?;
    }
    let caller = Caller { run, merger: &merger, composition };
    caller.mark(&mut meetings)?;
    let doubled: Vec<Diagnostic> =
        meetings.iter().filter_map(Meeting::unmarked).flat_map(|unmarked| unmarked.doubled()).collect();
    if !doubled.is_empty() {
        return Err(in_the_way(doubled));
    }
    notes.extend(meetings.iter().filter_map(Meeting::unmarked).flat_map(|unmarked| unmarked.suspected()));
    let jobs: Vec<_> = meetings.iter().map(|meeting| meeting.into(&meeting.text)).collect();
    let merged = caller.merge(&meetings, &jobs, notes)?;
    let again: Vec<_> = meetings.iter().zip(&merged).map(|(meeting, merged)| meeting.into(merged)).collect();
    let twice = caller.merge(&meetings, &again, &mut Vec::new())?;
    drop(again);
    if let Some((meeting, _)) = meetings.iter().zip(merged.iter().zip(&twice)).find(|(_, (one, two))| one != two) {
        let path = meeting.file.path();
        let detail =
            format!("the merger of `{path}` would change its own result again: it can't be merged into your file");
        return Err(Error::new(ErrorKind::Plugin, detail)
            .at(Span::file(path.as_str()))
            .hint("what was merged once has to stay as it is when the same is merged into it"));
    }
    let ended = |(meeting, merged): (&Meeting<'a>, Vec<u8>)| (meeting.file, LineEnd::given_to(meeting.ends, merged));
    Ok(meetings.iter().zip(merged).map(ended).collect())
}

/// Who calls a merger.
struct Caller<'c> {
    run: &'c Run<'c>,
    merger: &'c Merger,
    composition: &'c Composition<'c>,
}

impl Caller<'_> {
    /// Gives sections their markers, and says that both were made from a file without any.
    ///
    /// A single pack's text has no markers, and neither has what another pack wrote when it was alone. It gets them as one of three owners
    /// of a file; the two others, who want nothing, are in what both were made from, but not in the file that stands: so it is as if
    /// they had been removed there.
    fn mark(&self, meetings: &mut [Meeting<'_>]) -> Result<()> {
        let [one, two] = NOBODY.map(|name| (name, &[][..]));
        for meeting in meetings.iter_mut().filter(|meeting| meeting.has_sections()) {
            if meeting.file.owners().len() > 1 {
                meeting.base = Some(Vec::new());
                continue;
            }
            let jobs = [
                meeting.job_of(None, &[one, two]),
                meeting.job_of(None, &[(&meeting.packs, &meeting.wanted), one, two]),
            ];
            let at = [&*meeting, &*meeting];
            let mut made = self.merge(&at, &jobs, &mut Vec::new())?.into_iter();
            let (base, wanted) = (made.next(), made.next().unwrap_or_default());
            drop(jobs);
            (meeting.base, meeting.wanted) = (base, wanted);
        }
        for meeting in meetings.iter_mut() {
            if let Some(text) = self.marked(meeting)? {
                meeting.text = Cow::Owned(text);
            }
        }
        Ok(())
    }

    /// What stands, with the markers of the pack that wrote all of it: as if it had come into an empty file.
    fn marked(&self, meeting: &Meeting<'_>) -> Result<Option<Vec<u8>>> {
        let Some(writer) = meeting.writer() else { return Ok(None) };
        let [one, two] = NOBODY.map(|name| (name, &[][..]));
        let written = (writer, &*meeting.text);
        let jobs = [meeting.job_of(None, &[one, two]), meeting.job_of(None, &[written, one, two])];
        let [base, text] = &self.merge(&[meeting, meeting], &jobs, &mut Vec::new())?[..] else { return Ok(None) };
        let job = meeting.job_of(Some(base), &[(YOURS, &[]), (writer, text)]);
        Ok(self.merge(&[meeting], &[job], &mut Vec::new())?.pop())
    }

    fn merge<'m, 'a: 'm, M: std::borrow::Borrow<Meeting<'a>> + 'm>(
        &self,
        meetings: &'m [M],
        jobs: &[MergeJob<'_>],
        notes: &mut Vec<Diagnostic>,
    ) -> Result<Vec<Vec<u8>>> {
        let (mut merged, mut conflicts, mut failures) = (Vec::new(), Vec::new(), Vec::new());
        let mut mistakes = Vec::new();
        let came = self.merger.merge(self.run, jobs, self.composition.secrets())?;
        for (meeting, (came, _)) in meetings.iter().zip(came) {
            let path = meeting.borrow().file.path();
            let placed = |mut finding: Diagnostic| {
                let spans = finding.span.iter_mut().chain(&mut finding.related);
                spans.for_each(|span| {
                    span.path = match span.path.as_str() {
                        YOURS => path.to_string(),
                        owner if owner == path.as_str() || owner.is_empty() => path.to_string(),
                        owner => format!("{path} ({owner})"),
                    }
                });
                finding
            };
            match came {
                Ok(plugins::Merging::Merged(file)) => {
                    notes.extend(file.notes.into_iter().map(placed));
                    merged.push(file.contents);
                }
                Ok(plugins::Merging::Conflicts(found)) => conflicts.extend(found.iter().map(|conflict| {
                    let mut finding = placed(conflict.finding());
                    finding.message = merge::about(path, conflict);
                    finding
                })),
                Err(failure) => {
                    if let Some(mistake) = merge::mistake_of_user(self.composition.who_merges().rules, path, &failure) {
                        mistakes.push(mistake);
                        continue;
                    }
                    // What a merger does not do is told without a place: what packs want alone, it was handed before.
                    let is_yours = |finding: &Diagnostic| {
                        finding.rule == "plugin/unsupported"
                            || finding.span.as_ref().is_some_and(|span| span.path == YOURS)
                    };
                    let is_of_yours = failure.stop.is_none() && failure.findings.iter().any(is_yours);
                    let findings = failure.findings.into_iter().map(placed).collect();
                    if is_of_yours {
                        conflicts.extend(findings);
                    } else {
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
        Err(in_the_way(conflicts))
    }
}

/// The error of files that packs want otherwise than they stand.
fn in_the_way(conflicts: Vec<Diagnostic>) -> Error {
    let detail = "what packs want can't be merged into what stands in the output folder";
    let hint = said(
        "change your file there, or choose with `--on-existing skip` or `--on-existing overwrite`",
        "change the file there, or choose `OnExisting::Skip` or `OnExisting::Overwrite`",
    );
    Error::new(ErrorKind::Conflict, detail).with_findings(conflicts).hint(hint)
}
