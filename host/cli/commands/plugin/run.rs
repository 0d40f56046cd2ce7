//! `plugin run`: one call, from files or from a record.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use serde_json::{Map, Value, json};
use similar::TextDiff;

use crate::check::Validator;
use crate::cli::args::Running;
use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::{PluginOutput, PluginReplay, PluginRun};
use crate::cli::json::pretty;
use crate::cli::plugin_tools::{engine, options, save, tell_unbuilt};
use crate::cli::saved::{self, Sort};
use crate::cli::session::{Session, read_bytes, shown};
use crate::engine::{CallFile, Engine, Input, LimitRequest, Limits, Profile, Role};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::limits::UserLimits;
use crate::measure::{Asking, GraphFile, Ran, Record, Subject, given_for, run};
use crate::pack::OutputPath;
use crate::plugins::Merger;
use crate::show::count;
use crate::text::{format_bytes, printable, printable_line};

/// Call a plugin once, from files; or replay a recorded call.
#[derive(Debug, Args)]
pub struct Run {
    /// The plugin: a component, or a project's folder.
    #[arg(required_unless_present = "replay", conflicts_with = "replay", value_hint = ValueHint::AnyPath)]
    pub plugin: Option<PathBuf>,
    /// The template, for a renderer; `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "replay", value_hint = ValueHint::FilePath)]
    pub template: Option<PathBuf>,
    /// The path that the plugin sees, instead of that of the template or of the first side.
    #[arg(long = "as", value_name = "PATH", conflicts_with_all = ["pack", "replay"])]
    pub seen_as: Option<String>,
    /// The variables: a JSON or TOML file.
    #[arg(long, value_name = "FILE", requires = "template", value_hint = ValueHint::FilePath)]
    pub context: Option<PathBuf>,
    /// Set a variable to a text; it overrides the one in the context.
    #[arg(long = "var", value_name = "NAME=VALUE", requires = "template")]
    pub vars: Vec<String>,
    /// The options: a JSON or TOML file, or inline JSON.
    #[arg(long, value_name = "FILE|JSON", conflicts_with = "replay")]
    pub options: Option<String>,
    /// A file that the template may use, under the path as typed; can be repeated.
    #[arg(long, value_name = "FILE", requires = "template", value_hint = ValueHint::FilePath)]
    pub partial: Vec<PathBuf>,
    /// The pack, for a validator.
    #[arg(long, value_name = "PACK", conflicts_with_all = ["template", "replay"], value_hint = ValueHint::AnyPath)]
    pub pack: Option<PathBuf>,
    /// What an owner wants, for a merger; at least two.
    #[arg(long = "side", value_name = "OWNER=FILE", conflicts_with_all = ["template", "pack", "replay"])]
    pub sides: Vec<String>,
    /// How to merge; a merger's only policy needs no name.
    #[arg(long, value_name = "NAME", requires = "sides")]
    pub policy: Option<String>,
    /// What all sides were made from.
    #[arg(long, value_name = "FILE", requires = "sides", value_hint = ValueHint::FilePath)]
    pub base: Option<PathBuf>,
    /// The query, for a query engine.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["template", "pack", "sides", "replay"], value_hint = ValueHint::FilePath)]
    pub query: Option<PathBuf>,
    /// A file of statements that the query is asked about; can be repeated.
    #[arg(long = "graph", value_name = "FILE", requires = "query", value_hint = ValueHint::FilePath)]
    pub graphs: Vec<PathBuf>,
    /// Read the query, instead of asking it.
    #[arg(long, requires = "query", conflicts_with = "graphs")]
    pub describe: bool,
    /// A new folder for the files that are made.
    #[arg(short, long, value_name = "DIR", conflicts_with_all = ["pack", "replay"], value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
    /// Count fuel instead of time.
    #[arg(long)]
    pub measure: bool,
    /// Save the call as one file that anyone can replay.
    #[arg(long, value_name = "FILE", conflicts_with = "replay", value_hint = ValueHint::FilePath)]
    pub record: Option<PathBuf>,
    /// Replay a recorded call, and report whether the result is the same, bit for bit.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub replay: Option<PathBuf>,
    /// How it is run.
    #[command(flatten)]
    pub running: Running,
}

impl command::Command for Run {
    const NAME: &'static str = "plugin run";
    const EXAMPLES: &'static [&'static str] =
        &["packbox plugin run settings --template settings/cases/settings/app.env"];
    command::documents!(PluginRun<'static>, PluginReplay<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(plugin_run(session, self))
    }
}

/// The most that is read of one file.
const MAX_FILE_BYTES: u64 = Limits::CEILING.input;

/// Calls a plugin once.
///
/// # Errors
/// Those of the call; `Usage` where what it is given is not complete; `Integrity` where a record does not reproduce.
pub fn plugin_run(session: &Session, arguments: &Run) -> Result<u8> {
    if let Some(path) = &arguments.replay {
        return replay(session, path, &arguments.running);
    }
    let Some(plugin) = &arguments.plugin else {
        return Err(Error::new(ErrorKind::Usage, "there is no plugin to call"));
    };
    saved::check(arguments.record.as_deref(), Sort::Record)?;
    let subject = Subject::open(plugin, &arguments.running.grants)?;
    tell_unbuilt(session, plugin);
    let profile = if arguments.measure { Profile::Measure } else { Profile::Run };
    let engine = engine(session, &arguments.running, profile, &subject.limits)?;
    let own = if arguments.query.is_some() { Role::QueryEngine.limits() } else { LimitRequest::NONE };
    let limits = LimitRequest::effective_of(&own, &subject.limits, &engine.options().limits);
    let (role, input) = match (&arguments.template, &arguments.pack) {
        (Some(template), _) => (Role::Renderer, template_input(session, arguments, template)?),
        (None, Some(pack)) => {
            let validator = Validator::prepare(
                &engine.run(),
                &subject.component(),
                &limits,
                &BTreeSet::new(),
                subject.granted(&engine),
            )?;
            (Role::Validator, given_for(&engine, &validator, pack, &object(session, arguments.options.as_deref())?)?)
        }
        (None, None) if !arguments.sides.is_empty() => {
            let merger = Merger::prepare(&engine.run(), &subject.component(), &limits, subject.granted(&engine))?;
            (Role::Merger, sides_input(session, arguments, &merger)?)
        }
        (None, None) if let Some(query) = &arguments.query => {
            (Role::QueryEngine, query_input(session, arguments, query)?)
        }
        (None, None) => {
            let hint = match subject.roles.first() {
                Some(Role::Validator) => "--pack PACK",
                Some(Role::Merger) => "--side OWNER=FILE --side OWNER=FILE",
                Some(Role::QueryEngine) => "--query FILE --graph FILE",
                Some(Role::Renderer) | None => "--template FILE",
            };
            return Err(Error::new(ErrorKind::Usage, "there is nothing to call it with").hint(format!("add `{hint}`")));
        }
    };
    let plugin = subject.prepare(&engine, role, &limits)?;
    let mut ran = run(&engine, &plugin, &limits, &input)?;
    if let Some(path) = &arguments.record {
        let counting =
            crate::cli::plugin_tools::engine(session, &arguments.running, Profile::Measure, &subject.limits)?;
        let seen = ran.ended.kind();
        save(session, path, &Record::of_call(&counting, &subject, limits, input, seen)?)?;
    }
    if let Some(error) = ran.error() {
        return Err(error);
    }
    show(session, &ran, arguments.output.as_deref(), role)?;
    Ok(if ran.ended.has_conflicts() { ErrorKind::Conflict.exit_code() } else { 0 })
}

/// Prints what a call gave, or writes it to a folder.
fn show(session: &Session, ran: &Ran, folder: Option<&Path>, role: Role) -> Result<()> {
    if let Some(folder) = folder {
        write_files(ran, folder)?;
    }
    if session.output.is_json() {
        let outputs = ran.outputs.iter().map(|output| PluginOutput {
            path: output.path.as_deref(),
            bytes: output.contents.len(),
            executable: output.executable,
            contents: std::str::from_utf8(&output.contents).ok(),
        });
        let document = PluginRun {
            outcome: &ran.ended,
            usage: ran.usage,
            bytes_in: ran.bytes_in,
            bytes_out: ran.bytes_out,
            outputs: outputs.collect(),
            findings: &ran.findings,
        };
        return session.output.document("plugin run", &document);
    }
    session.output.findings(&ran.findings);
    if role == Role::Validator {
        let count = ran.findings.len();
        return session.output.result(&format!("{count} finding{}\n", if count == 1 { "" } else { "s" }));
    }
    if let (Role::QueryEngine, [], Some(description)) = (role, ran.outputs.as_slice(), ran.ended.result.get("ok")) {
        return session.output.result(&printable(&(pretty(description) + "\n")));
    }
    if ran.ended.has_conflicts() {
        return session.output.result(&format!("{}\n", count(ran.findings.len(), "conflict")));
    }
    if let ([output], None) = (ran.outputs.as_slice(), folder) {
        // To a file or a pipe the bytes go as they are; a terminal is not driven by a stranger's text.
        use std::io::{IsTerminal as _, Write as _};
        if !std::io::stdout().is_terminal() {
            let written = std::io::stdout().lock().write_all(&output.contents);
            return match written {
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    Err(Error::io("cannot write to standard output", error))
                }
                _ => Ok(()),
            };
        }
        return session.output.result(&printable(&String::from_utf8_lossy(&output.contents)));
    }
    let mut text = String::new();
    for output in &ran.outputs {
        let path = output.path.as_deref().unwrap_or("(the manifest's output path)");
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:>10}  {}", format_bytes(output.contents.len() as u64), printable_line(path));
    }
    session.output.result(&text)
}

/// Writes files to a folder that is new or empty: then there is nothing to overwrite, and no link to follow.
fn write_files(ran: &Ran, folder: &Path) -> Result<()> {
    let failed = |error| Error::io(format!("cannot write to `{}`", shown(folder)), error);
    let mut files = Vec::with_capacity(ran.outputs.len());
    for output in &ran.outputs {
        let path = output.path.as_deref().unwrap_or("output");
        let path = OutputPath::new(path).map_err(|error| {
            let path: String = printable_line(path).chars().take(200).collect();
            Error::new(ErrorKind::OutsidePath, format!("the output path `{path}` {error}"))
        })?;
        files.push((path, output));
    }
    std::fs::create_dir_all(folder).map_err(failed)?;
    if std::fs::read_dir(folder).map_err(failed)?.next().is_some() {
        return Err(Error::new(ErrorKind::Conflict, format!("`{}` is not empty", shown(folder)))
            .hint("name a folder that does not exist yet"));
    }
    for (path, output) in files {
        let target = folder.join(path.as_str());
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&target)
            .and_then(|mut file| std::io::Write::write_all(&mut file, &output.contents))
            .map_err(failed)?;
    }
    Ok(())
}

fn template_input(session: &Session, arguments: &Run, template: &Path) -> Result<Input> {
    let contents = read_bytes(template, MAX_FILE_BYTES, "template", &session.interrupt)?;
    let name = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.filter(|name| name != "-").unwrap_or_else(|| "template".to_owned())
    };
    let path = arguments.seen_as.clone().unwrap_or_else(|| name(template));
    let mut context = match &arguments.context {
        Some(path) => read_object(session, path, "context")?,
        None => Map::new(),
    };
    for pair in &arguments.vars {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Error::new(ErrorKind::Usage, format!("`--var {}` has no value", printable_line(pair)))
                .hint("write it like `--var name=value`"));
        };
        context.insert(name.to_owned(), value.into());
    }
    let mut partials = Vec::with_capacity(arguments.partial.len());
    for path in &arguments.partial {
        let contents = read_bytes(path, MAX_FILE_BYTES, "partial", &session.interrupt)?;
        // A path that says where this machine keeps the file is nothing that a plugin should see.
        let seen = if path.is_relative() { path.to_string_lossy().into_owned() } else { name(path) };
        partials.push(CallFile { path: seen.trim_start_matches("./").to_owned(), contents });
    }
    Ok(Input::Render {
        context: json!(context).to_string().into_bytes(),
        partials,
        template: CallFile { path, contents },
        locals: b"{}".to_vec(),
        options: json!(object(session, arguments.options.as_deref())?).to_string().into_bytes(),
    })
}

/// All that a merger is given.
fn sides_input(session: &Session, arguments: &Run, merger: &Merger) -> Result<Input> {
    let policy = match (&arguments.policy, merger.policies()) {
        (Some(name), _) => &merger.named(name)?.name,
        (None, [only]) => &only.name,
        (None, several) => {
            let names: Vec<&str> = several.iter().map(|policy| policy.name.as_str()).collect();
            return Err(Error::new(ErrorKind::Usage, "the merger has several policies")
                .hint(format!("add `--policy` with one of {}", names.join(", "))));
        }
    };
    let mut sides: Vec<CallFile> = Vec::with_capacity(arguments.sides.len());
    let mut first = None;
    for side in &arguments.sides {
        let wrong = |why: &str| {
            Error::new(ErrorKind::Usage, format!("`--side {}` {why}", printable_line(side)))
                .hint("write it like `--side base=base/Cargo.toml`, each owner once")
        };
        let (owner, file) = side.split_once('=').ok_or_else(|| wrong("has no file"))?;
        if owner.is_empty() || sides.iter().any(|known| known.path == owner) {
            return Err(wrong("has no owner of its own"));
        }
        let file = Path::new(file);
        let contents = read_bytes(file, MAX_FILE_BYTES, "side", &session.interrupt)?;
        first.get_or_insert_with(|| file.file_name().map(|name| name.to_string_lossy().into_owned()));
        sides.push(CallFile { path: owner.to_owned(), contents });
    }
    if sides.len() < 2 {
        return Err(Error::new(ErrorKind::Usage, "there is one side only")
            .hint("what only one owner wants is taken as it is; add another `--side OWNER=FILE`"));
    }
    let base = arguments.base.as_deref().map(|base| read_bytes(base, MAX_FILE_BYTES, "base", &session.interrupt));
    Ok(Input::Merge {
        path: arguments.seen_as.clone().or(first.flatten()).unwrap_or_else(|| "file".to_owned()),
        policy: policy.clone(),
        options: json!(object(session, arguments.options.as_deref())?).to_string().into_bytes(),
        base: base.transpose()?,
        sides,
    })
}

/// All that a query engine is given.
fn query_input(session: &Session, arguments: &Run, query: &Path) -> Result<Input> {
    let read = |path: &Path, what: &str| -> Result<CallFile> {
        let name = path.file_name().map_or_else(|| what.to_owned(), |name| name.to_string_lossy().into_owned());
        Ok(CallFile { path: name, contents: read_bytes(path, MAX_FILE_BYTES, what, &session.interrupt)? })
    };
    let asking = Asking::read(&object(session, arguments.options.as_deref())?)?;
    let mut query = read(query, "query")?;
    if let Some(path) = &arguments.seen_as {
        query.path.clone_from(path);
    }
    if arguments.describe {
        return Ok(asking.describe(&query));
    }
    let graph = |path: &PathBuf| GraphFile::named(read(path, "graph")?);
    let graphs = arguments.graphs.iter().map(graph).collect::<Result<Vec<_>>>()?;
    Ok(asking.ask(&query, graphs))
}

/// Reads options: JSON as it is, or a file.
fn object(session: &Session, options: Option<&str>) -> Result<Map<String, Value>> {
    match options {
        None => Ok(Map::new()),
        Some(text) if text.trim_start().starts_with('{') => serde_json::from_str(text).map_err(|error| {
            Error::new(ErrorKind::Usage, "the options are not a JSON object")
                .caused_by(error)
                .hint("for instance `--options '{\"indent\": 2}'`")
        }),
        Some(path) => read_object(session, Path::new(path), "options"),
    }
}

/// Reads a JSON file, or a TOML file where it is named so.
fn read_object(session: &Session, path: &Path, what: &str) -> Result<Map<String, Value>> {
    let bytes = read_bytes(path, MAX_FILE_BYTES, what, &session.interrupt)?;
    let wrong = |cause: String| {
        Error::new(ErrorKind::Usage, format!("`{}` does not contain a table of values", shown(path)))
            .caused_by(printable_line(&cause))
    };
    let text = files::decode(bytes)
        .map_err(|error| error.error(ErrorKind::Usage, &format!("the {what} `{}`", shown(path)), &shown(path)))?;
    if path.extension().is_some_and(|extension| extension == "toml") {
        return toml::from_str(&text).map_err(|error| wrong(error.to_string().trim().to_owned()));
    }
    serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))
}

/// Makes a recorded call again.
fn replay(session: &Session, path: &Path, running: &Running) -> Result<u8> {
    let record = Record::read(path, &session.interrupt)?;
    let user = UserLimits::parse(&running.engine.limits)?.calls;
    record.check_limits(&user)?;
    let mut options = options(session, running, Profile::Measure, &LimitRequest::default())?;
    options.limits = record.request();
    let engine = Engine::new(options)?;
    let mut ran = record.run(&engine)?;
    let same = ran.ended == record.outcome;
    if !same {
        let (recorded, replayed) = (pretty(&json!(record.outcome)), pretty(&json!(ran.ended)));
        let diff = TextDiff::from_lines(&recorded, &replayed).unified_diff().header("recorded", "replayed").to_string();
        if ran.ended.kind() == "stopped interrupted" {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
        }
        if !session.output.is_json() {
            session.output.say_as_it_is(printable(&diff).trim_end());
        }
        let error = Error::new(
            ErrorKind::Integrity,
            format!(
                "the call could not be reproduced: it ended as `{}`, but `{}` was recorded",
                ran.ended.kind(),
                record.outcome.kind()
            ),
        );
        let made = printable_line(&record.packbox);
        return Err(if record.packbox == env!("CARGO_PKG_VERSION") {
            error.hint("the plugin is not a pure function, or the record was changed")
        } else {
            error.hint(format!("the record was made by packbox {made:.40}"))
        });
    }
    let outcome = ran.ended.clone();
    let error = ran.error();
    let exit = error.as_ref().map_or(0, Error::exit_code);
    if session.output.is_json() {
        let document = PluginReplay {
            reproduced: true,
            exit,
            plugin: &record.plugin,
            function: record.function(),
            seen: &record.seen,
            outcome: &outcome,
        };
        session.output.document("plugin run", &document)?;
        return Ok(exit);
    }
    session.output.findings(&ran.findings);
    let fuel = outcome.fuel.map(|fuel| format!(" after {} of fuel", count(fuel, "unit"))).unwrap_or_default();
    session.output.result(&format!(
        "reproduced bit for bit: {} of `{}` ends as `{}`{fuel}\n",
        record.function(),
        record.plugin,
        outcome.kind()
    ))?;
    Ok(exit)
}
