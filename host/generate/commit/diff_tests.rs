//! Tests of [`diff`].

use std::fs;

use super::super::survey::survey;
use super::super::tests::tree;
use super::*;

#[test]
fn changes_are_shown_as_a_unified_diff() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("a.txt"), "one\ntwo\nthree\n").unwrap();
    fs::write(place.path().join("binary"), b"\0\x01").unwrap();
    fs::write(place.path().join("same"), "same").unwrap();
    fs::write(place.path().join("once"), "mine").unwrap();
    let tree = tree(&[
        ("a.txt", "one\n2\nthree"),
        ("binary", "text\n"),
        ("empty", ""),
        ("!new/run.sh", "#!/bin/sh\n"),
        ("?once", "template"),
        ("same", "same"),
    ]);
    let expected = "\
diff --git a/a.txt b/a.txt
--- a/a.txt
+++ b/a.txt
@@ -1,3 +1,3 @@
 one
-two
-three
+2
+three
\\ No newline at end of file
diff --git a/binary b/binary
Binary files a/binary and b/binary differ
diff --git a/empty b/empty
new file mode 100644
--- /dev/null
+++ b/empty
diff --git a/new/run.sh b/new/run.sh
new file mode 100755
--- /dev/null
+++ b/new/run.sh
@@ -0,0 +1 @@
+#!/bin/sh
";
    let survey = survey(&tree, place.path()).unwrap();
    let shown = || diff(&survey, OnExisting::Fail, false, &|lines, _| lines);
    assert_eq!(shown(), expected);
    assert_eq!(shown(), diff(&survey, OnExisting::Overwrite, true, &|lines, _| lines));
    let skipping = diff(&survey, OnExisting::Skip, false, &|lines, _| lines);
    assert!(!skipping.contains("a.txt") && skipping.contains("b/empty"), "{skipping}");
}

#[test]
fn what_is_too_large_says_so() {
    let place = tempfile::tempdir().unwrap();
    let large = "x\n".repeat(600_000);
    let many_lines = "x\n".repeat(MAX_LINES);
    fs::write(place.path().join("lines"), "y\n").unwrap();
    fs::write(place.path().join("old-is-large"), &large).unwrap();
    let tree = tree(&[("lines", &many_lines), ("new-is-large", &large), ("old-is-large", "")]);
    let expected = "\
diff --git a/lines b/lines
Files a/lines and b/lines differ: too many lines to show
diff --git a/new-is-large b/new-is-large
new file mode 100644
Files /dev/null and b/new-is-large differ: too large to show
diff --git a/old-is-large b/old-is-large
Files a/old-is-large and b/old-is-large differ: too large to show
";
    assert_eq!(diff(&survey(&tree, place.path()).unwrap(), OnExisting::Fail, false, &|lines, _| lines), expected);
}

/// The comparison must stay fast on what a hostile pack can make of it: nothing in common, and everything almost equal.
#[test]
fn hostile_contents_are_compared_in_bounded_time() {
    let place = tempfile::tempdir().unwrap();
    let half = MAX_LINES / 2;
    let lines = |line: &dyn Fn(usize) -> usize| {
        let lines: Vec<String> = (0..half).map(|number| line(number).to_string()).collect();
        lines.join("\n")
    };
    fs::write(place.path().join("different"), lines(&|number| number)).unwrap();
    fs::write(place.path().join("few-values"), lines(&|number| number * number % 7)).unwrap();
    fs::write(place.path().join("reversed"), lines(&|number| number)).unwrap();
    let (different, few_values, reversed) = (
        lines(&|number| number + half),
        lines(&|number| number * number % 5 + number % 3),
        lines(&|number| half - number),
    );
    let tree = tree(&[("different", &different), ("few-values", &few_values), ("reversed", &reversed)]);
    let survey = survey(&tree, place.path()).unwrap();
    let start = std::time::Instant::now();
    assert!(diff(&survey, OnExisting::Fail, false, &|lines, _| lines).lines().count() > half);
    assert!(start.elapsed() < std::time::Duration::from_mins(1), "{:?}", start.elapsed());
}
