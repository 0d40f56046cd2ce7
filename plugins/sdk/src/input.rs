//! JSON that was handed in, read into the plugin's types. What does not fit is a diagnostic that names the path.

use serde::de::{DeserializeOwned, Deserializer};
use serde_json::{Map, Value};
use serde_path_to_error::Path;

use crate::{Diagnostic, Failure};

/// A JSON object as it is kept.
pub(crate) type Object = Map<String, Value>;

/// What a text holds, for messages about it.
#[derive(Clone, Copy)]
pub(crate) enum Input<'a> {
    /// The variables of a job.
    Context,
    /// The options of a job.
    Options,
    /// The options of a rule.
    RuleOptions(&'a str),
}

/// Reads an object into a type.
pub(crate) fn convert<T: DeserializeOwned>(object: &Object, input: Input<'_>) -> Result<T, Failure> {
    fit(object, input)
}

/// Reads bytes as an object. The host hands over nothing else, so anything else is not the input's fault.
pub(crate) fn object(json: &[u8]) -> Result<Object, Failure> {
    serde_json::from_slice(json).map_err(|error| broken(&error))
}

/// Says whether a text is the object without members, as the host writes it.
pub(crate) fn is_empty(json: &[u8]) -> bool {
    json == b"{}"
}

fn broken(error: &serde_json::Error) -> Failure {
    Failure::internal(format!("what the host handed over is not a JSON object: {error}"))
}

fn fit<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D, input: Input<'_>) -> Result<T, Failure>
where
    D::Error: std::fmt::Display,
{
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = path(error.path());
        let inner = error.into_inner();
        misfit(input, &path, &inner.to_string()).into()
    })
}

/// Writes a path without its placeholder for the root.
fn path(path: &Path) -> String {
    let text = path.to_string();
    if text == "." { String::new() } else { text }
}

fn misfit(input: Input<'_>, path: &str, error: &str) -> Diagnostic {
    let (rule, whole, part, help) = match input {
        Input::Context => (
            "plugin/context",
            "the variables do",
            "variable",
            "check the variable's type and value in `pack.toml`, and what the plugin's documentation asks for"
                .to_owned(),
        ),
        Input::Options => {
            ("plugin/options", "the options do", "option", "check `options` of this template in `pack.toml`".to_owned())
        }
        Input::RuleOptions(id) => (
            "plugin/options",
            "the options do",
            "option",
            format!("check the options of the rule `{id}` in `packbox.toml`"),
        ),
    };
    let message = match path {
        "" => format!("{whole} not match what the plugin expects: {error}"),
        path => format!("the {part} `{path}` does not match what the plugin expects: {error}"),
    };
    Diagnostic::error(rule, message).help(help)
}
