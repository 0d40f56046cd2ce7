//! Whose a file is that several packs write, and what is told where that is nowhere said.
//!
//! Always true here: what is told names every pack with the place where it says that it writes the file, and what to write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::job::Job;
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{OnConflict, OutputPath, PackName, SaidAt};
use crate::plan::{Claim, Decision, Rules, suggested};
use crate::text::{listed, nearest};

/// The rule of mistakes in what the user says of files.
pub(super) const RULE_OF_RESOLUTIONS: &str = "compose/resolution";

/// Files, each with the packs that write it, by their positions.
pub(super) type Writers<'a> = BTreeMap<&'a OutputPath, BTreeSet<usize>>;

/// What a pack wants of a file.
#[derive(Debug)]
pub(super) struct Wanting<'a> {
    /// The pack, by its position.
    pub pack: usize,
    /// What it says of others that write it.
    pub policy: &'a OnConflict,
    /// Whether it is to be executable; none: as whoever renders it says.
    pub executable: Option<bool>,
    /// Where it says where the file goes.
    pub place: Option<Span>,
}

/// Packs, and what the user says of files that several of them write.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dispute<'a, 'e> {
    pub jobs: &'a [Job<'e>],
    pub rules: &'a Rules,
}

impl<'a> Dispute<'a, '_> {
    fn name(&self, pack: usize) -> &'a PackName {
        &self.jobs[pack].plan.pack.name
    }

    /// Decides what becomes of a file that packs write; none where that is nowhere said.
    pub fn decide(&self, path: &OutputPath, wanted: &[Wanting<'_>]) -> Option<Decision> {
        let claims: Vec<Claim<'_>> = wanted.iter().map(|one| self.claim(one)).collect();
        self.rules.decide(path, &claims)
    }

    /// What a pack says of a file.
    fn claim<'w>(&self, wanting: &'w Wanting<'_>) -> Claim<'w>
    where
        'a: 'w,
    {
        let plugin = self.merger_digest(wanting.pack, wanting.policy);
        Claim { pack: self.name(wanting.pack), on_conflict: wanting.policy, plugin }
    }

    /// The digest that a pack's manifest names for the plugin that merges.
    fn merger_digest(&self, pack: usize, policy: &OnConflict) -> Option<Digest> {
        let plugin = policy.merging()?.plugin.as_ref()?;
        let entry = self.jobs[pack].pack.manifest.plugins.get(plugin)?;
        entry.sha256.as_ref().map(|digest| digest.value)
    }

    /// What is wrong with what the user says of files: packs that are none of these, and files that nobody, or another pack, writes.
    /// `files` are all that are written, each with the packs that write it; none where not all of them are known.
    pub fn wrong(&self, files: Option<&Writers<'_>>) -> Vec<Diagnostic> {
        let names = || self.jobs.iter().map(|job| &job.plan.pack.name);
        let unwritten = |path: &OutputPath, message: String| {
            let near = files.and_then(|files| nearest(path.as_str(), files.keys().map(|path| path.as_str())));
            self.mistake(path, |at| &at.path, message, near.map(|near| format!("did you mean `{near}`?")))
        };
        let mut wrong = Vec::new();
        for (path, pack) in &self.rules.resolutions {
            let is_pack = names().any(|name| name == pack);
            if !is_pack {
                let known = names().map(PackName::as_str);
                let help = match nearest(pack.as_str(), known.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the packs are {}", known.collect::<Vec<_>>().join(", ")),
                };
                let message = format!("`{path}` is said to be that of `{pack}`, which is none of the packs");
                wrong.push(self.mistake(path, |at| &at.what, message, Some(help)));
            }
            match files.map(|files| files.get(path)) {
                Some(None) => {
                    let message = format!("`{path}` is said to be that of `{pack}`, but none of the packs writes it");
                    wrong.push(unwritten(path, message));
                }
                Some(Some(writers)) if is_pack && !writers.iter().any(|writer| self.name(*writer) == pack) => {
                    let names: Vec<String> = writers.iter().map(|writer| format!("`{}`", self.name(*writer))).collect();
                    let message = format!("`{path}` is said to be that of `{pack}`, which does not write it");
                    let help = format!("it is written by {}", listed(&names));
                    wrong.push(self.mistake(path, |at| &at.what, message, Some(help)));
                }
                Some(Some(_)) | None => {}
            }
        }
        let merged = self.rules.merges.keys().filter(|path| files.is_some_and(|files| !files.contains_key(path)));
        let of_merged = |path| unwritten(path, format!("`{path}` is to be merged, but none of the packs writes it"));
        wrong.extend(merged.map(of_merged));
        wrong
    }

    /// A mistake in what the user says of a file; `place` is where in it.
    fn mistake(
        &self,
        path: &OutputPath,
        place: fn(&SaidAt) -> &Span,
        message: String,
        help: Option<String>,
    ) -> Diagnostic {
        let mut finding = Diagnostic::error(RULE_OF_RESOLUTIONS, message);
        finding.span = self.rules.places.get(path).map(|at| place(at).clone());
        finding.help = help;
        finding
    }

    /// What is wrong where some packs want a file to be executable and others don't.
    pub fn modes<'w>(&self, path: &OutputPath, sides: impl Iterator<Item = &'w Wanting<'w>>) -> Option<Diagnostic> {
        let (mut yes, mut no) = (None, None);
        for side in sides {
            match side.executable {
                Some(true) => yes = yes.or(Some(side)),
                Some(false) => no = no.or(Some(side)),
                None => {}
            }
        }
        let (yes, no) = (yes?, no?);
        let message =
            format!("`{path}` is to be executable for `{}`, and not for `{}`", self.name(yes.pack), self.name(no.pack));
        let mut finding =
            Diagnostic::error("compose/mode", message).help("say it in both packs: `executable = true` or `false`");
        finding.span.clone_from(&no.place);
        finding.related.extend(yes.place.clone());
        // Who says that it is merged may say whose it is instead.
        finding.related.extend(self.rules.places.get(path).map(|at| at.what.clone()));
        Some(finding)
    }

    /// Says that a later pack's file is taken.
    pub fn covered(&self, path: &OutputPath, wanted: &[Wanting<'_>], taken: usize) -> Diagnostic {
        let name = |one: &Wanting<'_>| format!("`{}`", self.name(one.pack));
        let others = wanted.iter().enumerate().filter(|(index, _)| *index != taken).map(|(_, one)| name(one));
        let others = listed(&others.collect::<Vec<_>>());
        let message =
            format!("`{path}` is that of {}, and not that of {others}: later packs win", name(&wanted[taken]));
        let mut note = Diagnostic::error("compose/covered", message);
        note.severity = Severity::Note;
        note
    }

    /// What is wrong where packs write a file and nothing says what holds.
    pub fn clash(&self, path: &OutputPath, wanted: &[Wanting<'_>]) -> Diagnostic {
        let names: Vec<String> = wanted.iter().map(|one| format!("`{}`", self.name(one.pack))).collect();
        let message = format!("{} write `{path}`, and nothing says whose it is", listed(&names));
        let mut finding = Diagnostic::error("compose/conflict", message).help(self.advice(path, wanted));
        let mut places = wanted.iter().rev().filter_map(|one| one.place.clone());
        finding.span = places.next();
        finding.related.extend(places);
        finding
    }

    /// What to write so that it is said.
    fn advice(&self, path: &OutputPath, wanted: &[Wanting<'_>]) -> String {
        let named = |packs: &mut dyn Iterator<Item = usize>| {
            listed(&packs.map(|pack| format!("`{}`", self.name(pack))).collect::<Vec<_>>())
        };
        let merging = wanted.iter().find_map(|one| Some((one, one.policy.merging()?)));
        let in_packs = match merging {
            Some((first, merging)) => {
                let differs = |one: &&Wanting<'_>| {
                    one.policy.merging().is_none_or(|other| {
                        other.policy != merging.policy
                            || other.options != merging.options
                            || other.plugin.is_some() != merging.plugin.is_some()
                    })
                };
                let lasting = |one: &&Wanting<'_>| *one.policy != OnConflict::CreateOnce;
                let mut others = wanted.iter().filter(lasting).filter(differs).map(|one| one.pack).peekable();
                if others.peek().is_some() {
                    format!(
                        "`{}` merges it: let {} say the same in its `[[templates]]`, `on_conflict = {}`",
                        self.name(first.pack),
                        named(&mut others),
                        written(&OnConflict::Merge(Arc::clone(merging)))
                    )
                } else {
                    // All say the same, but not of the same component.
                    let of = |one: &Wanting<'_>| self.merger_digest(one.pack, one.policy);
                    let unpinned = wanted.iter().filter(lasting).filter(|one| of(one).is_none()).map(|one| one.pack);
                    let mut unpinned = unpinned.peekable();
                    if unpinned.peek().is_some() {
                        format!(
                            "they merge it with plugins of their own, which have to be one: let {} name its `sha256` in \
                             `[plugins]`",
                            named(&mut unpinned)
                        )
                    } else {
                        "they merge it with plugins of their own, which are not the same component: let all of them ship one \
                         with the same `sha256`"
                            .to_owned()
                    }
                }
            }
            None => match suggested(path) {
                Some(policy) => format!("merge it: write `on_conflict = \"{policy}\"` in the `[[templates]]` of all of them"),
                None => "write `on_conflict = \"create-once\"` in the `[[templates]]` of those that can do without their own"
                    .to_owned(),
            },
        };
        format!("{in_packs}\nor say whose it is: `--resolve {path}={}`", self.name(wanted[0].pack))
    }
}

/// Refuses what the user says wrongly of files, and files that packs can't agree on: all of it at once.
///
/// # Errors
/// [`ErrorKind::Usage`] where something is said wrongly; [`ErrorKind::Conflict`] for clashes alone.
pub(super) fn refuse(mut wrong: Vec<Diagnostic>, clashes: Vec<Diagnostic>) -> Result<()> {
    match (&wrong[..], &clashes[..]) {
        ([], []) => return Ok(()),
        ([], _) => return Err(conflict(clashes)),
        _ => {}
    }
    wrong.sort_by_key(|finding| finding.span.as_ref().map(|span| span.start));
    let detail = match wrong.len() {
        1 => "what is said of a file can't hold".to_owned(),
        several => format!("what is said of files has {several} mistakes"),
    };
    let detail = match clashes.len() {
        0 => detail,
        1 => format!("{detail}, and packs don't agree on another one"),
        several => format!("{detail}, and packs don't agree on {several} others"),
    };
    wrong.extend(clashes);
    Err(Error::new(ErrorKind::Usage, detail).with_findings(wrong))
}

/// The error of files that packs can't agree on.
fn conflict(clashes: Vec<Diagnostic>) -> Error {
    let detail = match clashes.len() {
        1 => "packs want one file, each for itself".to_owned(),
        several => format!("packs want {several} files, each for itself"),
    };
    Error::new(ErrorKind::Conflict, detail).with_findings(clashes)
}

/// A policy as a manifest has it.
fn written(policy: &OnConflict) -> String {
    toml::Value::try_from(policy).map(|policy| policy.to_string()).unwrap_or_default()
}
