//! Packs that stay within every limit of a call, and ask for too much in all: the budget of the run is what stops them.
//!
//! Always true here: each is tried as a folder and as an archive, with every command that looks into packs.

use std::fmt::Write as _;
use std::sync::Arc;

use super::case::{Case, MANIFEST};
use super::guests::component;
use super::matrix::{self, Attack, Ends, Files};
use crate::digest::Digest;

pub(super) fn cases() -> Vec<Case> {
    attacks().iter().flat_map(matrix::cases).collect()
}

/// Those that render, and those that plan.
const RENDERS: &[&str] = &["validate", "score", "generate"];
const PLANS: &[&str] = &["lint", "validate", "score", "compat", "plan", "generate"];
/// A template, or an expression, that never ends.
const ENDLESS: &str = "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}";
const QUICK: &[&str] = &["--limit", "time=100ms", "--limit", "fuel=50000000", "--limit", "run-stops=5"];

fn attack(
    name: &str,
    about: &str,
    limit: &'static str,
    (limits, ends): (&'static [&'static str], Ends),
    files: fn() -> Files,
) -> Attack {
    Attack {
        name: format!("run/{name}"),
        about: about.to_owned(),
        limit,
        arguments: limits,
        ends,
        files: Arc::new(files),
    }
}

fn attacks() -> Vec<Attack> {
    let mut attacks = loops();
    attacks.extend(guests());
    attacks.extend(sizes());
    attacks.extend(counts());
    attacks
}

fn loops() -> Vec<Attack> {
    vec![
        attack(
            "loops",
            "a template that never ends, for each of 50 items",
            "one stopped item of a template",
            (QUICK, Ends { commands: RENDERS, exits: &[4], reasons: &["time", "fuel"] }),
            || vec![manifest(&for_each(50, "x", "source = \"t.jinja\"\n")), text("t.jinja", ENDLESS)],
        ),
        attack(
            "many-loops",
            "200 templates, none of which ever ends",
            "run-stops",
            (QUICK, Ends { commands: RENDERS, exits: &[4], reasons: &["run-stops"] }),
            || templates(200, ENDLESS),
        ),
        attack(
            "time",
            "200 templates that never end, in a run of a second",
            "run-time",
            (
                &[
                    "--limit",
                    "time=300ms",
                    "--limit",
                    "fuel=500000000",
                    "--limit",
                    "run-stops=1000",
                    "--limit",
                    "run-time=1s",
                ],
                Ends { commands: RENDERS, exits: &[4], reasons: &["run-time"] },
            ),
            || templates(200, ENDLESS),
        ),
        attack(
            "fuel",
            "300 templates, each of which takes much of the fuel that a call has",
            "run-fuel",
            (
                &["--limit", "fuel=200000000", "--limit", "run-fuel=200000000"],
                Ends { commands: &["validate", "score"], exits: &[4], reasons: &["run-fuel"] },
            ),
            || templates(300, "{% for a in range(100) %}{% for b in range(100) %}{% endfor %}{% endfor %}"),
        ),
        attack(
            "path-loops",
            "a path that never ends, for each of 20,000 items",
            "one stopped item of an expression",
            (QUICK, Ends { commands: PLANS, exits: &[4], reasons: &["time", "fuel"] }),
            || vec![manifest(&for_each(20_000, ENDLESS, "source = \"t.txt\"\n")), text("t.txt", "x")],
        ),
        attack(
            "many-path-loops",
            "200 entries, each with a path of its own that never ends",
            "run-stops",
            (QUICK, Ends { commands: PLANS, exits: &[4], reasons: &["run-stops"] }),
            || {
                let entry = |number| format!("[[templates]]\nsource = \"t.txt\"\noutput = \"{ENDLESS}/{number}\"\n");
                vec![manifest(&(0..200).map(entry).collect::<String>()), text("t.txt", "x")]
            },
        ),
    ]
}

fn guests() -> Vec<Attack> {
    vec![
        attack(
            "results",
            "a plugin that gives 15 MB for each of 40 items",
            "run-memory",
            (&[], Ends { commands: RENDERS, exits: &[4], reasons: &["run-memory"] }),
            || with_guest("", 40, "output"),
        ),
        attack(
            "failures",
            "a plugin that fails with 230 findings of 65 KB for each of 60 items",
            "run-findings",
            (&["--limit", "run-findings=3000"], Ends { commands: RENDERS, exits: &[4], reasons: &["run-findings"] }),
            || with_guest("", 60, "failures"),
        ),
        attack(
            "remarks",
            "a plugin that makes 230 remarks of 65 KB for each of 60 items",
            "run-findings",
            (
                &["--limit", "run-findings=3000"],
                Ends { commands: RENDERS, exits: &[4], reasons: &["run-findings", "run-memory"] },
            ),
            || with_guest("", 60, "notes"),
        ),
        attack(
            "reads",
            "a plugin that reports 15 MB of look-ups for each of 40 items",
            "run-memory",
            (&[], Ends { commands: &["validate", "score"], exits: &[4], reasons: &["run-memory"] }),
            || with_guest("", 40, "reads"),
        ),
        attack(
            "compiling",
            "20 plugins that have to be compiled, with time for a few",
            "run-compile",
            (
                &["--no-cache", "--limit", "run-compile=30ms"],
                Ends { commands: &["validate", "score", "plan", "generate"], exits: &[4], reasons: &["run-compile"] },
            ),
            || plugins(20),
        ),
        attack(
            "guest-memory",
            "a plugin that may have 1 GiB of memory, and takes it",
            "run-memory",
            (&[], Ends { commands: RENDERS, exits: &[4], reasons: &["run-memory"] }),
            || with_guest("limits = { memory = \"1GiB\", time = \"30s\" }\n", 4, "memory"),
        ),
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
        attack(
            "messages",
            "60 errors with a name of 1 MB each",
            "bytes of a message",
            // Where fuel is counted, looking for 60 such names takes as much as a run has.
            (
                &[],
                Ends { commands: &["validate", "generate"], exits: &[1, 4], reasons: &["template/undefined-variable"] },
            ),
            || {
                let name = "n".repeat(1_000_000);
                vec![
                    manifest(&for_each(60, "x", "source = \"t.jinja\"\n")),
                    text("t.jinja", &format!("{{{{ {name} }}}}")),
                ]
            },
        ),
        attack(
            "failure-as-note",
            "a plugin that fails, and calls that a note",
            "a failure is an error",
            (&[], Ends { commands: &["validate", "generate"], exits: &[1], reasons: &["fails/always"] }),
            || with_plugin("fails", "", 3, "n"),
        ),
        attack(
            "copies",
            "12 MiB that are copied a hundred times",
            "run-output-bytes",
            (&[], Ends { commands: RENDERS, exits: &[4], reasons: &["run-output-bytes"] }),
            || {
                let files = manifest(&for_each(100, "x", "source = \"a.bin\"\n"));
                vec![files, ("a.bin".to_owned(), vec![b'x'; 12 << 20])]
            },
        ),
        attack(
            "options",
            "1 MiB of options for each of 100 items",
            "size of a plan",
            (&[], Ends { commands: &["plan"], exits: &[4], reasons: &["stopped"] }),
            || {
                let entry = format!("source = \"t.jinja\"\noptions = {{ a = \"{}\" }}\n", "x".repeat(1 << 20));
                vec![manifest(&for_each(100, "x", &entry)), text("t.jinja", "x")]
            },
        ),
        attack(
            "values",
            "95 variables that are computed to 3 MB each",
            "run-memory",
            (&[], Ends { commands: PLANS, exits: &[4], reasons: &["run-memory"] }),
            || {
                let one = |number| format!("[variables.v{number}]\ntype = \"string\"\ncompute = \"'x' * 3000000\"\n");
                vec![manifest(&(0..95).map(one).collect::<String>())]
            },
        ),
        attack(
            "items",
            "a list of 20 items of 100 KB, with 60 entries for each of them",
            "run-memory",
            (&[], Ends { commands: PLANS, exits: &[4], reasons: &["run-memory"] }),
            || {
                let item = format!("\"{}\",", "x".repeat(100_000));
                let list = format!("[variables.l]\ntype = \"list\"\ndefault = [{}]\n", item.repeat(20));
                let entry = |number| {
                    format!(
                        "[[templates]]\nsource = \"t.jinja\"\nfor_each = \"l\"\noutput = \"{number}/{{{{ loop }}}}\"\n"
                    )
                };
                vec![manifest(&(list + &(0..60).map(entry).collect::<String>())), text("t.jinja", "x")]
            },
        ),
        attack(
            "paths",
            "a path of 1 MB for each of 1,000 items",
            "run-memory",
            (&[], Ends { commands: PLANS, exits: &[4], reasons: &["run-memory", "outside-path"] }),
            || {
                let list = list(1_000);
                let path = "{{ 'x/' * 500000 }}{{ item }}";
                let entry = format!("[[templates]]\nsource = \"t.txt\"\nfor_each = \"l\"\noutput = \"{path}\"\n");
                vec![manifest(&(list + &entry)), text("t.txt", "x")]
            },
        ),
    ]
}

fn counts() -> Vec<Attack> {
    vec![
        attack(
            "outputs",
            "60 entries for each of 2,000 items",
            "run-outputs",
            (&[], Ends { commands: PLANS, exits: &[4], reasons: &["run-outputs"] }),
            || {
                let entry = |number| {
                    format!(
                        "[[templates]]\nsource = \"t.txt\"\nfor_each = \"l\"\noutput = \"{number}/{{{{ item }}}}\"\n"
                    )
                };
                vec![manifest(&(list(2_000) + &(0..60).map(entry).collect::<String>())), text("t.txt", "x")]
            },
        ),
        attack(
            "errors",
            "a template that fails for each of 5,000 items",
            "run-findings",
            (&["--limit", "run-findings=3000"], Ends { commands: RENDERS, exits: &[4], reasons: &["run-findings"] }),
            || vec![manifest(&for_each(5_000, "x", "source = \"t.jinja\"\n")), text("t.jinja", "{{ nothing }}")],
        ),
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
    with_plugin("sums", rest, items, what)
}

fn with_plugin(guest: &str, rest: &str, items: usize, what: &str) -> Files {
    let guest = component(guest).unwrap_or_default();
    let plugin = format!("[plugins.guest]\ncomponent = \"guest.wasm\"\nsha256 = \"{}\"\n{rest}", Digest::of(&guest));
    let entry = for_each(items, "x", "source = \"t.txt\"\nengine = \"plugin:guest\"\n");
    vec![manifest(&(plugin + &entry)), text("t.txt", what), ("guest.wasm".to_owned(), guest)]
}
