//! Saved plans: applied exactly, or refused.
//!
//! Always true here: a saved plan is input like any other: bounded, strictly typed, and every digest in it is compared
//! with what the pack holds now.

use std::io::Write;
use std::sync::Arc;

use serde_json::Value;

use super::{FORMAT, Plan, Source, Sources};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Budget;
use crate::pack::{Engine, MAX_STAGES, Pack, PackPath, Stage};
use crate::plugins::Toolbox;
use crate::stop::Stop;

/// Bytes of the largest plan that is read.
pub const LARGEST_PLAN: u64 = 256 << 20;

/// Writes a plan as JSON: what many files share stands there for each of them.
///
/// # Errors
/// `Stopped` where the run has no memory left for it.
pub fn to_text(plan: &Plan, budget: &Budget) -> Result<String> {
    let mut drawn = Drawn { budget, bytes: Vec::new(), stop: None };
    let written = serde_json::to_writer_pretty(&mut drawn, plan);
    if let Some(stop) = drawn.stop {
        return Err(stop.into());
    }
    written.map_err(|error| Error::io("cannot write the plan as JSON", error.into()))?;
    drawn.bytes.push(b'\n');
    String::from_utf8(drawn.bytes).map_err(|error| Error::new(ErrorKind::Io, "the plan is no text").caused_by(error))
}

/// Bytes that are drawn from a budget before they are kept.
struct Drawn<'b> {
    budget: &'b Budget,
    bytes: Vec<u8>,
    stop: Option<Stop>,
}

impl Write for Drawn<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Err(stop) = self.budget.draw(bytes.len() as u64) {
            self.stop = Some(stop);
            return Err(std::io::Error::other("there is no memory left"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Parses a saved plan.
///
/// # Errors
/// `Usage` where it is no plan of a form that this version knows.
pub fn parse(text: &[u8]) -> Result<Plan> {
    let bad =
        |detail: String| Error::new(ErrorKind::Usage, detail).hint("save it anew with `packbox plan PACK --save FILE`");
    let value: Value =
        serde_json::from_slice(text).map_err(|error| bad("the plan is not JSON".into()).caused_by(error))?;
    match value.get("format").and_then(Value::as_u64) {
        Some(format) if format == u64::from(FORMAT) => {}
        Some(format) => return Err(bad(format!("the plan has form {format}, this packbox knows form {FORMAT}"))),
        None => return Err(bad("this is not a plan".into())),
    }
    let plan: Plan =
        serde_json::from_value(value).map_err(|error| bad("the plan is damaged".into()).caused_by(error))?;
    let is_no_chain =
        |stages: &[Stage]| stages.len() > MAX_STAGES || stages.iter().any(|stage| stage.engine == Engine::Copy);
    match plan.files.iter().find(|file| is_no_chain(&file.then)) {
        Some(file) => Err(bad(format!("the plan is damaged: `then` of `{}` is no chain of renderers", file.template))),
        None => Ok(plan),
    }
}

/// Reads the files that a plan needs and checks that the pack and the plugins are those that it was made for.
///
/// # Errors
/// `Integrity`, naming everything that differs; those of reading the pack.
pub fn reload(plan: &Plan, pack: &Pack, toolbox: &Toolbox<'_>) -> Result<Sources> {
    let mut differences = Vec::new();
    let manifest = Digest::of(pack.manifest_text.as_bytes());
    if plan.pack.manifest_sha256 != manifest {
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
        let now = name.parse::<Engine>().ok().and_then(|engine| toolbox.digest(&engine));
        if now != Some(*digest) {
            differences.push(format!("the renderer `{name}`"));
        }
    }
    if differences.is_empty() {
        return Ok(sources);
    }
    differences.sort();
    differences.dedup();
    Err(Error::new(ErrorKind::Integrity, format!("changed since the plan was made: {}", differences.join(", ")))
        .hint("look at what changed, and make a new plan"))
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
