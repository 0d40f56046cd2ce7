//! Runs all rules over a pack. The answer is sorted, bounded, and depends on the arguments only.

use serde_json::{Map, Value};

use crate::bindings::exports::packbox::plugin::validator::{Rule as Listed, Subject as Input};
use crate::bindings::packbox::plugin::types::{Diagnostic, Failure, Severity};
use crate::findings::Findings;
use crate::registry;
use crate::rule::Rule;
use crate::subject::Subject;

/// Lists the rules, sorted by their identifiers.
#[must_use]
pub fn rules() -> Vec<Listed> {
    registry::ALL.iter().map(|rule| listed(rule)).collect()
}

/// Checks a pack against all rules.
pub fn check(input: &Input, options: &[u8]) -> Result<Vec<Diagnostic>, Failure> {
    let options: Map<String, Value> = parsed("options", options)?;
    let subject = Subject::new(parsed("manifest", &input.manifest)?, parsed("facts", &input.facts)?, &input.files);
    let mut found = Vec::new();
    for rule in registry::ALL {
        let mut findings = Findings::new(&subject, rule, options.get(rule.id));
        (rule.check)(&subject, &mut findings);
        found.append(&mut findings.finish());
    }
    found.sort_by(|left, right| key(left).cmp(&key(right)));
    Ok(found)
}

fn listed(rule: &Rule) -> Listed {
    let options: Map<String, Value> =
        rule.options.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    Listed {
        id: rule.id.to_owned(),
        summary: rule.summary.to_owned(),
        default_severity: rule.severity,
        help: rule.page.to_owned(),
        options: Value::Object(options).to_string().into_bytes(),
        files: rule.files.iter().map(|glob| (*glob).to_owned()).collect(),
    }
}

/// What findings are sorted by: where they are, then which rule they come from.
fn key(diagnostic: &Diagnostic) -> (&str, u32, u32, &str, &str) {
    let (path, line, column) =
        diagnostic.span.as_ref().map_or(("", 0, 0), |span| (span.path.as_str(), span.start.line, span.start.column));
    (path, line, column, &diagnostic.rule, &diagnostic.message)
}

fn parsed<T: serde::de::DeserializeOwned>(what: &str, json: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(json).map_err(|error| {
        Failure::Invalid(vec![Diagnostic {
            rule: "validator/input".to_owned(),
            severity: Severity::Error,
            message: format!("the {what} can't be read: {error}"),
            help: None,
            span: None,
            related: Vec::new(),
        }])
    })
}
