//! What `check`, `lint`, `validate`, `compat` and `score` say about packs, as whoever reads it for a machine needs it.

use std::collections::BTreeMap;
use std::path::Path;

use packbox::digest::Digest;
use serde_json::Value;

use super::guests;
use super::process::{Ended, Run};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 5] = [
    ("report/junit-of-clean-packs", junit_of_clean_packs),
    ("report/one-mistake-once", one_mistake_once),
    ("report/baseline-adopts", baseline_adopts),
    ("report/exit-codes", exit_codes),
    ("report/score-of-what-was-skipped", score_of_what_was_skipped),
];

/// Packs to look at, in a folder of their own.
struct Packs(tempfile::TempDir);

impl Packs {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.folder().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, contents).expect("a file");
    }

    /// A pack whose one template says something; `more` stands under `[pack]`.
    fn pack(&self, name: &str, more: &str, template: &str) {
        let manifest = format!(
            "[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\n{more}\n[[templates]]\nsource = \"a.jinja\"\noutput = \"{name}.txt\"\n"
        );
        self.write(&format!("{name}/pack.toml"), manifest);
        self.write(&format!("{name}/a.jinja"), template);
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Run { arguments, folder: self.folder().to_owned(), ..Run::default() }.run()
    }

    fn json(&self, arguments: &[&str]) -> Result<(i32, Value), String> {
        let ended = self.run(&[arguments, &["--format", "json"]].concat());
        Ok((ended.exit, ended.json()?))
    }
}

fn check(holds: bool, what: &str, ended: &Ended) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("{what}: {}", ended.text())) }
}

/// The tests of a JUnit document that did not pass: those that failed or were skipped, each with what is said.
fn junit(ended: &Ended) -> Result<BTreeMap<String, String>, String> {
    let text = String::from_utf8_lossy(&ended.stdout);
    let report = quick_junit::Report::deserialize_from_str(&text).map_err(|error| format!("{error}: {text}"))?;
    let mut found = BTreeMap::new();
    for suite in &report.test_suites {
        let passed = suite.test_cases.iter().filter(|case| {
            let passes = matches!(case.status, quick_junit::TestCaseStatus::Success { .. });
            if !passes {
                found.insert(format!("{} {}", suite.name.as_str(), case.name.as_str()), format!("{:?}", case.status));
            }
            passes
        });
        let counted = suite.tests - suite.failures - suite.errors - suite.skipped;
        if passed.count() != counted {
            return Err(format!("{} does not count its tests: {text}", suite.name.as_str()));
        }
    }
    Ok(found)
}

/// Remarks about a manifest are findings as all others: nothing is left unchecked for them.
fn junit_of_clean_packs() -> Result<(), String> {
    let packs = Packs::new();
    packs.run(&["new", "made"]);
    packs.pack("bare", "", "text\n");
    packs.pack("undefined", "", "{{ nope }}\n");
    packs.write("broken/pack.toml", "[pack\n");
    for command in ["lint", "validate"] {
        let ended = packs.run(&[command, "made", "bare", "--no-config", "--format", "junit"]);
        let failed = junit(&ended)?;
        check(failed.is_empty() && ended.exit == 0, &format!("{command}: {failed:?}"), &ended)?;
    }
    let ended = packs.run(&["validate", "undefined", "--no-config", "--format", "junit"]);
    let failed: Vec<String> = junit(&ended)?.into_keys().collect();
    check(failed == ["undefined template/undefined-variable"], &format!("{failed:?}"), &ended)?;
    // Of a pack that can't be loaded no rule is said to hold.
    let ended = packs.run(&["lint", "broken", "--no-config", "--format", "junit"]);
    let failed = junit(&ended)?;
    let skipped = failed.values().filter(|status| status.contains("Skipped")).count();
    let completed = failed.get("broken completed").is_some_and(|status| status.contains("it could not be loaded"));
    check(completed && skipped > 50, &format!("{failed:?}"), &ended)
}

/// A rule, its line, and whether it was suppressed.
type Told<'a> = (&'a str, u64, bool);

/// What fails to render is not told again by the rule that sees it without rendering; what only the rule sees is.
fn one_mistake_once() -> Result<(), String> {
    let packs = Packs::new();
    packs.pack("undefined", "", "{{ nope }} {{ nope }} {{ other }}\n{{ nope }}\n");
    packs.pack("partial", "", "{% include \"head.jinja\" %}\n");
    packs.pack("allowed", "", "{{ nope }}{# packbox: allow(templates/undefined-variable) it will come #}\n");
    let wanted: [(&str, &[Told<'_>]); 3] = [
        ("undefined", &[("template/undefined-variable", 1, false), ("templates/undefined-variable", 1, false)]),
        ("partial", &[("template/missing-partial", 1, false)]),
        ("allowed", &[("template/undefined-variable", 1, false), ("templates/undefined-variable", 1, true)]),
    ];
    for (pack, wanted) in wanted {
        let (_, document) = packs.json(&["validate", pack, "--no-config"])?;
        let findings = document["packs"][0]["findings"].as_array().ok_or("no findings")?;
        let told: Vec<Told<'_>> = findings
            .iter()
            .filter_map(|finding| {
                let rule = finding["rule"].as_str().filter(|rule| rule.starts_with("template"))?;
                Some((rule, finding["span"]["start"]["line"].as_u64()?, !finding["suppressed"].is_null()))
            })
            .collect();
        if told != wanted {
            return Err(format!("{pack}: {told:?}"));
        }
    }
    Ok(())
}

/// A baseline that was written from a report makes the next run of the same packs clean, whatever was found; what none
/// can make clean is named.
fn baseline_adopts() -> Result<(), String> {
    let packs = Packs::new();
    packs.pack("remarks", "", "text \n");
    packs.pack("undefined", "", "{{ nope }}{# packbox: allow(templates/empty) #}\n");
    packs.pack("expression", "", "a\n");
    let manifest = "[pack]\nname = \"expression\"\nversion = \"1.0.0\"\n[[templates]]\nsource = \"a.jinja\"\noutput = \"a.txt\"\nwhen = \"nope\"\n";
    packs.write("expression/pack.toml", manifest);
    packs.pack("levels", "[lints]\n\"no/rule\" = \"warn\"\n", "text\n");
    packs.pack("sample", "[variables.a]\ntype = \"string\"\npattern = \"^(a^)$\"\n", "{{ a }}\n");
    for guest in ["counter", "fails"] {
        let component = guests::component(guest);
        let manifest = format!(
            "[pack]\nname = \"{guest}\"\nversion = \"1.0.0\"\n[plugins.guest]\ncomponent = \"guest.wasm\"\nsha256 = \"{}\"\n\
             [[templates]]\nsource = \"t.txt\"\noutput = \"out\"\nengine = \"plugin:guest\"\n",
            Digest::of(&component)
        );
        packs.write(&format!("{guest}/pack.toml"), manifest);
        packs.write(&format!("{guest}/guest.wasm"), component);
        packs.write(&format!("{guest}/t.txt"), "e\n");
    }
    packs.write("policy.wasm", guests::validator("policy"));
    let all = ["remarks", "undefined", "expression", "levels", "sample", "counter", "fails"];
    let options =
        ["--no-config", "--deny", "warnings", "--rules", "policy.wasm", "--ceiling", "fuel=1", "--ceiling", "time=0ms"];
    let arguments = [&["validate"][..], &all, &options].concat();
    let (exit, before) = packs.json(&arguments)?;
    if exit != 1 || before["summary"]["clean"] != 0 {
        return Err(format!("not what was to be accepted: {:#}", before["summary"]));
    }
    let write = ["--write-baseline", "known.toml", "--reason", "seen before"];
    let ended = packs.run(&[&arguments[..], &write].concat());
    check(ended.exit == 0, "all can be accepted", &ended)?;
    let (exit, after) = packs.json(&[&arguments[..], &["--baseline", "known.toml"]].concat())?;
    let left: Vec<&Value> = after["packs"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|pack| pack["findings"].as_array().into_iter().flatten())
        .filter(|finding| finding["suppressed"].is_null())
        .collect();
    if exit != 0 || !left.is_empty() || after["notes"] != Value::Array(Vec::new()) {
        return Err(format!("not clean with its own baseline: {left:#?} {:#}", after["notes"]));
    }
    // What no baseline can accept is said, and its exit code is that of the next run.
    packs.write("broken/pack.toml", "[pack\n");
    let arguments = ["validate", "remarks", "broken", "--no-config", "--deny", "warnings"];
    let ended = packs.run(&[&arguments[..], &write].concat());
    check(ended.exit == 1 && ended.text().contains("no baseline makes `broken` pass"), "broken", &ended)?;
    let (exit, document) = packs.json(&[&arguments[..], &["--baseline", "known.toml"]].concat())?;
    let status = |index: usize| document["packs"][index]["status"].as_str().map(str::to_owned);
    if exit == 1 && status(0).as_deref() == Some("clean") && status(1).as_deref() == Some("findings") {
        return Ok(());
    }
    Err(format!("{document:#}"))
}

/// The exit code of several packs is that of those that failed, where they share one, else 1; the last line counts them.
fn exit_codes() -> Result<(), String> {
    let packs = Packs::new();
    packs.pack("good", "", "text\n");
    packs.pack("later", "packbox = \">=9\"\n", "text\n");
    packs.pack("latest", "packbox = \">=10\"\n", "text\n");
    for name in ["broken", "unclosed"] {
        packs.write(&format!("{name}/pack.toml"), "[pack\n");
    }
    let cases: [(&[&str], i32, &str); 5] = [
        (&["good", "later", "latest"], 5, "3 packs: 1 clean, 2 not checked completely (exit code 5)"),
        (&["broken", "good", "unclosed"], 1, "3 packs: 1 clean, 2 with findings (exit code 1); 2 errors"),
        (&["absent"], 2, "absent: not checked completely"),
        (&["later", "broken", "good"], 1, "1 with findings (exit code 1), 1 not checked completely (exit code 5)"),
        (&["absent", "latest", "later"], 1, "3 not checked completely (1 with exit code 2, 2 with exit code 5)"),
    ];
    for (names, exit, last) in cases {
        for command in ["check", "lint", "validate", "score", "compat"] {
            if command == "compat" && names.len() < 2 {
                continue;
            }
            let ended = packs.run(&[&[command][..], names, &["--no-config"]].concat());
            check(ended.exit == exit, &format!("{command} {names:?} should end with {exit}"), &ended)?;
            let text = String::from_utf8_lossy(&ended.stdout).into_owned();
            let said = text.lines().last().is_some_and(|line| line.contains(last));
            check(said || matches!(command, "score" | "compat"), &format!("{command}: `{last}`"), &ended)?;
        }
    }
    Ok(())
}

/// A pack that can't be loaded has no points, nor has what was not checked, and both are said.
fn score_of_what_was_skipped() -> Result<(), String> {
    let packs = Packs::new();
    packs.write("broken/pack.toml", "[pack\n");
    packs.pack("later", "packbox = \">=9\"\n", "text\n");
    packs.pack("undefined", "", "{{ nope }}\n");
    packs.pack("sample", "[variables.a]\ntype = \"string\"\npattern = \"^(a^)$\"\n", "{{ a }}\n");
    let (exit, document) = packs.json(&["score", "broken", "later", "undefined", "sample", "absent", "--no-config"])?;
    let points = |pack: usize, part: Option<&str>| {
        let pack = &document["packs"][pack];
        let part =
            pack["parts"].as_array().into_iter().flatten().find(|found| Some(found["name"].as_str()) == Some(part));
        part.map_or(&pack["points"], |part| &part["points"]).as_u64()
    };
    let none = |pack: usize, part: &str| points(pack, Some(part)) == Some(0);
    let whole = [points(0, None), points(1, None), points(4, None)].iter().all(|points| *points == Some(0));
    let parts = ["security", "rendering", "cost"].iter().all(|part| none(0, part));
    let rendered = [2, 3].iter().all(|pack| none(*pack, "rendering") && none(*pack, "cost"));
    if exit != 1 || !whole || !parts || !rendered {
        return Err(format!("{exit} {document:#}"));
    }
    let ended = packs.run(&["score", "broken", "--no-config"]);
    let said = ended.text().contains("all 7 parts are skipped: the pack could not be loaded");
    check(said && ended.exit == 1, "what was skipped", &ended)
}
