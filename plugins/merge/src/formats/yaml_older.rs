//! What plain text is for readers of YAML 1.1, of which there are many: those of Python and Ruby, and older ones of Go and Java.
//!
//! Where it is the same as in YAML 1.2, a scalar has the name of its value. Where it is not, its name has both.

use super::yaml_flow::resolve;

/// The name of a plain text.
#[must_use]
pub fn named(text: &str) -> String {
    let new = resolve(text);
    match older(text) {
        Some(old) if old != new && !new.starts_with("f:") => format!("1:{old}|{new}"),
        // A text there, a number here.
        None if new.starts_with("i:") => format!("1:s:{text}|{new}"),
        _ => new,
    }
}

/// The name of the value in YAML 1.2.
#[must_use]
pub fn newer(name: &str) -> &str {
    name.strip_prefix("1:").and_then(|both| both.split_once('|')).map_or(name, |(_, new)| new)
}

/// What a scalar is in each version, if it is not the same: for people.
#[must_use]
pub fn both(name: &str) -> Option<(String, String)> {
    let (old, new) = name.strip_prefix("1:")?.split_once('|')?;
    Some((shown(old), shown(new)))
}

fn shown(name: &str) -> String {
    let (kind, text) = name.split_at(name.len().min(2));
    match kind {
        "s:" => format!("the text `{text}`"),
        "i:" | "f:" => format!("the number `{text}`"),
        "b:" => format!("the boolean `{text}`"),
        "d:" => format!("the date `{text}`"),
        _ => format!("`{text}`"),
    }
}

/// What it is if it is no text.
fn older(text: &str) -> Option<String> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Some("b:true".to_owned()),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Some("b:false".to_owned()),
        "=" => return Some("v:=".to_owned()),
        _ => {}
    }
    let resolved = resolve(text);
    if resolved.starts_with(['n', 'b']) {
        return Some(resolved);
    }
    if let Some(integer) = integer(text) {
        return Some(format!("i:{integer}"));
    }
    if is_float(text) {
        return Some(format!("f:{text}"));
    }
    is_date(text).then(|| format!("d:{text}"))
}

/// An integer: binary, octal with a leading zero, hexadecimal, to the base 60 with colons; all with `_` between digits.
fn integer(text: &str) -> Option<String> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { "-" } else { "" };
    let number = |digits: &str, radix: u32| -> Option<String> {
        let plain = digits.replace('_', "");
        let known = !plain.is_empty() && plain.chars().all(|digit| digit.is_digit(radix));
        let value = known.then(|| i128::from_str_radix(&plain, radix));
        match value? {
            Ok(value) if sign.is_empty() || value == 0 => Some(value.to_string()),
            Ok(value) => Some(format!("-{value}")),
            // As YAML 1.2 names it.
            Err(_) => Some(text.to_owned()),
        }
    };
    if let Some(digits) = unsigned.strip_prefix("0b") {
        return number(digits, 2);
    }
    if let Some(digits) = unsigned.strip_prefix("0x") {
        return number(digits, 16);
    }
    if unsigned.len() > 1 && unsigned.starts_with('0') {
        return number(unsigned, 8);
    }
    if !unsigned.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    if unsigned.contains(':') {
        let parts = sixties(unsigned)?;
        if unsigned.starts_with('0') {
            return None;
        }
        let mut value = 0_i128;
        for part in parts {
            value = value.checked_mul(60)?.checked_add(part.parse().ok()?)?;
        }
        return number(&value.to_string(), 10);
    }
    number(unsigned, 10)
}

/// The parts of a number to the base 60, the first without `_`.
fn sixties(text: &str) -> Option<Vec<String>> {
    let parts: Vec<String> = text.split(':').map(|part| part.replace('_', "")).collect();
    let digits = |part: &String| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let small = |part: &String| part.parse::<u8>().is_ok_and(|part| part < 60) && part.len() < 3;
    (parts.len() > 1 && parts.iter().all(digits) && parts[1..].iter().all(small)).then_some(parts)
}

/// A number with a point.
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let Some((whole, rest)) = unsigned.split_once('.') else { return false };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let (fraction, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']);
        exponent.is_some_and(|exponent| !exponent.is_empty() && exponent.bytes().all(|byte| byte.is_ascii_digit()))
    });
    let begins = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    let whole = if whole.contains(':') {
        sixties(whole).is_some()
    } else {
        digits(whole) && (begins(whole) || (whole.is_empty() && begins(fraction)))
    };
    whole && digits(fraction) && exponent
}

/// `2001-12-14`, or with a time: `2001-12-14t21:59:43.10-05:00`.
fn is_date(text: &str) -> bool {
    let digits = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (date, time) = match text.find(['T', 't', ' ', '\t']) {
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start())),
        None => (text, None),
    };
    let date: Vec<&str> = date.split('-').collect();
    let [year, month, day] = date[..] else { return false };
    let least = if time.is_some() { 1 } else { 2 };
    if !(digits(year, 4, 4) && digits(month, least, 2) && digits(day, least, 2)) {
        return false;
    }
    let Some(time) = time else { return true };
    let zone = time.find(['Z', '+', '-', ' ', '\t']).unwrap_or(time.len());
    let (clock, zone) = (&time[..zone], time[zone..].trim());
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let clock: Vec<&str> = clock.split(':').collect();
    let [hours, minutes, seconds] = clock[..] else { return false };
    let zone = match zone.strip_prefix(['+', '-']) {
        Some(offset) => {
            let (hours, minutes) = offset.split_once(':').unwrap_or((offset, "00"));
            digits(hours, 1, 2) && digits(minutes, 2, 2)
        }
        None => matches!(zone, "" | "Z"),
    };
    digits(hours, 1, 2) && digits(minutes, 2, 2) && digits(seconds, 2, 2) && digits(fraction, 0, 30) && zone
}
