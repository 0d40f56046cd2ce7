//! What queries are asked with, read once: [`Shelf`].

use std::cell::OnceCell;

use crate::plugins::QueryEngine;
use crate::query::Notation;

/// The files of a pack that queries are asked with, once they were read.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Those with statements, in the order of their paths.
    pub(super) statements: OnceCell<Vec<File>>,
    /// Who answers, made ready at the first call.
    pub(super) engine: OnceCell<QueryEngine>,
    /// The texts of the queries, in their order.
    pub(super) queries: OnceCell<Vec<File>>,
}

/// A file of a pack, or a text of its manifest.
#[derive(Debug)]
pub(super) struct File {
    /// What places in it are told by.
    pub(super) path: String,
    pub(super) contents: Vec<u8>,
    pub(super) notation: Notation,
}
