//! Filters and tests of Jinja2 that the engine lacks, or has in part: those of minijinja-contrib, and a few of our own.

use minijinja::value::{Kwargs, Rest, StringInput, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State};
use minijinja_contrib::filters as contrib;

use crate::filters::text;
use crate::signatures::named;
use crate::strict::{argument, defined};
use crate::{finite, globals, methods};

/// Adds the filters and tests of this module to an environment.
pub fn add_to(environment: &mut Environment<'_>) {
    environment.add_filter("striptags", striptags);
    environment.add_filter("truncate", truncate);
    environment.add_filter("urlencode", urlencode);
    environment.add_filter("wordcount", wordcount);
    environment.add_filter("wordwrap", wordwrap);
    environment.add_test("callable", |value: &Value| value.kind() == ValueKind::Plain);
}

pub(crate) fn center(state: &State, value: &Value, width: Option<i64>) -> Result<String, Error> {
    finite::writable(state, value)?;
    methods::padded(&value.to_string(), width.unwrap_or(80), " ", "center")
}

pub(crate) fn filesizeformat(state: &State, value: &Value, binary: Option<bool>) -> Result<String, Error> {
    finite::writable(state, value)?;
    let size = match value.as_str() {
        Some(text) => text.trim().parse().map_err(|_| Error::new(ErrorKind::InvalidOperation, "not a number"))?,
        None => f64::try_from(value.clone())?,
    };
    Ok(contrib::filesizeformat(size, binary))
}

/// Indents lines by a number of blanks, or by a text.
pub(crate) fn indent(
    state: &State,
    value: &Value,
    width: Option<Value>,
    first: Option<bool>,
    blank: Option<bool>,
) -> Result<String, Error> {
    finite::writable(state, value)?;
    let width = width.filter(|width| !width.is_none()).unwrap_or_else(|| Value::from(4));
    let Some(before) = width.as_str() else {
        let arguments = [("width", width), ("first", first.into()), ("blank", blank.into())];
        let arguments = arguments.into_iter().filter(|(_, value): &(&str, Value)| !value.is_none()).collect();
        let indented = minijinja::filters::indent(StringInput::new(state, value)?, None, None, None, arguments)?;
        return Ok(indented.to_string());
    };
    let mut indented = String::new();
    for (at, line) in text(state, value)?.split('\n').enumerate() {
        if at > 0 {
            indented.push('\n');
        }
        let empty = line.is_empty() || line == "\r";
        if if at == 0 { first == Some(true) } else { !empty || blank == Some(true) } {
            indented.push_str(before);
        }
        indented.push_str(line);
    }
    Ok(indented)
}

pub(crate) fn replace(
    state: &State,
    value: &Value,
    old: &Value,
    new: &Value,
    count: Option<i64>,
) -> Result<String, Error> {
    [value, old, new].into_iter().try_for_each(|value| finite::writable(state, value))?;
    // A negative number means all, as none does.
    let count = count.and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX);
    Ok(value.to_string().replacen(&old.to_string(), &new.to_string(), count))
}

pub(crate) fn float(state: &State, value: &Value, default: Option<Value>, arguments: Kwargs) -> Result<Value, Error> {
    let otherwise = match &default {
        Some(default) => Some(default.clone()),
        None => arguments.get::<Option<Value>>("default")?,
    };
    match minijinja::filters::float(state, value, default, arguments) {
        Ok(made) if otherwise.is_some() && finite::check(&made).is_err() => Ok(otherwise.unwrap_or(made)),
        Err(error) if value.as_str().is_some() && error.kind() == ErrorKind::InvalidOperation => {
            let said = "the text is not a number; `float(default=0.0)` sets a fallback";
            Err(Error::new(ErrorKind::InvalidOperation, said))
        }
        made => made,
    }
}

/// Tables and lists of pairs are written as the query of an address, where a blank is `+`.
fn urlencode(state: &State, value: &Value) -> Result<String, Error> {
    finite::writable(state, value)?;
    let pairs: Vec<(Value, Value)> = match value.kind() {
        ValueKind::Map => {
            value.try_iter()?.map(|key| Ok((key.clone(), value.get_item(&key)?))).collect::<Result<_, Error>>()?
        }
        ValueKind::Seq | ValueKind::Iterable => globals::pairs_of(value, "urlencode")?,
        _ => return minijinja::filters::urlencode(value),
    };
    let encoded = |value: &Value| {
        let text = minijinja::filters::urlencode(&Value::from(value.to_string()))?;
        Ok::<_, Error>(text.replace('/', "%2F").replace("%20", "+"))
    };
    let pairs = pairs.iter().map(|(key, value)| Ok(format!("{}={}", encoded(key)?, encoded(value)?)));
    Ok(pairs.collect::<Result<Vec<_>, Error>>()?.join("&"))
}

/// The engine's own filter makes the largest integer of what is larger, and nothing of what is no number.
pub(crate) fn int(
    state: &State,
    value: &Value,
    default: Option<Value>,
    base: Option<u32>,
    arguments: Kwargs,
) -> Result<Value, Error> {
    // Python reads blanks around a number, and underscores within.
    let tidied = value
        .as_str()
        .map(str::trim)
        .filter(|text| !text.starts_with('_') && !text.ends_with('_') && !text.contains("__"));
    let tidied = tidied.map(|text| Value::from(text.replace('_', "")));
    let value = tidied.as_ref().unwrap_or(value);
    let otherwise = match &default {
        Some(default) => Some(default.clone()),
        None => arguments.get::<Option<Value>>("default")?,
    };
    let made =
        minijinja::filters::int(state, value, default, base, arguments).map_err(|error| match value.as_str() {
            Some(_) => {
                Error::new(ErrorKind::InvalidOperation, "the text is not a number; `int(default=0)` sets a fallback")
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

/// Fails where `format` is given more values than its text takes: the engine drops them.
pub(crate) fn all_converted(given: &[Value]) -> Result<(), Error> {
    let Some((text, values)) = given.split_first().and_then(|(text, values)| Some((text.as_str()?, values))) else {
        return Ok(());
    };
    let count = values.iter().filter(|value| !value.is_kwargs()).count();
    let mut takes = 0;
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        let end =
            after.find(|next: char| !matches!(next, '0'..='9' | '#' | '-' | '+' | ' ' | '.' | '*' | 'h' | 'l' | 'L'));
        let (marks, conversion) = after.split_at(end.unwrap_or(after.len()));
        if conversion.starts_with('(') {
            return Ok(());
        }
        takes += marks.matches('*').count() + usize::from(!conversion.starts_with('%'));
        rest = conversion.get(conversion.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
    }
    if count > takes {
        let said = format!("`format` is given {count} values, but its text takes {takes}");
        return Err(Error::new(ErrorKind::TooManyArguments, said));
    }
    Ok(())
}

fn striptags(state: &State, value: &Value) -> Result<String, Error> {
    Ok(contrib::striptags(text(state, value)?.to_owned()).trim().to_owned())
}

fn wordcount(state: &State, value: &Value) -> Result<Value, Error> {
    text(state, value)?;
    contrib::wordcount(value)
}

fn truncate(state: &mut State, value: &Value, arguments: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    text(state, value)?;
    let arguments = arguments.into_values();
    arguments.iter().try_for_each(|value| argument(state, value))?;
    let mut named = named("truncate", arguments, &["length", "killwords", "end", "leeway"])?;
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
    let arguments = arguments.into_values();
    arguments.iter().try_for_each(|value| argument(state, value))?;
    let named = named("wordwrap", arguments, &["width", "break_long_words", "wrapstring", "break_on_hyphens"])?;
    if named.iter().any(|(name, value)| *name == "width" && i64::try_from(value.clone()).is_ok_and(|width| width < 1)) {
        return Err(Error::new(ErrorKind::InvalidOperation, "the width must be at least 1"));
    }
    contrib::wordwrap(value, named.into_iter().collect())
}

/// Writes a table as the attributes of an XML element, each with a blank before it; those that are none are left out.
pub(crate) fn xmlattr(state: &State, value: &Value, autospace: Option<bool>) -> Result<String, Error> {
    defined(state, value)?;
    let mut attributes = Vec::new();
    for key in value.try_iter()? {
        let item = value.get_item(&key)?;
        let name = key.to_string();
        if name.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '>' | '=' | '"' | '\'')) {
            return Err(Error::new(ErrorKind::InvalidOperation, format!("`{name}` is not a valid attribute name")));
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
