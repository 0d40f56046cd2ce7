//! What is given to packs that are generated together, and what `compose.toml` and its lock say: it holds, or it is refused with
//! its place.

use std::fs;
use std::path::Path;

use packbox::{Inputs, Job, Packbox};

use super::process::shared_home;
use super::registry_cases::expect;
use super::scene::{Case, Scene};

/// All cases, by name.
pub const ALL: [(&str, Case); 9] = [
    ("compose/lock-protects", lock_protects),
    ("compose/lock-has-to-fit", lock_has_to_fit),
    ("compose/locked-is-not-here", locked_is_not_here),
    ("compose/answers-of-what-is-needed", answers_of_what_is_needed),
    ("compose/strongest-first", strongest_first),
    ("compose/one-pack-by-name", one_pack_by_name),
    ("compose/shares-gone-wrong", shares_gone_wrong),
    ("compose/settings-gone-wrong", settings_gone_wrong),
    ("compose/inputs-of-programs", inputs_of_programs),
];

const LOCK: &str = "work/packbox.lock";

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| error.to_string())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| error.to_string())
}

/// Makes the pack `NAME` in `work/`, which writes the value of its variable `v`, a text, to `NAME.txt`; `more` is the rest of its
/// manifest.
fn pack(scene: &Scene, name: &str, variable: &str, more: &str) -> Result<(), String> {
    let folder = scene.at("work").join(name);
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let manifest = format!(
        "[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\ntitle = \"{name}\"\ndescription = \"About {name}\"\nlicense = \"MIT\"\n\
         [variables.v]\ntype = \"string\"\n{variable}\n{more}\n\
         [[templates]]\nsource = \"v.jinja\"\noutput = \"{name}.txt\"\n"
    );
    write(&folder.join("pack.toml"), &manifest)?;
    write(&folder.join("v.jinja"), "{{ v }}")
}

fn compose_toml(scene: &Scene, text: &str) -> Result<(), String> {
    write(&scene.at("work/compose.toml"), text)
}

/// Fails where a file of the output does not have a text.
fn made(scene: &Scene, path: &str, text: &str) -> Result<(), String> {
    let found = read(&scene.at("work/out").join(path))?;
    if found == text { Ok(()) } else { Err(format!("{path} has {found}, and not {text}")) }
}

/// `compose` into a folder that is not there; `more` are other arguments.
fn composing<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["compose", "--no-input", "--output", "out", "--on-existing", "overwrite"];
    arguments.extend(more);
    arguments
}

/// A user whose `compose.toml` names `web`, which needs `base`, and the lock of a run.
fn locked() -> Result<(Scene, String), String> {
    let scene = Scene::with_registry()?;
    compose_toml(&scene, "strategy = \"layer\"\n[packs]\nweb = \"^1\"\n")?;
    expect(&scene.ok(&composing(&[]))?, &["wrote which packs were chosen", "generated base 1.1.0, web 1.0.0"])?;
    let lock = read(&scene.at(LOCK))?;
    Ok((scene, lock))
}

/// Fails where the lock changed, or something was generated.
fn untouched(scene: &Scene, lock: &str) -> Result<(), String> {
    match (read(&scene.at(LOCK))? == lock, scene.at("work/out").exists()) {
        (true, false) => Ok(()),
        (false, _) => Err("the lock was written".to_owned()),
        (_, true) => Err("something was generated".to_owned()),
    }
}

/// A registry that has other content under a version that is locked is refused, with `--locked` and without.
fn lock_protects() -> Result<(), String> {
    let (_first, lock) = locked()?;
    let other = Scene::new()?;
    other.ok(&["registry", "add", "main", &other.at("registry").display().to_string(), "--create"])?;
    other.publish("base", "1.1.0", "[variables.other]\ntype = \"string\"\ndefault = \"content\"\n")?;
    other.publish("web", "1.0.0", "[dependencies]\nbase = \"^1\"\n")?;
    compose_toml(&other, "strategy = \"layer\"\n[packs]\nweb = \"^1\"\n")?;
    write(&other.at(LOCK), &lock)?;
    for more in [&[][..], &["--locked"], &["--offline"], &["--dry-run"]] {
        let told = other.exits(6, &composing(more))?;
        let what = "the registry `main` has base 1.1.0 with other content than `packbox.lock` says";
        expect(&told, &[what, "a release never changes", "remove `packbox.lock`, and what there is is chosen anew"])?;
        untouched(&other, &lock)?;
    }
    // What stands here as a folder comes from no registry.
    let folder = other.pack("base", "1.1.0", "")?;
    compose_toml(&other, &format!("strategy = \"layer\"\n[packs]\nweb = \"^1\"\nbase = {{ path = \"{folder}\" }}\n"))?;
    other.ok(&composing(&[]))?;
    fs::remove_dir_all(other.at("work/out")).map_err(|error| error.to_string())?;
    // As the message says.
    compose_toml(&other, "strategy = \"layer\"\n[packs]\nweb = \"^1\"\n")?;
    fs::remove_file(other.at(LOCK)).map_err(|error| error.to_string())?;
    other.ok(&composing(&[])).map(|_| ())
}

/// A lock that does not say what would be written is refused with `--locked`; without it, what it names and would do has to be there.
fn lock_has_to_fit() -> Result<(), String> {
    let (scene, good) = locked()?;
    scene.publish("extra", "1.0.0", "")?;
    fs::remove_dir_all(scene.at("work/out")).map_err(|error| error.to_string())?;
    let digest = good.split_once("digest = \"").and_then(|(_, rest)| rest.get(..64)).ok_or_else(|| good.clone())?;
    let flipped = format!("{}{}", if digest.starts_with('0') { '1' } else { '0' }, &digest[1..]);
    let base = |version: &str| {
        good.replace("name = \"base\"\nversion = \"1.1.0\"", &format!("name = \"base\"\nversion = \"{version}\""))
    };
    scene.ok(&["install", "extra", "--lock"])?;
    let extra = read(&scene.at(LOCK))?;
    let extra =
        extra.split_once("[[pack]]").map(|(_, entry)| format!("{good}\n[[pack]]{entry}")).ok_or(extra.clone())?;
    let none = good.split_once("[[pack]]\nname = \"web\"").map(|(before, _)| before.to_owned()).unwrap_or_default();
    // What was changed, how runs with `--locked` and without it end, and what the first says.
    for (what, text, code, unlocked, told) in [
        ("digest", good.replace(digest, &flipped), 6, 6, "with other content than `packbox.lock` says"),
        ("other version", base("1.0.0"), 6, 6, "has base 1.0.0 with other content"),
        ("no such version", base("1.0.7"), 5, 5, "the registry `main` has no base 1.0.7, which `packbox.lock` names"),
        ("too new", base("9.0.0"), 5, 0, "the registry `main` has no base 9.0.0"),
        ("registry", good.replace("\"main\"", "\"else\""), 5, 5, "from the registry `else`, which is not among yours"),
        (
            "needs",
            good.replace("needs = [\"base\"]\n", ""),
            5,
            0,
            "what it says that web 1.0.0 needs is not what that needs",
        ),
        ("too much", extra, 5, 0, "it has extra 1.0.0, which nothing needs"),
        ("too little", none, 5, 0, "`packbox.lock`"),
    ] {
        if text == good {
            return Err(format!("{what}: nothing was changed"));
        }
        write(&scene.at(LOCK), &text)?;
        let said = scene.exits(code, &composing(&["--locked"])).map_err(|error| format!("{what}: {error}"))?;
        expect(&said, &[told])?;
        untouched(&scene, &text).map_err(|error| format!("{what}: {error}"))?;
        scene.exits(unlocked, &composing(&[])).map_err(|error| format!("{what}: {error}"))?;
        if unlocked == 0 {
            if read(&scene.at(LOCK))? != good {
                return Err(format!("{what}: the lock was not written again"));
            }
            fs::remove_dir_all(scene.at("work/out")).map_err(|error| error.to_string())?;
        } else {
            untouched(&scene, &text).map_err(|error| format!("{what}: {error}"))?;
        }
    }
    // `install` asks for the version, too.
    write(&scene.at(LOCK), &base("9.0.0"))?;
    scene.exits(5, &["install", "base", "--locked"])?;
    // The packs that `compose.toml` names are others now.
    write(&scene.at(LOCK), &good)?;
    compose_toml(&scene, "strategy = \"layer\"\n[packs]\nweb = \"^1\"\nbase = \"=1.0.0\"\n")?;
    scene.exits(5, &composing(&["--locked"]))?;
    untouched(&scene, &good)?;
    expect(&scene.ok(&composing(&[]))?, &["wrote which packs", "generated base 1.0.0, web 1.0.0"])
}

/// What is locked and not here is no reason to take what is.
fn locked_is_not_here() -> Result<(), String> {
    let (first, lock) = locked()?;
    let other = Scene::new()?;
    other.ok(&["registry", "add", "main", &first.at("registry").display().to_string()])?;
    other.ok(&["install", "web", "base@=1.0.0"])?;
    compose_toml(&other, "strategy = \"layer\"\n[packs]\nweb = \"^1\"\n")?;
    write(&other.at(LOCK), &lock)?;
    let told = other.exits(5, &composing(&["--offline"]))?;
    expect(&told, &["base 1.1.0, which `packbox.lock` names, is not installed", "without `--offline`, it is fetched"])?;
    untouched(&other, &lock)?;
    expect(&other.ok(&composing(&[]))?, &["generated base 1.1.0, web 1.0.0"])?;
    // A lock counts where a folder is all that is named, also for who has no registry.
    let alone = Scene::new()?;
    pack(&alone, "app", "default = \"a\"", "[dependencies]\nweb = \"^1\"\n")?;
    compose_toml(&alone, "[packs]\napp = { path = \"app\" }\n")?;
    write(&alone.at(LOCK), &lock)?;
    for more in [&[][..], &["--locked"]] {
        expect(
            &alone.exits(5, &composing(more))?,
            &["from the registry `main`, which is not among yours", "packbox registry add main"],
        )?;
        untouched(&alone, &lock)?;
    }
    Ok(())
}

/// `[answers.PACK]` is for a pack that is only needed, too.
fn answers_of_what_is_needed() -> Result<(), String> {
    let scene = Scene::new()?;
    scene.ok(&["registry", "add", "main", &scene.at("registry").display().to_string(), "--create"])?;
    pack(&scene, "base", "default = \"b\"", "")?;
    pack(&scene, "web", "default = \"w\"", "[dependencies]\nbase = \"^1\"\n")?;
    scene.ok(&["publish", "--no-verify", "base"])?;
    scene.ok(&["publish", "--no-verify", "web"])?;
    compose_toml(&scene, "[packs]\nweb = \"^1\"\n[answers.base]\nv = \"given\"\n")?;
    scene.ok(&composing(&[]))?;
    made(&scene, "base.txt", "given")?;
    made(&scene, "web.txt", "w")?;
    compose_toml(&scene, "[packs]\nweb = \"^1\"\n[answers.base]\nw = \"given\"\n[answers.bese]\nv = 1\n")?;
    let told = scene.exits(2, &composing(&[]))?;
    expect(
        &told,
        &[
            "the pack `base` has no variable `w`",
            "compose.toml:4:",
            "none of the packs is `bese`",
            "did you mean `base`?",
        ],
    )
}

/// What is typed, then an answers file, the environment, and `compose.toml`; a pack's table before a bare name.
fn strongest_first() -> Result<(), String> {
    let scene = Scene::new()?;
    pack(&scene, "a", "default = \"d\"", "")?;
    write(&scene.at("work/answers.toml"), "v = \"bare\"\n[a]\nv = \"table\"\n")?;
    let environment = [("PACKBOX_VAR_V", "environment")];
    for answers in [
        "[answers]\nv = \"settings\"\n",
        "[answers.a]\nv = \"settings\"\n",
        "[answers]\nv = \"no\"\na.v = \"settings\"\n",
    ] {
        compose_toml(&scene, &format!("[packs]\na = {{ path = \"a\" }}\n{answers}"))?;
        for (more, environment, value) in [
            (&["--var", "v=typed", "--answers", "answers.toml"][..], &environment[..], "typed"),
            (&["--answers", "answers.toml"], &environment, "table"),
            (&[], &environment, "environment"),
            (&[], &[], "settings"),
        ] {
            let ended = scene.run_with(&composing(more), environment);
            if ended.exit != 0 {
                return Err(ended.text());
            }
            made(&scene, "a.txt", value).map_err(|error| format!("{answers}: {error}"))?;
        }
    }
    for (file, table) in [("compose.toml", "[answers.a]"), ("quoted.toml", "[a]")] {
        let header = if file == "compose.toml" {
            "[packs]\na = { path = \"a\" }\nb = { path = \"b\" }\n[answers]\n"
        } else {
            ""
        };
        pack(&scene, "b", "default = \"d\"", "")?;
        write(&scene.at("work").join(file), &format!("{header}\"a.v\" = \"x\"\n"))?;
        let more = ["a", "b", "--answers", "quoted.toml"];
        let told = scene.exits(2, &composing(if header.is_empty() { &more } else { &[] }))?;
        expect(
            &told,
            &[
                "`a.v` is one name, as it stands in quotes",
                &format!("write `v = …` below `{table}`"),
                &format!("--> {file}:"),
            ],
        )?;
    }
    Ok(())
}

/// `PACK.NAME` works for one pack as for several, when a saved plan is applied, too.
fn one_pack_by_name() -> Result<(), String> {
    let scene = Scene::new()?;
    pack(&scene, "a", "default = \"d\"", "")?;
    write(&scene.at("work/answers.toml"), "[a]\nv = \"table\"\n")?;
    let generate =
        ["generate", "a", "--no-input", "--output", "out", "--on-existing", "overwrite", "--var", "a.v=typed"];
    for (arguments, value) in [
        (&generate[..], "typed"),
        (&composing(&["a", "--var", "a.v=more"]), "more"),
        (&composing(&["a", "--answers", "answers.toml"]), "table"),
    ] {
        scene.ok(arguments)?;
        made(&scene, "a.txt", value)?;
    }
    let told = scene.exits(2, &composing(&["a", "--var", "b.v=x", "--var", "a.w=x"]))?;
    expect(&told, &["the pack has no variable `b.v`", "the pack has no variable `w`"])?;
    pack(&scene, "s", "default = \"d\"", "[variables.token]\ntype = \"secret\"\n")?;
    // The plan is for a folder that is not there.
    fs::remove_dir_all(scene.at("work/out")).map_err(|error| error.to_string())?;
    scene.ok(&[
        "plan",
        "s",
        "--no-input",
        "--output",
        "out",
        "--var",
        "s.token=hush-hush-hush",
        "--save",
        "plan.json",
    ])?;
    let apply = |given: &'static str| ["apply", "plan.json", "--no-input", "--output", "applied", "--var", given];
    expect(&scene.exits(2, &apply("s.v=x"))?, &["the plan fixes `v`"])?;
    scene.ok(&apply("s.token=hush-hush-hush")).map(|_| ())
}

/// Mistakes in `[share]` are the file's: exit code 2, at their line.
fn shares_gone_wrong() -> Result<(), String> {
    let scene = Scene::new()?;
    pack(&scene, "a", "default = \"d\"", "[variables.n]\ntype = \"integer\"\ndefault = 1\n")?;
    pack(
        &scene,
        "b",
        "default = \"d\"",
        "[variables.n]\ntype = \"string\"\ndefault = \"x\"\n[dependencies]\na = \"^1\"\n",
    )?;
    for (share, mentions) in [
        ("v = [\"b\", \"a\"]", ["`b.v` can't be the value of `a.v`", "a → b → a", "write `a` first, as `b` needs it"]),
        ("n = [\"a\", \"b\"]", ["`a.n` is of type integer, and `b.n` of type string", "a/pack.toml:", "b/pack.toml:"]),
    ] {
        compose_toml(&scene, &format!("[packs]\na = {{ path = \"a\" }}\nb = {{ path = \"b\" }}\n[share]\n{share}\n"))?;
        let told = scene.exits(2, &composing(&[]))?;
        expect(&told, &mentions)?;
        expect(&told, &["variables can't be shared like this", "--> compose.toml:5:"])?;
    }
    compose_toml(&scene, "[packs]\na = { path = \"a\" }\nb = { path = \"b\" }\n[answers]\nv = \"x\"\n")?;
    expect(
        &scene.exits(2, &composing(&[]))?,
        &["`v` could mean `a.v` or `b.v`", "write it below `[answers.a]`, or `[answers.b]`"],
    )
}

/// Paths that are not there, and what was meant by what is no requirement, with all other mistakes.
fn settings_gone_wrong() -> Result<(), String> {
    let scene = Scene::new()?;
    compose_toml(&scene, "[packs]\na = { path = \"nope\" }\nb = \"../b\"\nstrategy = \"layer\"\n[share]\nv = \"a\"\n")?;
    let told = scene.exits(2, &composing(&[]))?;
    expect(
        &told,
        &[
            "there is no `nope`",
            "--> compose.toml:2:14",
            "`../b` is not a requirement of versions",
            "a folder or an archive is `{ path = \"../b\" }`",
            "`strategy` is a key of the file, and here it stands in `[packs]`",
            "must be a list",
            "`compose.toml` has 4 errors",
        ],
    )?;
    // A version that does not fit is here.
    pack(&scene, "a", "default = \"d\"", "[dependencies]\nb = \"^2\"\n")?;
    pack(&scene, "b", "default = \"d\"", "")?;
    let told = scene.exits(5, &composing(&["a", "b"]))?;
    expect(&told, &["a pack needs another version of one", "`a` needs `b ^2`, but `b` is 1.0.0"])?;
    if told.contains("packbox install") { Err(told) } else { Ok(()) }
}

/// What a program gives is for the packs that it names, or for the only one that has the name.
fn inputs_of_programs() -> Result<(), String> {
    let scene = Scene::new()?;
    pack(&scene, "a", "default = \"d\"", "[variables.only]\ntype = \"string\"\ndefault = \"o\"\n")?;
    pack(&scene, "b", "default = \"d\"", "")?;
    let packbox = Packbox::builder().home(shared_home()).build().map_err(|error| error.to_string())?;
    let packs = ["a", "b"].map(|name| packbox.load(scene.at("work").join(name)));
    let packs = packs.into_iter().collect::<Result<Vec<_>, _>>().map_err(|error| format!("{error:?}"))?;
    let came = |inputs: Inputs<'_>| packbox.compose(&packs, &inputs).and_then(Job::render);
    let rendered = came(Inputs::new().with("a.v", "x").with("only", "y")).map_err(|error| format!("{error:?}"))?;
    let of_a = rendered.files().find(|file| file.path == "a.txt").map(|file| file.contents.to_vec());
    if of_a.as_deref() != Some(b"x") {
        return Err(format!("{of_a:?}"));
    }
    for (name, kind) in [("v", packbox::ErrorKind::Usage), ("w", packbox::ErrorKind::Variables)] {
        match came(Inputs::new().with(name, "x")) {
            Err(error) if error.kind() == kind => {}
            other => return Err(format!("{name}: {other:?}")),
        }
    }
    Ok(())
}
