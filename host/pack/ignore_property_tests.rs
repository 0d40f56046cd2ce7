//! `.packboxignore` means what `.gitignore` means: compared with the `ignore` crate, which searches with such files.
//!
//! Left out of the comparison is what the crate takes differently than git does: `{a,b}`, which it takes for alternatives; `\`
//! within a set, before a `/` and before a space at the end; ranges that go backwards; tabs at the end of a line; `//`; a `!`
//! with nothing behind it. Left out, too, are the two names that a pack never has, `.git` and `target`.

use ::ignore::gitignore::{Gitignore, GitignoreBuilder};
use proptest::prelude::*;

use super::Ignore;

/// A line of a file, of few characters, so that it often matches.
fn line() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ab.]",
        3 => Just("/".to_owned()),
        2 => Just("*".to_owned()),
        2 => Just("**".to_owned()),
        1 => Just("?".to_owned()),
        1 => prop_oneof!["\\[[ab]{1,2}\\]", "\\[[!^][ab]\\]", "\\[!?a-c\\]", "\\[\\]a\\]", "\\[a-\\]", Just("[a".to_owned())],
        1 => "\\\\[ab*?\\[!#]",
    ];
    let pieces = proptest::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat());
    (
        prop_oneof![8 => Just(""), 2 => Just("!"), 1 => Just("#"), 2 => Just("/")],
        pieces,
        prop_oneof![4 => Just(""), 1 => Just("/"), 1 => Just("  ")],
    )
        .prop_map(|(before, pieces, behind)| format!("{before}{pieces}{behind}"))
        .prop_filter("no name is empty", |line| !line.contains("//"))
}

/// What the crate reads in the same lines; one that it refuses means nothing, as with git.
fn oracle(lines: &[String]) -> Gitignore {
    let mut builder = GitignoreBuilder::new("");
    builder.allow_unclosed_class(false);
    for line in lines {
        let _ = builder.add_line(None, line);
    }
    builder.build().expect("each line was taken or refused")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn patterns_mean_what_they_mean_to_others(
        lines in proptest::collection::vec(line(), 1..4),
        path in "[ab!#*\\[][ab.]{0,2}(/[ab][ab.]{0,2}){0,3}",
        is_folder: bool,
    ) {
        let theirs = oracle(&lines).matched(&path, is_folder).is_ignore();
        let ours = Ignore::parse(&lines.join("\n")).leaves_out(&path, is_folder).expect("few lines");
        prop_assert_eq!(ours, theirs, "{:?} and {:?}, a folder: {}", lines, path, is_folder);
    }
}
