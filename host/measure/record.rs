//! A call as one file that anyone can replay: component, arguments, limits, and what came of it.
//!
//! A record is always of a call under fuel, whatever the run that it comes from: fuel is the same everywhere and time is
//! not. A call that was stopped by time is therefore made again, and ends where its fuel does.
//!
//! Always true here: the same call makes the same bytes: no times, no paths of a machine, no names of users. What is read
//! is a stranger's: bounded, checked against its digests, and refused unless it is written exactly as records are.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call::{Ended, Ran, run};
use super::container::Container;
use super::placeholders::Placeholders;
use super::subject::Subject;
use crate::abi::Mode;
use crate::digest::Digest;
use crate::engine::{ABI_VERSION, CallFile, Component, Engine, FailedCall, Function, Input, Part, PartMut, Profile};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::grants::{Grant, Grants};
use crate::interrupt::Interrupt;
use crate::limits::{Limit, LimitRequest, Limits};
use crate::text::{self, format_bytes, printable_line};

/// The version of a record's form. Under version 1 fuel counted the start of the instance, too.
pub const RECORD_VERSION: u32 = 2;
/// The largest record, in bytes: a component and its input at their ceilings.
pub const MAX_RECORD_BYTES: u64 = (64 << 20) + (256 << 20) + (32 << 20);

/// A recorded call.
#[derive(Debug, Clone)]
pub struct Record {
    /// The version of packbox that made it.
    pub packbox: String,
    /// The plugin's name.
    pub plugin: String,
    /// The component.
    pub component: Arc<[u8]>,
    /// What it is granted, where the user who replays it does not deny that.
    pub grants: Vec<Grant>,
    /// What the call may use.
    pub limits: Limits,
    /// What it is given.
    pub input: Input,
    /// How it ended in the run that it comes from: a word or two.
    pub seen: String,
    /// What came of it under fuel.
    pub outcome: Ended,
}

/// A record that was made, and what is worth saying about it.
#[derive(Debug)]
pub struct Recorded {
    /// The record.
    pub record: Record,
    /// Whether secrets were replaced.
    pub replaced: bool,
    /// Where it does not fail as it did in the run: why.
    pub differs: Option<String>,
}

/// `record.json`
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Record"))]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    /// The version of this form.
    #[serde(rename = "packbox-record")]
    version: u32,
    /// The packbox that made it.
    packbox: String,
    /// The version of the plugin ABI that that packbox offered.
    abi: String,
    /// The plugin's name.
    plugin: String,
    /// The digest of the component.
    component: Digest,
    /// What the plugin was granted.
    grants: Vec<Grant>,
    /// What was called, for instance `renderer.render`.
    function: String,
    /// Always `measure`: under fuel.
    profile: String,
    /// The limits that were in force, in their units.
    limits: Map<String, Value>,
    /// The parts of the input, by key, in the order that the function gives them.
    input: Map<String, Value>,
    /// How it ended in the run.
    seen: String,
    /// How it ended under fuel.
    outcome: Ended,
}

#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct FileDocument {
    path: String,
    contents: Digest,
}

impl Record {
    /// Records a failed call: secrets become placeholders, and the call is made once more with them, so that what is
    /// saved is what replays. `counting` is an engine of the measure profile.
    ///
    /// # Errors
    /// Those of preparing the component; `Stopped` where even under fuel only time ends the call.
    pub fn of_failure(counting: &Engine, call: FailedCall, placeholders: &Placeholders) -> Result<Recorded> {
        let FailedCall { plugin, component, grants, limits, mut input, kind, rules } = call;
        let replaced = placeholders.apply(&mut input);
        let limits = replayable(limits);
        let mut record = Self {
            packbox: env!("CARGO_PKG_VERSION").to_owned(),
            plugin,
            component,
            grants,
            limits,
            input,
            seen: kind,
            outcome: Ended { result: Value::Null, fuel: None, memory: 0 },
        };
        let ran = record.run(counting)?;
        record.outcome = ran.ended;
        let now = record.outcome.kind();
        if now == "stopped time" {
            let error = Error::new(
                ErrorKind::Stopped,
                "the call reached its time limit even while fuel was counted, so it can't be recorded",
            );
            return Err(error.hint("lower its fuel limit, for instance with `--limit fuel=4000000000`"));
        }
        let found: Vec<&str> = record.outcome.result["invalid"]
            .as_array()
            .map(|found| found.iter().filter_map(|one| one["rule"].as_str()).collect())
            .unwrap_or_default();
        let same_rules = found.len() >= rules.len().min(100) && found.iter().zip(&rules).all(|(now, then)| now == then);
        let differs = match (record.seen.as_str(), now.as_str()) {
            ("stopped time", "stopped fuel") => None,
            ("stopped time", "ok") => Some(
                "it was stopped by its time limit, but it ends when fuel is counted instead: it is slow, not endless"
                    .to_owned(),
            ),
            (then, now) if then != now => Some(format!("it ended as `{then}`, but as `{now}` when it was recorded")),
            ("invalid", _) if !same_rules => {
                Some("it found something different from what it found in the run".to_owned())
            }
            _ => None,
        };
        Ok(Recorded { record, replaced, differs })
    }

    /// Records any call that has no secrets in it.
    ///
    /// # Errors
    /// As [`Record::of_failure`].
    pub fn of_call(
        counting: &Engine,
        subject: &Subject,
        limits: Limits,
        input: Input,
        seen: String,
    ) -> Result<Recorded> {
        let call = FailedCall {
            plugin: subject.name.clone(),
            component: Arc::clone(&subject.bytes),
            grants: subject.grants.clone(),
            limits,
            input,
            kind: seen,
            rules: Vec::new(),
        };
        Self::of_failure(counting, call, &Placeholders::default())
    }

    /// Makes the call. Its component is a stranger's, a built-in one, too.
    ///
    /// # Errors
    /// Those of preparing the component.
    pub fn run(&self, counting: &Engine) -> Result<Ran> {
        let component = Component {
            name: &self.plugin,
            bytes: &self.component,
            digest: Digest::of(&self.component),
            precompiled: None,
            trusted: false,
        };
        let grants = Grants::effective(&self.grants, &counting.options().denied);
        let plugin = counting.prepare_with(self.input.function().role(), &component, &self.limits, grants)?;
        run(counting, &plugin, &self.limits, &self.input)
    }

    /// The limits that an engine which replays it has to be set up with.
    #[must_use]
    pub fn request(&self) -> LimitRequest {
        LimitRequest { memory: Some(self.limits.memory), stack: Some(self.limits.stack), ..LimitRequest::default() }
    }

    /// Checks that it asks for no more than a stranger may have, or than the user allows by name.
    ///
    /// # Errors
    /// `Refused`, naming the first limit.
    pub fn check_limits(&self, user: &LimitRequest) -> Result<()> {
        for limit in replayed() {
            let (name, wanted) = (limit.name, self.limits.get(limit).unwrap_or(0));
            let own = self.input.function().role().limits().get(limit).unwrap_or(0);
            let most = user.get(limit).unwrap_or(limit.ceiling().max(own));
            if wanted > most {
                let detail =
                    format!("the record was made with the limit {name}={wanted}, but at most {most} is allowed");
                return Err(Error::new(ErrorKind::Refused, detail)
                    .hint(format!("if you trust it with that much, add `--limit {name}={wanted}`")));
            }
        }
        Ok(())
    }

    /// The function that it calls, as `interface.function`.
    #[must_use]
    pub fn function(&self) -> &'static str {
        self.input.function().full_name()
    }

    /// The file.
    ///
    /// # Errors
    /// `Io` where a part is larger than it can hold.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut container = Container::default();
        let document = Document {
            version: RECORD_VERSION,
            packbox: self.packbox.clone(),
            abi: ABI_VERSION.to_string(),
            plugin: self.plugin.clone(),
            component: container.add(&self.component),
            grants: self.grants.clone(),
            function: self.function().to_owned(),
            profile: Profile::Measure.name().to_owned(),
            limits: replayed().map(|limit| (limit.field.to_owned(), self.limits.get(limit).into())).collect(),
            input: describe(&self.input, &mut container),
            seen: self.seen.clone(),
            outcome: self.outcome.clone(),
        };
        container.document = serde_json::to_vec_pretty(&document)
            .map_err(|error| Error::new(ErrorKind::Io, "cannot write a record").caused_by(error))?;
        container.document.push(b'\n');
        container.to_bytes()
    }

    /// Reads the record at a path.
    ///
    /// # Errors
    /// `NotFound`, `Io`, `Interrupted`, and those of [`Record::parse`].
    pub fn read(path: &Path, interrupt: &Interrupt) -> Result<Self> {
        let label = printable_line(&path.display().to_string());
        let bytes = files::read_named(path, MAX_RECORD_BYTES, interrupt).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::new(ErrorKind::NotFound, format!("there is no record `{label}`")),
            std::io::ErrorKind::FileTooLarge => {
                let most = format_bytes(MAX_RECORD_BYTES);
                Error::new(ErrorKind::Integrity, format!("`{label}` is larger than {most}, the limit for records"))
            }
            std::io::ErrorKind::Interrupted => Error::new(ErrorKind::Interrupted, "interrupted"),
            _ => Error::io(format!("cannot read the record `{label}`"), error),
        })?;
        Self::parse(&label, &bytes)
    }

    /// Reads the bytes of a record that the user knows as `label`.
    ///
    /// # Errors
    /// `Integrity` where it is none, where its version is not known, or where it is not exactly what packbox writes.
    pub fn parse(label: &str, bytes: &[u8]) -> Result<Self> {
        let mut container = Container::read(label, bytes)?;
        let wrong = |why: String| {
            Error::new(ErrorKind::Integrity, format!("the record `{label}` can't be used"))
                .caused_by(printable_line(&why))
        };
        let known: Value = serde_json::from_slice(&container.document).map_err(|error| wrong(error.to_string()))?;
        match known.get("packbox-record").and_then(Value::as_u64) {
            Some(version) if version == u64::from(RECORD_VERSION) => {}
            Some(version) => {
                let made = known.get("packbox").and_then(Value::as_str).map(printable_line).unwrap_or_default();
                let why =
                    format!("it is a record of version {version}, but this packbox reads version {RECORD_VERSION}");
                return Err(wrong(why).hint(format!("replay it with the packbox that made it: {made:.40}")));
            }
            None => return Err(wrong("it does not say its version".to_owned())),
        }
        let document: Document =
            serde_json::from_slice(&container.document).map_err(|error| wrong(error.to_string()))?;
        if document.plugin.len() > 64 || text::printable_line(&document.plugin) != document.plugin {
            return Err(wrong("the name of its plugin can't be shown".to_owned()));
        }
        let component = container.blobs.remove(&document.component);
        let component: Arc<[u8]> = component.ok_or_else(|| wrong("its component is missing".to_owned()))?.into();
        container.blobs.insert(document.component, component.to_vec());
        let input = take_input(&document, &container)
            .ok_or_else(|| wrong("its input does not belong to the function that it names".to_owned()))?;
        let limits =
            take_limits(&document.limits).ok_or_else(|| wrong("its limits are not valid for a record".to_owned()))?;
        let record = Self {
            packbox: document.packbox,
            plugin: document.plugin,
            component,
            grants: document.grants,
            limits,
            input,
            seen: document.seen,
            outcome: document.outcome,
        };
        drop(container);
        if record.to_bytes()? == bytes {
            Ok(record)
        } else {
            Err(wrong("it does not have the format of a record".to_owned()))
        }
    }
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Expression => "expression",
        Mode::Template => "template",
    }
}

fn describe(input: &Input, container: &mut Container) -> Map<String, Value> {
    let file = |file: &CallFile, container: &mut Container| FileDocument {
        path: file.path.clone(),
        contents: container.add(&file.contents),
    };
    let mut document = Map::new();
    for (key, part) in input.parts() {
        let value = match part {
            Part::Variables(bytes) | Part::Json(bytes) => json!(container.add(bytes)),
            Part::Maybe(bytes) => json!(bytes.as_ref().map(|bytes| container.add(bytes))),
            Part::Text(text) => json!(container.add(text.as_bytes())),
            Part::Mode(mode) => json!(mode_name(*mode)),
            Part::File(one) => json!(file(one, container)),
            Part::Files(files) => json!(files.iter().map(|one| file(one, container)).collect::<Vec<_>>()),
        };
        document.insert(key.to_owned(), value);
    }
    document
}

/// The limits that a record holds.
fn replayed() -> impl Iterator<Item = &'static Limit> {
    Limits::TABLE.iter().filter(|limit| limit.replays())
}

/// Takes the limits of a call that a record holds; the others are as if nobody had said anything.
fn replayable(limits: Limits) -> Limits {
    let mut all = Limits::DEFAULT;
    for limit in replayed() {
        all.put(limit, limits.get(limit).unwrap_or(limit.default));
    }
    all
}

/// Reads the limits of a record; none where one is missing. One too many is found when the record is written again.
fn take_limits(recorded: &Map<String, Value>) -> Option<Limits> {
    let mut all = Limits::DEFAULT;
    for limit in replayed() {
        all.put(limit, recorded.get(limit.field)?.as_u64()?);
    }
    Some(all)
}

/// Puts an input together; none where a part is missing. Parts too many are found when the record is written again.
fn take_input(document: &Document, container: &Container) -> Option<Input> {
    let blob = |digest: &Value| -> Option<Vec<u8>> {
        container.blobs.get(&serde_json::from_value(digest.clone()).ok()?).cloned()
    };
    let file = |file: &Value| -> Option<CallFile> {
        let file = FileDocument::deserialize(file).ok()?;
        Some(CallFile { path: file.path, contents: container.blobs.get(&file.contents)?.clone() })
    };
    let function = Function::ALL.iter().find(|function| function.full_name() == document.function)?;
    let mut input = function.blank();
    for (key, part) in input.parts_mut() {
        let given = document.input.get(key)?;
        match part {
            PartMut::Variables(bytes) | PartMut::Json(bytes) => *bytes = blob(given)?,
            PartMut::Maybe(bytes) => *bytes = if given.is_null() { None } else { Some(blob(given)?) },
            PartMut::Text(text) => *text = String::from_utf8(blob(given)?).ok()?,
            PartMut::Mode(mode) => {
                let named = |mode: &Mode| given.as_str() == Some(mode_name(*mode));
                *mode = [Mode::Expression, Mode::Template].into_iter().find(named)?;
            }
            PartMut::File(one) => *one = file(given)?,
            PartMut::Files(files) => *files = given.as_array()?.iter().map(file).collect::<Option<_>>()?,
        }
    }
    Some(input)
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
