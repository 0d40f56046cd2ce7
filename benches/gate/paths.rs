//! The host's hot paths, each as work that can be done again and again.
//!
//! Always true here: everything is on one thread, and the same each time; what a path needs is made before it is measured.
//! What guests do is counted by fuel, so a path that calls them has a small guest: what is measured is the host's part.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use packbox::check::{CheckConfig, Checked, Checker, Depth, Finding, PackReport, Report, Status, Weights};
use packbox::check::{RuleInfo, baseline, fingerprint};
use packbox::cli::{Detail, Format, Look, render_report};
use packbox::compose::variables::{Sources, ToolboxEvaluator, Values, resolve as resolve_values};
use packbox::diagnostic::{Diagnostic, Severity, Span};
use packbox::digest::Digest;
use packbox::engine::{Compiler, Engine, EngineOptions};
use packbox::generate::commit::{CommitOptions, JournalKey, NoObserver, OnExisting, commit, survey};
use packbox::generate::tree::{Provenance, Receipt, ReceiptHeader, Tree, TreeFile};
use packbox::generate::{Job, RenderOptions};
use packbox::interrupt::Interrupt;
use packbox::limits::{Budget, RunLimits};
use packbox::pack::{OutputPath, Pack, PackLimits, PackName};
use packbox::plan;
use packbox::plugins::Toolbox;
use packbox::registry::{
    Dependency, DirectorySource, Entry, Filter, Index, IndexedRelease, Metadata, Order, Page, RegistryName, Release,
};
use packbox::resolve::{Candidates, Preferences, Requirement, resolve};
use packbox::secrets::Secrets;

/// Work, and what it is done with.
type Work<'a> = Box<dyn Fn() + Send + Sync + 'a>;

/// A hot path.
pub struct HotPath {
    /// What it is called in the baseline.
    pub name: &'static str,
    make: for<'a> fn(&'a Bench) -> Work<'a>,
}

/// All of them.
pub const PATHS: &[HotPath] = &[
    HotPath { name: "load a pack of 200 templates", make: load },
    HotPath { name: "check a manifest of 200 variables", make: check },
    HotPath { name: "plan 200 files", make: build_plan },
    HotPath { name: "read and write a plan of 500 files", make: plan_text },
    HotPath { name: "render 200 files with a plugin", make: render },
    HotPath { name: "copy 200 files", make: copy },
    HotPath { name: "write 200 files", make: write },
    HotPath { name: "tree and receipt of 1,000 files", make: receipt },
    HotPath { name: "report 500 findings", make: report },
    HotPath { name: "read a log of 500 releases", make: log },
    HotPath { name: "search 1,000 packs", make: search },
    HotPath { name: "resolve 100 packs of 1,000 releases", make: resolution },
];

impl HotPath {
    /// Makes what the path needs, does the work once, and hands it to `measure`, on the thread of an engine that has one.
    pub fn measure<T: Send>(&self, bench: &Bench, measure: impl FnOnce(&(dyn Fn() + Send + Sync)) -> T + Send) -> T {
        let work = (self.make)(bench);
        bench
            .engine
            .on_workers(|| {
                work();
                measure(&*work)
            })
            .expect("a thread")
    }
}

/// What the paths share.
pub struct Bench {
    engine: Engine,
    folder: tempfile::TempDir,
}

impl Bench {
    /// Makes an engine with one thread and no cache, and an empty folder.
    pub fn new() -> Self {
        let mut options = EngineOptions::new(Compiler::InProcess);
        options.threads = NonZeroUsize::MIN;
        Self { engine: Engine::new(options).expect("an engine"), folder: tempfile::tempdir().expect("a folder") }
    }

    fn pack(&self, manifest: &str, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> PathBuf {
        let folder = self.folder.path().join("pack");
        let manifest = format!("[pack]\nname = \"a\"\nversion = \"1.0.0\"\n{manifest}").into_bytes();
        for (path, contents) in files.into_iter().chain([("pack.toml".to_owned(), manifest)]) {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, contents).expect("a file");
        }
        folder
    }

    fn job(&self, pack: &Pack) -> Job<'_> {
        let run = self.engine.run();
        let toolbox = Toolbox::prepare(&run, pack, &plan::plugins_in_use(pack)).expect("a toolbox");
        let evaluator = ToolboxEvaluator::new(&toolbox, pack, Secrets::default());
        let values = resolve_values(pack.into(), &Sources::default(), &evaluator, None).expect("values");
        Job::prepare(pack, &toolbox, values).expect("a job")
    }
}

fn loaded(folder: &Path) -> Pack {
    Pack::load(folder, &PackLimits::default()).expect("a pack")
}

fn each(length: usize, one: impl Fn(usize) -> String) -> String {
    (0..length).fold(String::new(), |mut text, number| {
        let _ = text.write_str(&one(number));
        text
    })
}

fn texts(length: usize, folder: &str) -> impl Iterator<Item = (String, Vec<u8>)> {
    let text = |number: usize| format!("line of the file {number}: alpha beta gamma delta\n").repeat(40).into_bytes();
    (0..length).map(move |number| (format!("{folder}/file{number}.txt"), text(number)))
}

const COPIES: &str = "[[templates]]\nsource = \"assets\"\noutput = \"assets\"\n";

fn load(bench: &Bench) -> Work<'_> {
    let templates = (0..200).map(|number| (format!("templates/{number}.txt.jinja"), b"{{ name }}\n".to_vec()));
    let entries = each(200, |number| {
        format!(
            "[[templates]]\nsource = \"templates/{number}.txt.jinja\"\noutput = \"out/{number}.txt\"\nwhen = \"wanted\"\n"
        )
    });
    let folder = bench.pack(&entries, templates);
    Box::new(move || {
        black_box(loaded(&folder));
    })
}

fn check(bench: &Bench) -> Work<'_> {
    let variables = each(200, |number| {
        format!(
            "[variables.v{number}]\ntype = \"string\"\nprompt = \"Value {number}\"\npattern = \"^[a-z]+$\"\ndefault = \"a\"\n"
        )
    });
    let folder = bench.pack(&variables, []);
    let (config, values) = (CheckConfig::default(), Sources::default());
    Box::new(move || {
        let checker = Checker {
            engine: &bench.engine,
            validators: &[],
            config: &config,
            weights: Weights::default(),
            values: &values,
            depth: Depth::Check,
            time: None,
        };
        black_box(checker.run("a".to_owned(), Pack::load(&folder, &PackLimits::default())));
    })
}

fn build_plan(bench: &Bench) -> Work<'_> {
    let pack = loaded(&bench.pack(COPIES, texts(200, "assets")));
    let toolbox = Toolbox::prepare(&bench.engine.run(), &pack, &plan::plugins_in_use(&pack)).expect("a toolbox");
    let values = Values::default();
    Box::new(move || {
        black_box(plan::build(&pack, &toolbox, &values).expect("a plan"));
    })
}

fn plan_text(_: &Bench) -> Work<'_> {
    let digest = Digest::of(b"").to_string();
    let file = |number: usize| {
        serde_json::json!({
            "template": format!("t/{number}"), "template_sha256": digest, "engine": "copy", "output": format!("d/{number}"),
            "on_conflict": "own", "reads": ["one", "two"], "options": { "indent": 2 },
        })
    };
    let pack = serde_json::json!({
        "pack": { "name": "a", "version": "1.0.0", "path": "a", "manifest_sha256": digest },
        "values": {}, "secrets": [], "engines": {}, "partials": {}, "message": null,
        "files": (0..500).map(file).collect::<Vec<_>>(),
    });
    let text = serde_json::json!({
        "format": plan::FORMAT, "packbox": "0.1.0", "leading": "a", "strategy": "merge", "packs": [pack], "outputs": [],
    })
    .to_string();
    Box::new(move || {
        let plan = plan::parse(text.as_bytes()).expect("a plan");
        black_box(plan::to_text(&plan, &Budget::new(RunLimits::DEFAULT)).expect("a text"));
    })
}

fn render(bench: &Bench) -> Work<'_> {
    let component = include_bytes!("../../examples/packs/c-assets/plugins/embed.wasm");
    let manifest = format!(
        "[plugins.embed]\ncomponent = \"embed.wasm\"\nsha256 = \"{}\"\n\
         [[templates]]\nsource = \"assets\"\nengine = \"plugin:embed\"\noutput = \"assets\"\n",
        Digest::of(component)
    );
    let small = (0..200).map(|number| (format!("assets/{number}.txt"), format!("{number}").into_bytes()));
    let pack = loaded(&bench.pack(&manifest, small.chain([("embed.wasm".to_owned(), component.to_vec())])));
    rendered(bench.job(&pack))
}

fn copy(bench: &Bench) -> Work<'_> {
    rendered(bench.job(&loaded(&bench.pack(COPIES, texts(200, "assets")))))
}

fn rendered(job: Job<'_>) -> Work<'_> {
    Box::new(move || {
        black_box(job.render(RenderOptions::default()).expect("a tree"));
    })
}

fn tree(length: usize) -> Tree {
    let file = |number: usize| {
        let provenance = Provenance {
            template: format!("templates/{number}"),
            template_digest: Digest::of(b""),
            engine: "copy".to_owned(),
            plugin_digest: None,
            then: Vec::new(),
            variables: vec!["one".to_owned(), "two".to_owned()],
            on_conflict: packbox::pack::OnConflict::Own,
        };
        let path = OutputPath::new(format!("src/{}/file{number}.txt", number % 20)).expect("a path");
        TreeFile::new(path, format!("file {number}\n").repeat(50).into_bytes(), false, provenance)
    };
    Tree::build((0..length).map(file).collect()).expect("a tree")
}

/// A new folder each time, then the same files once more, which changes nothing.
fn write(bench: &Bench) -> Work<'_> {
    let tree = tree(200);
    Box::new(move || {
        let output = bench.folder.path().join("out");
        let key = JournalKey::from_bytes([7; 32]);
        let options = CommitOptions {
            on_existing: OnExisting::Overwrite,
            prune: false,
            receipt: Some(b"{}"),
            key: &key,
            interrupted: &|| false,
            observer: &NoObserver,
        };
        for _ in 0..2 {
            commit(&survey(&tree, &output).expect("a survey"), &options).expect("a commit");
        }
        std::fs::remove_dir_all(output).expect("a folder");
    })
}

fn receipt(_: &Bench) -> Work<'_> {
    let files = tree(1_000).files().to_vec();
    let header = || ReceiptHeader {
        pack: "a".to_owned(),
        version: packbox::version(),
        pack_digest: None,
        packbox: packbox::version(),
        engines: std::iter::once(("copy".to_owned(), None)).collect(),
        packs: Vec::new(),
    };
    Box::new(move || {
        let tree = Tree::build(files.clone()).expect("a tree");
        let bytes = Receipt::new(header(), &tree).to_bytes().expect("a receipt");
        black_box(Receipt::parse(&bytes).expect("a receipt"));
    })
}

fn report(_: &Bench) -> Work<'_> {
    let finding = |number: usize| -> Finding {
        let mut span = Span::file("a/file");
        span.start.line = u32::try_from(number).expect("a line");
        span.excerpt = Some("a line".to_owned());
        Diagnostic::error(format!("templates/rule-{}", number % 20), "it is wrong").at(span).help("mend it").into()
    };
    let mut pack = PackReport {
        path: "a".to_owned(),
        name: Some("a".to_owned()),
        version: Some("1.0.0".to_owned()),
        status: Status::Clean,
        exit: 0,
        error: None,
        checked: Checked { manifest: true, rules: Some(true), templates: Some(true) },
        findings: (0..500).map(finding).collect(),
        measured: Vec::new(),
        trials: None,
        budget: None,
    };
    fingerprint::assign(&mut pack.findings, "a");
    pack.settle(Severity::Error);
    let rule = |number: usize| RuleInfo {
        id: format!("templates/rule-{number}"),
        summary: "a rule".to_owned(),
        default_level: Severity::Error,
        help: "Its page.".to_owned(),
    };
    let report = Report::new(vec![pack], (0..20).map(rule).collect(), Severity::Error, Vec::new());
    Box::new(move || {
        let look = Look { color: false, detail: Detail::Full };
        for format in [Format::Human, Format::Json, Format::Sarif] {
            black_box(render_report(&report, "lint", format, look).expect("a text"));
        }
        black_box(baseline::write(&report, "so").expect("a baseline"));
    })
}

fn release(name: &str, version: &str, needs: BTreeMap<PackName, Dependency>) -> Release {
    Release {
        name: name.parse().expect("a name"),
        version: version.parse().expect("a version"),
        digest: Digest::of(format!("{name} {version}").as_bytes()),
        archive: Digest::of(b""),
        bytes: 1,
        about: Metadata {
            title: Some(format!("The pack {name}")),
            keywords: vec!["web".to_owned(), name.to_owned()],
            dependencies: needs.into_iter().collect(),
            ..Metadata::default()
        },
        yanked: false,
        published: 1,
        score: None,
        signatures: Vec::new(),
    }
}

fn registry(bench: &Bench, length: usize) -> DirectorySource {
    let folder = bench.folder.path().join("registry");
    let source = DirectorySource::create(&folder).expect("a registry");
    let (mut lines, mut previous) = (Vec::new(), Digest::of(b""));
    for number in 0..length {
        let release = release(&format!("pack-{number}"), "1.0.0", BTreeMap::new());
        let line = serde_json::to_vec(&Entry { previous, release }).expect("a line");
        previous = Digest::of(&line);
        lines.extend(line);
        lines.push(b'\n');
    }
    std::fs::write(folder.join("log.jsonl"), lines).expect("a log");
    source
}

fn main_registry() -> RegistryName {
    "main".parse().expect("a name")
}

fn log(bench: &Bench) -> Work<'_> {
    let source = registry(bench, 500);
    Box::new(move || {
        let path = bench.folder.path().join("new/index.sqlite");
        Index::open(&path).and_then(|mut index| index.sync(&main_registry(), &source)).expect("a log");
        std::fs::remove_dir_all(path.parent().expect("a folder")).expect("a folder");
    })
}

fn search(bench: &Bench) -> Work<'_> {
    let source = registry(bench, 1_000);
    let path = bench.folder.path().join("index.sqlite");
    Index::open(&path).and_then(|mut index| index.sync(&main_registry(), &source)).expect("a log");
    Box::new(move || {
        let index = Index::open(&path).expect("an index");
        black_box(index.list(&Filter::default(), Order::Name, Page { offset: 0, limit: 100 }).expect("packs"));
        for words in ["web", "pack-7", "pakc"] {
            black_box(index.search(words, &Filter::default(), Page { offset: 0, limit: 20 }).expect("packs"));
        }
    })
}

fn resolution(_: &Bench) -> Work<'_> {
    const PACKS: usize = 100;
    let pack = |number: usize| {
        let known = (0..10).rev().map(|version: usize| {
            let need = |need: usize| {
                let other = number + 1 + (number * 31 + need * 17 + version * 7) % 12;
                let requirement =
                    format!(">=1.{}.0, <2", (number + need + version) % 5).parse().expect("a requirement");
                let needed = Dependency { version: requirement, optional: false };
                (other < PACKS).then(|| (format!("pack-{other}").parse().expect("a name"), needed))
            };
            let needs = (0..4).filter_map(need).collect();
            IndexedRelease {
                registry: main_registry(),
                release: release(&format!("pack-{number}"), &format!("1.{version}.0"), needs),
            }
        });
        (format!("pack-{number}").parse().expect("a name"), known.collect())
    };
    let world: BTreeMap<PackName, Vec<IndexedRelease>> = (0..PACKS).map(pack).collect();
    let requirement = "1".parse().expect("a requirement");
    let asked = [Requirement { name: "pack-0".parse().expect("a name"), requirement, registry: None }];
    Box::new(move || {
        let releases = |name: &PackName, _: Option<&RegistryName>| Ok(world.get(name).cloned().unwrap_or_default());
        let candidates = Candidates::gather_from(&releases, &asked, &Preferences::new()).expect("releases");
        black_box(resolve(&candidates, &asked, &Interrupt::new()).expect("packs"));
    })
}
