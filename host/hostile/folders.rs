//! Folders that mean harm: links and devices in packs, output paths, templates that are bombs.

use std::path::Path;

use super::case::{Case, MANIFEST, write};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = templates();
    cases.extend(outputs());
    #[cfg(unix)]
    cases.extend(links());
    #[cfg(target_os = "linux")]
    cases.extend(no_files());
    cases
}

/// A pack with one template and a manifest's rest.
fn with_template(name: &str, attack: &str, rest: &str, template: impl Fn() -> Vec<u8> + Send + Sync + 'static) -> Case {
    let manifest = format!("{MANIFEST}{rest}[[templates]]\nsource = \"a.jinja\"\noutput = \"a.txt\"\n");
    Case::validate(format!("template/{name}"), attack, move |folder: &Path| {
        write(folder, "pack/pack.toml", &manifest)?;
        write(folder, "pack/a.jinja", template())
    })
}

fn templates() -> Vec<Case> {
    let stopped: &[&str] = &["fuel", "memory", "stack", "result", "time", "trap", "template/syntax"];
    let sum = || format!("{{{{ 1{} }}}}", "+1".repeat(200_000)).into_bytes();
    let parentheses = || format!("{{{{ {}1{} }}}}", "(".repeat(100_000), ")".repeat(100_000)).into_bytes();
    let blocks = || [b"{% if true %}".repeat(50_000), b"{% endif %}".repeat(50_000)].concat();
    let endless = || b"{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}".to_vec();
    let huge = || b"{% for i in range(100000) %}{{ 'x' * 1000 }}{% endfor %}".to_vec();
    let doubling = || {
        b"{% set ns = namespace(x='xxxxxxxxxxxxxxxx') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}".to_vec()
    };
    let recursion = || b"{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}".to_vec();
    let itself = || b"{% include 'a.jinja' %}".to_vec();
    let fuel = ["validate", "pack", "--no-config", "--limit", "fuel=200000000"];
    let any: &[&str] = &[];
    vec![
        with_template("nested-terms", "200,000 terms that crash native engines", "", sum).ends(
            "stack",
            &[0, 1, 4],
            any,
        ),
        with_template("parentheses", "100,000 nested parentheses", "", parentheses).ends("nesting", &[0, 1, 4], any),
        with_template("nested-blocks", "50,000 nested blocks", "", blocks).ends("nesting", &[0, 1, 4], any),
        with_template("endless", "a loop of ten billion iterations", "", endless).arguments(fuel).ends(
            "fuel",
            &[1, 4],
            stopped,
        ),
        with_template("huge-output", "100 MB of output", "", huge).ends("result bytes", &[1, 4], any),
        with_template("doubling", "a text that doubles 60 times", "", doubling).ends("memory", &[1, 4], any),
        with_template("recursion", "a macro that calls itself", "", recursion).ends("stack", &[1, 4], any),
        with_template("includes-itself", "a template that includes itself", "", itself).ends("nesting", &[1, 4], any),
        with_template("allows-its-failure", "a template that fails, and suppresses its own finding", "", || {
            b"{% if %} {# packbox: allow(template/syntax) it is meant to be so #}".to_vec()
        })
        .ends("suppressions", &[1], &["template/syntax"]),
        with_template("bad-utf8", "a template that is not text", "", || b"{{ \xff }}".to_vec()).ends(
            "encoding",
            &[1],
            any,
        ),
    ]
}

fn outputs() -> Vec<Case> {
    let paths = [
        ("dot-dot", "../outside"),
        ("absolute", "/tmp/outside"),
        ("backslash", "..\\outside"),
        ("drive", "C:/outside"),
        ("git", ".git/hooks/post-checkout"),
        ("git-by-case", ".GIT/config"),
        ("git-by-invisible", ".g\u{200b}it/config"),
        ("own-folder", ".packbox/receipt.json"),
        ("device", "aux.txt"),
        ("trailing-dot", "a."),
        ("control", "a\u{1b}[2J"),
    ];
    let one =
        |(name, path): (&str, &'static str)| {
            let make = move |folder: &Path| {
                let escaped: String =
                    path.chars().flat_map(char::escape_unicode).collect::<String>().replace("\\u{", "\\U{");
                let escaped = escaped.split("\\U{").skip(1).fold(String::new(), |text, code| {
                    let code = u32::from_str_radix(code.trim_end_matches('}'), 16).unwrap_or(0);
                    text + &format!("\\U{code:08X}")
                });
                // The path comes from an expression, so that nothing can be seen before it is evaluated.
                let manifest = format!(
                    "{MANIFEST}[variables.path]\ntype = \"string\"\ndefault = \"{escaped}\"\n\n\
                 [[templates]]\nsource = \"a.txt\"\noutput = \"{{{{ path }}}}\"\n"
                );
                write(folder, "pack/pack.toml", manifest)?;
                write(folder, "pack/a.txt", "x")
            };
            Case::validate(format!("output/{name}"), format!("an output path like `{}`", path.escape_default()), make)
                .ends("output paths", &[4], &["outside-path"])
        };
    paths.into_iter().map(one).collect()
}

#[cfg(unix)]
fn links() -> Vec<Case> {
    use std::os::unix::fs::symlink;
    let manifest = format!("{MANIFEST}[[templates]]\nsource = \"templates\"\noutput = \"out\"\n");
    let with = |name: &str, attack: &str, plant: fn(&Path) -> std::io::Result<()>| {
        let manifest = manifest.clone();
        let make = move |folder: &Path| {
            write(folder, "secret.txt", "a secret of the user's")?;
            write(folder, "pack/pack.toml", &manifest)?;
            write(folder, "pack/templates/a.txt", "x")?;
            plant(&folder.join("pack"))
        };
        Case::validate(format!("link/{name}"), attack, make)
    };
    let entry: &[&str] = &["manifest/entry", "manifest"];
    let into = ["generate", "pack", "--no-input", "--output", "out", "--on-existing", "overwrite"];
    let outside: &[&str] = &["outside-path"];
    let planted = |name: &str, attack: &str, plant: fn(&Path) -> std::io::Result<()>| {
        let manifest = manifest.clone();
        let make = move |folder: &Path| {
            write(folder, "pack/pack.toml", &manifest)?;
            write(folder, "pack/templates/a.txt", "x")?;
            std::fs::create_dir_all(folder.join("elsewhere"))?;
            write(folder, "out/other.txt", "x")?;
            plant(folder)
        };
        Case::validate(format!("link/{name}"), attack, make).arguments(into).ends(
            "links in the output folder",
            &[4],
            outside,
        )
    };
    vec![
        with("to-file", "a template that is a link to a file outside", |pack| {
            symlink("../../secret.txt", pack.join("templates/b.txt"))
        })
        .ends("links in packs", &[1], entry),
        with("to-folder", "a folder that is a link to a folder outside", |pack| {
            symlink("/etc", pack.join("templates/etc"))
        })
        .ends("links in packs", &[1], entry),
        with("to-itself", "a link to itself", |pack| symlink("loop", pack.join("loop"))).ends(
            "links in packs",
            &[1],
            entry,
        ),
        with("manifest", "a manifest that is a link", |pack| {
            std::fs::rename(pack.join("pack.toml"), pack.join("../real.toml"))?;
            symlink("../real.toml", pack.join("pack.toml"))
        })
        .ends("links in packs", &[1], &[]),
        with("ignore-file", "an ignore file that is a link", |pack| {
            symlink("../secret.txt", pack.join(".packboxignore"))
        })
        .ends("links in packs", &[1], &[]),
        planted("output-folder", "a folder in the output folder that is a link", |folder| {
            symlink("../elsewhere", folder.join("out/out"))
        }),
        planted("output-file", "an output file that is a link", |folder| {
            std::fs::create_dir(folder.join("out/out"))?;
            symlink("../../elsewhere/a.txt", folder.join("out/out/a.txt"))
        }),
        planted("own-folder", "a `.packbox` folder that is a link", |folder| {
            symlink("../elsewhere", folder.join("out/.packbox"))
        }),
    ]
}

/// Pipes, folders and links where packbox reads a file: nobody is waited for, and nothing is left out silently.
#[cfg(target_os = "linux")]
fn no_files() -> Vec<Case> {
    use std::os::unix::fs::symlink;

    use rustix::fs::{CWD, FileType, Mode, mknodat};
    type Plant = fn(&Path) -> std::io::Result<()>;
    let kinds: [(&str, Plant); 4] = [
        ("pipe", |path| Ok(mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0)?)),
        ("folder", |path| std::fs::create_dir(path)),
        ("dangling-link", |path| symlink("nothing", path)),
        ("endless-device", |path| symlink("/dev/zero", path)),
    ];
    let places: [(&str, &str, &[&str]); 2] = [
        ("settings", "packbox.toml", &["check", "pack"]),
        ("log", "registry/log.jsonl", &["registry", "add", "hostile", "registry"]),
    ];
    let mut cases = Vec::new();
    for (name, path, arguments) in places {
        for (kind, plant) in kinds {
            let make = move |folder: &Path| {
                write(folder, "pack/pack.toml", MANIFEST)?;
                write(folder, "registry/packbox-registry.toml", "format = 1\n")?;
                plant(&folder.join(path))
            };
            let case = Case::validate(format!("file/{name}-{kind}"), format!("`{path}` as a {kind}"), make);
            cases.push(case.arguments(arguments.iter().copied()).ends("regular files only", &[7], &["io"]));
        }
    }
    cases
}
