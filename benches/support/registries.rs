//! Registries full of packs that nobody wrote: words are distributed as in texts, and the same each time.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use packbox::digest::Digest;
use packbox::pack::PackName;
use packbox::registry::{
    Dependency, DirectorySource, Entry, Index, IndexedRelease, Metadata, PackVersion, Position, Published,
    RegistryName, Release, Source,
};

use super::process::{copy, packbox, run, scratch};

/// Words that many packs are about.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "web", "server", "cli", "api", "client", "docker", "service", "rust", "python", "worker", "queue", "database", "schema",
    "graph", "report", "dashboard", "auth", "mail", "search", "cache", "metrics", "deploy", "helm", "lambda", "mobile", "game",
    "audio", "video", "image", "parser",
];
/// How many words there are.
const VOCABULARY: usize = 3_000;

/// The word of a rank; the rare ones are made up.
fn word(rank: usize) -> String {
    const SYLLABLES: &[&str] = &["ba", "con", "di", "fe", "gra", "lo", "mun", "pi", "ro", "sta", "ter", "vu"];
    match WORDS.get(rank) {
        Some(word) => (*word).to_owned(),
        None => [rank / 144, rank / 12, rank].map(|digit| SYLLABLES[digit % 12]).concat() + &(rank / 1_728).to_string(),
    }
}

/// A word as texts have them (Zipf and Mandelbrot): the commonest stands in about every tenth pack. The same numbers give
/// the same word.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank is small"
)]
fn drawn(number: usize, place: usize) -> String {
    let mut hash =
        (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (place as u64).wrapping_mul(0xd1b5_4a32_d192_ed03);
    hash = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let unit = ((hash ^ (hash >> 32)) >> 11) as f64 / (1_u64 << 53) as f64;
    let rank = 30.0 * (VOCABULARY as f64 / 30.0 + 1.0).powf(unit) - 30.0;
    word((rank as usize).min(VOCABULARY - 1))
}

/// The release of a made-up pack.
pub fn made(number: usize) -> Release {
    let word = |place: usize| drawn(number, place);
    let about = Metadata {
        title: Some(format!("{} {} for {}", word(0), word(1), word(2))),
        description: Some((3..15).map(word).collect::<Vec<_>>().join(" ")),
        category: Some(WORDS[number % 8].to_owned()),
        license: Some("MIT".to_owned()),
        authors: vec![format!("Author {} <author{}@example.org>", number % 97, number % 97)],
        keywords: (15..18).map(word).collect(),
        ..Metadata::default()
    };
    release(&format!("{}-{}-{number}", word(0), word(1)), "1.0.0", about)
}

/// A release whose archive nobody will ask for.
fn release(name: &str, version: &str, about: Metadata) -> Release {
    Release {
        name: name.parse().expect("a name"),
        version: version.parse().expect("a version"),
        digest: Digest::of(format!("{name} {version}").as_bytes()),
        archive: Digest::of(b"archive"),
        bytes: 1,
        about,
        yanked: false,
        published: 1_700_000_000,
        score: None,
        signatures: Vec::new(),
    }
}

/// The kinds of searches that [`search_for`] makes.
pub const SEARCHES: &[&str] = &["a word", "a word and a beginning", "a name", "a mistyped word", "two letters"];

/// What users type: words, beginnings, names, and mistakes.
pub fn search_for(number: usize, packs: usize) -> String {
    let (word, other) = (drawn(number, 100), drawn(number, 101));
    match number % SEARCHES.len() {
        0 => word,
        1 => format!("{word} {}", &other[..other.len().min(3)]),
        2 => made(number * 37 % packs).name.to_string(),
        3 => format!("{}{}", &word[..1], word.get(2..).unwrap_or_default()),
        _ => word[..2].to_owned(),
    }
}

/// A registry that only its log is known of.
struct Log(Vec<Release>);

impl Source for Log {
    fn location(&self) -> String {
        "/nowhere".to_owned()
    }

    fn read(&self, after: &Position) -> packbox::error::Result<(Vec<Entry>, Position)> {
        assert_eq!(after.bytes, 0);
        let entries = self.0.iter().map(|release| Entry { previous: after.last, release: release.clone() }).collect();
        Ok((entries, Position { bytes: 1, last_bytes: 1, last: Digest::of(b"the end") }))
    }

    fn fetch(&self, _: &Release, _: &dyn packbox::Progress) -> packbox::error::Result<Vec<u8>> {
        unreachable!("nothing is installed from here")
    }

    fn publish(&self, _: &Position, _: &Release, _: &[u8]) -> packbox::error::Result<Published> {
        unreachable!("nothing is published here")
    }

    fn yank(&self, _: &PackName, _: &PackVersion, _: bool) -> packbox::error::Result<Published> {
        unreachable!("nothing is yanked here")
    }
}

/// Makes the index of a home know releases.
pub fn fill_index(home: &Path, releases: impl Iterator<Item = Release>) -> Index {
    let mut index = Index::open(&home.join("data/index.sqlite")).expect("an index");
    index.sync(&"main".parse().expect("a name"), &Log(releases.collect())).expect("a registry that was read");
    index
}

/// Makes a registry of so many packs in a folder, which a home then has as `main` and has read.
pub fn fill_folder(home: &Path, folder: &Path, packs: usize) {
    // Each release is waited for until it is on the disk, so this goes to memory first.
    let memory = scratch();
    let made_in = memory.path().join("registry");
    let source = DirectorySource::create(&made_in).expect("a registry");
    let mut end = Position::default();
    for number in 0..packs {
        let made = made(number);
        let archive = made.name.as_str().as_bytes();
        let release = Release { archive: Digest::of(archive), bytes: archive.len() as u64, ..made.clone() };
        source.publish(&end, &release, archive).expect("a published pack");
        end = source.read(&end).expect("a log").1;
    }
    copy(&made_in, folder);
    add(home, folder);
}

/// Makes a home have the registry in a folder as `main`, and read it.
pub fn add(home: &Path, folder: &Path) {
    std::fs::create_dir_all(home).expect("a folder");
    let folder = folder.to_str().expect("a plain path");
    run(&mut packbox(home, ["registry", "add", "main", folder, "--create"]));
    run(&mut packbox(home, ["registry", "sync"]));
}

/// What is known of packs and their releases.
pub type World = BTreeMap<PackName, Vec<IndexedRelease>>;

/// `packs` packs with `versions` each; pack n needs `needs` of the packs after it, up to `reach` away.
pub fn world(packs: usize, versions: usize, needs: usize, reach: usize) -> World {
    let needed =
        |number: usize, version: usize, need: usize| number + 1 + (number * 31 + need * 17 + version * 7) % reach;
    world_of(packs, versions, |number, version| (0..needs).map(|need| needed(number, version, need)).collect())
}

/// `packs` packs with `versions` each, which need what `needs` says for a pack and a version.
pub fn world_of(packs: usize, versions: usize, needs: impl Fn(usize, usize) -> Vec<usize>) -> World {
    let registry: RegistryName = "main".parse().expect("a name");
    let pack = |number: usize| {
        let known = (0..versions).rev().map(|version| {
            let mut about = Metadata::default();
            for (need, other) in needs(number, version).into_iter().enumerate() {
                if other < packs {
                    let least = (number + need + version) % versions.div_ceil(2);
                    let requirement = format!(">=1.{least}.0, <2").parse().expect("a requirement");
                    let needed = Dependency { version: requirement, optional: false };
                    about.dependencies.insert(format!("pack-{other}").parse().expect("a name"), needed);
                }
            }
            let release = release(&format!("pack-{number}"), &format!("1.{version}.0"), about);
            IndexedRelease { registry: registry.clone(), release }
        });
        (format!("pack-{number}").parse().expect("a name"), known.collect())
    };
    (0..packs).map(pack).collect()
}

/// A real registry, on loopback.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub port: u16,
}

impl Server {
    /// Starts Debian's `docker-registry`, where it is installed.
    pub fn start(scratch: &Path) -> Option<Self> {
        let program = Path::new("/usr/bin/docker-registry");
        if !program.is_file() {
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
        let folder = scratch.join("oci");
        let config = scratch.join("oci.yml");
        let text = format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\n\
             http: {{addr: '127.0.0.1:{port}'}}\n",
            folder.display()
        );
        std::fs::write(&config, text).expect("a file");
        let mut command = Command::new(program);
        command.arg("serve").arg(&config).env("OTEL_TRACES_EXPORTER", "none");
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        let server = Self { child, port };
        for _ in 0..100 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(server);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the registry does not answer")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
