//! A manifest as others see it: JSON, and the places of its keys and values.
//!
//! Always true here: only for manifests that were found to be without mistakes; what can't be said in JSON is left out, and
//! so are places below very long keys and those beyond what a validator could be told.

use std::collections::BTreeMap;
use std::ops::Range;

use packbox_facts::Place;
use serde_json::{Map, Value};
use toml::Spanned as TomlSpanned;
use toml::de::{DeTable, DeValue};

use super::reader::scalar_to_json;
use super::syntax;

/// The longest pointer whose place is kept, in bytes.
const MAX_POINTER: usize = 1000;
/// What all pointers may take up, each with [`PLACE_BYTES`] more, in bytes; the first are kept.
const MAX_BYTES: usize = 16 << 20;
/// What a place counts for.
const PLACE_BYTES: usize = 40;

/// A manifest as JSON, and where its keys and values stand.
#[derive(Debug, Default)]
pub struct ManifestView {
    /// What the manifest says.
    pub json: Value,
    /// Places by JSON pointer (RFC 6901); a table's is its header's or its key's.
    pub places: BTreeMap<String, Place>,
}

impl ManifestView {
    /// Makes the view of a manifest's text; an empty one where it is no TOML.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let Ok(table) = syntax::parse("", text) else { return Self::default() };
        let mut walk =
            Walk { lines: Lines::of(text), places: BTreeMap::new(), pointer: String::new(), left: MAX_BYTES };
        let json = walk.table(&table);
        Self { json, places: walk.places }
    }
}

/// Escapes a key for a JSON pointer.
#[must_use]
pub fn pointer_token(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

struct Walk {
    lines: Lines,
    places: BTreeMap<String, Place>,
    pointer: String,
    left: usize,
}

impl Walk {
    fn table(&mut self, table: &DeTable<'_>) -> Value {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut map = Map::new();
        for (key, value) in entries {
            let name = key.get_ref();
            let is_table = matches!(value.get_ref(), DeValue::Table(_));
            let place = if is_table { key.span() } else { value.span() };
            map.insert(name.to_string(), self.below(&pointer_token(name), &place, value));
        }
        Value::Object(map)
    }

    fn below(&mut self, token: &str, place: &Range<usize>, value: &TomlSpanned<DeValue<'_>>) -> Value {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(token);
        if self.pointer.len() <= MAX_POINTER {
            self.left = self.left.saturating_sub(self.pointer.len() + PLACE_BYTES);
            if self.left > 0 {
                self.places.insert(self.pointer.clone(), self.lines.place(place));
            }
        }
        let json = match value.get_ref() {
            DeValue::Table(table) => self.table(table),
            DeValue::Array(array) => {
                let elements = array.iter().enumerate();
                elements.map(|(index, element)| self.below(&index.to_string(), &element.span(), element)).collect()
            }
            scalar => scalar_to_json(scalar).unwrap_or_default(),
        };
        self.pointer.truncate(length);
        json
    }
}

/// Where lines begin.
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let after = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self(std::iter::once(0).chain(after).collect())
    }

    fn position(&self, offset: usize) -> [u32; 2] {
        let line = self.0.partition_point(|start| *start <= offset).max(1);
        let column = offset - self.0[line - 1] + 1;
        [u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX)]
    }

    pub(crate) fn place(&self, range: &Range<usize>) -> Place {
        let ([line, column], [end_line, end_column]) = (self.position(range.start), self.position(range.end));
        [line, column, end_line, end_column]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_have_places() {
        let text = "[pack]\nname = \"a\"\nkeywords = [\"é\", \"b\"]\n\n[[templates]]\nsource = 'x'\n\
            [variables.\"a/b\"]\ndefault = 0x10\n";
        let view = ManifestView::of(text);
        assert_eq!(view.json["variables"]["a/b"]["default"], 16);
        assert_eq!(view.json["templates"][0]["source"], "x");
        assert_eq!(view.places["/pack/name"], [2, 8, 2, 11]);
        assert_eq!(view.places["/pack/keywords/1"], [3, 19, 3, 22]);
        assert_eq!(view.places["/templates/0/source"], [6, 10, 6, 13]);
        assert_eq!(view.places["/variables/a~1b"][..2], [7, 12]);
        assert_eq!(view.places["/templates/0"][0], 5);
    }
}
