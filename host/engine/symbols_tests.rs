//! Paths are shortened, and no line table, however it is damaged, costs more than it is long.
#![allow(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::mutations::{changes, mutated};

/// A line table of DWARF 5 for two files: rows at 0x10, 0x14 and 0x20, the end at 0x30.
fn table() -> Vec<u8> {
    let mut header = Vec::new();
    // minimum length, operations, statement, line base, line range, opcode base with the lengths of the standard ones
    header.extend([1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]);
    // folders: one form, a string; two of them
    header.extend([1, 1, 8, 2]);
    header.extend(b"/home/somebody/plugin\0/home/somebody/plugin/src\0");
    // files: a string and a folder; two of them
    header.extend([2, 1, 8, 2, 11, 2]);
    header.extend(b"main.c\0\0lib.rs\0\x01");
    let mut program = Vec::new();
    // file 1; address 0x10; line 7; column 3; a row; address + 4; line + 1; a row; address + 12; line 0; a row
    program.extend([4, 1, 0, 5, 2, 0x10, 0, 0, 0, 3, 6, 5, 3, 1, 2, 4, 3, 1, 1, 2, 12, 3, 0x78, 1]);
    // address + 16, the end
    program.extend([2, 16, 0, 1, 1]);
    let mut unit = vec![5, 0, 4, 0];
    unit.extend(u32::try_from(header.len()).unwrap().to_le_bytes());
    unit.extend(header);
    unit.extend(program);
    let mut section = u32::try_from(unit.len()).unwrap().to_le_bytes().to_vec();
    section.extend(unit);
    section
}

fn symbols(line: Vec<u8>) -> Symbols {
    let module = Module { code: 100..1000, line: line.into(), line_strings: Box::default(), strings: Box::default() };
    Symbols { modules: vec![module], left: AtomicU64::new(BUDGET), known: Mutex::new(BTreeMap::new()) }
}

#[test]
fn places_are_found() {
    let place = |line, column| Some(Place { file: "plugin/src/lib.rs".to_owned(), line, column });
    let symbols = symbols([table(), table()].concat());
    let offsets = [0x0f, 0x10, 0x13, 0x14, 0x20, 0x30].map(|address| address + 100);
    assert_eq!(symbols.places(&offsets), [None, place(7, 3), place(7, 3), place(8, 3), None, None]);
    // The same from memory, and what is in no module.
    assert_eq!(symbols.places(&[0x10 + 100, 5, 5000]), [place(7, 3), None, None]);
}

#[test]
fn what_it_may_cost_is_bounded() {
    // As many rows as there can be: special opcodes only, of one byte each.
    let mut line = table();
    let rows = 8 << 20;
    line.splice(line.len() - 3..line.len() - 3, std::iter::repeat_n(0x14, rows));
    let length = u32::try_from(line.len() - 4).unwrap();
    line[..4].copy_from_slice(&length.to_le_bytes());
    let symbols = symbols(line);
    let started = Instant::now();
    for offset in 0..100 {
        symbols.places(&[100 + 0x10 + offset]);
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert!(symbols.left.load(Ordering::Relaxed) < rows as u64, "it was run as long as it was affordable");
    assert_eq!(symbols.places(&[900]), [None]);
}

#[test]
fn a_header_that_is_too_large_is_left_out() {
    let mut line = table();
    assert_eq!(unit(&line, 0).map(|(small, _)| small), Some(true));
    line[8..12].copy_from_slice(&(u32::try_from(LARGEST_HEADER).unwrap() + 1).to_le_bytes());
    assert_eq!(unit(&line, 0).map(|(small, _)| small), Some(false));
    assert_eq!(symbols(line).places(&[0x10 + 100]), [None]);
}

#[test]
fn paths_are_shortened() {
    for (path, short) in [
        ("/home/somebody/work/plugin/src/lib.rs", "plugin/src/lib.rs"),
        ("/rustc-src/library/core/src/panicking.rs", "core/src/panicking.rs"),
        ("C:\\Users\\somebody\\plugin\\src\\a\\b.rs", "plugin/src/a/b.rs"),
        ("src/lib.rs", "src/lib.rs"),
        ("./guest.c", "guest.c"),
        ("/a/b/c/d/guest.c", "c/d/guest.c"),
        ("/src/lib.rs", "src/lib.rs"),
        ("../\u{1b}[31mlib.rs", "../\u{fffd}[31mlib.rs"),
        ("", ""),
    ] {
        assert_eq!(shortened(path).replace('?', "\u{fffd}"), short, "{path}");
    }
    assert_eq!(shortened(&"x".repeat(1000)).len(), LONGEST_PATH);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damaged_tables(changes in changes()) {
        symbols(mutated(table(), &changes)).places(&[100, 116, 120, 999]);
    }

    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        symbols(bytes).places(&[100, 116, 999]);
    }
}
