//! Every JSON document there is, printed at least once: the result of each command in each of its forms, an error of each
//! command, and the files that are JSON. Whatever is printed here or in other cases is held against its schema where it is
//! run ([`super::schemas`]).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::process::Ended;
use super::scene::{Case, Scene};
use super::schemas;

/// All cases, by name.
pub const ALL: [(&str, Case); 2] =
    [("documents/each-is-printed", each_is_printed), ("documents/strangers-fail", strangers_fail)];

/// All attacks take minutes; a unit test holds what is said of one against the schema.
const ELSEWHERE: &str = "doctor: Sandbox";
/// What is no name of a schema is refused while the command line is read, before any command begins.
const EARLIER: &str = "schema: error.schema.json";

/// Runs every command; what no run printed or wrote has no case.
fn each_is_printed() -> Result<(), String> {
    let scene = Scene::new()?;
    packs(&scene)?;
    plugins(&scene)?;
    registries(&scene)?;
    all_exit(&scene, 0, &["doctor", "limits", "schema pack"])?;
    errors()?;
    let mut unseen = schemas::unseen();
    unseen.retain(|document| document != ELSEWHERE && document != EARLIER);
    if unseen.is_empty() { Ok(()) } else { Err(format!("no case prints these documents: {unseen:#?}")) }
}

/// A field that no schema describes, one that is missing, and a command without a schema are seen.
fn strangers_fail() -> Result<(), String> {
    let document = |fields: &str| format!("{{\"packbox\": \"0.1.0\", \"command\": {fields}}}");
    let wrong = [
        document("\"vendor\", \"folder\": \"f\", \"packs\": 1, \"more\": 1"),
        document("\"vendor\", \"folder\": \"f\""),
        document("\"vendor\", \"folder\": \"f\", \"packs\": \"1\""),
        document("\"vendors\", \"folder\": \"f\", \"packs\": 1"),
        document("\"export\", \"folder\": \"f\", \"packs\": 1"),
        document("\"vendor\", \"error\": { \"kind\": \"io\" }"),
        "{\"folder\": \"f\", \"packs\": 1}".to_owned(),
    ];
    let taken = wrong.iter().find(|text| schemas::printed("vendor", text.as_bytes()).is_ok());
    match taken {
        Some(text) => Err(format!("this fits a schema: {text}")),
        None => schemas::printed("vendor", document("\"vendor\", \"folder\": \"f\", \"packs\": 1").as_bytes()),
    }
}

/// Runs a command for JSON; it ends with this code.
fn exits(scene: &Scene, code: i32, arguments: &[&str]) -> Result<Ended, String> {
    let ended = scene.run_with(&[arguments, &["--format", "json"]].concat(), &[]);
    if ended.exit == code { Ok(ended) } else { Err(format!("{arguments:?} should end with {code}: {}", ended.text())) }
}

fn all_exit(scene: &Scene, code: i32, commands: &[&str]) -> Result<(), String> {
    let failed = |line: &&str| exits(scene, code, &line.split(' ').collect::<Vec<_>>()).err();
    let failures: Vec<String> = commands.iter().filter_map(failed).collect();
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

fn packs(scene: &Scene) -> Result<(), String> {
    std::fs::write(scene.at("work/ask.rq"), "ASK { ?s ?p ?o }").map_err(|error| error.to_string())?;
    let commands = [
        "new one",
        "new two",
        "check one",
        "lint one",
        "lint --list-rules",
        "lint --explain manifest/title",
        "validate one",
        "score one",
        "bench one --samples 1 --save base.json",
        "profile one --runs 1",
        "plan one --no-input",
        "plan one --no-input --save plan.json",
        "apply plan.json --output planned --dry-run",
        "apply plan.json --output planned",
        "generate one --no-input --output out --dry-run",
        "generate one --no-input --output out",
        "compose one two --strategy layer --no-input --output composed --dry-run",
        "compose one two --strategy layer --no-input --output composed",
        "plan one two --strategy layer --no-input",
        "plan one two --strategy layer --no-input --save several.json",
        "explain one two --no-input",
        "query one ask.rq --explain",
        "apply several.json --output both",
    ];
    all_exit(scene, 0, &commands)?;
    // They generate the same files.
    all_exit(scene, 1, &["compat one two"])
}

fn plugins(scene: &Scene) -> Result<(), String> {
    all_exit(scene, 0, &["plugin new made --lang js --kind renderer"])?;
    let made = scene.at("work/made");
    // Whoever has no Node.js has one that hands out a component that was built before.
    let prebuilt = Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins/prebuilt/jinja.wasm");
    let componentize = made.join("node_modules/@bytecodealliance/componentize-js/src/cli.js");
    let failed = |error: std::io::Error| error.to_string();
    fs::create_dir_all(componentize.parent().ok_or("a folder")?).map_err(failed)?;
    fs::write(componentize, "").map_err(failed)?;
    let node = scene.at("bin/node");
    fs::create_dir_all(scene.at("bin")).map_err(failed)?;
    let script = format!("#!/bin/sh\nfor last; do :; done\ncp '{}' \"$last\"\n", prebuilt.display());
    fs::write(&node, script).map_err(failed)?;
    fs::set_permissions(&node, fs::Permissions::from_mode(0o755)).map_err(failed)?;
    let path = format!("{}:/usr/bin:/bin", scene.at("bin").display());
    let built = scene.run_with(&["plugin", "build", "made", "--format", "json"], &[("PATH", &path)]);
    if built.exit != 0 {
        return Err(built.text());
    }
    fs::copy(&prebuilt, scene.at("work/jinja.wasm")).map_err(failed)?;
    for (file, text) in [
        ("cases/a/in.jinja", "{% for i in range(2000) %}{{ i }}{% endfor %}\n"),
        ("cases/a/case.toml", "template = \"in.jinja\"\n"),
        ("wrong.jinja", "{{ nothing }}"),
    ] {
        let file = scene.at("work").join(file);
        fs::create_dir_all(file.parent().ok_or("a folder")?).map_err(failed)?;
        fs::write(file, text).map_err(failed)?;
    }
    let commands = [
        "plugin inspect jinja.wasm",
        "plugin test jinja.wasm --bless",
        "plugin run jinja.wasm --template cases/a/in.jinja --record call.record",
        "plugin run --replay call.record",
        "plugin bench jinja.wasm --samples 1 --save figures.json",
        "plugin profile jinja.wasm --samples 1",
    ];
    all_exit(scene, 0, &commands)
}

fn registries(scene: &Scene) -> Result<(), String> {
    let folder = scene.at("registry").display().to_string();
    exits(scene, 0, &["registry", "add", "main", &folder, "--create"])?;
    for (name, version, more) in
        [("base", "1.0.0", ""), ("web", "1.0.0", "[dependencies]\nbase = \"^1\"\n"), ("web", "0.9.0", "")]
    {
        let pack = scene.pack(name, version, more)?;
        exits(scene, 0, &["publish", "--no-verify", &pack])?;
    }
    let before = ["show web", "info web", "install web@0.9", "install web --lock", "info base --measure"];
    all_exit(scene, 0, &before)?;
    let pack = scene.pack("base", "1.1.0", "")?;
    exits(scene, 0, &["publish", "--no-verify", &pack])?;
    let commands = [
        "registry list",
        "registry sync",
        "list",
        "list --installed",
        "search web",
        "search wbe",
        "show web",
        "info web",
        "deps web",
        "update --dry-run",
        "update --accept",
        "update",
        "vendor vendored",
        "doctor --store",
        "export web --output web.pack",
        "yank web@0.9.0",
        "uninstall web",
        "clean --dry-run",
        "clean",
        "import web.pack",
        "registry remove main",
    ];
    all_exit(scene, 0, &commands)
}

/// An error of each command.
fn errors() -> Result<(), String> {
    let scene = Scene::new()?;
    let failed = |error: std::io::Error| error.to_string();
    for (file, text) in [("home/config/registries.toml", "nonsense"), ("home/data/installed.json", "nonsense")] {
        let file = scene.at(file);
        fs::create_dir_all(file.parent().ok_or("a folder")?).map_err(failed)?;
        fs::write(file, text).map_err(failed)?;
    }
    all_exit(&scene, 0, &["new one"])?;
    let commands = [
        "generate nowhere --output out",
        "compose nowhere --output out",
        "apply nowhere --output out",
        "plan nowhere",
        "new one",
        "check one --config nowhere",
        "lint one --config nowhere",
        "validate one --config nowhere",
        "compat one",
        "explain nowhere",
        "query one",
        "score one --config nowhere",
        "bench one --baseline nowhere",
        "profile nowhere",
        "plugin new Bad/Name --lang c --kind renderer",
        "plugin build nowhere",
        "plugin test nowhere",
        "plugin run nowhere --template one/pack.toml",
        "plugin bench nowhere",
        "plugin profile nowhere",
        "plugin inspect nowhere",
        "registry remove main",
        "registry sync",
        "registry list",
        "registry add main folder --create",
        "search web",
        "show web",
        "info web",
        "deps web",
        "install web",
        "import nowhere",
        "update",
        "vendor folder",
        "export web",
        "publish one --no-verify",
        "yank web@1.0.0",
        "uninstall web",
        "clean",
        "list",
        "doctor --store",
        "limits nowhere",
        "schema nowhere",
        // A command line that can't be understood.
        "generates",
    ];
    let failures = commands.iter().filter_map(|line| {
        let ended = scene.run(&[&line.split(' ').collect::<Vec<_>>()[..], &["--format", "json"]].concat());
        let is_error = ended.exit != 0 && ended.json().is_ok_and(|document| document["error"].is_object());
        (!is_error).then(|| format!("{line}: {}", ended.text()))
    });
    let failures: Vec<String> = failures.collect();
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}
