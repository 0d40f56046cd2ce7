//! Having packs: installing from folders and over the network, updating, uninstalling, cleaning, as whole processes.
//! `cargo bench --bench management`
//!
//! Where Debian's `docker-registry` is installed, packs are installed from one on loopback, too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    missing_docs,
    reason = "a benchmark that can not go on has failed, and prints its figures"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use packbox::digest::Digest;
use support::packs::Fixture;
use support::process::{copy, measure, on_disk, packbox, run, scratch};
use support::registries::{Server, add};
use support::rows::Unit;
use support::suite::{BRIEF, Effort, Suite};

fn main() -> ExitCode {
    let mut suite = Suite::begin("management");
    let memory = scratch();
    let scene = Scene::make(memory.path());
    scene.changes(&mut suite);
    scene.clean(&mut suite);
    if suite.wants("install from OCI") {
        scene.over_the_network(&mut suite);
    }
    if suite.wants("on a disk") {
        let disk = on_disk();
        let scene = Scene::make(disk.path());
        suite.time("install on a disk", rows![], BRIEF, || scene.in_copy(&scene.empty, &["install", "medium-pack"]));
    }
    suite.finish()
}

/// Homes to begin with; commands run in copies of them.
struct Scene {
    scratch: PathBuf,
    pack: PathBuf,
    /// Knows a registry that has the pack.
    empty: PathBuf,
    /// Has it installed.
    full: PathBuf,
    /// Has it installed, and there is a newer release.
    behind: PathBuf,
}

impl Scene {
    fn make(scratch: &Path) -> Self {
        let named = |name: &str| scratch.join(name);
        let (empty, full, behind) = (named("empty"), named("full"), named("behind"));
        let pack = Fixture::named("medium").make(scratch);
        add(&empty, &named("registry"));
        let publish = |home: &Path| run(packbox(home, ["publish", "--no-verify"]).arg(&pack));
        publish(&empty);
        copy(&empty, &full);
        run(&mut packbox(&full, ["install", "medium-pack"]));
        // A release that changes one file.
        let manifest = pack.join("pack.toml");
        let text = std::fs::read_to_string(&manifest).expect("a manifest");
        std::fs::write(&manifest, text.replace("1.0.0", "1.1.0")).expect("a file");
        copy(&full, &behind);
        publish(&behind);
        Self { scratch: scratch.to_owned(), pack, empty, full, behind }
    }

    /// Runs something in a copy of a home, which goes away afterwards.
    fn with_copy<T>(&self, home: &Path, run: impl FnOnce(&Path) -> T) -> T {
        let copied = self.scratch.join("copy");
        copy(home, &copied);
        let result = run(&copied);
        std::fs::remove_dir_all(copied).expect("a folder less");
        result
    }

    fn in_copy(&self, home: &Path, arguments: &[&str]) -> Duration {
        self.with_copy(home, |home| run(&mut packbox(home, arguments)))
    }

    fn changes(&self, suite: &mut Suite) {
        let install = ["install", "medium-pack@=1.0.0"];
        suite.time("install from a folder registry", rows!["install"], BRIEF, || self.in_copy(&self.empty, &install));
        let folder = self.pack.to_str().expect("a plain path");
        suite.time("install a folder", rows![], BRIEF, || self.in_copy(&self.empty, &["install", folder]));
        suite.time("update", rows!["update"], BRIEF, || self.in_copy(&self.behind, &["update", "--accept"]));
        suite.time("uninstall", rows!["uninstall"], BRIEF, || self.in_copy(&self.full, &["uninstall", "medium-pack"]));
        suite.time("export", rows![], BRIEF, || self.in_copy(&self.full, &["export", "medium-pack"]));
        suite.figure("install, memory", rows!["memory-install"], (Unit::Megabytes, 20), || {
            self.with_copy(&self.empty, |home| measure(&mut packbox(home, install)).megabytes())
        });
        // What the copies take does not count.
        suite.figure("install, one after another", rows!["throughput-install"], (Unit::Operations, 10), || {
            let total: Duration = (0..5).map(|_| self.in_copy(&self.empty, &install)).sum();
            5.0 / total.as_secs_f64()
        });
    }

    /// A store with 1,000 packs that nothing refers to.
    fn clean(&self, suite: &mut Suite) {
        let stale = self.scratch.join("stale");
        copy(&self.empty, &stale);
        for number in 0..1_000 {
            let folder = stale.join("data/store/packs").join(Digest::of(format!("{number}").as_bytes()).to_string());
            std::fs::create_dir_all(folder.join("templates")).expect("a folder");
            std::fs::write(folder.join("pack.toml"), "[pack]\n").expect("a file");
            for name in ["a.jinja", "b.jinja"] {
                std::fs::write(folder.join("templates").join(name), "text\n".repeat(100)).expect("a file");
            }
        }
        let effort = Effort { samples: 20, time: Duration::from_secs(2) };
        suite.time("clean of 1,000 packs", rows!["clean"], effort, || self.in_copy(&stale, &["clean"]));
    }

    fn over_the_network(&self, suite: &mut Suite) {
        let Some(server) = Server::start(&self.scratch) else { return };
        let remote = self.scratch.join("remote");
        std::fs::create_dir(&remote).expect("a folder");
        let location = format!("oci://127.0.0.1:{}/packs", server.port);
        run(&mut packbox(&remote, ["registry", "add", "main", &location, "--plain-http"]));
        run(packbox(&remote, ["publish", "--no-verify"]).arg(&self.pack));
        run(&mut packbox(&remote, ["registry", "sync"]));
        suite.time("install from OCI", rows!["install-network"], BRIEF, || {
            self.in_copy(&remote, &["install", "medium-pack"])
        });
        let started = Instant::now();
        run(&mut packbox(&remote, ["registry", "sync"]));
        suite.record("sync with OCI", rows![], Unit::Seconds, vec![started.elapsed().as_secs_f64()]);
    }
}
