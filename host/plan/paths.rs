//! What is wrong with output paths though each is a path: two items that share one, and values that are no part of a name.
//!
//! Always true here: nothing is evaluated. An error names the items or the expression, and what to write instead.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::pack::{Template, TemplateEngine};
use crate::show;
use crate::text::{fold, printable_line};

/// A file that is to be written.
pub(super) struct Written<'a> {
    /// What makes it.
    pub template: &'a Template,
    /// The item that it is made for.
    pub item: Option<&'a Value>,
    /// Where it goes.
    pub path: &'a str,
}

/// Finds files of items whose path another file has: for each the template that comes second, and what is said.
pub(super) fn clashes<'a>(
    files: impl Iterator<Item = Written<'a>>,
    values: &Map<String, Value>,
) -> Vec<(&'a Template, String)> {
    let mut first: HashMap<String, Written<'a>> = HashMap::new();
    let mut clashes = Vec::new();
    for file in files.filter(|file| keeps_its_path(file.template)) {
        let Some(other) = first.get(&fold(file.path)) else {
            first.insert(fold(file.path), file);
            continue;
        };
        // Two templates without items are told once they are rendered, with all else that clashes.
        if file.item.is_none() && other.item.is_none() {
            continue;
        }
        let by = |file: &Written<'_>| format!("`{}`{}", file.template.source, of_item(file, values));
        let (one, two) = (by(other), by(&file));
        let detail = if other.path == file.path {
            format!("{} is written twice, by {one} and by {two}", show::quoted(file.path))
        } else {
            let (path, other) = (show::quoted(file.path), show::quoted(other.path));
            format!("{other} and {path} are the same file on some systems, and are written by {one} and by {two}")
        };
        clashes.push((file.template, detail));
    }
    clashes
}

/// Whether what a template makes is one file at its path: a plugin may name its files itself.
fn keeps_its_path(template: &Template) -> bool {
    let mut engines = std::iter::once(&template.engine).chain(template.then.iter().map(|stage| &stage.engine));
    !engines.any(|engine| matches!(engine, TemplateEngine::Plugin(_)))
}

/// Which item a file is made for, where it is made for one.
fn of_item(file: &Written<'_>, values: &Map<String, Value>) -> String {
    let (Some(item), Some(list)) = (file.item, &file.template.for_each) else { return String::new() };
    let list = list.value.as_str();
    let items = values.get(list).and_then(Value::as_array);
    let number = items.and_then(|items| items.iter().position(|other| std::ptr::eq(other, item)));
    let number = number.map_or_else(String::new, |number| format!(" {}", number + 1));
    format!(" for item{number} of `{list}` ({})", show::value(item))
}

/// The expressions that a path prints, as `{{ name }}` does.
pub(super) fn printed(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find("{{") {
        rest = &rest[start + 2..];
        let mut quote = None;
        let end = rest.char_indices().find(|(at, next)| match quote {
            Some(open) => {
                quote = Some(open).filter(|open| open != next);
                false
            }
            None if matches!(next, '\'' | '"') => {
                quote = Some(*next);
                false
            }
            None => rest[*at..].starts_with("}}"),
        });
        let Some((end, _)) = end else { break };
        found.push(rest[..end].trim_start_matches(['-', '+']).trim_end_matches(['-', '+']).trim());
        rest = &rest[end + 2..];
    }
    found
}

/// Whether a path may hold what is printed for a list, a map or null.
pub(super) fn may_hold_no_name(path: &str) -> bool {
    path.contains(['[', '{']) || path.contains("None")
}

/// What is said of a value that a path prints and that is no part of a name, and what to do; nothing for one that is.
pub(super) fn no_name(expression: &str, value: &Value, path: &str, source: &str) -> Option<(String, String)> {
    let shown = printable_line(expression);
    let is_name = expression.chars().all(|next| next.is_ascii_alphanumeric() || matches!(next, '_' | '.'));
    let name = if is_name { &*shown } else { "it" };
    Some(match value {
        Value::Array(_) if path.contains('[') => {
            let each =
                if is_name { format!("`for_each = \"{name}\"` and `{{{{ item }}}}`") } else { "`for_each`".into() };
            let one = format!("write one of its items, or join them: `{{{{ {shown} | join('-') }}}}`");
            (format!("`{shown}` is a list"), format!("{one}; or make a file for each, with {each}"))
        }
        Value::Object(_) if path.contains('{') => {
            (format!("`{shown}` is a map"), "write one of the values in it instead".to_owned())
        }
        // The word may stand there as it is.
        Value::Null if path.matches("None").count() > source.matches("None").count() => {
            let when = if is_name { format!(": `when = \"{name} is not none\"`") } else { String::new() };
            let hint = format!("give {} a value, or leave the file out if it has none{when}", code(name, is_name));
            (format!("`{shown}` is null"), hint)
        }
        _ => return None,
    })
}

fn code(name: &str, is_name: bool) -> String {
    if is_name { format!("`{name}`") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_path_prints_is_found() {
        assert_eq!(printed("a/{{ x }}/{{-y.z | f('}}') -}}.txt"), ["x", "y.z | f('}}')"]);
        assert_eq!(printed("{% if x %}{{ '{{' ~ \"'\" }}{% endif %}{{ open"), ["'{{' ~ \"'\""]);
        assert!(printed("plain {x}").is_empty());
    }

    #[test]
    fn lists_maps_and_null_are_no_names() {
        let told = |expression, value, path| {
            no_name(expression, &value, path, "{{ x }}").map(|(what, hint)| format!("{what}; {hint}"))
        };
        assert_eq!(
            told("tags", json!(["k"]), "['k'].txt").unwrap(),
            "`tags` is a list; write one of its items, or join them: `{{ tags | join('-') }}`; or make a file for each, \
             with `for_each = \"tags\"` and `{{ item }}`"
        );
        assert_eq!(
            told("x", json!({"name": "a"}), "{'name': 'a'}").unwrap(),
            "`x` is a map; write one of the values in it instead"
        );
        assert_eq!(
            told("x", json!(null), "None").unwrap(),
            "`x` is null; give `x` a value, or leave the file out if it has none: `when = \"x is not none\"`"
        );
        assert_eq!(
            told("x or y", json!(null), "None").unwrap(),
            "`x or y` is null; give it a value, or leave the file out if it has none"
        );
        assert_eq!((told("x", json!("None"), "None"), told("x", json!(["k"]), "a")), (None, None));
    }
}
