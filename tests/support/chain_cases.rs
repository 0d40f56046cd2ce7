//! Chains of plugins: paths, provenance, limits, fuel and determinism over several stages.

use std::path::Path;

use packbox::digest::Digest;
use serde_json::Value;

use super::guests;
use super::process::{Ended, Run, read_folder};

fn run(folder: &Path, arguments: &[&str]) -> Result<(Ended, Value), String> {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).chain(["--format".into(), "json".into()]);
    let ended = Run { arguments: arguments.collect(), folder: folder.to_owned(), ..Run::default() }.run();
    let document = ended.json()?;
    Ok((ended, document))
}

/// Writes a pack `pack` with components and `[[templates]]` entries, whose file is `t.txt.jinja`.
fn pack(folder: &Path, components: &[&str], entries: &str) {
    let pack = folder.join("pack");
    std::fs::create_dir_all(&pack).expect("a folder");
    std::fs::write(pack.join("t.txt.jinja"), "made for {{ name }}\n").expect("a file");
    let mut manifest =
        "[pack]\nname = \"made\"\nversion = \"1.0.0\"\n\n[variables.name]\ntype = \"string\"\ndefault = \"Ada\"\n\n\
                        [variables.other]\ntype = \"string\"\ndefault = \"x\"\n"
            .to_owned();
    for name in components {
        let component = guests::component(name);
        let digest = Digest::of(&component);
        std::fs::write(pack.join(format!("{name}.wasm")), component).expect("a file");
        let entry = format!(
            "\n[plugins.{name}]\ncomponent = \"{name}.wasm\"\nsha256 = \"{digest}\"\nlimits = {{ time = \"300ms\" }}\n"
        );
        manifest.push_str(&entry);
    }
    std::fs::write(pack.join("pack.toml"), manifest + "\n" + entries).expect("a file");
}

fn expect(holds: bool, ended: &Ended) -> Result<(), String> {
    if holds { Ok(()) } else { Err(ended.text()) }
}

/// Later stages keep paths or name files beside them; receipts name every component; all ways of rendering agree.
pub fn plugins() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path();
    let entry = "[[templates]]\nsource = \"t.txt.jinja\"\noutput = \"dir/t.txt\"\n\
                 then = [\"plugin:echo\", \"plugin:two-files\", \"plugin:echo\"]\n";
    pack(folder, &["echo", "two-files"], entry);
    let ways: [&[&str]; 4] = [&["--jobs", "1"], &["--jobs", "2"], &["--isolation", "fresh"], &["--measure"]];
    let mut trees = Vec::new();
    for (number, way) in ways.iter().enumerate() {
        let output = format!("out{number}");
        let (ended, document) =
            run(folder, &[&["generate", "pack", "--no-input", "--output", &output], *way].concat())?;
        let paths: Vec<&str> =
            document["files"].as_array().into_iter().flatten().filter_map(|file| file["path"].as_str()).collect();
        expect(ended.exit == 0 && paths == ["dir/a.txt", "dir/b.txt"], &ended)?;
        // A plugin may have read everything; that the second file is executable stays so.
        let file = &document["files"][1];
        expect(
            file["reads"]["variables"] == serde_json::json!(["name", "other"]) && file["executable"] == true,
            &ended,
        )?;
        trees.push(read_folder(&folder.join(output)));
    }
    let (planned, _) = run(folder, &["plan", "pack", "--no-input", "--save", "plan.json"])?;
    expect(planned.exit == 0, &planned)?;
    let (applied, _) = run(folder, &["apply", "plan.json", "--output", "applied"])?;
    expect(applied.exit == 0, &applied)?;
    trees.push(read_folder(&folder.join("applied")));
    if trees.iter().any(|tree| *tree != trees[0]) {
        return Err("the trees differ".to_owned());
    }
    let (contents, _) = trees[0].get(".packbox/receipt.json").ok_or("no receipt")?;
    let receipt: Value = serde_json::from_slice(contents).map_err(|error| error.to_string())?;
    let stages = receipt["files"][0]["then"].as_array().ok_or("no chain in the receipt")?;
    let named: Vec<&str> = stages.iter().filter_map(|stage| stage["engine"].as_str()).collect();
    let digest = Digest::of(&guests::component("two-files")).to_string();
    if named != ["plugin:echo", "plugin:two-files", "plugin:echo"] || stages[1]["plugin_sha256"] != digest.as_str() {
        return Err(format!("the receipt says {receipt}"));
    }
    // Another component than the plan's, as the manifest says, is refused.
    let changed = entry.replace("two-files", "echo");
    pack(folder, &["echo", "two-files"], &changed);
    let (refused, _) = run(folder, &["apply", "plan.json", "--output", "never"])?;
    expect(refused.exit == 6 && !folder.join("never").exists(), &refused)
}

/// The fuel of a chain is the sum of its stages', on every run.
pub fn fuel() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path();
    let of = |then: &str, way: &[&str]| -> Result<u64, String> {
        let entry = format!("[[templates]]\nsource = \"t.txt.jinja\"\noutput = \"t.txt\"\nthen = [{then}]\n");
        pack(folder, &["echo"], &entry);
        let arguments =
            [&["generate", "pack", "--no-input", "--output", "out", "--measure", "--on-existing", "overwrite"], way];
        let (ended, document) = run(folder, &arguments.concat())?;
        document["files"][0]["usage"]["fuel"].as_u64().ok_or_else(|| ended.text())
    };
    let (none, one, two) =
        (of("", &[])?, of("\"plugin:echo\"", &[])?, of("\"plugin:echo\", \"plugin:echo\"", &["--jobs", "1"])?);
    if one <= none || two - one != one - none {
        return Err(format!("fuel without a stage {none}, with one {one}, with two {two}"));
    }
    Ok(())
}

/// A chain can't make more files of a template than a plugin may, whatever the number of its stages.
pub fn bounded() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path();
    let then = ["\"plugin:two-files\""; 8].join(", ");
    pack(
        folder,
        &["two-files"],
        &format!("[[templates]]\nsource = \"t.txt.jinja\"\noutput = \"out\"\nthen = [{then}]\n"),
    );
    for way in [&["--jobs", "1"][..], &["--jobs", "2"], &["--isolation", "fresh"]] {
        let arguments = [&["generate", "pack", "--no-input", "--output", "out", "--limit", "outputs=100"], way];
        let (ended, document) = run(folder, &arguments.concat())?;
        let error = &document["error"];
        let told = error["findings"].as_array().map_or(0, Vec::len);
        let wanted = "stage 8 of the chain made more than 100 files of one template";
        expect(
            ended.exit == 4
                && error["stop"]["reason"] == "outputs"
                && told == 1
                && error["findings"][0]["message"] == wanted
                && !folder.join("out").exists(),
            &ended,
        )?;
    }
    Ok(())
}

/// What a stage may take is bounded as for any call, and the error names the stage.
pub fn stopped() -> Result<(), String> {
    for (guest, reason) in [("loop", "time"), ("trap-unreachable", "trap"), ("memory-in-steps", "memory")] {
        let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
        let entry =
            format!("[[templates]]\nsource = \"t.txt.jinja\"\noutput = \"t.txt\"\nthen = [\"plugin:{guest}\"]\n");
        pack(scratch.path(), &[guest], &entry);
        let (ended, document) = run(scratch.path(), &["generate", "pack", "--no-input", "--output", "out"])?;
        let finding = &document["error"]["findings"][0];
        let named = format!("in stage 2 of the chain, `plugin:{guest}`: ");
        let message = finding["message"].as_str().unwrap_or_default();
        expect(
            ended.exit == 4 && document["error"]["stop"]["reason"] == reason && message.starts_with(&named),
            &ended,
        )?;
        expect(finding["span"]["path"] == "pack/t.txt.jinja", &ended)?;
    }
    Ok(())
}

/// `validate` proves every stage, holds ceilings against the whole, and knows that a plugin is used.
pub fn validated() -> Result<(), String> {
    for (guest, is_found) in [("counter", true), ("echo", false)] {
        let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
        let entry = |name: &str| {
            format!("[[templates]]\nsource = \"t.txt.jinja\"\noutput = \"{name}.txt\"\nthen = [\"plugin:{guest}\"]\n")
        };
        let entries = entry("one") + &entry("two");
        pack(scratch.path(), &[guest], &entries);
        let (ended, document) = run(scratch.path(), &["validate", "pack", "--no-config"])?;
        let findings = document["packs"][0]["findings"].as_array().ok_or("no findings")?;
        let rules: Vec<&str> = findings.iter().filter_map(|finding| finding["rule"].as_str()).collect();
        let found = rules.contains(&"plugin/nondeterministic");
        expect(found == is_found && !rules.contains(&"plugins/unused"), &ended)?;
        // A formatter may read every variable, so that none is known to be unused.
        expect(!rules.contains(&"variables/unused"), &ended)?;
        let measured = &document["packs"][0]["measured"];
        expect(measured.as_array().map(Vec::len) == Some(2) && measured[0]["deterministic"] == !is_found, &ended)?;
        expect(measured[0]["template"] == "t.txt.jinja", &ended)?;
        let fuel = measured[0]["fuel"].as_u64().unwrap_or_default();
        let ceiling = |fuel: u64| format!("fuel={fuel}");
        for (most, exceeded) in [(fuel, false), (fuel - 1, true)] {
            let arguments = ["validate", "pack", "--no-config", "--ceiling", &ceiling(most)];
            let (ended, document) = run(scratch.path(), &arguments)?;
            let text = document["packs"][0]["findings"].to_string();
            expect(text.contains("ceiling/fuel") == exceeded, &ended)?;
        }
    }
    Ok(())
}
