//! `[ontology]` and `[shapes]`: the graph that a pack's queries ask, and what it has to be like.

use std::collections::BTreeMap;

use super::queries::check_globs;
use super::reader::{TableReader, ValueReader};
use crate::pack::names::{Iri, PrefixName};
use crate::pack::spanned::Spanned;

/// The graph that a pack's queries ask.
#[derive(Debug, Clone, Default)]
pub struct Ontology {
    /// Globs over the pack's files.
    pub files: Vec<Spanned<String>>,
    /// What relative IRIs are relative to, where a file or a query does not say so itself.
    pub base: Option<Spanned<Iri>>,
    /// Prefixes that all queries may use without declaring them.
    pub prefixes: BTreeMap<PrefixName, Spanned<Iri>>,
}

/// What a pack's graph has to be like.
#[derive(Debug, Clone, Default)]
pub struct Shapes {
    /// Globs over the pack's files.
    pub files: Vec<Spanned<String>>,
}

pub(super) fn read_ontology(root: &mut TableReader<'_, '_>) -> Ontology {
    let Some(mut table) = root.table("ontology") else { return Ontology::default() };
    let files = table.texts("files");
    check_globs(&files, "an ontology", table.findings);
    let base = table.parsed("base");
    let prefixes = table.entries::<PrefixName>("prefixes", "prefix");
    let prefixes = prefixes.into_iter().filter_map(|(name, value)| Some((name.value, ValueReader::parsed(value)?)));
    let prefixes = prefixes.collect();
    table.finish(&[]);
    Ontology { files, base, prefixes }
}

pub(super) fn read_shapes(root: &mut TableReader<'_, '_>) -> Shapes {
    let Some(mut table) = root.table("shapes") else { return Shapes::default() };
    let files = table.texts("files");
    check_globs(&files, "shapes", table.findings);
    table.finish(&[]);
    Shapes { files }
}
