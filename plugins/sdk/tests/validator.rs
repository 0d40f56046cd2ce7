//! What the SDK makes of a pack to check: facts, files, options, places.

use packbox_sdk::facts::Role;
use packbox_sdk::testing::TestSubject;
use packbox_sdk::{Diagnostic, Failure, Rule, Severity, Subject, Validator, json};
use serde::{Deserialize, Serialize};

const RULE: &str = "team/short-lines";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ShortLines {
    max: usize,
    ignore: String,
}

impl Default for ShortLines {
    fn default() -> Self {
        Self { max: 10, ignore: "http".to_owned() }
    }
}

struct Team;

impl Validator for Team {
    fn rules() -> Vec<Rule> {
        let options = ShortLines::default();
        vec![Rule::new(RULE, "lines are short", Severity::Warning).help("Why.").options(&options).files(["**/*.txt"])]
    }

    fn check(subject: &Subject<'_>) -> Result<Vec<Diagnostic>, Failure> {
        let options: ShortLines = subject.options(RULE)?;
        let mut found = Vec::new();
        for file in &subject.files {
            for line in file.text()?.lines().filter(|line| line.len() > options.max && !line.contains(&options.ignore))
            {
                found.push(
                    Diagnostic::warning(RULE, "a long line")
                        .maybe_at(file.span_of(&line[options.max..]))
                        .help("break it"),
                );
            }
        }
        if let Some(template) = subject.facts.files.iter().find(|file| file.role == Role::Template) {
            let message = format!("{} {}", template.path, subject.manifest["pack"]["name"]);
            found.push(Diagnostic::warning(RULE, message).maybe_at(subject.place("/pack/name")));
        }
        Ok(found)
    }
}

packbox_sdk::export_validator!(Team);

fn subject() -> TestSubject {
    TestSubject::new(json!({ "pack": { "name": "p" } })).file("b.txt", "0123456789\n").file("a.txt", "ok\n0123456789ab")
}

#[test]
fn findings_have_places_in_files_and_the_manifest() {
    assert_eq!(
        subject().findings::<Team>(),
        "warning[team/short-lines]: a long line\n  at a.txt:2:11-2:13\n  help: break it\n"
    );
    let facts = json!({
        "places": { "/pack/name": [2, 1, 2, 5] },
        "files": [{ "path": "t.jinja", "role": "template" }, { "path": "x", "role": "of-the-future", "new": 1 }],
        "outputs": null,
        "templates": [{ "source": "t.jinja", "names": null, "for_each": null }],
    });
    let findings = TestSubject::new(json!({ "pack": { "name": "p" } })).facts(facts).findings::<Team>();
    assert_eq!(findings, "warning[team/short-lines]: t.jinja \"p\"\n  at pack.toml:2:1-2:5\n");
}

#[test]
fn options_may_be_given_in_part() {
    let findings = subject().option(RULE, json!({ "ignore": "ab" })).findings::<Team>();
    assert_eq!(findings, "");
    let Err(Failure::Invalid(found)) = subject().option(RULE, json!({ "max": "x" })).check::<Team>() else { panic!() };
    assert_eq!(
        packbox_sdk::testing::show(&found),
        "error[plugin/options]: the option `max` does not match what the plugin expects: invalid type: string \"x\", expected usize\n  \
         help: check the options of the rule `team/short-lines` in `packbox.toml`\n"
    );
    assert!(matches!(subject().option(RULE, json!(3)).check::<Team>(), Err(Failure::Internal(_))));
}

#[test]
fn rules_carry_their_defaults() {
    let rules = Team::rules();
    assert_eq!(rules[0].options, br#"{"max":10,"ignore":"http"}"#);
    assert_eq!(rules[0].files, ["**/*.txt"]);
    assert_eq!(Rule::new("a/b", "", Severity::Note).options(&3).options, b"{}");
}

#[test]
#[should_panic(expected = "no rule is called `team/other`")]
fn findings_of_no_rule_are_found_out() {
    struct Wrong;
    impl Validator for Wrong {
        fn rules() -> Vec<Rule> {
            vec![Rule::new(RULE, "", Severity::Note)]
        }
        fn check(_: &Subject<'_>) -> Result<Vec<Diagnostic>, Failure> {
            Ok(vec![Diagnostic::note("team/other", "x")])
        }
    }
    let _ = subject().check::<Wrong>();
}
