//! Whatever the bytes are: a header or a typed error, and nothing larger than the bytes.
#![allow(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use proptest::prelude::*;

use super::*;
use crate::mutations::{changes, mutated};

/// A component with something in everything that is counted.
const SOUND: &str = r#"(component
    (import "packbox:plugin/log@0.1.0" (instance (export "log" (func (param "message" string)))))
    (core module $inner
        (memory 2)
        (table 3 funcref)
        (func $named (export "run"))
        (func)
        (data "four"))
    (core instance $made (instantiate $inner))
    (component (component (core module (func))))
    (func $run (canon lift (core func $made "run")))
    (instance $renderer (export "run" (func $run)))
    (export "packbox:plugin/renderer@0.1.0" (instance $renderer)))"#;

fn sound() -> Vec<u8> {
    wat::parse_str(SOUND).unwrap()
}

fn check(bytes: &[u8]) {
    match Header::read(bytes) {
        Ok(header) => {
            assert!(header.code_bytes + header.data_bytes <= bytes.len() as u64);
            assert!(header.imports.len() + header.exports.len() <= bytes.len());
            assert!(header.imports.iter().map(|import| import.name.len()).sum::<usize>() <= bytes.len());
            assert!(header.producers.len() <= 64);
            for wanted in ["renderer", "validator"] {
                if let Err(error) = header.check(wanted) {
                    assert_eq!(error.kind(), ErrorKind::Refused);
                }
            }
        }
        Err(error) => assert!(matches!(error.kind(), ErrorKind::Refused | ErrorKind::Stopped), "{error}"),
    }
}

#[test]
fn the_sample_is_sound() {
    let header = Header::read(&sound()).unwrap();
    header.check("renderer").unwrap();
    assert_eq!((header.core_modules, header.core_instances, header.functions), (2, 1, 3));
    assert_eq!((header.memories, header.initial_memory), (1, 128 << 10));
    assert_eq!((header.tables, header.initial_table), (1, 3));
    assert!(header.data_bytes >= 4 && header.code_bytes >= 6 && header.has_names);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        check(&bytes);
        check(&[b"\0asm\x0d\0\x01\0", &bytes[..]].concat());
    }

    #[test]
    fn damaged_components(changes in changes()) {
        check(&mutated(sound(), &changes));
    }

    #[test]
    fn sections_of_any_kind(sections in proptest::collection::vec(
        (0_u8..14, proptest::collection::vec(any::<u8>(), 0..100)),
        0..8,
    )) {
        let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
        for (kind, contents) in sections {
            bytes.extend([kind, u8::try_from(contents.len()).unwrap()]);
            bytes.extend(contents);
        }
        check(&bytes);
    }
}
