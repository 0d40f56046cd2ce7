//! What the lists are made with: texts, packs, and an engine.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use packbox::compose::variables::{Sources, ToolboxEvaluator, Values, resolve};
use packbox::engine::{Compiler, Engine, EngineOptions};
use packbox::pack::{Pack, PackLimits};
use packbox::plugins::Toolbox;
use packbox::secrets::Secrets;
use tempfile::TempDir;

/// How each manifest begins.
pub const HEAD: &str = "[pack]\nname = \"a\"\nversion = \"1.0.0\"\n";

/// Any number of everything.
pub fn limits() -> PackLimits {
    let any = u64::MAX;
    PackLimits { variables: any, queries: any, plugins: any, templates: any, files: any, ..PackLimits::default() }
}

/// What a loop writes for each number.
pub fn each(length: usize, one: impl Fn(usize) -> String) -> String {
    (0..length).fold(String::new(), |mut text, number| {
        let _ = text.write_str(&one(number));
        text
    })
}

/// A pack in a folder of its own.
pub struct Sample {
    pub pack: Pack,
    #[expect(dead_code, reason = "it is there until it is dropped")]
    folder: TempDir,
}

impl Sample {
    /// Makes a pack with this manifest, to which the head is added, and these files.
    pub fn new(manifest: &str, files: impl IntoIterator<Item = (String, String)>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let manifest = ("pack.toml".to_owned(), HEAD.to_owned() + manifest);
        for (path, text) in files.into_iter().chain([manifest]) {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        let pack = Pack::load(folder.path(), &limits()).expect("a pack");
        Self { pack, folder }
    }
}

/// The engine of all tests; whoever asks for it is alone.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let engine = Engine::new(EngineOptions::new(Compiler::InProcess)).expect("an engine");
        // Threads start, and what is built in is compiled, before anything is measured.
        engine.on_workers(|| ()).expect("threads");
        engine
    })
}

/// What calls a pack's plugins, in a run of its own. None of them are made ready.
pub fn toolbox(pack: &Pack) -> Arc<Toolbox<'static>> {
    let toolbox = Toolbox::prepare(&engine().run(), pack, &std::collections::BTreeSet::new()).expect("a toolbox");
    toolbox.jinja().expect("the engine of expressions");
    toolbox
}

/// The values that a pack has where nobody says anything.
pub fn values(pack: &Pack) -> Values {
    let toolbox = toolbox(pack);
    let evaluator = ToolboxEvaluator::new(&toolbox, pack, Secrets::default());
    resolve(pack.into(), &Sources::default(), &evaluator, None).expect("values")
}
