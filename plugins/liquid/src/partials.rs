//! The partials as the engine takes them: parsed when they are first needed, and recorded for each job.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use liquid_core::runtime::PartialStore;
use liquid_core::{Error, Language, Renderable, Result, Runtime, Template};
use renderer::Failure;
use renderer::partials::Partials;

use crate::{engine, scope};

/// How deep partials may be nested: one that includes itself would go on until the stack is used up.
const DEEPEST: usize = 60;

/// What happened with partials during a job.
#[derive(Debug, Default, Clone)]
pub struct Trail {
    /// Partials that were found.
    pub found: BTreeSet<String>,
    /// Names that no partial has.
    pub missed: BTreeSet<String>,
    /// The templates that an error came through, innermost first.
    pub failed: Vec<String>,
    /// A partial that could not be parsed, and that the job ended with.
    pub broken: Option<Broken>,
    /// The partials that are being rendered, outermost first.
    pub open: Vec<String>,
    /// The last mark that was reached, in the innermost template.
    pub place: Option<Range<usize>>,
}

/// Why a partial could not be parsed.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Its path.
    pub path: String,
    /// The failure where it is not text, else the engine's error. `render` tries a second name after the first one
    /// failed, so the error that ends a job need not be this one.
    pub why: std::result::Result<Error, Failure>,
}

/// The trail of the job at hand.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Trail>);

impl Recorder {
    fn lock(&self) -> MutexGuard<'_, Trail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a mark was reached; returns the one before.
    pub fn reach(&self, place: Option<Range<usize>>) -> Option<Range<usize>> {
        std::mem::replace(&mut self.lock().place, place)
    }

    /// Notes that a partial begins; an error where partials are nested too deep, which names a circle.
    fn enter(&self, path: &str) -> Result<()> {
        let open = &mut self.lock().open;
        if open.len() < DEEPEST {
            open.push(path.to_owned());
            return Ok(());
        }
        Err(Error::with_msg(match open.iter().rposition(|other| other == path) {
            Some(before) => {
                let circle: Vec<&str> = open[before..].iter().map(String::as_str).chain([path]).collect();
                format!("a partial includes itself: {}", circle.join(" → "))
            }
            None => format!("partials are nested more than {DEEPEST} deep"),
        }))
    }

    fn place(&self) -> Option<Range<usize>> {
        self.lock().place.clone()
    }

    /// Ends a job: returns its trail and begins a new one.
    pub fn take(&self) -> Trail {
        std::mem::take(&mut self.lock())
    }
}

/// The partials of a call.
pub struct Store {
    partials: Arc<Partials>,
    language: Arc<Language>,
    recorder: Arc<Recorder>,
    marks: bool,
    parsed: Mutex<BTreeMap<String, Arc<dyn Renderable>>>,
}

impl Store {
    /// Takes the partials, with none parsed yet. With `marks`, they are parsed with marks.
    #[must_use]
    pub fn new(partials: Arc<Partials>, language: Arc<Language>, recorder: Arc<Recorder>, marks: bool) -> Self {
        Self { partials, language, recorder, marks, parsed: Mutex::default() }
    }

    fn parse(&self, text: &str) -> Result<Template> {
        let before = self.recorder.place();
        let template = engine::parse(text, &self.language, self.marks)?;
        self.recorder.reach(before);
        Ok(template)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the partials")
    }
}

impl PartialStore for Store {
    fn contains(&self, name: &str) -> bool {
        self.partials.contains(name)
    }

    fn names(&self) -> Vec<&str> {
        self.partials.paths().collect()
    }

    fn try_get(&self, name: &str) -> Option<Arc<dyn Renderable>> {
        self.get(name).ok()
    }

    fn get(&self, name: &str) -> Result<Arc<dyn Renderable>> {
        let recorder = &self.recorder;
        let Some(text) = self.partials.text(name) else {
            recorder.lock().missed.insert(name.to_owned());
            return Err(Error::with_msg("Unknown partial-template").context("requested partial", name.to_owned()));
        };
        recorder.lock().found.insert(name.to_owned());
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(partial) = parsed.get(name) {
            return Ok(partial.clone());
        }
        let text = match text {
            Ok(text) => text,
            Err(failure) => {
                recorder.lock().broken = Some(Broken { path: name.to_owned(), why: Err(failure) });
                return Err(Error::with_msg("the partial is not UTF-8"));
            }
        };
        let template = self.parse(text).inspect_err(|error| {
            recorder.lock().broken = Some(Broken { path: name.to_owned(), why: Ok(error.clone()) });
        })?;
        let partial = Arc::new(Partial { path: name.to_owned(), template, recorder: recorder.clone() });
        parsed.insert(name.to_owned(), partial.clone());
        Ok(partial)
    }
}

/// A partial that says so when an error comes through it.
#[derive(Debug)]
struct Partial {
    path: String,
    template: Template,
    recorder: Arc<Recorder>,
}

impl Renderable for Partial {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let before = self.recorder.place();
        self.recorder.enter(&self.path)?;
        let result = self.template.render_to(writer, &scope::Partial::new(runtime));
        self.recorder.lock().open.pop();
        match result {
            Ok(()) => self.recorder.reach(before),
            Err(error) => {
                self.recorder.lock().failed.push(self.path.clone());
                return Err(error);
            }
        };
        Ok(())
    }
}
