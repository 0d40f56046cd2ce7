//! What becomes of a file that several packs write, by the real command line: each policy and each clash, from the packs to the
//! bytes or to the message.
//!
//! Always true here: a case is a row of a table; what is expected is written beside what is given.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::process::{Ended, Run};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 2] = [("policy/files", files), ("policy/clashes", clashes)];

/// A file that a pack writes: where, its policy (a word, or an inline table), and its text.
pub type File = (&'static str, &'static str, &'static str);

/// A pack: its name, its version or what else its manifest says (`name`, or `name@version`), what it needs, and its files.
#[derive(Debug, Clone, Copy)]
pub struct Made(pub &'static str, pub &'static str, pub &'static [File]);

/// Writes a file, and the folders that it is in.
pub fn write(path: PathBuf, contents: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, contents).expect("a file");
}

impl Made {
    /// Writes the pack to a folder of its name. An `x` before a policy: the file is to be executable.
    pub fn write(&self, folder: &Path) {
        let Self(name, needs, files) = self;
        let (name, version) = name.split_once('@').unwrap_or((name, "1.0.0"));
        let mut manifest = format!("[pack]\nname = \"{name}\"\nversion = \"{version}\"\n{needs}\n");
        for (index, (output, policy, text)) in files.iter().enumerate() {
            let _ = write!(manifest, "\n[[templates]]\nsource = \"{index}.txt\"\noutput = \"{output}\"\n");
            let policy = match policy.strip_prefix("x ") {
                Some(policy) => {
                    manifest += "executable = true\n";
                    policy
                }
                None => policy,
            };
            let _ = match policy {
                table if table.starts_with('{') => writeln!(manifest, "on_conflict = {table}"),
                policy => writeln!(manifest, "on_conflict = \"{policy}\""),
            };
            write(folder.join(self.folder()).join(format!("{index}.txt")), text);
        }
        write(folder.join(self.folder()).join("pack.toml"), manifest);
    }

    /// The folder that it is in.
    pub fn folder(&self) -> String {
        self.0.replace('@', "-")
    }
}

/// Runs `compose` of packs, in this order.
pub fn compose(folder: &Path, packs: &[Made], more: &[&str]) -> Ended {
    for pack in packs {
        pack.write(folder);
    }
    let mut arguments = vec!["compose".to_owned()];
    arguments.extend(packs.iter().map(Made::folder));
    arguments.extend(["--no-input", "--output", "out"].iter().chain(more).map(|argument| (*argument).to_owned()));
    Run { arguments, folder: folder.to_owned(), ..Run::default() }.run()
}

/// A folder that is gone afterwards.
pub fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Whether a run ended so, and said all this.
pub fn ended(ended: &Ended, exit: i32, mentions: &[&str]) -> Result<(), String> {
    let text = ended.text();
    match mentions.iter().find(|mention| !text.contains(**mention)) {
        _ if ended.exit != exit => Err(format!("wanted exit code {exit}: {text}")),
        Some(mention) => Err(format!("nothing says `{mention}`: {text}")),
        None => Ok(()),
    }
}

const CARGO: File = (
    "Cargo.toml",
    "merge-toml",
    "# The shop.\n[package]\nname = \"shop\"   # its name\nkeywords = [\"a\", \"b\"]\n\n[dependencies]\nserde = \"1\"\n",
);

/// What a case is called, the packs, and the files that come of them.
type Wanted = (&'static str, &'static [Made], &'static [(&'static str, &'static str)]);

const FILES: &[Wanted] = &[
    (
        "TOML: comments, order and layout of the first; lists united; sections added",
        &[
            Made("base", "", &[CARGO]),
            Made(
                "web",
                "[dependencies]\nbase = \"^1\"\n",
                &[(
                    "Cargo.toml",
                    "merge-toml",
                    "[package]\nkeywords = [\"b\", \"c\"]\nname = 'shop'\n[dependencies]\n# the server\naxum = { version = \"0.8\" }\n[profile.release]\nlto = true\n",
                )],
            ),
        ],
        &[(
            "Cargo.toml",
            "# The shop.\n[package]\nname = \"shop\"   # its name\nkeywords = [\"a\", \"b\", \"c\"]\n\n[dependencies]\nserde = \"1\"\n# the server\naxum = { version = \"0.8\" }\n\n[profile.release]\nlto = true\n",
        )],
    ),
    (
        "TOML: tables of a list by the key that the policy names",
        &[
            Made(
                "a",
                "",
                &[(
                    "x.toml",
                    "{ policy = \"merge-toml\", options = { by = \"name\" } }",
                    "[[bin]]\nname = \"one\"\npath = \"1.rs\"\n",
                )],
            ),
            Made(
                "b",
                "",
                &[(
                    "x.toml",
                    "{ policy = \"merge-toml\", options = { by = \"name\" } }",
                    "[[bin]]\nname = \"two\"\n\n[[bin]]\nname = \"one\"\ntest = false\n",
                )],
            ),
        ],
        &[("x.toml", "[[bin]]\nname = \"one\"\npath = \"1.rs\"\ntest = false\n\n[[bin]]\nname = \"two\"\n")],
    ),
    (
        "JSON: indented as the first does, in the order of packs",
        &[
            Made(
                "c",
                "",
                &[(
                    "package.json",
                    "merge-json",
                    "{\"scripts\": {\"docs\": \"typedoc\"}, \"files\": [\"dist\", \"docs\"]}\n",
                )],
            ),
            Made(
                "a",
                "",
                &[(
                    "package.json",
                    "merge-json",
                    "{\n    \"name\": \"shop\",\n    \"files\": [\"dist\"],\n    \"scripts\": {\n        \"test\": \"vitest\"\n    }\n}\n",
                )],
            ),
            Made("b", "", &[("package.json", "merge-json", "{\"scripts\": {\"build\": \"tsc\",\"test\":\"vitest\"}}")]),
        ],
        &[(
            "package.json",
            "{\n    \"name\": \"shop\",\n    \"files\": [\"dist\", \"docs\"],\n    \"scripts\": {\n        \"test\": \"vitest\",\n        \"build\": \"tsc\",\n        \"docs\": \"typedoc\"\n    }\n}\n",
        )],
    ),
    (
        "YAML: comments and anchors of the first stay",
        &[
            Made(
                "a",
                "",
                &[(
                    "compose.yaml",
                    "merge-yaml",
                    "# services\nx-log: &log\n  driver: json-file\nservices:\n  web:\n    image: web   # ours\n    logging: *log\n",
                )],
            ),
            Made("b", "", &[("compose.yaml", "merge-yaml", "services:\n  db:\n    image: postgres\n")]),
        ],
        &[(
            "compose.yaml",
            "# services\nx-log: &log\n  driver: json-file\nservices:\n  web:\n    image: web   # ours\n    logging: *log\n  db:\n    image: postgres\n",
        )],
    ),
    (
        "lines, each once, in the order of packs",
        &[
            Made("b", "", &[(".gitignore", "append-lines", "node_modules/\n/target\n")]),
            Made("c", "", &[(".gitignore", "append-lines", ".env\n# more\n\nnode_modules/")]),
            Made("a", "", &[(".gitignore", "append-lines", "# built\n/target\n\n*.log\n")]),
        ],
        &[(".gitignore", "# built\n/target\n\n*.log\nnode_modules/\n.env\n# more\n")],
    ),
    (
        "a section for each, marked as comments are in such a file",
        &[
            Made("a", "", &[("Makefile", "region", "build:\n\tmake\n"), ("x.css", "region", "a {}\n")]),
            Made("b", "", &[("Makefile", "region", "serve:\n\tnpm start"), ("x.css", "region", "b {}\n")]),
        ],
        &[
            (
                "Makefile",
                "# >>> packbox: a\nbuild:\n\tmake\n# <<< packbox: a\n\n# >>> packbox: b\nserve:\n\tnpm start\n# <<< packbox: b\n",
            ),
            (
                "x.css",
                "/* >>> packbox: a */\na {}\n/* <<< packbox: a */\n\n/* >>> packbox: b */\nb {}\n/* <<< packbox: b */\n",
            ),
        ],
    ),
    (
        "a policy that one pack alone has changes nothing",
        &[
            Made("a", "", &[("a.toml", "merge-toml", "a=1 # as it is\n"), ("Makefile", "region", "all:\n")]),
            Made("b", "", &[]),
        ],
        &[("a.toml", "a=1 # as it is\n"), ("Makefile", "all:\n")],
    ),
    (
        "what is to be there once makes way for what is merged",
        &[
            Made("a", "", &[("x.toml", "create-once", "a = 1\n")]),
            Made("b", "", &[("x.toml", "merge-toml", "b = 1\n")]),
            Made("c", "", &[("x.toml", "merge-toml", "c = 1\n")]),
        ],
        &[("x.toml", "b = 1\nc = 1\n")],
    ),
    (
        "of several that are to be there once, the first pack's",
        &[Made("b", "", &[("x", "create-once", "b")]), Made("a", "", &[("x", "create-once", "a")])],
        &[("x", "a")],
    ),
    (
        "the same bytes in another form are no conflict",
        &[
            Made("a", "", &[("x.toml", "merge-toml", "a.b = 0x10\n"), ("y.json", "merge-json", "{\"a\": 1.0}")]),
            Made("b", "", &[("x.toml", "merge-toml", "[a]\nb = 16\n"), ("y.json", "merge-json", "{\"\\u0061\": 1}")]),
        ],
        &[("x.toml", "a.b = 0x10\n"), ("y.json", "{\"a\": 1.0}")],
    ),
    (
        "who is executable for all is",
        &[
            Made("a", "", &[("run.sh", "x append-lines", "#!/bin/sh\na\n")]),
            Made("b", "", &[("run.sh", "x append-lines", "b\n")]),
        ],
        &[("run.sh", "#!/bin/sh\na\nb\n")],
    ),
];

fn files() -> Result<(), String> {
    for (what, packs, wanted) in FILES {
        let scratch = scratch();
        let folder = scratch.path();
        ended(&compose(folder, packs, &[]), 0, &[]).map_err(|why| format!("{what}: {why}"))?;
        for (path, text) in *wanted {
            let found = std::fs::read_to_string(folder.join("out").join(path)).unwrap_or_default();
            if found != *text {
                return Err(format!("{what}: {path} is\n{found}\ninstead of\n{text}"));
            }
        }
        // The same once more changes nothing, in another order neither; what is to be there once is not looked into.
        let mut packs = packs.to_vec();
        packs.reverse();
        let is_once = packs.iter().flat_map(|pack| pack.2).all(|(_, policy, _)| *policy == "create-once");
        let files = std::fs::read_dir(folder.join("out")).expect("a folder").count() - 1;
        let count = format!("{files} {}", if is_once { "kept" } else { "unchanged" });
        ended(&compose(folder, &packs, &[]), 0, &[&count]).map_err(|why| format!("{what}, again: {why}"))?;
        let executable = std::fs::metadata(folder.join("out/run.sh")).map(|metadata| {
            use std::os::unix::fs::PermissionsExt as _;
            metadata.permissions().mode() & 0o111 != 0
        });
        if executable.is_ok_and(|executable| !executable) {
            return Err(format!("{what}: it is not executable"));
        }
    }
    Ok(())
}

/// What is a conflict, whatever is done with it: with what is said, in this order of packs and in any other.
const CLASHES: &[(&[Made], &[&str])] = &[
    (
        &[
            Made("a", "", &[("x.toml", "merge-toml", "[package]\nedition = \"2021\"\n")]),
            Made("b", "", &[("x.toml", "merge-toml", "package.edition = \"2024\"\n")]),
        ],
        &[
            "`package.edition` in `x.toml`",
            "`a` and `b` want different values",
            "x.toml (a):2:11",
            "x.toml (b):1:19",
            "--resolve x.toml=a",
        ],
    ),
    (
        &[
            Made("a", "", &[("x.json", "merge-json", "{\"a\": {\"b\": 1}}")]),
            Made("b", "", &[("x.json", "merge-json", "{\"a\": [1]}")]),
        ],
        &["`a` in `x.json`", "it is a table in `a`, it is a list in `b`", "x.json (a):1:7", "x.json (b):1:7"],
    ),
    (
        &[
            Made("a", "", &[("x.yml", "merge-yaml", "on:\n  push:\n")]),
            Made("b", "", &[("x.yml", "merge-yaml", "on: push\n")]),
            Made("c", "", &[("x.yml", "merge-yaml", "name: CI\n")]),
        ],
        &["`on` in `x.yml`", "x.yml (a):2:3", "x.yml (b):1:5"],
    ),
    // Lists of tables without a key that tells them apart.
    (
        &[
            Made("a", "", &[("x.toml", "merge-toml", "[[bin]]\nname = \"one\"\n")]),
            Made("b", "", &[("x.toml", "merge-toml", "[[bin]]\nname = \"two\"\n")]),
        ],
        &["`bin` in `x.toml`", "by = \"name\"", "x.toml (a)", "x.toml (b)"],
    ),
    // Of all three, and in two files.
    (
        &[
            Made("a", "", &[("x.toml", "merge-toml", "k = 1\n"), ("y.json", "merge-json", "{\"k\": 1}")]),
            Made("b", "", &[("x.toml", "merge-toml", "k = 2\n"), ("y.json", "merge-json", "{\"k\": 2}")]),
            Made("c", "", &[("x.toml", "merge-toml", "k = 3\n")]),
        ],
        &[
            "`a`, `b` and `c` want different values",
            "packs want 2 different things in the same files",
            "x.toml (c):1:5",
            "y.json (b):1:7",
        ],
    ),
    // A text that has another's markers, or its own.
    (
        &[
            Made("a", "", &[("Makefile", "region", "# >>> packbox: b\n")]),
            Made("b", "", &[("Makefile", "region", "all:\n")]),
        ],
        &["the text of `a` has a marker of sections", "Makefile (a):1:1"],
    ),
    (
        &[
            Made("a", "", &[("run.sh", "region", "#!/bin/sh\n")]),
            Made("b", "", &[("run.sh", "region", "#!/bin/bash\n")]),
        ],
        &["want the script to be run by different programs", "run.sh (a):1:1", "run.sh (b):1:1"],
    ),
    // Policies that are not the same.
    (
        &[Made("a", "", &[("x.toml", "own", "a = 1\n")]), Made("b", "", &[("x.toml", "merge-toml", "b = 1\n")])],
        &[
            "`a` and `b` write `x.toml`",
            "a/pack.toml:8:10",
            "b/pack.toml:8:10",
            "let `a` say the same in its `[[templates]]`, `on_conflict = \"merge-toml\"`",
        ],
    ),
    (
        &[
            Made("a", "", &[("x.toml", "{ policy = \"merge-toml\", options = { by = \"id\" } }", "a = 1\n")]),
            Made("b", "", &[("x.toml", "{ policy = \"merge-toml\", options = { by = \"name\" } }", "b = 1\n")]),
        ],
        &["`a` and `b` write `x.toml`", "options = { by = \"id\" }"],
    ),
    (
        &[Made("a", "", &[("x.json", "merge-json", "{}")]), Made("b", "", &[("x.json", "merge-yaml", "{}")])],
        &["`a` and `b` write `x.json`", "on_conflict = \"merge-json\""],
    ),
    (
        &[
            Made("a", "", &[("x.toml", "merge-toml", "a = 1\n")]),
            Made("b", "", &[("x.toml", "merge-toml", "b = 1\n")]),
            Made("c", "", &[("x.toml", "own", "c = 1\n")]),
        ],
        &["`a`, `b` and `c` write `x.toml`", "let `c` say the same"],
    ),
    // What can't stand side by side.
    (
        &[Made("a", "", &[("docs", "append-lines", "a")]), Made("b", "", &[("docs/b.md", "append-lines", "b")])],
        &["`docs` would be a file and `docs` a folder", "of `a`", "of `b`"],
    ),
    (
        &[Made("a", "", &[("Docs/a.md", "own", "a")]), Made("b", "", &[("docs/b.md", "own", "b")])],
        &["of `a`", "of `b`", "without regard to case"],
    ),
    (
        &[Made("a", "", &[("README.md", "create-once", "a")]), Made("b", "", &[("readme.md", "create-once", "b")])],
        &["of `a`", "of `b`", "without regard to case"],
    ),
    (
        &[Made("a", "", &[("cafe\u{301}/x", "own", "a")]), Made("b", "", &[("caf\u{e9}/y", "own", "b")])],
        &["of `a`", "of `b`", "Unicode normalization"],
    ),
    (
        &[Made("a", "", &[("run.sh", "x region", "a\n")]), Made("b", "", &[("run.sh", "region", "b\n")])],
        &["`run.sh` is to be executable for `a`, and not for `b`", "a/pack.toml", "b/pack.toml"],
    ),
];

fn clashes() -> Result<(), String> {
    for (packs, mentions) in CLASHES {
        let scratch = scratch();
        let folder = scratch.path();
        let first = compose(folder, packs, &[]);
        ended(&first, 3, mentions).map_err(|why| format!("{packs:?}: {why}"))?;
        let mut packs = packs.to_vec();
        packs.reverse();
        let other = compose(folder, &packs, &[]);
        if first.stderr != other.stderr || folder.join("out").exists() {
            return Err(format!("in another order: {} {}", first.text(), other.text()));
        }
    }
    // What is no TOML at all is the fault of the pack whose it is.
    let scratch = scratch();
    let packs =
        [Made("a", "", &[("x.toml", "merge-toml", "a = \n")]), Made("b", "", &[("x.toml", "merge-toml", "b = 1\n")])];
    ended(&compose(scratch.path(), &packs, &[]), 1, &["x.toml (a):1:"])
}
