//! Mergers, made ready: what one says that it can do, and files that it makes of what several owners want.
//!
//! Always true here: a file of one owner is that owner's, and nobody is called for it; what a merger claims about owners and
//! places is true of what it was given; text of a guest is redacted, and so are the lines that it points at; of files in which a
//! secret may be, no answer is kept.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::added::added;
use super::asked::{AskedOnce, Merges};
use super::built_in;
use super::diagnose::{JobFailure, LONGEST, PLACES, diagnostics};
use super::toolbox::{checked_limits, granted};
use crate::abi::{GuestConflict, GuestMerged, GuestOutcome, GuestPosition, MergeJobParam, SideParam};
use crate::diagnostic::{Diagnostic, Marks, Severity, Span};
use crate::digest::Digest;
use crate::engine::exports::merger::Policies;
use crate::engine::{Book, Callee, Came, Component, Deferred, Limits, Plugin, Question, Recall, Role, Run};
use crate::error::{Error, ErrorKind, Result};
use crate::grants::Grants;
use crate::pack::{Pack, PluginName};
use crate::secrets::Secrets;
use crate::text;

/// Policies that one merger may have.
const MOST_POLICIES: usize = 100;
/// Characters that the name of one may have.
const LONGEST_NAME: usize = 64;
/// Conflicts of one file that are kept.
const KEPT: usize = 100;
/// The rule of conflicts, as findings.
pub(crate) const RULE_OF_CONFLICTS: &str = "merge/conflict";
/// What the host does itself, without a merger.
const RESERVED: [&str; 2] = ["own", "create-once"];

/// A merger, ready to merge files.
#[derive(Debug, Clone)]
pub struct Merger {
    component: Deferred,
    policies: Vec<Policy>,
    book: Option<Arc<Book>>,
}

/// A way to merge files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What manifests call it.
    pub name: String,
    /// What it does, in one line.
    pub summary: String,
    /// Its page, in Markdown.
    pub help: String,
    /// Its options with their default values.
    pub options: Map<String, Value>,
}

/// What one owner wants a file to be.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// Who: each stands in one side of a file only.
    pub owner: &'a str,
    /// The bytes.
    pub contents: &'a [u8],
    /// Whether a secret may be in them, in whatever form: no line of them is shown, and no answer is kept.
    pub has_secret: bool,
}

/// A file to be merged.
#[derive(Debug, Clone)]
pub struct MergeJob<'a> {
    /// Where it goes, relative to the output folder.
    pub path: &'a str,
    /// One of the merger's policies.
    pub policy: &'a str,
    /// The options that the manifests give.
    pub options: &'a Map<String, Value>,
    /// What all sides were made from, where they were made from anything.
    pub base: Option<&'a [u8]>,
    /// What the owners want, the one first whose layout is kept.
    pub sides: Vec<Side<'a>>,
    /// Texts in which no secret is, such as templates: keys that stand in them may be told.
    pub known: Vec<&'a [u8]>,
}

/// What merging a file came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merging {
    /// One file.
    Merged(MergedFile),
    /// None, for these reasons; at least one.
    Conflicts(Vec<MergeConflict>),
}

/// A file that was merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedFile {
    /// Its bytes.
    pub contents: Vec<u8>,
    /// Whose they are: ranges that don't overlap, ascending. Bytes in none of them are nobody's.
    pub parts: Vec<OwnedPart>,
    /// Remarks.
    pub notes: Vec<Diagnostic>,
}

/// A range of a merged file, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedPart {
    /// The bytes; on character boundaries where the file is UTF-8.
    pub range: Range<usize>,
    /// Indexes into the sides, ascending, each once, at least one.
    pub owners: Vec<usize>,
}

/// Something that owners want differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeConflict {
    /// What it is about, for instance a key; empty where it is the whole file.
    pub subject: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where the owners say what clashes: indexes into the sides, and places, the paths of which are the owners.
    pub places: Vec<(usize, Span)>,
}

/// What came of merging a file, or why nothing did, and where that came from; none where nobody was called.
pub type Come = (std::result::Result<Merging, JobFailure>, Option<Came>);

impl Merger {
    /// Makes the built-in merger ready.
    ///
    /// # Errors
    /// Those of [`Merger::prepare`].
    pub fn built_in(run: &Run<'_>, book: Option<&Arc<Book>>) -> Result<Self> {
        let options = run.engine().options();
        let built_in = built_in::merger();
        let (component, limits) = (built_in.component(options.profile), built_in.limits(&options.limits));
        Self::of(run, Deferred::ours(&component, Role::Merger, limits), book)
    }

    /// Makes a component ready and asks it for its policies.
    ///
    /// # Errors
    /// Those of preparing it; `Refused` where its policies are not what they should be; `Stopped` where it is stopped.
    pub fn prepare(run: &Run<'_>, component: &Component<'_>, limits: &Limits, grants: Grants) -> Result<Self> {
        Self::of(run, Deferred::any(component, Role::Merger, *limits, grants), None)
    }

    /// Asks a component for its policies, unless a book knows them.
    fn of(run: &Run<'_>, component: Deferred, book: Option<&Arc<Book>>) -> Result<Self> {
        let name = text::printable_line(component.name());
        let recall = book.map(|book| {
            let slot = book.tag("policies", &[component.name().as_bytes()]);
            let asked = Box::new(AskedOnce(Question::new(slot, component.tags(run, book))));
            Recall { book, known: None, reads_all: false, asked }
        });
        let callee = Callee::Deferred(&component);
        let outcome = run.ask(callee, component.limits(), &Policies, recall.as_ref())?.pop();
        let outcome = outcome.ok_or_else(|| Error::new(ErrorKind::Plugin, "the merger gave no result"))?;
        let given = outcome.result.map_err(|error| {
            let lookup = |path: &str| (text::printable_line(path), None);
            JobFailure::new(&error, &Span::file(name.clone()), &lookup, &Secrets::default()).into_one("merger")
        })?;
        let refuse = |why: String| {
            Error::new(ErrorKind::Refused, format!("the merger `{name}` {why}"))
                .hint("a policy has a name of lower-case letters, digits and `-`, and options that are a JSON object")
        };
        if given.is_empty() || given.len() > MOST_POLICIES {
            let count = given.len();
            return Err(refuse(format!("has {count} policies, but it must have from 1 to {MOST_POLICIES}")));
        }
        let mut seen = BTreeSet::new();
        let mut policies = Vec::with_capacity(given.len());
        for policy in given {
            let name = policy.name.0;
            let shown = || text::shortened(text::printable_line(&name), LONGEST_NAME);
            if !is_name(&name) {
                return Err(refuse(format!("calls a policy `{}`", shown())));
            }
            if RESERVED.contains(&&*name) {
                return Err(refuse(format!("calls a policy `{name}`, which is not for mergers")));
            }
            let Ok(options) = serde_json::from_slice(&policy.options.0) else {
                return Err(refuse(format!("has a policy `{name}` whose options are not a JSON object")));
            };
            if !seen.insert(name.clone()) {
                return Err(refuse(format!("has two policies `{name}`")));
            }
            let summary = text::shortened(text::printable_line(&policy.summary.0), LONGEST);
            policies.push(Policy { name, summary, help: text::printable(&policy.help.0), options });
        }
        Ok(Self { component, policies, book: book.cloned() })
    }

    /// The merger that is one of a pack's plugins.
    ///
    /// # Errors
    /// `Manifest` where there is no such plugin, or the manifest names no digest; `Integrity` where it is another; those of
    /// [`Merger::prepare`].
    pub fn of_plugin(run: &Run<'_>, pack: &Pack, name: &PluginName, book: Option<&Arc<Book>>) -> Result<Self> {
        let Some(entry) = pack.manifest.plugins.get(name) else {
            return Err(Error::new(ErrorKind::Manifest, format!("there is no plugin `{name}`")));
        };
        let bytes = pack.read(&entry.component.value)?;
        let digest = Digest::of(&bytes);
        let limits = checked_limits(run.engine(), pack, (name, entry), &bytes, digest)?;
        let (granted, place) = (granted(run.engine(), entry), pack.span(&entry.component.range));
        let component = Deferred::of_pack((name.as_str(), bytes, digest), Role::Merger, (limits, granted), place);
        Self::of(run, component, book).map_err(|error| {
            if error.body().location.is_some() { error } else { error.at(pack.span(&entry.component.range)) }
        })
    }

    /// A merger that a user names: what it may use is what the user says.
    ///
    /// # Errors
    /// Those of [`Merger::prepare`].
    pub fn of_user(
        run: &Run<'_>,
        name: &PluginName,
        (bytes, digest): (&[u8], Digest),
        book: Option<&Arc<Book>>,
    ) -> Result<Self> {
        let limits = Limits::DEFAULT.with(&run.engine().options().limits);
        let component = Component { name: name.as_str(), bytes, digest, precompiled: None, trusted: false };
        Self::of(run, Deferred::any(&component, Role::Merger, limits, Grants::NONE), book)
    }

    /// The plugin, made ready.
    ///
    /// # Errors
    /// Those of [`Run::prepare`].
    pub fn plugin(&self, run: &Run<'_>) -> Result<Arc<Plugin>> {
        self.component.ready(run).map(Arc::clone)
    }

    /// What a call may use.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        self.component.limits()
    }

    /// Its policies, in its own order.
    #[must_use]
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// The policy of this name.
    #[must_use]
    pub fn policy(&self, name: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.name == name)
    }

    /// The policy of this name, where somebody asks for it.
    ///
    /// # Errors
    /// `Usage` where there is none, naming those that there are.
    pub fn named(&self, name: &str) -> Result<&Policy> {
        self.policy(name).ok_or_else(|| {
            let known: Vec<String> = self.policies.iter().map(|policy| format!("`{}`", policy.name)).collect();
            let name = text::shortened(text::printable_line(name), LONGEST_NAME);
            Error::new(ErrorKind::Usage, format!("the merger has no policy `{name}`"))
                .hint(format!("it has {}", known.join(", ")))
        })
    }

    /// Merges files over all threads. What came of each is in their order, with where it came from; none where nobody was called,
    /// as for a file of fewer than two sides.
    ///
    /// # Errors
    /// `Io` where threads can't be started. Why a file has no result is in its own one.
    pub fn merge(&self, run: &Run<'_>, jobs: &[MergeJob<'_>], secrets: &Secrets) -> Result<Vec<Come>> {
        let called = |job: &&MergeJob<'_>| job.sides.len() > 1;
        let options: Vec<Vec<u8>> =
            jobs.iter().filter(called).map(|job| serde_json::to_vec(job.options).unwrap_or_default()).collect();
        let handed: Vec<MergeJobParam<'_>> =
            jobs.iter().filter(called).zip(&options).map(|(job, options)| handed(job, options)).collect();
        let recall = self.book.as_deref().map(|book| {
            let secret = jobs.iter().filter(called).map(|job| job.sides.iter().any(|side| side.has_secret)).collect();
            let asked = Box::new(Merges { book, tags: self.component.tags(run, book), jobs: &handed, secret });
            Recall { book, known: None, reads_all: false, asked }
        });
        let outcomes = if handed.is_empty() {
            Vec::new()
        } else {
            run.merge(Callee::Deferred(&self.component), self.limits(), &handed, recall.as_ref())?
        };
        let mut outcomes = outcomes.into_iter();
        let come = |job: &MergeJob<'_>| {
            if !called(&job) {
                return Some((Ok(Merging::Merged(alone(job))), None));
            }
            let outcome = outcomes.next()?;
            let told = Told { job, secrets, has_secret: OnceCell::new() };
            let merged = match outcome.result {
                Ok(given) => {
                    outcome.held.keep();
                    let mut merging = told.merging(given);
                    if let Merging::Merged(file) = &mut merging {
                        let texts = job.sides.iter().map(|side| side.contents).chain(job.base);
                        file.notes.extend(added(&self.component, job.path, texts, &file.contents));
                    }
                    Ok(merging)
                }
                Err(error) => {
                    let mut failure = JobFailure::new(&error, &Span::file(job.path), &|path| told.text(path), secrets);
                    failure.findings.iter_mut().for_each(|finding| told.redact(finding));
                    Err(failure)
                }
            };
            Some((merged, Some(outcome.came)))
        };
        Ok(jobs.iter().filter_map(come).collect())
    }
}

impl MergeConflict {
    /// The conflict as a finding: at the first place, with the others beside it.
    #[must_use]
    pub fn finding(&self) -> Diagnostic {
        let message = match self.subject.as_str() {
            "" => self.message.clone(),
            subject => format!("`{subject}`: {}", self.message),
        };
        let mut spans = self.places.iter().map(|(_, span)| span.clone());
        Diagnostic {
            rule: RULE_OF_CONFLICTS.to_owned(),
            severity: Severity::Error,
            message,
            help: self.help.clone(),
            span: spans.next(),
            related: spans.collect(),
        }
    }
}

/// Translates conflicts; paths of places are owners.
pub(crate) fn conflicts(found: &[GuestConflict], sides: &[Side<'_>], secrets: &Secrets) -> Vec<MergeConflict> {
    let mut marks: BTreeMap<usize, Option<(&str, Marks)>> = BTreeMap::new();
    let mut span = |side: usize, start: GuestPosition, end: Option<GuestPosition>| {
        let Some(Side { owner, contents, .. }) = sides.get(side) else { return Span::file("") };
        let owner = text::printable_line(owner);
        let read = || std::str::from_utf8(contents).ok().map(|text| (text, Marks::of(text)));
        let Some((text, marks)) = marks.entry(side).or_insert_with(read) else { return Span::file(owner) };
        let offset = |at: GuestPosition| marks.byte_offset(text, at.line, at.column);
        let start = offset(start);
        marks.span(owner, text, start..end.map_or(start, offset))
    };
    let told = |text: &str| text::shortened(secrets.redact(text), LONGEST);
    let conflict = |conflict: &GuestConflict| MergeConflict {
        subject: text::printable_line(&told(&conflict.subject.0)),
        message: told(&conflict.message.0),
        help: conflict.help.as_ref().map(|help| told(&help.0)),
        places: conflict
            .places
            .0
            .iter()
            .take(PLACES)
            .map(|place| (place.side as usize, span(place.side as usize, place.start, place.end)))
            .collect(),
    };
    found.iter().take(KEPT).map(conflict).collect()
}

fn is_name(name: &str) -> bool {
    let fine = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    name.len() <= LONGEST_NAME
        && name.chars().all(fine)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
}

fn handed<'a>(job: &MergeJob<'a>, options: &'a [u8]) -> MergeJobParam<'a> {
    let side = |side: &Side<'a>| SideParam { owner: side.owner, contents: side.contents };
    MergeJobParam {
        path: job.path,
        policy: job.policy,
        options,
        base: job.base,
        sides: job.sides.iter().map(side).collect(),
    }
}

/// What is only one owner's.
fn alone(job: &MergeJob<'_>) -> MergedFile {
    match job.sides.first() {
        Some(side) => MergedFile {
            contents: side.contents.to_owned(),
            parts: vec![OwnedPart { range: 0..side.contents.len(), owners: vec![0] }],
            notes: Vec::new(),
        },
        None => MergedFile { contents: job.base.unwrap_or_default().to_owned(), parts: Vec::new(), notes: Vec::new() },
    }
}

/// Translates what came of a job.
struct Told<'a, 'j> {
    job: &'j MergeJob<'a>,
    secrets: &'j Secrets,
    has_secret: OnceCell<bool>,
}

impl<'a> Told<'a, '_> {
    fn merging(&self, outcome: GuestOutcome) -> Merging {
        match outcome {
            GuestOutcome::Merged(merged) => Merging::Merged(self.merged(merged)),
            GuestOutcome::Conflicts(conflicts) => Merging::Conflicts(self.conflicts(&conflicts.0)),
        }
    }

    fn merged(&self, merged: GuestMerged) -> MergedFile {
        let mut notes = diagnostics(&merged.notes.0, &|path| self.text(path), self.secrets);
        for note in &mut notes {
            self.redact(note);
        }
        let index = |owner: &u32| *owner as usize;
        let parts = merged.parts.0.iter().map(|part| OwnedPart {
            range: part.start as usize..part.end as usize,
            owners: part.owners.0.iter().map(index).collect(),
        });
        MergedFile { parts: parts.collect(), contents: merged.contents.0, notes }
    }

    fn conflicts(&self, found: &[GuestConflict]) -> Vec<MergeConflict> {
        let mut conflicts = conflicts(found, &self.job.sides, self.secrets);
        for (_, span) in conflicts.iter_mut().flat_map(|conflict| &mut conflict.places) {
            self.redact_line(span);
        }
        for conflict in &mut conflicts {
            conflict.subject = self.told_keys(&conflict.subject);
        }
        conflicts
    }

    /// The keys of a subject without those that may be a secret, or hold one: that stand nowhere where none is. Where all may be, it is
    /// empty.
    fn told_keys(&self, subject: &str) -> String {
        let (secret, open): (Vec<&Side<'_>>, Vec<&Side<'_>>) = self.job.sides.iter().partition(|side| side.has_secret);
        if secret.is_empty() {
            return subject.to_owned();
        }
        let open: Vec<&[u8]> = open.iter().map(|side| side.contents).chain(self.job.known.iter().copied()).collect();
        let is_open = |key: &str| !key.is_empty() && open.iter().any(|text| text::has_word(text, key.as_bytes()));
        let ends = ['.', '[', ']'];
        let (mut told, mut rest, mut is_any) = (String::new(), subject, false);
        while !rest.is_empty() {
            let end = rest.find(ends).unwrap_or(rest.len());
            let (key, behind) = rest.split_at(end);
            let bare = key.trim_matches(['"', '\'']);
            if bare.is_empty() || is_open(bare) {
                is_any |= !bare.is_empty();
                told.push_str(key);
            } else {
                told.push('…');
            }
            let mut behind = behind.chars();
            told.extend(behind.next());
            rest = behind.as_str();
        }
        if is_any { told } else { String::new() }
    }

    /// The text of an owner, for places in it.
    fn text(&self, owner: &str) -> (String, Option<&'a str>) {
        let side = self.job.sides.iter().find(|side| side.owner == owner);
        (text::printable_line(owner), side.and_then(|side| std::str::from_utf8(side.contents).ok()))
    }

    fn redact(&self, finding: &mut Diagnostic) {
        finding.span.iter_mut().chain(&mut finding.related).for_each(|span| self.redact_line(span));
    }

    /// Takes lines away where a secret is in what owners want: it may have several lines, be longer than what is shown, or stand there
    /// in another form.
    fn redact_line(&self, span: &mut Span) {
        let is_side = |side: &&Side<'_>| text::printable_line(side.owner) == span.path;
        if self.job.sides.iter().find(is_side).is_none_or(|side| side.has_secret) {
            span.excerpt = None;
        }
        let has = |side: &Side<'_>| {
            let text = String::from_utf8_lossy(side.contents);
            self.secrets.redact_contents(&text) != text
        };
        let any = || !self.secrets.is_empty() && self.job.sides.iter().any(has);
        span.excerpt.take_if(|_| *self.has_secret.get_or_init(any));
    }
}
