//! Who reads which name: variables, secrets, partials.

use std::collections::{BTreeMap, BTreeSet};

use packbox_facts::Expression;

use crate::subject::{Rendered, Subject};
use crate::tokens;

/// Names that the engine itself gives a meaning to somewhere.
pub const LANGUAGE: &[&str] = &["caller", "kwargs", "loop", "self", "super", "varargs"];

/// Names that the engine defines everywhere.
pub const FUNCTIONS: &[&str] = &["cycler", "debug", "dict", "joiner", "lipsum", "namespace", "range"];

/// Collects the names that the pack reads anywhere; `None` where a template, or what a chain makes of it, could not be
/// asked.
#[must_use]
pub fn read_anywhere<'s>(subject: &'s Subject<'_>) -> Option<BTreeSet<&'s str>> {
    if subject.facts.templates.iter().any(|template| !template.then.is_empty()) {
        return None;
    }
    let mut read = BTreeSet::new();
    for rendered in subject.rendered().values() {
        read.extend(rendered.names?.variables.iter().map(String::as_str));
    }
    let expressions = subject.facts.expressions.iter();
    read.extend(expressions.flat_map(|expression| expression.variables.iter().map(String::as_str)));
    read.extend(subject.facts.templates.iter().filter_map(|template| template.for_each.as_deref()));
    Some(read)
}

/// Collects the secrets: variables of that type, and what is computed from them.
#[must_use]
pub fn secrets<'s>(subject: &'s Subject<'_>) -> BTreeSet<&'s str> {
    let kinds = subject.variables().filter(|variable| variable.kind() == "secret");
    let mut secrets: BTreeSet<&str> = kinds.map(|variable| variable.name).collect();
    loop {
        let before = secrets.len();
        for (name, expression) in computed(subject) {
            if expression.variables.iter().any(|read| secrets.contains(read.as_str())) {
                secrets.insert(name);
            }
        }
        if secrets.len() == before {
            return secrets;
        }
    }
}

/// Lists the variables that are computed, with their expressions.
pub fn computed<'s>(subject: &'s Subject<'_>) -> impl Iterator<Item = (&'s str, &'s Expression)> {
    subject.facts.expressions.iter().filter_map(|expression| {
        let name = expression.at.strip_prefix("/variables/")?.strip_suffix("/compute")?;
        Some((name, expression))
    })
}

/// Collects the files that reach a file by including it, the file itself, and those that it reaches.
#[must_use]
pub fn family<'s>(all: &BTreeMap<&'s str, Rendered<'s>>, path: &'s str) -> BTreeSet<&'s str> {
    let partials = |path: &str| {
        let names = all.get(path).and_then(|rendered| rendered.names);
        names.into_iter().flat_map(|names| names.partials.iter().map(String::as_str))
    };
    let mut below = BTreeSet::from([path]);
    let mut waiting = vec![path];
    while let Some(next) = waiting.pop() {
        waiting.extend(partials(next).filter(|partial| below.insert(partial)));
    }
    let mut above = BTreeSet::from([path]);
    loop {
        let before = above.len();
        above.extend(
            all.keys().filter(|other| partials(other).any(|partial| above.contains(partial))).collect::<Vec<_>>(),
        );
        if above.len() == before {
            break;
        }
    }
    below.append(&mut above);
    below
}

/// Collects the names that any of these files may assign.
#[must_use]
pub fn assigned_in<'s>(subject: &Subject<'s>, paths: &BTreeSet<&str>) -> BTreeSet<&'s str> {
    let mut assigned = BTreeSet::new();
    for source in paths.iter().filter_map(|path| subject.source(path)) {
        tokens::assigned(source, &mut assigned);
    }
    assigned
}
