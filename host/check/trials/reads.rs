//! What the parts of a pack depend on: variables, by their positions in the declaration.
//!
//! Always true here: names are those that the engines report; where they can't be known (a plugin renders it, a stage of a
//! chain reads it, a partial is named only when it is included), a part depends on all variables.

use std::collections::{BTreeMap, BTreeSet};

use packbox_facts::Names;

use super::super::examined::Examined;
use crate::pack::{Pack, PackPath, Spanned, Template, TemplateEngine, pointer_token};

/// Partials that are gone through for all templates together.
const STEPS: usize = 1_000_000;

/// Variables, by their positions.
pub type Set = BTreeSet<usize>;

/// What decides whether something of a pack is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The `when` of a variable.
    Variable(usize),
    /// The `when` of an entry of `[[templates]]`.
    Entry(usize),
    /// The list of an entry, which has items or has none.
    List(usize),
}

/// A condition of a pack.
#[derive(Debug, Clone)]
pub struct Condition<'a> {
    /// What it is about.
    pub subject: Subject,
    /// What it reads.
    pub reads: Set,
    /// The expression, or the name of the list.
    pub text: &'a Spanned<String>,
}

/// What the parts of a pack depend on.
#[derive(Debug)]
pub struct Reads<'a> {
    /// What `when` and `compute` of each variable read.
    variables: Vec<Set>,
    /// The pack's conditions: of variables, then of entries.
    pub conditions: Vec<Condition<'a>>,
    /// By template: what it, its path, its condition and its list read.
    pub templates: Vec<Set>,
    /// What the message reads.
    pub message: Set,
    /// All expressions, with what they read.
    pub expressions: Vec<(&'a str, Set)>,
}

impl<'a> Reads<'a> {
    /// Takes together what the engines said. `fixed` are variables that nobody is asked for.
    pub fn of(examined: &'a Examined<'_>, fixed: &Set) -> Self {
        let Examined { pack, templates, inspection, .. } = examined;
        let lookup = Lookup::of(pack, &inspection.names);
        let mut by_place: BTreeMap<(&str, Option<&str>), Set> = BTreeMap::new();
        let mut expressions = Vec::new();
        for expression in &inspection.expressions {
            let reads = lookup.positions(&expression.variables);
            expressions.push((expression.text.as_str(), reads.clone()));
            by_place.insert((expression.at.as_str(), expression.source.as_deref()), reads);
        }
        let at = |place: &str, source: Option<&str>| by_place.get(&(place, source)).cloned().unwrap_or_default();
        let mut conditions = Vec::new();
        let mut variables = Vec::new();
        for (index, variable) in pack.manifest.variables.iter().enumerate() {
            let name = pointer_token(variable.name.as_str());
            let when = at(&format!("/variables/{name}/when"), None);
            let mut all = at(&format!("/variables/{name}/compute"), None);
            all.extend(&when);
            variables.push(if fixed.contains(&index) { Set::new() } else { all });
            if let Some(text) = variable.when.as_ref().filter(|_| !fixed.contains(&index)) {
                conditions.push(Condition { subject: Subject::Variable(index), reads: when, text });
            }
        }
        let mut steps = STEPS;
        let mut told = Vec::with_capacity(templates.len());
        let mut entry_when: BTreeMap<usize, Set> = BTreeMap::new();
        for template in templates {
            let (entry, source) = (template.entry_index, Some(template.source.as_str()));
            let when = entry_when.entry(entry).or_insert_with(|| at(&format!("/templates/{entry}/when"), source));
            let mut reads = lookup.template(template, &mut steps);
            reads.extend(when.iter());
            reads.extend(at(&format!("/templates/{entry}/output"), source));
            reads.extend(at(&format!("/templates/{entry}/source"), source));
            reads.extend(template.for_each.iter().filter_map(|list| lookup.names.get(list.value.as_str())));
            told.push(reads);
        }
        for (entry, template) in first_of_entries(templates) {
            if let Some(text) = &template.when {
                let reads = entry_when.get(&entry).cloned().unwrap_or_default();
                conditions.push(Condition { subject: Subject::Entry(entry), reads, text });
            }
            if let Some(text) = &template.for_each {
                let reads = lookup.names.get(text.value.as_str()).copied().into_iter().collect();
                conditions.push(Condition { subject: Subject::List(entry), reads, text });
            }
        }
        let message = pack.manifest.pack.message.as_ref().map(|message| lookup.file(&message.value, &mut steps));
        Self { variables, conditions, templates: told, message: message.unwrap_or_default(), expressions }
    }

    /// What something that reads these variables depends on: they, and what they are made from.
    pub fn roots(&self, reads: &Set) -> Set {
        let mut roots = reads.clone();
        let mut open: Vec<usize> = reads.iter().copied().collect();
        while let Some(variable) = open.pop() {
            for needed in self.variables.get(variable).into_iter().flatten() {
                if roots.insert(*needed) {
                    open.push(*needed);
                }
            }
        }
        roots
    }

    /// What decides whether a variable is asked for.
    pub fn of_when(&self, variable: usize) -> Set {
        let condition = self.conditions.iter().find(|one| one.subject == Subject::Variable(variable));
        condition.map(|condition| self.roots(&condition.reads)).unwrap_or_default()
    }
}

/// The first template of each entry that has any.
fn first_of_entries(templates: &[Template]) -> BTreeMap<usize, &Template> {
    let mut first = BTreeMap::new();
    for template in templates {
        first.entry(template.entry_index).or_insert(template);
    }
    first
}

/// Finds what names and files stand for.
struct Lookup<'a> {
    names: BTreeMap<&'a str, usize>,
    files: &'a BTreeMap<PackPath, Names>,
    all: Set,
}

impl<'a> Lookup<'a> {
    fn of(pack: &'a Pack, files: &'a BTreeMap<PackPath, Names>) -> Self {
        let names = pack.manifest.variables.iter().enumerate();
        let names: BTreeMap<&str, usize> = names.map(|(index, one)| (one.name.as_str(), index)).collect();
        let all = names.values().copied().collect();
        Self { names, files, all }
    }

    fn positions(&self, names: &[String]) -> Set {
        names.iter().filter_map(|name| self.names.get(name.as_str()).copied()).collect()
    }

    fn template(&self, template: &Template, steps: &mut usize) -> Set {
        match template.engine {
            _ if !template.then.is_empty() => self.all.clone(),
            TemplateEngine::Plugin(_) => self.all.clone(),
            TemplateEngine::Copy => Set::new(),
            TemplateEngine::BuiltIn(_) => self.file(&template.source, steps),
        }
    }

    /// What a file reads, and what it includes.
    fn file(&self, path: &PackPath, steps: &mut usize) -> Set {
        let Some(names) = self.files.get(path) else { return Set::new() };
        let mut reads = self.positions(&names.variables);
        let mut open: Vec<&str> = names.partials.iter().map(String::as_str).collect();
        let mut seen: BTreeSet<&str> = open.iter().copied().collect();
        while let Some(partial) = open.pop() {
            *steps = steps.saturating_sub(1);
            let found = partial.parse::<PackPath>().ok().and_then(|path| self.files.get(&path));
            let Some(names) = found.filter(|_| *steps > 0) else { return self.all.clone() };
            reads.extend(self.positions(&names.variables));
            open.extend(names.partials.iter().map(String::as_str).filter(|partial| seen.insert(partial)));
        }
        reads
    }
}
