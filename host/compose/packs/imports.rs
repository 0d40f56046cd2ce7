//! Variables that take their values from other packs.
//!
//! Always true here: what a variable is taken from stands in a pack before its own, so values flow one way.

use std::collections::BTreeMap;

use super::set::PackSet;
use crate::compose::variables::{Imported, Values};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Import, Pack, Variable, VariableOf};
use crate::text::nearest;

/// Checks that what variables are taken from is there, and of the same type.
///
/// # Errors
/// [`ErrorKind::Manifest`], naming both definitions with their places.
pub fn check_imports(set: &PackSet) -> Result<()> {
    let all = set.packs().iter().flat_map(|pack| pack.manifest.variables.iter().map(move |variable| (pack, variable)));
    let findings: Vec<Diagnostic> = all.filter_map(|(pack, variable)| mistake(set, pack, variable)).collect();
    if findings.is_empty() {
        return Ok(());
    }
    let detail = match findings.len() {
        1 => "a variable can't be taken from another pack".to_owned(),
        several => format!("{several} variables can't be taken from other packs"),
    };
    Err(Error::new(ErrorKind::Manifest, detail).with_findings(findings))
}

/// The pack and the variable that a variable takes its value from.
fn source<'s>(set: &'s PackSet, from: &VariableOf) -> Option<(&'s Pack, Option<&'s Variable>)> {
    let pack = set.packs().get(set.position(&from.pack)?)?;
    Some((pack, pack.manifest.variable(&from.name)))
}

fn mistake(set: &PackSet, pack: &Pack, variable: &Variable) -> Option<Diagnostic> {
    let import = set.import(pack, variable)?;
    let from = &import.from;
    let (other, found) = source(set, from)?;
    let place = variable.import.as_ref().map_or(&variable.range, |import| &import.range);
    let finding = |message: String| Diagnostic::error("variables/import", message).at(pack.span(place));
    let Some(found) = found else {
        if other.manifest.queries.contains_key(from.name.as_str()) {
            let message =
                format!("`{}` of `{}` is a query, and only variables are taken from other packs", from.name, from.pack);
            let help = format!(
                "let `{}` have a variable with the value that is wanted, computed from `{}`",
                from.pack, from.name
            );
            return Some(finding(message).help(help));
        }
        let names = other.manifest.variables.iter().map(|variable| variable.name.as_str());
        let help = match nearest(from.name.as_str(), names.clone()) {
            Some(near) => format!("did you mean `{}.{near}`?", from.pack),
            None => format!("its variables are {}", names.take(20).collect::<Vec<_>>().join(", ")),
        };
        return Some(finding(format!("the pack `{}` has no variable `{}`", from.pack, from.name)).help(help));
    };
    if found.kind.may_be(&variable.kind) {
        return None;
    }
    let message = format!(
        "`{}` of `{}` is of type {}, but takes the value of `{from}`, which is of type {}",
        variable.name,
        pack.manifest.pack.name.value,
        variable.kind.described(),
        found.kind.described()
    );
    let is_choice = found.kind.name() == "choice" && variable.kind.name() == "choice";
    let help = if is_choice { "give them a choice in common" } else { "give both the same type" };
    let mut finding = finding(message).help(help);
    finding.related.push(other.span(&found.range));
    Some(finding)
}

/// The values that the variables of a pack take from the packs before it.
#[must_use]
pub fn imported(set: &PackSet, pack: &Pack, before: &[Values]) -> BTreeMap<String, Imported> {
    let mut imported = BTreeMap::new();
    for variable in &pack.manifest.variables {
        let Some(Import { from, rule }) = set.import(pack, variable) else { continue };
        let Some(position) = set.position(&from.pack) else { continue };
        let (Some(values), Some((other, Some(found)))) = (before.get(position), source(set, &from)) else { continue };
        // What is hidden there has no value to take.
        let value = values.values.get(from.name.as_str()).filter(|value| !value.is_null());
        let Some(value) = value.cloned() else { continue };
        let is_secret = values.secrets.contains(from.name.as_str());
        let declared = other.span(&found.range);
        imported.insert(variable.name.to_string(), Imported { from, rule, declared, value, is_secret });
    }
    imported
}
