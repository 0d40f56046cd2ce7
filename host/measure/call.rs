//! One call with everything that it is given, and what came of it in a form that can be compared and saved.
//!
//! Always true here: two calls came to the same exactly if their [`Ended`] are equal.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::abi::{GuestConflict, GuestDiagnostic, GuestPart};
use crate::diagnostic::{Diagnostic, Span};
use crate::engine::{CallError, CallFile, Engine, Input, Limits, Outcome, Part, Plugin, Telling, Usage};
use crate::error::{Error, ErrorKind, Result};
use crate::plugins::{JobFailure, MergeConflict, Side, conflicts, diagnostics};
use crate::secrets::Secrets;
use crate::text;

/// What came of a call: plain data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// `{"ok": …}`, `{"invalid": [findings]}`, `{"unsupported": text}`, `{"internal": text}`, `{"refused": text}` or
    /// `{"stopped": …}`.
    pub result: Value,
    /// Units of fuel; none where it was not counted.
    pub fuel: Option<u64>,
    /// The most bytes of memories and tables in use at once.
    pub memory: u64,
}

impl Ended {
    /// Whether a limit or a trap ended it.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.result.get("stopped").is_some()
    }

    /// Whether a merger found that owners want different things.
    #[must_use]
    pub fn has_conflicts(&self) -> bool {
        self.result["ok"].get("conflicts").is_some()
    }

    /// How it ended, in a word or two: `ok`, `conflicts`, `invalid`, `unsupported`, `internal`, `refused`, `stopped REASON`.
    #[must_use]
    pub fn kind(&self) -> String {
        let word = self.result.as_object().and_then(|object| object.keys().next());
        match word.map(String::as_str) {
            Some("ok") if self.has_conflicts() => "conflicts".to_owned(),
            Some("stopped") => {
                let reason = self.result["stopped"]["reason"].as_str().unwrap_or("trap");
                format!("stopped {}", text::printable_line(reason))
            }
            Some(word) => text::printable_line(word),
            None => "nothing".to_owned(),
        }
    }
}

/// A file that a renderer made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// Its path as the plugin gave it; none: the manifest's output path.
    pub path: Option<String>,
    /// What is in it.
    pub contents: Vec<u8>,
    /// Whether it is to be executable.
    pub executable: bool,
}

/// A call that was made.
#[derive(Debug)]
pub struct Ran {
    /// What came of it.
    pub ended: Ended,
    /// Files, where it rendered or merged some; the value, where it evaluated an expression; the answer of a query, as text.
    pub outputs: Vec<OutputFile>,
    /// Whose the merged file is: ranges of bytes, and their owners.
    pub parts: Vec<(Range<usize>, Vec<String>)>,
    /// Findings of a validator, conflicts, remarks about what was made, or what was wrong.
    pub findings: Vec<Diagnostic>,
    /// Why there is no result.
    pub failure: Option<JobFailure>,
    /// What it cost.
    pub usage: Usage,
    /// Bytes that it was handed.
    pub bytes_in: u64,
    /// Bytes that it gave back, texts of findings included.
    pub bytes_out: u64,
}

impl Ran {
    /// The error that a command makes of it; none where the call gave a result.
    #[must_use]
    pub fn error(&mut self) -> Option<Error> {
        let failure = self.failure.take()?;
        let kind = failure.kind;
        let error = JobFailure::into_error(vec![failure], "call");
        error.map(|error| if kind == ErrorKind::Interrupted { error } else { error_without_commit(&error) })
    }
}

/// A single call writes nothing anyway, so its error does not say so.
fn error_without_commit(error: &Error) -> Error {
    let body = error.body();
    let mut plain = Error::new(body.kind, "the call failed").with_findings(body.findings.clone());
    if let Some(stop) = &body.stop {
        plain = plain.with_stop(stop.clone());
    }
    plain
}

/// Makes a call in a fresh instance.
///
/// # Errors
/// `Refused` where the plugin has no such function; `Io` where threads can't be started. What is wrong with the call is
/// in its outcome.
pub fn run(engine: &Engine, plugin: &Plugin, limits: &Limits, input: &Input) -> Result<Ran> {
    let mut told = Told { input, outputs: Vec::new(), parts: Vec::new(), findings: Vec::new(), bytes: 0 };
    let Outcome { result, usage, .. } = engine.replay(plugin, limits, input, &mut told)?;
    let mut failure = None;
    let result = match result {
        Ok(known) => json!({ "ok": known }),
        Err(error) => {
            let place = Span::file(main_file(input));
            let failed = JobFailure::new(&error, &place, &|path| lookup(input, path), &Secrets::default());
            told.findings.clone_from(&failed.findings);
            failure = Some(failed);
            match error {
                CallError::Invalid(found) => json!({ "invalid": told.found(&found) }),
                CallError::Unsupported(what) => json!({ "unsupported": what }),
                CallError::Internal(what) => json!({ "internal": what }),
                CallError::Refused(error) => json!({ "refused": error.to_string() }),
                CallError::Untried(_) => json!({ "untried": true }),
                CallError::Stopped(stop) => json!({ "stopped": stop }),
            }
        }
    };
    let ended = Ended { result, fuel: usage.fuel, memory: usage.memory };
    let Told { outputs, parts, findings, bytes: bytes_out, .. } = told;
    let bytes_in = input.parts().iter().map(|(_, part)| part.bytes()).sum();
    Ok(Ran { ended, outputs, parts, findings, failure, usage, bytes_in, bytes_out })
}

/// What is gathered while an outcome is told.
struct Told<'a> {
    input: &'a Input,
    outputs: Vec<OutputFile>,
    parts: Vec<(Range<usize>, Vec<String>)>,
    findings: Vec<Diagnostic>,
    bytes: u64,
}

impl Telling for Told<'_> {
    fn file(&mut self, path: Option<&str>, contents: &[u8], executable: bool) {
        self.bytes(contents.len() + path.map_or(0, str::len));
        self.outputs.push(OutputFile { path: path.map(str::to_owned), contents: contents.to_owned(), executable });
    }

    fn parts(&mut self, parts: &[GuestPart]) {
        let sides = sides(self.input);
        let owner = |owner: &u32| sides.get(*owner as usize).map(|side| side.owner.to_owned());
        let part = |part: &GuestPart| {
            (part.start as usize..part.end as usize, part.owners.0.iter().filter_map(owner).collect())
        };
        self.parts = parts.iter().map(part).collect();
    }

    fn conflicts(&mut self, found: &[GuestConflict]) -> Value {
        self.bytes += found.iter().map(|one| (one.subject.0.len() + one.message.0.len()) as u64).sum::<u64>();
        let conflicts = conflicts(found, &sides(self.input), &Secrets::default());
        self.findings = conflicts.iter().map(MergeConflict::finding).collect();
        json!(self.findings)
    }

    fn notes(&mut self, notes: &[GuestDiagnostic]) -> Value {
        self.findings = diagnostics(notes, &|path| (text::printable_line(path), None), &Secrets::default());
        self.bytes += self.findings.iter().map(|note| (note.rule.len() + note.message.len()) as u64).sum::<u64>();
        json!(self.findings)
    }

    fn found(&mut self, found: &[GuestDiagnostic]) -> Value {
        self.bytes += found.iter().map(|one| (one.rule.0.len() + one.message.0.len()) as u64).sum::<u64>();
        self.findings = diagnostics(found, &|path| lookup(self.input, path), &Secrets::default());
        json!(self.findings)
    }

    fn bytes(&mut self, count: usize) {
        self.bytes += count as u64;
    }
}

/// What owners want, where that was handed in.
fn sides(input: &Input) -> Vec<Side<'_>> {
    let mut files: &[CallFile] = &[];
    for (key, part) in input.parts() {
        if let (Part::Files(sides), "sides") = (part, key) {
            files = sides;
        }
    }
    files.iter().map(|file| Side { owner: &file.path, contents: &file.contents, has_secret: false }).collect()
}

/// What is shown where a plugin names no place.
fn main_file(input: &Input) -> String {
    let parts = input.parts();
    let file = parts.iter().find_map(|(key, part)| match part {
        Part::File(file) => Some(text::printable_line(&file.path)),
        Part::Text(path) if *key == "path" => Some(text::printable_line(path)),
        Part::Text(_) => Some("expression".to_owned()),
        Part::Json(_) if *key == "manifest" => Some(crate::pack::MANIFEST_NAME.to_owned()),
        _ => None,
    });
    file.unwrap_or_else(|| input.function().name().to_owned())
}

/// Finds the text of a file that was handed in; the one that the call is about comes first.
fn lookup<'a>(input: &'a Input, path: &str) -> (String, Option<&'a str>) {
    let mut known: Option<&CallFile> = None;
    for (_, part) in input.parts() {
        match part {
            Part::File(file) if file.path == path => known = Some(file),
            Part::Files(files) => known = known.or_else(|| files.iter().find(|file| file.path == path)),
            _ => {}
        }
    }
    (text::printable_line(path), known.and_then(|file| std::str::from_utf8(&file.contents).ok()))
}
