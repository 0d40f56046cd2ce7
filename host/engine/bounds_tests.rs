//! Components that have too much of something are refused, typed, and without reading what is in them.

use std::time::{Duration, Instant};

use super::super::header::Header;
use super::*;

/// `\0asm`, version 13, layer 1: a component.
const COMPONENT: [u8; 8] = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
/// `\0asm`, version 1: a core module.
const MODULE: [u8; 8] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
/// Bytes of the largest component that is read.
const LARGEST: usize = 64 << 20;

fn number(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
    bytes
}

fn section(id: u8, contents: &[u8]) -> Vec<u8> {
    [&[id][..], &number(contents.len()), contents].concat()
}

/// A section with a number of items, each of the same bytes.
fn items(id: u8, count: usize, item: &[u8]) -> Vec<u8> {
    section(id, &[number(count), item.repeat(count)].concat())
}

fn component(sections: &[u8]) -> Vec<u8> {
    [&COMPONENT, sections].concat()
}

/// A component with a core module that has these sections.
fn module(sections: &[u8]) -> Vec<u8> {
    component(&section(1, &[&MODULE, sections].concat()))
}

/// A module with one function for each body; the sections of functions and code must agree.
fn functions(count: usize, bodies: &[u8]) -> Vec<u8> {
    module(&[items(3, count, &[0]), section(10, &[number(count), bodies.to_vec()].concat())].concat())
}

fn reason(bytes: &[u8]) -> Option<StopReason> {
    let started = Instant::now();
    let error = Header::read(bytes).err();
    // It takes a few milliseconds; this is for machines that do other things too.
    assert!(started.elapsed() < Duration::from_secs(1), "{:?} for {} bytes", started.elapsed(), bytes.len());
    error.and_then(|error| error.body().stop.as_ref().map(|stop| stop.reason))
}

/// One more than allowed is refused, and what is allowed is not.
fn at_the_bound(what: Counted, make: impl Fn(usize) -> Vec<u8>) {
    let (_, most, wanted) = what.bound();
    let most = usize::try_from(most).expect("a small number");
    assert_eq!(reason(&make(most)), None, "{what:?}");
    assert_eq!(reason(&make(most + 1)), Some(wanted), "{what:?}");
}

#[test]
fn numbers_in_core_modules() {
    /// `(func)`
    const FUNCTION_TYPE: [u8; 3] = [0x60, 0, 0];
    at_the_bound(Counted::Types, |count| module(&items(1, count, &FUNCTION_TYPE)));
    at_the_bound(Counted::Names, |count| module(&items(2, count, &[0, 0, 0, 0])));
    at_the_bound(Counted::Functions, |count| module(&items(3, count, &[0])));
    at_the_bound(Counted::Names, |count| module(&items(7, count, &[0, 0, 0])));
    at_the_bound(Counted::Globals, |count| module(&items(6, count, &[0x7f, 0, 0x41, 0, 0x0b])));
    at_the_bound(Counted::Segments, |count| module(&items(9, count, &[0, 0x41, 0, 0x0b, 0])));
    at_the_bound(Counted::Segments, |count| module(&items(11, count, &[1, 0])));
    at_the_bound(Counted::Memories, |count| module(&items(5, count, &[0, 1])));
    at_the_bound(Counted::Tables, |count| module(&items(4, count, &[0x70, 0, 1])));
}

#[test]
fn numbers_in_components() {
    at_the_bound(Counted::Modules, |count| component(&section(1, &MODULE).repeat(count)));
    at_the_bound(Counted::Components, |count| component(&section(4, &COMPONENT).repeat(count)));
    // A type `bool`; an alias of an instance's export; the instance of a module; an empty instance.
    at_the_bound(Counted::Items, |count| component(&items(7, count, &[0x7f])));
    at_the_bound(Counted::Items, |count| component(&items(6, count, &[0x03, 0x00, 0, 1, b'a'])));
    at_the_bound(Counted::Items, |count| component(&items(5, count, &[0x01, 0])));
    at_the_bound(Counted::Items, |count| component(&items(10, count, &[0, 1, b'a', 0x03, 0, 0])));
    at_the_bound(Counted::Items, |count| component(&items(11, count, &[0, 1, b'a', 0x05, 0, 0])));
    at_the_bound(Counted::Instances, |count| component(&items(2, count, &[0x00, 0, 0])));
    // Empty sections that nobody knows.
    at_the_bound(Counted::Sections, |count| component(&section(0, &[0]).repeat(count - 2)));
}

#[test]
fn types_that_open_types() {
    // Instance types, one in the other.
    let nested = |depth: usize| component(&section(7, &[&[1_u8][..], &[0x42, 1, 1].repeat(depth), &[0x7f]].concat()));
    assert_eq!(reason(&nested(50)), None);
    assert_eq!(reason(&nested(1_000_000)), Some(StopReason::ComponentSize));
}

#[test]
fn function_bodies() {
    let body = |bytes: usize| [number(bytes), vec![0; bytes]].concat();
    at_the_bound(Counted::FunctionBytes, |bytes| functions(1, &body(bytes)));
    // Bodies that are longer than their section, or do not fill it.
    let error = Header::read(&functions(1, &[100, 0])).expect_err("cut off");
    assert_eq!(error.kind(), ErrorKind::Refused);
    let error = Header::read(&functions(1, &[1, 0, 0, 0])).expect_err("bytes behind");
    assert_eq!(error.kind(), ErrorKind::Refused);
}

#[test]
fn the_largest_components_are_read_quickly() {
    let many = |bytes: &[u8]| bytes.repeat(LARGEST / bytes.len());
    for (name, bytes) in [
        ("sections", component(&many(&section(0, &[0])))),
        ("modules", component(&many(&section(1, &MODULE)))),
        ("components", component(&many(&section(4, &COMPONENT)))),
        ("names", component(&items(10, LARGEST / 100, &[&[0, 90][..], &[b'a'; 90], &[0x03, 0, 0]].concat()))),
        ("instances", component(&items(2, LARGEST / 3, &[0x00, 0, 0]))),
        (
            "one instance",
            component(&section(2, &[&[1, 0, 0][..], &number(LARGEST / 4), &many(&[1, b'a', 0x12, 0])].concat())),
        ),
        ("memories", module(&items(5, LARGEST / 2, &[0, 1]))),
        ("one table", module(&section(4, &[&[1, 0x40, 0, 0x70, 0, 1][..], &many(&[0x01])].concat()))),
        ("functions", functions(LARGEST / 2, &[1, 0].repeat(LARGEST / 4))),
        ("types", component(&section(7, &[&[1_u8][..], &many(&[0x42, 1, 1])].concat()))),
    ] {
        assert_eq!(
            reason(&bytes).map(StopReason::name).map(|name| name.split('-').next()),
            Some(Some("component")),
            "{name}"
        );
    }
    // What is allowed: bytes of data, and unknown sections.
    assert_eq!(reason(&module(&section(11, &[number(1), vec![1], number(LARGEST), vec![0; LARGEST]].concat()))), None);
    for name in ["name", "producers", "corestack", "component-name"] {
        let section = section(0, &[number(name.len()), name.into(), vec![1; LARGEST]].concat());
        assert_eq!(reason(&component(&section)), None, "{name}");
    }
    // As many functions as are allowed.
    assert_eq!(reason(&functions(200_000, &[&[100][..], &[0; 100]].concat().repeat(200_000))), None);
}
