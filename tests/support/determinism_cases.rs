//! The same tree and receipt for every way of rendering; and sizes that end in an error or a result, never in an abort.

use std::path::Path;

use super::process::{Ended, Run, read_folder};

fn generate(folder: &Path, pack: &str, output: &str, more: &[&str]) -> Ended {
    let mut arguments = vec!["generate", pack, "--no-input", "--format", "json", "--output", output];
    arguments.extend(more);
    Run { arguments: arguments.into_iter().map(str::to_owned).collect(), folder: folder.to_owned(), ..Run::default() }
        .run()
}

fn example(name: &str) -> String {
    format!("{}/examples/packs/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Jobs, batches and isolation change nothing, receipts included.
pub fn same_trees_and_receipts() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    for pack in ["rust-cli", "static-site", "typed-config", "formatted-config", "service-map", "catalogue"] {
        let ways: [&[&str]; 5] = [
            &["--jobs", "1"],
            &["--jobs", "2"],
            &["--jobs", "4"],
            &["--isolation", "fresh"],
            &["--isolation", "fresh", "--jobs", "1", "--no-cache"],
        ];
        let mut first = None;
        for (number, way) in ways.iter().enumerate() {
            let output = format!("{pack}-{number}");
            let ended = generate(scratch.path(), &example(pack), &output, way);
            if ended.exit != 0 {
                return Err(ended.text());
            }
            let tree = read_folder(&scratch.path().join(&output));
            if !tree.contains_key(".packbox/receipt.json") {
                return Err(format!("{pack} has no receipt"));
            }
            if first.get_or_insert_with(|| tree.clone()) != &tree {
                return Err(format!("{pack} differs with {way:?}"));
            }
        }
    }
    Ok(())
}

/// A saved plan is applied exactly, elsewhere and by another number of threads, or refused.
pub fn plan_and_apply() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let run = |arguments: &[&str]| {
        Run {
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            folder: scratch.path().to_owned(),
            ..Run::default()
        }
        .run()
    };
    super::process::copy_folder(Path::new(&example("rust-cli")), &scratch.path().join("pack"));
    let generated = generate(scratch.path(), "pack", "generated", &[]);
    let planned = run(&["plan", "pack", "--no-input", "--save", "plan.json"]);
    let applied = run(&["apply", "plan.json", "--output", "applied", "--jobs", "1"]);
    if (generated.exit, planned.exit, applied.exit) != (0, 0, 0) {
        return Err(format!("{}{}{}", generated.text(), planned.text(), applied.text()));
    }
    if read_folder(&scratch.path().join("generated")) != read_folder(&scratch.path().join("applied")) {
        return Err("the applied plan gives another tree".into());
    }
    let template = scratch.path().join("pack/project/README.md.jinja");
    let mut text = std::fs::read_to_string(&template).map_err(|error| format!("{}: {error}", template.display()))?;
    text.push('x');
    std::fs::write(&template, text).map_err(|error| error.to_string())?;
    let refused = run(&["apply", "plan.json", "--output", "again"]);
    if refused.exit != 6 || scratch.path().join("again").exists() {
        return Err(refused.text());
    }
    Ok(())
}

/// Writes a pack with one template.
fn pack(folder: &Path, manifest: &str, template: &str) {
    let pack = folder.join("pack");
    std::fs::create_dir_all(&pack).expect("a folder");
    std::fs::write(pack.join("pack.toml"), format!("[pack]\nname = \"sizes\"\nversion = \"0.1.0\"\n{manifest}"))
        .expect("a file");
    std::fs::write(pack.join("t.jinja"), template).expect("a file");
}

const ENTRY: &str = "[[templates]]\nsource = \"t.jinja\"\noutput = \"out.txt\"\n";

/// It ended by itself, with one of the exit codes and one JSON document.
fn ended_well(ended: &Ended, allowed: &[i32]) -> Result<(), String> {
    ended.json()?;
    if allowed.contains(&ended.exit) { Ok(()) } else { Err(ended.text().chars().take(2000).collect()) }
}

/// 200,000 nested terms: a native engine would take the process with it.
pub fn nested_terms() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let nests = [
        format!("{{{{ {}1 }}}}", "1+".repeat(200_000)),
        format!("{{{{ {}1{} }}}}", "(".repeat(200_000), ")".repeat(200_000)),
        format!("{{{{ {}1 }}}}", "not ".repeat(200_000)),
        format!("{{{{ {}1{} }}}}", "[".repeat(200_000), "]".repeat(200_000)),
        format!("{}{}", "{% if 1 %}".repeat(100_000), "{% endif %}".repeat(100_000)),
        format!("{{{{ 1{} }}}}", "|string".repeat(200_000)),
    ];
    for (number, template) in nests.iter().enumerate() {
        pack(scratch.path(), ENTRY, template);
        let ended = generate(scratch.path(), "pack", &format!("out{number}"), &[]);
        ended_well(&ended, &[0, 1, 4]).map_err(|problem| format!("nest {number}: {problem}"))?;
    }
    Ok(())
}

/// An output path of 1 MB, literal and computed, and a condition of 1 MB.
pub fn path_template() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let manifests = [
        format!("[[templates]]\nsource = \"t.jinja\"\noutput = \"{}\"\n", "a/".repeat(500_000)),
        format!("[[templates]]\nsource = \"t.jinja\"\noutput = \"{{{{ {}1 }}}}\"\n", "1+".repeat(500_000)),
        "[[templates]]\nsource = \"t.jinja\"\noutput = \"{{ 'a' * 1000000 }}\"\n".to_owned(),
        format!("[[templates]]\nsource = \"t.jinja\"\noutput = \"a\"\nwhen = \"{}1\"\n", "1+".repeat(500_000)),
    ];
    for (number, manifest) in manifests.iter().enumerate() {
        pack(scratch.path(), manifest, "text");
        let ended = generate(scratch.path(), "pack", &format!("out{number}"), &[]);
        ended_well(&ended, &[1, 4]).map_err(|problem| format!("path {number}: {problem}"))?;
    }
    Ok(())
}

/// A context of 10 MB, as one text and as a million items; and one that is larger than may be handed in.
pub fn context() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let variables = "[variables.text]\ntype = \"string\"\ndefault = \"\"\n[variables.items]\ntype = \"list\"\nitems = \"integer\"\ndefault = []\n";
    pack(scratch.path(), &format!("{variables}{ENTRY}"), "{{ text | length }} {{ items | length }}");
    let answers = [
        (format!("text = \"{}\"\n", "x".repeat(9_900_000)), vec![0]),
        (format!("items = [{}]\n", "1234567,".repeat(1_100_000)), vec![0, 4]),
    ];
    for (number, (text, allowed)) in answers.iter().enumerate() {
        std::fs::write(scratch.path().join("answers.toml"), text).map_err(|error| error.to_string())?;
        let ended = generate(scratch.path(), "pack", &format!("out{number}"), &["--answers", "answers.toml"]);
        ended_well(&ended, allowed).map_err(|problem| format!("context {number}: {problem}"))?;
    }
    let ended = generate(scratch.path(), "pack", "small", &["--answers", "answers.toml", "--limit", "input=1MiB"]);
    let reason = ended.json()?["error"]["stop"]["reason"].clone();
    if ended.exit == 4 && reason == "input" { Ok(()) } else { Err(ended.text().chars().take(2000).collect()) }
}
