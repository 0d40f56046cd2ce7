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
impl PackLimits {
    /// Sets one more, as a user would.
    pub(crate) fn set(&mut self, pair: &str) -> Result<()> {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let limit = find(&[Self::TABLE], name)?;
        self.put(limit, limit.parse(value)?);
        Ok(())
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

    #[test]
    fn every_limit_of_a_pack_can_be_set_by_its_name() {
        for limit in PackLimits::TABLE {
            let limits = UserLimits::parse(&[format!("{}=7", limit.name)]).unwrap().pack;
            assert!(limits.check(limit, 7, || "it".to_owned()).is_ok());
            assert!(limits.check(limit, 8, || "it".to_owned()).is_err());
        }
    }

    #[test]
    fn mistakes_get_a_hint() {
        let error = UserLimits::parse(&["template=7".to_owned()]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.body().hint.as_deref().unwrap().starts_with("did you mean `templates`?"));
        assert!(UserLimits::parse(&["templates=many".to_owned()]).is_err());
        assert!(UserLimits::parse(&["templates".to_owned()]).is_err());
    }
}
