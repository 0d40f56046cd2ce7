//! Several packs that become one project, each arm a whole process: plans, projects, memory; ten at once; from a registry.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::rows;
use crate::support::packs::{Fixture, head, make_project_parts, write};
use crate::support::process::{copy, measure, packbox, run as run_command, warm_up};
use crate::support::registries::fill_folder;
use crate::support::rows::Unit;
use crate::support::suite::{BRIEF, Effort, LONG, Suite};

/// How many packs there are at most.
const PACKS: usize = 5;

/// Composes packs in a folder of its own.
pub fn run(suite: &mut Suite, folder: &Path) {
    let scene = Scene { home: folder.join("home"), output: folder.join("out") };
    std::fs::create_dir_all(&scene.home).expect("a folder");
    let medium = Fixture::named("medium").make_parts(&folder.join("medium"), PACKS);
    let complex = Fixture::named("complex").make_parts(&folder.join("complex"), PACKS);
    let small = make_project_parts(&folder.join("small"), "process-10", PACKS);
    warm_up(|| scene.compose(&small));
    scene.check(&small);

    let compose = |packs: &[PathBuf]| run_command(&mut scene.compose(packs));
    suite.time("compose 2 packs", rows!["compose-2"], BRIEF, || compose(&medium[..2]));
    suite.time("compose 3 packs", rows!["compose-3"], BRIEF, || compose(&medium[..3]));
    suite.time("compose 5 packs", rows!["compose-5"], BRIEF, || compose(&medium));
    suite.time("compose 5 complex packs", rows!["compose-any"], LONG, || compose(&complex));
    suite.time("compose 2 packs of 10 templates", rows!["compose-2-small"], BRIEF, || compose(&small[..2]));
    suite.time("compose 3 packs of 10 templates", rows!["compose-3-small"], BRIEF, || compose(&small[..3]));
    suite.time("compose 5 packs of 10 templates", rows!["compose-5-small"], BRIEF, || compose(&small));
    let memory = |packs: &[PathBuf]| measure(&mut scene.compose(packs)).megabytes();
    suite.figure("compose 3 packs, memory", rows!["memory-compose"], (Unit::Megabytes, 20), || memory(&medium[..3]));
    suite.figure(
        "compose 3 packs of 10 templates, memory",
        rows!["memory-compose-small"],
        (Unit::Megabytes, 20),
        || memory(&small[..3]),
    );

    let plan =
        |packs: &[PathBuf]| run_command(packbox(&scene.home, ["plan", "--no-input", "--save", "plan"]).args(packs));
    suite.time("plan", rows!["plan"], BRIEF, || plan(&complex));
    suite.time("plan 5 packs of 10 templates", rows!["plan-small"], BRIEF, || plan(&small));

    scene.at_once(suite, &folder.join("at once"), &medium[..3]);
    levels(suite, &scene, &folder.join("levels"));
    registry(suite, &folder.join("registry"));
}

/// Where projects are made.
struct Scene {
    home: PathBuf,
    output: PathBuf,
}

impl Scene {
    fn compose_to(&self, packs: &[PathBuf], output: &Path) -> Command {
        let mut command = packbox(&self.home, ["compose", "--no-input"]);
        command.args(packs).arg("--output").arg(output);
        command
    }

    /// A command that composes into a folder that is not there yet.
    fn compose(&self, packs: &[PathBuf]) -> Command {
        let _ = std::fs::remove_dir_all(&self.output);
        self.compose_to(packs, &self.output)
    }

    /// What is timed is what is meant: a folder for each pack, and files that are merged from all of them.
    fn check(&self, packs: &[PathBuf]) {
        let read = |name: &str| std::fs::read_to_string(self.output.join(name)).expect("a file that is merged");
        let (settings, ignored) = (read("settings.toml"), read(".gitignore"));
        assert_eq!((settings.matches("port = ").count(), ignored.lines().count()), (packs.len(), packs.len() + 1));
        for pack in packs {
            assert!(self.output.join(pack.file_name().expect("a name")).join("src").is_dir());
        }
    }

    /// Ten users who all compose now.
    fn at_once(&self, suite: &mut Suite, folder: &Path, packs: &[PathBuf]) {
        suite.time("10 compositions at once", rows!["stress-compositions"], BRIEF, || {
            let _ = std::fs::remove_dir_all(folder);
            std::fs::create_dir(folder).expect("a folder");
            let started = Instant::now();
            std::thread::scope(|scope| {
                for number in 0..10 {
                    scope.spawn(move || run_command(&mut self.compose_to(packs, &folder.join(number.to_string()))));
                }
            });
            started.elapsed()
        });
    }
}

/// Makes a chain of packs: each writes a file with a word that it takes from the one that it needs.
fn chain(folder: &Path, levels: usize) -> Vec<PathBuf> {
    let pack = |level: usize| {
        let pack = folder.join(format!("level-{level}"));
        let mut manifest = head(&format!("level-{level}"));
        let _ = match level {
            0 => write!(manifest, "\n[variables.word]\ntype = \"string\"\ndefault = \"deep\"\n"),
            _ => write!(
                manifest,
                "\n[dependencies]\nlevel-{0} = \"^1.0\"\n\n[variables.word]\ntype = \"string\"\nfrom = \"level-{0}.word\"\n",
                level - 1
            ),
        };
        let _ = write!(manifest, "\n[[templates]]\nsource = \"word.jinja\"\noutput = \"{level}.txt\"\n");
        write(&pack, "pack.toml", &manifest);
        write(&pack, "word.jinja", "{{ word }}\n");
        pack
    };
    (0..levels).map(pack).collect()
}

/// Ten packs that need one another, one below the other.
fn levels(suite: &mut Suite, scene: &Scene, folder: &Path) {
    let packs = chain(folder, 10);
    suite.time("compose 10 levels", rows!["stress-levels"], BRIEF, || run_command(&mut scene.compose(&packs)));
}

/// The same from a registry of 1,000 packs: the first time, when they are chosen and installed, and then with the lock.
fn registry(suite: &mut Suite, folder: &Path) {
    let (home, project) = (folder.join("home"), folder.join("project"));
    std::fs::create_dir(folder).expect("a folder");
    fill_folder(&home, &folder.join("registry"), 1_000 - 10);
    for pack in chain(&folder.join("packs"), 10) {
        run_command(packbox(&home, ["publish", "--no-verify"]).arg(pack));
    }
    write(&project, "compose.toml", "[packs]\nlevel-9 = \"^1.0\"\n");
    let (store, lock) = (home.join("data"), project.join("packbox.lock"));
    let kept = folder.join("kept");
    copy(&store, &kept);
    let compose = |arguments: &[&str]| -> Duration {
        let _ = std::fs::remove_dir_all(project.join("out"));
        run_command(packbox(&home, ["compose", "--no-input", "--output", "out"]).args(arguments).current_dir(&project))
    };
    // What is compiled once is not timed.
    compose(&[]);
    suite.time(
        "compose from a registry of 1,000",
        rows!["stress-compose-registry"],
        Effort { samples: 10, ..BRIEF },
        || {
            let _ = std::fs::remove_file(&lock);
            std::fs::remove_dir_all(&store).expect("what was installed");
            copy(&kept, &store);
            let time = compose(&[]);
            assert!(lock.is_file() && project.join("out/9.txt").is_file());
            time
        },
    );
    suite.time("compose from a lock", rows![], BRIEF, || compose(&["--locked", "--offline"]));
}
