//! Answers of earlier calls, kept on the disk, so that what did not change is not called again.
//!
//! A call is a pure function, so its answer holds as long as all that it depends on is the same: the component, what it may use, and
//! what it is given. Of the variables only those count that it looked up, where the engine is one of ours.
//!
//! Always true here: no guest is called; only answers of calls that succeeded are kept; of what a secret may be in, neither the
//! answer nor a digest is kept, nor is it looked up.

mod book;
#[cfg(test)]
mod book_tests;
mod codec;
mod key;
mod question;
mod recall;
mod why;

pub use book::Book;
pub use codec::Answer;
pub use key::Tag;
pub use question::{Known, Question};
pub use recall::{Asked, Found, Recall};
pub use why::{Came, Why};
