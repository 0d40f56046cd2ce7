//! A pack's score: 0 to 100 points from what can be measured again, on any machine, with the same result.
//!
//! Always true here: time has no part in it (fuel has), nor has anything that a person would have to judge; each point that
//! is missing says what would bring it. What was skipped earns nothing.

use std::collections::BTreeSet;

use serde::Serialize;

use super::report::{Measured, PackReport, Taken};
use crate::diagnostic::Severity;

/// Fuel for each byte that a template gives, up to which all points are given.
const GOOD_FUEL: u64 = 2_000;
/// Fuel for each byte, from which none are given.
const BAD_FUEL: u64 = 50_000;
/// Bytes of memory of a template, up to which all points are given.
const GOOD_MEMORY: u64 = 8 << 20;
/// Bytes of memory, from which none are given.
const BAD_MEMORY: u64 = 64 << 20;

/// Why a pack that generates nothing earns nothing where templates do.
const NO_TEMPLATES: &str = "the pack has no templates, so nothing was rendered";

/// A pack's score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Score {
    /// The pack as the user named it.
    pub path: String,
    /// The points, of 100.
    pub points: u32,
    /// What they are made of.
    pub parts: Vec<Part>,
}

/// A part of a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Part {
    /// What is measured.
    pub name: String,
    /// The points.
    pub points: u32,
    /// The most points.
    pub of: u32,
    /// What would bring more, the most first.
    pub raise: Vec<Raise>,
}

/// What would bring points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Raise {
    /// How many.
    pub points: u32,
    /// What to do.
    pub how: String,
}

/// Groups of rules, with the points that are lost by their findings.
const GROUPS: [(&str, u32, &str); 5] = [
    ("description", 20, "manifest/"),
    ("variables", 10, "variables/"),
    ("templates", 15, "templates/"),
    ("plugins and dependencies", 10, "plugins/"),
    ("security", 20, "security/"),
];

/// Computes a pack's score from the report of its validation.
#[must_use]
pub fn score(report: &PackReport) -> Score {
    let mut parts: Vec<Part> = GROUPS.iter().map(|(name, of, prefix)| by_findings(report, name, *of, prefix)).collect();
    let rendering = rendering(report);
    parts.push(cost(report, rendering.points > 0));
    parts.insert(GROUPS.len(), rendering);
    let total: u32 = parts.iter().map(|part| part.points).sum();
    // What could not be checked to the end, or is an error, is no pack to recommend.
    let points = if report.was_completed() { total } else { 0 };
    Score { path: report.path.clone(), points, parts }
}

/// A part that earns nothing, as it was not looked at.
fn skipped(report: &PackReport, name: &str, of: u32, why: &str) -> Part {
    let why = if report.checked.manifest { why } else { "the pack could not be loaded" };
    let raise = vec![Raise { points: of, how: format!("skipped: {why}") }];
    Part { name: name.to_owned(), points: 0, of, raise }
}

/// Takes points off for each rule that found something: 5 for errors, 3 for warnings, 1 for notes.
fn by_findings(report: &PackReport, name: &str, of: u32, prefix: &str) -> Part {
    if report.checked.rules != Some(true) {
        return skipped(report, name, of, "not all rules could be checked");
    }
    let also = match prefix {
        "plugins/" => "dependencies/",
        // Where a template failed at it, the rule does not say it again.
        "templates/" => "template/",
        _ => prefix,
    };
    let mut lost: Vec<Raise> = Vec::new();
    let mut rules: BTreeSet<&str> = BTreeSet::new();
    for finding in report.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        let in_group = finding.rule.starts_with(prefix) || finding.rule.starts_with(also);
        if !in_group || !rules.insert(&finding.rule) {
            continue;
        }
        let points = match finding.level {
            Severity::Error => 5,
            Severity::Warning => 3,
            Severity::Note => 1,
        };
        lost.push(Raise { points, how: format!("{}: {}", finding.rule, finding.message) });
    }
    lost.sort_by(|one, other| other.points.cmp(&one.points).then_with(|| one.how.cmp(&other.how)));
    let sum: u32 = lost.iter().map(|raise| raise.points).sum();
    Part { name: name.to_owned(), points: of.saturating_sub(sum), of, raise: lost }
}

/// 15 points where every template renders, and gives the same bytes each time; in proportion where not all were reached.
fn rendering(report: &PackReport) -> Part {
    const OF: u32 = 15;
    if !report.checked.manifest {
        return skipped(report, "rendering", OF, "");
    }
    let mut raise = Vec::new();
    let broken = report.findings.iter().filter(|finding| {
        let rule = &finding.rule;
        let about_rendering = finding.failed || rule.starts_with("template/") || rule.starts_with("plugin/");
        finding.level == Severity::Error && about_rendering
    });
    let broken = broken.count();
    let do_not = if broken == 1 { "does not" } else { "do not" };
    if let Some(failure) = report.error.as_ref().filter(|_| broken == 0) {
        raise.push(Raise {
            points: OF,
            how: format!("make it possible to check the pack completely: {}", failure.detail),
        });
    }
    if broken > 0 && report.measured.is_empty() {
        raise.push(Raise { points: OF, how: "correct what failed, so that templates can be rendered".into() });
    } else if broken > 0 {
        raise.push(Raise {
            points: OF,
            how: format!("make every template render, the same each time ({broken} {do_not})"),
        });
    } else if report.findings.iter().any(|finding| finding.rule == "variables/no-sample") {
        raise.push(Raise {
            points: OF,
            how: "give every variable an example or a default, so that it can be tried".into(),
        });
    } else if raise.is_empty() && report.checked.templates != Some(true) {
        return skipped(report, "rendering", OF, "nothing was rendered");
    } else if raise.is_empty() && has_no_templates(report) {
        return skipped(report, "rendering", OF, NO_TEMPLATES);
    }
    let mut points = if raise.is_empty() { OF } else { 0 };
    let tried = report.trials.as_ref().map(|trials| trials.templates).filter(|tried| tried.taken < tried.of);
    if let Some(Taken { taken, of }) = tried.filter(|_| points > 0) {
        points = u32::try_from(OF as usize * taken / of.max(1)).unwrap_or(0);
        let how =
            format!("skipped: {} of {of} templates, as none of the values that were tried led to them", of - taken);
        raise.push(Raise { points: OF - points, how });
    }
    Part { name: "rendering".to_owned(), points, of: OF, raise }
}

fn has_no_templates(report: &PackReport) -> bool {
    report.trials.as_ref().is_some_and(|trials| trials.templates.of == 0)
}

/// 10 points for templates that take little: 6 for fuel by byte given, 4 for memory. `rendered`: whether all were.
fn cost(report: &PackReport, rendered: bool) -> Part {
    const FUEL: u32 = 6;
    const MEMORY: u32 = 4;
    if !rendered {
        let why = if has_no_templates(report) { NO_TEMPLATES } else { "not every template was rendered" };
        return skipped(report, "cost", FUEL + MEMORY, why);
    }
    let dearest = report.measured.iter().max_by_key(|one| fuel_by_byte(one));
    let largest = report.measured.iter().max_by_key(|one| one.memory);
    // Where nothing is rendered, as all is copied, nothing costs anything.
    let fuel = dearest.map_or(FUEL, |one| scale(fuel_by_byte(one), GOOD_FUEL, BAD_FUEL, FUEL));
    let memory = largest.map_or(MEMORY, |one| scale(one.memory, GOOD_MEMORY, BAD_MEMORY, MEMORY));
    let mut raise = Vec::new();
    if let Some(one) = dearest.filter(|_| fuel < FUEL) {
        let how =
            format!("`{}` takes {} units of fuel for each byte; aim for {GOOD_FUEL}", one.template, fuel_by_byte(one));
        raise.push(Raise { points: FUEL - fuel, how });
    }
    if let Some(one) = largest.filter(|_| memory < MEMORY) {
        let how = format!("`{}` takes {} of memory", one.template, crate::text::format_bytes(one.memory));
        raise.push(Raise { points: MEMORY - memory, how });
    }
    Part { name: "cost".to_owned(), points: fuel + memory, of: FUEL + MEMORY, raise }
}

/// Fuel for each byte given; small outputs count as a kilobyte, since starting costs, too.
fn fuel_by_byte(one: &Measured) -> u64 {
    one.fuel / one.bytes_out.max(1024)
}

/// All points up to `good`, none from `bad` on, in proportion between.
fn scale(value: u64, good: u64, bad: u64, of: u32) -> u32 {
    if value <= good {
        return of;
    }
    let left = u128::from(bad.saturating_sub(value)) * u128::from(of) / u128::from(bad - good);
    u32::try_from(left).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::report::Trials;
    use super::*;

    #[test]
    fn points_are_in_proportion() {
        assert_eq!([scale(5, 10, 20, 6), scale(15, 10, 20, 6), scale(99, 10, 20, 6)], [6, 3, 0]);
    }

    #[test]
    fn what_was_skipped_earns_nothing() {
        let mut report = crate::check::sample::report().packs.remove(1);
        assert_eq!(score(&report).points, 100);
        let parts = |report: &PackReport| score(report).parts.iter().map(|part| part.points).collect::<Vec<_>>();
        let trials = Trials { templates: Taken { taken: 1, of: 3 }, ..Trials::default() };
        assert_eq!(score(&PackReport { trials: Some(trials), ..report.clone() }).points, 90);
        // Nor does what is not there, nor what no values led to.
        for of in [0, 2] {
            let trials = Trials { templates: Taken { taken: 0, of }, ..Trials::default() };
            let report = PackReport { trials: Some(trials), ..report.clone() };
            assert_eq!((score(&report).points, parts(&report)), (75, vec![20, 10, 15, 10, 20, 0, 0]));
            assert!(score(&report).parts[5..].iter().all(|part| part.raise[0].how.starts_with("skipped: ")));
        }
        report.checked.templates = Some(false);
        assert_eq!((score(&report).points, parts(&report)), (75, vec![20, 10, 15, 10, 20, 0, 0]));
        report.checked.rules = Some(false);
        assert_eq!((score(&report).points, parts(&report)), (0, vec![0; 7]));
        report.checked.manifest = false;
        let score = score(&report);
        assert_eq!((score.points, parts(&report)), (0, vec![0; 7]));
        assert!(score.parts.iter().all(|part| part.raise[0].how == "skipped: the pack could not be loaded"));
    }

    #[test]
    fn parts_add_up_to_a_hundred() {
        let of: u32 = GROUPS.iter().map(|(_, of, _)| of).sum();
        assert_eq!(of + 15 + 10, 100);
    }
}
