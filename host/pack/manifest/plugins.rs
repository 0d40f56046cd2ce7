//! `[plugins.*]`: the components that a pack ships, and what it asks for on their behalf.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::DeValue;

use super::reader::{TableReader, ValueReader};
use crate::digest::Digest;
use crate::grants::Grant;
use crate::limits::{Kind, Limit, LimitRequest, Limits};
use crate::pack::names::{PackPath, PluginName};
use crate::pack::spanned::Spanned;
use crate::show::quoted;
use crate::text::{parse_bytes, parse_duration};

/// A component that a pack ships.
#[derive(Debug, Clone)]
pub struct PluginEntry {
    /// Where the name is declared.
    pub range: Range<usize>,
    /// The component's file.
    pub component: Spanned<PackPath>,
    /// What the file's digest has to be.
    pub sha256: Option<Spanned<Digest>>,
    /// What the pack asks for; whether the user allows it is decided later.
    pub grants: Vec<Spanned<Grant>>,
    /// The limits that the pack asks for; a user's ceilings may be lower.
    pub limits: PluginLimits,
}

/// The limits that a pack asks for.
#[derive(Debug, Clone, Default)]
pub struct PluginLimits {
    /// What it asks for; the rest is open.
    pub asked: LimitRequest,
    places: BTreeMap<&'static str, Range<usize>>,
}

impl PluginLimits {
    /// Where it asks for a limit.
    #[must_use]
    pub fn place(&self, limit: &Limit) -> Option<&Range<usize>> {
        self.places.get(limit.name)
    }
}

/// Reads `[plugins.*]`.
pub(super) fn read_plugins(root: &mut TableReader<'_, '_>) -> BTreeMap<PluginName, PluginEntry> {
    let mut plugins = BTreeMap::new();
    for (name, value) in root.entries::<PluginName>("plugins", "plugin") {
        let title = format!("[plugins.{}]", name.value);
        let Some(mut table) = value.table(title.clone()) else { continue };
        let component = table.require("component", "for instance `component = \"plugins/openapi.wasm\"`");
        let component = component.and_then(ValueReader::parsed);
        let sha256 = table.parsed("sha256");
        let grants = table.all_parsed("grants");
        let limits = table.get("limits").and_then(|value| value.table(format!("[plugins.{}.limits]", name.value)));
        let elsewhere: Vec<_> = in_manifests().map(|limit| (limit.name, "the plugin's `limits` table")).collect();
        table.finish(&elsewhere);
        let limits = limits.map(read_limits).unwrap_or_default();
        if let Some(component) = component {
            plugins.insert(name.value, PluginEntry { range: name.range, component, sha256, grants, limits });
        }
    }
    plugins
}

/// The limits that a manifest may say something about.
fn in_manifests() -> impl Iterator<Item = &'static Limit> {
    Limits::TABLE.iter().filter(|limit| limit.is_in_manifests())
}

/// Reads a table of limits.
pub(crate) fn read_limits(mut table: TableReader<'_, '_>) -> PluginLimits {
    let mut limits = PluginLimits::default();
    for limit in in_manifests() {
        let number = match limit.kind {
            Kind::Bytes => bytes(&mut table, limit.name),
            Kind::Time => duration(&mut table, limit.name),
            Kind::Fuel | Kind::Count => positive_count(&mut table, limit.name),
        };
        if let Some(number) = number {
            limits.asked.put(limit, number.value);
            limits.places.insert(limit.name, number.range);
        }
    }
    table.finish(&[]);
    limits
}

/// Reads a size: text such as `64MiB`, or an integer that counts bytes.
fn bytes(table: &mut TableReader<'_, '_>, key: &'static str) -> Option<Spanned<u64>> {
    let findings = table.findings;
    let value = table.get(key)?;
    if matches!(value.raw(), DeValue::Integer(_)) {
        return positive_count(table, key);
    }
    let text = value.text()?;
    let Some(bytes) = parse_bytes(&text.value).filter(|bytes| *bytes > 0) else {
        let message = format!("`{key}` is {}, which is not a size above 0", quoted(&text.value));
        findings.add_with_help("manifest/value", &text.range, message, "for instance `64MiB`, `500KB` or `4096`");
        return None;
    };
    Some(text.with(bytes))
}

/// Reads a time, in milliseconds.
fn duration(table: &mut TableReader<'_, '_>, key: &'static str) -> Option<Spanned<u64>> {
    let text = table.text(key)?;
    let Some(duration) = parse_duration(&text.value).filter(|duration| !duration.is_zero()) else {
        let message = format!("`{key}` is {}, which is not a duration above 0", quoted(&text.value));
        table.findings.add_with_help("manifest/value", &text.range, message, "for instance `500ms` or `2s`");
        return None;
    };
    let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    Some(text.with(milliseconds))
}

fn positive_count(table: &mut TableReader<'_, '_>, key: &'static str) -> Option<Spanned<u64>> {
    let count = table.count(key)?;
    if count.value == 0 {
        table.findings.add("manifest/value", &count.range, format!("`{key}` must be above 0"));
        return None;
    }
    Some(count)
}
