//! How large a pack may be: defaults that a user can raise by name.

use crate::error::{Error, ErrorKind, Result};
use crate::text::{format_bytes, nearest, parse_bytes};

/// How large a pack may be. A user raises one with `--limit NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackLimits {
    /// All files of the pack together, in bytes (`pack-bytes`).
    pub pack_bytes: u64,
    /// One file that is rendered, in bytes (`template-bytes`).
    pub template_bytes: u64,
    /// Files that are rendered, after folders are expanded; copied files don't count (`templates`).
    pub templates: u64,
    /// Declared variables (`variables`).
    pub variables: u64,
    /// Declared queries (`queries`).
    pub queries: u64,
    /// `pack.toml`, in bytes (`manifest-bytes`).
    pub manifest_bytes: u64,
    /// Files and folders in the pack (`files`).
    pub files: u64,
}

impl Default for PackLimits {
    fn default() -> Self {
        Self {
            pack_bytes: 100_000_000,
            template_bytes: 10_000_000,
            templates: 100,
            variables: 100,
            queries: 50,
            manifest_bytes: 10_000_000,
            files: 10_000,
        }
    }
}

/// Which of the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    PackBytes,
    TemplateBytes,
    Templates,
    Variables,
    Queries,
    ManifestBytes,
    Files,
}

const ALL: [Limit; 7] = [
    Limit::PackBytes,
    Limit::TemplateBytes,
    Limit::Templates,
    Limit::Variables,
    Limit::Queries,
    Limit::ManifestBytes,
    Limit::Files,
];

impl Limit {
    const fn name(self) -> &'static str {
        match self {
            Self::PackBytes => "pack-bytes",
            Self::TemplateBytes => "template-bytes",
            Self::Templates => "templates",
            Self::Variables => "variables",
            Self::Queries => "queries",
            Self::ManifestBytes => "manifest-bytes",
            Self::Files => "files",
        }
    }

    const fn counts_bytes(self) -> bool {
        matches!(self, Self::PackBytes | Self::TemplateBytes | Self::ManifestBytes)
    }
}

impl PackLimits {
    /// The names that [`PackLimits::set`] knows.
    pub const NAMES: &[&str] =
        &["pack-bytes", "template-bytes", "templates", "variables", "queries", "manifest-bytes", "files"];

    /// Sets a limit from text like `templates=200` or `pack-bytes=1GB`.
    ///
    /// Errors are of kind `Usage`: an unknown name, or a value that is not a number or a size.
    pub fn set(&mut self, assignment: &str) -> Result<()> {
        let names = || ALL.iter().map(|limit| limit.name());
        let (name, value) = assignment.split_once('=').ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("`{assignment}` is not of the form NAME=VALUE"))
                .hint("for instance `--limit templates=200`")
        })?;
        let Some(limit) = ALL.into_iter().find(|limit| limit.name() == name) else {
            let hint = match nearest(name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the limits are {}", names().collect::<Vec<_>>().join(", ")),
            };
            return Err(Error::new(ErrorKind::Usage, format!("there is no limit `{name}`")).hint(hint));
        };
        let parsed = if limit.counts_bytes() { parse_bytes(value) } else { value.replace('_', "").parse().ok() };
        *self.slot(limit) = parsed.ok_or_else(|| {
            let example = if limit.counts_bytes() { "200MB" } else { "200" };
            Error::new(ErrorKind::Usage, format!("`{value}` is not a valid value of the limit `{name}`"))
                .hint(format!("for instance `--limit {name}={example}`"))
        })?;
        Ok(())
    }

    /// Checks an amount against a limit; `what` says what is measured, for instance `the pack`.
    pub(crate) fn check(&self, limit: Limit, amount: u64, what: impl FnOnce() -> String) -> Result<()> {
        let allowed = self.allowed(limit);
        if amount <= allowed {
            return Ok(());
        }
        let what = what();
        let name = limit.name();
        let (detail, raised) = if limit.counts_bytes() {
            let (size, allowed) = (format_decimal_bytes(amount), format_decimal_bytes(allowed));
            let detail = format!("{what} is {size} large, and the limit `{name}` is {allowed}");
            (detail, format!("{}MB", amount.div_ceil(1_000_000)))
        } else if limit == Limit::Files {
            // Listing stops at the limit, so that nobody knows how many there are.
            let detail = format!("{what} has more than {allowed} files and folders, the limit `{name}`");
            (detail, allowed.saturating_mul(10).max(1).to_string())
        } else {
            (format!("{what} has {amount} {name}, and the limit `{name}` is {allowed}"), amount.to_string())
        };
        Err(Error::new(ErrorKind::Manifest, detail)
            .hint(format!("if you trust the pack that far, raise it with `--limit {name}={raised}`")))
    }

    const fn allowed(&self, limit: Limit) -> u64 {
        match limit {
            Limit::PackBytes => self.pack_bytes,
            Limit::TemplateBytes => self.template_bytes,
            Limit::Templates => self.templates,
            Limit::Variables => self.variables,
            Limit::Queries => self.queries,
            Limit::ManifestBytes => self.manifest_bytes,
            Limit::Files => self.files,
        }
    }

    fn slot(&mut self, limit: Limit) -> &mut u64 {
        match limit {
            Limit::PackBytes => &mut self.pack_bytes,
            Limit::TemplateBytes => &mut self.template_bytes,
            Limit::Templates => &mut self.templates,
            Limit::Variables => &mut self.variables,
            Limit::Queries => &mut self.queries,
            Limit::ManifestBytes => &mut self.manifest_bytes,
            Limit::Files => &mut self.files,
        }
    }
}

/// Writes whole megabytes as such, because that is how these limits are documented.
fn format_decimal_bytes(bytes: u64) -> String {
    if bytes > 0 && bytes.is_multiple_of(1_000_000) { format!("{} MB", bytes / 1_000_000) } else { format_bytes(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exceeded_limit_is_named_with_the_way_to_raise_it() {
        let limits = PackLimits::default();
        assert!(limits.check(Limit::Templates, 100, || "the pack".to_owned()).is_ok());
        let error = limits.check(Limit::Templates, 101, || "the pack".to_owned()).unwrap_err();
        assert_eq!(error.to_string(), "the pack has 101 templates, and the limit `templates` is 100");
        assert!(error.body().hint.as_deref().unwrap().contains("`--limit templates=101`"));
        let error = limits.check(Limit::ManifestBytes, 10_000_001, || "`pack.toml`".to_owned()).unwrap_err();
        assert!(error.body().hint.as_deref().unwrap().contains("`--limit manifest-bytes=11MB`"));
    }

    #[test]
    fn every_limit_can_be_set_by_its_name() {
        for limit in ALL {
            let mut limits = PackLimits::default();
            limits.set(&format!("{}=7", limit.name())).unwrap();
            assert!(limits.check(limit, 7, || "it".to_owned()).is_ok());
            assert!(limits.check(limit, 8, || "it".to_owned()).is_err());
        }
    }

    #[test]
    fn mistakes_get_a_hint() {
        let mut limits = PackLimits::default();
        let error = limits.set("template=7").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert_eq!(error.body().hint.as_deref(), Some("did you mean `templates`?"));
        assert!(limits.set("templates=many").is_err());
        assert!(limits.set("templates").is_err());
        assert_eq!(limits, PackLimits::default());
    }
}
