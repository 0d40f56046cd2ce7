//! Where templates look variables up.
//!
//! A value is lent, not copied: the engine's own scopes copy what they find into its objects, which have no order. Only
//! what was assigned and holds no object is copied, as the engine does.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use liquid_core::model::{self, KString, KStringCow, KStringRef, ScalarCow};
use liquid_core::runtime::{PartialStore, Registers};
use liquid_core::{Error, Result, Runtime, Value, ValueCow, ValueView};

use crate::context::Root;
use crate::value::{self, Node};

/// The outermost scope of a job: what it assigned, over the context, over its counters.
pub struct Top<'a> {
    root: &'a Root<'a>,
    partials: &'a dyn PartialStore,
    assigned: Assigned,
    counters: RefCell<BTreeMap<KString, Value>>,
    registers: Registers,
}

impl<'a> Top<'a> {
    /// Makes the scope of a job that begins.
    #[must_use]
    pub fn new(root: &'a Root<'a>, partials: &'a dyn PartialStore) -> Self {
        let registers = Registers::default();
        registers.get_mut::<Known>().0 = true;
        Self { root, partials, assigned: Assigned::default(), counters: RefCell::default(), registers }
    }
}

impl Runtime for Top<'_> {
    fn partials(&self) -> &dyn PartialStore {
        self.partials
    }

    fn name(&self) -> Option<KStringRef<'_>> {
        None
    }

    fn roots(&self) -> BTreeSet<KStringCow<'_>> {
        BTreeSet::new()
    }

    fn try_get(&self, path: &[ScalarCow<'_>]) -> Option<ValueCow<'_>> {
        let name = name_of(path)?;
        if let Some(found) = self.assigned.find(path) {
            return found;
        }
        match self.root.look_up(&name) {
            Some(value) => model::try_find(value.as_view(), &path[1..]),
            None => copy(self.counters.borrow().get(name.as_str())?, path),
        }
    }

    fn get(&self, path: &[ScalarCow<'_>]) -> Result<ValueCow<'_>> {
        let unknown = |name: &str| Error::with_msg("Unknown variable").context("requested variable", name.to_owned());
        let name = name_of(path).ok_or_else(|| unknown("nil"))?;
        if let Some(found) = self.assigned.find(path) {
            return found.ok_or_else(|| self.assigned.failure(path));
        }
        if let Some(value) = self.root.look_up(&name) {
            return lend(value.as_view(), path);
        }
        let counters = self.counters.borrow();
        let counter = counters.get(name.as_str()).ok_or_else(|| unknown(&name))?;
        copy(counter, path).ok_or_else(|| no_index(counter, path))
    }

    fn set_global(&self, name: KString, value: Value) -> Option<Value> {
        self.assigned.set(name, value);
        None
    }

    fn set_index(&self, name: KString, value: Value) -> Option<Value> {
        self.counters.borrow_mut().insert(name, value)
    }

    fn get_index<'a>(&'a self, name: &str) -> Option<ValueCow<'a>> {
        self.counters.borrow().get(name).cloned().map(ValueCow::Owned)
    }

    fn registers(&self) -> &Registers {
        &self.registers
    }
}

/// All that a scope over another leaves to that one.
macro_rules! as_its_parent {
    () => {
        fn partials(&self) -> &dyn PartialStore {
            self.parent.partials()
        }

        fn name(&self) -> Option<KStringRef<'_>> {
            self.parent.name()
        }

        fn roots(&self) -> BTreeSet<KStringCow<'_>> {
            self.parent.roots()
        }

        fn set_index(&self, name: KString, value: Value) -> Option<Value> {
            self.parent.set_index(name, value)
        }

        fn get_index<'a>(&'a self, name: &str) -> Option<ValueCow<'a>> {
            self.parent.get_index(name)
        }

        fn registers(&self) -> &Registers {
            self.parent.registers()
        }
    };
}

/// Some names over another scope: the variables of a loop. The last of equal names counts.
pub struct Frame<'a, const N: usize> {
    parent: &'a dyn Runtime,
    names: [(&'a str, &'a dyn ValueView); N],
}

impl<'a, const N: usize> Frame<'a, N> {
    /// Lays names over a scope.
    #[must_use]
    pub fn new(parent: &'a dyn Runtime, names: [(&'a str, &'a dyn ValueView); N]) -> Self {
        Self { parent, names }
    }

    fn look_up(&self, path: &[ScalarCow<'_>]) -> Option<&'a dyn ValueView> {
        let name = name_of(path)?;
        self.names.iter().rev().find(|(known, _)| *known == name.as_str()).map(|(_, value)| *value)
    }
}

impl<const N: usize> Runtime for Frame<'_, N> {
    as_its_parent!();

    fn try_get(&self, path: &[ScalarCow<'_>]) -> Option<ValueCow<'_>> {
        match self.look_up(path) {
            Some(value) => model::try_find(value, &path[1..]),
            None => self.parent.try_get(path),
        }
    }

    fn get(&self, path: &[ScalarCow<'_>]) -> Result<ValueCow<'_>> {
        match self.look_up(path) {
            Some(value) => lend(value, path),
            None => self.parent.get(path),
        }
    }

    fn set_global(&self, name: KString, value: Value) -> Option<Value> {
        self.parent.set_global(name, value)
    }
}

/// The scope of a partial, over the one that the engine's `include` and `render` make, which only lends if asked gently
/// (`try_get`). What a partial assigns that `render` was given stays there; with `include` it is the template's.
pub struct Partial<'a> {
    parent: &'a dyn Runtime,
    assigned: Option<Assigned>,
}

impl<'a> Partial<'a> {
    /// Makes the scope of a partial that begins.
    #[must_use]
    pub fn new(parent: &'a dyn Runtime) -> Self {
        // `render` makes registers of its own.
        let known = std::mem::replace(&mut parent.registers().get_mut::<Known>().0, true);
        Self { parent, assigned: (!known).then(|| unpack(parent)) }
    }
}

impl Runtime for Partial<'_> {
    as_its_parent!();

    fn try_get(&self, path: &[ScalarCow<'_>]) -> Option<ValueCow<'_>> {
        match self.assigned.as_ref().and_then(|assigned| assigned.find(path)) {
            Some(found) => found,
            None => self.parent.try_get(path),
        }
    }

    fn get(&self, path: &[ScalarCow<'_>]) -> Result<ValueCow<'_>> {
        if let Some(assigned) = &self.assigned
            && let Some(found) = assigned.find(path)
        {
            return found.ok_or_else(|| assigned.failure(path));
        }
        self.parent.try_get(path).map_or_else(|| self.parent.get(path), Ok)
    }

    fn set_global(&self, name: KString, value: Value) -> Option<Value> {
        match &self.assigned {
            Some(assigned) => assigned.set(name, value),
            None => return self.parent.set_global(name, value),
        }
        None
    }
}

/// Says that the scope which registers belong to is one of ours.
#[derive(Default)]
struct Known(bool);

/// Unpacks what `render … for` gives a partial of an object: its key and a copy of its value.
fn unpack(given: &dyn Runtime) -> Assigned {
    let unpacked = Assigned::default();
    for name in given.roots() {
        let value = given.try_get(&[ScalarCow::new(name.clone())]);
        let is_pair = |value: &ValueCow<'_>| value.as_array().is_some_and(|list| list.size() == 2);
        if let Some(value) = value.filter(|value| is_pair(value) && value::unpacked(value).is_some()) {
            unpacked.set(name.into_owned(), value.into_owned());
        }
    }
    unpacked
}

/// What was assigned. Values with objects in them are kept until the end, so that they can be lent.
#[derive(Default)]
struct Assigned {
    names: RefCell<BTreeMap<KString, Slot>>,
    shelf: Shelf,
}

enum Slot {
    Plain(Value),
    /// The place on the shelf.
    Shelved(usize),
}

impl Assigned {
    fn set(&self, name: KString, value: Value) {
        let slot = if value::has_objects(&value) {
            Slot::Shelved(self.shelf.push(Node::of(value)))
        } else {
            Slot::Plain(value)
        };
        self.names.borrow_mut().insert(name, slot);
    }

    /// Follows a path that begins with a name that was assigned; returns nothing if it wasn't.
    #[expect(
        clippy::option_option,
        reason = "a name that was assigned hides others, also where the path leads nowhere"
    )]
    fn find(&self, path: &[ScalarCow<'_>]) -> Option<Option<ValueCow<'_>>> {
        match self.names.borrow().get(name_of(path)?.as_str())? {
            Slot::Plain(value) => Some(copy(value, path)),
            Slot::Shelved(place) => Some(model::try_find(self.shelf.get(*place)?.as_view(), &path[1..])),
        }
    }

    /// Says why such a path leads nowhere.
    fn failure(&self, path: &[ScalarCow<'_>]) -> Error {
        let names = self.names.borrow();
        match name_of(path).and_then(|name| names.get(name.as_str())) {
            Some(Slot::Plain(value)) => no_index(value, path),
            Some(Slot::Shelved(place)) => no_index(&self.shelf.get(*place), path),
            None => no_index(&Value::Nil, path),
        }
    }
}

/// A list that grows while its items are lent: in parts that never move, each twice as long as the one before.
#[derive(Default)]
struct Shelf {
    parts: [OnceCell<Box<[OnceCell<Node>]>>; 28],
    length: Cell<usize>,
}

impl Shelf {
    fn push(&self, node: Node) -> usize {
        let place = self.length.get();
        let (part, at) = Self::split(place);
        let part = self.parts[part].get_or_init(|| (0..1_usize << part).map(|_| OnceCell::new()).collect());
        part[at].get_or_init(|| node);
        self.length.set(place + 1);
        place
    }

    fn get(&self, place: usize) -> Option<&Node> {
        let (part, at) = Self::split(place);
        self.parts[part].get()?[at].get()
    }

    fn split(place: usize) -> (usize, usize) {
        let part = (place + 1).ilog2() as usize;
        (part, place + 1 - (1 << part))
    }
}

fn name_of<'a>(path: &'a [ScalarCow<'_>]) -> Option<KStringCow<'a>> {
    path.first().map(ValueView::to_kstr)
}

/// Follows a path, whose first part named the value.
fn lend<'a>(value: &'a dyn ValueView, path: &[ScalarCow<'_>]) -> Result<ValueCow<'a>> {
    model::try_find(value, &path[1..]).ok_or_else(|| no_index(value, path))
}

/// Follows a path in a value that can't be lent.
fn copy(value: &Value, path: &[ScalarCow<'_>]) -> Option<ValueCow<'static>> {
    model::try_find(value, &path[1..]).map(|found| ValueCow::Owned(found.into_owned()))
}

/// Says which part of a path leads nowhere.
fn no_index(value: &dyn ValueView, path: &[ScalarCow<'_>]) -> Error {
    let known = (1..path.len()).rev().find(|end| model::try_find(value, &path[1..*end]).is_some()).unwrap_or(1);
    let shown = |part: &ScalarCow<'_>| part.render().to_string();
    Error::with_msg("Unknown index")
        .context("variable", path[..known].iter().map(shown).collect::<Vec<_>>().join("."))
        .context("requested index", path.get(known).map(shown).unwrap_or_default())
}
