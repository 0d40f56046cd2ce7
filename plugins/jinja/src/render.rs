//! Renders batches of templates.
//!
//! What a job gives depends on the context, the partials and the job itself only. The engine's environment, parsed
//! partials and the last parsed template are kept for the rest of a batch, but only ever reused for equal input.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Template, UndefinedBehavior, Value};

use crate::arithmetic::{self, Floats};
use crate::bindings::exports::packbox::plugin::renderer::{Job, Output, Rendered};
use crate::bindings::packbox::plugin::types::{Failure, File, Reads};
use crate::context::{Root, Table};
use crate::errors::{self, Reporter};
use crate::locate::Source;
use crate::options::Options;
use crate::overflow::{self, Does};
use crate::{extra, filters, finite, globals, methods, signatures, strict};

/// Renders each job; the answer has one element for each, in their order.
#[must_use]
pub fn render(context: &[u8], partials: Vec<File>, jobs: &[Job]) -> Vec<Result<Rendered, Failure>> {
    let json = context;
    let context = match Table::parse(json) {
        Ok(context) => context,
        Err(error) => {
            let failure = errors::invalid_input(format!("the context cannot be read: {error}"));
            return jobs.iter().map(|_| Err(failure.clone())).collect();
        }
    };
    let partials = Arc::new(Partials::new(partials));
    let mut wanted: Vec<(Result<Options, Failure>, &Job)> = Vec::with_capacity(jobs.len());
    wanted.extend(jobs.iter().map(|job| (Options::parse(&job.options), job)));
    let mut environments: BTreeMap<Options, Environment<'static>> = BTreeMap::new();
    for options in wanted.iter().filter_map(|(options, _)| options.as_ref().ok()) {
        environments.entry(*options).or_insert_with(|| environment(*options, &partials));
    }
    let mut last = None;
    // Of no interest to most templates, and the same for all.
    let floats = OnceCell::new();
    let floats = || *floats.get_or_init(|| arithmetic::floats(json));
    let mut answers = Vec::with_capacity(jobs.len());
    for (options, job) in wanted {
        answers.push(options.and_then(|options| {
            let environment = &environments[&options];
            render_job((&context, &floats), &partials, environment, options, job, &mut last)
        }));
    }
    answers
}

/// The template that was parsed last, so that a template that is rendered for many items is parsed once.
struct Parsed<'a> {
    job: &'a Job,
    options: Options,
    template: Template<'a, 'a>,
    does: Does,
}

#[expect(clippy::too_many_arguments, reason = "what a batch shares, and one job")]
fn render_job<'a>(
    (context, floats): (&Arc<Table>, &dyn Fn() -> Floats),
    partials: &Partials,
    environment: &'a Environment<'a>,
    options: Options,
    job: &'a Job,
    last: &mut Option<Parsed<'a>>,
) -> Result<Rendered, Failure> {
    let path = job.template.path.as_str();
    let root = Root::new(context.clone(), locals(&job.locals)?);
    let text = match std::str::from_utf8(&job.template.contents) {
        Ok(text) => text,
        Err(error) => return Err(errors::not_utf8(path, &job.template.contents, error)),
    };
    let source = |path, text| Source { path, text, bare: false, syntax: Some(environment.syntax().clone()) };
    let reporter = || Reporter { source: source(path, text), root: &root, environment, partials: partials.paths() };
    let report = |error: &Error| reporter().failure(error);
    let reusable = last.as_ref().is_some_and(|last| {
        last.options == options
            && last.job.template.path == path
            && common::same(&last.job.template.contents, &job.template.contents)
    });
    if !reusable {
        *last = None;
        let template = environment.template_from_named_str(path, text).map_err(|error| report(&error))?;
        let does = Does::of(&template);
        *last = Some(Parsed { job, options, template, does });
    }
    let Some(Parsed { template, does: does_itself, .. }) = last else {
        return Err(Failure::Internal("a parsed template is missing".to_owned()));
    };
    partials.forget_lookups();
    let contents = to_text(template, root.to_value()).map_err(|error| report(&error))?;
    let reads = reads(&root, Some(partials));
    let used = || reads.partials.iter().filter(|name| *name != path);
    let does = used().filter_map(|name| environment.get_template(name).ok()).map(|used| Does::of(&used));
    let does = does.fold(*does_itself, Does::or);
    if does != Does::default() {
        let used = used().filter_map(|name| Some(source(name, std::str::from_utf8(partials.files.get(name)?).ok()?)));
        let sources: Vec<Source<'_>> = std::iter::once(source(path, text)).chain(used).collect();
        let given = || floats().max(arithmetic::floats(&job.locals));
        if let Some((problem, of, at)) = overflow::find(&sources, does, root.to_value(), given) {
            return Err(reporter().out_of_range(problem, &sources[of], at));
        }
    }
    Ok(Rendered {
        outputs: vec![Output { path: None, contents: contents.into_bytes(), executable: false }],
        reads,
        notes: Vec::new(),
    })
}

/// Renders a template. Called from one place, the engine would be compiled into it, and anew into each other one.
#[inline(never)]
pub fn to_text(template: &Template<'_, '_>, root: Value) -> Result<String, Error> {
    template.render(root)
}

/// Reads the locals of a job or an expression.
pub fn locals(json: &[u8]) -> Result<Option<Arc<Table>>, Failure> {
    if json == b"{}" {
        return Ok(None);
    }
    Table::parse(json).map(Some).map_err(|error| errors::invalid_input(format!("the locals cannot be read: {error}")))
}

/// Gathers what was looked up since the root was made and the partials' lookups were last forgotten.
#[must_use]
pub fn reads(root: &Root, partials: Option<&Partials>) -> Reads {
    let mut absent = root.missed();
    let mut found = Vec::new();
    if let Some(partials) = partials {
        for name in partials.looked_up() {
            if partials.files.contains_key(&name) {
                found.push(name);
            } else {
                absent.push(name);
            }
        }
        absent.sort_unstable();
        absent.dedup();
    }
    Reads { variables: root.found(), partials: found, absent }
}

/// The files that templates may include, extend or import, and which of them were asked for.
#[derive(Default)]
pub struct Partials {
    files: BTreeMap<String, Vec<u8>>,
    looked_up: Mutex<BTreeSet<String>>,
}

impl Partials {
    /// Takes the files of a call; the first of two with the same path counts.
    #[must_use]
    pub fn new(files: Vec<File>) -> Self {
        let mut by_path = BTreeMap::new();
        for file in files {
            by_path.entry(file.path).or_insert(file.contents);
        }
        Self { files: by_path, looked_up: Mutex::default() }
    }

    fn paths(&self) -> Vec<&str> {
        self.files.keys().map(String::as_str).collect()
    }

    fn forget_lookups(&self) {
        self.looked_up.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn looked_up(&self) -> BTreeSet<String> {
        self.looked_up.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn record(&self, name: &str) {
        let mut looked_up = self.looked_up.lock().unwrap_or_else(PoisonError::into_inner);
        if !looked_up.contains(name) {
            looked_up.insert(name.to_owned());
        }
    }

    fn load(&self, name: &str) -> Result<Option<String>, Error> {
        let Some(contents) = self.files.get(name) else { return Ok(None) };
        match std::str::from_utf8(contents) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(error) => {
                let detail = format!("the partial `{name}` is not UTF-8: {error}");
                Err(Error::new(ErrorKind::BadInclude, detail))
            }
        }
    }
}

/// Creates the environment for a set of options. It is cheap: everything that is large is shared.
fn environment(options: Options, partials: &Arc<Partials>) -> Environment<'static> {
    let mut environment = base().clone();
    if options != Options::default() {
        environment.set_syntax(syntax(options));
    }
    let loading = partials.clone();
    environment.set_loader(move |name| loading.load(name));
    // A partial is loaded once for a call but may be named by many jobs: only the lookup says which job named it.
    let recording = partials.clone();
    environment.set_path_join_callback(move |name, _parent| {
        recording.record(name);
        Cow::Borrowed(name)
    });
    environment
}

/// Returns the environment that every other one starts from: no partials and the default options.
pub fn base() -> &'static Environment<'static> {
    static BASE: OnceLock<Environment<'static>> = OnceLock::new();
    BASE.get_or_init(|| {
        // What the engine adds by itself would be made and then replaced, in each instance.
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_syntax(syntax(Options::default()));
        environment.set_formatter(|out, state, value| {
            finite::writable(state, value)?;
            minijinja::escape_formatter(out, state, value)
        });
        // Costs nothing until an error happens, and says where an undefined value came from.
        environment.set_debug(true);
        filters::add_to(&mut environment);
        extra::add_to(&mut environment);
        finite::add_to(&mut environment);
        signatures::add_to(&mut environment);
        globals::add_to(&mut environment);
        strict::add_to(&mut environment);
        environment.set_unknown_method_callback(methods::call);
        environment
    })
}

/// Returns the syntax for a set of options.
#[must_use]
pub fn syntax(options: Options) -> SyntaxConfig {
    SyntaxConfig::builder()
        .keep_trailing_newline(true)
        .trim_blocks(options.trim_blocks)
        .lstrip_blocks(options.lstrip_blocks)
        .build()
        .unwrap_or_default()
}
