//! How wasmtime is set up: the part of its configuration that decides what compiled code looks like, and the part that
//! decides where instances live.
//!
//! Always true here: [`code_config`] is the same in this process and in the compiler child, or compiled code would not
//! load. Nothing in it depends on the machine's load, on the user's limits or on the number of threads.

use std::hash::{Hash, Hasher};
use std::num::NonZeroUsize;

use serde::Serialize;
use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmBacktraceDetails, WasmFeatures,
};

use super::fixed::{CORE_INSTANCES, MEMORIES, TABLES};

/// What calls are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Epochs stop a call by time. What users run.
    Run,
    /// Fuel stops a call by work: slower, and the same on every machine. Always a fresh instance for each job.
    Measure,
}

impl Profile {
    /// Returns the profile's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Measure => "measure",
        }
    }
}

/// How instances get their memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Allocation {
    /// From a pool whose address space is reserved once.
    Pooling,
    /// One by one: where the address space for a pool can't be had.
    OnDemand,
}

/// Frames of a trap's backtrace that are looked at; so many of the same functions are calls without an end.
pub(super) const FRAMES_SEEN: usize = 256;
/// Bytes of address space for each linear memory, so that 32-bit addresses need no bounds checks.
const MEMORY_RESERVATION: u64 = 4 << 30;
/// Bytes of guard behind each linear memory.
const MEMORY_GUARD: u64 = 32 << 20;
/// Bytes of a memory that a pool slot keeps and clears by hand when it is given back: cheaper than page faults.
const KEEP_RESIDENT: usize = 4 << 20;
/// Elements that a table may have in a pool slot; the limiter stops growth long before.
const TABLE_ELEMENTS: usize = 8 << 20;

/// Builds the configuration that compiled code depends on.
#[must_use]
pub fn code_config(profile: Profile) -> Config {
    let mut config = Config::new();
    config.cranelift_opt_level(OptLevel::Speed);
    config.cranelift_nan_canonicalization(true);
    config.epoch_interruption(true);
    config.consume_fuel(profile == Profile::Measure);
    config.memory_reservation(MEMORY_RESERVATION);
    config.memory_guard_size(MEMORY_GUARD);
    config.memory_init_cow(true);
    config.wasm_features(WasmFeatures::COMPONENT_MODEL | WasmFeatures::MULTI_MEMORY, true);
    config.wasm_features(
        WasmFeatures::THREADS
            | WasmFeatures::SHARED_EVERYTHING_THREADS
            | WasmFeatures::MEMORY64
            | WasmFeatures::RELAXED_SIMD
            | WasmFeatures::EXCEPTIONS
            | WasmFeatures::GC
            | WasmFeatures::FUNCTION_REFERENCES
            | WasmFeatures::STACK_SWITCHING
            | WasmFeatures::CUSTOM_PAGE_SIZES
            | WasmFeatures::CM_ASYNC,
        false,
    );
    config.wasm_backtrace_details(WasmBacktraceDetails::Disable);
    config.wasm_backtrace_max_frames(NonZeroUsize::new(FRAMES_SEEN));
    config
}

/// Adds where instances live. `permits` is how many instances can exist at once.
///
/// Pool arithmetic: the maxima of one component times the permits are the totals, so that whoever holds a permit finds
/// room, and whoever does not waits instead of failing.
pub fn add_allocation(config: &mut Config, allocation: Allocation, permits: u32, stack: u64, memory: u64) {
    let stack = usize::try_from(stack).unwrap_or(usize::MAX);
    config.max_wasm_stack(stack);
    // No call is asynchronous, but wasmtime wants this to be larger.
    config.async_stack_size(stack.saturating_add(1 << 20));
    if allocation == Allocation::OnDemand {
        config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
        return;
    }
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(permits)
        .total_core_instances(permits * CORE_INSTANCES)
        .total_memories(permits * MEMORIES)
        .total_tables(permits * TABLES)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_memories_per_module(MEMORIES)
        .max_tables_per_module(TABLES)
        .max_core_instance_size(1 << 20)
        .max_component_instance_size(1 << 20)
        .max_memory_size(usize::try_from(memory.min(MEMORY_RESERVATION)).unwrap_or(usize::MAX))
        .table_elements(TABLE_ELEMENTS)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(64 << 10)
        .max_unused_warm_slots(permits * MEMORIES)
        .pagemap_scan(Enabled::Auto);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
}

include!(concat!(env!("OUT_DIR"), "/wasmtime_version.rs"));

/// Whether the kernel can say which pages of a pool's slot were written to, which makes giving one back cheaper.
#[must_use]
pub fn pagemap_scan_available() -> bool {
    PoolingAllocationConfig::is_pagemap_scan_available()
}

/// Digests everything that compiled code must agree on with the engine that loads it.
#[must_use]
pub fn compatibility(engine: &wasmtime::Engine) -> [u8; 32] {
    struct Blake3(blake3::Hasher);
    impl Hasher for Blake3 {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            let digest = self.0.finalize();
            u64::from_le_bytes(std::array::from_fn(|index| digest.as_bytes()[index]))
        }
    }
    let mut hasher = Blake3(blake3::Hasher::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    *hasher.0.finalize().as_bytes()
}
