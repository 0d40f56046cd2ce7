//! `team/pinned-images`: a container image is the same tomorrow.

use packbox_sdk::{Diagnostic, Failure, Rule, Severity, Subject};
use serde::{Deserialize, Serialize};

const ID: &str = "team/pinned-images";

const PAGE: &str = "\
`FROM debian:latest`, and `FROM debian`, which is the same, build another image every week. Name a version, or the
digest of the very image.

## Fails

    FROM debian:latest

## Passes

    FROM debian:12.9
    FROM debian:{{ debian_version }}
    FROM debian@sha256:…

## Options

`require_digest` wants a digest of every image. `allow` lists images that need neither.
";

/// What `packbox.toml` may set.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    require_digest: bool,
    allow: Vec<String>,
}

/// Describes the rule.
pub(crate) fn rule() -> Rule {
    Rule::new(ID, "container images are pinned", Severity::Error).help(PAGE).options(&Options::default()).files([
        "Dockerfile*",
        "Containerfile*",
        "*.dockerfile",
        "*.dockerfile.*",
    ])
}

/// Checks every `FROM` of the files that describe images.
pub(crate) fn check(subject: &Subject<'_>) -> Result<Vec<Diagnostic>, Failure> {
    let options: Options = subject.options(ID)?;
    let mut findings = Vec::new();
    for file in subject.files.iter().filter(|file| describes_images(file.name())) {
        // What is not text is another rule's concern.
        let Ok(text) = file.text() else { continue };
        let mut stages: Vec<&str> = Vec::new();
        for line in text.lines() {
            let Some((image, stage)) = base_image(line) else { continue };
            let is_known =
                image == "scratch" || stages.contains(&image) || options.allow.iter().any(|known| known == image);
            stages.extend(stage);
            if let Some(problem) = problem(image, options.require_digest).filter(|_| !is_known) {
                findings.push(
                    Diagnostic::error(ID, format!("the image `{image}` {problem}"))
                        .maybe_at(file.span_of(image))
                        .help("name a version (`image:1.2.3`) or a digest (`image@sha256:…`)"),
                );
            }
        }
    }
    Ok(findings)
}

fn describes_images(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("dockerfile")
        || name.starts_with("containerfile")
        || name.split('.').skip(1).any(|part| part == "dockerfile")
}

/// Reads `FROM [--platform=…] IMAGE [AS STAGE]`.
fn base_image(line: &str) -> Option<(&str, Option<&str>)> {
    let rest = line.trim_start();
    let rest = rest.get(..4).filter(|word| word.eq_ignore_ascii_case("from")).and_then(|_| rest.get(4..))?;
    if !rest.starts_with([' ', '\t']) {
        return None;
    }
    let mut rest = rest.trim();
    while rest.starts_with("--") {
        rest = rest.split_once([' ', '\t'])?.1.trim_start();
    }
    // Blanks within `{{ … }}` belong to the image.
    let mut end = 0;
    let mut in_tag = false;
    for (at, letter) in rest.char_indices() {
        if rest[at..].starts_with("{{") {
            in_tag = true;
        } else if rest[at..].starts_with("}}") {
            in_tag = false;
        }
        if letter.is_whitespace() && !in_tag {
            break;
        }
        end = at + letter.len_utf8();
    }
    let (image, rest) = rest.split_at(end);
    let mut words = rest.split_whitespace();
    let stage = words.next().filter(|word| word.eq_ignore_ascii_case("as")).and_then(|_| words.next());
    Some(image).filter(|image| !image.is_empty()).map(|image| (image, stage))
}

fn problem(image: &str, require_digest: bool) -> Option<&'static str> {
    if image.contains("@sha256:") {
        return None;
    }
    // An image that the template or an argument decides on as a whole can't be judged here.
    if image.starts_with("{{") && image.ends_with("}}") || image.starts_with('$') {
        return None;
    }
    if require_digest {
        return Some("has no digest");
    }
    // A colon before the last slash belongs to a port.
    let name = image.rsplit('/').next().unwrap_or(image);
    match name.split_once(':') {
        None | Some((_, "")) => Some("has no version"),
        Some((_, "latest")) => Some("is a different one every week"),
        Some(_) => None,
    }
}
