//! Limits as a user gives them: `--limit NAME=VALUE`, whatever they hold for.
//!
//! Always true here: a value goes to where the limit's scope belongs.

use super::limit::{Limit, Scope, find};
use super::table::{LimitRequest, Limits, PackLimits, RunLimits, of_calls, of_runs};
use crate::error::{Error, ErrorKind, Result};
use crate::text::printable_line;

const TABLES: [&[Limit]; 3] = [Limits::TABLE, PackLimits::TABLE, RunLimits::TABLE];

/// Limits as the user gave them: of calls, of packs and of runs.
#[derive(Debug, Clone, Default)]
pub struct UserLimits {
    /// Of calls and components.
    pub calls: LimitRequest,
    /// Of packs.
    pub pack: PackLimits,
    /// Of runs.
    pub run: RunLimits,
}

impl UserLimits {
    /// Limits of calls only; a run has room for them.
    #[must_use]
    pub fn of_calls(calls: LimitRequest) -> Self {
        let mut limits = Self { calls, ..Self::default() };
        limits.make_room(&[]);
        limits
    }

    /// Whether there is a limit of a name.
    #[must_use]
    pub fn knows(name: &str) -> bool {
        Self::of_name(name).is_some()
    }

    /// How a limit is written in a file, in words and with a line for it; `number` is what stands there without a unit.
    #[must_use]
    pub fn line(name: &str, number: Option<u64>) -> Option<String> {
        Self::of_name(name).map(|limit| limit.line(number))
    }

    /// All limits: of calls and components, of packs, of runs.
    pub fn all() -> impl Iterator<Item = &'static Limit> {
        TABLES.into_iter().flatten()
    }

    /// The limit of a name.
    ///
    /// # Errors
    /// `Usage`, with the names that there are.
    pub fn named(name: &str) -> Result<&'static Limit> {
        find(&TABLES, name)
    }

    fn of_name(name: &str) -> Option<&'static Limit> {
        Self::all().find(|limit| limit.name == name)
    }

    /// Parses `NAME=VALUE` pairs.
    ///
    /// # Errors
    /// `Usage`, naming the pair.
    pub fn parse(pairs: &[String]) -> Result<Self> {
        let mut limits = Self::default();
        let mut named = Vec::new();
        for pair in pairs {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(Error::new(ErrorKind::Usage, format!("`--limit {}` has no value", printable_line(pair)))
                    .hint("write it like `--limit memory=128MiB`"));
            };
            let limit = Self::named(name)?;
            let number = limit.parse(value)?;
            match limit.scope {
                Scope::Call | Scope::Component | Scope::Compile => limits.calls.put(limit, number),
                Scope::Pack => limits.pack.put(limit, number),
                Scope::Run => {
                    limits.run.put(limit, number);
                    named.push(limit);
                }
            }
        }
        limits.make_room(&named);
        Ok(limits)
    }
}

impl UserLimits {
    /// Lets a run have what the user gave a call, where nothing was said of the run.
    fn make_room(&mut self, named: &[&Limit]) {
        let room = [
            (&of_runs::run_memory, &of_calls::memory, 2),
            (&of_runs::run_time, &of_calls::time, 1),
            (&of_runs::run_fuel, &of_calls::fuel, 1),
        ];
        for (run, call, share) in room.into_iter().filter(|(run, _, _)| !named.contains(run)) {
            let wanted = self.calls.get(call).map_or(0, |one| one.saturating_mul(share));
            self.run.put(run, run.default.max(wanted.min(run.most)));
        }
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
        for limit in Limits::TABLE.iter().chain(RunLimits::TABLE).filter(|limit| limit.field != "component") {
            assert!(names.contains(&limit.name), "{}", limit.name);
        }
        for reason in StopReason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
            let raised =
                UserLimits::parse(&reason.raised().map(str::to_owned).into_iter().collect::<Vec<_>>()).unwrap();
            assert!(raised.calls.iter().all(|(limit, number)| number > limit.default), "{}", reason.name());
            let of_run = RunLimits::TABLE.iter().find(|limit| limit.name == reason.name());
            assert!(of_run.is_none_or(|limit| raised.run.get(limit) > Some(limit.default)), "{}", reason.name());
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
    fn a_run_has_room_for_what_a_call_was_given() {
        let parse = |pairs: &[&str]| {
            UserLimits::parse(&pairs.iter().map(|pair| (*pair).to_owned()).collect::<Vec<_>>()).unwrap().run
        };
        assert_eq!(parse(&["memory=128MiB", "time=1s"]), RunLimits::DEFAULT);
        assert_eq!(parse(&["memory=1GiB"]).run_memory, 2 << 30);
        assert_eq!(parse(&["memory=1GiB", "run-memory=64MiB"]).run_memory, 64 << 20);
        assert_eq!(parse(&["time=60m"]).run_time, std::time::Duration::from_secs(3600));
    }

    #[test]
    fn mistakes_get_a_hint() {
        let error = UserLimits::parse(&["template=7".to_owned()]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.body().hint.as_deref().unwrap().starts_with("did you mean `templates`?"));
        assert!(UserLimits::parse(&["templates=many".to_owned()]).is_err());
        assert!(UserLimits::parse(&["templates".to_owned()]).is_err());
        for (pair, hint) in [
            ("fuel=1e9", "a whole number above 0, in digits and `_`"),
            ("memory=1TB", "in B, KB, MB, GB, KiB, MiB or GiB"),
            ("memory=0.5GiB", "a whole number above 0 up to 4 GiB"),
            ("time=1", "in ms, s or m"),
            ("time=0.5s", "a whole number above 0 in ms, s or m"),
            ("time=500us", "in ms, s or m"),
            ("files=-1", "a whole number from 0"),
            ("run-memory=1", "a whole number from 16 MiB up to 1 TiB"),
            ("run-memory=15MiB", "from 16 MiB"),
        ] {
            let error = UserLimits::parse(&[pair.to_owned()]).expect_err(pair);
            assert!(error.body().hint.as_deref().is_some_and(|found| found.contains(hint)), "{pair}: {error:?}");
        }
        for pair in ["run-memory=16MiB", "fuel=1_000", "time=2m", "memory=1 KB"] {
            assert!(UserLimits::parse(&[pair.to_owned()]).is_ok(), "{pair}");
        }
    }
}
