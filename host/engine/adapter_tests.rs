//! A plugin that was built for the version before the newest is rendered with, inspected and checked with as any other:
//! seen with a synthetic older version, `packbox:plugin@0.0.1`, whose records and signatures differ from the newest's.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can not go on has failed")]

use std::sync::Arc;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::exports::renderer::Inspect;
use super::exports::validator::{Check, Rules};
use super::*;
use crate::abi::{Abi, FileParam, GuestSeverity, JobParam};
use crate::digest::Digest;
use crate::error::ErrorKind;

/// The older world.
const WIT: &str = r"
package packbox:plugin@0.0.1;

interface log {
    enum level { debug, info, warn }
    log: func(level: level, message: string);
}

interface renderer {
    record file { path: string, contents: list<u8> }
    record job { template: file, locals: list<u8> }
    record output { path: option<string>, contents: list<u8> }
    inspect: func(template: file) -> result<list<string>, string>;
    render: func(context: list<u8>, job: job) -> result<list<output>, string>;
}

interface validator {
    record rule { id: string, summary: string }
    rules: func() -> list<rule>;
    check: func(manifest: list<u8>) -> result<list<string>, string>;
}

world old {
    import log;
    export renderer;
    export validator;
}
";

/// Gives back what a template contains, fails where that begins with `x`, and traps where it is called a second time.
const GUEST: &str = r#"(module
  (import "packbox:plugin/log@0.0.1" "log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 1024))
  (global $called (mut i32) (i32.const 0))
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $free))
    (global.set $free (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7)) (i32.const -8)))
    (local.get $at))

  (data (i32.const 300) "name")
  (data (i32.const 320) "old/rule")
  (data (i32.const 336) "an old one")

  ;; ok with one name
  (data (i32.const 64) "\00\00\00\00\50\00\00\00\01\00\00\00")
  (data (i32.const 80) "\2c\01\00\00\04\00\00\00")
  (func (export "packbox:plugin/renderer@0.0.1#inspect") (param i32 i32 i32 i32) (result i32)
    (i32.const 64))

  ;; ok with one output at 176
  (data (i32.const 16) "\00\00\00\00\b0\00\00\00\01\00\00\00")
  (func (export "packbox:plugin/renderer@0.0.1#render")
    (param $context i32) (param $context_length i32) (param $path i32) (param $path_length i32)
    (param $contents i32) (param $contents_length i32) (param $locals i32) (param $locals_length i32) (result i32)
    (if (global.get $called) (then (unreachable)))
    (global.set $called (i32.const 1))
    (call $log (i32.const 1) (local.get $path) (local.get $path_length))
    (if (i32.eq (i32.load8_u (local.get $contents)) (i32.const 120))
      (then
        ;; err with a text
        (i32.store (i32.const 16) (i32.const 1))
        (i32.store (i32.const 20) (i32.const 336))
        (i32.store (i32.const 24) (i32.const 10))))
    (i32.store (i32.const 188) (local.get $contents))
    (i32.store (i32.const 192) (local.get $contents_length))
    (i32.const 16))

  (data (i32.const 96) "\70\00\00\00\01\00\00\00")
  (data (i32.const 112) "\40\01\00\00\08\00\00\00\50\01\00\00\0a\00\00\00")
  (func (export "packbox:plugin/validator@0.0.1#rules") (result i32)
    (i32.const 96))

  (data (i32.const 144) "\00\00\00\00\a0\00\00\00\01\00\00\00")
  (data (i32.const 160) "\40\01\00\00\08\00\00\00")
  (func (export "packbox:plugin/validator@0.0.1#check") (param i32 i32) (result i32)
    (i32.const 144)))"#;

fn component() -> Vec<u8> {
    let mut module = wat::parse_str(GUEST).unwrap();
    let mut resolve = Resolve::default();
    let package = resolve.push_str("old.wit", WIT).unwrap();
    let world = resolve.select_world(&[package], Some("old")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().validate(true).module(&module).unwrap().encode().unwrap()
}

fn prepared(profile: Profile) -> (Engine, Arc<Plugin>) {
    let mut options = EngineOptions::new(Compiler::InProcess);
    options.profile = profile;
    let engine = Engine::new(options).unwrap();
    let bytes = component();
    let digest = Digest::of(&bytes);
    let component = Component { name: "old", bytes: &bytes, digest, precompiled: None, trusted: false };
    let plugin = engine.prepare(&component, &Limits::DEFAULT).unwrap();
    engine.prepare_as(Role::Validator, &component, &Limits::DEFAULT).unwrap();
    (engine, plugin)
}

fn job(contents: &str) -> JobParam<'_> {
    JobParam { template: FileParam { path: "t", contents: contents.as_bytes() }, locals: b"{}", options: b"{}" }
}

fn group<'a>(plugin: &'a Plugin, jobs: Vec<JobParam<'a>>) -> Group<'a> {
    Group { plugin: plugin.into(), limits: Limits::DEFAULT, context: b"{}", partials: Vec::new(), jobs, recall: None }
}

#[test]
fn it_renders() {
    let (engine, plugin) = prepared(Profile::Run);
    assert_eq!(plugin.abi, Abi::V0_0);
    let mut jobs = vec![job("one"), job("xtwo"), job("three"), job("four")];
    jobs[3].options = br#"{"deep":true}"#;
    let told = engine.run().render(&[group(&plugin, jobs)], None, &|_, _, outcome| match outcome.result {
        Ok(rendered) => {
            let output = &rendered.outputs.0[0];
            assert!(output.path.is_none() && !output.executable && rendered.reads.variables.0.is_empty());
            String::from_utf8(output.contents.0.clone()).unwrap()
        }
        Err(CallError::Internal(text)) => format!("failed: {text}"),
        Err(CallError::Unsupported(text)) => format!("unsupported: {text}"),
        Err(other) => panic!("{other:?}"),
    });
    let told = told.unwrap().pop().unwrap();
    assert_eq!(told[..3], ["one", "failed: an old one", "three"]);
    assert!(told[3].starts_with("unsupported: `options`, which version 0.0.1 of the ABI does not have"), "{told:?}");
}

#[test]
fn it_is_inspected_and_proven() {
    let (engine, plugin) = prepared(Profile::Measure);
    let template = FileParam { path: "t", contents: b"one" };
    let info = engine.run().call(&plugin, &Limits::DEFAULT, &Inspect { template }).unwrap().result.unwrap();
    assert_eq!(info.variables.0[0].0, "name");
    let proofs = engine.run().prove(&group(&plugin, vec![job("one"), job("two")]), &|_, proof| proof).unwrap();
    assert!(proofs.iter().all(|proof| proof.outcome.result.is_ok() && proof.difference.is_none()), "{proofs:?}");
}

#[test]
fn it_checks() {
    let (engine, plugin) = prepared(Profile::Run);
    let rules = engine.run().call(&plugin, &Limits::DEFAULT, &Rules).unwrap().result.unwrap();
    assert_eq!((rules[0].id.0.as_str(), rules[0].summary.0.as_str()), ("old/rule", "an old one"));
    assert_eq!(rules[0].options.0, b"{}");
    let call = Check { manifest: b"{}", facts: b"{}", files: Vec::new(), options: b"{}" };
    let found = engine.run().call(&plugin, &Limits::DEFAULT, &call).unwrap().result.unwrap();
    assert_eq!((found[0].rule.0.as_str(), found[0].severity), ("old/rule", GuestSeverity::Warning));
}

#[test]
fn versions_are_told_apart() {
    let of = |version: &str| Abi::of(&version.parse().unwrap());
    assert_eq!((of("0.1.0"), of("0.1.7"), of("0.0.1")), (Some(Abi::V0_1), Some(Abi::V0_1), Some(Abi::V0_0)));
    for refused in ["0.0.0", "0.0.2", "0.2.0", "1.1.0", "0.1.0-rc"] {
        assert_eq!(of(refused), None, "{refused}");
    }
    assert_eq!(Abi::ACCEPTED[0], Abi::NEWEST);
    for (exports, wanted, hint) in [
        (["packbox:plugin/renderer@0.2.0", "x"], "built for `packbox:plugin@0.2.0`", "upgrade packbox"),
        (["packbox:plugin/renderer@0.0.0", "x"], "built for `packbox:plugin@0.0.0`", "upgrade the plugin"),
        (["packbox:plugin/renderer@0.1.0", "packbox:plugin/validator@0.0.1"], "mixes two ABI versions", "rebuild all"),
        (
            ["packbox:plugin/renderer@0.1.0", "packbox:plugin/validator@0.9.0"],
            "packbox:plugin@0.9.0",
            "upgrade packbox",
        ),
        (["packbox:plugin/renderer", "x"], "does not name an ABI version", "rebuild the plugin"),
    ] {
        let mut header = Header::default();
        header.exports.extend(exports.map(str::to_owned));
        let error = header.check("renderer").unwrap_err();
        let told = error.body().hint.clone().unwrap_or_default();
        assert!(error.kind() == ErrorKind::Refused && error.to_string().contains(wanted), "{error}");
        assert!(told.contains(hint), "{told}");
    }
}
