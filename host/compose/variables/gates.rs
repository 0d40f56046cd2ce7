//! Gates: queries that decide whether anything is generated.
//!
//! Always true here: an `ASK` has to be true, a `SELECT` has to have no rows; only what matters as an error refuses; of what a
//! secret is in, only that there is something is told.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::resolver::Resolver;
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Expression, ExpressionMode, Gate, Query, QueryName};
use crate::query::TERMS;
use crate::{show, text};

/// The rule of what a gate says.
const RULE: &str = "query/gate";
/// Rows of a gate that are told.
const TOLD: usize = 100;
/// Bytes of a message that are kept.
const LONGEST: usize = 2000;

impl Resolver<'_> {
    /// Says what gates find, as far as that refuses nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Gate`], with all that they find, where it matters as an error; those of rendering messages.
    pub(super) fn judge(&self) -> Result<Vec<Diagnostic>> {
        let (mut findings, mut refused) = (Vec::new(), 0);
        for (node, answer) in &self.knowledge.gates {
            let Some((name, query)) = self.declared.query(*node) else { continue };
            let Some(gate) = &query.gate else { continue };
            let found = self.found(*node, (name, query, gate), answer)?;
            refused += usize::from(gate.severity == Severity::Error && !found.is_empty());
            findings.extend(found);
        }
        if refused == 0 {
            return Ok(findings);
        }
        findings.sort_by_key(|finding| finding.severity);
        let what = show::count(refused, "gate");
        let refuses = if refused == 1 { "refuses" } else { "refuse" };
        Err(Error::new(ErrorKind::Gate, format!("{what} of the pack {refuses} to generate anything"))
            .with_findings(findings))
    }

    fn found(
        &self,
        node: usize,
        (name, query, gate): (&QueryName, &Query, &Gate),
        answer: &Value,
    ) -> Result<Vec<Diagnostic>> {
        let none = json!({});
        let rows: Vec<&Value> = match answer {
            Value::Bool(false) => vec![&none],
            Value::Array(rows) => rows.iter().collect(),
            _ => Vec::new(),
        };
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let place = self.place(&query.range);
        let finding = |message: String| {
            let message = text::shortened(text::printable_line(&message), LONGEST);
            Diagnostic { severity: gate.severity, ..Diagnostic::error(RULE, message).at(place.clone()) }
        };
        if self.secrets.contains(&node) {
            let told = finding(format!("the gate `{name}` refuses"));
            return Ok(vec![told.help("what it found is not shown, because it asks with a secret")]);
        }
        let told = &rows[..rows.len().min(TOLD)];
        let mut findings: Vec<Diagnostic> = match &gate.message {
            None => told.iter().map(|row| finding(plain(name, row))).collect(),
            Some(message) => {
                let texts = self.rendered(message, told)?;
                let rows = texts.into_iter().zip(told);
                rows.map(|(text, row)| finding(text.unwrap_or_else(|| plain(name, row)))).collect()
            }
        };
        if rows.len() > TOLD {
            findings.push(finding(format!("the gate `{name}` finds {} more rows", rows.len() - TOLD)));
        }
        Ok(findings)
    }

    /// Renders a message for each row; none for one that reads a secret, or is empty.
    fn rendered(&self, message: &crate::pack::Spanned<String>, rows: &[&Value]) -> Result<Vec<Option<String>>> {
        let Some(querier) = self.knowledge.querier else { return Ok(vec![None; rows.len()]) };
        let (path, manifest) = (self.declared.manifest_path, self.declared.manifest_text);
        let text = Expression::in_text(path, manifest, message, ExpressionMode::Template);
        let jobs: Vec<_> =
            rows.iter().map(|row| (text.clone(), json!({ "item": row }).to_string().into_bytes())).collect();
        let secrets: BTreeSet<&str> = self.secrets.iter().map(|node| self.name(*node)).collect();
        let rendered = querier.render(&self.context, &secrets, &jobs)?;
        let told = rendered.into_iter().map(|(text, reads)| {
            let is_secret = reads.iter().any(|name| secrets.contains(name.as_str()));
            Some(text).filter(|text| !is_secret && !text.trim().is_empty())
        });
        Ok(told.collect())
    }
}

/// What is said of a row where the pack has no words for it.
fn plain(name: &QueryName, row: &Value) -> String {
    let columns = row.as_object().into_iter().flatten().filter(|(column, _)| *column != TERMS);
    let columns: Vec<String> =
        columns.map(|(column, value)| format!("{} = {}", show::quoted(column), show::value(value))).collect();
    if columns.is_empty() {
        return format!("the gate `{name}` is false");
    }
    format!("the gate `{name}` finds {}", columns.join(", "))
}
