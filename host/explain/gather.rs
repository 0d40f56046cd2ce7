//! Puts together what is known of a variable, across packs: [`explain`].
//!
//! Always true here: what follows from a variable is followed through all packs, and stops where somebody gives another value.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::readings::Readings;
use super::report::{
    Bond, Definition, Dependent, ExplainedPack, ExplainedVariable, Explanation, Reader, State, Unrendered,
};
use super::sources::{sources, without_line};
use crate::compose::packs::PackSet;
use crate::compose::variables::{Account, Accounted, Fate, Origin, Standing};
use crate::diagnostic::Diagnostic;
use crate::pack::{Pack, Variable, VariableOf};

/// Says what became of variables, of one or of all; accounts and readings are those of the packs, in their order.
#[must_use]
pub fn explain(set: &PackSet, accounts: &[Account], readings: &[Readings], wanted: Option<&VariableOf>) -> Explanation {
    let all = All::of(set, accounts);
    let places: Vec<usize> = match wanted {
        Some(wanted) => all.by_name.get(wanted).copied().into_iter().collect(),
        None => (0..all.places.len()).collect(),
    };
    let packs = set.packs().iter().map(|pack| ExplainedPack {
        name: pack.manifest.pack.name.value.clone(),
        version: pack.manifest.pack.version.value.to_string(),
    });
    let unrendered = set.names().zip(readings).flat_map(|(pack, readings)| {
        let told = readings.unrendered.iter();
        told.map(|(what, why)| Unrendered { pack: pack.clone(), what: *what, why: why.clone() })
    });
    Explanation {
        packs: packs.collect(),
        variables: places.into_iter().map(|place| all.explained(place, readings)).collect(),
        unrendered: unrendered.collect(),
    }
}

/// A variable with its pack and how it came by its value.
#[derive(Clone, Copy)]
struct Place<'a> {
    pack: &'a Pack,
    variable: &'a Variable,
    accounted: &'a Accounted,
    account: &'a Account,
}

impl Place<'_> {
    fn name(&self) -> VariableOf {
        VariableOf { pack: self.pack.manifest.pack.name.value.clone(), name: self.variable.name.clone() }
    }

    /// Whether its value comes from there, or will once that is known.
    fn comes_from(&self, origin: Origin) -> bool {
        let counts = |fate: Fate| fate != Fate::PassedOver;
        matches!(self.accounted.standing, Standing::Waits(_))
            || self.accounted.offers.iter().any(|offer| offer.by == origin && counts(offer.fate))
    }
}

/// The variables of all packs, and what joins them.
struct All<'a> {
    set: &'a PackSet,
    accounts: &'a [Account],
    places: Vec<Place<'a>>,
    by_name: BTreeMap<VariableOf, usize>,
    /// By the variable that something is worked out from: what that is, by its place, and how.
    bonds: BTreeMap<VariableOf, Vec<(usize, Bond)>>,
}

impl<'a> All<'a> {
    fn of(set: &'a PackSet, accounts: &'a [Account]) -> Self {
        let packs = set.packs().iter().zip(accounts);
        let places: Vec<Place<'a>> = packs
            .flat_map(|(pack, account)| {
                let variables = pack.manifest.variables.iter().zip(&account.variables);
                variables.map(move |(variable, accounted)| Place { pack, variable, accounted, account })
            })
            .collect();
        let mut bonds: BTreeMap<VariableOf, Vec<(usize, Bond)>> = BTreeMap::new();
        for (index, place) in places.iter().enumerate() {
            let pack = &place.pack.manifest.pack.name.value;
            let within = |(names, bond): (&'a [_], Bond)| {
                names.iter().map(move |name: &crate::pack::VariableName| (name.clone(), bond)).collect::<Vec<_>>()
            };
            let Accounted { by_when, by_compute, .. } = place.accounted;
            for (name, bond) in
                within((&by_compute[..], Bond::Compute)).into_iter().chain(within((&by_when[..], Bond::When)))
            {
                bonds.entry(VariableOf { pack: pack.clone(), name }).or_default().push((index, bond));
            }
            if let Some(import) = set.import(place.pack, place.variable) {
                let is_declared =
                    place.variable.import.as_ref().is_some_and(|declared| declared.value.from == import.from);
                let bond = if is_declared { Bond::From } else { Bond::Share };
                bonds.entry(import.from).or_default().push((index, bond));
            }
        }
        let by_name = places.iter().enumerate().map(|(index, place)| (place.name(), index)).collect();
        Self { set, accounts, places, by_name, bonds }
    }

    fn explained(&self, index: usize, readings: &[Readings]) -> ExplainedVariable {
        let place = &self.places[index];
        let Place { pack, variable, accounted, account } = *place;
        let values = &account.values;
        let is_secret = variable.is_secret() || values.secrets.contains(variable.name.as_str());
        let (state, mut why) = standing(accounted);
        let wrong = wrong(accounted);
        if let (State::Unknown, Some(import)) = (state, self.set.import(pack, variable)) {
            why = Some(format!("it takes the value of `{}`, which has none", import.from));
        }
        let dependents = self.dependents(&place.name());
        ExplainedVariable {
            pack: pack.manifest.pack.name.value.clone(),
            name: variable.name.clone(),
            kind: variable.kind.name(),
            state,
            value: values.values.get(variable.name.as_str()).filter(|_| !is_secret).cloned(),
            secret: is_secret,
            why,
            place: wrong.and_then(|finding| finding.span.clone()).map(without_line),
            help: wrong.and_then(|finding| finding.help.clone()),
            sources: sources(self.set, pack, variable, (self.accounts, accounted)),
            definitions: self.definitions(place),
            reads: self.reads(index),
            outputs: self.outputs(place, &dependents, readings),
            dependents,
        }
    }

    fn place(&self, name: &VariableOf) -> Option<&Place<'a>> {
        self.by_name.get(name).map(|index| &self.places[*index])
    }

    /// How one variable is worked out from another.
    fn bond(&self, index: usize, bond: Bond, through: &VariableOf) -> Dependent {
        let place = &self.places[index];
        let Place { pack, variable, .. } = *place;
        let range = |text: &Option<crate::pack::Spanned<String>>| text.as_ref().map(|text| pack.span(&text.range));
        let at = match bond {
            Bond::Compute => range(&variable.compute),
            Bond::When => range(&variable.when),
            Bond::From => variable.import.as_ref().map(|import| pack.span(&import.range)),
            Bond::Share => self.set.share(pack, variable).map(|(_, place)| place.clone()),
        };
        let in_force = match bond {
            Bond::Compute => place.comes_from(Origin::Compute),
            Bond::When => !place.accounted.offers.iter().any(|offer| {
                offer.fate != Fate::PassedOver
                    && matches!(offer.by, Origin::Flag | Origin::Answers | Origin::Environment)
            }),
            Bond::From | Bond::Share => place.comes_from(Origin::Import),
        };
        Dependent {
            pack: pack.manifest.pack.name.value.clone(),
            name: variable.name.clone(),
            by: bond,
            through: through.to_string(),
            place: without_line(at.unwrap_or_else(|| pack.span(&variable.range))),
            in_force,
        }
    }

    /// What is worked out from a variable, directly and through others.
    fn dependents(&self, name: &VariableOf) -> Vec<Dependent> {
        let (mut dependents, mut seen) = (Vec::new(), BTreeSet::new());
        let mut open = VecDeque::from([name.clone()]);
        seen.insert(name.clone());
        while let Some(from) = open.pop_front() {
            for (index, bond) in self.bonds.get(&from).into_iter().flatten() {
                let dependent = self.bond(*index, *bond, &from);
                let own = self.places[*index].name();
                if dependent.in_force && seen.insert(own.clone()) {
                    open.push_back(own);
                }
                dependents.push(dependent);
            }
        }
        dependents
    }

    /// What a variable itself is worked out from.
    fn reads(&self, own: usize) -> Vec<Dependent> {
        let through = self.places[own].name().to_string();
        let bonds = self.bonds.iter().flat_map(|(from, bonds)| bonds.iter().map(move |bond| (from, bond)));
        let ours = bonds.filter(|(_, (index, _))| *index == own);
        ours.map(|(from, (index, bond))| {
            let bond = self.bond(*index, *bond, from);
            Dependent { pack: from.pack.clone(), name: from.name.clone(), through: through.clone(), ..bond }
        })
        .collect()
    }

    /// The definitions that hold: its own, those of what it is taken from, and those of what takes it.
    fn definitions(&self, place: &Place<'_>) -> Vec<Definition> {
        let mut names = vec![place.name()];
        let mut from = place.comes_from(Origin::Import).then_some(*place);
        while let Some(import) = from.and_then(|place| self.set.import(place.pack, place.variable)) {
            let next = self.place(&import.from).copied();
            names.push(import.from);
            from = next.filter(|next| next.comes_from(Origin::Import));
        }
        let mut open = VecDeque::from([place.name()]);
        while let Some(name) = open.pop_front() {
            for (index, bond) in self.bonds.get(&name).into_iter().flatten() {
                let taker = &self.places[*index];
                let takes = matches!(bond, Bond::From | Bond::Share) && taker.comes_from(Origin::Import);
                if takes && !names.contains(&taker.name()) {
                    names.push(taker.name());
                    open.push_back(taker.name());
                }
            }
        }
        let definition = |name: VariableOf| {
            let Place { pack, variable, .. } = *self.place(&name)?;
            let place = without_line(pack.span(&variable.range));
            Some(Definition { pack: name.pack, name: name.name, expects: variable.kind.nature(), place })
        };
        names.into_iter().filter_map(definition).collect()
    }

    /// What reads a variable of what is generated, and what reads those that are worked out from it.
    fn outputs(&self, place: &Place<'_>, dependents: &[Dependent], readings: &[Readings]) -> Vec<Reader> {
        let mut names = vec![place.name()];
        for dependent in dependents.iter().filter(|dependent| dependent.in_force) {
            let name = VariableOf { pack: dependent.pack.clone(), name: dependent.name.clone() };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let of = |name: VariableOf| {
            let files = self.set.position(&name.pack).and_then(|position| readings.get(position));
            let files = files.into_iter().flat_map(|readings| &readings.files);
            files
                .filter_map(|file| {
                    let parts = file.variables.get(name.name.as_str())?;
                    Some(Reader {
                        pack: name.pack.clone(),
                        output: file.output.clone(),
                        template: file.template.clone(),
                        parts: parts.iter().copied().collect(),
                        variable: name.to_string(),
                    })
                })
                .collect::<Vec<_>>()
        };
        names.into_iter().flat_map(of).collect()
    }
}

/// What is wrong with a variable, as far as there is something to say about it.
fn wrong(accounted: &Accounted) -> Option<&Diagnostic> {
    match &accounted.standing {
        Standing::Wrong(finding) => finding.as_deref(),
        Standing::Settled | Standing::Hidden | Standing::Waits(_) => None,
    }
}

/// What became of a variable, and why it has no value.
fn standing(accounted: &Accounted) -> (State, Option<String>) {
    match &accounted.standing {
        Standing::Settled => (State::Set, None),
        Standing::Hidden => (State::Hidden, Some("its `when` is false: nobody is asked for it".to_owned())),
        Standing::Wrong(Some(finding)) => {
            let is_missing = finding.rule == "variables/missing";
            (if is_missing { State::Missing } else { State::Invalid }, Some(finding.message.clone()))
        }
        Standing::Wrong(None) => (State::Invalid, Some("what was given for it can't be read".to_owned())),
        Standing::Waits(needed) => {
            let needed: Vec<String> = needed.iter().map(|name| format!("`{name}`")).collect();
            let why = match &needed[..] {
                [] => "it was not worked out, as other values are missing".to_owned(),
                [one] => format!("it needs {one}, which has no value"),
                several => format!("it needs {}, which have no value", several.join(", ")),
            };
            (State::Unknown, Some(why))
        }
    }
}
