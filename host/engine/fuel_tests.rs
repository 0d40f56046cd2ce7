//! Fuel is the same everywhere: with a pool of instances and one by one, with images that memories are filled from and
//! without.
#![allow(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use std::path::Path;

use super::config::Allocation;
use super::*;
use crate::abi::{FileParam, JobParam};
use crate::digest::Digest;

/// What a call of the Jinja engine takes, and what the start of its instance does.
fn used(allocation: Allocation, images: bool) -> Usage {
    let mut options = EngineOptions::new(Compiler::InProcess);
    options.profile = Profile::Measure;
    let engine = Engine::allocating(options, allocation, images).unwrap();
    engine.set_up().expect("an engine");
    assert_eq!(engine.allocation(), Some(allocation));
    let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins/prebuilt/jinja.wasm")).unwrap();
    let digest = Digest::of(&bytes);
    let component = Component { name: "jinja", bytes: &bytes, digest, precompiled: None, trusted: true };
    let plugin = engine.prepare(&component, &Limits::DEFAULT).unwrap();
    let contents = b"{% for n in range(100) %}{{ n }} {{ name | upper }}\n{% endfor %}";
    let job = JobParam { template: FileParam { path: "t.jinja", contents }, locals: b"{}", options: b"{}" };
    let context = br#"{"name":"fuel"}"#;
    let group = Group {
        plugin: (&plugin).into(),
        limits: Limits::DEFAULT,
        context,
        partials: Vec::new(),
        jobs: vec![job],
        recall: None,
    };
    let usage = |outcome: Outcome<_>| {
        outcome.result.unwrap();
        outcome.usage
    };
    engine.run().render(&[group], None, &|_, _, outcome| usage(outcome)).unwrap().remove(0).remove(0)
}

#[test]
fn a_call_takes_the_same_fuel_however_memories_are_filled() {
    let pooled = used(Allocation::Pooling, true);
    let ways = [(Allocation::Pooling, false), (Allocation::OnDemand, true), (Allocation::OnDemand, false)];
    let others = ways.map(|(allocation, images)| used(allocation, images));
    assert!(pooled.fuel.unwrap() > 100_000, "{pooled:?}");
    assert_eq!(others.map(|other| other.fuel), [pooled.fuel; 3]);
    // What filling them takes does differ, and is far from what a run is charged for.
    assert!(others[0].starting > pooled.starting, "{pooled:?} {others:?}");
    assert!(others.iter().all(|other| other.starting < 2_000_000), "{others:?}");
}

#[test]
fn a_start_that_computes_is_charged_to_the_run() {
    let charge = |starting| Usage { fuel: Some(5), starting, ..Usage::default() }.charge(&Ok(()), 3);
    assert_eq!((charge(200_000).used, charge(200_000).counted), (15, 15));
    let dear = charge(1_016_000_000);
    assert_eq!((dear.used, dear.counted), (15, 15 + 3 * 1_000_000_000));
}
