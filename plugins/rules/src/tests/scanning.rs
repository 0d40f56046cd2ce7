//! The scanners that rules share.

use std::collections::BTreeSet;

use packbox_facts::Role;

use crate::bindings::packbox::plugin::types::File;
use crate::requirement::Requirement;
use crate::rules::security::{ANCHORS, KINDS, matches_at};
use crate::source::Source;
use crate::tags::{self, Kind};
use crate::tokens;

fn inner(text: &str) -> Vec<(Kind, &str)> {
    tags::find(text).iter().map(|tag| (tag.kind, tag.inside(text))).collect()
}

#[test]
fn tags_are_found() {
    assert_eq!(
        inner("a {{ b }} {% if c %}{# }} #}"),
        [(Kind::Expression, " b "), (Kind::Statement, " if c "), (Kind::Comment, " }} "),]
    );
    assert_eq!(inner(r#"{{ "}}" ~ '\'}}' }}"#), [(Kind::Expression, r#" "}}" ~ '\'}}' "#)]);
    assert_eq!(inner("{{ {'a': {}} }}"), [(Kind::Expression, " {'a': {}} ")]);
    assert_eq!(inner("{%- raw -%}{{ a }}{%- endraw %}{{ b }}").len(), 3);
    assert_eq!(inner("{{ a"), []);
    assert_eq!(inner("{ { a } } {"), []);
}

#[test]
fn names_are_found() {
    let names: Vec<_> =
        tokens::names("a.b | c('d') ~ 1e _e").iter().map(|token| (token.name, token.is_member)).collect();
    assert_eq!(names, [("a", false), ("b", true), ("c", true), ("_e", false)]);
}

#[test]
fn assigned_names_are_found() {
    let text =
        r#"{% set a, b = c %}{%- for d in e %}{% macro f(g) %}{% from "h" import i as j %}{% set k %}{% if l %}"#;
    let file = File { path: "t".to_owned(), contents: text.as_bytes().to_vec() };
    let source = Source::new(&file, Role::Template);
    let mut assigned = BTreeSet::new();
    tokens::assigned(&source, &mut assigned);
    for name in ["a", "b", "d", "f", "g", "j", "k"] {
        assert!(assigned.contains(name), "{name}");
    }
    for name in ["c", "e", "h", "l"] {
        assert!(!assigned.contains(name), "{name}");
    }
}

#[test]
fn places_count_bytes() {
    let file = File { path: "t".to_owned(), contents: "é\nab {{ x }}".as_bytes().to_vec() };
    let source = Source::new(&file, Role::Template);
    let span = source.span(tokens::uses(&source)["x"].range.clone());
    assert_eq!((span.start.line, span.start.column), (2, 7));
    assert_eq!(span.end.map(|end| (end.line, end.column)), Some((2, 8)));
    assert_eq!(source.span(0..2).end.unwrap().column, 3);
}

#[test]
fn every_kind_of_token_has_an_anchor() {
    for shape in KINDS {
        assert!(ANCHORS.contains(&shape.prefix.as_bytes()[shape.anchor()]), "{}", shape.prefix);
        let token = format!("{}{}", shape.prefix, "A1".repeat(20));
        assert_eq!(matches_at(shape, token.as_bytes(), 0), Some(token.len()));
        assert_eq!(matches_at(shape, &token.as_bytes()[..shape.prefix.len() + 5], 0), None);
    }
}

#[test]
fn requirements_have_bounds() {
    for (text, bounded) in [("^1", true), ("1.2", true), ("~1", true), ("=1", true), ("<2", true), (">=1, <2", true)] {
        assert_eq!(Requirement::new(text).has_upper_bound(), bounded, "{text}");
    }
    for text in [">=1", ">1", "*", ">=1, >2", ""] {
        assert!(!Requirement::new(text).has_upper_bound(), "{text}");
    }
    assert!(Requirement::new("*").is_wildcard() && !Requirement::new("1.*").is_wildcard());
    assert_eq!(Requirement::new(">=1.0.0-rc.1, <2").pre_release(), Some("1.0.0-rc.1"));
    assert_eq!(Requirement::new("=1.0.0+a-b").pre_release(), None);
}
