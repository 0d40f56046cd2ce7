//! How large a pack may be, compared with what is there.
//!
//! Always true here: an exceeded limit is named with the way to raise it.

use super::limit::{Kind, Limit};
use super::table::{PackLimits, of_packs};
use crate::advice;
use crate::error::{Error, ErrorKind, Result};
use crate::text::format_bytes;

impl PackLimits {
    /// Checks an amount against a limit; `what` says what is measured, for instance `the pack`.
    ///
    /// # Errors
    /// `Manifest`, naming the limit.
    pub(crate) fn check(&self, limit: &Limit, amount: u64, what: impl FnOnce() -> String) -> Result<()> {
        let allowed = self.get(limit).unwrap_or(u64::MAX);
        if amount <= allowed {
            return Ok(());
        }
        let (what, name) = (what(), limit.name);
        let (detail, raised) = if limit.kind == Kind::Bytes {
            let (size, allowed) = (format_decimal_bytes(amount), format_decimal_bytes(allowed));
            let detail = format!("{what} has a size of {size}, but the limit `{name}` is {allowed}");
            (detail, format!("{}MB", amount.div_ceil(1_000_000)))
        } else if *limit == of_packs::files {
            // Listing stops at the limit, so that nobody knows how many there are.
            let detail = format!("{what} has more than {allowed} files and folders, the limit `{name}`");
            (detail, allowed.saturating_mul(10).max(1).to_string())
        } else {
            (format!("{what} has {amount} {name}, but the limit `{name}` is {allowed}"), amount.to_string())
        };
        Err(Error::new(ErrorKind::Manifest, detail).of_limit(name).hint(format!(
            "if you trust the pack that far, raise it with {}",
            advice::limit(&format!("{name}={raised}"))
        )))
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
        assert!(limits.check(&of_packs::variables, 100, || "the pack".to_owned()).is_ok());
        let error = limits.check(&of_packs::variables, 101, || "the pack".to_owned()).unwrap_err();
        assert_eq!(error.to_string(), "the pack has 101 variables, but the limit `variables` is 100");
        assert!(error.body().hint.as_deref().unwrap().contains("`--limit variables=101`"));
        let error = limits.check(&of_packs::manifest_bytes, 10_000_001, || "`pack.toml`".to_owned()).unwrap_err();
        assert!(error.body().hint.as_deref().unwrap().contains("`--limit manifest-bytes=11MB`"));
    }
}
