//! [`Canceller`]: ends a job from another thread.
//!
//! Always true here: other jobs of the same [`Packbox`](crate::Packbox) go on.

use crate::interrupt::Interrupt;

/// Ends a job, or several, from another thread. Clones end the same jobs.
///
/// A check is given one with the same inputs ([`Checker::check_with`](crate::Checker::check_with)), and what is done with installed
/// packs with [`Library::cancelled_by`](crate::Library::cancelled_by). A job is given one with [`Inputs::cancelled_by`](crate::Inputs::cancelled_by), and then it can be ended from the moment on at
/// which it is made; [`Job::canceller`](crate::Job::canceller) is for one that is there. What was cancelled stays so: whatever is
/// made, rendered or written for it ends with an error of the kind [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted),
/// within some 20 ms also where a plugin loops, and a folder that was being written is as it was, after the time that taking
/// files back takes. A built-in engine that is being compiled is compiled to its end; and who waits for a thread, as other jobs
/// keep all of them busy, waits until a call of theirs has ended. Somebody who is being asked answers first.
///
/// ```
/// use packbox::{Canceller, ErrorKind, Inputs, Job, Packbox};
///
/// # fn main() -> Result<(), packbox::Error> {
/// let packbox = Packbox::builder().build()?;
/// let pack = packbox.load("examples/packs/rust-cli")?;
/// let canceller = Canceller::new();
/// std::thread::scope(|scope| {
///     let rendering = scope.spawn(|| {
///         let inputs = Inputs::new().with("crate_name", "orders").cancelled_by(&canceller);
///         packbox.job(&pack, &inputs).and_then(Job::render).map(drop)
///     });
///     canceller.cancel();
///     let ended = rendering.join().expect("it does not panic");
///     assert_eq!(ended.unwrap_err().kind(), ErrorKind::Interrupted);
/// });
/// // Others don't notice.
/// assert!(packbox.job(&pack, &Inputs::new().with("crate_name", "orders"))?.render().is_ok());
/// # Ok(())
/// # }
/// ```
///
/// # In async programs
///
/// A future that is dropped, as the client of its request is gone, does not end the blocking call that it waited for. Let it
/// hold a guard that does:
///
/// ```
/// struct CancelsOnDrop(packbox::Canceller);
///
/// impl Drop for CancelsOnDrop {
///     fn drop(&mut self) {
///         self.0.cancel();
///     }
/// }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Canceller(pub(super) Interrupt);

impl Canceller {
    /// Makes one, for jobs that are still to be made.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends its jobs, and those that it is given later.
    pub fn cancel(&self) {
        self.0.set();
    }

    /// Whether its jobs are to end: they were cancelled, or all of their [`Packbox`](crate::Packbox) was.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_set()
    }
}

#[cfg(test)]
const _: () = {
    const fn is_shared<T: Clone + Send + Sync>() {}
    is_shared::<Canceller>();
};
