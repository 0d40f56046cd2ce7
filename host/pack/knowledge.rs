//! The files that a pack's queries are about, of a pack that was loaded.

use super::claims::Claims;
use super::globs::Globs;
use super::load::Pack;
use super::names::PackPath;
use super::spanned::Spanned;
use crate::query::Notation;

impl Pack {
    /// The files of the ontology with their notations, in the order of their paths.
    #[must_use]
    pub fn ontology(&self) -> Vec<(PackPath, Notation)> {
        self.statements(&self.manifest.ontology.files)
    }

    /// The files of the shapes with their notations, in the order of their paths.
    #[must_use]
    pub fn shapes(&self) -> Vec<(PackPath, Notation)> {
        self.statements(&self.manifest.shapes.files)
    }

    fn statements(&self, globs: &[Spanned<String>]) -> Vec<(PackPath, Notation)> {
        if globs.is_empty() {
            return Vec::new();
        }
        let mut globs = Globs::new(globs.iter().map(|glob| glob.value.as_str()));
        let matching = self.files.keys().filter(|path| globs.matches(path.as_str()));
        matching.filter_map(|path| Some((path.clone(), Notation::of_path(path.as_str())?))).collect()
    }

    /// The files that queries are about, queries included.
    pub(super) fn claimed(&self) -> impl Iterator<Item = &PackPath> {
        let mut claims = Claims::of(&self.manifest);
        self.files.keys().filter(move |path| claims.claim(path))
    }
}
