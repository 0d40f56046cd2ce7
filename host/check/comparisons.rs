//! `manifest/comparison`: what the manifest's expressions compare can be equal.
//!
//! Always true here: an expression is not parsed, its words are only told apart, so only a name beside `==` or `!=` and a
//! constant, with nothing that could change either, is spoken of: what is found is always so, and not all is found.

use std::collections::BTreeMap;

use super::report::RuleInfo;
use crate::diagnostic::{Diagnostic, Severity};
use crate::pack::{Pack, Spanned, Variable};
use crate::show::quoted;
use crate::text::nearest;
use crate::values::{ItemKind, VariableKind};

/// The rule.
const RULE: &str = "manifest/comparison";
/// How many such comparisons of a pack are told.
const MOST: usize = 100;
/// Its page.
const PAGE: &str = "\
A boolean is never equal to a text, nor is a number, and a choice is none of the texts that it does not offer. Such a
comparison is always false (with `!=`, always true), and what it guards is always there, or never. The rule looks at the
manifest's expressions: `when`, `compute`, and those in paths; templates are not looked at.

## Fails

```pack
[variables.tests]
type = \"boolean\"
prompt = \"Add tests\"

[[templates]]
source = \"test.sh\"
output = \"test.sh\"
when = \"tests == 'y'\"

==> test.sh
exit 0
```

```pack
[variables.database]
type = \"choice\"
choices = [\"none\", \"mysql\"]
prompt = \"Database\"

[[templates]]
source = \"schema.sql\"
output = \"schema.sql\"
when = \"database == 'mysqll'\"

==> schema.sql
create table people (name text);
```

## Passes

```pack
[variables.tests]
type = \"boolean\"
prompt = \"Add tests\"

[variables.database]
type = \"choice\"
choices = [\"none\", \"mysql\"]
prompt = \"Database\"

[[templates]]
source = \"schema.sql\"
output = \"schema.sql\"
when = \"tests and database == 'mysql'\"

==> schema.sql
create table people (name text);
```
";

/// Returns what is said about the rule.
#[must_use]
pub fn comparison_rule() -> RuleInfo {
    RuleInfo {
        id: RULE.to_owned(),
        summary: "a comparison that is never true, or always".to_owned(),
        default_level: Severity::Warning,
        help: PAGE.to_owned(),
    }
}

/// Finds the comparisons in a pack's expressions that have one outcome whatever the values.
pub fn find(pack: &Pack) -> Vec<Diagnostic> {
    let manifest = &pack.manifest;
    let variables = manifest.variables.iter().map(|one| (one.name.as_str(), one)).collect();
    let of_variables = manifest.variables.iter().flat_map(|one| [&one.when, &one.compute]).flatten();
    let outputs = manifest.templates.iter().filter_map(|entry| entry.output.as_ref());
    let of_templates = manifest.templates.iter().filter_map(|entry| entry.when.as_ref());
    let of_templates = of_templates.chain(outputs.filter(|output| output.value.contains('{')));
    of_variables.chain(of_templates).flat_map(|expression| found_in(pack, &variables, expression)).take(MOST).collect()
}

fn found_in(pack: &Pack, variables: &BTreeMap<&str, &Variable>, expression: &Spanned<String>) -> Vec<Diagnostic> {
    let words = words(&expression.value);
    let at = |place: Option<usize>| place.and_then(|place| words.get(place));
    let mut found = Vec::new();
    for (place, operator) in words.iter().enumerate() {
        let Word::Compare(is_equal) = *operator else { continue };
        let (Some(left), Some(right)) = (at(place.checked_sub(1)), at(Some(place + 1))) else { continue };
        let stands_alone = at(place.checked_sub(2)).is_none_or(Word::may_stand_before)
            && at(Some(place + 2)).is_none_or(Word::may_stand_behind);
        let (name, constant) = match (left, right) {
            (Word::Name(name), constant) | (constant, Word::Name(name)) => (*name, constant),
            _ => continue,
        };
        // `item` is that of a `for_each`.
        let Some(variable) = variables.get(name).filter(|_| stands_alone && name != "item") else { continue };
        let Some(mismatch) = mismatch(variable, constant) else { continue };
        let sign = if is_equal { "==" } else { "!=" };
        let outcome = if is_equal { "never true" } else { "always true" };
        let shown = quoted(&format!("{} {sign} {}", left.text(), right.text()));
        let message = format!("{shown} is {outcome}: `{name}` is {mismatch}");
        let mut finding = Diagnostic::error(RULE, message).at(pack.span(&expression.range));
        finding.severity = Severity::Warning;
        finding.help = Some(advice(variable, constant, is_equal));
        found.push(finding);
        if found.len() == MOST {
            break;
        }
    }
    found
}

/// What a variable is, where it is never equal to a constant.
fn mismatch(variable: &Variable, constant: &Word<'_>) -> Option<String> {
    let is_text = matches!(constant, Word::Text(_));
    // Whether a boolean equals a number is for the engine to say.
    let is_other = is_text || matches!(constant, Word::Number(_));
    let what = match (&variable.kind, constant) {
        (VariableKind::Boolean, _) if is_text => "true or false",
        (VariableKind::Integer { .. } | VariableKind::Number { .. }, _) if is_text => "a number",
        (VariableKind::List { .. }, _) if is_other => "a list",
        (VariableKind::Choice { choices }, Word::Text(text)) => {
            let is_choice = choices.iter().any(|choice| choice.value == *text);
            let what = if text.is_empty() { "an empty text".to_owned() } else { quoted(text) };
            return (!is_choice).then(|| format!("a choice, and {what} none of its choices"));
        }
        (
            VariableKind::String { .. } | VariableKind::Secret | VariableKind::Choice { .. },
            Word::Number(_) | Word::Truth(_),
        ) => "a text",
        // What is not asked for has no value, and a computed one may be null.
        (kind, Word::Other("none" | "None")) if variable.when.is_none() && variable.compute.is_none() => {
            let what = match kind {
                VariableKind::Boolean => "true or false",
                VariableKind::Integer { .. } | VariableKind::Number { .. } => "a number",
                VariableKind::List { .. } => "a list",
                VariableKind::String { .. } | VariableKind::Secret | VariableKind::Choice { .. } => "a text",
            };
            return Some(format!("{what}, and `none` without quotes is no value"));
        }
        _ => return None,
    };
    Some(what.to_owned())
}

/// What to write instead.
fn advice(variable: &Variable, constant: &Word<'_>, is_equal: bool) -> String {
    let name = variable.name.as_str();
    let sign = if is_equal { "==" } else { "!=" };
    let text = constant.text();
    match (&variable.kind, constant) {
        (VariableKind::Choice { choices }, Word::Other(_)) if choices.iter().any(|choice| choice.value == text) => {
            format!("write {}, in quotes", quoted(&format!("{name} {sign} '{text}'")))
        }
        (_, Word::Other(_)) => "it always has a value: leave the comparison out".to_owned(),
        (VariableKind::Boolean, Word::Text(text)) => {
            let meant = variable.kind.parse_text(text).ok().and_then(|meant| meant.as_bool());
            match meant.map(|meant| meant == is_equal) {
                Some(true) => format!("write `{name}`"),
                Some(false) => format!("write `not {name}`"),
                None => format!("write `{name}` or `not {name}`"),
            }
        }
        (VariableKind::Integer { .. } | VariableKind::Number { .. }, Word::Text(text))
            if text.parse::<f64>().is_ok() =>
        {
            format!("write `{name} {sign} {text}`, without quotes")
        }
        (VariableKind::Integer { .. } | VariableKind::Number { .. }, _) => "compare it with a number".to_owned(),
        (VariableKind::List { items, .. }, _) => {
            let item = if *items == ItemKind::String { format!("'{}'", text.trim_matches(['\'', '"'])) } else { text };
            let is_in = if is_equal { "in" } else { "not in" };
            format!("to ask whether it has an item, write {}", quoted(&format!("{item} {is_in} {name}")))
        }
        (VariableKind::Choice { choices }, Word::Text(text)) => {
            let choices = || choices.iter().map(|choice| choice.value.as_str());
            match nearest(text, choices()) {
                Some(near) => format!("did you mean {}?", quoted(near)),
                None => format!("its choices are {}", choices().take(20).map(quoted).collect::<Vec<_>>().join(", ")),
            }
        }
        _ => format!("write {}, in quotes", quoted(&format!("{name} {sign} '{text}'"))),
    }
}

/// A word of an expression.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Word<'a> {
    Name(&'a str),
    Text(&'a str),
    Number(&'a str),
    Truth(&'a str),
    /// `==`, or else `!=`.
    Compare(bool),
    Other(&'a str),
}

impl Word<'_> {
    /// Whether a comparison may begin behind it.
    fn may_stand_before(&self) -> bool {
        matches!(self, Self::Other("(" | "{{" | "{%" | "and" | "or" | "not" | "if" | "elif" | "else" | ","))
    }

    /// Whether a comparison may end before it.
    fn may_stand_behind(&self) -> bool {
        matches!(self, Self::Other(")" | "}}" | "%}" | "and" | "or" | "if" | "else" | ","))
    }

    /// As it is written.
    fn text(&self) -> String {
        match self {
            Self::Text(text) => format!("'{text}'"),
            Self::Name(text) | Self::Number(text) | Self::Truth(text) | Self::Other(text) => (*text).to_owned(),
            Self::Compare(is_equal) => (if *is_equal { "==" } else { "!=" }).to_owned(),
        }
    }
}

/// Tells the words of an expression apart.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_part = |character: char| character.is_alphanumeric() || character == '_';
        let until = |is_in: &dyn Fn(char) -> bool| rest.find(|character| !is_in(character)).unwrap_or(rest.len());
        let length = match first {
            '\'' | '"' => {
                let Some(end) = rest[1..].find(first) else { break };
                let inner = &rest[1..=end];
                // What is escaped in it is not known here.
                words.push(if inner.contains('\\') { Word::Other(inner) } else { Word::Text(inner) });
                end + 2
            }
            _ if first.is_ascii_digit() => {
                let length = until(&|character| is_part(character) || character == '.');
                words.push(Word::Number(&rest[..length]));
                length
            }
            _ if is_part(first) => {
                let length = until(&is_part);
                words.push(match &rest[..length] {
                    word @ ("true" | "false" | "True" | "False") => Word::Truth(word),
                    word @ ("and" | "or" | "not" | "if" | "elif" | "else" | "is" | "in" | "none" | "None") => {
                        Word::Other(word)
                    }
                    word => Word::Name(word),
                });
                length
            }
            _ if first.is_whitespace() => first.len_utf8(),
            _ => {
                let pair = rest.get(..2).filter(|pair| ["==", "!=", "{{", "}}", "{%", "%}"].contains(pair));
                let length = pair.map_or(first.len_utf8(), str::len);
                words.push(match &rest[..length] {
                    "==" => Word::Compare(true),
                    "!=" => Word::Compare(false),
                    other => Word::Other(other),
                });
                length
            }
        };
        rest = &rest[length..];
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::PackLimits;

    /// What is said of a condition, and what to write instead.
    fn told(when: &str) -> Vec<(String, String)> {
        let text = format!(
            "[pack]\nname = \"demo\"\nversion = \"1.0.0\"\n[variables.flag]\ntype = \"boolean\"\n[variables.port]\ntype = \"integer\"\n\
             [variables.name]\ntype = \"string\"\n[variables.parts]\ntype = \"list\"\n[variables.db]\ntype = \"choice\"\n\
             choices = [\"none\", \"mysql\"]\n[variables.last]\ntype = \"string\"\nwhen = {}\n",
            serde_json::Value::from(when)
        );
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pack.toml"), text).unwrap();
        let pack = Pack::load(folder.path(), &PackLimits::default()).unwrap();
        find(&pack).into_iter().map(|finding| (finding.message, finding.help.unwrap_or_default())).collect()
    }

    #[test]
    fn what_is_never_equal_is_found() {
        for (when, message, help) in [
            ("flag == 'y'", "`flag == 'y'` is never true: `flag` is true or false", "write `flag`"),
            ("not (flag == \"no\")", "`flag == 'no'` is never true: `flag` is true or false", "write `not flag`"),
            ("'y' != flag", "`'y' != flag` is always true: `flag` is true or false", "write `not flag`"),
            (
                "flag == 'maybe'",
                "`flag == 'maybe'` is never true: `flag` is true or false",
                "write `flag` or `not flag`",
            ),
            (
                "port == '80' and flag",
                "`port == '80'` is never true: `port` is a number",
                "write `port == 80`, without quotes",
            ),
            ("name == 80", "`name == 80` is never true: `name` is a text", "write `name == '80'`, in quotes"),
            (
                "flag or name == true",
                "`name == true` is never true: `name` is a text",
                "write `name == 'true'`, in quotes",
            ),
            (
                "parts == 'a'",
                "`parts == 'a'` is never true: `parts` is a list",
                "to ask whether it has an item, write `'a' in parts`",
            ),
            (
                "db == 'mysqll'",
                "`db == 'mysqll'` is never true: `db` is a choice, and `mysqll` none of its choices",
                "did you mean `mysql`?",
            ),
            (
                "db != ''",
                "`db != ''` is always true: `db` is a choice, and an empty text none of its choices",
                "its choices are `none`, `mysql`",
            ),
            (
                "db != none",
                "`db != none` is always true: `db` is a text, and `none` without quotes is no value",
                "write `db != 'none'`, in quotes",
            ),
            (
                "port == none",
                "`port == none` is never true: `port` is a number, and `none` without quotes is no value",
                "it always has a value: leave the comparison out",
            ),
        ] {
            assert_eq!(told(when), [(message.to_owned(), help.to_owned())], "{when}");
        }
    }

    #[test]
    fn what_may_be_equal_is_not() {
        for when in [
            "flag",
            "flag == true",
            "flag == 1",
            "flag | string == 'true'",
            "flag == 'y' | bool",
            "name == 'x'",
            "name ~ port == '80'",
            "name.port == 80",
            "name == port",
            "port == 80",
            "db == 'none'",
            "last == none",
            "db == 'my' ~ 'sql'",
            "name == 'flag == 1'",
            "other == 3",
            "parts[0] == 'a'",
            "[flag] == 'a'",
            "'a' == 'b'",
            "name == 'a\\'b'",
            "==",
            "name == 'open",
        ] {
            assert_eq!(told(when), [], "{when}");
        }
    }
}
