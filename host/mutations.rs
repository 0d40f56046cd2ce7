//! Damage for property tests: changes to bytes that are sound before.

use proptest::prelude::*;
use proptest::sample::Index;

/// A change: where, of what kind, and with which value or over how many bytes.
pub(crate) type Change = (Index, u8, u8);

/// Up to five changes.
pub(crate) fn changes() -> impl Strategy<Value = Vec<Change>> {
    proptest::collection::vec(any::<Change>(), 1..6)
}

/// Overwrites, removes or doubles pieces.
pub(crate) fn mutated(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for (place, kind, value) in changes {
        let place = place.index(bytes.len().max(1));
        let end = (place + 1 + usize::from(*value)).min(bytes.len());
        match kind % 4 {
            0 | 1 if place < bytes.len() => bytes[place] = *value,
            2 => drop(bytes.drain(place.min(end)..end)),
            3 => {
                let piece = bytes[place.min(end)..end].to_vec();
                bytes.splice(place.min(end)..place.min(end), piece);
            }
            _ => {}
        }
    }
    bytes
}
