//! What packs can't be together is told when they are planned: `plan` refuses what `compose` does, with the same words.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use packbox::digest::Digest;

use super::process::{Ended, Run, shared_home};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 4] = [
    ("compose/refused-when-planned", refused_when_planned),
    ("compose/resolutions-of-nothing", resolutions_of_nothing),
    ("compose/mergers-are-pinned", mergers_are_pinned),
    ("compose/own-mergers", own_mergers),
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

/// The user says how a file is merged, and by whom, whatever packs say; the component is pinned wherever it is used.
fn own_mergers() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path();
    pack(folder, "a", &[("x.txt", "a\nboth\n", ""), ("y.toml", "[one]\nkey = 1 # mine\n", "")])?;
    pack(folder, "b", &[("x.txt", "both\nb\n", ""), ("y.toml", "[two]\nkey = 2\n", "on_conflict = \"region\"")])?;
    let prebuilt = Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins/prebuilt/merge.wasm");
    let mut component = fs::read(prebuilt).map_err(|error| error.to_string())?;
    let write = |path: &str, contents: &[u8]| fs::write(folder.join(path), contents).map_err(|error| error.to_string());
    fs::create_dir(folder.join("tools")).map_err(|error| error.to_string())?;
    write("tools/house.wasm", &component)?;
    let digest = Digest::of(&component);
    let settings = |mergers: &str, x: &str| {
        let packs = "[packs]\na = { path = \"a\" }\nb = { path = \"b\" }\n";
        let text =
            format!("{packs}{mergers}\n[resolutions]\n\"x.txt\" = {x}\n\"y.toml\" = {{ policy = \"merge-toml\" }}\n");
        write("compose.toml", text.as_bytes())
    };
    let house = format!("[mergers.house]\ncomponent = \"tools/house.wasm\"\nsha256 = \"{digest}\"\n");
    let by_house = "{ policy = \"append-lines\", merger = \"house\" }";
    let ends = |arguments: &[&str], exit: i32, words: &[&str]| -> Result<(), String> {
        let ended = run(folder, &[arguments, &["--no-input"]].concat());
        let text = ended.text();
        let fits = ended.exit == exit && words.iter().all(|word| text.contains(word));
        if fits { Ok(()) } else { Err(format!("{arguments:?} was to end with {exit} and {words:?}: {text}")) }
    };
    let read = |path: &str| fs::read_to_string(folder.join(path)).map_err(|error| format!("{path}: {error}"));

    settings(&house, by_house)?;
    ends(&["compose", "-o", "out"], 0, &["2 files"])?;
    let (lines, table) = (read("out/x.txt")?, read("out/y.toml")?);
    if lines != "a\nboth\nb\n" || table != "[one]\nkey = 1 # mine\n\n[two]\nkey = 2\n" {
        return Err(format!("{lines}\n{table}"));
    }
    let receipt: serde_json::Value =
        serde_json::from_str(&read("out/.packbox/receipt.json")?).map_err(|error| error.to_string())?;
    let engines = &receipt["engines"];
    if engines["merger:house"] != digest.to_string() || engines["merge"] != digest.to_string() {
        return Err(receipt.to_string());
    }
    // What was typed comes first, and what stands is merged by the same.
    ends(&["compose", "-o", "typed", "--resolve", "x.txt=b"], 0, &[])?;
    fs::create_dir(folder.join("stands")).map_err(|error| error.to_string())?;
    write("stands/x.txt", b"mine\n")?;
    ends(&["compose", "-o", "stands", "--on-existing", "merge"], 0, &[])?;
    if read("typed/x.txt")? != "both\nb\n" || read("stands/x.txt")? != "mine\na\nboth\nb\n" {
        return Err(format!("{}\n{}", read("typed/x.txt")?, read("stands/x.txt")?));
    }
    ends(&["plan", "--save", "saved.plan"], 0, &[])?;
    ends(&["apply", "saved.plan", "-o", "applied"], 0, &[])?;
    if read("applied/x.txt")? != lines {
        return Err(read("applied/x.txt")?);
    }
    let last = component.len() - 1;
    component[last] ^= 1;
    write("tools/house.wasm", &component)?;
    ends(&["apply", "saved.plan", "-o", "refused"], 6, &["the merger `house`", "tools/house.wasm"])?;
    ends(&["compose", "-o", "refused"], 6, &["the merger `house`", "has the SHA-256"])?;
    component[last] ^= 1;
    write("tools/house.wasm", &component)?;

    for (mergers, x, exit, words) in [
        (
            house.as_str(),
            "{ policy = \"append-lines\", merger = \"hause\" }",
            2,
            &["compose.toml:9:", "did you mean `house`?"][..],
        ),
        (
            &house,
            "{ policy = \"merge-ini\", merger = \"house\" }",
            2,
            &["the merger of `x.txt` has no policy `merge-ini`", "compose.toml:9:"],
        ),
        (
            &house,
            "{ policy = \"append-lines\", merger = \"house\", options = { a = 1 } }",
            2,
            &["has no option `a`", "compose.toml:9:"],
        ),
        ("", "{ policy = \"merge-ini\" }", 2, &["`merge-ini` is not a policy that merges", "merger = \"NAME\""]),
        ("", "{ policy = \"append-lines\", plugin = \"house\" }", 2, &["`plugin` does not apply in a resolution"]),
        ("", "{ merger = \"house\" }", 2, &["policy"]),
        (
            "[mergers.house]\ncomponent = \"tools/none.wasm\"\n",
            by_house,
            2,
            &["there is no `tools/none.wasm`", "sha256"],
        ),
        (
            &house,
            "\"a\"\n\"z.txt\" = { policy = \"append-lines\" }",
            2,
            &["`z.txt` is to be merged, but none of the packs writes it"],
        ),
    ] {
        settings(mergers, x)?;
        ends(&["compose", "-o", "refused"], exit, words)?;
        ends(&["plan"], exit, words)?;
    }
    if folder.join("refused").exists() { Err("something was written".to_owned()) } else { Ok(()) }
}
