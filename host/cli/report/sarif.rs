//! SARIF 2.1.0, for code scanning.
//!
//! Always true here: one run; each result names its rule by identifier and index; paths are relative references (or
//! `file` URIs, where the user named an absolute path); columns count characters. Suppressed findings are results, too,
//! with their reasons. Text is escaped as JSON does.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::json::pretty;
use super::rules;
use crate::check::{Failure, Finding, PackReport, Report, RuleInfo, SuppressionKind};
use crate::diagnostic::Span;
use crate::error::Result;

/// The key of a fingerprint; a new way to make them gets another.
const FINGERPRINT: &str = "packbox/v1";

/// Writes the report as SARIF.
#[expect(clippy::unnecessary_wraps, reason = "as the other formats")]
pub(super) fn render(report: &Report) -> Result<String> {
    let rules = rules::all(report);
    let numbers: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(number, id)| (*id, number)).collect();
    let results: Vec<Value> = report
        .packs
        .iter()
        .flat_map(|pack| pack.findings.iter().map(move |finding| (finding, Some(pack))))
        .chain(report.notes.iter().map(|note| (note, None)))
        .map(|(finding, pack)| result(finding, pack, &numbers))
        .collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "packbox",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|(id, info)| rule(id, *info)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation(report)],
            "results": results,
        }],
    });
    Ok(pretty(&document) + "\n")
}

fn rule(id: &str, info: Option<&RuleInfo>) -> Value {
    let mut rule = json!({ "id": id });
    if let Some(info) = info {
        rule["shortDescription"] = json!({ "text": info.summary });
        if !info.help.is_empty() {
            rule["help"] = json!({ "text": info.help, "markdown": info.help });
        }
        rule["defaultConfiguration"] = json!({ "level": info.default_level.name() });
    }
    rule
}

fn result(finding: &Finding, pack: Option<&PackReport>, numbers: &BTreeMap<&str, usize>) -> Value {
    let text = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    let locations = match (&finding.span, pack) {
        (Some(span), _) => json!([location(span)]),
        // Who reads SARIF wants a place, and what is said about a pack is said about its manifest.
        (None, Some(pack)) => {
            json!([{ "physicalLocation": { "artifactLocation": { "uri": uri(&rules::file_of(pack)) } } }])
        }
        (None, None) => json!([]),
    };
    let suppressions = finding.suppressed.iter().map(|suppression| {
        let kind = match suppression.kind {
            SuppressionKind::Inline => "inSource",
            SuppressionKind::Baseline => "external",
        };
        json!({ "kind": kind, "status": "accepted", "justification": suppression.reason })
    });
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": numbers.get(finding.rule.as_str()),
        "level": finding.level.name(),
        "message": { "text": without_links(&text) },
        "locations": locations,
        "partialFingerprints": { FINGERPRINT: finding.fingerprint },
        "suppressions": suppressions.collect::<Vec<_>>(),
    });
    if !finding.related.is_empty() {
        let numbered = finding.related.iter().enumerate().map(|(id, span)| {
            let mut location = location(span);
            location["id"] = json!(id);
            location
        });
        result["relatedLocations"] = numbered.collect();
    }
    result
}

/// In a message of SARIF, `[text](target)` is a link; a stranger's text makes none.
fn without_links(text: &str) -> String {
    text.replace("](", "] (")
}

fn location(span: &Span) -> Value {
    let mut region = json!({ "startLine": span.start.line, "startColumn": span.start.column });
    if let Some(end) = span.end {
        region["endLine"] = json!(end.line);
        region["endColumn"] = json!(end.column);
    }
    let mut physical = json!({ "artifactLocation": { "uri": uri(&span.path) } });
    let one_line = span.end.is_none_or(|end| end.line == span.start.line);
    if let Some(line) = span.excerpt.as_deref().filter(|line| one_line && !line.is_empty()) {
        let start = span.start.column.max(1) as usize - 1;
        let length = span.end.map_or(usize::MAX, |end| (end.column as usize).saturating_sub(start + 1));
        let snippet: String = line.chars().skip(start).take(length).collect();
        region["snippet"] = json!({ "text": snippet });
        physical["contextRegion"] = json!({ "startLine": span.start.line, "snippet": { "text": line } });
    }
    physical["region"] = region;
    json!({ "physicalLocation": physical })
}

fn invocation(report: &Report) -> Value {
    let failures = report.packs.iter().filter_map(|pack| pack.error.as_ref());
    let notifications: Vec<Value> = failures.map(notification).collect();
    json!({ "executionSuccessful": notifications.is_empty(), "toolExecutionNotifications": notifications })
}

fn notification(failure: &Failure) -> Value {
    let text = match &failure.hint {
        Some(hint) => format!("{}\n{hint}", failure.detail),
        None => failure.detail.clone(),
    };
    let mut notification = json!({
        "descriptor": { "id": failure.kind.name() },
        "level": "error",
        "message": { "text": without_links(&text) },
    });
    if let Some(span) = &failure.location {
        notification["locations"] = json!([location(span)]);
    }
    if let Some(stop) = &failure.stop {
        notification["properties"] = json!({ "stop": stop });
    }
    notification
}

/// Writes a path as a URI reference.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push('%');
            uri.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references() {
        for (path, expected) in [
            ("./a/b.jinja", "a/b.jinja"),
            ("a: b/ü {{ x }}.rs", "a%3A%20b/%C3%BC%20%7B%7B%20x%20%7D%7D.rs"),
            ("/srv/100%", "file:///srv/100%25"),
            ("../x\\y", "../x%5Cy"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }

    #[test]
    fn a_snippet_is_the_text_of_its_region() {
        let text = "a = { größe = 1 }\n";
        let found = location(&Span::in_text("p", text, 6..13));
        assert_eq!(found["physicalLocation"]["region"]["snippet"]["text"], "größe");
        let found = location(&Span::in_text("p", text, 6..6));
        assert_eq!(found["physicalLocation"]["region"]["snippet"]["text"], "größe = 1 }");
        let found = location(&Span::file("p"));
        assert_eq!(found["physicalLocation"]["region"], json!({ "startLine": 1, "startColumn": 1 }));
    }
}
