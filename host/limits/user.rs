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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stop::StopReason;

    #[test]
    fn every_limit_of_a_call_has_a_reason_of_its_name_and_can_be_raised() {
        let names: Vec<&str> = StopReason::ALL.iter().map(|reason| reason.name()).collect();
        for limit in Limits::TABLE.iter().filter(|limit| limit.field != "component") {
            assert!(names.contains(&limit.name), "{}", limit.name);
        }
        for reason in StopReason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
            let raised =
                UserLimits::parse(&reason.raised().map(str::to_owned).into_iter().collect::<Vec<_>>()).unwrap();
            assert!(raised.calls.iter().all(|(limit, number)| number > limit.default), "{}", reason.name());
        }
    }
}
