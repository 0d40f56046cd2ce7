//! Filters and functions of Jinja2 that the engine lacks: those of minijinja-contrib, with arguments by place as well
//! as by name, and a few of our own.

use minijinja::value::{Kwargs, Rest, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State};
use minijinja_contrib::{filters as contrib, globals};

use crate::filters::{defined, text};
use crate::methods;

/// Adds the filters and functions of this module to an environment.
pub fn add_to(environment: &mut Environment<'_>) {
    environment.add_filter("center", center);
    environment.add_filter("filesizeformat", filesizeformat);
    environment.add_filter("forceescape", minijinja::filters::escape);
    environment.add_filter("int", int);
    environment.add_filter("striptags", striptags);
    environment.add_filter("truncate", truncate);
    environment.add_filter("wordcount", wordcount);
    environment.add_filter("wordwrap", wordwrap);
    environment.add_filter("xmlattr", xmlattr);
    environment.add_function("cycler", |items: Rest<Value>| globals::cycler(items.to_vec()));
    environment.add_function("joiner", globals::joiner);
}

fn center(state: &State, value: &Value, width: Option<i64>) -> Result<String, Error> {
    defined(state, value)?;
    methods::padded(&value.to_string(), width.unwrap_or(80), " ", "center")
}

fn filesizeformat(state: &State, value: &Value, binary: Option<bool>) -> Result<String, Error> {
    defined(state, value)?;
    let size = match value.as_str() {
        Some(text) => text.trim().parse().map_err(|_| Error::new(ErrorKind::InvalidOperation, "not a number"))?,
        None => f64::try_from(value.clone())?,
    };
    Ok(contrib::filesizeformat(size, binary))
}

/// The engine's own filter makes the largest integer of what is larger, and nothing of what is no number.
fn int(
    state: &State,
    value: &Value,
    default: Option<Value>,
    base: Option<u32>,
    arguments: Kwargs,
) -> Result<Value, Error> {
    let otherwise = match &default {
        Some(default) => Some(default.clone()),
        None => arguments.get::<Option<Value>>("default")?,
    };
    let made =
        minijinja::filters::int(state, value, default, base, arguments).map_err(|error| match value.as_str() {
            Some(_) => {
                Error::new(ErrorKind::InvalidOperation, "the text is no number; `int(default=0)` gives another value")
            }
            None => error,
        })?;
    let float = match value.as_str() {
        Some(text) => text.parse().ok(),
        None if value.kind() == ValueKind::Number && !value.is_integer() => f64::try_from(value.clone()).ok(),
        None => None,
    };
    let cut = [Value::from(i128::MAX), Value::from(i128::MIN)].contains(&made)
        && float.is_some_and(|float| !(-LIMIT..LIMIT).contains(&float))
        && value.as_str().is_none_or(|text| text.trim().parse::<i128>().is_err());
    if cut || float.is_some_and(f64::is_nan) && made == Value::from(0) {
        let error = || Error::new(ErrorKind::InvalidOperation, "the number is out of range: integers have 128 bits");
        return otherwise.ok_or_else(error);
    }
    Ok(made)
}

/// Floats from here on, 2^127, would be cut to the largest integer.
const LIMIT: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;

fn striptags(state: &State, value: &Value) -> Result<String, Error> {
    Ok(contrib::striptags(text(state, value)?.to_owned()).trim().to_owned())
}

fn wordcount(state: &State, value: &Value) -> Result<Value, Error> {
    text(state, value)?;
    contrib::wordcount(value)
}

fn truncate(state: &mut State, value: &Value, arguments: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    text(state, value)?;
    let mut named = named(arguments, &["length", "killwords", "end", "leeway"])?;
    for (name, value) in &mut named {
        // What is larger than any text is as large as any text.
        if matches!(*name, "length" | "leeway")
            && i64::try_from(value.clone()).is_ok_and(|size| size > i64::from(LARGE))
        {
            *value = Value::from(LARGE);
        }
    }
    if !named.iter().any(|(name, _)| *name == "leeway") {
        named.push(("leeway", Value::from(5)));
    }
    contrib::truncate(state, value, named.into_iter().collect())
}

const LARGE: i32 = 1 << 30;

fn wordwrap(state: &State, value: &Value, arguments: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    text(state, value)?;
    let named = named(arguments, &["width", "break_long_words", "wrapstring", "break_on_hyphens"])?;
    if named.iter().any(|(name, value)| *name == "width" && i64::try_from(value.clone()).is_ok_and(|width| width < 1)) {
        return Err(Error::new(ErrorKind::InvalidOperation, "the width must be at least 1"));
    }
    contrib::wordwrap(value, named.into_iter().collect())
}

/// Gives arguments their names: `names` are those of the ones that stand without.
fn named(arguments: Rest<ValueOrKwargs>, names: &[&'static str]) -> Result<Vec<(&'static str, Value)>, Error> {
    let mut given = arguments.into_values();
    let by_name = match given.last().cloned().map(Kwargs::try_from) {
        Some(Ok(by_name)) => {
            given.pop();
            Some(by_name)
        }
        _ => None,
    };
    if given.len() > names.len() {
        return Err(Error::from(ErrorKind::TooManyArguments));
    }
    let mut all: Vec<_> = names.iter().copied().zip(given).collect();
    if let Some(by_name) = by_name {
        for name in &names[all.len()..] {
            all.extend(by_name.get::<Option<Value>>(name)?.map(|value| (*name, value)));
        }
        by_name.assert_all_used()?;
    }
    Ok(all)
}

/// Writes a table as the attributes of an XML element, each with a blank before it; those that are none are left out.
fn xmlattr(state: &State, value: &Value, autospace: Option<bool>) -> Result<String, Error> {
    defined(state, value)?;
    let mut attributes = Vec::new();
    for key in value.try_iter()? {
        let item = value.get_item(&key)?;
        let name = key.to_string();
        if name.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '>' | '=' | '"' | '\'')) {
            return Err(Error::new(ErrorKind::InvalidOperation, format!("`{name}` is no name of an attribute")));
        }
        if !matches!(item.kind(), ValueKind::None | ValueKind::Undefined) {
            attributes.push(format!("{name}=\"{}\"", escaped(&item.to_string())));
        }
    }
    let space = if autospace == Some(false) || attributes.is_empty() { "" } else { " " };
    Ok(format!("{space}{}", attributes.join(" ")))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
