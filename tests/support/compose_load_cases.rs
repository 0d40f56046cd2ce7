//! Compositions under load: many at once, and from a registry of many packs, where what is needed is ten levels deep.

use std::collections::BTreeMap;
use std::path::Path;

use packbox::digest::Digest;
use packbox::registry::{DirectorySource, Metadata, Position, Release, Source as _};

use super::process::{Ended, Run, read_folder};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 2] = [("compose/ten-at-once", ten_at_once), ("compose/large-registry", large_registry)];

/// Packs of the registry that nothing needs.
const OTHERS: usize = 990;
/// Packs that need one another, one below the other.
const LEVELS: usize = 10;

fn run(folder: &Path, home: Option<&Path>, arguments: &[&str]) -> Ended {
    let environment = home.map(|home| ("PACKBOX_HOME".to_owned(), home.display().to_string()));
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Run { arguments, folder: folder.to_owned(), environment: environment.into_iter().collect(), ..Run::default() }.run()
}

fn ended_well(ended: &Ended) -> Result<(), String> {
    if ended.exit == 0 { Ok(()) } else { Err(ended.text()) }
}

/// What a run generated, without the receipt.
fn project(folder: &Path) -> BTreeMap<String, (Vec<u8>, bool)> {
    let mut files = read_folder(folder);
    files.retain(|path, _| !path.starts_with(".packbox/"));
    files
}

/// Ten processes compose the same packs at the same time, each in a folder of its own: all of them get the same project.
fn ten_at_once() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let family = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/packs/rust-service");
    let outputs: Vec<String> = (0..10).map(|number| number.to_string()).collect();
    let compose = |output: &String| {
        ended_well(&run(scratch.path(), None, &["compose", family, "--no-input", "--output", output]))
    };
    std::thread::scope(|scope| {
        let runs: Vec<_> = outputs.iter().map(|output| scope.spawn(move || compose(output))).collect();
        runs.into_iter().try_for_each(|run| run.join().expect("a run"))
    })?;
    let first = project(&scratch.path().join(&outputs[0]));
    let other = outputs.iter().find(|output| project(&scratch.path().join(output)) != first);
    match (first.contains_key("Cargo.toml"), other) {
        (true, None) => Ok(()),
        (_, other) => Err(format!("{:?}, and other files in {other:?}", first.keys())),
    }
}

/// Makes a registry know packs that nothing needs.
fn publish_others(registry: &Path) -> Result<(), String> {
    let source = DirectorySource::create(registry).map_err(|error| error.to_string())?;
    let mut end = Position::default();
    for number in 0..OTHERS {
        let name = format!("other-{number}");
        let release = Release {
            name: name.parse().map_err(|error| format!("{name}: {error:?}"))?,
            version: "1.0.0".parse().map_err(|error| format!("a version: {error:?}"))?,
            digest: Digest::of(format!("{name} 1.0.0").as_bytes()),
            archive: Digest::of(name.as_bytes()),
            bytes: name.len() as u64,
            about: Metadata::default(),
            yanked: false,
            published: 1_700_000_000,
            score: None,
            signatures: Vec::new(),
        };
        source.publish(&end, &release, name.as_bytes()).map_err(|error| error.to_string())?;
        end = source.read(&end).map_err(|error| error.to_string())?.1;
    }
    Ok(())
}

/// One name in a `compose.toml` stands for ten packs among a thousand; with the lock, another user gets the same project.
fn large_registry() -> Result<(), String> {
    // Each release is waited for until it is on the disk.
    let memory = Path::new("/dev/shm");
    let scratch = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let scratch = scratch.map_err(|error| error.to_string())?;
    let folder = scratch.path();
    let (registry, author, user) = (folder.join("registry"), folder.join("author"), folder.join("user"));
    publish_others(&registry)?;
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder"))
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|error| format!("{}: {error}", path.display()))
    };
    let place = registry.display().to_string();
    for home in [&author, &user] {
        ended_well(&run(folder, Some(home), &["registry", "add", "main", &place]))?;
    }
    for level in 0..LEVELS {
        let below = level.saturating_sub(1);
        let takes = match level {
            0 => "[variables.word]\ntype = \"string\"\ndefault = \"deep\"\n".to_owned(),
            _ => format!(
                "[dependencies]\nlevel-{below} = \"^1.0\"\n\n[variables.word]\ntype = \"string\"\nfrom = \"level-{below}.word\"\n"
            ),
        };
        let manifest = format!(
            "[pack]\nname = \"level-{level}\"\nversion = \"1.0.0\"\ntitle = \"A level\"\n\
             description = \"A level of ten\"\nlicense = \"MIT\"\n\n{takes}\n\
             [[templates]]\nsource = \"word.jinja\"\noutput = \"{level}.txt\"\n"
        );
        write(&format!("level-{level}/pack.toml"), &manifest)?;
        write(&format!("level-{level}/word.jinja"), "{{ word }}")?;
        ended_well(&run(folder, Some(&author), &["publish", &format!("level-{level}"), "--no-verify"]))?;
    }
    write("shop/compose.toml", "[packs]\nlevel-9 = \"^1.0\"\n")?;
    let compose = ["compose", "shop", "--no-input", "--output"];
    ended_well(&run(folder, Some(&user), &["registry", "sync"]))?;
    ended_well(&run(folder, Some(&user), &[&compose[..], &["first"]].concat()))?;
    let lock = std::fs::read_to_string(folder.join("shop/packbox.lock")).map_err(|error| error.to_string())?;
    ended_well(&run(folder, Some(&author), &[&compose[..], &["second", "--locked"]].concat()))?;
    ended_well(&run(folder, Some(&author), &[&compose[..], &["third", "--locked", "--offline"]].concat()))?;
    let first = project(&folder.join("first"));
    let is_deep = first.len() == LEVELS && first.values().all(|(contents, _)| contents == b"deep");
    let is_same = ["second", "third"].iter().all(|output| project(&folder.join(output)) == first);
    if is_deep && is_same && lock.matches("level-").count() >= LEVELS && !lock.contains("other-") {
        return Ok(());
    }
    Err(format!("{:?}\n{lock}", first.keys()))
}
