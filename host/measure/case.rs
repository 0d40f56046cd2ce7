//! A case beside a plugin: a folder with `case.toml`, what goes in, and what must come out.
//!
//! Always true here: unknown keys are errors; everything is read within bounds; nothing runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::asking::{Asking, GraphFile};
use super::tree::{files_below, read_file};
use crate::engine::{CallFile, Input, LimitRequest, Limits, Role};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::query::Notation;
use crate::text::printable_line;

/// Cases of one plugin at the most.
pub const MAX_CASES: usize = 1_000;
/// The largest `case.toml`, in bytes.
const MAX_CASE_BYTES: u64 = 1 << 20;
/// What one case may hand in, in bytes.
const MAX_INPUT_BYTES: u64 = Limits::CEILING.input;

/// What cases of which plugins have.
const OTHERS: &str =
    "a case of a renderer has a `template`, of a validator a `pack`, of a merger `merge`, of a query engine a `query`";

/// `case.toml`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    #[serde(default)]
    about: String,
    template: Option<String>,
    #[serde(rename = "as")]
    seen_as: Option<String>,
    context: Option<Map<String, Value>>,
    locals: Option<Map<String, Value>>,
    #[serde(default)]
    options: Map<String, Value>,
    partials: Option<String>,
    pack: Option<String>,
    merge: Option<String>,
    policy: Option<String>,
    base: Option<String>,
    #[serde(default)]
    sides: Vec<SideFile>,
    query: Option<String>,
    #[serde(default)]
    graphs: Vec<GraphEntry>,
    #[serde(default)]
    mentions: Vec<String>,
    fuel: Option<u64>,
    outcome: Option<String>,
    #[serde(default)]
    limits: BTreeMap<String, toml::Value>,
}

/// An element of `sides`: a file of the case's folder, and who wants the merged one to be like that.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SideFile {
    owner: String,
    file: String,
}

/// An element of `graphs`: a file of the case's folder, and the graph that its statements go to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GraphEntry {
    file: String,
    graph: Option<String>,
    notation: Option<Notation>,
}

/// A case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its folder's name.
    pub name: String,
    /// What it shows.
    pub about: String,
    /// Its folder.
    pub folder: PathBuf,
    /// What goes in.
    pub given: Given,
    /// Texts that findings or the stop must contain.
    pub mentions: Vec<String>,
    /// The most fuel that it may take.
    pub fuel: Option<u64>,
    /// How the call is to end, as the first line of `outcome.txt` has it.
    pub outcome: Option<String>,
    /// What it says about limits.
    pub limits: LimitRequest,
}

/// What goes in.
#[derive(Debug, Clone)]
pub enum Given {
    /// All that a renderer, a merger or a query engine is given.
    Call(Input),
    /// A pack for a validator, and the options of its rules.
    Pack(PathBuf, Map<String, Value>),
}

impl Case {
    /// Reads all cases below a folder, in the order of their names; `filter` is a part of a name.
    ///
    /// # Errors
    /// `Usage` for the first case that can't be read, or where there are too many; `Io`.
    pub fn read_all(cases: &Path, filter: Option<&str>, roles: &[Role]) -> Result<Vec<Self>> {
        let shown = printable_line(&cases.display().to_string());
        let entries = match std::fs::read_dir(cases) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::io(format!("cannot read the folder `{shown}`"), error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| Error::io(format!("cannot read the folder `{shown}`"), error))?;
            if entry.path().join("case.toml").is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
            if names.len() > MAX_CASES {
                return Err(Error::new(ErrorKind::Usage, format!("`{shown}` has more than {MAX_CASES} cases")));
            }
        }
        names.sort();
        let wanted = names.into_iter().filter(|name| filter.is_none_or(|filter| name.contains(filter)));
        wanted.map(|name| Self::read(&cases.join(&name), &name, roles)).collect()
    }

    fn read(folder: &Path, name: &str, roles: &[Role]) -> Result<Self> {
        let path = folder.join("case.toml");
        let shown = printable_line(&path.display().to_string());
        let wrong = |why: String| Error::new(ErrorKind::Usage, format!("`{shown}` {why}"));
        let text = files::decode(read_file(&path, MAX_CASE_BYTES)?)
            .map_err(|error| error.error(ErrorKind::Usage, &format!("`{shown}`"), &shown))?;
        let file: CaseFile = toml::from_str(&text).map_err(|error| {
            wrong("is not a case".into())
                .caused_by(printable_line(error.to_string().trim()))
                .hint("docs/plugin-tools.md lists the keys")
        })?;
        let mut limits = LimitRequest::default();
        for (name, value) in &file.limits {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if name == "stack" {
                return Err(wrong("sets `stack`, which is the same for all cases".into())
                    .hint("set it in `packbox-plugin.toml`, or with `--limit`"));
            }
            limits.set(name, &value)?;
        }
        let below = |what: &str, name: &str| -> Result<PathBuf> {
            let path: std::result::Result<crate::pack::PackPath, _> = name.parse();
            match path {
                Ok(path) => Ok(folder.join(path.as_str())),
                Err(error) => Err(wrong(format!("has an invalid path as `{what}`: {error}"))),
            }
        };
        if let Some((key, whose)) = file.misplaced() {
            return Err(wrong(format!("has `{key}`, which is for {whose}")));
        }
        let given = match (&file.template, &file.pack, &file.merge, &file.query) {
            (Some(template), None, None, None) => {
                if !roles.contains(&Role::Renderer) {
                    return Err(wrong("has a `template`, but the component is not a renderer".into()).hint(OTHERS));
                }
                Given::Call(render(&file, template, folder, &below)?)
            }
            (None, Some(pack), None, None) => {
                if !roles.contains(&Role::Validator) {
                    return Err(wrong("has a `pack`, but the component is not a validator".into()).hint(OTHERS));
                }
                Given::Pack(below("pack", pack)?, file.options.clone())
            }
            (None, None, Some(path), None) => {
                if !roles.contains(&Role::Merger) {
                    return Err(wrong("has `merge`, but the component is not a merger".into()).hint(OTHERS));
                }
                let Some(policy) = &file.policy else { return Err(wrong("has `merge`, but no `policy`".into())) };
                if file.sides.len() < 2 {
                    return Err(wrong("needs two `[[sides]]` or more".into())
                        .hint("what only one owner wants is taken as it is, and no merger is called"));
                }
                Given::Call(merge(&file, (path, policy), &below)?)
            }
            (None, None, None, Some(query)) => {
                if !roles.contains(&Role::QueryEngine) {
                    return Err(wrong("has a `query`, but the component is not a query engine".into()).hint(OTHERS));
                }
                Given::Call(asked(&file, query, &below)?)
            }
            _ => return Err(wrong("must have one of `template`, `pack`, `merge` and `query`".into())),
        };
        Ok(Self {
            name: name.to_owned(),
            about: file.about,
            folder: folder.to_owned(),
            given,
            mentions: file.mentions,
            fuel: file.fuel,
            outcome: file.outcome,
            limits,
        })
    }

    /// The limits of its call: its own word before the project's, and the user's above both.
    #[must_use]
    pub fn effective(&self, project: &LimitRequest, user: &LimitRequest) -> Limits {
        let role = match &self.given {
            Given::Call(input) => input.function().role(),
            Given::Pack(..) => Role::Validator,
        };
        LimitRequest::effective_of(&role.limits(), &self.limits.or(project), user)
    }
}

impl CaseFile {
    /// A key that is for plugins of another kind, and which kind that is.
    fn misplaced(&self) -> Option<(&'static str, &'static str)> {
        let renders = [
            ("as", self.seen_as.is_some()),
            ("context", self.context.is_some()),
            ("locals", self.locals.is_some()),
            ("partials", self.partials.is_some()),
        ];
        let merges =
            [("policy", self.policy.is_some()), ("base", self.base.is_some()), ("sides", !self.sides.is_empty())];
        let renders = renders.into_iter().map(|(key, there)| (key, "renderers", there && self.template.is_none()));
        let merges = merges.into_iter().map(|(key, there)| (key, "mergers", there && self.merge.is_none()));
        let asks = [("graphs", "query engines", !self.graphs.is_empty() && self.query.is_none())];
        let mut all = renders.chain(merges).chain(asks);
        all.find(|(_, _, misplaced)| *misplaced).map(|(key, whose, _)| (key, whose))
    }
}

/// All that a merger is given.
fn merge(
    file: &CaseFile,
    (path, policy): (&str, &str),
    below: &dyn Fn(&str, &str) -> Result<PathBuf>,
) -> Result<Input> {
    let read = |what: &str, name: &str| read_file(&below(what, name)?, MAX_INPUT_BYTES);
    let owners = file.sides.iter().map(|side| side.owner.as_str());
    if let Some(twice) =
        owners.clone().enumerate().find(|(at, owner)| owners.clone().take(*at).any(|one| one == *owner))
    {
        let owner = printable_line(twice.1);
        return Err(Error::new(ErrorKind::Usage, format!("a case of a merger names the owner `{owner}` twice")));
    }
    let side = |side: &SideFile| Ok(CallFile { path: side.owner.clone(), contents: read("file", &side.file)? });
    Ok(Input::Merge {
        path: path.to_owned(),
        policy: policy.to_owned(),
        options: json(&file.options),
        base: file.base.as_ref().map(|base| read("base", base)).transpose()?,
        sides: file.sides.iter().map(side).collect::<Result<_>>()?,
    })
}

/// All that a query engine is given.
fn asked(file: &CaseFile, query: &str, below: &dyn Fn(&str, &str) -> Result<PathBuf>) -> Result<Input> {
    let read = |what: &str, path: &str| -> Result<CallFile> {
        Ok(CallFile { path: path.to_owned(), contents: read_file(&below(what, path)?, MAX_INPUT_BYTES)? })
    };
    let graph = |entry: &GraphEntry| {
        let file = read("file", &entry.file)?;
        let graph = entry.graph.clone();
        Ok(match entry.notation {
            Some(notation) => GraphFile { file, notation, graph },
            None => GraphFile { graph, ..GraphFile::named(file)? },
        })
    };
    let graphs = file.graphs.iter().map(graph).collect::<Result<Vec<_>>>()?;
    Ok(Asking::read(&file.options)?.ask(&read("query", query)?, graphs))
}

fn render(
    file: &CaseFile,
    template: &str,
    folder: &Path,
    below: &dyn Fn(&str, &str) -> Result<PathBuf>,
) -> Result<Input> {
    let contents = read_file(&below("template", template)?, MAX_INPUT_BYTES)?;
    let context = match &file.context {
        Some(context) => json(context),
        None => match read_file(&folder.join("context.json"), MAX_INPUT_BYTES) {
            Ok(bytes) => object(bytes, &folder.join("context.json"))?,
            Err(error) if error.kind() == ErrorKind::NotFound => b"{}".to_vec(),
            Err(error) => return Err(error),
        },
    };
    let partials = match &file.partials {
        Some(partials) => {
            let path = below("partials", partials)?;
            if !path.is_dir() {
                let shown = printable_line(&path.display().to_string());
                return Err(Error::new(ErrorKind::NotFound, format!("there is no folder `{shown}`")));
            }
            files_below(&path, MAX_INPUT_BYTES)?
        }
        None => files_below(&folder.join("partials"), MAX_INPUT_BYTES)?,
    };
    let path = file.seen_as.clone().unwrap_or_else(|| template.to_owned());
    Ok(Input::Render {
        context,
        partials: partials.into_iter().map(|(path, contents)| CallFile { path, contents }).collect(),
        template: CallFile { path, contents },
        locals: file.locals.as_ref().map_or_else(|| b"{}".to_vec(), json),
        options: json(&file.options),
    })
}

fn json(object: &Map<String, Value>) -> Vec<u8> {
    // A map of JSON values always serializes.
    serde_json::to_vec(object).unwrap_or_default()
}

/// Checks that bytes are a JSON object.
fn object(bytes: Vec<u8>, path: &Path) -> Result<Vec<u8>> {
    let shown = printable_line(&path.display().to_string());
    let text = files::decode(bytes).map_err(|error| error.error(ErrorKind::Usage, &format!("`{shown}`"), &shown))?;
    serde_json::from_str::<Map<String, Value>>(&text)
        .map(|_| text.into_bytes())
        .map_err(|error| Error::new(ErrorKind::Usage, format!("`{shown}` is not a JSON object")).caused_by(error))
}
