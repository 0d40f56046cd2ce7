//! `packbox.toml`: how the user of `lint` and `validate` weighs what is found.
//!
//! ```toml
//! rules = ["policy.wasm"]            # validators of the user's own
//! deny = ["warnings"]
//! baseline = "packbox-baseline.toml"
//! [lints]
//! "security/secret-in-clear" = "error"
//! [options."templates/long-line"]
//! characters = 160
//! [ceilings]
//! fuel = 100_000_000
//! memory = "32MiB"
//! [limits]
//! run-memory = "1GiB"
//! ```
//!
//! Always true here: unknown keys are errors; nothing here touches the disk.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ceilings::Ceilings;
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::limits::UserLimits;
use crate::pack::LintLevel;
use crate::pack::manifest::{Findings, RuleName, TableReader, syntax};

/// The name of the file, looked for in the folder where the command runs.
pub const CONFIG_NAME: &str = "packbox.toml";
/// The largest file, in bytes.
pub const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// How findings are weighed.
#[derive(Debug, Clone, Default)]
pub struct CheckConfig {
    /// Files of components, and folders of packs, whose rules are checked too.
    pub rules: Vec<String>,
    /// Whether warnings count like errors.
    pub deny_warnings: bool,
    /// The baseline file.
    pub baseline: Option<String>,
    /// Levels by rule; they come before the pack's own.
    pub levels: BTreeMap<String, LintLevel>,
    /// Options by rule.
    pub options: Map<String, Value>,
    /// Ceilings for each template.
    pub ceilings: Ceilings,
    /// Limits as `NAME=VALUE`; those of the command line come after them.
    pub limits: Vec<String>,
}

impl CheckConfig {
    /// The least level that counts.
    #[must_use]
    pub fn fail_on(&self) -> Severity {
        if self.deny_warnings { Severity::Warning } else { Severity::Error }
    }

    /// Reads a file that the user knows as `path`.
    ///
    /// # Errors
    /// `Usage`, with everything that is wrong.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<Self> {
        let text = files::text(bytes).map_err(|error| unusable(path, vec![error.finding("config/syntax", path)]))?;
        let table = syntax::parse(path, text).map_err(|findings| unusable(path, findings))?;
        let findings = Findings::new(path, text);
        let mut root = TableReader::root(&findings, &table);
        let rules = root.texts("rules").into_iter().map(|text| text.value).collect();
        let mut deny_warnings = false;
        for what in root.texts("deny") {
            if what.value == "warnings" {
                deny_warnings = true;
            } else {
                findings.add_with_help("config/value", &what.range, "cannot be denied", "the one value is `warnings`");
            }
        }
        let baseline = root.filled_text("baseline").map(|text| text.value);
        let levels = root.entries::<RuleName>("lints", "lint rule");
        let levels = levels.into_iter().filter_map(|(name, value)| Some((name.value.0, value.parsed()?.value)));
        let levels = levels.collect();
        let options = root.entries::<RuleName>("options", "lint rule");
        let options = options.into_iter().filter_map(|(name, value)| Some((name.value.0, value.json()?.value)));
        let options = options.collect();
        let mut ceilings = Ceilings::default();
        for_each_pair(&mut root, "ceilings", &findings, |name, value| ceilings.set(name, value));
        let mut limits = Vec::new();
        for_each_pair(&mut root, "limits", &findings, |name, value| {
            limits.push(format!("{name}={value}"));
            UserLimits::parse(&limits[limits.len() - 1..]).map(drop)
        });
        root.finish(&[]);
        let findings = findings.into_sorted();
        if findings.is_empty() {
            return Ok(Self { rules, deny_warnings, baseline, levels, options, ceilings, limits });
        }
        Err(unusable(path, findings))
    }
}

/// Hands over what stands in a table, each value as a text; what is wrong with one goes to `findings`.
fn for_each_pair(
    root: &mut TableReader<'_, '_>,
    table: &'static str,
    findings: &Findings<'_>,
    mut set: impl FnMut(&str, &str) -> Result<()>,
) {
    let Some(table) = root.table(table) else { return };
    for (name, value) in table.all() {
        let range = value.range();
        let Some(value) = value.json() else { continue };
        let text = value.value.as_str().map_or_else(|| value.value.to_string(), str::to_owned);
        if let Err(error) = set(&name.value, &text) {
            let help = error.body().hint.clone().unwrap_or_default();
            findings.add_with_help("config/value", &range, error.to_string(), help);
        }
    }
}

fn unusable(path: &str, findings: Vec<Diagnostic>) -> Error {
    Error::new(ErrorKind::Usage, format!("the settings in `{path}` cannot be used")).with_findings(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_mistakes_are_named() {
        let text = "deny = [\"warnings\"]\n[lints]\n\"a/b\" = \"error\"\n[options.\"a/b\"]\nn = 1\n[ceilings]\nfuel = 5\n[limits]\nrun-memory = \"1GiB\"\nrun-stops = 7\n";
        let config = CheckConfig::parse("packbox.toml", text.as_bytes()).expect("settings");
        assert!(config.deny_warnings);
        assert_eq!(config.levels["a/b"], LintLevel::Error);
        assert_eq!(config.options["a/b"]["n"], 1);
        assert_eq!(config.ceilings.fuel, Some(5));
        assert_eq!(config.limits, ["run-memory=1GiB", "run-stops=7"]);
        let error = CheckConfig::parse("packbox.toml", b"lint = 1\n[ceilings]\nfuell = 5\n[limits]\nrun-memori = 1\n");
        assert_eq!(error.expect_err("mistakes").body().findings.len(), 3);
    }
}
