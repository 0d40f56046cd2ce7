//! Packs in order, what each is given, and what is taken from where.

mod imports;
mod order;
mod scopes;
mod settings;

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Map, Value};
use tempfile::TempDir;

use super::*;
use crate::compose::variables::{Answers, Evaluator, Sources, Values, resolve};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::pack::{Expression, Pack, PackLimits};

/// Packs in a folder.
struct World(TempDir);

impl World {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Makes a pack, `NAME` or `NAME VERSION`; `more` is the rest of its manifest.
    fn pack(&self, name: &str, more: &str) -> Pack {
        let (name, version) = name.split_once(' ').unwrap_or((name, "1.0.0"));
        let folder = self.0.path().join(format!("{name}-{version}"));
        fs::create_dir_all(&folder).unwrap();
        let manifest = format!("[pack]\nname = \"{name}\"\nversion = \"{version}\"\n{more}");
        fs::write(folder.join("pack.toml"), manifest).unwrap();
        Pack::load(&folder, &PackLimits::default())
            .unwrap_or_else(|error| panic!("{error}: {:#?}", error.body().findings))
    }

    /// Makes a pack that needs others, each written as in a manifest.
    fn needing(&self, name: &str, needs: &[&str]) -> Pack {
        self.pack(name, &format!("[dependencies]\n{}\n", needs.join("\n")))
    }

    /// Puts packs together as they are named, each with the rest of its manifest.
    fn set(&self, packs: &[(&str, &str)]) -> PackSet {
        self.shared(packs, Vec::new()).unwrap()
    }

    fn shared(&self, packs: &[(&str, &str)], shares: Vec<Share>) -> Result<PackSet> {
        let packs = packs.iter().map(|(name, more)| self.pack(name, more)).collect();
        PackSet::of(packs, Vec::new(), &Arrangement { as_named: false, shares })
    }
}

/// Where no pack has an expression.
struct NoExpressions;

impl Evaluator for NoExpressions {
    fn names(&self, expressions: &[Expression<'_>]) -> Vec<Result<Vec<String>>> {
        expressions.iter().map(|_| Ok(Vec::new())).collect()
    }

    fn evaluate(
        &self,
        _: &Map<String, Value>,
        _: &BTreeSet<&str>,
        expressions: &[Expression<'_>],
    ) -> Vec<Result<Value>> {
        expressions.iter().map(|_| Ok(Value::Bool(false))).collect()
    }
}

/// Flags, as `NAME=VALUE`.
fn flags(flags: &[&str]) -> Sources {
    let flags = flags.iter().map(|flag| flag.split_once('=').unwrap());
    let flags = flags.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Sources { flags, ..Sources::default() }
}

fn answers(text: &str) -> Sources {
    let answers = Answers { path: "answers.toml".to_owned(), text: text.to_owned() };
    Sources { answers: Some(answers), ..Sources::default() }
}

/// The values of all packs, in their order.
fn valued(set: &PackSet, sources: &Sources, presets: &Presets) -> Result<Vec<Values>> {
    check_imports(set)?;
    let mut values = Vec::new();
    for (pack, mut sources) in set.packs().iter().zip(scopes(set, sources, presets)?) {
        sources.imported = imported(set, pack, &values);
        values.push(resolve(pack.into(), &sources, &NoExpressions, None)?);
    }
    Ok(values)
}

/// The values of the pack that stands last.
fn last(set: &PackSet, sources: &Sources) -> Map<String, Value> {
    let values = valued(set, sources, &Presets::default());
    let mut values = values.unwrap_or_else(|error| panic!("{error}: {:#?}", error.body().findings));
    values.pop().unwrap().values
}

fn names(set: &PackSet) -> Vec<String> {
    set.names().map(ToString::to_string).collect()
}

/// What is wrong: each finding's message and help.
fn told(error: &Error) -> Vec<(String, String)> {
    let told = |finding: &Diagnostic| (finding.message.clone(), finding.help.clone().unwrap_or_default());
    error.body().findings.iter().map(told).collect()
}

/// `PACK:LINE` of a finding's place and of what is related to it.
fn places(finding: &Diagnostic) -> Vec<String> {
    let shown = |span: &crate::diagnostic::Span| {
        let folder = span.path.rsplit('/').nth(1).unwrap_or(&span.path).to_owned();
        format!("{folder}:{}", span.start.line)
    };
    finding.span.iter().chain(&finding.related).map(shown).collect()
}
