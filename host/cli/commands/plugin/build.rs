//! `plugin build`: a component of a plugin project.

use crate::engine::{ABI_PACKAGE, ABI_VERSION};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::{Args, ValueHint};

use crate::author::{Built, Kind, Language, Project, Watcher, build};
use crate::cli::command::{Exit, ended};
use crate::cli::documents::PluginBuilt;
use crate::cli::session::{Session, shown};
use crate::cli::{command, progress};
use crate::error::{Error, ErrorKind, Result};
use crate::text::{format_bytes, printable_line};

/// Build a plugin's component, and check that it can run here.
#[derive(Debug, Args)]
pub struct Build {
    /// The plugin's project: a folder with a `packbox-plugin.toml`.
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
    /// Build again whenever a file changes, and run the plugin's tests.
    #[arg(long)]
    pub watch: bool,
}

impl command::Command for Build {
    const NAME: &'static str = "plugin build";
    const EXAMPLES: &'static [&'static str] = &["packbox plugin build settings"];
    command::documents!(PluginBuilt<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(plugin_build(session, self))
    }
}

/// Builds a plugin project, once or whenever it changes.
///
/// # Errors
/// Those of [`build`]; with `--watch` only what is wrong with the project's file at the start, and `Interrupted`.
pub fn plugin_build(session: &Session, arguments: &Build) -> Result<()> {
    if !arguments.watch {
        let project = Project::read(&arguments.folder)?;
        let (built, took) = built(session, &project)?;
        return show(session, &project, &built, took);
    }
    if session.output.is_json() {
        return Err(Error::new(ErrorKind::Usage, "`--watch` never ends, so it can't print a JSON document")
            .hint("leave out `--format json`"));
    }
    let mut watcher = Watcher::new(&Project::read(&arguments.folder)?);
    loop {
        match build_and_test(session, arguments) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                let _ = session.output.error("plugin build", &error);
            }
            Ok(()) => {}
        }
        let _aside = progress::hide();
        session.output.say(&format!("watching {}; Ctrl-C ends it", shown(&arguments.folder)));
        if watcher.changed(&session.interrupt).is_none() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
        }
    }
}

fn built(session: &Session, project: &Project) -> Result<(Built, Duration)> {
    if !session.output.is_json() {
        let how = match project.language {
            Language::Rust => "cargo",
            Language::JavaScript => "componentize-js, which takes half a minute",
            Language::Python => "componentize-py, which takes half a minute",
            Language::C => "clang",
        };
        session.output.say(&format!("building the {} `{}` with {how} …", project.kind.words(), project.name));
    }
    let begin = Instant::now();
    let built = build(project, &session.environment.surroundings(), &session.interrupt)?;
    Ok((built, begin.elapsed()))
}

/// Builds, and runs the tests in a process of their own: one that hangs ends with this one.
fn build_and_test(session: &Session, arguments: &Build) -> Result<()> {
    let project = Project::read(&arguments.folder)?;
    let (built, took) = built(session, &project)?;
    session.output.say(&format!("wrote {} ({}) in {took:.1?}", shown(&built.path), format_bytes(built.bytes)));
    let failed = |error| Error::io("cannot run the tests", error);
    // The child has a line of its own.
    let _aside = progress::hide();
    let mut child = Command::new(session.compiler()?)
        .args(["plugin", "test"])
        .arg(&arguments.folder)
        .stdin(Stdio::null())
        .spawn()
        .map_err(failed)?;
    loop {
        if child.try_wait().map_err(failed)?.is_some() {
            return Ok(());
        }
        if session.interrupt.is_set() {
            let _ = child.kill();
            let _ = child.wait();
            return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn show(session: &Session, project: &Project, built: &Built, took: Duration) -> Result<()> {
    let imports: Vec<&str> = built.header.imports.iter().map(|import| import.name.as_str()).collect();
    if session.output.is_json() {
        let document = PluginBuilt {
            plugin: &project.name,
            lang: project.language,
            kind: project.kind,
            file: shown(&built.path),
            bytes: built.bytes,
            sha256: built.digest,
            abi: built.header.abi(),
            imports: &imports,
            exports: &built.header.exports,
            wants_wasi_stub: built.wants_wasi,
            milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        };
        return session.output.document("plugin build", &document);
    }
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "wrote {} ({}) in {took:.1?}", shown(&built.path), format_bytes(built.bytes));
    let _ = writeln!(text, "abi      {ABI_PACKAGE}@{ABI_VERSION}");
    let _ = writeln!(
        text,
        "imports  {}",
        printable_line(&if imports.is_empty() { "none".into() } else { imports.join(", ") })
    );
    let _ = writeln!(text, "exports  {}", printable_line(&built.header.exports.join(", ")));
    let _ = writeln!(text, "\nnext: `packbox plugin test {}`; {}", shown(&project.folder), use_of(project, built));
    session.output.result(&text)
}

/// How the component is used: the lines of a pack's manifest, or the option that names it.
fn use_of(project: &Project, built: &Built) -> String {
    let name = &project.name;
    let grants = if built.wants_wasi { "grants = [\"wasi-stub\"]\n" } else { "" };
    match project.kind {
        Kind::Merger => format!(
            "to use it in a pack, copy it to `plugins/{name}.wasm` and add to pack.toml\n\n\
             [plugins.{name}]\ncomponent = \"plugins/{name}.wasm\"\nsha256 = \"{}\"\n{grants}\n\
             and, to the templates whose outputs it merges, with one of its policies\n\n\
             on_conflict = {{ policy = \"…\", plugin = \"{name}\" }}",
            built.digest
        ),
        Kind::Renderer => {
            format!(
                "to use it in a pack, copy it to `plugins/{name}.wasm` and add to pack.toml\n\n\
                 [plugins.{name}]\ncomponent = \"plugins/{name}.wasm\"\nsha256 = \"{}\"\n{grants}\n\
                 [[templates]]\nsource = \"…\"\nengine = \"plugin:{name}\"\noutput = \"…\"",
                built.digest
            )
        }
        Kind::Validator => format!(
            "to check a pack, run `packbox lint PACK --rules {}`, or set `rules = [\"{name}.wasm\"]` in packbox.toml",
            shown(&built.path)
        ),
        Kind::QueryEngine => {
            format!("to ask it something, run `packbox plugin run {} --query FILE --graph FILE`", shown(&built.path))
        }
    }
}
