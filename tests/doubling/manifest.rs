//! Lists of the manifest, and files of a pack that entries name and do not name.

use packbox::pack::{BuiltInEngine, Manifest, ManifestView, Pack, TemplateEngine};
use packbox::text::nearest;

use crate::cost::Alone;
use crate::samples::{HEAD, each, limits};

/// A manifest with a list, read as `check` reads it, and as validators are told it.
fn manifest(alone: &Alone, name: &str, length: usize, list: impl Fn(usize) -> String) {
    let limits = limits();
    alone.grows_with_its_length(
        name,
        length,
        |length| HEAD.to_owned() + &list(length),
        |text| {
            let _ = Manifest::parse("pack.toml", text, &limits);
            let _ = ManifestView::of(text);
        },
    );
}

#[test]
fn choices() {
    let alone = Alone::wait();
    let list = |length| each(length, |number| format!("\"choice {number}\", "));
    manifest(&alone, "choices", 5_000, |length| {
        format!("[variables.a]\ntype = \"choice\"\nchoices = [{}]\ndefault = \"choice 7\"\n", list(length))
    });
    manifest(&alone, "choices, and a default that is none", 5_000, |length| {
        format!("[variables.a]\ntype = \"choice\"\nchoices = [{}]\ndefault = \"chioce 7\"\n", list(length))
    });
    manifest(&alone, "choices with labels", 2_000, |length| {
        let list = each(length, |number| format!("{{ value = \"{number}\", label = \"the {number}\" }}, "));
        format!("[variables.a]\ntype = \"choice\"\nchoices = [{list}]\n")
    });
}

#[test]
fn items() {
    let alone = Alone::wait();
    manifest(&alone, "items", 5_000, |length| {
        let list = each(length, |number| format!("\"item {number}\", "));
        format!("[variables.a]\ntype = \"list\"\nunique = true\ndefault = [{list}]\n")
    });
    manifest(&alone, "authors", 5_000, |length| {
        let list = each(length, |number| format!("\"author {number}\", "));
        format!("authors = [{list}]\nkeywords = [{list}]\n")
    });
    manifest(&alone, "options", 2_000, |length| {
        let list = each(length, |number| format!("key{number} = [1, 2, 3]\n"));
        format!("[[templates]]\nsource = \"t\"\noutput = \"t\"\n[templates.options]\n{list}")
    });
    manifest(&alone, "options below a long key", 4_000, |length| {
        let (key, list) = ("k".repeat(length * 20), "1, ".repeat(length));
        format!("[[templates]]\nsource = \"t\"\noutput = \"t\"\noptions = {{ {key} = [{list}] }}\n")
    });
}

fn variables(length: usize) -> String {
    each(length, |number| format!("[variables.list_{number}]\ntype = \"list\"\n"))
}

#[test]
fn variables_and_what_names_them() {
    let alone = Alone::wait();
    manifest(&alone, "variables", 2_000, variables);
    manifest(&alone, "variables and queries", 1_000, |length| {
        variables(length) + &each(length, |number| format!("[queries.query_{number}]\nfile = \"q\"\n"))
    });
    let for_each = |length, suffix: &str| {
        let entry = |number| {
            format!(
                "[[templates]]\nsource = \"t\"\noutput = \"{{{{ item }}}}\"\nfor_each = \"list_{number}{suffix}\"\n"
            )
        };
        variables(length) + &each(length, entry)
    };
    manifest(&alone, "templates for each item of a variable", 1_000, |length| for_each(length, ""));
    manifest(&alone, "templates for each item of no variable", 1_000, |length| for_each(length, "_x"));
}

#[test]
fn patterns() {
    let alone = Alone::wait();
    let one =
        |number| format!("[variables.v{number}]\ntype = \"string\"\npattern = \"^[a-z]{{1,9}}$\"\ndefault = \"a\"\n");
    manifest(&alone, "patterns", 250, |length| each(length, one));
    // A pattern that is twice as large is tried on half as much.
    manifest(&alone, "letters of a text that a pattern is tried on", 1_000, |length| {
        let default = "a".repeat(length);
        each(20, |number| {
            format!("[variables.v{number}]\ntype = \"string\"\npattern = \"(?:.?){{30}}Y\"\ndefault = \"{default}\"\n")
        })
    });
}

#[test]
fn tables_by_name() {
    let alone = Alone::wait();
    manifest(&alone, "lints", 4_000, |length| {
        "[lints]\n".to_owned() + &each(length, |number| format!("\"no/rule-{number}\" = \"off\"\n"))
    });
    manifest(&alone, "dependencies", 4_000, |length| {
        "[dependencies]\n".to_owned() + &each(length, |number| format!("pack-{number} = \"^1.0\"\n"))
    });
    manifest(&alone, "plugins", 1_000, |length| {
        each(length, |number| format!("[plugins.p{number}]\ncomponent = \"p.wasm\"\ngrants = []\n"))
            + &each(length, |number| {
                format!("[[templates]]\nsource = \"t\"\noutput = \"t\"\nengine = \"plugin:p{number}\"\n")
            })
    });
    manifest(&alone, "plugins that are not there", 2_000, |length| {
        each(length, |number| format!("[plugins.p{number}]\ncomponent = \"p.wasm\"\n"))
            + &each(length, |number| {
                format!("[[templates]]\nsource = \"t\"\noutput = \"t\"\nengine = \"plugin:q{number}\"\n")
            })
    });
    manifest(&alone, "unknown keys", 8_000, |length| each(length, |number| format!("key_{number} = 1\n")));
    manifest(&alone, "mistakes on one line", 500, |length| format!("a = [{}", "= ".repeat(length)));
}

#[test]
fn names_that_are_near() {
    let alone = Alone::wait();
    let list = |length| (0..length).map(|number| format!("a-rather-long-name-{number}")).collect::<Vec<_>>();
    alone.grows_with_its_length("near names", 1_000, list, |names: &Vec<String>| {
        assert!(nearest("a-rather-long-nmae-7", names.iter().map(String::as_str)).is_some());
    });
}

/// A pack of a folder: entries that name files, and files that no entry names.
#[test]
fn files() {
    let alone = Alone::wait();
    let folder = |length: usize| {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: String, text: &str| std::fs::write(folder.path().join(path), text).expect("a file");
        std::fs::create_dir(folder.path().join("d")).expect("a folder");
        for number in 0..length {
            write(format!("t{number}.jinja"), "");
            write(format!("d/p{number}.jinja"), "");
            // Their names begin like a folder that an entry names.
            write(format!("d{number}"), "");
        }
        let entry = |number| format!("[[templates]]\nsource = \"t{number}.jinja\"\noutput = \"{number}\"\n");
        write("pack.toml".to_owned(), &(HEAD.to_owned() + &each(length, entry)));
        folder
    };
    let limits = limits();
    alone.grows_with_its_length("files", 150, folder, |folder| {
        let pack = Pack::load(folder.path(), &limits).expect("a pack");
        assert_eq!(
            pack.partials(&TemplateEngine::BuiltIn(BuiltInEngine::Jinja)).len(),
            pack.templates().expect("entries").len()
        );
        for template in pack.templates().expect("entries") {
            let span = pack.span(&template.output.range);
            assert!(span.start.line > 3);
        }
    });
}
