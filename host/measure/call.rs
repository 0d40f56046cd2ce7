//! One call with everything that it is given, and what came of it in a form that can be compared and saved.
//!
//! Always true here: two calls came to the same exactly if their [`Ended`] are equal.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::abi::{ExpressionSource, FileParam, GuestDiagnostic, GuestRendered, JobParam, SubjectParam};
use crate::diagnostic::{Diagnostic, Span};
use crate::digest::Digest;
use crate::engine::{CallError, CallFile, Engine, Group, Input, Limits, Outcome, Plugin, Role, Usage};
use crate::error::{Error, ErrorKind, Result};
use crate::plugins::{JobFailure, diagnostics};
use crate::secrets::Secrets;
use crate::text;

/// What came of a call: plain data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// How it ended, in a word or two: `ok`, `invalid`, `unsupported`, `internal`, `refused`, `stopped REASON`.
    #[must_use]
    pub fn kind(&self) -> String {
        let word = self.result.as_object().and_then(|object| object.keys().next());
        match word.map(String::as_str) {
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
    /// Files, where it rendered some; the value, where it evaluated an expression.
    pub outputs: Vec<OutputFile>,
    /// Findings of a validator, remarks of a renderer, or what was wrong.
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

/// The role that a component needs for an input.
#[must_use]
pub fn role(input: &Input) -> Role {
    match input {
        Input::Rules | Input::Check { .. } => Role::Validator,
        _ => Role::Renderer,
    }
}

/// The function that an input is for.
#[must_use]
pub fn function(input: &Input) -> &'static str {
    match input {
        Input::Rules => "validator.rules",
        Input::Check { .. } => "validator.check",
        Input::Names { .. } => "expressions.inspect",
        Input::Evaluate { .. } => "expressions.evaluate",
        Input::Inspect { .. } => "renderer.inspect",
        Input::Render { .. } => "renderer.render",
    }
}

/// Makes a call in a fresh instance.
///
/// # Errors
/// `Refused` where the plugin has no such function; `Io` where threads can't be started. What is wrong with the call is
/// in its outcome.
pub fn run(engine: &Engine, plugin: &Plugin, limits: &Limits, input: &Input) -> Result<Ran> {
    match input {
        Input::Rules => Ok(engine.rules(plugin, limits)?.told(input, |rules, told| {
            for rule in rules {
                told.bytes += (rule.id.0.len() + rule.summary.0.len() + rule.help.0.len()) as u64;
            }
            json!(rules.iter().map(|rule| &rule.id.0).collect::<Vec<_>>())
        })),
        Input::Names { text, mode } => {
            let source = ExpressionSource { text, mode: *mode, locals: b"{}" };
            let outcome = one(engine.expression_names(plugin, limits, &[source])?);
            Ok(outcome.told(input, |names, _| json!(names)))
        }
        Input::Evaluate { context, text, mode, locals } => {
            let source = ExpressionSource { text, mode: *mode, locals };
            let outcome = one(engine.evaluate(plugin, limits, context, &[source])?);
            Ok(outcome.told(input, |value, told| {
                told.bytes += value.json.0.len() as u64;
                let file = OutputFile { path: None, contents: value.json.0.clone(), executable: false };
                let known = json!({ "json": Digest::of(&file.contents), "reads": texts(&value.reads.variables.0) });
                told.outputs.push(file);
                known
            }))
        }
        Input::Inspect { template } => {
            let outcome = engine.inspect_template(plugin, limits, template.param())?;
            Ok(outcome.told(input, |info, _| {
                json!({
                    "variables": texts(&info.variables.0),
                    "partials": texts(&info.partials.0),
                    "blocks": texts(&info.blocks.0),
                })
            }))
        }
        Input::Render { context, partials, template, locals, options } => {
            let job = JobParam { template: template.param(), locals, options };
            let partials = partials.iter().map(CallFile::param).collect();
            let group = Group { plugin, limits: *limits, context, partials, jobs: vec![job] };
            let keep = |_: usize, _: usize, outcome: Outcome<GuestRendered>| outcome;
            let mut groups = engine.render(&[group], std::num::NonZeroUsize::new(1), &keep)?;
            Ok(one(groups.pop().unwrap_or_default()).told(input, rendered))
        }
        Input::Check { manifest, facts, files, options } => {
            let files: Vec<FileParam<'_>> = files.iter().map(CallFile::param).collect();
            let subject = SubjectParam { manifest, facts, files: &files };
            let outcome = engine.check(plugin, limits, subject, options)?;
            Ok(outcome.told(input, |found, told| {
                told.find(input, found);
                json!(told.findings)
            }))
        }
    }
}

/// What is gathered while an outcome is told.
#[derive(Default)]
struct Told {
    outputs: Vec<OutputFile>,
    findings: Vec<Diagnostic>,
    bytes: u64,
}

impl Told {
    fn find(&mut self, input: &Input, found: &[GuestDiagnostic]) {
        self.bytes += found.iter().map(|one| (one.rule.0.len() + one.message.0.len()) as u64).sum::<u64>();
        self.findings = diagnostics(found, &|path| lookup(input, path), &Secrets::default());
    }
}

trait Tell<T> {
    /// Turns an outcome into what is compared; `known` says what is of a result, and gathers the rest.
    fn told(self, input: &Input, known: impl FnOnce(&T, &mut Told) -> Value) -> Ran;
}

impl<T> Tell<T> for Outcome<T> {
    fn told(self, input: &Input, known: impl FnOnce(&T, &mut Told) -> Value) -> Ran {
        let mut told = Told::default();
        let mut failure = None;
        let result = match &self.result {
            Ok(given) => {
                let known = known(given, &mut told);
                json!({ "ok": known })
            }
            Err(error) => {
                let place = Span::file(main_file(input));
                let failed = JobFailure::new(error, &place, &|path| lookup(input, path), &Secrets::default());
                told.findings.clone_from(&failed.findings);
                failure = Some(failed);
                match error {
                    CallError::Invalid(found) => {
                        told.find(input, found);
                        json!({ "invalid": told.findings })
                    }
                    CallError::Unsupported(what) => json!({ "unsupported": what }),
                    CallError::Internal(what) => json!({ "internal": what }),
                    CallError::Refused(error) => json!({ "refused": error.to_string() }),
                    CallError::Stopped(stop) => json!({ "stopped": stop }),
                }
            }
        };
        let ended = Ended { result, fuel: self.usage.fuel, memory: self.usage.memory };
        Ran {
            ended,
            outputs: told.outputs,
            findings: told.findings,
            failure,
            usage: self.usage,
            bytes_in: bytes_in(input),
            bytes_out: told.bytes,
        }
    }
}

fn rendered(given: &GuestRendered, told: &mut Told) -> Value {
    for output in &given.outputs.0 {
        told.bytes += (output.contents.0.len() + output.path.as_ref().map_or(0, |path| path.0.len())) as u64;
        told.outputs.push(OutputFile {
            path: output.path.as_ref().map(|path| path.0.clone()),
            contents: output.contents.0.clone(),
            executable: output.executable,
        });
    }
    let notes = diagnostics(&given.notes.0, &|path| (text::printable_line(path), None), &Secrets::default());
    told.bytes += notes.iter().map(|note| (note.rule.len() + note.message.len()) as u64).sum::<u64>();
    let outputs: Vec<Value> = told
        .outputs
        .iter()
        .map(|output| {
            json!({
                "path": output.path,
                "bytes": output.contents.len(),
                "sha256": Digest::of(&output.contents),
                "executable": output.executable,
            })
        })
        .collect();
    told.findings.clone_from(&notes);
    json!({
        "outputs": outputs,
        "notes": notes,
        "reads": {
            "variables": texts(&given.reads.variables.0),
            "partials": texts(&given.reads.partials.0),
            "absent": texts(&given.reads.absent.0),
        },
    })
}

fn texts(list: &[crate::abi::Metered<String>]) -> Vec<&str> {
    list.iter().map(|text| text.0.as_str()).collect()
}

/// The only outcome of a call with one job.
fn one<T>(outcomes: Vec<Outcome<T>>) -> Outcome<T> {
    outcomes.into_iter().next().unwrap_or_else(|| Outcome {
        result: Err(CallError::Internal("gave no result".to_owned())),
        usage: Usage::default(),
    })
}

/// What is shown where a plugin names no place.
fn main_file(input: &Input) -> String {
    match input {
        Input::Render { template, .. } | Input::Inspect { template } => text::printable_line(&template.path),
        Input::Check { .. } => crate::pack::MANIFEST_NAME.to_owned(),
        Input::Names { .. } | Input::Evaluate { .. } => "expression".to_owned(),
        Input::Rules => "rules".to_owned(),
    }
}

/// Finds the text of a file that was handed in.
fn lookup<'a>(input: &'a Input, path: &str) -> (String, Option<&'a str>) {
    let files: &[CallFile] = match input {
        Input::Render { partials, .. } => partials,
        Input::Check { files, .. } => files,
        _ => &[],
    };
    let template = match input {
        Input::Render { template, .. } | Input::Inspect { template } => Some(template),
        _ => None,
    };
    let known = template.into_iter().chain(files).find(|file| file.path == path);
    (text::printable_line(path), known.and_then(|file| std::str::from_utf8(&file.contents).ok()))
}

fn bytes_in(input: &Input) -> u64 {
    let file = |file: &CallFile| file.path.len() + file.contents.len();
    let bytes: usize = match input {
        Input::Rules => 0,
        Input::Names { text, .. } => text.len(),
        Input::Evaluate { context, text, locals, .. } => context.len() + text.len() + locals.len(),
        Input::Inspect { template } => file(template),
        Input::Render { context, partials, template, locals, options } => {
            let partials: usize = partials.iter().map(file).sum();
            context.len() + partials + file(template) + locals.len() + options.len()
        }
        Input::Check { manifest, facts, files, options } => {
            let files: usize = files.iter().map(file).sum();
            manifest.len() + facts.len() + files + options.len()
        }
    };
    bytes as u64
}
