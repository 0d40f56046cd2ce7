//! What packs can't be together is told when they are planned: `plan` refuses what `compose` does, with the same words.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::process::{Ended, Run, shared_home};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 3] = [
    ("compose/refused-when-planned", refused_when_planned),
    ("compose/resolutions-of-nothing", resolutions_of_nothing),
    ("compose/mergers-are-pinned", mergers_are_pinned),
];

/// Writes the pack `NAME` with a template for each output: path, contents, and lines beside these.
fn pack(folder: &Path, name: &str, outputs: &[(&str, &str, &str)]) -> Result<(), String> {
    let folder = folder.join(name);
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let mut manifest = format!("[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
    for (number, (output, contents, more)) in outputs.iter().enumerate() {
        let source = format!("file{number}");
        let _ = writeln!(manifest, "\n[[templates]]\nsource = \"{source}\"\noutput = \"{output}\"\n{more}");
        fs::write(folder.join(&source), contents).map_err(|error| error.to_string())?;
    }
    fs::write(folder.join("pack.toml"), manifest).map_err(|error| error.to_string())
}

fn run(folder: &Path, arguments: &[&str]) -> Ended {
    Run {
        arguments: arguments.iter().map(ToString::to_string).collect(),
        folder: folder.to_owned(),
        environment: [("PACKBOX_HOME".to_owned(), shared_home().to_string_lossy().into_owned())].into(),
        ..Run::default()
    }
    .run()
}

/// Both commands refuse, with this exit code and these words; nothing is written and nothing saved.
fn both_refuse(folder: &Path, more: &[&str], exit: i32, words: &[&str]) -> Result<(), String> {
    let compose = run(folder, &[&["compose", "a", "b", "--no-input", "-o", "out"], more].concat());
    let plan = run(folder, &[&["plan", "a", "b", "--no-input", "--save", "saved.plan"], more].concat());
    for (command, ended) in [("compose", &compose), ("plan", &plan)] {
        let text = ended.text();
        if ended.exit != exit || words.iter().any(|word| !text.contains(word)) {
            return Err(format!("`{command}` was to end with {exit} and {words:?}: {text}"));
        }
    }
    let is_there = |name: &str| folder.join(name).exists();
    if is_there("out") || is_there("saved.plan") { Err("something was written".to_owned()) } else { Ok(()) }
}

fn refused_when_planned() -> Result<(), String> {
    type Outputs<'a> = &'a [(&'a str, &'a str, &'a str)];
    let lines = "on_conflict = \"append-lines\"";
    let executable = "on_conflict = \"append-lines\"\nexecutable = true";
    let cases: [(Outputs<'_>, Outputs<'_>, i32, &[&str]); 8] = [
        (&[("A", "", "")], &[("a", "", "")], 3, &["`A` and `a` are the same file on some systems"]),
        (&[("caf\u{e9}", "", "")], &[("cafe\u{301}", "", "")], 3, &["are the same file on some systems"]),
        (&[("x", "", "")], &[("x/y", "", "")], 3, &["`x` would be a file and `x` a folder"]),
        (&[("Src/a", "", "")], &[("src/b", "", "")], 3, &["`Src` and `src` are the same folder"]),
        (
            &[("run", "a\n", executable)],
            &[("run", "b\n", lines)],
            3,
            &["executable for `a`, and not for `b`", "b/pack.toml:7"],
        ),
        (
            &[("x", "a\n", "on_conflict = { policy = \"append-lines\", options = { sortt = true } }")],
            &[("x", "b\n", "on_conflict = { policy = \"append-lines\", options = { sortt = true } }")],
            1,
            &["the policy `append-lines` of `x` has no option `sortt`"],
        ),
        (
            &[("x", "a\n", "on_conflict = { policy = \"region\", options = { Comment = \"#\" } }")],
            &[("x", "b\n", "on_conflict = { policy = \"region\", options = { Comment = \"#\" } }")],
            1,
            &["the policy `region` of `x` has no option `Comment`", "did you mean `comment`?"],
        ),
        // Two of one pack are its own mistake.
        (&[("y", "", ""), ("Y", "", "")], &[("z", "", "")], 1, &["the same file on some systems", "a/pack.toml"]),
    ];
    for (one, other, exit, words) in cases {
        let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
        pack(scratch.path(), "a", one)?;
        pack(scratch.path(), "b", other)?;
        both_refuse(scratch.path(), &[], exit, words)?;
    }
    Ok(())
}

/// A resolution is of a file that the pack writes, whether others write it or not.
fn resolutions_of_nothing() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path();
    pack(folder, "a", &[("x", "a\n", ""), ("only", "a\n", "")])?;
    pack(folder, "b", &[("x", "b\n", "")])?;
    let fine = ["--resolve", "x=a"];
    both_refuse(folder, &["--resolve", "z=a"], 2, &["`z` is said to be that of `a`, but none of the packs writes it"])?;
    both_refuse(folder, &["--resolve", "x=c"], 2, &["which is none of the packs"])?;
    let more = ["--resolve", "only=b"];
    let words = ["`only` is said to be that of `b`, which does not write it", "it is written by `a`"];
    both_refuse(folder, &[fine, more].concat(), 2, &words)?;
    both_refuse(
        folder,
        &["--resolve", "x=a", "--resolve", "x=b"],
        2,
        &["`x` is said to be that of `a` and that of `b`"],
    )?;
    // A pack by itself, in a file of settings.
    let settings = "[packs]\na = { path = \"a\" }\n\n[resolutions]\n\"nosuch\" = \"a\"\n";
    fs::write(folder.join("compose.toml"), settings).map_err(|error| error.to_string())?;
    for command in [&["compose", "-o", "out"][..], &["plan"]] {
        let ended = run(folder, &[command, &["--no-input"]].concat());
        if ended.exit != 2
            || !ended.text().contains("`nosuch` is said to be that of `a`, but none of the packs writes it")
        {
            return Err(ended.text());
        }
    }
    Ok(())
}

/// Plan and receipt name the component that merges, and a plan that names another one is refused.
fn mergers_are_pinned() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path();
    let lines = "on_conflict = \"append-lines\"";
    let word = "\n[variables.word]\ntype = \"string\"\ndefault = \"w\"";
    pack(folder, "a", &[("x.txt", "a\n", lines)])?;
    pack(folder, "b", &[("x.txt", "b\n", &format!("{lines}{word}"))])?;
    fs::rename(folder.join("b/file0"), folder.join("b/file0.jinja")).map_err(|error| error.to_string())?;
    let manifest = fs::read_to_string(folder.join("b/pack.toml")).map_err(|error| error.to_string())?;
    fs::write(folder.join("b/pack.toml"), manifest.replace("\"file0\"", "\"file0.jinja\""))
        .map_err(|error| error.to_string())?;
    fs::write(folder.join("b/file0.jinja"), "{{ word }}\n").map_err(|error| error.to_string())?;
    let saved = run(folder, &["plan", "a", "b", "--no-input", "--save", "saved.plan"]);
    if saved.exit != 0 {
        return Err(saved.text());
    }
    let read = |path: &str| -> Result<serde_json::Value, String> {
        let text = fs::read_to_string(folder.join(path)).map_err(|error| error.to_string())?;
        serde_json::from_str(&text).map_err(|error| error.to_string())
    };
    let mut plan = read("saved.plan")?;
    let digest = plan["mergers"]["merge"].as_str().unwrap_or_default().to_owned();
    let applied = run(folder, &["apply", "saved.plan", "-o", "out"]);
    let receipt = read("out/.packbox/receipt.json")?;
    if digest.len() != 64 || applied.exit != 0 || receipt["engines"]["merge"] != digest {
        return Err(format!("{plan}\n{receipt}\n{}", applied.text()));
    }
    // What is said of a merged file holds for all that it was merged from.
    if receipt["files"][0]["variables"] != serde_json::json!(["word"]) {
        return Err(format!("{receipt}"));
    }
    plan["mergers"]["merge"] = "0".repeat(64).into();
    fs::write(folder.join("saved.plan"), plan.to_string()).map_err(|error| error.to_string())?;
    let refused = run(folder, &["apply", "saved.plan", "-o", "other"]);
    if refused.exit != 6 || !refused.text().contains("changed since the plan was made: the merger `merge`") {
        return Err(refused.text());
    }
    Ok(())
}
