//! `forloop` and `tablerow`: what a loop tells of itself. Objects whose entries have an order of their own.

use liquid_core::ValueView;

use crate::value::Entries;

/// Where a loop is.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "templates read each by its name")]
pub struct Place {
    length: i64,
    index0: i64,
    index: i64,
    rindex0: i64,
    rindex: i64,
    first: bool,
    last: bool,
    column0: i64,
    column: i64,
    /// Whether a row begins with this item.
    pub opens_row: bool,
    /// Whether a row ends with this item.
    pub closes_row: bool,
}

impl Place {
    /// Describes an item of a loop with so many items, in a table of so many columns.
    pub fn new(at: u64, length: u64, columns: u64) -> Self {
        let column = at % columns;
        let last = at + 1 == length;
        Self {
            length: signed(length),
            index0: signed(at),
            index: signed(at + 1),
            rindex0: signed(length - at - 1),
            rindex: signed(length - at),
            first: at == 0,
            last,
            column0: signed(column),
            column: signed(column + 1),
            opens_row: column == 0,
            closes_row: column + 1 == columns || last,
        }
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// `forloop`, with that of the loop around it.
#[derive(Debug)]
pub struct ForLoop<'a>(pub Place, pub Option<&'a dyn ValueView>);

/// `tablerow`.
#[derive(Debug)]
pub struct TableRow(pub Place);

impl Place {
    /// What both tell: the length, and then where in it.
    fn entries(&self) -> [Entry<'_>; 7] {
        [
            ("length", &self.length),
            ("index0", &self.index0),
            ("index", &self.index),
            ("rindex0", &self.rindex0),
            ("rindex", &self.rindex),
            ("first", &self.first),
            ("last", &self.last),
        ]
    }
}

type Entry<'a> = (&'static str, &'a dyn ValueView);

impl ForLoop<'_> {
    fn entries(&self) -> [Entry<'_>; 8] {
        let [length, index0, index, rindex0, rindex, first, last] = self.0.entries();
        [length, ("parentloop", &self.1), index0, index, rindex0, rindex, first, last]
    }
}

impl TableRow {
    fn entries(&self) -> [Entry<'_>; 11] {
        let Place { column0, column, opens_row, closes_row, .. } = &self.0;
        let [length, index0, index, rindex0, rindex, first, last] = self.0.entries();
        let columns =
            [("col0", column0 as &dyn ValueView), ("col", column), ("col_first", opens_row), ("col_last", closes_row)];
        let [col0, col, col_first, col_last] = columns;
        [length, index0, index, rindex0, rindex, first, last, col0, col, col_first, col_last]
    }
}

macro_rules! entries {
    ($of:ty) => {
        impl Entries for $of {
            fn count(&self) -> usize {
                self.entries().len()
            }

            fn entry(&self, key: &str) -> Option<&dyn ValueView> {
                self.entries().into_iter().find(|(name, _)| *name == key).map(|(_, value)| value)
            }

            fn each<'a>(&'a self) -> Box<dyn Iterator<Item = (&'a str, &'a dyn ValueView)> + 'a> {
                Box::new(self.entries().into_iter())
            }
        }
    };
}

entries!(ForLoop<'_>);
entries!(TableRow);
