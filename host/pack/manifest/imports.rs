//! Variables that take their value from another pack's: `from = "base.crate_name"`.
//!
//! Always true here: the other pack is one that this pack depends on.

use std::collections::BTreeSet;

use super::hints::did_you_mean;
use super::reader::TableReader;
use crate::pack::import::{Import, ListRule, VariableOf};
use crate::pack::names::PackName;
use crate::pack::spanned::Spanned;
use crate::values::VariableKind;

/// Reads `from` and `merge` of a variable.
pub(super) fn read_import(
    table: &mut TableReader<'_, '_>,
    dependencies: &BTreeSet<&PackName>,
) -> Option<Spanned<Import>> {
    let (from, rule) = (table.parsed::<VariableOf>("from"), table.parsed::<ListRule>("merge"));
    let findings = table.findings;
    let Some(from) = from else {
        if let Some(rule) = rule {
            let help = "add `from = \"PACK.NAME\"`, or leave it out";
            findings.add_with_help("manifest/value", &rule.range, "`merge` says how what `from` names is merged", help);
        }
        return None;
    };
    let pack = &from.value.pack;
    if !dependencies.contains(pack) && !findings.is_full() {
        let add = format!("add `[dependencies]` with `{pack} = \"^1.0\"`");
        let help = did_you_mean(pack.as_str(), dependencies.iter().map(|name| name.as_str()), &add);
        let message = format!("`from` names the pack `{pack}`, which this pack does not depend on");
        findings.add_with_help("manifest/value", &from.range, message, help);
    }
    let rule = rule.map(|rule| rule.value).unwrap_or_default();
    Some(from.with(Import { from: from.value.clone(), rule }))
}

/// Reports a rule for lists at a variable that is none.
pub(super) fn check_rule(table: &TableReader<'_, '_>, import: &Spanned<Import>, kind: &VariableKind) {
    if import.value.rule != ListRule::Replace && !matches!(kind, VariableKind::List { .. }) {
        let help = "leave it out: the value of the other variable is taken";
        table.findings.add_with_help("manifest/value", &import.range, "`merge` is for variables of type list", help);
    }
}
