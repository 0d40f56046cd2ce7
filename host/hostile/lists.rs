//! Long lists of a manifest: each costs time and memory in proportion to its length, or is refused.
//!
//! Always true here: each is tried as a folder and as an archive, with every command that looks into packs.

use std::path::Path;
use std::sync::Arc;

use super::case::{Case, MANIFEST, write};
use super::matrix::{self, Attack, Ends};

/// How `validate` has to end: the exit codes, and reasons of which one is reported.
type List = (&'static [u8], &'static [&'static str]);

/// A file that a case needs beside its manifest.
const TEMPLATE: &str = "t.jinja";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, about: &str, limit: &'static str, (exits, reasons): List, rest: fn() -> String| {
        let files = move || {
            let manifest = MANIFEST.to_owned() + &rest();
            vec![("pack.toml".to_owned(), manifest.into_bytes()), (TEMPLATE.to_owned(), b"x".to_vec())]
        };
        cases.extend(matrix::cases(&Attack {
            name: format!("list/{name}"),
            about: about.to_owned(),
            limit,
            arguments: &[],
            ends: Ends { commands: &["validate"], exits, reasons },
            files: Arc::new(files),
        }));
    };
    let value: &[&str] = &["manifest/value"];
    add("choices", "a variable with 80,000 choices", "linear time", (&[0], &[]), || {
        format!("[variables.a]\ntype = \"choice\"\nchoices = [{}]\n", joined(80_000, |number| format!("\"c{number}\"")))
    });
    add("lint-keys", "levels for 40,000 rules that do not exist", "findings", (&[0], &["lints/unknown-rule"]), || {
        format!(
            "[lints]\n{}\n",
            (0..40_000).map(|number| format!("\"no/rule-{number}\" = \"off\"\n")).collect::<Vec<_>>().concat()
        )
    });
    add("patterns", "100 patterns that take a second each, on 64 KB", "pattern size by text", (&[1], value), || {
        patterns("(?:(?:(?:.?){30}){30})Y", 65_000)
    });
    add(
        "short-patterns",
        "the same patterns on the most text that they are tried on",
        "steps of matching",
        (&[1], value),
        || patterns("(?:(?:(?:.?){30}){30})Y", 4_000),
    );
    add("items", "a list of 20,000 items, one output each", "linear time", (&[0], &[]), || items("{{ item }}"));
    add(
        "wrong-items",
        "a list of 20,000 items, none of whose paths can be evaluated",
        "linear time",
        (&[1], &[]),
        || items("{{ itm }}"),
    );
    add("values", "a list of 2,500,000 numbers in 5 MB", "tokens of a document", (&[1], &["manifest/syntax"]), || {
        format!("[variables.a]\ntype = \"list\"\nitems = \"integer\"\ndefault = [{}]\n", "1,".repeat(2_500_000))
    });
    add("long-key", "a key of 1 MB above 50,000 values", "length of pointers", (&[0, 1, 4], &[]), || {
        let key = "k".repeat(1 << 20);
        let values = "1,".repeat(50_000);
        format!("[[templates]]\nsource = \"{TEMPLATE}\"\noutput = \"x\"\noptions = {{ {key} = [{values}] }}\n")
    });
    add("for-each", "20,000 entries that name a list that does not exist", "number of findings", (&[1], value), || {
        let entry =
            |name: usize| format!("[[templates]]\nsource = \"{TEMPLATE}\"\noutput = \"x\"\nfor_each = \"l{name}\"\n");
        (0..20_000).map(entry).collect()
    });
    let endless = |folder: &Path| {
        let many = "range(90000 if item == 'item-7777' else 1)";
        let path = format!("x{{% for a in {many} %}}{{% for b in {many} %}}{{% endfor %}}{{% endfor %}}");
        write(folder, "pack/pack.toml", MANIFEST.to_owned() + &items(&path))?;
        write(folder, &format!("pack/{TEMPLATE}"), "x")
    };
    let case = Case::validate("list/endless-item", "a list of 20,000 items, one of whose paths never ends", endless);
    cases.push(case.arguments(["plan", "pack"]).ends("halved batches", &[4], &["time"]));
    cases
}

/// A list of 20,000 items, and an entry for each of them, with this in its path.
fn items(path: &str) -> String {
    let items = joined(20_000, |number| format!("\"item-{number}\""));
    format!(
        "[variables.a]\ntype = \"list\"\ndefault = [{items}]\n\
         [[templates]]\nsource = \"{TEMPLATE}\"\nengine = \"copy\"\nfor_each = \"a\"\noutput = \"{path}/{{{{ item }}}}\"\n"
    )
}

fn joined(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().join(",")
}

/// 100 variables, each with this pattern and a default of so many letters.
fn patterns(pattern: &str, letters: usize) -> String {
    let default = "a".repeat(letters);
    let one = |number: usize| {
        format!("[variables.v{number}]\ntype = \"string\"\npattern = \"{pattern}\"\ndefault = \"{default}\"\n")
    };
    (0..100).map(one).collect()
}
