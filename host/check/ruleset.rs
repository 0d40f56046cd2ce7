//! Validators, made ready: the built-in rules, those of the user, and those of the pack itself.
//!
//! Always true here: rules run in the sandbox; the host only asks which there are, hands over what they want, and
//! translates what they find. A rule's identifier belongs to the first validator that has it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use packbox_facts::Facts;
use serde_json::{Map, Value};

use super::plugins::InspectedPlugin;
use super::report::RuleInfo;
use crate::abi::{FileParam, GuestRule, GuestSeverity};
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::engine::exports::validator::{Check, Rules};
use crate::engine::{CallFile, Component, Engine, Input, LimitRequest, Limits, Plugin, Role, Run};
use crate::error::{Error, ErrorKind, Result};
use crate::grants::Grants;
use crate::pack::manifest::RuleName;
use crate::pack::{Globs, MANIFEST_NAME, Pack, PackPath};
use crate::plugins::{JobFailure, built_in, checked_limits, diagnostics, granted};
use crate::secrets::Secrets;
use crate::text;

/// Rules that one validator may have.
const MOST_RULES: usize = 1_000;
/// Room that is left of the input limit for what surrounds the files.
const ENVELOPE: u64 = 64 << 10;

/// A validator, ready to check packs.
#[derive(Debug, Clone)]
pub struct Validator {
    plugin: Arc<Plugin>,
    limits: Limits,
    rules: Vec<RuleInfo>,
    options: BTreeMap<String, Value>,
    globs: Globs,
    wants_files: bool,
}

/// What a validator is told about a pack.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The pack.
    pub pack: &'a Pack,
    /// Its manifest, a JSON object.
    pub manifest: &'a [u8],
    /// What is known about it.
    pub facts: Facts,
}

impl Validator {
    /// Makes a component ready and asks it for its rules. `taken` are the identifiers of other validators.
    ///
    /// # Errors
    /// Those of preparing it; `Refused` where its rules are not what they should be; `Stopped` where it is stopped.
    pub fn prepare(
        run: &Run<'_>,
        component: &Component<'_>,
        limits: &Limits,
        taken: &BTreeSet<String>,
        grants: Grants,
    ) -> Result<Self> {
        let plugin = run.prepare(Role::Validator, component, limits, grants)?;
        let name = text::printable_line(component.name);
        let outcome = run.call(&plugin, limits, &Rules)?;
        let rules = outcome.result.map_err(|error| {
            let failure = JobFailure::new(&error, &Span::file(name.clone()), &no_text, &Secrets::default());
            JobFailure::into_error(vec![failure], "validator")
                .unwrap_or_else(|| Error::new(ErrorKind::Plugin, format!("the validator `{name}` failed")))
        })?;
        let refuse = |why: String| {
            Error::new(ErrorKind::Refused, format!("the validator `{name}` {why}"))
                .hint("a rule's identifier looks like `group/name`, and belongs to one validator")
        };
        if rules.len() > MOST_RULES {
            return Err(refuse(format!("has {} rules, but at most {MOST_RULES} are allowed", rules.len())));
        }
        let mut seen = BTreeSet::new();
        let mut globs = Vec::new();
        let mut options = BTreeMap::new();
        let mut infos = Vec::with_capacity(rules.len());
        for rule in rules {
            let id = &rule.id.0;
            if id.parse::<RuleName>().is_err() {
                return Err(refuse(format!("calls a rule `{}`", text::printable_line(id))));
            }
            if taken.contains(id) || !seen.insert(id.clone()) {
                return Err(refuse(format!("has a rule `{id}` that another validator has, too")));
            }
            globs.extend(rule.files.0.iter().map(|glob| glob.0.clone()));
            options.insert(id.clone(), serde_json::from_slice(&rule.options.0).unwrap_or_default());
            infos.push(info(rule));
        }
        Ok(Self {
            plugin,
            limits: *limits,
            rules: infos,
            options,
            wants_files: !globs.is_empty(),
            globs: Globs::new(globs.iter().map(String::as_str)),
        })
    }

    /// The built-in rules.
    ///
    /// # Errors
    /// Those of preparing them.
    pub fn built_in(engine: &Engine) -> Result<Self> {
        let rules = built_in::rules();
        let limits = rules.limits(&engine.options().limits);
        let component = rules.component(engine.options().profile);
        Self::prepare(&engine.run(), &component, &limits, &BTreeSet::new(), Grants::NONE)
    }

    /// The validators that came with a pack, in the order of their names. `taken` are the identifiers of rules that others
    /// have; theirs are added.
    ///
    /// # Errors
    /// `Manifest` where the manifest names no digest; `Integrity` where it is another; those of [`Validator::prepare`].
    pub fn of_pack(engine: &Engine, pack: &Pack, taken: &mut BTreeSet<String>) -> Result<Vec<Self>> {
        let plugins = super::plugins::inspect_plugins(pack)?;
        let own = plugins.iter().filter(|plugin| plugin.validates);
        let run = engine.run();
        own.map(|plugin| Self::of_plugin(&run, pack, plugin, taken)).collect()
    }

    /// The validator that is one of a pack's plugins.
    ///
    /// # Errors
    /// As [`Validator::of_pack`].
    pub fn of_plugin(
        run: &Run<'_>,
        pack: &Pack,
        plugin: &InspectedPlugin,
        taken: &mut BTreeSet<String>,
    ) -> Result<Self> {
        let InspectedPlugin { name, digest, .. } = plugin;
        let Some(entry) = pack.manifest.plugins.get(name) else {
            return Err(Error::new(ErrorKind::Manifest, format!("there is no plugin `{name}`")));
        };
        let bytes = pack.read(&entry.component.value)?;
        let engine = run.engine();
        let limits = checked_limits(engine, pack, (name, entry), &bytes, *digest)?;
        let component =
            Component { name: name.as_str(), bytes: &bytes, digest: *digest, precompiled: None, trusted: false };
        let validator = Self::prepare(run, &component, &limits, taken, granted(engine, entry)).map_err(|error| {
            if error.body().location.is_some() { error } else { error.at(pack.span(&entry.component.range)) }
        })?;
        taken.extend(validator.rules.iter().map(|rule| rule.id.clone()));
        Ok(validator)
    }

    /// Its rules, sorted as it gave them.
    #[must_use]
    pub fn rules(&self) -> &[RuleInfo] {
        &self.rules
    }

    /// Its rules' identifiers, each with the rule's options and their default values.
    pub fn options(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.options.iter().map(|(rule, defaults)| (rule.as_str(), defaults))
    }

    /// Checks a pack. `options` is what the user set, by rule.
    ///
    /// # Errors
    /// Those of reading the pack; `Stopped` where the run has no memory left for what is handed over. What stopped the
    /// validator is in the inner result.
    pub fn check(
        &self,
        run: &Run<'_>,
        subject: &mut Subject<'_>,
        options: &Map<String, Value>,
    ) -> Result<std::result::Result<Vec<Diagnostic>, JobFailure>> {
        let files = self.read_files(subject)?;
        let facts = serde_json::to_vec(&subject.facts).unwrap_or_default();
        let own: Map<String, Value> = options
            .iter()
            .filter(|(rule, _)| self.options.contains_key(*rule))
            .map(|(rule, value)| (rule.clone(), value.clone()))
            .collect();
        let options = serde_json::to_vec(&own).unwrap_or_default();
        let handed: Vec<FileParam<'_>> =
            files.iter().map(|(path, contents)| FileParam { path: path.as_str(), contents }).collect();
        let call = Check { manifest: subject.manifest, facts: &facts, files: handed, options: &options };
        let bytes =
            files.iter().map(|(_, contents)| contents.len() as u64).fold(facts.len() as u64, u64::saturating_add);
        let _held = run.budget().hold(bytes)?;
        let outcome = run.call(&self.plugin, &self.limits, &call)?;
        let pack = subject.pack;
        let lookup = |path: &str| {
            if path == MANIFEST_NAME {
                return (pack.manifest_path.to_string(), Some(&*pack.manifest_text));
            }
            let known = files.binary_search_by(|(name, _)| name.as_str().cmp(path)).ok();
            let text = known.and_then(|at| std::str::from_utf8(&files[at].1).ok());
            (path.parse().map_or_else(|_| text::printable_line(path), |path| pack.path_of(&path)), text)
        };
        let secrets = Secrets::default();
        Ok(match outcome.result {
            Ok(found) => Ok(self.known(diagnostics(&found, &lookup, &secrets))),
            Err(error) => Err(JobFailure::new(&error, &Span::file(pack.manifest_path.to_string()), &lookup, &secrets)),
        })
    }

    /// All that a call of `check` is given for a pack. `options` is what the user set, by rule.
    ///
    /// # Errors
    /// Those of reading the pack.
    pub fn given(&self, subject: &mut Subject<'_>, options: &Map<String, Value>) -> Result<Input> {
        let files = self.read_files(subject)?;
        Ok(Input::Check {
            manifest: subject.manifest.to_owned(),
            facts: serde_json::to_vec(&subject.facts).unwrap_or_default(),
            files: files.into_iter().map(|(path, contents)| CallFile { path: path.to_string(), contents }).collect(),
            options: serde_json::to_vec(options).unwrap_or_default(),
        })
    }

    /// Gives each finding its rule's severity; one that names no rule of this validator is the validator's own fault.
    fn known(&self, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        for diagnostic in &mut found {
            if let Some(rule) = self.rules.iter().find(|rule| rule.id == diagnostic.rule) {
                diagnostic.severity = rule.default_level;
                continue;
            }
            diagnostic.message = format!(
                "the validator `{}` names a rule `{}` that it does not have: {}",
                self.plugin.name(),
                diagnostic.rule,
                diagnostic.message
            );
            "plugin/unknown-rule".clone_into(&mut diagnostic.rule);
            diagnostic.severity = Severity::Error;
        }
        found
    }

    /// Reads the files that any rule wants, the small ones first where the input limit has no room for all.
    fn read_files(&self, subject: &mut Subject<'_>) -> Result<Vec<(PackPath, Vec<u8>)>> {
        for file in &mut subject.facts.files {
            file.handed = false;
        }
        if !self.wants_files {
            return Ok(Vec::new());
        }
        let facts = serde_json::to_vec(&subject.facts).map_or(0, |facts| facts.len() as u64);
        let mut left = self.limits.input.saturating_sub(subject.manifest.len() as u64 + facts + ENVELOPE);
        let mut globs = self.globs.clone();
        let mut wanted: Vec<_> = subject.facts.files.iter_mut().filter(|file| globs.matches(&file.path)).collect();
        wanted.sort_by_key(|file| file.bytes);
        let mut files = Vec::with_capacity(wanted.len());
        for file in wanted {
            let Some((path, _)) = subject.pack.files.get_key_value(file.path.as_str()) else { continue };
            let size = file.bytes + file.path.len() as u64;
            if size > left {
                continue;
            }
            left -= size;
            file.handed = true;
            files.push((path.clone(), subject.pack.read(path)?));
        }
        files.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(files)
    }
}

fn no_text(path: &str) -> (String, Option<&'static str>) {
    (text::printable_line(path), None)
}

fn info(rule: GuestRule) -> RuleInfo {
    RuleInfo {
        id: rule.id.0,
        summary: text::printable_line(&rule.summary.0),
        default_level: match rule.default_severity {
            GuestSeverity::Error => Severity::Error,
            GuestSeverity::Warning => Severity::Warning,
            GuestSeverity::Note => Severity::Note,
        },
        help: text::printable(&rule.help.0),
    }
}

/// The limits of a validator of the user's own.
#[must_use]
pub fn user_limits(engine: &Engine) -> Limits {
    LimitRequest::effective(&LimitRequest::default(), &engine.options().limits)
}
