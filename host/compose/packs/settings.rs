//! `compose.toml`: packs that are generated together, with their answers and what holds where they write one file.
//!
//! Always true here: names, versions and paths are checked as those of manifests are; all mistakes are told at once, each at its
//! place.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use semver::VersionReq;
use toml::de::DeValue;

use super::given::Presets;
use super::set::Share;
use crate::compose::variables::Preset;
use crate::diagnostic::{Diagnostic, Marks, Span};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::pack::manifest::{Findings, ReadMerging, TableReader, ValueReader, read_users_merging, syntax};
use crate::pack::{Merging, OutputPath, PackName, PluginName, SaidAt, VariableName};
use crate::show::quoted;
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
    /// How a file is merged, whatever packs say; a plugin is one of `mergers`.
    pub merges: BTreeMap<OutputPath, Merging>,
    /// Mergers of the user's own: components, seen from the folder of the file, and their digests.
    pub mergers: BTreeMap<PluginName, (PathBuf, Digest)>,
    /// Where it says so.
    pub places: Places,
}

/// Where a `compose.toml` says what can't be checked before packs are loaded.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The packs.
    pub packs: BTreeMap<PackName, PackAt>,
    /// What holds for files.
    pub files: BTreeMap<OutputPath, SaidAt>,
    /// The names of mergers.
    pub mergers: BTreeMap<PluginName, Span>,
}

/// Where a pack is named.
#[derive(Debug, Clone)]
pub struct PackAt {
    /// Its name.
    pub name: Span,
    /// Its path or its registry; where it has neither, which versions will do.
    pub source: Span,
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
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse_beside(&shown, &text, &|pack| folder.join(pack).symlink_metadata().is_ok())
    }

    /// Reads the text of a file that the user knows as `path`; whether packs are where it says is not looked at.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn parse(path: &str, text: &str) -> Result<Self> {
        Self::parse_beside(path, text, &|_| true)
    }

    fn parse_beside(path: &str, text: &str, is_there: &dyn Fn(&Path) -> bool) -> Result<Self> {
        let table = syntax::parse(path, text).map_err(|findings| wrong(path, without_secrets(text, findings)))?;
        let findings = Findings::new(path, text);
        let mut root = TableReader::document(&findings, &table, "`compose.toml`");
        let layers = root.parsed::<StrategyWord>("strategy").is_some_and(|strategy| strategy.value.0);
        let marks = Marks::of(text);
        let answered = lines_of_answers(text);
        let at = |range: Range<usize>| {
            let mut span = marks.span(path, text, range);
            hide_answers(&mut span, &answered);
            span
        };
        let mut places = Places::default();
        let mut packs: Vec<(PackName, Wanted)> = Vec::new();
        for (name, value) in root.entries::<PackName>("packs", "pack") {
            if is_strategy(name.value.as_str(), &name.range, &value, "packs") {
                continue;
            }
            if let Some((wanted, source)) = read_pack(value, is_there) {
                places.packs.insert(name.value.clone(), PackAt { name: at(name.range), source: at(source) });
                packs.push((name.value, wanted));
            }
        }
        let mut answers =
            Presets { shared: Preset { path: path.to_owned(), values: Vec::new() }, ..Presets::default() };
        let place = |value: &ValueReader<'_, '_>| marks.span(path, text, value.range());
        if let Some(table) = root.table("answers") {
            for (name, value) in table.all() {
                if !matches!(value.raw(), DeValue::Table(_)) {
                    answers.shared.values.extend(answer(name.value, value, &place));
                    continue;
                }
                // Whose it is, is known once it is known what the packs need.
                let at = Span { excerpt: None, ..place(&value) };
                let Some(table) = value.table(format!("the answers of {}", quoted(&name.value))) else { continue };
                let values: Vec<_> =
                    table.all().into_iter().filter_map(|(name, value)| answer(name.value, value, &place)).collect();
                let whole = values.iter().map(|(name, value, _)| (name.clone(), value.clone())).collect();
                answers.shared.values.push((name.value.clone(), serde_json::Value::Object(whole), at));
                if let Ok(pack) = name.value.parse::<PackName>() {
                    answers.of.insert(pack, Preset { path: path.to_owned(), values });
                }
            }
        }
        let shares = root.entries::<VariableName>("share", "variable").into_iter();
        let shares = shares.filter(|(name, value)| !is_strategy(name.value.as_str(), &name.range, value, "share"));
        let shares = shares.map(|(name, value)| {
            let place = place(&value);
            let packs = value.elements().into_iter().filter_map(ValueReader::parsed::<PackName>);
            Share { packs: packs.map(|pack| pack.value).collect(), name: name.value, place }
        });
        let shares = shares.collect();
        let resolutions = root.entries::<OutputName>("resolutions", "file");
        let is_pack = |value: &ValueReader<'_, '_>| {
            value.raw().as_str().is_some_and(|of| packs.iter().any(|(pack, _)| pack.as_str() == of))
        };
        let resolutions = resolutions.into_iter().filter(|(path, value)| {
            is_pack(value) || !is_strategy(path.value.0.as_str(), &path.range, value, "resolutions")
        });
        let mergers = read_mergers(&mut root, is_there);
        places.mergers.extend(mergers.iter().map(|(name, (range, _))| (name.clone(), at(range.clone()))));
        let (mut taken, mut merges) = (BTreeMap::new(), BTreeMap::new());
        for (file, value) in resolutions {
            let (file, path) = (file.value.0, at(file.range));
            if !matches!(value.raw(), DeValue::Table(_)) {
                if let Some(pack) = value.parsed::<PackName>() {
                    let said = SaidAt { path, what: at(pack.range), options: BTreeMap::new() };
                    places.files.insert(file.clone(), said);
                    taken.insert(file, pack.value);
                }
                continue;
            }
            let Some(ReadMerging { merging, policy, who: merger, options }) = read_users_merging(value) else {
                continue;
            };
            let options = options.into_iter().map(|(name, range)| (name, at(range))).collect();
            places.files.insert(file.clone(), SaidAt { path, what: at(policy), options });
            if let Some(merger) = merger.filter(|merger| !mergers.contains_key(&merger.value)) {
                let message = format!("there is no merger `{}`", merger.value);
                let near = meant(merger.value.as_str(), mergers.keys().map(PluginName::as_str));
                let help = near.map_or_else(
                    || "name its component and its digest below `[mergers.NAME]`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                findings.add_with_help("manifest/value", &merger.range, message, help);
            }
            merges.insert(file, merging);
        }
        root.finish(&[]);
        let findings = findings.into_sorted();
        if !findings.is_empty() {
            return Err(wrong(path, without_secrets(text, findings)));
        }
        if packs.is_empty() {
            return Err(Error::new(ErrorKind::Usage, format!("`{path}` names no packs"))
                .hint("write `[packs]`, with a line for each: `base = \"^1.0\"`, or `base = { path = \"../base\" }`"));
        }
        let mergers = mergers.into_iter().filter_map(|(name, (_, merger))| Some((name, merger?))).collect();
        Ok(Self { packs, answers, layers, shares, resolutions: taken, merges, mergers, places })
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
    // It may be a secret, which is shown nowhere.
    let at = Span { excerpt: None, ..place(&value) };
    Some((name, value.json()?.value, at))
}

/// Whether an entry of a table is the file's `strategy`, which stands above all tables; then that is told.
fn is_strategy(name: &str, place: &Range<usize>, value: &ValueReader<'_, '_>, table: &str) -> bool {
    let is_word = value.raw().as_str().is_some_and(|word| word.parse::<StrategyWord>().is_ok());
    if name != "strategy" || !is_word {
        return false;
    }
    let message = format!("`strategy` is a key of the file, and here it stands in `[{table}]`");
    value.findings().add_with_help("manifest/unknown-key", place, message, "write it above the first `[…]`");
    true
}

/// What a user means who writes something else than a requirement; `before` stands before a path that they may mean.
fn meant_by(text: &str, [before, after]: [&str; 2]) -> Option<String> {
    let text = text.trim();
    let is_archive = |text: &str| Path::new(text).extension().is_some_and(|extension| extension == "pack");
    let is_path = |text: &str| text.starts_with(['.', '~']) || text.contains(['/', '\\']) || is_archive(text);
    if let Some((_, version)) = text.rsplit_once('@').filter(|(_, version)| version.parse::<VersionReq>().is_ok()) {
        return Some(format!("the version stands here alone: `\"{version}\"`"));
    }
    if is_path(text) {
        let path = format!("a folder or an archive is `{before}path = \"{text}\"{after}`");
        let name = text
            .split_once('/')
            .filter(|(registry, name)| registry.parse::<PackName>().is_ok() && name.parse::<PackName>().is_ok());
        let registry = name.map(|(registry, _)| {
            format!("; a release of a registry is `{before}version = \"^1.0\", registry = \"{registry}\"{after}`")
        });
        return Some(path + &registry.unwrap_or_default());
    }
    let bare = text.strip_prefix(['v', 'V']).filter(|bare| bare.parse::<VersionReq>().is_ok());
    match text {
        "" | "latest" | "newest" | "any" => Some("any version is `\"*\"`".to_owned()),
        _ => bare.map(|bare| format!("write `\"{bare}\"`")),
    }
}

/// Reads a requirement.
fn read_requirement(value: ValueReader<'_, '_>, around: [&str; 2]) -> Option<VersionReq> {
    if let DeValue::String(text) = value.raw()
        && text.parse::<VersionReq>().is_err()
        && let Some(help) = meant_by(text, around)
    {
        let message = format!("{} is not a requirement of versions, as `^1.0` is", quoted(text));
        value.findings().add_with_help("manifest/value", &value.range(), message, help);
        return None;
    }
    value.parsed::<VersionReq>().map(|requirement| requirement.value)
}

/// Reads a requirement, or a table with `path`, or with `version` and `registry`; and the place of what says where the pack comes from.
fn read_pack(value: ValueReader<'_, '_>, is_there: &dyn Fn(&Path) -> bool) -> Option<(Wanted, Range<usize>)> {
    if let DeValue::String(_) = value.raw() {
        let range = value.range();
        let requirement = read_requirement(value, ["{ ", " }"])?;
        return Some((Wanted::Release { requirement, registry: None }, range));
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
    let version = table.get("version").and_then(|value| read_requirement(value, ["", ""]));
    let registry = table.parsed::<PackName>("registry");
    table.finish(&[]);
    match (path, version) {
        (Some(path), None) if registry.is_none() => {
            let (wanted, range) = (PathBuf::from(path.value), path.range);
            if !is_there(&wanted) {
                let message = format!("there is no {}", quoted(&wanted.display().to_string()));
                findings.add_with_help("manifest/path", &range, message, "a path is seen from the folder of this file");
            }
            Some((Wanted::Path(wanted), range))
        }
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
            let range = registry.as_ref().map_or(range, |registry| registry.range.clone());
            let registry = registry.map(|registry| registry.value);
            Some((Wanted::Release { requirement: version, registry }, range))
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

/// Mergers by name, each with where its name stands; none where what is said of it is wrong.
type Mergers = BTreeMap<PluginName, (Range<usize>, Option<(PathBuf, Digest)>)>;

/// Reads `[mergers]`.
fn read_mergers(root: &mut TableReader<'_, '_>, is_there: &dyn Fn(&Path) -> bool) -> Mergers {
    let declared = root.entries::<PluginName>("mergers", "merger").into_iter();
    declared.map(|(name, value)| (name.value, (name.range, read_merger(value, is_there)))).collect()
}

/// Reads a table with `component` and `sha256`.
fn read_merger(value: ValueReader<'_, '_>, is_there: &dyn Fn(&Path) -> bool) -> Option<(PathBuf, Digest)> {
    let findings = value.findings();
    let mut table = value.table("a merger")?;
    let component = table.require("component", "for instance `component = \"tools/house.wasm\"`");
    let component = component.and_then(ValueReader::text);
    let sha256 = table.require("sha256", "the SHA-256 of the component: `sha256sum` prints it");
    let sha256 = sha256.and_then(ValueReader::parsed::<Digest>);
    table.finish(&[]);
    let component = component?;
    if component.value.trim().is_empty() {
        findings.add("manifest/value", &component.range, "`component` must not be empty".to_owned());
        return None;
    }
    let path = PathBuf::from(&component.value);
    if !is_there(&path) {
        let message = format!("there is no {}", quoted(&component.value));
        findings.add_with_help(
            "manifest/path",
            &component.range,
            message,
            "a path is seen from the folder of this file",
        );
    }
    Some((path, sha256?.value))
}

/// For each line whether answers may be in it: one may be a secret.
fn lines_of_answers(text: &str) -> Vec<bool> {
    let mut is_answers = false;
    let lines = text.lines().map(|line| {
        let line = line.trim_start();
        let word = line.trim_start_matches(['[', ' ', '\t', '"', '\'']);
        // A line of a value may begin with a bracket, too.
        let others = ["packs", "share", "resolutions", "mergers"];
        if word.starts_with("answers") {
            is_answers = true;
        } else if line.strip_prefix('[').is_some_and(|name| others.iter().any(|other| name.starts_with(other))) {
            is_answers = false;
        }
        is_answers
    });
    lines.collect()
}

/// Findings without credentials, and without the lines in which answers may be. Where the text is no TOML, nobody knows which lines these are.
fn without_secrets(text: &str, mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let lines = lines_of_answers(text);
    let has_answers = lines.contains(&true);
    for finding in &mut findings {
        syntax::hide_credentials(finding);
        let is_syntax = finding.rule == "manifest/syntax";
        for span in finding.span.iter_mut().chain(&mut finding.related) {
            span.excerpt.take_if(|_| has_answers && is_syntax);
            hide_answers(span, &lines);
        }
    }
    findings
}

/// Takes away the line that is shown where answers may be in it.
fn hide_answers(span: &mut Span, lines: &[bool]) {
    let line = (span.start.line as usize).saturating_sub(1);
    span.excerpt.take_if(|_| lines.get(line).copied().unwrap_or(lines.contains(&true)));
}

fn wrong(path: &str, findings: Vec<Diagnostic>) -> Error {
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
