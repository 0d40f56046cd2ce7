//! `plan`: what a pack would generate, saved for `apply`.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::cli::args::{Rendering, Variables};
use crate::cli::command::{Exit, ended};
use crate::cli::documents::PlanSaved;
use crate::cli::json::escaped;
use crate::cli::library::Named;
use crate::cli::saved::{self, Sort};
use crate::cli::session::{Session, shown};
use crate::cli::{command, completers};
use crate::error::Result;
use crate::facade::{Inputs, Pack};
use crate::limits::UserLimits;
use crate::plan::{self, PlannedFile, to_text};
use crate::show::{LONGEST, count, gist, value as shown_value};
use crate::text::printable_line;

/// Work out what a pack would generate, without rendering, and save it for `apply`.
#[derive(Debug, Args)]
pub struct Plan {
    /// The pack: a folder with a `pack.toml`, or a `.pack` archive, or the name of an installed one.
    #[arg(add = completers::packs_here())]
    pub pack: PathBuf,
    /// The file to save the plan in; `-` prints it. Without this, the plan is shown in readable form on a terminal, and printed otherwise.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub save: Option<PathBuf>,
    /// Values for the pack's variables.
    #[command(flatten)]
    pub variables: Variables,
    /// How templates are rendered.
    #[command(flatten)]
    pub rendering: Rendering,
}

impl command::Command for Plan {
    const NAME: &'static str = "plan";
    const EXAMPLES: &'static [&'static str] = &["packbox plan shop", "packbox plan shop --no-input --save shop.plan"];
    command::documents!(PlanSaved);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(plan(session, self))
    }
}

/// Works out a plan and prints or saves it.
///
/// # Errors
/// Those of loading the pack, resolving variables and planning; `Io` where the plan can't be saved.
pub fn plan(session: &Session, arguments: &Plan) -> Result<()> {
    let saved_in = arguments.save.as_deref().filter(|file| *file != Path::new("-"));
    saved::check(saved_in, Sort::Plan)?;
    let limits = UserLimits::parse(&arguments.rendering.engine.limits)?;
    let pack = Pack(session.pack(&arguments.pack, &limits.pack)?);
    session.tell_withdrawn(&arguments.pack);
    pack.check_usable()?;
    let sources = session.sources(&arguments.variables)?;
    let packbox = session.packbox(&arguments.rendering, limits, &pack.0, None)?;
    let prepared = packbox.prepare(&packbox.begin(&Inputs::new()), &pack)?;
    let valued = session.asking(sources, arguments.variables.no_input, |inputs| prepared.values(inputs))?;
    session.tell_short_secrets(valued.values());
    let job = valued.plan()?;
    let mut plan = job.plan().clone();
    if let Named::Name(_) = session.means(&arguments.pack)? {
        plan.pack.path = format!("{}@={}", plan.pack.name, plan.pack.version);
    } else if let Ok(path) = std::path::absolute(&arguments.pack) {
        // A plan may be applied from another folder.
        plan.pack.path = path.display().to_string();
    }
    let text = to_text(&plan, job.inner().toolbox.budget())?;
    match saved_in {
        Some(file) => {
            saved::save(file, Sort::Plan, text.as_bytes())?;
            if session.output.is_json() {
                return session.output.document("plan", &PlanSaved { saved: shown(file), files: plan.files.len() });
            }
            session.output.page(&files(&plan))?;
            let next = format!("packbox apply {} --output DIR", shown(file));
            session.output.say(&format!("saved a plan of {}; apply it with `{next}`", count(plan.files.len(), "file")));
            Ok(())
        }
        // A document for who reads it with a program; a person gets what it says, and how to have it.
        None if arguments.save.is_none() && session.output.is_human() && std::io::stdout().is_terminal() => {
            session.output.page(&(variables(&plan) + &files(&plan)))?;
            let files = count(plan.files.len(), "file");
            session.output.say(&format!("a plan of {files}; `--save FILE` keeps it for `apply`, `--save -` prints it"));
            Ok(())
        }
        _ => session.output.result(&escaped(text)),
    }
}

/// The values that a plan fixes, a line for each.
fn variables(plan: &plan::Plan) -> String {
    let width = plan.values.keys().map(|name| name.chars().count()).max().unwrap_or(0).min(30);
    let line = |(name, value): (&String, &serde_json::Value)| {
        let is_secret = plan.secrets.contains(name);
        let value = match gist(value, LONGEST) {
            _ if is_secret => "a secret".to_owned(),
            Some(gist) => gist,
            None => shown_value(value),
        };
        format!("{:<width$}  {value}\n", printable_line(name))
    };
    let lines: String = plan.values.iter().map(line).collect();
    if lines.is_empty() { lines } else { lines + "\n" }
}

/// The files that a plan makes, a line for each.
fn files(plan: &plan::Plan) -> String {
    let line = |file: &PlannedFile| {
        let engines = std::iter::once(&file.engine).chain(file.then.iter().map(|stage| &stage.engine));
        let engines: Vec<String> = engines.map(ToString::to_string).collect();
        printable_line(&format!("{}  <- {} ({})", file.output, file.template, engines.join(", then "))) + "\n"
    };
    plan.files.iter().map(line).collect()
}
