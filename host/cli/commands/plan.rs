//! `plan`: what a pack would generate, saved for `apply`.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::mem::ManuallyDrop;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueHint};

use crate::cli::args::{Combining, Format, Isolation, OnExisting, Rendering, Resolving, Variables};
use crate::cli::command::{Exit, ended};
use crate::cli::documents::PlanSaved;
use crate::cli::json::escaped;
use crate::cli::library::Named;
use crate::cli::output::Output;
use crate::cli::packs::composing::Composing;
use crate::cli::packs::pinned;
use crate::cli::review::{self, Entry, Page, tree};
use crate::cli::saved::{self, Sort};
use crate::cli::session::{self, Session};
use crate::cli::writing::written::colored;
use crate::cli::{command, completers};
use crate::compose::packs::PackSet;
use crate::diagnostic::Diagnostic;
use crate::error::{Error, ErrorKind, Result};
use crate::facade::{self, Inputs, Rendered};
use crate::generate::commit::{FileState, choices};
use crate::generate::{Apart, Change, RenderOptions, Writing};
use crate::limits::{Budget, UserLimits};
use crate::pack::{Pack, PackMeta};
use crate::plan::{self, ComposedPlan, Step, to_text};
use crate::show::{LONGEST, count, gist, value as shown_value};
use crate::text::{printable, printable_line};

/// Bytes of diffs, after which no further file is shown.
const MAX_DIFFS: usize = 16 << 20;

/// Work out what packs would generate, look at it, and save it for `apply`.
#[derive(Debug, Args)]
pub struct Plan {
    /// The packs: folders with a `pack.toml`, `.pack` archives, or names of installed ones; or a `compose.toml`, or a folder with
    /// one. Without any: the `compose.toml` of this folder.
    #[arg(value_name = "PACK", add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// The file to save the plan in; `-` prints it. Without this, the plan is shown in readable form on a terminal and with `--format human`, and printed otherwise.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub save: Option<PathBuf>,
    /// The folder to plan for: then the plan says what becomes of each file, and is refused once something else stands there.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
    /// What to do with a file there that differs and that you edited or made.
    #[arg(long, value_enum, default_value_t = OnExisting::Fail, requires = "output")]
    pub on_existing: OnExisting,
    /// Remove files there that an earlier run generated and this plan does not, unless somebody touched them.
    #[arg(long, requires = "output")]
    pub prune: bool,
    /// Show what is in new files, too; without it, diffs are of files that change.
    #[arg(long)]
    pub diff: bool,
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
    const FORMATS: &'static [Format] = Format::OF_PLANS;
    const EXAMPLES: &'static [&'static str] = &[
        "packbox plan shop",
        "packbox plan shop --no-input --save shop.plan",
        "packbox plan shop --no-input --output shop-here --save shop.plan",
        "packbox plan shop --no-input --format html",
    ];
    command::documents!(PlanSaved<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(plan(session, self))
    }
}

/// Works out a plan and prints or saves it.
///
/// # Errors
/// Those of loading the packs, resolving variables and planning; those of rendering, and of looking at the output folder, where
/// that is asked for; `Io` where the plan can't be saved.
pub fn plan(session: &Session, arguments: &Plan) -> Result<()> {
    let is_page = session.output.format() == Format::Html;
    let saved_in = arguments.save.as_deref().filter(|file| *file != Path::new("-"));
    if is_page && arguments.save.is_some() && saved_in.is_none() {
        return Err(Error::new(ErrorKind::Usage, "the plan and the page would both go to standard output")
            .hint("save the plan in a file: `--save FILE`"));
    }
    saved::check(saved_in, Sort::Plan)?;
    let limits = UserLimits::parse(&arguments.rendering.engine.limits)?;
    let composing = Composing::of(&arguments.packs, &arguments.combining)?;
    let set = composing.load(session, arguments.resolving, &limits)?;
    for pack in &composing.named {
        session.tell_withdrawn(pack);
    }
    set.packs().iter().try_for_each(|pack| pack.check_host(&crate::version()))?;
    if let Some(folder) = &arguments.output {
        set.packs().iter().try_for_each(|pack| Apart::of(pack, folder).map(drop))?;
    }
    let sources = session.sources(&arguments.variables)?;
    // The process ends with the command: giving back the pool's address space would only take time.
    let packbox = ManuallyDrop::new(session.packbox(&arguments.rendering, limits, set.packs(), None)?);
    let paths = paths(session, &composing, &set)?;
    let prepared = packbox.prepare(&packbox.begin(&Inputs::new()), set)?;
    let presets = composing.presets();
    let found = |inputs: &Inputs<'_>| prepared.values_with(inputs, &presets);
    let valued = session.asking(sources, arguments.variables.no_input, found)?;
    for values in valued.values() {
        session.tell_short_secrets(values);
    }
    let remarks: Vec<Diagnostic> = valued.values().iter().flat_map(|values| values.remarks.clone()).collect();
    let settings = composing.file().map(Path::to_owned);
    let job = valued.plan(composing.rules)?;
    job.inner().check_paths()?;
    let budget = Arc::clone(job.leading().toolbox.budget());
    let mut plan = job.composed();
    for (own, path) in plan.packs.iter_mut().zip(paths) {
        own.pack.path = path;
    }
    plan.settings = match settings {
        Some(file) => pinned::pin(&file, job.inner().secrets())?,
        None => None,
    };
    // What becomes of a file is known once it is rendered; a plan alone needs no more than paths.
    let looks = arguments.output.is_some() || arguments.diff || is_page;
    let rendered = if looks { Some(arguments.render(job)?) } else { None };
    let joined = match (&rendered, &arguments.output) {
        (Some(rendered), Some(folder)) => Some((folder, rendered.joined(folder, arguments.writing())?)),
        _ => None,
    };
    let change = match (&rendered, &joined) {
        (Some(rendered), Some((folder, joined))) => {
            session.output.findings(joined.notes());
            let change = rendered.change(folder, joined, arguments.writing())?;
            plan.folder = Some(change.planned()?);
            Some(change)
        }
        (Some(rendered), None) => {
            let (composition, report) = rendered.inner();
            Some(Change::of_nothing(composition, &report.tree))
        }
        (None, _) => None,
    };
    let entries = if let (Some(rendered), Some(change)) = (&rendered, &change) {
        let (composition, report) = rendered.inner();
        session.output.findings(rendered.notes());
        review::rendered(&plan, composition, (change.tree(), &report.files), plan.folder.as_ref())
    } else {
        session.output.findings(&remarks);
        review::planned(&plan)
    };
    let joined_notes = joined.as_ref().map(|(_, joined)| joined.notes()).unwrap_or_default();
    let notes = rendered.as_ref().map(Rendered::notes).unwrap_or_default().iter().chain(joined_notes).collect();
    let shown = Shown { session, arguments, plan: &plan, entries: &entries, change: change.as_ref(), notes };
    if let Some(file) = saved_in {
        saved::save(file, Sort::Plan, to_text(&plan, &budget)?.as_bytes())?;
    }
    match (&rendered, &change) {
        (Some(rendered), Some(change)) if is_page => {
            let (composition, is_measured) = (rendered.inner().0, arguments.rendering.measure);
            let page = Page { plan: &plan, entries: &entries, composition, change, is_measured };
            session.output.result(&page.render())
        }
        _ => shown.tell(saved_in, &budget),
    }
}

impl Plan {
    fn render<'p>(&self, job: facade::Job<'p>) -> Result<Rendered<'p>> {
        let batch = (self.rendering.isolation == Isolation::Fresh).then_some(NonZeroUsize::MIN);
        job.render_with(RenderOptions { batch })
    }

    /// What becomes of files that are there.
    fn writing(&self) -> Writing {
        let on_existing = match self.on_existing {
            OnExisting::Fail => facade::OnExisting::Fail,
            OnExisting::Skip => facade::OnExisting::Skip,
            OnExisting::Overwrite => facade::OnExisting::Overwrite,
            OnExisting::Merge => facade::OnExisting::Merge,
        };
        Writing { on_existing, prune: self.prune }
    }

    /// Whether a person reads what is printed: on a terminal, or because that or diffs were asked for.
    fn is_read_by_a_person(&self, output: Output) -> bool {
        output.is_human() && (self.diff || output.is_asked_for() || std::io::stdout().is_terminal())
    }
}

/// How many files there are to render and copy.
fn files(plan: &ComposedPlan) -> usize {
    plan.packs.iter().map(|plan| plan.files.len()).sum()
}

/// A plan for a person.
struct Shown<'a> {
    session: &'a Session,
    arguments: &'a Plan,
    plan: &'a ComposedPlan,
    entries: &'a [Entry<'a>],
    change: Option<&'a Change<'a>>,
    /// What renderers and mergers remarked.
    notes: Vec<&'a Diagnostic>,
}

impl Shown<'_> {
    /// Prints the plan, as whoever reads it wants it, and says what to do with it.
    fn tell(&self, saved_in: Option<&Path>, budget: &Budget) -> Result<()> {
        let Self { session, arguments, plan, notes, .. } = self;
        let output = session.output;
        match saved_in {
            Some(file) if output.is_json() => {
                let (files, wasm_calls) = (files(plan), budget.calls());
                output.document(
                    "plan",
                    &PlanSaved { saved: session::shown(file), files, notes: notes.clone(), wasm_calls },
                )
            }
            Some(file) => {
                self.print("")?;
                let folder = arguments.output.as_deref().map_or_else(|| "DIR".to_owned(), session::shown);
                let next = format!("packbox apply {} --output {folder}", session::shown(file));
                output.say(&format!("saved a plan of {}; apply it with `{next}`", self.summary()));
                Ok(())
            }
            // A document for who reads it with a program; a person gets what it says, and how to have it.
            None if arguments.save.is_none() && arguments.is_read_by_a_person(output) => {
                self.print(&all_variables(plan))?;
                let how = "`--save FILE` keeps it for `apply`, `--save -` prints it";
                output.say(&format!("a plan of {}; {how}", self.summary()));
                Ok(())
            }
            None => output.result(&escaped(to_text(plan, budget)?)),
        }
    }

    /// Prints packs and files, below `first`, and the diffs of what changes; those of new files where they are asked for.
    fn print(&self, first: &str) -> Result<()> {
        let output = self.session.output;
        output.page(&format!("{first}{}\n{}", packs(self.plan), tree(self.entries, self.plan.packs.len() == 1)))?;
        let diffs = self.diffs();
        if diffs.is_empty() {
            return Ok(());
        }
        let text = printable(&diffs);
        output.result(&format!("\n{}", if output.colors_stdout() { colored(&text) } else { text }))
    }

    fn diffs(&self) -> String {
        let Some(change) = self.change else { return String::new() };
        let states = change.survey().files().map(|(_, state)| state);
        let wanted = change.diffs().zip(states).filter_map(|(diff, state)| {
            let is_wanted = self.arguments.diff || !matches!(state, FileState::New);
            diff.filter(|_| is_wanted)
        });
        let mut text = String::new();
        for diff in wanted {
            if text.len() > MAX_DIFFS {
                text.push_str("The rest is not shown: the diffs are too large\n");
                break;
            }
            text += &diff;
        }
        text
    }

    /// How many files there are, and what becomes of them.
    fn summary(&self) -> String {
        let mut said = match self.change {
            Some(_) => count(self.entries.iter().filter(|entry| entry.made.is_some()).count(), "file"),
            None => count(files(self.plan), "file"),
        };
        let steps = [
            Step::Create,
            Step::Replace,
            Step::Merge,
            Step::Unchanged,
            Step::Keep,
            Step::Skip,
            Step::Remove,
            Step::Conflict,
        ];
        for step in steps {
            let files = self.entries.iter().filter(|entry| entry.step == Some(step)).count();
            if files > 0 {
                let _ = write!(said, ", {files} {}", step.word());
            }
        }
        let in_the_way = || self.entries.iter().filter(|entry| entry.step == Some(Step::Conflict));
        if in_the_way().next().is_some() {
            let is_merged = |entry: &&Entry<'_>| entry.on_conflict.is_some_and(|policy| policy.merging().is_some());
            let merged = match self.arguments.on_existing {
                OnExisting::Fail => in_the_way().filter(is_merged).count(),
                OnExisting::Skip | OnExisting::Overwrite | OnExisting::Merge => 0,
            };
            let _ = write!(said, " (`apply` would refuse: {})", choices(merged, in_the_way().count()));
        }
        let left = self.change.map_or(0, |change| change.staying().filter(|left| !left.is_edited).count());
        if left > 0 {
            let _ = write!(said, "; {} of an earlier run stay, `--prune` removes them", count(left, "file"));
        }
        said
    }
}

/// The packs, in their order.
fn packs(plan: &ComposedPlan) -> String {
    let name = |own: &plan::Plan| format!("{} {}", own.pack.name, own.pack.version);
    plan.packs.iter().map(name).collect::<Vec<_>>().join(", ")
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
