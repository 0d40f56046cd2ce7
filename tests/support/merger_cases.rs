//! Mergers: the hostile ones and what must come of each, files merged many at once, cases, records, and mergers of packs.
//!
//! Always true here: every merger is a component of `fixtures/mergers`, whose files say what it does.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use packbox::digest::Digest;
use packbox::engine::{Compiler, Component, Engine, EngineOptions, Limits, Profile};
use packbox::error::ErrorKind;
use packbox::grants::Grants;
use packbox::plugins::{MergeJob, Merger, Merging, Side};
use packbox::secrets::Secrets;
use packbox::stop::StopReason;
use serde_json::{Map, json};

use super::guests;
use super::process::{Ended, Run, binary};
use super::scene::Case;

/// The cases of this file.
pub const ALL: [(&str, Case); 10] = [
    ("merger/hostile", hostile),
    ("merger/many-at-once", many_at_once),
    ("merger/one-owner", one_owner),
    ("merger/secrets", secrets),
    ("merger/tested", tested),
    ("merger/called", called),
    ("merger/own", own),
    ("merger/added", added),
    ("merger/documented", documented),
    ("merger/used-as-told", used_as_told),
];

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Run { arguments, folder: folder.to_owned(), ..Run::default() }.run()
}

fn expect(ended: &Ended, exit: i32, mentions: &[&str]) -> Result<(), String> {
    let text = ended.text();
    match mentions.iter().find(|mention| !text.contains(**mention)) {
        Some(mention) => Err(format!("nothing says `{mention}`: {text}")),
        None if ended.exit != exit => Err(format!("wanted exit code {exit}: {text}")),
        None => Ok(()),
    }
}

fn write(path: PathBuf, contents: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, contents).expect("a file");
}

/// Writes a merger and two files.
fn with_sides(folder: &Path, name: &str) {
    write(folder.join("merger.wasm"), guests::merger(name));
    write(folder.join("one.txt"), "port 8080\n");
    write(folder.join("two.txt"), "port 5432\n");
}

const CALL: [&str; 7] = ["plugin", "run", "merger.wasm", "--side", "one=one.txt", "--side", "two=two.txt"];

/// Each merger comes to what its file says, with time and with fuel, and what is recorded of it replays.
fn hostile() -> Result<(), String> {
    let mut reasons = std::collections::BTreeSet::new();
    for merger in guests::mergers() {
        let scratch = scratch();
        let folder = scratch.path();
        with_sides(folder, &merger.name);
        let says = &merger.says;
        let limits: Vec<String> = says.limits.iter().map(|(name, value)| format!("--limit={name}={value}")).collect();
        for measure in [None, Some("--measure")] {
            let mut arguments = CALL.to_vec();
            arguments.extend(limits.iter().map(String::as_str).chain(measure).chain(["--format", "json"]));
            let ended = run(folder, &arguments);
            let reason = match (says.reason.as_deref(), measure) {
                // Where fuel is counted, time is not what ends it.
                (Some("time"), Some(_)) => Some("fuel"),
                (reason, _) => reason,
            };
            let wanted: Vec<&str> = says.mentions.iter().map(String::as_str).collect();
            expect(&ended, says.exit.into(), &wanted).map_err(|why| format!("{}: {why}", merger.name))?;
            let quoted = reason.map(|reason| format!("\"{reason}\""));
            if let Some(reason) = quoted.filter(|reason| !ended.text().contains(reason.as_str())) {
                return Err(format!("{}: {reason} is not the reason: {}", merger.name, ended.text()));
            }
        }
        reasons.extend(says.reason.clone());
    }
    for wanted in ["time", "memory", "trap", "log", "result", "invalid-result", "refused", "merge/conflict"] {
        if !reasons.contains(wanted) {
            return Err(format!("no merger shows {wanted}"));
        }
    }
    Ok(())
}

fn engine(profile: Profile) -> Engine {
    let mut options = EngineOptions::new(Compiler::Child(binary().to_owned()));
    options.profile = profile;
    options.threads = NonZeroUsize::new(2).expect("not zero");
    Engine::new(options).expect("an engine")
}

fn prepared(engine: &Engine, name: &str) -> packbox::error::Result<Merger> {
    let bytes = guests::merger(name);
    let component = Component { name, bytes: &bytes, digest: Digest::of(&bytes), precompiled: None, trusted: false };
    Merger::prepare(&engine.run(), &component, &Limits::DEFAULT, Grants::NONE)
}

/// Files are merged in batches, and what a merger claims of one that is not so is that one's failure only.
fn many_at_once() -> Result<(), String> {
    let options = Map::new();
    for profile in [Profile::Run, Profile::Measure] {
        let engine = engine(profile);
        let merger = prepared(&engine, "fine").map_err(|error| format!("{error:?}"))?;
        let mine: Vec<String> = (0..120)
            .map(|number| if number % 7 == 3 { "other".to_owned() } else { format!("8080 {number}") })
            .collect();
        let jobs: Vec<MergeJob<'_>> = mine
            .iter()
            .map(|text| MergeJob {
                path: "a.txt",
                policy: "first",
                options: &options,
                base: None,
                sides: vec![
                    Side { owner: "one", contents: text.as_bytes(), has_secret: false },
                    Side { owner: "two", contents: b"port 5432", has_secret: false },
                ],
                known: Vec::new(),
            })
            .collect();
        // An item that is stopped ends those after it that have its path, so each has its own.
        let paths: Vec<String> = (0..jobs.len()).map(|number| format!("{number:03}.txt")).collect();
        let jobs: Vec<MergeJob<'_>> =
            jobs.into_iter().zip(&paths).map(|(job, path)| MergeJob { path, ..job }).collect();
        let merged = merger.merge(&engine.run(), &jobs, &Secrets::default()).map_err(|error| format!("{error:?}"))?;
        let merged: Vec<_> = merged.into_iter().map(|(merged, _)| merged).collect();
        if merged.len() != jobs.len() {
            return Err(format!("{} answers", merged.len()));
        }
        for (number, one) in merged.iter().enumerate() {
            match one {
                Ok(Merging::Merged(file)) if number % 7 != 3 => {
                    if file.contents != b"8080" || file.parts[0].owners != [0] {
                        return Err(format!("{file:?}"));
                    }
                }
                Err(failure) if number % 7 == 3 => {
                    let stop = failure.stop.as_ref().ok_or("no stop")?;
                    if (failure.kind, stop.reason) != (ErrorKind::Stopped, StopReason::InvalidResult) {
                        return Err(format!("{failure:?}"));
                    }
                }
                other => return Err(format!("{number}: {other:?}")),
            }
        }
    }
    Ok(())
}

/// What only one owner wants is taken as it is: the merger, which would trap, is not called.
fn one_owner() -> Result<(), String> {
    let engine = engine(Profile::Run);
    let merger = prepared(&engine, "trap").map_err(|error| format!("{error:?}"))?;
    let options = Map::new();
    let (path, policy, options) = ("a", "first", &options);
    let job = |sides: Vec<Side<'static>>| MergeJob { path, policy, options, base: None, sides, known: Vec::new() };
    let (one, two) = (
        Side { owner: "one", contents: b"a\n", has_secret: false },
        Side { owner: "two", contents: b"b\n", has_secret: false },
    );
    let jobs = [job(vec![one]), job(vec![one, two]), job(vec![two])];
    let merged = merger.merge(&engine.run(), &jobs, &Secrets::default()).map_err(|error| format!("{error:?}"))?;
    let merged: Vec<_> = merged.into_iter().map(|(merged, _)| merged).collect();
    match merged.as_slice() {
        [Ok(Merging::Merged(first)), Err(failure), Ok(Merging::Merged(last))] => {
            let alone = |file: &packbox::plugins::MergedFile, text: &[u8]| {
                file.contents == text && file.parts[0].range == (0..2) && file.parts[0].owners == [0]
            };
            let stopped = failure.stop.as_ref().is_some_and(|stop| stop.reason == StopReason::Trap);
            if alone(first, b"a\n") && alone(last, b"b\n") && stopped { Ok(()) } else { Err(format!("{merged:?}")) }
        }
        other => Err(format!("{other:?}")),
    }
}

/// Places of conflicts have their lines, but for files in which a secret is.
fn secrets() -> Result<(), String> {
    let engine = engine(Profile::Run);
    let merger = prepared(&engine, "clash").map_err(|error| format!("{error:?}"))?;
    let options = Map::new();
    let job = MergeJob {
        path: "a.txt",
        policy: "first",
        options: &options,
        base: None,
        sides: vec![
            Side { owner: "one", contents: b"port hunter2-hunter2\n", has_secret: false },
            Side { owner: "two", contents: b"port 5432\n", has_secret: false },
        ],
        known: Vec::new(),
    };
    for (secrets, shown) in [
        (Secrets::default(), true),
        (Secrets::new(["hunter2-hunter2".to_owned()]), false),
        (Secrets::new(["port".to_owned()]), false),
    ] {
        let merged =
            merger.merge(&engine.run(), std::slice::from_ref(&job), &secrets).map_err(|error| format!("{error:?}"))?;
        let [(Ok(Merging::Conflicts(conflicts)), _)] = merged.as_slice() else { return Err(format!("{merged:?}")) };
        let places = &conflicts[0].places;
        let where_ = (places[0].0, places[0].1.start.column, places[1].0, places[1].1.path.as_str());
        if where_ != (0, 6, 1, "two") || places.iter().any(|(_, span)| span.excerpt.is_some() != shown) {
            return Err(format!("{shown}: {places:?}"));
        }
    }
    Ok(())
}

/// A merger's cases have sides; what must come out is the file with its owners, or conflicts.
fn tested() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    let case = "merge = \"a.txt\"\npolicy = \"first\"\n\n[[sides]]\nowner = \"one\"\nfile = \"one.txt\"\n\n\
                [[sides]]\nowner = \"two\"\nfile = \"two.txt\"\n";
    let test = |name: &str, more: &[&str]| {
        with_sides(folder, name);
        with_sides(&folder.join("cases/a"), name);
        run(folder, &[&["plugin", "test", "merger.wasm"], more].concat())
    };
    write(folder.join("cases/a/case.toml"), case);
    expect(&test("fine", &["--bless"]), 0, &["1 blessed"])?;
    expect(&test("fine", &[]), 0, &["1 passed"])?;
    let expected = |name: &str| std::fs::read_to_string(folder.join("cases/a/expected").join(name)).unwrap_or_default();
    if (expected("output").as_str(), expected("owners.txt").as_str()) != ("8080", "one: \"8080\"\n") {
        return Err(format!("{} {}", expected("output"), expected("owners.txt")));
    }
    // Conflicts instead of a file are a difference, and may be expected.
    expect(&test("clash", &[]), 1, &["`output` is expected, but missing", "+error merge/conflict at one:1:6"])?;
    expect(&test("clash", &["--bless"]), 0, &["1 blessed"])?;
    let told = "conflicts\nerror merge/conflict at one:1:6: `port`: they differ\n  see two:1:6\n";
    if expected("outcome.txt") != told {
        return Err(expected("outcome.txt"));
    }
    // A lie is no expectation.
    expect(&test("word-of-another", &["--bless"]), 1, &["stopped invalid-result", "which none of its owners wrote"])?;
    expect(&test("policy-bad-name", &[]), 4, &["calls a policy `../etc`"])?;
    for (text, mentions) in [
        (case.replace("\"first\"", "\"last\""), "has no policy `last`"),
        (case.replace("policy = \"first\"\n", ""), "but no `policy`"),
        (case.replace("merge = \"a.txt\"\n", "template = \"one.txt\"\n"), "which is for mergers"),
        ("template = \"one.txt\"\n".to_owned(), "but the component is not a renderer"),
        (case.replacen("[[sides]]\nowner = \"one\"\nfile = \"one.txt\"\n", "", 1), "needs two `[[sides]]`"),
        (case.replace("one.txt", "../one.txt"), "has an invalid path as `file`"),
        (case.replace("\"two\"", "\"one\""), "names the owner `one` twice"),
    ] {
        write(folder.join("cases/a/case.toml"), &text);
        expect(&test("fine", &[]), 2, &[mentions])?;
    }
    Ok(())
}

/// `plugin run` merges files that it is given, records the call, and makes it again; figures and profiles know mergers, too.
fn called() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    with_sides(folder, "fine");
    let with = |more: &[&str]| run(folder, &[CALL.as_slice(), more].concat());
    expect(&with(&["--policy", "first", "--base", "two.txt", "--as", "b/c.txt"]), 0, &["8080"])?;
    expect(&with(&["--output", "out"]), 0, &[])?;
    if std::fs::read(folder.join("out/output")).ok().as_deref() != Some(b"8080") {
        return Err("no file was written".to_owned());
    }
    let document = with(&["--format", "json"]).json()?;
    if document.pointer("/outcome/result/ok/merged/parts/0") != Some(&json!({ "start": 0, "end": 4, "owners": [0] })) {
        return Err(document.to_string());
    }
    expect(&with(&["--policy", "last"]), 2, &["has no policy `last`", "it has `first`"])?;
    expect(&run(folder, &CALL[..5]), 2, &["there is one side only"])?;
    expect(&run(folder, &CALL[..3]), 2, &["--side OWNER=FILE"])?;
    expect(&with(&["--side", "one=two.txt"]), 2, &["has no owner of its own"])?;
    expect(&with(&["--side", "three"]), 2, &["has no file"])?;
    for (name, exit, ends) in
        [("fine", 0, "ok"), ("clash", 0, "conflicts"), ("word-of-nobody", 4, "stopped invalid-result")]
    {
        with_sides(folder, name);
        let first = with(&["--base", "one.txt", "--record", "call.record"]);
        if name == "clash" {
            expect(&first, 3, &["`port`: they differ", "1 conflict"])?;
        }
        expect(&run(folder, &["plugin", "run", "--replay", "call.record"]), exit, &["reproduced bit for bit", ends])
            .or_else(|why| if exit == 4 { Ok(()) } else { Err(format!("{name}: {why}")) })?;
        if exit == 4 {
            let ended = run(folder, &["plugin", "run", "--replay", "call.record", "--format", "json"]);
            let document = ended.json()?;
            if document["reproduced"] != json!(true) || document["function"] != json!("merger.merge") {
                return Err(ended.text());
            }
        }
    }
    with_sides(folder, "fine");
    with_sides(&folder.join("cases/a"), "fine");
    let case = "merge = \"a.txt\"\npolicy = \"first\"\nsides = [{ owner = \"one\", file = \"one.txt\" }, { owner = \"two\", file = \"two.txt\" }]\n";
    write(folder.join("cases/a/case.toml"), case);
    expect(&run(folder, &["plugin", "bench", "merger.wasm", "--samples", "5"]), 0, &["a"])?;
    expect(
        &run(folder, &["plugin", "profile", "merger.wasm", "--samples", "1", "--time", "200ms", "-o", "p.svg"]),
        0,
        &[],
    )
}

/// Words that a merger adds by itself are told wherever the file is: which file, which merger, how many lines, the first. They
/// keep nothing from being written.
fn added() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    let packs = |text: &str| {
        let component = guests::merger_making(text);
        let digest = Digest::of(&component);
        for (name, wants) in [("one", "port 8080\n"), ("two", "port 5432\n")] {
            write(folder.join(name).join("house.wasm"), &component);
            write(folder.join(name).join("a.txt"), wants);
            write(
                folder.join(name).join("pack.toml"),
                format!(
                    "[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\n\n\
                     [plugins.house]\ncomponent = \"house.wasm\"\nsha256 = \"{digest}\"\n\n\
                     [[templates]]\nsource = \"a.txt\"\noutput = \"conf/a.txt\"\n\
                     on_conflict = {{ policy = \"first\", plugin = \"house\" }}\n"
                ),
            );
        }
    };
    let compose = |more: &[&str]| run(folder, &[&["compose", "one", "two", "--no-input"], more].concat());
    let silent = |ended: &Ended| match ended.text() {
        text if text.contains("merge/added") => Err(format!("it is told of nothing: {text}")),
        _ => Ok(()),
    };

    // A line of its own, one with a word of its own, one that is made of words of both, and one without words.
    packs("8080\n# by house\nport 5432\nport 80805432\n# --\n");
    let told = [
        "warning[merge/added]",
        "the merger `house` put words into `conf/a.txt` that nobody wrote, in 2 lines, first in line 2",
        "conf/a.txt:2:1",
    ];
    expect(&compose(&["-o", "out"]), 0, &told)?;
    let made = std::fs::read_to_string(folder.join("out/conf/a.txt")).map_err(|error| error.to_string())?;
    if !made.contains("# by house") {
        return Err(made);
    }
    // The same from what was kept, and from everything that shows what would be made.
    expect(&compose(&["-o", "again"]), 0, &told)?;
    expect(&compose(&["-o", "dry", "--dry-run"]), 0, &told)?;
    let plan = |more: &[&str]| run(folder, &[&["plan", "one", "two", "--no-input"], more].concat());
    expect(&plan(&["--diff"]), 0, &told)?;
    expect(&plan(&["-o", "new"]), 0, &told)?;
    for document in [
        compose(&["-o", "json", "--format", "json"]).json()?,
        compose(&["-o", "dry", "--dry-run", "--format", "json"]).json()?,
        plan(&["-o", "new", "--save", "saved.plan", "--format", "json"]).json()?,
    ] {
        let note = &document["notes"][0];
        let place = (&note["rule"], &note["severity"], &note["span"]["path"], &note["span"]["start"]["line"]);
        if place != (&json!("merge/added"), &json!("warning"), &json!("conf/a.txt"), &json!(2)) {
            return Err(document.to_string());
        }
    }
    write(folder.join("compose.toml"), "[packs]\none = { path = \"one\" }\ntwo = { path = \"two\" }\n");
    expect(&run(folder, &["validate", "compose.toml", "--verbose"]), 0, &["warning[merge/added]"])?;

    // What stands is a text, too: what the merger adds to it is told once, and what it added before stands there by then.
    write(folder.join("stands/conf/a.txt"), "8080 mine\n");
    expect(&compose(&["-o", "stands", "--on-existing", "merge"]), 0, &told)?;
    silent(&compose(&["-o", "stands", "--on-existing", "merge", "--resolve", "conf/a.txt=one"]))?;

    // Words of one side, in whatever order and with whatever between them, are nobody's addition.
    packs("8080, port = [5432];\n");
    let ended = compose(&["-o", "quiet"]);
    expect(&ended, 0, &["1 file"])?;
    silent(&ended)
}

/// A merger that is a pack's plugin is looked at with the pack, and counts as used.
fn own() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    let pack = |name: &str, digest: Option<&str>| {
        let component = guests::merger(name);
        let digest = digest.map_or_else(|| Digest::of(&component).to_string(), str::to_owned);
        write(folder.join("pack/merger.wasm"), component);
        write(folder.join("pack/a.txt"), "a\n");
        write(
            folder.join("pack/pack.toml"),
            format!(
                "[pack]\nname = \"made\"\nversion = \"1.0.0\"\n\n[plugins.house]\ncomponent = \"merger.wasm\"\nsha256 = \"{digest}\"\n\n\
                 [[templates]]\nsource = \"a.txt\"\noutput = \"a.txt\"\n"
            ),
        );
        run(folder, &["validate", "pack", "--no-config"])
    };
    let ended = pack("fine", None);
    if ended.exit != 0 || ended.text().contains("unused") {
        return Err(ended.text());
    }
    expect(&pack("policy-bad-name", None), 4, &["the merger `house` calls a policy `../etc`"])?;
    expect(&pack("fine", Some(&"0".repeat(64))), 6, &["merger.wasm"])?;
    expect(
        &run(folder, &["plugin", "inspect", "pack/merger.wasm"]),
        0,
        &["packbox:plugin/merger@0.1.0", "runs here   yes"],
    )
}

/// A new project's README and the page of mergers say how packs name one, and packs that do are sound.
fn used_as_told() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    expect(&run(folder, &["plugin", "new", "env", "--lang", "c", "--kind", "merger"]), 0, &[])?;
    let component = guests::merger("fine");
    let digest = Digest::of(&component).to_string();
    for page in [folder.join("env/README.md"), Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mergers.md")] {
        let text = std::fs::read_to_string(&page).map_err(|error| error.to_string())?;
        let begin = text.split_once("```toml\n").ok_or("how it is used")?.1;
        let told = begin.split("```").next().unwrap_or_default().replace('…', &digest);
        write(folder.join("pack/pack.toml"), format!("[pack]\nname = \"made\"\nversion = \"1.0.0\"\n\n{told}"));
        write(folder.join("pack/plugins/env.wasm"), &component);
        for name in ["env", "env.jinja"] {
            write(folder.join("pack").join(name), "PORT=1\n");
        }
        expect(&run(folder, &["check", "pack", "--no-config"]), 0, &[])
            .map_err(|why| format!("{}: {why}", page.display()))?;
    }
    Ok(())
}

/// How the page of policies begins.
const POLICIES: &str = r#"# Policies

How packbox merges a file that several packs write, with the merger that is built in. This page is made of what it says
about itself.

Which policy holds for a file is said in the packs' manifests, with `on_conflict` ([compose.md](compose.md#policies)).
Where options are wanted, it is a table:

```toml
[[templates]]
source = "dependabot.yml"
output = ".github/dependabot.yml"
on_conflict = { policy = "merge-yaml", options = { by = { updates = "package-ecosystem" } } }
```

An *owner* is a pack that writes the file; the first one is the one that stands first
([which packs, in which order](compose.md#which-packs-in-which-order)). Policies of your own: [mergers.md](mergers.md).
"#;

/// `docs/policies.md` is made of what the built-in policies say about themselves; `BLESS=1` makes it anew.
fn documented() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = POLICIES.to_owned();
    let entries = std::fs::read_dir(root.join("plugins/merge/help")).map_err(|error| error.to_string())?;
    let mut pages: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    pages.sort();
    for page in pages {
        let page = std::fs::read_to_string(page).map_err(|error| error.to_string())?;
        text.extend(["\n#", page.trim_end(), "\n"]);
    }
    super::cli_cases::compare(&root.join("docs/policies.md"), &text)
}
