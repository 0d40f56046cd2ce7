//! What the user gave, without being asked: flags, an answers file, the environment.
//!
//! [`Answers::read`] is the only place here that touches the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use serde_json::Value;
use toml::de::DeValue;

use super::collected::{Collected, Given};
use super::declared::{Declared, environment_name};
use super::finding;
use super::scope::{Imported, Scope};
use super::values::{GivenAt, Origin};
use crate::advice::said;
use crate::diagnostic::{Diagnostic, Marks, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::interrupt::Interrupt;
use crate::pack::manifest::{Findings, TableReader, ValueReader, syntax};
use crate::pack::{Spanned, Variable};
use crate::show;
use crate::values::{Problem, VariableKind};

/// The largest answers file, in bytes.
const MAX_ANSWERS_BYTES: u64 = 10_000_000;

/// How several packs are spoken of that have no variable of a name.
const OF_SEVERAL: [&str; 3] = ["none of the packs has a variable", "they have", "their"];

/// What the user gave; the first has precedence.
#[derive(Clone, Default)]
pub struct Sources {
    /// `--var NAME=VALUE`, in their order. A list may be given by several.
    pub flags: Vec<(String, String)>,
    /// `--answers FILE`.
    pub answers: Option<Answers>,
    /// What a program, or the settings of the user's checks, say for this pack.
    pub preset: Option<Preset>,
    /// What a `compose.toml` says for this pack: it comes after the environment.
    pub settings: Option<Preset>,
    /// `--graph FILE`: files of statements, for the variable of type `graph`, or to be merged with those of the pack where it has
    /// none.
    pub graphs: Vec<String>,
    /// Files of statements that a plan names: merged with those of the pack, whatever variables it has.
    pub pinned_graphs: Vec<String>,
    /// Environment variables by name; those that don't begin with [`ENVIRONMENT_PREFIX`](super::ENVIRONMENT_PREFIX) are of no interest.
    pub environment: BTreeMap<String, String>,
    /// Answers by name, for trials: they count where there is nobody to ask, or only a default. They are not checked.
    pub samples: BTreeMap<String, Value>,
    /// Whether several packs are given the same: a name that one does not have is another's then. See [`strays`].
    pub shared: bool,
    /// What is this pack's of what is given to packs that are generated together.
    pub scope: Option<Scope>,
    /// The values of variables that are taken from other packs, by their names here.
    pub imported: BTreeMap<String, Imported>,
    /// Variables, by their names here, that are taken from other packs in which they have no value that will do: they have none
    /// either, unless one is given.
    pub unknown: BTreeSet<String>,
}

/// Values for one pack in a file, or of a program.
#[derive(Clone, Default)]
pub struct Preset {
    /// The file as the user knows it.
    pub path: String,
    /// Names and values, each with its place.
    pub values: Vec<(String, Value, Span)>,
}

/// The text of an answers file: TOML with the names of variables as keys.
#[derive(Clone)]
pub struct Answers {
    /// The file as the user knows it.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl Sources {
    /// Adds the argument of a `--var`. Errors are of kind `Usage`.
    pub fn add_flag(&mut self, assignment: &str) -> Result<()> {
        let Some((name, value)) = assignment.split_once('=') else {
            // It may be a secret that lost its name, so it is not repeated.
            return Err(Error::new(ErrorKind::Usage, "`--var` needs NAME=VALUE, and there is no `=`")
                .hint("for instance `--var crate_name=orders`"));
        };
        if name.trim() != name {
            let name = show::quoted(&format!("--var {}=…", name.trim()));
            return Err(Error::new(ErrorKind::Usage, "`--var` needs NAME=VALUE, but there are spaces around the name")
                .hint(format!("write {name}: spaces after the `=` would be part of the value")));
        }
        self.flags.push((name.to_owned(), value.to_owned()));
        Ok(())
    }
}

impl Sources {
    /// The name that a flag has for this pack; none where it is another pack's.
    fn own<'n>(&self, name: &'n str) -> Option<&'n str> {
        self.scope.as_ref().map_or(Some(name), |scope| scope.own(name))
    }

    /// The names that were given a value, as this pack has them, but for those in files.
    pub(crate) fn own_names(&self) -> impl Iterator<Item = &str> {
        let preset = self.preset.iter().flat_map(|preset| &preset.values);
        self.flags.iter().filter_map(|(name, _)| self.own(name)).chain(preset.map(|(name, ..)| name.as_str()))
    }

    /// What was given for variables that are secrets, by a flag or a preset.
    pub(crate) fn secrets_among(&self, declared: &Declared<'_>) -> Vec<String> {
        let is_secret = |name: &str| {
            let of_name = |variable: &&Variable| variable.name.as_str() == name;
            declared.variables.iter().find(of_name).is_some_and(Variable::is_secret)
        };
        let preset = self.preset.iter().chain(&self.settings).flat_map(|preset| &preset.values);
        let preset = preset.filter_map(|(name, value, _)| Some((name.as_str(), value.as_str()?)));
        let flags = self.flags.iter().filter_map(|(name, value)| Some((self.own(name)?, value.as_str())));
        flags.chain(preset).filter(|(name, _)| is_secret(name)).map(|(_, value)| value.to_owned()).collect()
    }
}

impl Answers {
    /// Reads an answers file of at most 10 MB, or what a pipe of that name gives.
    ///
    /// Errors: `NotFound`, `Io`, `Interrupted`, and `Usage` for a file that is too large or not UTF-8.
    pub fn read(path: &Path, interrupt: &Interrupt) -> Result<Self> {
        let shown = path.display().to_string();
        let bytes = files::read_named(path, MAX_ANSWERS_BYTES, interrupt).map_err(|error| match error.kind() {
            std::io::ErrorKind::FileTooLarge => {
                Error::new(ErrorKind::Usage, format!("the answers file `{shown}` is larger than 10 MB"))
            }
            std::io::ErrorKind::NotFound => {
                Error::new(ErrorKind::NotFound, format!("there is no answers file `{shown}`")).caused_by(error)
            }
            std::io::ErrorKind::Interrupted => Error::new(ErrorKind::Interrupted, "interrupted"),
            _ => Error::io(format!("cannot read the answers file `{shown}`"), error),
        })?;
        // Nobody knows yet whether there are secrets in it, so no line of it is shown.
        let text = syntax::decode(&shown, bytes).map_err(|finding| unreadable(&shown, vec![*finding], true))?;
        Ok(Self { path: shown, text })
    }
}

/// The names of the variables that the user gave a value to, whether or not it will do.
///
/// # Errors
/// For an answers file that is not TOML.
pub fn given(declared: &Declared<'_>, sources: &Sources) -> Result<BTreeSet<String>> {
    let Collected { given, .. } = collect(declared, sources, &mut Vec::new())?;
    Ok(given.keys().map(|index| declared.variables[*index].name.to_string()).collect())
}

/// What is wrong with what the user gave for a pack, as far as that can be said without evaluating anything.
///
/// # Errors
/// For an answers file that is not TOML.
pub fn mistakes(declared: &Declared<'_>, sources: &Sources) -> Result<Vec<Diagnostic>> {
    let mut findings = Vec::new();
    collect(declared, sources, &mut findings)?;
    Ok(findings)
}

/// Names that the user gave a value to for several packs, of which none has such a variable; `names` are those that they have.
///
/// # Errors
/// For an answers file that is not TOML.
pub fn strays(names: &BTreeSet<String>, sources: &Sources) -> Result<Vec<Diagnostic>> {
    let mut strays: Vec<Diagnostic> = Vec::new();
    let known = || names.iter().map(String::as_str);
    for (name, _) in sources.flags.iter().filter(|(name, _)| !names.contains(name)) {
        strays.push(finding::unknown(OF_SEVERAL, name, known(), None));
    }
    if let Some(Answers { path, text }) = &sources.answers {
        let table = syntax::parse(path, text).map_err(|found| unreadable(path, found, true))?;
        let (conversion, marks) = (Findings::new(path, text), Marks::of(text));
        for (name, value) in TableReader::root(&conversion, &table).all() {
            if !names.contains(&name.value) {
                // Its line could hold a secret.
                let place = Span { excerpt: None, ..marks.span(&**path, text, value.range()) };
                strays.push(finding::unknown(OF_SEVERAL, &name.value, known(), Some(place)));
            }
        }
    }
    Ok(strays)
}

/// A key of an answers file.
#[derive(Debug)]
pub struct NameGiven {
    /// The key.
    pub name: String,
    /// Where its value stands; without the line, which could hold a secret.
    pub place: Span,
    /// Where the value is a table, its keys, each with the place of its value.
    pub in_table: Option<Vec<(String, Span)>>,
}

/// The keys of an answers file.
///
/// # Errors
/// For an answers file that is not TOML.
pub fn given_names(answers: &Answers) -> Result<Vec<NameGiven>> {
    let Answers { path, text } = answers;
    let table = syntax::parse(path, text).map_err(|found| unreadable(path, found, true))?;
    let (conversion, marks) = (Findings::new(path, text), Marks::of(text));
    let place = |value: &ValueReader<'_, '_>| Span { excerpt: None, ..marks.span(&**path, text, value.range()) };
    let named = TableReader::root(&conversion, &table).all().into_iter().map(|(name, value)| {
        let at = place(&value);
        let is_table = matches!(value.raw(), DeValue::Table(_));
        let inner = is_table.then(|| value.table("a pack's answers")).flatten().map(TableReader::all);
        let in_table = inner.map(|all| all.into_iter().map(|(name, value)| (name.value, place(&value))).collect());
        NameGiven { name: name.value, place: at, in_table }
    });
    Ok(named.collect())
}

/// Collects what was given for each variable; what is wrong with it goes to `findings`.
///
/// The error is for an answers file that is not TOML.
pub(super) fn collect(declared: &Declared<'_>, sources: &Sources, findings: &mut Vec<Diagnostic>) -> Result<Collected> {
    let mut collected = Collected::default();
    collect_flags(declared, sources, &mut collected, findings);
    collect_graphs(declared, sources, &mut collected, findings);
    if let Some(answers) = &sources.answers {
        collect_answers(declared, (answers, sources), &mut collected, findings)?;
    }
    if let Some(preset) = &sources.preset {
        collect_preset(declared, preset, &mut collected, findings);
    }
    if !sources.environment.is_empty() {
        for (index, variable) in declared.variables.iter().enumerate() {
            let name = environment_name(&variable.name);
            let is_ours = sources.scope.as_ref().is_none_or(|scope| scope.bare.contains(variable.name.as_str()));
            let (Some(text), true) = (sources.environment.get(&name), is_ours) else { continue };
            let at = || GivenAt { by: Origin::Environment, source: format!("from `{name}`"), place: None };
            if !collected.passes_over(index, || (variable.parse_text(text).ok(), at())) {
                let value = variable.parse_text(text);
                collected.given.insert(index, checked(variable, value, at(), findings));
            }
        }
    }
    if let Some(settings) = &sources.settings {
        collect_preset(declared, settings, &mut collected, findings);
    }
    Ok(collected)
}

fn collect_flags(
    declared: &Declared<'_>,
    sources: &Sources,
    collected: &mut Collected,
    findings: &mut Vec<Diagnostic>,
) {
    let mut texts: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    let positions = declared.positions();
    for (name, text) in &sources.flags {
        let Some(name) = sources.own(name) else { continue };
        match positions.get(name).copied() {
            Some(index) => texts.entry(index).or_default().push(text),
            None if sources.shared => {}
            None => findings.push(finding::unknown_here(declared, name, None)),
        }
    }
    for (index, texts) in texts {
        let variable = &declared.variables[index];
        let value = match texts[..] {
            [text] => variable.parse_text(text),
            _ => parse_several(variable, &texts),
        };
        let source = said("from `--var`", "from its text").to_owned();
        let at = GivenAt { by: Origin::Flag, source, place: None };
        collected.given.insert(index, checked(variable, value, at, findings));
    }
}

/// Takes what `--graph` gives for the only variable that is a graph; where there is none, it is for queries.
fn collect_graphs(
    declared: &Declared<'_>,
    sources: &Sources,
    collected: &mut Collected,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(path) = sources.graphs.first() else { return };
    let graphs = declared.variables.iter().enumerate().filter(|(_, variable)| variable.kind.is_graph());
    let graphs: Vec<(usize, &Variable)> = graphs.collect();
    let at = || GivenAt { by: Origin::Flag, source: "from `--graph`".to_owned(), place: None };
    match graphs[..] {
        [] => {}
        [(index, variable)] => {
            let count = sources.graphs.len() + usize::from(collected.given.contains_key(&index));
            let value = if count == 1 { variable.parse_text(path) } else { Err(Problem::of_count(count)) };
            collected.given.insert(index, checked(variable, value, at(), findings));
        }
        _ => {
            let names: Vec<String> = graphs.iter().map(|(_, variable)| format!("`{}`", variable.name)).collect();
            let message = format!("`--graph` could mean {}", names.join(" or "));
            let help = format!("name the variable: `--var {}=FILE`", graphs[0].1.name);
            findings.push(Diagnostic::error("variables/ambiguous", message).help(help));
        }
    }
}

/// Joins the items of several flags to one list.
fn parse_several(variable: &Variable, texts: &[&str]) -> Result<Value, Problem> {
    if !matches!(variable.kind, VariableKind::List { .. }) {
        return Err(Problem::of_count(texts.len()));
    }
    let mut items = Vec::new();
    let mut has_empty = false;
    for text in texts {
        match variable.read_text(text)? {
            Value::Array(more) => {
                has_empty |= more.is_empty();
                items.extend(more);
            }
            item => items.push(item),
        }
    }
    if has_empty && !items.is_empty() {
        return Err(Problem::of_contradiction());
    }
    let list = Value::Array(items);
    variable.check(&list)?;
    Ok(list)
}

fn collect_answers(
    declared: &Declared<'_>,
    (answers, sources): (&Answers, &Sources),
    collected: &mut Collected,
    findings: &mut Vec<Diagnostic>,
) -> Result<()> {
    let (hide, before) = (declared.variables.iter().any(Variable::is_secret), findings.len());
    let table = syntax::parse(&answers.path, &answers.text).map_err(|found| unreadable(&answers.path, found, hide))?;
    let conversion = Findings::new(&answers.path, &answers.text);
    let (positions, marks) = (declared.positions(), Marks::of(&answers.text));
    let mut late = Vec::new();
    for (name, value) in own_answers(sources, TableReader::root(&conversion, &table)) {
        let mut place = marks.span(&*answers.path, &answers.text, value.range());
        if hide {
            place.excerpt = None;
        }
        let Some(index) = positions.get(name.value.as_str()).copied() else {
            if !sources.shared {
                findings.push(finding::unknown_here(declared, &name.value, Some(place)));
            }
            continue;
        };
        let at = in_file(&answers.path, place);
        if collected.given.contains_key(&index) {
            late.push((index, value.range(), at));
            continue;
        }
        let given = match value.json() {
            Some(value) => checked_in_file(&declared.variables[index], &value.value, at, findings),
            // The conversion says what is wrong, and that nobody else gives the value does not need to be said.
            None => Given::Invalid(at),
        };
        collected.given.insert(index, given);
    }
    if !late.is_empty() {
        // What is wrong with a value that does not count is nobody's concern.
        let aside = Findings::new(&answers.path, &answers.text);
        let all = own_answers(sources, TableReader::root(&aside, &table)).into_iter();
        let mut values: BTreeMap<usize, _> = all.map(|(_, value)| (value.range().start, value)).collect();
        for (index, range, at) in late {
            let value = values.remove(&range.start).and_then(ValueReader::json).map(|value| value.value);
            collected.passes_over(index, || (value, at));
        }
    }
    findings.extend(conversion.into_sorted().into_iter().map(|mut finding| {
        "variables/invalid".clone_into(&mut finding.rule);
        if hide { without_excerpt(finding) } else { finding }
    }));
    findings[before..].sort_by_key(|finding| finding.span.as_ref().map(|span| span.start));
    Ok(())
}

fn collect_preset(declared: &Declared<'_>, preset: &Preset, collected: &mut Collected, findings: &mut Vec<Diagnostic>) {
    let positions = declared.positions();
    for (name, value, place) in &preset.values {
        let Some(index) = positions.get(name.as_str()).copied() else {
            findings.push(finding::unknown_here(declared, name, Some(place.clone())));
            continue;
        };
        let at = || in_file(&preset.path, place.clone());
        if !collected.passes_over(index, || (Some(value.clone()), at())) {
            let given = checked_in_file(&declared.variables[index], value, at(), findings);
            collected.given.insert(index, given);
        }
    }
}

/// What of an answers file is for a pack.
fn own_answers<'a, 't>(sources: &Sources, root: TableReader<'a, 't>) -> Vec<(Spanned<String>, ValueReader<'a, 't>)> {
    match &sources.scope {
        Some(scope) => scope.own_answers(root.all()),
        None => root.all(),
    }
}

fn in_file(path: &str, place: Span) -> GivenAt {
    GivenAt { by: Origin::Answers, source: format!("from `{path}`"), place: Some(place) }
}

/// Checks a value that was read from a text by the variable's type.
fn checked(variable: &Variable, value: Result<Value, Problem>, at: GivenAt, findings: &mut Vec<Diagnostic>) -> Given {
    match value {
        Ok(value) => Given::Value(value, at),
        Err(problem) => {
            findings.push(finding::invalid(variable, &problem, &at.source, (None, None)));
            Given::Invalid(at)
        }
    }
}

/// Checks a value that stands in a file of the user's.
fn checked_in_file(variable: &Variable, value: &Value, at: GivenAt, findings: &mut Vec<Diagnostic>) -> Given {
    match variable.check(value) {
        Ok(()) => Given::Value(value.clone(), at),
        Err(problem) => {
            findings.push(finding::invalid(variable, &problem, &at.source, (at.place.clone(), Some(value))));
            Given::Invalid(at)
        }
    }
}

fn unreadable(path: &str, findings: Vec<Diagnostic>, hide: bool) -> Error {
    let renamed = findings.into_iter().map(|mut finding| {
        "answers/syntax".clone_into(&mut finding.rule);
        if hide { without_excerpt(finding) } else { finding }
    });
    Error::new(ErrorKind::Usage, format!("the answers file `{path}` is not valid TOML"))
        .with_findings(renamed.collect())
        .hint("an answers file has a line `NAME = VALUE` for each variable, for instance `name = \"orders\"`, `port = 8080`, \
               `tests = true`, `hosts = [\"a\", \"b\"]`; JSON and YAML are not read")
}

/// Leaves out the line of text, which could hold a secret.
fn without_excerpt(mut finding: Diagnostic) -> Diagnostic {
    if let Some(span) = &mut finding.span {
        span.excerpt = None;
    }
    finding
}

impl fmt::Debug for Sources {
    /// Shows the names only, because the values may be secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags: Vec<_> = self.flags.iter().map(|(name, _)| name).collect();
        let environment: Vec<_> = self.environment.keys().collect();
        formatter
            .debug_struct("Sources")
            .field("flags", &flags)
            .field("answers", &self.answers)
            .field("preset", &self.preset)
            .field("environment", &environment)
            .field("samples", &self.samples.keys())
            .field("shared", &self.shared)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Preset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.values.iter().map(|(name, ..)| name).collect();
        formatter.debug_struct("Preset").field("path", &self.path).field("names", &names).finish()
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Answers").field("path", &self.path).finish_non_exhaustive()
    }
}
