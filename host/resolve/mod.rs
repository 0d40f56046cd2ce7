//! Which releases fit together: [`resolve`], why, in which order, and the lock that pins them.
//!
//! Data flows in one direction: what is asked for and what registries have become [`Candidates`], the solver chooses from
//! it, [`Resolution`] says what and why, and a [`Lock`] keeps that. Nothing is fetched here.

mod candidates;
mod explain;
mod lock;
mod order;
mod provider;
mod solve;

pub use candidates::{Candidates, Pin, Preferences, Releases, Requirement};
pub use lock::{LOCK_NAME, Lock, Locked};
pub use order::order;
pub use solve::{Chosen, PassedOver, Resolution, resolve};

#[cfg(test)]
mod tests;
