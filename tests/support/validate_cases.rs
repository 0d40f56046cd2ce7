//! `check`, `lint` and `validate` on packs that are made here: validators, determinism, many packs at once.

use std::path::Path;

use packbox::digest::Digest;
use serde_json::Value;

use super::guests;
use super::process::{Ended, Run};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 12] = [
    ("validate/nondeterminism", nondeterminism),
    ("validate/stopped", stopped),
    ("validate/bounded-proof", bounded_proof),
    ("validate/goes-on", goes_on),
    ("validate/validators", validators),
    ("validate/own-validator", own_validator),
    ("validate/examples", examples),
    ("validate/many", many),
    ("validate/in-company", in_company),
    ("validate/compat", compat),
    ("validate/score", score),
    ("validate/failures", failures),
];

/// Runs a command in a folder and returns its JSON.
fn run(folder: &Path, arguments: &[&str]) -> Result<(Ended, Value), String> {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).chain(["--format".into(), "json".into()]);
    let ended = Run { arguments: arguments.collect(), folder: folder.to_owned(), ..Run::default() }.run();
    let document = ended.json()?;
    Ok((ended, document))
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Writes a pack whose two templates are rendered by a guest.
pub fn pack_with_renderer(folder: &Path, guest: &str) {
    pack_with_templates(folder, guest, &["one", "two"]);
}

fn pack_with_templates(folder: &Path, guest: &str, templates: &[&str]) {
    let component = guests::component(guest);
    let digest = Digest::of(&component);
    std::fs::create_dir_all(folder.join("templates")).expect("a folder");
    std::fs::write(folder.join("guest.wasm"), component).expect("a file");
    for name in templates {
        std::fs::write(folder.join(format!("templates/{name}.txt")), format!("template {name}\n")).expect("a file");
    }
    let manifest = format!(
        "[pack]\nname = \"made\"\nversion = \"1.0.0\"\n\n[plugins.guest]\ncomponent = \"guest.wasm\"\nsha256 = \"{digest}\"\n\n\
         [[templates]]\nsource = \"templates\"\noutput = \"out\"\nengine = \"plugin:guest\"\n"
    );
    std::fs::write(folder.join("pack.toml"), manifest).expect("a file");
}

fn rules_of(document: &Value) -> Vec<&str> {
    let packs = document["packs"].as_array().into_iter().flatten();
    let findings = packs.flat_map(|pack| pack["findings"].as_array().into_iter().flatten());
    findings.filter_map(|finding| finding["rule"].as_str()).collect()
}

/// A guest that counts its calls, and one that shows heap addresses, are found; one that does neither is not.
fn nondeterminism() -> Result<(), String> {
    for (guest, is_found) in [("counter", true), ("heap-address", true), ("echo", false)] {
        let scratch = scratch();
        pack_with_renderer(&scratch.path().join("pack"), guest);
        let (ended, document) = run(scratch.path(), &["validate", "pack", "--no-config"])?;
        let found = rules_of(&document).contains(&"plugin/nondeterministic");
        if found != is_found || found && ended.exit != 1 {
            return Err(format!("{guest}: {}", ended.text()));
        }
        let deterministic = &document["packs"][0]["measured"][0]["deterministic"];
        if *deterministic != Value::Bool(!is_found) {
            return Err(format!("{guest}: deterministic is {deterministic}"));
        }
    }
    Ok(())
}

/// What is said about a stopped renderer, and its exit code.
fn stopped() -> Result<(), String> {
    for (guest, reason) in [("loop", "fuel"), ("trap-unreachable", "trap"), ("memory-in-steps", "memory")] {
        let scratch = scratch();
        pack_with_renderer(&scratch.path().join("pack"), guest);
        let arguments = ["validate", "pack", "--no-config", "--limit", "fuel=50000000"];
        let (ended, document) = run(scratch.path(), &arguments)?;
        let stop = &document["packs"][0]["error"]["stop"]["reason"];
        if ended.exit != 4 || *stop != reason {
            return Err(format!("{guest}: {stop} {}", ended.text()));
        }
    }
    Ok(())
}

/// A guest that never comes back from a second call can't make the proof cost more than a few times what its jobs do.
fn bounded_proof() -> Result<(), String> {
    let scratch = scratch();
    let names: Vec<String> = (0..25).map(|number| format!("t{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    pack_with_templates(&scratch.path().join("pack"), "loop-when-reused", &names);
    let arguments = ["validate", "pack", "--no-config", "--limit", "fuel=400000000"];
    let (ended, document) = run(scratch.path(), &arguments)?;
    let measured = document["packs"][0]["measured"].as_array().map_or(0, Vec::len);
    // One limit of fuel takes about half a second; one for each of the jobs takes more than ten.
    if ended.exit != 0 || measured != names.len() || ended.time > std::time::Duration::from_secs(8) {
        return Err(format!("after {:?}: {}", ended.time, ended.text()));
    }
    Ok(())
}

/// A compile bomb ends in the child, and the pack behind it is checked as if nothing had been.
fn goes_on() -> Result<(), String> {
    let scratch = scratch();
    for (bomb, good) in [("bomb", "good"), ("bomb2", "good2")] {
        pack_with_renderer(&scratch.path().join(bomb), "compile-slow");
        pack_with_renderer(&scratch.path().join(good), "echo");
    }
    let arguments = ["validate", "bomb", "good", "bomb2", "good2", "--no-config", "--limit", "compile-time=500ms"];
    let (ended, document) = run(scratch.path(), &arguments)?;
    let packs = &document["packs"];
    let reason = |index: usize| packs[index]["error"]["stop"]["reason"].as_str();
    let fine = [1, 3].iter().all(|index| packs[index]["error"].is_null() && packs[index]["exit"] == 0);
    if ended.exit == 4 && fine && reason(0) == Some("compile-time") && reason(2) == Some("compile-time") {
        return Ok(());
    }
    Err(ended.text())
}

/// A validator of the user's own, and what comes of hostile ones.
fn validators() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    let pack = folder.join("pack");
    std::fs::create_dir(&pack).expect("a folder");
    std::fs::write(pack.join("pack.toml"), "[pack]\nname = \"made\"\nversion = \"1.0.0\"\n").expect("a file");
    for name in guests::validator_names() {
        std::fs::write(folder.join(format!("{name}.wasm")), guests::validator(&name)).expect("a file");
    }
    let cases = [
        ("policy", 0, None),
        ("loop", 4, Some("time")),
        ("trap", 4, Some("trap")),
        ("memory", 4, Some("memory")),
        ("aliased", 4, Some("result")),
        ("bad-rule", 4, None),
        ("own-rule", 4, None),
    ];
    for (name, exit, reason) in cases {
        let rules = format!("{name}.wasm");
        let arguments = ["lint", "pack", "--no-config", "--rules", &rules, "--limit", "time=300ms"];
        let (ended, document) = run(folder, &arguments)?;
        let stop = document["packs"][0]["error"]["stop"]["reason"].as_str();
        if ended.exit != exit || stop != reason {
            return Err(format!("{name}: {stop:?} {}", ended.text()));
        }
        if name == "policy" && !rules_of(&document).contains(&"policy/never") {
            return Err(format!("the policy was to find something: {}", ended.text()));
        }
    }
    levels(folder)
}

/// Levels come from the settings, the pack and the command line; a stranger's pack has no say.
fn levels(folder: &Path) -> Result<(), String> {
    let manifest = "[pack]\nname = \"made\"\nversion = \"1.0.0\"\n\n[lints]\n\"policy/never\" = \"off\"\n";
    std::fs::write(folder.join("pack/pack.toml"), manifest).expect("a file");
    std::fs::write(folder.join("error.toml"), "[lints]\n\"policy/never\" = \"error\"\n").expect("a file");
    std::fs::write(folder.join("off.toml"), "rules = [\"policy.wasm\"]\n[lints]\n\"policy/never\" = \"off\"\n")
        .expect("a file");
    let cases: [(&[&str], bool, i32); 4] = [
        (&["--rules", "policy.wasm", "--no-config"], false, 0),
        (&["--rules", "policy.wasm", "--no-config", "--untrusted"], true, 0),
        (&["--rules", "policy.wasm", "--config", "error.toml"], true, 1),
        (&["--config", "off.toml", "--untrusted"], false, 0),
    ];
    for (arguments, is_found, exit) in cases {
        let (ended, document) = run(folder, &[&["lint", "pack"], arguments].concat())?;
        if rules_of(&document).contains(&"policy/never") != is_found || ended.exit != exit {
            return Err(format!("{arguments:?}: {}", ended.text()));
        }
    }
    Ok(())
}

/// A pack's own validator is run where its digest is the manifest's.
fn own_validator() -> Result<(), String> {
    let scratch = scratch();
    let pack = scratch.path().join("pack");
    std::fs::create_dir(&pack).expect("a folder");
    let component = guests::validator("policy");
    let manifest = |digest: &str| {
        format!(
            "[pack]\nname = \"made\"\nversion = \"1.0.0\"\n\n[plugins.policy]\ncomponent = \"policy.wasm\"\nsha256 = \"{digest}\"\n"
        )
    };
    std::fs::write(pack.join("policy.wasm"), &component).expect("a file");
    std::fs::write(pack.join("pack.toml"), manifest(&Digest::of(&component).to_string())).expect("a file");
    let (ended, document) = run(scratch.path(), &["lint", "pack", "--no-config"])?;
    if !rules_of(&document).contains(&"policy/never") {
        return Err(ended.text());
    }
    // The user may weigh its rules; what no pack brings is nobody's.
    let named = |rule: &str| {
        let settings = format!("[lints]\n\"{rule}\" = \"off\"\n");
        std::fs::write(scratch.path().join("packbox.toml"), settings).expect("a file");
        run(scratch.path(), &["lint", "pack"])
    };
    let (ended, document) = named("policy/never")?;
    if ended.exit == 2 || rules_of(&document).contains(&"policy/never") {
        return Err(ended.text());
    }
    let (ended, _) = named("policy/nevr")?;
    if ended.exit != 2 || !ended.text().contains("did you mean `policy/never`?") {
        return Err(ended.text());
    }
    std::fs::write(pack.join("pack.toml"), manifest(&"0".repeat(64))).expect("a file");
    for command in ["check", "lint", "validate"] {
        let (ended, _) = run(scratch.path(), &[command, "pack", "--no-config"])?;
        if ended.exit != 6 {
            return Err(format!("{command}: {}", ended.text()));
        }
    }
    Ok(())
}

/// The packs that people copy from are clean; a folder that is none holds a family of them.
fn examples() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let below = |folder: &str| -> Result<Vec<String>, String> {
        let entries = std::fs::read_dir(root.join(folder)).map_err(|error| error.to_string())?;
        let names = entries.flatten().map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy()));
        Ok(names.filter(|name| root.join(name).is_dir()).collect())
    };
    let mut packs = Vec::new();
    for name in below("examples/packs")? {
        if root.join(&name).join("pack.toml").is_file() {
            packs.push(name);
        } else {
            packs.extend(below(&name)?);
        }
    }
    packs.sort();
    let mut arguments = vec!["validate", "--no-config", "--deny", "warnings"];
    arguments.extend(packs.iter().map(String::as_str));
    let (ended, document) = run(root, &arguments)?;
    let findings = rules_of(&document);
    if ended.exit != 0 || !findings.is_empty() || document["packs"].as_array().map(Vec::len) != Some(packs.len()) {
        return Err(ended.text());
    }
    Ok(())
}

/// Packs that are checked at the same time share the memory of one, and each is told as if it had been alone.
fn in_company() -> Result<(), String> {
    let scratch = scratch();
    let names = ["one", "two", "three", "four"];
    for name in names {
        let folder = scratch.path().join(name);
        let templates = ["a", "b", "c", "d"];
        pack_with_templates(&folder, "sums", &templates);
        for template in templates {
            // 15 MB of output each.
            std::fs::write(folder.join(format!("templates/{template}.txt")), "output").expect("a file");
        }
    }
    let (_, document) = run(scratch.path(), &[&["validate", "--no-config", "--jobs", "4"][..], &names].concat())?;
    for pack in document["packs"].as_array().ok_or("no packs")? {
        let held = pack["budget"]["memory"]["used"].as_u64().unwrap_or(0);
        if pack["error"] != Value::Null || held < 60_000_000 || pack["measured"].as_array().map(Vec::len) != Some(4) {
            return Err(format!("{pack:#}"));
        }
    }
    Ok(())
}

/// Many packs are reported in the order in which they were named, whatever the number of threads, and alike.
fn many() -> Result<(), String> {
    let scratch = scratch();
    let mut names = Vec::new();
    for number in 0..150 {
        let name = format!("pack{:03}", (number * 37) % 150);
        let pack = scratch.path().join(&name);
        std::fs::create_dir(&pack).expect("a folder");
        let template = format!("{{{{ name }}}} {}\n", "x".repeat(number * 20));
        std::fs::write(pack.join("a.jinja"), template).expect("a file");
        let manifest = format!(
            "[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\n\n[variables.name]\ntype = \"string\"\n\n\
             [[templates]]\nsource = \"a.jinja\"\noutput = \"a.txt\"\n"
        );
        std::fs::write(pack.join("pack.toml"), manifest).expect("a file");
        names.push(name);
    }
    let mut documents = Vec::new();
    for jobs in ["1", "2"] {
        let mut arguments = vec!["validate", "--no-config", "--jobs", jobs];
        arguments.extend(names.iter().map(String::as_str));
        let (_, mut document) = run(scratch.path(), &arguments)?;
        let packs = document["packs"].as_array_mut().ok_or("no packs")?;
        let order: Vec<&str> = packs.iter().filter_map(|pack| pack["path"].as_str()).collect();
        if order != names {
            return Err(format!("--jobs {jobs}: in another order: {order:?}"));
        }
        for pack in packs.iter_mut() {
            // How long it took, and what was held at once.
            pack["budget"]["time"] = Value::Null;
            pack["budget"]["memory"] = Value::Null;
        }
        for measured in packs.iter_mut().flat_map(|pack| pack["measured"].as_array_mut().into_iter().flatten()) {
            measured["nanoseconds"] = Value::Null;
        }
        documents.push(document);
    }
    if documents[0] == documents[1] { Ok(()) } else { Err("the report depends on the number of threads".to_owned()) }
}

/// Two packs that clash, and two that don't.
fn compat() -> Result<(), String> {
    let scratch = scratch();
    let make = |name: &str, rest: &str| {
        let pack = scratch.path().join(name);
        std::fs::create_dir(&pack).expect("a folder");
        std::fs::write(pack.join("a.txt"), "a\n").expect("a file");
        let manifest = format!("[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\n{rest}");
        std::fs::write(pack.join("pack.toml"), manifest).expect("a file");
    };
    let template = |output: &str| format!("[[templates]]\nsource = \"a.txt\"\noutput = \"{output}\"\n");
    make(
        "one",
        &format!(
            "packbox = \"^0.1\"\n[dependencies]\nbase = {{ version = \"^1\", optional = true }}\n\
        [variables.port]\ntype = \"integer\"\ndefault = 1\n{}",
            template("README.md")
        ),
    );
    make(
        "two",
        &format!(
            "[dependencies]\nbase = {{ version = \"^2\", optional = true }}\none = {{ version = \"^2\", optional = true }}\n\
        [variables.port]\ntype = \"string\"\ndefault = \"1\"\n{}",
            template("readme.md")
        ),
    );
    make("three", &template("docs/three.md"));
    let (ended, document) = run(scratch.path(), &["compat", "one", "two", "three", "--no-config"])?;
    let mut rules = rules_of(&document);
    rules.sort_unstable();
    let wanted = ["compat/dependency", "compat/dependency-version", "compat/output", "compat/variable-type"];
    if ended.exit != 1 || rules != wanted {
        return Err(ended.text());
    }
    let (ended, _) = run(scratch.path(), &["compat", "one", "three", "--no-config"])?;
    if ended.exit == 0 { Ok(()) } else { Err(ended.text()) }
}

/// A template without a result is an error, whatever severities and rules a renderer names, and whoever allows them.
fn failures() -> Result<(), String> {
    let templates = ["n", "w", "e", "i", "o", "i packbox: allow(fails/always) the pack says that this is fine"];
    for template in templates {
        let scratch = scratch();
        let pack = scratch.path().join("pack");
        pack_with_templates(&pack, "fails", &["one"]);
        std::fs::write(pack.join("templates/one.txt"), template).expect("a file");
        let manifest = std::fs::read_to_string(pack.join("pack.toml")).expect("a manifest");
        let levels = "\n[lints]\n\"templates/long-line\" = \"off\"\n";
        std::fs::write(pack.join("pack.toml"), manifest + levels).expect("a manifest");
        let config = format!("baseline = \"known.toml\"\n{levels}");
        std::fs::write(scratch.path().join("packbox.toml"), config).expect("settings");
        let write = ["validate", "pack", "--no-config", "--write-baseline", "known.toml", "--reason", "seen before"];
        let arguments = write.map(str::to_owned).into();
        Run { arguments, folder: scratch.path().to_owned(), ..Run::default() }.run();
        let (ended, document) = run(scratch.path(), &["validate", "pack", "--no-config"])?;
        if ended.exit != 1 || document["packs"][0]["status"] != "findings" || document["summary"]["errors"] == 0 {
            return Err(format!("{template}: {}", ended.text()));
        }
        // Nobody's levels or comments hold for it, but the user can say that it is known.
        let (ended, document) = run(scratch.path(), &["validate", "pack"])?;
        if ended.exit != 0 || document["summary"]["suppressed"] == 0 {
            return Err(format!("{template}: {}", ended.text()));
        }
        let (ended, document) = run(scratch.path(), &["score", "pack", "--no-config"])?;
        let parts = document["packs"][0]["parts"].as_array().into_iter().flatten();
        let rendering: Vec<_> = parts.filter(|part| part["name"] == "rendering").map(|part| &part["points"]).collect();
        if rendering != [&Value::from(0)] {
            return Err(format!("{template}: {}", ended.text()));
        }
        let (ended, document) = run(scratch.path(), &["generate", "pack", "--no-input", "--output", "out"])?;
        if ended.exit != 1 || document["error"]["findings"][0]["severity"] != "error" {
            return Err(format!("{template}: {}", ended.text()));
        }
    }
    Ok(())
}

/// The score is the same on each run, and says what would raise it.
fn score() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (first, one) = run(root, &["score", "examples/packs/static-site", "--no-config"])?;
    let (_, two) = run(root, &["score", "examples/packs/static-site", "--no-config", "--jobs", "1"])?;
    if one != two || first.exit != 0 || one["packs"][0]["points"].as_u64().is_none_or(|points| points < 90) {
        return Err(first.text());
    }
    let scratch = scratch();
    std::fs::create_dir(scratch.path().join("bare")).expect("a folder");
    std::fs::write(scratch.path().join("bare/pack.toml"), "[pack]\nname = \"bare\"\nversion = \"0.0.0\"\n")
        .expect("a file");
    let (ended, bare) = run(scratch.path(), &["score", "bare", "--no-config", "--at-least", "90"])?;
    let raise = bare["packs"][0]["parts"][0]["raise"].as_array().map_or(0, Vec::len);
    if ended.exit == 1 && raise > 3 { Ok(()) } else { Err(ended.text()) }
}
