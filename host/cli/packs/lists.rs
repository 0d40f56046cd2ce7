//! What lists of packs show in a line.

use crate::clock::seconds_now;
use crate::text;

/// A stranger's text for one line of a list.
pub fn line(stranger: &str, most: usize) -> String {
    let line = text::printable_line(stranger);
    let mut short: String = line.chars().take(most).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

/// A number of things: `1 pack`, `2 packs`.
pub fn counted(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// How long ago something was, in words.
pub fn age(then: u64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let seconds = seconds_now().saturating_sub(then);
    for (unit, name) in units {
        let count = seconds / unit;
        if count > 0 {
            return format!("{} ago", counted(count, name));
        }
    }
    "just now".to_owned()
}
