//! What went wrong in a guest, told as findings with places, and put together to one error.
//!
//! Always true here: text of a guest passes [`Secrets::redact`] before it becomes part of a finding; where a guest gave no
//! result there is an error, whatever severities it names.

use std::collections::BTreeMap;

use crate::abi::{GuestDiagnostic, GuestPosition, GuestSeverity, GuestSpan};
use crate::advice;
use crate::diagnostic::{Diagnostic, Marks, Severity, Span};
use crate::engine::{CallError, Untried};
use crate::error::{Error, ErrorKind};
use crate::pack::{Expression, Pack, TemplateEngine, instead};
use crate::secrets::Secrets;
use crate::show;
use crate::stop::{RULE_OF_STOPS, Stop};
use crate::text;

/// Findings of one guest that are kept.
const KEPT: usize = 100;
/// Bytes of a guest's message or hint that are kept; thousands of jobs may each have a hundred of them.
pub(super) const LONGEST: usize = 2000;
/// Characters of a template that may be a name.
const LONGEST_NAME: usize = 100;
/// Places beside the first that are kept of one finding.
pub(super) const PLACES: usize = 20;
/// Lines of a guest's own traceback that are shown.
const CALLS: usize = 10;

/// The rules of mistakes in a template's options: that of the built-in engines, and that of the SDK.
const OF_OPTIONS: [&str; 2] = ["template/option", "plugin/options"];

/// Finds the text of a file of the pack, and what the user knows it by.
pub type Lookup<'a> = &'a dyn Fn(&str) -> (String, Option<&'a str>);

/// Translates a guest's diagnostics.
#[must_use]
pub fn diagnostics(guest: &[GuestDiagnostic], lookup: Lookup<'_>, secrets: &Secrets) -> Vec<Diagnostic> {
    translated(guest.iter(), lookup, secrets)
}

/// Translates why a guest has no result: what it finds most severe first, and otherwise in its own order.
fn gravest_first(guest: &[GuestDiagnostic], lookup: Lookup<'_>, secrets: &Secrets) -> Vec<Diagnostic> {
    let mut order: Vec<&GuestDiagnostic> = guest.iter().collect();
    order.sort_by_key(|diagnostic| severity(diagnostic));
    translated(order.into_iter(), lookup, secrets)
}

fn translated<'g>(
    guest: impl Iterator<Item = &'g GuestDiagnostic>,
    lookup: Lookup<'_>,
    secrets: &Secrets,
) -> Vec<Diagnostic> {
    let mut places = Places { lookup, secrets, known: BTreeMap::new() };
    guest.take(KEPT).map(|diagnostic| places.translate(diagnostic)).collect()
}

fn severity(guest: &GuestDiagnostic) -> Severity {
    match guest.severity {
        GuestSeverity::Error => Severity::Error,
        GuestSeverity::Warning => Severity::Warning,
        GuestSeverity::Note => Severity::Note,
    }
}

/// Places in files, each of which is read once.
struct Places<'a, 's> {
    lookup: Lookup<'a>,
    secrets: &'s Secrets,
    known: BTreeMap<String, Known<'a>>,
}

/// What the user knows a file by, and its text.
type Known<'a> = (String, Option<(&'a str, Marks)>);

impl Places<'_, '_> {
    fn translate(&mut self, guest: &GuestDiagnostic) -> Diagnostic {
        // Redacted as a whole, so that no part of a secret is left at the cut.
        let secrets = self.secrets;
        let told = |text: &str| text::shortened(secrets.redact(text), LONGEST);
        Diagnostic {
            rule: text::printable_line(&told(&guest.rule.0)),
            severity: severity(guest),
            message: told(&guest.message.0),
            help: guest.help.as_ref().map(|help| told(&help.0)),
            span: guest.span.as_ref().map(|span| self.of(span)),
            related: guest.related.0.iter().take(PLACES).map(|span| self.of(span)).collect(),
        }
    }

    fn of(&mut self, span: &GuestSpan) -> Span {
        let (path, known) = self.known.entry(span.path.0.clone()).or_insert_with(|| {
            let (path, text) = (self.lookup)(&span.path.0);
            (path, text.map(|text| (text, Marks::of(text))))
        });
        let Some((contents, marks)) = known else {
            return Span::file(text::shortened(self.secrets.redact(path), LONGEST));
        };
        let offset = |position: GuestPosition| marks.byte_offset(contents, position.line, position.column);
        let start = offset(span.start);
        marks.span(&**path, contents, start..span.end.map_or(start, offset))
    }
}

/// Why something that a guest should have made is not there.
#[derive(Debug)]
pub struct JobFailure {
    /// What kind of error that is.
    pub kind: ErrorKind,
    /// What to show.
    pub findings: Vec<Diagnostic>,
    /// Why it was stopped, where it was.
    pub stop: Option<Box<Stop>>,
    /// Whether it was not tried at all.
    pub untried: bool,
}

impl JobFailure {
    /// Translates why a job has no result. `span` is what is shown where the guest names no place.
    #[must_use]
    pub fn new(error: &CallError, span: &Span, lookup: Lookup<'_>, secrets: &Secrets) -> Self {
        let finding = |rule: &str, message: String| Diagnostic::error(rule, message).at(span.clone());
        match error {
            CallError::Invalid(guest) => {
                let mut findings = gravest_first(guest, lookup, secrets);
                // A guest can't call it less than an error that it has no result.
                findings.iter_mut().take(1).for_each(|gravest| gravest.severity = Severity::Error);
                if findings.is_empty() {
                    findings.push(finding("plugin/failed", "the plugin refused the input and did not say why".into()));
                }
                Self { kind: ErrorKind::Template, findings, stop: None, untried: false }
            }
            CallError::Unsupported(what) => {
                let what = text::shortened(text::printable_line(&secrets.redact(what)), LONGEST);
                let findings = vec![finding("plugin/unsupported", format!("the plugin does not support this: {what}"))];
                Self { kind: ErrorKind::Plugin, findings, stop: None, untried: false }
            }
            CallError::Internal(what) => {
                let what = secrets.redact(what);
                let (what, calls) = what.split_once('\n').unwrap_or((&what, ""));
                let what = text::shortened(text::printable_line(what), LONGEST);
                let mut diagnostic = finding("plugin/failed", format!("the plugin failed: {what}"));
                diagnostic.help = traceback(calls).map(|calls| text::shortened(calls, LONGEST));
                Self { kind: ErrorKind::Plugin, findings: vec![diagnostic], stop: None, untried: false }
            }
            CallError::Refused(error) => {
                let mut diagnostic = finding("plugin/refused", error.to_string());
                diagnostic.help.clone_from(&error.body().hint);
                Self { kind: ErrorKind::Refused, findings: vec![diagnostic], stop: None, untried: false }
            }
            CallError::Untried(Untried::AfterItem) => Self::untried(None),
            CallError::Untried(Untried::Spent(stop)) => Self::untried(Some(stop.clone())),
            CallError::Stopped(stop) => {
                let mut stop = stop.clone();
                stop.detail = secrets.redact(&stop.detail);
                let kind = ErrorKind::from(&stop);
                let mut diagnostic = finding(&format!("{RULE_OF_STOPS}{}", stop.reason.name()), stop.detail.clone());
                diagnostic.help = help_for(&stop);
                Self { kind, findings: vec![diagnostic], stop: Some(Box::new(stop)), untried: false }
            }
        }
    }

    /// Says of partials that a built-in engine did not find why they are none, where the pack has the files.
    #[must_use]
    pub fn naming_no_partials(mut self, pack: &Pack, engine: &TemplateEngine) -> Self {
        if !matches!(engine, TemplateEngine::BuiltIn(_)) {
            return self;
        }
        for finding in self.findings.iter_mut().filter(|finding| finding.rule == "template/missing-partial") {
            let name = finding.message.split('`').nth(1).unwrap_or_default();
            if let Some((message, help)) = pack.why_no_partial(name, engine) {
                finding.message = message;
                finding.help = Some(help);
            }
        }
        self
    }

    /// Gives a place to what a guest named none for: a mistake in options is where they are written, all else is the
    /// template's.
    #[must_use]
    pub fn placed(mut self, options: &dyn Fn() -> Option<Span>, template: &str) -> Self {
        for finding in self.findings.iter_mut().filter(|finding| finding.span.is_none()) {
            let written = if OF_OPTIONS.contains(&&*finding.rule) { options() } else { None };
            finding.span = Some(written.unwrap_or_else(|| Span::file(template)));
        }
        self
    }

    /// Says of undefined names that templates of other tools have what is written instead.
    #[must_use]
    pub fn naming_other_tools(mut self, pack: &Pack, engine: &TemplateEngine) -> Self {
        if !matches!(engine, TemplateEngine::BuiltIn(_)) {
            return self;
        }
        let is_declared = |name: &str| pack.manifest.variables.iter().any(|variable| variable.name.as_str() == name);
        for finding in self.findings.iter_mut().filter(|finding| finding.rule == "template/undefined-variable") {
            let Some(span) = &finding.span else { continue };
            let line = span.excerpt.as_deref().unwrap_or_default();
            let start = usize::try_from(span.start.column.saturating_sub(1)).unwrap_or(usize::MAX);
            let read: String = line.chars().skip(start).take(LONGEST_NAME).collect();
            let name = finding.message.split('`').nth(1).unwrap_or_default();
            // Of a long line only a part is there.
            let read = if read.starts_with(name) { &read } else { name };
            if let Some(help) = instead(read, is_declared) {
                finding.help = Some(help);
            }
        }
        self
    }

    /// Makes one error of all failures of a run; none where there are none. The gravest decides the kind: an interrupt,
    /// then what was stopped or refused, then what is wrong with the pack.
    #[must_use]
    pub fn into_error(failures: Vec<Self>, what: &str) -> Option<Error> {
        let gravity = |kind: ErrorKind| match kind {
            ErrorKind::Interrupted => 0,
            ErrorKind::Stopped => 1,
            ErrorKind::Refused | ErrorKind::OutsidePath => 2,
            ErrorKind::Plugin => 3,
            ErrorKind::Variables => 5,
            _ => 4,
        };
        let kind = failures.iter().map(|failure| failure.kind).min_by_key(|kind| gravity(*kind))?;
        if kind == ErrorKind::Interrupted {
            return Some(Error::new(kind, "interrupted"));
        }
        let (untried, failed): (Vec<Self>, Vec<Self>) = failures.into_iter().partition(|failure| failure.untried);
        let mut detail = match (failed.len(), untried.len()) {
            (0, skipped) => format!("{} skipped", counted(skipped, what, ["was", "were"])),
            (count, 0) => format!("{} failed", counted(count, what, ["", ""])),
            (count, 1) => format!("{} failed, and 1 was skipped", counted(count, what, ["", ""])),
            (count, skipped) => format!("{} failed, and {skipped} were skipped", counted(count, what, ["", ""])),
        };
        // What the run as a whole was stopped by says more than what one of its calls was.
        let spent = untried.iter().find_map(|failure| failure.stop.clone());
        if let Some(stop) = &spent {
            detail = format!("{detail}: {stop}");
        }
        let after_item = untried.iter().any(|failure| failure.stop.is_none());
        let error = Error::new(kind, detail);
        let error = match &spent {
            Some(stop) => match raise(stop) {
                Some(hint) => error.hint(hint),
                None => error,
            },
            None if after_item => {
                error.hint(format!("once an item of a {what} is stopped, those after it are skipped"))
            }
            None => error,
        };
        let stop = spent
            .or_else(|| failed.iter().find(|failure| failure.kind == kind).and_then(|failure| failure.stop.clone()));
        let error = match stop {
            Some(stop) => error.with_stop(*stop),
            None => error,
        };
        Some(error.with_findings(failed.into_iter().flat_map(|failure| failure.findings).collect()))
    }

    /// Makes the error of this failure alone.
    #[must_use]
    pub fn into_one(self, what: &str) -> Error {
        let kind = self.kind;
        Self::into_error(vec![self], what).unwrap_or_else(|| Error::new(kind, format!("1 {what} failed")))
    }

    /// The failure of a job that was not tried: for what was used up, or none where another item was stopped before it.
    #[must_use]
    pub fn untried(spent: Option<Stop>) -> Self {
        let kind = spent.as_ref().map_or(ErrorKind::Stopped, ErrorKind::from);
        Self { kind, findings: Vec::new(), stop: spent.map(Box::new), untried: true }
    }
}

/// So many of something, with the verb for one or for several.
fn counted(count: usize, what: &str, [one, several]: [&str; 2]) -> String {
    let verb = if count == 1 { one } else { several };
    format!("{} {verb}", show::count(count, what)).trim_end().to_owned()
}

/// The lines below a message by which a guest says where it failed: the innermost calls, one each.
fn traceback(calls: &str) -> Option<String> {
    let calls: Vec<_> =
        calls.lines().filter(|line| !line.trim().is_empty()).take(CALLS).map(text::printable_line).collect();
    (!calls.is_empty()).then(|| calls.join("\n"))
}

fn help_for(stop: &Stop) -> Option<String> {
    raise(stop).or_else(|| stop.culprit().map(|frame| format!("it happened in {frame}")))
}

/// How to allow more, where that may help.
fn raise(stop: &Stop) -> Option<String> {
    let raised = advice::limit(&stop.raised()?);
    Some(format!("if you trust it to need that much, run again with {raised}"))
}

/// How the built-in engine begins its help for an expression that is written as in a template.
const WITHOUT_BRACES: &str = "write the expression without braces: `";

/// Why an expression has no value: placed at the expression in the manifest.
#[must_use]
pub fn expression(error: &CallError, expression: &Expression<'_>, secrets: &Secrets) -> JobFailure {
    let span = expression.span();
    let lookup = |_: &str| (span.path.clone(), None);
    let mut failure = JobFailure::new(error, &span, &lookup, secrets);
    for finding in &mut failure.findings {
        // Positions count within the expression, which may be escaped in the manifest: the whole of it is shown.
        finding.span = Some(span.clone());
        if let (Some(help), Some(key)) = (&mut finding.help, expression.key())
            && let Some(bare) = help.strip_prefix(WITHOUT_BRACES).and_then(|bare| bare.strip_suffix('`'))
            && !bare.contains(['"', '\\'])
        {
            *help = format!("{WITHOUT_BRACES}{key} = \"{bare}\"`");
        }
    }
    failure
}
