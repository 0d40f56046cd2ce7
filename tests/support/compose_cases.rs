//! Packs in any order give one project: the same files, each of the same pack. What `docs/compose.md` says to type does what it says.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use packbox::{Error, Inputs, Pack, Packbox};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::process::{binary, shared_home};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 3] =
    [("compose/any-order", any_order), ("compose/ten-levels", ten_levels), ("compose/page", page)];

/// How many packs there are.
const PACKS: usize = 6;

/// A project: of each file the path, the contents and the template.
type Project = Vec<(String, Vec<u8>, String)>;

fn written(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| error.to_string())
}

/// Makes the pack `NAME`, which writes a file of its own and one that others write, too, and reads the word of each pack that it
/// needs.
fn pack(folder: &Path, name: &str, needs: &[String]) -> Result<(), String> {
    let folder = folder.join(name);
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let mut manifest = format!("[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\n\n[dependencies]\n");
    for needed in needs {
        let _ = writeln!(manifest, "{needed} = \"^1\"");
    }
    let _ = write!(manifest, "\n[variables.word]\ntype = \"string\"\ndefault = \"{name}\"\n");
    for needed in needs {
        let _ = write!(manifest, "\n[variables.of_{needed}]\ntype = \"string\"\nfrom = \"{needed}.word\"\n");
    }
    let _ = write!(manifest, "\n[[templates]]\nsource = \"own.jinja\"\noutput = \"{name}.txt\"\n");
    manifest += "\n[[templates]]\nsource = \"all.jinja\"\noutput = \"all.txt\"\non_conflict = \"create-once\"\n";
    written(&folder.join("pack.toml"), &manifest)?;
    let words = needs.iter().map(|needed| format!("{{{{ of_{needed} }}}} ")).collect::<Vec<_>>().concat();
    written(&folder.join("own.jinja"), &format!("{{{{ word }}}} after {words}\n"))?;
    written(&folder.join("all.jinja"), "all of {{ word }}\n")
}

fn composed(packbox: &Packbox, packs: &[Pack]) -> Result<Project, Error> {
    let rendered = packbox.compose(packs, &Inputs::new())?.render()?;
    let files = rendered.files();
    Ok(files.map(|file| (file.path.to_owned(), file.contents.to_vec(), file.template.to_owned())).collect())
}

fn home() -> Result<Packbox, String> {
    Packbox::builder().home(shared_home()).build().map_err(|error| error.to_string())
}

/// Whatever packs need, and in whatever order they are named: files, contents and owners are the same.
fn any_order() -> Result<(), String> {
    let packbox = home()?;
    let edges = prop::collection::vec(any::<bool>(), PACKS * (PACKS - 1) / 2);
    let order = Just((0..PACKS).collect::<Vec<_>>()).prop_shuffle();
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&(edges, order), |(edges, order)| {
        let failed = |error: String| TestCaseError::fail(error);
        let scratch = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
        let mut edges = edges.into_iter();
        let names: Vec<String> = (0..PACKS).map(|index| format!("p{}", (index * 5 + 2) % PACKS)).collect();
        for (index, name) in names.iter().enumerate() {
            let needs: Vec<String> =
                names[..index].iter().filter(|_| edges.next().unwrap_or_default()).cloned().collect();
            pack(scratch.path(), name, &needs).map_err(failed)?;
        }
        let loaded = names.iter().map(|name| packbox.load(scratch.path().join(name))).collect::<Result<Vec<_>, _>>();
        let packs = loaded.map_err(|error| failed(format!("{error:?}")))?;
        let came = |packs: &[Pack]| composed(&packbox, packs).map_err(|error| failed(format!("{error:?}")));
        let first = came(&packs)?;
        prop_assert_eq!(first.len(), PACKS + 1);
        let again: Vec<Pack> = order.iter().map(|index| packs[*index].clone()).collect();
        prop_assert_eq!(first, came(&again)?);
        Ok(())
    });
    outcome.map_err(|error| error.to_string())
}

/// A chain of ten packs, each of which takes the word of the one that it needs.
fn ten_levels() -> Result<(), String> {
    let packbox = home()?;
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut packs = Vec::new();
    for level in 0..10 {
        let folder = scratch.path().join(format!("p{level}"));
        std::fs::create_dir(&folder).map_err(|error| error.to_string())?;
        let (needs, from) = match level {
            0 => (String::new(), "default = \"deep\"".to_owned()),
            _ => (format!("[dependencies]\np{} = \"^1\"\n", level - 1), format!("from = \"p{}.word\"", level - 1)),
        };
        let manifest = format!(
            "[pack]\nname = \"p{level}\"\nversion = \"1.0.0\"\n{needs}[variables.word]\ntype = \"string\"\n{from}\n\
             [[templates]]\nsource = \"word.jinja\"\noutput = \"{level}.txt\"\n"
        );
        written(&folder.join("pack.toml"), &manifest)?;
        written(&folder.join("word.jinja"), "{{ word }}")?;
        packs.insert(0, packbox.load(&folder).map_err(|error| format!("{error:?}"))?);
    }
    let project = composed(&packbox, &packs).map_err(|error| format!("{error:?}"))?;
    let wrong = project.iter().find(|(_, contents, _)| contents != b"deep");
    match (project.len(), wrong) {
        (10, None) => Ok(()),
        (count, wrong) => Err(format!("{count} files, and {wrong:?}")),
    }
}

/// The blocks of a language in the page.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let begin = format!("```{language}\n");
    page.split(begin.as_str()).skip(1).filter_map(|rest| Some(rest.split_once("```")?.0)).collect()
}

/// Types what the page says, in its order: two packs that want one file, and the `compose.toml` that says whose it is.
fn page() -> Result<(), String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/compose.md");
    let page = std::fs::read_to_string(page).map_err(|error| error.to_string())?;
    let (typed, written_down) = (blocks(&page, "sh"), blocks(&page, "toml"));
    let settings = written_down.iter().find(|block| block.starts_with("#:schema")).ok_or("a `compose.toml`")?;
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let tools = binary().parent().ok_or("a folder")?.display().to_string();
    let path = format!("{tools}:{}", std::env::var("PATH").unwrap_or_default());
    let run = |script: &str| {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-ec", script]).current_dir(scratch.path()).env("PATH", &path);
        shell.env("PACKBOX_HOME", shared_home()).stdin(std::process::Stdio::null());
        shell.output().map_err(|error| error.to_string())
    };
    for (script, code) in [(0, 0), (1, 3)] {
        let ended = run(typed.get(script).ok_or("a command")?)?;
        if ended.status.code() != Some(code) {
            return Err(format!("block {script}: {} {}", ended.status, String::from_utf8_lossy(&ended.stderr)));
        }
    }
    written(&scratch.path().join("compose.toml"), settings)?;
    let ended = run(typed.get(2).ok_or("a command")?)?;
    let made = std::fs::read_to_string(scratch.path().join("shop/Dockerfile")).unwrap_or_default();
    if !ended.status.success() || made != "FROM scratch\nLABEL name=\"shop\"\nEXPOSE 9000\n" {
        return Err(format!("{made} {}", String::from_utf8_lossy(&ended.stderr)));
    }
    for script in typed.iter().filter(|script| script.starts_with("packbox plan")) {
        let ended = run(script)?;
        if !ended.status.success() {
            return Err(format!("{script}: {} {}", ended.status, String::from_utf8_lossy(&ended.stderr)));
        }
    }
    match std::fs::read_to_string(scratch.path().join("plan.html")) {
        Ok(page) if page.starts_with("<!doctype html>") => Ok(()),
        other => Err(format!("{other:?}")),
    }
}
