//! Where a process can be stopped: each change on the disk has a name, which is told before it is made.

use std::fmt;
use std::sync::Arc;

/// Who is told of steps.
pub type OnStep = Arc<dyn Fn(&'static str) + Send + Sync>;

/// Tells whoever asked of each step that changes something on the disk, before it is taken: tests stop a process there.
#[derive(Clone, Default)]
pub struct Steps(pub Option<OnStep>);

impl Steps {
    /// Tells of a step.
    pub fn next(&self, name: &'static str) {
        if let Some(on_step) = &self.0 {
            on_step(name);
        }
    }
}

impl fmt::Debug for Steps {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Steps").field(&self.0.is_some()).finish()
    }
}
