//! Manifests that mean harm: to the parser, to paths, to the terminal of whoever reads what is reported.

use std::path::Path;

use super::case::{Case, MANIFEST, write};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, attack: &str, limit: &str, rules: &[&str], text: fn() -> Vec<u8>| {
        let make = move |folder: &Path| write(folder, "pack/pack.toml", text());
        cases.push(Case::validate(format!("manifest/{name}"), attack, make).ends(limit, &[1], rules));
    };
    let syntax: &[&str] = &["manifest/syntax"];
    let value: &[&str] = &["manifest/value", "manifest/syntax"];
    add("too-large", "a manifest of 11 MB", "manifest bytes", &[], || {
        [MANIFEST.as_bytes(), b"#", &vec![b'x'; 11_000_000], b"\n"].concat()
    });
    add("nested-arrays", "200,000 nested arrays", "nesting", syntax, || {
        [b"a = ".to_vec(), vec![b'['; 200_000], vec![b']'; 200_000]].concat()
    });
    add("nested-tables", "dotted keys in inline tables, 6,000 levels deep", "nesting", syntax, || {
        let dots = vec!["a"; 75].join(".");
        (format!("{dots} = {{ ").repeat(80) + "b = 1" + &" }".repeat(80)).into_bytes()
    });
    add("dotted-key", "a key of 100,000 dots", "nesting", syntax, || {
        (vec!["a"; 100_000].join(".") + " = 1").into_bytes()
    });
    add("many-keys", "150,000 unknown keys", "number of findings", &["manifest/unknown-key"], || {
        lines(150_000, |number| format!("k{number}=1\n")).into_bytes()
    });
    add("many-tokens", "700,000 keys", "tokens of a manifest", syntax, || {
        lines(700_000, |number| format!("k{number}=1\n")).into_bytes()
    });
    add("many-variables", "10,000 variables", "variables", &[], || {
        let variables = lines(10_000, |number| format!("[variables.v{number}]\ntype = \"string\"\n"));
        (MANIFEST.to_owned() + &variables).into_bytes()
    });
    add("bad-utf8", "bytes that are not text", "encoding", syntax, || {
        [MANIFEST.as_bytes(), b"title = \"\xff\"\n"].concat()
    });
    add("utf16", "UTF-16", "encoding", syntax, || b"\xff\xfe[\0p\0".to_vec());
    add("utf32", "UTF-32", "encoding", syntax, || b"\0\0\xfe\xff\0\0\0[".to_vec());
    add("nul", "a NUL byte in a text", "syntax", value, || b"[pack]\nname = \"a\0b\"\nversion = \"1.0.0\"\n".to_vec());
    add("slow-pattern", "a pattern that takes exponential time elsewhere", "pattern size", &[], || {
        let repeat = "(a+)+".repeat(50);
        format!(
            "{MANIFEST}[variables.a]\ntype = \"string\"\npattern = \"^({repeat}){{50}}$\"\ndefault = \"{}\"\n",
            "a".repeat(200)
        )
        .into_bytes()
    });
    for (name, text) in [
        ("slash", "a/b"),
        ("dot-dot", ".."),
        ("path", "../../outside"),
        ("absolute", "/etc"),
        ("escape", "a\\u001b[2J"),
        ("nul", "a\\u0000"),
        ("empty", ""),
        ("long", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("upper-case", "Case"),
        ("option", "--output"),
    ] {
        cases.push(of_text(&format!("name-{name}"), format!("[pack]\nname = \"{text}\"\nversion = \"0.1.0\"\n")));
    }
    for (name, text) in [("path", "../1.0.0"), ("slash", "1.0.0/x"), ("escape", "1.0.0\\u001b"), ("word", "latest")] {
        cases.push(of_text(&format!("version-{name}"), format!("[pack]\nname = \"a\"\nversion = \"{text}\"\n")));
    }
    for (name, path) in
        [("dot-dot", "../secret"), ("absolute", "/etc/passwd"), ("empty-part", "a//b"), ("backslash", "a\\\\b")]
    {
        let text = format!("{MANIFEST}[[templates]]\nsource = \"{path}\"\noutput = \"out\"\n");
        cases.push(of_text(&format!("source-{name}"), text));
    }
    cases.push(escapes());
    cases
}

/// Writes a text for each number.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |text, number| text + &line(number))
}

fn of_text(name: &str, text: String) -> Case {
    let make = move |folder: &Path| write(folder, "pack/pack.toml", &text);
    let attack = "a name, a version or a path that leads elsewhere";
    Case::validate(format!("manifest/{name}"), attack, make).ends("strict types", &[1], &["manifest/value"])
}

/// Escape sequences in every text that a manifest can have; what is printed for people must have none.
fn escapes() -> Case {
    let evil = "\\u001b]0;owned\\u0007\\u001b[31m\\u202e";
    let text = format!(
        "[pack]\nname = \"hostile\"\nversion = \"0.1.0\"\ntitle = \"{evil}\"\ndescription = \"{evil}\"\ncategory = \"{evil}\"\n\
         license = \"{evil}\"\nauthors = [\"{evil}\"]\nkeywords = [\"{evil}\"]\n\n\
         [variables.a]\ntype = \"string\"\nprompt = \"{evil}\"\nhelp = \"{evil}\"\nexample = \"{evil}\"\n\n\
         [variables.b]\ntype = \"choice\"\nchoices = [{{ value = \"{evil}\", label = \"{evil}\" }}]\n\n\
         [variables.c]\ntype = \"string\"\ncompute = \"undefined_{evil}\"\n\n\
         [lints]\n\"no/such-rule\" = \"off\"\n"
    );
    let make = move |folder: &Path| write(folder, "pack/pack.toml", &text);
    Case::validate("manifest/terminal-escapes", "escape sequences in every text", make)
        .arguments(["validate", "pack", "--no-config", "--format", "human"])
        .ends("escaping of printed text", &[1], &[])
}
