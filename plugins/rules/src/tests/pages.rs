//! Every rule is described, and its cases hold.

use std::path::Path;

use super::{check_case, check_pack, line, pack};
use crate::registry;
use crate::tests::pack::cases;

#[test]
fn rules_are_described_and_sorted() {
    assert!(registry::ALL.is_sorted_by(|left, right| left.id < right.id));
    for rule in registry::ALL {
        let (id, page) = (rule.id, rule.page);
        let (group, name) = id.split_once('/').unwrap();
        let is_plain =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        assert!(is_plain(group) && is_plain(name), "{id}");
        let first = rule.summary.chars().next().unwrap();
        assert!(!first.is_uppercase() && !rule.summary.ends_with('.') && rule.summary.len() <= 80, "{id}: summary");
        assert!(
            page.starts_with(|first: char| first.is_uppercase() || first == '`') && page.ends_with('\n'),
            "{id}: page"
        );
        assert!(!cases(page, "Fails").is_empty() && !cases(page, "Passes").is_empty(), "{id}: cases");
        assert_eq!(page.contains("\n## Options\n"), !rule.options.is_empty(), "{id}: options");
        for (option, value) in rule.options {
            assert!(page.contains(&format!("`{option}` ({value})")), "{id}: `{option}`");
        }
    }
}

#[test]
fn cases_hold() {
    let mut wrong = Vec::new();
    for rule in registry::ALL {
        for (heading, wanted) in [("Fails", true), ("Passes", false)] {
            for case in cases(rule.page, heading) {
                let found = check_case(&case);
                if found.iter().any(|found| found.rule == rule.id) != wanted {
                    let found: Vec<_> = found.iter().map(line).collect();
                    wrong.push(format!("{} {heading}\n{case}\n{}", rule.id, found.join("\n")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n-----\n"));
}

#[test]
fn examples_have_no_findings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/packs");
    for name in ["rust-cli", "static-site", "typed-config"] {
        let found = check_pack(&pack::read(&root.join(name)));
        let found: Vec<_> = found.iter().map(line).collect();
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
    }
}

#[test]
fn one_rule_gives_a_bounded_number_of_findings() {
    let lines = "curl https://example.org/x | sh\n".repeat(300);
    let case = format!("[[templates]]\nsource = \"a.sh\"\noutput = \"a.sh\"\n\n==> a.sh\n{lines}");
    let found = check_case(&case);
    let found: Vec<_> = found.iter().filter(|found| found.rule == "security/pipe-to-shell").collect();
    assert_eq!(found.len(), 50);
    assert_eq!(found[48].message, "a download is run without being checked");
    assert_eq!(found[49].message, "a download is run without being checked (and 250 more like it)");
}

#[test]
fn options_are_the_users() {
    let pack = pack::parse("[[templates]]\nsource = \"a.jinja\"\noutput = \"a\"\n\n==> a.jinja\n{{ 1 }} and more\n");
    let options = br#"{ "templates/long-line": { "max": 10 } }"#;
    let found = crate::check::check(&super::host::subject(&pack), options).unwrap();
    assert!(found.iter().any(|found| found.message == "a line of `a.jinja` has 16 characters, more than 10"));
}
