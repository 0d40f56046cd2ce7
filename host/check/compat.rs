//! Whether packs can be used together: compared by what they declare and plan, without rendering anything.
//!
//! Always true here: each finding names two packs: one by its place, the other by a related place.

use std::collections::BTreeMap;

use semver::{Comparator, Op, Version, VersionReq};

use super::examined::Examined;
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::pack::{OnConflict, Variable};
use crate::plan::PlannedFile;
use crate::text::fold;

/// Compares packs, each with each that was named before it.
#[must_use]
pub fn compare(packs: &[Examined<'_>]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    names(packs, &mut findings);
    variables(packs, &mut findings);
    outputs(packs, &mut findings);
    versions(packs, &mut findings);
    dependencies(packs, &mut findings);
    findings
}

/// An error that two places have to do with.
fn finding(rule: &str, message: String, (here, there): (Span, Span), help: &str) -> Diagnostic {
    let mut finding = Diagnostic::error(rule, message).at(here).help(help);
    finding.related.push(there);
    finding
}

fn name<'p>(pack: &'p Examined<'_>) -> &'p str {
    pack.pack.manifest.pack.name.value.as_str()
}

fn names(packs: &[Examined<'_>], findings: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, &Examined<'_>> = BTreeMap::new();
    for pack in packs {
        let own = &pack.pack.manifest.pack.name;
        if let Some(first) = seen.insert(own.value.as_str(), pack) {
            let there = first.pack.span(&first.pack.manifest.pack.name.range);
            let message = format!("two packs are named `{}`", own.value);
            let help = "packs are told apart by their names; rename one of them";
            findings.push(finding("compat/name", message, (pack.pack.span(&own.range), there), help));
        }
    }
}

/// Variables of one name are one variable: their types must be the same, and a value must be valid for both.
fn variables(packs: &[Examined<'_>], findings: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, (&Examined<'_>, &Variable)> = BTreeMap::new();
    for pack in packs {
        for variable in &pack.pack.manifest.variables {
            let Some((first, other)) = seen.get(variable.name.as_str()).copied() else {
                seen.insert(variable.name.as_str(), (pack, variable));
                continue;
            };
            let (here, there) = (pack.pack.span(&variable.range), first.pack.span(&other.range));
            let (kind, other_kind) = (variable.kind.name(), other.kind.name());
            if kind != other_kind {
                let message = format!(
                    "`{}` is of type {kind} in `{}` and {other_kind} in `{}`",
                    variable.name,
                    name(pack),
                    name(first)
                );
                let help = "rename one of them: a value can't have both types";
                findings.push(finding("compat/variable-type", message, (here, there), help));
                continue;
            }
            let rejected = |default: &Option<serde_json::Value>, by: &Variable| {
                default.as_ref().is_some_and(|value| by.check(value).is_err())
            };
            if rejected(&variable.default, other) || rejected(&other.default, variable) {
                let message = format!(
                    "the default of `{}` in one of the packs `{}` and `{}` is invalid in the other",
                    variable.name,
                    name(pack),
                    name(first)
                );
                let help = "give the variable the same bounds in both packs, or rename it in one of them";
                findings.push(finding("compat/variable-bounds", message, (here, there), help));
            } else if variable.default != other.default {
                let message =
                    format!("`{}` has different defaults in `{}` and `{}`", variable.name, name(pack), name(first));
                let help = "the default of the pack that is named first is used; use the same default in both, or rename one of the variables";
                let found = finding("compat/variable-default", message, (here, there), help);
                findings.push(Diagnostic { severity: Severity::Warning, ..found });
            }
        }
    }
}

/// No two packs may write one file, also where a file system takes two names for one.
fn outputs(packs: &[Examined<'_>], findings: &mut Vec<Diagnostic>) {
    let mut files: BTreeMap<String, (&Examined<'_>, &PlannedFile)> = BTreeMap::new();
    for pack in packs {
        let Some(job) = &pack.job else { continue };
        for file in &job.plan.files {
            // A renderer that names its files itself has planned a folder.
            let canonical = fold(&file.output);
            let Some((first, other)) = files.get(&canonical).copied() else {
                files.insert(canonical, (pack, file));
                continue;
            };
            let path = &other.output;
            if name(first) == name(pack) || file.on_conflict == OnConflict::CreateOnce {
                continue;
            }
            let place = |pack: &Examined<'_>, file: &PlannedFile| Span::file(pack.pack.path_of(&file.template));
            let message = if *path == file.output {
                format!("`{path}` is written by `{}` and by `{}`", name(first), name(pack))
            } else {
                format!(
                    "`{path}` of `{}` and `{}` of `{}` are the same file on some systems",
                    name(first),
                    file.output,
                    name(pack)
                )
            };
            let help = "write it from one pack only, or give one of them `on_conflict = \"create-once\"`";
            let (here, there) = (place(pack, file), place(first, other));
            findings.push(finding("compat/output", message, (here, there), help));
        }
    }
}

/// One packbox must do for all.
fn versions(packs: &[Examined<'_>], findings: &mut Vec<Diagnostic>) {
    for (index, pack) in packs.iter().enumerate() {
        let Some(own) = &pack.pack.manifest.pack.packbox else { continue };
        for first in &packs[..index] {
            let Some(other) = &first.pack.manifest.pack.packbox else { continue };
            if disjoint(&own.value, &other.value) {
                let message = format!(
                    "`{}` needs packbox {} and `{}` needs {}: no version satisfies both",
                    name(pack),
                    own.value,
                    name(first),
                    other.value
                );
                let (here, there) = (pack.pack.span(&own.range), first.pack.span(&other.range));
                let help = "use versions of the packs that work with the same version of packbox";
                findings.push(finding("compat/host", message, (here, there), help));
            }
        }
    }
}

/// What packs need must be what the others are, and what the others need too.
fn dependencies(packs: &[Examined<'_>], findings: &mut Vec<Diagnostic>) {
    for (index, pack) in packs.iter().enumerate() {
        for (needed, dependency) in &pack.pack.manifest.dependencies {
            let requirement = &dependency.requirement;
            let here = || pack.pack.span(&requirement.range);
            for other in packs.iter().filter(|other| name(other) == needed.as_str()) {
                let version = &other.pack.manifest.pack.version;
                if !requirement.value.matches(&version.value) {
                    let message = format!(
                        "`{}` needs `{needed} {}`, but the pack here is {}",
                        name(pack),
                        requirement.value,
                        version.value
                    );
                    let there = other.pack.span(&version.range);
                    let help = "use a version that fits";
                    findings.push(finding("compat/dependency-version", message, (here(), there), help));
                }
            }
            for first in &packs[..index] {
                let Some(other) = first.pack.manifest.dependencies.get(needed) else { continue };
                if disjoint(&requirement.value, &other.requirement.value) {
                    let message = format!(
                        "`{}` needs `{needed} {}` and `{}` needs `{}`: no version satisfies both",
                        name(pack),
                        requirement.value,
                        name(first),
                        other.requirement.value
                    );
                    let there = first.pack.span(&other.requirement.range);
                    let help = "use versions of the packs that need the same version of it";
                    findings.push(finding("compat/dependency", message, (here(), there), help));
                }
            }
        }
    }
}

/// Whether no version can satisfy both requirements. Bounds are tried: if any version does, one at or just behind a bound
/// of either does.
fn disjoint(one: &VersionReq, other: &VersionReq) -> bool {
    let candidates = one.comparators.iter().chain(&other.comparators).flat_map(around);
    let mut candidates = candidates.chain([Version::new(0, 0, 0), Version::new(u64::MAX >> 1, 0, 0)]);
    !candidates.any(|version| one.matches(&version) && other.matches(&version))
}

fn around(comparator: &Comparator) -> Vec<Version> {
    let (major, minor, patch) = (comparator.major, comparator.minor.unwrap_or(0), comparator.patch.unwrap_or(0));
    let mut exact = Version::new(major, minor, patch);
    exact.pre = comparator.pre.clone();
    let mut versions =
        vec![exact, Version::new(major, minor, patch), Version::new(major, minor, patch.saturating_add(1))];
    versions.push(Version::new(major, minor.saturating_add(1), 0));
    versions.push(Version::new(major.saturating_add(1), 0, 0));
    if matches!(comparator.op, Op::Less | Op::LessEq) {
        // Just below an upper bound.
        let below = match (major, minor, patch) {
            (_, _, 1..) => Version::new(major, minor, patch - 1),
            (_, 1.., 0) => Version::new(major, minor - 1, u64::MAX >> 1),
            (1.., 0, 0) => Version::new(major - 1, u64::MAX >> 1, u64::MAX >> 1),
            (0, 0, 0) => Version::new(0, 0, 0),
        };
        versions.push(below);
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_that_no_version_satisfies_are_found() {
        let none =
            |one: &str, other: &str| disjoint(&one.parse().expect("a requirement"), &other.parse().expect("one"));
        assert!(none("^1", "^2") && none("<1.2", ">=1.2") && none("=1.0.0", ">1.0.0") && none("~1.2", "~1.3"));
        assert!(!none("^1.2", ">=1.4, <3") && !none("*", "^7") && !none(">=0.1, <0.2", "^0.1.3") && !none("<2", "<1"));
        assert!(!none("1.0.0-rc.1", "1.0.0-rc.1"));
    }
}
