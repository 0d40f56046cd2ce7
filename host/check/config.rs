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
//! [values.rust-service]              # what a pack of this name is tried with
//! project_name = "orders"
//! ```
//!
//! Always true here: unknown keys are errors, and so are rules and options that nobody has ([`CheckConfig::check_names`]) and
//! packs that there are not ([`CheckConfig::check_packs`]), so that no gate is off which somebody meant to set; nothing here
//! touches the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::{Map, Value};

use super::ceilings::Ceilings;
use super::report::Finding;
use super::set_limits::SetLimits;
use crate::advice::said;
use crate::compose::variables::Preset;
use crate::diagnostic::{Diagnostic, Marks, Severity, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::limits::UserLimits;
use crate::pack::manifest::{Findings, RuleName, TableReader, in_group, syntax};
use crate::pack::{LintLevel, PackName, Spanned};
use crate::show::quoted;
use crate::text::{meant, printable_line};

/// The name of the file, looked for in the folder where the command runs.
pub const CONFIG_NAME: &str = "packbox.toml";
/// What packbox itself finds in a manifest, and no rule does.
const OWN: [&str; 8] = [
    "manifest/entry",
    "manifest/expression",
    "manifest/missing-file",
    "manifest/missing-key",
    "manifest/syntax",
    "manifest/type",
    "manifest/unknown-key",
    "manifest/value",
];
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
    /// Where they are set.
    pub set_limits: SetLimits,
    /// Values to try packs with, by their names.
    pub values: BTreeMap<String, Preset>,
    /// The file that it was read from; none where it was not.
    source: Option<Source>,
}

/// What the settings were read from, for what can be said about it only once rules are known.
#[derive(Debug, Clone)]
struct Source {
    path: String,
    text: String,
    /// The rules under `[lints]` and `[options]`.
    rules: Vec<NamedRule>,
    /// Where the files under `rules` are named, in their order.
    files: Vec<Range<usize>>,
    /// Where the baseline is named.
    baseline: Option<Range<usize>>,
    /// The packs under `[values]`.
    packs: Vec<Spanned<String>>,
}

/// A rule that the settings name, with what they set for it.
#[derive(Debug, Clone)]
struct NamedRule {
    name: Spanned<String>,
    options: Vec<Spanned<String>>,
}

impl CheckConfig {
    /// The least level that counts.
    #[must_use]
    pub fn fail_on(&self) -> Severity {
        if self.deny_warnings { Severity::Warning } else { Severity::Error }
    }

    /// Whether a pack is given the same points with these settings as with none.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        let weighs_nothing = self.rules.is_empty() && self.levels.is_empty() && self.options.is_empty();
        let tries_the_same = self.limits.is_empty() && self.values.is_empty();
        weighs_nothing && tries_the_same && self.ceilings == Ceilings::default() && self.baseline.is_none()
    }

    /// Reads a file that the user knows as `path`.
    ///
    /// # Errors
    /// `Usage`, with everything that is wrong.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<Self> {
        let text = files::text(bytes).map_err(|error| unusable(path, vec![error.finding("config/syntax", path)]))?;
        let table = syntax::parse(path, text).map_err(|findings| unusable(path, findings))?;
        let findings = Findings::new(path, text);
        let mut root = TableReader::document(&findings, &table, "the settings");
        let mut named = Vec::new();
        let (rules, files) = root.texts("rules").into_iter().map(|text| (text.value, text.range)).unzip();
        let mut deny_warnings = false;
        for what in root.texts("deny") {
            if what.value == "warnings" {
                deny_warnings = true;
            } else {
                let message = format!("{} cannot be denied", quoted(&what.value));
                findings.add_with_help("config/value", &what.range, message, "the only value is `warnings`");
            }
        }
        let (baseline, baseline_place) = root.filled_text("baseline").map(|text| (text.value, text.range)).unzip();
        let mut levels = BTreeMap::new();
        for (name, value) in root.entries::<RuleName>("lints", "lint rule") {
            let name = Spanned { value: name.value.0, range: name.range };
            levels.extend(value.parsed().map(|level| (name.value.clone(), level.value)));
            named.push(NamedRule { name, options: Vec::new() });
        }
        let mut options = Map::new();
        let nested = "[options.\"GROUP/RULE\"]";
        for (name, value) in root.entries_in_tables::<RuleName>("options", "lint rule", nested) {
            let name = Spanned { value: name.value.0, range: name.range };
            let Some(table) = value.table(format!("[options.\"{}\"]", name.value)) else { continue };
            let (keys, values): (Vec<_>, Map<_, _>) = table
                .all()
                .into_iter()
                .filter_map(|(key, value)| Some((key.clone(), (key.value, value.json()?.value))))
                .unzip();
            options.insert(name.value.clone(), values.into());
            named.push(NamedRule { name, options: keys });
        }
        let mut ceilings = Ceilings::default();
        let is_ceiling = |name: &str| Ceilings::NAMES.contains(&name);
        let of_ceilings = Pairs { table: "ceilings", is_known: &is_ceiling, line: &Ceilings::line };
        for_each_pair(&mut root, &of_ceilings, &findings, |name, value| ceilings.set(&name.value, value));
        let (mut limits, mut set_limits) = (Vec::new(), SetLimits::default());
        let of_limits = Pairs { table: "limits", is_known: &UserLimits::knows, line: &UserLimits::line };
        for_each_pair(&mut root, &of_limits, &findings, |name, value| {
            limits.push(format!("{}={value}", name.value));
            let line = Span::in_text(path, text, name.range.clone()).start.line;
            set_limits.insert(&name.value, format!("{}:{line}", printable_line(path)));
            UserLimits::parse(&limits[limits.len() - 1..]).map(drop)
        });
        let (values, packs) = values(&mut root, path, text);
        root.finish(&[]);
        let findings = findings.into_sorted();
        if findings.is_empty() {
            let (path, text) = (path.to_owned(), text.to_owned());
            let source = Some(Source { path, text, rules: named, files, baseline: baseline_place, packs });
            return Ok(Self {
                rules,
                deny_warnings,
                baseline,
                levels,
                options,
                ceilings,
                limits,
                set_limits,
                values,
                source,
            });
        }
        Err(unusable(path, findings))
    }

    /// Checks that the rules and the options that the settings name are there. `rules` are all that there are, each with its
    /// options and their default values.
    ///
    /// # Errors
    /// `Usage`, with a finding for each that is not.
    pub fn check_names(&self, rules: &BTreeMap<&str, &Value>) -> Result<()> {
        let Some(source) = &self.source else { return Ok(()) };
        let findings = Findings::new(&source.path, &source.text);
        for NamedRule { name, options } in &source.rules {
            if findings.is_full() {
                break;
            }
            match rules.get(name.value.as_str()) {
                None => unknown_rule(name, rules, &findings),
                Some(defaults) => {
                    let values = self.options.get(&name.value);
                    for option in options {
                        check_option(&name.value, option, values, defaults, &findings);
                    }
                }
            }
        }
        let findings = findings.into_sorted();
        if findings.is_empty() { Ok(()) } else { Err(unusable(&source.path, findings)) }
    }

    /// Gives an error about a file under `rules`, by its number there, the place where the settings name it.
    #[must_use]
    pub fn at_rules(&self, number: usize, error: Error) -> Error {
        self.at(|source| source.files.get(number), error)
    }

    /// The same for an error about the baseline.
    #[must_use]
    pub fn at_baseline(&self, error: Error) -> Error {
        self.at(|source| source.baseline.as_ref(), error)
    }

    fn at(&self, place: impl Fn(&Source) -> Option<&Range<usize>>, error: Error) -> Error {
        let has_place = error.body().location.is_some() || !error.body().findings.is_empty();
        let span = self.source.as_ref().filter(|_| !has_place).and_then(|source| {
            let range = place(source)?.clone();
            Some(Span::in_text(&source.path, &source.text, range))
        });
        match span {
            Some(span) => error.at(span),
            None => error,
        }
    }

    /// The file that the settings were read from.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.source.as_ref().map(|source| source.path.as_str())
    }

    /// Checks that the packs to which the settings give values are there. `packs` are the names of all that there are.
    ///
    /// # Errors
    /// `Usage`, with a finding for each that is not.
    pub fn check_packs(&self, packs: &BTreeSet<String>) -> Result<()> {
        let Some(source) = &self.source else { return Ok(()) };
        let findings = Findings::new(&source.path, &source.text);
        for name in source.packs.iter().filter(|name| !packs.contains(&name.value)) {
            let near = meant(&name.value, packs.iter().map(String::as_str));
            let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            let message = format!("there is no pack {} to give values to", quoted(&name.value));
            let help = format!(
                "{near}packbox knows the packs that are named here, those below this folder, those below the folder of the settings file, and installed packs"
            );
            findings.add_with_help("config/unknown-pack", &name.range, message, help);
        }
        let findings = findings.into_sorted();
        if findings.is_empty() { Ok(()) } else { Err(unusable(&source.path, findings)) }
    }

    /// Gives findings about suppressions, which no validator makes, the level that the user gave their rules.
    pub fn weigh(&self, findings: &mut Vec<Finding>) {
        findings.retain_mut(|finding| {
            match self.levels.get(&finding.rule).filter(|_| finding.rule.starts_with("suppression/")) {
                None => {}
                Some(LintLevel::Off) => return false,
                Some(LintLevel::Note) => finding.level = Severity::Note,
                Some(LintLevel::Warn) => finding.level = Severity::Warning,
                Some(LintLevel::Error) => finding.level = Severity::Error,
            }
            true
        });
    }
}

fn unknown_rule(name: &Spanned<String>, rules: &BTreeMap<&str, &Value>, findings: &Findings<'_>) {
    let message = format!("there is no rule {}", quoted(&name.value));
    let is_own = OWN.contains(&name.value.as_str());
    let near = meant(&name.value, rules.keys().copied()).filter(|_| !is_own);
    let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    let help = format!(
        "{near}{}the level of packbox's own findings can't be changed",
        said("`packbox lint --list-rules` lists them; ", "")
    );
    findings.add_with_help("config/unknown-rule", &name.range, message, help);
}

fn check_option(
    rule: &str,
    option: &Spanned<String>,
    values: Option<&Value>,
    defaults: &Value,
    findings: &Findings<'_>,
) {
    let names = || defaults.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
    let Some(default) = defaults.get(&option.value) else {
        let message = format!("the rule `{rule}` has no option {}", quoted(&option.value));
        let help = match meant(&option.value, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names().next().is_none() => "it has no options".to_owned(),
            None => format!("its options are {}", names().collect::<Vec<_>>().join(", ")),
        };
        findings.add_with_help("config/unknown-option", &option.range, message, help);
        return;
    };
    let kind = |value: &Value| match value {
        Value::Null => None,
        Value::Bool(_) => Some("a boolean"),
        Value::Number(_) => Some("a number"),
        Value::String(_) => Some("a string"),
        Value::Array(_) => Some("a list"),
        Value::Object(_) => Some("a table"),
    };
    let given = values.and_then(|values| values.get(&option.value)).and_then(kind);
    // A default of null says nothing about the type.
    if let (Some(wanted), Some(given)) = (kind(default), given)
        && wanted != given
    {
        let message = format!("{} of the rule `{rule}` must be {wanted}, not {given}", quoted(&option.value));
        findings.add_with_help("config/type", &option.range, message, format!("its default is `{default}`"));
    } else if let Some(value) = values.and_then(|values| values.get(&option.value))
        && default.is_u64()
        && value.is_number()
        && !value.is_u64()
    {
        // A rule that counts takes no other number, and would go on with its default.
        let message =
            format!("{} of the rule `{rule}` must be a whole number, 0 or more, not `{value}`", quoted(&option.value));
        findings.add_with_help("config/value", &option.range, message, format!("its default is `{default}`"));
    }
}

/// Reads what stands in `[values.NAME]`, and where each name does.
fn values(root: &mut TableReader<'_, '_>, path: &str, text: &str) -> (BTreeMap<String, Preset>, Vec<Spanned<String>>) {
    let marks = Marks::of(text);
    let mut names = Vec::new();
    let entries = root.entries_in_tables::<PackName>("values", "pack", "[values.PACK]");
    let packs = entries.into_iter().filter_map(|(name, table)| {
        names.push(Spanned { value: name.value.to_string(), range: name.range });
        let values = table.table("[values.…]")?.all().into_iter().filter_map(|(variable, value)| {
            let mut place = marks.span(path, text, value.range());
            // It may be a secret.
            place.excerpt = None;
            Some((variable.value, value.json()?.value, place))
        });
        Some((name.value.to_string(), Preset { path: path.to_owned(), values: values.collect() }))
    });
    (packs.collect(), names)
}

/// A table of names and values, each of which may also be given on the command line.
struct Pairs<'a> {
    table: &'static str,
    is_known: &'a dyn Fn(&str) -> bool,
    /// How one is written in a file; the number is what stands there without a unit.
    line: &'a dyn Fn(&str, Option<u64>) -> Option<String>,
}

/// Hands over what stands in a table, each value as a text; what is wrong with one goes to `findings`: at its name where that
/// is not known, else at its value.
fn for_each_pair(
    root: &mut TableReader<'_, '_>,
    Pairs { table, is_known, line }: &Pairs<'_>,
    findings: &Findings<'_>,
    mut set: impl FnMut(&Spanned<String>, &str) -> Result<()>,
) {
    let Some(table) = root.table(table) else { return };
    for (name, value) in table.all() {
        let range = value.range();
        let Some(value) = value.json() else { continue };
        let text = value.value.as_str().map_or_else(|| value.value.to_string(), str::to_owned);
        if let Err(error) = set(&name, &text) {
            // On a command line it is written otherwise.
            let here = line(&name.value, value.value.as_u64());
            let below = value.value.as_object().and_then(|table| table.keys().next());
            let joined = below.map(|key| format!("{}-{key}", name.value)).filter(|joined| is_known(joined));
            let here = joined.map(|joined| format!("write it as one name: `{joined} = …`")).or(here);
            let help = here.or_else(|| error.body().hint.clone()).unwrap_or_default();
            let (rule, place) =
                if is_known(&name.value) { ("config/value", &range) } else { ("config/unknown-key", &name.range) };
            findings.add_with_help(rule, place, error.to_string(), help);
        }
    }
}

fn unusable(path: &str, findings: Vec<Diagnostic>) -> Error {
    let findings = in_group("config", findings);
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
        assert_eq!(config.ceilings.fuel.map(|fuel| fuel.of(0)), Some(5));
        assert_eq!(config.limits, ["run-memory=1GiB", "run-stops=7"]);
        let config =
            CheckConfig::parse("packbox.toml", b"[values.web]\nname = \"x\"\nparts = [1, 2]\n").expect("values");
        let values: Vec<_> =
            config.values["web"].values.iter().map(|(name, value, _)| (name.as_str(), value)).collect();
        assert_eq!(values, [("name", &Value::from("x")), ("parts", &serde_json::json!([1, 2]))]);
        let error = CheckConfig::parse("packbox.toml", b"[values]\nweb = 1\n\"not a name\" = {}\n");
        assert_eq!(error.expect_err("mistakes").body().findings.len(), 2);
        let error = CheckConfig::parse("packbox.toml", b"lint = 1\n[ceilings]\nfuell = 5\n[limits]\nrun-memori = 1\n");
        assert_eq!(error.expect_err("mistakes").body().findings.len(), 3);
    }
}
