//! What of the values that a user gives is for which pack.
//!
//! Always true here: each name that was given is one pack's, or an error names all packs that it could mean.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::set::PackSet;
use crate::compose::variables::{ENVIRONMENT_PREFIX, NameGiven, Preset, Scope, Sources, given_names, refused};
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Pack, PackName, Variable, VariableName, VariableOf};
use crate::show;
use crate::text::nearest;

/// What stands before the pack in the header of its answers: in a settings file, and in an answers file.
const IN_SETTINGS: &str = "answers.";
const IN_ANSWERS: &str = "";

/// Values from a settings file: those that name no pack, and those of each pack.
#[derive(Debug, Clone, Default)]
pub struct Presets {
    /// Names that mean the only variable of that name. A table may be a pack's: then it is among those, too.
    pub shared: Preset,
    /// By pack, whether or not there is one of that name.
    pub of: BTreeMap<PackName, Preset>,
}

/// The packs of which each name is a variable's; a variable that takes its value from another pack is no other one.
fn owners(set: &PackSet) -> BTreeMap<&str, Vec<&PackName>> {
    let mut owners: BTreeMap<&str, Vec<&PackName>> = BTreeMap::new();
    for pack in set.packs() {
        let is_own = |variable: &&Variable| set.import(pack, variable).is_none();
        for variable in pack.manifest.variables.iter().filter(is_own) {
            owners.entry(variable.name.as_str()).or_default().push(&pack.manifest.pack.name.value);
        }
    }
    // A name that is only taken from a variable of another name is still a name: that of all packs that have it.
    let mut taken: BTreeMap<&str, Vec<&PackName>> = BTreeMap::new();
    for pack in set.packs() {
        for variable in pack.manifest.variables.iter().filter(|variable| !owners.contains_key(variable.name.as_str())) {
            taken.entry(variable.name.as_str()).or_default().push(&pack.manifest.pack.name.value);
        }
    }
    owners.extend(taken);
    owners
}

/// Whether statements are of use to a pack.
fn asks_graphs(pack: &Pack) -> bool {
    !pack.manifest.queries.is_empty() || pack.manifest.variables.iter().any(|variable| variable.kind.is_graph())
}

/// Says for each pack, in their order, what it is given. A pack that is alone is given all.
///
/// # Errors
/// [`ErrorKind::Variables`] where a name is no variable's; [`ErrorKind::Usage`] where it could mean those of several packs; and
/// for an answers file that is not TOML.
pub fn scopes(set: &PackSet, sources: &Sources, presets: &Presets) -> Result<Vec<Sources>> {
    let packs: BTreeSet<PackName> = set.names().cloned().collect();
    let owners = owners(set);
    if let Some(path) = sources.graphs.first().filter(|_| !set.packs().iter().any(asks_graphs)) {
        let message = format!("the graph {} is for nothing: no pack here has queries", show::quoted(path));
        let finding = Diagnostic::error("variables/unknown", message).help("leave `--graph` out");
        return Err(refused(vec![finding]));
    }
    let is_alone = set.packs().len() == 1 && presets.shared.values.is_empty() && presets.of.is_empty();
    if !is_alone {
        check(set, &owners, sources, presets)?;
    }
    let of = |pack: &PackName| {
        let is_ours = |(name, owners): (&&str, &Vec<&PackName>)| (owners[..] == [pack]).then(|| (*name).to_owned());
        let bare: BTreeSet<String> = owners.iter().filter_map(is_ours).collect();
        let shared = &presets.shared;
        let mut settings = presets.of.get(pack).cloned().unwrap_or_default();
        if settings.path.is_empty() {
            settings.path.clone_from(&shared.path);
        }
        // What is said of the pack itself comes first.
        let is_bare = |name: &str, value: &Value| bare.contains(name) && !is_of_pack(set, name, value);
        settings.values.extend(shared.values.iter().filter(|(name, value, _)| is_bare(name, value)).cloned());
        let settings = Some(settings).filter(|settings| !settings.values.is_empty());
        let scope = Scope { pack: pack.clone(), packs: packs.clone(), bare, is_alone };
        let preset = sources.preset.as_ref().map(|preset| {
            let own = |(name, value, place): &(String, Value, Span)| {
                Some((scope.own(name)?.to_owned(), value.clone(), place.clone()))
            };
            Preset { path: preset.path.clone(), values: preset.values.iter().filter_map(own).collect() }
        });
        Sources { preset, settings, scope: Some(scope), ..sources.clone() }
    };
    Ok(set.names().map(of).collect())
}

/// The variable that a user means by `NAME` or `PACK.NAME`.
///
/// # Errors
/// [`ErrorKind::Variables`] where there is none, with near names; [`ErrorKind::Usage`] where a bare name could mean several,
/// naming all of them.
pub fn variable_named(set: &PackSet, text: &str) -> Result<VariableOf> {
    let of = |pack: &Pack, name: &str| {
        let variable = pack.manifest.variables.iter().find(|variable| variable.name.as_str() == name)?;
        Some(VariableOf { pack: pack.manifest.pack.name.value.clone(), name: variable.name.clone() })
    };
    if let Some((pack, name)) = text.split_once('.') {
        let found = set.position_of(pack).and_then(|position| of(&set.packs()[position], name));
        return found.ok_or_else(|| refused(no_variable(set, (pack, name), None).into_iter().collect()));
    }
    let owners = owners(set);
    match owners.get(text).map(Vec::as_slice) {
        None => {
            let of_one = match set.packs() {
                [pack] => no_variable(set, (pack.manifest.pack.name.value.as_str(), text), None),
                _ => None,
            };
            Err(refused(vec![of_one.unwrap_or_else(|| no_such(&owners, text, None))]))
        }
        Some([pack]) => set
            .position(pack)
            .and_then(|position| of(&set.packs()[position], text))
            .ok_or_else(|| refused(vec![no_such(&owners, text, None)])),
        Some(several) => {
            let mut finding = means_several(text, several, None, "");
            finding.help = Some(format!("name the pack, too: `{}.{text}`", several[0]));
            Err(ambiguous(vec![finding]))
        }
    }
}

fn ambiguous(findings: Vec<Diagnostic>) -> Error {
    Error::new(ErrorKind::Usage, "a name could mean variables of several packs").with_findings(findings)
}

/// Whether a value of a settings file is the table of a pack.
fn is_of_pack(set: &PackSet, name: &str, value: &Value) -> bool {
    value.is_object() && set.position_of(name).is_some()
}

fn check(set: &PackSet, owners: &BTreeMap<&str, Vec<&PackName>>, sources: &Sources, presets: &Presets) -> Result<()> {
    let (mut wrong, mut unknown, mut doubtful) = (Vec::new(), Vec::new(), Vec::new());
    let mut look = |name: &str, place: Option<Span>, source: &str, is_table: bool| match name.split_once('.') {
        Some((pack, variable)) => unknown.extend(no_variable(set, (pack, variable), place.as_ref())),
        None => match owners.get(name).map(Vec::as_slice) {
            None if is_table => unknown.push(no_pack(set, owners, name, place)),
            None => unknown.push(no_such(owners, name, place)),
            Some([_]) => {}
            Some(several) => doubtful.push(means_several(name, several, place, source)),
        },
    };
    for (name, _) in &sources.flags {
        look(name, None, "--var", false);
    }
    for (name, ..) in sources.preset.iter().flat_map(|preset| &preset.values) {
        look(name, None, "--var", false);
    }
    if let Some(answers) = &sources.answers {
        for NameGiven { name, place, in_table } in given_names(answers)? {
            match in_table {
                // A table of a pack's name holds what is that pack's.
                Some(inner) if set.position_of(&name).is_some() => {
                    for (inner, place) in inner {
                        look(&format!("{name}.{inner}"), Some(place), IN_ANSWERS, false);
                    }
                }
                _ if name.contains('.') => wrong.push(in_quotes(set, &name, place, IN_ANSWERS)),
                in_table => look(&name, Some(place), IN_ANSWERS, in_table.is_some()),
            }
        }
    }
    for (name, value, place) in &presets.shared.values {
        match presets.of.get(name.as_str()).filter(|_| is_of_pack(set, name, value)) {
            Some(of) => {
                for (inner, _, place) in &of.values {
                    look(&format!("{name}.{inner}"), Some(place.clone()), IN_SETTINGS, false);
                }
            }
            None if name.contains('.') => wrong.push(in_quotes(set, name, place.clone(), IN_SETTINGS)),
            None if name == "strategy" && !owners.contains_key("strategy") => {
                let help = "the `strategy` of the file stands above the first `[…]`";
                let mut finding = no_such(owners, name, Some(place.clone()));
                finding.help = Some(help.to_owned());
                wrong.push(finding);
            }
            None => look(name, Some(place.clone()), IN_SETTINGS, value.is_object()),
        }
    }
    for name in sources.environment.keys() {
        let variable = name.strip_prefix(ENVIRONMENT_PREFIX).map(str::to_ascii_lowercase);
        let variable = variable.filter(|name| owners.get(name.as_str()).is_some_and(|packs| packs.len() > 1));
        if let Some(variable) = variable {
            look(&variable, None, name, false);
        }
    }
    wrong.append(&mut unknown);
    if !wrong.is_empty() {
        return Err(refused(wrong));
    }
    if doubtful.is_empty() { Ok(()) } else { Err(ambiguous(doubtful)) }
}

/// A key of a file that is written as `"PACK.NAME"`: for TOML that is one name.
fn in_quotes(set: &PackSet, name: &str, place: Span, table: &str) -> Diagnostic {
    let message =
        format!("{} is one name, as it stands in quotes, and no variable has a `.` in its name", show::quoted(name));
    let help = match name.split_once('.') {
        Some((pack, own)) if set.position_of(pack).is_some() && own.parse::<VariableName>().is_ok() => {
            format!("write `{own} = …` below `[{table}{pack}]`")
        }
        _ => format!("write what is a pack's below a table of its name, `[{table}PACK]`"),
    };
    Diagnostic::error("variables/unknown", message).at(place).help(help)
}

/// What is wrong with `PACK.NAME`.
fn no_variable(set: &PackSet, (pack, variable): (&str, &str), place: Option<&Span>) -> Option<Diagnostic> {
    let unknown = |message: String, help: String| {
        let mut finding = Diagnostic::error("variables/unknown", message).help(help);
        finding.span = place.cloned();
        finding
    };
    let Some(found) = set.position_of(pack).and_then(|position| set.packs().get(position)) else {
        let names = set.names().map(PackName::as_str);
        let help = match nearest(pack, names.clone()) {
            Some(near) => format!("did you mean `{near}.{variable}`?"),
            None => format!("the packs are {}", names.collect::<Vec<_>>().join(", ")),
        };
        return Some(unknown(format!("none of the packs is {}", show::quoted(pack)), help));
    };
    let mut names = found.manifest.variables.iter().map(|variable| variable.name.as_str());
    if names.clone().any(|name| name == variable) {
        return None;
    }
    let help = match nearest(variable, names.clone()) {
        Some(near) => format!("did you mean `{pack}.{near}`?"),
        None if names.next().is_none() => "it has no variables at all".to_owned(),
        None => {
            let names = found.manifest.variables.iter().map(|variable| variable.name.as_str());
            format!("its variables are {}", names.take(20).collect::<Vec<_>>().join(", "))
        }
    };
    Some(unknown(format!("the pack `{pack}` has no variable {}", show::quoted(variable)), help))
}

/// A table of answers that is neither a pack's nor a variable's.
fn no_pack(set: &PackSet, owners: &BTreeMap<&str, Vec<&PackName>>, name: &str, place: Option<Span>) -> Diagnostic {
    match nearest(name, set.names().map(PackName::as_str)) {
        Some(near) => {
            let message = format!("none of the packs is {}", show::quoted(name));
            let mut finding = Diagnostic::error("variables/unknown", message).help(format!("did you mean `{near}`?"));
            finding.span = place;
            finding
        }
        None => no_such(owners, name, place),
    }
}

/// A name that no pack has.
fn no_such(owners: &BTreeMap<&str, Vec<&PackName>>, name: &str, place: Option<Span>) -> Diagnostic {
    let names = owners.keys().copied();
    let help = match nearest(name, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if owners.is_empty() => "they have no variables at all".to_owned(),
        None => format!("their variables are {}", names.take(20).collect::<Vec<_>>().join(", ")),
    };
    let message = format!("none of the packs has a variable {}", show::quoted(name));
    let mut finding = Diagnostic::error("variables/unknown", message).help(help);
    finding.span = place;
    finding
}

/// A name that several packs have.
fn means_several(name: &str, packs: &[&PackName], place: Option<Span>, source: &str) -> Diagnostic {
    let all: Vec<String> = packs.iter().map(|pack| format!("`{pack}.{name}`")).collect();
    let message = format!("{} could mean {}", show::quoted(name), all.join(" or "));
    let first = packs[0];
    let help = match (&place, source) {
        (Some(_), table) => format!("write it below `[{table}{first}]`, or `[{table}{}]`", packs[packs.len() - 1]),
        (None, "--var") => format!("name the pack, too: `--var {first}.{name}=…`"),
        (None, source) => format!("unset `{source}`, and use `--var {first}.{name}=…`"),
    };
    let mut finding = Diagnostic::error("variables/ambiguous", message).help(help);
    finding.span = place;
    finding
}
