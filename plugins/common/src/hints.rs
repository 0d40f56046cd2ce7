//! Finds the name that was probably meant, lists the names that there are, and says what does what a test of another
//! Jinja does.

/// How many names a list shows before it says how many more there are.
const SHOWN: usize = 12;

/// Finds the candidate that a typing mistake is nearest to; none where nothing is near.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if wanted.len() > 100 {
        return None;
    }
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= 100 && *candidate != wanted)
        .map(|candidate| (edit_distance(wanted, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= wanted.len().max(candidate.len()).div_ceil(3))
        .min()
        .map(|(_, candidate)| candidate)
}

/// Finds the path that was probably meant: one of the same file name, with or without its ending, else the nearest.
pub fn nearest_path<'a>(wanted: &str, paths: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let paths: Vec<&str> = paths.into_iter().filter(|path| *path != wanted).collect();
    let file = |path: &'a str| path.rsplit('/').next().unwrap_or(path);
    let stem = |path: &'a str| file(path).split('.').next().unwrap_or(path);
    let last = wanted.rsplit('/').next().unwrap_or(wanted);
    let same = paths.iter().find(|path| file(path) == last).or_else(|| paths.iter().find(|path| stem(path) == last));
    same.copied().or_else(|| nearest(wanted, paths))
}

/// Tests of Ansible, Twig and others that are long enough to be mistyped.
const TESTS: [&str; 14] = [
    "match",
    "regex",
    "search",
    "matches",
    "directory",
    "link_exists",
    "version",
    "version_compare",
    "subset",
    "superset",
    "succeeded",
    "skipped",
    "truthy",
    "vault_encrypted",
];

/// What to do instead of a test of Ansible, Twig or another Jinja that no engine here has; with `near`, of one whose name
/// is nearly that.
#[must_use]
pub fn foreign_test(name: &str, near: bool) -> Option<String> {
    if near {
        let near = nearest(name, TESTS)?;
        return Some(format!("there is no `{near}`: {}", foreign_test(near, false)?));
    }
    let instead = match name {
        "match" | "search" | "regex" | "matching" | "matches" => {
            "there are no regular expressions: write `'a' in x`, or check the value in the manifest with `pattern`"
        }
        "file" | "directory" | "dir" | "link" | "link_exists" | "exists" | "mount" | "same_file" | "abs" => {
            "a template sees no files: make it a variable; `x is defined` asks whether there is a name"
        }
        "version" | "version_compare" | "semver" => "versions are not compared: make the outcome a variable",
        "subset" | "issubset" | "superset" | "issuperset" | "disjoint" => {
            "there are no sets: go through one list, and test `item in other`"
        }
        "succeeded" | "success" | "failed" | "failure" | "changed" | "change" | "skipped" | "skip" | "finished"
        | "started" | "reachable" | "unreachable" | "timedout" => "there are no tasks: make it a variable",
        "url" | "uri" | "urn" | "email" => "check the value in the manifest with `pattern`",
        "vault_encrypted" | "vaulted_file" => "a secret is a variable of the type `secret`",
        "empty" | "blank" | "falsy" => "write `not x`",
        "truthy" | "present" => "write `x` alone",
        "positive" => "write `x > 0`",
        "negative" => "write `x < 0`",
        "nan" | "infinite" | "finite" => "a number that is not finite is always an error, so there is nothing to test",
        _ => return None,
    };
    Some(instead.to_owned())
}

/// Writes names as a list in alphabetical order, each between backticks.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_unstable();
    names.dedup();
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(SHOWN);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

/// The Damerau-Levenshtein distance (adjacent transpositions count once), over characters.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut previous = None;
    for (row, character) in left.chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let substituted = last[column] + usize::from(character != *other);
            let mut best = substituted.min(last[column + 1] + 1).min(current[column] + 1);
            if column > 0 && previous == Some(*other) && character == right[column - 1] {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        previous = Some(character);
        before_last = std::mem::replace(&mut last, current);
    }
    last[right.len()]
}
