//! The cases below `cases/`: one file each, in sections.
//!
//! A section begins with a line `==> NAME`. `options` is JSON, `base` what the sides were made from; any other section
//! before `expected` is a side, named by its owner, and all sides have the file's name, which is the first line's
//! `path: NAME`. What comes of the merge stands below `==> expected`: `merged` with the bytes and their owners,
//! `conflicts`, `invalid`, `unsupported` or `internal`. `\r` at the end of a line is a carriage return, and
//! `\ no newline` as a section's last line takes its last line end away. `BLESS=1` writes what is expected.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::{Conflict, Diagnostic, Failure, Job, Merged, Outcome, Position, Side, policies, region, region_head};

const POLICIES: [&str; 5] = ["append-lines", "merge-json", "merge-toml", "merge-yaml", "region"];
/// Each policy has at least so many cases.
const LEAST: usize = 40;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

#[test]
fn every_case_has_its_result() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for policy in POLICIES {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(root().join(policy)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(files.len() >= LEAST, "{policy} has {} cases only", files.len());
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let (input, expected) = text.split_once("==> expected\n").unwrap_or((&text, ""));
            let job = job(policy, input);
            let actual = shown(&job, &policies::merge(&job));
            if bless {
                std::fs::write(&file, format!("{}==> expected\n{actual}", ended(input))).unwrap();
            } else if actual != expected {
                wrong.push(format!("{}\n--- expected\n{expected}--- actual\n{actual}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases have another result:\n{}", wrong.len(), wrong.join("\n"));
}

/// Every merge of a case, turned around, merges too, and nothing comes of merging what was merged.
#[test]
fn merged_cases_are_stable() {
    for policy in POLICIES.into_iter().filter(|policy| *policy != "region") {
        for entry in std::fs::read_dir(root().join(policy)).unwrap() {
            let file = entry.unwrap().path();
            let text = std::fs::read_to_string(&file).unwrap();
            let mut job = job(policy, text.split_once("==> expected\n").unwrap().0);
            if job.base.is_some() {
                continue;
            }
            let outcome = policies::merge(&job);
            let sides = job.sides.clone();
            job.sides.reverse();
            let turned = policies::merge(&job);
            match &outcome {
                Ok(Outcome::Merged(merged)) => {
                    assert!(
                        matches!(turned, Ok(Outcome::Merged(_)) | Err(Failure::Unsupported(_))),
                        "{}",
                        file.display()
                    );
                    for side in sides {
                        let result = Side { owner: "the result".to_owned(), contents: merged.contents.clone() };
                        job.sides = vec![result, side];
                        let Ok(Outcome::Merged(again)) = policies::merge(&job) else {
                            panic!("{}: the result does not merge with a side", file.display())
                        };
                        let (again, merged) = (text_of(&again.contents), text_of(&merged.contents));
                        assert_eq!(again, merged, "{}", file.display());
                    }
                }
                Ok(Outcome::Conflicts(_)) => {
                    assert!(matches!(turned, Ok(Outcome::Conflicts(_))), "{}", file.display());
                }
                Err(_) => {
                    assert!(turned.is_err() || matches!(outcome, Err(Failure::Unsupported(_))), "{}", file.display())
                }
            }
        }
    }
}

/// What has to be at the top of a file is found there again, each once.
#[test]
fn heads_of_merged_files_are_theirs() {
    let mut pieces = 0;
    for entry in std::fs::read_dir(root().join("region")).unwrap() {
        let file = entry.unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        let job = job("region", text.split_once("==> expected\n").unwrap().0);
        let Ok(Outcome::Merged(merged)) = policies::merge(&job) else { continue };
        if job.base.is_some() || job.sides.len() < 2 {
            continue;
        }
        let found = region_head::of(&job.path, &merged.contents);
        for side in &job.sides {
            for piece in region_head::of(&job.path, &side.contents).pieces {
                pieces += 1;
                let same = found.pieces.iter().filter(|other| other.says(&piece)).count();
                assert_eq!(same, 1, "{}: {piece:?} in {:?}", file.display(), found.pieces);
            }
        }
        let rest = text_of(&merged.contents[found.length..]);
        assert!(
            !rest.contains('\u{feff}') && region::is_marker(rest.lines().next().unwrap().as_bytes()),
            "{}",
            file.display()
        );
    }
    assert!(pieces > 40, "{pieces} pieces only");
}

/// Every word of a part stands in one of its owners' sides.
#[test]
fn parts_are_their_owners() {
    for policy in POLICIES {
        for entry in std::fs::read_dir(root().join(policy)).unwrap() {
            let file = entry.unwrap().path();
            let text = std::fs::read_to_string(&file).unwrap();
            let job = job(policy, text.split_once("==> expected\n").unwrap().0);
            if let Ok(Outcome::Merged(merged)) = policies::merge(&job) {
                own(&job, &merged, &file);
            }
        }
    }
}

fn own(job: &Job, merged: &Merged, file: &Path) {
    let mut before = 0;
    for part in &merged.parts {
        assert!(
            part.start >= before && part.end > part.start && part.end as usize <= merged.contents.len(),
            "{}",
            file.display()
        );
        before = part.end;
        assert!(!part.owners.is_empty() && part.owners.is_sorted_by(|one, other| one < other), "{}", file.display());
        let texts: Vec<String> =
            part.owners.iter().map(|owner| text_of(&job.sides[*owner as usize].contents)).collect();
        let text = text_of(&merged.contents[part.start as usize..part.end as usize]);
        for word in text.split(|character: char| !character.is_alphanumeric()) {
            assert!(texts.iter().any(|text| text.contains(word)), "{}: {word:?} in {text:?}", file.display());
        }
    }
}

fn job(policy: &str, input: &str) -> Job {
    let (mut options, mut base, mut sides) = (b"{}".to_vec(), None, Vec::new());
    let (head, rest) = input.split_once('\n').unwrap();
    let path = head.strip_prefix("path: ").unwrap().to_owned();
    for section in rest.split("==> ").skip(1) {
        let (name, body) = section.split_once('\n').unwrap();
        match name {
            "options" => options = body.trim().as_bytes().to_vec(),
            "base" => base = Some(bytes(body)),
            owner => sides.push(Side { owner: owner.to_owned(), contents: bytes(body) }),
        }
    }
    Job { path, policy: policy.to_owned(), options, base, sides }
}

fn bytes(body: &str) -> Vec<u8> {
    let body = match body.strip_suffix("\\ no newline\n") {
        Some(body) => body.strip_suffix('\n').unwrap_or(body),
        None => body,
    };
    body.replace("\\r\n", "\r\n").replace("\\ufeff", "\u{feff}").into_bytes()
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn ended(text: &str) -> String {
    if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

fn shown(job: &Job, outcome: &Result<Outcome, Failure>) -> String {
    let mut text = String::new();
    match outcome {
        Ok(Outcome::Merged(merged)) => {
            let contents = text_of(&merged.contents).replace('\r', "\\r").replace('\u{feff}', "\\ufeff");
            let end = if contents.ends_with('\n') || contents.is_empty() { "" } else { "\n\\ no newline\n" };
            write!(text, "merged\n{contents}{end}").unwrap();
            text.push_str("==> owners\n");
            for part in &merged.parts {
                let owners: Vec<&str> =
                    part.owners.iter().map(|owner| job.sides[*owner as usize].owner.as_str()).collect();
                let part = text_of(&merged.contents[part.start as usize..part.end as usize]);
                writeln!(text, "{}: {}", owners.join(", "), short(&part)).unwrap();
            }
            if !merged.notes.is_empty() {
                text.push_str("==> notes\n");
            }
            for note in &merged.notes {
                show_diagnostic(&mut text, note);
            }
        }
        Ok(Outcome::Conflicts(conflicts)) => {
            text.push_str("conflicts\n");
            for conflict in conflicts {
                show_conflict(&mut text, job, conflict);
            }
        }
        Err(Failure::Invalid(diagnostics)) => {
            text.push_str("invalid\n");
            for diagnostic in diagnostics {
                show_diagnostic(&mut text, diagnostic);
            }
        }
        Err(Failure::Unsupported(why)) => writeln!(text, "unsupported\n{why}").unwrap(),
        Err(Failure::Internal(why)) => writeln!(text, "internal\n{why}").unwrap(),
    }
    text
}

fn short(part: &str) -> String {
    let part = part.replace('\n', "\u{23ce}").replace('\r', "");
    let count = part.chars().count();
    if count <= 60 {
        return part;
    }
    let (first, last): (String, String) = (part.chars().take(28).collect(), part.chars().skip(count - 28).collect());
    format!("{first} ... {last}")
}

fn show_conflict(text: &mut String, job: &Job, conflict: &Conflict) {
    writeln!(text, "{}: {}", conflict.subject, conflict.message).unwrap();
    if let Some(help) = &conflict.help {
        writeln!(text, "  help: {help}").unwrap();
    }
    for place in &conflict.places {
        let end = place.end.as_ref().map(|end| format!("-{}", at(end))).unwrap_or_default();
        writeln!(text, "  {} {}{end}", job.sides[place.side as usize].owner, at(&place.start)).unwrap();
    }
}

fn show_diagnostic(text: &mut String, diagnostic: &Diagnostic) {
    let place = diagnostic.span.as_ref().map(|span| format!("{} {}: ", span.path, at(&span.start))).unwrap_or_default();
    writeln!(text, "{place}{} ({})", diagnostic.message, diagnostic.rule).unwrap();
    if let Some(help) = &diagnostic.help {
        writeln!(text, "  help: {help}").unwrap();
    }
}

fn at(position: &Position) -> String {
    format!("{}:{}", position.line, position.column)
}
