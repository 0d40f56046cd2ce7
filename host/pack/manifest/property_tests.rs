//! Whatever the text is: a manifest, or mistakes with places in the text.
#![allow(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use proptest::prelude::*;

use super::*;
use crate::error::ErrorKind;
use crate::mutations::{changes, mutated};
use crate::pack::PackLimits;

const FULL: &str = concat!("[pack]\nname = \"demo\"\nversion = \"1.2.0\"\n", include_str!("tests/full.toml"));

/// Parses a text, and checks what came of it.
fn check(text: &str) {
    let limits = PackLimits { variables: 20, queries: 10, ..PackLimits::default() };
    match Manifest::parse("pack.toml", text, &limits) {
        Ok(manifest) => {
            assert!(manifest.variables.len() <= 20 && manifest.queries.len() <= 10);
            let view = ManifestView::of(text);
            assert_eq!(view.json["pack"]["name"], manifest.pack.name.value.as_str());
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Manifest);
            let lines = u32::try_from(text.split('\n').count()).unwrap();
            let findings = &error.body().findings;
            for finding in findings {
                let span = finding.span.as_ref().unwrap();
                assert!(span.start.line >= 1 && span.start.column >= 1);
                assert!(span.start.line <= lines, "{finding:?}");
                assert!(span.end.is_none_or(|end| (end.line, end.column) >= (span.start.line, span.start.column)));
            }
            // A limit has no place in the text, and says what to do instead.
            assert!(!findings.is_empty() || error.body().hint.is_some(), "{error}");
        }
    }
    // Validators see manifests that are wrong as well.
    let _ = ManifestView::of(text);
}

fn keys() -> impl Strategy<Value = String> {
    let known = "pack|name|version|packbox|message|description|variables|templates|queries|plugins|lints|dependencies\
        |ontology|type|default|choices|pattern|min|max|items|secret|prompt|when|source|output|engine|for_each|options\
        |executable|on_conflict|component|sha256|limits|memory|time|extensions|file|license|authors";
    prop_oneof![
        8 => proptest::sample::select(known.split('|').collect::<Vec<_>>()).prop_map(str::to_owned),
        1 => "[a-z_-]{1,4}",
        1 => any::<String>().prop_map(|text| toml::Value::from(text).to_string()),
    ]
}

fn values() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| toml::Value::from(number).to_string()),
        any::<bool>().prop_map(|truth| truth.to_string()),
        any::<String>().prop_map(|text| toml::Value::from(text).to_string()),
        Just("2026-11-25T00:00:00Z".to_owned()),
        proptest::sample::select(vec![
            "\"string\"",
            "\"integer\"",
            "\"list\"",
            "\"jinja\"",
            "\"copy\"",
            "\"{{ name }}\"",
            "\"name == 'x'\"",
            "\"1.0.0\"",
            "\"^1\"",
            "\"demo\"",
            "\"t.jinja\"",
            "\"../x\"",
            "\"64MiB\"",
            "\"1s\"",
            "\"[a-z]+\"",
            "\"allow\"",
            "\"create-once\"",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            proptest::collection::vec((keys(), inner), 0..4).prop_map(|entries| {
                let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key} = {value}")).collect();
                format!("{{ {} }}", entries.join(", "))
            }),
        ]
    })
}

/// Lines of the right form that say anything.
fn nearly_manifests() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        1 => keys().prop_map(|key| format!("[{key}]")),
        1 => (keys(), keys()).prop_map(|(key, other)| format!("[{key}.{other}]")),
        1 => keys().prop_map(|key| format!("[[{key}]]")),
        6 => (keys(), values()).prop_map(|(key, value)| format!("{key} = {value}")),
        1 => (keys(), keys(), values()).prop_map(|(key, other, value)| format!("{key}.{other} = {value}")),
    ];
    let head = prop_oneof![Just("[pack]\nname = \"demo\"\nversion = \"1.0.0\"\n"), Just("")];
    (head, proptest::collection::vec(line, 0..12)).prop_map(|(head, lines)| head.to_owned() + &lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_texts(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn damaged_manifests(changes in changes()) {
        check(&String::from_utf8_lossy(&mutated(FULL.as_bytes().to_vec(), &changes)));
    }

    #[test]
    fn tables_of_anything(text in nearly_manifests()) {
        check(&text);
    }
}

#[test]
fn the_sample_is_sound() {
    Manifest::parse("pack.toml", FULL, &PackLimits::default()).unwrap();
}
