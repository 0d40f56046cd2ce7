//! `compose.toml`: what it says, and its mistakes, each at its place.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::*;
use crate::error::ErrorKind;

#[test]
fn a_file_is_read_as_it_is_written() {
    let text = "strategy = \"layer\"\n[packs]\nbase = \"^1.0\"\nweb = { version = \"2\", registry = \"main\" }\ndocker = { path = \"../docker\" }\n\
        [answers]\nname = \"shop\"\nrest = { x = 1 }\n[answers.web]\nport = 80\n\
        [share]\nlicense = [\"base\", \"web\"]\n[resolutions]\n\"README.md\" = \"base\"\n";
    let settings = Settings::parse("compose.toml", text).unwrap();
    let names: Vec<&str> = settings.packs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["base", "web", "docker"], "in their order");
    assert_eq!(settings.packs[0].1, Wanted::Release { requirement: "^1.0".parse().unwrap(), registry: None });
    let registry = Some("main".parse().unwrap());
    assert_eq!(settings.packs[1].1, Wanted::Release { requirement: "2".parse().unwrap(), registry });
    assert_eq!(settings.packs[2].1, Wanted::Path(PathBuf::from("../docker")));
    assert!(settings.layers);
    let shared: Vec<_> =
        settings.answers.shared.values.iter().map(|(name, value, _)| (name.as_str(), value.clone())).collect();
    let tables = [("name", json!("shop")), ("rest", json!({ "x": 1 })), ("web", json!({ "port": 80 }))];
    assert_eq!(shared, tables, "whose a table is, is known only with what packs need");
    assert_eq!(settings.answers.of["rest"].values[0].1, 1);
    let web = &settings.answers.of["web"];
    assert_eq!(web.values[0].1, 80);
    assert_eq!(web.values[0].2.start.line, 10);
    assert_eq!(settings.shares[0].packs.len(), 2);
    assert_eq!(settings.resolutions.values().next().map(ToString::to_string).as_deref(), Some("base"));
}

#[test]
fn each_mistake_is_told_at_its_place() {
    for (text, rule, line, message, help) in [
        ("pack = 1\n[packs]\na = \"1\"\n", "compose/unknown-key", 1, "unknown key `pack`", "did you mean `packs`?"),
        (
            "strategy = \"layers\"\n[packs]\na = \"1\"\n",
            "compose/value",
            1,
            "must be merge or layer; did you mean `layer`?",
            "",
        ),
        ("[packs]\na = \"one\"\n", "compose/value", 2, "", ""),
        ("[packs]\na = \"../a\"\n", "compose/value", 2, "`../a` is not a requirement", "is `{ path = \"../a\" }`"),
        ("[packs]\na = \"a.pack\"\n", "compose/value", 2, "", "is `{ path = \"a.pack\" }`"),
        ("[packs]\na = \"main/a\"\n", "compose/value", 2, "", "is `{ version = \"^1.0\", registry = \"main\" }`"),
        ("[packs]\na = \"main/a@^1\"\n", "compose/value", 2, "", "stands here alone: `\"^1\"`"),
        ("[packs]\na = \"v1.2\"\n", "compose/value", 2, "", "write `\"1.2\"`"),
        ("[packs]\na = \"latest\"\n", "compose/value", 2, "", "any version is `\"*\"`"),
        ("[packs]\na = { version = \"./a\" }\n", "compose/value", 2, "", "an archive is `path = \"./a\"`"),
        (
            "[packs]\na = \"1\"\nstrategy = \"layer\"\n",
            "compose/unknown-key",
            3,
            "stands in `[packs]`",
            "above the first",
        ),
        (
            "[packs]\na = \"1\"\n[share]\nstrategy = \"merge\"\n",
            "compose/unknown-key",
            4,
            "stands in `[share]`",
            "above the first",
        ),
        (
            "[packs]\na = \"1\"\n[resolutions]\nstrategy = \"layer\"\n",
            "compose/unknown-key",
            4,
            "stands in `[resolutions]`",
            "above the first",
        ),
        ("[packs]\na = 1\n", "compose/type", 2, "a requirement such as `\"^1.0\"`", ""),
        ("[packs]\na = {}\n", "compose/missing-key", 2, "needs a `path` or a `version`", "write `path = \"../base\"`"),
        ("[packs]\na = { version = \"one\" }\n", "compose/value", 2, "", ""),
        ("[packs]\na = { path = \"\" }\n", "compose/value", 2, "", ""),
        (
            "[packs]\na = { path = \"x\", version = \"1\" }\n",
            "compose/value",
            2,
            "and not both",
            "keep `path` for a folder",
        ),
        (
            "[packs]\na = { path = \"x\", registry = \"r\" }\n",
            "compose/value",
            2,
            "and not both",
            "keep `path` for a folder",
        ),
        (
            "[packs]\na = { pth = \"x\", path = \"y\" }\n",
            "compose/unknown-key",
            2,
            "unknown key `pth`",
            "did you mean `path`?",
        ),
        ("[packs]\nA = \"1\"\n", "compose/value", 2, "is not the name of a pack", "write `a`"),
        ("[packs]\na = \"1\"\n[share]\nname = \"a\"\n", "compose/type", 4, "must be a list", ""),
        ("[packs]\na = \"1\"\n[share]\nname = [\"A\"]\n", "compose/value", 4, "", ""),
        ("[packs]\na = \"1\"\n[resolutions]\n\"../x\" = \"a\"\n", "compose/value", 4, "is not the name of a file", ""),
        ("[packs]\na = \"1\"\n[resolutions]\nx = 1\n", "compose/type", 4, "", ""),
        ("[packs]\na = \"1\"\nanswers = 1\n", "compose/type", 3, "must be a requirement", ""),
        ("answers = 1\n[packs]\na = \"1\"\n", "compose/type", 1, "must be a table", ""),
        ("[packs\n", "compose/syntax", 1, "", ""),
    ] {
        let error = Settings::parse("compose.toml", text).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::Usage, "{text}");
        let findings = &error.body().findings;
        assert_eq!(findings.len(), 1, "{text}: {findings:#?}");
        let line_of = findings[0].span.as_ref().map(|span| span.start.line);
        assert_eq!((findings[0].rule.as_str(), line_of), (rule, Some(line)), "{text}: {findings:#?}");
        let (said, helped) = told(&error).remove(0);
        assert!(said.contains(message) && helped.contains(help), "{text}: {said} ({helped})");
    }
    let error = Settings::parse("compose.toml", "strategy = 1\n[packs]\na = 1\nb = 2\n").unwrap_err();
    assert_eq!(error.to_string(), "`compose.toml` has 3 errors");
}

#[test]
fn a_pack_or_a_file_may_be_called_strategy() {
    let settings = Settings::parse(
        "compose.toml",
        "[packs]\nstrategy = \"^1\"\nlayer = \"1\"\n[resolutions]\nstrategy = \"layer\"\n",
    );
    let settings = settings.unwrap();
    assert_eq!((settings.packs.len(), settings.resolutions.len(), settings.layers), (2, 1, false));
}

#[test]
fn paths_that_are_not_there_are_told_with_the_other_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("here")).unwrap();
    let file = folder.path().join("compose.toml");
    fs::write(
        &file,
        "[packs]\na = { path = \"nope\" }\nb = { path = \"here\" }\nc = \"one\"\nd = { path = \"../no\" }\n",
    )
    .unwrap();
    let error = Settings::read(&file).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    let lines: Vec<_> = error.body().findings.iter().map(|finding| finding.span.as_ref().unwrap().start.line).collect();
    assert_eq!(lines, [2, 4, 5]);
    assert_eq!(told(&error)[0].0, "there is no `nope`");
}

#[test]
fn who_names_no_packs_is_told_how() {
    let error = Settings::parse("compose.toml", "strategy = \"merge\"\n").unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Usage, "`compose.toml` names no packs"));
    assert!(error.body().hint.as_ref().is_some_and(|hint| hint.contains("[packs]")));
    assert_eq!(Settings::read(Path::new("no/such/compose.toml")).unwrap_err().kind(), ErrorKind::NotFound);
}
