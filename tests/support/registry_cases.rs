//! Packs by name, with the real command line: installed, updated, killed at every step, twenty at once.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::process::binary;
use super::registry_advice_cases::{
    all_withdrawn, created_last, lock_does_not_fit, locked_withdrawn, near_names, places, unread,
};
use super::registry_hostile_cases::{hostile_registry, names_are_no_paths, signatures, used_while_cleaned};
use super::registry_vendor_cases::{vendored, vendored_whole};
use super::scene::{Case, Later as _, Scene};

/// All cases, by name.
pub const ALL: &[(&str, Case)] = &[
    ("registry/a-users-way", a_users_way),
    ("registry/publish-verifies", publish_verifies),
    ("registry/withdrawn", withdrawn),
    ("registry/all-withdrawn", all_withdrawn),
    ("registry/near-names", near_names),
    ("registry/places", places),
    ("registry/created-last", created_last),
    ("registry/locked-withdrawn", locked_withdrawn),
    ("registry/lock-does-not-fit", lock_does_not_fit),
    ("registry/unread", unread),
    ("registry/refused-before", refused_before),
    ("registry/vendored", vendored),
    ("registry/vendored-whole", vendored_whole),
    ("registry/kill-install", kill_install),
    ("registry/kill-update", kill_update),
    ("registry/kill-clean", kill_clean),
    ("registry/twenty-at-once", twenty_at_once),
    ("registry/hostile", hostile_registry),
    ("registry/names-are-no-paths", names_are_no_paths),
    ("registry/two-of-one-name", two_registries),
    ("registry/signatures", signatures),
    ("registry/used-while-cleaned", used_while_cleaned),
    ("registry/completion", completion),
    ("registry/by-name", by_name),
    ("registry/many-publish", many_publish),
    ("registry/update-capabilities", update_capabilities),
];

/// Fails where a text does not have all of the parts.
pub fn expect(text: &str, parts: &[&str]) -> Result<(), String> {
    match parts.iter().find(|part| !text.contains(**part)) {
        Some(part) => Err(format!("no `{part}` in {text}")),
        None => Ok(()),
    }
}

/// `install` is killed at each step.
pub fn kill_install() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let new = ["base 1.1.0", "web 1.0.0"];
    scene.at_every_step(&["install", "web"], &[&[], &new], &new, 8)
}

/// `update` is killed at each step.
pub fn kill_update() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["install", "web"])?;
    scene.publish("web", "1.1.0", "[dependencies]\nbase = \"^1\"\n")?;
    let new = ["base 1.1.0", "web 1.1.0"];
    scene.at_every_step(&["update", "--accept"], &[&["base 1.1.0", "web 1.0.0"], &new], &new, 6)
}

/// `clean` and `uninstall` are killed at each step.
pub fn kill_clean() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["install", "web"])?;
    scene.ok(&["install", "base@=1.0.0"])?;
    scene.ok(&["uninstall", "web"])?;
    let stays = ["base 1.0.0"];
    scene.at_every_step(&["clean"], &[&stays], &stays, 4)
}

/// Twenty processes install one pack at the same time.
pub fn twenty_at_once() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let processes: Vec<_> = (0..20)
        .map(|_| {
            Command::new(binary())
                .args(["install", "web"])
                .current_dir(scene.at("work"))
                .env("PACKBOX_HOME", scene.at("home"))
                .output_later()
        })
        .collect();
    for process in processes {
        let output = process.wait_with_output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
    }
    let report = scene.store_is_sound()?;
    if report["packs"] != 2 || report["leftovers"] != 0 || scene.installed()?.len() != 2 {
        return Err(format!("{report} {:?}", scene.installed()?));
    }
    Ok(())
}

/// The way of a user: add a registry, find, look, install, generate by name, update, uninstall, clean.
pub fn a_users_way() -> Result<(), String> {
    let beginner = Scene::new()?;
    expect(&beginner.ok(&["list"])?, &["no registry has been read yet"])?;
    let told = beginner.exits(2, &["registry", "add", "team", "../registry"])?;
    expect(&told, &["there is no registry in", "`packbox registry add team ../registry --create` makes one"])?;
    beginner.ok(&["registry", "add", "team", "../registry", "--create"])?;
    for looking in [&["list"][..], &["search", "web"]] {
        expect(&beginner.ok(looking)?, &["no pack has been published yet; `packbox publish FOLDER` publishes one"])?;
    }
    let scene = Scene::with_registry()?;
    expect(&scene.ok(&["list"])?, &["base  1.1.0  main", "web   1.0.0  main"])?;
    expect(&scene.ok(&["search", "abuot", "wbe"])?, &["no pack has all of these words", "web  1.0.0"])?;
    expect(&scene.ok(&["search", "entirely", "else"])?, &["no pack fits"])?;
    expect(&scene.ok(&["search", "wbe"])?, &["no pack has all of these words", "web"])?;
    expect(&scene.ok(&["search", "pack"])?, &["web", "base"])?;
    // Looked at without installing it.
    expect(&scene.ok(&["show", "web"])?, &["The web pack", "outputs", "file.txt"])?;
    if !scene.installed()?.is_empty() {
        return Err("`show` installs".to_owned());
    }
    expect(&scene.ok(&["deps", "web"])?, &["web 1.0.0", "  base 1.1.0 (^1, from main)"])?;
    expect(
        &scene.exits(2, &["generate", "web", "--output", "out", "--no-input"])?,
        &["no pack `web` is installed", "packbox install web"],
    )?;
    expect(
        &scene.ok(&["install", "web", "--lock"])?,
        &["base 1.1.0 installed from main", "web 1.0.0 installed from main"],
    )?;
    expect(&scene.ok(&["show", "web"])?, &["The web pack", "license: MIT", "file.txt"])?;
    expect(&scene.ok(&["info", "web"])?, &["installed  1.0.0 from main", "releases   1.0.0"])?;
    scene.ok(&["generate", "base@1", "--output", "out", "--no-input"])?;
    let made = fs::read_to_string(scene.at("work/out/file.txt")).map_err(|error| error.to_string())?;
    if made != "base 1.1.0\n" {
        return Err(format!("generated {made}"));
    }
    // What was chosen then is what is installed later, whatever there is by then.
    scene.publish("base", "1.2.0", "")?;
    fs::remove_file(scene.at("home/data/installed.json")).map_err(|error| error.to_string())?;
    scene.ok(&["install"])?;
    if !scene.installed()?.contains("base 1.1.0") {
        return Err(format!("the lock holds base 1.1.0, and this is installed: {:?}", scene.installed()?));
    }
    scene.publish("web", "1.1.0", "[dependencies]\nbase = \"^1.2\"\n")?;
    expect(&scene.exits(2, &["update"])?, &["web 1.0.0 → 1.1.0", "~ pack.toml", "no terminal to ask on"])?;
    expect(&scene.ok(&["update", "--accept"])?, &["web 1.0.0 → 1.1.0", "updated"])?;
    expect(&scene.ok(&["yank", "web@1.1.0"])?, &["withdrawn"])?;
    expect(&scene.ok(&["info", "main/web"])?, &["1.1.0 (withdrawn), 1.0.0"])?;
    expect(&scene.ok(&["info", "web"])?, &["installed  1.1.0 from main (withdrawn)", "withdrawn  yes"])?;
    expect(&scene.ok(&["show", "web"])?, &["this release was withdrawn"])?;
    // Both lists say the same of a pack.
    expect(&scene.ok(&["list", "--installed"])?, &["withdrawn  About web"])?;
    expect(&scene.ok(&["list"])?, &["installed 1.1.0, withdrawn  About web"])?;
    scene.ok(&["yank", "base@1.2.0"])?;
    let note = "note: base 1.2.0 was withdrawn from main";
    expect(&scene.ok(&["generate", "base", "--output", "out-base", "--no-input"])?, &[note])?;
    expect(&scene.ok(&["plan", "base", "--save", "plan.json", "--no-input"])?, &[note])?;
    expect(&scene.ok(&["apply", "plan.json", "--output", "out-plan"])?, &[note])?;
    scene.ok(&["yank", "base@1.2.0", "--undo"])?;
    for near in ["we", "wbe", "main/wbe"] {
        let right = if near == "main/wbe" { "did you mean `main/web`?" } else { "did you mean `web`?" };
        expect(&scene.exits(5, &["install", near])?, &[right])?;
    }
    expect(&scene.exits(5, &["install", "web@^1.1"])?, &["web 1.1.0 can't be chosen: it was withdrawn"])?;
    let exported = scene.ok(&["export", "web", "--output", "web.pack"])?;
    expect(&exported, &["web.pack"])?;
    scene.ok(&["uninstall", "web"])?;
    scene.ok(&["import", "web.pack"])?;
    expect(&scene.ok(&["clean", "--dry-run"])?, &["1 pack: would free "])?;
    expect(&scene.ok(&["clean"])?, &["freed"])?;
    expect(&scene.ok(&["clean"])?, &["nothing to clean"])?;
    scene.store_is_sound().map(|_| ())
}

/// A pack in which `validate` finds errors is not published, unless its author says so; warnings don't matter.
pub fn publish_verifies() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let broken = scene.pack("broken", "1.0.0", "")?;
    let template = format!("{broken}/templates/file.txt.jinja");
    let write = |path: &str, text: &str| fs::write(path, text).map_err(|error| error.to_string());
    write(&template, "{{ nobody }}\n")?;
    let mentions = ["`nobody`", "has 1 error; nothing was published", "--no-verify"];
    expect(&scene.exits(1, &["publish", &broken])?, &mentions)?;
    let told = scene.run(&["publish", &broken, "--format", "json"]).json()?;
    if told["error"]["findings"][0]["rule"] != "template/undefined-variable" {
        return Err(told.to_string());
    }
    scene.exits(2, &["show", "broken"])?;
    // The settings of the folder hold, but for what they make of warnings.
    write(&template, "blank \n")?;
    write(&scene.at("work/packbox.toml").display().to_string(), "deny = [\"warnings\"]\n")?;
    scene.exits(1, &["validate", &broken])?;
    expect(&scene.ok(&["publish", &broken])?, &["broken 1.0.0 published to main"])?;
    write(&scene.at("work/packbox.toml").display().to_string(), "lints.\"templates/trailing-space\" = \"error\"\n")?;
    let other = scene.pack("other", "1.0.0", "")?;
    write(&format!("{other}/templates/file.txt.jinja"), "blank \n")?;
    scene.exits(1, &["publish", &other])?;
    // What `validate` refuses in settings, this does.
    let settings = scene.at("work/packbox.toml").display().to_string();
    for (wrong, rule) in [
        ("lints.\"templates/nver-equal\" = \"error\"\n", "config/unknown-rule"),
        ("[values.nn]\nport = 1\n", "config/unknown-pack"),
        ("[values.other]\nnobody = 1\n", "no variable `nobody`"),
    ] {
        write(&settings, wrong)?;
        scene.exits(2, &["validate", &other])?;
        expect(&scene.exits(2, &["publish", &other])?, &[rule, "nothing was published"])?;
    }
    fs::remove_file(settings).map_err(|error| error.to_string())?;
    expect(&scene.ok(&["publish", "--no-verify", &other])?, &["other 1.0.0 published to main"])?;
    // A pack that needs another is looked at as far as that goes.
    scene.ok(&["publish", &scene.pack("needs", "1.0.0", "[dependencies]\nbase = \"^1\"\n")?]).map(|_| ())
}

/// Who has a release that was withdrawn is offered the best that is left, and what else is said of it helps.
pub fn withdrawn() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["install", "base@=1.0.0"])?;
    scene.ok(&["update", "--accept"])?;
    scene.ok(&["yank", "base@1.1.0"])?;
    let told = ["base 1.1.0 → 1.0.0", "1.1.0 was withdrawn, and 1.0.0 is the best that is left"];
    expect(&scene.ok(&["update", "base", "--dry-run"])?, &told)?;
    expect(&scene.exits(2, &["update"])?, &told)?;
    expect(&scene.ok(&["update", "base", "--accept"])?, &told)?;
    expect(&scene.ok(&["update"])?, &["everything is up to date"])?;
    // What is left may be here already, beside what was withdrawn.
    scene.ok(&["yank", "base@1.1.0", "--undo"])?;
    scene.ok(&["install", "base@1.1.0"])?;
    scene.ok(&["yank", "base@1.1.0"])?;
    expect(&scene.ok(&["update", "base", "--accept"])?, &told)?;
    if scene.installed()?.len() != 1 || !scene.installed()?.contains("base 1.0.0") {
        return Err(format!("{:?}", scene.installed()?));
    }
    expect(&scene.exits(2, &["uninstall", "bas"])?, &["did you mean `base`?"])?;
    for (wrong, right, other) in [
        (vec!["uninstall", "nothing-like-it"], "packbox list --installed", "packbox install"),
        (vec!["uninstall", "base@2"], "installed: 1.0.0 from main", "packbox install"),
    ] {
        let text = scene.exits(2, &wrong)?;
        expect(&text, &[right])?;
        if text.contains(other) {
            return Err(text);
        }
    }
    scene.ok(&["yank", "base@1.0.0"])?;
    let text = scene.exits(5, &["install", "base"])?;
    expect(&text, &["base 1.1.0 and 1.0.0 can't be chosen: each was withdrawn", "packbox info PACK"])?;
    if text.contains("packbox deps") { Err(text) } else { Ok(()) }
}

/// A command that is refused for its arguments did nothing.
pub fn refused_before() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let pack = scene.pack("alone", "1.0.0", "")?;
    let pack = format!("{pack}/");
    expect(&scene.exits(2, &["install", &pack, "--lock"])?, &["`--lock` needs the name"])?;
    scene.exits(2, &["install", &pack, "base@not-a-version"])?;
    if scene.installed()?.is_empty() { Ok(()) } else { Err(format!("{:?}", scene.installed()?)) }
}

/// The same name in two registries is an error until the user says which.
pub fn two_registries() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["registry", "add", "other", &scene.at("second").display().to_string(), "--create"])?;
    scene.exits(2, &["publish", &scene.pack("web", "9.0.0", "")?])?;
    scene.ok(&["publish", "--to", "other", &scene.pack("web", "9.0.0", "")?])?;
    let text = scene.exits(5, &["install", "web"])?;
    if !text.contains("the registries `main` and `other` have a pack `web`") {
        return Err(text);
    }
    scene.exits(2, &["info", "web"])?;
    scene.ok(&["install", "main/web"])?;
    if scene.installed()?.contains("web 9.0.0") {
        return Err("the other registry's pack was installed".to_owned());
    }
    // From where a pack came is part of what is meant.
    scene.exits(2, &["check", "other/web", "--no-config"])?;
    scene.exits(2, &["uninstall", "other/web"])?;
    scene.ok(&["check", "main/web", "--no-config"])?;
    // A registry that can't be read keeps nobody from the others; one that is wrong is an error.
    fs::rename(scene.at("second"), scene.at("away")).map_err(|error| error.to_string())?;
    let text = scene.exits(2, &["registry", "sync"])?;
    if !text.contains("main: nothing new") || !text.contains("there is no registry in") {
        return Err(text);
    }
    fs::rename(scene.at("away"), scene.at("second")).map_err(|error| error.to_string())?;
    // An update stays with the registry that the pack came from.
    let text = scene.ok(&["update"])?;
    if !text.contains("up to date") {
        return Err(text);
    }
    Ok(())
}

/// A real shell offers the names of packs and registries.
pub fn completion() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let offered = |words: &str| {
        // What bash does when the user presses the tabulator key.
        let script = format!(
            "source <(packbox completions bash); COMP_WORDS=(packbox {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             COMP_TYPE=9; _clap_complete_packbox packbox \"${{COMP_WORDS[COMP_CWORD]}}\"; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let folder = binary().parent().unwrap_or(Path::new("/"));
        let output = Command::new("bash")
            .args(["-c", &script])
            .current_dir(scene.at("work"))
            .env("PACKBOX_HOME", scene.at("home"))
            .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
            .output()
            .map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    };
    let expect = |words: &str, expected: &[&str]| match offered(words)? {
        found if found == expected => Ok(()),
        found => Err(format!("`packbox {words}` offers {found:?}, not {expected:?}")),
    };
    expect("install w", &["web"])?;
    expect("publish . --to m", &["main"])?;
    expect("uninstall b", &[])?;
    scene.ok(&["install", "web"])?;
    expect("uninstall b", &["base"])?;
    expect("generate w", &["web"])?;
    fs::create_dir(scene.at("work/wonder")).map_err(|error| error.to_string())?;
    expect("install w", &["web", "wonder/"])?;
    expect("uninst", &["uninstall"])
}

/// An installed pack is used by name wherever a folder is.
pub fn by_name() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let contains = |text: String, parts: &[&str]| match parts.iter().find(|part| !text.contains(**part)) {
        Some(part) => Err(format!("no `{part}` in {text}")),
        None => Ok(()),
    };
    scene.ok(&["install", "base"])?;
    for command in ["check", "lint", "validate"] {
        contains(scene.ok(&[command, "base", "--no-config"])?, &["base"])?;
        contains(scene.exits(2, &[command, "bse", "--no-config"])?, &["no pack `bse` is installed", "`base`"])?;
    }
    contains(scene.ok(&["score", "base@^1", "--no-config"])?, &["base@^1: "])?;
    contains(scene.ok(&["plan", "base", "--no-input"])?, &["file.txt"])?;
    scene.ok(&["plan", "base", "--no-input", "--save", "a.plan"])?;
    scene.ok(&["apply", "a.plan", "--output", "applied"])?;
    // What was measured is kept by content.
    contains(scene.ok(&["info", "base"])?, &["measured   no"])?;
    contains(scene.ok(&["info", "base", "--measure"])?, &["measured   1 call,", "fuel"])?;
    contains(scene.ok(&["info", "main/base@1.1.0"])?, &["measured   1 call,"])?;
    contains(scene.exits(2, &["info", "web", "--measure"])?, &["is not installed"])?;
    // A folder with the name of a pack may be anybody's.
    fs::rename(scene.pack("base", "0.0.1", "")?, scene.at("work/base")).map_err(|error| error.to_string())?;
    for command in [&["check", "base", "--no-config"][..], &["show", "base"], &["plan", "base"]] {
        contains(
            scene.exits(2, command)?,
            &["is both a folder here and an installed pack", "`./base`", "`base@1.1.0`"],
        )?;
    }
    scene.ok(&["check", "./base", "--no-config"])?;
    // What is installed can't be published, so a name is the folder.
    contains(scene.ok(&["publish", "base", "--no-verify"])?, &["base 0.0.1 published to main"])?;
    let hint = "`base@1.1.0` is installed, but only a folder or an archive can be published";
    contains(scene.exits(2, &["publish", "main/base", "--no-verify"])?, &[hint])?;
    fs::create_dir_all(scene.at("work/packs")).map_err(|error| error.to_string())?;
    fs::rename(scene.at("work/base"), scene.at("work/packs/base")).map_err(|error| error.to_string())?;
    fs::rename(scene.at("work/packs"), scene.at("work/base")).map_err(|error| error.to_string())?;
    let told = scene.exits(2, &["lint", "base", "--no-config"])?;
    contains(told, &["is both a folder of packs here and an installed pack", "`./base`", "`base@1.1.0`"])?;
    contains(scene.ok(&["check", "./base", "--no-config"])?, &["base/base"])?;
    // What is no pack is in nobody's way.
    fs::rename(scene.at("work/base/base"), scene.at("work/aside")).map_err(|error| error.to_string())?;
    scene.ok(&["check", "base", "--no-config"])?;
    fs::remove_dir(scene.at("work/base")).map_err(|error| error.to_string())?;
    fs::rename(scene.at("work/aside"), scene.at("work/base")).map_err(|error| error.to_string())?;
    contains(scene.ok(&["install", "base"])?, &["base 1.1.0 is installed already"])?;
    contains(scene.ok(&["install", "./base"])?, &["base 0.0.1 installed from"])?;
    scene.ok(&["uninstall", "base@=0.0.1"])?;
    fs::rename(scene.at("work/base"), scene.at("work/local")).map_err(|error| error.to_string())?;
    contains(scene.exits(5, &["install", "local"])?, &["which no registry has", "`./local`"])?;
    // What was changed in the store is not used.
    let packs = fs::read_dir(scene.at("home/data/store/packs")).map_err(|error| error.to_string())?;
    for pack in packs.flatten() {
        let file = pack.path().join("templates/file.txt.jinja");
        fs::remove_file(&file).map_err(|error| error.to_string())?;
        fs::write(&file, "other").map_err(|error| error.to_string())?;
    }
    contains(scene.exits(6, &["generate", "base", "--output", "out", "--no-input"])?, &["was changed"])?;
    scene.exits(6, &["check", "base", "--no-config"])?;
    contains(scene.exits(6, &["doctor", "--store"])?, &["was changed"])
}

/// Several processes publish to one registry, and read it, at the same time: nobody waits for long, and nothing is lost.
pub fn many_publish() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let packs: Vec<String> =
        (0..12).map(|number| scene.pack(&format!("pack-{number}"), "1.0.0", "")).collect::<Result<_, _>>()?;
    let start = |arguments: &[&str]| {
        Command::new(binary())
            .args(arguments)
            .current_dir(scene.at("work"))
            .env("PACKBOX_HOME", scene.at("home"))
            .output_later()
    };
    // Whoever is first makes the index, and the others wait for that.
    for file in ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm"] {
        let _ = fs::remove_file(scene.at("home/data").join(file));
    }
    let mut processes: Vec<_> = packs.iter().map(|pack| start(&["publish", "--no-verify", pack])).collect();
    processes.extend((0..6).map(|_| start(&["registry", "sync"])));
    for process in processes {
        let output = process.wait_with_output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
    }
    scene.ok(&["registry", "sync"])?;
    let found = scene.run(&["list", "--format", "json"]).json()?;
    if found["total"] == 14 { Ok(()) } else { Err(found.to_string()) }
}

/// `update` shows what a plugin may do then, and could not before; nothing is taken unasked.
pub fn update_capabilities() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.publish("tool", "1.0.0", "")?;
    scene.ok(&["install", "tool"])?;
    let component = super::wasi_cases::component();
    let digest = packbox::digest::Digest::of(&component);
    let plugin = format!(
        "[plugins.plain]\ncomponent = \"plain.wasm\"\nsha256 = \"{digest}\"\ngrants = [\"wasi-stub\"]\n\
         [plugins.plain.limits]\nmemory = \"128MiB\"\n"
    );
    let folder = scene.pack("tool", "1.1.0", &plugin)?;
    fs::write(Path::new(&folder).join("plain.wasm"), component).map_err(|error| error.to_string())?;
    scene.ok(&["publish", &folder])?;
    let text = scene.ok(&["update", "--dry-run"])?;
    let parts = [
        "tool 1.0.0 → 1.1.0",
        "+ plain.wasm",
        "! plugin plain grant: nothing → wasi-stub",
        "! plugin plain import",
        "! plugin plain limit: nothing → memory=134217728",
        "nothing was changed",
    ];
    if let Some(part) = parts.iter().find(|part| !text.contains(**part)) {
        return Err(format!("no `{part}` in {text}"));
    }
    scene.exits(2, &["update"])?;
    if !scene.installed()?.contains("tool 1.0.0") {
        return Err("it was taken unasked".to_owned());
    }
    scene.ok(&["update", "--accept"])?;
    let text = scene.ok(&["info", "tool"])?;
    let parts = ["1.1.0", "plain: ABI", "grants: wasi-stub", "limits: memory=134217728"];
    match parts.iter().find(|part| !text.contains(**part)) {
        Some(part) => Err(format!("no `{part}` in {text}")),
        None => Ok(()),
    }
}
