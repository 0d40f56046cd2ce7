//! Generating: packs of the documented sizes as whole processes, with what they take of memory, processor and disk; many
//! at once; and templates in the sandbox, each arm beside its native twin. `cargo bench --bench generation`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    missing_docs,
    reason = "a benchmark that can not go on has failed, and prints its figures"
)]

#[path = "generation/disk.rs"]
mod disk;
mod support;
#[path = "generation/twins.rs"]
mod twins;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use support::packs::{Fixture, head, make_project, query, write};
use support::process::{measure, packbox, run, scratch, warm_up};
use support::rows::Unit;
use support::suite::{BRIEF, Effort, LONG, Suite};

fn main() -> ExitCode {
    let mut suite = Suite::begin("generation");
    let scratch = scratch();
    let scene = Scene { home: scratch.path().join("home"), output: scratch.path().join("out") };
    std::fs::create_dir(&scene.home).expect("a folder");
    let packs = Fixture::all().iter().map(|fixture| fixture.make(scratch.path())).collect::<Vec<_>>();
    let [minimal, medium, complex, mega] = &packs[..] else { panic!("four packs") };
    warm_up(|| scene.generate(medium));
    suite.time("simple", rows!["generate-simple"], BRIEF, || scene.time(minimal));
    suite.time("medium", rows!["generate-medium"], BRIEF, || scene.time(medium));
    suite.time("complex", rows!["generate-complex"], BRIEF, || scene.time(complex));
    suite.time("mega", rows!["generate-any"], LONG, || scene.time(mega));
    scene.resources(&mut suite, medium, mega);
    scene.at_once(&mut suite, scratch.path(), medium);
    scene.studied(&mut suite, scratch.path(), complex);
    scene.first_run(&mut suite, medium);
    scene.projects(&mut suite, scratch.path());
    scene.unchanged(&mut suite, scratch.path());
    scene.queries(&mut suite, scratch.path());
    disk::run(&mut suite);
    twins::run(&mut suite);
    suite.finish()
}

/// Where packs are generated.
struct Scene {
    home: PathBuf,
    output: PathBuf,
}

impl Scene {
    fn generate_to(&self, pack: &Path, output: &Path) -> Command {
        let mut command = packbox(&self.home, ["generate", "--no-input"]);
        command.arg(pack).arg("--output").arg(output);
        command
    }

    /// A command that generates to a folder that is not there yet.
    fn generate(&self, pack: &Path) -> Command {
        let _ = std::fs::remove_dir_all(&self.output);
        self.generate_to(pack, &self.output)
    }

    fn time(&self, pack: &Path) -> Duration {
        run(&mut self.generate(pack))
    }

    fn resources(&self, suite: &mut Suite, medium: &Path, mega: &Path) {
        suite.figure("generate, one after another", rows!["throughput-generate"], (Unit::Operations, 10), || {
            // What taking the last result away takes does not count.
            let total: Duration = (0..10).map(|_| self.time(medium)).sum();
            10.0 / total.as_secs_f64()
        });
        suite.figure("generate, memory", rows!["memory-generate"], (Unit::Megabytes, 20), || {
            measure(&mut self.generate(medium)).megabytes()
        });
        suite.figure("generate mega, memory", rows!["memory-generate-mega"], (Unit::Megabytes, 10), || {
            measure(&mut self.generate(mega)).megabytes()
        });
        suite.figure("generate, processor", rows!["cpu-render"], (Unit::Percent, 10), || {
            measure(self.generate(mega).args(["--jobs", "1"])).percent_busy()
        });
    }

    /// A pack with 5 queries and 10 templates that read their answers.
    fn queries(&self, suite: &mut Suite, scratch: &Path) {
        let folder = scratch.join("knowing");
        let mut manifest = head("knowing") + "\n[ontology]\nfiles = [\"services.nt\"]\n";
        let mut statements = String::new();
        for number in 0..5 {
            let _ = write!(manifest, "\n[queries.q{number}]\nfile = \"q{number}.rq\"\n");
            write(&folder, &format!("q{number}.rq"), &query(number));
            for service in 0..20 {
                let (name, port) = (format!("<urn:example:s{number}-{service}>"), 8_000 + service);
                let kind = format!("<urn:example:service{number}>");
                let _ = writeln!(statements, "{name} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> {kind} .");
                let _ = writeln!(statements, "{name} <urn:example:port> \"{port}\" .");
            }
        }
        for number in 0..10 {
            let _ = write!(manifest, "\n[[templates]]\nsource = \"{number}.txt.jinja\"\noutput = \"{number}.txt\"\n");
            let text =
                format!("{{% for row in q{} %}}{{{{ row.service }}}} {{{{ row.port }}}}\n{{% endfor %}}", number % 5);
            write(&folder, &format!("{number}.txt.jinja"), &text);
        }
        write(&folder, "services.nt", &statements);
        write(&folder, "pack.toml", &manifest);
        warm_up(|| self.generate(&folder));
        // Answers are kept, as for whoever generates again.
        suite.time("5 queries, 10 templates", rows![], BRIEF, || self.time(&folder));
        suite.figure("queries, processor", rows!["cpu-sparql"], (Unit::Percent, 10), || {
            measure(self.generate(&folder).args(["--jobs", "1"])).percent_busy()
        });
    }

    /// Ten users who all generate now.
    fn at_once(&self, suite: &mut Suite, scratch: &Path, pack: &Path) {
        let folder = scratch.join("at once");
        suite.time("10 at once", rows!["stress-concurrent"], BRIEF, || {
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::create_dir(&folder).expect("a folder");
            let started = Instant::now();
            std::thread::scope(|scope| {
                for number in 0..10 {
                    let output = folder.join(number.to_string());
                    scope.spawn(move || run(&mut self.generate_to(pack, &output)));
                }
            });
            started.elapsed()
        });
    }

    /// What looks at how a pack is generated.
    fn studied(&self, suite: &mut Suite, scratch: &Path, pack: &Path) {
        suite.figure("bench, 10 iterations", rows!["benchmark"], (Unit::Seconds, 3), || {
            let mut bench = packbox(&self.home, ["bench", "--no-config", "--samples", "10"]);
            run(bench.arg(pack)).as_secs_f64()
        });
        suite.figure("profile", rows!["profiling"], (Unit::Seconds, 3), || {
            let mut profile = packbox(&self.home, ["profile", "--runs", "10"]);
            profile.arg(pack).arg("--trace").arg(scratch.join("trace.json"));
            run(profile.arg("--flame").arg(scratch.join("flame.svg"))).as_secs_f64()
        });
    }

    /// A home in which nothing is compiled yet.
    fn first_run(&self, suite: &mut Suite, pack: &Path) {
        suite.time("medium, nothing compiled yet", rows![], Effort { samples: 10, ..LONG }, || {
            let home = self.home.with_file_name("new");
            let _ = std::fs::remove_dir_all(&home);
            std::fs::create_dir(&home).expect("a folder");
            run(self.generate(pack).env("PACKBOX_HOME", &home))
        });
    }

    /// Many small templates; beside them `cp -r` of the same result, the least that a generator could take.
    fn projects(&self, suite: &mut Suite, scratch: &Path) {
        for name in ["process-10", "process-200"] {
            let pack = make_project(scratch, name);
            suite.time(name, rows![], BRIEF, || self.time(&pack));
            self.time(&pack);
            let result = scratch.join(format!("{name} result"));
            std::fs::rename(&self.output, &result).expect("a result");
            suite.time(&format!("{name}, cp -r of the result"), rows![], BRIEF, || {
                let _ = std::fs::remove_dir_all(&self.output);
                run(Command::new("cp").arg("-r").arg(&result).arg(&self.output))
            });
        }
    }

    /// A project in which nothing changed, generated again: no plugin is called.
    fn unchanged(&self, suite: &mut Suite, scratch: &Path) {
        let pack = make_project(scratch, "process-200");
        let output = scratch.join("unchanged");
        let again = || self.generate_to(&pack, &output);
        warm_up(again);
        let told = again().args(["--format", "json"]).output().expect("it starts");
        let document: serde_json::Value = serde_json::from_slice(&told.stdout).expect("JSON");
        assert_eq!(document["wasm_calls"], 0, "{}", String::from_utf8_lossy(&told.stdout));
        suite.time("200 unchanged files", rows!["generate-unchanged"], BRIEF, || run(&mut again()));
    }
}
