//! How an engine is set up.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::cache::CacheLocation;
use super::compiler::Compiler;
use super::config::Profile;
use super::recorder::Recorder;
use super::sampler::Sampler;
use crate::grants::Grant;
use crate::interrupt::Interrupt;
use crate::limits::{LimitRequest, RunLimits};
use crate::progress::{Progress, Silent};

/// How an engine is set up.
#[derive(Clone)]
pub struct EngineOptions {
    /// What calls are counted by.
    pub profile: Profile,
    /// Threads that run guests.
    pub threads: NonZeroUsize,
    /// What the user says about limits.
    pub limits: LimitRequest,
    /// What each run may use in all.
    pub run: RunLimits,
    /// Where compiled code is kept; none: nowhere.
    pub cache: Option<CacheLocation>,
    /// Who compiles components that came with a pack.
    pub compiler: Compiler,
    /// Grants that no plugin gets, whatever its manifest asks for.
    pub denied: Vec<Grant>,
    /// Looked at while guests and the compiler run.
    pub interrupt: Interrupt,
    /// Whether what plugins log is traced; off where they are given secrets.
    pub trace_logs: bool,
    /// Told before a component is compiled or waited for, since that takes a while.
    pub progress: Arc<dyn Progress>,
    /// Keeps the first call that fails.
    pub recorder: Option<Arc<Recorder>>,
    /// Takes the stacks of guests every millisecond; run profile only.
    pub sampler: Option<Arc<Sampler>>,
}

impl EngineOptions {
    /// Creates options with the run profile, a thread for each core, default limits and no cache.
    #[must_use]
    pub fn new(compiler: Compiler) -> Self {
        Self {
            profile: Profile::Run,
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            limits: LimitRequest::default(),
            run: RunLimits::DEFAULT,
            cache: None,
            compiler,
            denied: Vec::new(),
            interrupt: Interrupt::new(),
            trace_logs: true,
            progress: Arc::new(Silent),
            recorder: None,
            sampler: None,
        }
    }
}
