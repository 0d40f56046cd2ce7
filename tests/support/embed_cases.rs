//! What a program reads that embeds packbox: advice speaks of the functions that it calls, and of no option of a command line.

use std::path::Path;

use packbox::{Diagnostic, Error, Inputs, Limits, Packbox};

use super::process::shared_home;
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 1] = [("embed/advice", advice)];

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
