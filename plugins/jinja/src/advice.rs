//! What to do instead of what other Jinjas have and this one does not.

use crate::hints;

/// What other Jinjas have and what is long enough to be mistyped.
const FILTERS: [&str; 11] = [
    "slugify",
    "strftime",
    "ternary",
    "mandatory",
    "combine",
    "urlize",
    "uppercase",
    "lowercase",
    "regex_replace",
    "to_json",
    "to_yaml",
];

/// What to do instead of a filter whose name is nearly one that other Jinjas have.
#[must_use]
pub fn near_filter(name: &str) -> Option<String> {
    let near = hints::nearest(name, FILTERS)?;
    Some(format!("there is no `{near}`: {}", filter(near)?))
}

/// What to do where a name is undefined in a tag that stands behind a dollar: `${{ secrets.TOKEN }}`.
#[must_use]
pub fn behind_dollar(before: &str) -> Option<String> {
    let tag = before.rfind("{{").filter(|at| !before[*at..].contains("}}"))?;
    before[..tag].ends_with('$').then(|| {
        "`${{ … }}` belongs to the workflow: put it between `{% raw %}` and `{% endraw %}`, or copy the file with \
         `engine = \"copy\"`"
            .to_owned()
    })
}

/// What to do instead of a filter.
#[must_use]
pub fn filter(name: &str) -> Option<&'static str> {
    Some(match name {
        "random" | "shuffle" => "there are no random numbers: the same variables give the same text",
        "slugify" => "use `kebab_case`, or `snake_case` for `_` between the words",
        "jsonify" | "to_json" | "json" | "toJson" | "json_dumps" => "use `tojson`",
        "to_nice_json" | "toPrettyJson" | "json_encode" => "use `tojson(indent=2)`",
        "to_yaml" | "to_nice_yaml" | "toYaml" | "yaml" => "use `tojson`: JSON is YAML, too",
        "ternary" => "write `a if condition else b`",
        "regex_replace" | "regex_search" | "regex_findall" => {
            "there are no regular expressions; `replace` and `split` take plain text"
        }
        "strftime" | "datetimeformat" | "date" => "there is no clock: make the date a variable",
        "urlize" => "write the link: `<a href=\"{{ x | e }}\">`",
        "upcase" | "uppercase" | "toUpper" | "to_upper" => "use `upper`",
        "downcase" | "lowercase" | "toLower" | "to_lower" => "use `lower`",
        "size" | "len" => "use `length`",
        "strip" => "use `trim`",
        "mandatory" => "an undefined name is always an error",
        "combine" => "use `dict(table, key=value)`",
        "b64encode" | "b64decode" | "hash" | "md5" | "sha1" => "there are no encodings or digests: make it a variable",
        _ => return None,
    })
}

/// What to do instead of a test.
#[must_use]
pub fn test(name: &str) -> Option<String> {
    let instead = match name {
        "startswith" | "starts_with" | "starting_with" | "starts" => "use `startingwith`, or `x.startswith('a')`",
        "endswith" | "ends_with" | "ending_with" | "ends" => "use `endingwith`, or `x.endswith('a')`",
        "contains" | "containing" | "has" => "write `'a' in x`",
        "null" | "nil" => "use `none`",
        "same" | "same_as" => "use `sameas`",
        "divisible" | "divisible_by" => "use `divisibleby`: `x is divisibleby 3`",
        "dict" | "dictionary" | "map" | "object" | "hash" => "use `mapping`",
        "list" | "array" | "tuple" => "use `sequence`",
        "bool" => "use `boolean`",
        "str" | "text" => "use `string`",
        "uppercase" | "isupper" => "use `upper`",
        "lowercase" | "islower" => "use `lower`",
        "digit" | "isdigit" | "numeric" | "isnumeric" => "use `number`; for a text, write `x.isdigit()`",
        "any" | "all" => "use a filter: `list | select | list | length`",
        "instance" | "isinstance" | "type" => "use `string`, `number`, `boolean`, `sequence` or `mapping`",
        _ => return hints::foreign_test(name, false),
    };
    Some(instead.to_owned())
}

/// What to do instead of a name that Jinja2 defines, or defines elsewhere.
#[must_use]
pub fn name(name: &str) -> Option<&'static str> {
    Some(match name {
        "null" | "nil" | "undefined" => "write `none`",
        "loop" => "`loop` exists only between `{% for %}` and `{% endfor %}`; an included file does not see it",
        "self" => "`self.name()` writes a block of this template",
        "caller" => "`caller()` exists only in a macro that is called with `{% call %}`",
        "varargs" | "kwargs" => "macros take the arguments that they name; give a list or a table as one of them",
        _ => return None,
    })
}

/// What to do instead of a function.
#[must_use]
pub fn function(name: &str) -> Option<&'static str> {
    Some(match name {
        "lipsum" | "randrange" | "random" | "random_ascii_string" | "uuid4" | "uuid" => {
            "there are no random numbers: the same variables give the same text"
        }
        "now" | "today" => "there is no clock: make the date a variable",
        "debug" => "there is no `debug()`: it would print all variables; `{{ x | pprint }}` prints one",
        "len" => "use the filter `length`: `x | length`",
        "str" => "use the filter `string`: `x | string`",
        "int" | "float" | "list" | "sum" | "min" | "max" | "abs" | "round" => "use the filter of that name: `x | int`",
        "sorted" => "use the filter `sort`: `x | sort`",
        "reversed" => "use the filter `reverse`: `x | reverse`",
        "enumerate" => "use `loop.index0` in a `for`",
        "zip" => "use the filter `zip`: `a | zip(b)`",
        "env" | "environ" | "getenv" | "lookup" | "open" => {
            "there is no access to the environment or to files: make it a variable"
        }
        "_" | "gettext" | "ngettext" | "pgettext" => "there are no translations: make the text a variable",
        "super" => "`super()` writes the parent's block, and can only be used within `{% block %}`",
        "caller" => "`caller()` exists only in a macro that is called with `{% call %}`",
        "isinstance" | "type" => "use a test: `x is string`, `x is number`, `x is mapping`",
        "hasattr" | "getattr" => "use a test: `x.name is defined`",
        "set" | "tuple" => "use a list; the filter `unique` removes duplicates",
        "bool" => "use the filter `bool`: `x | bool`",
        "any" | "all" => "use a filter: `list | select | list | length`",
        "map" | "filter" => "use the filter `map` or `select`: `list | map('upper')`",
        "print" => "write `{{ x }}`",
        "url_for" | "static" => "there is no site here: write the address",
        "raise" | "throw" | "fail" => "check values in the manifest: `pattern`, `min`, `choices`",
        _ => return None,
    })
}

/// What to do instead of an operation that the engine refuses with a message.
#[must_use]
pub fn operation(message: &str) -> Option<&'static str> {
    if message == DIVISION {
        return Some("check first: `{{ a // b if b else 0 }}`");
    }
    if message == "unexpected keyword arguments" {
        return Some("pass arguments by position: `x | default('y')`, or by the names that the filter declares");
    }
    if message.starts_with("unknown keyword argument") {
        return Some("filters and macros take the arguments that they name: there is no `kwargs`");
    }
    if message == "too many arguments" {
        return Some("filters and macros take the arguments that they name: there is no `varargs`");
    }
    if message == "an undefined value was used" {
        return Some("`default` gives a value where there is none: `list | max | default(0)`");
    }
    if message.starts_with("invalid conversion type '%'") {
        return Some("multiply by 100 yourself: `'{:.1f}%'.format(x * 100)`");
    }
    if message.contains("in format spec") && message.ends_with("found '!'") {
        return Some("write `{}`; for a value in quotes, use `x | tojson`");
    }
    if message.starts_with("invalid conversion type") {
        return Some("write `%s`, `%d`, `%f`, `%e`, `%g`, `%x`, `%o` or `%c`");
    }
    if message.contains("% operator on unsupported types string") {
        return Some("use the filter `format`: `'%s-%03d' | format(a, b)`");
    }
    if message.contains("+ operator on unsupported types") && message.contains("string") {
        return Some("`~` joins values as text: `a ~ b`");
    }
    if message.contains("+ operator on unsupported types map and map") {
        return Some("use `dict(a, **b)`");
    }
    None
}

/// What is said of a division by zero.
const DIVISION: &str = "division by zero";

/// Says in plain words what the engine says in its own.
#[must_use]
pub fn plain(message: &str) -> Option<String> {
    if let Some(operation) = message.strip_prefix("unable to calculate ") {
        let zero = |base: &str| base.parse() == Ok(0.0);
        let by_zero = [" // 0", " % 0", " / 0"].iter().any(|end| operation.ends_with(end))
            || operation.split_once(" ** -").is_some_and(|(base, _)| zero(base));
        return Some(if by_zero {
            DIVISION.to_owned()
        } else {
            format!("the result of `{operation}` is out of range: integers have 128 bits, floats go up to 1.8e308")
        });
    }
    match message {
        _ if message.starts_with("expected call expression in call block, got ") => {
            return Some("`do` and `call` take a call: `{% do f(x) %}`".to_owned());
        }
        "template name was not a string" => return Some("the name of a partial must be text".to_owned()),
        "unknown end of block, expected statement" => return Some("the tag is empty".to_owned()),
        "unexpected end of block" => return Some("the tag ends too early".to_owned()),
        "unexpected end of variable block" => return Some("the expression ends too early".to_owned()),
        _ => {}
    }
    let (found, expected) = message.strip_prefix("unexpected ")?.split_once(", expected ")?;
    Some(match (found, expected) {
        (_, "end of block") => format!("unexpected {}: the tag should end here", token(found)),
        (_, "end of variable block") => format!("unexpected {}: the expression should end here", token(found)),
        ("end of block", _) => format!("the tag ends too early: {} is missing", missing(expected)),
        ("end of variable block", _) => format!("the expression ends too early: {} is missing", missing(expected)),
        _ => format!("unexpected {}: {} is missing here", token(found), missing(expected)),
    })
}

fn missing(name: &str) -> String {
    match name {
        "identifier" => "a name".to_owned(),
        other => token(other),
    }
}

/// Names what the engine calls a token.
pub(crate) fn token(name: &str) -> String {
    match name {
        "identifier" => "name".to_owned(),
        "assignment operator" => "`=`".to_owned(),
        "in" | "import" | "as" | "if" | "else" => format!("`{name}`"),
        other => other.to_owned(),
    }
}
