//! Baselines: files of findings that are accepted for now, each with a reason.
//!
//! Always true here: what a file says is read completely or refused with everything that is wrong with it; an entry has a
//! reason, and is about one mistake, under every rule that tells it; what kept a pack from being checked can't be in one.
//! Nothing here touches the disk.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::ops::Range;

use super::fingerprint;
use super::report::{Finding, PackReport, Report, RuleInfo, Suppression, SuppressionKind, Twin};
use super::suppression::STALE;
use crate::diagnostic::{Diagnostic, Marks, Severity};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::manifest::{Findings, TableReader, in_group, syntax};
use crate::show::quoted;
use crate::text::printable_line;

/// The largest baseline that is read, in bytes.
pub const MAX_BASELINE_BYTES: u64 = 10_000_000;

/// How many entries that match nothing are reported one by one.
const MAX_STALE: usize = 100;

/// The longest message that a new baseline repeats in a comment, in characters.
const MAX_MESSAGE: usize = 100;

/// What stands at the top of a new baseline.
const HEADER: &str = "\
# Findings that are accepted for now, each with its reason. An entry that no longer matches anything is reported; delete it.
";

/// A baseline that was read.
#[derive(Debug, Clone)]
pub struct Baseline {
    path: String,
    text: String,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    /// What it is known by: rule and fingerprint; then what a failure is told as where nothing is rendered.
    known: Vec<(String, String)>,
    /// The name of the pack that it is about; none where it holds for any.
    pack: Option<String>,
    reason: String,
    range: Range<usize>,
}

impl Baseline {
    /// Reads what a baseline file says; `path` is the file as the user knows it.
    ///
    /// # Errors
    /// `Usage`, with a finding for each mistake at its place.
    pub fn parse(path: &str, bytes: Vec<u8>) -> Result<Self> {
        if bytes.len() as u64 > MAX_BASELINE_BYTES {
            return Err(Error::new(ErrorKind::Usage, format!("the baseline `{path}` is larger than 10 MB")));
        }
        let text = syntax::decode(path, bytes).map_err(|finding| invalid(path, vec![*finding]))?;
        let entries = read(path, &text).map_err(|findings| invalid(path, findings))?;
        Ok(Self { path: path.to_owned(), text, entries })
    }

    /// How many findings it accepts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it accepts none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Suppresses the findings that the baseline lists, and returns a note for each entry that matches none.
    ///
    /// Fingerprints must have been assigned, and inline suppressions applied. An entry is stale only where all that it is
    /// known by was looked for: its rules are among `rules`, those that were checked, and the checks of its pack were
    /// completed; what a rule and a failure tell, only where everything was rendered, too. What stands for another finding
    /// is listed where that one is.
    #[must_use]
    pub fn apply(&self, packs: &mut [PackReport], rules: &[RuleInfo]) -> Vec<Finding> {
        // The first of those that say the same.
        let mut places: HashMap<(&str, &str, Option<&str>), usize> = HashMap::new();
        for (at, entry) in self.entries.iter().enumerate() {
            for (rule, fingerprint) in &entry.known {
                places.entry((fingerprint, rule, entry.pack.as_deref())).or_insert(at);
            }
        }
        let mut used = vec![false; self.entries.len()];
        for pack in packs.iter_mut() {
            let acceptable: Vec<bool> = pack.findings.iter().map(|finding| pack.accepts(finding)).collect();
            let findings = pack.findings.iter_mut().zip(acceptable);
            for (finding, _) in findings.filter(|(_, acceptable)| *acceptable) {
                let itself = (finding.fingerprint.as_str(), finding.rule.as_str());
                let twins = finding.twins.iter().map(|twin| (twin.fingerprint.as_str(), twin.rule.as_str()));
                // Those for any pack, and those for this one.
                let packs = [None, pack.name.as_deref()];
                let listed = [itself]
                    .into_iter()
                    .chain(twins)
                    .flat_map(|(fingerprint, rule)| packs.map(|pack| places.get(&(fingerprint, rule, pack)).copied()));
                let listed: Vec<usize> = listed.flatten().collect();
                let Some(at) = listed.iter().min().copied() else { continue };
                for at in listed {
                    used[at] = true;
                }
                // What is said beside the finding is nearer to it.
                if finding.suppressed.is_none() {
                    let reason = self.entries[at].reason.clone();
                    finding.suppressed = Some(Suppression { kind: SuppressionKind::Baseline, reason });
                }
            }
        }
        let unused = self.entries.iter().zip(used).filter(|(_, used)| !used).map(|(entry, _)| entry);
        let rules = rules.iter().map(|rule| rule.id.as_str()).collect();
        let judged = Reach::of(packs, PackReport::was_completed);
        let rendered = Reach::of(packs, PackReport::was_rendered);
        let unused: Vec<&Entry> = unused.filter(|entry| entry.was_looked_for(&rules, &judged, &rendered)).collect();
        self.stale(&unused)
    }

    fn stale(&self, entries: &[&Entry]) -> Vec<Finding> {
        if entries.is_empty() {
            return Vec::new();
        }
        let marks = Marks::of(&self.text);
        let note = |message: String, range: &Range<usize>| {
            let mut finding = Diagnostic::error(STALE, message)
                .at(marks.span(&*self.path, &self.text, range.clone()))
                .help("delete the entry, or write the baseline anew with `--write-baseline`");
            finding.severity = Severity::Note;
            Finding::from(finding)
        };
        let rest = entries.get(MAX_STALE).map(|entry| {
            note(format!("{} more entries no longer match anything", entries.len() - MAX_STALE), &entry.range)
        });
        let shown = entries.iter().take(MAX_STALE).map(|entry| {
            note(format!("the entry for {} no longer matches anything", quoted(entry.rule())), &entry.range)
        });
        let mut notes: Vec<Finding> = shown.chain(rest).collect();
        fingerprint::assign(&mut notes, "");
        notes
    }
}

/// Says whether bytes are a baseline: written by packbox, or by hand with an entry at least.
#[must_use]
pub fn is_one(bytes: &[u8]) -> bool {
    let has_entries = || Baseline::parse("", bytes.to_owned()).is_ok_and(|baseline| !baseline.is_empty());
    bytes.starts_with(HEADER.as_bytes()) || has_entries()
}

/// Writes a baseline with everything that a report holds and that may be in one.
///
/// What an earlier baseline suppressed keeps its reason; what is suppressed inline is left out; all else gets `reason`.
///
/// # Errors
/// `Usage` where there is no reason.
pub fn write(report: &Report, reason: &str) -> Result<String> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "a baseline needs a reason").hint("give one with `--reason TEXT`"));
    }
    let mut entries: Vec<_> = report
        .packs
        .iter()
        .flat_map(|pack| pack.findings.iter().map(move |finding| (pack, finding)))
        .filter(|(pack, finding)| pack.accepts(finding))
        .filter_map(|(pack, finding)| match &finding.suppressed {
            None => Some((pack, finding, reason)),
            Some(Suppression { kind: SuppressionKind::Baseline, reason }) => Some((pack, finding, reason.as_str())),
            Some(Suppression { kind: SuppressionKind::Inline, .. }) => None,
        })
        .map(|(pack, finding, reason)| {
            let path = finding.span.as_ref().map(|span| fingerprint::relative(&span.path, &pack.path));
            (&pack.name, path, &finding.rule, &finding.fingerprint, reason, &finding.message, &finding.twins)
        })
        .collect();
    entries.sort_unstable();
    entries.dedup_by(|left, right| (left.0, left.2, left.3) == (right.0, right.2, right.3));
    let mut text = HEADER.to_owned();
    for (pack, path, rule, fingerprint, reason, message, twins) in entries {
        let message: String = printable_line(message).chars().take(MAX_MESSAGE).collect();
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n# {message}\n[[suppress]]");
        let keys = [
            ("fingerprint", Some(fingerprint.as_str())),
            ("rule", Some(rule.as_str())),
            ("pack", pack.as_deref()),
            ("path", path),
            ("reason", Some(reason)),
        ];
        for (key, value) in keys {
            if let Some(value) = value {
                // On one line and without control characters, a string of JSON is one of TOML.
                let _ = writeln!(text, "{key} = {}", serde_json::Value::from(printable_line(value)));
            }
        }
        // `lint` tells by a rule what `validate` fails at: an entry holds for both.
        let twins: Vec<String> = twins.iter().map(in_line).collect();
        if !twins.is_empty() {
            let _ = writeln!(text, "also = [{}]", twins.join(", "));
        }
    }
    Ok(text)
}

fn in_line(twin: &Twin) -> String {
    let rule = serde_json::Value::from(printable_line(&twin.rule));
    format!("{{ rule = {rule}, fingerprint = \"{}\" }}", twin.fingerprint)
}

fn read(path: &str, text: &str) -> Result<Vec<Entry>, Vec<Diagnostic>> {
    let table = syntax::parse(path, text)?;
    let findings = Findings::new(path, text);
    let mut root = TableReader::document(&findings, &table, "the baseline");
    let entries = root.elements("suppress").into_iter().filter_map(|element| {
        let range = element.range();
        let mut table = element.table("[[suppress]]")?;
        let known = read_known(&mut table);
        let pack = table.text("pack");
        // Where it is, is for people: the fingerprint is made of it, too.
        let _ = table.text("path");
        let also = table.elements("also").into_iter().filter_map(|twin| {
            let mut twin = twin.table("`also`")?;
            let known = read_known(&mut twin);
            twin.finish(&[]);
            known
        });
        let also: Vec<(String, String)> = also.collect();
        table.require("reason", "say why the finding is accepted");
        let reason = table.filled_text("reason");
        table.finish(&[]);
        Some(Entry {
            known: std::iter::once(known?).chain(also).collect(),
            pack: pack.map(|pack| pack.value),
            reason: reason?.value.trim().to_owned(),
            range,
        })
    });
    let entries: Vec<Entry> = entries.collect();
    root.finish(&[]);
    let findings = findings.into_sorted();
    if findings.is_empty() { Ok(entries) } else { Err(findings) }
}

/// Reads what a finding is known by: rule and fingerprint.
fn read_known(table: &mut TableReader<'_, '_>) -> Option<(String, String)> {
    let fingerprint = table.require("fingerprint", "a report with `--format json` shows it");
    let rule = table.require("rule", "for instance `rule = \"naming/output-case\"`");
    let (fingerprint, rule) = (fingerprint?.text()?, rule?.text()?);
    if !fingerprint::is_valid(&fingerprint.value) {
        let message = "`fingerprint` must be 32 lower-case hexadecimal digits";
        table.findings.add("baseline/value", &fingerprint.range, message);
    }
    Some((rule.value, fingerprint.value))
}

fn invalid(path: &str, findings: Vec<Diagnostic>) -> Error {
    let findings = in_group("baseline", findings);
    Error::new(ErrorKind::Usage, format!("the baseline `{path}` is not valid")).with_findings(findings)
}

impl Entry {
    /// The rule of what it accepts.
    fn rule(&self) -> &str {
        self.known.first().map_or("", |(rule, _)| rule)
    }

    /// Whether it would have matched if what it stands for were still there. A rule that tells a failure, too, may have
    /// been turned off: whether that is gone, only rendering says.
    fn was_looked_for(&self, rules: &HashSet<&str>, judged: &Reach<'_>, rendered: &Reach<'_>) -> bool {
        match &self.known[..] {
            [(rule, _)] => rules.contains(rule.as_str()) && judged.holds(self.pack.as_deref()),
            [_, twins @ ..] => {
                twins.iter().all(|(rule, _)| rules.contains(rule.as_str())) && rendered.holds(self.pack.as_deref())
            }
            [] => false,
        }
    }
}

/// Of which packs something was done to the end.
struct Reach<'a> {
    /// Whether all packs of a name were.
    packs: HashMap<&'a str, bool>,
    all: bool,
    /// Whether all packs were that have no name, as their manifests can't be read; none where each has one.
    nameless: Option<bool>,
}

impl<'a> Reach<'a> {
    fn of(packs: &'a [PackReport], was_done: impl Fn(&PackReport) -> bool) -> Self {
        let mut reach = Self { packs: HashMap::new(), all: true, nameless: None };
        for pack in packs {
            let done = was_done(pack);
            reach.all &= done;
            match &pack.name {
                Some(name) => *reach.packs.entry(name).or_insert(true) &= done,
                None => *reach.nameless.get_or_insert(true) &= done,
            }
        }
        reach
    }

    /// Whether it was for a pack of that name; none: for any.
    fn holds(&self, pack: Option<&str>) -> bool {
        let Some(name) = pack else { return self.all };
        // A pack without a name could be any.
        match (self.packs.get(name), self.nameless) {
            (None, None) => false,
            (named, nameless) => named.copied().unwrap_or(true) && nameless.unwrap_or(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    fn parse(text: &str) -> Result<Baseline> {
        Baseline::parse("baseline.toml", text.as_bytes().to_vec())
    }

    /// The sample without anything that is suppressed.
    fn report() -> Report {
        let mut report = sample::report();
        for finding in report.packs.iter_mut().flat_map(|pack| &mut pack.findings) {
            finding.suppressed = None;
        }
        report
    }

    fn suppressed(report: &Report) -> Vec<&str> {
        let findings = report.packs.iter().flat_map(|pack| &pack.findings);
        findings.filter(|finding| finding.suppressed.is_some()).map(|finding| finding.rule.as_str()).collect()
    }

    #[test]
    fn what_was_written_suppresses_all_of_it() {
        let mut report = report();
        let text = write(&report, "  from \"before\"\nthe rules ").unwrap();
        let baseline = parse(&text).unwrap();
        let rules = report.rules.clone();
        assert!(baseline.apply(&mut report.packs, &rules).is_empty(), "{text}");
        let left = report.packs.iter().flat_map(|pack| &pack.findings);
        let left: Vec<_> = left.filter(|finding| finding.suppressed.is_none()).map(|finding| &finding.rule).collect();
        assert_eq!(left, ["manifest/syntax"]);
        assert!(text.contains(r#"reason = "from \"before\" the rules""#), "{text}");
        // Reasons of before stay.
        assert_eq!(write(&report, "another").unwrap(), text);
    }

    #[test]
    fn reasons_are_required() {
        assert_eq!(write(&report(), " ").unwrap_err().kind(), ErrorKind::Usage);
        let entry = format!("[[suppress]]\nfingerprint = \"{}\"\nrule = \"a/b\"\n", "0".repeat(32));
        for (text, rule, line) in [
            (entry.clone(), "baseline/missing-key", 1),
            (format!("{entry}reason = \" \""), "baseline/value", 4),
            (format!("{entry}reason = 1"), "baseline/type", 4),
            (format!("{entry}reson = \"x\"\nreason = \"y\""), "baseline/unknown-key", 4),
            (format!("{entry}reason = \"y\"\nalso = [{{ rule = \"a/b\" }}]"), "baseline/missing-key", 5),
            (format!("supress = 1\n{entry}reason = \"y\""), "baseline/unknown-key", 1),
            (format!("{entry}reason = \"x\"").replace("00", "0g"), "baseline/value", 2),
            ("[[suppress".to_owned(), "baseline/syntax", 1),
        ] {
            let error = parse(&text).unwrap_err();
            let finding = &error.body().findings[0];
            let found = (error.kind(), finding.rule.as_str(), finding.span.as_ref().unwrap().start.line);
            assert_eq!(found, (ErrorKind::Usage, rule, line), "{text}: {finding:?}");
            assert!(!finding.message.contains("manifest/"), "{finding:?}");
        }
        assert_eq!(parse("reson = 1").unwrap_err().body().findings[0].message, "unknown key `reson` in the baseline");
    }

    #[test]
    fn an_entry_for_another_pack_is_neither_used_nor_stale() {
        let mut report = report();
        let rules = report.rules.clone();
        let text = write(&report, "x").unwrap().replace("pack = \"", "pack = \"other-");
        assert!(parse(&text).unwrap().apply(&mut report.packs, &rules).is_empty());
        let named = report.packs.iter().any(|pack| pack.name.is_some());
        assert!(named && suppressed(&report).is_empty(), "{:?}", suppressed(&report));
    }

    #[test]
    fn entries_that_match_nothing_are_noted() {
        let mut report = report();
        let rules = report.rules.clone();
        let rule = &rules[0].id;
        let entry = |rule: &str| {
            format!("[[suppress]]\nfingerprint = \"{}\"\nrule = \"{rule}\"\nreason = \"x\"\n", "0".repeat(32))
        };
        let baseline = parse(&(entry(rule) + &entry("not/checked"))).unwrap();
        // One of the packs could not be checked to the end, so nobody knows.
        assert!(baseline.apply(&mut report.packs, &rules).is_empty());
        report.packs.retain(PackReport::was_completed);
        let notes = baseline.apply(&mut report.packs, &rules);
        assert_eq!((notes.len(), notes[0].rule.as_str(), notes[0].level), (1, STALE, Severity::Note));
        assert_eq!(
            notes[0].span.as_ref().map(|span| (span.path.as_str(), span.start.line)),
            Some(("baseline.toml", 1))
        );
        assert!(fingerprint::is_valid(&notes[0].fingerprint));
        let many = parse(&entry(rule).repeat(MAX_STALE + 5)).unwrap().apply(&mut report.packs, &rules);
        assert_eq!(many.len(), MAX_STALE + 1);
        assert!(many[MAX_STALE].message.starts_with("5 more"), "{:?}", many[MAX_STALE]);
    }

    #[test]
    fn a_mistake_of_two_rules_is_one_entry() {
        let mut report = report();
        report.packs.retain(|pack| pack.was_completed() && pack.findings.len() > 1);
        let mut rules = report.rules.clone();
        let pack = &mut report.packs[0];
        // One failed at what the other is an opinion about.
        let opinion = pack.findings.pop().unwrap();
        let seen = RuleInfo { id: "templates/twin".to_owned(), ..rules[0].clone() };
        let twin = Finding { rule: seen.id.clone(), ..opinion };
        rules.push(seen);
        pack.findings.truncate(1);
        pack.findings[0].failed = true;
        pack.findings[0].rule = "template/twin".to_owned();
        pack.findings[0].twins = vec![Twin { rule: twin.rule.clone(), fingerprint: twin.fingerprint.clone() }];
        let baseline = parse(&write(&report, "known").unwrap()).unwrap();
        assert_eq!(baseline.len(), 1);
        let notes = |findings: Vec<Finding>, is_rendered: bool| {
            let mut packs = report.packs.clone();
            let before = findings.len();
            packs[0].findings = findings;
            packs[0].checked.templates = is_rendered.then_some(true);
            packs[0].trials = is_rendered.then(Default::default);
            let notes = baseline.apply(&mut packs, &rules);
            let suppressed = packs[0].findings.iter().filter(|finding| finding.suppressed.is_some()).count();
            assert_eq!(suppressed, before);
            notes.into_iter().map(|note| note.message).collect::<Vec<_>>()
        };
        let failed = &report.packs[0].findings;
        // Still there: as both, as the failure alone, as the rule's alone.
        assert_eq!(notes(failed.clone(), true), [""; 0]);
        assert_eq!(notes(vec![Finding { twins: Vec::new(), ..failed[0].clone() }], true), [""; 0]);
        assert_eq!(notes(vec![twin.clone()], true), [""; 0]);
        assert_eq!(notes(vec![twin], false), [""; 0]);
        // Gone: nobody knows as long as nothing was rendered; then it is said once.
        assert_eq!(notes(Vec::new(), false), [""; 0]);
        assert_eq!(notes(Vec::new(), true), ["the entry for `template/twin` no longer matches anything"]);
    }
}
