//! Modules that `wasm-smith` makes up, as renderers under small limits: whatever their code does, a call ends typed, and
//! the next call of a good guest works.
//!
//! Always true here: a module is made of its seed and nothing else, exports what the world `renderer-plugin` wants, and
//! imports nothing.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::num::NonZeroUsize;
use std::sync::Arc;

use arbitrary::Unstructured;
use packbox::engine::{Compiler, Engine, EngineOptions, Limits, Plugin, Profile};
use packbox::error::ErrorKind;
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, Function};
use wasm_smith::{Config, MemoryOffsetChoices, Module};

use super::engine_cases::{limits, prepare, render};
use super::guests;

/// What the modules must export, with these types; nothing else of this text ends up in them.
const EXPORTS: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "packbox:plugin/renderer@0.1.0#inspect") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "packbox:plugin/renderer@0.1.0#render") (param i32 i32 i32 i32 i32 i32) (result i32) unreachable))"#;

const MODULES: u64 = 200;

/// Bytes that a module is made of.
const ENTROPY: usize = 8 << 10;

/// An engine with a guest that works in it.
struct Bench {
    engine: Engine,
    limits: Limits,
    echo: Arc<Plugin>,
}

impl Bench {
    fn new(profile: Profile) -> Result<Self, String> {
        let mut options = EngineOptions::new(Compiler::InProcess);
        options.profile = profile;
        options.threads = NonZeroUsize::new(2).expect("a thread");
        let engine = Engine::new(options).map_err(|error| error.to_string())?;
        let limits = limits(&[
            ("time", "100ms"),
            ("memory", "16MiB"),
            ("fuel", "5000000"),
            ("stack", "256KiB"),
            ("result", "1MiB"),
            ("outputs", "16"),
        ]);
        let echo = prepare(&engine, &guests::component("echo"), &limits).map_err(|error| error.to_string())?;
        Ok(Self { engine, limits, echo })
    }

    /// Renders with a made-up module, and then with one that works. Returns what came of the former.
    fn run(&self, component: &[u8]) -> Result<Vec<String>, String> {
        let outcomes = match prepare(&self.engine, component, &self.limits) {
            Ok(plugin) => {
                let told = render(&self.engine, &plugin, self.limits, "{}", &["one", "two"], 1);
                told.into_iter().map(|told| told.map_or_else(|told| kind(&told), |_| "ok".to_owned())).collect()
            }
            Err(error) => match (error.kind(), &error.body().stop) {
                (ErrorKind::Refused, _) => vec!["refused".to_owned()],
                (ErrorKind::Stopped, Some(stop)) => vec![stop.reason.name().to_owned()],
                (kind, _) => return Err(format!("{kind:?}: {error}")),
            },
        };
        let told = render(&self.engine, &self.echo, Limits::DEFAULT, "{}", &["still", "fine"], 1);
        if told == [Ok("still".to_owned()), Ok("fine".to_owned())] {
            return Ok(outcomes);
        }
        Err(format!("after {outcomes:?} the next call gave {told:?}"))
    }
}

/// Drops what the guest says.
fn kind(told: &str) -> String {
    told.split_once(' ').map_or(told, |(kind, _)| kind).to_owned()
}

/// Whatever made-up code does, it is stopped or gives back something, and harms nobody.
pub fn made_up_modules() -> Result<(), String> {
    let exports = wat::parse_str(EXPORTS).map_err(|error| error.to_string())?;
    let benches = [Bench::new(Profile::Run)?, Bench::new(Profile::Measure)?];
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (seed, bench) in (0..MODULES).zip(benches.iter().cycle()) {
        let component = component(seed, &exports).map_err(|problem| format!("seed {seed}: {problem}"))?;
        for outcome in bench.run(&component).map_err(|problem| format!("seed {seed}: {problem}"))? {
            *seen.entry(outcome).or_default() += 1;
        }
    }
    // So that it does not go unnoticed when another version makes up modules that get nowhere.
    let wanted = ["fuel", "invalid-result", "memory", "refused", "time", "trap"];
    if wanted.iter().all(|kind| seen.contains_key(*kind)) { Ok(()) } else { Err(format!("{seen:?}")) }
}

/// Makes up a module, and a component of it.
fn component(seed: u64, exports: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let entropy = guests::random(seed + 1, ENTROPY);
    let mut module = Module::new(config(seed, exports), &mut Unstructured::new(&entropy))?.to_bytes();
    if !seed.is_multiple_of(3) {
        module = with_an_allocator(&module)?;
    }
    guests::renderer(module)
}

/// Gives a module a `cabi_realloc` that always returns 1024, or few calls would get as far as `render`.
fn with_an_allocator(module: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    struct Allocator {
        index: u32,
        bodies: u32,
    }
    impl Reencode for Allocator {
        type Error = Infallible;

        fn parse_function_body(
            &mut self,
            code: &mut CodeSection,
            body: wasmparser::FunctionBody<'_>,
        ) -> Result<(), reencode::Error<Infallible>> {
            self.bodies += 1;
            if self.bodies - 1 != self.index {
                return reencode::utils::parse_function_body(self, code, body);
            }
            let mut function = Function::new([]);
            function.instructions().i32_const(1024).end();
            code.function(&function);
            Ok(())
        }
    }
    let mut index = None;
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        if let wasmparser::Payload::ExportSection(section) = payload? {
            for export in section {
                let export = export?;
                index = index.or((export.name == "cabi_realloc").then_some(export.index));
            }
        }
    }
    let mut allocator = Allocator { index: index.ok_or("it exports no `cabi_realloc`")?, bodies: 0 };
    let mut encoded = wasm_encoder::Module::new();
    allocator.parse_core_module(&mut encoded, wasmparser::Parser::new(0), module)?;
    Ok(encoded.finish())
}

/// Every tenth module may use what the engine refuses; half of them trap only where the host makes them.
fn config(seed: u64, exports: &[u8]) -> Config {
    let anything = seed % 10 == 9;
    Config {
        exports: Some(exports.to_vec()),
        disallow_traps: (seed / 2).is_multiple_of(2),
        allow_start_export: (seed / 4).is_multiple_of(2),
        available_imports: None,
        max_imports: 0,
        max_memories: 4,
        max_tables: 4,
        max_funcs: 12,
        max_instructions: 200,
        max_memory32_bytes: if seed % 8 == 7 { 32 << 20 } else { 1 << 20 },
        max_table_elements: 1000,
        memory_offset_choices: MemoryOffsetChoices(95, 4, 1),
        threads_enabled: anything,
        shared_everything_threads_enabled: anything,
        memory64_enabled: anything,
        reference_types_enabled: anything,
        relaxed_simd_enabled: anything,
        exceptions_enabled: anything,
        gc_enabled: anything,
        custom_page_sizes_enabled: anything,
        ..Config::default()
    }
}
