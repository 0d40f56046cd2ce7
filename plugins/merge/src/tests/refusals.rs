//! What all policies say about themselves, and refuse.

use crate::{Failure, Job, Outcome, Side, policies};

fn job(policy: &str, sides: &[&[u8]]) -> Job {
    let sides = sides.iter().enumerate();
    let sides = sides.map(|(index, contents)| Side { owner: format!("pack-{index}"), contents: contents.to_vec() });
    Job {
        path: "Makefile".to_owned(),
        policy: policy.to_owned(),
        options: b"{}".to_vec(),
        base: None,
        sides: sides.collect(),
    }
}

#[test]
fn policies_are_sorted_and_say_what_they_are() {
    let all = policies::all();
    assert!(all.is_sorted_by(|one, other| one.name < other.name));
    for policy in &all {
        assert!(policy.help.starts_with(&format!("# {}\n", policy.name)), "{}", policy.name);
        assert!(policy.help.len() > 500 && policy.summary.len() < 80, "{}", policy.name);
        let options: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&policy.options).unwrap();
        for name in options.keys() {
            assert!(policy.help.contains(&format!("`{name}`")), "{} says nothing of `{name}`", policy.name);
        }
        // The defaults can be given.
        let mut given = job(&policy.name, &[b""]);
        given.options.clone_from(&policy.options);
        let same = policies::merge(&given) == policies::merge(&job(&policy.name, &[b""]));
        assert!(same, "{}", policy.name);
    }
}

#[test]
fn unknown_policies_have_near_ones() {
    let Err(Failure::Unsupported(why)) = policies::merge(&job("merge-yml", &[b""])) else { panic!("it is known") };
    assert_eq!(why, "there is no policy `merge-yml`: did you mean `merge-yaml`?");
}

#[test]
fn nothing_to_merge_is_no_panic() {
    for policy in policies::all() {
        assert!(matches!(policies::merge(&job(&policy.name, &[])), Err(Failure::Internal(_))), "{}", policy.name);
    }
}

#[test]
fn bytes_that_are_no_text_are_for_lines_and_sections_only() {
    let sides: [&[u8]; 2] = [b"a\n\xff\n", b"\xff\nb\n"];
    let Ok(Outcome::Merged(merged)) = policies::merge(&job("append-lines", &sides)) else { panic!("no lines") };
    assert_eq!(merged.contents, b"a\n\xff\nb\n");
    assert!(matches!(policies::merge(&job("region", &sides)), Ok(Outcome::Merged(_))));
    for policy in ["merge-json", "merge-toml", "merge-yaml"] {
        let Err(Failure::Invalid(found)) = policies::merge(&job(policy, &sides)) else { panic!("{policy} reads it") };
        assert_eq!(found[0].message, "it is not UTF-8");
    }
}

/// Large inputs take time that grows with them, not with their square: this would run for hours else.
#[test]
fn large_inputs_are_merged() {
    let lines = |from: usize, write: &dyn Fn(usize) -> String| (from..from + 8000).map(write).collect::<String>();
    let toml = |from| lines(from, &|at| format!("key-{at} = \"value of {at}\" # a comment\n"));
    let yaml = |from| lines(from, &|at| format!("key-{at}:\n  - value of {at} # a comment\n"));
    let json = |from| format!("{{{}\"last\": 0}}", lines(from, &|at| format!("\"key-{at}\": [{{\"a\": {at}}}], ")));
    for (policy, write) in [
        ("merge-toml", &toml as &dyn Fn(usize) -> String),
        ("merge-yaml", &yaml),
        ("merge-json", &json),
        ("append-lines", &toml),
    ] {
        let (one, other) = (write(0), write(4000));
        let outcome = policies::merge(&job(policy, &[one.as_bytes(), other.as_bytes()]));
        let Ok(Outcome::Merged(merged)) = outcome else { panic!("{policy} does not merge: {outcome:?}") };
        let text = String::from_utf8(merged.contents).unwrap();
        assert_eq!(text.matches("key-").count(), 12_000, "{policy}");
    }
}
