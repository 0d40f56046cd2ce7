//! What the SDK makes of files to merge: sides, base, options, parts, conflicts.

use packbox_sdk::testing::TestMerge;
use packbox_sdk::{Conflict, Failure, MergeJob, Merged, Merger, Outcome, Policy, json};
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    reversed: bool,
}

/// One side after the other, and the base before them.
struct Joined;

impl Merger for Joined {
    fn policies() -> Vec<Policy> {
        vec![
            Policy::new("join", "one after the other").help("Why.").options(&Options::default()),
            Policy::new("refuse", "nothing but conflicts"),
        ]
    }

    fn merge(job: &MergeJob<'_>) -> Result<Outcome, Failure> {
        let options: Options = job.options()?;
        if job.policy == "refuse" {
            let conflict = |side: usize| Conflict::new(job.path, "no").at(side, job.sides[side].span(0..1));
            return Ok((0..job.sides.len()).map(conflict).collect::<Vec<_>>().into());
        }
        let mut merged = Merged::new();
        merged.push_own("# joined\n");
        merged.push(job.base.unwrap_or_default(), [1, 0]);
        let mut sides: Vec<_> = job.sides.iter().enumerate().collect();
        if options.reversed {
            sides.reverse();
        }
        for (side, source) in sides {
            merged.push(source.text()?, [side]);
        }
        Ok(merged.into())
    }
}

packbox_sdk::export_merger!(Joined);

fn job(policy: &str) -> TestMerge {
    TestMerge::new("a.txt", policy).side("one", "1\n").side("two", "zwei\n")
}

#[test]
fn what_is_pushed_is_somebodys() {
    let joined = job("join").base("both\n");
    assert_eq!(joined.text::<Joined>(), "# joined\nboth\n1\nzwei\n");
    assert_eq!(joined.owners::<Joined>(), "one, two: \"both\\n\"\none: \"1\\n\"\ntwo: \"zwei\\n\"\n");
    assert_eq!(joined.notes::<Joined>(), "");
    let reversed = job("join").options(json!({ "reversed": true }));
    assert_eq!(reversed.text::<Joined>(), "# joined\nzwei\n1\n");
}

#[test]
fn parts_of_the_same_owners_become_one() {
    let mut merged = Merged::new();
    for (text, owners) in [("a", vec![1, 0, 1]), ("b", vec![0, 1]), ("", vec![0]), ("c", vec![]), ("d", vec![0])] {
        merged.push(text, owners);
    }
    let parts: Vec<_> = merged.parts.iter().map(|part| (part.start, part.end, part.owners.clone())).collect();
    assert_eq!(parts, [(0, 2, vec![0, 1]), (3, 4, vec![0])]);
}

#[test]
fn conflicts_and_mistakes_are_told() {
    assert_eq!(
        job("refuse").conflicts::<Joined>(),
        "conflict[a.txt]: no\n  at one:1:1-1:2\nconflict[a.txt]: no\n  at two:1:1-1:2\n"
    );
    let errors = job("join").options(json!({ "revers": true })).errors::<Joined>();
    assert!(errors.starts_with("error[plugin/options]: the option `revers` does not match"), "{errors}");
    let errors = job("join").side("three", b"\xff").errors::<Joined>();
    assert!(errors.contains("  at three:1:1-1:2\n"), "{errors}");
}

#[test]
#[should_panic(expected = "has `zwei`, which none of its owners wrote")]
fn false_owners_are_found_out() {
    struct Thief;
    impl Merger for Thief {
        fn policies() -> Vec<Policy> {
            Joined::policies()
        }
        fn merge(job: &MergeJob<'_>) -> Result<Outcome, Failure> {
            let mut merged = Merged::new();
            merged.push(job.sides[1].bytes(), [0]);
            Ok(merged.into())
        }
    }
    let _ = job("join").merge::<Thief>();
}

#[test]
#[should_panic(expected = "no policy is called `other`")]
fn policies_are_known() {
    let _ = job("other").merge::<Joined>();
}
