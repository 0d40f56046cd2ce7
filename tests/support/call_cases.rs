//! Single calls of plugins by the real binary: cases and their expectations, records and replays, figures, profiles.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use packbox::digest::Digest;
use packbox::measure::Record;
use serde_json::Value;

use super::guests;
use super::process::{Ended, Run};

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn run(folder: &Path, arguments: &[&str]) -> Ended {
    run_at_home(folder, arguments, None)
}

fn run_at_home(folder: &Path, arguments: &[&str], home: Option<&Path>) -> Ended {
    let home = home.map(|home| ("PACKBOX_HOME".to_owned(), home.display().to_string()));
    Run {
        arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        folder: folder.to_owned(),
        environment: home.into_iter().collect::<BTreeMap<_, _>>(),
        ..Run::default()
    }
    .run()
}

/// Fails unless a run ended with an exit code and said something.
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

/// Writes a pack whose template is rendered by a guest.
fn pack(folder: &Path, component: &[u8], template: &str) {
    let digest = Digest::of(component);
    write(folder.join("guest.wasm"), component);
    write(folder.join("a.txt"), template);
    write(
        folder.join("pack.toml"),
        format!(
            "[pack]\nname = \"made\"\nversion = \"1.0.0\"\n\n[plugins.guest]\ncomponent = \"guest.wasm\"\nsha256 = \"{digest}\"\n\n\
             [[templates]]\nsource = \"a.txt\"\noutput = \"a.txt\"\nengine = \"plugin:guest\"\n"
        ),
    );
}

/// What fails in `generate` is one file, always the same, and replays bit for bit under another home.
pub fn recorded_failures() -> Result<(), String> {
    let other_home = scratch();
    for (guest, template, limits, exit, seen, recorded) in [
        ("fails", "i", &[][..], 1, "invalid", "invalid"),
        ("fails", "u", &[], 1, "unsupported", "unsupported"),
        ("trap-unreachable", "x", &[], 4, "stopped trap", "stopped trap"),
        ("memory-one-step", "x", &[], 4, "stopped memory", "stopped memory"),
        ("recursion", "x", &[], 4, "stopped stack", "stopped stack"),
        ("loop", "x", &["--measure", "--limit", "fuel=3000000"], 4, "stopped fuel", "stopped fuel"),
        ("loop", "x", &["--limit", "time=200ms", "--limit", "fuel=3000000"], 4, "stopped time", "stopped fuel"),
    ] {
        let scratch = scratch();
        let folder = scratch.path();
        pack(&folder.join("pack"), &guests::component(guest), template);
        let generate = |record: &str| {
            let arguments = ["generate", "pack", "--no-input", "-o", "out", "--record", record];
            run(folder, &[&arguments[..], limits].concat())
        };
        let said = format!("which ends as `{recorded}`");
        expect(&generate("one.record"), exit, &["recorded a call of renderer.render of `guest`", &said])?;
        generate("two.record");
        let read = |name: &str| std::fs::read(folder.join(name)).expect("a record");
        let bytes = read("one.record");
        if bytes != read("two.record") {
            return Err(format!("{guest}: the same call made other bytes"));
        }
        if contains(&bytes, folder.display().to_string().as_bytes()) {
            return Err(format!("{guest}: the record says where it was made"));
        }
        let record = Record::parse("r", &bytes).map_err(|error| format!("{guest}: {error}"))?;
        if (record.seen.as_str(), record.outcome.kind().as_str()) != (seen, recorded) {
            return Err(format!("{guest}: {} {}", record.seen, record.outcome.kind()));
        }
        let replayed =
            run_at_home(folder, &["plugin", "run", "--replay", "one.record"], Some(&other_home.path().join("home")));
        expect(&replayed, exit, &["reproduced bit for bit", recorded])?;
        if folder.join("out").exists() {
            return Err(format!("{guest}: something was written"));
        }
    }
    let scratch = scratch();
    pack(&scratch.path().join("pack"), &guests::component("echo"), "x");
    let fine = run(scratch.path(), &["generate", "pack", "--no-input", "-o", "out", "--record", "r"]);
    expect(&fine, 0, &["nothing was recorded"])?;
    if scratch.path().join("r").exists() { Err("a record of nothing".to_owned()) } else { Ok(()) }
}

/// What fails in `validate` is recorded, too: a validator, and a template of the built-in engine.
pub fn recorded_validations() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    pack(&folder.join("pack"), &guests::component("echo"), "x");
    write(folder.join("trap.wasm"), guests::validator("trap"));
    let arguments = ["validate", "pack", "--no-config", "--rules", "trap.wasm", "--record", "r"];
    expect(&run(folder, &arguments), 4, &["recorded a call of validator.check of `trap`"])?;
    expect(&run(folder, &["plugin", "run", "--replay", "r"]), 4, &["reproduced bit for bit", "stopped trap"])?;

    write(folder.join("jinja/a.txt.jinja"), "{{ missing }}\n");
    let manifest =
        "[pack]\nname = \"made\"\nversion = \"1.0.0\"\n\n[[templates]]\nsource = \"a.txt.jinja\"\noutput = \"a.txt\"\n";
    write(folder.join("jinja/pack.toml"), manifest);
    expect(&run(folder, &["validate", "jinja", "--no-config", "--record", "j"]), 1, &["recorded a call of"])?;
    expect(&run(folder, &["plugin", "run", "--replay", "j"]), 1, &["reproduced bit for bit", "invalid"])?;
    expect(&run(folder, &["validate", "jinja", "other", "--record", "k"]), 2, &["`--record` saves a call of one pack"])
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// No secret, and nothing computed from one, gets into a record, wherever the call fails.
pub fn secrets() -> Result<(), String> {
    let secret = "hunter2-\"quoted\"-secret";
    let escaped = "hunter2-\\\"quoted\\\"-secret";
    for (name, template, compute) in [
        ("template", "{{ url }} {{ token }} {{ missing }}\n", "'https://' ~ token"),
        ("expression", "x\n", "token.nothing.here ~ token"),
        ("told", "{% include token %}\n", "'https://' ~ token"),
    ] {
        let scratch = scratch();
        let folder = scratch.path();
        write(folder.join("pack/a.txt.jinja"), template);
        write(
            folder.join("pack/pack.toml"),
            format!(
                "[pack]\nname = \"made\"\nversion = \"1.0.0\"\n\n[variables.token]\ntype = \"secret\"\n\n\
                 [variables.url]\ntype = \"string\"\ncompute = \"{compute}\"\n\n[[templates]]\nsource = \"a.txt.jinja\"\noutput = \"a.txt\"\n"
            ),
        );
        let var = format!("token={secret}");
        let arguments = ["generate", "pack", "--no-input", "-o", "out", "--var", &var, "--record", "r"];
        let ended = run(folder, &arguments);
        expect(&ended, 1, &["recorded a call of", "secrets are placeholders"])
            .map_err(|why| format!("{name}: {why}"))?;
        let bytes = std::fs::read(folder.join("r")).expect("a record");
        for part in [secret, escaped, "hunter2"] {
            if contains(&bytes, part.as_bytes()) {
                return Err(format!("{name}: the record holds the secret"));
            }
        }
        if !contains(&bytes, b"secret-1") {
            return Err(format!("{name}: there is no placeholder"));
        }
        expect(&run(folder, &["plugin", "run", "--replay", "r"]), 1, &["reproduced bit for bit"])?;
    }
    Ok(())
}

/// Records that are damaged, made up or too much are refused, and say why.
pub fn bad_records() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    write(folder.join("guest.wasm"), guests::component("echo"));
    write(folder.join("t.txt"), "hello\n");
    let arguments = ["plugin", "run", "guest.wasm", "--template", "t.txt", "--record", "good"];
    expect(&run(folder, &arguments), 0, &["hello", "ends as `ok`"])?;
    expect(&run(folder, &["plugin", "run", "--replay", "good"]), 0, &["reproduced bit for bit"])?;
    let good = std::fs::read(folder.join("good")).expect("a record");

    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let mut bomb = good.clone();
    // The size of the first entry, in octal: 8 GiB.
    bomb[124..136].copy_from_slice(b"77777777777\0");
    let sum: u32 = bomb[..512]
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
        .sum();
    bomb[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let text = String::from_utf8_lossy(&good).into_owned();
    let fuel = text.split("\"fuel\": ").nth(2).and_then(|rest| rest.split(',').next()).expect("fuel").to_owned();
    let replaced = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = good.windows(from.len()).position(|window| window == from.as_bytes()).expect("part of the record");
        let mut bytes = good.clone();
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        bytes
    };
    let other_fuel: String =
        fuel.chars().map(|digit| if digit == '9' { '8' } else { char::from(digit as u8 + 1) }).collect();
    for (name, bytes, exit, mentions) in [
        ("empty", Vec::new(), 6, "is not a record, or is damaged"),
        ("text", b"hello".to_vec(), 6, "is not a record, or is damaged"),
        ("cut", good[..good.len() / 2].to_vec(), 6, "is not a record, or is damaged"),
        ("flipped", flipped, 6, "digest"),
        ("bomb", bomb, 6, "is larger than allowed"),
        ("version", replaced("\"packbox-record\": 2", "\"packbox-record\": 7"), 6, "version 7"),
        ("unknown-key", replaced("\"seen\":", "\"sean\":"), 6, "can't be used"),
        (
            "plugin-escape",
            replaced("\"plugin\": \"guest\"", "\"plugin\": \"gue\\b\""),
            6,
            "name of its plugin can't be shown",
        ),
        ("function", replaced("renderer.render", "renderer.rundir"), 6, "function that it names"),
        (
            "outcome",
            replaced(
                &format!("\"fuel\": {fuel},\n    \"memory\""),
                &format!("\"fuel\": {other_fuel},\n    \"memory\""),
            ),
            6,
            "could not be reproduced",
        ),
        ("limit", replaced("\"fuel\": 4000000000", "\"fuel\": 9000000000"), 4, "--limit fuel=9000000000"),
    ] {
        write(folder.join(name), bytes);
        let ended = run(folder, &["plugin", "run", "--replay", name]);
        expect(&ended, exit, &[mentions]).map_err(|why| format!("{name}: {why}"))?;
        if ended.text().contains('\u{1b}') {
            return Err(format!("{name}: an escape got through"));
        }
    }
    Ok(())
}

/// Makes a project-like folder: a component with cases beside it.
fn with_cases(folder: &Path, guest: &str, cases: &[(&str, &str)]) {
    write(folder.join("guest.wasm"), guests::component(guest));
    for (name, template) in cases {
        write(folder.join(format!("cases/{name}/in.txt")), template);
        write(folder.join(format!("cases/{name}/case.toml")), "about = \"a case\"\ntemplate = \"in.txt\"\n");
    }
}

fn json(ended: &Ended) -> Result<Value, String> {
    ended.json()
}

/// `plugin test` writes what comes out, compares with it, and shows what differs.
pub fn tested() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    with_cases(folder, "fails", &[("invalid", "i"), ("internal", "p"), ("unsupported", "u")]);
    let test = |more: &[&str]| run(folder, &[&["plugin", "test", "guest.wasm"][..], more].concat());
    expect(&test(&[]), 1, &["`outcome.txt` is not expected", "+error fails/always", "0 passed, 3 failed"])?;
    expect(&test(&["--bless"]), 0, &["3 blessed"])?;
    expect(&test(&[]), 0, &["3 passed, 0 failed"])?;
    let outcome = std::fs::read_to_string(folder.join("cases/invalid/expected/outcome.txt")).expect("a file");
    if outcome != "invalid\nerror fails/always: this always fails\n" {
        return Err(outcome);
    }
    write(folder.join("cases/invalid/expected/outcome.txt"), "invalid\nerror fails/always: this seldom fails\n");
    expect(
        &test(&[]),
        1,
        &["-error fails/always: this seldom fails", "+error fails/always: this always fails", "FAILED  invalid"],
    )?;
    expect(&test(&["--filter", "int"]), 0, &["1 passed"])?;
    expect(&test(&["--filter", "none"]), 2, &["no case in"])?;

    // A ceiling of fuel, texts that must be said, and mistakes in a case.
    let case = folder.join("cases/internal/case.toml");
    write(case.clone(), "template = \"in.txt\"\nfuel = 1\nmentions = [\"never said\"]\n");
    expect(&test(&["--filter", "internal"]), 1, &["but may take at most 1", "contains `never said`"])?;
    for (text, mentions) in [
        ("template = \"in.txt\"\nfuell = 1\n", "fuell"),
        ("about = \"x\"\n", "one of `template`, `pack`, `merge` and `query`"),
        ("pack = \"p\"\n", "but the component is not a validator"),
        ("template = \"../in.txt\"\n", "has an invalid path as `template`"),
        ("template = \"in.txt\"\n[limits]\nmemry = 1\n", "did you mean `memory`"),
    ] {
        write(case.clone(), text);
        expect(&test(&["--filter", "internal"]), 2, &[mentions])?;
    }
    // What the plugin said is shown, as `plugin run` does, and does not become an expectation.
    let scratch = self::scratch();
    let folder = scratch.path();
    with_cases(folder, "trap-unreachable", &[("traps", "x")]);
    expect(&run(folder, &["plugin", "test", "guest.wasm"]), 1, &["+stopped trap", "`unreachable` instruction"])?;
    let document = run(folder, &["plugin", "test", "guest.wasm", "--format", "json"]).json()?;
    let said = document["cases"][0]["said"].to_string();
    if !said.contains("`unreachable` instruction") {
        return Err(said);
    }
    // A stop is an outcome like others; what is impure is found, and not blessed.
    let scratch = self::scratch();
    let folder = scratch.path();
    with_cases(folder, "memory-one-step", &[("grows", "x")]);
    let told = ["it ended as `stopped memory`", "outcome = \"stopped memory\""];
    expect(&run(folder, &["plugin", "test", "guest.wasm", "--bless"]), 1, &told)?;
    if folder.join("cases/grows/expected").exists() {
        return Err("blessed a stop".to_owned());
    }
    write(folder.join("cases/grows/case.toml"), "template = \"in.txt\"\noutcome = \"stopped fuel\"\n");
    expect(&run(folder, &["plugin", "test", "guest.wasm", "--bless"]), 1, &["but the case expects `stopped fuel`"])?;
    write(folder.join("cases/grows/case.toml"), "template = \"in.txt\"\noutcome = \"stopped memory\"\n");
    expect(&run(folder, &["plugin", "test", "guest.wasm", "--bless"]), 0, &["blessed", "stopped memory"])?;
    expect(&run(folder, &["plugin", "test", "guest.wasm"]), 0, &["1 passed"])?;
    write(folder.join("bad/guest.wasm"), guests::component("bad-path"));
    write(folder.join("bad/cases/a/in.txt"), "../evil");
    write(folder.join("bad/cases/a/case.toml"), "template = \"in.txt\"\n");
    expect(&run(folder, &["plugin", "test", "bad/guest.wasm", "--bless"]), 1, &["the output path"])?;
    if folder.join("bad/cases/a/expected").exists() { Err("blessed a bad path".to_owned()) } else { Ok(()) }
}

/// A validator's cases are packs; its findings are what is expected.
pub fn tested_validators() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    write(folder.join("guest.wasm"), guests::validator("policy"));
    let manifest =
        "[pack]\nname = \"made\"\nversion = \"1.0.0\"\n\n[[templates]]\nsource = \"a.txt\"\noutput = \"a.txt\"\n";
    write(folder.join("cases/a/pack/pack.toml"), manifest);
    write(folder.join("cases/a/pack/a.txt"), "x\n");
    write(folder.join("cases/a/case.toml"), "pack = \"pack\"\n");
    expect(&run(folder, &["plugin", "test", "guest.wasm", "--bless"]), 0, &["1 blessed"])?;
    expect(&run(folder, &["plugin", "test", "guest.wasm"]), 0, &["1 passed"])?;
    let outcome = std::fs::read_to_string(folder.join("cases/a/expected/outcome.txt")).expect("a file");
    if !outcome.contains("policy/") {
        return Err(outcome);
    }
    let ended = run(folder, &["plugin", "run", "guest.wasm", "--pack", "cases/a/pack"]);
    expect(&ended, 0, &["policy/", "1 finding"])
}

/// Fuel of a case is the same on every run, for one thread and two; a baseline says when it grows.
pub fn figures() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    with_cases(folder, "echo", &[("a", "one"), ("b", "a longer template\n"), ("c", "three")]);
    let fuel = |jobs: &str| -> Result<Vec<Value>, String> {
        let ended = run(folder, &["plugin", "test", "guest.wasm", "--bless", "--jobs", jobs, "--format", "json"]);
        let document = json(&ended)?;
        let cases = document["cases"].as_array().cloned().unwrap_or_default();
        Ok(cases.iter().map(|case| case["fuel"].clone()).collect())
    };
    let first = fuel("1")?;
    if first.len() != 3 || first.iter().any(|fuel| fuel.as_u64().is_none_or(|fuel| fuel == 0)) {
        return Err(format!("{first:?}"));
    }
    for jobs in ["1", "2", "2"] {
        let again = fuel(jobs)?;
        if again != first {
            return Err(format!("{first:?} and {again:?}"));
        }
    }
    let bench = |more: &[&str]| run(folder, &[&["plugin", "bench", "guest.wasm", "--samples", "5"][..], more].concat());
    expect(&bench(&["--save", "base.json"]), 0, &["fresh p50/p95/p99", "wrote the baseline"])?;
    expect(&bench(&["--baseline", "base.json"]), 0, &["0 figures grew"])?;
    let text = std::fs::read_to_string(folder.join("base.json")).expect("a baseline");
    let mut base: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let measured = base["cases"]["b"]["fuel"].as_u64().expect("fuel");
    if base["cases"]["b"]["fuel"] != first[1] {
        return Err(format!("{base} {first:?}"));
    }
    base["cases"]["b"]["fuel"] = (measured * 100 / 110).into();
    write(folder.join("less.json"), base.to_string());
    expect(&bench(&["--baseline", "less.json"]), 1, &["GREW", "b: fuel", "1 figure grew by more than 2 %"])?;
    expect(&bench(&["--baseline", "less.json", "--threshold", "50"]), 0, &["changed"])?;
    expect(&bench(&["--baseline", "less.json", "--cases", "a"]), 0, &["0 figures grew"])?;
    write(folder.join("bad.json"), "{}");
    expect(&bench(&["--baseline", "bad.json"]), 2, &["is not a baseline"])
}

/// A profile names the guest's functions, as a picture and as data.
pub fn profiled() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    let wasm = guests::project().join("plugins/prebuilt/jinja.wasm");
    std::fs::copy(wasm, folder.join("jinja.wasm")).expect("a copy");
    let template = "{% for i in range(20000) %}{{ i * i }}{% endfor %}\n";
    write(folder.join("cases/loop/in.jinja"), template);
    write(folder.join("cases/loop/case.toml"), "template = \"in.jinja\"\n");
    let arguments = ["plugin", "profile", "jinja.wasm", "-o", "out.svg", "--samples", "200", "--format", "json"];
    let document = json(&run(folder, &arguments))?;
    if document["samples"].as_u64().is_none_or(|samples| samples < 100) {
        return Err(document.to_string());
    }
    let frames: Vec<&str> = document["stacks"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|stack| stack["frames"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    if !frames.iter().any(|frame| frame.contains("minijinja::")) {
        return Err(format!("no function has its name: {frames:?}"));
    }
    let svg = std::fs::read_to_string(folder.join("out.svg")).expect("a picture");
    if !svg.starts_with("<svg ") || !svg.contains("minijinja::") || svg.contains("<script") {
        return Err("the picture is none".to_owned());
    }
    expect(&run(folder, &["plugin", "profile", "jinja.wasm"]), 2, &["-o FILE.svg"])
}

/// One call from files: what it gives, where it goes, and what it may not do.
pub fn called() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    let wasm = guests::project().join("plugins/prebuilt/jinja.wasm");
    std::fs::copy(wasm, folder.join("jinja.wasm")).expect("a copy");
    write(folder.join("t.jinja"), "{% include \"p.jinja\" %} {{ name }} {{ deep.one }}");
    write(folder.join("p.jinja"), "partial");
    write(folder.join("c.toml"), "name = \"from the file\"\n[deep]\none = 1\n");
    let base = ["plugin", "run", "jinja.wasm", "--template", "t.jinja", "--context", "c.toml", "--partial", "p.jinja"];
    let call = |more: &[&str]| run(folder, &[&base[..], more].concat());
    let ended = call(&["--var", "name=x"]);
    if ended.exit != 0 || ended.stdout != b"partial x 1" {
        return Err(ended.text());
    }
    expect(&call(&["-o", "out"]), 0, &[])?;
    if std::fs::read_to_string(folder.join("out/output")).expect("a file") != "partial from the file 1" {
        return Err("another file was written".to_owned());
    }
    expect(&call(&["-o", "out"]), 3, &["is not empty"])?;
    expect(&call(&["--measure", "--limit", "fuel=1000"]), 4, &["units of fuel"])?;
    expect(&run(folder, &["plugin", "run", "jinja.wasm", "--template", "t.jinja"]), 1, &["p.jinja"])?;
    expect(&run(folder, &["plugin", "run", "jinja.wasm"]), 2, &["--template FILE"])?;
    expect(&run(folder, &["plugin", "run", "gone.wasm", "--template", "t.jinja"]), 2, &["there is no `gone.wasm`"])
}

/// What is stopped is measured once, profiled with a word about it, and no baseline waits for two hundred deadlines.
pub fn stopped_figures() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    with_cases(folder, "loop", &[("endless", "x")]);
    let limits = ["--limit", "time=300ms", "--limit", "fuel=100000000"];
    let bench = [&["plugin", "bench", "guest.wasm"][..], &limits].concat();
    let ended = run(folder, &bench);
    expect(&ended, 0, &["ends as `stopped fuel`: called once"])?;
    if ended.time > std::time::Duration::from_secs(20) {
        return Err(format!("took {:?}", ended.time));
    }
    let profile =
        [&["plugin", "profile", "guest.wasm", "-o", "p.svg", "--samples", "50", "--time", "2s"][..], &limits].concat();
    expect(&run(folder, &profile), 0, &["the case `endless` ends as `stopped time`"])
}

/// A project's folder is inspected by its component; in C, a message of the wrong type does not build.
pub fn projects() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    expect(
        &run(folder, &["plugin", "new", "settings", "--lang", "c", "--kind", "renderer"]),
        0,
        &["made the renderer"],
    )?;
    expect(&run(folder, &["plugin", "inspect", "settings"]), 2, &["packbox plugin build settings"])?;
    write(folder.join("settings/settings.wasm"), guests::component("echo"));
    expect(&run(folder, &["plugin", "inspect", "settings"]), 0, &["settings/settings.wasm", "renderer@0.1.0"])?;
    if std::process::Command::new("clang").arg("--version").output().is_err() {
        return Ok(());
    }
    let source = folder.join("settings/src/plugin.c");
    let text = std::fs::read_to_string(&source).map_err(|error| error.to_string())?;
    let wrong =
        "\nvoid wrong(pb_result *result) { pb_report(result, (pb_diagnostic){.rule = \"a/b\", .message = \"no\"}); }\n";
    std::fs::write(&source, text + wrong).map_err(|error| error.to_string())?;
    let ended = run(folder, &["plugin", "build", "settings"]);
    // Where the C library for WebAssembly is missing, that is what is told.
    if ended.exit == 0 { Err(format!("a wrong message builds: {}", ended.text())) } else { Ok(()) }
}
