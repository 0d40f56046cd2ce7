//! Methods of text that minijinja-contrib lacks.

use minijinja::value::{Tuple, Value, from_args};
use minijinja::{Error, ErrorKind};

use super::WIDEST;

/// Calls a method on a text; none where it is not one of these.
pub fn call(value: &Value, method: &str, arguments: &[Value]) -> Result<Option<Value>, Error> {
    let Some(text) = value.as_str() else { return Ok(None) };
    Ok(Some(match method {
        "swapcase" => {
            let () = from_args(arguments)?;
            let swapped = |character: char| -> String {
                if character.is_uppercase() {
                    character.to_lowercase().collect()
                } else {
                    character.to_uppercase().collect()
                }
            };
            Value::from(text.chars().map(swapped).collect::<String>())
        }
        "casefold" => {
            let () = from_args(arguments)?;
            Value::from(text.to_lowercase().replace('ß', "ss"))
        }
        "isdecimal" => {
            let () = from_args(arguments)?;
            Value::from(!text.is_empty() && text.chars().all(|character| character.is_ascii_digit()))
        }
        "isidentifier" => {
            let () = from_args(arguments)?;
            let first = |character: char| character == '_' || character.is_alphabetic();
            Value::from(text.starts_with(first) && text.chars().all(|next| next == '_' || next.is_alphanumeric()))
        }
        "isprintable" => {
            let () = from_args(arguments)?;
            let seen = |next: char| next == ' ' || !(next.is_control() || next.is_whitespace());
            Value::from(text.chars().all(seen))
        }
        "istitle" => {
            let () = from_args(arguments)?;
            Value::from(is_title(text))
        }
        "removeprefix" => {
            let (prefix,): (&str,) = from_args(arguments)?;
            Value::from(text.strip_prefix(prefix).unwrap_or(text))
        }
        "removesuffix" => {
            let (suffix,): (&str,) = from_args(arguments)?;
            Value::from(text.strip_suffix(suffix).unwrap_or(text))
        }
        "partition" | "rpartition" => {
            let (separator,): (&str,) = from_args(arguments)?;
            partition(text, separator, method == "rpartition")?
        }
        "rsplit" => {
            let (separator, most): (Option<&str>, Option<i64>) = from_args(arguments)?;
            rsplit(text, separator, most)?
        }
        "index" | "rindex" => {
            let (wanted,): (&str,) = from_args(arguments)?;
            let found = if method == "index" { text.find(wanted) } else { text.rfind(wanted) };
            let missing = || Error::new(ErrorKind::InvalidOperation, format!("the text does not contain {wanted:?}"));
            Value::from(text[..found.ok_or_else(missing)?].chars().count())
        }
        "center" | "ljust" | "rjust" => {
            let (width, fill): (i64, Option<&str>) = from_args(arguments)?;
            Value::from(padded(text, width, fill.unwrap_or(" "), method)?)
        }
        "zfill" => {
            let (width,): (i64,) = from_args(arguments)?;
            let (sign, digits) = text.split_at(usize::from(text.starts_with(['+', '-'])));
            let rest = width.saturating_sub(i64::try_from(sign.len()).unwrap_or_default());
            Value::from(format!("{sign}{}", padded(digits, rest, "0", "rjust")?))
        }
        "expandtabs" => {
            let (width,): (Option<i64>,) = from_args(arguments)?;
            Value::from(expandtabs(text, width.unwrap_or(8))?)
        }
        _ => return Ok(None),
    }))
}

/// Whether each word begins with a capital letter, and there is a letter at all.
fn is_title(text: &str) -> bool {
    let (mut within, mut any) = (false, false);
    for letter in text.chars() {
        if (letter.is_uppercase() && within) || (letter.is_lowercase() && !within) {
            return false;
        }
        within = letter.is_uppercase() || letter.is_lowercase();
        any |= within;
    }
    any
}

fn partition(text: &str, separator: &str, last: bool) -> Result<Value, Error> {
    if separator.is_empty() {
        return Err(Error::new(ErrorKind::InvalidOperation, "the separator is empty"));
    }
    let split = if last { text.rsplit_once(separator) } else { text.split_once(separator) };
    let parts = match (split, last) {
        (Some((before, after)), _) => [before, separator, after],
        (None, false) => [text, "", ""],
        (None, true) => ["", "", text],
    };
    Ok(Value::from(Tuple::from(parts.map(Value::from))))
}

fn rsplit(text: &str, separator: Option<&str>, most: Option<i64>) -> Result<Value, Error> {
    // A negative number means all, as none does.
    let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX).saturating_add(1);
    let parts: Vec<&str> = match separator {
        Some("") => return Err(Error::new(ErrorKind::InvalidOperation, "the separator is empty")),
        Some(separator) => text.rsplitn(most, separator).collect(),
        None => {
            let mut parts = Vec::new();
            let mut rest = text.trim();
            while !rest.is_empty() && parts.len() + 1 < most {
                let Some((before, last)) = rest.rsplit_once(char::is_whitespace) else { break };
                parts.push(last);
                rest = before.trim_end();
            }
            if !rest.is_empty() {
                parts.push(rest);
            }
            parts
        }
    };
    Ok(parts.into_iter().rev().map(Value::from).collect())
}

/// Pads a text to a width in characters, as `center`, `ljust` and `rjust` do it.
pub fn padded(text: &str, width: i64, fill: &str, how: &str) -> Result<String, Error> {
    let length = text.chars().count();
    let asked = width;
    let width = usize::try_from(width.max(0)).unwrap_or(usize::MAX);
    if fill.chars().count() != 1 {
        return Err(Error::new(ErrorKind::InvalidOperation, "the fill must be a single character"));
    }
    if width > length.max(WIDEST) {
        return Err(Error::new(ErrorKind::InvalidOperation, format!("the width {asked} is over {WIDEST}")));
    }
    let all = width.saturating_sub(length);
    let before = match how {
        "ljust" => 0,
        "rjust" => all,
        // Python puts the odd one before the text where the width is odd.
        _ => all / 2 + (all & width & 1),
    };
    Ok(format!("{}{text}{}", fill.repeat(before), fill.repeat(all - before)))
}

fn expandtabs(text: &str, width: i64) -> Result<String, Error> {
    let width = usize::try_from(width.max(0)).unwrap_or(usize::MAX);
    if width > WIDEST / (text.matches('\t').count() + 1) {
        return Err(Error::new(ErrorKind::InvalidOperation, format!("the width {width} is too large")));
    }
    let mut expanded = String::with_capacity(text.len());
    let mut column = 0;
    for character in text.chars() {
        match character {
            '\t' if width > 0 => {
                let blanks = width - column % width;
                expanded.push_str(&" ".repeat(blanks));
                column += blanks;
            }
            '\t' => {}
            other => {
                column = if matches!(other, '\n' | '\r') { 0 } else { column + 1 };
                expanded.push(other);
            }
        }
    }
    Ok(expanded)
}
