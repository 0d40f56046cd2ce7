//! `plan`: what a pack would generate, saved for `apply`.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::cli::args::{Combining, Rendering, Resolving, Variables};
use crate::cli::command::{Exit, ended};
use crate::cli::documents::PlanSaved;
use crate::cli::json::escaped;
use crate::cli::library::Named;
use crate::cli::packs::composing::Composing;
use crate::cli::saved::{self, Sort};
use crate::cli::session::{Session, shown};
use crate::cli::{command, completers};
use crate::compose::packs::PackSet;
use crate::error::Result;
use crate::facade::Inputs;
use crate::limits::UserLimits;
use crate::pack::{Pack, PackMeta, PackName};
use crate::plan::{self, ComposedPlan, PlannedFile, PlannedOutput, to_text};
use crate::show::{LONGEST, count, gist, value as shown_value};
use crate::text::printable_line;

/// Work out what packs would generate, without rendering, and save it for `apply`.
#[derive(Debug, Args)]
pub struct Plan {
    /// The packs: folders with a `pack.toml`, `.pack` archives, or names of installed ones; or a `compose.toml`, or a folder with
    /// one. Without any: the `compose.toml` of this folder.
    #[arg(value_name = "PACK", add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// The file to save the plan in; `-` prints it. Without this, the plan is shown in readable form on a terminal, and printed otherwise.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub save: Option<PathBuf>,
    /// How packs get along.
    #[command(flatten)]
    pub combining: Combining,
    /// Where packs come from.
    #[command(flatten)]
    pub resolving: Resolving,
    /// Values for the packs' variables.
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
/// Those of loading the packs, resolving variables and planning; `Io` where the plan can't be saved.
pub fn plan(session: &Session, arguments: &Plan) -> Result<()> {
    let saved_in = arguments.save.as_deref().filter(|file| *file != Path::new("-"));
    saved::check(saved_in, Sort::Plan)?;
    let limits = UserLimits::parse(&arguments.rendering.engine.limits)?;
    let composing = Composing::of(&arguments.packs, &arguments.combining)?;
    let set = composing.load(session, arguments.resolving, &limits)?;
    for pack in &composing.named {
        session.tell_withdrawn(pack);
    }
    set.packs().iter().try_for_each(|pack| pack.check_host(&crate::version()))?;
    let sources = session.sources(&arguments.variables)?;
    let packbox = session.packbox(&arguments.rendering, limits, set.packs(), None)?;
    let (paths, shared) = (paths(session, &composing, &set)?, set.shared());
    let prepared = packbox.prepare(&packbox.begin(&Inputs::new()), set)?;
    let presets = composing.presets();
    let found = |inputs: &Inputs<'_>| prepared.values_with(inputs, &presets);
    let valued = session.asking(sources, arguments.variables.no_input, found)?;
    for values in valued.values() {
        session.tell_short_secrets(values);
    }
    let job = valued.plan(composing.rules)?;
    let mut plan = job.inner().plan(shared);
    for (own, path) in plan.packs.iter_mut().zip(paths) {
        own.pack.path = path;
    }
    let budget = job.leading().toolbox.budget();
    let text = match &plan.packs[..] {
        [one] => to_text(one, budget)?,
        _ => to_text(&plan, budget)?,
    };
    match saved_in {
        Some(file) => {
            saved::save(file, Sort::Plan, text.as_bytes())?;
            let files = plan.packs.iter().map(|plan| plan.files.len()).sum();
            if session.output.is_json() {
                return session
                    .output
                    .document("plan", &PlanSaved { saved: shown(file), files, wasm_calls: budget.calls() });
            }
            session.output.page(&all_files(&plan))?;
            let next = format!("packbox apply {} --output DIR", shown(file));
            session.output.say(&format!("saved a plan of {}; apply it with `{next}`", count(files, "file")));
            Ok(())
        }
        // A document for who reads it with a program; a person gets what it says, and how to have it.
        None if arguments.save.is_none() && session.output.is_human() && std::io::stdout().is_terminal() => {
            session.output.page(&(all_variables(&plan) + &all_files(&plan)))?;
            let files = count(plan.packs.iter().map(|plan| plan.files.len()).sum::<usize>(), "file");
            session.output.say(&format!("a plan of {files}; `--save FILE` keeps it for `apply`, `--save -` prints it"));
            Ok(())
        }
        _ => session.output.result(&escaped(text)),
    }
}

/// Where each pack is found again, also from another folder.
fn paths(session: &Session, composing: &Composing, set: &PackSet) -> Result<Vec<String>> {
    let data = session.environment.folders()?.data;
    let of = |pack: &Pack| {
        let PackMeta { name, version, .. } = &pack.manifest.pack;
        let installed = format!("{}@={}", name.value, version.value);
        match pack.place() {
            None => pack.label.clone(),
            Some(place) if place.starts_with(&data) => installed,
            Some(place) => {
                std::path::absolute(place).map_or_else(|_| pack.label.clone(), |path| path.display().to_string())
            }
        }
    };
    // What was named as a path is called as it was named.
    if let ([named], [_]) = (&composing.named[..], set.packs())
        && session.means(named)? == Named::Path
        && let Ok(path) = std::path::absolute(named)
    {
        return Ok(vec![path.display().to_string()]);
    }
    Ok(set.packs().iter().map(of).collect())
}

fn all_variables(plan: &ComposedPlan) -> String {
    match &plan.packs[..] {
        [one] => variables(one),
        several => several.iter().map(variables_of).collect::<Vec<_>>().concat(),
    }
}

/// The variables of one of several packs, below its name.
fn variables_of(plan: &plan::Plan) -> String {
    let lines = variables(plan);
    if lines.is_empty() { lines } else { format!("{} {}\n{lines}", plan.pack.name, plan.pack.version) }
}

/// The files of all packs; of those that several want, whose they are.
fn all_files(plan: &ComposedPlan) -> String {
    if let [one] = &plan.packs[..] {
        return files(one);
    }
    let several = |output: &&PlannedOutput| output.owners.len() + output.passed_over.len() > 1;
    let names = |packs: &[PackName]| packs.iter().map(PackName::as_str).collect::<Vec<_>>().join(", ");
    let line = |output: &PlannedOutput| {
        let whose = match (&output.owners[..], &output.passed_over[..]) {
            ([owner], others) => format!("that of {owner}, not of {}", names(others)),
            (owners, []) => format!("merged from {}", names(owners)),
            (owners, others) => format!("merged from {}, without {}", names(owners), names(others)),
        };
        printable_line(&format!("{}  <- {whose}", output.path)) + "\n"
    };
    let shared: String = plan.outputs.iter().filter(several).map(line).collect();
    let of = |plan: &plan::Plan| format!("{} {}\n{}", plan.pack.name, plan.pack.version, files(plan));
    let own: String = plan.packs.iter().map(of).collect::<Vec<_>>().join("\n");
    if shared.is_empty() { own } else { format!("{own}\nfiles of several packs\n{shared}") }
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
