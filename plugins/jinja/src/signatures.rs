//! Arguments of filters, by place as well as by name: the engine takes most in one way only, Jinja2 takes all in both.

use minijinja::value::{Kwargs, Rest, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters};

use crate::extra;
use crate::strict::{argument, items};

/// How a filter of the engine takes its arguments.
#[derive(Clone, Copy)]
enum Takes {
    ByPlace,
    ByName,
}
use Takes::{ByName, ByPlace};

/// The filter itself, made when it is called: most templates call few.
pub(crate) type Own = fn() -> Value;

/// Adds the filters that take arguments in both ways.
pub fn add_to(environment: &mut Environment<'_>) {
    let default: Own = || Value::from_function(filters::default);
    let rows: [(&'static str, &'static [&'static str], Takes, Own); 15] = [
        ("batch", &["linecount", "fill_with"], ByPlace, || Value::from_function(filters::batch)),
        ("center", &["width"], ByPlace, || Value::from_function(extra::center)),
        ("d", &["default_value", "boolean"], ByPlace, default),
        ("default", &["default_value", "boolean"], ByPlace, default),
        ("dictsort", &["case_sensitive", "by", "reverse"], ByName, || Value::from_function(filters::dictsort)),
        ("filesizeformat", &["binary"], ByPlace, || Value::from_function(extra::filesizeformat)),
        ("groupby", &["attribute", "default", "case_sensitive"], ByName, || Value::from_function(filters::groupby)),
        ("indent", &["width", "first", "blank"], ByPlace, || Value::from_function(extra::indent)),
        ("max", &["case_sensitive", "attribute"], ByName, || Value::from_function(filters::max)),
        ("min", &["case_sensitive", "attribute"], ByName, || Value::from_function(filters::min)),
        ("replace", &["old", "new", "count"], ByPlace, || Value::from_function(extra::replace)),
        ("slice", &["slices", "fill_with"], ByPlace, || Value::from_function(filters::slice)),
        ("sort", &["reverse", "case_sensitive", "attribute"], ByName, || Value::from_function(filters::sort)),
        ("trim", &["chars"], ByPlace, || Value::from_function(filters::trim)),
        ("unique", &["case_sensitive", "attribute"], ByName, || Value::from_function(filters::unique)),
    ];
    for (filter, names, takes, own) in rows {
        environment.add_filter(filter, move |state: &mut State, given: Rest<ValueOrKwargs>| {
            let mut given = given.into_values();
            // What is missing is not left out: only `default` has something to do with it.
            if !matches!(filter, "d" | "default") {
                given.iter().try_for_each(|value| argument(state, value))?;
            }
            let orders = matches!(filter, "groupby" | "max" | "min" | "sort" | "unique");
            let by_name = given.last().is_some_and(Value::is_kwargs);
            if given.len() < 2 || (matches!(takes, ByPlace) && !by_name) {
                if orders {
                    given.first().map_or(Ok(()), |list| items(state, list, None))?;
                }
                return own().call(state, &given);
            }
            let value = given.remove(0);
            let mut named = named(filter, given, names)?;
            for (_, attribute) in named.iter_mut().filter(|(name, _)| *name == "attribute") {
                *attribute = as_path(filter, attribute)?;
            }
            if orders && !named.iter().any(|(name, _)| *name == "default") {
                let attribute = named.iter().find(|(name, _)| *name == "attribute");
                items(state, &value, attribute.map(|(_, attribute)| attribute))?;
            }
            let arguments = match takes {
                ByName => vec![value, Value::from(named.into_iter().collect::<Kwargs>())],
                ByPlace => std::iter::once(value).chain(placed(&named, names)).collect(),
            };
            own().call(state, &arguments)
        });
    }
}

/// Writes the number of an item as the engine takes it where it takes the name of a key: as text.
fn as_path(filter: &str, attribute: &Value) -> Result<Value, Error> {
    match attribute.kind() {
        ValueKind::Number if attribute.is_integer() && i64::try_from(attribute.clone()).is_ok_and(|at| at >= 0) => {
            Ok(Value::from(attribute.to_string()))
        }
        ValueKind::String | ValueKind::None | ValueKind::Undefined => Ok(attribute.clone()),
        _ => {
            let said = format!("`attribute` of `{filter}` must be a key, or the index of an item, counted from 0");
            Err(Error::new(ErrorKind::NonPrimitive, said))
        }
    }
}

/// Does so with all arguments of a filter, where the attribute stands at a place or has its name.
///
/// Fails where an item lacks it.
pub(crate) fn path_at(state: &State, filter: &str, place: usize, given: &mut [Value]) -> Result<(), Error> {
    if let Some(attribute) = given.get_mut(place).filter(|value| !value.is_kwargs()) {
        *attribute = as_path(filter, attribute)?;
        let attribute = attribute.clone();
        return items(state, &given[0], Some(&attribute));
    }
    let Some((last, before)) = given.split_last_mut().filter(|(last, _)| last.is_kwargs()) else { return Ok(()) };
    let by_name = Kwargs::try_from(last.clone())?;
    if by_name.has("attribute") {
        let named = by_name.args().map(|name| {
            let value = by_name.get::<Value>(name)?;
            Ok((name, if name == "attribute" { as_path(filter, &value)? } else { value }))
        });
        let named = named.collect::<Result<Vec<_>, Error>>()?;
        let attribute = named.iter().find(|(name, _)| *name == "attribute");
        if let (Some(list), Some((_, attribute))) = (before.first(), attribute) {
            items(state, list, Some(attribute))?;
        }
        *last = Value::from(named.into_iter().collect::<Kwargs>());
    }
    Ok(())
}

/// Puts named arguments where they stand; what is left out before another one is none, or for a text the empty one.
fn placed(given: &[(&'static str, Value)], names: &[&str]) -> Vec<Value> {
    let given = |name: &str| given.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone());
    let last = names.iter().rposition(|name| given(name).is_some()).map_or(0, |last| last + 1);
    let left_out = |name: &str| if name == "default_value" { Value::from("") } else { Value::from(()) };
    names[..last].iter().map(|name| given(name).unwrap_or_else(|| left_out(name))).collect()
}

/// Gives arguments their names: `names` are those of the ones that stand without.
pub fn named(filter: &str, mut given: Vec<Value>, names: &[&'static str]) -> Result<Vec<(&'static str, Value)>, Error> {
    let by_name = match given.pop() {
        Some(last) if last.is_kwargs() => Some(Kwargs::try_from(last)?),
        Some(last) => {
            given.push(last);
            None
        }
        None => None,
    };
    let takes = || names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if given.len() > names.len() {
        return Err(Error::new(
            ErrorKind::TooManyArguments,
            format!("too many arguments: `{filter}` takes {}", takes()),
        ));
    }
    let mut all: Vec<_> = names.iter().copied().zip(given).collect();
    let Some(by_name) = by_name else { return Ok(all) };
    if let Some(unknown) = by_name.args().find(|name| !names.contains(name)) {
        let said = format!("`{filter}` has no argument `{unknown}`: it takes {}", takes());
        return Err(Error::new(ErrorKind::TooManyArguments, said));
    }
    if let Some((twice, _)) = all.iter().find(|(name, _)| by_name.has(name)) {
        let said = format!("`{filter}` is given `{twice}` twice, by position and by name");
        return Err(Error::new(ErrorKind::TooManyArguments, said));
    }
    for name in &names[all.len()..] {
        if by_name.has(name) {
            all.push((*name, by_name.get::<Value>(name)?));
        }
    }
    Ok(all)
}
