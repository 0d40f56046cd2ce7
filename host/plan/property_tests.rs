//! Whatever the text is: a plan that is written as it was read, or an error.
#![allow(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use proptest::prelude::*;
use proptest::strategy::Strategy;
use serde_json::json;

use super::{ComposedPlan, FORMAT, Value, parse};
use crate::error::ErrorKind;
use crate::mutations::{changes, mutated};

fn sound(value: &Value) -> Value {
    let digest = "0123456789abcdef".repeat(4);
    let pack = json!({
        "pack": { "name": "demo", "version": "1.2.0-rc.1", "path": "../demo", "manifest_sha256": digest },
        "values": { "name": value, "token": null },
        "secrets": ["token"],
        "engines": { "jinja": digest, "plugin:own": digest },
        "partials": { "base.jinja": digest },
        "files": [
            {
                "template": "a/{{ name }}.rs.jinja", "template_sha256": digest, "engine": "jinja",
                "output": "a/x.rs", "item": value, "options": { "deep": [value] }, "executable": true,
                "then": [{ "engine": "plugin:own" }, { "engine": "tera", "options": { "deep": value } }],
                "on_conflict": "create-once", "reads": ["name"],
            },
            {
                "template": "logo.png", "template_sha256": digest, "engine": "copy", "output": "logo.png",
                "on_conflict": "own",
            },
        ],
        "message": { "template": "next.md", "template_sha256": digest, "engine": "plugin:own" },
    });
    let output = json!({ "path": "logo.png", "owners": ["demo"], "on_conflict": "own" });
    json!({
        "format": FORMAT, "packbox": "0.1.0", "leading": "demo", "strategy": "merge", "packs": [pack], "outputs": [output],
        "mergers": { "merge": digest }, "settings": { "path": "/compose.toml", "sha256": digest },
        "folder": {
            "path": "out", "on_existing": "merge", "prune": true, "mergers": { "merge": digest },
            "files": [{ "path": "logo.png", "step": "merge", "base": { "bytes": 1, "executable": false, "sha256": digest } }],
        },
    })
}

/// Any value that JSON has.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn check(text: &[u8]) -> Option<ComposedPlan> {
    match parse(text) {
        Ok(plan) => {
            let written = serde_json::to_vec(&plan).unwrap();
            assert_eq!(parse(&written).unwrap(), plan);
            Some(plan)
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Usage);
            None
        }
    }
}

#[test]
fn a_number_that_a_quick_parser_gets_wrong() {
    let plan = check(sound(&json!(111_111.111_111_111_11)).to_string().as_bytes()).unwrap();
    assert_eq!(plan.packs[0].files[0].item, Some(json!(111_111.111_111_111_11)));
    assert!(serde_json::to_string(&plan).unwrap().contains("111111.11111111111"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        check(&bytes);
    }

    #[test]
    fn values_are_kept_to_the_last_bit(value in values()) {
        let plan = check(sound(&value).to_string().as_bytes()).unwrap();
        prop_assert_eq!(&plan.packs[0].values["name"], &value);
        prop_assert_eq!(plan.packs[0].files[0].item.as_ref(), Some(&value));
        prop_assert_eq!(plan.packs[0].files[0].options["deep"].get(0), Some(&value));
    }

    #[test]
    fn damaged_plans(changes in changes()) {
        check(&mutated(sound(&json!(1.5)).to_string().into_bytes(), &changes));
    }

    #[test]
    fn other_values_in_any_place(place in any::<proptest::sample::Index>(), other in values()) {
        let mut plan = sound(&json!("x"));
        let of_all = ["/format", "/packbox", "/leading", "/strategy", "/packs", "/packs/0", "/outputs", "/outputs/0",
            "/outputs/0/owners", "/mergers", "/mergers/merge", "/settings", "/folder", "/folder/mergers", "/folder/files/0/base"];
        let of_one = ["/pack", "/pack/name", "/values", "/secrets", "/engines", "/partials",
            "/partials/base.jinja", "/files", "/files/0", "/files/0/template", "/files/0/engine", "/files/0/output",
            "/files/0/item", "/files/0/options", "/files/0/then", "/files/0/then/0", "/files/0/then/1/options", "/files/0/on_conflict", "/files/0/reads", "/message"];
        let of_one = of_one.map(|slot| format!("/packs/0{slot}"));
        let slots: Vec<&str> = of_all.into_iter().chain(of_one.iter().map(String::as_str)).collect();
        *plan.pointer_mut(slots[place.index(slots.len())]).unwrap() = other;
        check(plan.to_string().as_bytes());
    }
}

#[test]
fn chains_are_bounded_and_render() {
    let refused = |then: Value| {
        let mut plan = sound(&json!("x"));
        plan["packs"][0]["files"][0]["then"] = then;
        let error = parse(plan.to_string().as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
    };
    refused(json!([{ "engine": "copy" }]));
    refused(json!([{ "engine": "tera", "option": {} }]));
    refused(vec![json!({ "engine": "tera" }); crate::pack::MAX_STAGES + 1].into());
}
