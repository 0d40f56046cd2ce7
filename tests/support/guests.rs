//! Guests for tests: `fixtures/guests/NAME.wat` as a component, with what a host must make of it.
//!
//! Always true here: a file says all about its guest in the TOML of its `;;!` lines, unknown keys fail, and the same
//! files give the same bytes. A core module is made a component with the project's own WIT; a `(component …)` is taken
//! as it is. `fixtures/guests/README.md` describes the keys and the memory layouts. Nothing here runs a guest.

#![allow(dead_code, reason = "each test binary uses another part")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, SourceMap, WorldId};

/// The version of the ABI that `wit/` describes.
const ABI: &str = "0.1.0";

/// What a case's template contains where its file does not say.
const DEFAULT_TEMPLATE: &str = "hello\n";

/// A guest, ready to be handed to a host.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The file's name without `.wat`.
    pub name: String,
    /// What the guest does, in one sentence.
    pub about: String,
    /// The component; for a guest with `encode = false` the core module.
    pub component: Vec<u8>,
    /// What its pack's manifest asks for.
    pub grants: Vec<String>,
    /// Limits that make its cases quick; the defaults hold for the others.
    pub limits: Limits,
    /// What to call it with and what must come of it; never empty.
    pub cases: Vec<Case>,
}

/// Limits under which a guest is to be run, by the names of their fields, written as in a manifest (`"300ms"`, `"64MiB"`, `7`).
pub type Limits = BTreeMap<String, toml::Value>;

impl Guest {
    /// Its limits as `--limit` takes them, in the order of the table of limits.
    pub fn limits(&self) -> Vec<(&'static str, String)> {
        let table = packbox::limits::Limits::TABLE.iter();
        let named = table.filter_map(|limit| {
            let value = self.limits.get(limit.field)?;
            Some((limit.name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        });
        let named: Vec<_> = named.collect();
        assert_eq!(named.len(), self.limits.len(), "{}: no such limit in {:?}", self.name, self.limits);
        named
    }

    /// A limit that is a time.
    pub fn time_limit(&self, name: &str) -> Option<Duration> {
        self.limits.get(name)?.as_str().and_then(packbox::text::parse_duration)
    }
}

/// One call of `render`: the context, `locals` and `options` are `{}`, there are no partials, and there is one job.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the template contains.
    #[serde(default = "default_template")]
    pub template: String,
    /// Names of the stop reasons or error kinds that are right answers; `none` for a rendered template.
    #[serde(rename = "reason")]
    pub reasons: OneOrMore,
    /// The exit code of a command that makes this call.
    pub exit: u8,
    /// Texts that the error must contain, in its detail or its hint.
    #[serde(default)]
    pub mentions: Vec<String>,
    /// The outputs that must come back, in their order; where absent, they are not looked at.
    pub outputs: Option<Vec<Output>>,
    /// The messages that must have been logged; where absent, they are not looked at.
    pub log: Option<Vec<String>>,
}

/// A file that a guest gives back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The path that the guest asks for; none where it leaves that to the manifest.
    pub path: Option<String>,
    /// The file's text.
    pub contents: String,
}

/// A list of texts, of which TOML may write a single one without brackets.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// `reason = "time"`
    One(String),
    /// `reason = ["memory", "component-resources"]`
    More(Vec<String>),
}

impl OneOrMore {
    /// Returns the texts.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::More(texts) => texts,
        }
    }
}

/// Builds every guest, in the order of their names.
pub fn all() -> Vec<Guest> {
    names().iter().map(|name| guest(name)).collect()
}

/// Lists the guests' names, sorted.
pub fn names() -> Vec<String> {
    wat_files(&folder())
}

fn wat_files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("the folder can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wat"))
        .map(|path| path.file_stem().and_then(|stem| stem.to_str()).expect("names are UTF-8").to_owned())
        .collect();
    names.sort();
    names
}

/// Lists the names of the validators in `fixtures/validators`, sorted.
pub fn validator_names() -> Vec<String> {
    wat_files(&project().join("fixtures/validators"))
}

/// Builds one validator's component; panics, naming the file, where that is not possible.
pub fn validator(name: &str) -> Vec<u8> {
    /// What a validator's file says; what must come of it stands in the tests.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Metadata {
        about: String,
        world: String,
    }
    let path = project().join("fixtures/validators").join(format!("{name}.wat"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let about: Metadata =
        toml::from_str(&header_lines(&text)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    encode(&Header::plain(&about.about, &about.world), &text)
        .unwrap_or_else(|error| panic!("{}: {error:#}", path.display()))
}

/// A component that is called by itself, with what must come of it: a merger is asked to merge `one`, "port 8080\n", and `two`,
/// "port 5432\n", a query engine is asked a query about a graph.
#[derive(Debug, Clone)]
pub struct Called {
    /// The file's name without `.wat`.
    pub name: String,
    /// The component.
    pub component: Vec<u8>,
    /// What its file says.
    pub says: CalledHeader,
}

/// What the `;;!` lines of a component say that is called by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalledHeader {
    /// What the guest does, in one sentence.
    pub about: String,
    /// The exit code.
    pub exit: u8,
    /// A stop reason, an error kind or the rule of a finding; none where all is well.
    #[serde(default)]
    pub reason: Option<String>,
    /// Texts that are said.
    #[serde(default)]
    pub mentions: Vec<String>,
    /// Limits that make it quick.
    #[serde(default)]
    pub limits: BTreeMap<String, String>,
    /// What is added to the command that calls it.
    #[serde(default)]
    pub arguments: Vec<String>,
}

/// Builds every merger in `fixtures/mergers`, in the order of their names; panics, naming the file, where one can't be built.
pub fn mergers() -> Vec<Called> {
    called("mergers", "merger-plugin")
}

/// Builds every query engine in `fixtures/queries`, as [`mergers`] does.
pub fn query_engines() -> Vec<Called> {
    called("queries", "query-plugin")
}

fn called(folder: &str, world: &str) -> Vec<Called> {
    let folder = project().join("fixtures").join(folder);
    let build = |name: String| {
        let path = folder.join(format!("{name}.wat"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let says: CalledHeader =
            toml::from_str(&header_lines(&text)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let component = encode(&Header::plain(&says.about, world), &text)
            .unwrap_or_else(|error| panic!("{}: {error:#}", path.display()));
        Called { name, component, says }
    };
    wat_files(&folder).into_iter().map(build).collect()
}

/// Builds one merger's component.
pub fn merger(name: &str) -> Vec<u8> {
    let found = mergers().into_iter().find(|merger| merger.name == name);
    found.unwrap_or_else(|| panic!("there is no merger {name}")).component
}

/// Builds one query engine's component.
pub fn query_engine(name: &str) -> Vec<u8> {
    let found = query_engines().into_iter().find(|engine| engine.name == name);
    found.unwrap_or_else(|| panic!("there is no query engine {name}")).component
}

/// Builds `fine`, the friendly merger, with another text of at most 255 bytes as what it makes: 8080, which it says is the first
/// side's, and whatever else.
pub fn merger_making(text: &str) -> Vec<u8> {
    let path = project().join("fixtures/mergers/fine.wat");
    let fine = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let escaped = text.bytes().map(|byte| format!("\\{byte:02x}")).collect::<Vec<_>>().concat();
    let size = u8::try_from(text.len()).expect("a short text");
    let lengthened = fine.replacen("\\40\\20\\00\\00\\04\\00", &format!("\\40\\20\\00\\00\\{size:02x}\\00"), 1);
    let changed = lengthened.replacen("(i32.const 8256) \"8080\"", &format!("(i32.const 8256) \"{escaped}\""), 1);
    assert_ne!(lengthened, changed, "{} is not what it was", path.display());
    encode(&Header::plain("", "merger-plugin"), &changed)
        .unwrap_or_else(|error| panic!("{}: {error:#}", path.display()))
}

/// Builds one guest's component.
pub fn component(name: &str) -> Vec<u8> {
    guest(name).component
}

/// Makes a component for the world `renderer-plugin` of a core module.
pub fn renderer(module: Vec<u8>) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    encode_module(&Header::plain("", &default_world()), module)
}

/// Builds one guest; panics, naming the file, where that is not possible.
pub fn guest(name: &str) -> Guest {
    let path = folder().join(format!("{name}.wat"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let header = Header::of(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let component = encode(&header, &text).unwrap_or_else(|error| panic!("{}: {error:#}", path.display()));
    Guest {
        name: name.to_owned(),
        about: header.about,
        component,
        grants: header.grants,
        limits: header.limits,
        cases: header.cases,
    }
}

/// Cuts bytes off at several places: within the magic number, after it, within and between sections, and just before the
/// end. A cut between two sections can leave a well-formed component, though one that lacks something.
pub fn truncated(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut lengths = vec![0, 1, 4, 7, 8, 9, 12, bytes.len().saturating_sub(1)];
    lengths.extend((1..16).map(|sixteenths| bytes.len() * sixteenths / 16));
    lengths.retain(|length| *length < bytes.len());
    lengths.sort_unstable();
    lengths.dedup();
    lengths.into_iter().map(|length| bytes[..length].to_vec()).collect()
}

/// Makes up bytes; the same seed gives the same ones (xorshift64*).
pub fn random(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(|| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_be_bytes()[0]
    })
    .take(length)
    .collect()
}

/// Replaces a few bytes after the component's header by made-up ones, so that a reader gets past the first check.
pub fn corrupted(bytes: &[u8], seed: u64, replacements: usize) -> Vec<u8> {
    let mut corrupted = bytes.to_vec();
    let body = &mut corrupted[8..];
    for made_up in random(seed, replacements * 5).chunks_exact(5) {
        let at = u32::from_le_bytes([made_up[0], made_up[1], made_up[2], made_up[3]]) as usize % body.len();
        body[at] = made_up[4];
    }
    corrupted
}

/// Wraps an empty component in others, `depth` levels deep. The text format cannot: its parser stops at 100 parentheses.
/// 10,000 levels are 120 KB that take a validator seconds and a compiler gigabytes, and no limit of theirs forbids it.
pub fn nested(depth: usize) -> Vec<u8> {
    /// `\0asm`, version 13, layer 1: a component.
    const HEADER: [u8; 8] = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
    const COMPONENT_SECTION: u8 = 4;
    (0..depth).fold(HEADER.to_vec(), |inner, _| {
        let mut outer = HEADER.to_vec();
        outer.push(COMPONENT_SECTION);
        // The section's size in LEB128: seven bits a byte, the lowest first, the top bit set where more follow.
        let mut size = inner.len();
        while size >= 0x80 {
            outer.push(size.to_le_bytes()[0] | 0x80);
            size >>= 7;
        }
        outer.push(size.to_le_bytes()[0]);
        outer.extend(inner);
        outer
    })
}

/// What a file's `;;!` lines say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    about: String,
    #[serde(default = "default_world")]
    world: String,
    /// A folder beside the file whose WIT files are added to the project's, or stand in place of those of the same name.
    wit: Option<String>,
    /// The ABI version that the guest was built for.
    abi: Option<String>,
    /// Whether the core module becomes a component.
    #[serde(default = "default_encode")]
    encode: bool,
    /// What its pack's manifest asks for.
    #[serde(default)]
    grants: Vec<String>,
    /// How many core modules with a function `run` the guest is given to import, as `part-0`, `part-1`, …
    #[serde(default)]
    parts: usize,
    #[serde(default)]
    limits: Limits,
    cases: Vec<Case>,
}

impl Header {
    /// That of a guest of which nothing else is said.
    fn plain(about: &str, world: &str) -> Self {
        Self {
            about: about.to_owned(),
            world: world.to_owned(),
            wit: None,
            abi: None,
            encode: true,
            grants: Vec::new(),
            parts: 0,
            limits: Limits::default(),
            cases: Vec::new(),
        }
    }

    fn of(text: &str) -> Result<Self, String> {
        let header: Self = toml::from_str(&header_lines(text)).map_err(|error| error.to_string())?;
        if header.cases.is_empty() { Err("no [[cases]]".to_owned()) } else { Ok(header) }
    }
}

/// The TOML of a file's `;;!` lines.
fn header_lines(text: &str) -> String {
    text.lines()
        .filter_map(|line| line.strip_prefix(";;!"))
        .fold(String::new(), |toml, line| toml + line.trim_start() + "\n")
}

fn default_template() -> String {
    DEFAULT_TEMPLATE.to_owned()
}

fn default_world() -> String {
    "renderer-plugin".to_owned()
}

fn default_encode() -> bool {
    true
}

pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folder() -> PathBuf {
    project().join("fixtures/guests")
}

/// Translates a guest's text into the bytes of a component.
fn encode(header: &Header, text: &str) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    encode_module(header, wat::parse_str(repeat(text)?)?)
}

fn encode_module(header: &Header, mut module: Vec<u8>) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    if !header.encode || wasmparser::Parser::is_component(&module) {
        return Ok(module);
    }
    let (resolve, world) = world(header)?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    // What is wrong with a guest must be found by the host, not here, so the encoder's own validation stays off.
    let mut encoder = ComponentEncoder::default().module(&module)?.validate(false);
    for part in 0..header.parts {
        encoder = encoder.adapter(&format!("part-{part}"), &wat::parse_str("(module (func (export \"run\")))")?)?;
    }
    Ok(encoder.encode()?)
}

/// Resolves the world that a guest was built for.
fn world(header: &Header) -> Result<(Resolve, WorldId), Box<dyn std::error::Error>> {
    let mut folders = vec![project().join("wit")];
    folders.extend(header.wit.as_ref().map(|wit| folder().join(wit)));
    let mut files = BTreeMap::new();
    for path in folders.iter().map(fs::read_dir).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
        let path = path?.path();
        if path.extension().is_some_and(|extension| extension == "wit") {
            files.insert(path.file_name().map(ToOwned::to_owned), path);
        }
    }
    let mut sources = SourceMap::default();
    for path in files.values() {
        let text = fs::read_to_string(path)?;
        sources.push(path, header.abi.as_ref().map_or(text.clone(), |abi| text.replace(ABI, abi)));
    }
    let mut resolve = Resolve::default();
    let group = sources.parse().map_err(|(_, error)| error.to_string())?;
    let package = resolve.push_group(group)?;
    let world = resolve.select_world(&[package], Some(&header.world))?;
    Ok((resolve, world))
}

/// Writes the lines between `;;repeat COUNT` and `;;end` COUNT times, with `{n}` replaced by 0, 1, …
fn repeat(text: &str) -> Result<String, String> {
    let mut repeated = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(count) = line.trim_start().strip_prefix(";;repeat ") else {
            repeated += line;
            repeated.push('\n');
            continue;
        };
        let count: usize = count.trim().parse().map_err(|error| format!("`{line}`: {error}"))?;
        let body: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != ";;end").collect();
        for n in 0..count {
            for line in &body {
                writeln!(repeated, "{}", line.replace("{n}", &n.to_string())).map_err(|error| error.to_string())?;
            }
        }
    }
    Ok(repeated)
}
