//! Where a manifest says where files go, looked up for many of them: [`OutputPlaces`].
//!
//! Always true here: the entries are expanded once, and a look-up does not depend on how many there are.

use std::collections::HashMap;
use std::ops::Range;

use super::load::Pack;
use super::names::PackPath;
use super::templates::Template;

/// Where the entries of a manifest say where their files go.
#[derive(Debug, Default)]
pub struct OutputPlaces {
    by_source: HashMap<PackPath, Entries>,
}

/// Those entries that stand for one file of the pack.
#[derive(Debug, Default)]
struct Entries {
    /// Places in the manifest by the paths that they name, expressions and all; of several, the first.
    by_output: HashMap<String, Range<usize>>,
    /// The first that has expressions in it.
    open: Option<Range<usize>>,
    first: Option<Range<usize>>,
    /// Which entries of the manifest these are, in its order.
    numbers: Vec<usize>,
}

impl OutputPlaces {
    /// Expands the entries of a pack; one that can't be expanded has none.
    #[must_use]
    pub fn of(pack: &Pack) -> Self {
        let mut places = Self::default();
        for Template { source, output, entry_index, .. } in pack.templates().unwrap_or_default() {
            let entries = places.by_source.entry(source).or_default();
            if output.value.contains('{') {
                entries.open.get_or_insert_with(|| output.range.clone());
            }
            entries.first.get_or_insert_with(|| output.range.clone());
            entries.by_output.entry(output.value).or_insert(output.range);
            entries.numbers.push(entry_index);
        }
        places
    }

    /// Where it is said that a file of the pack goes to a path: of several entries of it, the one that names the path, and else one
    /// that may have meant it.
    #[must_use]
    pub fn place(&self, source: &str, path: &str) -> Option<&Range<usize>> {
        let entries = self.by_source.get(source)?;
        entries.by_output.get(path).or(entries.open.as_ref()).or(entries.first.as_ref())
    }

    /// Which entries of the manifest stand for a file of the pack, counted from 0.
    #[must_use]
    pub fn entries(&self, source: &str) -> &[usize] {
        self.by_source.get(source).map_or(&[], |entries| &entries.numbers)
    }
}
