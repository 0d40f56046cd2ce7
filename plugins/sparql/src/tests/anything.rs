//! Nothing that is read makes the engine panic, and places lie within what was read.

use proptest::prelude::*;

use super::{asked, inspected, query, setting};
use crate::{Failure, File, Inspected, Notation, Source, ask, inspect};

/// Pieces that queries are made of, and some that they are not.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "SELECT",
        "ASK",
        "CONSTRUCT",
        "DESCRIBE",
        "WHERE",
        "{",
        "}",
        "(",
        ")",
        "?s",
        "?é",
        "$p",
        "*",
        "+",
        "/",
        "^",
        "|",
        "!",
        ".",
        ";",
        ",",
        "<http://a/>",
        "<",
        ">",
        "<a b>",
        "a:b",
        ":c",
        "_:x",
        "PREFIX",
        "BASE",
        "a:",
        "\"x\"",
        "'",
        "\"\"\"",
        "\"é\n\"",
        "\\",
        "@en",
        "^^",
        "12",
        "1.5e3",
        "FILTER",
        "BIND",
        "AS",
        "OPTIONAL",
        "UNION",
        "MINUS",
        "GRAPH",
        "SERVICE",
        "VALUES",
        "UNDEF",
        "GROUP BY",
        "HAVING",
        "ORDER BY",
        "LIMIT",
        "EXISTS",
        "COUNT",
        "IF",
        "REGEX",
        "#é",
        "\n",
        "\u{feff}",
        "\u{0}",
        "\\u00e9",
        "a",
        "<<",
        "=",
        "&&",
        "-",
        "INSERT",
        "LOAD",
        "DISTINCT",
        "FROM",
        "NAMED",
        "[",
        "]",
        "é",
        "%41",
        "a:\\,",
        "a:b.",
    ]);
    let spaced = (piece, prop::sample::select(vec!["", " ", " ", " "]));
    prop::collection::vec(spaced, 0..24).prop_map(|pieces| {
        pieces.into_iter().map(|(piece, blank)| format!("{piece}{blank}")).collect::<Vec<_>>().concat()
    })
}

fn within(file: &File, failure: &Failure) -> bool {
    let lines: Vec<usize> = file.contents.split(|byte| *byte == b'\n').map(<[u8]>::len).collect();
    let Failure::Invalid(findings) = failure else { return false };
    let is_place = |place: &crate::Position| {
        let line = lines.get(place.line as usize - 1);
        place.line > 0 && place.column > 0 && line.is_some_and(|length| place.column as usize <= length + 1)
    };
    !findings.is_empty()
        && findings
            .iter()
            .filter_map(|finding| finding.span.as_ref())
            .all(|span| is_place(&span.start) && span.end.as_ref().is_none_or(is_place))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_query_is_answered_or_refused(text in pieces()) {
        let Inspected { file, .. } = inspected(&text);
        if let Err(failure) = inspect::inspect(&setting(), &inspected(&text)) {
            prop_assert!(within(&file, &failure), "{text:?}: {failure:?}");
        }
        if let Err(failure) = asked("<a> <b> 1 , 'c' , [] .", &text) {
            prop_assert!(within(&file, &failure), "{text:?}: {failure:?}");
        }
    }

    #[test]
    fn any_query_after_a_beginning_is_answered_or_refused(text in pieces()) {
        let text = format!("PREFIX a: <http://a/> SELECT * {{ ?s ?p ?o . {text} }}");
        let Inspected { file, .. } = inspected(&text);
        if let Err(failure) = asked("<a> <b> 1 , 'c' , [] .", &text) {
            prop_assert!(within(&file, &failure), "{text:?}: {failure:?}");
        }
    }

    #[test]
    fn any_file_is_read_or_refused(text in pieces(), bytes in prop::collection::vec(any::<u8>(), 0..40), which in 0..5_usize) {
        let notations =
            [Notation::Turtle, Notation::Trig, Notation::NTriples, Notation::NQuads, Notation::RdfXml];
        let wrapped = format!("<a><b>{text}</b></a>").into_bytes();
        for contents in [text.into_bytes(), bytes, wrapped] {
            let file = File { path: "data".to_owned(), contents };
            let source = Source { file: file.clone(), notation: notations[which], graph: None };
            if let Err(failure) = ask::ask(&setting(), &[source], &[query("ASK {}")]).remove(0) {
                prop_assert!(within(&file, &failure), "{file:?}: {failure:?}");
            }
        }
    }
}
