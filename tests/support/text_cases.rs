//! Every text that packbox reads is opened by one rule: with a byte order mark and lines that end with CRLF it means the
//! same; UTF-16, NUL and bytes that are not UTF-8 are refused, with what they are and in which file.

use std::fs;
use std::path::Path;

use super::scene::{Case, Scene};

/// All cases, by name.
pub const ALL: [(&str, Case); 3] =
    [("texts/read", read), ("texts/of-plugin-tools", of_plugin_tools), ("texts/written-by-packbox", written)];

/// What a pack leaves out.
const IGNORED: &str = ".env\n*.log\n";

/// What makes a text none, and the words that name it.
const KINDS: [(&str, &str); 5] = [
    ("utf16le", "encoded as UTF-16"),
    ("utf16be", "encoded as UTF-16"),
    ("utf16-unmarked", "UTF-16 without a byte order mark"),
    ("nul", "there is a NUL byte"),
    ("latin1", "the byte 0xe9 is not valid UTF-8"),
];

fn spoiled(text: &str, kind: &str) -> Vec<u8> {
    let wide = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        [mark.to_vec(), text.encode_utf16().flat_map(bytes).collect()].concat()
    };
    match kind {
        "utf16le" => wide(b"\xff\xfe", u16::to_le_bytes),
        "utf16be" => wide(b"\xfe\xff", u16::to_be_bytes),
        "utf16-unmarked" => wide(b"", u16::to_le_bytes),
        "nul" => [text.as_bytes(), b"\n\0"].concat(),
        _ => [text.as_bytes(), b"\n\xe9"].concat(),
    }
}

/// Writes a text as many editors of Windows do.
fn marked(text: &str) -> String {
    format!("\u{feff}{}", text.replace('\n', "\r\n"))
}

/// Runs a command with a file as it is, marked, and spoiled: it does the same, and names what is wrong.
fn check(scene: &Scene, file: &Path, arguments: &[&str]) -> Result<(), String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let write = |bytes: &[u8]| fs::write(file, bytes).map_err(|error| error.to_string());
    let told = || {
        let ended = scene.run(arguments);
        let _ = fs::remove_dir_all(scene.at("work/new"));
        ended
    };
    // The first time something may be compiled, and that is said once.
    told();
    let plain = told();
    write(marked(&text).as_bytes())?;
    let with_mark = told();
    // A signature that means something is made with minisign; what is said of another is the same, too.
    let fails = if arguments[0] == "publish" { 6 } else { 0 };
    if plain.exit != fails || (with_mark.exit, with_mark.text()) != (fails, plain.text()) {
        return Err(format!("{arguments:?} with a mark: {} plain: {}", with_mark.text(), plain.text()));
    }
    for (kind, words) in KINDS {
        write(&spoiled(&text, kind))?;
        let ended = told();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if matches!(ended.exit, 0 | 101 | 128..) || !ended.text().contains(words) || !ended.text().contains(&*name) {
            return Err(format!("{arguments:?} with {kind}: {}", ended.text()));
        }
    }
    write(text.as_bytes())
}

/// A pack with files that must not get out.
fn pack(scene: &Scene) -> Result<String, String> {
    let more =
        "[variables.word]\ntype = \"string\"\ndefault = \"one\"\n[[templates]]\nsource = \"t\"\noutput = \"out\"";
    let folder = scene.pack("texts", "1.0.0", more)?;
    fs::create_dir_all(Path::new(&folder).join("t")).map_err(|error| error.to_string())?;
    for (name, text) in [(".packboxignore", IGNORED), ("t/.env", "SECRET=1\n"), ("t/a.log", "1\n"), ("t/a.txt", "")] {
        fs::write(Path::new(&folder).join(name), text).map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

/// What authors and users write by hand.
fn read() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let folder = pack(&scene)?;
    let generate = ["generate", &folder, "--no-input", "--output", "new"];
    check(&scene, &Path::new(&folder).join("pack.toml"), &generate)?;
    check(&scene, &Path::new(&folder).join(".packboxignore"), &generate)?;
    // The first pattern holds, too.
    let ignore = Path::new(&folder).join(".packboxignore");
    fs::write(&ignore, marked(IGNORED)).map_err(|error| error.to_string())?;
    let listed = scene.ok(&generate)?;
    if ["out/.env", "out/a.log"].iter().any(|path| scene.at("work/new").join(path).exists()) {
        return Err(format!("what `.packboxignore` leaves out is generated: {listed}"));
    }
    let _ = fs::remove_dir_all(scene.at("work/new"));

    // Places count from behind the mark.
    let broken = scene.pack("broken", "1.0.0", "")?;
    fs::write(Path::new(&broken).join("pack.toml"), "\u{feff}nmae = 1\r\n[pack]\r\nname = x\r\n")
        .map_err(|error| error.to_string())?;
    let told = scene.exits(1, &["check", &broken])?;
    if !told.contains("pack.toml:3:8") {
        return Err(format!("places: {told}"));
    }
    fs::write(Path::new(&broken).join("pack.toml"), "\u{feff}[pakc]\r\n").map_err(|error| error.to_string())?;
    let told = scene.exits(1, &["check", &broken])?;
    if !told.contains("pack.toml:1:2") {
        return Err(format!("places in the first line: {told}"));
    }

    let write =
        |name: &str, text: &str| fs::write(scene.at("work").join(name), text).map_err(|error| error.to_string());
    write("packbox.toml", "deny = [\"warnings\"]\n")?;
    check(&scene, &scene.at("work/packbox.toml"), &["check", &folder])?;
    write("mine.toml", "deny = [\"warnings\"]\n")?;
    check(&scene, &scene.at("work/mine.toml"), &["check", &folder, "--config", "mine.toml"])?;
    write("answers.toml", "word = \"two\"\n")?;
    check(&scene, &scene.at("work/answers.toml"), &[&generate[..], &["--answers", "answers.toml"]].concat())?;
    write("base.toml", "# nothing yet\n")?;
    check(&scene, &scene.at("work/base.toml"), &["check", &folder, "--baseline", "base.toml"])?;
    check(&scene, &scene.at("home/config/registries.toml"), &["registry", "list"])?;
    write("signature", "untrusted comment: x\nRUQ\n")?;
    check(&scene, &scene.at("work/signature"), &["publish", &folder, "--signature", "signature"])
}

/// What plugins are tried with.
fn of_plugin_tools() -> Result<(), String> {
    let scene = Scene::new()?;
    let component = Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins/prebuilt/jinja.wasm");
    let at = |name: &str| scene.at("work/plugin").join(name);
    fs::create_dir_all(at("cases/one")).map_err(|error| error.to_string())?;
    fs::copy(component, at("jinja.wasm")).map_err(|error| error.to_string())?;
    for (name, text) in [
        ("a.jinja", "{{ word }}"),
        ("context.json", "{\"word\":1}"),
        ("context.toml", "word = 1\n"),
        ("options.json", "{}"),
        ("cases/one/case.toml", "template = \"a.jinja\"\n"),
        ("cases/one/context.json", "{\"word\":1}"),
        ("cases/one/a.jinja", "{{ word }}"),
    ] {
        fs::write(at(name), text).map_err(|error| error.to_string())?;
    }
    let plugin = at("jinja.wasm").display().to_string();
    let path = |name: &str| at(name).display().to_string();
    let template = path("a.jinja");
    let run = ["plugin", "run", &plugin, "--template", &template];
    check(&scene, &at("context.json"), &[&run[..], &["--context", &path("context.json")]].concat())?;
    check(&scene, &at("context.toml"), &[&run[..], &["--context", &path("context.toml")]].concat())?;
    let both = ["--context", &path("context.json"), "--options", &path("options.json")];
    check(&scene, &at("options.json"), &[&run[..], &both].concat())?;
    scene.ok(&["plugin", "test", &plugin, "--bless"])?;
    check(&scene, &at("cases/one/case.toml"), &["plugin", "test", &plugin])?;
    check(&scene, &at("cases/one/context.json"), &["plugin", "test", &plugin])
}

/// What packbox writes, and editors and shells may have written anew.
fn written() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let folder = pack(&scene)?;
    let plan = scene.at("work/plan.json").display().to_string();
    scene.ok(&["plan", &folder, "--no-input", "--save", &plan])?;
    check(&scene, Path::new(&plan), &["apply", &plan, "--output", "new"])?;
    scene.ok(&["install", "base"])?;
    check(&scene, &scene.at("home/data/installed.json"), &["list", "--installed"])?;
    check(&scene, &scene.at("registry/packbox-registry.toml"), &["registry", "sync"])?;
    // The digests of a log are of all its bytes, so a mark is none that could be skipped.
    let log = scene.at("registry/log.jsonl");
    let lines = fs::read_to_string(&log).map_err(|error| error.to_string())?;
    fs::write(&log, format!("\u{feff}{lines}")).map_err(|error| error.to_string())?;
    let other = scene.at("registry").display().to_string();
    let told = scene.exits(6, &["registry", "add", "again", &other])?;
    if told.contains("begins with a byte order mark") { Ok(()) } else { Err(format!("a log: {told}")) }
}
