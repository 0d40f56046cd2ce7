//! `compose.toml`: packs that are generated together, with their answers and what holds where they write one file.
//!
//! Always true here: names, versions and paths are checked as those of manifests are; all mistakes are told at once, each at its
//! place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use semver::VersionReq;
use toml::de::DeValue;

use super::given::Presets;
use super::set::Share;
use crate::compose::variables::Preset;
use crate::diagnostic::{Marks, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::pack::manifest::{Findings, TableReader, ValueReader, syntax};
use crate::pack::{OutputPath, PackName, VariableName};
use crate::text::{self, meant};

/// The file's name.
pub const COMPOSE_NAME: &str = "compose.toml";
/// The largest file that is read, in bytes.
const LARGEST: u64 = 10_000_000;

/// What `compose.toml` says.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The packs, in their order.
    pub packs: Vec<(PackName, Wanted)>,
    /// Answers.
    pub answers: Presets,
    /// What holds where nothing else does: whether later packs win.
    pub layers: bool,
    /// Variables that are one for several packs.
    pub shares: Vec<Share>,
    /// Whose file is taken.
    pub resolutions: BTreeMap<OutputPath, PackName>,
}

/// Which pack is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A folder or an archive; a relative path is seen from the folder of the file.
    Path(PathBuf),
    /// A release of a registry.
    Release {
        /// Which versions will do.
        requirement: VersionReq,
        /// The registry, where one is named.
        registry: Option<PackName>,
    },
}

/// `merge` or `layer`.
struct StrategyWord(bool);

impl FromStr for StrategyWord {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "merge" => Ok(Self(false)),
            "layer" => Ok(Self(true)),
            _ => {
                let near = meant(word, ["merge", "layer"].into_iter());
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                Err(format!("must be merge or layer{near}"))
            }
        }
    }
}

impl Settings {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is none; [`ErrorKind::Usage`] where it is wrong, with a finding for each mistake;
    /// [`ErrorKind::Io`].
    pub fn read(path: &Path) -> Result<Self> {
        let shown = text::printable_line(&path.display().to_string());
        let bytes = files::read_regular(path, LARGEST).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                Error::new(ErrorKind::NotFound, format!("there is no `{shown}`")).caused_by(error)
            }
            std::io::ErrorKind::FileTooLarge => {
                Error::new(ErrorKind::Usage, format!("`{shown}` is larger than {}", text::format_bytes(LARGEST)))
            }
            _ => Error::io(format!("cannot read `{shown}`"), error),
        })?;
        let text = syntax::decode(&shown, bytes).map_err(|finding| wrong(&shown, vec![*finding]))?;
        Self::parse(&shown, &text)
    }

    /// Reads the text of a file that the user knows as `path`.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn parse(path: &str, text: &str) -> Result<Self> {
        let table = syntax::parse(path, text).map_err(|findings| wrong(path, findings))?;
        let findings = Findings::new(path, text);
        let mut root = TableReader::document(&findings, &table, "`compose.toml`");
        let layers = root.parsed::<StrategyWord>("strategy").is_some_and(|strategy| strategy.value.0);
        let packs: Vec<(PackName, Wanted)> = root
            .entries::<PackName>("packs", "pack")
            .into_iter()
            .filter_map(|(name, value)| Some((name.value, read_pack(value)?)))
            .collect();
        let mut answers =
            Presets { shared: Preset { path: path.to_owned(), values: Vec::new() }, ..Presets::default() };
        let marks = Marks::of(text);
        let place = |value: &ValueReader<'_, '_>| marks.span(path, text, value.range());
        if let Some(table) = root.table("answers") {
            for (name, value) in table.all() {
                let of = packs.iter().map(|(pack, _)| pack).find(|pack| pack.as_str() == name.value);
                match (of, value.raw()) {
                    (Some(pack), DeValue::Table(_)) => {
                        let Some(table) = value.table(format!("the answers of `{pack}`")) else { continue };
                        let values =
                            table.all().into_iter().filter_map(|(name, value)| answer(name.value, value, &place));
                        let values = values.collect();
                        answers.of.insert(pack.clone(), Preset { path: path.to_owned(), values });
                    }
                    _ => answers.shared.values.extend(answer(name.value, value, &place)),
                }
            }
        }
        let shares = root.entries::<VariableName>("share", "variable").into_iter().map(|(name, value)| {
            let place = place(&value);
            let packs = value.elements().into_iter().filter_map(ValueReader::parsed::<PackName>);
            Share { packs: packs.map(|pack| pack.value).collect(), name: name.value, place }
        });
        let shares = shares.collect();
        let resolutions = root.entries::<OutputName>("resolutions", "file");
        let resolutions = resolutions
            .into_iter()
            .filter_map(|(path, value)| Some((path.value.0, value.parsed::<PackName>()?.value)))
            .collect();
        root.finish(&[]);
        let findings = findings.into_sorted();
        if !findings.is_empty() {
            return Err(wrong(path, findings));
        }
        if packs.is_empty() {
            return Err(Error::new(ErrorKind::Usage, format!("`{path}` names no packs"))
                .hint("write `[packs]`, with a line for each: `base = \"^1.0\"`, or `base = { path = \"../base\" }`"));
        }
        Ok(Self { packs, answers, layers, shares, resolutions })
    }
}

/// An output path, as a key.
struct OutputName(OutputPath);

impl FromStr for OutputName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        OutputPath::new(text).map(Self).map_err(|invalid| invalid.to_string())
    }
}

fn answer(
    name: String,
    value: ValueReader<'_, '_>,
    place: &dyn Fn(&ValueReader<'_, '_>) -> Span,
) -> Option<(String, serde_json::Value, Span)> {
    let at = place(&value);
    Some((name, value.json()?.value, at))
}

/// Reads a requirement, or a table with `path`, or with `version` and `registry`.
fn read_pack(value: ValueReader<'_, '_>) -> Option<Wanted> {
    if let DeValue::String(_) = value.raw() {
        let requirement = value.parsed::<VersionReq>()?.value;
        return Some(Wanted::Release { requirement, registry: None });
    }
    if !matches!(value.raw(), DeValue::Table(_)) {
        return value
            .wrong_type("a requirement such as `\"^1.0\"`, or a table with `path`, or with `version` and `registry`");
    }
    let (findings, range) = (value.findings(), value.range());
    let names_any =
        matches!(value.raw(), DeValue::Table(table) if ["path", "version"].iter().any(|key| table.contains_key(*key)));
    let mut table = value.table("a pack")?;
    let path = table.filled_text("path");
    let (version, registry) = (table.parsed::<VersionReq>("version"), table.parsed::<PackName>("registry"));
    table.finish(&[]);
    match (path, version) {
        (Some(path), None) if registry.is_none() => Some(Wanted::Path(PathBuf::from(path.value))),
        (Some(path), _) => {
            let help = "keep `path` for a folder, or `version` and `registry` for a release";
            findings.add_with_help(
                "manifest/value",
                &path.range,
                "a pack has a `path`, or a `version`, and not both",
                help,
            );
            None
        }
        (None, Some(version)) => {
            Some(Wanted::Release { requirement: version.value, registry: registry.map(|registry| registry.value) })
        }
        // What stands there and is wrong was told.
        (None, None) if names_any => None,
        (None, None) => {
            let help = "write `path = \"../base\"`, or `version = \"^1.0\"`";
            findings.add_with_help("manifest/missing-key", &range, "a pack needs a `path` or a `version`", help);
            None
        }
    }
}

fn wrong(path: &str, findings: Vec<crate::diagnostic::Diagnostic>) -> Error {
    let detail = match findings.len() {
        1 => format!("`{path}` has an error"),
        count => format!("`{path}` has {count} errors"),
    };
    let named = findings.into_iter().map(|mut finding| {
        if let Some(rest) = finding.rule.strip_prefix("manifest/") {
            finding.rule = format!("compose/{rest}");
        }
        finding
    });
    Error::new(ErrorKind::Usage, detail).with_findings(named.collect())
}
