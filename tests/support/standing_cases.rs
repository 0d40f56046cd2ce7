//! A pack that is added to a project that exists, by the real command line: what it wants is merged into what stands there, where that
//! is asked for, and shown first.

use std::path::Path;

use packbox::digest::Digest;
use packbox::{Inputs, OnExisting, Packbox, Writing};

use super::guests;
use super::policy_cases::{Made, compose, ended, scratch, write};
use super::process::{Ended, Run, read_folder, shared_home};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 10] = [
    ("standing/files", files),
    ("standing/conflicts", conflicts),
    ("standing/in-the-way", in_the_way),
    ("standing/afterwards", afterwards),
    ("standing/own-merger", own_merger),
    ("standing/secrets", secrets),
    ("standing/plan", plan),
    ("standing/mergers-are-pinned", mergers_are_pinned),
    ("standing/edited", edited),
    ("standing/embedded", embedded),
];

const MERGE: [&str; 2] = ["--on-existing", "merge"];

fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Run { arguments, folder: folder.to_owned(), ..Run::default() }.run()
}

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join("out").join(path)).unwrap_or_default()
}

fn holds<T: std::fmt::Debug>(what: bool, otherwise: T) -> Result<(), String> {
    if what { Ok(()) } else { Err(format!("{otherwise:?}")) }
}

/// What stands, the packs, and what comes of it.
const FILES: &[(&str, &str, &[Made], &str)] = &[
    (
        "Cargo.toml",
        "# All our crates.\n[workspace]\nresolver = \"3\"\nmembers = [\n    \"crates/core\",   # the heart\n]\n\n[workspace.dependencies]\nserde = \"1\"\n",
        &[Made(
            "worker",
            "",
            &[(
                "Cargo.toml",
                "merge-toml",
                "[workspace]\nmembers = [\"crates/worker\"]\n\n[workspace.dependencies]\n# queues\ntokio = \"1\"\n",
            )],
        )],
        "# All our crates.\n[workspace]\nresolver = \"3\"\nmembers = [\n    \"crates/core\",   # the heart\n    \"crates/worker\",\n]\n\n[workspace.dependencies]\nserde = \"1\"\n# queues\ntokio = \"1\"\n",
    ),
    (
        "package.json",
        "{\n\t\"name\": \"shop\",\n\t\"scripts\": {\n\t\t\"test\": \"vitest\"\n\t}\n}\n",
        &[Made("docs", "", &[("package.json", "merge-json", "{\"scripts\": {\"docs\": \"typedoc\"}}")])],
        "{\n\t\"name\": \"shop\",\n\t\"scripts\": {\n\t\t\"test\": \"vitest\",\n\t\t\"docs\": \"typedoc\"\n\t}\n}\n",
    ),
    (
        ".gitignore",
        "# mine\n/target\n\n!keep.log",
        &[
            Made("rust", "", &[(".gitignore", "append-lines", "/target\n*.rs.bk\n")]),
            Made("node", "", &[(".gitignore", "append-lines", "node_modules/\n")]),
        ],
        "# mine\n/target\n\n!keep.log\nnode_modules/\n*.rs.bk",
    ),
    (
        ".github/workflows/ci.yml",
        "name: CI   # ours\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo test\n",
        &[Made(
            "lint",
            "",
            &[(
                ".github/workflows/ci.yml",
                "merge-yaml",
                "on: [push, pull_request]\njobs:\n  lint:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo clippy\n",
            )],
        )],
        "name: CI   # ours\non: [push, pull_request]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo test\n  lint:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo clippy\n",
    ),
    (
        "Makefile",
        "all: build\n\nbuild:\n\tmake -C src\n",
        &[Made("web", "", &[("Makefile", "region", "serve:\n\tnpm start\n")])],
        "all: build\n\nbuild:\n\tmake -C src\n\n# >>> packbox: web\nserve:\n\tnpm start\n# <<< packbox: web\n",
    ),
    (
        "Makefile",
        "all: build\n\n# >>> packbox: web\nserve:\n\tnpm start\n# <<< packbox: web\n\n# the end\n",
        &[
            Made("web", "", &[("Makefile", "region", "serve:\n\tnpm start\n")]),
            Made("db", "", &[("Makefile", "region", "db:\n\tpostgres")]),
        ],
        "all: build\n\n# >>> packbox: web\nserve:\n\tnpm start\n# <<< packbox: web\n\n# the end\n\n# >>> packbox: db\ndb:\n\tpostgres\n# <<< packbox: db\n",
    ),
    // What is all there stays, to the byte.
    (
        "x.toml",
        "a=1 # one\nb = [2,1]",
        &[Made("a", "", &[("x.toml", "merge-toml", "b = [1]\na = 1\n")])],
        "a=1 # one\nb = [2,1]",
    ),
    ("x.json", "", &[Made("a", "", &[("x.json", "append-lines", "{}\n")])], "{}\n"),
];

fn files() -> Result<(), String> {
    for (path, text, packs, wanted) in FILES {
        let scratch = scratch();
        let folder = scratch.path();
        let wrong = |what: &str, run: &Ended| Err(format!("{path}: {what}: {}\n{}", read(folder, path), run.text()));
        write(folder.join("out").join(path), text);
        let before = read_folder(&folder.join("out"));
        // Unasked, nothing happens, and it is said what to type.
        let unasked = compose(folder, packs, &[]);
        ended(&unasked, 3, &["with `--on-existing merge`, what is wanted is merged into it", path])?;
        let shown = compose(folder, packs, &[&MERGE[..], &["--dry-run"]].concat());
        let is_changed = text != wanted;
        ended(&shown, 0, &[if is_changed { "dry run: nothing was written" } else { "dry run: nothing would change" }])?;
        if read_folder(&folder.join("out")) != before {
            return wrong("something was written", &shown);
        }
        if String::from_utf8_lossy(&shown.stdout).contains(&format!("+++ b/{path}")) != is_changed {
            return wrong("what is shown", &shown);
        }
        let first = compose(folder, packs, &MERGE);
        ended(&first, 0, if is_changed { &["merged into what stood there:"] } else { &["1 unchanged"] })?;
        if read(folder, path) != *wanted {
            return wrong("what came of it", &first);
        }
        // Once more, and in another order, it stays.
        let mut packs = packs.to_vec();
        packs.reverse();
        let again = compose(folder, &packs, &MERGE);
        if again.exit != 0 || !again.text().contains("1 unchanged") || read(folder, path) != *wanted {
            return wrong("again", &again);
        }
        // It is still somebody's own: without being asked, what is not already as it should be is in the way.
        let unasked = compose(folder, &packs, &[]);
        let stays = unasked.exit == 3 || unasked.text().contains("1 unchanged");
        if !stays || read(folder, path) != *wanted {
            return wrong("without being asked", &unasked);
        }
    }
    Ok(())
}

/// What both want differently, and what stands and can't be read, with its place in the file that stands.
fn conflicts() -> Result<(), String> {
    let rows: [(&str, &str, &[Made], &[&str]); 6] = [
        (
            "Cargo.toml",
            "[package]\n# ours\nedition = \"2021\"\n",
            &[Made("a", "", &[("Cargo.toml", "merge-toml", "[package]\nedition = \"2024\"\n")])],
            &[
                "`package.edition` in `Cargo.toml`",
                "`your file` and `a` want different values",
                "Cargo.toml:3:11",
                "Cargo.toml (a):2:11",
                "change your file there",
            ],
        ),
        (
            "x.json",
            "{\"a\": 1}",
            &[
                Made("b", "", &[("x.json", "merge-json", "{\"b\": 2}")]),
                Made("a", "", &[("x.json", "merge-json", "{\"a\": [1]}")]),
            ],
            &["x.json:1:7", "x.json (a, b):1:7"],
        ),
        (
            "Makefile",
            "# >>> packbox: a\nb:\n# <<< packbox: a\n",
            &[Made("a", "", &[("Makefile", "region", "a:\n")])],
            &["`your file` and `a`", "Makefile:"],
        ),
        (
            "Makefile",
            "a:\n# >>> packbox: a\n",
            &[Made("a", "", &[("Makefile", "region", "a:\n")])],
            &["a section never ends", "Makefile:2:1"],
        ),
        ("x.toml", "a = 1\nb = \n", &[Made("a", "", &[("x.toml", "merge-toml", "c = 1\n")])], &["x.toml:2:"]),
        ("x.yml", "a: \u{1}\u{1}", &[Made("a", "", &[("x.yml", "merge-yaml", "c: 1\n")])], &["x.yml:1:"]),
    ];
    for (path, text, packs, mentions) in rows {
        let scratch = scratch();
        write(scratch.path().join("out").join(path), text);
        ended(&compose(scratch.path(), packs, &MERGE), 3, mentions).map_err(|why| format!("{path}: {why}"))?;
        holds(read(scratch.path(), path) == text, "it was changed")?;
    }
    // Not UTF-8.
    let scratch = scratch();
    let pack = [Made("a", "", &[("x.toml", "merge-toml", "c = 1\n")])];
    write(scratch.path().join("out/x.toml"), b"a = 1\n\xff\n");
    ended(&compose(scratch.path(), &pack, &MERGE), 3, &["it is not UTF-8", "--> x.toml"])?;
    // What the pack wants is the pack's fault.
    let pack = [Made("a", "", &[("x.toml", "merge-toml", "c = \n")])];
    write(scratch.path().join("out/x.toml"), "a = 1\n");
    ended(&compose(scratch.path(), &pack, &MERGE), 1, &["x.toml (a):1:"])
}

/// What is no file, or too large, or of no such policy.
fn in_the_way() -> Result<(), String> {
    let pack = [Made("a", "", &[("x.toml", "merge-toml", "c = 1\n"), ("own.txt", "own", "a\n")])];
    let scratch = scratch();
    let folder = scratch.path();
    let out = folder.join("out");
    write(folder.join("elsewhere.toml"), "a = 1\n");
    std::fs::create_dir(&out).map_err(|error| error.to_string())?;
    std::os::unix::fs::symlink(folder.join("elsewhere.toml"), out.join("x.toml")).map_err(|error| error.to_string())?;
    ended(&compose(folder, &pack, &MERGE), 4, &["`x.toml` in the output folder is a link"])?;
    std::fs::remove_file(out.join("x.toml")).map_err(|error| error.to_string())?;
    std::fs::create_dir(out.join("x.toml")).map_err(|error| error.to_string())?;
    ended(&compose(folder, &pack, &MERGE), 3, &["`x.toml` in the output folder is a folder"])?;
    std::fs::remove_dir(out.join("x.toml")).map_err(|error| error.to_string())?;
    // A pipe is waited for by nobody.
    let done =
        std::process::Command::new("mkfifo").arg(out.join("x.toml")).status().map_err(|error| error.to_string())?;
    holds(done.success(), done)?;
    ended(&compose(folder, &pack, &MERGE), 4, &["neither a file nor a folder"])?;
    std::fs::remove_file(out.join("x.toml")).map_err(|error| error.to_string())?;
    write(out.join("x.toml"), format!("# {}\n", "x".repeat(3 << 20)));
    let few = [&MERGE[..], &["--limit", "input=2MiB"]].concat();
    ended(&compose(folder, &pack, &few), 3, &["the file has 3.0 MiB, more than can be merged", "--limit input=SIZE"])?;
    ended(&compose(folder, &pack, &MERGE), 0, &["merged into what stood there"])?;
    // Other files are in the way as ever, and then nothing is written at all.
    write(out.join("x.toml"), "a = 1\n");
    write(out.join("own.txt"), "mine\n");
    ended(&compose(folder, &pack, &MERGE), 3, &["own.txt", "the pack does not say how it is merged"])?;
    holds(read(folder, "x.toml") == "a = 1\n" && read(folder, "own.txt") == "mine\n", "it was written")
}

/// What was merged stays somebody's own: it is neither removed nor replaced unasked.
fn afterwards() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    let with = [Made("a", "", &[("x.toml", "merge-toml", "a = 1\n"), ("own.txt", "own", "a\n")])];
    write(folder.join("out/x.toml"), "mine = 1\n");
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder.join("out/x.toml"), std::fs::Permissions::from_mode(0o700))
            .map_err(|error| error.to_string())?;
    }
    ended(&compose(folder, &with, &MERGE), 0, &["merged into what stood there:\n  x.toml"])?;
    holds(read_folder(&folder.join("out"))["x.toml"].1, "it is no longer executable")?;
    let receipt = read(folder, ".packbox/receipt.json");
    holds(receipt.contains("\"shared\": true") && receipt.contains("\"found\": true"), &receipt)?;
    // The pack wants something else now: that is no news to replace somebody's file for.
    let other = [Made("a", "", &[("x.toml", "merge-toml", "a = 1\nb = 1\n"), ("own.txt", "own", "a\n")])];
    let unasked = compose(folder, &other, &[]);
    ended(&unasked, 3, &["what the pack wants was merged into a file of yours"])?;
    let shown = compose(folder, &other, &[&MERGE[..], &["--dry-run", "--format", "json"]].concat());
    let status = shown.json()?["files"][1]["status"].clone();
    holds(status == "merged", status)?;
    ended(&compose(folder, &other, &MERGE), 0, &[])?;
    holds(read(folder, "x.toml") == "mine = 1\na = 1\nb = 1\n", read(folder, "x.toml"))?;
    // Skipped, it stays; afterwards it is still known whose it is.
    let third = [Made("a", "", &[("x.toml", "merge-toml", "c = 1\n"), ("own.txt", "own", "a\n")])];
    ended(&compose(folder, &third, &["--on-existing", "skip"]), 0, &["skipped"])?;
    ended(&compose(folder, &third, &[]), 3, &["what the pack wants was merged into a file of yours"])?;
    // Another pack comes.
    let b = [Made("b", "", &[("x.toml", "merge-toml", "b = 1\nof_b = 1\n")])];
    ended(&compose(folder, &b, &[]), 3, &["x.toml"])?;
    ended(&compose(folder, &b, &MERGE), 0, &[])?;
    holds(read(folder, "x.toml") == "mine = 1\na = 1\nb = 1\nof_b = 1\n", read(folder, "x.toml"))?;
    // No pack writes it any more.
    for without in [Made("a", "", &[("own.txt", "own", "a\n")]), Made("b", "", &[("b.txt", "own", "b\n")])] {
        let ended_so = compose(folder, &[without], &["--prune"]);
        ended(&ended_so, 0, &[])?;
        holds(read(folder, "x.toml").contains("mine"), ended_so.text())?;
    }
    // Who asks for it, gets it.
    ended(&compose(folder, &with, &["--on-existing", "overwrite"]), 0, &["replaced, though you edited or made it"])?;
    holds(read(folder, "x.toml") == "a = 1\n", read(folder, "x.toml"))
}

/// A merger that a pack brings gets what stands as its first side.
fn own_merger() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    let pack = |merger: &str, policy: &str| {
        let component = guests::merger(merger);
        let digest = Digest::of(&component);
        write(folder.join("a/merger.wasm"), component);
        write(folder.join("a/x.txt"), "port 5432\n");
        let manifest = format!(
            "[pack]\nname = \"a\"\nversion = \"1.0.0\"\n[plugins.house]\ncomponent = \"merger.wasm\"\nsha256 = \"{digest}\"\n\
             [[templates]]\nsource = \"x.txt\"\noutput = \"x.txt\"\non_conflict = {{ policy = \"{policy}\", plugin = \"house\" }}\n"
        );
        write(folder.join("a/pack.toml"), manifest);
        write(folder.join("out/x.txt"), "port 8080\n");
    };
    let generate = || run(folder, &["generate", "a", "--no-input", "--output", "out", "--on-existing", "merge"]);
    pack("fine", "first");
    ended(&generate(), 0, &["merged into what stood there"])?;
    holds(read(folder, "x.txt") == "8080", read(folder, "x.txt"))?;
    ended(&generate(), 0, &["1 unchanged"])?;
    for (merger, policy, exit, mentions) in [
        ("clash", "first", 3, "x.txt:1:6"),
        ("trap", "first", 4, "merge"),
        ("word-of-nobody", "first", 4, "none of its owners wrote"),
        ("fine", "frist", 1, "did you mean `first`?"),
    ] {
        pack(merger, policy);
        ended(&generate(), exit, &[mentions]).map_err(|why| format!("{merger}: {why}"))?;
        holds(read(folder, "x.txt") == "port 8080\n", "it was changed")?;
    }
    Ok(())
}

/// A secret that a pack merges into a file is in the file only.
fn secrets() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    write(
        folder.join("a/pack.toml"),
        "[pack]\nname = \"a\"\nversion = \"1.0.0\"\n[variables.token]\ntype = \"secret\"\n[variables.port]\ntype = \"integer\"\ndefault = 1\n\
         [[templates]]\nsource = \"env.jinja\"\noutput = \".env\"\non_conflict = \"append-lines\"\n\
         [[templates]]\nsource = \"x.json.jinja\"\noutput = \"x.json\"\non_conflict = \"merge-json\"\n",
    );
    write(folder.join("a/env.jinja"), "TOKEN={{ token }}\n");
    write(folder.join("a/x.json.jinja"), "{\"token\": \"{{ token }}\"}\n");
    write(folder.join("out/.env"), "PORT=80\n");
    let generate = |more: &[&str]| {
        let common = ["generate", "a", "--no-input", "--output", "out", "--var", "token=hush-hush-hush"];
        run(folder, &[&common[..], &MERGE, more].concat())
    };
    let silent = |run: Ended| if run.text().contains("hush-hush") { Err(run.text()) } else { Ok(run) };
    ended(&silent(generate(&["--dry-run"]))?, 0, &["+TOKEN=[secret]"])?;
    ended(&silent(generate(&[]))?, 0, &["merged into what stood there"])?;
    holds(read(folder, ".env") == "PORT=80\nTOKEN=hush-hush-hush\n", read(folder, ".env"))?;
    let receipt = read(folder, ".packbox/receipt.json");
    let digest = Digest::of(read(folder, ".env").as_bytes()).to_string();
    holds(!receipt.contains("hush") && !receipt.contains(&digest), receipt)?;
    ended(&silent(generate(&[]))?, 0, &["2 unchanged"])?;
    write(folder.join("out/x.json"), "{\n  \"token\": \"hush-hush-other\"\n}\n");
    ended(&silent(generate(&[]))?, 3, &["x.json:2:12", "x.json (a):1:11"])
}

/// A saved plan is applied to what stands, too; two packs at once.
fn plan() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    for pack in [
        Made("a", "", &[("x.toml", "merge-toml", "a = 1\n")]),
        Made("b", "", &[("x.toml", "merge-toml", "b = 1\n"), ("b.txt", "own", "b\n")]),
    ] {
        pack.write(folder);
    }
    ended(&run(folder, &["plan", "a", "b", "--no-input", "--save", "saved.plan"]), 0, &[])?;
    write(folder.join("out/x.toml"), "# mine\nmine = 1\n");
    ended(&run(folder, &["apply", "saved.plan", "--output", "out"]), 3, &["with `--on-existing merge`"])?;
    ended(&run(folder, &["apply", "saved.plan", "--output", "out", "--on-existing", "merge"]), 0, &["x.toml"])?;
    holds(read(folder, "x.toml") == "# mine\nmine = 1\na = 1\nb = 1\n", read(folder, "x.toml"))?;
    let again = run(folder, &["apply", "saved.plan", "--output", "out", "--on-existing", "merge"]);
    ended(&again, 0, &["2 unchanged"])?;
    // A plan for the folder says what is merged there, and holds for the file that stood there only.
    write(folder.join("to/x.toml"), "# theirs\n");
    let planned = ["plan", "a", "b", "--no-input", "--output", "to", "--on-existing", "merge"];
    let document = run(folder, &[&planned[..], &["--format", "json"]].concat()).json()?;
    let step = document.pointer("/folder/files/1").cloned().unwrap_or_default();
    holds(step["path"] == "x.toml" && step["step"] == "merge" && step["base"]["bytes"] == 9, document)?;
    ended(&run(folder, &[&planned[..], &["--diff"]].concat()), 0, &["merged into yours", "+a = 1"])?;
    ended(&run(folder, &[&planned[..], &["--save", "to.plan"]].concat()), 0, &[])?;
    write(folder.join("to/x.toml"), "# others\n");
    ended(&run(folder, &["apply", "to.plan", "--output", "to"]), 6, &["`x.toml`"])?;
    write(folder.join("to/x.toml"), "# theirs\n");
    ended(&run(folder, &["apply", "to.plan", "--output", "to"]), 0, &["merged into what stood there"])?;
    let merged = std::fs::read_to_string(folder.join("to/x.toml")).unwrap_or_default();
    holds(merged == "# theirs\na = 1\nb = 1\n", merged)
}

/// Whoever merges into what stands is named by plan and receipt; a plan that names another component is refused before it is called.
fn mergers_are_pinned() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    let lines = |name| Made(name, "", &[(".gitignore", "append-lines", "/target\n"), ("own.txt", "own", "own\n")]);
    lines("a").write(folder);
    Made("b", "", &[("b.txt", "own", "b\n")]).write(folder);
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins/prebuilt/merge.wasm");
    let built_in = std::fs::read(built_in).map_err(|error| error.to_string())?;
    let house = guests::merger("fine");
    let (ours, theirs) = (Digest::of(&built_in).to_string(), Digest::of(&house).to_string());
    write(folder.join("house.wasm"), &built_in);
    let settings = format!(
        "[packs]\na = {{ path = \"a\" }}\n[mergers.house]\ncomponent = \"house.wasm\"\nsha256 = \"{ours}\"\n\
         [resolutions]\n\".gitignore\" = {{ policy = \"append-lines\", merger = \"house\" }}\n"
    );
    write(folder.join("compose.toml"), settings);
    write(folder.join("c/house.wasm"), &house);
    write(folder.join("c/x.txt"), "port 5432\n");
    let manifest = format!(
        "[pack]\nname = \"c\"\nversion = \"1.0.0\"\n[plugins.house]\ncomponent = \"house.wasm\"\nsha256 = \"{theirs}\"\n\
         [[templates]]\nsource = \"x.txt\"\noutput = \".gitignore\"\non_conflict = {{ policy = \"first\", plugin = \"house\" }}\n"
    );
    write(folder.join("c/pack.toml"), manifest);
    let json = |path: &str| -> Result<serde_json::Value, String> {
        let bytes = std::fs::read(folder.join(path)).map_err(|error| error.to_string())?;
        serde_json::from_slice(&bytes).map_err(|error| error.to_string())
    };
    for (packs, name, digest) in [
        // One pack; several, of which one writes the file; the user's own merger; a pack's.
        (&["a"][..], "merge", &ours),
        (&["a", "b"], "merge", &ours),
        (&["compose.toml"], "merger:house", &ours),
        (&["c"], "plugin:c/house", &theirs),
    ] {
        let wrong = |why: String| format!("{packs:?}: {why}");
        let _ = std::fs::remove_dir_all(folder.join("out"));
        write(folder.join("out/.gitignore"), "port 8080\n");
        let before = read_folder(&folder.join("out"));
        let apply = || run(folder, &["apply", "saved.plan", "--output", "out"]);
        let plan = ["--no-input", "--output", "out", "--on-existing", "merge", "--save", "saved.plan"];
        ended(&run(folder, &[&["plan"], packs, &plan].concat()), 0, &["merged into yours"]).map_err(wrong)?;
        let planned = json("saved.plan")?;
        let mergers = planned["folder"]["mergers"].clone();
        let wanted = serde_json::json!({ name: digest });
        holds(mergers == wanted, (packs, &mergers))?;
        for (other, why) in [
            (serde_json::json!({ name: "0".repeat(64) }), "the merger"),
            (serde_json::json!({}), "the merger"),
            (serde_json::json!({ "merger:other": digest }), "the merger"),
        ] {
            let mut forged = planned.clone();
            forged["folder"]["mergers"] = other;
            write(folder.join("saved.plan"), forged.to_string());
            let words = [&format!("changed since the plan was made: {why} `{name}`")[..]];
            ended(&apply(), 6, &words).map_err(wrong)?;
            holds(read_folder(&folder.join("out")) == before, "something was written")?;
        }
        // Where what stands is another, that is what is told.
        write(folder.join("saved.plan"), planned.to_string());
        write(folder.join("out/.gitignore"), "port 8080\nmore\n");
        ended(&apply(), 6, &["changed in the output folder since the plan was made: `.gitignore`"]).map_err(wrong)?;
        write(folder.join("out/.gitignore"), "port 8080\n");
        ended(&apply(), 0, &["merged into what stood there"]).map_err(wrong)?;
        let receipt = json("out/.packbox/receipt.json")?;
        holds(receipt["engines"][name] == **digest, (packs, &receipt["engines"]))?;
    }
    // What is merged by nobody names nobody.
    let _ = std::fs::remove_dir_all(folder.join("out"));
    let plan = ["plan", "a", "--no-input", "--output", "out", "--on-existing", "merge", "--save", "saved.plan"];
    ended(&run(folder, &plan), 0, &[])?;
    ended(&run(folder, &["apply", "saved.plan", "--output", "out"]), 0, &[])?;
    let (planned, receipt) = (json("saved.plan")?, json("out/.packbox/receipt.json")?);
    holds(planned["folder"]["mergers"].is_null() && receipt["engines"]["merge"].is_null(), (planned, receipt))
}

/// What packbox wrote is replaced as long as nobody touched it, and merged with once somebody did.
fn edited() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    let pack = |text| [Made("a", "", Box::leak(Box::new([("x.toml", "merge-toml", text)])))];
    ended(&compose(folder, &pack("a = 1\n"), &[]), 0, &[])?;
    ended(&compose(folder, &pack("a = 2\n"), &MERGE), 0, &[])?;
    holds(read(folder, "x.toml") == "a = 2\n", read(folder, "x.toml"))?;
    let receipt = read(folder, ".packbox/receipt.json");
    holds(!receipt.contains("shared"), receipt)?;
    write(folder.join("out/x.toml"), "a = 2 # as it is\nmine = 1\n");
    ended(&compose(folder, &pack("a = 2\nb = 1\n"), &MERGE), 0, &["merged into what stood there"])?;
    holds(read(folder, "x.toml") == "a = 2 # as it is\nmine = 1\nb = 1\n", read(folder, "x.toml"))?;
    // What a pack wanted before and wants no more is not known here: it stays, or it is a conflict.
    ended(&compose(folder, &pack("a = 3\n"), &MERGE), 3, &["x.toml:1:5", "x.toml (a):1:5"])
}

/// A program that embeds packbox asks for it, too, and is told so in its own words.
fn embedded() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    Made("a", "", &[("x.toml", "merge-toml", "a = 1\n")]).write(folder);
    write(folder.join("out/x.toml"), "mine = 1\n");
    let told = |error: packbox::Error| format!("{error:?}");
    let packbox = Packbox::builder().home(shared_home()).build().map_err(told)?;
    let pack = packbox.load(folder.join("a")).map_err(told)?;
    let rendered = packbox.job(&pack, &Inputs::new()).and_then(packbox::Job::render).map_err(told)?;
    let merge = Writing { on_existing: OnExisting::Merge, ..Writing::default() };
    let error = rendered.write(folder.join("out")).map(drop).map_err(told).err().unwrap_or_default();
    holds(error.contains("OnExisting::Merge") && !error.contains("--on-existing"), &error)?;
    let diff = rendered.diff(folder.join("out"), merge).map_err(told)?;
    holds(diff.contains("\n mine = 1\n+a = 1\n"), &diff)?;
    let preview = rendered.preview(folder.join("out"), merge).map_err(told)?;
    holds(read(folder, "x.toml") == "mine = 1\n" && preview.written == ["x.toml"], &preview)?;
    let written = rendered.write_with(folder.join("out"), merge).map_err(told)?;
    holds(written == preview && read(folder, "x.toml") == "mine = 1\na = 1\n", &written)?;
    let again = rendered.write_with(folder.join("out"), merge).map_err(told)?;
    holds(again.unchanged == ["x.toml"], &again)
}
