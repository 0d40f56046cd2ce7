//! Which files of a pack its queries are about: queries, ontologies, shapes, examples of graphs.
//!
//! Always true here: what is one of them is neither a partial nor a template of a folder's entry; an entry of its own makes it
//! an output all the same.

use std::collections::{BTreeMap, BTreeSet};

use super::folder::FileInfo;
use super::globs::Globs;
use super::manifest::{Findings, Manifest};
use super::missing;
use super::names::PackPath;
use super::spanned::Spanned;
use crate::query::Notation;
use crate::values::VariableKind;

type Files = BTreeMap<PackPath, FileInfo>;

/// Which files of a pack these are.
pub(super) struct Claims<'m> {
    named: BTreeSet<&'m str>,
    /// None where there are no globs.
    globs: Option<Globs>,
}

impl<'m> Claims<'m> {
    pub(super) fn of(manifest: &'m Manifest) -> Self {
        let queries = manifest.queries.values().filter_map(|query| Some(query.file()?.value.as_str()));
        let named = queries.chain(examples(manifest).map(|(_, path)| path)).collect();
        let globs: Vec<&str> =
            manifest.ontology.files.iter().chain(&manifest.shapes.files).map(|glob| glob.value.as_str()).collect();
        Self { named, globs: (!globs.is_empty()).then(|| Globs::new(globs)) }
    }

    /// Whether a file is one of these.
    pub(super) fn claim(&mut self, path: &PackPath) -> bool {
        self.named.contains(path.as_str()) || self.globs.as_mut().is_some_and(|globs| globs.matches(path.as_str()))
    }
}

/// The files of the pack that variables of type `graph` have as an example, each with where the variable is declared.
fn examples(manifest: &Manifest) -> impl Iterator<Item = (&std::ops::Range<usize>, &str)> {
    let graphs = manifest.variables.iter().filter(|variable| matches!(variable.kind, VariableKind::Graph));
    graphs.filter_map(|variable| Some((&variable.range, variable.example.as_ref()?.as_str()?)))
}

/// Checks that each glob has a file, and each of these files a notation.
pub(super) fn check(manifest: &Manifest, files: &Files, findings: &Findings<'_>) {
    let globs = manifest.ontology.files.iter().chain(&manifest.shapes.files);
    for glob in globs {
        if findings.is_full() {
            return;
        }
        let mut matcher = Globs::new([glob.value.as_str()]);
        let matching: Vec<&PackPath> = files.keys().filter(|path| matcher.matches(path.as_str())).collect();
        if matching.is_empty() {
            no_match(glob, files, findings);
        }
        if let Some(other) = matching.iter().find(|path| Notation::of_path(path.as_str()).is_none()) {
            let message = format!("`files` has `{other}`, and no notation of statements has its extension");
            let help = format!("name files that end in {}", Notation::ENDINGS);
            findings.add_with_help("manifest/value", &glob.range, message, help);
        }
    }
    for (range, example) in examples(manifest).filter(|(_, example)| !example.is_empty()) {
        if files.keys().any(|path| path.as_str() == example) {
            continue;
        }
        let message =
            format!("the example of a graph is a file of the pack, and {} is none", crate::show::quoted(example));
        let help = "put a small graph there: it is what the pack is checked with";
        findings.add_with_help("manifest/missing-file", range, message, help);
    }
}

fn no_match(glob: &Spanned<String>, files: &Files, findings: &Findings<'_>) {
    if let (false, Ok(path)) = (glob.value.contains(['*', '?', '[']), PackPath::new(&glob.value)) {
        return missing::referenced_file("files", &glob.with(path), files, findings);
    }
    let message = format!("`files` has {}, which matches no file of the pack", crate::show::quoted(&glob.value));
    let help = "globs are relative to the pack's folder, for instance `ontology/*.ttl`";
    findings.add_with_help("manifest/missing-file", &glob.range, message, help);
}
