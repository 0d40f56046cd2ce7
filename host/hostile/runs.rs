//! Packs that stay within every limit of a call, and ask for too much in all: the budget of the run is what stops them.
//!
//! Always true here: each is tried as a folder and as an archive, with every command that looks into packs.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::case::{Case, MANIFEST, write};
use super::guests::component;
use super::{tar, zstd};
use crate::digest::Digest;

/// What a command has to end with where it meets what the pack asks too much of.
struct Ends {
    commands: &'static [&'static str],
    reasons: &'static [&'static str],
}

/// A pack, as its manifest and its other files.
type Files = Vec<(String, Vec<u8>)>;

struct Attack {
    name: &'static str,
    about: &'static str,
    limit: &'static str,
    /// Limits that make it quick.
    limits: &'static [&'static str],
    ends: Ends,
    files: fn() -> Files,
}

/// The commands, by what comes after the pack.
const COMMANDS: [(&str, &[&str]); 7] = [
    ("check", &["--no-config"]),
    ("lint", &["--no-config"]),
    ("validate", &["--no-config"]),
    ("score", &["--no-config"]),
    ("compat", &["--no-config"]),
    ("plan", &[]),
    ("generate", &["--no-input", "--output", "out"]),
];
/// What a machine with two cores may need at the most for a command on such a pack, where it does other things, too.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for attack in attacks() {
        for (command, rest) in COMMANDS {
            for (form, pack) in [("", "pack"), ("-packed", "hostile.pack")] {
                let files = attack.files;
                let make = move |folder: &Path| {
                    write(folder, "other/pack.toml", MANIFEST.replace("hostile", "other"))?;
                    if form.is_empty() { as_folder(folder, files()) } else { as_archive(folder, files()) }
                };
                let name = format!("run/{}-{command}{form}", attack.name);
                let about = format!(
                    "{}, with `{command}`{}",
                    attack.about,
                    if form.is_empty() { "" } else { ", as an archive" }
                );
                let mut arguments = vec![command, pack];
                if command == "compat" {
                    arguments.push("other");
                }
                arguments.extend(rest);
                for limit in if command == "check" { &[] } else { attack.limits } {
                    arguments.extend(["--limit", limit]);
                }
                if attack.name == "compiling" && command != "check" {
                    arguments.push("--no-cache");
                }
                let case = Case::validate(name, about, make).arguments(arguments);
                let mut case = if attack.ends.commands.contains(&command) {
                    case.ends(attack.limit, &[4], attack.ends.reasons)
                } else {
                    case.ends(attack.limit, &[0, 1], &[])
                };
                case.expected.deadline = Some(PATIENCE);
                cases.push(case);
            }
        }
    }
    cases
}

/// Those that render, and those that plan.
const RENDERS: &[&str] = &["validate", "score", "generate"];
const PLANS: &[&str] = &["lint", "validate", "score", "compat", "plan", "generate"];
/// A template, or an expression, that never ends.
const ENDLESS: &str = "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}";
const QUICK: &[&str] = &["time=100ms", "fuel=50000000", "run-stops=5"];

fn attacks() -> Vec<Attack> {
    let mut attacks = loops();
    attacks.extend(guests());
    attacks.extend(sizes());
    attacks
}

fn loops() -> Vec<Attack> {
    vec![
        Attack {
            name: "loops",
            about: "a template that never ends, for each of 50 items",
            limit: "one stopped item of a template",
            limits: QUICK,
            ends: Ends { commands: RENDERS, reasons: &["time", "fuel"] },
            files: || vec![manifest(&for_each(50, "x", "source = \"t.jinja\"\n")), text("t.jinja", ENDLESS)],
        },
        Attack {
            name: "many-loops",
            about: "200 templates, none of which ever ends",
            limit: "run-stops",
            limits: QUICK,
            ends: Ends { commands: RENDERS, reasons: &["run-stops"] },
            files: || templates(200, ENDLESS),
        },
        Attack {
            name: "time",
            about: "200 templates that never end, in a run of a second",
            limit: "run-time",
            limits: &["time=300ms", "fuel=500000000", "run-stops=1000", "run-time=1s"],
            ends: Ends { commands: RENDERS, reasons: &["run-time"] },
            files: || templates(200, ENDLESS),
        },
        Attack {
            name: "fuel",
            about: "300 templates, each of which takes much of the fuel that a call has",
            limit: "run-fuel",
            limits: &["fuel=200000000", "run-fuel=200000000"],
            ends: Ends { commands: &["validate", "score"], reasons: &["run-fuel"] },
            files: || templates(300, "{% for a in range(100) %}{% for b in range(100) %}{% endfor %}{% endfor %}"),
        },
        Attack {
            name: "path-loops",
            about: "a path that never ends, for each of 20,000 items",
            limit: "one stopped item of an expression",
            limits: QUICK,
            ends: Ends { commands: PLANS, reasons: &["time", "fuel"] },
            files: || vec![manifest(&for_each(20_000, ENDLESS, "source = \"t.txt\"\n")), text("t.txt", "x")],
        },
        Attack {
            name: "many-path-loops",
            about: "200 entries, each with a path of its own that never ends",
            limit: "run-stops",
            limits: QUICK,
            ends: Ends { commands: PLANS, reasons: &["run-stops"] },
            files: || {
                let entry = |number| format!("[[templates]]\nsource = \"t.txt\"\noutput = \"{ENDLESS}/{number}\"\n");
                vec![manifest(&(0..200).map(entry).collect::<String>()), text("t.txt", "x")]
            },
        },
    ]
}

fn guests() -> Vec<Attack> {
    vec![
        Attack {
            name: "results",
            about: "a plugin that gives 15 MB for each of 40 items",
            limit: "run-memory",
            limits: &[],
            ends: Ends { commands: RENDERS, reasons: &["run-memory"] },
            files: || with_guest("", 40, "output"),
        },
        Attack {
            name: "failures",
            about: "a plugin that fails with 230 findings of 65 KB for each of 60 items",
            limit: "run-findings",
            limits: &["run-findings=3000"],
            ends: Ends { commands: RENDERS, reasons: &["run-findings"] },
            files: || with_guest("", 60, "failures"),
        },
        Attack {
            name: "remarks",
            about: "a plugin that makes 230 remarks of 65 KB for each of 60 items",
            limit: "run-findings",
            limits: &["run-findings=3000"],
            ends: Ends { commands: RENDERS, reasons: &["run-findings", "run-memory"] },
            files: || with_guest("", 60, "notes"),
        },
        Attack {
            name: "reads",
            about: "a plugin that names 15 MB of what it looked up for each of 40 items",
            limit: "run-memory",
            limits: &[],
            ends: Ends { commands: &["validate", "score"], reasons: &["run-memory"] },
            files: || with_guest("", 40, "reads"),
        },
        Attack {
            name: "compiling",
            about: "20 plugins that have to be compiled, with time for a few",
            limit: "run-compile",
            limits: &["run-compile=30ms"],
            ends: Ends { commands: &["validate", "score", "plan", "generate"], reasons: &["run-compile"] },
            files: || plugins(20),
        },
        Attack {
            name: "guest-memory",
            about: "a plugin that may have 1 GiB of memory, and takes it",
            limit: "run-memory",
            limits: &[],
            ends: Ends { commands: RENDERS, reasons: &["run-memory"] },
            files: || with_guest("limits = { memory = \"1GiB\", time = \"30s\" }\n", 4, "memory"),
        },
    ]
}

/// A pack with as many plugins, each a component of its own that has to be compiled.
fn plugins(count: usize) -> Files {
    let mut rest = String::new();
    let mut files = vec![text("t.txt", "x")];
    for number in 0..count {
        let mut guest = component("sums").unwrap_or_default();
        // A custom section, which is code for nobody.
        let name = format!("n{number:06}");
        guest.extend([0, 8, 7]);
        guest.extend(name.as_bytes());
        let digest = Digest::of(&guest);
        let _ = write!(
            rest,
            "[plugins.p{number}]\ncomponent = \"{name}.wasm\"\nsha256 = \"{digest}\"\n\
             [[templates]]\nsource = \"t.txt\"\noutput = \"{number}\"\nengine = \"plugin:p{number}\"\n"
        );
        files.push((format!("{name}.wasm"), guest));
    }
    files.push(manifest(&rest));
    files
}

fn sizes() -> Vec<Attack> {
    vec![
        Attack {
            name: "copies",
            about: "12 MiB that are copied a hundred times",
            limit: "run-output-bytes",
            limits: &[],
            ends: Ends { commands: RENDERS, reasons: &["run-output-bytes"] },
            files: || {
                let files = manifest(&for_each(100, "x", "source = \"a.bin\"\n"));
                vec![files, ("a.bin".to_owned(), vec![b'x'; 12 << 20])]
            },
        },
        Attack {
            name: "options",
            about: "3 MiB of options for each of 200 items",
            limit: "run-memory",
            limits: &[],
            ends: Ends { commands: &["plan"], reasons: &["run-memory"] },
            files: || {
                let entry = format!("source = \"t.jinja\"\noptions = {{ a = \"{}\" }}\n", "x".repeat(3 << 20));
                vec![manifest(&for_each(200, "x", &entry)), text("t.jinja", "x")]
            },
        },
        Attack {
            name: "values",
            about: "95 variables that are computed to 3 MB each",
            limit: "run-memory",
            limits: &[],
            ends: Ends { commands: PLANS, reasons: &["run-memory"] },
            files: || {
                let one = |number| format!("[variables.v{number}]\ntype = \"string\"\ncompute = \"'x' * 3000000\"\n");
                vec![manifest(&(0..95).map(one).collect::<String>())]
            },
        },
        Attack {
            name: "items",
            about: "a list of 20 items of 100 KB, with 60 entries for each of them",
            limit: "run-memory",
            limits: &[],
            ends: Ends { commands: PLANS, reasons: &["run-memory"] },
            files: || {
                let item = format!("\"{}\",", "x".repeat(100_000));
                let list = format!("[variables.l]\ntype = \"list\"\ndefault = [{}]\n", item.repeat(20));
                let entry = |number| {
                    format!(
                        "[[templates]]\nsource = \"t.jinja\"\nfor_each = \"l\"\noutput = \"{number}/{{{{ loop }}}}\"\n"
                    )
                };
                vec![manifest(&(list + &(0..60).map(entry).collect::<String>())), text("t.jinja", "x")]
            },
        },
        Attack {
            name: "paths",
            about: "a path of 1 MB for each of 1,000 items",
            limit: "run-memory",
            limits: &[],
            ends: Ends { commands: PLANS, reasons: &["run-memory", "outside-path"] },
            files: || {
                let list = list(1_000);
                let path = "{{ 'x/' * 500000 }}{{ item }}";
                let entry = format!("[[templates]]\nsource = \"t.txt\"\nfor_each = \"l\"\noutput = \"{path}\"\n");
                vec![manifest(&(list + &entry)), text("t.txt", "x")]
            },
        },
        Attack {
            name: "outputs",
            about: "60 entries for each of 2,000 items",
            limit: "run-outputs",
            limits: &[],
            ends: Ends { commands: PLANS, reasons: &["run-outputs"] },
            files: || {
                let entry = |number| {
                    format!(
                        "[[templates]]\nsource = \"t.txt\"\nfor_each = \"l\"\noutput = \"{number}/{{{{ item }}}}\"\n"
                    )
                };
                vec![manifest(&(list(2_000) + &(0..60).map(entry).collect::<String>())), text("t.txt", "x")]
            },
        },
        Attack {
            name: "errors",
            about: "a template that fails for each of 5,000 items",
            limit: "run-findings",
            limits: &["run-findings=3000"],
            ends: Ends { commands: RENDERS, reasons: &["run-findings"] },
            files: || vec![manifest(&for_each(5_000, "x", "source = \"t.jinja\"\n")), text("t.jinja", "{{ nothing }}")],
        },
    ]
}

fn text(path: &str, text: &str) -> (String, Vec<u8>) {
    (path.to_owned(), text.as_bytes().to_vec())
}

fn manifest(rest: &str) -> (String, Vec<u8>) {
    text("pack.toml", &(MANIFEST.to_owned() + rest))
}

/// A variable that is a list of so many items.
fn list(items: usize) -> String {
    let list: Vec<String> = (0..items).map(|item| format!("\"i{item}\"")).collect();
    format!("[variables.l]\ntype = \"list\"\ndefault = [{}]\n", list.join(","))
}

/// A list of so many items, and an entry for each of them.
fn for_each(items: usize, path: &str, entry: &str) -> String {
    list(items) + &format!("[[templates]]\nfor_each = \"l\"\noutput = \"{path}/{{{{ item }}}}\"\n{entry}")
}

/// So many templates that are the same.
fn templates(count: usize, template: &str) -> Files {
    let mut files = vec![manifest("[[templates]]\nsource = \"t\"\noutput = \"t\"\n")];
    files.extend((0..count).map(|number| text(&format!("t/{number}.txt.jinja"), template)));
    files
}

/// A pack whose template is rendered for each of so many items by the guest `sums`, which is told what to do.
fn with_guest(rest: &str, items: usize, what: &str) -> Files {
    let guest = component("sums").unwrap_or_default();
    let plugin = format!("[plugins.guest]\ncomponent = \"guest.wasm\"\nsha256 = \"{}\"\n{rest}", Digest::of(&guest));
    let entry = for_each(items, "x", "source = \"t.txt\"\nengine = \"plugin:guest\"\n");
    vec![manifest(&(plugin + &entry)), text("t.txt", what), ("guest.wasm".to_owned(), guest)]
}

fn as_folder(folder: &Path, files: Files) -> std::io::Result<()> {
    files.into_iter().try_for_each(|(path, contents)| write(folder, &format!("pack/{path}"), contents))
}

fn as_archive(folder: &Path, mut files: Files) -> std::io::Result<()> {
    files.sort();
    let mut archive = Vec::new();
    for (path, contents) in &files {
        tar::file(&mut archive, path, contents);
    }
    tar::end(&mut archive);
    write(folder, "hostile.pack", zstd::frame(&archive))
}
