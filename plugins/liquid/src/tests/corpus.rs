//! The corpus: the guest gives what the plain crate gives, and fails where it fails.

use std::path::Path;

use super::*;

fn cases() -> Vec<case::Case> {
    let cases = case::read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/liquid"));
    assert!(cases.len() >= 60, "{} cases", cases.len());
    cases
}

fn job_of(case: &case::Case) -> Job {
    Job { template: file("main", &case.template), locals: case.locals.clone().into(), options: b"{}".to_vec() }
}

fn partials_of(case: &case::Case) -> Vec<File> {
    case.partials.iter().map(|(path, text)| file(path, text)).collect()
}

#[test]
fn the_guest_gives_what_its_twin_gives() {
    let mut failures = Vec::new();
    for case in cases() {
        let ours = render::render(case.context.as_bytes(), partials_of(&case), &[job_of(&case)]).remove(0);
        let twin = twin::render(&case.template, &case.partials, &case.context, &case.locals);
        let name = &case.name;
        match (&case.error, ours, twin) {
            (None, Ok(ours), Ok(twin)) if ours.outputs[0].contents == twin.as_bytes() => {}
            (Some(error), Err(Failure::Invalid(found)), Err(_)) => {
                let at = found[0].span.as_ref().map(place).unwrap_or_default();
                let found = format!("{} {at}", found[0].rule);
                if found != *error {
                    failures.push(format!("{name}: wants {error}, found {found}"));
                }
            }
            (_, ours, twin) => failures.push(format!(
                "{name}: {:?}\n    and the twin {twin:?}",
                ours.map(|ours| String::from_utf8_lossy(&ours.outputs[0].contents).into_owned())
            )),
        }
    }
    assert!(failures.is_empty(), "{} cases:\n{}", failures.len(), failures.join("\n"));
}

/// A batch gives what its jobs give alone, with the same reads and the same errors.
#[test]
fn company_changes_nothing() {
    let cases: Vec<_> = cases().into_iter().filter(|case| case.context.contains("\"user\"")).collect();
    let context = cases[0].context.clone();
    let mut partials = Vec::new();
    for (path, text) in cases.iter().flat_map(|case| &case.partials) {
        partials.push(file(path, text));
    }
    let jobs: Vec<Job> = cases.iter().flat_map(|case| [job_of(case), job_of(case)]).collect();
    let alone: Vec<_> = jobs
        .iter()
        .map(|job| render::render(context.as_bytes(), partials.clone(), std::slice::from_ref(job)).remove(0))
        .collect();
    let together = render::render(context.as_bytes(), partials.clone(), &jobs);
    let backwards: Vec<Job> = jobs.iter().rev().cloned().collect();
    let mut reversed = render::render(context.as_bytes(), partials, &backwards);
    reversed.reverse();
    for (at, job) in jobs.iter().enumerate() {
        let text = String::from_utf8_lossy(&job.template.contents);
        assert_eq!(alone[at], together[at], "{text}");
        assert_eq!(alone[at], reversed[at], "{text}");
    }
}
