//! How limits of calls combine: a manifest's wish, the defaults of a built-in component, and the user's word.
//!
//! Always true here: every limit combines by the same rule.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::limit::{Limit, SetBy, find};
use super::table::{LimitRequest, Limits};
use crate::error::Result;

impl Limits {
    /// Takes what is said, and keeps the rest.
    #[must_use]
    pub fn with(mut self, said: &LimitRequest) -> Self {
        for (limit, number) in said.iter() {
            self.put(limit, number);
        }
        self
    }
}

impl LimitRequest {
    /// What is said, in units, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Limit, u64)> + '_ {
        Limits::TABLE.iter().filter_map(|limit| Some((limit, self.get(limit)?)))
    }

    /// Sets a limit by its name. Sizes are written like `64MiB`, times like `500ms` or `2s`, counts as digits.
    ///
    /// # Errors
    /// `Usage` where the name is not known or the value is not of the limit's form, or zero, or beyond what the engine
    /// can hold (memory 4 GiB, stack 64 MiB).
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let limit = find(&[Limits::TABLE], name)?;
        self.put(limit, limit.parse(value)?);
        Ok(())
    }

    /// Takes what the other says where this says nothing.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        for (limit, number) in other.iter() {
            self.put(limit, self.get(limit).unwrap_or(number));
        }
        self
    }

    /// Combines what a manifest asks for with what the user allows. Where the user named a limit, the smaller of both
    /// holds, and the user's where the manifest is silent. Otherwise the manifest's (or the default) holds, up to the
    /// ceiling. What a manifest only needs changes nothing.
    #[must_use]
    pub fn effective(manifest: &Self, user: &Self) -> Limits {
        Self::effective_of(&Self::NONE, manifest, user)
    }

    /// [`LimitRequest::effective`], with what holds for a kind of component where neither says anything.
    #[must_use]
    pub fn effective_of(own: &Self, manifest: &Self, user: &Self) -> Limits {
        let mut limits = Limits::DEFAULT.with(own).with(user);
        for (limit, asked) in manifest.iter().filter(|(limit, _)| !matches!(limit.set_by, SetBy::Needed(_))) {
            limits.put(limit, asked.min(user.get(limit).unwrap_or(limit.ceiling())));
        }
        limits
    }
}

/// By the names of fields, times in milliseconds.
impl Serialize for Limits {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Self::TABLE.len()))?;
        for limit in Self::TABLE {
            map.serialize_entry(limit.field, &self.get(limit))?;
        }
        map.end()
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Limits {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Limits".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let number = |limit: &Limit| {
            let about = format!("{}: {}", limit.name, limit.about);
            (limit.field.to_owned(), serde_json::json!({ "type": "integer", "minimum": 0, "description": about }))
        };
        let properties: serde_json::Map<_, _> = Self::TABLE.iter().map(number).collect();
        let required: Vec<_> = properties.keys().cloned().collect();
        schemars::json_schema!({
            "type": "object",
            "description": "Limits of a call and of its component; times in milliseconds.",
            "properties": properties,
            "required": required,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_smallest_wins_and_the_user_may_raise() {
        let mut manifest = LimitRequest::default();
        let mut user = LimitRequest::default();
        assert_eq!(LimitRequest::effective(&manifest, &user), Limits::DEFAULT);
        manifest.set("memory", "8GB").expect_err("beyond what an engine can hold");
        manifest.set("memory", "2GiB").expect("a size");
        assert_eq!(LimitRequest::effective(&manifest, &user).memory, Limits::CEILING.memory);
        user.set("memory", "16MiB").expect("a size");
        assert_eq!(LimitRequest::effective(&manifest, &user).memory, 16 << 20);
        manifest.set("stack", "2MiB").expect("a size");
        assert_eq!(LimitRequest::effective(&manifest, &user).stack, Limits::DEFAULT.stack);
        user.set("time", "90s").expect("a time");
        assert_eq!(LimitRequest::effective(&manifest, &user).time, Duration::from_secs(90));
    }

    #[test]
    fn every_name_can_be_set_and_mistakes_are_named() {
        for limit in Limits::TABLE {
            let (name, value) = (limit.name, if limit.name.contains("time") { "1s" } else { "1000" });
            let mut request = LimitRequest::default();
            request.set(name, value).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(request.iter().collect::<Vec<_>>(), [(limit, 1000)]);
            assert_eq!(Limits::DEFAULT.with(&request).get(limit), Some(1000));
            LimitRequest::default().set(name, "0").expect_err(name);
        }
        let error = LimitRequest::default().set("memry", "1MiB").expect_err("no such limit");
        assert!(error.body().hint.as_deref().is_some_and(|hint| hint.contains("did you mean `memory`")));
    }

    #[test]
    fn what_is_said_first_is_kept() {
        let mut first = LimitRequest::default();
        first.set("fuel", "7").expect("a number");
        let mut second = first;
        second.set("fuel", "8").expect("a number");
        second.set("compile-time", "3s").expect("a time");
        let both = first.or(&second);
        assert_eq!((both.fuel, both.compile_time), (Some(7), Some(Duration::from_secs(3))));
    }

    #[test]
    fn a_component_with_defaults_of_its_own_has_them_until_the_user_says_otherwise() {
        let own = LimitRequest { memory: Some(256 << 20), time: Some(Duration::from_secs(30)), ..LimitRequest::NONE };
        let silent = Limits::DEFAULT.with(&own).with(&LimitRequest::NONE);
        assert_eq!(
            (silent.memory, silent.time, silent.fuel),
            (256 << 20, Duration::from_secs(30), Limits::DEFAULT.fuel)
        );
        let user = LimitRequest { memory: Some(512 << 20), ..LimitRequest::NONE };
        let raised = Limits::DEFAULT.with(&own).with(&user);
        assert_eq!((raised.memory, raised.time), (512 << 20, Duration::from_secs(30)));
        let user = LimitRequest { memory: Some(1 << 20), ..LimitRequest::NONE };
        assert_eq!(Limits::DEFAULT.with(&own).with(&user).memory, 1 << 20);
    }
}
