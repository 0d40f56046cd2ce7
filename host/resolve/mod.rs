//! Which releases fit together: [`resolve`], why, in which order, and the lock that pins them.
//!
//! Data flows in one direction: what is asked for and what registries have become a [`Universe`], the solver chooses from
//! it, [`Resolution`] says what and why, and a [`Lock`] keeps that. Nothing is fetched here.

mod explain;
mod lock;
mod order;
mod provider;
mod solve;
mod universe;

pub use lock::{LOCK_NAME, Lock, Locked};
pub use order::order;
pub use solve::{Chosen, PassedOver, Resolution, resolve};
pub use universe::{Asked, Pins, Releases, Universe};

#[cfg(test)]
mod tests;
