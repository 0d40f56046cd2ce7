//! What a pack was tried with, in a line.

use crate::check::{Taken, Trials};

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
        trials.projects = 1;
        assert_eq!((line(Some(&trials)), line(None)), (String::new(), String::new()));
    }
}
