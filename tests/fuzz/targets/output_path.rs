//! A text that is an output path stays below the folder that it is joined to, and is its own canonical spelling.
#![no_main]

use std::path::{Component, Path};

use libfuzzer_sys::fuzz_target;
use packbox::pack::OutputPath;
use packbox::pack::PackPath;

fuzz_target!(|text: &str| {
    if let Ok(path) = OutputPath::new(text) {
        assert_eq!(path.as_str(), text);
        assert!(Path::new(text).components().all(|component| matches!(component, Component::Normal(_))));
        assert!(!text.contains(['\\', ':', '\0']) && text.len() <= 1024);
    }
    if let Ok(path) = PackPath::new(text) {
        assert!(Path::new(path.as_str()).components().all(|component| matches!(component, Component::Normal(_))));
    }
});
