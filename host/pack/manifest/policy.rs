//! What holds where another pack writes the same file: [`OnConflict`].
//!
//! Always true here: a policy that merges is one of the built-in merger's, or of a plugin that the pack declares.

use std::collections::BTreeMap;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use toml::de::DeValue;

use super::PluginEntry;
use super::engine::{check_declared, read_options};
use super::reader::ValueReader;
use crate::diagnostic::Span;
use crate::pack::names::{PluginName, PolicyName};
use crate::pack::spanned::Spanned;
use crate::text::meant;

/// The policies of the built-in merger.
pub const MERGE_POLICIES: [&str; 5] = ["merge-toml", "merge-json", "merge-yaml", "append-lines", "region"];
const OWN: &str = "own";
const CREATE_ONCE: &str = "create-once";

/// What to do where an output exists already, or where another pack writes it too.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "Form", into = "Form")]
pub enum OnConflict {
    /// The pack owns the file.
    #[default]
    Own,
    /// The file is made once and then belongs to the user.
    CreateOnce,
    /// What all packs want the file to be is merged.
    Merge(Arc<Merging>),
}

/// How a file is merged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Merging {
    /// A policy of the merger.
    pub policy: PolicyName,
    /// The plugin of the pack that merges; none: the built-in merger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<PluginName>,
    /// Handed to the merger as they are.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub options: Map<String, Value>,
}

/// Where a user says what holds for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidAt {
    /// The file's path.
    pub path: Span,
    /// The pack whose file is taken, or the policy by which it is merged.
    pub what: Span,
    /// The options of the policy, by their names.
    pub options: BTreeMap<String, Span>,
}

/// How a file is to be merged, with the places of what is checked later.
pub(crate) struct ReadMerging {
    pub(crate) merging: Merging,
    pub(crate) policy: Range<usize>,
    /// Who merges, where that is not the built-in merger.
    pub(crate) who: Option<Spanned<PluginName>>,
    pub(crate) options: Vec<(String, Range<usize>)>,
}

/// How a policy is written: `own`, `create-once` or the name of a policy of the built-in merger; or a table.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Form {
    Word(String),
    Table(Merging),
}

impl FromStr for OnConflict {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            OWN => Ok(Self::Own),
            CREATE_ONCE => Ok(Self::CreateOnce),
            _ => built_in(word, &[OWN, CREATE_ONCE], Other::Plugin)
                .map(|policy| Self::Merge(Arc::new(Merging { policy, plugin: None, options: Map::new() }))),
        }
    }
}

impl OnConflict {
    /// The merge that is asked for, if one is.
    #[must_use]
    pub fn merging(&self) -> Option<&Arc<Merging>> {
        if let Self::Merge(merging) = self { Some(merging) } else { None }
    }
}

/// Who merges by a policy that is not built in.
#[derive(Clone, Copy)]
enum Other {
    /// A pack's plugin.
    Plugin,
    /// A merger that the user names.
    Merger,
}

impl Other {
    const fn key(self) -> &'static str {
        match self {
            Self::Plugin => "plugin",
            Self::Merger => "merger",
        }
    }

    const fn whose(self) -> &'static str {
        match self {
            Self::Plugin => "a plugin's",
            Self::Merger => "that of a merger of your own",
        }
    }
}

/// A policy of the built-in merger, by its name; `others` are the words that would do as well, and `other` who may have more.
fn built_in(word: &str, others: &[&str], other: Other) -> Result<PolicyName, String> {
    if let Some(policy) = MERGE_POLICIES.iter().find(|policy| **policy == word) {
        return PolicyName::new(policy).map_err(|error| error.to_string());
    }
    let words = || others.iter().copied().chain(MERGE_POLICIES);
    let near = meant(word, words()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let (words, whose, key) = (words().collect::<Vec<_>>().join(", "), other.whose(), other.key());
    Err(format!("must be one of {words}, or {whose}: `{{ policy = \"{word}\", {key} = \"NAME\" }}`{near}"))
}

/// The policy of a table that names nobody who merges, as all of these merge.
fn merging(word: &str, other: Other) -> Result<PolicyName, String> {
    match other {
        Other::Plugin if [OWN, CREATE_ONCE].contains(&word) => {
            Err(format!("is not a policy that merges, and has no options: write `on_conflict = \"{word}\"`"))
        }
        _ => built_in(word, &[], other).map_err(|why| format!("is not a policy that merges: {why}")),
    }
}

impl TryFrom<Form> for OnConflict {
    type Error = String;

    fn try_from(form: Form) -> Result<Self, String> {
        match form {
            Form::Word(word) => word.parse(),
            Form::Table(merging) if merging.plugin.is_some() => Ok(Self::Merge(Arc::new(merging))),
            Form::Table(merging) => {
                self::merging(merging.policy.as_str(), Other::Plugin)
                    .map_err(|why| format!("`{}` {why}", merging.policy))?;
                Ok(Self::Merge(Arc::new(merging)))
            }
        }
    }
}

impl From<OnConflict> for Form {
    fn from(policy: OnConflict) -> Self {
        match policy {
            OnConflict::Own => Self::Word(OWN.to_owned()),
            OnConflict::CreateOnce => Self::Word(CREATE_ONCE.to_owned()),
            OnConflict::Merge(merging) if merging.plugin.is_none() && merging.options.is_empty() => {
                Self::Word(merging.policy.to_string())
            }
            OnConflict::Merge(merging) => Self::Table((*merging).clone()),
        }
    }
}

/// Reads how a user wants a file to be merged: a table with `policy`, `merger` and `options`. Whether there is a merger of that name
/// is not looked at.
pub(crate) fn read_users_merging(value: ValueReader<'_, '_>) -> Option<ReadMerging> {
    let of_packs = ("plugin", "a pack's `on_conflict`; here it is `merger`, one of `[mergers]`");
    read_merging(value, "a resolution", Other::Merger, &[of_packs])
}

/// Reads `on_conflict`: a word, or a table with `policy`, `plugin` and `options`.
pub(super) fn read_on_conflict(
    value: ValueReader<'_, '_>,
    plugins: &BTreeMap<PluginName, PluginEntry>,
) -> Option<OnConflict> {
    let findings = value.findings();
    match value.raw() {
        DeValue::String(_) => value.parsed().map(|policy| policy.value),
        DeValue::Table(_) => {
            let read = read_merging(value, "`on_conflict`", Other::Plugin, &[])?;
            if let Some(plugin) = &read.who {
                check_declared(plugin, plugins, findings);
            }
            Some(OnConflict::Merge(Arc::new(read.merging)))
        }
        _ => value.wrong_type("the name of a policy, or a table with `policy`, `plugin` and `options`"),
    }
}

/// Reads a table that says how a file is merged: `policy`, who merges, and `options`.
fn read_merging(
    value: ValueReader<'_, '_>,
    what: &'static str,
    other: Other,
    elsewhere: &[(&str, &str)],
) -> Option<ReadMerging> {
    let findings = value.findings();
    let mut table = value.table(what)?;
    let policy = table.require("policy", "for instance `policy = \"merge-toml\"`");
    let policy = policy.and_then(ValueReader::parsed::<PolicyName>);
    let who = table.parsed::<PluginName>(other.key());
    let options = table.get("options");
    let written =
        options.as_ref().and_then(|options| options.raw().as_table()).into_iter().flat_map(|options| options.keys());
    let places = written.map(|name| (name.get_ref().to_string(), name.span())).collect();
    let options = options.and_then(read_options).unwrap_or_default();
    table.finish(elsewhere);
    let policy = policy?;
    if who.is_none()
        && let Err(why) = merging(policy.value.as_str(), other)
    {
        findings.add("manifest/value", &policy.range, format!("`{}` {why}", policy.value));
        return None;
    }
    let plugin = who.as_ref().map(|who| who.value.clone());
    let merging = Merging { policy: policy.value, plugin, options };
    Some(ReadMerging { merging, policy: policy.range, who, options: places })
}
