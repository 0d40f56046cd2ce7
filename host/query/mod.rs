//! Graphs and queries as plain data: what is asked, about what, and what comes of it.
//!
//! Always true here: nothing is read from the disk, nothing is called, and nothing is interpreted: Turtle and SPARQL are bytes.

mod answer;
mod check;
mod plain;
mod prefixes;
mod question;
mod results;
mod turtle;
mod write;

pub use answer::{Answer, Answered, Description, Form, Statement, Table};
pub use check::{is_iri, is_label, is_language, is_name};
pub use plain::TERMS;
pub use prefixes::Prefixes;
pub use question::{LARGEST_GRAPH, Literal, Notation, Query, Setting, Source, Term};
pub use results::{csv, xml};
pub use turtle::turtle;
