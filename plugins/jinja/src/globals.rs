//! The functions of Jinja2 that the engine and minijinja-contrib lack in part: `dict` and `namespace` of pairs, `cycler`
//! with `current` and `reset`, `joiner` with its argument by name. [`crate::strict`] adds those that take no undefined value.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use minijinja::value::{Enumerator, Kwargs, Object, ObjectExt, ObjectRepr, Rest, Value, ValueKind, from_args};
use minijinja::{Environment, Error, ErrorKind, State, functions};
use minijinja_contrib::globals;

/// Adds the functions of this module to an environment.
pub fn add_to(environment: &mut Environment<'_>) {
    environment.add_function("cycler", cycler);
}

pub(crate) fn dict(given: Option<Value>, named: Kwargs) -> Result<Value, Error> {
    let table = match given {
        Some(pairs) if !matches!(pairs.kind(), ValueKind::Map | ValueKind::Undefined) => {
            Some(Value::from_object(Pairs(pairs_of(&pairs, "dict")?)))
        }
        other => other,
    };
    functions::dict(table, named)
}

pub(crate) fn namespace(given: Option<Value>, named: Kwargs) -> Result<Value, Error> {
    let table = match given {
        Some(pairs) if !matches!(pairs.kind(), ValueKind::Map) => {
            Value::from_object(Pairs(pairs_of(&pairs, "namespace")?))
        }
        Some(table) => table,
        None => return functions::namespace(Some(Value::from(named).into())),
    };
    functions::namespace(Some(functions::dict(Some(table), named)?.into()))
}

/// Reads a list of pairs.
pub(crate) fn pairs_of(list: &Value, name: &str) -> Result<Vec<(Value, Value)>, Error> {
    let wrong = || {
        let example = format!("`{name}(a=1)`, `{name}({{'a': 1}})` or `{name}([('a', 1)])`");
        Error::new(ErrorKind::InvalidOperation, format!("`{name}` takes a table or a list of pairs: {example}"))
    };
    if matches!(list.kind(), ValueKind::String | ValueKind::Bytes) {
        return Err(wrong());
    }
    let pair = |pair: Value| {
        let mut items = pair.try_iter().ok().filter(|_| pair.kind() != ValueKind::String)?;
        let (key, value) = (items.next()?, items.next()?);
        items.next().is_none().then_some((key, value))
    };
    let items = list.try_iter().map_err(|_| wrong())?;
    items.map(|item| pair(item).ok_or_else(wrong)).collect()
}

/// A table as it was written.
#[derive(Debug)]
struct Pairs(Vec<(Value, Value)>);

impl Object for Pairs {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.mapped_rev_key_value_enumerator(|this| Box::new(this.0.iter().cloned()))
    }
}

/// Gives its items in turn.
#[derive(Debug)]
struct Cycler {
    items: Vec<Value>,
    at: AtomicUsize,
}

impl Object for Cycler {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str() == Some("current")).then(|| self.items[self.at.load(Ordering::Relaxed)].clone())
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, given: &[Value]) -> Result<Value, Error> {
        let at = self.at.load(Ordering::Relaxed);
        let next = match method {
            "next" => (at + 1) % self.items.len(),
            "reset" => 0,
            _ => {
                let said = format!("a cycler has no method `{method}`; it has `next()`, `reset()` and `current`");
                return Err(Error::new(ErrorKind::UnknownMethod, said));
            }
        };
        let () = from_args(given)?;
        self.at.store(next, Ordering::Relaxed);
        Ok(if method == "next" { self.items[at].clone() } else { Value::from(()) })
    }
}

fn cycler(items: Rest<Value>) -> Result<Value, Error> {
    if items.is_empty() {
        return Err(Error::new(ErrorKind::InvalidOperation, "`cycler` takes at least one value"));
    }
    Ok(Value::from_object(Cycler { items: items.0, at: AtomicUsize::new(0) }))
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over")]
pub(crate) fn joiner(separator: Option<Value>, named: Kwargs) -> Result<Value, Error> {
    let separator = match separator {
        Some(separator) => Some(separator),
        None => named.get("sep")?,
    };
    named.assert_all_used()?;
    Ok(globals::joiner(separator))
}
