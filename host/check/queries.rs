//! What is found about a pack's queries: what the query engine remarks, and what only the whole pack shows.
//!
//! Always true here: nothing is asked here; a remark about the order of rows counts only where rows become files.

use std::collections::BTreeSet;

use super::draft::Draft;
use super::inspect::Inspection;
use super::query_rules::{UNORDERED, UNUSED, UNUSED_PREFIX};
use crate::compose::variables::{Querier as _, ToolboxEvaluator};
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::Result;
use crate::limits::Budget;
use crate::pack::{Iri, Pack, PrefixName, Query, QueryName, QueryText, Spanned};
use crate::query::Description;

/// Whether a pack has queries, or statements to ask them about.
pub(super) fn are_there(pack: &Pack) -> bool {
    !pack.manifest.queries.is_empty() || !pack.manifest.ontology.files.is_empty()
}

/// Reads all queries and statements, and finds what can't be read.
pub(super) fn proofread(evaluator: &ToolboxEvaluator<'_, '_>, pack: &Pack, draft: &mut Draft) {
    if !pack.manifest.queries.is_empty()
        && let Err(error) = evaluator.inspect()
    {
        draft.absorb(&error);
    }
    if let Err(error) = evaluator.read_statements() {
        draft.absorb(&error);
    }
}

/// Takes into a draft what is remarkable about queries, and what can't be read: of statements, where nobody read them yet.
///
/// # Errors
/// Where the run is at its end.
pub(super) fn look_at(
    pack: &Pack,
    evaluator: &ToolboxEvaluator<'_, '_>,
    (inspection, is_asked): (&Inspection, bool),
    (budget, draft): (&Budget, &mut Draft),
) -> Result<()> {
    match examine(pack, evaluator, inspection) {
        Ok(found) => take(found, budget, draft)?,
        Err(error) => draft.absorb(&error),
    }
    if is_asked {
        return Ok(());
    }
    if let Err(error) = evaluator.read_statements() {
        draft.absorb(&error);
    }
    Ok(())
}

/// Finds what is remarkable about queries, without asking them.
///
/// # Errors
/// Where a query can't be read; those of reading the pack.
fn examine(pack: &Pack, evaluator: &ToolboxEvaluator<'_, '_>, inspection: &Inspection) -> Result<Vec<Diagnostic>> {
    let queries = &pack.manifest.queries;
    if queries.is_empty() {
        return Ok(Vec::new());
    }
    let descriptions = evaluator.inspect()?;
    let names: Vec<&str> = queries.keys().map(QueryName::as_str).collect();
    let mut read = evaluator.read_by_files(&names)?;
    read.extend(inspection.expressions.iter().flat_map(|expression| expression.variables.iter().cloned()));
    let all: Vec<(&QueryName, &Query, Description)> =
        queries.iter().zip(descriptions).map(|((name, query), description)| (name, query, description)).collect();
    let mut found = Vec::new();
    for (name, query, description) in &all {
        let (is_read, is_graph) = (read.contains(name.as_str()), is_asked_as_graph(&all, name, query));
        let counts = |remark: &&Diagnostic| remark.rule != UNORDERED || (is_read && query.gate.is_none());
        found.extend(description.remarks.iter().filter(counts).cloned());
        if !is_read && !is_graph && query.gate.is_none() {
            let help = format!(
                "name it in a template, in `for_each` or in an expression, make it a gate, or leave it out; `packbox query` asks `{name}` all the same"
            );
            let finding = Diagnostic::error(UNUSED, format!("nothing reads the query `{name}`"));
            found.push(Diagnostic { severity: Severity::Note, ..finding.at(pack.span(&query.range)).help(help) });
        }
    }
    found.extend(unused_prefixes(pack)?);
    Ok(found)
}

/// Whether another query asks what a query makes.
fn is_asked_as_graph(all: &[(&QueryName, &Query, Description)], name: &QueryName, query: &Query) -> bool {
    let Some(graph) = &query.graph else { return false };
    all.iter().filter(|(other, ..)| *other != name).any(|(_, _, description)| {
        description.any_graph || description.graphs.iter().any(|asked| *asked == *graph.value.as_str())
    })
}

/// The prefixes of the manifest that stand in the text of no query.
fn unused_prefixes(pack: &Pack) -> Result<Vec<Diagnostic>> {
    let mut texts: Vec<Vec<u8>> = Vec::new();
    for query in pack.manifest.queries.values() {
        match &query.text {
            QueryText::File(path) => texts.push(pack.read(&path.value)?),
            QueryText::Inline(text) => texts.push(text.value.clone().into_bytes()),
            QueryText::Given { .. } => {}
        }
    }
    let is_used = |prefix: &str| texts.iter().any(|text| has_prefix(text, prefix));
    let unused = pack.manifest.ontology.prefixes.iter().filter(|(name, _)| !is_used(name.as_str()));
    let finding = |(name, iri): (&PrefixName, &Spanned<Iri>)| {
        let finding = Diagnostic::error(UNUSED_PREFIX, format!("no query uses the prefix `{name}:`"));
        let finding = finding.at(pack.span(&iri.range)).help("leave it out");
        Diagnostic { severity: Severity::Warning, ..finding }
    };
    Ok(unused.map(finding).collect())
}

/// Whether a text has a prefix with its colon, and no letter before it.
fn has_prefix(text: &[u8], prefix: &str) -> bool {
    let wanted = format!("{prefix}:");
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':') || !byte.is_ascii();
    memchr::memmem::find_iter(text, wanted.as_bytes())
        .any(|at| at.checked_sub(1).and_then(|before| text.get(before)).is_none_or(|before| !is_part(*before)))
}

/// Takes findings into a draft, as far as there is room for them.
pub(super) fn take(found: Vec<Diagnostic>, budget: &Budget, draft: &mut Draft) -> Result<()> {
    let (mut seen, count) = (BTreeSet::new(), found.len() as u64);
    let left = usize::try_from(budget.findings_left()).unwrap_or(usize::MAX);
    for finding in found.into_iter().take(left) {
        budget.draw(finding.weight())?;
        if seen.insert(finding.to_string()) {
            draft.findings.push(finding);
        }
    }
    budget.find(count)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_word_before_its_colon() {
        for text in ["s:port", "{ ?x s:port ?y }", "(s:port)", "<urn:x> s:\n"] {
            assert!(has_prefix(text.as_bytes(), "s"), "{text}");
        }
        for text in ["", "s", "xs:port", "s s :", "a.s:b", "x-s:b", "üs:b"] {
            assert!(!has_prefix(text.as_bytes(), "s"), "{text}");
        }
        assert!(has_prefix(b" :port", "") && !has_prefix(b"s:port", ""));
    }
}
