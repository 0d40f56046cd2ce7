//! What is never kept, and kept answers under attack: damaged, swapped, of others, of runs that were killed.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::answer_user::{MANIFEST, User, calls, everything, expect, io, rendered, two_packs};

/// A case in code.
type Case = fn() -> Result<(), String>;

/// The cases of this file.
pub const ALL: [(&str, Case); 8] = [
    ("answers/secrets", secrets),
    ("answers/secrets-in-merges", secrets_in_merges),
    ("answers/tampered", tampered),
    ("answers/other-keys", other_keys),
    ("answers/at-once", at_once),
    ("answers/killed", killed),
    ("answers/cleaned", cleaned),
    ("answers/not-kept", not_kept),
];

const SECRET: &str = "correct-horse-battery-7391";

/// Whether bytes are anywhere in what is kept.
fn is_kept(user: &User, bytes: &[u8]) -> Option<PathBuf> {
    let has = |path: &PathBuf| fs::read(path).is_ok_and(|file| file.windows(bytes.len()).any(|window| window == bytes));
    user.books().into_iter().find(has)
}

fn secrets() -> Result<(), String> {
    let user = User::new()?;
    let component = super::guests::component("echo");
    let digest = packbox::digest::Digest::of(&component);
    let manifest = format!(
        r#"
[pack]
name = "hidden"
version = "1.0.0"
message = "message.md.jinja"
[variables.token]
type = "secret"
[variables.title]
type = "string"
default = "plain"
[variables.made]
type = "string"
compute = "'<' ~ token ~ '>'"
[variables.again]
type = "string"
compute = "made | upper"
[plugins.echo]
component = "echo.wasm"
sha256 = "{digest}"
[[templates]]
source = "open.txt.jinja"
output = "open.txt"
[[templates]]
source = "token.txt.jinja"
output = "token.txt"
[[templates]]
source = "made.txt.tera"
output = "made.txt"
[[templates]]
source = "again.txt.hbs"
output = "again.txt"
[[templates]]
source = "chain.txt.jinja"
output = "chain.txt"
then = ["tera"]
[[templates]]
source = "when.txt.jinja"
output = "when.txt"
when = "token != ''"
[[templates]]
source = "plugin.txt"
engine = "plugin:echo"
output = "plugin.txt"
"#
    );
    user.write("pack/pack.toml", manifest)?;
    user.write("pack/echo.wasm", component)?;
    for (path, text) in [
        ("open.txt.jinja", "{{ title }}\n"),
        ("token.txt.jinja", "{{ token }}\n"),
        ("made.txt.tera", "{{ made }}\n"),
        ("again.txt.hbs", "{{again}}\n"),
        ("chain.txt.jinja", "{{ token }} {{ '{{' }} title {{ '}}' }}\n"),
        ("when.txt.jinja", "when\n"),
        ("plugin.txt", "plugin\n"),
        ("message.md.jinja", "The token has {{ token | length }} letters.\n"),
    ] {
        user.write(&format!("pack/{path}"), text)?;
    }
    let token = format!("token={SECRET}");
    let generate = |output: &str| user.generate(output, &["--var", &token]);
    generate("first")?;
    let second = generate("second")?;
    user.same("first", "second")?;
    let told: Vec<String> = rendered(&second).into_iter().map(|(path, _)| path).collect();
    let hidden = ["again.txt", "chain.txt", "made.txt", "plugin.txt", "token.txt", "when.txt"];
    expect("rendered again", told, hidden.map(str::to_owned).into())?;
    let reasons: BTreeSet<String> = rendered(&second).into_iter().map(|(_, why)| why).collect();
    expect("reasons", reasons, ["it depends on a secret, of which nothing is kept".to_owned()].into())?;
    user.json(&["plan", "pack", "--no-input", "--var", &token, "--save", "saved.plan"])?;
    for output in ["applied", "applied-again"] {
        user.json(&["apply", "saved.plan", "--no-input", "--var", &token, "-o", output])?;
        user.same("first", output)?;
    }
    // None of its forms, and no digest of it or of what has it in it.
    if user.books().is_empty() {
        return Err("nothing is kept at all".into());
    }
    let upper = SECRET.to_uppercase();
    for text in [SECRET.to_owned(), upper, format!("<{SECRET}>"), SECRET.len().to_string() + " letters"] {
        let json = serde_json::to_string(&text).map_err(io)?;
        for bytes in [text.clone(), json.clone(), format!("{text}\n")] {
            let digest = packbox::digest::Digest::of(bytes.as_bytes());
            let blake = blake3::hash(bytes.as_bytes());
            for form in [bytes.as_bytes(), digest.as_bytes(), &digest.as_bytes()[..16], &blake.as_bytes()[..16]] {
                if let Some(book) = is_kept(&user, form) {
                    return Err(format!("a form of `{bytes}` is in {}", book.display()));
                }
            }
        }
    }
    // What is kept does not depend on it at all.
    let kept = |user: &User| {
        user.books().iter().map(|book| fs::metadata(book).map(|file| file.len()).ok()).collect::<Vec<_>>()
    };
    let before = kept(&user);
    user.generate("third", &["--var", "token=another-secret-of-another-length"])?;
    expect("sizes", kept(&user), before)
}

fn secrets_in_merges() -> Result<(), String> {
    let user = User::new()?;
    two_packs(&user)?;
    let manifest = fs::read_to_string(user.at("web/pack.toml")).map_err(io)?;
    user.write("web/pack.toml", manifest.replace("type = \"string\"\ndefault = \"x\"", "type = \"secret\""))?;
    let port = format!("port={SECRET}");
    let compose =
        |output: &str| user.json(&["compose", "base", "web", "--no-input", "--why", "-o", output, "--var", &port]);
    compose("first")?;
    let second = compose("second")?;
    user.same("first", "second")?;
    if calls(&second)? < 2 {
        return Err("what a secret is in was not merged again".into());
    }
    match is_kept(&user, SECRET.as_bytes()) {
        Some(book) => Err(format!("it is in {}", book.display())),
        None => Ok(()),
    }
}

/// Damages the kept answers of a pack, and generates: it is as if there were none, and they are kept again.
fn recovers(user: &User, what: &str, damage: &dyn Fn(&Path) -> std::io::Result<()>) -> Result<(), String> {
    let book = user.books().pop().ok_or("nothing is kept")?;
    damage(&book).map_err(io)?;
    let again = user.generate("damaged", &[]).map_err(|error| format!("{what}: {error}"))?;
    if calls(&again)? == 0 {
        return Err(format!("{what}: it was believed"));
    }
    user.same("first", "damaged").map_err(|error| format!("{what}: {error}"))?;
    expect(what, calls(&user.generate("recovered", &[])?)?, 0)?;
    user.same("first", "recovered")
}

fn tampered() -> Result<(), String> {
    let user = User::new()?;
    everything(&user)?;
    user.generate("first", &[])?;
    let book = user.books().pop().ok_or("nothing is kept")?;
    let good = fs::read(&book).map_err(io)?;
    let places = (0..12).map(|part| good.len() * part / 12).chain([good.len() - 33, good.len() - 32, good.len() - 1]);
    for place in places {
        let flip = |path: &Path| {
            let mut bytes = fs::read(path)?;
            let place = place.min(bytes.len() - 1);
            bytes[place] ^= 1;
            fs::write(path, bytes)
        };
        recovers(&user, &format!("a bit at {place}"), &flip)?;
    }
    for length in [0, 1, 31, 32, 33, good.len() / 2, good.len() - 1] {
        let cut = |path: &Path| fs::write(path, &good[..length]);
        recovers(&user, &format!("the first {length} bytes"), &cut)?;
    }
    recovers(&user, "more bytes", &|path| fs::write(path, [&good[..], b"x"].concat()))?;
    recovers(&user, "a text of an author", &|path| {
        // What was rendered stands there as it is: another text under the same MAC.
        let mut bytes = good.clone();
        let at = bytes.windows(3).position(|window| window == b"Ann").unwrap_or(0);
        bytes[at..at + 3].copy_from_slice(b"Eve");
        fs::write(path, bytes)
    })?;
    recovers(&user, "a link", &|path| {
        let elsewhere = path.with_extension("elsewhere");
        fs::rename(path, &elsewhere)?;
        std::os::unix::fs::symlink(elsewhere, path)
    })?;
    let _ = fs::remove_file(book.with_extension("elsewhere"));
    recovers(&user, "a file that others can write", &|path| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o666))
    })?;
    // Another pack's answers under this one's name.
    let manifest = MANIFEST.replace("\"everything\"", "\"anything\"");
    user.write("other/pack.toml", manifest)?;
    for file in [
        "title.txt.jinja",
        "foot.jinja",
        "author.txt.tera",
        "both.txt.hbs",
        "plain.txt.liquid",
        "part.txt.jinja",
        "chain.txt.jinja",
        "copied.txt",
        "message.md.jinja",
    ] {
        fs::copy(user.at("pack").join(file), user.at("other").join(file)).map_err(io)?;
    }
    user.json(&["generate", "other", "--no-input", "-o", "theirs"])?;
    let other = user.books().into_iter().find(|path| *path != book).ok_or("no other book")?;
    fs::copy(&other, &book).map_err(io)?;
    fs::remove_file(&other).map_err(io)?;
    recovers(&user, "another pack's", &|_| Ok(()))
}

fn other_keys() -> Result<(), String> {
    let user = User::new()?;
    everything(&user)?;
    let run = |output: &str, key: &str| {
        let arguments = ["generate", "pack", "--no-input", "-o", output, "--format", "json"];
        let ended = user.run_with(&arguments, &[("PACKBOX_CACHE_KEY", key)]);
        if ended.exit == 0 { calls(&ended.json()?) } else { Err(ended.text()) }
    };
    let (ours, theirs) = ("0123456789abcdef".repeat(4), "f".repeat(64));
    // Compiled code has that key, too, and is made for it.
    let shared = user.scratch.path().join("home/cache/compiled");
    fs::remove_file(&shared).map_err(io)?;
    run("first", &ours)?;
    expect("the same key", run("second", &ours)?, 0)?;
    // A copy of it all in another home, as a CI restores it.
    super::process::copy_folder(&user.scratch.path().join("home"), &user.scratch.path().join("copy"));
    fs::rename(user.scratch.path().join("home"), user.scratch.path().join("old")).map_err(io)?;
    fs::rename(user.scratch.path().join("copy"), user.scratch.path().join("home")).map_err(io)?;
    for book in user.books() {
        fs::set_permissions(book, fs::Permissions::from_mode(0o600)).map_err(io)?;
    }
    expect("restored", run("third", &ours)?, 0)?;
    if run("fourth", &theirs)? == 0 || calls(&user.generate("fifth", &[])?)? == 0 {
        return Err("answers under another key were believed".into());
    }
    user.same("first", "fourth")?;
    user.same("first", "fifth")
}

fn at_once() -> Result<(), String> {
    let user = User::new()?;
    everything(&user)?;
    for round in 0..3 {
        std::thread::scope(|scope| {
            let run = |number: usize| {
                let (output, title) = (format!("out{round}-{number}"), format!("title=T{}", number % 3));
                let document = user.generate(&output, &["--var", &title])?;
                let text = fs::read_to_string(user.at(&output).join("both.txt")).map_err(io)?;
                expect("text", text, format!("T{} Ann\n", number % 3))?;
                calls(&document).map(drop)
            };
            let runs: Vec<_> = (0..6).map(|number| scope.spawn(move || run(number))).collect();
            runs.into_iter().try_for_each(|run| run.join().map_err(|_| "a panic".to_owned())?)
        })?;
    }
    user.generate("last", &["--var", "title=T1"])?;
    expect("calls", calls(&user.generate("again", &["--var", "title=T1"])?)?, 0)?;
    expect("what is left", user.books().len(), 1)
}

/// Whenever a run is killed, what it kept is whole or is not believed.
fn killed() -> Result<(), String> {
    let user = User::new()?;
    everything(&user)?;
    let expected = user.generate("first", &[])?;
    for after in 0..24_u64 {
        let mut child = std::process::Command::new(super::process::binary())
            .args([
                "generate",
                "pack",
                "--no-input",
                "-o",
                &format!("killed{after}"),
                "--var",
                &format!("author=A{after}"),
            ])
            .current_dir(user.at(""))
            .env_clear()
            .env("PACKBOX_HOME", user.scratch.path().join("home"))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .map_err(io)?;
        std::thread::sleep(Duration::from_millis(after * 4));
        let _ = child.kill();
        child.wait().map_err(io)?;
        let output = format!("after{after}");
        let document = user.generate(&output, &[])?;
        user.same("first", &output)?;
        expect("message", &document["message"], &expected["message"])?;
    }
    Ok(())
}

fn cleaned() -> Result<(), String> {
    let user = User::new()?;
    everything(&user)?;
    user.generate("out", &[])?;
    let book = user.books().pop().ok_or("nothing is kept")?;
    let left = user.answers().join(".0123456789abcdef.part");
    fs::write(&left, b"half").map_err(io)?;
    let days = |days: u64| SystemTime::now() - Duration::from_secs(days * 24 * 3600);
    let set = |path: &Path, time: SystemTime| {
        fs::File::options().write(true).open(path).and_then(|file| file.set_modified(time)).map_err(io)
    };
    let clean = |more: &[&str]| {
        let mut arguments = vec!["clean"];
        arguments.extend(more);
        user.json(&arguments).map(|document| document["freed"]["answers"]["entries"].as_u64())
    };
    expect("what is new", clean(&[])?, Some(0))?;
    set(&book, days(40))?;
    set(&left, days(40))?;
    expect("counted", clean(&["--dry-run"])?, Some(2))?;
    // What is used is not old.
    user.generate("out", &[])?;
    expect("the rest", clean(&[])?, Some(1))?;
    expect("books", user.books(), vec![book.clone()])?;
    set(&book, days(40))?;
    let text = user.run(&["clean", "--dry-run"]).text();
    if !text.contains("1 answer file: would free") {
        return Err(text);
    }
    expect("what is old", clean(&[])?, Some(1))?;
    expect("books", user.books(), Vec::new())?;
    user.generate("out", &[])?;
    expect("what is too much", clean(&["--at-most", "1B", "--older-than", "99d"])?, Some(1))?;
    expect("books", user.books(), Vec::new())
}

fn not_kept() -> Result<(), String> {
    let user = User::new()?;
    let manifest = "[pack]\nname = \"plain\"\nversion = \"1.0.0\"\n[variables.title]\ntype = \"string\"\ndefault = \"a\"\n\
        [[templates]]\nsource = \"title.txt.jinja\"\noutput = \"title.txt\"\n";
    user.write("pack/pack.toml", manifest)?;
    user.write("pack/title.txt.jinja", "{{ title }}\n")?;
    user.generate("first", &["--no-cache"])?;
    expect("books", user.books(), Vec::new())?;
    user.generate("first", &[])?;
    let before = user.books().iter().map(|book| fs::read(book).ok()).collect::<Vec<_>>();
    let again = user.generate("second", &["--no-cache", "--var", "title=new"])?;
    if calls(&again)? == 0 {
        return Err("nothing was called".into());
    }
    let after = user.books().iter().map(|book| fs::read(book).ok()).collect::<Vec<_>>();
    expect("kept", after, before)?;
    // Where nothing can be kept, everything works all the same.
    let _ = fs::remove_dir_all(user.answers());
    fs::write(user.answers(), b"a file").map_err(io)?;
    user.generate("third", &[])?;
    user.same("first", "third")
}
