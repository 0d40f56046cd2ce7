//! Answers of plugins that are kept: what is called again, what is not, and why; what comes of it is the same either way.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::answer_user::{MANIFEST, User, calls, everything, expect, io, rendered, told, two_packs};
use super::process::Ended;

/// A case in code.
type Case = fn() -> Result<(), String>;

/// The cases of this file.
pub const ALL: [(&str, Case); 9] = [
    ("answers/nothing-is-called-again", nothing_is_called_again),
    ("answers/examples-are-the-same", examples_are_the_same),
    ("answers/only-readers-are-rendered", only_readers_are_rendered),
    ("answers/why", why),
    ("answers/merges", merges),
    ("answers/plugins", plugins),
    ("answers/limits", limits),
    ("answers/failures-run-again", failures_run_again),
    ("answers/stopped-items", stopped_items),
];

fn nothing_is_called_again() -> Result<(), String> {
    let user = User::new()?;
    everything(&user)?;
    let first = user.generate("first", &[])?;
    if calls(&first)? == 0 || first["allocation"].is_null() {
        return Err(format!("nothing was called at first: {first}"));
    }
    let second = user.generate("second", &[])?;
    expect("calls", calls(&second)?, 0)?;
    expect("reasons", rendered(&second), Vec::new())?;
    expect("allocation", &second["allocation"], &Value::Null)?;
    expect("message", &second["message"], &first["message"])?;
    user.same("first", "second")?;
    let without = |document: &Value| {
        let mut files = document["files"].clone();
        for file in files.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            file.remove("usage");
            file.remove("why");
        }
        files
    };
    expect("files", without(&second), without(&first))?;
    let receipt = |folder: &str| fs::read(user.at(folder).join(".packbox/receipt.json")).map_err(io);
    expect("receipts", receipt("second")?, receipt("first")?)?;
    // In place, as a dry run, and on one thread.
    for more in [&["--prune"][..], &["--dry-run"], &["--jobs", "1"]] {
        expect("calls", calls(&user.generate("second", more)?)?, 0)?;
    }
    let saved = user.json(&["plan", "pack", "--no-input", "--save", "saved.plan"])?;
    expect("calls of plan", calls(&saved)?, 0)?;
    expect("calls of apply", calls(&user.json(&["apply", "saved.plan", "-o", "applied"])?)?, 0)?;
    user.same("first", "applied")?;
    expect("calls of compose", calls(&user.json(&["compose", "pack", "--no-input", "-o", "composed"])?)?, 0)?;
    user.same("first", "composed")?;
    // What is measured is called, and so is what is to have instances of its own.
    for more in [["--measure"].as_slice(), &["--isolation", "fresh"]] {
        if calls(&user.generate("again", more)?)? == 0 {
            return Err(format!("{more:?} calls nothing"));
        }
    }
    user.same("first", "again")
}

fn examples_are_the_same() -> Result<(), String> {
    let user = User::new()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["examples/packs", "tests/packs"] {
        for entry in fs::read_dir(root.join(folder)).map_err(io)?.flatten() {
            let (pack, name) = (entry.path().display().to_string(), entry.file_name().to_string_lossy().into_owned());
            let run = |number: u32| {
                let output = format!("{name}{number}");
                let ended = user.run(&["generate", &pack, "--no-input", "-o", &output, "--why"]);
                (ended, output)
            };
            let ((cold, first), (warm, second)) = (run(1), run(2));
            expect(&format!("{name}: exit codes"), warm.exit, cold.exit)?;
            expect(&format!("{name}: messages"), &warm.stdout, &cold.stdout)?;
            if cold.exit == 0 {
                user.same(&first, &second)?;
                let told = String::from_utf8_lossy(&warm.stderr);
                if !told.contains("0 files rendered") {
                    return Err(format!("{name}: {told}"));
                }
                // Notes and warnings are told again.
                let remarks = |ended: &Ended| {
                    let text = String::from_utf8_lossy(&ended.stderr).into_owned();
                    let own = |line: &&str| {
                        !["packbox: compiling", "rendered", "generated "].iter().any(|told| line.contains(told))
                    };
                    text.lines().filter(own).map(str::to_owned).collect::<BTreeSet<_>>()
                };
                expect(&format!("{name}: remarks"), remarks(&warm), remarks(&cold))?;
            }
        }
    }
    Ok(())
}

fn only_readers_are_rendered() -> Result<(), String> {
    let user = User::new()?;
    everything(&user)?;
    user.generate("out", &[])?;
    let title = user.generate("title", &["--var", "title=TITLE"])?;
    let files: Vec<String> = rendered(&title).into_iter().map(|(path, _)| path).collect();
    expect("readers of the title", files, ["both.txt".to_owned(), "title/title.txt".to_owned()].into())?;
    let author = user.generate("author", &["--var", "author=Bea"])?;
    let reason = "the variable `author` changed".to_owned();
    expect(
        "readers of the author",
        rendered(&author),
        [("author.txt".into(), reason.clone()), ("both.txt".into(), reason.clone()), ("chain.txt".into(), reason)]
            .into(),
    )?;
    // The first values are known still, and so is a mixture in which each file has its own.
    expect("calls", calls(&user.generate("again", &[])?)?, 0)?;
    user.same("out", "again")?;
    let both = user.generate("both", &["--var", "author=Bea", "--var", "title=TITLE"])?;
    expect("rendered", rendered(&both).into_iter().map(|(path, _)| path).collect(), vec!["both.txt".to_owned()])?;
    let text = fs::read_to_string(user.at("both/both.txt")).map_err(io)?;
    expect("text", text.as_str(), "TITLE Bea\n")
}

/// Each reason, one after the other.
fn why() -> Result<(), String> {
    let user = User::new()?;
    everything(&user)?;
    let reasons = |more: &[&str], path: &str| {
        let document = user.generate("out", more)?;
        let all = rendered(&document);
        let found = all.iter().find(|(rendered, _)| rendered == path).map(|(_, why)| why.clone());
        Ok::<_, String>((found.unwrap_or_default(), all.len()))
    };
    expect("at first", reasons(&[], "author.txt")?, ("there is no earlier answer".into(), 7))?;
    user.write("pack/author.txt.tera", "by {{ author }}\n")?;
    expect("a template", reasons(&[], "author.txt")?, ("the template changed".into(), 1))?;
    // A partial counts for all templates of its engine, as any may include it.
    user.write("pack/foot.jinja", " end")?;
    expect("a partial", reasons(&[], "title/title.txt")?, ("the partial `foot.jinja` changed".into(), 4))?;
    user.write("pack/head.jinja", "head")?;
    expect("a new partial", reasons(&[], "chain.txt")?, ("the partial `head.jinja` changed".into(), 4))?;
    fs::remove_file(user.at("pack/head.jinja")).map_err(io)?;
    expect("a partial less", reasons(&[], "chain.txt")?, (String::new(), 0))?;
    let with_options =
        MANIFEST.replace("output = \"both.txt\"", "output = \"both.txt\"\noptions = { prevent_indent = true }");
    user.write("pack/pack.toml", &with_options)?;
    expect("options", reasons(&[], "both.txt")?, ("its options changed".into(), 1))?;
    expect("limits", reasons(&["--limit", "memory=48MiB"], "plain.txt")?, ("limits or grants are others".into(), 7))?;
    let more = format!("{with_options}\n[variables.other]\ntype = \"string\"\ndefault = \"x\"\n");
    user.write("pack/pack.toml", &more)?;
    expect("a variable more", reasons(&[], "plain.txt")?, ("the pack has other variables".into(), 7))?;
    let both = reasons(&["--var", "author=Cid", "--var", "title=T"], "both.txt")?;
    expect("two variables", both.0.as_str(), "the variables `author` and `title` changed")?;
    expect(
        "fresh instances",
        reasons(&["--isolation", "fresh"], "plain.txt")?.0.as_str(),
        "answers are neither kept nor looked up in this run",
    )?;
    let told = user.run(&["generate", "pack", "--no-input", "-o", "out", "--why", "--var", "author=Dan"]);
    let text = String::from_utf8_lossy(&told.stderr);
    for line in [
        "rendered author.txt: the variable `author` changed",
        "3 files rendered, 4 unchanged since an earlier run, 1 copied",
    ] {
        if !text.contains(line) {
            return Err(format!("`{line}` is missing in {text}"));
        }
    }
    Ok(())
}

fn merges() -> Result<(), String> {
    let user = User::new()?;
    two_packs(&user)?;
    let compose = |output: &str, more: &[&str]| {
        let mut arguments = vec!["compose", "base", "web", "--no-input", "--why", "-o", output];
        arguments.extend(more);
        user.json(&arguments)
    };
    compose("first", &[])?;
    let second = compose("second", &[])?;
    expect("calls", calls(&second)?, 0)?;
    expect("reasons", rendered(&second), Vec::new())?;
    user.same("first", "second")?;
    let changed = compose("third", &["--var", "port=80"])?;
    expect("reasons", rendered(&changed), [("config.toml".into(), "the variable `port` changed".into())].into())?;
    let text = fs::read_to_string(user.at("third/config.toml")).map_err(io)?;
    expect("text", text.as_str(), "[base]\ntitle = \"x\"\n\n[web]\nport = \"80\"\n")?;
    // Whoever differs is told each time.
    user.write("web/config.toml.jinja", "[base]\ntitle = \"y\"\n")?;
    let run = || user.run(&["compose", "base", "web", "--no-input", "-o", "fourth"]);
    let (one, other) = (run(), run());
    expect("conflicts", (one.exit, other.exit, one.stderr == other.stderr), (3, 3, true))
}

/// A pack's own plugin: it may have read any variable.
fn plugins() -> Result<(), String> {
    let user = User::new()?;
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/packs/typed-config");
    super::process::copy_folder(&pack, &user.at("pack"));
    user.generate("first", &[])?;
    let second = user.generate("second", &[])?;
    expect("calls", calls(&second)?, 0)?;
    user.same("first", "second")?;
    // A component that is not the one of the manifest is told, whatever is known.
    let component = user.at("pack/plugins/json-schema.wasm");
    let mut bytes = fs::read(&component).map_err(io)?;
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&component, &bytes).map_err(io)?;
    expect("another component", user.run(&["generate", "pack", "--no-input", "-o", "third"]).exit, 6)?;
    bytes[last] ^= 1;
    fs::write(&component, &bytes).map_err(io)?;
    expect("calls", calls(&user.generate("fourth", &[])?)?, 0)?;
    // Any variable counts, and it is told which.
    let manifest = fs::read_to_string(user.at("pack/pack.toml")).map_err(io)?;
    user.write("pack/pack.toml", format!("{manifest}\n[variables.unread]\ntype = \"string\"\ndefault = \"a\"\n"))?;
    user.generate("fifth", &[])?;
    let sixth = user.generate("sixth", &["--var", "unread=b"])?;
    let of_plugin = |document: &Value| {
        let files = document["files"].as_array().into_iter().flatten();
        files.filter(|file| file["engine"] == "plugin:json-schema").count()
    };
    let reasons: BTreeSet<String> = rendered(&sixth).into_iter().map(|(_, why)| why).collect();
    expect("reasons", reasons, ["the variable `unread` changed".to_owned()].into())?;
    expect("rendered", rendered(&sixth).len(), of_plugin(&sixth))
}

/// A limit that would stop a call stops it, whatever is known.
fn limits() -> Result<(), String> {
    let user = User::new()?;
    everything(&user)?;
    user.generate("out", &[])?;
    let big = format!("author={}", "x".repeat(60_000));
    let tries: [&[&str]; 6] = [
        &["--limit", "result=100B"],
        &["--limit", "input=50B"],
        &["--limit", "memory=1MiB"],
        &["--limit", "run-outputs=3"],
        &["--limit", "run-output-bytes=10B"],
        &["--limit", "input=50KiB", "--var", &big],
    ];
    for more in tries {
        let run = |cold: bool| {
            let mut arguments = vec!["generate", "pack", "--no-input", "-o", "stopped", "--jobs", "1"];
            arguments.extend(more);
            if cold { user.cold(&arguments) } else { user.run(&arguments) }
        };
        // Under the same limits, but for values that fit.
        if more.len() > 2 {
            user.generate("fits", &more[..2])?;
        }
        let (warm, again, cold) = (run(false), run(false), run(true));
        if cold.exit != 4 {
            return Err(format!("{:?} does not stop: {}", &more[..2], cold.text()));
        }
        expect(more[1], told(&warm), told(&cold))?;
        expect(more[1], told(&again), told(&cold))?;
    }
    Ok(())
}

fn failures_run_again() -> Result<(), String> {
    let user = User::new()?;
    everything(&user)?;
    user.write("pack/author.txt.tera", "{{ author }} {{ nobody }}\n")?;
    let arguments = ["generate", "pack", "--no-input", "-o", "out"];
    let (first, second, cold) = (user.run(&arguments), user.run(&arguments), user.cold(&arguments));
    expect("exit codes", [first.exit, second.exit, cold.exit], [1, 1, 1])?;
    expect("findings", [told(&first), told(&second)], [told(&cold), told(&cold)])?;
    user.write("pack/author.txt.tera", "{{ author }}\n")?;
    let mended = user.generate("out", &[])?;
    expect("rendered", rendered(&mended).into_iter().map(|(path, _)| path).collect(), vec!["author.txt".to_owned()])
}

/// Which items are tried after one that is stopped does not depend on what is known of them.
fn stopped_items() -> Result<(), String> {
    let user = User::new()?;
    let manifest = "[pack]\nname = \"items\"\nversion = \"1.0.0\"\n[variables.items]\ntype = \"list\"\ndefault = [\"1\", \"2\", \"3\"]\n\
        [[templates]]\nsource = \"item.txt.jinja\"\nfor_each = \"items\"\noutput = \"{{ item }}.txt\"\n";
    user.write("pack/pack.toml", manifest)?;
    user.write(
        "pack/item.txt.jinja",
        "{% set n = item | int %}{% for i in range(n) %}{% for j in range(n) %}{{ i }}{% endfor %}{% endfor %}\n",
    )?;
    user.generate("out", &[])?;
    for items in [r#"["1", "90000", "2", "3"]"#, r#"["1", "2", "3", "90000", "4"]"#, r#"["90000", "1", "90001", "2"]"#]
    {
        let items = format!("items={items}");
        let run = |cold: bool| {
            let arguments = ["generate", "pack", "--no-input", "-o", "stopped", "--var", &items, "--format", "json"];
            let ended = if cold { user.cold(&arguments) } else { user.run(&arguments) };
            let mut document = ended.json()?;
            let untried = document["error"]["budget"]["untried"].clone();
            Ok::<_, String>((ended.exit, untried, document["error"]["findings"].take()))
        };
        let (warm, cold) = (run(false)?, run(true)?);
        expect("exit code", cold.0, 4)?;
        expect(&items, warm, cold)?;
    }
    Ok(())
}
