//! The options that manifests may give for a merge, and what a mistyped one was meant to be.

use std::collections::BTreeMap;

use common::hints;
use serde_json::{Map, Value};

use crate::failures;
use crate::{Failure, Job};

/// Which keys tell items of lists apart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct By {
    every: Option<String>,
    paths: BTreeMap<String, String>,
    /// What keys that are text begin with in this format.
    pub prefix: &'static str,
    /// The policy that has the option.
    pub policy: String,
}

impl By {
    /// The key for the list at a path.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&str> {
        self.paths.get(path).or(self.every.as_ref()).map(String::as_str)
    }

    /// The name under which a key is known.
    #[must_use]
    pub fn encode(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// The key of a name.
    #[must_use]
    pub fn decode<'a>(&self, name: &'a str) -> &'a str {
        name.get(self.prefix.len()..).unwrap_or(name)
    }
}

/// Reads a job's options: a JSON object with none but these names.
pub fn read(job: &Job, names: &[&str]) -> Result<Map<String, Value>, Failure> {
    let table: Map<String, Value> = serde_json::from_slice(&job.options)
        .map_err(|error| failures::option(format!("the options can't be read: {error}"), None))?;
    for name in table.keys() {
        if !names.contains(&name.as_str()) {
            let near = hints::nearest(&name.to_lowercase(), names.iter().copied());
            let near = near.or(names.iter().copied().find(|known| name.eq_ignore_ascii_case(known)));
            let all = match names {
                [] => "the policy has no options".to_owned(),
                [only] => format!("its only option is `{only}`"),
                _ => format!("its options are {}", hints::list(names.iter().copied())),
            };
            let help = match near {
                Some(near) if names.len() == 1 => format!("did you mean `{near}`, its only option?"),
                Some(near) => format!("did you mean `{near}`? {all}"),
                None => all,
            };
            return Err(failures::option(format!("unknown option `{name}`{}", of(job)), Some(help)));
        }
    }
    Ok(table)
}

/// Reads the option `by`.
pub fn by(job: &Job, prefix: &'static str) -> Result<By, Failure> {
    let table = read(job, &["by"])?;
    let mut by = By { prefix, policy: job.policy.clone(), ..By::default() };
    match table.get("by") {
        None | Some(Value::Null) => {}
        Some(Value::String(key)) => by.every = Some(key.clone()),
        Some(Value::Object(paths)) => {
            for (path, key) in paths {
                let Value::String(key) = key else {
                    return Err(mistyped(job, &format!("by.\"{path}\""), "the name of a key", "by = \"name\""));
                };
                by.paths.insert(path.clone(), key.clone());
            }
        }
        Some(_) => {
            let what = "the name of a key, or a table of such names by their paths";
            return Err(mistyped(job, "by", what, "by = \"name\""));
        }
    }
    Ok(by)
}

/// Reads an option that is text.
pub fn text(job: &Job, table: &Map<String, Value>, name: &str) -> Result<String, Failure> {
    match table.get(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(mistyped(job, name, "text", &format!("{name} = \"#\""))),
    }
}

/// How a manifest gives a policy with an option.
#[must_use]
pub fn example(policy: &str, option: &str) -> String {
    format!("`on_conflict = {{ policy = \"{policy}\", options = {{ {option} }} }}`")
}

/// Where an option is from.
#[must_use]
pub fn of(job: &Job) -> String {
    let path: String = job.path.chars().filter(|character| !character.is_control()).collect();
    format!(" of the policy `{}` for `{path}`", job.policy)
}

fn mistyped(job: &Job, name: &str, what: &str, option: &str) -> Failure {
    let help = format!("for instance {}", example(&job.policy, option));
    failures::option(format!("the option `{name}`{} must be {what}", of(job)), Some(help))
}
