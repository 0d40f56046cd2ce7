//! Tests of [`OutputPath`].

use std::path::{Component, Path};

use proptest::prelude::*;

use super::*;

fn refusal(path: &str) -> InvalidPath {
    OutputPath::new(path).expect_err(path)
}

#[test]
fn ordinary_paths_are_accepted() {
    for path in [
        "README.md",
        "src/main.rs",
        ".gitignore",
        ".github/workflows/ci.yml",
        "a b/c",
        ".env",
        "d\u{e9}j\u{e0}/vu.txt",
        "console/com.rs",
        "com10",
        "nully",
        "src/.packbox",
        "~",
        "git~x",
        "a..b/...c",
        &"x".repeat(255),
        &["d"; 64].join("/"),
    ] {
        assert_eq!(OutputPath::new(path).map(|path| path.to_string()), Ok(path.to_owned()));
    }
}

#[test]
fn each_rule_has_its_refusal() {
    let component = |text: &str| text.to_owned();
    assert_eq!(refusal(""), InvalidPath::Empty);
    assert_eq!(refusal(&["abcdefgh"; 120].join("/")), InvalidPath::TooLong { bytes: 1079 });
    assert_eq!(refusal(&["d"; 65].join("/")), InvalidPath::TooDeep { components: 65 });
    assert_eq!(refusal("/etc/passwd"), InvalidPath::Absolute);
    for path in ["a//b", "a/"] {
        assert_eq!(refusal(path), InvalidPath::EmptyComponent);
    }
    assert_eq!(refusal("a/../b"), InvalidPath::Dots { component: component("..") });
    assert_eq!(refusal("./b"), InvalidPath::Dots { component: component(".") });
    for character in ['\\', ':', '<', '>', '"', '|', '?', '*'] {
        assert_eq!(refusal(&format!("a{character}b")), InvalidPath::Unportable { character });
    }
    for character in
        ['\0', '\n', '\u{1b}', '\u{7f}', '\u{85}', '\u{a0}', '\u{200d}', '\u{202e}', '\u{2066}', '\u{e0041}']
    {
        assert_eq!(refusal(&format!("a{character}b")), InvalidPath::Invisible { character });
    }
    assert_eq!(refusal(&"x".repeat(256)), InvalidPath::ComponentTooLong { bytes: 256 });
    for name in ["a.", "a ", "a. .", "...", " "] {
        assert_eq!(refusal(&format!("{name}/b")), InvalidPath::TrailingDotOrSpace { component: component(name) });
    }
    for name in ["CON", "nul", "Aux.txt", "prn.tar.gz", "com1", "LPT9.x", "COM\u{b9}", "conin$", "CONOUT$", "con .txt"]
    {
        assert_eq!(refusal(&format!("a/{name}")), InvalidPath::Device { component: component(name) });
    }
    for name in [".git", ".GIT", ".Git", ".git.", ".git ", ".git . .", "git~1", "GIT~2", ".g\u{131}t"] {
        assert_eq!(refusal(&format!("a/{name}/hooks")), InvalidPath::Git { component: component(name) });
    }
    for name in [".packbox", ".PackBox", ".pac\u{212a}box", "PACKBO~1"] {
        assert_eq!(refusal(&format!("{name}/receipt.json")), InvalidPath::Reserved { component: component(name) });
    }
}

#[test]
fn messages_name_the_rule_and_errors_exit_with_4() {
    assert_eq!(refusal("a\u{202e}").to_string(), "holds the invisible character U+202E");
    assert_eq!(Error::from(refusal("../x")).exit_code(), 4);
}

#[test]
fn reading_checks() {
    assert!(serde_json::from_str::<OutputPath>("\"a/../../b\"").is_err());
    let path: OutputPath = serde_json::from_str("\"a/b\"").unwrap();
    assert_eq!((path.folder(), path.file_name()), ("a", "b"));
    assert_eq!(serde_json::to_string(&path).unwrap(), "\"a/b\"");
}

/// Texts that are rich in what the rules are about.
fn nearly_paths() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        Just("..".to_owned()),
        Just(".".to_owned()),
        Just("/".to_owned()),
        Just("//".to_owned()),
        Just("\\".to_owned()),
        Just("C:".to_owned()),
        Just("\0".to_owned()),
        Just(".git".to_owned()),
        Just(".packbox".to_owned()),
        Just("CON".to_owned()),
        Just(" ".to_owned()),
        "[a-zA-Z0-9._~-]{1,4}",
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(fragment, 0..12).prop_map(|fragments| fragments.concat())
}

proptest! {
    #[test]
    fn no_accepted_path_escapes(text in nearly_paths()) {
        if let Ok(path) = OutputPath::new(text.clone()) {
            prop_assert_eq!(path.as_str(), &text);
            let joined = Path::new("/root/out").join(path.as_str());
            prop_assert!(joined.starts_with("/root/out"));
            let below: Vec<Component> = joined.strip_prefix("/root/out").unwrap().components().collect();
            prop_assert_eq!(below.len(), path.components().count());
            for component in below {
                let Component::Normal(name) = component else { return Err(TestCaseError::fail("not a plain name")) };
                let name = name.to_str().unwrap();
                let plain = name.to_lowercase();
                prop_assert_ne!(plain.trim_end_matches([' ', '.']), ".git");
                prop_assert!(!name.contains(['\\', ':', '\0']));
            }
            prop_assert!(!path.as_str().to_lowercase().starts_with(".packbox/"));
        }
    }
}
