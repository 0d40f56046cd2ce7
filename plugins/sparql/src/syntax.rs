//! What is wrong with a query that can't be read, and where.
//!
//! The parser says how far it got with its longest attempt, which is beyond the word that it could not take: it compares as
//! many characters as a keyword has. So it reads the query once more with blanks between its words, more than any keyword has
//! characters; then what it says lies within the word that is wrong, or in the blanks behind it.

use std::ops::Range;

use spargebra::SparqlParser;

use common::hints::nearest;

use crate::failures::{PREFIX, SYNTAX, UPDATE, fragment, invalid, offset, span};
use crate::parse::{declare, first, prefix_of, undeclared};
use crate::tokens::{Kind, Token, tokens};
use crate::{Failure, File, Setting};

/// What updates begin with.
const UPDATES: [&str; 11] =
    ["INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH", "USING"];

/// What the parser says of a variable that `SELECT` has twice.
const TWICE: &str = "Duplicated variable name in SELECT";
/// And of one that the patterns have, too.
const OVERRIDDEN: &str = "The SELECT overrides an existing variable using an expression";

/// What the parser says of queries that are well-formed and mean nothing; what is wrong with them, and what to do.
const MEANT: [(&str, &str, &str); 10] = [
    (TWICE, "`SELECT` has a variable twice", "give one of them another name, or remove it"),
    (OVERRIDDEN, "`SELECT` gives a value to a variable that has one already", "give it another name"),
    (
        "The SELECT contains a",
        "`SELECT` has a variable that is neither in `GROUP BY` nor within an aggregate",
        "add it to `GROUP BY`, or take one of its values with `SAMPLE` for instance",
    ),
    ("SELECT * is not authorized with GROUP BY", "`SELECT *` can't stand with `GROUP BY`", "name the variables"),
    ("BIND is overriding an existing variable", REBOUND, "give it another name"),
    ("Repeated variables are not allowed in VALUES", "`VALUES` has a variable twice", "remove one of them"),
    (
        "The VALUES clause rows should have exactly",
        "a row of `VALUES` has more or fewer values than there are variables",
        "write `UNDEF` where there is no value",
    ),
    ("only available in SPARQL 1.2", NEWER, "write it in another way"),
    (
        "IRI parsing failed",
        "this is no IRI",
        "an IRI has no blanks, quotes, braces, `|`, `^`, `` ` `` and `\\`, and `%` stands before two digits",
    ),
    ("The LATERAL modifier", "there is no `LATERAL` in SPARQL 1.1", "write it in another way"),
];

const NEWER: &str = "this is SPARQL 1.2, and queries are SPARQL 1.1";
const REBOUND: &str = "`BIND` gives a value to a variable that has one already";

/// Words that may be mistyped.
const WORDS: [&str; 90] = [
    "A",
    "ABS",
    "AS",
    "ASC",
    "ASK",
    "AVG",
    "BASE",
    "BIND",
    "BNODE",
    "BOUND",
    "BY",
    "CEIL",
    "COALESCE",
    "CONCAT",
    "CONSTRUCT",
    "CONTAINS",
    "COUNT",
    "DATATYPE",
    "DAY",
    "DESC",
    "DESCRIBE",
    "DISTINCT",
    "ENCODE_FOR_URI",
    "EXISTS",
    "FILTER",
    "FLOOR",
    "FROM",
    "GRAPH",
    "GROUP",
    "GROUP_CONCAT",
    "HAVING",
    "HOURS",
    "IF",
    "IN",
    "IRI",
    "LANG",
    "LANGMATCHES",
    "LCASE",
    "LIMIT",
    "MAX",
    "MD5",
    "MIN",
    "MINUS",
    "MINUTES",
    "MONTH",
    "NAMED",
    "NOT",
    "NOW",
    "OFFSET",
    "OPTIONAL",
    "ORDER",
    "PREFIX",
    "RAND",
    "REDUCED",
    "REGEX",
    "REPLACE",
    "ROUND",
    "SAMPLE",
    "SECONDS",
    "SELECT",
    "SEPARATOR",
    "SERVICE",
    "SHA1",
    "SHA256",
    "SHA384",
    "SHA512",
    "STR",
    "STRAFTER",
    "STRBEFORE",
    "STRDT",
    "STRENDS",
    "STRLANG",
    "STRLEN",
    "STRSTARTS",
    "STRUUID",
    "SUBSTR",
    "SUM",
    "TIMEZONE",
    "TZ",
    "UCASE",
    "UNDEF",
    "UNION",
    "URI",
    "UUID",
    "VALUES",
    "WHERE",
    "YEAR",
    "isBLANK",
    "isIRI",
    "isLITERAL",
];

/// More blanks than a keyword has characters.
const BLANKS: &str = "                    ";

/// What is wrong with a query that can't be read.
#[must_use]
pub fn refused(setting: &Setting, file: &File, text: &str, parser: SparqlParser) -> Failure {
    let skipped = if file.contents.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let words = tokens(text);
    let placed = |range: &Range<usize>| Some(span(file, range.start + skipped..range.end + skipped));
    if let Some(token) = first(text, &words)
        && let Some(update) = UPDATES.iter().find(|update| token.is(text, update))
    {
        let message = format!("`{update}` changes graphs, and a query only reads them");
        let help = "write `SELECT`, `ASK`, `CONSTRUCT` or `DESCRIBE`".to_owned();
        return invalid(UPDATE, message, Some(help), placed(&token.range));
    }
    if let Some((token, name)) = undeclared(setting, text, &words) {
        let name_only = token.range.start..token.range.start + prefix_of(token.text(text)).len() + 1;
        let message = format!("the prefix `{name}:` is not declared");
        return invalid(PREFIX, message, Some(declare(setting, text, &words, name)), placed(&name_only));
    }
    if let Some(token) = words.iter().find(|token| token.kind == Kind::Text && !is_closed(token.text(text))) {
        let quote = token.text(text).chars().next().unwrap_or('"');
        let message = "this text is not closed".to_owned();
        let help = format!("write `{quote}` behind it, or `{quote}{quote}{quote}` around it if it has line ends");
        return invalid(SYNTAX, message, Some(help), placed(&token.range));
    }
    let (wide, starts) = spaced(text, &words);
    let Err(wrong) = parser.parse_query(&wide) else {
        return invalid(SYNTAX, "the query can't be read", None, placed(&(0..0)));
    };
    let wrong = wrong.to_string();
    let Some((at, expected)) = place(&wrong) else {
        return invalid(SYNTAX, fragment(&wrong), None, placed(&(0..0)));
    };
    let at = offset(&wide, at.0, at.1);
    let index = if at >= wide.len() { None } else { starts.iter().rposition(|start| *start <= at) };
    let token = index.and_then(|index| words.get(index));
    let range = token.map_or(text.trim_end().len()..text.trim_end().len(), |token| token.range.clone());
    let is_term =
        |pair: &&[Token]| pair.iter().all(|token| token.text(text) == "<") && pair[0].range.end == pair[1].range.start;
    if let Some(pair) = words.windows(2).find(is_term) {
        let range = pair[0].range.start..pair[1].range.end;
        return invalid(SYNTAX, NEWER, Some("write it in another way".to_owned()), placed(&range));
    }
    if let Some((told, message, help)) = MEANT.iter().find(|(told, ..)| wrong.contains(told)) {
        let repeated = told_twice(text, &words).filter(|_| [TWICE, OVERRIDDEN].contains(told));
        // Where a `SELECT` is at fault as a whole, the parser notices at its end.
        let select = words.iter().find(|token| told.contains("SELECT") && token.is(text, "SELECT"));
        let range = repeated.or(select).map_or(range, |token| token.range.clone());
        return invalid(SYNTAX, *message, Some((*help).to_owned()), placed(&range));
    }
    if let Some(token) = rebound(text, &words).filter(|token| token.range.start < range.start) {
        return invalid(SYNTAX, REBOUND, Some("give it another name".to_owned()), placed(&token.range));
    }
    let is_open = |pair: &&[Token]| pair[0].text(text) == "<" && pair[0].range.end == pair[1].range.start;
    if token.is_none()
        && expected.iter().any(|mark| mark == "`>`")
        && let Some(pair) = words.windows(2).find(is_open)
    {
        let help = "an IRI ends with `>`, and has no blanks".to_owned();
        return invalid(SYNTAX, "this begins an IRI that does not end", Some(help), placed(&pair[0].range));
    }
    let Some(token) = token else {
        return invalid(SYNTAX, "the query ends too early", written(&expected), placed(&range));
    };
    if token.text(text).starts_with("_:") {
        let message = "the label of a blank node stands in two groups of patterns";
        return invalid(SYNTAX, message, Some("use a variable instead".to_owned()), placed(&range));
    }
    let message = format!("`{}` can't stand here", shortened(token.text(text)));
    let is_known = |word: &str| WORDS.iter().any(|known| known.eq_ignore_ascii_case(word));
    let help = match token.text(text) {
        word if token.kind == Kind::Text && word.contains('\\') => {
            Some("what stands behind `\\` in a text is one of `tbnrf\"'\\`".to_owned())
        }
        word if token.kind == Kind::Word => nearest(&word.to_uppercase(), WORDS)
            .filter(|_| word.len() > 2 && !is_known(word))
            .map(|near| format!("did you mean `{near}`?"))
            .or_else(|| written(&expected)),
        _ => written(&expected),
    };
    invalid(SYNTAX, message, help, placed(&range))
}

/// What may be written, if it is not so much that a list helps nobody.
fn written(expected: &[String]) -> Option<String> {
    match expected {
        [one] => Some(format!("write {one}")),
        [others @ .., last] if others.len() < 5 => Some(format!("write {} or {last}", others.join(", "))),
        _ => None,
    }
}

/// A query with many blanks between its words where there may be some, and where each word begins in it.
fn spaced(text: &str, words: &[Token]) -> (String, Vec<usize>) {
    let mut spaced = String::new();
    let mut places = Vec::new();
    let mut end = 0;
    let is_alone = |token: &Token| token.kind == Kind::Mark && "{}()[],;".contains(token.text(text));
    for (at, token) in words.iter().enumerate() {
        let is_apart = token.range.start > end || is_alone(token) || at > 0 && is_alone(&words[at - 1]);
        if is_apart {
            spaced.push_str(BLANKS);
        }
        places.push(spaced.len());
        spaced.push_str(token.text(text));
        end = token.range.end;
    }
    spaced.push_str(BLANKS);
    (spaced, places)
}

/// Whether a string has its end.
fn is_closed(text: &str) -> bool {
    let Some(quote) = text.chars().next() else { return true };
    let long: String = [quote; 3].iter().collect();
    // The words of a query have the shortest strings that are closed, and an empty one is two quotes.
    if text.starts_with(&long) {
        text.len() >= 6 && text.ends_with(&long)
    } else {
        text.len() >= 2 && text.ends_with(quote)
    }
}

/// The variable that a `SELECT` has for the second time.
fn told_twice<'a>(text: &str, words: &'a [Token]) -> Option<&'a Token> {
    let mut known: Vec<&str> = Vec::new();
    let (mut depth, mut selecting) = (0_usize, false);
    for (at, token) in words.iter().enumerate() {
        match token.text(text) {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "{" => selecting = false,
            _ if token.is(text, "SELECT") => (known, selecting, depth) = (Vec::new(), true, 0),
            _ if token.is(text, "WHERE") || token.is(text, "FROM") => selecting = false,
            name if selecting && token.kind == Kind::Variable => {
                let is_given = depth == 0 || at > 0 && depth == 1 && words[at - 1].is(text, "AS");
                if is_given && known.contains(&&name[1..]) {
                    return Some(token);
                }
                known.extend(is_given.then_some(&name[1..]));
            }
            _ => {}
        }
    }
    None
}

/// The variable of a `BIND` that stands before it in the same group.
fn rebound<'a>(text: &str, words: &'a [Token]) -> Option<&'a Token> {
    let mut groups: Vec<Vec<&str>> = Vec::new();
    for (at, token) in words.iter().enumerate() {
        match token.text(text) {
            "{" => groups.push(Vec::new()),
            "}" => drop(groups.pop()),
            name if token.kind == Kind::Variable => {
                let Some(group) = groups.last_mut() else { continue };
                if at > 0 && words[at - 1].is(text, "AS") && group.contains(&&name[1..]) {
                    return Some(token);
                }
                group.push(&name[1..]);
            }
            _ => {}
        }
    }
    None
}

/// A text that is short enough for a message.
fn shortened(text: &str) -> String {
    let text: String = text.chars().take_while(|next| !next.is_control()).collect();
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Line and column of an error, and what was expected: out of `error at LINE:COLUMN: expected one of A, B`.
fn place(wrong: &str) -> Option<((usize, usize), Vec<String>)> {
    let rest = wrong.strip_prefix("error at ")?;
    let (at, expected) = rest.split_once(": ")?;
    let (line, column) = at.split_once(':')?;
    let expected = expected.trim_start_matches("expected ").trim_start_matches("one of ");
    let marks = expected.split(", ").map(str::trim).filter_map(|word| word.strip_prefix('"')?.strip_suffix('"'));
    let shown = marks.filter(|word| !word.is_empty() && !word.contains(['\\', '`'])).map(|word| format!("`{word}`"));
    Some(((line.parse().ok()?, column.parse().ok()?), shown.collect()))
}
