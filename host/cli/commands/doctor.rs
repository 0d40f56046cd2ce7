//! `doctor`: what holds on this machine.

use crate::cli::sandbox;
use std::fmt::Write as _;
use std::num::NonZeroUsize;

use clap::Args;

use crate::cli::command::{Exit, ended};
use crate::cli::session::Session;
use crate::cli::{command, documents};
use crate::doctor::{
    BuiltIn, CacheReport, FolderReport, FolderState, Instances, KeyReport, Problem, ProblemKind, Report, System,
    Versions, kernel, look_at_folder, look_at_key,
};
use crate::engine::{
    ABI_VERSION, Allocation, CacheKeySource, Compiler, Engine, EngineOptions, Holds, KeyState, Profile,
    WASMTIME_VERSION, cache_health, pagemap_scan_available, probe_confinement,
};
use crate::error::{ErrorKind, Result};
use crate::pack::PackLimits;
use crate::plugins::built_in;
use crate::show::count;
use crate::text::{format_bytes, printable_line};

/// Check the state of this machine: folders, keys, compiled code, the sandbox around the compiler.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Also run the suite of attacks against this installation, and show each attack, what stopped it, and how it ended.
    #[arg(long)]
    pub sandbox: bool,
    /// Read everything in the store, and compare it with its digests.
    #[arg(long, conflicts_with = "sandbox")]
    pub store: bool,
}

impl command::Command for Doctor {
    const NAME: &'static str = "doctor";
    const EXAMPLES: &'static [&'static str] = &["packbox doctor", "packbox doctor --store"];
    command::documents!(Doctor<'static>, Store<'static>, Sandbox<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(doctor(session, self))
    }
}

/// Looks at everything and changes nothing. Returns the exit code: 0 where all is well, 6 where something is not what
/// packbox made or is open to others, 4 where the compiler can't be confined.
///
/// # Errors
/// `Usage` where there is no place for folders; `Io` where no engine can be set up.
pub fn doctor(session: &Session, arguments: &Doctor) -> Result<u8> {
    if arguments.sandbox {
        return sandbox::sandbox(session);
    }
    if arguments.store {
        return store(session);
    }
    let report = examine(session)?;
    let problems = report.problems();
    let exit = problems.iter().map(|problem| problem.kind.exit_code()).max().unwrap_or(0);
    if session.output.is_json() {
        session.output.document("doctor", &documents::Doctor { report: &report, problems: &problems, exit })?;
    } else {
        session.output.page(&page(&report, &problems, session.output.colors_stdout()))?;
    }
    Ok(exit)
}

/// Compares everything in the store with its digest. Returns 6 where something is not what it should be.
fn store(session: &Session) -> Result<u8> {
    let limits = PackLimits::default();
    let library = session.library(&limits)?;
    let report = library.store().verify(&library.installed().read()?.referred(), &limits)?;
    let exit = if report.faults.is_empty() { 0 } else { ErrorKind::Integrity.exit_code() };
    if session.output.is_json() {
        session.output.document("doctor", &documents::Store { report: &report, exit })?;
        return Ok(exit);
    }
    let mut out = format!("packs that match their digests: {}\n", report.packs);
    if report.leftovers > 0 {
        let _ = writeln!(out, "left behind by interrupted commands: {}; `packbox clean` removes it", report.leftovers);
    }
    for fault in &report.faults {
        let _ = writeln!(out, "{}: {}", printable_line(&fault.name), printable_line(&fault.what));
    }
    session.output.page(&out)?;
    Ok(exit)
}

fn examine(session: &Session) -> Result<Report> {
    let folders = session.environment.folders()?;
    let location = session.environment.cache_location()?;
    let engine = Engine::new(EngineOptions::new(Compiler::InProcess))?;
    engine.set_up()?;
    let cache_key = match &location.key {
        CacheKeySource::Secret(_) => KeyReport::from_environment("cache"),
        CacheKeySource::File(path) => look_at_key("cache", path),
    };
    let (health, error) = match cache_health(&location) {
        Ok(health) => (health, None),
        Err(error) => (None, Some(error.to_string())),
    };
    let built_in = built_in::all(Profile::Run).into_iter().map(|component| BuiltIn {
        name: component.name,
        sha256: component.digest,
        precompiled: component.precompiled.is_some(),
    });
    Ok(Report {
        versions: Versions { packbox: crate::version(), abi: ABI_VERSION, wasmtime: WASMTIME_VERSION },
        system: System {
            os: std::env::consts::OS,
            kernel: kernel(),
            arch: std::env::consts::ARCH,
            cores: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
        },
        instances: Instances {
            allocation: engine.allocation().unwrap_or(Allocation::OnDemand),
            because: engine.no_pool().map(printable_line),
            pagemap_scan: pagemap_scan_available(),
        },
        folders: vec![
            look_at_folder("cache", &folders.cache),
            look_at_folder("config", &folders.config),
            look_at_folder("data", &folders.data),
            look_at_folder("state", &folders.state),
        ],
        keys: vec![cache_key, look_at_key("journal", &folders.state.join("journal.key"))],
        compiler: probe_confinement(&session.compiler()?),
        cache: CacheReport { path: location.folder.display().to_string(), health, error },
        built_in: built_in.collect(),
    })
}

/// What stands before a line.
#[derive(Debug, Clone, Copy)]
enum Mark {
    Fact,
    Good,
    Note,
    Bad,
}

/// Lines with a mark, a name and a text, aligned.
struct Page {
    text: String,
    color: bool,
}

impl Page {
    fn line(&mut self, mark: Mark, name: &str, text: &str) {
        let (sign, code) = match mark {
            Mark::Fact => ("  ", ""),
            Mark::Good => ("ok", "\x1b[32m"),
            Mark::Note => ("--", "\x1b[33m"),
            Mark::Bad => ("!!", "\x1b[1;31m"),
        };
        let text = printable_line(text);
        // Writing to a string does not fail.
        let _ = if self.color && !code.is_empty() {
            writeln!(self.text, "{code}{sign}\x1b[0m  {name:<17}{text}")
        } else {
            writeln!(self.text, "{sign}  {name:<17}{text}")
        };
    }

    fn title(&mut self, title: &str) {
        let (on, off) = if self.color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        let _ = writeln!(self.text, "\n    {on}{title}{off}");
    }
}

fn page(report: &Report, problems: &[Problem], color: bool) -> String {
    let mut page = Page { text: String::new(), color };
    let versions = &report.versions;
    let wasmtime = versions.wasmtime.map_or_else(String::new, |version| format!(", wasmtime {version}"));
    page.line(Mark::Fact, "packbox", &format!("{}, plugin ABI {}{wasmtime}", versions.packbox, versions.abi));
    let system = &report.system;
    let kernel = system.kernel.as_ref().map_or_else(String::new, |kernel| format!(" {kernel}"));
    page.line(
        Mark::Fact,
        "system",
        &format!("{}{kernel}, {}, {}", system.os, system.arch, count(system.cores, "core")),
    );
    instances(&mut page, &report.instances);
    for built_in in &report.built_in {
        let compiled = if built_in.precompiled { "compiled code built in" } else { "compiled on first use" };
        let digest: String = built_in.sha256.to_string().chars().take(16).collect();
        page.line(Mark::Fact, built_in.name, &format!("built in, {compiled}, sha256 {digest}…"));
    }
    page.title("what is kept");
    for folder in &report.folders {
        describe_folder(&mut page, folder);
    }
    for key in &report.keys {
        let (mark, state) = match key.state {
            KeyState::Missing => (Mark::Fact, "not made yet"),
            KeyState::Private if key.path.is_none() => (Mark::Good, "from PACKBOX_CACHE_KEY"),
            KeyState::Private => (Mark::Good, "private"),
            KeyState::Unusable => (Mark::Bad, "not private"),
        };
        page.line(mark, &format!("{} key", key.name), state);
    }
    describe_cache(&mut page, &report.cache);
    page.title("the compiler of packs' plugins, as just tested");
    for (name, holds, what) in report.compiler.layers() {
        let mark = match holds {
            Holds::Yes => Mark::Good,
            Holds::No => Mark::Bad,
            Holds::NotOffered | Holds::Unknown => Mark::Note,
        };
        let text = match holds {
            Holds::Yes => what.to_owned(),
            Holds::No => format!("does not work: {what}"),
            Holds::NotOffered => "not offered by this system".to_owned(),
            Holds::Unknown => format!("could not be tried: {what}"),
        };
        let abi = report.compiler.landlock_abi.filter(|_| name == "landlock, files");
        page.line(mark, name, &(text + &abi.map_or_else(String::new, |abi| format!(" (ABI {abi})"))));
    }
    page.text.push('\n');
    for problem in problems {
        let mark = if problem.kind == ProblemKind::Note { Mark::Note } else { Mark::Bad };
        page.line(mark, problem_name(problem.kind), &problem.detail);
        page.line(Mark::Fact, "", &problem.hint);
    }
    if problems.iter().all(|problem| problem.kind == ProblemKind::Note) {
        page.line(Mark::Good, "all is well", "");
    }
    page.text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

const fn problem_name(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Note => "note",
        ProblemKind::Confinement => "confinement",
        ProblemKind::Integrity => "integrity",
    }
}

fn instances(page: &mut Page, instances: &Instances) {
    let scan = if instances.pagemap_scan { "pagemap_scan available" } else { "no pagemap_scan (Linux 6.7 has it)" };
    match instances.allocation {
        Allocation::Pooling => page.line(Mark::Good, "instances", &format!("from a pool, {scan}")),
        Allocation::OnDemand => page.line(Mark::Note, "instances", "one by one: no address space for a pool"),
    }
}

fn describe_folder(page: &mut Page, folder: &FolderReport) {
    let (mark, state) = match folder.state {
        FolderState::Missing => (Mark::Fact, "not made yet"),
        FolderState::Safe => (Mark::Good, "yours alone"),
        FolderState::OpenToGroup => (Mark::Note, "its group can write to it"),
        FolderState::OpenToAll => (Mark::Bad, "everybody can write to it"),
        FolderState::OfAnother => (Mark::Bad, "another user's"),
        FolderState::NoFolder => (Mark::Bad, "not a folder"),
        FolderState::Unreadable => (Mark::Bad, "can't be looked at"),
    };
    let mode = folder.mode.as_ref().map_or_else(String::new, |mode| format!(", mode {mode}"));
    page.line(mark, &format!("{} folder", folder.name), &format!("{}: {state}{mode}", folder.path));
}

fn describe_cache(page: &mut Page, cache: &CacheReport) {
    let Some(health) = &cache.health else {
        let (mark, text) = if cache.error.is_some() { (Mark::Bad, "can't be read") } else { (Mark::Fact, "empty") };
        return page.line(mark, "compiled code", text);
    };
    let mark = if health.unverified > 0 { Mark::Bad } else { Mark::Good };
    let entries = if health.entries == 1 { "entry" } else { "entries" };
    let verify = if health.verified == 1 { "verifies" } else { "verify" };
    let bytes = format_bytes(health.bytes);
    let mut text = format!("{} {entries}, {bytes}: {} {verify}", health.entries, health.verified);
    for (count, what) in
        [(health.unverified, "invalid"), (health.temporary, "temporary"), (health.stray, "belonging to no entry")]
    {
        if count > 0 {
            let _ = write!(text, ", {count} {what}");
        }
    }
    page.line(mark, "compiled code", &text);
}
