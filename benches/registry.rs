//! Packs by name: lists and searches as whole processes on indexes of 1,000 and 100,000 packs; installing, updating,
//! uninstalling and cleaning; and resolution. `cargo bench --bench registry`
//!
//! Where Debian's `docker-registry` is installed, packs are installed from one on loopback, too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs,
    reason = "a benchmark that can not go on has failed, and prints its figures"
)]

#[path = "support/packs.rs"]
mod packs;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use packbox::digest::Digest;
use packbox::interrupt::Interrupt;
use packbox::pack::PackName;
use packbox::registry::{
    About, Entry, Index, Known, Needed, PackVersion, Position, Published, RegistryName, Release, Source,
};
use packbox::resolve::{Asked, Pins, Universe, resolve};
use packs::{Size, make_pack, run, scratch, sizes};

/// Words that many packs are about.
const WORDS: &[&str] = &[
    "web",
    "server",
    "cli",
    "api",
    "client",
    "docker",
    "service",
    "rust",
    "python",
    "worker",
    "queue",
    "database",
    "schema",
    "graph",
    "report",
    "dashboard",
    "auth",
    "mail",
    "search",
    "cache",
    "metrics",
    "deploy",
    "helm",
    "lambda",
    "mobile",
    "game",
    "audio",
    "video",
    "image",
    "parser",
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
fn drawn(number: usize, place: usize) -> String {
    let mut hash =
        (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (place as u64).wrapping_mul(0xd1b5_4a32_d192_ed03);
    hash = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let unit = ((hash ^ (hash >> 32)) >> 11) as f64 / (1_u64 << 53) as f64;
    let rank = 30.0 * (VOCABULARY as f64 / 30.0 + 1.0).powf(unit) - 30.0;
    word((rank as usize).min(VOCABULARY - 1))
}

/// A registry that only its log is known of.
struct Made {
    packs: usize,
}

impl Source for Made {
    fn location(&self) -> String {
        "/nowhere".to_owned()
    }

    fn read(&self, after: &Position) -> packbox::error::Result<(Vec<Entry>, Position)> {
        assert_eq!(after.bytes, 0);
        let entries = (0..self.packs).map(|number| Entry { previous: after.last, release: made(number) }).collect();
        Ok((entries, Position { bytes: 1, last_bytes: 1, last: Digest::of(b"the end") }))
    }

    fn fetch(&self, _: &Release, _: &dyn Fn(u64)) -> packbox::error::Result<Vec<u8>> {
        unreachable!("nothing is installed from here")
    }

    fn publish(&self, _: &Position, _: &Release, _: &[u8]) -> packbox::error::Result<Published> {
        unreachable!("nothing is published here")
    }

    fn yank(&self, _: &PackName, _: &PackVersion, _: bool) -> packbox::error::Result<Published> {
        unreachable!("nothing is yanked here")
    }
}

fn made(number: usize) -> Release {
    let word = |place: usize| drawn(number, place);
    let about = About {
        title: Some(format!("{} {} for {}", word(0), word(1), word(2))),
        description: Some((3..15).map(word).collect::<Vec<_>>().join(" ")),
        category: Some(WORDS[number % 8].to_owned()),
        license: Some("MIT".to_owned()),
        authors: vec![format!("Author {} <author{}@example.org>", number % 97, number % 97)],
        keywords: (15..18).map(word).collect(),
        ..About::default()
    };
    release(&format!("{}-{}-{number}", word(0), word(1)), "1.0.0", about)
}

fn release(name: &str, version: &str, about: About) -> Release {
    Release {
        name: name.parse().unwrap(),
        version: version.parse().unwrap(),
        digest: Digest::of(format!("{name} {version}").as_bytes()),
        archive: Digest::of(b"archive"),
        bytes: 1,
        about,
        yanked: false,
        published: 1_700_000_000,
        signatures: Vec::new(),
    }
}

fn packbox(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_packbox"));
    command.args(arguments).env("PACKBOX_HOME", home).current_dir(home);
    command
}

/// Lists, searches and pages on large indexes.
fn lists(criterion: &mut Criterion) {
    for (packs, name) in [(1_000, "1,000 packs"), (100_000, "100,000 packs")] {
        let scratch = scratch();
        let home = scratch.path();
        let started = Instant::now();
        let mut index = Index::open(&home.join("data/index.sqlite")).unwrap();
        index.sync(&"main".parse().unwrap(), &Made { packs }).unwrap();
        drop(index);
        eprintln!("{name}: synced in {:.2} s", started.elapsed().as_secs_f64());
        let middle = made(packs / 2).name.to_string();
        let typo = middle.replacen('e', "", 1);
        let mut group = criterion.benchmark_group(name);
        group.sample_size(50).measurement_time(Duration::from_secs(3));
        let commands: [(&str, &[&str]); 8] = [
            ("list", &["list"]),
            ("list --category", &["list", "--category", "web"]),
            ("list --page 15", &["list", "--page", "15"]),
            ("search, a word", &["search", "docker"]),
            ("search, two beginnings", &["search", "pyth", "dash"]),
            ("search, a typo", &["search", &typo]),
            ("show", &["show", &middle]),
            ("info", &["info", &middle]),
        ];
        for (what, arguments) in commands {
            group.bench_function(what, |bencher| {
                bencher.iter_custom(|iterations| (0..iterations).map(|_| run(&mut packbox(home, arguments))).sum());
            });
        }
        group.finish();
        let mut all = Vec::new();
        for (kind, kind_name) in SEARCHES.iter().enumerate() {
            let searches = (0..100).map(|number| search_for(number * SEARCHES.len() + kind, packs));
            let mut times: Vec<Duration> =
                searches.map(|words| run(packbox(home, &["search"]).args(words.split(' ')))).collect();
            times.sort();
            eprintln!("{name}: search, {kind_name}: median {:?}, p95 {:?}", times[50], times[95]);
            all.extend(times);
        }
        all.sort();
        eprintln!(
            "{name}: {} different searches, whole process: median {:?}, p95 {:?}, slowest {:?}",
            all.len(),
            all[all.len() / 2],
            all[all.len() * 95 / 100],
            all[all.len() - 1]
        );
        let started = Instant::now();
        for _ in 0..100 {
            run(&mut packbox(home, &["list"]));
        }
        eprintln!("{name}: {:.0} list operations a second, one after another", 100.0 / started.elapsed().as_secs_f64());
    }
}

/// The kinds of searches that [`search_for`] makes.
const SEARCHES: &[&str] = &["a word", "a word and a beginning", "a name", "a mistyped word", "two letters"];

/// What users type: words, beginnings, names, and mistakes.
fn search_for(number: usize, packs: usize) -> String {
    let (word, other) = (drawn(number, 100), drawn(number, 101));
    match number % SEARCHES.len() {
        0 => word,
        1 => format!("{word} {}", &other[..other.len().min(3)]),
        2 => made(number * 37 % packs).name.to_string(),
        3 => format!("{}{}", &word[..1], word.get(2..).unwrap_or_default()),
        _ => word[..2].to_owned(),
    }
}

fn medium() -> Size {
    sizes().into_iter().find(|size| size.name == "medium").expect("the medium pack")
}

/// Copies a folder of small files.
fn copy(from: &Path, to: &Path) {
    run(Command::new("cp").arg("-a").arg(from).arg(to));
}

/// Runs a command in a copy of a home.
fn in_copy(template: &Path, scratch: &Path, arguments: &[&str]) -> Duration {
    let home = scratch.join("copy");
    copy(template, &home);
    let time = run(&mut packbox(&home, arguments));
    std::fs::remove_dir_all(home).unwrap();
    time
}

fn changes(criterion: &mut Criterion) {
    let scratch = scratch();
    let scratch = scratch.path();
    let registry = scratch.join("registry");
    let registry = registry.to_str().unwrap();
    let pack = make_pack(scratch, &medium());
    let pack = pack.to_str().unwrap();
    let empty = scratch.join("empty");
    std::fs::create_dir(&empty).unwrap();
    run(&mut packbox(&empty, &["registry", "add", "main", registry, "--create"]));
    run(&mut packbox(&empty, &["publish", pack]));
    run(&mut packbox(&empty, &["registry", "sync"]));
    let full = scratch.join("full");
    copy(&empty, &full);
    run(&mut packbox(&full, &["install", "medium"]));
    // A release that changes one file; the installed one stays behind.
    let manifest = format!("{pack}/pack.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("1.0.0", "1.1.0")).unwrap();
    let behind = scratch.join("behind");
    copy(&full, &behind);
    run(&mut packbox(&behind, &["publish", pack]));
    let stale = stale(scratch, &empty);
    let mut group = criterion.benchmark_group("whole process/medium");
    group.sample_size(30);
    let arms: [(&str, &Path, &[&str]); 5] = [
        ("install from a directory", &empty, &["install", "medium@=1.0.0"]),
        ("install from a folder", &empty, &["install", pack]),
        ("update", &behind, &["update", "--accept"]),
        ("uninstall", &full, &["uninstall", "medium"]),
        ("export", &full, &["export", "medium"]),
    ];
    for (what, home, arguments) in arms {
        group.bench_function(what, |bencher| {
            bencher.iter_custom(|iterations| (0..iterations).map(|_| in_copy(home, scratch, arguments)).sum());
        });
    }
    group.sample_size(10);
    group.bench_function("clean of 1,000 stale packs", |bencher| {
        bencher.iter_custom(|iterations| (0..iterations).map(|_| in_copy(&stale, scratch, &["clean"])).sum());
    });
    if let Some(server) = Server::start(scratch) {
        let remote = scratch.join("remote");
        std::fs::create_dir(&remote).unwrap();
        let location = format!("oci://127.0.0.1:{}/packs", server.port);
        run(&mut packbox(&remote, &["registry", "add", "main", &location, "--plain-http"]));
        run(&mut packbox(&remote, &["publish", pack]));
        run(&mut packbox(&remote, &["registry", "sync"]));
        group.sample_size(30);
        group.bench_function("install from OCI on loopback", |bencher| {
            bencher.iter_custom(|iterations| {
                (0..iterations).map(|_| in_copy(&remote, scratch, &["install", "medium"])).sum()
            });
        });
    } else {
        eprintln!("no docker-registry here: nothing is installed from OCI");
    }
    group.finish();
}

/// A home with 1,000 packs in its store that nothing refers to.
fn stale(scratch: &Path, empty: &Path) -> PathBuf {
    let home = scratch.join("stale");
    copy(empty, &home);
    for number in 0..1_000 {
        let folder = home.join("data/store/packs").join(Digest::of(format!("{number}").as_bytes()).to_string());
        std::fs::create_dir_all(folder.join("templates")).unwrap();
        std::fs::write(folder.join("pack.toml"), "[pack]\n").unwrap();
        for name in ["a.jinja", "b.jinja"] {
            std::fs::write(folder.join("templates").join(name), "text\n".repeat(100)).unwrap();
        }
    }
    home
}

/// A real registry.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(scratch: &Path) -> Option<Self> {
        let program = Path::new("/usr/bin/docker-registry");
        if !program.is_file() {
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = scratch.join("oci");
        let config = scratch.join("oci.yml");
        let text = format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\n\
             http: {{addr: '127.0.0.1:{port}'}}\n",
            folder.display()
        );
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new(program);
        command.arg("serve").arg(&config).env("OTEL_TRACES_EXPORTER", "none");
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
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

type World = BTreeMap<PackName, Vec<Known>>;

/// `packs` packs with `versions` each; pack n needs `needs` of the packs after it, up to `reach` away.
fn world(packs: usize, versions: usize, needs: usize, reach: usize) -> World {
    let registry: RegistryName = "main".parse().unwrap();
    let pack = |number: usize| {
        let known = (0..versions).rev().map(|version| {
            let mut about = About::default();
            for need in 0..needs {
                let other = number + 1 + (number * 31 + need * 17 + version * 7) % reach;
                if other < packs {
                    let least = (number + need + version) % versions.div_ceil(2);
                    let requirement = format!(">=1.{least}.0, <2").parse().unwrap();
                    let needed = Needed { version: requirement, optional: false };
                    about.dependencies.insert(format!("pack-{other}").parse().unwrap(), needed);
                }
            }
            let release = release(&format!("pack-{number}"), &format!("1.{version}.0"), about);
            Known { registry: registry.clone(), release }
        });
        (format!("pack-{number}").parse().unwrap(), known.collect())
    };
    (0..packs).map(pack).collect()
}

fn resolution(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("resolution");
    let graphs = [("10 levels", world(10, 10, 1, 1)), ("1,000 packs, 10,000 versions", world(1_000, 10, 4, 12))];
    for (what, world) in graphs {
        let asked = [Asked { name: "pack-0".parse().unwrap(), requirement: "1".parse().unwrap(), registry: None }];
        let releases = |name: &PackName, _: Option<&RegistryName>| Ok(world.get(name).cloned().unwrap_or_default());
        let universe = || Universe::gather_from(&releases, &asked, &Pins::new()).unwrap();
        let found = resolve(&universe(), &asked, &Interrupt::new()).unwrap();
        eprintln!("{what}: {} packs chosen", found.packs.len());
        group.sample_size(20);
        group.bench_function(what, |bencher| {
            bencher.iter_batched(
                universe,
                |universe| resolve(&universe, &asked, &Interrupt::new()).unwrap(),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, lists, changes, resolution);
criterion_main!(benches);
