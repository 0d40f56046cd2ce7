//! What a program meets that embeds packbox: advice speaks of the functions that it calls, and of no option of a command line; a
//! plan that it kept is held to what the command line holds it to.

use std::path::Path;

use packbox::report::Status;
use packbox::{Checks, ComposedPlan, Depth, Diagnostic, Error, ErrorKind, Inputs, Limits, PackReport, Packbox};
use serde_json::{Value, json};

use super::process::shared_home;
use super::scene::{Case, Scene};

/// All cases, by name.
pub const ALL: [(&str, Case); 4] =
    [("embed/advice", advice), ("embed/plans", plans), ("embed/checks", checks), ("embed/library", library)];

/// A template that loops.
const LOOPS: &str = "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}";

/// All that an error says.
fn said(error: &Error) -> String {
    let helps = |finding: Diagnostic| finding.help.unwrap_or_default();
    format!("{error:?}\n{}", error.findings().into_iter().map(helps).collect::<Vec<_>>().join("\n"))
}

fn pack(folder: &Path, rest: &str, template: &str) -> Result<(), String> {
    let manifest = format!(
        "[pack]\nname = \"made\"\nversion = \"1.0.0\"\n\n[[templates]]\nsource = \"one.jinja\"\noutput = \"one\"\n{rest}"
    );
    let written = std::fs::write(folder.join("pack.toml"), manifest);
    written.and_then(|()| std::fs::write(folder.join("one.jinja"), template)).map_err(|error| error.to_string())
}

/// Errors that a program meets, with what each is to say.
fn advice() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path().join("made");
    std::fs::create_dir(&folder).map_err(|error| error.to_string())?;
    let packbox = |pairs: &[(&str, &str)]| {
        let limits = pairs.iter().try_fold(Limits::default(), |limits, (name, value)| limits.set(name, value));
        limits.and_then(|limits| Packbox::builder().home(shared_home()).limits(limits).build())
    };
    let generated = |pairs: &[(&str, &str)], inputs: &Inputs<'_>| {
        let packbox = packbox(pairs)?;
        let pack = packbox.load(&folder)?;
        packbox.job(&pack, inputs)?.render()?.write(scratch.path().join("out")).map(drop)
    };
    let expect = |what: &str, ended: Result<(), Error>, expected: &[&str]| {
        let text = ended.err().map(|error| said(&error)).ok_or_else(|| format!("{what}: it went well"))?;
        let lacks = expected.iter().find(|part| !text.contains(**part));
        // An option of a command line: a blank or a quote, and two hyphens.
        let typed = text.contains(" --") || text.contains("`--");
        match (lacks, typed) {
            (None, false) => Ok(()),
            (Some(part), _) => Err(format!("{what} lacks {part:?}: {text}")),
            (None, true) => Err(format!("{what} speaks of options: {text}")),
        }
    };
    let none = Inputs::new();
    expect("a value of a limit", packbox(&[("memory", "much")]).map(drop), &["for instance the limit `memory=64MiB`"])?;

    pack(&folder, "\n[variables.port]\ntype = \"integer\"\nmin = 1024\n", "one {{ port }}\n")?;
    expect("a missing value", generated(&[], &none), &["`port` has no value", "`Inputs::with`"])?;
    let low = Inputs::new().with_text("port", "7");
    expect("a wrong value", generated(&[], &low), &["(from its text)", "`Inputs::with`"])?;
    let raise = "raise it with the limit `files=";
    expect("a limit of packs", generated(&[("files", "1")], &none), &[raise])?;

    let right = Inputs::new().with("port", 8080);
    generated(&[], &right).map_err(|error| said(&error))?;
    std::fs::write(scratch.path().join("out/one"), "edited").map_err(|error| error.to_string())?;
    expect("a conflict", generated(&[], &right), &["in the way", "`OnExisting::Skip`", "`Rendered::diff`"])?;

    pack(&folder, "", LOOPS)?;
    let stopped = generated(&[("time", "100ms")], &none);
    expect("a stop", stopped, &["if you trust it to need that much, run again with the limit `time=10s`"])?;
    let spent = generated(&[("run-time", "100ms")], &none);
    expect("a run that is over", spent, &["run again with the limit `run-time=60m`"])
}

/// A kept plan that was changed is refused, however it was read; one that was not is rendered with the secret.
fn plans() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path();
    pack(folder, "\n[variables.token]\ntype = \"secret\"\n", "token={{ token }}\n")?;
    let packbox = Packbox::builder().home(shared_home()).build().map_err(|error| said(&error))?;
    let pack = packbox.load(folder).map_err(|error| said(&error))?;
    let secret = Inputs::new().with("token", "hunter2-hunter2");
    let job = packbox.job(&pack, &secret).map_err(|error| said(&error))?;
    let kept = serde_json::to_value(job.composed()).map_err(|error| error.to_string())?;
    if kept.to_string().contains("hunter2") {
        return Err("the plan holds the secret".to_owned());
    }
    let rendered = |plan: &Value, inputs: &Inputs<'_>| {
        // Not by way of `ComposedPlan::from_json`: serde reads it, too.
        let plan: ComposedPlan = serde_json::from_value(plan.clone()).map_err(|error| error.to_string())?;
        let rendered = packbox.job_of(std::slice::from_ref(&pack), &plan, inputs).and_then(packbox::Job::render);
        rendered
            .map(|rendered| rendered.files().map(|file| file.contents.to_vec()).collect::<Vec<_>>())
            .map_err(|error| format!("{:?} {}", error.kind(), said(&error)))
    };
    let right = ComposedPlan::from_json(kept.to_string().as_bytes()).map_err(|error| said(&error))?;
    if right != job.composed() || rendered(&kept, &secret)? != [b"token=hunter2-hunter2\n".to_vec()] {
        return Err("the plan is another".to_owned());
    }
    let changed = |pointer: &str, value: Value| {
        let mut plan = kept.clone();
        let (above, key) = pointer.rsplit_once('/').unwrap_or_default();
        if let Some(Value::Object(place)) = plan.pointer_mut(above) {
            place.insert(key.to_owned(), value);
        }
        plan
    };
    for (pointer, value, kind, why) in [
        ("/format", json!(99), ErrorKind::Usage, "the format 99"),
        ("/packs/0/secrets", json!([]), ErrorKind::Usage, "does not name the secret `token`"),
        ("/packs", json!([]), ErrorKind::Usage, "it has no packs"),
        ("/packs/0/pack/version", json!("2.0.0"), ErrorKind::Integrity, "name or version"),
        ("/packs/0/files/0/then", json!([{"engine": "copy"}]), ErrorKind::Usage, "is not a chain"),
    ] {
        let secret = if pointer == "/packs/0/secrets" { &Inputs::new() } else { &secret };
        match rendered(&changed(pointer, value), secret) {
            Err(error) if error.starts_with(&format!("{kind:?}")) && error.contains(why) => {}
            other => return Err(format!("{pointer}: {other:?}")),
        }
    }
    let more = secret.clone().with("tokn", "x");
    match rendered(&kept, &more) {
        Err(error) if error.contains("the plan fixes `tokn`") => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// A pack that can't be tried without a value is checked with one; values that are given come before those of the settings.
fn checks() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    // Longer than what is made up.
    let variable = |name: &str| format!("\n[variables.{name}]\ntype = \"string\"\nmin_length = 5000\n");
    let long = "x".repeat(5000);
    pack(scratch.path(), &(variable("one") + &variable("other")), "{{ one }} {{ other }}\n")?;
    let packbox = Packbox::builder().home(shared_home()).build().map_err(|error| said(&error))?;
    let pack = packbox.load(scratch.path()).map_err(|error| said(&error))?;
    let checker = |settings: &str| {
        let checks = Checks::from_settings("packbox.toml", settings).and_then(|checks| packbox.checker(checks));
        checks.map_err(|error| said(&error))
    };
    let alone = checker("")?;
    let reported = |what: &str, report: &PackReport, holds: bool| {
        if holds { Ok(()) } else { Err(format!("{what}: {report:#?}")) }
    };
    let report = alone.check(&pack, Depth::Validate);
    let helps = report.findings.iter().filter_map(|finding| finding.help.as_deref());
    let unknown = helps.filter(|help| help.contains("`Checker::check_with`")).count();
    reported("no value", &report, unknown == 2 && !report.was_rendered())?;

    let one = Inputs::new().with("one", long.as_str());
    let both = one.clone().with("other", long.as_str());
    let report = alone.check_with(&pack, Depth::Validate, &both);
    reported("both values", &report, report.was_rendered() && report.status != Status::Failed)?;
    let report = alone.check_with(&pack, Depth::Validate, &one.clone().with_text("other", long.as_str()));
    reported("a value as text", &report, report.was_rendered())?;
    let report = alone.check_with(&pack, Depth::Validate, &both.clone().with("third", 3));
    let kind = report.error.as_ref().map(|error| error.kind);
    reported("a variable that is not there", &report, kind == Some(ErrorKind::Variables))?;

    let settings = format!("[values.made]\none = \"too short\"\nother = \"{long}\"\n");
    let report = checker(&settings)?.check_with(&pack, Depth::Validate, &one);
    reported("one value of the settings", &report, report.was_rendered())
}

/// What goes wrong with installed packs and registries speaks of the functions of a `Library`.
fn library() -> Result<(), String> {
    let scene = Scene::with_registry()?;
    let packbox = |home: &str| Packbox::builder().home(scene.at(home)).build();
    let used = packbox("home").and_then(|packbox| packbox.library()).map_err(|error| said(&error))?;
    let empty = packbox("empty").and_then(|packbox| packbox.library()).map_err(|error| said(&error))?;
    used.install("base@=1.0.0").map_err(|error| said(&error))?;
    let nowhere = scene.at("nowhere").display().to_string();
    let cases: [(&str, Result<(), Error>, &str); 8] = [
        ("a pack that is not installed", used.open("web").map(drop), "`Library::install"),
        ("another version", used.open("base@2").map(drop), "`Library::install"),
        ("a pack that is nowhere", used.install("wbe"), "`Library::search`"),
        ("no registry", empty.install("web"), "`Library::add_registry`"),
        ("an unknown registry", used.install("other/web"), "`Library::"),
        ("a registry that is not there", used.add_registry("more", &nowhere), "has to be made"),
        ("a pack that nobody has", used.uninstall("weeb"), "`Library::installed`"),
        ("another place", used.add_registry("main", &scene.at("work").display().to_string()), ""),
    ];
    for (what, ended, expected) in cases {
        let text = ended.err().map(|error| said(&error)).ok_or_else(|| format!("{what}: it went well"))?;
        if !text.contains(expected) || text.contains("`packbox ") || text.contains("`--") || text.contains(" --") {
            return Err(format!("{what}: {text}"));
        }
    }
    // A registry that has moved.
    std::fs::rename(scene.at("registry"), scene.at("moved")).map_err(|error| error.to_string())?;
    let text = used.sync().err().map(|error| said(&error)).ok_or("a registry is gone, and was read")?;
    if !text.contains("`Library::remove_registry`") || text.contains("`packbox ") {
        return Err(text);
    }
    used.remove_registry("main").map_err(|error| said(&error))?;
    used.add_registry("main", &scene.at("moved").display().to_string()).map_err(|error| said(&error))?;
    used.install("web").map_err(|error| said(&error))
}
