//! Queries as people meet them: what `docs/queries.md` says to type does what it says, and the examples that have an ontology
//! generate what they are for.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::{Ended, Run, binary, shared_home};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 4] = [
    ("asking/page", page),
    ("asking/service-map", service_map),
    ("asking/catalogue", catalogue),
    ("asking/example-gates", gates),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The blocks of a language in the page.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let begin = format!("```{language}\n");
    page.split(begin.as_str()).skip(1).filter_map(|rest| Some(rest.split_once("```")?.0)).collect()
}

/// Types what the page says, in its order.
fn page() -> Result<(), String> {
    let page = std::fs::read_to_string(root().join("docs/queries.md")).map_err(|error| error.to_string())?;
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let tools = binary().parent().ok_or("a folder")?.display().to_string();
    let path = format!("{tools}:{}", std::env::var("PATH").unwrap_or_default());
    let (mut typed, table) = (0, blocks(&page, "text").first().copied().ok_or("a table")?);
    for script in blocks(&page, "sh") {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-ec", script]).current_dir(scratch.path()).env("PATH", &path);
        shell.env("PACKBOX_HOME", shared_home()).stdin(std::process::Stdio::null());
        let ended = shell.output().map_err(|error| error.to_string())?;
        let [told, said] = [&ended.stdout, &ended.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
        if !ended.status.success() {
            return Err(format!("{script}\n{}: {told}{said}", ended.status));
        }
        if script == "packbox query ports services\n" && told != table {
            return Err(format!("the page shows another table than this:\n{told}"));
        }
        typed += 1;
    }
    let made = ["orders", "stock", "cron"].map(|name| scratch.path().join(format!("out/{name}.conf")));
    let made = made.map(|path| std::fs::read_to_string(path).unwrap_or_default());
    if typed < 8 || made != ["listen 8082\n", "listen 8081\n", "listen 8090\n"] {
        return Err(format!("{typed} blocks made {made:?}"));
    }
    Ok(())
}

fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Run { arguments, folder: folder.to_owned(), ..Run::default() }.run()
}

fn ends(ended: &Ended, code: i32, mentions: &[&str]) -> Result<(), String> {
    let text = ended.text();
    match mentions.iter().find(|mention| !text.contains(**mention)) {
        Some(mention) => Err(format!("this should mention {mention:?}: {text}")),
        None if ended.exit != code => Err(format!("this should end with {code}: {text}")),
        None => Ok(()),
    }
}

/// Generates an example that is there as a copy, and checks it.
fn example(name: &str, more: &[&str], holds: &[(&str, &str)]) -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let pack: PathBuf = root().join("examples/packs").join(name);
    let pack = pack.display().to_string();
    ends(&run(scratch.path(), &["validate", &pack, "--no-config", "--deny", "warnings"]), 0, &[])?;
    let arguments = [&["generate", &pack, "--no-input", "--output", "out"], more].concat();
    ends(&run(scratch.path(), &arguments), 0, &[])?;
    for (file, wanted) in holds {
        let text = std::fs::read_to_string(scratch.path().join("out").join(file))
            .map_err(|error| format!("{file}: {error}"))?;
        if !text.contains(wanted) {
            return Err(format!("{file} lacks {wanted:?}:\n{text}"));
        }
    }
    Ok(())
}

/// Rust, `OpenAPI`, a diagram and tests of an ontology.
fn service_map() -> Result<(), String> {
    example(
        "service-map",
        &[],
        &[
            ("src/entities.rs", "pub struct Product {"),
            ("src/entities.rs", "    pub picture: Option<String>,\n"),
            (
                "src/services.rs",
                "        name: \"orders\",\n        port: 8082,\n        calls: &[\"catalogue\", \"payment\"],\n",
            ),
            ("tests/services.rs", "use shop_map::services::{SERVICES, Service};"),
            ("docs/services.md", "    orders --> payment\n"),
            (
                "api/catalogue.yaml",
                "                type: array\n                items: { $ref: \"#/components/schemas/Product\" }\n",
            ),
            ("api/orders.yaml", "required: [\"count\", \"id\", \"is_paid\", \"product\"]"),
            ("api/payment.yaml", "operationId: charge"),
        ],
    )
}

/// A static catalogue of a user's data and the pack's.
fn catalogue() -> Result<(), String> {
    let teapot = root().join("examples/packs/catalogue/sample/teapot.ttl");
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    // What lies in the pack is not the user's.
    let mine = scratch.path().join("teapot.ttl");
    std::fs::copy(teapot, &mine).map_err(|error| error.to_string())?;
    example(
        "catalogue",
        &["--graph", &mine.display().to_string(), "--var", "language=de", "--var", "title=Töpfe & Tassen"],
        &[
            ("index.html", "<title>Töpfe &amp; Tassen</title>"),
            ("index.html", "<a href=\"products/teapot-01.html\">Teapot</a>"),
            ("products/bowl-01.html", "<h1>Reisschale</h1>"),
            ("products/vase-01.html", "39.00 CHF or 42.00 EUR"),
            ("categories/bowls.html", "<a href=\"../products/cup-01.html\">Espresso cup</a>"),
        ],
    )
}

/// What makes no sense is refused before anything is written.
fn gates() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path();
    let broken = "@prefix s: <https://example.org/service#> .\n@prefix shop: <https://example.org/shop/> .\n\
        shop:mail a s:Service ; s:name \"mail\" ; s:port 8081 ; s:calls shop:nobody .\n\
        shop:web a s:Service ; s:name \"web\" ; s:port 80 .\n";
    let twice = "@prefix schema: <https://schema.org/> .\n\
        <https://example.org/other> a schema:Product ; schema:identifier \"bowl-01\" ; schema:name \"Bowl\" .\n";
    for (file, text) in [("services.ttl", broken), ("products.ttl", twice)] {
        std::fs::write(folder.join(file), text).map_err(|error| error.to_string())?;
    }
    let generate = |name: &str, graph: &str| {
        let pack = root().join("examples/packs").join(name).display().to_string();
        run(folder, &["generate", &pack, "--no-input", "--output", "out", "--graph", graph])
    };
    let refused = [
        "3 gates of the pack refuse to generate anything",
        "mail calls https://example.org/shop/nobody, which is no service",
        "catalogue and mail both listen on port 8081",
        "web listens on port 80, which is below 1024",
    ];
    ends(&generate("service-map", "services.ttl"), 1, &refused)?;
    let refused =
        ["have the identifier bowl-01: each page needs one of its own", "https://example.org/other has no price"];
    ends(&generate("catalogue", "products.ttl"), 1, &refused)?;
    if folder.join("out").exists() { Err("something was written".to_owned()) } else { Ok(()) }
}
