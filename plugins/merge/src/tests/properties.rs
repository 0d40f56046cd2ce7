//! Properties over random documents with comments: the merged value is the wanted one, text that no side touched stays,
//! and the order of sides and merging again change nothing.
//!
//! Documents are written by code of these tests, and what is wanted is worked out on their own values; both know nothing
//! of the merger.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::documents::Writer;
use crate::{Job, Outcome, Side, policies};

/// A value, as these tests know it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    Word(u8),
    Words(Vec<u8>),
    Table(Vec<(u8, Tree)>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        3 => (0_u8..3).prop_map(Tree::Word),
        1 => proptest::collection::btree_set(0_u8..6, 0..4).prop_shuffle_words(),
    ];
    let inner = leaf.prop_recursive(3, 24, 4, |inner| {
        proptest::collection::btree_map(0_u8..6, inner, 0..4)
            .prop_map(|entries| Tree::Table(entries.into_iter().collect()))
    });
    proptest::collection::btree_map(0_u8..6, inner, 0..5).prop_map(|entries| Tree::Table(entries.into_iter().collect()))
}

trait Words: Strategy<Value = std::collections::BTreeSet<u8>> + Sized {
    fn prop_shuffle_words(self) -> impl Strategy<Value = Tree> {
        self.prop_map(|words| words.into_iter().collect::<Vec<u8>>()).prop_shuffle().prop_map(Tree::Words)
    }
}

impl<S: Strategy<Value = std::collections::BTreeSet<u8>>> Words for S {}

/// What two owners want together; none where they want different things.
fn united(one: &Tree, other: &Tree) -> Option<Tree> {
    match (one, other) {
        (Tree::Table(ones), Tree::Table(others)) => {
            let mut entries = Vec::new();
            for (key, one) in ones {
                let other = others.iter().find(|(name, _)| name == key);
                entries.push((*key, other.map_or_else(|| Some(one.clone()), |(_, other)| united(one, other))?));
            }
            entries.extend(others.iter().filter(|(key, _)| ones.iter().all(|(name, _)| name != key)).cloned());
            Some(Tree::Table(entries))
        }
        (Tree::Words(ones), Tree::Words(others)) => {
            let mut words = ones.clone();
            words.extend(others.iter().filter(|word| !ones.contains(word)));
            Some(Tree::Words(words))
        }
        _ => (one == other).then(|| one.clone()),
    }
}

/// What is left of a value if the order of keys and of words does not count.
fn sorted(tree: &Tree) -> Tree {
    match tree {
        Tree::Word(word) => Tree::Word(*word),
        Tree::Words(words) => {
            let mut words = words.clone();
            words.sort_unstable();
            Tree::Words(words)
        }
        Tree::Table(entries) => {
            let entries: BTreeMap<u8, Tree> = entries.iter().map(|(key, tree)| (*key, sorted(tree))).collect();
            Tree::Table(entries.into_iter().collect())
        }
    }
}

/// Reads a text by another way than the merger does.
fn read(policy: &str, text: &str) -> Tree {
    match policy {
        "merge-toml" => {
            let table: toml_edit::DocumentMut = text.parse().unwrap();
            from_toml(table.as_item())
        }
        "merge-json" => {
            let value = jsonc_parser::parse_to_value(text, &jsonc_parser::ParseOptions::default()).unwrap().unwrap();
            from_json(&value)
        }
        _ => from_yaml(text),
    }
}

fn number(text: &str) -> u8 {
    text[1..].parse().unwrap()
}

fn from_toml(item: &toml_edit::Item) -> Tree {
    if let Some(table) = item.as_table_like() {
        return Tree::Table(table.iter().map(|(key, item)| (number(key), from_toml(item))).collect());
    }
    match item.as_array() {
        Some(array) => Tree::Words(array.iter().map(|word| number(word.as_str().unwrap())).collect()),
        None => Tree::Word(number(item.as_str().unwrap())),
    }
}

fn from_json(value: &jsonc_parser::JsonValue<'_>) -> Tree {
    match value {
        jsonc_parser::JsonValue::Object(object) => {
            let entries = object.clone().into_iter().map(|(key, value)| (number(&key), from_json(&value)));
            Tree::Table(entries.collect())
        }
        jsonc_parser::JsonValue::Array(array) => {
            let words = array.clone().into_iter().map(|word| match word {
                jsonc_parser::JsonValue::String(word) => number(&word),
                other => panic!("{other:?}"),
            });
            Tree::Words(words.collect())
        }
        jsonc_parser::JsonValue::String(word) => Tree::Word(number(word)),
        other => panic!("{other:?}"),
    }
}

fn from_yaml(text: &str) -> Tree {
    use granit_parser::{Event, Parser};
    fn value<'a>(events: &mut impl Iterator<Item = Event<'a>>, first: Event<'a>) -> Tree {
        match first {
            Event::Scalar(word, ..) => Tree::Word(number(&word)),
            Event::SequenceStart(..) => {
                let mut words = Vec::new();
                loop {
                    match events.next().unwrap() {
                        Event::SequenceEnd => return Tree::Words(words),
                        Event::Scalar(word, ..) => words.push(number(&word)),
                        other => panic!("{other:?}"),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut entries = Vec::new();
                loop {
                    match events.next().unwrap() {
                        Event::MappingEnd => return Tree::Table(entries),
                        Event::Scalar(key, ..) => {
                            let first = events.next().unwrap();
                            entries.push((number(&key), value(events, first)));
                        }
                        other => panic!("{other:?}"),
                    }
                }
            }
            other => panic!("{other:?}"),
        }
    }
    let mut events = Parser::new_from_str(text)
        .map(|event| event.unwrap().0)
        .filter(|event| !matches!(event, Event::Comment(..) | Event::StreamStart | Event::DocumentStart(..)));
    let first = events.next().unwrap();
    value(&mut events, first)
}

const POLICIES: [&str; 3] = ["merge-toml", "merge-json", "merge-yaml"];

fn job(policy: &str, sides: &[&str]) -> Job {
    let sides = sides.iter().enumerate();
    let sides = sides.map(|(index, text)| Side { owner: format!("pack-{index}"), contents: text.as_bytes().to_vec() });
    Job {
        path: "file".to_owned(),
        policy: policy.to_owned(),
        options: b"{}".to_vec(),
        base: None,
        sides: sides.collect(),
    }
}

fn merged(policy: &str, sides: &[&str]) -> Option<String> {
    match policies::merge(&job(policy, sides)) {
        Ok(Outcome::Merged(merged)) => {
            let mut at = 0;
            for part in &merged.parts {
                assert!(part.start >= at && part.start < part.end && !part.owners.is_empty());
                at = part.end;
                let text = std::str::from_utf8(&merged.contents[part.start as usize..part.end as usize]).unwrap();
                for word in text.split(|character: char| !character.is_alphanumeric()) {
                    assert!(part.owners.iter().any(|owner| sides[*owner as usize].contains(word)), "{word} in {text}");
                }
            }
            Some(String::from_utf8(merged.contents).unwrap())
        }
        Ok(Outcome::Conflicts(conflicts)) => {
            assert!(conflicts.iter().all(|conflict| !conflict.places.is_empty()));
            None
        }
        Err(failure) => panic!("{failure:?} of\n{}", sides.join("\n---\n")),
    }
}

/// Whether a text has all lines of another one in their order, but for line ends and commas.
fn keeps(text: &str, lines: &str) -> bool {
    let bare = |line: &str| line.replace(',', "").trim_end().to_owned();
    let mut found = text.lines().map(bare);
    lines.lines().map(bare).filter(|line| line.contains('#') || line.contains("//")).all(|line| {
        let comment = line[line.find(['#', '/']).unwrap_or(0)..].to_owned();
        found.any(|other| other.ends_with(&comment))
    })
}

/// `PROPTEST_CASES` asks for more.
fn configuration() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(400), failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(configuration())]

    #[test]
    fn values_are_merged_and_texts_kept(one in tree(), other in tree(), seeds in any::<(u64, u64)>(), policy in 0_usize..3) {
        let policy = POLICIES[policy];
        let (text, second) = (Writer::new(seeds.0, "o").write(policy, &one), Writer::new(seeds.1, "p").write(policy, &other));
        prop_assert_eq!(sorted(&read(policy, &text)), sorted(&one));
        let wanted = united(&one, &other);
        let result = merged(policy, &[&text, &second]);
        prop_assert_eq!(result.is_some(), wanted.is_some());
        let turned = merged(policy, &[&second, &text]);
        prop_assert_eq!(turned.is_some(), wanted.is_some());
        // The same again is the same, to the byte.
        prop_assert_eq!(merged(policy, &[&text, &text]), Some(text.clone()));
        let (Some(result), Some(turned), Some(wanted)) = (result, turned, wanted) else { return Ok(()) };
        let value = read(policy, &result);
        prop_assert_eq!(sorted(&value), sorted(&wanted), "{}", result);
        prop_assert_eq!(sorted(&read(policy, &turned)), sorted(&wanted));
        // Lists are in the owners' order.
        prop_assert_eq!(lists(&value), lists(&wanted));
        // All comments of the first owner are where they were.
        prop_assert!(keeps(&result, &text), "{}\n---\n{}\n---\n{}", text, second, result);
        // What has it all takes no more.
        for side in [&text, &second] {
            prop_assert_eq!(merged(policy, &[&result, side]), Some(result.clone()));
        }
        // What nobody adds to stays: without what was added, the text is the first owner's.
        prop_assert!(is_within(&text, &result), "{}\n---\n{}", text, result);
    }

    #[test]
    fn three_owners_agree_in_any_order(trees in proptest::array::uniform3(tree()), seed in any::<u64>(), policy in 0_usize..3) {
        let policy = POLICIES[policy];
        let texts: Vec<String> =
            trees.iter().enumerate().map(|(at, tree)| Writer::new(seed.wrapping_add(at as u64), "o").write(policy, tree)).collect();
        let wanted = united(&trees[0], &trees[1]).and_then(|both| united(&both, &trees[2]));
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0]] {
            let sides: Vec<&str> = order.iter().map(|at| texts[*at].as_str()).collect();
            let result = merged(policy, &sides).map(|text| sorted(&read(policy, &text)));
            prop_assert_eq!(result, wanted.as_ref().map(sorted));
        }
    }

    #[test]
    fn with_a_base_changes_of_one_side_are_taken(base in tree(), one in tree(), seeds in any::<(u64, u64)>(), policy in 0_usize..3) {
        let policy = POLICIES[policy];
        let text = Writer::new(seeds.0, "o").write(policy, &base);
        let changed = Writer::new(seeds.1, "p").write(policy, &one);
        for (sides, first) in [([&text, &changed], 0), ([&changed, &text], 1)] {
            let mut job = job(policy, &[sides[0], sides[1]]);
            job.base = Some(text.clone().into_bytes());
            match policies::merge(&job) {
                Ok(Outcome::Merged(merged)) => {
                    let result = String::from_utf8(merged.contents).unwrap();
                    prop_assert_eq!(sorted(&read(policy, &result)), sorted(&one), "{}\n---\n{}\n---\n{}", text, changed, result);
                    if first == 1 {
                        prop_assert_eq!(&result, &changed);
                    }
                }
                // A table of TOML that is only implied can't lose all that is in it, and the like.
                Err(crate::Failure::Unsupported(_)) if policy == "merge-toml" => {}
                other => prop_assert!(false, "{:?} of\n{}\n---\n{}", other, text, changed),
            }
        }
    }

    #[test]
    fn random_texts_are_no_panic(one in "[ -~\n\t#:&*!|>{}\\[\\],'\"-]{0,60}", other in "[ab:\n -]{0,40}", policy in 0_usize..5) {
        let policy = ["merge-toml", "merge-json", "merge-yaml", "append-lines", "region"][policy];
        for sides in [[&one, &other], [&other, &one], [&one, &one]] {
            let mut job = job(policy, &[sides[0], sides[1]]);
            job.path = "Makefile".to_owned();
            let outcome = policies::merge(&job);
            prop_assert!(!matches!(outcome, Err(crate::Failure::Internal(_))), "{:?}", outcome);
            job.base = Some(other.clone().into_bytes());
            let _ = policies::merge(&job);
        }
    }
}

/// All lists of words, with the keys down to them.
fn lists(tree: &Tree) -> BTreeMap<Vec<u8>, Vec<u8>> {
    fn walk(tree: &Tree, path: &mut Vec<u8>, found: &mut BTreeMap<Vec<u8>, Vec<u8>>) {
        match tree {
            Tree::Word(_) => {}
            Tree::Words(words) => {
                found.insert(path.clone(), words.clone());
            }
            Tree::Table(entries) => {
                for (key, tree) in entries {
                    path.push(*key);
                    walk(tree, path, found);
                    path.pop();
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(tree, &mut Vec::new(), &mut found);
    found
}

/// Whether one text becomes the other by adding to it only; blanks between brackets may go.
fn is_within(text: &str, result: &str) -> bool {
    let mut rest = result.bytes().filter(|byte| !byte.is_ascii_whitespace());
    text.bytes().filter(|byte| !byte.is_ascii_whitespace()).all(|byte| rest.any(|other| other == byte))
}
