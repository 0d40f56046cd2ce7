//! The hostile suite: packs, archives and components that mean harm, each with what has to come of it.
//!
//! `packbox doctor --sandbox` runs it against the very installation that it is part of, and so do the tests.
//!
//! Always true here: a case is made in a folder of its own and run by a child process; what is expected is an exit code, a
//! typed reason, a bound on the host's memory and, where a deadline is what stops it, a bound on time.

mod archives;
mod case;
mod components;
mod folders;
mod guests;
mod lists;
mod manifests;
mod matrix;
mod queries;
mod run;
mod runs;
mod tar;
mod zstd;

pub use case::{Case, Expected};
pub use run::{Outcome, run};

/// The host's own peak memory that no case may exceed, in bytes; the compiler child apart.
pub const MEMORY: u64 = 300_000_000;

/// The host's own peak memory beside that of a guest which may have so much that both together are more, in bytes.
pub const BESIDE: u64 = 100_000_000;

/// Lists all cases, sorted by name.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = guests::cases();
    cases.extend(archives::cases());
    cases.extend(components::cases());
    cases.extend(folders::cases());
    cases.extend(lists::cases());
    cases.extend(manifests::cases());
    cases.extend(queries::cases());
    cases.extend(runs::cases());
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    cases
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn cases_have_names_of_their_own() {
        let cases = super::cases();
        let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
        assert!(names.len() == cases.len() && cases.len() >= 60, "{} cases", cases.len());
    }

    /// The pages say how many hundreds there are, so that one case more or less changes none of them.
    #[test]
    fn the_pages_say_how_many_cases_there_are() {
        let count = super::cases().len();
        let said = format!("more than {} ", count / 100 * 100);
        for page in ["README.md", "SECURITY.md", "CHANGELOG.md", "docs/doctor.md"] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(
                text.contains(&said) && !count.is_multiple_of(100),
                "{page} does not say `{said}`: there are {count}"
            );
        }
    }
}
