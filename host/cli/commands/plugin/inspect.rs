//! `plugin inspect`: what a component says about itself.

use crate::engine::ABI_PACKAGE;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::author::Project;
use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::PluginInspected;
use crate::cli::plugin_tools::tell_unbuilt;
use crate::cli::session::{Session, read_bytes, shown};
use crate::digest::Digest;
use crate::engine::{ABI_VERSION, Header, Limits};
use crate::error::{Error, ErrorKind, Result};
use crate::grants::Grants;
use crate::show::count;
use crate::text::{format_bytes, printable_line};

/// Show what a component imports and exports, its ABI, sizes and digest; none of it runs.
#[derive(Debug, Args)]
pub struct Inspect {
    /// The component, or the folder of the project that builds it.
    #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
    pub file: PathBuf,
}

impl command::Command for Inspect {
    const NAME: &'static str = "plugin inspect";
    const EXAMPLES: &'static [&'static str] = &["packbox plugin inspect settings"];
    command::documents!(PluginInspected<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(inspect(session, &self.file))
    }
}

/// Prints imports, exports, ABI, sizes, digest and limits of a component. Nothing of it runs or is compiled.
///
/// # Errors
/// `NotFound` or `Io` where the file can't be read, `Refused` where it is no component, `Stopped` where it has more in it
/// than a component may have. A component that is well-formed but can't run here is shown, with the reason.
fn inspect(session: &Session, path: &Path) -> Result<()> {
    let built = if path.is_dir() { Some(Project::read(path)?.component()) } else { None };
    let file = built.as_deref().unwrap_or(path);
    if built.is_some() && !file.exists() {
        return Err(Error::new(ErrorKind::NotFound, format!("there is no `{}`", shown(file)))
            .hint(format!("`packbox plugin build {}` makes it", shown(path))));
    }
    tell_unbuilt(session, path);
    let component = read_bytes(file, Limits::CEILING.component, "component", &session.interrupt)?;
    let header = Header::read(&component)?;
    let digest = Digest::of(&component);
    // It runs where it is granted what it needs.
    let problem = header.check_with(header.role().interface(), Grants::ALL).err();
    if session.output.is_json() {
        let document = PluginInspected {
            file: shown(file),
            bytes: component.len(),
            sha256: digest,
            abi: header.abi(),
            host_abi: ABI_VERSION,
            runs_here: problem.is_none(),
            needs_grants: header.needs(),
            problem: problem.as_ref().map(ToString::to_string),
            hint: problem.as_ref().and_then(|problem| problem.body().hint.as_deref()),
            header: &header,
            limits: Limits::DEFAULT,
        };
        return session.output.document("plugin inspect", &document);
    }
    session.output.page(&describe(file, component.len(), digest, &header, problem.as_ref()))
}

fn describe(file: &Path, bytes: usize, digest: Digest, header: &Header, problem: Option<&Error>) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{name:<12}{}", printable_line(&value));
    };
    line("file", shown(file));
    line("sha256", digest.to_string());
    line("size", format_bytes(bytes as u64));
    line(
        "abi",
        match header.abi() {
            Some(version) => format!("{ABI_PACKAGE}@{version} (this packbox offers {ABI_VERSION})"),
            None => format!("no version of {ABI_PACKAGE}"),
        },
    );
    let imports: Vec<_> = header.imports.iter().map(|import| import.name.as_str()).collect();
    line("imports", or_none(&imports.join(", ")));
    line("exports", or_none(&header.exports.join(", ")));
    line("code", format!("{} in {}", format_bytes(header.code_bytes), count(header.functions, "function")));
    line("data", format_bytes(header.data_bytes));
    line("memories", format!("{}, {} at the start", header.memories, format_bytes(header.initial_memory)));
    line("tables", header.tables.to_string());
    line("instances", format!("{} of {} core modules", header.core_instances, header.core_modules));
    line(
        "names",
        match (header.has_names, header.has_lines) {
            (true, true) => "kept, with lines: backtraces show both",
            (true, false) => "kept, without lines: backtraces show functions only",
            (false, true) => "stripped, lines kept: backtraces show lines only",
            (false, false) => "stripped: backtraces show no functions",
        }
        .into(),
    );
    line("made by", or_none(&header.producers.join(", ")));
    let limits = Limits::DEFAULT;
    line(
        "limits",
        format!(
            "memory {}, time {:?}, result {}, {} outputs, log {} (defaults)",
            format_bytes(limits.memory),
            limits.time,
            format_bytes(limits.result),
            limits.outputs,
            format_bytes(limits.log)
        ),
    );
    let grants: Vec<_> = header.needs().into_iter().map(|grant| format!("`{grant}`")).collect();
    let quoted: Vec<_> = header.needs().into_iter().map(|grant| format!("\"{grant}\"")).collect();
    match problem {
        None if grants.is_empty() => line("runs here", "yes".into()),
        None => {
            line("runs here", format!("yes, with the grant {}", grants.join(", ")));
            line("", format!("`grants = [{}]` in the plugin's table of `pack.toml`", quoted.join(", ")));
        }
        Some(problem) => {
            line("runs here", format!("no: {problem}"));
            if let Some(hint) = &problem.body().hint {
                line("", hint.clone());
            }
        }
    }
    text
}

fn or_none(text: &str) -> String {
    if text.is_empty() { "none".into() } else { text.into() }
}
