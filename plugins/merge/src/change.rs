//! What the first side has to become: [`Change`].

use crate::model::Doc;

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

    /// Whether a node has all that changes in it.
    #[must_use]
    pub fn fits(&self, doc: &Doc, node: usize) -> bool {
        let Self::Parts(parts) = self else { return true };
        parts.change.iter().all(|(index, change)| {
            let entry = doc.entries(node).get(*index).map(|entry| entry.node);
            entry.or_else(|| doc.items(node).get(*index).copied()).is_some_and(|below| change.fits(doc, below))
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
