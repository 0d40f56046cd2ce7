//! Any text is a manifest or a list of mistakes, each with a place within the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use packbox::pack::{Manifest, ManifestView, PackLimits};

fuzz_target!(|text: &str| {
    // Validators see manifests that are wrong as well.
    let view = ManifestView::of(text);
    match Manifest::parse("pack.toml", text, &PackLimits::default()) {
        Ok(manifest) => {
            assert_eq!(view.json["pack"]["name"], manifest.pack.name.value.as_str());
        }
        Err(error) => {
            let lines = u32::try_from(text.lines().count().max(1) + 1).unwrap();
            for finding in &error.body().findings {
                assert!(finding.span.as_ref().is_none_or(|span| span.start.line <= lines));
            }
        }
    }
});
