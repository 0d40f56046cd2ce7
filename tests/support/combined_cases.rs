//! Packs together, by the real command line: what the user chooses, mergers of packs, what packs need, and that their order makes
//! no difference.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use packbox::digest::Digest;
use packbox::{Inputs, Pack, Packbox};

use super::guests;
use super::policy_cases::{Made, compose, ended, scratch, write};
use super::process::{Run, shared_home};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 4] = [
    ("combined/chosen", chosen),
    ("combined/own-merger", own_merger),
    ("combined/needs", needs),
    ("combined/any-order", any_order),
];

/// What the user says: strategies and resolutions, in options and in `compose.toml`.
fn chosen() -> Result<(), String> {
    let own = [
        Made("a", "", &[("x", "own", "a"), ("y.toml", "merge-toml", "a = 1\n"), ("z", "create-once", "a")]),
        Made(
            "b",
            "[dependencies]\na = \"^1\"\n",
            &[("x", "own", "b"), ("y.toml", "merge-toml", "b = 1\n"), ("z", "own", "b")],
        ),
        Made(
            "c",
            "",
            &[("x", "append-lines", "c"), ("y.toml", "merge-toml", "a = 1\nc = 1\n"), ("z", "create-once", "c")],
        ),
    ];
    let [a, b, c] = own;
    let merged = "a = 1\nb = 1\nc = 1\n";
    // With layers, the order in which packs are named counts, but for what they need.
    let rows: [(&[Made], &[&str], &str, &str); 7] = [
        (&[a, b, c], &["--strategy", "layer"], "c", merged),
        (&[c, a, b], &["--strategy", "layer"], "b", "a = 1\nc = 1\nb = 1\n"),
        (&[c, b, a], &["--strategy", "layer"], "b", "a = 1\nc = 1\nb = 1\n"),
        (&[a, b, c], &["--resolve", "x=a"], "a", merged),
        (&[c, b, a], &["--resolve", "x=b"], "b", merged),
        // What would be merged is one pack's, too, where that is said.
        (&[a, b, c], &["--resolve", "x=c", "--resolve", "y.toml=b"], "c", "b = 1\n"),
        (&[a, b, c], &["--strategy", "layer", "--resolve", "x=a"], "a", merged),
    ];
    for (packs, options, x, y) in rows {
        let scratch = scratch();
        let folder = scratch.path();
        let run = compose(folder, packs, options);
        ended(&run, 0, &[]).map_err(|why| format!("{options:?}: {why}"))?;
        let covers = options.contains(&"layer") && !options.contains(&"x=a");
        let read = |path: &str| std::fs::read_to_string(folder.join("out").join(path)).unwrap_or_default();
        let found = (read("x"), read("y.toml"), read("z"));
        if found != (x.to_owned(), y.to_owned(), "b".to_owned()) || run.text().contains("later packs win") != covers {
            return Err(format!("{options:?}: {found:?} {}", run.text()));
        }
        // In a file, it is the same.
        let mut said = String::new();
        for pair in options.chunks(2) {
            let _ = match pair {
                ["--strategy", strategy] => writeln!(said, "strategy = \"{strategy}\""),
                _ => Ok(()),
            };
        }
        said += "[packs]\n";
        for Made(name, ..) in packs {
            let _ = writeln!(said, "{name} = {{ path = \"{name}\" }}");
        }
        said += "[resolutions]\n";
        for (path, pack) in options.iter().filter_map(|option| option.split_once('=')) {
            let _ = writeln!(said, "\"{path}\" = \"{pack}\"");
        }
        write(folder.join("compose.toml"), said);
        let arguments = ["compose", "--no-input", "--output", "from-file"].map(str::to_owned).to_vec();
        let run = Run { arguments, folder: folder.to_owned(), ..Run::default() }.run();
        ended(&run, 0, &[]).map_err(|why| format!("{options:?}, in a file: {why}"))?;
        for path in ["x", "y.toml", "z"] {
            let also = std::fs::read_to_string(folder.join("from-file").join(path)).unwrap_or_default();
            if also != read(path) {
                return Err(format!("{options:?}, in a file: {path} is {also}"));
            }
        }
    }
    // An option comes before the file, and a mistake in the file has its place.
    let scratch = scratch();
    let folder = scratch.path();
    for pack in own {
        pack.write(folder);
    }
    let compose_toml = |resolutions: &str| {
        let packs = "[packs]\na = { path = \"a\" }\nb = { path = \"b\" }\nc = { path = \"c\" }\n";
        write(folder.join("compose.toml"), format!("{packs}[resolutions]\n{resolutions}\n"));
    };
    let run = |more: &[&str]| {
        let arguments = ["compose", "--no-input", "--output", "out"].iter().chain(more);
        let arguments = arguments.map(|argument| (*argument).to_owned()).collect();
        Run { arguments, folder: folder.to_owned(), ..Run::default() }.run()
    };
    compose_toml("x = \"a\"");
    ended(&run(&["--resolve", "x=b"]), 0, &[])?;
    if std::fs::read(folder.join("out/x")).ok().as_deref() != Some(b"b") {
        return Err("the file comes before the option".to_owned());
    }
    compose_toml("x = \"d\"");
    ended(&run(&[]), 2, &["`x` is said to be that of `d`, which is none of the packs"])?;
    compose_toml("x = \"a\"\n\"y.tml\" = \"a\"");
    ended(&run(&[]), 2, &["`y.tml`", "did you mean `y.toml`?"])
}

/// A merger that packs bring: the same digest for all of them.
fn own_merger() -> Result<(), String> {
    const POLICY: &str = "{ policy = \"first\", plugin = \"house\" }";
    let scratch = scratch();
    let folder = scratch.path();
    let pack = |name: &str, merger: &str, policy: &str, text: &str| {
        let component = guests::merger(merger);
        let digest = Digest::of(&component);
        write(folder.join(name).join("merger.wasm"), component);
        write(folder.join(name).join("x.txt"), text);
        let manifest = format!(
            "[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\n[plugins.house]\ncomponent = \"merger.wasm\"\nsha256 = \"{digest}\"\n\
             [[templates]]\nsource = \"x.txt\"\noutput = \"x.txt\"\non_conflict = {policy}\n"
        );
        write(folder.join(name).join("pack.toml"), manifest);
    };
    let run = |more: &[&str]| {
        let arguments = ["compose", "a", "b", "--no-input", "--output", "out"].iter().chain(more);
        let arguments = arguments.map(|argument| (*argument).to_owned()).collect();
        Run { arguments, folder: folder.to_owned(), ..Run::default() }.run()
    };
    let both = |merger: &str, policy: &str| {
        pack("a", merger, policy, "port 8080\n");
        pack("b", merger, policy, "port 5432\n");
    };
    both("fine", POLICY);
    ended(&run(&[]), 0, &[])?;
    if std::fs::read(folder.join("out/x.txt")).ok().as_deref() != Some(b"8080") {
        return Err("it is not what the merger made".to_owned());
    }
    ended(&run(&["--dry-run"]), 0, &[])?;
    // Who lies about owners, clashes, traps, or has no such policy.
    for (merger, policy, exit, mentions) in [
        ("word-of-another", POLICY, 4, "none of its owners wrote"),
        ("clash", POLICY, 3, "x.txt (a):1:6"),
        ("trap", POLICY, 4, "merge"),
        ("fine", "{ policy = \"frist\", plugin = \"house\" }", 1, "did you mean `first`?"),
    ] {
        both(merger, policy);
        ended(&run(&["--on-existing", "overwrite"]), exit, &[mentions])
            .map_err(|why| format!("{merger} {policy}: {why}"))?;
    }
    // Two mergers of one name.
    both("fine", POLICY);
    pack("b", "clash", POLICY, "port 5432\n");
    ended(&run(&[]), 3, &["`a` and `b` write `x.txt`"])?;
    // A plugin that is not there.
    both("fine", "{ policy = \"first\", plugin = \"hose\" }");
    ended(&run(&[]), 1, &["hose", "a/pack.toml"])
}

/// Needs: diamonds, chains, circles, what is optional, and versions that don't fit.
fn needs() -> Result<(), String> {
    let all: &[Made] = &[
        Made("base", "", &[("x.toml", "merge-toml", "[package]\nname = \"x\"\n")]),
        Made("web", "[dependencies]\nbase = \"^1\"\n", &[("x.toml", "merge-toml", "package.web = 1\n")]),
        Made("db", "[dependencies]\nbase = \"^1\"\n", &[("x.toml", "merge-toml", "package.db = 1\n")]),
        Made("app", "[dependencies]\nweb = \"^1\"\ndb = \"^1\"\n", &[("x.toml", "merge-toml", "package.app = 1\n")]),
        Made("ci", "[dependencies]\napp = \"^1\"\nbase = \"^1\"\n", &[("x.toml", "merge-toml", "package.ci = 1\n")]),
    ];
    let [base, web, db, app, ci] = all else { return Err("five packs".to_owned()) };
    let optional = Made("web", "[dependencies]\nlog = { version = \"^1\", optional = true }\n", &[("w", "own", "w")]);
    let log = Made("log", "", &[("l", "own", "l")]);
    let rows: &[(&[Made], i32, &[&str])] = &[
        (&[*base, *web], 0, &["generated base 1.0.0, web 1.0.0 into out"]),
        (&[*web, *db, *base], 0, &["generated base 1.0.0, db 1.0.0, web 1.0.0 into out"]),
        (
            &[*ci, *app, *web, *db, *base],
            0,
            &["generated base 1.0.0, db 1.0.0, web 1.0.0, app 1.0.0, ci 1.0.0 into out"],
        ),
        (&[*app, *base, *db], 5, &["`app` needs `web ^1`", "app/pack.toml:5:7"]),
        (&[optional], 0, &["generated web 1.0.0 into out: 1 file"]),
        // It counts for the order where it is there.
        (&[optional, log], 0, &["generated log 1.0.0, web 1.0.0"]),
        (&[optional, Made("log@2.0.0", "", &[])], 5, &["`web` needs `log ^1`", "2.0.0", "web/pack.toml:5:19"]),
        (
            &[*base, Made("base@2.0.0", "", &[])],
            5,
            &["two packs have the name `base`: `base` (1.0.0) and `base-2.0.0` (2.0.0)"],
        ),
        (&[*web, Made("base@2.0.0", "", &[])], 5, &["`web` needs `base ^1`", "2.0.0"]),
        (&[Made("a", "[dependencies]\na = \"*\"\n", &[])], 5, &["a → a"]),
        (
            &[
                Made("c", "[dependencies]\na = \"*\"\n", &[]),
                Made("a", "[dependencies]\nb = \"*\"\n", &[]),
                Made("b", "[dependencies]\nc = { version = \"*\", optional = true }\n", &[]),
                *base,
            ],
            5,
            &["a → b → c → a"],
        ),
    ];
    for (packs, exit, mentions) in rows {
        let scratch = scratch();
        ended(&compose(scratch.path(), packs, &[]), *exit, mentions).map_err(|why| format!("{packs:?}: {why}"))?;
        if (*exit == 0) != scratch.path().join("out").exists() {
            return Err(format!("{packs:?}: is something written?"));
        }
        // Errors don't depend on the order, either.
        let mut packs = packs.to_vec();
        packs.reverse();
        if *exit != 0 {
            ended(&compose(scratch.path(), &packs, &[]), *exit, &[]).map_err(|why| format!("{packs:?}: {why}"))?;
        }
    }
    // Ten levels, named from the top and as they come.
    let scratch = scratch();
    let folder = scratch.path();
    let names: Vec<String> = (0..10).map(|level| format!("p{level}")).collect();
    for (level, name) in names.iter().enumerate() {
        let needs =
            level.checked_sub(1).map(|below| format!("[dependencies]\np{below} = \"^1\"\n")).unwrap_or_default();
        let manifest = format!(
            "[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\n{needs}[[templates]]\nsource = \"x\"\noutput = \"levels\"\non_conflict = \"append-lines\"\n"
        );
        write(folder.join(name).join("pack.toml"), manifest);
        write(folder.join(name).join("x"), format!("{name}\n"));
    }
    let mut arguments = vec!["compose".to_owned()];
    arguments.extend(names.iter().rev().cloned());
    arguments.extend(["--no-input", "--output", "out"].map(str::to_owned));
    ended(&Run { arguments, folder: folder.to_owned(), ..Run::default() }.run(), 0, &[])?;
    let levels = std::fs::read_to_string(folder.join("out/levels")).unwrap_or_default();
    if levels.lines().eq(names.iter()) { Ok(()) } else { Err(levels) }
}

/// Four packs with files of every policy, in each of their 24 orders, give the same files with the same owners.
fn any_order() -> Result<(), String> {
    const BY: &str = "{ policy = \"merge-yaml\", options = { by = \"name\" } }";
    let packs = [
        Made(
            "d",
            "",
            &[
                ("x.toml", "merge-toml", "[a]\nd = 1\nall = [4, 1]\n"),
                ("i", "append-lines", "d\nall\n"),
                ("Makefile", "region", "d:\n"),
                ("once", "create-once", "d"),
                ("ci.yml", BY, "jobs:\n- name: d\n- name: all\n  d: 1\n"),
            ],
        ),
        Made(
            "a",
            "[dependencies]\nc = \"*\"\n",
            &[
                ("x.toml", "merge-toml", "[a]\na = 1\nall = [1, 2]\n"),
                ("i", "append-lines", "all\na\n"),
                ("Makefile", "region", "a:\n"),
                ("ci.yml", BY, "jobs:\n- name: all\n  a: 1\n"),
                ("x.json", "merge-json", "{\"a\": {\"a\": 1}}"),
            ],
        ),
        Made(
            "c",
            "",
            &[
                ("x.toml", "merge-toml", "[a]\nc = 1\n"),
                ("i", "append-lines", "c\n"),
                ("Makefile", "region", "c:\n"),
                ("once", "create-once", "c"),
                ("x.json", "merge-json", "{\n  \"a\": {\n    \"c\": 1\n  }\n}\n"),
            ],
        ),
        Made(
            "b",
            "",
            &[
                ("x.toml", "merge-toml", "[a]\nb = 1\n"),
                ("once", "create-once", "b"),
                ("ci.yml", BY, "jobs:\n- name: b\n"),
                ("x.json", "merge-json", "{\"a\": {\"b\": 1}}"),
            ],
        ),
    ];
    let scratch = scratch();
    for pack in &packs {
        pack.write(scratch.path());
    }
    let packbox = Packbox::builder().home(shared_home()).build().map_err(|error| error.to_string())?;
    let loaded = packs.iter().map(|pack| packbox.load(scratch.path().join(pack.0))).collect::<Result<Vec<_>, _>>();
    let loaded = loaded.map_err(|error| format!("{error:?}"))?;
    let made = |packs: &[Pack]| -> Result<BTreeMap<String, String>, String> {
        let rendered = packbox.compose(packs, &Inputs::new()).and_then(packbox::Job::render);
        let rendered = rendered.map_err(|error| format!("{error:?}"))?;
        let file = |file: packbox::RenderedFile<'_>| {
            (file.path.to_owned(), String::from_utf8_lossy(file.contents).into_owned() + file.template)
        };
        Ok(rendered.files().map(file).collect())
    };
    let first = made(&loaded)?;
    if first.len() != 6 || !first["x.toml"].contains("b = 1") {
        return Err(format!("{first:#?}"));
    }
    let mut orders = 0;
    for order in 0..256_usize {
        let order = [order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6];
        if (0..4).any(|pack| !order.contains(&pack)) {
            continue;
        }
        orders += 1;
        let packs: Vec<Pack> = order.iter().map(|pack| loaded[*pack].clone()).collect();
        let other = made(&packs)?;
        if other != first {
            return Err(format!("{order:?}: {other:#?} instead of {first:#?}"));
        }
    }
    if orders == 24 { Ok(()) } else { Err(format!("{orders} orders")) }
}
