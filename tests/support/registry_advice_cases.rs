//! What is told of packs by name: near names, what was withdrawn, and where files of installed packs are.

use std::fs;

use super::registry_cases::expect;
use super::scene::Scene;

/// A pack of which every release was withdrawn stays, which a warning says, and the others are updated.
pub fn all_withdrawn() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.publish("gone", "1.0.0", "")?;
    scene.ok(&["install", "web", "gone"])?;
    scene.ok(&["yank", "gone@1.0.0"])?;
    let warning = "warning: gone 1.0.0 stays as it is: main has withdrawn all releases of it";
    expect(&scene.ok(&["update"])?, &[warning, "`packbox uninstall gone`", "everything else is up to date"])?;
    expect(&scene.ok(&["update", "gone"])?, &[warning])?;
    scene.publish("web", "1.1.0", "")?;
    expect(&scene.ok(&["update", "--accept"])?, &[warning, "web 1.0.0 → 1.1.0", "updated"])?;
    let told = scene.run(&["update", "--format", "json"]).json()?;
    if told["stays"][0]["name"] != "gone"
        || told["stays"][0]["why"] != "withdrawn"
        || told["updates"] != serde_json::json!([])
    {
        return Err(told.to_string());
    }
    if scene.installed()?.into_iter().collect::<Vec<_>>() != ["gone 1.0.0", "web 1.1.0"] {
        return Err(format!("{:?}", scene.installed()?));
    }
    expect(&scene.exits(5, &["update", "gone@1"])?, &["it was withdrawn"])?;
    scene.ok(&["registry", "remove", "main"])?;
    expect(&scene.ok(&["update"])?, &["web 1.1.0 stays as it is", "`packbox registry add main LOCATION`"])
}

/// Every command that takes the name of a pack says which was probably meant, and what to do.
pub fn near_names() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["install", "base"])?;
    fs::rename(scene.pack("my-pack", "1.0.0", "")?, scene.at("work/my-pack")).map_err(|error| error.to_string())?;
    let out = ["--output", "out", "--no-input"];
    // What is here: installed packs, and packs beside.
    for (name, near) in [("bsae", "`base`"), ("main/bsae", "`main/base`"), ("my-pakc", "`my-pack`")] {
        let right = format!("did you mean {near}?");
        for command in [&["check"][..], &["plan"], &["show"], &["info"], &["deps"], &["export"], &["score"]] {
            let text = scene.run(&[command, &[name]].concat()).text();
            expect(&text, &[&right]).map_err(|error| format!("{command:?} {name}: {error}"))?;
        }
        expect(&scene.exits(2, &[&["generate", name][..], &out].concat())?, &[&right])?;
    }
    // What only a registry has.
    let installs = "`packbox install main/web` installs it";
    for (name, told) in [
        ("web", &["`packbox install web` installs it"][..]),
        ("wbe", &["did you mean `web`?", "`packbox install web` installs it"]),
        ("main/wbe", &["did you mean `main/web`?", installs]),
        ("mian/web", &["did you mean `main/web`?", installs]),
    ] {
        expect(&scene.exits(2, &[&["generate", name][..], &out].concat())?, told)?;
        expect(&scene.exits(2, &["update", name])?, told)?;
    }
    expect(&scene.exits(2, &["update", "bsae"])?, &["the pack `bsae` is not installed", "did you mean `base`?"])?;
    let listed = "`packbox list --installed` shows what is installed";
    expect(&scene.exits(2, &["update", "nothing-like-it"])?, &[listed])?;
    expect(&scene.exits(2, &["uninstall", "main/bsae"])?, &["did you mean `main/base`?"])?;
    expect(&scene.exits(2, &["yank", "wbe@1.0.0"])?, &["has no release wbe 1.0.0", "did you mean `web`?"])?;
    expect(&scene.exits(2, &["yank", "base@2.0.0"])?, &["there are 1.1.0, 1.0.0"])?;
    for command in ["show", "info", "deps"] {
        expect(&scene.exits(2, &[command, "mian/web"])?, &["did you mean `main/web`?"])?;
        expect(&scene.exits(2, &[command, "wbe"])?, &["did you mean `web`?"])?;
    }
    let told = ["there is no registry `mian`", "did you mean `main/web`?"];
    expect(&scene.exits(5, &["install", "mian/web"])?, &told)?;
    scene.ok(&["registry", "add", "other", &scene.at("second").display().to_string(), "--create"])?;
    expect(&scene.exits(5, &["install", "other/web"])?, &["the registry `other` has no pack `web`", "`main/web`"])
}

/// `registry add --create` that fails leaves nothing behind, whatever it fails for.
pub fn created_last() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let place = scene.at("work/a/b").display().to_string();
    let add = |name: &str, more: &[&str]| [&["registry", "add", name, &place, "--create"], more].concat().join("\n");
    for (arguments, code) in [
        (add("Not A Name", &[]), 2),
        (add("main", &[]), 3),
        (add("new", &["--key", "none"]), 2),
        (add("new", &["--plain-htp"]), 2),
    ] {
        scene.exits(code, &arguments.split('\n').collect::<Vec<_>>())?;
        if scene.at("work/a").exists() {
            return Err(format!("{arguments} leaves a folder"));
        }
    }
    // What is found out only once it is there.
    fs::create_dir_all(scene.at("work/old")).map_err(|error| error.to_string())?;
    fs::write(scene.at("work/old/log.jsonl"), "no log\n").map_err(|error| error.to_string())?;
    scene.exits(6, &["registry", "add", "new", "old", "--create"])?;
    let left = fs::read_dir(scene.at("work/old")).map_err(|error| error.to_string())?.count();
    let listed = scene.ok(&["registry", "list"])?;
    if left != 1 || listed.contains("new") {
        return Err(format!("{left} files, {listed}"));
    }
    fs::create_dir_all(scene.at("work/later")).map_err(|error| error.to_string())?;
    fs::write(scene.at("work/later/packbox-registry.toml"), "format = 2\n").map_err(|error| error.to_string())?;
    scene.exits(4, &["registry", "add", "new", "later", "--create"])?;
    let left = fs::read_dir(scene.at("work/later")).map_err(|error| error.to_string())?.count();
    let unopened = Scene::new()?;
    fs::create_dir_all(unopened.at("home")).map_err(|error| error.to_string())?;
    fs::write(unopened.at("home/data"), "no folder").map_err(|error| error.to_string())?;
    unopened.exits(7, &["registry", "add", "new", "fresh", "--create"])?;
    if left != 1 || unopened.at("work/fresh").exists() {
        return Err(format!("{left} files, or a folder is left"));
    }
    scene.ok(&["registry", "add", "new", &place, "--create"]).map(|_| ())
}

/// What a lock holds and its registry withdrew is installed, and a note says so.
pub fn locked_withdrawn() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["install", "web", "--lock"])?;
    scene.ok(&["yank", "base@1.1.0"])?;
    let note = "note: base 1.1.0 was withdrawn from main, and `packbox.lock` still holds it";
    for arguments in [&["install"][..], &["install", "--locked"], &["install", "web", "--locked"], &["vendor"]] {
        let told = scene.ok(arguments)?;
        expect(&told, &[note])?;
        if told.contains("web 1.0.0 was withdrawn") {
            return Err(told);
        }
    }
    let told = scene.run(&["install", "--format", "json"]).json()?;
    if told["packs"][0]["withdrawn"] != true || told["packs"][1]["withdrawn"] != false {
        return Err(told.to_string());
    }
    // As it says: what is taken out of the lock is chosen anew.
    fs::remove_file(scene.at("work/packbox.lock")).map_err(|error| error.to_string())?;
    let told = scene.ok(&["install", "web", "--lock"])?;
    if told.contains("withdrawn") { Err(told) } else { expect(&told, &["base 1.0.0"]) }
}

/// A lock that says something else than the registry is no question of versions: nothing is fetched or made.
pub fn lock_does_not_fit() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    scene.ok(&["install", "web", "--lock"])?;
    let lock = scene.at("work/packbox.lock");
    let good = fs::read_to_string(&lock).map_err(|error| error.to_string())?;
    let digest = |name: &str| {
        let (_, behind) = good.split_once(&format!("name = \"{name}\"\n"))?;
        Some(behind.split_once("digest = \"")?.1.get(..64)?.to_owned())
    };
    let (base, web) = digest("base").zip(digest("web")).ok_or_else(|| good.clone())?;
    let write = |text: String| fs::write(&lock, text).map_err(|error| error.to_string());
    let commands: [&[&str]; 4] =
        [&["install"], &["install", "--locked"], &["install", "base", "--locked"], &["vendor", "q"]];
    let each = |code: i32, mentions: &[&str], commands: &[&[&str]]| {
        for arguments in commands {
            let told = scene.exits(code, arguments)?;
            expect(&told, mentions)?;
            if scene.at("work/q").exists() || told.contains("without `--locked`") {
                return Err(told);
            }
        }
        Ok::<_, String>(())
    };
    let flipped = |digest: &str| format!("{}{}", if digest.starts_with('0') { '1' } else { '0' }, &digest[1..]);
    // One digit, and the content of another release.
    for wrong in [flipped(&base), web.clone()] {
        write(good.replace(&base, &wrong))?;
        let what = "the registry `main` has base 1.1.0 with other content than `packbox.lock` says";
        each(6, &[what, "restore it from version control", "`packbox install web --lock`"], &commands)?;
    }
    write(good.replace(&base, &flipped(&base)).replace(&web, &flipped(&web)))?;
    each(6, &["other content than `packbox.lock` says, and 1 more"], &commands)?;
    let [install, locked, _, vendor] = commands;
    write(good.replacen("1.1.0", "1.7.0", 1))?;
    let what = "the registry `main` has no base 1.7.0, which `packbox.lock` names";
    each(5, &[what, "packbox registry sync", "`packbox install web --lock`"], &[install, locked, vendor])?;
    write(good.replace("\"main\"", "\"there\""))?;
    let what = "`packbox.lock` takes base 1.1.0 from the registry `there`, which is not among yours";
    each(5, &[what, "packbox registry add there LOCATION"], &[install, locked, vendor])?;
    scene.publish("alone", "1.0.0", "")?;
    write(good)?;
    let told = scene.exits(5, &["install", "alone", "--locked"])?;
    expect(&told, &["`packbox.lock` has no alone", "`--lock` writes them to it"])?;
    scene.ok(&["vendor", "q"]).map(drop)
}

/// A registry that can't be read is named, and keeps nobody from updating from the others; of one that is damaged everything
/// stays, and the command fails once the rest is done.
pub fn unread() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let place = scene.at("second").display().to_string();
    expect(&scene.ok(&["registry", "add", "second", &place, "--create"])?, &["second added: 0 packs"])?;
    let publish = |to: &str, name: &str, version: &str| {
        scene.ok(&["publish", "--no-verify", "--to", to, &scene.pack(name, version, "")?]).map(drop)
    };
    publish("second", "extra", "1.0.0")?;
    expect(&scene.ok(&["registry", "add", "second", &place])?, &["second was added before: 1 pack, nothing new"])?;
    scene.ok(&["install", "web", "extra"])?;
    publish("main", "web", "1.1.0")?;
    publish("second", "extra", "1.1.0")?;
    let (there, away) = (scene.at("second"), scene.at("away"));
    fs::rename(&there, &away).map_err(|error| error.to_string())?;
    let warning = [
        "warning: the registry `second` is gone: there is no registry in",
        "what was last read from `second` is used",
        "`packbox registry remove second`",
        "warning: extra 1.0.0 stays as it is: what it would become can't be fetched",
    ];
    for command in [&["update", "--dry-run"], &["update", "--accept"]] {
        let told = scene.ok(command)?;
        expect(&told, &[&warning[..], &["web 1.0.0 → 1.1.0"]].concat())?;
        if told.contains("--create") {
            return Err(told);
        }
    }
    let told = scene.run(&["update", "--format", "json"]).json()?;
    if told["unread"][0]["name"] != "second" || told["unread"][0]["error"]["kind"] != "not-found" {
        return Err(told.to_string());
    }
    for command in [&["list"][..], &["search", "extra"], &["info", "second/extra"], &["install", "main/base"]] {
        scene.ok(command)?;
    }
    for command in
        [&["registry", "sync"][..], &["install", "second/extra"], &["yank", "extra@1.0.0", "--from", "second"]]
    {
        let told = scene.exits(2, command)?;
        expect(&told, &["the registry `second` is gone", "`packbox registry add second LOCATION`"])?;
    }
    fs::rename(&away, &there).map_err(|error| error.to_string())?;
    expect(&scene.ok(&["update", "--accept"])?, &["extra 1.0.0 → 1.1.0", "updated"])?;
    publish("main", "web", "1.2.0")?;
    publish("second", "extra", "1.2.0")?;
    fs::write(there.join("log.jsonl"), "{}\n").map_err(|error| error.to_string())?;
    let expected = [
        "packs from `second` stay as they are",
        "warning: extra 1.1.0 stays as it is: what the registry `second` says now can't be trusted",
        "web 1.1.0 → 1.2.0",
        "updated",
        "error: what the registry `second` says now can't be trusted",
    ];
    expect(&scene.exits(6, &["update", "--accept"])?, &expected)?;
    let ended = scene.run(&["update", "--format", "json"]);
    let told = ended.json()?;
    if ended.exit != 6 || told["stays"][0]["why"] != "damaged" || told["unread"][0]["error"]["kind"] != "integrity" {
        return Err(told.to_string());
    }
    let installed = scene.installed()?;
    let is = |pack: &str| installed.contains(pack);
    if is("web 1.2.0") && is("extra 1.1.0") && !is("extra 1.2.0") { Ok(()) } else { Err(format!("{installed:?}")) }
}

/// Where files of installed packs are is told by the pack's name, and not by the store's.
pub fn places() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let folder = scene.pack("broken", "1.0.0", "")?;
    fs::write(format!("{folder}/templates/file.txt.jinja"), "{{ nobody }}\n").map_err(|error| error.to_string())?;
    scene.ok(&["publish", "--no-verify", &folder])?;
    scene.ok(&["install", "broken"])?;
    let place = "main/broken@1.0.0/templates/file.txt.jinja:1:4";
    for (arguments, code) in [
        (&["generate", "broken", "--output", "out", "--no-input"][..], 1),
        (&["validate", "broken", "--no-config"], 1),
        (&["lint", "broken", "--no-config", "--format", "github"], 1),
        (&["score", "broken", "--no-config"], 0),
    ] {
        let told = scene.exits(code, arguments)?;
        if arguments[0] != "score" {
            expect(&told.replace("file=main/broken@1.0.0/templates/file.txt.jinja,line=1,col=4", place), &[place])?;
        }
        if told.contains("store/packs") {
            return Err(told);
        }
    }
    // A baseline is the same for the pack's folder and for every version that is installed.
    let known = |pack: &str| -> Result<serde_json::Value, String> {
        let report = scene.run(&["lint", pack, "--no-config", "--format", "json"]).json()?;
        Ok(report["packs"][0]["findings"][0]["fingerprint"].clone())
    };
    let (installed, in_folder) = (known("broken")?, known(&folder)?);
    if installed.is_null() || installed != in_folder {
        return Err(format!("{installed} {in_folder}"));
    }
    scene.ok(&["uninstall", "broken"])?;
    scene.ok(&["install", &folder])?;
    let told = scene.exits(1, &["generate", "broken", "--output", "out", "--no-input"])?;
    expect(&told, &["--> broken@1.0.0/templates/file.txt.jinja:1:4"])
}
