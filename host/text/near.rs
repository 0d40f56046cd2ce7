//! What was probably meant: the nearest of several names.
//!
//! Always true here: a typing mistake of one letter comes before everything else; [`nearest`] knows letters only, and [`meant`]
//! knows the words that other tools have for the same.

use std::cmp::Reverse;

use strsim::osa_distance;

/// How many letters are compared with letters to find a near name, a few milliseconds' worth: thousands of names.
const MAX_COMPARED: usize = 1 << 20;

/// The longest name that is compared.
const LONGEST: usize = 100;

/// Words that mean the same here and there; the first is often ours, and a word may have several meanings.
const SAME: &[&[&str]] = &[
    // Types.
    &["string", "str", "text"],
    &["integer", "int", "int32", "int64", "i32", "i64", "uint", "u32", "u64", "long"],
    &["number", "num", "float", "float32", "float64", "f32", "f64", "double", "decimal", "real"],
    &["boolean", "bool", "flag", "switch", "yesno", "confirm"],
    &["choice", "enum", "select", "one-of", "oneof", "option", "radio"],
    &["list", "array", "arr", "seq", "sequence", "vec", "vector", "tuple", "set", "multiselect", "checkbox"],
    &["table", "object", "map", "dict", "dictionary", "hash", "record", "struct"],
    &["secret", "password", "token", "credential"],
    // Keys.
    &["choices", "options", "enum", "values", "allowed", "one_of"],
    &["compute", "computed", "expression", "expr", "formula", "value"],
    &["default", "initial", "fallback"],
    &["dependencies", "depends", "requires", "deps", "needs"],
    &["description", "about", "summary", "desc"],
    &["for_each", "foreach", "each", "loop"],
    &["help", "description", "hint", "doc"],
    &["lints", "rules", "levels", "severity"],
    &["max", "maximum", "most", "upper"],
    &["max_length", "maxlength", "max_len"],
    &["message", "next_steps", "post_message", "_message_after_copy"],
    &["min", "minimum", "least", "lower"],
    &["min_length", "minlength", "min_len"],
    &["output", "out", "dest", "destination", "target", "to"],
    &["pattern", "regex", "regexp", "match", "validate", "validator"],
    &["prompt", "question", "ask", "label"],
    &["source", "src", "from", "input", "template", "file"],
    &["templates", "files", "template"],
    &["variables", "vars", "variable", "questions", "placeholders", "params", "parameters", "inputs"],
    &["when", "if", "condition", "cond", "only_if"],
    // Levels.
    &["off", "allow", "ignore", "disable", "disabled", "none", "silent"],
    &["note", "info", "hint", "notice"],
    &["warn", "warning", "warnings"],
    &["error", "err", "errors", "deny", "forbid", "fatal"],
    // Limits.
    &["time", "timeout", "deadline", "duration"],
    &["memory", "mem", "ram"],
    &["fuel", "gas", "steps"],
    // Engines.
    &["jinja", "jinja2", "j2", "minijinja", "nunjucks"],
    &["handlebars", "hbs", "mustache"],
    // Languages.
    &["js", "javascript", "node", "typescript"],
    &["python", "py"],
    &["rust", "rs"],
];

/// Finds the candidate that a typing mistake is nearest to; none where nothing is near. Two letters that changed
/// places are one mistake; of those that are as near, the one that begins in the same way is meant. Of very many candidates
/// only the first are looked at.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    distance_of(wanted, candidates).map(|(_, candidate)| candidate)
}

fn distance_of<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<(usize, &'a str)> {
    if wanted.len() > LONGEST {
        return None;
    }
    let most = |candidate: &str| wanted.len().max(candidate.len()).div_ceil(3);
    let beginning =
        |candidate: &str| wanted.bytes().zip(candidate.bytes()).take_while(|(one, other)| one == other).count();
    let mut compared = 0;
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .take_while(|candidate| {
            compared += (wanted.len() + 1) * (candidate.len() + 1);
            compared <= MAX_COMPARED
        })
        .map(|candidate| (osa_distance(wanted, candidate), Reverse(beginning(candidate)), candidate))
        .filter(|(distance, _, candidate)| *distance <= most(candidate))
        .min()
        .map(|(distance, _, candidate)| (distance, candidate))
}

/// Finds the word of packbox's own that was meant: a mistake of one letter; a word that means the same elsewhere; one that
/// begins with what was typed, or ends with it behind a `/`; and then what [`nearest`] finds.
pub fn meant<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    if wanted.len() > LONGEST {
        return None;
    }
    let wanted = wanted.to_lowercase();
    let near = distance_of(&wanted, candidates.clone());
    if let Some((0 | 1, candidate)) = near.filter(|_| wanted.len() > 3) {
        return Some(candidate);
    }
    let words: Vec<_> = SAME.iter().filter(|words| words.contains(&wanted.as_str())).flat_map(|words| *words).collect();
    let same = candidates.clone().find(|candidate| words.contains(&candidate));
    if same.is_some() || wanted.len() < 2 {
        // A single letter begins too much.
        return same;
    }
    let begun = candidates.clone().filter(|candidate| candidate.starts_with(&wanted)).min_by_key(|one| one.len());
    let mut all = candidates;
    let ended = || all.find(|candidate| candidate.rsplit_once('/').is_some_and(|(_, end)| end == wanted));
    begun.or_else(ended).or(near.map(|(_, candidate)| candidate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_typing_mistakes_only() {
        assert_eq!(nearest("tempaltes", ["templates", "variables"]), Some("templates"));
        assert_eq!(nearest("x", ["templates"]), None);
        assert_eq!(nearest("nmae", ["name", "same"]), Some("name"));
        assert_eq!(nearest("int", ["integer"]), None);
        // As near as another, and begun in the same way.
        assert_eq!(nearest("max_fuel", ["min_fuel", "max_fule", "max_time"]), Some("max_fule"));
        assert_eq!(nearest("ab", ["bb", "ac"]), Some("ac"));
    }

    #[test]
    fn words_of_other_tools_are_known() {
        let types = ["string", "integer", "number", "boolean", "choice", "list", "secret"];
        for (wanted, right) in [
            ("int", "integer"),
            ("Int", "integer"),
            ("str", "string"),
            ("text", "string"),
            ("bool", "boolean"),
            ("float", "number"),
            ("array", "list"),
            ("enum", "choice"),
            ("password", "secret"),
            ("lsit", "list"),
            ("sting", "string"),
            ("num", "number"),
        ] {
            assert_eq!(meant(wanted, types.into_iter()), Some(right), "{wanted}");
        }
        assert_eq!(meant("datetime", types.into_iter()), None);
        let keys = ["type", "prompt", "default", "choices", "when", "pattern"];
        for (wanted, right) in [("enum", "choices"), ("if", "when"), ("regex", "pattern"), ("defualt", "default")] {
            assert_eq!(meant(wanted, keys.into_iter()), Some(right), "{wanted}");
        }
        let rules = ["security/invisible-character", "security/password", "templates/long-line"];
        for (wanted, right) in [
            ("security/invisible", "security/invisible-character"),
            ("long-line", "templates/long-line"),
            ("template/long-line", "templates/long-line"),
            ("security/passwrod", "security/password"),
        ] {
            assert_eq!(meant(wanted, rules.into_iter()), Some(right), "{wanted}");
        }
        // A mistake of one letter comes first, and a single letter begins nothing.
        assert_eq!(meant("text", ["test", "string"].into_iter()), Some("test"));
        assert_eq!(meant("s", types.into_iter()), None);
    }
}
