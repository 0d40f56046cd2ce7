//! A job that is cancelled ends at once, wherever it is: while its plugin is compiled, while its paths are evaluated, while it is
//! rendered by a guest that loops, and while it is written; other jobs of the same `Packbox` go on. So do checks and installs.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use packbox::report::Status;
use packbox::{
    Answer, Canceller, Checks, Depth, Error, ErrorKind, Event, Inputs, Job, Limits, Packbox, Prompter, Question,
    Rendered,
};

use super::process::{binary, shared_home};
use super::scene::{Case, Scene};
use super::validate_cases::pack_with_renderer;

type Checked = Result<(), String>;

/// All cases, by name.
pub const ALL: [(&str, Case); 8] = [
    ("cancel/one-of-several", one_of_several),
    ("cancel/while-compiled", while_compiled),
    ("cancel/while-planned", while_planned),
    ("cancel/while-written", while_written),
    ("cancel/while-asked", while_asked),
    ("cancel/one-of-the-same-inputs", one_of_the_same_inputs),
    ("cancel/while-checked", while_checked),
    ("cancel/while-installed", while_installed),
];

/// What a job may take that is not cancelled.
const LONG: &str = "100s";
/// What a job that was cancelled may take until it ends, on a machine that is busy with other cases.
const SOON: Duration = Duration::from_secs(10);

/// A `Packbox` whose limits are far away, and what it is busy with.
fn patient() -> Result<(Packbox, Receiver<&'static str>), String> {
    let (sender, busy) = channel();
    let progress = move |event: &Event<'_>| {
        let what = match event {
            Event::Compiling { .. } => "compiling",
            Event::Rendering { .. } => "rendering",
            Event::Writing { .. } => "writing",
            _ => return,
        };
        // Nobody has to listen.
        let _ = sender.send(what);
    };
    let limits = ["time", "run-time", "compile-time"]
        .iter()
        .try_fold(Limits::default(), |limits, name| limits.set(name, LONG))
        // What is checked is stopped by fuel.
        .and_then(|limits| limits.set("fuel", u64::MAX / 4)?.set("run-fuel", u64::MAX / 2))
        .map_err(told)?;
    let builder = Packbox::builder().home(shared_home()).compiler(binary()).limits(limits).progress(progress);
    // One for each job that loops, and one more: on whatever machine, nobody waits for a thread.
    let threads = NonZeroUsize::MIN.saturating_add(2);
    Ok((builder.threads(threads).build().map_err(told)?, busy))
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn told(error: Error) -> String {
    format!("{error:?}")
}

fn wait_for(busy: &Receiver<&str>, what: &str) -> Checked {
    let deadline = Instant::now() + SOON;
    while busy.recv_timeout(deadline.saturating_duration_since(Instant::now())).map_err(|error| error.to_string())?
        != what
    {}
    Ok(())
}

/// Checks that a job which was cancelled just now ends as it should.
fn ends<T>(job: ScopedJoinHandle<'_, Result<T, Error>>) -> Checked {
    let cancelled = Instant::now();
    let ended = job.join().map_err(|_| "it panicked")?;
    match ended {
        Err(error) if error.kind() == ErrorKind::Interrupted && cancelled.elapsed() < SOON => Ok(()),
        Err(error) => Err(format!("after {:?}: {error:?}", cancelled.elapsed())),
        Ok(_) => Err("it was not cancelled".to_owned()),
    }
}

fn made(packbox: &Packbox) -> Result<Rendered<'_>, Error> {
    let pack = packbox.load("examples/packs/rust-cli")?;
    packbox.job(&pack, &Inputs::new().with("crate_name", "orders"))?.render()
}

/// Of two jobs whose guest loops, one is cancelled; the other loops on, and a third one is rendered beside it.
fn one_of_several() -> Checked {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    pack_with_renderer(scratch.path(), "loop");
    let (packbox, busy) = patient()?;
    let pack = packbox.load(scratch.path()).map_err(told)?;
    let job = || packbox.job(&pack, &Inputs::new()).map_err(told);
    let (first, second) = (job()?, job()?);
    let (first_canceller, second_canceller) = (first.canceller(), second.canceller());
    std::thread::scope(|scope| {
        let looping = [first, second].map(|job| scope.spawn(|| job.render()));
        let checked = (|| {
            wait_for(&busy, "rendering")?;
            wait_for(&busy, "rendering")?;
            std::thread::sleep(Duration::from_millis(100));
            first_canceller.cancel();
            let [first, second] = looping;
            ends(first)?;
            made(&packbox).map_err(told)?;
            if second.is_finished() || second_canceller.is_cancelled() {
                return Err("the other job ended, too".to_owned());
            }
            second_canceller.cancel();
            ends(second)
        })();
        // Else what loops would be waited for.
        packbox.cancel();
        checked
    })
}

/// Has a job made, cancels it where it is busy with something, and checks how it ends.
fn cancelled_at(pack: &Path, wait: impl Fn(&Receiver<&str>) -> Checked) -> Checked {
    let (packbox, busy) = patient()?;
    let pack = packbox.load(pack).map_err(told)?;
    let canceller = Canceller::new();
    std::thread::scope(|scope| {
        let making = scope.spawn(|| {
            let inputs = Inputs::new().cancelled_by(&canceller);
            packbox.job(&pack, &inputs).and_then(Job::render).map(drop)
        });
        let waited = wait(&busy);
        canceller.cancel();
        waited.and(ends(making))
    })?;
    made(&packbox).map(drop).map_err(told)
}

/// A plugin that takes the compiler very long.
fn while_compiled() -> Checked {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    pack_with_renderer(scratch.path(), "compile-slow");
    cancelled_at(scratch.path(), |busy| wait_for(busy, "compiling"))
}

/// An output path that loops.
fn while_planned() -> Checked {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}out";
    let manifest = format!(
        "[pack]\nname = \"made\"\nversion = \"1.0.0\"\n\n[[templates]]\nsource = \"one.jinja\"\noutput = \"{path}\"\n"
    );
    std::fs::write(scratch.path().join("pack.toml"), manifest).map_err(|error| error.to_string())?;
    std::fs::write(scratch.path().join("one.jinja"), "one").map_err(|error| error.to_string())?;
    cancelled_at(scratch.path(), |_| {
        std::thread::sleep(Duration::from_millis(300));
        Ok(())
    })
}

/// Whoever cancels while files are written finds the folder as it was.
fn while_written() -> Checked {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path().join("out");
    let (packbox, _busy) = patient()?;
    let pack = packbox.load("examples/packs/rust-cli").map_err(told)?;
    let job = packbox.job(&pack, &Inputs::new().with("crate_name", "orders")).map_err(told)?;
    let canceller = job.canceller();
    let rendered = job.render().map_err(told)?;
    canceller.cancel();
    match rendered.write(&folder) {
        Err(error) if error.kind() == ErrorKind::Interrupted && !folder.exists() => {}
        ended => return Err(format!("{ended:?}, and the folder is there: {}", folder.exists())),
    }
    // Another job writes there.
    made(&packbox).and_then(|rendered| rendered.write(&folder)).map(drop).map_err(told)
}

/// Somebody who cancels, and whose answer is wrong: who would be asked again and again.
struct Leaves(Canceller);

impl Prompter for Leaves {
    fn ask(&self, _: &Question<'_>) -> Result<Answer, Error> {
        self.0.cancel();
        Ok(Answer::Text("nowhere".to_owned()))
    }
}

/// A pack that asks where a plain template goes.
fn asks(folder: &Path) -> Checked {
    let manifest = "[pack]\nname = \"asks\"\nversion = \"1.0.0\"\n\n[variables.where]\ntype = \"choice\"\nchoices = [\"here\", \"there\"]\n\
                    prompt = \"Where?\"\n\n[[templates]]\nsource = \"one.jinja\"\noutput = \"one\"\n";
    std::fs::write(folder.join("pack.toml"), manifest)
        .and_then(|()| std::fs::write(folder.join("one.jinja"), "{{ where }}\n"))
        .map_err(|error| error.to_string())
}

/// Whoever cancels while being asked is not asked again.
fn while_asked() -> Checked {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    asks(scratch.path())?;
    let (packbox, _) = patient()?;
    let pack = packbox.load(scratch.path()).map_err(told)?;
    let canceller = Canceller::new();
    let leaves = Leaves(canceller.clone());
    std::thread::scope(|scope| {
        ends(scope.spawn(|| packbox.job(&pack, &Inputs::new().asking(&leaves).cancelled_by(&canceller)).map(drop)))
    })
}

/// Jobs of the same inputs have cancellers of their own, and one that was given ends all of them.
fn one_of_the_same_inputs() -> Checked {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    asks(scratch.path())?;
    let (packbox, _) = patient()?;
    let pack = packbox.load(scratch.path()).map_err(told)?;
    let canceller = Canceller::new();
    let inputs = Inputs::new().with("where", "here").cancelled_by(&canceller);
    let job = || packbox.job(&pack, &inputs).map_err(told);
    let (one, two, three) = (job()?, job()?, job()?);
    one.canceller().cancel();
    if canceller.is_cancelled() || one.render().is_ok() {
        return Err("the first job was not cancelled, or all were".to_owned());
    }
    two.render().map_err(told)?;
    canceller.cancel();
    let ended = three.render().err().map(|error| error.kind());
    let later = packbox.job(&pack, &inputs).err().map(|error| error.kind());
    if (ended, later) == (Some(ErrorKind::Interrupted), Some(ErrorKind::Interrupted)) {
        Ok(())
    } else {
        Err(format!("{ended:?} {later:?}"))
    }
}

/// A check of a pack whose guest loops ends where it is cancelled, and says so and nothing else; another check goes on, and its
/// checker is used again.
fn while_checked() -> Checked {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    pack_with_renderer(scratch.path(), "loop");
    let (packbox, _busy) = patient()?;
    let loops = packbox.load(scratch.path()).map_err(told)?;
    let sound = packbox.load("examples/packs/rust-cli").map_err(told)?;
    let checker = packbox.checker(Checks::default()).map_err(told)?;
    let canceller = Canceller::new();
    let check = |pack, depth| checker.check_with(pack, depth, &Inputs::new().cancelled_by(&canceller));
    std::thread::scope(|scope| {
        let looping = scope.spawn(|| check(&loops, Depth::Validate));
        let checked = (|| {
            let beside = checker.check(&sound, Depth::Validate);
            if beside.status != Status::Clean || looping.is_finished() {
                return Err(format!("{beside:?}, and the other one ended: {}", looping.is_finished()));
            }
            canceller.cancel();
            let cancelled = Instant::now();
            let report = looping.join().map_err(|_| "it panicked")?;
            let kind = report.error.as_ref().map(|error| error.kind);
            if kind != Some(ErrorKind::Interrupted) || !report.findings.is_empty() || cancelled.elapsed() > SOON {
                return Err(format!("after {:?}: {report:?}", cancelled.elapsed()));
            }
            // What was cancelled stays so.
            let later = check(&sound, Depth::Check);
            if later.status == Status::Failed { Ok(()) } else { Err(format!("{later:?}")) }
        })();
        packbox.cancel();
        checked
    })
}

/// An install that is cancelled while the second of three packs is fetched leaves nothing installed, and is done again by another
/// library of the same `Packbox`.
fn while_installed() -> Checked {
    let scene = Scene::with_registry()?;
    scene.publish("site", "1.0.0", "[dependencies]\nweb = \"^1\"\n")?;
    let canceller = Canceller::new();
    let cancels = canceller.clone();
    let progress = move |event: &Event<'_>| {
        if matches!(event, Event::Fetching { what, .. } if what.contains("web")) {
            cancels.cancel();
        }
    };
    let packbox = Packbox::builder().home(scene.at("home")).progress(progress).build().map_err(told)?;
    let library = packbox.library().map_err(told)?.cancelled_by(&canceller);
    let ended = library.install("site").err().map(|error| error.kind());
    if ended != Some(ErrorKind::Interrupted) || !canceller.is_cancelled() {
        return Err(format!("{ended:?}, cancelled: {}", canceller.is_cancelled()));
    }
    if library.sync().err().map(|error| error.kind()) != Some(ErrorKind::Interrupted) {
        return Err("what was cancelled did not stay so".to_owned());
    }
    let library = packbox.library().map_err(told)?;
    if !library.installed().map_err(told)?.is_empty() {
        return Err("something is installed".to_owned());
    }
    library.install("site").map_err(told)?;
    let installed = library.installed().map_err(told)?.len();
    if installed == 3 { Ok(()) } else { Err(format!("{installed} packs are installed")) }
}
