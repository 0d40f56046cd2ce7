//! From what was found to what counts: levels, suppressions, fingerprints.
//!
//! Always true here: the user's levels come before the pack's; what a pack says about its own findings does not count where
//! the user does not trust it; what the host itself finds wrong, and what failed, has its level from nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::config::CheckConfig;
use super::draft::Draft;
use super::report::{PackReport, RuleInfo};
use super::trials::trial_rules;
use super::{fingerprint, inline, once};
use crate::diagnostic::{Diagnostic, Severity};
use crate::pack::{LintLevel, Pack, Spanned};
use crate::text;

/// The rule for names in `[lints]` that no validator has.
pub const UNKNOWN_RULE: &str = "lints/unknown-rule";

/// How many of these names are reported one by one: near names are looked for among all rules for each.
const MAX_UNKNOWN: usize = 100;

/// Files that are larger are not looked at for suppressions.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// How findings are weighed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weights {
    /// Whether levels and suppressions in the pack itself count for nothing.
    pub untrusted: bool,
}

impl Weights {
    /// Makes the report of a pack that was checked against `rules`; none: it could not be loaded.
    #[must_use]
    pub fn report(
        self,
        mut draft: Draft,
        shown: String,
        checked: Option<(&Pack, &[&RuleInfo])>,
        config: &CheckConfig,
    ) -> PackReport {
        let (pack, rules) = checked.unzip();
        let rules = rules.unwrap_or_default();
        let of_trials = if rules.is_empty() { Vec::new() } else { trial_rules() };
        let known: BTreeSet<&str> = rules.iter().copied().chain(&of_trials).map(|rule| rule.id.as_str()).collect();
        let was_tried = draft.trials.is_some();
        let pack_counts = pack.filter(|_| !self.untrusted && !rules.is_empty());
        if let Some(pack) = pack_counts {
            draft.findings.extend(unknown_rules(pack, &known));
        }
        let levels = levels(pack_counts, config, &known);
        let mut findings = draft.weigh(&levels);
        if let Some(pack) = pack_counts {
            let texts = texts_with_suppressions(pack);
            // A suppression of a rule that could not be checked is not known to be unused.
            let looked_at = rules.iter().copied().filter(|_| draft.checked.rules == Some(true));
            let rules: Vec<RuleInfo> = looked_at.chain(of_trials.iter().filter(|_| was_tried)).cloned().collect();
            inline::apply(texts.iter().map(|(path, text)| (path, text)), &rules, &mut findings);
            config.weigh(&mut findings);
        }
        config.set_limits.explain_report(&mut findings, &mut draft.failure);
        // What an installed pack is called in messages has its version in it.
        fingerprint::assign(&mut findings, pack.map_or(&*shown, |pack| &*pack.label));
        once::once(&mut findings);
        draft.into_report(shown, findings, config.fail_on())
    }
}

/// Levels by rule: the user's before the pack's.
fn levels<'a>(pack: Option<&'a Pack>, config: &'a CheckConfig, known: &BTreeSet<&str>) -> BTreeMap<&'a str, LintLevel> {
    let mut levels = BTreeMap::new();
    if let Some(pack) = pack {
        levels.extend(pack.manifest.lints.iter().map(|(rule, level)| (rule.as_str(), level.value)));
    }
    levels.extend(config.levels.iter().map(|(rule, level)| (rule.as_str(), *level)));
    levels.retain(|rule, _| known.contains(rule));
    levels
}

fn unknown_rules(pack: &Pack, known: &BTreeSet<&str>) -> Vec<Diagnostic> {
    let mut unknown = pack.manifest.lints.iter().filter(|(rule, _)| !known.contains(rule.as_str()));
    let finding = |message: String, range: &Range<usize>| {
        let mut finding = Diagnostic::error(UNKNOWN_RULE, message).at(pack.span(range));
        finding.severity = Severity::Warning;
        finding
    };
    let one = |(rule, level): (&String, &Spanned<LintLevel>)| {
        let mut finding = finding(format!("there is no rule `{rule}`"), &level.range);
        finding.help = text::meant(rule, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        finding
    };
    let mut findings: Vec<Diagnostic> = unknown.by_ref().take(MAX_UNKNOWN).map(one).collect();
    if let Some((_, first)) = unknown.next() {
        let more = unknown.count() + 1;
        findings.push(finding(format!("{more} more names are not names of rules"), &first.range));
    }
    findings
}

/// The texts of a pack that may have suppressions in them, by the path that the user knows.
fn texts_with_suppressions(pack: &Pack) -> Vec<(String, String)> {
    let paths = pack.files.iter().filter(|(_, info)| info.bytes <= MAX_FILE_BYTES);
    let texts = paths.filter_map(|(path, _)| {
        let bytes = pack.read(path).ok()?;
        memchr::memmem::find(&bytes, inline::MARKER.as_bytes())?;
        let text = String::from_utf8(bytes).ok()?;
        Some((pack.path_of(path), text))
    });
    texts.collect()
}
