//! Native tests: the pages of the rules with their cases, the example packs, and input that no host would hand over.

mod advice;
mod host;
mod hostile;
mod loops;
mod pack;
mod pages;
mod scanning;

use crate::bindings::packbox::plugin::types::Diagnostic;
use crate::check;

/// Checks a pack that is written as a case.
fn check_case(case: &str) -> Vec<Diagnostic> {
    check_pack(&pack::parse(case))
}

fn check_pack(pack: &pack::Pack) -> Vec<Diagnostic> {
    check::check(&host::subject(pack), b"{}").expect("a readable subject")
}

/// Writes a finding on one line.
fn line(found: &Diagnostic) -> String {
    let place = found.span.as_ref().map(|span| format!("{}:{}:{} ", span.path, span.start.line, span.start.column));
    format!("{}{}: {}", place.unwrap_or_default(), found.rule, found.message)
}
