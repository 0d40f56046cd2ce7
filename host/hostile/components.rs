//! Files that are no components, or ones that are bombs for whoever reads or compiles them.

use std::path::Path;

use super::case::Case;
use super::guests::write_pack;

const COMPONENT: [u8; 8] = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
const MODULE: [u8; 8] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, attack: &str, limit: &str, reasons: &[&str], bytes: fn() -> Vec<u8>| {
        let make = move |folder: &Path| write_pack(folder, &bytes(), b"hello\n");
        cases.push(Case::validate(format!("component/{name}"), attack, make).ends(limit, &[4], reasons));
    };
    let refused: &[&str] = &["refused"];
    let size: &[&str] = &["component-size", "component-resources", "refused"];
    add("empty", "a component of zero bytes", "header", refused, Vec::new);
    add("text", "a component that is a text file", "header", refused, || b"hello".to_vec());
    add("core-module", "a core module instead of a component", "header", refused, || MODULE.to_vec());
    add("nothing", "a component with nothing in it", "exports", refused, || COMPONENT.to_vec());
    add("cut-off", "a component that ends in the middle of a section", "header", refused, || {
        [&COMPONENT[..], &[1, 0x80]].concat()
    });
    add("noise", "a component of made-up bytes", "header", refused, || {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let noise = std::iter::repeat_with(move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[0]
        });
        COMPONENT.into_iter().chain(noise.take(100_000)).collect()
    });
    add("nested", "components nested 10,000 deep", "nesting", size, || {
        (0..10_000).fold(COMPONENT.to_vec(), |inner, _| [&COMPONENT[..], &section(4, &inner)].concat())
    });
    add("million-functions", "a module of a million functions", "functions", size, || {
        let count = leb(1_000_000);
        let types = section(1, &[1, 0x60, 0, 0]);
        let functions = section(3, &[count.clone(), vec![0; 1_000_000]].concat());
        let code = section(10, &[count, [2, 0, 0x0b].repeat(1_000_000)].concat());
        wrapped(&[types, functions, code].concat())
    });
    add("huge-function", "one function of 60 MB", "size of a function", size, || {
        let body = [vec![0], vec![0x01; 60_000_000], vec![0x0b]].concat();
        let code = section(10, &[vec![1], leb(body.len()), body].concat());
        wrapped(&[section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), code].concat())
    });
    add("branch-table", "a branch table of five million targets", "size of a function", size, || {
        let table = [vec![0x41, 0, 0x0e], leb(5_000_000), vec![0; 5_000_001]].concat();
        let body = [vec![0], table, vec![0x0b]].concat();
        let code = section(10, &[vec![1], leb(body.len()), body].concat());
        wrapped(&[section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), code].concat())
    });
    add("million-types", "a module of a million types", "types", size, || {
        let types = [leb(1_000_000), [0x60, 0, 0].repeat(1_000_000)].concat();
        wrapped(&section(1, &types))
    });
    add("million-imports", "a component of a million imports", "imports", size, || {
        let one = [&[0, 1, b'a', 1][..], &[0]].concat();
        [&COMPONENT[..], &section(10, &[leb(1_000_000), one.repeat(1_000_000)].concat())].concat()
    });
    cases
}

/// A component around a module.
fn wrapped(sections: &[u8]) -> Vec<u8> {
    [&COMPONENT[..], &section(1, &[&MODULE[..], sections].concat())].concat()
}

fn section(id: u8, contents: &[u8]) -> Vec<u8> {
    [&[id][..], &leb(contents.len()), contents].concat()
}

/// A number in LEB128: seven bits a byte, the lowest first.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
    bytes
}
