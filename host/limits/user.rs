//! Limits as a user gives them: `--limit NAME=VALUE`, whatever they hold for.
//!
//! Always true here: a value goes to where the limit's scope belongs.

use super::limit::{Scope, find};
use super::table::{LimitRequest, Limits, PackLimits};
use crate::error::{Error, ErrorKind, Result};
use crate::text::printable_line;

/// Limits as the user gave them: of calls, and of packs.
#[derive(Debug, Clone, Default)]
pub struct UserLimits {
    /// Of calls and components.
    pub calls: LimitRequest,
    /// Of packs.
    pub pack: PackLimits,
}

impl UserLimits {
    /// Parses `NAME=VALUE` pairs.
    ///
    /// # Errors
    /// `Usage`, naming the pair.
    pub fn parse(pairs: &[String]) -> Result<Self> {
        let mut limits = Self::default();
        for pair in pairs {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(Error::new(ErrorKind::Usage, format!("`--limit {}` has no value", printable_line(pair)))
                    .hint("write it like `--limit memory=128MiB`"));
            };
            let limit = find(&[Limits::TABLE, PackLimits::TABLE], name)?;
            let number = limit.parse(value)?;
            match limit.scope {
                Scope::Call | Scope::Component | Scope::Compile => limits.calls.put(limit, number),
                Scope::Pack => limits.pack.put(limit, number),
            }
        }
        Ok(limits)
    }
}
