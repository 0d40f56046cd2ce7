//! What the first side has to become: [`Change`].

use crate::model::{Doc, Key};

/// What the first side has to become.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Nothing: it has the wanted value.
    Same,
    /// This node of a side, in its place.
    Take(usize, usize),
    /// A table or a list with other things in it.
    Parts(Parts),
}

/// What changes in a table or a list; indexes of entries or items.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parts {
    /// What goes, ascending.
    pub remove: Vec<usize>,
    /// What changes within, ascending.
    pub change: Vec<(usize, Change)>,
    /// What is added at the end: of which side, and which.
    pub add: Vec<(usize, usize)>,
    /// The second side's node of the same place, which what is added by it is in.
    pub from: usize,
}

/// Notes what becomes of an entry or item: it is in the first side, or else is added.
pub(crate) fn place(parts: &mut Parts, first: Option<usize>, change: Change, index: impl Fn(usize) -> Option<usize>) {
    match (first, change) {
        (Some(_), Change::Same) => {}
        (Some(first), change) => parts.change.push((first, change)),
        (None, Change::Take(side, _)) => parts.add.extend(index(side).map(|index| (side, index))),
        // Made of several sides: the first of these is not the first of all, so that nobody reads this.
        (None, Change::Same | Change::Parts(_)) => {}
    }
}

/// What the first side has to become, where these are its parts; `first` is the first side that changed it.
pub(crate) fn change_of(mut parts: Parts, sides: &[Option<usize>], first: usize) -> Change {
    if first != 0 {
        // What others than the first side make together is only ever asked for its value.
        return Change::Take(first, sides[first].unwrap_or(0));
    }
    if parts == Parts::default() {
        return Change::Same;
    }
    parts.from = sides.get(1).copied().flatten().unwrap_or(0);
    Change::Parts(parts)
}

impl Change {
    /// What is left to do after everything was removed and replaced.
    #[must_use]
    pub fn after_removal(&self) -> Self {
        let Self::Parts(parts) = self else { return Self::Same };
        let shifted = |index: usize| index - parts.remove.partition_point(|removed| *removed < index);
        let change: Vec<(usize, Self)> = parts
            .change
            .iter()
            .map(|(index, change)| (shifted(*index), change.after_removal()))
            .filter(|(_, change)| *change != Self::Same)
            .collect();
        if change.is_empty() && parts.add.is_empty() {
            return Self::Same;
        }
        Self::Parts(Parts { remove: Vec::new(), change, add: parts.add.clone(), from: parts.from })
    }

    /// The keys down to what changes and is not in a node; none if all is there.
    #[must_use]
    pub fn missing(&self, doc: &Doc, node: usize) -> Option<Vec<Key>> {
        let Self::Parts(parts) = self else { return None };
        parts.change.iter().find_map(|(index, change)| {
            let entry = doc.entries(node).get(*index);
            let below = entry.map(|entry| entry.node).or_else(|| doc.items(node).get(*index).copied());
            let mut path = below.map_or(Some(Vec::new()), |below| change.missing(doc, below))?;
            path.splice(0..0, entry.map(|entry| entry.key)).for_each(drop);
            Some(path)
        })
    }

    /// Whether anything is removed or replaced.
    #[must_use]
    pub fn removes(&self) -> bool {
        match self {
            Self::Same => false,
            Self::Take(..) => true,
            Self::Parts(parts) => !parts.remove.is_empty() || parts.change.iter().any(|(_, change)| change.removes()),
        }
    }
}
