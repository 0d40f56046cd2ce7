//! Saved plans: applied exactly, or refused.
//!
//! Always true here: a saved plan is input like any other: bounded, strictly typed, and every digest in it is compared
//! with what the pack holds now.

use std::collections::BTreeSet;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{ComposedPlan, FORMAT, Plan, PlannedFile, PlannedFolder, PlannedQueries, Source, Sources};
use crate::advice::said;
use crate::compose::variables::{mistakes_in_plan, refused};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::limits::Budget;
use crate::pack::{MAX_STAGES, Pack, PackName, PackPath, Stage, TemplateEngine};
use crate::plugins::Toolbox;
use crate::plugins::built_in::sparql;
use crate::query::LARGEST_GRAPH;
use crate::text;

/// Bytes of the largest plan that is written and read.
pub const LARGEST_PLAN: u64 = 64 << 20;
/// Bytes of a plan that are drawn from the budget at once.
const BLOCK: usize = 16 << 10;
/// The most values that a plan may have; each takes some 30 bytes in memory, and two in the file.
const MOST_VALUES: usize = 2_000_000;
/// Bytes that a path in a plan may have.
const LONGEST_PATH: usize = 4 << 10;
/// Bytes of a name in a plan that an error repeats.
const LONGEST_ECHO: usize = 100;
/// The most packs that a plan may have.
const MOST_PACKS: usize = 1_000;
/// The most secrets that a plan may name.
const MOST_SECRETS: usize = 10_000;

/// Writes a plan as JSON: what many files share stands there for each of them.
///
/// # Errors
/// `Stopped` where the run has no memory left for it, or where it would be too large to be read again.
pub fn to_text(plan: &impl Serialize, budget: &Budget) -> Result<String> {
    let mut drawn = Drawn { budget, bytes: Vec::new(), stop: None };
    // Each token is a write.
    let mut buffer = BufWriter::with_capacity(BLOCK, &mut drawn);
    let written =
        serde_json::to_writer_pretty(&mut buffer, plan).and_then(|()| buffer.flush().map_err(serde_json::Error::io));
    // What is left where that failed is not wanted.
    let _ = buffer.into_parts();
    if let Some(error) = drawn.stop {
        return Err(error);
    }
    written.map_err(|error| Error::io("cannot write the plan as JSON", error.into()))?;
    drawn.bytes.push(b'\n');
    String::from_utf8(drawn.bytes).map_err(|error| Error::new(ErrorKind::Io, "the plan is not text").caused_by(error))
}

/// Bytes that are drawn from a budget before they are kept.
struct Drawn<'b> {
    budget: &'b Budget,
    bytes: Vec<u8>,
    stop: Option<Error>,
}

impl Drawn<'_> {
    fn room_for(&self, bytes: u64) -> Result<()> {
        if self.bytes.len() as u64 + bytes > LARGEST_PLAN {
            let most = text::format_bytes(LARGEST_PLAN);
            return Err(Error::new(ErrorKind::Stopped, format!("the plan would be larger than {most}"))
                .hint("it repeats options and items for each file: use fewer, or generate without saving a plan"));
        }
        Ok(self.budget.draw(bytes)?)
    }
}

impl Write for Drawn<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Err(error) = self.room_for(bytes.len() as u64) {
            self.stop = Some(error);
            return Err(std::io::Error::other("there is no room for it"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Only what tells the form, for plans of later versions.
#[derive(Deserialize)]
struct FormatOnly {
    format: u64,
}

impl ComposedPlan {
    /// Reads a plan that was kept as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where it is none that this packbox could have made.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        parse(json)
    }
}

/// Parses a saved plan.
///
/// # Errors
/// `Usage` where it is no plan of a form that this version knows.
pub fn parse(text: &[u8]) -> Result<ComposedPlan> {
    let text = files::text(text).map_err(|error| bad("this is not a plan".into()).caused_by(error))?;
    if text.split(',').nth(MOST_VALUES).is_some() {
        return Err(bad(format!("the plan has more than {MOST_VALUES} values")));
    }
    let format: FormatOnly = serde_json::from_str(text)
        .map_err(|error| bad("this is not a plan".into()).caused_by(text::of_json(&error)))?;
    check_format(format.format)?;
    let plan: ComposedPlan = serde_json::from_str(text)
        .map_err(|error| bad("the plan is damaged".into()).caused_by(text::of_json(&error)))?;
    plan.check().map(|()| plan)
}

fn check_format(format: u64) -> Result<()> {
    if format == u64::from(FORMAT) {
        return Ok(());
    }
    Err(bad(format!("the plan has the format {format}, but this packbox knows {FORMAT}")))
}

fn bad(detail: String) -> Error {
    Error::new(ErrorKind::Usage, detail)
        .hint(said("save it anew with `packbox plan PACK --save FILE`", "make a new plan, with `Job::composed`"))
}

impl ComposedPlan {
    /// Checks that a plan is one that this version could have made, whoever read it.
    ///
    /// # Errors
    /// As [`parse`].
    pub(crate) fn check(&self) -> Result<()> {
        check_format(u64::from(self.format))?;
        if self.packs.is_empty() || self.packs.len() > MOST_PACKS {
            return Err(bad(format!("the plan is damaged: it has no packs, or more than {MOST_PACKS}")));
        }
        let names: BTreeSet<&PackName> = self.packs.iter().map(|plan| &plan.pack.name).collect();
        if names.len() != self.packs.len() {
            return Err(bad("the plan is damaged: it has a pack twice".to_owned()));
        }
        let mut named = self.shared.values().flatten().chain(self.resolutions.values()).chain([&self.leading]);
        if let Some(other) = named.find(|name| !names.contains(name)) {
            return Err(bad(format!("the plan is damaged: it names the pack `{other}`, which is none of its packs")));
        }
        let settings = self.settings.iter().map(|settings| &settings.path);
        let mergers = self.own_mergers.values().map(|merger| &merger.path);
        let mut paths = self.packs.iter().map(|plan| &plan.pack.path).chain(settings).chain(mergers);
        if paths.any(|path| path.len() > LONGEST_PATH) {
            return Err(bad("the plan is damaged: a path in it is longer than 4096 bytes".to_owned()));
        }
        check_folder(self.folder.as_ref())?;
        self.packs.iter().try_for_each(check)
    }
}

/// Checks the plan of a pack.
fn check(plan: &Plan) -> Result<()> {
    if plan.secrets.len() > MOST_SECRETS {
        return Err(bad(format!("the plan is damaged: it names more than {MOST_SECRETS} secrets")));
    }
    let is_no_chain =
        |stages: &[Stage]| stages.len() > MAX_STAGES || stages.iter().any(|stage| stage.engine == TemplateEngine::Copy);
    match plan.files.iter().find(|file| is_no_chain(&file.then)) {
        Some(file) => {
            Err(bad(format!("the plan is damaged: `then` of `{}` is not a chain of renderers", file.template)))
        }
        None => Ok(()),
    }
}

/// Checks that each file of a folder is named once.
fn check_folder(folder: Option<&PlannedFolder>) -> Result<()> {
    let Some(folder) = folder else { return Ok(()) };
    match folder.files.windows(2).find(|pair| pair[0].path >= pair[1].path) {
        Some(pair) => Err(bad(format!("the plan is damaged: `{}` is named twice, or out of order", pair[1].path))),
        None => Ok(()),
    }
}

/// Reads the files that a plan needs and checks that the pack and the plugins are those that it was made for.
///
/// # Errors
/// `Integrity`, naming everything that differs; those of reading the pack.
pub fn reload(plan: &Plan, pack: &Pack, toolbox: &Toolbox<'_>) -> Result<Sources> {
    check(plan)?;
    let mut differences = Vec::new();
    if plan.pack.name != pack.manifest.pack.name.value || plan.pack.version != pack.manifest.pack.version.value {
        differences.push("the pack's name or version".to_owned());
    }
    if plan.pack.manifest_sha256 != pack.manifest_digest {
        differences.push("pack.toml".to_owned());
    }
    let mut sources = Sources::new();
    let message = plan.message.iter().map(|message| (&message.template, &message.template_sha256));
    let files = plan.files.iter().map(|file| (&file.template, &file.template_sha256));
    for (path, digest) in files.chain(&plan.partials).chain(message) {
        if let Some(file) = pack.files.get(path).filter(|_| !sources.contains_key(path)) {
            toolbox.budget().draw(file.bytes)?;
        }
        check_file(pack, path, *digest, &mut sources, &mut differences)?;
    }
    for (name, digest) in &plan.engines {
        let now = name.parse::<TemplateEngine>().ok().and_then(|engine| toolbox.digest(&engine));
        if now != Some(*digest) {
            let name = text::shortened(text::printable_line(name), LONGEST_ECHO);
            differences.push(format!("the renderer `{name}`"));
        }
    }
    if let Some(queries) = &plan.queries {
        differences.extend(of_queries(queries, pack)?);
    }
    if differences.is_empty() {
        return check_against(plan, pack).map(|()| sources);
    }
    differences.sort();
    differences.dedup();
    Err(Error::new(ErrorKind::Integrity, format!("changed since the plan was made: {}", differences.join(", ")))
        .hint("look at what changed, and make a new plan"))
}

/// What differs of what answers depend on.
fn of_queries(queries: &PlannedQueries, pack: &Pack) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    if sparql().digest() != queries.engine {
        differences.push("what answers queries".to_owned());
    }
    for (path, digest) in &queries.files {
        if !pack.files.contains_key(path) || Digest::of(&pack.read(path)?) != *digest {
            differences.push(path.to_string());
        }
    }
    // A file with statements that is new is as good as a change.
    let is_known = |path: &PackPath| queries.files.contains_key(path);
    let new = pack.ontology().into_iter().map(|(path, _)| path).filter(|path| !is_known(path));
    differences.extend(new.map(|path| path.to_string()));
    for (path, digest) in &queries.graphs {
        let shown = text::printable_line(path);
        match files::read_own(Path::new(path), LARGEST_GRAPH) {
            Ok(bytes) if Digest::of(&bytes) == *digest => {}
            Ok(_) => differences.push(shown),
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => differences.push(shown),
            Err(_) => differences.push(format!("{shown} (gone, or can't be read)")),
        }
    }
    Ok(differences)
}

/// Checks what a plan says against the manifest that it was made from.
fn check_against(plan: &Plan, pack: &Pack) -> Result<()> {
    let name = &plan.pack.name;
    // A secret stands in a plan without its value: who takes its name out of it would have it rendered as nothing.
    let mut secrets = pack.manifest.variables.iter().filter(|variable| variable.is_secret());
    if let Some(missing) = secrets.find(|variable| !plan.is_secret(variable.name.as_str())) {
        return Err(bad(format!("the plan is damaged: it does not name the secret `{}`", missing.name)));
    }
    let stages = |file: &'_ PlannedFile| (0..).map_while(|stage| file.engine_of(stage)).cloned().collect::<Vec<_>>();
    let message = plan.message.iter().map(|message| message.engine.clone());
    let unpinned = plan
        .files
        .iter()
        .flat_map(stages)
        .chain(message)
        .find(|engine| *engine != TemplateEngine::Copy && !plan.engines.contains_key(&engine.to_string()));
    if let Some(engine) = unpinned {
        let detail = format!("the plan is damaged: it has no digest of `{engine}`, which renders files of `{name}`");
        return Err(bad(detail));
    }
    let is_query = |name: &str| pack.manifest.queries.contains_key(name);
    let is_secret = |name: &str| plan.is_secret(name);
    let wrong = mistakes_in_plan(&pack.manifest.variables, &plan.values, &is_secret, &is_query);
    if wrong.is_empty() {
        return Ok(());
    }
    let of = |error: Error| bad(format!("the plan is damaged: of `{name}`, {error}"));
    Err(of(refused(wrong.clone())).with_findings(wrong))
}

fn check_file(
    pack: &Pack,
    path: &PackPath,
    digest: Digest,
    sources: &mut Sources,
    differences: &mut Vec<String>,
) -> Result<()> {
    if sources.contains_key(path) {
        return Ok(());
    }
    if !pack.files.contains_key(path) {
        differences.push(path.to_string());
        return Ok(());
    }
    let contents = pack.read(path)?;
    let now = Digest::of(&contents);
    if now != digest {
        differences.push(path.to_string());
    }
    sources.insert(path.clone(), Source { contents: Arc::new(contents), digest: now });
    Ok(())
}
