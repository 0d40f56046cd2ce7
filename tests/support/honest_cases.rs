//! Packs that mean well, as large as documented and larger: none of them meets a budget, and all fit into 200 MiB.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

#[path = "../../benches/support/packs.rs"]
#[allow(dead_code, reason = "some packs are for benchmarks only")]
pub mod packs;

use super::process::Run;
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 3] = [
    ("honest/documented-sizes", documented_sizes),
    ("honest/many-templates", many_templates),
    ("honest/many-items", many_items),
];

/// The host's own peak memory, in bytes.
const MEMORY: u64 = 200 << 20;

const HEAD: &str = "[pack]\nname = \"honest\"\nversion = \"1.0.0\"\n";

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join("pack").join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

/// Runs every command that looks into packs: each ends well, in little memory, and far from what it may use.
fn is_well(folder: &Path) -> Result<(), String> {
    let commands: [&[&str]; 4] = [
        &["lint", "--no-config", "pack"],
        &["validate", "--no-config", "pack"],
        &["plan", "pack", "--save", "plan.json"],
        &["generate", "pack", "--no-input", "--output", "out"],
    ];
    for command in commands {
        let run = |format: &str| {
            let arguments = command.iter().copied().chain(["--format", format]).map(str::to_owned).collect();
            let _ = std::fs::remove_dir_all(folder.join("out"));
            Run { arguments, folder: folder.to_owned(), ..Run::default() }.run()
        };
        let ended = run("human");
        if ended.exit != 0 || ended.peak_memory > MEMORY {
            let said: String = ended.text().chars().take(2_000).collect();
            return Err(format!("{command:?} took {} MB\n{said}", ended.peak_memory / 1_000_000));
        }
        let document = run("json").json()?;
        let budget = if document["packs"].is_array() { &document["packs"][0]["budget"] } else { &document["budget"] };
        let is_near = |name: &str| {
            let (used, allowed) = (budget[name]["used"].as_u64(), budget[name]["allowed"].as_u64());
            used.zip(allowed).is_some_and(|(used, allowed)| used > allowed / 4 * 3)
        };
        let near: Vec<&str> =
            ["memory", "time", "fuel", "stops", "compile"].into_iter().filter(|name| is_near(name)).collect();
        if !near.is_empty()
            || budget["untried"].as_u64().unwrap_or(0) > 0
            || budget["stops"]["used"].as_u64().unwrap_or(0) > 0
        {
            return Err(format!("{command:?}: near its budget in {near:?}: {budget:#}"));
        }
        if command[0] == "generate" && budget == &Value::Null {
            return Err("`generate` does not say what it used".to_owned());
        }
    }
    Ok(())
}

/// The four sizes that the ceilings are documented for.
fn documented_sizes() -> Result<(), String> {
    for fixture in packs::Fixture::all() {
        let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
        fixture.make_as(scratch.path(), "pack", "");
        is_well(scratch.path()).map_err(|problem| format!("{}: {problem}", fixture.name))?;
    }
    Ok(())
}

/// 5,000 templates.
fn many_templates() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let variable = "[variables.name]\ntype = \"string\"\ndefault = \"world\"\n";
    let entry = "[[templates]]\nsource = \"t\"\noutput = \"src\"\n";
    write(scratch.path(), "pack.toml", &format!("{HEAD}{variable}{entry}"));
    let line = "{% if name == \"world\" %}fn hello() -> &'static str { \"{{ name | upper }}\" }{% endif %}\n";
    for number in 0..5_000 {
        write(scratch.path(), &format!("t/{}/file-{number}.rs.jinja", number / 100), &line.repeat(10));
    }
    is_well(scratch.path())
}

/// A template for each of 50,000 items.
fn many_items() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let items = (0..50_000).fold(String::new(), |mut items, number| {
        let _ = write!(items, "\"item-{number}\",");
        items
    });
    let variable = format!("[variables.items]\ntype = \"list\"\ndefault = [{items}]\n");
    let entry = "[[templates]]\nsource = \"t.jinja\"\nfor_each = \"items\"\noutput = \"src/{{ item }}.txt\"\n";
    write(scratch.path(), "pack.toml", &format!("{HEAD}{variable}{entry}"));
    write(scratch.path(), "t.jinja", "hello {{ item }}\n");
    is_well(scratch.path())
}
