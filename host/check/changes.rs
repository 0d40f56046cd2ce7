//! What a new version of a `compose.toml` and its packs means for projects that were made with the old one.
//!
//! Always true here: each finding is about something that a user of the project gives or has: a variable, or a file. What breaks
//! what they have is an error, what they should look at is a warning, and the rest is a note.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::values::made_up;
use crate::compose::packs::PackSet;
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::pack::{OutputPath, Pack, PackName, PackPath, Template, Variable, VariableOf};
use crate::plan::{ComposedPlan, PlannedOutput};

/// Packs, and what they will generate together.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    /// The packs.
    pub set: &'a PackSet,
    /// The plan.
    pub plan: &'a ComposedPlan,
}

/// Says what changed from one composition to another.
#[must_use]
pub fn changes(old: Planned<'_>, new: Planned<'_>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    packs(old.set, new.set, &mut findings);
    variables(old.set, new.set, &mut findings);
    outputs(old, new, &mut findings);
    findings
}

fn finding(
    severity: Severity,
    rule: &str,
    message: String,
    (here, there): (Option<Span>, Option<Span>),
    help: &str,
) -> Diagnostic {
    let mut finding = Diagnostic { severity, ..Diagnostic::error(rule, message) };
    if !help.is_empty() {
        finding = finding.help(help);
    }
    let mut places = here.into_iter().chain(there);
    finding.span = places.next();
    finding.related.extend(places);
    finding
}

fn by_name(set: &PackSet) -> BTreeMap<&PackName, &Pack> {
    set.packs().iter().map(|pack| (&pack.manifest.pack.name.value, pack)).collect()
}

fn packs(old: &PackSet, new: &PackSet, findings: &mut Vec<Diagnostic>) {
    let (before, now) = (by_name(old), by_name(new));
    let place = |pack: &Pack| Some(pack.span(&pack.manifest.pack.version.range));
    for (name, pack) in &before {
        let version = &pack.manifest.pack.version.value;
        match now.get(name) {
            None => {
                let message = format!("`{name}` is no longer one of the packs");
                let help = "its files stay in projects as they are; `--prune` removes none of them";
                findings.push(finding(Severity::Warning, "compat/pack-removed", message, (place(pack), None), help));
            }
            Some(other) if other.manifest.pack.version.value != *version => {
                let message = format!("`{name}` is {} now, and was {version}", other.manifest.pack.version.value);
                let places = (place(other), place(pack));
                findings.push(finding(Severity::Note, "compat/pack-version", message, places, ""));
            }
            Some(_) => {}
        }
    }
    for (name, pack) in now.iter().filter(|(name, _)| !before.contains_key(*name)) {
        let message = format!("`{name}` is one of the packs now");
        findings.push(finding(Severity::Note, "compat/pack-added", message, (place(pack), None), ""));
    }
}

type Declared<'a> = BTreeMap<VariableOf, (&'a Pack, &'a Variable)>;

/// What a user can be asked for, and gives: variables that take their value from no other pack.
fn asked(set: &PackSet) -> Declared<'_> {
    let all = set.packs().iter().flat_map(|pack| pack.manifest.variables.iter().map(move |variable| (pack, variable)));
    let own = all.filter(|(pack, variable)| set.import(pack, variable).is_none());
    own.map(|(pack, variable)| (name(pack, variable), (pack, variable))).collect()
}

fn name(pack: &Pack, variable: &Variable) -> VariableOf {
    VariableOf { pack: pack.manifest.pack.name.value.clone(), name: variable.name.clone() }
}

fn has_own(variable: &Variable) -> bool {
    variable.default.is_some() || variable.compute.is_some()
}

fn variables(old: &PackSet, new: &PackSet, findings: &mut Vec<Diagnostic>) {
    let (before, now) = (asked(old), asked(new));
    let place = |(pack, variable): (&Pack, &Variable)| Some(pack.span(&variable.range));
    let is_declared = |set: &PackSet, of: &VariableOf| {
        set.position(&of.pack).and_then(|position| set.packs()[position].manifest.variable(&of.name)).is_some()
    };
    for (of, one) in &before {
        match now.get(of) {
            Some(other) => changed(of, *one, *other, findings),
            None if is_declared(new, of) => {
                let message = format!("`{of}` takes its value from another pack now, and is not asked for");
                findings.push(finding(Severity::Note, "compat/variable-taken", message, (place(*one), None), ""));
            }
            None => {
                let message = format!("there is no variable `{of}` any more");
                let help = "answers that give it a value are refused, with exit code 2";
                let found = finding(Severity::Error, "compat/variable-removed", message, (place(*one), None), help);
                findings.push(found);
            }
        }
    }
    for (of, (pack, variable)) in now.iter().filter(|(of, _)| !before.contains_key(*of)) {
        let is_needed = !has_own(variable);
        let what = if is_declared(old, of) { "is a variable of its own now" } else { "is a new variable" };
        let (severity, message) = match (is_needed, &variable.when) {
            (true, None) => (Severity::Error, format!("`{of}` {what}, and has to be given a value")),
            (true, Some(_)) => {
                (Severity::Warning, format!("`{of}` {what}, and has to be given a value where its `when` is true"))
            }
            (false, _) => (Severity::Note, format!("`{of}` {what}, with a value of the pack's")),
        };
        let help = match is_needed {
            true if variable.is_secret() => "a secret has no default: whoever makes a project again has to give it",
            true => "give it a `default`, so that what was answered before is enough",
            false => "",
        };
        findings.push(finding(severity, "compat/variable-added", message, (place((pack, variable)), None), help));
    }
}

fn changed(of: &VariableOf, old: (&Pack, &Variable), new: (&Pack, &Variable), findings: &mut Vec<Diagnostic>) {
    let places = || (Some(new.0.span(&new.1.range)), Some(old.0.span(&old.1.range)));
    let (before, now) = (old.1, new.1);
    if before.kind.name() != now.kind.name() {
        let message = format!("`{of}` is of type {} now, and was of type {}", now.kind.name(), before.kind.name());
        let help = "what was answered before can't be used: give the new one another name";
        findings.push(finding(Severity::Error, "compat/variable-type", message, places(), help));
        return;
    }
    let choices = match &before.kind {
        crate::values::VariableKind::Choice { choices } => {
            choices.iter().map(|choice| choice.value.clone().into()).collect()
        }
        _ => Vec::new(),
    };
    let known = [&before.default, &before.example].into_iter().flatten().cloned().chain(choices).chain(made_up(before));
    let refused = known.into_iter().find(|value| now.check(value).is_err());
    if before.kind.nature() != now.kind.nature() {
        let message = format!("`{of}` is {} now, and was {}", now.kind.nature(), before.kind.nature());
        let (severity, help) = match refused {
            Some(value) => (Severity::Error, format!("{} was allowed, and is not", crate::show::value(&value))),
            None => (Severity::Warning, "look whether all that was allowed still is".to_owned()),
        };
        findings.push(finding(severity, "compat/variable-bounds", message, places(), &help));
    }
    if has_own(before) && !has_own(now) {
        let message = format!("`{of}` has to be given a value now");
        let help = "keep its `default`, so that what was answered before is enough";
        findings.push(finding(Severity::Error, "compat/variable-default", message, places(), help));
    } else if before.default != now.default
        || before.compute.as_ref().map(|text| &text.value) != now.compute.as_ref().map(|text| &text.value)
    {
        let message = format!("`{of}` has another value now where none is given");
        let help = "who did not give one gets other files";
        findings.push(finding(Severity::Warning, "compat/variable-default", message, places(), help));
    }
}

fn outputs(old: Planned<'_>, new: Planned<'_>, findings: &mut Vec<Diagnostic>) {
    let by_path =
        |plan: &'_ ComposedPlan| plan.outputs.iter().map(|output| (output.path.clone(), output.clone())).collect();
    let (before, now): (BTreeMap<OutputPath, PlannedOutput>, BTreeMap<OutputPath, PlannedOutput>) =
        (by_path(old.plan), by_path(new.plan));
    let (places_before, places_now) = (Places::of(old), Places::of(new));
    let gone: BTreeSet<&PackName> = old.set.names().filter(|name| new.set.position(name).is_none()).collect();
    for (path, output) in &before {
        let there = || places_before.of_output(output);
        let Some(other) = now.get(path) else {
            let message = format!("`{path}` is no longer generated");
            let help = if output.owners.iter().all(|owner| gone.contains(owner)) {
                "it stays in projects as it is"
            } else {
                "it stays in projects, and is removed with `--prune`"
            };
            findings.push(finding(Severity::Warning, "compat/output-removed", message, (there(), None), help));
            continue;
        };
        let (here, there) = (places_now.of_output(other), there());
        if output.owners != other.owners {
            let message = format!(
                "`{path}` is that of {} now, and was that of {}",
                listed(&other.owners),
                listed(&output.owners)
            );
            let help = "what it holds is another pack's; who edited it is asked what to do, by a conflict";
            findings.push(finding(
                Severity::Warning,
                "compat/output-owner",
                message,
                (here.clone(), there.clone()),
                help,
            ));
        }
        if output.on_conflict != other.on_conflict {
            let written =
                |policy| serde_json::to_value(policy).map(|value| crate::show::value(&value)).unwrap_or_default();
            let message = format!(
                "the policy of `{path}` is {} now, and was {}",
                written(&other.on_conflict),
                written(&output.on_conflict)
            );
            findings.push(finding(Severity::Warning, "compat/output-policy", message, (here, there), ""));
        }
    }
    for (path, output) in now.iter().filter(|(path, _)| !before.contains_key(*path)) {
        let message = format!("`{path}` is generated now");
        let help = "a project that has a file of its own there is in its way: exit code 3";
        findings.push(finding(
            Severity::Note,
            "compat/output-added",
            message,
            (places_now.of_output(output), None),
            help,
        ));
    }
}

/// Where manifests say where files go.
struct Places<'a> {
    packs: HashMap<&'a PackName, PlacesOfPack<'a>>,
}

/// The files that a pack writes, each with the entry for it.
struct PlacesOfPack<'a> {
    pack: &'a Pack,
    templates: HashMap<PackPath, Template>,
    sources: HashMap<&'a str, &'a PackPath>,
}

impl<'a> Places<'a> {
    fn of(planned: Planned<'a>) -> Self {
        let packs = planned.plan.packs.iter().filter_map(|plan| {
            let pack = &planned.set.packs()[planned.set.position(&plan.pack.name)?];
            let (mut templates, mut sources) = (HashMap::new(), HashMap::new());
            // Of several entries for a file, and several files at a path, the first.
            for template in pack.templates().ok()? {
                templates.entry(template.source.clone()).or_insert(template);
            }
            for file in &plan.files {
                sources.entry(file.output.as_str()).or_insert(&file.template);
            }
            Some((&plan.pack.name, PlacesOfPack { pack, templates, sources }))
        });
        Self { packs: packs.collect() }
    }

    /// Where the manifest of its first owner says where a file goes.
    fn of_output(&self, output: &PlannedOutput) -> Option<Span> {
        let PlacesOfPack { pack, templates, sources } = self.packs.get(output.owners.first()?)?;
        Some(pack.output_span(templates.get(*sources.get(output.path.as_str())?)?))
    }
}

fn listed(names: &[PackName]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
}
