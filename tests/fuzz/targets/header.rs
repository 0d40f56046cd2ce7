//! Any bytes are a component's header or an error; neither takes more memory than the bytes allow.
#![no_main]

use libfuzzer_sys::fuzz_target;
use packbox::engine::Header;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(header) = Header::read(bytes) {
        assert!(header.code_bytes <= bytes.len() as u64 && header.imports.len() <= bytes.len());
        let _ = (header.check("renderer"), header.check("validator"), header.abi());
    }
});
