//! How the compiler child ends, as its parent sees it.

/// The child's exit code for a component that is not valid.
pub(super) const EXIT_INVALID: u8 = 1;
/// The child's exit code where something else failed.
pub(super) const EXIT_FAILED: u8 = 2;
/// The child's exit code where it could not confine itself as the kernel says that it can.
pub(super) const EXIT_UNCONFINED: u8 = 3;
