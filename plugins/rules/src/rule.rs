//! What a rule is. A file below `rules/` holds one as a constant; it has no state.

pub use crate::bindings::packbox::plugin::types::Severity;
pub use crate::findings::Findings;
pub use crate::subject::Subject;

/// A rule: what is said about it, and its check.
#[derive(Debug)]
pub struct Rule {
    /// `group/name`.
    pub id: &'static str,
    /// What the rule finds: a lower-case fragment without a full stop.
    pub summary: &'static str,
    /// How much a finding matters unless the user says otherwise.
    pub severity: Severity,
    /// The names of its options, with their default values.
    pub options: &'static [(&'static str, u64)],
    /// Globs of the files whose contents it looks at.
    pub files: &'static [&'static str],
    /// Its page in Markdown: why, then the cases under `## Fails` and `## Passes`.
    pub page: &'static str,
    /// Looks at a pack.
    pub check: fn(&Subject<'_>, &mut Findings<'_>),
}

/// For a rule that needs the manifest and the facts only.
pub const NO_FILES: &[&str] = &[];

/// For a rule that looks into every file.
pub const ALL_FILES: &[&str] = &["**"];
