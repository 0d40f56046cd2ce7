//! Any bytes are a plan or an error, and a plan is written as it was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use packbox::plan::parse;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(plan) = parse(bytes) {
        let written = serde_json::to_vec(&plan).expect("a plan is JSON");
        assert_eq!(parse(&written).expect("what was written"), plan);
    }
});
