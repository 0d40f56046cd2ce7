//! The packs of a composition: [`PackSet`].
//!
//! Always true here: each pack stands after those that it needs, each need is met by a version that will do, and no two have
//! one name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::advice::said;
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::graph;
use crate::pack::{
    Dependency, Import, ListRule, Pack, PackName, Query, QueryName, Variable, VariableName, VariableOf, cycle,
};
use crate::text::nearest;

/// How packs are put together.
#[derive(Debug, Clone, Default)]
pub struct Arrangement {
    /// Whether packs that don't need each other stand in the order in which they were named, and not by name.
    pub as_named: bool,
    /// Variables that are one for several packs.
    pub shares: Vec<Share>,
}

/// A variable that is one for several packs, though they don't say so.
#[derive(Debug, Clone)]
pub struct Share {
    /// Its name, in all of them.
    pub name: VariableName,
    /// The packs; the first has it, the others take their values from there.
    pub packs: Vec<PackName>,
    /// Where that is said.
    pub place: Span,
}

/// Packs that are generated together, in their order.
#[derive(Debug, Clone)]
pub struct PackSet {
    packs: Vec<Pack>,
    /// The one that speaks for all: that was named first.
    leading: usize,
    /// What variables are taken from because the user says so, with the place.
    shared: Shared,
}

type Shared = BTreeMap<VariableOf, (VariableOf, Span)>;

impl From<Pack> for PackSet {
    /// A pack by itself, whatever it needs.
    fn from(pack: Pack) -> Self {
        Self { packs: vec![pack], leading: 0, shared: BTreeMap::new() }
    }
}

impl PackSet {
    /// Puts packs in order: those that were `named`, and what they `need`.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where none was named; [`ErrorKind::Resolution`] where two have one name, where something is needed
    /// that is not among them, or another version of it, and where packs need each other in a circle.
    pub fn of(named: Vec<Pack>, needed: Vec<Pack>, arrangement: &Arrangement) -> Result<Self> {
        let Some(first) = named.first().map(|pack| pack.manifest.pack.name.value.clone()) else {
            return Err(Error::new(ErrorKind::Usage, "no pack is named"));
        };
        let mut by_name: BTreeMap<PackName, (usize, Pack)> = BTreeMap::new();
        for (position, pack) in named.into_iter().chain(needed).enumerate() {
            let name = pack.manifest.pack.name.value.clone();
            if let Some((_, other)) = by_name.get(&name) {
                if other.label == pack.label {
                    continue;
                }
                return Err(twice(other, &pack));
            }
            by_name.insert(name, (position, pack));
        }
        check_versions(by_name.values().map(|(_, pack)| pack))?;
        let missing: Vec<Diagnostic> = by_name.values().flat_map(|(_, pack)| unmet(pack, &by_name)).collect();
        if !missing.is_empty() {
            let detail = match missing.len() {
                1 => "a pack needs another one".to_owned(),
                several => format!("{several} packs are needed"),
            };
            return Err(Error::new(ErrorKind::Resolution, detail).with_findings(missing).hint(said(
                "install it with `packbox install`, or name it, too, as a folder or an archive: `packbox compose` takes several packs",
                "hand it over too: `Packbox::compose` takes several packs",
            )));
        }
        let key = |name: &PackName| {
            let position = by_name.get(name).map_or(0, |(position, _)| *position);
            (if arrangement.as_named { position } else { 0 }, name.clone())
        };
        let shared = shared(&by_name, &arrangement.shares)?;
        let needs = by_name.iter().map(|(name, (_, pack))| {
            let needed = pack.manifest.dependencies.keys().filter(|needed| by_name.contains_key(*needed));
            let takes_from = shared.iter().filter(|(own, _)| own.pack == *name).map(|(_, (from, _))| &from.pack);
            (key(name), needed.chain(takes_from).map(key).collect::<BTreeSet<_>>())
        });
        let needs = needs.collect();
        let order = graph::order(&needs).map_err(|circle| {
            let circle: Vec<&PackName> = circle.iter().map(|(_, name)| name).collect();
            crossed(&circle, &by_name, &shared).unwrap_or_else(|| cycle(circle.into_iter()))
        })?;
        let packs: Vec<Pack> = order.iter().filter_map(|(_, name)| Some(by_name.remove(name)?.1)).collect();
        let leading = packs.iter().position(|pack| pack.manifest.pack.name.value == first).unwrap_or(0);
        Ok(Self { packs, leading, shared })
    }

    /// The variables that are one for several packs because the user says so: the first of the packs has it.
    #[must_use]
    pub fn shared(&self) -> BTreeMap<VariableName, Vec<PackName>> {
        let mut shared: BTreeMap<VariableName, Vec<PackName>> = BTreeMap::new();
        for (own, (from, _)) in &self.shared {
            shared.entry(from.name.clone()).or_insert_with(|| vec![from.pack.clone()]).push(own.pack.clone());
        }
        shared
    }

    /// The packs, each after what it needs.
    #[must_use]
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The pack that was named first.
    #[must_use]
    pub fn leading(&self) -> &Pack {
        &self.packs[self.leading]
    }

    /// These packs, with a query of the user's in the pack that was named first.
    #[must_use]
    pub fn with_query(mut self, name: QueryName, query: Query) -> Self {
        Arc::make_mut(&mut self.packs[self.leading].manifest).queries.insert(name, query);
        self
    }

    /// What a variable of a pack takes its value from, and how, where the other pack is one of these.
    #[must_use]
    pub fn import(&self, pack: &Pack, variable: &Variable) -> Option<Import> {
        let declared = variable.import.as_ref().map(|import| &import.value);
        if let Some(import) = declared.filter(|import| self.position(&import.from.pack).is_some()) {
            return Some(import.clone());
        }
        let (from, _) = self.share(pack, variable)?;
        Some(Import { from: from.clone(), rule: ListRule::Replace })
    }

    /// What a variable of a pack takes its value from because the user says so, and where that is said.
    #[must_use]
    pub fn share(&self, pack: &Pack, variable: &Variable) -> Option<(&VariableOf, &Span)> {
        let own = VariableOf { pack: pack.manifest.pack.name.value.clone(), name: variable.name.clone() };
        self.shared.get(&own).map(|(from, place)| (from, place))
    }

    /// The position of a pack in the order.
    #[must_use]
    pub fn position(&self, name: &PackName) -> Option<usize> {
        self.packs.iter().position(|pack| pack.manifest.pack.name.value == *name)
    }

    /// The position of the pack of a name, which need not be one that packs can have.
    #[must_use]
    pub fn position_of(&self, name: &str) -> Option<usize> {
        self.names().position(|own| own.as_str() == name)
    }

    /// The names of the packs.
    pub fn names(&self) -> impl Iterator<Item = &PackName> + Clone {
        self.packs.iter().map(|pack| &pack.manifest.pack.name.value)
    }
}

/// What variables are taken from because the user says so.
fn shared(packs: &BTreeMap<PackName, (usize, Pack)>, shares: &[Share]) -> Result<Shared> {
    let (mut shared, mut wrong) = (BTreeMap::new(), Vec::new());
    for Share { name, packs: of, place } in shares {
        let mut finding = |message: String, help: String| {
            wrong.push(Diagnostic::error("compose/share", message).at(place.clone()).help(help));
        };
        if of.iter().collect::<BTreeSet<_>>().len() < 2 {
            let message = match of.first() {
                Some(only) => format!("`{name}` is to be shared, and only `{only}` is named"),
                None => format!("`{name}` is to be shared, and no pack is named"),
            };
            let having = packs.iter().filter(|(_, (_, pack))| pack.manifest.variable(name).is_some());
            let having: Vec<String> = having.map(|(pack, _)| format!("\"{pack}\"")).collect();
            let help = match having.len() {
                0 | 1 => "name the packs that have it, the first of which is asked, or leave the line out".to_owned(),
                _ => format!("name all that have it: `{name} = [{}]`", having.join(", ")),
            };
            finding(message, help);
            continue;
        }
        let mut variables = Vec::new();
        for pack in of {
            let Some((_, found)) = packs.get(pack) else {
                let names = packs.keys().map(PackName::as_str);
                let help = match nearest(pack.as_str(), names.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the packs are {}", names.collect::<Vec<_>>().join(", ")),
                };
                finding(format!("`{pack}` is none of the packs"), help);
                continue;
            };
            if found.manifest.variable(name).is_none() {
                let names = found.manifest.variables.iter().map(|variable| variable.name.as_str());
                let help = match nearest(name.as_str(), names.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("its variables are {}", names.take(20).collect::<Vec<_>>().join(", ")),
                };
                finding(format!("the pack `{pack}` has no variable `{name}`"), help);
                continue;
            }
            variables.push(VariableOf { pack: pack.clone(), name: name.clone() });
        }
        if let Some((first, others)) = variables.split_first() {
            let others = others.iter().filter(|other| *other != first);
            shared.extend(others.map(|other| (other.clone(), (first.clone(), place.clone()))));
        }
    }
    wrong.extend(shared.iter().filter_map(|(own, (from, place))| unlike(packs, own, from, place)));
    if wrong.is_empty() { Ok(shared) } else { Err(not_shared(wrong)) }
}

fn not_shared(findings: Vec<Diagnostic>) -> Error {
    Error::new(ErrorKind::Usage, "variables can't be shared like this").with_findings(findings)
}

/// What is wrong with two variables that are to be one.
fn unlike(
    packs: &BTreeMap<PackName, (usize, Pack)>,
    own: &VariableOf,
    from: &VariableOf,
    place: &Span,
) -> Option<Diagnostic> {
    let find = |of: &VariableOf| {
        let (_, pack) = packs.get(&of.pack)?;
        pack.manifest.variable(&of.name).map(|variable| (pack, variable))
    };
    let ((pack, variable), (other, found)) = (find(own)?, find(from)?);
    let finding =
        |message: String, help: String| Diagnostic::error("compose/share", message).at(place.clone()).help(help);
    let import = variable.import.as_ref().filter(|import| packs.contains_key(&import.value.from.pack));
    if let Some(import) = import.filter(|import| import.value.from != *from) {
        let message =
            format!("`{own}` takes the value of `{}`, as its pack says, and not that of `{from}`", import.value.from);
        let mut finding = finding(message, format!("leave out `{}`", own.pack));
        finding.related.push(pack.span(&import.range));
        return Some(finding);
    }
    if found.kind.may_be(&variable.kind) {
        return None;
    }
    let (theirs, ours) = (found.kind.described(), variable.kind.described());
    let message = format!("`{from}` is of type {theirs}, and `{own}` of type {ours}");
    let help = format!("only variables of one type can be shared: leave out `{}`", own.pack);
    let mut finding = finding(message, help);
    finding.related.extend([other.span(&found.range), pack.span(&variable.range)]);
    Some(finding)
}

/// The error for packs in a circle, where it is only there because of what is shared.
fn crossed(circle: &[&PackName], packs: &BTreeMap<PackName, (usize, Pack)>, shared: &Shared) -> Option<Error> {
    let needs = |own: &PackName, other: &PackName| {
        packs.get(own).is_some_and(|(_, pack)| pack.manifest.dependencies.contains_key(other))
    };
    let of_share = circle
        .windows(2)
        .filter(|pair| !needs(pair[0], pair[1]))
        .flat_map(|pair| shared.iter().filter(|(own, (from, _))| own.pack == *pair[0] && from.pack == *pair[1]));
    let names: Vec<&str> = circle.iter().map(|name| name.as_str()).collect();
    let findings: Vec<Diagnostic> = of_share
        .map(|(own, (from, place))| {
            let message = format!(
                "`{from}` can't be the value of `{own}`, too: what is first in the list stands before the others, and packs would \
                 stand in a circle: {}",
                names.join(" → ")
            );
            let help = if needs(&from.pack, &own.pack) {
                format!("write `{}` first, as `{}` needs it", own.pack, from.pack)
            } else {
                format!("write `{}` first", own.pack)
            };
            Diagnostic::error("compose/share", message).at(place.clone()).help(help)
        })
        .collect();
    if findings.is_empty() { None } else { Some(not_shared(findings)) }
}

/// The error for two packs of one name.
fn twice(one: &Pack, other: &Pack) -> Error {
    let name = &one.manifest.pack.name.value;
    let version = |pack: &Pack| pack.manifest.pack.version.value.to_string();
    let detail = format!(
        "two packs have the name `{name}`: `{}` ({}) and `{}` ({})",
        one.label,
        version(one),
        other.label,
        version(other)
    );
    Error::new(ErrorKind::Resolution, detail)
        .at(other.span(&other.manifest.pack.name.range))
        .hint("use one of them; packs are told apart by their names")
}

/// Checks that packs which are there fit together, as far as they need each other.
///
/// # Errors
/// [`ErrorKind::Resolution`] with a finding for each need that is met by another version than it asks for.
pub fn check_versions<'p>(packs: impl IntoIterator<Item = &'p Pack>) -> Result<()> {
    let by_name: BTreeMap<&PackName, &Pack> =
        packs.into_iter().map(|pack| (&pack.manifest.pack.name.value, pack)).collect();
    let needs = by_name.values().flat_map(|pack| pack.manifest.dependencies.iter().map(move |needed| (*pack, needed)));
    let wrong: Vec<Diagnostic> =
        needs.filter_map(|(pack, (name, needed))| misfit(pack, (name, needed), by_name.get(name).copied()?)).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let detail = match wrong.len() {
        1 => "a pack needs another version of one".to_owned(),
        several => format!("packs need {several} other versions"),
    };
    let hint = said("name versions that fit, or leave one of the packs out", "hand over versions that fit");
    Err(Error::new(ErrorKind::Resolution, detail).with_findings(wrong).hint(hint))
}

/// What is wrong where a pack needs another version of one that is there.
fn misfit(pack: &Pack, (name, needed): (&PackName, &Dependency), other: &Pack) -> Option<Diagnostic> {
    let (requirement, version) = (&needed.requirement, &other.manifest.pack.version);
    if requirement.value.matches(&version.value) {
        return None;
    }
    let (own, wanted) = (&pack.manifest.pack.name.value, &requirement.value);
    let message = format!("`{own}` needs `{name} {wanted}`, but `{}` is {}", other.label, version.value);
    let mut finding = Diagnostic::error("dependencies/unmet", message).at(pack.span(&requirement.range));
    finding.related.push(other.span(&version.range));
    Some(finding)
}

/// What a pack needs that is not among the others.
fn unmet<'p>(pack: &'p Pack, packs: &'p BTreeMap<PackName, (usize, Pack)>) -> impl Iterator<Item = Diagnostic> + 'p {
    let own = &pack.manifest.pack.name.value;
    let is_missing = |(name, needed): &(&PackName, &Dependency)| !needed.optional && !packs.contains_key(*name);
    pack.manifest.dependencies.iter().filter(is_missing).map(move |(name, needed)| {
        let requirement = &needed.requirement;
        let message = format!("`{own}` needs `{name} {}`", requirement.value);
        Diagnostic::error("dependencies/unmet", message).at(pack.span(&requirement.range))
    })
}
