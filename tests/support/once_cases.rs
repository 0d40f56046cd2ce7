//! A component is compiled once, however many threads and processes want it; and what else a machine does neither makes
//! compiling fail nor keeps it from ending.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use packbox::Event;
use packbox::digest::Digest;
use packbox::engine::{CacheKeySource, CacheLocation, Compiler, Component, Engine, EngineOptions, Limits};

use super::guests::guest;
use super::process::binary;
use super::scene::Case;
use super::validate_cases::pack_with_renderer;

type Checked = Result<(), String>;

/// All cases, by name.
pub const ALL: [(&str, Case); 4] = [
    ("once/threads-and-caches", threads_and_caches),
    ("once/processes", processes),
    ("once/killed-holder", killed_holder),
    ("once/deadlines", deadlines),
];

/// Some threads of several engines, each with a cache of its own over one folder, prepare one component at once.
fn threads_and_caches() -> Checked {
    for trusted in [false, true] {
        let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
        let count = Arc::new(AtomicUsize::new(0));
        let engines: Vec<Engine> = (0..2).map(|_| engine(Some(scratch.path()), &count)).collect();
        prepare_at_once(&engines, trusted)?;
        // Without a cache, a process still compiles it once.
        let alone = [engine(None, &count)];
        prepare_at_once(&alone, trusted)?;
        let compiled = count.load(Ordering::Relaxed);
        let left: Vec<PathBuf> = files(&scratch.path().join("compiled"), "lock");
        if compiled != 2 || !left.is_empty() {
            return Err(format!("compiled {compiled} times for two caches, of trusted: {trusted}; left {left:?}"));
        }
    }
    Ok(())
}

fn engine(folder: Option<&Path>, count: &Arc<AtomicUsize>) -> Engine {
    let mut options = EngineOptions::new(Compiler::Child(binary().to_owned()));
    options.cache = folder
        .map(|folder| CacheLocation { folder: folder.join("compiled"), key: CacheKeySource::File(folder.join("key")) });
    let count = Arc::clone(count);
    options.progress = Arc::new(move |event: &Event<'_>| {
        count.fetch_add(usize::from(matches!(event, Event::Compiling { .. })), Ordering::Relaxed);
    });
    Engine::new(options).expect("an engine")
}

fn prepare_at_once(engines: &[Engine], trusted: bool) -> Checked {
    let bytes = guest("echo").component;
    let limits = Limits::DEFAULT;
    let barrier = Barrier::new(engines.len() * 4);
    let prepare = |engine: &Engine| {
        barrier.wait();
        let component =
            Component { name: "guest", bytes: &bytes, digest: Digest::of(&bytes), precompiled: None, trusted };
        // On the threads that run guests, as packs that are checked at once do it.
        let prepared = engine.on_workers(|| engine.prepare(&component, &limits).map(drop));
        prepared.and_then(|prepared| prepared).map_err(|error| error.to_string())
    };
    std::thread::scope(|scope| {
        let each = engines.iter().flat_map(|engine| std::iter::repeat_n(engine, 4));
        let threads: Vec<_> = each.map(|engine| scope.spawn(move || prepare(engine))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a thread"))
    })
}

/// Several processes with two packs each that bring the same component.
fn processes() -> Checked {
    let scene = Scene::new()?;
    for pack in ["a", "b"] {
        pack_with_renderer(&scene.path().join(pack), "echo");
    }
    let children: Vec<Started> =
        (0..3).map(|_| scene.start(&["lint", "a", "b", "--jobs", "2", "--no-config"])).collect();
    let mut told = String::new();
    for child in children {
        let output = child.end()?;
        told += &String::from_utf8_lossy(&output.stderr);
        if output.status.code() == Some(7) {
            return Err(told);
        }
    }
    let begun = told.matches("packbox: compiling the plugin `rules`").count();
    if begun == 1 { Ok(()) } else { Err(format!("compiled {begun} times:\n{told}")) }
}

/// Who waits is told so, can be interrupted, and goes on when the one who compiled was killed.
fn killed_holder() -> Checked {
    let scene = Scene::new()?;
    pack_with_renderer(&scene.path().join("slow"), "compile-slow");
    let generate = |output: &str, limit: &str| {
        scene.start(&["generate", "slow", "--no-input", "--output", output, "--limit", limit])
    };
    let holder = generate("one", "compile-time=60s");
    scene.wait_for_lock()?;
    let interrupted = generate("two", "compile-time=500ms");
    let waiting = generate("three", "compile-time=500ms");
    std::thread::sleep(Duration::from_millis(1500));
    signal(interrupted.0.id(), libc::SIGINT);
    let interrupted = interrupted.end()?;
    let told = String::from_utf8_lossy(&interrupted.stderr).into_owned();
    if interrupted.status.code() != Some(130) || !told.contains("another packbox is compiling the plugin `guest`") {
        return Err(format!("{:?}: {told}", interrupted.status));
    }
    drop(holder);
    let killed = Instant::now();
    let ended = waiting.end()?;
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    let compiled = told.find("packbox: compiling the plugin `guest`");
    if ended.status.code() != Some(4) || compiled < told.find("another packbox compiles") || compiled.is_none() {
        return Err(format!("{:?} after {:?}: {told}", ended.status, killed.elapsed()));
    }
    Ok(())
}

/// A compiler that works ends by its CPU time; one that was stopped by the wall's, ten times as late.
fn deadlines() -> Checked {
    let scene = Scene::new()?;
    pack_with_renderer(&scene.path().join("slow"), "compile-slow");
    for stopped in [false, true] {
        let started = Instant::now();
        let child =
            scene.start(&["generate", "slow", "--no-input", "--output", "out", "--limit", "compile-time=300ms"]);
        if stopped {
            signal(child_of(child.0.id())?, libc::SIGSTOP);
        }
        let ended = child.end()?;
        let (time, told) = (started.elapsed(), String::from_utf8_lossy(&ended.stderr).into_owned());
        let expected =
            if stopped { "the compiler hardly got to run, or was stopped" } else { "more than 300ms of CPU time" };
        let raised = told.contains("`--limit compile-time=600ms`");
        if ended.status.code() != Some(4)
            || !told.contains(expected)
            || !raised
            || stopped != (time > Duration::from_secs(3))
        {
            return Err(format!("stopped: {stopped}, {:?} after {time:?}: {told}", ended.status));
        }
    }
    Ok(())
}

/// A process, which is killed where nobody waits for its end.
struct Started(Child);

impl Started {
    /// Waits for its end.
    fn end(mut self) -> Result<Output, String> {
        let mut stderr = Vec::new();
        let pipe = self.0.stderr.take().ok_or("a pipe")?.read_to_end(&mut stderr);
        pipe.map_err(|error| error.to_string())?;
        let status = self.0.wait().map_err(|error| error.to_string())?;
        Ok(Output { status, stdout: Vec::new(), stderr })
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder with packs, and a home of its own.
struct Scene {
    scratch: tempfile::TempDir,
}

impl Scene {
    fn new() -> Result<Self, String> {
        Ok(Self { scratch: tempfile::tempdir().map_err(|error| error.to_string())? })
    }

    fn path(&self) -> &Path {
        self.scratch.path()
    }

    fn start(&self, arguments: &[&str]) -> Started {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.path()).env("PACKBOX_HOME", self.path().join("home"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        Started(command.spawn().expect("packbox starts"))
    }

    /// Waits until somebody compiles.
    fn wait_for_lock(&self) -> Checked {
        within(|| {
            let folder = self.path().join("home/cache/compiled");
            files(&folder, "lock").into_iter().next()
        })
        .map(drop)
    }
}

/// The compiler that a process started; not before it is one, since a process waits for its child to become that.
fn child_of(process: u32) -> Result<u32, String> {
    within(|| {
        let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).ok()?;
        let child = children.split_whitespace().next()?;
        let command = std::fs::read_to_string(format!("/proc/{child}/cmdline")).ok()?;
        command.contains(packbox::engine::COMPILE_COMMAND).then(|| child.parse().ok())?
    })
}

fn within<T>(look: impl Fn() -> Option<T>) -> Result<T, String> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(60) {
        if let Some(found) = look() {
            return Ok(found);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Err("it did not begin".to_owned())
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

fn signal(process: u32, signal: i32) {
    let process = i32::try_from(process).expect("a process number");
    // SAFETY: a plain system call; the process was started by this test, and has not been waited for.
    unsafe { libc::kill(process, signal) };
}
