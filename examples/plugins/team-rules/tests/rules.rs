//! What the rules find, and what they let pass.

use packbox_sdk::testing::TestSubject;
use packbox_sdk::{Failure, json};
use team_rules::TeamRules;

fn pack(path: &str, role: &str, contents: &str) -> TestSubject {
    let facts = json!({ "files": [{ "path": path, "role": role, "handed": true }] });
    TestSubject::new(json!({ "pack": { "name": "p", "version": "1.0.0" } })).facts(facts).file(path, contents)
}

fn images(contents: &str) -> TestSubject {
    pack("docker/Dockerfile.jinja", "template", contents)
}

#[test]
fn images_without_a_version_are_found() {
    let findings =
        images("# syntax\nFROM debian\nfrom  --platform=$BUILDPLATFORM localhost:5000/a/rust:latest AS build\n");
    assert_eq!(
        findings.findings::<TeamRules>(),
        "\
error[team/pinned-images]: the image `debian` has no version
  at docker/Dockerfile.jinja:2:6-2:12
  help: name a version (`image:1.2.3`) or a digest (`image@sha256:…`)
error[team/pinned-images]: the image `localhost:5000/a/rust:latest` is a different one every week
  at docker/Dockerfile.jinja:3:33-3:61
  help: name a version (`image:1.2.3`) or a digest (`image@sha256:…`)
"
    );
}

#[test]
fn pinned_images_pass() {
    for line in [
        "FROM debian:12.9",
        "FROM debian@sha256:0123",
        "FROM registry:5000/x/y:1.0 AS z",
        "FROM scratch",
        "FROM debian:{{ version }} AS base",
        "FROM {{ image }}",
        "FROM $BASE",
        "FROM a:1 AS build\nFROM build",
        "RUN from debian",
        "FROMAGE debian",
        "FROM",
        "FROM ",
        "FROM --platform=x",
        "fr\u{f6}m x",
    ] {
        assert_eq!(images(line).findings::<TeamRules>(), "", "{line}");
    }
    assert_eq!(pack("README.md", "copy", "FROM debian").findings::<TeamRules>(), "");
}

#[test]
fn options_of_images_are_used() {
    let digest = images("FROM debian:12.9").option("team/pinned-images", json!({ "require_digest": true }));
    assert!(digest.findings::<TeamRules>().contains("the image `debian:12.9` has no digest"));
    let allowed = images("FROM house/base").option("team/pinned-images", json!({ "allow": ["house/base"] }));
    assert_eq!(allowed.findings::<TeamRules>(), "");
    let wrong = images("").option("team/pinned-images", json!({ "alow": [] })).check::<TeamRules>();
    assert!(matches!(wrong, Err(Failure::Invalid(_))));
}

#[test]
fn sources_without_a_license_are_found() {
    assert_eq!(
        pack("src/main.rs.jinja", "template", "fn main() {}\n").findings::<TeamRules>(),
        "\
warning[team/license-header]: the first 5 lines do not say `SPDX-License-Identifier:`
  at src/main.rs.jinja:1:1-1:13
  help: begin the file with a comment that names the license
"
    );
}

#[test]
fn what_has_a_license_or_needs_none_passes() {
    let good = "#!/usr/bin/env python3\n# SPDX-License-Identifier: MIT\n";
    for (path, role, contents) in [
        ("a.py", "copy", good),
        ("a.py.jinja", "partial", "import x"),
        ("a.md", "copy", "text"),
        ("empty.py", "copy", "\n"),
    ] {
        assert_eq!(pack(path, role, contents).findings::<TeamRules>(), "", "{path}");
    }
    let options = json!({ "text": "Copyright", "lines": 1 });
    let late = pack("a.py", "copy", "\n# Copyright").option("team/license-header", options.clone());
    assert!(late.findings::<TeamRules>().contains("do not say `Copyright`"));
    let first = pack("a.py", "copy", "# Copyright").option("team/license-header", options);
    assert_eq!(first.findings::<TeamRules>(), "");
}
