//! The gate: what packbox costs, compared with a baseline that is committed. `cargo bench --bench gate`
//!
//! - *fuel* and *guest memory* of each template of the example packs, as `packbox bench` measures them: equal everywhere.
//! - *allocations* and *instructions* (under callgrind) of the host's hot paths: what neighbours do is not in them.
//! - *ratios*: the sandbox's time over that of the same engine without it, the quickest of many turns of each.
//!
//! What grew by more than its kind allows is measured again, and the gate fails where it still is too much. It says what
//! moved, by how much, and how to accept it. Figures that another compiler, Valgrind or processor made are not compared, and it says so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    dead_code,
    missing_docs,
    reason = "a benchmark that can not go on has failed, and prints its figures"
)]

mod count;
mod figures;
mod paths;
mod ratios;
#[path = "../support/guests.rs"]
mod support;
#[path = "../support/twins.rs"]
mod twins;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser;
use figures::{ALLOCATIONS, Baseline, Change, FUEL, Figures, INSTRUCTIONS, KINDS, Kind, MEMORY, Machine, RATIOS};

/// How often a kind is measured where it grew by too much.
const ATTEMPTS: usize = 4;

/// Compares what packbox costs with a baseline.
#[derive(Parser)]
#[command(name = "gate")]
struct Arguments {
    /// Compare with this baseline, which is committed.
    #[arg(long, value_name = "FILE", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/gate.toml"))]
    baseline: PathBuf,
    /// Compare with these figures, too: those of the commit that a change is based on, measured on this machine.
    #[arg(long, value_name = "FILE", requires = "base_baseline")]
    base: Option<PathBuf>,
    /// The baseline of that commit: what differs from it in the baseline was accepted.
    #[arg(long, value_name = "FILE", requires = "base")]
    base_baseline: Option<PathBuf>,
    /// Write what was measured to the baseline: it is accepted.
    #[arg(long)]
    accept: bool,
    /// Write what was measured to this file, which can be a baseline.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Write a page in Markdown to this file.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Measure these kinds only.
    #[arg(long, value_name = "KIND")]
    only: Vec<String>,
    /// Fail where a kind is compared with nothing.
    #[arg(long)]
    complete: bool,
    /// Do the work of one path, to be counted.
    #[arg(long, value_name = "PATH", hide = true)]
    count: Option<String>,
    /// What Cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(name) = &arguments.count {
        count::under_callgrind(paths::PATHS.iter().find(|path| path.name == name).expect("a path"));
        return ExitCode::SUCCESS;
    }
    let mut gate = Gate::new(&arguments.only);
    gate.measure();
    if arguments.accept {
        gate.settle();
    } else if let Err(why) = gate.compare_all(&arguments) {
        gate.changed.push((why, true));
    }
    gate.report(&arguments)
}

fn read(path: &Path) -> Result<Baseline, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
    text.and_then(|text| Baseline::parse(&text)).map_err(|why| format!("`{}` can't be used: {why}", path.display()))
}

/// Says of which figures the growth is wanted.
type Accepted<'a> = dyn Fn(&Kind, &str) -> bool + 'a;

/// What was measured.
struct Gate {
    machine: Machine,
    kinds: Vec<&'static Kind>,
    figures: Figures,
    /// Kinds that were compared with something.
    compared: BTreeSet<&'static str>,
    /// What was not compared, and why.
    uncompared: Vec<String>,
    /// What changed, and whether the gate stays closed for it.
    changed: Vec<(String, bool)>,
    calls: Option<Calls>,
    ratios: Option<ratios::Ratios>,
    scratch: tempfile::TempDir,
}

impl Gate {
    fn new(only: &[String]) -> Self {
        for name in only {
            let known = KINDS.map(|kind| kind.name).join("`, `");
            assert!(KINDS.iter().any(|kind| kind.name == name), "`{name}` is no kind: there are `{known}`");
        }
        let kinds =
            KINDS.into_iter().filter(|kind| only.is_empty() || only.iter().any(|name| name == kind.name)).collect();
        Self {
            machine: machine(),
            kinds,
            figures: Figures::new(),
            compared: BTreeSet::new(),
            uncompared: Vec::new(),
            changed: Vec::new(),
            calls: None,
            ratios: None,
            scratch: tempfile::tempdir().expect("a folder"),
        }
    }

    fn measure(&mut self) {
        if self.machine.valgrind.is_empty() && self.kinds.iter().any(|kind| kind.name == INSTRUCTIONS.name) {
            self.kinds.retain(|kind| kind.name != INSTRUCTIONS.name);
            self.uncompared.push("instructions: Valgrind is not installed".to_owned());
        }
        for kind in self.kinds.clone() {
            self.again(kind, &|_| true);
        }
    }

    /// Measures again what neighbours can disturb, as often as what grew is: what is accepted is the least, too.
    fn settle(&mut self) {
        for _ in 1..ATTEMPTS {
            if self.kinds.iter().any(|kind| kind.name == RATIOS.name) {
                self.again(RATIOS, &|_| true);
            }
        }
    }

    /// Measures what is wanted of a kind. A figure that was measured before is the least of both.
    fn again(&mut self, kind: &'static Kind, wanted: &dyn Fn(&str) -> bool) {
        let measured = match kind.name {
            name if name == FUEL.name => self.calls().fuel.clone(),
            name if name == MEMORY.name => self.calls().memory.clone(),
            name if name == ALLOCATIONS.name => allocations(wanted),
            name if name == INSTRUCTIONS.name => instructions(self.scratch.path(), wanted),
            _ => self.ratios.get_or_insert_with(ratios::Ratios::prepare).measure(wanted),
        };
        let figures = self.figures.entry(kind.name.to_owned()).or_default();
        for (name, figure) in measured {
            figures.entry(name).and_modify(|before| *before = before.min(figure)).or_insert(figure);
        }
    }

    /// Compares with the baseline, and with the base where there is one.
    fn compare_all(&mut self, arguments: &Arguments) -> Result<(), String> {
        let committed = read(&arguments.baseline)?;
        self.compare("the baseline", &committed, None);
        if let (Some(base), Some(before)) = (&arguments.base, &arguments.base_baseline) {
            let (base, before) = (read(base)?, read(before)?);
            let accepted = |kind: &Kind, name: &str| committed.figure(kind, name) != before.figure(kind, name);
            self.compare("the base", &base, Some(&accepted));
        }
        Ok(())
    }

    /// Says what changed since a baseline; what grew is measured again. For the figures of a base, `accepted` says of which
    /// the growth is wanted.
    fn compare(&mut self, name: &str, baseline: &Baseline, accepted: Option<&Accepted<'_>>) {
        for kind in self.kinds.clone() {
            if let Some(why) = baseline.differs(kind, &self.machine) {
                self.uncompared.push(format!("{} with {name}: {why}", kind.name));
                continue;
            }
            self.compared.insert(kind.name);
            let mut changes = figures::changes(kind, baseline, &self.figures);
            // Fuel and memory are the same each time.
            for _ in 1..if kind.tools { ATTEMPTS } else { 1 } {
                let grew = |change: &Change| matches!(change, Change::Grew { .. });
                let grown: BTreeSet<String> =
                    changes.iter().filter(|(_, change)| grew(change)).map(|(name, _)| name.clone()).collect();
                if grown.is_empty() {
                    break;
                }
                self.again(kind, &|name| grown.contains(name));
                changes = figures::changes(kind, baseline, &self.figures);
            }
            for (figure, change) in &changes {
                let is_accepted = accepted.is_some_and(|accepted| accepted(kind, figure));
                let line = format!("since {name}, {}", figures::line(kind, figure, change));
                let line = if is_accepted { line + "; accepted" } else { line };
                self.changed.push((line, change.fails(accepted.is_none()) && !is_accepted));
            }
        }
    }

    /// Says what came of it, and writes what is to be written.
    fn report(mut self, arguments: &Arguments) -> ExitCode {
        if arguments.complete && !arguments.accept {
            let missing = KINDS
                .iter()
                .filter(|kind| arguments.only.is_empty() || self.kinds.iter().any(|one| one.name == kind.name));
            let missing = missing.filter(|kind| !self.compared.contains(kind.name));
            self.changed.extend(missing.map(|kind| (format!("{} were compared with nothing", kind.name), true)));
        }
        for line in &self.uncompared {
            println!("not compared: {line}");
        }
        for (line, fails) in &self.changed {
            println!("{}{line}", if *fails { "FAILS: " } else { "" });
        }
        let page = |path| (path, figures::markdown(&self.figures, &self.changed, &self.uncompared));
        let page = arguments.markdown.as_ref().map(page);
        let measured = Baseline::new(self.machine.clone(), self.figures.clone());
        let accepted = arguments.accept.then_some(&arguments.baseline).map(|path| (path, measured.to_text()));
        let saved = arguments.save.as_ref().map(|path| (path, measured.to_text()));
        for (path, text) in page.into_iter().chain(accepted).chain(saved) {
            std::fs::write(path, text).expect("a file");
            println!("wrote {}", path.display());
        }
        if arguments.accept {
            return ExitCode::SUCCESS;
        }
        if self.changed.iter().any(|(_, fails)| *fails) {
            println!(
                "the gate is closed. Where the growth is wanted: `cargo bench --bench gate -- --accept`, and commit \
                 benches/gate.toml with the reason"
            );
            return ExitCode::FAILURE;
        }
        let compared = self.figures.iter().filter(|(kind, _)| self.compared.contains(kind.as_str()));
        println!("{} figures compared: the gate is open", compared.map(|(_, figures)| figures.len()).sum::<usize>());
        ExitCode::SUCCESS
    }

    fn calls(&mut self) -> &Calls {
        let home = self.scratch.path().join("home");
        self.calls.get_or_insert_with(|| {
            let mut calls = Calls::default();
            calls.of_packs(&home);
            calls.of_engines();
            calls
        })
    }
}

/// What calls of guests cost: the same each time.
#[derive(Default)]
struct Calls {
    fuel: BTreeMap<String, f64>,
    memory: BTreeMap<String, f64>,
}

impl Calls {
    /// The templates of the example packs. A family of packs is no pack, and not among them.
    fn of_packs(&mut self, home: &Path) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut packs: Vec<PathBuf> = std::fs::read_dir(root.join("examples/packs"))
            .expect("packs")
            .map(|entry| Path::new("examples/packs").join(entry.expect("a pack").file_name()))
            .filter(|pack| root.join(pack).join("pack.toml").is_file())
            .collect();
        packs.sort();
        let mut command = Command::new(env!("CARGO_BIN_EXE_packbox"));
        command.arg("bench").args(&packs).args(["--samples", "1", "--format", "json", "--no-config"]);
        command.env("PACKBOX_HOME", home).current_dir(root);
        let output = command.output().expect("packbox");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        for pack in document["packs"].as_array().expect("packs") {
            for one in pack["templates"].as_array().expect("templates") {
                let item = one["item"].as_str().map(|item| format!(" [{item}]")).unwrap_or_default();
                let name = format!("{} {}{item}", pack["name"].as_str().unwrap(), one["template"].as_str().unwrap());
                self.fuel.insert(name.clone(), one["fuel"].as_f64().expect("a number"));
                self.memory.insert(name, one["memory"].as_f64().expect("a number"));
            }
        }
    }

    /// The medium template in each engine.
    fn of_engines(&mut self) {
        for (name, fuel, memory) in ratios::costs() {
            let name = format!("medium template in {name}");
            self.fuel.insert(name.clone(), fuel);
            self.memory.insert(name, memory);
        }
    }
}

fn allocations(wanted: &dyn Fn(&str) -> bool) -> BTreeMap<String, f64> {
    let wanted = paths::PATHS.iter().filter(|path| wanted(path.name));
    wanted.map(|path| (path.name.to_owned(), count::allocations(&paths::Bench::new(), path))).collect()
}

/// Counts as many paths at once as there are cores: a count does not depend on its neighbours.
fn instructions(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> BTreeMap<String, f64> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let paths: Vec<_> = paths::PATHS.iter().filter(|path| wanted(path.name)).collect();
    let mut figures = BTreeMap::new();
    for paths in paths.chunks(cores) {
        let counters: Vec<count::Counter> = paths.iter().map(|path| count::Counter::start(path, folder)).collect();
        let counted = counters.into_iter().map(count::Counter::finish);
        figures.extend(counted.map(|(name, count)| (name.to_owned(), count)));
    }
    figures
}

fn machine() -> Machine {
    let first_line = |program: &str| {
        let output = Command::new(program).arg("--version").output();
        let output = output.ok().filter(|output| output.status.success());
        let line = output.and_then(|output| String::from_utf8(output.stdout).ok()?.lines().next().map(str::to_owned));
        line.unwrap_or_default()
    };
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = processors.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let processor = format!("{} (family {}, model {})", field("model name"), field("cpu family"), field("model"));
    Machine { compiler: first_line("rustc"), valgrind: first_line("valgrind"), processor }
}
