//! The engine in this process: after a hostile call the next one works, neighbours in a batch come out unharmed, and bytes
//! that are no component end typed.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

use packbox::abi::{FileParam, JobParam};
use packbox::compose::variables::Values;
use packbox::digest::Digest;
use packbox::engine::{
    CallError, Compiler, Component, Engine, EngineOptions, Group, Header, LimitRequest, Limits, Plugin, Profile, Role,
};
use packbox::error::{Error, ErrorKind};
use packbox::generate::{Job, RenderOptions};
use packbox::grants::{Grant, Grants};
use packbox::pack::{Pack, PackLimits};
use packbox::plugins::{Toolbox, built_in};
use packbox::stop::StopReason;

use super::guests::{self, guest};
use super::process::binary;

/// An engine as the command line sets it up, without a cache.
pub fn engine(profile: Profile, threads: usize) -> Engine {
    let mut options = EngineOptions::new(Compiler::Child(binary().to_owned()));
    options.profile = profile;
    options.threads = NonZeroUsize::new(threads).expect("a thread");
    Engine::new(options).expect("an engine")
}

/// The default limits with others for some.
pub fn limits(pairs: &[(&str, &str)]) -> Limits {
    let mut request = LimitRequest::default();
    for (name, value) in pairs {
        request.set(name, value).expect("a limit");
    }
    LimitRequest::effective(&LimitRequest::default(), &request)
}

/// Prepares a component that nobody trusts.
pub fn prepare(engine: &Engine, bytes: &[u8], limits: &Limits) -> Result<Arc<Plugin>, Error> {
    let component = Component { name: "guest", bytes, digest: Digest::of(bytes), precompiled: None, trusted: false };
    engine.prepare(&component, limits)
}

/// [`prepare`], with what the guest's file asks for.
pub fn prepare_guest(engine: &Engine, guest: &super::guests::Guest, limits: &Limits) -> Result<Arc<Plugin>, Error> {
    let bytes = &guest.component;
    let component = Component { name: "guest", bytes, digest: Digest::of(bytes), precompiled: None, trusted: false };
    let asked: Vec<Grant> = guest.grants.iter().map(|grant| grant.parse().expect("a grant")).collect();
    engine.prepare_with(Role::Renderer, &component, limits, Grants::effective(&asked, &[]))
}

/// What a job came to: its text, or why there is none.
pub type Told = Result<String, String>;

/// Renders templates with a plugin, at most `batch` of them in one instance.
#[expect(clippy::too_many_arguments, reason = "a case says on one line what is called with what")]
pub fn render(
    engine: &Engine,
    plugin: &Plugin,
    limits: Limits,
    context: &str,
    templates: &[&str],
    batch: usize,
) -> Vec<Told> {
    // Templates of one name would be items of one template, of which none is tried once one was stopped.
    let paths: Vec<String> = (0..templates.len()).map(|number| format!("template-{number}.txt")).collect();
    let mut jobs = Vec::with_capacity(templates.len());
    for (template, path) in templates.iter().zip(&paths) {
        jobs.push(JobParam {
            template: FileParam { path, contents: template.as_bytes() },
            locals: b"{}",
            options: b"{}",
        });
    }
    let group =
        Group { plugin: plugin.into(), limits, context: context.as_bytes(), partials: Vec::new(), jobs, recall: None };
    let tell = |_: usize, _: usize, outcome: packbox::engine::Outcome<packbox::abi::GuestRendered>| match outcome.result
    {
        Ok(rendered) => Ok(rendered
            .outputs
            .0
            .iter()
            .map(|output| String::from_utf8_lossy(&output.contents.0).into_owned())
            .collect()),
        Err(CallError::Stopped(stop)) => Err(stop.reason.name().to_owned()),
        Err(CallError::Invalid(found)) => {
            Err(format!("invalid {}", found.first().map_or("without a word", |found| found.rule.0.as_str())))
        }
        Err(CallError::Refused(error)) => Err(format!("refused {error}")),
        Err(CallError::Unsupported(text) | CallError::Internal(text)) => Err(text),
        Err(CallError::Untried(_)) => Err("untried".to_owned()),
    };
    let mut told = engine.run().render(&[group], NonZeroUsize::new(batch), &tell).expect("threads");
    told.pop().expect("a group")
}

/// The built-in engine still works.
fn works(engine: &Engine) -> Result<(), String> {
    let jinja = engine
        .prepare(&built_in::jinja(engine.options().profile), &Limits::DEFAULT)
        .map_err(|error| error.to_string())?;
    let told = render(engine, &jinja, Limits::DEFAULT, r#"{"name":"x"}"#, &["<{{ name }}>"], 1);
    if told == [Ok("<x>".to_owned())] { Ok(()) } else { Err(format!("the next call gave {told:?}")) }
}

/// In a batch with templates that trap, loop and take all memory, the others come out as if alone; whatever the batch.
pub fn neighbours() -> Result<(), String> {
    let engine = engine(Profile::Run, 2);
    let limits = limits(&[("time", "300ms")]);
    let plugin = prepare(&engine, &guest("batch-one-bad").component, &limits).map_err(|error| error.to_string())?;
    let templates = ["one", "trap", "two", "loop", "three", "grow", "four", "five"];
    let wanted: Vec<Told> = templates
        .iter()
        .map(|template| match *template {
            "trap" => Err("trap".to_owned()),
            "loop" => Err("time".to_owned()),
            "grow" => Err("memory".to_owned()),
            other => Ok(other.to_owned()),
        })
        .collect();
    for batch in [1, 2, 3, 8, 25] {
        let told = render(&engine, &plugin, limits, "{}", &templates, batch);
        if told != wanted {
            return Err(format!("with batches of {batch}: {told:?}"));
        }
    }
    works(&engine)
}

/// After each hostile guest the next call in the same process works.
pub fn next_call_works() -> Result<(), String> {
    let engine = engine(Profile::Run, 2);
    for name in guests::names() {
        // These two are about the compiler child; the command-line cases have them.
        if name.starts_with("compile-") {
            continue;
        }
        let guest = guest(&name);
        let limits = limits(&[("time", "200ms")]);
        if let Ok(plugin) = prepare_guest(&engine, &guest, &limits) {
            for case in &guest.cases {
                let _ = render(&engine, &plugin, limits, "{}", &[&case.template, &case.template], 2);
            }
        }
        works(&engine).map_err(|problem| format!("after {name}: {problem}"))?;
    }
    Ok(())
}

/// Nothing is kept from one fresh instance to the next.
pub fn instances_forget() -> Result<(), String> {
    let engine = engine(Profile::Run, 1);
    let plugin = prepare(&engine, &guest("counter").component, &Limits::DEFAULT).map_err(|error| error.to_string())?;
    let first = render(&engine, &plugin, Limits::DEFAULT, "{}", &["a", "b", "c"], 1);
    let second = render(&engine, &plugin, Limits::DEFAULT, "{}", &["a", "b", "c"], 1);
    if first != second || first[0] != first[1] {
        return Err(format!("{first:?} and then {second:?}"));
    }
    Ok(())
}

/// Truncated, damaged, random and deeply nested bytes are refused, typed.
pub fn bytes_that_are_no_component() -> Result<(), String> {
    let engine = engine(Profile::Run, 1);
    let good = guest("echo").component;
    let mut damaged = guests::truncated(&good);
    damaged.extend((1..40).map(|seed| guests::random(seed, 200 + usize::try_from(seed).expect("small") * 50)));
    for bytes in &damaged {
        match Header::read(bytes).and_then(|header| header.check("renderer")) {
            Err(error) if error.kind() == ErrorKind::Refused => {}
            other => return Err(format!("{} bytes: {other:?}", bytes.len())),
        }
        match prepare(&engine, bytes, &Limits::DEFAULT) {
            Err(error) if error.kind() == ErrorKind::Refused => {}
            other => return Err(format!("{} bytes: {other:?}", bytes.len())),
        }
    }
    // A damaged component may still be one; it must only never take the process with it.
    for seed in 1..60 {
        let _ = Header::read(&guests::corrupted(&good, seed, 8)).and_then(|header| header.check("renderer"));
    }
    let error = prepare(&engine, &guests::nested(10_000), &Limits::DEFAULT).expect_err("nested too deeply");
    let reason = error.body().stop.as_ref().map(|stop| stop.reason);
    if reason != Some(StopReason::ComponentSize) {
        return Err(format!("nested: {error} {reason:?}"));
    }
    let small = limits(&[("component", "100B")]);
    let error = prepare(&engine, &good, &small).expect_err("larger than allowed");
    if error.body().stop.as_ref().map(|stop| stop.reason) != Some(StopReason::ComponentSize) {
        return Err(format!("size: {error}"));
    }
    works(&engine)
}

/// An engine whose compiler is a script, which starts packbox as it says.
fn scripted(folder: &std::path::Path, script: &str) -> Engine {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("compiler");
    let script = format!("#!/bin/sh\n{}\n", script.replace("PACKBOX", &binary().to_string_lossy()));
    std::fs::write(&path, script).expect("a script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a script");
    Engine::new(EngineOptions::new(Compiler::Child(path))).expect("an engine")
}

/// A compiler that opens a file, connects, or starts a program is ended by the kernel, typed; one that does not compiles.
pub fn compile_forbidden() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let good = guest("echo").component;
    for probe in ["files", "network", "programs", "seccomp"] {
        let engine = scripted(scratch.path(), &format!("exec PACKBOX \"$@\" --probe={probe}"));
        let error = prepare(&engine, &good, &Limits::DEFAULT).expect_err("a violation");
        let reason = error.body().stop.as_ref().map(|stop| stop.reason);
        if reason != Some(StopReason::CompileForbidden) || error.exit_code() != 4 {
            return Err(format!("{probe}: {error} {reason:?}"));
        }
    }
    let engine = scripted(scratch.path(), "exec PACKBOX \"$@\"");
    prepare(&engine, &good, &Limits::DEFAULT).map_err(|error| error.to_string()).map(drop)
}

/// Where the kernel has seccomp and does not let it be used, nothing is compiled.
#[cfg(target_os = "linux")]
pub fn unconfined_is_refused() -> Result<(), String> {
    use seccompiler::{
        SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, apply_filter,
    };
    let confined = || -> Result<Error, String> {
        // The filter holds for this thread and for what it starts.
        let sets_filters = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, 1);
        let rule = sets_filters.and_then(|condition| SeccompRule::new(vec![condition])).expect("a rule");
        let denied = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let architecture = std::env::consts::ARCH.try_into().expect("a known processor");
        let rules = [(libc::SYS_seccomp, vec![rule])].into();
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, denied, architecture).expect("a filter");
        let program: seccompiler::BpfProgram = filter.try_into().expect("a program");
        apply_filter(&program).map_err(|error| error.to_string())?;
        let compiled = prepare(&engine(Profile::Run, 1), &guest("echo").component, &Limits::DEFAULT);
        compiled.err().ok_or_else(|| "it was compiled".to_owned())
    };
    let error = std::thread::scope(|scope| scope.spawn(confined).join()).expect("a thread")?;
    let hint = error.body().hint.clone().unwrap_or_default();
    let told = error.to_string().starts_with("the compiler can't be confined: ") && hint.contains("packbox doctor");
    if error.kind() == ErrorKind::Refused && told { Ok(()) } else { Err(format!("{error} {hint}")) }
}

/// Elsewhere there is no seccomp.
#[cfg(not(target_os = "linux"))]
pub fn unconfined_is_refused() -> Result<(), String> {
    Ok(())
}

/// Fuel is the same on every run, for every number of threads.
pub fn fuel_is_the_same() -> Result<(), String> {
    let mut seen = Vec::new();
    for threads in [1, 2, 2] {
        let engine = engine(Profile::Measure, threads);
        let jinja =
            engine.prepare(&built_in::jinja(Profile::Measure), &Limits::DEFAULT).map_err(|error| error.to_string())?;
        let job = JobParam {
            template: FileParam { path: "t", contents: b"{% for i in range(100) %}{{ name }}{{ i }}{% endfor %}" },
            locals: b"{}",
            options: b"{}",
        };
        let group = Group {
            plugin: (&jinja).into(),
            limits: Limits::DEFAULT,
            context: br#"{"name":"x"}"#,
            partials: Vec::new(),
            jobs: vec![job; 6],
            recall: None,
        };
        let fuel = engine.run().render(&[group], None, &|_, _, outcome| outcome.usage.fuel).expect("threads");
        seen.extend(fuel.into_iter().flatten());
    }
    let first = seen[0];
    if first.is_none_or(|fuel| fuel < 10_000) || seen.iter().any(|fuel| *fuel != first) {
        return Err(format!("{seen:?}"));
    }
    Ok(())
}

/// Instances are allocated one by one where the address space for a pool can't be had, with the same outcomes.
pub fn without_address_space() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let pack = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/packs/rust-cli");
    let command = format!(
        "ulimit -v 33554432; exec '{}' generate '{pack}' --output out --no-input --jobs 2 --isolation fresh --format json",
        binary().display()
    );
    let output = std::process::Command::new("sh")
        .args(["-c", &command])
        .current_dir(scratch.path())
        .env("PACKBOX_HOME", super::process::shared_home())
        .output()
        .map_err(|error| error.to_string())?;
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    if output.status.code() != Some(0) || document["allocation"] != "on-demand" {
        return Err(format!("{} {document}", output.status));
    }
    Ok(())
}

/// A job can be rendered as often as somebody likes: each time is a run of its own, with all that a run may have.
pub fn rendered_often() -> Result<(), String> {
    let told = |error: Error| error.to_string();
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let manifest = "[pack]\nname = \"a\"\nversion = \"1.0.0\"\n[[templates]]\nsource = \"a.jinja\"\noutput = \"a\"\n";
    std::fs::write(folder.path().join("pack.toml"), manifest).map_err(|error| error.to_string())?;
    let template = "{% for a in range(1000) %}{{ 'x' * 4000 }}{% endfor %}";
    std::fs::write(folder.path().join("a.jinja"), template).map_err(|error| error.to_string())?;
    let mut options = EngineOptions::new(Compiler::InProcess);
    // What packbox may hold is 20 MiB of this, and a rendering makes 4 MB.
    options.run.run_memory = 64 << 20;
    let engine = Engine::new(options).map_err(told)?;
    let pack = Pack::load(folder.path(), &PackLimits::default()).map_err(told)?;
    let toolbox = Toolbox::prepare(&engine.run(), &pack, &BTreeSet::new()).map_err(told)?;
    let job = Job::prepare(&pack, &toolbox, Values::default()).map_err(told)?;
    for time in 0..12 {
        let report = job.render(RenderOptions::default()).map_err(|error| format!("time {time}: {error}"))?;
        if report.tree.files().first().map(|file| file.contents().len()) != Some(4_000_000) {
            return Err(format!("time {time}: {:?}", report.files));
        }
    }
    // In one run they add up.
    let all: Result<Vec<_>, Error> = (0..12)
        .map(|_| job.render_in(toolbox.run(), RenderOptions::default()).map(|report| report.files.len()))
        .collect();
    match all {
        Err(error) if error.body().stop.as_ref().is_some_and(|stop| stop.reason.name() == "run-memory") => Ok(()),
        other => Err(format!("{other:?}")),
    }
}
