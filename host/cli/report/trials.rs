//! What a pack was tried with, in a line; and what was not taken, a line each.

use crate::check::{Taken, Trials};
use crate::show::count;
use crate::text::printable_line;

/// What is named of what was not taken.
const SHOWN: usize = 20;

/// Writes what was not taken: outcomes of conditions, values, templates; empty where all was.
pub(super) fn untaken(trials: Option<&Trials>) -> String {
    let untaken = trials.map_or(&[][..], |trials| &trials.untaken);
    if untaken.is_empty() {
        return String::new();
    }
    let named = untaken.iter().take(SHOWN).map(|what| format!("\n  {}", printable_line(what)));
    let more = match untaken.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("\n  and {more} more, which `--format json` lists under `untaken`"),
    };
    format!("{} not taken in any trial project:{}{more}", count(untaken.len(), "outcome"), named.collect::<String>())
}

/// Writes the line; empty where there was nothing to choose.
pub(super) fn line(trials: Option<&Trials>) -> String {
    let Some(trials) = trials.filter(|trials| trials.projects > 1 || trials.templates.taken < trials.templates.of)
    else {
        return String::new();
    };
    let parts = [
        ("value", trials.values),
        ("pair", trials.pairs),
        ("condition outcome", trials.conditions),
        ("template", trials.templates),
    ];
    let part = |(what, Taken { taken, of }): (&str, Taken)| {
        (of > 0).then(|| format!("{taken} of {of} {what}{}", if of == 1 { "" } else { "s" }))
    };
    let parts: Vec<String> = parts.into_iter().filter_map(part).collect();
    let projects = if trials.projects == 1 { "trial project" } else { "trial projects" };
    format!("{} {projects}: {}", trials.projects, parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_many_of_how_many() {
        let taken = |taken, of| Taken { taken, of };
        let mut trials = Trials { projects: 3, values: taken(4, 5), templates: taken(1, 1), ..Trials::default() };
        assert_eq!(line(Some(&trials)), "3 trial projects: 4 of 5 values, 1 of 1 template");
        trials.untaken = (0..22).map(|number| format!("true for `when` of `{number}`")).collect();
        let named = untaken(Some(&trials));
        assert!(
            named.starts_with("22 outcomes not taken in any trial project:\n  true for `when` of `0`\n"),
            "{named}"
        );
        assert!(named.ends_with("of `19`\n  and 2 more, which `--format json` lists under `untaken`"), "{named}");
        assert_eq!((untaken(None), untaken(Some(&Trials::default()))), (String::new(), String::new()));
        trials.projects = 1;
        assert_eq!((line(Some(&trials)), line(None)), (String::new(), String::new()));
    }
}
